/* What is drawn piece by piece is what would be drawn at once. */
#include "app/window/compose.h"
#include "window_harness.h"
#include <math.h>

enum { WIDTH = 1100, HEIGHT = 700 };

typedef struct screens {
    composer piecewise, whole;
    uint32_t *a, *b;
} screens;

static raster_target target(uint32_t *pixels) {
    return (raster_target){pixels, WIDTH, HEIGHT, WIDTH * 4, false};
}

/* Shows the frame both ways: the lists that the first composer takes are drawn by the second all anew. */
static void compare(harness *h, screens *s, const char *what) {
    raster_box boxes[REGION_COUNT];
    compose_draw(&s->piecewise, &h->w, target(s->a), boxes);
    frame(h, NULL, 0, 0); /* the lists once more, of the same moment */
    compose_all(&s->whole);
    compose_draw(&s->whole, &h->w, target(s->b), boxes);
    size_t different = 0;
    for (size_t i = 0; i < (size_t)WIDTH * HEIGHT; i++) different += s->a[i] != s->b[i];
    cr_expect_eq(different, 0u, "%zu pixels differ after %s", different, what);
}

Test(compose, piece_by_piece_is_the_whole) {
    harness *h = start_sized(WIDTH, HEIGHT);
    failure f = {0};
    screens s = {0};
    s.a = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    s.b = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    cr_assert(compose_open(&s.piecewise, h->fonts, &f) && compose_open(&s.whole, h->fonts, &f));
    cr_assert(state_open_lesson(&h->w, "stride", 0, false, &f), "%s", f.error.message);
    h->w.settings.reduced_motion = true;
    idle(h);
    compare(h, &s, "opening");
    static const struct {
        int key;
        unsigned modifiers;
    } keys[] = {
        {KEY_RIGHT, 0}, {KEY_RIGHT, 0},  {KEY_LEFT, 0}, {KEY_END, 0}, {'t', 0},        {'l', 0},
        {KEY_F9, 0},    {KEY_F10, 0},    {KEY_F9, 0},   {'?', 0},     {KEY_ESCAPE, 0}, {KEY_F10, MODIFIER_SHIFT},
        {KEY_DOWN, 0},  {KEY_ESCAPE, 0}, {KEY_TAB, 0},  {KEY_TAB, 0}, {'s', 0},        {'s', 0},
        {'b', 0},       {'b', 0},        {KEY_F5, 0},   {KEY_F5, 0},  {'+', 0},        {']', 0}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char what[64];
        press_key(h, keys[i].key, keys[i].modifiers);
        snprintf(what, sizeof what, "key %zu (%d)", i, keys[i].key);
        compare(h, &s, what);
    }
    point at = {h->w.layout.figure.x + 200, h->w.layout.figure.y + 300};
    for (int i = 0; i < 12; i++) {
        move_to(h, at.x + (float)i * 23, at.y + (float)i * 7);
        compare(h, &s, "moving the mouse");
    }
    compose_close(&s.piecewise);
    compose_close(&s.whole);
    memory_free(s.a);
    memory_free(s.b);
    stop(h);
}

static uint32_t *pixels_of(harness *h) {
    composer c;
    failure f = {0};
    raster_box boxes[REGION_COUNT];
    uint32_t *pixels = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    cr_assert(pixels && compose_open(&c, h->fonts, &f), "%s", f.error.message);
    compose_draw(&c, &h->w, target(pixels), boxes);
    compose_close(&c);
    return pixels;
}

/* No edge between its parts is seen: equal pixels stay equal. */
Test(compose, the_spotlight_dims_evenly) {
    enum { RADIUS = 120 };
    harness *h = start_sized(WIDTH, HEIGHT);
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "stride", 0, false, &f), "%s", f.error.message);
    h->w.settings.reduced_motion = true;
    for (int i = 0; i < 2; i++) {
        const point at = i ? (point){600, 350} : (point){3, 690}; /* its edge lies beyond the window's */
        move_to(h, at.x, at.y);
        frame(h, NULL, 0, 3);
        uint32_t *before = pixels_of(h);
        press_key(h, 's', 0);
        frame(h, NULL, 0, 3);
        uint32_t *after = pixels_of(h);
        uint32_t dimmed[256];
        size_t seen = 0, uneven = 0;
        memset(dimmed, 0xff, sizeof dimmed);
        for (int y = 0; y < HEIGHT; y++) {
            for (int x = 0; x < WIDTH; x++) {
                const uint32_t old = before[y * WIDTH + x] & 255, now = after[y * WIDTH + x] & 255;
                if (hypotf((float)x - at.x, (float)y - at.y) < RADIUS) continue;
                if (dimmed[old] == UINT32_MAX) dimmed[old] = now;
                uneven += dimmed[old] != now;
                seen += now < old;
            }
        }
        cr_expect_eq(uneven, 0u, "%zu pixels are dimmed otherwise than their like", uneven);
        cr_expect_gt(seen, (size_t)WIDTH * HEIGHT / 2, "nothing is dimmed");
        press_key(h, 's', 0);
        memory_free(before);
        memory_free(after);
    }
    stop(h);
}

Test(compose, nothing_changed_draws_nothing) {
    harness *h = start_sized(WIDTH, HEIGHT);
    failure f = {0};
    composer c;
    raster_box boxes[REGION_COUNT];
    uint32_t *pixels = memory_zeroed((size_t)WIDTH * HEIGHT, 4);
    cr_assert(compose_open(&c, h->fonts, &f));
    cr_assert(state_open_lesson(&h->w, "conv2d", 0, false, &f));
    idle(h);
    cr_expect_gt(compose_draw(&c, &h->w, target(pixels), boxes), 0);
    idle(h);
    cr_expect_eq(compose_draw(&c, &h->w, target(pixels), boxes), 0);
    compose_close(&c);
    memory_free(pixels);
    stop(h);
}
