/* Predict, then reveal: what a question asks, its right answer and the well-known wrong ones, all computed. */
#ifndef DOCUMENT_QUESTION_H
#define DOCUMENT_QUESTION_H

#include "lesson.h"

enum { QUESTION_MAX_CHOICES = 4 };

typedef struct choice {
    char text[64];      /* "(1, 3, 3)", "7", "81": numbers and shapes, the same in every language */
    const char *reason; /* wrong ones: the mistake that leads there, translatable; the right one: NULL */
} choice;

typedef struct answer {
    char right[64];
    choice choices[QUESTION_MAX_CHOICES]; /* the right one among them; in an order that depends on the question only */
    int choice_count, right_choice;
    char explanation[512]; /* the arithmetic: the formula with its numbers, the sum written out */
} answer;

/* Standard words for a kind of question, translatable: "Which shape does the output have?" */
const char *question_standard(question_kind kind);

/* Asks about part q->part of the scene. QUESTION_VALUE and QUESTION_OVERLAP ask about step q->step: the output
 * element that this step computes (gather), or the output element of that flat index (scatter). */
bool question_answer(const question *q, scene *s, answer *a, failure *f);

/* A question of that kind for a part of any scene: kinds that do not fit the operation are refused. */
bool question_fits(question_kind kind, const scene *s, int index);

/* Whether what was typed is the right answer: spaces, brackets and a trailing comma do not matter; "3.0" is 3. */
bool question_check(const answer *a, const char *typed);

#endif
