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

static bool same_color(color a, color b) {
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

/* The key beside the heat: from 0 at the left to the most at the right. The frame over the map has a pale rim. */
Test(figure_places, the_heat_has_a_key_and_a_frame) {
    enum { SHADES = 16 };
    shown v;
    show(&v, "nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1))",
         &(conv_shape){3, {1, 9, 9}});
    show_view(&v, VIEW_FIELD, 1280, 720);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "most"), 1);
    cr_expect_eq(count_texts(&v, TAG_LABEL, ROLE_NONE, "frame: the theoretical field"), 1);
    const color strong = theme_get(THEME_LIGHT)->roles[ROLE_INPUT].strong, white = {255, 255, 255, 255};
    int shades = 0, frames = 0;
    float x = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i], *before = i ? t - 1 : t;
        if (t->kind != ITEM_RECT) continue;
        if (t->tag.kind == TAG_LABEL && shades < SHADES &&
            same_color(t->paint.fill, theme_heat(((float)shades + 0.5f) / SHADES))) {
            cr_expect_gt(t->box.x, x, "shade %d is right of those before", shades);
            x = t->box.x;
            shades++;
        }
        frames += t->tag.kind == TAG_NONE && same_color(t->paint.stroke, strong) && before->kind == ITEM_RECT &&
                  same_color(before->paint.stroke, white) && before->paint.width > t->paint.width &&
                  before->box.x == t->box.x && before->box.width == t->box.width;
    }
    cr_expect_eq(shades, SHADES);
    cr_expect_eq(frames, 1);
    hide(&v);
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
        const bool left = t->kind == ITEM_RECT && t->box.x + t->box.width < 0.5f * 1280;
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

static void show_page_wide(shown *v, lesson *l, const char *path, int page) {
    show_page(v, l, path, page);
    v->set.width = 1280;
    v->set.height = 720;
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

/* Whether the line crosses the middle of that text's box. */
static bool strikes(point a, point b, const item *text) {
    enum { LOOKS = 200 };
    const box n = text->box;
    const float middle = text->anchor == ANCHOR_MIDDLE ? n.x : n.x + n.width / 2;
    for (int i = 0; i <= LOOKS; i++) {
        const float u = (float)i / LOOKS, x = a.x + (b.x - a.x) * u, y = a.y + (b.y - a.y) * u;
        if (fabsf(x - middle) < n.width * 0.4f && y < n.y && y > n.y - text->size * 0.7f) return true;
    }
    return false;
}

/* The line to the output would run through a row of numbers, where it reads as a minus: it goes between them. */
Test(figure_places, the_line_strikes_no_number_out) {
    static const struct {
        const char *lesson;
        int page;
        style_id style;
    } cases[] = {{"rectangular", 0, STYLE_FLAT},      {"output-size", 0, STYLE_FLAT},
                 {"separable", 1, STYLE_FLAT},        {"stride", 1, STYLE_FLAT},
                 {"conv3d-time", 1, STYLE_ISOMETRIC}, {"three-kinds-of-axis", 0, STYLE_ISOMETRIC}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        lesson l;
        char path[256];
        snprintf(path, sizeof path, SOURCE_DIR "/assets/lessons/%s.yaml", cases[k].lesson);
        show_page(&v, &l, path, cases[k].page);
        l.pages[cases[k].page].document.style = cases[k].style;
        draw(&v, v.scene.steps - 1, 1);
        int lines = 0;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *line = &v.list.items[i];
            if (line->kind != ITEM_POLYLINE || !is_output(line->paint.stroke)) continue;
            lines++;
            for (size_t n = 0; n < v.list.item_count; n++) {
                const item *number = &v.list.items[n];
                if (number->kind != ITEM_TEXT || number->tag.kind != TAG_CELL || number->tag.role != ROLE_OUTPUT)
                    continue;
                cr_expect_not(strikes(v.list.points[line->first], v.list.points[line->first + 1], number),
                              "%s, page %d: the number of cell %lld is struck out", cases[k].lesson, cases[k].page + 1,
                              (long long)number->tag.index);
            }
        }
        cr_expect_geq(lines, 1, "%s, page %d has a line to the output", cases[k].lesson, cases[k].page + 1);
        hide_page(&v, &l);
    }
}

/* In how many lines the cells of an operand stand: those whose middles are as high are one. */
static int lines_of_cells(const shown *v, int of, role r) {
    enum { MOST = 64 };
    float middle[MOST];
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_RECT || t->tag.kind != TAG_CELL || t->tag.role != r || t->tag.part != of) continue;
        const float y = t->box.y + t->box.height / 2;
        bool known = false;
        for (int k = 0; k < count; k++) known = known || fabsf(middle[k] - y) < 2;
        if (!known && count < MOST) middle[count++] = y;
    }
    return count;
}

/* A kernel of ones is no slab: each cell that is drawn has a line that is seen beside it. */
Test(figure_places, equal_cells_are_drawn_apart) {
    shown v;
    failure f = {0};
    show(&v, "nn.Conv2d(1, 1, 3)", NULL);
    v.document.parts[0].weights[0] = (tensor_source){.kind = SOURCE_CONSTANT, .value = 1};
    cr_assert(scene_update(&v.scene, &f), "%s", f.error.message);
    draw(&v, 0, 0);
    int cells = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind != ITEM_RECT || t->tag.kind != TAG_CELL || t->tag.role != ROLE_WEIGHT) continue;
        cells++;
        cr_expect_geq(color_contrast(t->paint.stroke, t->paint.fill), 1.15);
    }
    cr_expect_eq(cells, 9);
    hide(&v);
}

/* Titles that a line runs behind stand on the ground; where the picture has none, nothing is put in its place. */
Test(figure_places, titles_have_no_ground_where_the_picture_has_none) {
    static const struct {
        const char *lesson;
        int page;
    } cases[] = {{"small-objects", 4}, {"stride", 1}};
    const color ground = theme_get(THEME_LIGHT)->background;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        for (int clear = 0; clear < 2; clear++) {
            shown v;
            lesson l;
            char path[256];
            snprintf(path, sizeof path, SOURCE_DIR "/assets/lessons/%s.yaml", cases[k].lesson);
            show_page(&v, &l, path, cases[k].page);
            v.set.transparent = clear;
            draw(&v, 2, 1);
            int grounds = 0;
            for (size_t i = 0; i + 1 < v.list.item_count; i++) {
                const item *t = &v.list.items[i], *words = t + 1;
                grounds += t->kind == ITEM_RECT && words->kind == ITEM_TEXT && words->tag.kind == TAG_LABEL &&
                           same_color(t->paint.fill, ground) && t->paint.fill.a == 255;
            }
            cr_expect((grounds == 0) == clear, "%s, page %d: %d words on the ground", cases[k].lesson,
                      cases[k].page + 1, grounds);
            hide_page(&v, &l);
        }
}

/* What stands side by side to be compared is arranged alike. */
Test(figure_places, parts_of_one_operation_have_one_form) {
    shown v;
    lesson l;
    show_page_wide(&v, &l, SOURCE_DIR "/assets/lessons/groups-to-depthwise.yaml", 3);
    for (int k = 0; k < 3; k++) cr_expect_eq(lines_of_cells(&v, k, ROLE_OUTPUT), 2, "part %d", k);
    hide_page(&v, &l);
    show_page_wide(&v, &l, SOURCE_DIR "/assets/lessons/stride.yaml", 2);
    float kernel[2] = {INFINITY, INFINITY}, input[2] = {INFINITY, INFINITY};
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind != ITEM_RECT || t->tag.kind != TAG_CELL || t->tag.part > 1) continue;
        if (t->tag.role == ROLE_INPUT) input[t->tag.part] = fminf(input[t->tag.part], t->box.y);
        if (t->tag.role == ROLE_WEIGHT) kernel[t->tag.part] = fminf(kernel[t->tag.part], t->box.y);
    }
    cr_expect_float_eq(kernel[0] - input[0], kernel[1] - input[1], 1.5, "the kernel is %g under the input, and %g",
                       (double)(kernel[0] - input[0]), (double)(kernel[1] - input[1]));
    hide_page(&v, &l);
}

/* Each channel's sum stands on its line, clear of the kernel's planes. */
Test(figure_places, sums_of_channels_stand_beside_the_kernel) {
    shown v;
    lesson l;
    show_page_wide(&v, &l, SOURCE_DIR "/assets/lessons/conv3d.yaml", 4);
    float right = 0;
    int sums = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind != ITEM_POLYGON || t->tag.kind != TAG_CELL || t->tag.role != ROLE_WEIGHT) continue;
        for (size_t k = 0; k < t->count; k++) right = fmaxf(right, v.list.points[t->first + k].x);
    }
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind != ITEM_TEXT || t->tag.kind != TAG_LABEL || t->tag.role != ROLE_WEIGHT || t->face != FACE_MONO)
            continue;
        sums++;
        cr_expect_gt(t->box.x - t->box.width / 2, right, "a sum at %g, the kernel ends at %g", (double)t->box.x,
                     (double)right);
    }
    cr_expect_eq(sums, 2, "%d channels' sums", sums);
    hide_page(&v, &l);
}

/* At a corner all four shares are of one cell: none of them is said of it alone. */
Test(figure_places, a_cell_read_more_than_once_has_no_share) {
    shown v;
    lesson l;
    show_page(&v, &l, SOURCE_DIR "/assets/lessons/upsampling.yaml", 1);
    cr_expect_eq(count_texts(&v, TAG_CELL, ROLE_INPUT, "×"), 0);
    draw(&v, 7, 1); /* row 1, column 1: between four cells */
    cr_expect_eq(count_texts(&v, TAG_CELL, ROLE_INPUT, "×"), 4);
    hide_page(&v, &l);
}

/* A narrow picture's caption breaks before the shapes, not inside of them; a title leaves no word alone. */
Test(figure_places, shapes_are_not_broken_nor_words_left_alone) {
    shown v;
    show(&v, "nn.ConvTranspose2d(1, 1, 3, stride=2)", &(conv_shape){3, {1, 3, 3}});
    for (float width = 400; width <= 700; width += 20) {
        v.set.width = width;
        v.set.height = width * 0.7f;
        draw(&v, 0, 1);
        int titles = 0, shapes = 0;
        float last = 0, first = 0, all = 0, room = 0, caption = 0, cells = INFINITY;
        for (size_t i = 0; i < v.list.item_count; i++) {
            const item *t = &v.list.items[i];
            if (t->kind == ITEM_RECT && t->tag.kind == TAG_CELL) cells = fminf(cells, t->box.y);
            if (t->kind != ITEM_TEXT || t->tag.kind != TAG_CAPTION) continue;
            caption = fmaxf(caption, t->box.y);
            shapes += strstr(v.list.text + t->first, "(1, 3, 3) → (1, 7, 7)") != NULL;
            if (t->face != FACE_WORDS_BOLD) continue;
            last = t->box.x + t->box.width;
            all += t->box.width;
            room = width - 2 * t->box.x;
            if (titles++ == 0) first = last;
        }
        cr_expect_eq(shapes, 1, "%g wide: %d lines with both shapes", (double)width, shapes);
        cr_expect(titles == 1 || last > 0.1f * first, "%g wide: the title's last line ends at %g", (double)width,
                  (double)last);
        cr_expect(titles == 1 || all > 1.12f * room, "%g wide: a title of %g has two lines in %g", (double)width,
                  (double)all, (double)room);
        cr_expect_gt(cells - caption, 30, "%g wide: the figure is %g under its caption", (double)width,
                     (double)(cells - caption));
    }
    hide(&v);
}

/* A window that reaches into the padding around a picture: its frame stays on the stage, the title lies over it. */
Test(figure_places, a_frame_beside_a_picture_leaves_its_title) {
    shown v;
    lesson l;
    show_page_wide(&v, &l, SOURCE_DIR "/assets/lessons/small-objects.yaml", 4);
    draw(&v, 2, 1);
    const color c = theme_get(THEME_LIGHT)->highlight;
    size_t frame = 0, title = 0;
    for (size_t i = 0; i < v.list.item_count; i++) {
        const item *t = &v.list.items[i];
        if (t->kind == ITEM_TEXT && t->tag.kind == TAG_LABEL && t->tag.role == ROLE_INPUT &&
            strstr(v.list.text + t->first, "64"))
            title = i;
        const color s = t->paint.stroke;
        if (t->kind != ITEM_RECT || s.r != c.r || s.g != c.g || s.b != c.b || t->box.width < 60) continue;
        frame = i;
        cr_expect(t->box.x >= 1 && t->box.y >= 1, "the frame begins at (%g, %g)", (double)t->box.x, (double)t->box.y);
    }
    cr_expect_gt(frame, 0);
    cr_expect_gt(title, frame, "the title is item %zu, the frame %zu", title, frame);
    hide_page(&v, &l);
}
