/* What each input channel alone adds to an output cell: the filter's slices run by the engine as a depthwise
 * convolution. */
#ifndef FIGURE_PARTIALS_H
#define FIGURE_PARTIALS_H

#include "window.h"

/* Writes the sums of the channels of the window's group (without bias) to sums[0 .. in_group). False when the operation
 * has none. */
bool partials_at(stage *s, const window *w, float *sums, int64_t capacity);

#endif
