/* Every word and number of the window against what is really behind it: the window is drawn without its texts, and each
 * text's colour is held against the pixels in its place. 4.5:1 at least, in all themes, also as seen with deuteranopia
 * and protanopia. Thin lines that run behind a number and points that mark a place on it are no ground; of what is left
 * (edges, antialiasing) a tenth of the pixels may be nearer. */
#include "app/surface/raster.h"
#include "app/window/predict.h"
#include "sheet.h"
#include "sight.h"

enum { WIDTH = 1280, HEIGHT = 800, PAIRS = 1 << 14 };
static const double least = 4.5;

/* Contrasts that were computed before, by ink and ground. */
typedef struct known_pair {
    uint32_t ink, ground; /* 0xRRGGBB */
    float worst;          /* of the three sights; 0: not known yet */
} known_pair;

typedef struct contrast_test {
    harness *h;
    sheet sheet;
    raster *raster;
    uint32_t *pixels;
    known_pair *pairs;
    size_t texts, faults;
    char what[160];
} contrast_test;

static uint32_t packed(color c) {
    return (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
}

static color unpacked(uint32_t c) {
    return (color){(uint8_t)(c >> 16), (uint8_t)(c >> 8), (uint8_t)c, 255};
}

static float contrast(contrast_test *t, uint32_t ink, uint32_t ground) {
    size_t k = (ink * 2654435761u ^ ground * 40503u) % PAIRS;
    known_pair *p = &t->pairs[k];
    if (p->worst == 0 || p->ink != ink || p->ground != ground) {
        double worst = INFINITY;
        for (int s = 0; s < SIGHTS; s++)
            worst = fmin(worst, color_contrast(seen(unpacked(ink), s), seen(unpacked(ground), s)));
        *p = (known_pair){ink, ground, (float)worst};
    }
    return p->worst;
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return x < y ? -1 : x > y;
}

/* What a tenth of the pixels behind the text come under. */
static float contrast_there(contrast_test *t, const mark *m, uint32_t *ground) {
    static float values[WIDTH * HEIGHT];
    const box b = ui_intersect(m->box, m->clip);
    const int left = (int)ceilf(b.x), top = (int)ceilf(b.y), right = (int)(b.x + b.width), foot = (int)(b.y + b.height);
    const color ink = m->item->paint.fill;
    size_t count = 0;
    float worst = INFINITY;
    for (int y = top < 0 ? 0 : top; y < foot && y < HEIGHT; y++) {
        for (int x = left < 0 ? 0 : left; x < right && x < WIDTH; x++) {
            const uint32_t behind = t->pixels[y * WIDTH + x] & 0xffffff;
            const uint32_t seen_ink =
                packed(color_mix(unpacked(behind), (color){ink.r, ink.g, ink.b, 255}, (float)ink.a / 255));
            values[count] = contrast(t, seen_ink, behind);
            if (values[count] < worst) worst = values[count], *ground = behind;
            count++;
        }
    }
    if (count < 6) return INFINITY;
    qsort(values, count, sizeof *values, by_value);
    return values[count / 10];
}

/* What an item puts behind words: its fill and hatch. */
static paint ground_of(const display_list *l, const item *it) {
    const float small = 22; /* a point, an arrow's tip */
    const box b = item_bounds(l, it);
    const bool sign = (it->kind == ITEM_CIRCLE || it->kind == ITEM_POLYGON) && b.width < small && b.height < small,
               none = it->kind == ITEM_TEXT || it->kind == ITEM_POLYLINE || sign;
    return none ? (paint){0} : (paint){.fill = it->paint.fill, .hatch = it->paint.hatch};
}

/* The window without its texts, lines and points. */
static void draw_grounds(contrast_test *t) {
    window_state *w = &t->h->w;
    for (int r = 0; r < REGION_COUNT; r++) {
        const struct region *shown = &w->regions[r];
        raster_target target = {t->pixels, WIDTH, HEIGHT, WIDTH * 4, true};
        display_list *l = &w->regions[r].list;
        for (size_t i = 0; i < l->item_count; i++) l->items[i].paint = ground_of(l, &l->items[i]);
        if (r == REGION_FIGURE) {
            const int x = (int)shown->box.x, y = (int)shown->box.y;
            target = (raster_target){t->pixels + y * WIDTH + x, (int)shown->box.width, (int)shown->box.height,
                                     WIDTH * 4, false};
        }
        if (target.width > 0 && target.height > 0) cr_assert(raster_draw(t->raster, l, 1, target, NULL, NULL));
    }
}

/* Dimmed or touched by what lies over all: a dialog's scrim, a card's shadow. Nothing there is to be read now. */
static bool is_behind(const contrast_test *t, const mark *m) {
    const display_list *over = &t->h->w.regions[REGION_OVERLAY].list;
    for (size_t i = 0; m->region != REGION_OVERLAY && i < over->item_count; i++) {
        const item *it = &over->items[i];
        if ((it->kind == ITEM_RECT || it->kind == ITEM_POLYGON) && box_meets(item_bounds(over, it), m->box, 0))
            return true;
    }
    return false;
}

static void check_window(contrast_test *t) {
    enum { TOLD = 4000 };
    sheet *s = &t->sheet;
    sheet_take(s, &t->h->w);
    color *inks = memory_zeroed(s->text_count + 1, sizeof *inks);
    cr_assert_not_null(inks);
    for (size_t i = 0; i < s->text_count; i++) inks[i] = s->texts[i].item->paint.fill;
    draw_grounds(t);
    for (size_t i = 0; i < s->text_count; i++) {
        mark m = s->texts[i];
        item it = *m.item;
        uint32_t ground = 0;
        it.paint.fill = inks[i];
        m.item = &it;
        if (is_hidden(s, m.box, m.order, SIZE_MAX) || is_behind(t, &m)) continue;
        float got = contrast_there(t, &m, &ground);
        t->texts++;
        if (got >= least) continue;
        if (++t->faults <= TOLD)
            fprintf(stderr, "%s: \"%s\" (%06x, alpha %d) has %.2f:1 on %06x and the like\n", t->what,
                    m.list->text + it.first, packed(inks[i]), inks[i].a, (double)got, ground);
    }
    memory_free(inks);
}

static contrast_test begin(theme_id theme_chosen) {
    contrast_test t = {.h = start_sized(WIDTH, HEIGHT)};
    t.pixels = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    t.pairs = memory_zeroed(PAIRS, sizeof *t.pairs);
    cr_assert(t.pixels && t.pairs && language_load(ASSETS, NULL));
    cr_assert(raster_create(&t.raster, t.h->fonts, NULL));
    t.h->w.settings.theme = theme_chosen;
    t.h->w.settings.reduced_motion = true;
    return t;
}

static void end(contrast_test *t) {
    const size_t faults = t->faults, texts = t->texts;
    fprintf(stderr, "%zu texts against their grounds\n", texts);
    sheet_destroy(&t->sheet);
    raster_destroy(t->raster);
    memory_free(t->pixels);
    memory_free(t->pairs);
    stop(t->h);
    cr_assert_gt(texts, 100);
    cr_assert_eq(faults, 0, "%zu of %zu texts come under 4.5:1", faults, texts);
}

/* Every lesson on one of its pages (in the long form on all), at its end and within a step; each view and style in turn
 * through the lessons' own pages. */
static void check_lessons(theme_id theme_chosen) {
    contrast_test t = begin(theme_chosen);
    window_state *w = &t.h->w;
    for (int i = 0; i < w->lessons.count; i++) {
        failure f = {0};
        if (test_extent() != EXTENT_ALL && i % (test_extent() == EXTENT_FEW ? 16 : 4) != (int)theme_chosen) continue;
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        for (int p = 0; p < w->lesson.page_count; p++) {
            if (test_extent() != EXTENT_ALL && p != (i + (int)theme_chosen) % w->lesson.page_count) continue;
            cr_assert(state_open_page(w, p));
            w->settings.language = (language)((i + p) % LANGUAGE_COUNT);
            playback_seek(w, w->play.last);
            if ((i + p) % 3 == 0) w->play.at = (moment){(w->play.first + w->play.last) / 2, 0.6};
            idle(t.h);
            idle(t.h);
            snprintf(t.what, sizeof t.what, "%s, page %d, %s, %s", w->lesson.id, p + 1, theme_get(theme_chosen)->name,
                     language_code(w->settings.language));
            check_window(&t);
        }
    }
    end(&t);
}

Test(window_contrast, light) {
    check_lessons(THEME_LIGHT);
}
Test(window_contrast, dark) {
    check_lessons(THEME_DARK);
}
Test(window_contrast, print) {
    check_lessons(THEME_PRINT);
}
Test(window_contrast, high_contrast) {
    check_lessons(THEME_CONTRAST);
}

/* Dialogs and menus with disabled rows, the question and its verdict, a refusal, the focus, what is pointed at. */
Test(window_contrast, everything_else) {
    for (int k = 0; k < THEME_COUNT; k++) {
        contrast_test t = begin((theme_id)k);
        window_state *w = &t.h->w;
        failure f = {0};
        cr_assert(state_open_lesson(w, "conv2d", 1, false, &f), "%s", f.error.message);
        idle(t.h);
        for (int p = POPUP_NONE + 1; p < POPUP_COUNT; p++) {
            if (test_extent() != EXTENT_ALL && p % 2 != k % 2) continue;
            popup_open(w, (popup_id)p, (box){900, 20, 40, 40});
            idle(t.h);
            press_key(t.h, KEY_TAB, 0);
            snprintf(t.what, sizeof t.what, "popup %d, %s", p, theme_get((theme_id)k)->name);
            check_window(&t);
            popup_close(w);
            idle(t.h);
        }
        cr_assert(state_open_lesson(w, "depthwise", 4, false, &f), "%s", f.error.message); /* marks on marks */
        playback_seek(w, w->play.last);
        idle(t.h);
        snprintf(t.what, sizeof t.what, "what many outputs use, %s", theme_get((theme_id)k)->name);
        check_window(&t);
        cr_assert(state_open_lesson(w, "conv2d", 1, false, &f), "%s", f.error.message);
        for (int answer_kind = -1; answer_kind < 2; answer_kind++) {
            w->predict = (prediction){.chosen = -1};
            predict_toggle(w);
            cr_assert(w->predict.asking);
            if (answer_kind >= 0)
                predict_choose(w, (w->predict.answer.right_choice + answer_kind) % w->predict.answer.choice_count);
            idle(t.h);
            snprintf(t.what, sizeof t.what, "the question, %s", theme_get((theme_id)k)->name);
            check_window(&t);
        }
        predict_toggle(w);
        press_key(t.h, 'l', MODIFIER_CONTROL);
        type_text(t.h, "nn.Conv2d(1, 1, 3, strid=2)");
        snprintf(t.what, sizeof t.what, "a refusal, %s", theme_get((theme_id)k)->name);
        check_window(&t);
        press_key(t.h, KEY_ESCAPE, 0);
        for (int n = 0; n < (test_extent() == EXTENT_ALL ? 12 : 3);
             n++) { /* the mouse rests on controls: their hover, and a tip */
            const ui_control *c = &w->ui.controls[(size_t)(4 * n + k) * w->ui.control_count / 16];
            if (!c->visible) continue;
            move_to(t.h, c->box.x + c->box.width / 2, c->box.y + c->box.height / 2);
            wait_seconds(t.h, 0.6);
            snprintf(t.what, sizeof t.what, "pointing at %s, %s", c->name, theme_get((theme_id)k)->name);
            check_window(&t);
        }
        end(&t);
    }
}
