#include "predict.h"
#include "playback.h"
#include <stdio.h>
#include <string.h>

static void ask(window_state *w, question_kind kind, int64_t step, const phrase *words) {
    prediction *p = &w->predict;
    question q = {.kind = kind, .step = step, .page = w->page};
    failure f = {0};
    if (!question_fits(kind, &w->scene) || !question_answer(&q, &w->scene, &p->answer, &f)) return;
    const char *own = words ? words->text[w->settings.language] : NULL;
    snprintf(p->ask, sizeof p->ask, "%s", own && *own ? own : say(w, question_standard(kind)));
    p->kind = kind;
    p->step = step;
    p->chosen = -1;
    p->typed[0] = 0;
    p->right = p->revealed = false;
    p->asking = true;
    p->asked_of = w->history.revision;
    w->scroll_question = (ui_scroll){0};
    w->play.playing = false;
}

/* The lesson's own question first, where it has one about this page; else the shape. */
static void ask_first(window_state *w) {
    const question *q = w->lesson_open ? &w->lesson.question : NULL;
    if (q && q->kind != QUESTION_NONE && q->page == w->page) ask(w, q->kind, q->step, &q->ask);
    if (!w->predict.asking) ask(w, QUESTION_SHAPE, 0, NULL);
}

void predict_toggle(window_state *w) {
    prediction *p = &w->predict;
    if (p->on) {
        *p = (prediction){.chosen = -1};
        return;
    }
    *p = (prediction){.on = true, .chosen = -1};
    if (!w->scene_open) return;
    playback_reset(w, false);
    ask_first(w);
}

void predict_leave(window_state *w) {
    prediction *p = &w->predict;
    if (!p->on) return;
    p->asking = p->revealed = false;
    if (w->scene_open) ask_first(w);
}

bool predict_hides_shape(const window_state *w) {
    const prediction *p = &w->predict;
    return p->on && p->asking && !p->revealed && p->kind != QUESTION_VALUE && p->kind != QUESTION_OVERLAP;
}

bool predict_before_step(window_state *w) {
    prediction *p = &w->predict;
    if (!p->on) return false;
    if (p->asking) return true;
    int64_t next = playback_done(w);
    bool gather = w->scene_open && w->scene.part_count > 0 && w->scene.parts[0].layout->flow == CONV_GATHER;
    if (gather && next < w->play.last) ask(w, QUESTION_VALUE, next, NULL);
    return p->asking;
}

static void reveal(window_state *w, bool right) {
    prediction *p = &w->predict;
    p->right = right;
    p->revealed = true;
    p->asked++;
    p->score += right ? 1 : 0;
}

void predict_choose(window_state *w, int chosen) {
    prediction *p = &w->predict;
    if (!p->asking || p->revealed || chosen < 0 || chosen >= p->answer.choice_count) return;
    p->chosen = chosen;
    reveal(w, chosen == p->answer.right_choice);
}

void predict_type(window_state *w, const char *text) {
    prediction *p = &w->predict;
    if (!p->asking || p->revealed || !*text) return;
    snprintf(p->typed, sizeof p->typed, "%s", text);
    for (int i = 0; i < p->answer.choice_count; i++) { /* a letter is a choice */
        bool letter = (text[0] | 0x20) == 'a' + i && !text[1];
        if (letter) {
            predict_choose(w, i);
            return;
        }
    }
    reveal(w, question_check(&p->answer, text));
}

void predict_go_on(window_state *w) {
    prediction *p = &w->predict;
    if (!p->asking) return;
    bool value = p->kind == QUESTION_VALUE && p->step == playback_done(w);
    p->asking = p->revealed = false;
    if (value) playback_step(w, 1);
}
