/* Where words, lines and bands stand that were once apart from what they belong to. */
#include "app/document/lesson.h"
#include "shown.h"

static void set_up(void) {
    failure f = {0};
    shown_begin();
    cr_assert(language_load(SOURCE_DIR "/assets", &f), "%s", f.error.message);
}

static void tear_down(void) {
    language_unload();
    shown_end();
}

TestSuite(figure_places, .init = set_up, .fini = tear_down);

static void show_view(shown *v, view_id view, float width, float height) {
    failure f = {0};
    v->document.view = view;
    v->set.width = width;
    v->set.height = height;
    cr_assert(figure_prepare(&v->scene, view, &f), "%s", f.error.message);
    draw(v, 0, 1);
}

Test(figure_places, slices_of_the_effective_field_are_named) {
    static const char *const words[] = {"slice ", "切片 "};
    for (int chinese = 0; chinese < 2; chinese++) {
        shown v;
        show(&v, "nn.Sequential(nn.Conv3d(1, 1, 3), nn.Conv3d(1, 1, 3))", &(conv_shape){4, {1, 6, 8, 8}});
        v.set.language = chinese ? LANGUAGE_ZH : LANGUAGE_EN;
        show_view(&v, VIEW_FIELD, 1280, 720);
        cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, words[chinese]), 6, "%s: %d", words[chinese],
                     count_texts(&v, TAG_LABEL, ROLE_NONE, words[chinese]));
        hide(&v);
        show(&v, "nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))", &(conv_shape){3, {1, 8, 8}});
        v.set.language = chinese ? LANGUAGE_ZH : LANGUAGE_EN;
        show_view(&v, VIEW_FIELD, 1280, 720);
        cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, words[chinese]), 0, "a picture has none");
        hide(&v);
    }
}

static bool is_output(color c) {
    const color o = theme_get(THEME_LIGHT)->roles[ROLE_OUTPUT].strong;
    return c.r == o.r && c.g == o.g && c.b == o.b;
}

/* How far the line to the output begins from the words of the sum. */
static float sum_gap(const shown *v) {
    const item *sum = NULL;
    float gap = INFINITY;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind == ITEM_TEXT && t->tag.kind == TAG_LABEL && t->tag.role == ROLE_OUTPUT && t->face == FACE_MONO_BOLD)
            sum = t;
    }
    cr_assert_not_null(sum, "there is a sum");
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_POLYLINE || !is_output(t->paint.stroke)) continue;
        const point p = v->list.points[t->first];
        const float right = sum->box.x + sum->box.width, top = sum->box.y - sum->box.height; /* on the baseline */
        const float x = fmaxf(fmaxf(sum->box.x - p.x, p.x - right), 0);
        const float y = fmaxf(fmaxf(top - p.y, p.y - sum->box.y), 0);
        gap = fminf(gap, hypotf(x, y));
    }
    return gap;
}

Test(figure_places, the_line_to_the_output_begins_at_the_sum) {
    static const float sizes[][2] = {{1280, 720}, {900, 600}, {640, 430}, {520, 400}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        shown v;
        show(&v, "nn.Conv2d(4, 2, 1)", &(conv_shape){4, {1, 4, 24, 24}});
        failure f = {0};
        v.document.parts[0].weights[0].kind = v.document.parts[0].biases[0].kind = SOURCE_RANDOM; /* long numbers */
        cr_assert(scene_update(&v.scene, &f), "%s", f.error.message);
        v.set.width = sizes[i][0];
        v.set.height = sizes[i][1];
        draw(&v, v.scene.steps - 1, 1);
        cr_expect_lt(sum_gap(&v), 16, "%g x %g: %g", (double)sizes[i][0], (double)sizes[i][1], (double)sum_gap(&v));
        hide(&v);
    }
}

Test(figure_places, samples_far_outside_are_pointed_to_within_the_stage) {
    shown v;
    show(&v, "torchvision.ops.DeformConv2d(1, 1, 3, padding=1)", &(conv_shape){4, {1, 1, 5, 5}});
    static const float offsets[] = {-40, 40};
    for (int k = 0; k < 2; k++) {
        failure f = {0};
        for (int64_t cell = 0; cell < 2 * 25; cell++) /* of the first tap, dy and dx */
            cr_assert(tensor_source_edit(&v.document.parts[0].offsets[0], cell, offsets[k], &f));
        cr_assert(scene_update(&v.scene, &f), "%s", f.error.message);
        draw(&v, 12, 1);
        const color c = theme_get(THEME_LIGHT)->roles[ROLE_OFFSET].strong;
        int arrows = 0;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind != ITEM_POLYLINE || t->paint.stroke.r != c.r || t->paint.stroke.g != c.g) continue;
            arrows++;
            const point to = v.list.points[t->first + 1];
            cr_expect(to.x >= 0 && to.x <= 1600 && to.y >= 0 && to.y <= 1000, "an arrow to (%g, %g)", (double)to.x,
                      (double)to.y);
        }
        cr_expect_geq(arrows, 1);
    }
    hide(&v);
}

/* One row of cells: a band that one can see, its height not that of a tiny cell, in the middle of what stands beside.
 */
Test(figure_places, the_tiles_of_one_dimension_are_a_band) {
    shown v;
    show(&v, "nn.Conv1d(4, 8, 3)", &(conv_shape){2, {4, 400}});
    show_view(&v, VIEW_ENGINE, 1280, 720);
    float top = INFINITY, foot = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        const bool left = t->kind == ITEM_RECT && t->box.x + t->box.width < 0.45f * 1280;
        if (!left || t->box.width < 100) continue;
        top = fminf(top, t->box.y);
        foot = fmaxf(foot, t->box.y + t->box.height);
    }
    cr_expect_gt(foot - top, 60, "%g high", (double)(foot - top));
    cr_expect_gt(top, 180);
    cr_expect_lt(foot, 560);
    hide(&v);
}

/* Parts that share the width stand in columns of their own: numbers in all cells, and all of them begin as high. */
Test(figure_places, several_parts_in_space_keep_their_numbers) {
    static const int64_t outputs = 16, inputs = 36;
    shown v = {0};
    lesson l;
    failure f = {0};
    cr_assert(lesson_load(SOURCE_DIR "/assets/lessons/groups-to-depthwise.yaml", &l, &f), "%s", f.error.message);
    document *d = &l.pages[3].document;
    d->style = STYLE_ISOMETRIC;
    cr_assert_eq(d->part_count, 3);
    cr_assert(scene_open(&v.scene, d, engine, NULL, &f), "%s", f.error.message);
    figure_defaults(&v.set);
    v.set.fonts = typefaces;
    v.set.width = 1280;
    v.set.height = 720;
    draw(&v, v.scene.steps - 1, 1);
    float top[3] = {INFINITY, INFINITY, INFINITY};
    int64_t numbers[3][2] = {{0}};
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind != ITEM_TEXT || t->tag.kind != TAG_CELL) continue;
        if (t->tag.role == ROLE_INPUT) top[t->tag.part] = fminf(top[t->tag.part], t->box.y);
        numbers[t->tag.part][0] += t->tag.role == ROLE_INPUT;
        numbers[t->tag.part][1] += t->tag.role == ROLE_OUTPUT;
        if (t->tag.role == ROLE_OUTPUT) cr_expect_geq(t->size, 9, "a number of %g pixels", (double)t->size);
    }
    for (int k = 0; k < 3; k++) {
        cr_expect_eq(numbers[k][0], inputs, "part %d: %lld of its input", k, (long long)numbers[k][0]);
        cr_expect_eq(numbers[k][1], outputs, "part %d: %lld of its output", k, (long long)numbers[k][1]);
        cr_expect_float_eq(top[k], top[0], 1.5, "part %d begins at %g, not %g", k, (double)top[k], (double)top[0]);
    }
    display_list_destroy(&v.list);
    scene_close(&v.scene);
    lesson_destroy(&l);
}

static void show_page(shown *v, lesson *l, const char *path, int page) {
    failure f = {0};
    memset(v, 0, sizeof *v);
    cr_assert(lesson_load(path, l, &f), "%s", f.error.message);
    cr_assert_lt(page, l->page_count);
    cr_assert(scene_open(&v->scene, &l->pages[page].document, engine, NULL, &f), "%s", f.error.message);
    figure_defaults(&v->set);
    v->set.fonts = typefaces;
    v->set.width = 896;
    v->set.height = 674;
    draw(v, v->scene.steps - 1, 1);
}

static void hide_page(shown *v, lesson *l) {
    display_list_destroy(&v->list);
    scene_close(&v->scene);
    lesson_destroy(l);
}

/* No part takes a smaller cell than the others can have where another arrangement gives it that. */
Test(figure_places, parts_do_not_press_each_others_cells) {
    shown v;
    lesson l;
    show_page(&v, &l, SOURCE_DIR "/assets/lessons/stride.yaml", 2);
    float least = INFINITY;
    for (size_t i = 0; i < v.list.item_count; i++)
        if (v.list.items[i].kind == ITEM_RECT && v.list.items[i].tag.kind == TAG_CELL)
            least = fminf(least, v.list.items[i].box.width);
    cr_expect_geq(least, 28, "a cell is %g wide", (double)least);
    hide_page(&v, &l);
}

/* The line to the output runs through a row of numbers: it stops at each of them. */
Test(figure_places, the_line_strikes_no_number_out) {
    shown v;
    lesson l;
    show_page(&v, &l, SOURCE_DIR "/assets/lessons/rectangular.yaml", 0);
    const scene_part *p = &v.scene.parts[0];
    const int64_t columns = p->layout->output.size[p->layout->output.rank - 1], last = v.scene.steps - 1;
    for (int64_t index = last - columns + 1; index < last; index++) { /* those on the way */
        bool parted = false;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *number = &v.list.items[i];
            if (number->kind != ITEM_TEXT || number->tag.kind != TAG_CELL || number->tag.role != ROLE_OUTPUT) continue;
            if (number->tag.index != index || i == 0) continue;
            const item *under = &v.list.items[i - 1];
            const box n = number->box, b = under->box;
            const float middle = number->anchor == ANCHOR_MIDDLE ? n.x : n.x + n.width / 2;
            parted = under->kind == ITEM_RECT && under->tag.kind == TAG_NONE && b.width >= n.width &&
                     fabsf(b.x + b.width / 2 - middle) < 1;
        }
        cr_expect(parted, "the number of cell %lld is struck out", (long long)index);
    }
    hide_page(&v, &l);
}
