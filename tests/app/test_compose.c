/* What is drawn piece by piece is what would be drawn at once. */
#include "app/window/compose.h"
#include "window_harness.h"

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
