/* GIF: giflib's reader plays back the frames that were written, with their times; palettes are exact or near. */
#include "app/surface/gif.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <gif_lib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { W = 61, H = 47, FRAMES = 12 };

static void path_for(char *path, size_t size, const char *name) {
    snprintf(path, size, "/tmp/convscope-test-%d-%s.gif", (int)getpid(), name);
}

/* A ball that moves over stripes; frames 4 and 5 are alike. */
static void draw_frame(uint32_t *pixels, int frame, bool transparent) {
    int at = frame == 5 ? 4 : frame;
    for (int y = 0; y < H; y++) {
        for (int x = 0; x < W; x++) {
            int dx = x - 5 * at, dy = y - 20;
            uint32_t ground = transparent ? 0 : x / 10 % 2 ? 0xFFF0F0F0u : 0xFF336699u;
            pixels[y * W + x] = dx * dx + dy * dy < 90 ? 0xFF000000u | (uint32_t)(at * 20) << 16 : ground;
        }
    }
}

static raster_target target_of(uint32_t *pixels) {
    return (raster_target){.pixels = pixels, .width = W, .height = H, .stride = W * 4};
}

static void write_gif(const char *path, bool transparent, gif_palette *palette) {
    uint32_t pixels[W * H];
    uint8_t indices[W * H];
    gif_histogram h = {0};
    gif_mapper m;
    gif_writer *w;
    file_writer out;
    for (int k = 0; k < FRAMES; k++) {
        draw_frame(pixels, k, transparent);
        cr_assert(gif_histogram_add(&h, target_of(pixels), NULL));
    }
    cr_assert(gif_palette_make(&h, palette, NULL));
    cr_assert(gif_mapper_create(&m, palette, NULL));
    cr_assert(file_create(&out, path, NULL));
    cr_assert(gif_begin(&w, &out, W, H, palette, transparent, NULL));
    for (int k = 0; k < FRAMES; k++) {
        draw_frame(pixels, k, transparent);
        gif_map(&m, target_of(pixels), (raster_box){0, 0, W, H}, indices);
        cr_assert(gif_frame(w, indices, 3 + k % 2, NULL));
    }
    cr_assert(gif_end(w, NULL));
    cr_assert(file_commit(&out, NULL));
    gif_mapper_destroy(&m);
    gif_histogram_destroy(&h);
}

/* Plays the file as a viewer does. */
static void check_gif(const char *path, bool transparent) {
    int error;
    GifFileType *g = DGifOpenFileName(path, &error);
    cr_assert_not_null(g);
    cr_assert_eq(DGifSlurp(g), GIF_OK, "%s", GifErrorString(g->Error));
    cr_assert(g->SWidth == W && g->SHeight == H);
    cr_assert_eq(g->ImageCount, FRAMES - 1, "two frames that look alike are one");
    uint32_t shown[W * H] = {0}, expected[W * H];
    int frame = 0;
    for (int k = 0; k < g->ImageCount; k++) {
        SavedImage *image = &g->SavedImages[k];
        GraphicsControlBlock control;
        cr_assert_eq(DGifSavedExtensionToGCB(g, k, &control), GIF_OK);
        if (transparent) memset(shown, 0, sizeof shown);
        GifImageDesc d = image->ImageDesc;
        for (int y = 0; y < d.Height; y++)
            for (int x = 0; x < d.Width; x++) {
                int index = image->RasterBits[y * d.Width + x];
                if (index == control.TransparentColor) continue;
                GifColorType c = g->SColorMap->Colors[index];
                shown[(d.Top + y) * W + d.Left + x] =
                    0xFF000000u | (uint32_t)c.Red << 16 | (uint32_t)c.Green << 8 | c.Blue;
            }
        draw_frame(expected, frame, transparent);
        cr_assert_eq(memcmp(shown, expected, sizeof shown), 0, "image %d, frame %d", k, frame);
        cr_assert_eq(control.DelayTime, frame == 4 ? 7 : 3 + frame % 2, "image %d", k);
        frame += frame == 4 ? 2 : 1;
    }
    cr_assert_eq(frame, FRAMES);
    DGifCloseFile(g, &error);
}

Test(gif, plays_back_what_was_written) {
    for (int transparent = 0; transparent < 2; transparent++) {
        char path[80];
        gif_palette palette;
        path_for(path, sizeof path, transparent ? "clear" : "solid");
        write_gif(path, transparent, &palette);
        cr_assert_leq(palette.count, FRAMES + 2);
        check_gif(path, transparent);
        unlink(path);
    }
}

Test(gif, many_colours_are_kept_near_and_frequent_ones_exact) {
    enum { SIDE = 128 };
    uint32_t *pixels = malloc(SIDE * SIDE * 4);
    for (int k = 0; k < SIDE * SIDE; k++) { /* a colour wheel, and two flat colours on half of it */
        uint32_t x = (uint32_t)k % SIDE, y = (uint32_t)k / SIDE;
        pixels[k] = 0xFF000000u | x * 2 << 16 | y * 2 << 8 | (x + y);
        if (y < SIDE / 2) pixels[k] = x < 70 ? 0xFF123456u : 0xFFFEDCBAu;
    }
    raster_target t = {.pixels = pixels, .width = SIDE, .height = SIDE, .stride = SIDE * 4};
    gif_histogram h = {0};
    gif_palette palette;
    gif_mapper m;
    uint8_t *indices = malloc(SIDE * SIDE), *again = malloc(SIDE * SIDE);
    cr_assert(gif_histogram_add(&h, t, NULL) && gif_palette_make(&h, &palette, NULL));
    cr_assert_eq(palette.count, GIF_COLORS);
    cr_assert(gif_mapper_create(&m, &palette, NULL));
    gif_map(&m, t, (raster_box){0, 0, SIDE, SIDE}, indices);
    double error = 0;
    for (int k = 0; k < SIDE * SIDE; k++) {
        const uint8_t *c = palette.rgb[indices[k]];
        int d[3] = {(int)(pixels[k] >> 16 & 255) - c[0], (int)(pixels[k] >> 8 & 255) - c[1],
                    (int)(pixels[k] & 255) - c[2]};
        int sum = abs(d[0]) + abs(d[1]) + abs(d[2]);
        if (k < SIDE * SIDE / 2) cr_assert_eq(sum, 0, "a flat colour changed");
        cr_assert_lt(sum, 80);
        error += sum;
    }
    cr_assert_lt(error / (SIDE * SIDE / 2), 22, "mean error %g", error / (SIDE * SIDE / 2));
    /* In parts and in another order the same indices are found. */
    gif_mapper other;
    cr_assert(gif_mapper_create(&other, &palette, NULL));
    gif_map(&other, t, (raster_box){0, 64, SIDE, SIDE}, again);
    gif_map(&other, t, (raster_box){60, 0, SIDE, 64}, again);
    gif_map(&other, t, (raster_box){0, 0, 60, 64}, again);
    cr_assert_eq(memcmp(indices, again, SIDE * SIDE), 0);
    gif_mapper_destroy(&m);
    gif_mapper_destroy(&other);
    gif_histogram_destroy(&h);
    free(pixels);
    free(indices);
    free(again);
}

Test(gif, a_full_disk_is_a_failure) {
    gif_palette palette = {.count = 2, .rgb = {{0, 0, 0}, {255, 255, 255}}};
    file_writer out;
    gif_writer *w;
    failure f = {0};
    uint8_t *indices = malloc(300 * 300);
    cr_assert(file_create(&out, "/dev/full", NULL));
    bool ok = gif_begin(&w, &out, 300, 300, &palette, false, &f);
    for (int k = 0; ok && k < 50; k++) {
        for (int i = 0; i < 300 * 300; i++) indices[i] = (uint8_t)(rand() % 2);
        ok = gif_frame(w, indices, 5, &f);
    }
    if (ok)
        ok = gif_end(w, &f);
    else
        gif_abandon(w);
    if (ok)
        ok = file_commit(&out, &f);
    else
        file_abandon(&out);
    cr_assert_not(ok);
    cr_assert(f.error.message[0] != 0);
    free(indices);
}
