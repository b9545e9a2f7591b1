/* How each kind of question is answered. */
#ifndef DOCUMENT_QUESTION_KINDS_H
#define DOCUMENT_QUESTION_KINDS_H

#include "question.h"

/* The right answer comes first, then wrong ones from the likeliest down: doubles and those that do not fit are dropped.
 */
void answer_right(answer *a, const char *text);
void answer_wrong(answer *a, const char *text, const char *reason);
void answer_wrong_count(answer *a, int64_t n, const char *reason);
void answer_explain(answer *a, const char *text); /* appends; what does not fit whole is left out */

bool question_shape(const question *q, scene *s, answer *a, failure *f);
bool question_parameters(const question *q, scene *s, answer *a, failure *f);
bool question_cost(const question *q, scene *s, answer *a, failure *f);
bool question_field(const question *q, scene *s, answer *a, failure *f);
bool question_value(const question *q, scene *s, answer *a, failure *f);
bool question_overlap(const question *q, scene *s, answer *a, failure *f);

#endif
