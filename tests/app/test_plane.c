/* Planes in space: where their corners are, what a line has on them, and what copying writes under the picture. */
#include "app/figure/arithmetic.h"
#include "app/figure/figure.h"
#include "app/figure/plane.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

/* A plane of these cells as the isometric style lays it: a column goes (2, 1), a row (-2, 1). */
static plane tilted(const operand *o) {
    return (plane){.of = o, .origin = {100, 50}, .right = {2, 1}, .down = {-2, 1}, .tilted = true};
}

static void expect_point(point p, float x, float y, const char *what) {
    cr_expect(fabsf(p.x - x) < 1e-3f && fabsf(p.y - y) < 1e-3f, "%s: (%g, %g), not (%g, %g)", what, (double)p.x,
              (double)p.y, (double)x, (double)y);
}

Test(plane, a_tilted_oblong_has_its_corners_where_rows_and_columns_end) {
    const operand o = {.rows = 1, .columns = 5};
    const plane p = tilted(&o);
    point left = plane_at(&p, 1, 0), right = plane_at(&p, 0, 5), back = plane_at(&p, 0, 0);
    expect_point(plane_left(&p), left.x, left.y, "left");
    expect_point(plane_right(&p), right.x, right.y, "right");
    expect_point(plane_back(&p), back.x, back.y, "back");
}

Test(plane, corners_enclose_the_rim) {
    const operand o = {.rows = 2, .columns = 3, .before = {0, 1, 2}, .after = {0, 1, 0}};
    const plane p = tilted(&o);
    point left = plane_at(&p, 3, -2), right = plane_at(&p, -1, 3), back = plane_at(&p, -1, -2);
    expect_point(plane_left(&p), left.x, left.y, "left");
    expect_point(plane_right(&p), right.x, right.y, "right");
    expect_point(plane_back(&p), back.x, back.y, "back");
}

Test(plane, a_turned_plane_keeps_its_corners) {
    const operand o = {.rows = 1, .columns = 4};
    plane p = tilted(&o), turned = p;
    turned.origin = plane_at(&p, 1, 4);
    turned.right = (point){-p.right.x, -p.right.y};
    turned.down = (point){-p.down.x, -p.down.y};
    expect_point(plane_left(&turned), plane_left(&p).x, plane_left(&p).y, "left");
    expect_point(plane_right(&turned), plane_right(&p).x, plane_right(&p).y, "right");
}

Test(plane, a_line_has_the_part_on_the_plane_that_crosses_it) {
    const operand o = {.rows = 4, .columns = 4};
    const plane flat = {.of = &o, .origin = {10, 10}, .right = {10, 0}, .down = {0, 10}};
    point in, out;
    cr_assert(plane_crossed(&flat, (point){0, 30}, (point){100, 30}, &in, &out));
    expect_point(in, 10, 30, "it enters at the left edge");
    expect_point(out, 50, 30, "and leaves at the right one");
    cr_assert(plane_crossed(&flat, (point){0, 30}, (point){20, 30}, &in, &out));
    expect_point(out, 20, 30, "a line may end on the plane");
    cr_expect_not(plane_crossed(&flat, (point){0, 5}, (point){100, 5}, &in, &out), "above it");
    cr_expect_not(plane_crossed(&flat, (point){0, 30}, (point){8, 30}, &in, &out), "too short");
    const plane p = tilted(&o); /* a line through the corner of its box passes by */
    cr_expect_not(plane_crossed(&p, (point){92, 51}, (point){94, 51}, &in, &out), "beside the rhombus");
}

static void expect_arithmetic(const char *expression, const conv_shape *input, int64_t step, const char *expected) {
    conv_engine *engine;
    document d = {0};
    scene s;
    failure f = {0};
    char text[256];
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    cr_assert(document_from_expression(&d, expression, input, &f), "%s: %s", expression, f.error.message);
    const int64_t count = conv_shape_count(input);
    for (int64_t i = 0; i < count; i++)
        cr_assert(tensor_source_edit(&d.parts[0].input, i, (float)(i + 1), &f), "%s", f.error.message);
    cr_assert(scene_open(&s, &d, engine, NULL, &f), "%s: %s", expression, f.error.message);
    figure_arithmetic(&s, 0, (moment){step, 1}, false, text, sizeof text);
    cr_expect_str_eq(text, expected, "%s: %s", expression, text);
    scene_close(&s);
    document_destroy(&d);
    conv_engine_destroy(engine);
}

/* Points and arrows of a deformable convolution lie over cells and behind numbers. */
Test(plane, numbers_lie_over_sampling_points) {
    conv_engine *engine;
    fonts *typefaces;
    document d = {0};
    scene s;
    failure f = {0};
    display_list l = {0};
    figure_settings set;
    cr_assert(fonts_create(&typefaces, NULL));
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    cr_assert(document_from_expression(&d, "torchvision.ops.DeformConv2d(1, 1, 3)", NULL, &f), "%s", f.error.message);
    for (int style = 0; style < 2; style++) {
        d.style = style ? STYLE_ISOMETRIC : STYLE_FLAT;
        cr_assert(scene_open(&s, &d, engine, NULL, &f), "%s", f.error.message);
        figure_defaults(&set);
        set.fonts = typefaces;
        set.moment = (moment){0, 1};
        cr_assert(figure_draw(&l, &s, &set, &f), "%s", f.error.message);
        const color mark = theme_get(set.theme)->roles[ROLE_OFFSET].strong;
        size_t cells = 0, points = 0, numbers = 0, last_cell = 0, first_number = l.item_count, last_point = 0;
        for (size_t i = 0; i < l.item_count; i++) {
            const item *it = &l.items[i];
            const color c = it->paint.stroke.a ? it->paint.stroke : it->paint.fill;
            const bool input = it->tag.kind == TAG_CELL && it->tag.role == ROLE_INPUT;
            if (input && it->kind == ITEM_TEXT && !numbers++) first_number = i;
            if (input && it->kind != ITEM_TEXT) cells++, last_cell = i;
            if (it->tag.kind == TAG_NONE && c.r == mark.r && c.g == mark.g && c.b == mark.b) points++, last_point = i;
        }
        cr_assert(cells && numbers && points >= 9, "%zu cells, %zu numbers, %zu points", cells, numbers, points);
        cr_expect(last_cell < last_point && last_point < first_number,
                  "style %d: cells until %zu, points until %zu, "
                  "numbers from %zu",
                  style, last_cell, last_point, first_number);
        scene_close(&s);
    }
    display_list_destroy(&l);
    document_destroy(&d);
    conv_engine_destroy(engine);
    fonts_destroy(typefaces);
}

Test(plane, what_is_only_moved_says_from_where_to_where) {
    const conv_shape picture = {3, {1, 2, 2}}, columns = {2, {4, 4}};
    expect_arithmetic("nn.Unfold(2)", &picture, 3, "y[3, 0] = x[0, 1, 1] = 4");
    expect_arithmetic("nn.Unfold(2, padding=1)", &picture, 0, "y[0, 0] = 0");
    expect_arithmetic("nn.Fold((3, 3), 2)", &columns, 15, "y[0, 2, 2] += x[3, 3] = 16");
}
