/* The whole window looks as it did: pictures drawn without a display, in both languages and all themes, held against
 * the golden ones with a tolerance. After a change of the look that is meant: tests/golden/windows.sh build, look at
 * each, commit them. */
#include "app/arrays/picture.h"
#include "app/surface/png.h"
#include "app/window/compose.h"
#include "app/window/predict.h"
#include "window_harness.h"
#include <math.h>

enum { WIDTH = 960, HEIGHT = 600, TILE = 60 };

/* Root mean square of all channels' differences, 0 equal, 1 black against white: of the whole picture, and of its worst
 * tile. Another machine's rasteriser stays far below; a panel that is gone does not. */
static const double whole_most = 0.05, tile_most = 0.3;

typedef struct shot {
    const char *name, *lesson;
    int page;
    language language;
    theme_id theme;
    popup_id popup;
    bool question;
} shot;

static const shot shots[] = {
    {"conv2d-light-en", "conv2d", 2, LANGUAGE_EN, THEME_LIGHT, POPUP_NONE, false},
    {"conv2d-dark-en", "conv2d", 2, LANGUAGE_EN, THEME_DARK, POPUP_NONE, false},
    {"conv2d-print-en", "conv2d", 2, LANGUAGE_EN, THEME_PRINT, POPUP_NONE, false},
    {"conv2d-contrast-en", "conv2d", 2, LANGUAGE_EN, THEME_CONTRAST, POPUP_NONE, false},
    {"conv2d-light-zh", "conv2d", 2, LANGUAGE_ZH, THEME_LIGHT, POPUP_NONE, false},
    {"conv2d-dark-zh", "conv2d", 2, LANGUAGE_ZH, THEME_DARK, POPUP_NONE, false},
    {"conv2d-print-zh", "conv2d", 2, LANGUAGE_ZH, THEME_PRINT, POPUP_NONE, false},
    {"conv2d-contrast-zh", "conv2d", 2, LANGUAGE_ZH, THEME_CONTRAST, POPUP_NONE, false},
    {"transposed-light-en", "transposed", 1, LANGUAGE_EN, THEME_LIGHT, POPUP_NONE, false},
    {"transposed-dark-en", "transposed", 1, LANGUAGE_EN, THEME_DARK, POPUP_NONE, false},
    {"transposed-print-en", "transposed", 1, LANGUAGE_EN, THEME_PRINT, POPUP_NONE, false},
    {"transposed-contrast-en", "transposed", 1, LANGUAGE_EN, THEME_CONTRAST, POPUP_NONE, false},
    {"transposed-light-zh", "transposed", 1, LANGUAGE_ZH, THEME_LIGHT, POPUP_NONE, false},
    {"transposed-dark-zh", "transposed", 1, LANGUAGE_ZH, THEME_DARK, POPUP_NONE, false},
    {"transposed-print-zh", "transposed", 1, LANGUAGE_ZH, THEME_PRINT, POPUP_NONE, false},
    {"transposed-contrast-zh", "transposed", 1, LANGUAGE_ZH, THEME_CONTRAST, POPUP_NONE, false},
    {"export-dark-en", "conv2d", 2, LANGUAGE_EN, THEME_DARK, POPUP_EXPORT, false},
    {"help-light-zh", "conv2d", 2, LANGUAGE_ZH, THEME_LIGHT, POPUP_HELP, false},
    {"menu-contrast-en", "conv2d", 2, LANGUAGE_EN, THEME_CONTRAST, POPUP_MENU, false},
    {"question-light-en", "stride", 1, LANGUAGE_EN, THEME_LIGHT, POPUP_NONE, true},
    {"question-dark-zh", "stride", 1, LANGUAGE_ZH, THEME_DARK, POPUP_NONE, true},
};

static void pose(harness *h, const shot *s) {
    window_state *w = &h->w;
    failure f = {0};
    w->settings.language = s->language;
    w->settings.theme = s->theme;
    w->settings.reduced_motion = true;
    cr_assert(state_open_lesson(w, s->lesson, s->page, false, &f), "%s: %s", s->name, f.error.message);
    idle(h);
    playback_seek(w, (w->play.first + w->play.last) / 2);
    idle(h);
    if (s->popup) popup_open(w, s->popup, control(h, "menu")->box);
    if (s->question) {
        predict_toggle(w);
        predict_choose(w, (w->predict.answer.right_choice + 1) % w->predict.answer.choice_count);
    }
    idle(h);
    idle(h);
}

static void write_picture(const char *folder, const char *name, raster_target pixels) {
    char path[1024];
    png_encoder *encoder;
    const uint8_t *data;
    size_t size;
    failure f = {0};
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    cr_assert(png_create(&encoder, &f) && png_encode(encoder, pixels, false, &data, &size, &f), "%s", f.error.message);
    FILE *file = fopen(path, "wb");
    cr_assert(file && fwrite(data, 1, size, file) == size && fclose(file) == 0, "%s cannot be written", path);
    png_destroy(encoder);
}

static double off(const uint32_t *pixels, const array *golden, int x, int y) {
    double sum = 0;
    for (int k = 0; k < 3; k++) {
        double mine = (double)(pixels[y * WIDTH + x] >> (16 - 8 * k) & 255) / 255;
        double d = mine - (double)golden->data[((size_t)k * HEIGHT + (size_t)y) * WIDTH + (size_t)x];
        sum += d * d;
    }
    return sum / 3;
}

static void compare(const char *name, const uint32_t *pixels) {
    char path[1024];
    array golden;
    failure f = {0};
    double all = 0, worst = 0;
    int worst_x = 0, worst_y = 0;
    snprintf(path, sizeof path, "%s/tests/golden/windows/%s.png", SOURCE_DIR, name);
    cr_assert(picture_read(path, 3, 0, &golden, &f), "%s: %s", path, f.error.message);
    cr_assert(golden.shape.size[1] == HEIGHT && golden.shape.size[2] == WIDTH, "%s has another size", name);
    for (int top = 0; top < HEIGHT; top += TILE) {
        for (int left = 0; left < WIDTH; left += TILE) {
            double tile = 0;
            for (int y = top; y < top + TILE; y++)
                for (int x = left; x < left + TILE; x++) tile += off(pixels, &golden, x, y);
            all += tile;
            tile = sqrt(tile / (TILE * TILE));
            if (tile > worst) worst = tile, worst_x = left, worst_y = top;
        }
    }
    all = sqrt(all / (WIDTH * HEIGHT));
    cr_expect(all <= whole_most, "%s differs by %.3f (at most %.2f): tests/golden/windows.sh draws it anew", name, all,
              whole_most);
    cr_expect(worst <= tile_most, "%s differs by %.3f at %d, %d (at most %.2f): tests/golden/windows.sh draws it anew",
              name, worst, worst_x, worst_y, tile_most);
    array_destroy(&golden);
}

Test(window_picture, is_the_golden_one) {
    const char *folder = getenv("CONVSCOPE_GOLDEN"); /* written there instead of compared */
    uint32_t *pixels = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    const raster_target screen = {pixels, WIDTH, HEIGHT, WIDTH * 4, false};
    cr_assert(pixels && language_load(ASSETS, NULL));
    for (size_t i = 0; i < sizeof shots / sizeof *shots; i++) {
        if (test_extent() == EXTENT_FEW && i % 5 != 0) continue;
        harness *h = start_sized(WIDTH, HEIGHT);
        raster_box boxes[REGION_COUNT];
        composer c;
        failure f = {0};
        pose(h, &shots[i]);
        cr_assert(compose_open(&c, h->fonts, &f), "%s", f.error.message);
        compose_draw(&c, &h->w, screen, boxes);
        if (folder)
            write_picture(folder, shots[i].name, screen);
        else
            compare(shots[i].name, pixels);
        compose_close(&c);
        stop(h);
    }
    memory_free(pixels);
}
