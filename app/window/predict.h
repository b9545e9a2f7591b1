/* Predict, then reveal: asks before it shows, in every lesson. Answers and mistakes are computed
 * (app/document/question.h). */
#ifndef WINDOW_PREDICT_H
#define WINDOW_PREDICT_H

#include "state.h"

void predict_toggle(window_state *w);
void predict_leave(window_state *w);             /* another document */
bool predict_hides_shape(const window_state *w); /* what would give the answer away */
bool predict_before_step(window_state *w);       /* a step forward is wanted: true when a question comes first */
void predict_choose(window_state *w, int chosen);
void predict_type(window_state *w, const char *text);
void predict_show(window_state *w);   /* the answer, without one: after a show of hands. It does not count */
void predict_follow(window_state *w); /* a question about a cell goes when another one is marked */
void predict_go_on(window_state *w);  /* after the answer was seen */

#endif
