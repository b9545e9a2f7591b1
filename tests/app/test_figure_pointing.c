/* What is pointed at or pinned, and what it is joined to: marked as the engine has it, in every view. */
#include "app/figure/field_stack.h"
#include "shown.h"

TestSuite(figure_pointing, .init = shown_begin, .fini = shown_end);

static int outlines(const display_list *l, color c) {
    int count = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        color s = l->items[i].paint.stroke;
        count += l->items[i].kind == ITEM_RECT && s.a == 255 && s.r == c.r && s.g == c.g && s.b == c.b;
    }
    return count;
}

Test(figure_pointing, pointing_marks_both_ways) {
    shown v;
    show(&v, "nn.Conv2d(1, 1, 3, stride=2)", NULL);
    const scene_part *p = &v.scene.parts[0];
    const role_colors *roles = theme_get(THEME_LIGHT)->roles;
    draw(&v, 0, 0);
    int seen = outlines(&v.list, roles[ROLE_OUTPUT].strong), used = outlines(&v.list, roles[ROLE_INPUT].strong);
    v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_OUTPUT, .index = 2};
    draw(&v, 0, 0);
    cr_expect_eq(outlines(&v.list, roles[ROLE_OUTPUT].strong) - seen, 9 + 1);
    for (int64_t cell = 0; cell < conv_shape_count(&p->layout->input[0]); cell++) {
        conv_tap taps[32];
        int64_t count;
        cr_assert_eq(conv_trace_input(p->plan, &p->operands, 0, cell, taps, 32, &count, NULL), CONV_OK);
        v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .index = cell};
        draw(&v, 0, 0);
        cr_expect_eq(outlines(&v.list, roles[ROLE_INPUT].strong) - used, (int)count + 1, "input cell %lld",
                     (long long)cell);
    }
    hide(&v);
}

/* A weight is joined to the one cell that it meets in this step; in the padding there is none. */
Test(figure_pointing, a_weight_marks_what_it_meets) {
    static const char *const layers[] = {"nn.Conv2d(2, 2, 3, padding=1)", "nn.ConvTranspose2d(1, 1, 3)"};
    for (int k = 0; k < 2; k++)
        for (int64_t step = 0; step < 5; step++) {
            shown v;
            show(&v, layers[k], NULL);
            const color mark = theme_get(THEME_LIGHT)->roles[ROLE_WEIGHT].strong;
            int64_t count;
            failure f = {0};
            draw(&v, step, 1);
            const int before = outlines(&v.list, mark);
            for (int64_t weight = 0; weight < conv_shape_count(&v.scene.parts[0].layout->weight); weight++) {
                v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_WEIGHT, .index = weight};
                draw(&v, step, 1);
                const conv_tap *taps = scene_taps(&v.scene, 0, step, &count, NULL, &f);
                int met = 0;
                for (int64_t i = 0; i < count; i++)
                    met += taps[i].weight == weight && (k ? taps[i].output : taps[i].input) >= 0;
                cr_expect_eq(outlines(&v.list, mark) - before, met, "%s, step %lld, weight %lld", layers[k],
                             (long long)step, (long long)weight);
            }
            hide(&v);
        }
}

/* The middle of the picture of a tensor, as the list has it. */
static bool picture_box(const shown *v, role r, box *found) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_PICTURE || t->tag.role != r) continue;
        *found = t->box;
        return true;
    }
    return false;
}

static int frames_of(const shown *v, color c) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        const color s = t->paint.stroke;
        count +=
            t->kind == ITEM_RECT && t->tag.kind == TAG_NONE && s.r == c.r && s.g == c.g && s.b == c.b && s.a == 255;
    }
    return count;
}

/* Every pixel of a picture can be pointed at; what it is joined to is framed, and the magnifier shows its numbers. */
Test(figure_pointing, pixels_of_pictures_can_be_pointed_at) {
    static const struct {
        const char *expression;
        conv_shape input;
    } cases[] = {{"nn.Conv2d(2, 1, 3, padding=1)", {3, {2, 180, 180}}},
                 {"nn.MaxPool2d(2)", {3, {1, 180, 180}}},
                 {"nn.ConvTranspose2d(1, 2, 3, stride=2)", {3, {1, 90, 90}}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        show(&v, cases[k].expression, &cases[k].input);
        draw(&v, v.scene.steps - 1, 1);
        for (int in = 0; in < 2; in++) {
            const role r = in ? ROLE_INPUT : ROLE_OUTPUT;
            const conv_layout *l = v.scene.parts[0].layout;
            const conv_shape *shape = in ? &l->input[0] : &l->output;
            const int64_t columns = shape->size[shape->rank - 1], rows = shape->size[shape->rank - 2];
            const int64_t row = rows / 3, column = columns / 2;
            box b = {0, 0, 1, 1};
            tag found = {0};
            v.set.hover = (tag){.kind = TAG_NONE, .index = -1};
            draw(&v, v.scene.steps - 1, 1);
            cr_assert(picture_box(&v, r, &b), "%s: no picture of role %d", cases[k].expression, (int)r);
            const point at = {b.x + b.width * ((float)column + 0.5f) / (float)columns,
                              b.y + b.height * ((float)row + 0.5f) / (float)rows};
            cr_assert(figure_at(&v.list, &v.scene, at, &found));
            cr_expect_eq(found.kind, TAG_CELL, "%s", cases[k].expression);
            cr_expect_eq(found.role, r);
            cr_expect_eq(found.index % (rows * columns), row * columns + column, "%s", cases[k].expression);
            const color c = theme_get(THEME_LIGHT)->roles[r].strong;
            const int before = frames_of(&v, c);
            v.set.hover = found;
            draw(&v, v.scene.steps - 1, 1);
            const bool stepped = in == (l->flow == CONV_SCATTER); /* then its partners lie under the window's frame */
            cr_expect_geq(frames_of(&v, c) - before, stepped ? 1 : 2, "%s, role %d: pixel and partners are framed",
                          cases[k].expression, (int)r);
        }
        hide(&v);
    }
}

Test(figure_pointing, the_magnifier_follows_the_pointer) {
    shown v;
    const conv_shape shape = {3, {1, 60, 60}};
    show(&v, "nn.Conv2d(1, 1, 3, bias=False)", &shape);
    draw(&v, 0, 1);
    const int64_t cell = 58 * 30 + 40;
    v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_OUTPUT, .index = cell};
    draw(&v, v.scene.steps - 1, 1);
    char number[NUMBER_SIZE], text[NUMBER_SIZE + 8];
    short_number(number, sizeof number, (double)v.scene.parts[0].output[cell], NUMBER_DIGITS);
    snprintf(text, sizeof text, "Σ = %s", number);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_OUTPUT, text), 1, "the sum of the cell that is pointed at");
    for (int y = 0; y < 3; y++)
        for (int x = 0; x < 3; x++)
            cr_expect_not_null(cell_text(&v, ROLE_INPUT, 60 * (30 + y) + 40 + x), "its patch is shown");
    draw(&v, 5, 1);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_OUTPUT, "Σ = ?"), 1, "what has not come yet is not given away");
    hide(&v);
}

/* Cells of a level that are seen: of a volume the ones of three walls. */
static int64_t walls_of(const conv_shape *shape, int dims) {
    const int64_t *size = shape->size + shape->rank - dims;
    if (dims < 3) return dims == 1 ? size[0] : size[0] * size[1];
    return size[1] * size[2] + size[0] * size[2] + size[0] * size[1];
}

/* Pointing at an input cell in the field view marks the hull of the outputs that depend on it, at an output cell what
 * it depends on: as the engine has it, along one, two and three axes. */
Test(figure_pointing, the_field_is_marked_both_ways) {
    static const struct {
        const char *expression;
        conv_shape input;
    } cases[] = {{"nn.Sequential(nn.Conv1d(1, 1, 3, stride=2), nn.Conv1d(1, 1, 2))", {2, {1, 11}}},
                 {"nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, 3, stride=2))", {3, {1, 7, 8}}},
                 {"nn.Sequential(nn.Conv3d(1, 1, 2), nn.Conv3d(1, 1, 2))", {4, {1, 4, 5, 4}}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        failure f = {0};
        show(&v, cases[k].expression, &cases[k].input);
        v.document.view = VIEW_FIELD;
        const conv_network *network = v.scene.parts[0].network;
        const int top = conv_network_count(network) - 1, dims = conv_network_layout(network, 0)->dims;
        const conv_shape *in = &conv_network_layout(network, 0)->input[0],
                         *out = &conv_network_layout(network, top)->output;
        for (int64_t cell = 0; cell < conv_shape_count(in); cell++) {
            int64_t low[3], high[3], at[CONV_MAX_DIMS];
            for (int i = 0; i < dims; i++) low[i] = INT64_MAX, high[i] = -1;
            conv_shape_position(in, cell, at);
            for (int64_t o = 0; o < conv_shape_count(out); o++) {
                int64_t position[CONV_MAX_DIMS], first[3], last[3];
                conv_shape_position(out, o, position);
                cr_assert_eq(conv_network_reach(network, top, position + 1, first, last, NULL), CONV_OK);
                bool sees = true;
                for (int i = 0; i < dims; i++) sees = sees && first[i] <= at[1 + i] && at[1 + i] <= last[i];
                for (int i = 0; sees && i < dims; i++) {
                    if (position[1 + i] < low[i]) low[i] = position[1 + i];
                    if (position[1 + i] > high[i]) high[i] = position[1 + i];
                }
            }
            v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .index = cell};
            stage s = stage_on(&v, &f);
            field_stack stack = {.s = &s};
            cr_assert(field_stack_read(&stack));
            const level *upper = &stack.levels[stack.count - 1];
            for (int i = 0; i < dims; i++) {
                if (high[0] < 0) break; /* no output sees it */
                cr_expect_eq(upper->first[3 - dims + i], low[i], "%s, cell %lld", cases[k].expression, (long long)cell);
                cr_expect_eq(upper->last[3 - dims + i], high[i], "%s, cell %lld", cases[k].expression, (long long)cell);
            }
        }
        for (int64_t o = 0; o < conv_shape_count(out); o++) {
            int64_t position[CONV_MAX_DIMS], first[3], last[3];
            conv_shape_position(out, o, position);
            cr_assert_eq(conv_network_reach(network, top, position + 1, first, last, NULL), CONV_OK);
            v.set.hover = (tag){.kind = TAG_CELL, .role = ROLE_OUTPUT, .layer = top, .index = o};
            stage s = stage_on(&v, &f);
            field_stack stack = {.s = &s};
            cr_assert(field_stack_read(&stack));
            for (int i = 0; i < dims; i++) {
                cr_expect_eq(stack.levels[0].first[3 - dims + i], first[i], "%s, %lld", cases[k].expression,
                             (long long)o);
                cr_expect_eq(stack.levels[0].last[3 - dims + i], last[i], "%s, %lld", cases[k].expression,
                             (long long)o);
            }
        }
        v.set.hover = (tag){.kind = TAG_NONE, .index = -1};
        draw(&v, 0, 1); /* every cell of both that is seen can be pointed at */
        int cells[2] = {0};
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind != ITEM_POLYGON || t->tag.kind != TAG_CELL) continue;
            cells[0] += t->tag.role == ROLE_INPUT;
            cells[1] += t->tag.role == ROLE_OUTPUT && t->tag.layer == top;
        }
        cr_expect_eq(cells[0], walls_of(in, dims), "%s", cases[k].expression);
        cr_expect_eq(cells[1], walls_of(out, dims), "%s", cases[k].expression);
        hide(&v);
    }
}

/* The middle of the piece of a level that is marked around a point; false: none. */
static bool marked_at(const shown *v, point at, point *middle) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        const box b = item_bounds(&v->list, t);
        const float slack = 1.5f;
        if (t->kind != ITEM_POLYGON || t->count != 4 || t->paint.width < 1.5f || t->paint.stroke.a != 255 ||
            at.x < b.x - slack || at.x > b.x + b.width + slack || at.y < b.y - slack || at.y > b.y + b.height + slack)
            continue;
        const point *p = &v->list.points[t->first];
        *middle = (point){(p[0].x + p[2].x) / 2, (p[0].y + p[2].y) / 2};
        return true;
    }
    return false;
}

/* On levels whose cells are too many to be drawn the nearest one is pointed at, and marked where the pointer is. */
Test(figure_pointing, cells_of_large_levels_can_be_pointed_at) {
    static const struct {
        const char *expression;
        conv_shape input;
    } cases[] = {{"nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3))", {3, {1, 90, 120}}},
                 {"nn.Sequential(nn.Conv1d(1, 1, 3), nn.Conv1d(1, 1, 3))", {2, {1, 3000}}},
                 {"nn.Conv3d(1, 1, 3)", {4, {1, 20, 30, 40}}}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        int pointed = 0;
        show(&v, cases[k].expression, &cases[k].input);
        v.document.view = VIEW_FIELD;
        draw(&v, 0, 1);
        display_list levels = v.list; /* kept while others are drawn */
        memset(&v.list, 0, sizeof v.list);
        for (size_t i = 0; i < levels.item_count; i++) {
            const item *t = &levels.items[i];
            if (t->kind != ITEM_POLYGON || t->tag.kind != TAG_TENSOR || t->tag.index > wall_index(0)) continue;
            for (int n = 1; n < 8; n++) {
                const point *p = &levels.points[t->first];
                const float a = 0.09f + 0.117f * (float)n, b = 0.91f - 0.103f * (float)n;
                const point at = {p[0].x + a * (p[1].x - p[0].x) + b * (p[3].x - p[0].x),
                                  p[0].y + a * (p[1].y - p[0].y) + b * (p[3].y - p[0].y)};
                tag found = {0};
                point middle;
                cr_assert(figure_at(&levels, &v.scene, at, &found), "%s", cases[k].expression);
                cr_expect_eq(found.kind, TAG_CELL, "%s", cases[k].expression);
                cr_expect_eq(found.role, t->tag.layer < 0 ? ROLE_INPUT : ROLE_OUTPUT);
                v.set.hover = found;
                draw(&v, 0, 1);
                cr_assert(marked_at(&v, at, &middle), "%s: nothing is marked at %g, %g", cases[k].expression,
                          (double)at.x, (double)at.y);
                cr_expect_lt(hypotf(middle.x - at.x, middle.y - at.y), 8, "%s: what is marked lies elsewhere",
                             cases[k].expression);
                pointed++;
            }
        }
        cr_expect_gt(pointed, 6, "%s has no large level", cases[k].expression);
        display_list_destroy(&levels);
        hide(&v);
    }
}

/* The hull of what is marked of a volume, levels counted from the bottom: three walls each. */
static box marked_box(const shown *v, int of) {
    float low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    int walls = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        const point *p = &v->list.points[t->first];
        const color strong = theme_get(THEME_LIGHT)->roles[of ? ROLE_OUTPUT : ROLE_INPUT].strong;
        if (t->kind != ITEM_POLYGON || t->count != 4 || t->paint.width < 1.5f || t->paint.fill.a != 255) continue;
        if (walls++ / LEVEL_WALLS != of) continue;
        cr_expect_eq(memcmp(&t->paint.stroke, &strong, sizeof strong), 0, "in the colour of its role");
        for (int k = 0; k < 4; k++) {
            low[0] = fminf(low[0], p[k].x), high[0] = fmaxf(high[0], p[k].x);
            low[1] = fminf(low[1], p[k].y), high[1] = fmaxf(high[1], p[k].y);
        }
    }
    return (box){low[0], low[1], high[0] - low[0], high[1] - low[1]};
}

/* Three axes are boxes: as large as what the cell sees, in cells that are as large on every level. */
Test(figure_pointing, a_field_of_volumes_has_its_true_sizes) {
    shown v;
    failure f = {0};
    const conv_shape shape = {4, {1, 9, 8, 11}};
    show(&v, "nn.Sequential(nn.Conv3d(1, 1, (2, 3, 4)), nn.Conv3d(1, 1, (3, 1, 2)))", &shape);
    v.document.view = VIEW_FIELD;
    draw(&v, 0, 1);
    stage s = stage_on(&v, &f);
    field_stack stack = {.s = &s};
    cr_assert(field_stack_read(&stack));
    volume_place(&stack, (box){0, 0, 300, 700});
    const float side = stack.levels[0].right.x, rise = stack.levels[0].deep.y;
    cr_expect_gt(side, 4);
    for (int i = 0; i < stack.count; i++) {
        const level *t = &stack.levels[i];
        cr_expect_float_eq(t->right.x, side, 1e-4);
        cr_expect_float_eq(t->deep.y, rise, 1e-4);
        const point back = level_at(t, 0, 0, 0),
                    front = level_at(t, (float)t->size[0], (float)t->size[1], (float)t->size[2]);
        cr_expect_geq(back.y, 0);
        cr_expect_leq(front.y, 700);
        if (i > 0) cr_expect_lt(front.y, level_at(&stack.levels[i - 1], 0, 0, 0).y, "level %d lies on the next", i);
    }
    const box input = marked_box(&v, 0), output = marked_box(&v, 2);
    const float cell = output.width / 2; /* the one of the top is a cell: 2 halves wide, 1 and its rise high */
    cr_expect_float_eq(input.width / cell, 3 + 5, 0.01, "a field of 4 x 3 x 5: %g", (double)(input.width / cell));
    cr_expect_float_eq(input.height / cell, 4 + 4 * rise / side, 0.01, "%g", (double)(input.height / cell));
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "4×3×5"), 1, "the size is told for each axis");
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "2×3×4"), 1);
    hide(&v);
}

/* A depth of any size gives a list of some size. */
Test(figure_pointing, a_deep_volume_is_drawn_in_part) {
    shown v;
    const conv_shape shape = {4, {1, 20000, 2, 2}};
    show(&v, "nn.Conv3d(1, 1, 2)", &shape);
    v.document.view = VIEW_FIELD;
    draw(&v, 0, 1);
    cr_expect_lt(v.list.item_count, 8000, "%zu items", v.list.item_count);
    hide(&v);
}
