/* Numbers set by hand on pictures: a pixel can be typed into and painted as a cell can, and the magnifier shows it. */
#include "app/figure/short_number.h"
#include "window_harness.h"
#include <math.h>

static harness *open_picture(const char *id, int page) {
    harness *h = start_sized(1440, 900);
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, id, page, false, &f), "%s: %s", id, f.error.message);
    playback_seek(&h->w, h->w.play.last);
    idle(h);
    return h;
}

/* A layer over an input from that source. */
static harness *open_input(const char *expression, const conv_shape *shape, source_kind kind, const char *name) {
    harness *h = start_sized(1440, 900);
    document d;
    failure f = {0};
    cr_assert(document_from_expression(&d, expression, shape, &f), "%s", f.error.message);
    d.parts[0].input.kind = kind;
    d.parts[0].input.name = name ? memory_text(name) : NULL;
    d.parts[0].input.colour = name != NULL;
    cr_assert(state_open_document(&h->w, &d, false, &f), "%s", f.error.message);
    document_destroy(&d);
    idle(h);
    return h;
}

static const conv_shape *input_shape(harness *h) {
    return &h->w.scene.parts[0].layout->input[0];
}

static float number_at(harness *h, int64_t index) {
    return h->w.scene.parts[0].operands.input[0][index];
}

static tag pixel_tag(harness *h, int64_t index) {
    return (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .layer = h->w.scene.parts[0].focus, .index = index};
}

/* The middle of a pixel, in the window. */
static point pixel_place(harness *h, int64_t row, int64_t column) {
    box b = {0}, f = h->w.layout.figure;
    const int64_t columns = input_shape(h)->size[input_shape(h)->rank - 1];
    cr_assert(figure_pixel(h->w.seen, &h->w.scene, pixel_tag(h, row * columns + column), &b), "there is no such pixel");
    cr_assert_geq(b.width, 1, "a pixel has %g", (double)b.width);
    return (point){f.x + b.x + b.width / 2, f.y + b.y + b.height / 2};
}

/* Whether the magnifier has the cell and its number. */
static bool is_magnified(harness *h, int64_t index) {
    const display_list *l = h->w.seen;
    char number[NUMBER_SIZE];
    short_number(number, sizeof number, (double)number_at(h, index), NUMBER_DIGITS);
    for (size_t i = 0; i < l->item_count; i++) {
        const item *t = &l->items[i];
        if (t->kind == ITEM_TEXT && t->tag.kind == TAG_CELL && t->tag.role == ROLE_INPUT && t->tag.index == index &&
            strncmp(l->text + t->first, number, strlen(number)) == 0)
            return true;
    }
    return false;
}

Test(window_brush, a_pixel_is_typed_into) {
    harness *h = open_picture("first-look", 0);
    const int64_t columns = input_shape(h)->size[input_shape(h)->rank - 1], index = 12 * columns + 17;
    const float before = number_at(h, index);
    point at = pixel_place(h, 12, 17);
    click_at(h, at.x, at.y);
    cr_assert_eq(h->w.easel.editing.index, index);
    const ui_control *field = control(h, "cell");
    cr_expect(at.x > field->box.x && at.x < field->box.x + field->box.width && at.y > field->box.y &&
                  at.y < field->box.y + field->box.height,
              "the field stands where the pixel is");
    type_text(h, "0.125");
    press_key(h, KEY_ENTER, 0);
    idle(h);
    cr_expect_float_eq(number_at(h, index), 0.125f, 1e-6f);
    cr_expect(is_magnified(h, index), "the magnifier shows what was typed");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(number_at(h, index), before);
    stop(h);
}

Test(window_brush, a_drag_paints_all_pixels_on_its_way) {
    harness *h = open_picture("first-look", 0);
    const int64_t columns = input_shape(h)->size[input_shape(h)->rank - 1];
    const int64_t count = conv_shape_count(input_shape(h));
    float *before = memory_resize(NULL, (size_t)count, sizeof *before);
    cr_assert_not_null(before);
    memcpy(before, h->w.scene.parts[0].operands.input[0], (size_t)count * sizeof *before);
    const point from = pixel_place(h, 20, 8), to = pixel_place(h, 20, 30);
    const point pan = h->w.easel.pan;
    press_at(h, from.x, from.y);
    const uint64_t revision = h->w.scene.revision;
    send(h, (window_event){.kind = EVENT_MOVE, .at = to}); /* one hasty move */
    cr_expect_leq(h->w.scene.revision, revision + 2, "the layers run once for where it was pressed, once for the way");
    const float brush = h->w.easel.brush;
    for (int64_t column = 8; column <= 30; column++)
        cr_expect_eq(number_at(h, 20 * columns + column), brush, "column %d", (int)column);
    cr_expect_gt(fabsf(before[20 * columns + 8] - brush), 0.2f, "painting shows");
    cr_expect_eq(number_at(h, 21 * columns + 19), before[21 * columns + 19], "a row beside is left alone");
    idle(h);
    cr_expect(is_magnified(h, 20 * columns + 30), "the magnifier follows the brush");
    release_at(h, to.x, to.y);
    cr_expect(h->w.easel.pan.x == pan.x && h->w.easel.pan.y == pan.y, "the picture stays where it is");
    press_key(h, 'z', MODIFIER_CONTROL);
    for (int64_t i = 0; i < count; i++) cr_assert_eq(number_at(h, i), before[i], "one stroke is undone at once");
    memory_free(before);
    stop(h);
}

/* On a colour picture a pixel is its three channels: what is painted is grey, black or white. */
Test(window_brush, a_colour_pixel_is_its_three_channels) {
    const conv_shape shape = {3, {3, 60, 80}};
    harness *h = open_input("nn.Conv2d(3, 2, 3, padding=1)", &shape, SOURCE_PICTURE, "lighthouse");
    const int64_t plane = 60 * 80, index = 30 * 80 + 40;
    const point at = pixel_place(h, 30, 40);
    click_at(h, at.x, at.y);
    type_text(h, "0.5");
    press_key(h, KEY_ENTER, 0);
    for (int k = 0; k < 3; k++) cr_expect_eq(number_at(h, index + k * plane), 0.5f, "channel %d", k);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect(number_at(h, index) != 0.5f && number_at(h, index + plane) != 0.5f, "undone at once");
    stop(h);
}

/* Where a pixel is too small to be met a drag moves the picture, as ever. */
Test(window_brush, tiny_pixels_are_not_painted) {
    const conv_shape shape = {3, {1, 600, 800}};
    harness *h = open_input("nn.Conv2d(1, 1, 3)", &shape, SOURCE_RANDOM, NULL);
    box b = {0}, g = h->w.layout.figure;
    cr_assert(figure_pixel(h->w.seen, &h->w.scene, pixel_tag(h, 300 * 800 + 400), &b));
    cr_assert_lt(b.width, 1);
    const uint64_t revision = h->w.scene.revision;
    const point at = {g.x + b.x, g.y + b.y};
    press_at(h, at.x, at.y);
    move_to(h, at.x + 40, at.y + 25);
    release_at(h, at.x + 40, at.y + 25);
    cr_expect_eq(h->w.scene.revision, revision, "nothing was painted");
    cr_expect_float_eq(h->w.easel.pan.x, 40, 0.5f);
    stop(h);
}
