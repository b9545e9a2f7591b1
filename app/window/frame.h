/* The window's one function: events in, display lists and wishes out. It reads no clock and knows no SDL. */
#ifndef WINDOW_FRAME_H
#define WINDOW_FRAME_H

#include "state.h"

/* What it works with is borrowed and must outlive it. Opens nothing yet: follow with state_open_lesson or
 * state_open_document. */
bool window_begin(window_state *w, const fonts *type, conv_engine *engine, const char *assets, failure *f);
/* Ends and waits for what makes something that lasts, or that is short; what is being opened goes on. */
void window_stop(window_state *w);
void window_end(window_state *w);

/* One frame at that time (seconds, growing): each event in turn, then what there is to see, in w->regions, and what is
 * wanted of the surroundings, in w->effects. */
void window_update(window_state *w, const window_event *events, int count, double time);

#endif
