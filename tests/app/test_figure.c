/* Figures show what the engine computed, and nothing else. */
#include "app/document/lesson.h"
#include "app/figure/equivalent.h"
#include "app/figure/partials.h"
#include "app/figure/rim.h"
#include "shown.h"

TestSuite(figure, .init = shown_begin, .fini = shown_end);

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

static int texts_equal(const shown *v, const char *text) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        count += t->kind == ITEM_TEXT && strcmp(v->list.text + t->first, text) == 0;
    }
    return count;
}

/* With labels a product is told by its two factors, the sum by its symbols; no number is left in them. */
Test(figure, labels_name_products_and_the_sum) {
    static const struct {
        const char *expression, *sum;
    } cases[] = {{"nn.Conv2d(1, 1, 3)", "Σ + b₀ = y₁₁"}, {"nn.Conv2d(2, 1, 2, bias=False)", "Σ = y₁₁"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        show(&v, cases[k].expression, NULL);
        int64_t count;
        failure f;
        v.document.labels = true;
        draw(&v, 4, 1);
        scene_taps(&v.scene, 0, 4, &count, NULL, &f);
        cr_expect_eq(texts_equal(&v, "·w"), (int)count, "%s: %d of %d products", cases[k].expression,
                     texts_equal(&v, "·w"), (int)count);
        cr_expect_eq(texts_equal(&v, cases[k].sum), 1, "%s", cases[k].expression);
        for (int64_t i = 0; i < count; i++) {
            const char *text = cell_text(&v, ROLE_NONE, i);
            cr_expect(text && text[0] == 'x', "%s: product %lld shows %s", cases[k].expression, (long long)i,
                      text ? text : "nothing");
        }
        draw(&v, 4, 0.05); /* what has not come has no name */
        cr_expect_lt(texts_equal(&v, "·w"), (int)count);
        hide(&v);
    }
}

/* Where no axis is one of space the samples are rows of one plane: there is none to be left out in a small figure. */
Test(figure, cells_lie_in_their_tensors_at_every_size) {
    static const char *const layers[] = {"nn.Linear(6, 4)", "nn.Softmax(dim=1)", "nn.ReLU()"};
    for (size_t k = 0; k < sizeof layers / sizeof *layers; k++) {
        shown v;
        show(&v, layers[k], &(conv_shape){2, {3, 6}});
        const int64_t last = v.scene.parts[0].layout->steps - 1,
                      many = conv_shape_count(&v.scene.parts[0].layout->input[0]);
        int cells = 0;
        for (int i = 0; i < 32; i++) {
            v.document.style = i % 2 ? STYLE_ISOMETRIC : STYLE_FLAT;
            v.set.width = (float)(16 + 24 * (i / 2));
            v.set.height = (float)(10 + 15 * (i / 2));
            draw(&v, last, 1);
            for (size_t n = 0; n < v.list.item_count; n++) {
                const tag *t = &v.list.items[n].tag;
                const bool whole = t->kind == TAG_TENSOR && t->index >= 0; /* a picture of it: its first cell */
                if ((t->kind != TAG_CELL && !whole) || t->role != ROLE_INPUT) continue;
                cells++;
                cr_expect(t->index >= 0 && t->index < many, "%s, %g wide: cell %lld of %lld", layers[k],
                          (double)v.set.width, (long long)t->index, (long long)many);
            }
        }
        cr_expect_gt(cells, 0);
        hide(&v);
    }
}

/* Where one cell stands from another of the same plane. */
static point way(const shown *v, role r, int64_t from, int64_t to) {
    const item *a = NULL, *b = NULL;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_TEXT || t->tag.kind != TAG_CELL || t->tag.role != r) continue;
        if (t->tag.index == from && !a) a = t;
        if (t->tag.index == to && !b) b = t;
    }
    cr_assert(a && b, "numbers of cells %lld and %lld", (long long)from, (long long)to);
    return (point){b->box.x - a->box.x, b->box.y - a->box.y};
}

/* A true convolution turns its kernel round: what is multiplied with it, and what comes of it, stand as it stands. */
Test(figure, a_turned_kernel_takes_its_products_along) {
    static const struct {
        const char *layer;
        conv_shape input; /* a large one is shown as photographs */
        bool gathers, lists;
    } cases[] = {{"nn.Conv2d(1, 1, 3, bias=False)", {0}, true, true},
                 {"nn.Conv3d(1, 1, 2, bias=False)", {0}, true, true},
                 {"nn.Conv2d(1, 1, 3, bias=False)", {3, {1, 96, 96}}, true, false},
                 {"nn.ConvTranspose2d(1, 1, 3, bias=False)", {0}, false, false},
                 {"nn.ConvTranspose2d(1, 1, 3, bias=False)", {3, {1, 96, 96}}, false, false},
                 {"nn.ConvTranspose3d(1, 1, 2, bias=False)", {0}, false, false}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        show(&v, cases[k].layer, cases[k].input.rank ? &cases[k].input : NULL);
        failure f = {0};
        v.document.parts[0].layers[0].spec.flip = true;
        scene_close(&v.scene);
        cr_assert(scene_open(&v.scene, &v.document, engine, NULL, &f), "%s", f.error.message);
        draw(&v, 3, 1);
        const int64_t last = conv_shape_count(&v.scene.parts[0].layout->weight) - 1;
        point weights = way(&v, ROLE_WEIGHT, 0, last);
        cr_expect(weights.x < 0 && weights.y < 0, "case %zu: the last weight is %g, %g from the first", k,
                  (double)weights.x, (double)weights.y);
        int64_t count;
        const conv_tap *taps = scene_taps(&v.scene, 0, 3, &count, NULL, &f), *first = taps, *past = taps;
        for (const conv_tap *t = taps; cases[k].gathers && t < taps + count; t++) {
            if (t->input < first->input) first = t;
            if (t->input > past->input) past = t;
        }
        cr_expect(!cases[k].gathers || (first->weight == last && past->weight == 0));
        if (cases[k].gathers) {
            point cells = way(&v, ROLE_INPUT, first->input, past->input);
            cr_expect(cells.x > 0 && cells.y > 0, "case %zu: the window is turned", k);
        }
        if (cases[k].lists) {
            point products = way(&v, ROLE_NONE, 0, last);
            cr_expect(fabsf(products.x - weights.x) < 3 && fabsf(products.y - weights.y) < 3, "%g, %g and %g, %g",
                      (double)products.x, (double)products.y, (double)weights.x, (double)weights.y);
        }
        hide(&v);
    }
}

static void *counted(void *context, void *memory, size_t size) {
    ++*(int *)context;
    return size ? realloc(memory, size) : (free(memory), NULL);
}

/* To find out that a matrix would be too large takes tens of milliseconds: that is not for every frame. */
Test(figure, a_refused_matrix_is_refused_once) {
    int calls = 0;
    conv_engine *shared = engine;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.allocator = (conv_allocator){counted, &calls};
    cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
    shown v;
    show(&v, "nn.Conv2d(16, 16, 3, padding=1)", &(conv_shape){3, {16, 24, 24}});
    v.document.view = VIEW_MATRIX;
    for (int k = 0; k < 2; k++) {
        draw(&v, k, 1);
        cr_expect_geq(texts_equal(&v, "the matrix would have more than 400000 entries: use a smaller input"), 1);
    }
    calls = 0;
    draw(&v, 0, 1);
    draw(&v, 0, 0.5);
    cr_expect_eq(calls, 0, "%d allocations of the engine", calls);
    hide(&v);
    conv_engine_destroy(engine);
    engine = shared;
}

/* At each size, also when it was drawn in another one before. */
Test(figure, a_large_matrix_has_dots_for_its_pixels) {
    static const int heights[] = {1000, 400, 700, 1000};
    shown v;
    show(&v, "nn.Conv2d(1, 1, 3)", &(conv_shape){3, {1, 48, 48}});
    v.document.view = VIEW_MATRIX;
    for (size_t k = 0; k < sizeof heights / sizeof *heights; k++) {
        v.set.height = (float)heights[k];
        draw(&v, 0, 1);
        int pictures = 0;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind != ITEM_PICTURE || t->tag.role != ROLE_WEIGHT) continue;
            pictures++;
            const float across = (float)t->columns / t->box.width, down = (float)t->rows / t->box.height;
            cr_expect(across >= 1.25f && across < 2.5f, "%d high: %g dots a pixel", heights[k], (double)across);
            cr_expect(down >= 1.25f && down < 2.5f, "%d high: %g dots a pixel", heights[k], (double)down);
        }
        cr_expect_eq(pictures, 1);
    }
    hide(&v);
}
