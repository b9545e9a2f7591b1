/* Questions on a page of several operations go through them in turn, the one that is pointed at first; what is asked
 * and what is right are of the same operation. */
#include "app/system/number.h"
#include "app/window/playback.h"
#include "app/window/predict.h"
#include "window_harness.h"

/* A page whose parts differ in their outputs' shapes. */
static harness *open_parts(void) {
    harness *h = start_sized(1440, 900);
    window_state *w = &h->w;
    failure f = {0};
    cr_assert(language_load(ASSETS, NULL));
    for (int i = 0; i < w->lessons.count; i++) {
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        for (int p = 0; p < w->lesson.page_count; p++) {
            cr_assert(state_open_page(w, p));
            bool gathers = w->scene.part_count > 1 && w->lesson.question.page != p;
            for (int k = 0; gathers && k < w->scene.part_count; k++)
                gathers = w->scene.parts[k].layout->flow == CONV_GATHER && w->scene.parts[k].layout->steps > 3;
            if (gathers && !conv_shape_equal(&w->scene.parts[0].layout->output, &w->scene.parts[1].layout->output)) {
                idle(h);
                return h;
            }
        }
    }
    cr_assert_fail("no page has several operations");
    return h;
}

static void expect_shape_of(harness *h, int index) {
    const prediction *p = &h->w.predict;
    char shape[64];
    cr_assert(p->asking && !p->revealed);
    cr_expect_eq(p->kind, QUESTION_SHAPE);
    cr_expect_eq(p->part, index);
    conv_shape_text(&h->w.scene.parts[index].layout->output, shape, (int)sizeof shape);
    cr_expect_str_eq(p->answer.right, shape, "operation %d", index);
    cr_expect_not_null(strchr(p->ask, '\n'), "the question says which operation: %s", p->ask);
}

Test(window_predict, shapes_of_all_parts_are_asked_in_turn) {
    harness *h = open_parts();
    window_state *w = &h->w;
    const int count = w->scene.part_count;
    predict_toggle(w);
    for (int k = 0; k < count; k++) {
        expect_shape_of(h, k);
        predict_choose(w, w->predict.answer.right_choice);
        predict_go_on(w);
    }
    cr_expect_not(w->predict.asking, "each was asked once");
    cr_expect_eq(w->predict.score, count);
    stop(h);
}

/* The card goes beside the figure before it takes its height. */
Test(window_predict, a_card_leaves_the_figure_its_height) {
    int under = 0, beside = 0;
    for (float height = 420; height <= 1200; height += 20)
        for (float card = 120; card <= 420; card += 60)
            for (int way = 0; way < 8; way++) {
                const float scale = way & 1 ? 2 : 1;
                const layout_wishes w = {.width = 1440 * scale,
                                         .height = height * scale,
                                         .scale = scale,
                                         .inspector = (way & 2) != 0,
                                         .presenting = (way & 4) != 0,
                                         .question = card * scale};
                const window_layout l = layout_make(&w);
                if (l.question_beside || l.question.height <= 0) {
                    beside += l.question_beside;
                    continue;
                }
                under++;
                cr_expect_geq(l.figure.height, 280 * scale, "%g high, a card of %g: the figure has %g", (double)height,
                              (double)card, (double)(l.figure.height / scale));
            }
    cr_expect(under > 0 && beside > 0, "%d under, %d beside", under, beside);
}

/* Choices beside each other are of one height, and where all are, nothing of them is cut. */
static void expect_row(harness *h, const char *what) {
    const answer *a = &h->w.predict.answer;
    ui *u = &h->w.ui;
    box first = {0}, last = {0};
    for (int i = 0; i < a->choice_count; i++) {
        char name[UI_NAME_SIZE];
        snprintf(name, sizeof name, "choice.%d", i);
        const box b = control(h, name)->box;
        if (i == 0) first = b;
        if (i > 0 && b.y == last.y) cr_expect_float_eq(b.height, last.height, 0.5, "%s: %s", what, name);
        last = b;
    }
    if (a->choice_count < 3 || first.y != last.y) return;
    for (int i = 0; i < a->choice_count; i++)
        cr_expect_leq(ui_width(u, FACE_MONO, ui_px(u, 16), a->choices[i].text) + ui_px(u, 78), first.width + 1,
                      "%s: %s", what, a->choices[i].text);
}

Test(window_predict, choices_in_a_row_are_alike) {
    harness *h = start_sized(1440, 900);
    window_state *w = &h->w;
    cr_assert(language_load(ASSETS, NULL));
    const int step = test_extent() == EXTENT_FEW ? 5 : 2;
    for (int i = 0; i < w->lessons.count; i += step) {
        failure f = {0};
        const char *id = w->lessons.entries[i].id;
        cr_assert(state_open_lesson(w, id, 0, false, &f), "%s", f.error.message);
        idle(h);
        if (!w->predict.on) predict_toggle(w);
        idle(h);
        if (!w->predict.asking) continue;
        expect_row(h, id);
        predict_choose(w, w->predict.answer.right_choice == 0);
        idle(h);
        expect_row(h, id);
        predict_toggle(w);
    }
    document d; /* long choices */
    failure f = {0};
    cr_assert(document_from_expression(&d, "nn.Conv2d(16, 128, 3)", &(conv_shape){4, {1, 16, 48, 48}}, &f));
    cr_assert(state_open_document(w, &d, false, &f), "%s", f.error.message);
    document_destroy(&d);
    if (w->predict.on) predict_toggle(w);
    predict_toggle(w);
    idle(h);
    cr_assert(w->predict.asking && w->predict.kind == QUESTION_SHAPE && w->predict.answer.choice_count == 4);
    expect_row(h, "long choices");
    stop(h);
}

/* Of a stage 690 high: what is explained is looked at in the figure. */
Test(window_predict, a_verdict_leaves_room_for_its_figure) {
    static const char *const ids[] = {"deformable", "transposed", "conv2d"};
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        harness *h = start_lesson(ids[i]);
        predict_toggle(&h->w);
        cr_assert(h->w.predict.asking, "%s", ids[i]);
        predict_choose(&h->w, h->w.predict.answer.right_choice == 0);
        idle(h);
        cr_expect(h->w.predict.revealed);
        cr_expect_gt(h->w.layout.question.height, 0);
        cr_expect_gt(h->w.layout.figure.height, 400, "%s: %g", ids[i], (double)h->w.layout.figure.height);
        stop(h);
    }
}

Test(window_predict, the_part_that_is_pointed_at_comes_first) {
    harness *h = open_parts();
    window_state *w = &h->w;
    w->easel.hover = (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .part = 1, .layer = w->scene.parts[1].focus};
    predict_toggle(w);
    expect_shape_of(h, 1);
    predict_go_on(w);
    expect_shape_of(h, w->scene.part_count > 2 ? 2 : 0);
    stop(h);
}

Test(window_predict, numbers_are_asked_of_each_part) {
    harness *h = open_parts();
    window_state *w = &h->w;
    const int count = w->scene.part_count;
    bool asked[DOCUMENT_MAX_PARTS] = {false};
    predict_toggle(w);
    for (int k = 0; k < count; k++) predict_go_on(w);
    for (int64_t step = 0; step < count; step++) {
        char text[40];
        w->easel.hover = (tag){.kind = TAG_NONE, .index = -1};
        cr_assert(predict_before_step(w), "step %lld", (long long)step);
        const prediction *p = &w->predict;
        cr_expect_eq(p->kind, QUESTION_VALUE);
        cr_expect_str_eq(p->answer.right,
                         number_write((double)w->scene.parts[p->part].output[step], 4, text, sizeof text));
        asked[p->part] = true;
        predict_choose(w, p->answer.right_choice);
        predict_go_on(w);
        playback_seek(w, step + 1);
    }
    for (int k = 0; k < count; k++) cr_expect(asked[k], "operation %d was never asked about", k);
    stop(h);
}

/* The explanation is the arithmetic that gives the right answer: of a maximum no sum, of a layer with bias its bias. */
Test(window_predict, numbers_are_explained_by_what_is_done) {
    static const struct {
        const char *expression, *begins, *holds;
    } cases[] = {{"nn.MaxPool2d(2)", "max(", ", "},
                 {"nn.AvgPool2d(2)", "(", ") \xc3\xb7 4"},
                 {"nn.Conv2d(1, 1, 3)", "", " + (-3) = "},
                 {"nn.Conv2d(2, 3, 3, bias=False)", "", "\xc3\x97"},
                 {"nn.Conv2d(1, 1, (3, 3), bias=False)", "0.123", "\xc3\x97"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness *h = start(cases[i].expression);
        window_state *w = &h->w;
        const answer *a = &w->predict.answer;
        change c = {.kind = CHANGE_CELL, .role = ROLE_BIAS, .index = 0, .real = -3};
        change odd = {.kind = CHANGE_CELL, .role = ROLE_INPUT, .index = 0, .real = 0.12345F};
        if (cases[i].begins[0] == '0') cr_assert(state_change(w, &odd, NULL)); /* more digits than a cell has */
        if (w->scene.parts[0].operands.bias) cr_assert(state_change(w, &c, NULL));
        predict_toggle(w);
        predict_go_on(w);
        cr_assert(predict_before_step(w), "%s", cases[i].expression);
        cr_assert_eq(w->predict.kind, QUESTION_VALUE);
        const char *text = a->explanation, *last = strrchr(text, '=');
        cr_assert_not_null(last, "%s: %s", cases[i].expression, text);
        cr_expect_eq(strncmp(text, cases[i].begins, strlen(cases[i].begins)), 0, "%s: %s", cases[i].expression, text);
        cr_expect_not_null(strstr(text, cases[i].holds), "%s: %s", cases[i].expression, text);
        cr_expect_str_eq(last + 2, a->right, "%s: %s", cases[i].expression, text);
        stop(h);
    }
}

/* The output cell of the step that is about to begin: what "the marked output cell" means. */
static void expect_marked(harness *h, int64_t step) {
    cr_expect_eq(h->w.predict.step, step);
    cr_expect_eq(h->w.play.at.step, step);
    cr_expect_eq(h->w.play.at.progress, MOMENT_ARRIVED);
    cr_expect_eq(playback_done(&h->w), step);
}

Test(window_predict, the_marked_cell_is_the_one_that_is_asked_about) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    predict_toggle(&h->w);
    predict_go_on(&h->w);
    for (int64_t step = 0; step < 3; step++) {
        press_key(h, KEY_RIGHT, 0);
        cr_assert(h->w.predict.asking && h->w.predict.kind == QUESTION_VALUE);
        expect_marked(h, step);
        predict_choose(&h->w, h->w.predict.answer.right_choice);
        press_key(h, KEY_ENTER, 0);
        wait_seconds(h, 20);
        cr_expect_eq(playback_done(&h->w), step + 1);
    }
    stop(h);
    h = start_lesson("pooling"); /* its own question is about a step in the middle */
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "pooling", h->w.lesson.question.page, false, &f), "%s", f.error.message);
    predict_toggle(&h->w);
    idle(h);
    cr_assert_eq(h->w.predict.kind, QUESTION_VALUE);
    cr_expect_gt(h->w.predict.step, 0);
    expect_marked(h, h->w.predict.step);
    stop(h);
}

/* In a small window the question about a cell leaves the cell in sight, and the way on stays in sight too. */
Test(window_predict, the_question_stands_beside_the_cell_that_it_is_about) {
    static const struct {
        int width, height;
        bool presenting;
    } sizes[] = {{960, 600, false}, {960, 600, true}, {1024, 640, false}, {1440, 900, false}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        harness *h = start_sized(sizes[i].width, sizes[i].height);
        failure f = {0};
        cr_assert(state_open_lesson(&h->w, "channels", 0, false, &f), "%s", f.error.message);
        h->w.present.on = sizes[i].presenting;
        predict_toggle(&h->w);
        predict_go_on(&h->w);
        for (int revealed = 0; revealed < 2; revealed++) {
            press_key(h, revealed ? 'a' : KEY_RIGHT, 0);
            idle(h);
            cr_assert(h->w.predict.asking && h->w.predict.revealed == revealed);
            const box q = h->w.layout.question, stage = h->w.layout.figure, go = control(h, "predict.go")->box;
            cr_expect_gt(q.width, 0);
            cr_expect(q.x >= stage.x + stage.width || q.y >= stage.y + stage.height, "it lies over the figure");
            cr_expect_geq(stage.width, 300);
            cr_expect(control(h, "predict.go")->visible);
            cr_expect(go.y >= q.y && go.y + go.height <= q.y + q.height, "%dx%d: the way on is out of sight",
                      sizes[i].width, sizes[i].height);
        }
        stop(h);
    }
}

static void ask_at(harness *h, int64_t step) {
    predict_toggle(&h->w);
    predict_go_on(&h->w);
    playback_seek(&h->w, step);
    press_key(h, KEY_RIGHT, 0);
    cr_assert(h->w.predict.asking && !h->w.predict.revealed && h->w.predict.kind == QUESTION_VALUE);
    expect_marked(h, step);
}

/* Who goes elsewhere leaves the question: another cell is marked there, and its number may be seen. */
Test(window_predict, a_question_goes_when_another_cell_is_marked) {
    static const int keys[] = {KEY_LEFT, KEY_PAGE_UP, KEY_HOME, KEY_END};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        for (int revealed = 0; revealed < 2; revealed++) {
            harness *h = start("nn.Conv2d(1, 1, 3)");
            ask_at(h, 4);
            if (revealed) predict_choose(&h->w, 0);
            const int asked = h->w.predict.asked;
            press_key(h, keys[i], 0);
            cr_expect_not(h->w.predict.asking, "key %d", keys[i]);
            cr_expect(h->w.predict.on);
            cr_expect_eq(h->w.predict.asked, asked, "it was not answered");
            if (keys[i] != KEY_END) {
                press_key(h, KEY_RIGHT, 0);
                cr_expect(h->w.predict.asking && !h->w.predict.revealed, "the next number is asked for again");
                expect_marked(h, h->w.predict.step);
            }
            stop(h);
        }
}

/* With nothing but a clicker: the question, a show of hands, the answer, the step. */
Test(window_predict, the_clicker_shows_the_answer_and_goes_on) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    cr_assert(language_load(ASSETS, NULL));
    ask_at(h, 2);
    press_key(h, KEY_F5, 0);
    press_key(h, KEY_PAGE_DOWN, 0);
    cr_assert(h->w.predict.asking && h->w.predict.revealed);
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "It is "));
    cr_expect_not(shows_text(&h->w.regions[REGION_OVERLAY].list, "Not quite"), "nobody was wrong");
    cr_expect_eq(h->w.predict.asked, 0, "nobody answered");
    press_key(h, KEY_PAGE_DOWN, 0);
    cr_expect_not(h->w.predict.asking);
    wait_seconds(h, 20);
    cr_expect_eq(playback_done(&h->w), 3);
    press_key(h, KEY_PAGE_DOWN, 0);
    cr_expect(h->w.predict.asking && !h->w.predict.revealed);
    expect_marked(h, 3);
    predict_choose(&h->w, (h->w.predict.answer.right_choice + 1) % h->w.predict.answer.choice_count);
    idle(h);
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "Not quite"), "a wrong answer is one");
    stop(h);
}
