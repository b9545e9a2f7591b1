/* Figures show what the engine computed, and nothing else. */
#include "app/document/lesson.h"
#include "app/figure/equivalent.h"
#include "app/figure/field_stack.h"
#include "app/figure/figure.h"
#include "app/figure/partials.h"
#include "app/figure/rim.h"
#include "app/figure/short_number.h"
#include "app/system/memory.h"
#include "app/system/number.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct shown {
    document document;
    scene scene;
    figure_settings set;
    display_list list;
} shown;

static fonts *typefaces;
static conv_engine *engine;

static void set_up(void) {
    cr_assert(fonts_create(&typefaces, NULL));
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
}

static void tear_down(void) {
    conv_engine_destroy(engine);
    fonts_destroy(typefaces);
}

TestSuite(figure, .init = set_up, .fini = tear_down);

static void show(shown *v, const char *expression, const conv_shape *input) {
    failure f = {0};
    memset(v, 0, sizeof *v);
    cr_assert(document_from_expression(&v->document, expression, input, &f), "%s: %s", expression, f.error.message);
    cr_assert(scene_open(&v->scene, &v->document, engine, NULL, &f), "%s: %s", expression, f.error.message);
    figure_defaults(&v->set);
    v->set.fonts = typefaces;
    v->set.width = 1600;
    v->set.height = 1000;
}

static void draw(shown *v, int64_t step, double progress) {
    failure f = {0};
    v->set.moment = (moment){step, progress};
    cr_assert(figure_draw(&v->list, &v->scene, &v->set, &f), "%s", f.error.message);
}

static void hide(shown *v) {
    display_list_destroy(&v->list);
    scene_close(&v->scene);
    document_destroy(&v->document);
}

/* The first text of a cell, or NULL. */
static const char *cell_text(const shown *v, role r, int64_t index) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind == ITEM_TEXT && t->tag.kind == TAG_CELL && t->tag.role == r && t->tag.index == index)
            return v->list.text + t->first;
    }
    return NULL;
}

static int count_texts(const shown *v, tag_kind kind, role r, const char *beginning) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        count += t->kind == ITEM_TEXT && t->tag.kind == kind && t->tag.role == r &&
                 !strncmp(v->list.text + t->first, beginning, strlen(beginning));
    }
    return count;
}

static void check_cells(const shown *v, role r, const float *values, int64_t count, int64_t known, const char *what) {
    for (int64_t i = 0; i < count; i++) {
        const char *text = cell_text(v, r, i);
        char number[NUMBER_SIZE];
        short_number(number, sizeof number, (double)values[i], NUMBER_DIGITS);
        if (i < known)
            cr_expect(text && !strcmp(text, number), "%s: cell %lld shows %s, the engine has %s", what, (long long)i,
                      text ? text : "nothing", number);
        else
            cr_expect_null(text, "%s: cell %lld shows %s before its step", what, (long long)i, text);
    }
}

static const char *const gathering[] = {
    "nn.Conv2d(1, 1, 3)",
    "nn.Conv2d(2, 2, 3, stride=2, padding=1)",
    "nn.Conv2d(1, 1, 3, padding=1, padding_mode='circular')",
    "nn.Conv2d(1, 1, (2, 3), dilation=(1, 2))",
    "nn.Conv1d(3, 2, 3, padding=1)",
    "nn.Conv3d(1, 1, 2)",
    "nn.MaxPool2d(2)",
    "nn.AvgPool2d(2)",
    "nn.ReLU()",
};

Test(figure, cells_show_the_engines_values) {
    for (size_t k = 0; k < sizeof gathering / sizeof *gathering; k++)
        for (int style = 0; style < STYLE_COUNT; style++) {
            shown v;
            show(&v, gathering[k], NULL);
            v.document.style = (style_id)style;
            const scene_part *p = &v.scene.parts[0];
            int64_t in = conv_shape_count(&p->layout->input[0]), out = conv_shape_count(&p->layout->output);
            int64_t half = out / 2;
            draw(&v, half, 0.0);
            check_cells(&v, ROLE_INPUT, p->input, in, in, gathering[k]);
            check_cells(&v, ROLE_OUTPUT, p->output, out, half, gathering[k]);
            draw(&v, half, 1.0);
            check_cells(&v, ROLE_OUTPUT, p->output, out, half + 1, gathering[k]);
            draw(&v, out - 1, 1.0);
            check_cells(&v, ROLE_OUTPUT, p->output, out, out, gathering[k]);
            hide(&v);
        }
}

Test(figure, weights_stand_on_the_taps) {
    for (int k = 0; k < 4; k++) {
        shown v;
        show(&v, gathering[k], NULL);
        int64_t steps = v.scene.parts[0].layout->steps;
        for (int64_t step = 0; step < steps; step++) {
            int64_t count;
            failure f;
            draw(&v, step, 0.5);
            const conv_tap *taps = scene_taps(&v.scene, 0, step, &count, NULL, &f);
            int padding = 0;
            for (int64_t i = 0; i < count; i++) padding += taps[i].in_padding;
            cr_expect_eq(count_texts(&v, TAG_PADDING, ROLE_INPUT, "×"), padding, "%s step %lld", gathering[k],
                         (long long)step);
            cr_expect_eq(count_texts(&v, TAG_CELL, ROLE_INPUT, "×"), (int)count - padding, "%s step %lld", gathering[k],
                         (long long)step);
        }
        hide(&v);
    }
}

static const char *const transposed[] = {
    "nn.ConvTranspose2d(1, 1, 3)",
    "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1)",
    "nn.ConvTranspose2d(2, 2, 3, stride=2, bias=False)",
    "nn.ConvTranspose2d(2, 4, 2, groups=2, padding=2, dilation=3)",
    "nn.ConvTranspose2d(1, 1, 2, stride=3)",
    "nn.ConvTranspose1d(2, 3, 3, stride=2, padding=2)",
    "nn.ConvTranspose2d(1, 1, 2, stride=2, padding=2)",
};
enum { TRANSPOSED = sizeof transposed / sizeof *transposed };

Test(figure, dots_count_the_stamps) {
    for (int k = 0; k < 2; k++) {
        shown v;
        show(&v, transposed[k], NULL);
        v.document.counts = true;
        const scene_part *p = &v.scene.parts[0];
        int64_t out = conv_shape_count(&p->layout->output), overlap[256];
        cr_assert_leq(out, 256);
        cr_assert_eq(conv_trace_overlap(p->plan, overlap, NULL), CONV_OK);
        draw(&v, p->layout->steps - 1, 1);
        for (int64_t i = 0; i < out; i++) {
            int dots = 0;
            for (size_t n = 0; n < v.list.item_count; n++) {
                const item *t = &v.list.items[n];
                dots += t->kind == ITEM_CIRCLE && t->tag.kind == TAG_CELL && t->tag.role == ROLE_OUTPUT &&
                        t->tag.index == i;
            }
            if (overlap[i] <= 5) cr_expect_eq(dots, overlap[i], "%s: cell %lld", transposed[k], (long long)i);
        }
        hide(&v);
    }
}

static stage stage_on(shown *v, failure *f) {
    return (stage){.list = &v->list,
                   .scene = &v->scene,
                   .document = &v->document,
                   .settings = &v->set,
                   .theme = theme_get(THEME_LIGHT),
                   .fonts = typefaces,
                   .failure = f,
                   .moment = v->set.moment,
                   .unit = 1};
}

Test(figure, zero_insertion_gives_the_same_output) {
    for (int k = 0; k < TRANSPOSED; k++) {
        shown v;
        failure f;
        show(&v, transposed[k], NULL);
        stage s = stage_on(&v, &f);
        equivalent *e = equivalent_of(&s, 0);
        cr_assert_not_null(e, "%s", transposed[k]);
        const scene_part *a = &v.scene.parts[0], *b = &e->scene.parts[0];
        cr_assert(conv_shape_equal(&a->layout->output, &b->layout->output), "%s", transposed[k]);
        int64_t count = conv_shape_count(&a->layout->output);
        for (int64_t i = 0; i < count; i++) /* whole numbers: no rounding */
            cr_expect_eq(a->output[i], b->output[i], "%s: %lld", transposed[k], (long long)i);
        hide(&v);
    }
}

Test(figure, the_rim_is_what_padding_cuts_off) {
    shown v;
    failure f;
    show(&v, transposed[1], NULL);
    stage s = stage_on(&v, &f);
    const conv_layout *l = v.scene.parts[0].layout;
    int64_t rows = l->axis[0].out, columns = l->axis[1].out,
            wide = columns + 1; /* one cell before; output_padding uncut the end */
    for (int64_t step = 1; step < conv_shape_count(&l->input[0]); step++) {
        const float *rim = rim_state(&s, 0, step), *state = scene_state(&v.scene, 0, step, &f);
        cr_assert_not_null(rim);
        for (int64_t y = 0; y < rows; y++)
            for (int64_t x = 0; x < columns; x++) {
                float inside = state[y * columns + x], whole = rim[(y + 1) * wide + x + 1];
                if (!isnan(inside))
                    cr_expect_eq(inside, whole, "step %lld at %lld, %lld", (long long)step, (long long)y, (long long)x);
            }
    }
    hide(&v);
}

Test(figure, partial_sums_add_up) {
    shown v;
    failure f;
    show(&v, "nn.Conv2d(4, 2, 3, groups=2, padding=1, stride=2)", NULL);
    for (int64_t step = 0; step < v.scene.steps; step++) {
        window w;
        float sums[2];
        v.set.moment = (moment){step, 1};
        stage s = stage_on(&v, &f);
        cr_assert(window_at(&s, 0, &w));
        cr_assert(partials_at(&s, &w, sums, 2));
        cr_expect_float_eq(sums[0] + sums[1] + v.scene.parts[0].operands.bias[w.channel], w.result, 1e-4f);
    }
    hide(&v);
}

Test(figure, arithmetic_is_written_out) {
    shown v;
    char text[512];
    const conv_shape shape = {3, {1, 2, 3}};
    show(&v, "nn.Conv2d(1, 1, (1, 3))", &shape);
    failure f;
    float *w = (float[]){1, -2, 0.5f}, *x = (float[]){1, 2, 3, 4, 5, 6};
    for (int i = 0; i < 3; i++) cr_assert(tensor_source_edit(&v.document.parts[0].weights[0], i, w[i], &f));
    for (int i = 0; i < 6; i++) cr_assert(tensor_source_edit(&v.document.parts[0].input, i, x[i], &f));
    cr_assert(tensor_source_edit(&v.document.parts[0].biases[0], 0, -3, &f));
    cr_assert(scene_update(&v.scene, &f));
    figure_arithmetic(&v.scene, 0, (moment){0, 0}, false, text, sizeof text);
    cr_expect_str_eq(text, "1×1 + 2×(-2) + 3×0.5 + (-3) = -4.5");
    figure_arithmetic(&v.scene, 0, (moment){1, 1}, true, text, sizeof text);
    cr_expect_str_eq(text, "x₁₀·w₀₀ + x₁₁·w₀₁ + x₁₂·w₀₂ + b₀ = y₁₀");
    for (int size = 2; size < 60; size++) {
        figure_arithmetic(&v.scene, 0, (moment){0, 0}, false, text, size);
        cr_expect_lt((int)strlen(text), size);
    }
    figure_arithmetic(&v.scene, 0, (moment){0, 0}, false, text, 38);
    cr_expect_not_null(strstr(text, "…"), "%s", text);
    cr_expect_not_null(strstr(text, "= -4.5"), "%s", text);
    hide(&v);
}

Test(figure, a_worksheet_hides_the_answer_and_its_key_shows_it) {
    shown v;
    show(&v, "nn.Conv2d(1, 1, 3)", NULL);
    const scene_part *p = &v.scene.parts[0];
    int64_t out = conv_shape_count(&p->layout->output);
    v.document.blank_output = true;
    draw(&v, out - 1, 1);
    check_cells(&v, ROLE_OUTPUT, p->output, out, 0, "worksheet");
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_OUTPUT, "Σ"), 0);
    cr_expect_null(cell_text(&v, ROLE_NONE, 0), "a product is given away");
    v.document.answers = true;
    draw(&v, out - 1, 1);
    cr_expect_not_null(cell_text(&v, ROLE_NONE, 0), "the key has no product");
    draw(&v, 0, 0);
    check_cells(&v, ROLE_OUTPUT, p->output, out, out, "key");
    v.document.blank_output = v.document.answers = false;
    v.document.curtain = true;
    draw(&v, out - 1, 1);
    check_cells(&v, ROLE_OUTPUT, p->output, out, 0, "curtain");
    hide(&v);
}

static int outlines(const display_list *l, color c) {
    int count = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        color s = l->items[i].paint.stroke;
        count += l->items[i].kind == ITEM_RECT && s.a == 255 && s.r == c.r && s.g == c.g && s.b == c.b;
    }
    return count;
}

Test(figure, pointing_marks_both_ways) {
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

Test(figure, the_matrix_stands_for_the_layer) {
    shown v;
    const conv_shape shape = {3, {1, 4, 4}};
    show(&v, "nn.Conv2d(1, 1, 3)", &shape);
    v.document.view = VIEW_MATRIX;
    draw(&v, 3, 1);
    int entries = 0;
    for (size_t i = 0; i < v.list.item_count; i++)
        entries += v.list.items[i].kind == ITEM_RECT && v.list.items[i].tag.kind == TAG_CELL &&
                   v.list.items[i].tag.role == ROLE_WEIGHT;
    cr_expect_eq(entries, 4 * 9);
    check_cells(&v, ROLE_OUTPUT, v.scene.parts[0].output, 4, 4, "matrix");
    hide(&v);
}

Test(figure, views_change_by_motion) {
    shown v;
    show(&v, "nn.Conv2d(1, 1, 3)", NULL);
    v.document.view = VIEW_MATRIX;
    v.set.view_from = VIEW_SLIDE;
    float before = INFINITY;
    for (int k = 0; k <= 4; k++) { /* a cell's way to its place is monotonic */
        v.set.view_progress = k / 4.0;
        draw(&v, 2, 1);
        float y = NAN;
        for (size_t i = 0; i < v.list.item_count && isnan(y); i++) {
            const item *t = &v.list.items[i];
            if (t->kind == ITEM_RECT && t->tag.kind == TAG_CELL && t->tag.role == ROLE_INPUT && t->tag.index == 20)
                y = t->box.y;
        }
        cr_assert(!isnan(y));
        cr_expect_leq(y, before);
        before = y;
    }
    hide(&v);
}

Test(figure, views_that_measure_show_it_only_when_asked) {
    shown v;
    failure f;
    show(&v, "nn.Conv2d(8, 8, 3, padding=1)", NULL);
    v.document.view = VIEW_COST;
    draw(&v, 0, 0);
    size_t before = v.list.item_count;
    cr_assert(figure_prepare(&v.scene, VIEW_COST, &f));
    draw(&v, 0, 0);
    cr_expect_gt(v.list.item_count, before);
    v.document.view = VIEW_ENGINE;
    draw(&v, 0, 0);
    before = v.list.item_count;
    cr_assert(figure_prepare(&v.scene, VIEW_ENGINE, &f));
    draw(&v, 0, 0);
    cr_expect_gt(v.list.item_count, before);
    shown other; /* carried to another scene it is the same picture */
    show(&other, "nn.Conv2d(8, 8, 3, padding=1)", NULL);
    other.document.view = VIEW_ENGINE;
    cr_assert(figure_carry(&other.scene, &v.scene, &f));
    draw(&other, 0, 0);
    cr_expect(display_list_equal(&v.list, &other.list));
    hide(&other);
    hide(&v);
}

Test(figure, memory_that_runs_out_is_survived) {
    static const view_id views[] = {VIEW_SLIDE, VIEW_MATRIX, VIEW_FIELD, VIEW_COST};
    for (int k = 0; k < 4; k++)
        for (long n = 1; n < 40; n++) {
            shown v;
            failure f = {0};
            show(&v, transposed[1], NULL);
            v.document.view = views[k];
            v.document.zero_insertion = true;
            v.set.moment = (moment){4, 1};
            memory_fail_at(n);
            bool drawn = figure_draw(&v.list, &v.scene, &v.set, &f);
            memory_fail_at(0);
            cr_expect(drawn || f.error.format || v.list.failed, "view %d, allocation %ld", k, n);
            draw(&v, 4, 1); /* and the next frame is whole again */
            hide(&v);
        }
}

/* Whether pictures of that role are drawn, and all of them in grey. */
static bool all_grey(const shown *v, role r) {
    int pictures = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_PICTURE || t->tag.role != r) continue;
        pictures++;
        for (size_t k = t->first; k < t->first + (size_t)(t->columns * t->rows); k++) {
            const color c = v->list.pixels[k];
            if (c.r != c.g || c.g != c.b) return false;
        }
    }
    return pictures > 0;
}

static int triangles(const shown *v) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        count += v->list.items[i].kind == ITEM_POLYGON && v->list.items[i].count == 3;
    }
    return count;
}

Test(figure, a_photograph_is_shown_as_one) {
    failure f = {0};
    lesson l;
    cr_assert(lesson_load(SOURCE_DIR "/assets/lessons/first-look.yaml", &l, &f), "%s", f.error.message);
    shown v;
    for (int page = 0; page < l.page_count; page++) {
        memset(&v, 0, sizeof v);
        cr_assert(document_copy(&v.document, &l.pages[page].document, &f));
        cr_assert(scene_open(&v.scene, &v.document, engine, NULL, &f), "%s", f.error.message);
        figure_defaults(&v.set);
        v.set.fonts = typefaces;
        v.set.width = 1280;
        v.set.height = 720;
        draw(&v, v.scene.steps - 1, 1);
        cr_expect(all_grey(&v, ROLE_INPUT), "page %d: the photograph is not grey", page + 1);
        const float *weight = v.scene.parts[0].operands.weight;
        cr_expect_eq(all_grey(&v, ROLE_OUTPUT), weight[0] > 0, "page %d: only the blurred picture is a photograph",
                     page + 1);
        cr_expect_eq(triangles(&v), v.document.pinned_weight >= 0 ? 2 : 0, "page %d: the arrows", page + 1);
        hide(&v);
    }
    lesson_destroy(&l);
}

Test(figure, numbers_are_short) {
    static const struct {
        double value;
        const char *text;
    } cases[] = {{0, "0"},
                 {-0.0, "0"},
                 {7, "7"},
                 {-12, "-12"},
                 {99999, "99999"},
                 {0.125, "0.125"},
                 {-0.5, "-0.5"},
                 {0.3333333, "0.333"},
                 {2.71828, "2.72"},
                 {123.456, "123"},
                 {0.9996, "1"},
                 {1234.5, "1235"},
                 {1e6, "1e6"},
                 {1234567, "1.23e6"},
                 {0.00012345, "1.23e-4"},
                 {INFINITY, "∞"},
                 {-INFINITY, "-∞"},
                 {NAN, ""},
                 {0.00999, "0.00999"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[NUMBER_SIZE];
        short_number(text, sizeof text, cases[i].value, NUMBER_DIGITS);
        cr_expect_str_eq(text, cases[i].text, "%g", cases[i].value);
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
Test(figure, pixels_of_pictures_can_be_pointed_at) {
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

Test(figure, the_magnifier_follows_the_pointer) {
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

/* Numbers as the cost view writes them: "11,160". */
static bool shows_number(const shown *v, int64_t number) {
    char text[48];
    number_write_grouped(number, text, sizeof text);
    return count_texts(v, TAG_LABEL, ROLE_NONE, text) > 0;
}

Test(figure, a_networks_cost_is_the_sum_of_its_layers) {
    shown v;
    const conv_shape shape = {3, {4, 12, 12}};
    show(&v, "nn.Sequential(nn.Conv2d(4, 8, 3), nn.ReLU(), nn.Conv2d(8, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 2, 1))",
         &shape);
    v.document.view = VIEW_COST;
    draw(&v, 0, 1);
    const conv_network *network = v.scene.parts[0].network;
    conv_cost sum = conv_network_cost(network);
    int64_t adds = 0, parameters = 0;
    for (int i = 0; i < conv_network_count(network); i++) {
        const conv_cost *c = &conv_network_layout(network, i)->cost;
        adds += c->multiply_adds;
        parameters += c->parameters;
        if (c->multiply_adds > 0) cr_expect(shows_number(&v, c->multiply_adds), "layer %d", i);
        if (c->multiply_adds > 0) cr_expect(shows_number(&v, c->parameters), "layer %d", i);
    }
    cr_expect_eq(adds, sum.multiply_adds);
    cr_expect_eq(parameters, sum.parameters);
    cr_expect(shows_number(&v, sum.multiply_adds), "the network's multiply-adds");
    cr_expect(shows_number(&v, sum.parameters), "the network's parameters");
    static const char *const names[] = {"the whole", "with depthwise", "layer 1", "layer 3", "layer 5"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, names[i]) + count_texts(&v, TAG_NONE, ROLE_NONE, names[i]),
                     1, "\"%s\" is not said once", names[i]);
    hide(&v);
}

/* Pointing at an input cell in the field view marks the hull of the outputs that depend on it, at an output cell what
 * it depends on: as the engine has it, along one, two and three axes. */
Test(figure, the_field_is_marked_both_ways) {
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
        draw(&v, 0, 1); /* every cell of both can be pointed at */
        int cells[2] = {0};
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind != ITEM_POLYGON || t->tag.kind != TAG_CELL) continue;
            cells[0] += t->tag.role == ROLE_INPUT;
            cells[1] += t->tag.role == ROLE_OUTPUT && t->tag.layer == top;
        }
        cr_expect_eq(cells[0], conv_shape_count(in), "%s", cases[k].expression);
        cr_expect_eq(cells[1], conv_shape_count(out), "%s", cases[k].expression);
        hide(&v);
    }
}

/* The height of the first flat cell of a part; all of a part's cells are alike. */
static float cell_height(const shown *v, int index) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind == ITEM_RECT && t->tag.kind == TAG_CELL && t->tag.part == index && t->tag.role == ROLE_INPUT)
            return t->box.height;
    }
    return 0;
}

/* Parts that stand beside each other have one cell size, on every page of these lessons and in every size. */
Test(figure, a_scene_has_one_cell_size) {
    static const char *const lessons[] = {"stride",         "cross-correlation", "output-size",
                                          "output-padding", "dilation-rates",    "groups-to-depthwise"};
    static const float sizes[][2] = {{960, 600}, {1280, 720}, {1920, 1080}};
    failure f = {0};
    int compared = 0;
    for (size_t n = 0; n < sizeof lessons / sizeof *lessons; n++) {
        char path[512];
        lesson l;
        snprintf(path, sizeof path, "%s/assets/lessons/%s.yaml", SOURCE_DIR, lessons[n]);
        cr_assert(lesson_load(path, &l, &f), "%s", f.error.message);
        for (int page = 0; page < l.page_count; page++) {
            const document *d = &l.pages[page].document;
            if (d->part_count < 2 || d->view != VIEW_SLIDE || d->style != STYLE_FLAT) continue;
            shown v;
            memset(&v, 0, sizeof v);
            cr_assert(document_copy(&v.document, d, &f));
            cr_assert(scene_open(&v.scene, &v.document, engine, NULL, &f), "%s", f.error.message);
            figure_defaults(&v.set);
            v.set.fonts = typefaces;
            for (int k = 0; k < 3; k++) {
                v.set.width = sizes[k][0];
                v.set.height = sizes[k][1];
                draw(&v, v.scene.steps - 1, 1);
                for (int p = 1; p < v.document.part_count; p++) {
                    float a = cell_height(&v, 0), b = cell_height(&v, p);
                    if (a <= 0 || b <= 0) continue; /* no cells: a picture */
                    compared++;
                    cr_expect_float_eq(a, b, 0.02f * a, "%s page %d, %g wide: %g and %g", lessons[n], page + 1,
                                       (double)sizes[k][0], (double)a, (double)b);
                }
            }
            hide(&v);
        }
        lesson_destroy(&l);
    }
    cr_expect_gt(compared, 6);
}

/* A figure depends on its arguments alone: drawn on a fresh scene, and on one that has drawn all others in some order.
 */
Test(figure, is_a_pure_function) {
    static const char *const cases[] = {"nn.Conv2d(2, 2, 3, padding=1)",
                                        "nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1)", "nn.Conv3d(1, 1, 2)",
                                        "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 1, 2))"};
    static const float sizes[][2] = {{640, 480}, {960, 600}, {1280, 720}, {1920, 1080}, {3840, 2160}};
    enum { SIZES = 5, PICTURES = VIEW_COUNT * SIZES };
    for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
        static display_list alone[PICTURES];
        shown all;
        show(&all, cases[n], NULL);
        uint32_t random = 2463534242u + (uint32_t)n;
        for (int round = 0; round < 3; round++)
            for (int k = 0; k < PICTURES; k++) {
                random ^= random << 13, random ^= random >> 17, random ^= random << 5;
                const int which = round == 0 ? k : (int)(random % PICTURES), view = which % VIEW_COUNT,
                          size = which / VIEW_COUNT;
                shown fresh, *v = round == 0 ? &fresh : &all;
                if (round == 0) show(&fresh, cases[n], NULL);
                v->document.view = (view_id)view;
                v->document.style = (style_id)(which % STYLE_COUNT);
                v->set.width = sizes[size][0];
                v->set.height = sizes[size][1];
                v->set.theme = (theme_id)(which % THEME_COUNT);
                v->set.language = (language)(which / 2 % LANGUAGE_COUNT);
                v->set.hover = (tag){.kind = which % 3 ? TAG_NONE : TAG_CELL, .role = ROLE_INPUT, .index = which % 9};
                draw(v, (int64_t)which % v->scene.steps, which % 4 * 0.33);
                if (round) {
                    cr_expect(display_list_equal(&alone[which], &v->list), "%s, view %d, %g wide", cases[n], view,
                              (double)sizes[size][0]);
                    continue;
                }
                alone[which] = fresh.list;
                memset(&fresh.list, 0, sizeof fresh.list);
                hide(&fresh);
            }
        for (int k = 0; k < PICTURES; k++) display_list_destroy(&alone[k]);
        hide(&all);
    }
}
