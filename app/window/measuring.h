/* What a view measures (times, a recorded run, the effective field) is measured beside the window, on a thread, an
 * engine and a scene of its own: real runs of large layers take longer than a frame. Until it is there the views say
 * that they measure. */
#ifndef WINDOW_MEASURING_H
#define WINDOW_MEASURING_H

#include "state.h"

typedef struct measuring measuring;

/* Once a frame: brings what was measured into the scene, and begins to measure where the view wants it. Results of a
 * document that has changed since are thrown away. Where no thread can be had the window waits. */
void measuring_tick(window_state *w);

/* Whether what the view measures is there or will be. */
bool measuring_hopes(const window_state *w);

/* Waits until what is being measured is there; the next tick brings it. */
void measuring_wait(window_state *w);

/* Ends what is under way, after the run that it is at. */
void measuring_stop(window_state *w);

#endif
