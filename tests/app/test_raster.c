/* The rasteriser: exact areas, crisp grids, the same bits in parts as whole, nothing written outside. */
#include "app/figure/theme.h"
#include "app/surface/raster.h"
#include "app/surface/text.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fonts *typefaces;
static raster *drawer;

static void open_raster(void) {
    cr_assert(fonts_create(&typefaces, NULL));
    cr_assert(raster_create(&drawer, typefaces, NULL));
}

static void close_raster(void) {
    raster_destroy(drawer);
    fonts_destroy(typefaces);
}

TestSuite(raster, .init = open_raster, .fini = close_raster);

static const color white = {255, 255, 255, 255}, black = {0, 0, 0, 255}, red = {255, 0, 0, 255};

static uint32_t *draw(const display_list *l, int width, int height, float scale) {
    uint32_t *pixels = calloc((size_t)width * (size_t)height, 4);
    failure f;
    cr_assert(raster_draw(drawer, l, scale, (raster_target){pixels, width, height, width * 4, false}, NULL, &f));
    return pixels;
}

/* How many pixels are black, in fractions, on a white ground. */
static double blackness(const uint32_t *pixels, int count) {
    double sum = 0;
    for (int k = 0; k < count; k++) sum += 1 - (pixels[k] >> 8 & 255) / 255.0;
    return sum;
}

Test(raster, areas_are_exact) {
    static const struct {
        point p[4];
        int count;
        double area;
    } cases[] = {
        {{{10.3f, 5.2f}, {50.7f, 5.2f}, {50.7f, 40.9f}, {10.3f, 40.9f}}, 4, 40.4 * 35.7},
        {{{10, 10}, {80, 20}, {30, 70.5f}}, 3, 2017.5},
        {{{30, 70.5f}, {80, 20}, {10, 10}}, 3, 2017.5},
        {{{50.2f, 20}, {80.1f, 35}, {50.2f, 50}, {20.3f, 35}}, 4, 897},
        {{{10, 10.1f}, {90, 10.3f}, {90, 10.6f}}, 3, 12},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        display_list l = {0};
        display_list_clear(&l, 100, 100, white);
        draw_polygon(&l, cases[k].p, cases[k].count, (paint){.fill = black});
        uint32_t *pixels = draw(&l, 100, 100, 1);
        double area = blackness(pixels, 10000);
        cr_assert_float_eq(area, cases[k].area, 0.6 + 0.001 * cases[k].area, "case %zu: %g", k, area);
        free(pixels);
        display_list_destroy(&l);
    }
}

/* Lines along an axis are drawn without a path: as their dashes drawn one by one as polygons. */
Test(raster, straight_lines_are_their_dashes) {
    enum { SIDE = 64 };
    static const float widths[] = {1, 1.7f, 2, 4.25f}, dashes[][2] = {{0, 0}, {2, 1.5f}, {5.3f, 3.1f}, {0.4f, 0.9f}};
    for (int k = 0; k < 4 * 4 * 4; k++) {
        const float width = widths[k % 4], dash = dashes[k / 4 % 4][0], gap = dashes[k / 4 % 4][1];
        const bool upright = k / 16 % 2, back = k / 32;
        const float from = back ? 57.6f : 6.3f, to = back ? 6.3f : 57.6f, at = 20.2f + (float)k * 0.31f;
        display_list l = {0};
        const paint look = {.stroke = black, .width = width, .dash = dash, .gap = gap};
        display_list_clear(&l, SIDE, SIDE, white);
        draw_line(&l, upright ? (point){at, from} : (point){from, at}, upright ? (point){at, to} : (point){to, at},
                  look);
        uint32_t *line = draw(&l, SIDE, SIDE, 1);
        display_list_clear(&l, SIDE, SIDE, white);
        const float all = fabsf(to - from), step = dash > 0 ? dash : all, way = back ? -1.0f : 1.0f;
        for (float begin = 0; begin < all; begin += step + gap) {
            const float a = from + way * begin, b = from + way * fminf(all, begin + step);
            const point p[4] = {{a, at - width / 2}, {b, at - width / 2}, {b, at + width / 2}, {a, at + width / 2}};
            point turned[4];
            for (int i = 0; i < 4; i++) turned[i] = upright ? (point){p[i].y, p[i].x} : p[i];
            draw_polygon(&l, turned, 4, (paint){.fill = black});
        }
        uint32_t *polygons = draw(&l, SIDE, SIDE, 1);
        int most = 0, drawn = 0;
        for (int i = 0; i < SIDE * SIDE; i++) {
            const int difference = abs((int)(line[i] & 255) - (int)(polygons[i] & 255));
            if (difference > most) most = difference;
            drawn += (line[i] & 255) < 128;
        }
        cr_expect(most <= (dash > 0 && dash < 1 ? 40 : 6) && (dash > 0 || drawn > 40), /* parts of a pixel: once, not */
                  "case %d: pixels differ by up to %d", k, most);                      /* one over the other */
        free(line);
        free(polygons);
        display_list_destroy(&l);
    }
}

Test(raster, circles_and_lines_have_their_area) {
    display_list l = {0};
    display_list_clear(&l, 100, 100, white);
    draw_circle(&l, (point){50.3f, 49.8f}, 30, (paint){.fill = black});
    uint32_t *pixels = draw(&l, 100, 100, 1);
    cr_assert_float_eq(blackness(pixels, 10000), 3.14159265 * 900, 15);
    free(pixels);
    display_list_clear(&l, 100, 100, white);
    draw_circle(&l, (point){50, 50}, 30, (paint){.stroke = black, .width = 3});
    pixels = draw(&l, 100, 100, 1);
    cr_assert_float_eq(blackness(pixels, 10000), 2 * 3.14159265 * 30 * 3, 8);
    free(pixels);
    display_list_clear(&l, 100, 100, white);
    draw_line(&l, (point){10, 20}, (point){90, 80}, (paint){.stroke = black, .width = 2});
    pixels = draw(&l, 100, 100, 1);
    cr_assert_float_eq(blackness(pixels, 10000), 200, 2);
    free(pixels);
    display_list_clear(&l, 100, 100, white);
    draw_line(&l, (point){10, 20}, (point){90, 80}, (paint){.stroke = black, .width = 2, .dash = 6, .gap = 4});
    pixels = draw(&l, 100, 100, 1);
    cr_assert_float_eq(blackness(pixels, 10000), 120, 4);
    free(pixels);
    display_list_destroy(&l);
}

Test(raster, rectangles_and_their_lines_lie_on_whole_pixels) {
    const float scales[] = {1, 1.25f, 1.5f, 2, 3};
    for (int s = 0; s < 5; s++) {
        display_list l = {0};
        display_list_clear(&l, 60, 60, white);
        for (int k = 0; k < 4; k++)
            draw_rect(&l, (box){5.3f + 10.7f * (float)k, 7.1f, 10.7f, 20}, 0,
                      (paint){.fill = red, .stroke = black, .width = 1});
        int side = (int)(60 * scales[s]);
        uint32_t *pixels = draw(&l, side, side, scales[s]);
        int lines = 0, y = (int)(15 * scales[s]), thick = (int)lrintf(scales[s]);
        for (int x = 0; x < side; x++) {
            uint32_t c = pixels[y * side + x];
            cr_assert(c == 0xFF000000 || c == 0xFFFF0000 || c == 0xFFFFFFFF, "%x at %d, scale %g", c, x,
                      (double)scales[s]);
            lines += c == 0xFF000000;
        }
        cr_assert_eq(lines, 5 * thick, "neighbours share their line at scale %g: %d", (double)scales[s], lines);
        free(pixels);
        display_list_destroy(&l);
    }
}

static float any(float most) {
    return (float)(rand() % 10000) * most / 10000;
}

/* Something of everything. */
static void draw_scene(display_list *l, int seed) {
    srand((unsigned)seed);
    const theme *t = theme_get((theme_id)(seed % THEME_COUNT));
    display_list_clear(l, 160, 120, seed % 3 == 0 ? (color){0} : t->background);
    for (int k = 0; k < 40; k++) {
        paint p = theme_cell(t, (role)(1 + k % 3), (float)(k % 7 - 3), 4, NULL);
        if (k % 5 == 0) p.fill.a = 128;
        if (k % 4 == 0) p.dash = 4, p.gap = 3;
        p.width = any(4);
        point q[3] = {{any(200) - 20, any(150) - 20}, {any(200) - 20, any(150) - 20}, {any(200) - 20, any(150) - 20}};
        box b = {q[0].x, q[0].y, any(80), any(60)};
        char text[32];
        snprintf(text, sizeof text, "%d 步", k - 20);
        switch (k % 8) {
        case 0:
            draw_rect(l, b, 0, p);
            break;
        case 1:
            draw_rect(l, b, any(20), p);
            break;
        case 2:
            draw_polygon(l, q, 3, p);
            break;
        case 3:
            draw_polyline(l, q, 3, p);
            break;
        case 4:
            draw_circle(l, q[0], any(30), p);
            break;
        case 5:
            draw_text(l, typefaces, q[0], (anchor)(k % 3), (face)(k % 4), 8 + any(20), t->ink, text);
            break;
        case 6:
            draw_picture(l, b, (color[6]){red, black, white, {1, 2, 3, 99}, red, black}, 3, 2, k % 16 == 6);
            break;
        case 7:
            if (k % 16 == 7)
                draw_clip(l, (box){any(60), any(40), 90, 70});
            else
                draw_unclip(l);
            break;
        }
    }
}

Test(raster, parts_equal_the_whole_bit_for_bit) {
    display_list l = {0};
    for (int seed = 0; seed < 30; seed++) {
        draw_scene(&l, seed);
        float scale = 0.7f + 0.3f * (float)(seed % 5);
        int w = 170, h = 130; /* more than the picture: the ground goes on */
        uint32_t *whole = draw(&l, w, h, scale), *parts = calloc((size_t)(w * h), 4);
        int x = 1 + rand() % (w - 2), y = 1 + rand() % (h - 2);
        raster_box boxes[4] = {{0, 0, x, y}, {x, 0, w, y}, {-9, y, x, h + 9}, {x, y, w, h}};
        for (int k = 0; k < 4; k++)
            cr_assert(raster_draw(drawer, &l, scale, (raster_target){parts, w, h, w * 4, false}, &boxes[k], NULL));
        cr_assert_eq(memcmp(whole, parts, (size_t)(w * h) * 4), 0, "seed %d", seed);
        free(whole);
        free(parts);
    }
    display_list_destroy(&l);
}

Test(raster, the_difference_covers_what_changed) {
    display_list a = {0}, b = {0};
    for (int seed = 0; seed < 40; seed++) {
        draw_scene(&a, seed % 10);
        draw_scene(&b, seed % 10);
        item *i = &b.items[(size_t)seed % b.item_count];
        if (i->kind == ITEM_TEXT) i->paint.fill = red;
        i->box.x += 7;
        if (seed % 3 == 0) draw_rect(&b, (box){70, 60, 20, 20}, 0, (paint){.fill = red});
        uint32_t *old = draw(&a, 160, 120, 1), *fresh = draw(&b, 160, 120, 1);
        raster_box part = raster_difference(&a, &b, 1);
        if (part.right > part.left)
            cr_assert(raster_draw(drawer, &b, 1, (raster_target){old, 160, 120, 640, false}, &part, NULL));
        cr_assert_eq(memcmp(old, fresh, 160 * 120 * 4), 0, "seed %d", seed);
        free(old);
        free(fresh);
    }
    draw_scene(&a, 1);
    draw_scene(&b, 1);
    raster_box none = raster_difference(&a, &b, 1);
    cr_assert(none.right <= none.left);
    display_list_destroy(&a);
    display_list_destroy(&b);
}

Test(raster, writes_only_inside_its_target) {
    display_list l = {0};
    enum { W = 50, H = 40, STRIDE = 64 };
    uint32_t *memory = malloc(sizeof(uint32_t) * STRIDE * (H + 2));
    for (int seed = 0; seed < 12; seed++) {
        draw_scene(&l, seed);
        for (int k = 0; k < STRIDE * (H + 2); k++) memory[k] = 0xABCDEF01;
        cr_assert(raster_draw(drawer, &l, 1, (raster_target){memory + STRIDE, W, H, STRIDE * 4, false}, NULL, NULL));
        for (int k = 0; k < STRIDE * (H + 2); k++) {
            bool outside = k < STRIDE || k >= STRIDE * (H + 1) || k % STRIDE >= W;
            if (outside) cr_assert_eq(memory[k], 0xABCDEF01, "seed %d, word %d", seed, k);
        }
    }
    free(memory);
    display_list_destroy(&l);
}

Test(raster, colours_stay_premultiplied) {
    display_list l = {0};
    for (int seed = 0; seed < 12; seed += 3) { /* on a transparent ground */
        draw_scene(&l, seed);
        uint32_t *pixels = draw(&l, 160, 120, 1);
        int clear = 0;
        for (int k = 0; k < 160 * 120; k++) {
            uint32_t c = pixels[k], a = c >> 24;
            cr_assert((c >> 16 & 255) <= a && (c >> 8 & 255) <= a && (c & 255) <= a, "%08x", c);
            clear += a == 0;
        }
        cr_assert_gt(clear, 0);
        free(pixels);
    }
    display_list_destroy(&l);
}

Test(raster, endures_extreme_numbers) {
    display_list l = {0};
    const float bad[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1e9f, -1e9f, 0};
    for (int k = 0; k < 8; k++) {
        display_list_clear(&l, 50, 50, white);
        float v = bad[k];
        paint p = {.fill = red, .stroke = black, .width = 2, .hatch = black};
        paint dashed = {.stroke = black, .width = 1, .dash = 2, .gap = 1};
        draw_rect(&l, (box){v, 3, 20, 20}, 4, p);
        draw_rect(&l, (box){3, 3, v, 20}, 0, dashed);
        draw_circle(&l, (point){v, 10}, 5, p);
        draw_circle(&l, (point){10, 10}, v, p);
        draw_polygon(&l, (point[3]){{0, v}, {10, 10}, {20, 0}}, 3, p);
        draw_line(&l, (point){v, v}, (point){20, 20}, dashed);
        draw_line(&l, (point){0, 0}, (point){v, 20}, p);
        draw_text(&l, typefaces, (point){v, 20}, ANCHOR_MIDDLE, FACE_WORDS, 12, black, "text");
        draw_text(&l, typefaces, (point){3, 20}, ANCHOR_LEFT, FACE_WORDS, v, black, "text");
        draw_picture(&l, (box){v, 0, 10, v}, &red, 1, 1, true);
        draw_clip(&l, (box){v, v, v, v});
        free(draw(&l, 50, 50, 1));
    }
    display_list_destroy(&l);
}

Test(raster, says_when_memory_ran_out) {
    display_list l = {0};
    draw_scene(&l, 4);
    uint32_t *pixels = calloc(160 * 120, 4);
    raster_target target = {pixels, 160, 120, 640, false};
    raster *fresh;
    memory_fail_at(0);
    cr_assert(raster_create(&fresh, typefaces, NULL) && raster_draw(fresh, &l, 1, target, NULL, NULL));
    raster_destroy(fresh);
    long needed = memory_count();
    for (long n = 1; n <= needed; n++) {
        memory_fail_at(n);
        failure f = {0};
        bool ok = raster_create(&fresh, typefaces, &f) && raster_draw(fresh, &l, 1, target, NULL, &f);
        memory_fail_at(0);
        cr_assert_not(ok, "allocation %ld of %ld", n, needed);
        cr_assert_eq(f.error.status, CONV_NO_MEMORY);
        raster_destroy(fresh);
    }
    free(pixels);
    display_list_destroy(&l);
}
