/* The scale of type and controls: the reader's, else one that the window's size and its screen suggest. */
#ifndef WINDOW_SCALE_H
#define WINDOW_SCALE_H

#include "state.h"

#define SCALE_LEAST 0.75f
#define SCALE_MOST 3.0f

/* For a window of that many points, on a screen with so many to the inch (0: not known). At full HD and below 1. */
float scale_suggested(float width, float height, float per_inch);

/* The one in effect, without the pixels of a point. */
float scale_now(const window_state *w);

/* What pictures, which grow with their room by themselves, add to that: the reader's wish. */
float scale_wished(const window_state *w);

/* The next larger (1) or smaller (-1) one, told in a notice. Coming back to the suggested one is choosing none. */
void scale_step(window_state *w, int by);

#endif
