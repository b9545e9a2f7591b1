/* What padding cuts off a transposed convolution: the same operation without padding, run by the engine step for step.
 */
#ifndef FIGURE_RIM_H
#define FIGURE_RIM_H

#include "stage.h"

/* The output with its rim after the first `steps` steps; NULL when the operation cuts nothing off or it would be too
 * large. */
const float *rim_state(stage *s, int index, int64_t steps);

#endif
