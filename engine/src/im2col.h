/* Implicit GEMM: weights times patches, the patches gathered panel by panel and never as a whole matrix. Any
 * convolution. */
#ifndef ENGINE_IM2COL_H
#define ENGINE_IM2COL_H

#include "algorithm.h"

extern const algorithm im2col_algorithm;

/* Milliseconds of a processor: what windows.h is weighed against. */
double gathered_cost(const conv_layout *layout, unsigned cpu);

#endif
