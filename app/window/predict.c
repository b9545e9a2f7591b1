#include "predict.h"
#include "playback.h"
#include <stdio.h>
#include <string.h>

/* Which of several operations is meant: by its caption, else as it is typed. */
static void name_part(const window_state *w, int index, char *text, size_t size) {
    enum { LONG = 72 };
    const part *p = &w->history.document.parts[index];
    const char *own = w->settings.language == LANGUAGE_ZH && p->caption_zh ? p->caption_zh : p->caption_en;
    const char *name = own ? own : p->expression ? p->expression : "";
    if (*name && strlen(name) <= LONG && !strchr(name, '\n'))
        snprintf(text, size, "%s", name);
    else
        tr_format(w->settings.language, text, (int)size, N_("Operation {0}"), "d", (int64_t)index + 1);
}

/* How a number comes about in the words of the step that computes it: not all of them are sums. */
static void explain_step(window_state *w, int index, int64_t step) {
    enum { EXPLANATION_SIZE = 160 };
    char text[EXPLANATION_SIZE + sizeof w->predict.answer.right];
    answer *a = &w->predict.answer;
    if (w->scene.parts[index].layout->flow != CONV_GATHER) return;
    figure_arithmetic(&w->scene, index, (moment){step, 1}, false, text, EXPLANATION_SIZE);
    char *result = strrchr(text, '=');
    if (result) snprintf(result, sizeof text - (size_t)(result - text), "= %s", a->right); /* as the choice has it */
    if (text[0]) snprintf(a->explanation, sizeof a->explanation, "%s", text);
}

static bool ask(window_state *w, question_kind kind, int index, int64_t step, const phrase *words) {
    prediction *p = &w->predict;
    question q = {.kind = kind, .step = step, .page = w->page, .part = index};
    failure f = {0};
    char name[128];
    if (!question_fits(kind, &w->scene, index) || !question_answer(&q, &w->scene, &p->answer, &f)) return false;
    if (kind == QUESTION_VALUE) explain_step(w, index, step);
    const char *own = words ? words->text[w->settings.language] : NULL;
    if (own && *own) {
        snprintf(p->ask, sizeof p->ask, "%s", own);
    } else if (w->scene.part_count > 1) {
        name_part(w, index, name, sizeof name);
        snprintf(p->ask, sizeof p->ask, "%s\n%s", name, say(w, question_standard(kind)));
    } else {
        snprintf(p->ask, sizeof p->ask, "%s", say(w, question_standard(kind)));
    }
    p->kind = kind;
    p->part = index;
    p->step = step;
    p->chosen = -1;
    p->typed[0] = 0;
    p->right = p->revealed = p->shown = false;
    p->asking = true;
    p->asked_of = w->history.revision;
    w->scroll_question = (ui_scroll){0};
    w->play.playing = false;
    if (kind == QUESTION_VALUE && w->scene.parts[index].layout->flow == CONV_GATHER)
        playback_before(w, step); /* the cell that is marked is the one that is asked about */
    return true;
}

/* The operation that is pointed at comes first. */
static int first_part(const window_state *w) {
    const tag *h = &w->easel.hover;
    return h->kind != TAG_NONE && h->part > 0 && h->part < w->scene.part_count ? h->part : 0;
}

/* The lesson's own question first, where it has one about this page; else the shape. */
static void ask_first(window_state *w) {
    const question *q = w->lesson_open ? &w->lesson.question : NULL;
    const int first = first_part(w);
    w->predict.parts = 1;
    w->predict.asking = false;
    if (q && q->kind != QUESTION_NONE && q->page == w->page && q->part == first &&
        ask(w, q->kind, first, q->step, &q->ask))
        return;
    ask(w, QUESTION_SHAPE, first, 0, NULL);
}

/* What was asked about one operation is asked about each of the page, in turn. */
static bool ask_next_part(window_state *w) {
    prediction *p = &w->predict;
    int index = p->part;
    while (p->parts < w->scene.part_count) {
        p->parts++;
        index = (index + 1) % w->scene.part_count;
        if (ask(w, p->kind, index, p->step, NULL)) return true;
    }
    return false;
}

/* A number of each operation in turn: of the one that is pointed at first. */
static bool ask_value(window_state *w, int64_t step) {
    const int count = w->scene.part_count, first = first_part(w) + (int)(step % count);
    for (int k = 0; k < count; k++) {
        const int index = (first + k) % count;
        const conv_layout *l = w->scene.parts[index].layout;
        if (l->flow == CONV_GATHER && step < l->steps && ask(w, QUESTION_VALUE, index, step, NULL)) return true;
    }
    return false;
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
    const int64_t next = playback_done(w);
    return w->scene_open && w->scene.part_count > 0 && next < w->play.last && ask_value(w, next);
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

void predict_show(window_state *w) {
    prediction *p = &w->predict;
    if (!p->asking || p->revealed) return;
    p->revealed = p->shown = true;
}

void predict_follow(window_state *w) {
    prediction *p = &w->predict;
    if (!p->asking || p->kind != QUESTION_VALUE || p->part >= w->scene.part_count) return;
    const bool marked = p->step >= w->play.first && p->step < w->play.last;
    if (marked && w->scene.parts[p->part].layout->flow == CONV_GATHER && w->play.at.step != p->step)
        p->asking = p->revealed = false;
}

void predict_go_on(window_state *w) {
    prediction *p = &w->predict;
    if (!p->asking) return;
    bool value = p->kind == QUESTION_VALUE && p->step == playback_done(w);
    p->asking = p->revealed = false;
    if (value)
        playback_step(w, 1);
    else if (p->kind != QUESTION_VALUE)
        ask_next_part(w);
}
