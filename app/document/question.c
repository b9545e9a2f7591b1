#include "question.h"

#include "app/system/number.h"
#include "question_kinds.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the list of choices ---- */

void answer_right(answer *a, const char *text) {
    snprintf(a->right, sizeof a->right, "%s", text);
}

void answer_wrong(answer *a, const char *text, const char *reason) {
    if (a->choice_count >= QUESTION_MAX_CHOICES - 1 || strcmp(text, a->right) == 0) return;
    for (int i = 0; i < a->choice_count; i++) {
        if (strcmp(a->choices[i].text, text) == 0) return;
    }
    choice *c = &a->choices[a->choice_count++];
    snprintf(c->text, sizeof c->text, "%s", text);
    c->reason = reason;
}

void answer_wrong_count(answer *a, int64_t n, const char *reason) {
    char text[32];
    answer_wrong(a, number_write_grouped(n, text, sizeof text), reason);
}

void answer_explain(answer *a, const char *text) {
    const size_t used = strlen(a->explanation), size = sizeof a->explanation;
    if (used + strlen(text) < size) snprintf(a->explanation + used, size - used, "%s", text);
}

/* Puts the right answer among the wrong ones, at a place that depends on the question only. */
static void place_right(answer *a, const question *q) {
    uint32_t hash = 2166136261u + (uint32_t)q->kind * 977u + (uint32_t)q->step + (uint32_t)q->part * 7919u;
    for (const char *c = a->right; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    const int place = (int)((hash >> 8) % (uint32_t)(a->choice_count + 1));
    for (int i = a->choice_count; i > place; i--) a->choices[i] = a->choices[i - 1];
    a->choices[place] = (choice){0};
    memcpy(a->choices[place].text, a->right, sizeof a->right);
    a->right_choice = place;
    a->choice_count++;
}

/* ---- the kinds ---- */

static const struct {
    const char *words;
    bool (*answer)(const question *q, scene *s, answer *a, failure *f);
} kinds[] = {
    [QUESTION_NONE] = {"", NULL},
    [QUESTION_SHAPE] = {N_("Which shape does the output have?"), question_shape},
    [QUESTION_VALUE] = {N_("Which number appears in the marked output cell?"), question_value},
    [QUESTION_PARAMETERS] = {N_("How many parameters does this layer have?"), question_parameters},
    [QUESTION_COST] = {N_("How many multiply-adds does this layer need?"), question_cost},
    [QUESTION_FIELD] = {N_("How many input cells wide is the receptive field?"), question_field},
    [QUESTION_OVERLAP] = {N_("How many stamps land on the marked output cell?"), question_overlap},
};

const char *question_standard(question_kind kind) {
    return kinds[kind].words;
}

bool question_fits(question_kind kind, const scene *s, int index) {
    if (index < 0 || index >= s->part_count || kind == QUESTION_NONE) return false;
    const conv_layout *l = s->parts[index].layout;
    switch (kind) {
    case QUESTION_PARAMETERS:
        return l->weight.rank > 0;
    case QUESTION_COST:
        return l->cost.multiply_adds > 0;
    case QUESTION_FIELD:
        return l->dims > 0;
    case QUESTION_OVERLAP:
        return l->flow == CONV_SCATTER;
    case QUESTION_VALUE:
        return conv_shape_count(&l->output) > 0;
    default:
        return true;
    }
}

bool question_answer(const question *q, scene *s, answer *a, failure *f) {
    *a = (answer){0};
    if (!question_fits(q->kind, s, q->part)) return fail(f, N_("this question does not fit the operation"), "");
    if (!kinds[q->kind].answer(q, s, a, f)) return false;
    place_right(a, q);
    return true;
}

/* ---- checking what was typed ---- */

/* Without spaces, brackets, signs of full width and a last comma. */
static void normalise(const char *text, char *out, size_t size) {
    static const char *const wide[][2] = {{"，", ","}, {"（", ""}, {"）", ""}, {"、", ","},
                                          {"×", "x"},  {"−", "-"}, {"－", "-"}};
    size_t used = 0;
    while (*text && used + 2 < size) {
        bool replaced = false;
        for (size_t i = 0; i < sizeof wide / sizeof *wide && !replaced; i++) {
            const size_t length = strlen(wide[i][0]);
            if (strncmp(text, wide[i][0], length) != 0) continue;
            text += length;
            if (*wide[i][1]) out[used++] = *wide[i][1];
            replaced = true;
        }
        if (replaced) continue;
        if (!strchr(" \t\r\n()[]", *text)) out[used++] = *text == '*' || *text == 'X' ? 'x' : *text;
        text++;
    }
    while (used && out[used - 1] == ',') used--;
    out[used] = 0;
}

/* "1,254,400" is a number with groups of three; a shape has brackets. */
static bool read_grouped(const char *text, double *number) {
    char plain[64];
    size_t used = 0;
    for (; *text && used + 1 < sizeof plain; text++) {
        if (*text != ',') plain[used++] = *text;
    }
    plain[used] = 0;
    return number_read_real(plain, number);
}

bool question_check(const answer *a, const char *typed) {
    char right[64], said[64];
    double x, y;
    normalise(a->right, right, sizeof right);
    normalise(typed, said, sizeof said);
    if (said[0] == 0) return false;
    if (strcmp(right, said) == 0) return true;
    if (a->right[0] == '(') return false;
    if (!read_grouped(right, &x) || !read_grouped(said, &y)) return false;
    return fabs(x - y) <= 1e-6 * fmax(1, fabs(x));
}
