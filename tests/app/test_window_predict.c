/* Questions on a page of several operations go through them in turn, the one that is pointed at first; what is asked
 * and what is right are of the same operation. */
#include "app/system/number.h"
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
