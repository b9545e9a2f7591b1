/* Implicit GEMM: weights times patches, the patches gathered panel by panel and never as a whole matrix. Any
 * convolution. */
#ifndef ENGINE_IM2COL_H
#define ENGINE_IM2COL_H

#include "algorithm.h"

extern const algorithm im2col_algorithm;

/* The same product without gathering, see windows.c; and whether it is the better one. */
extern const algorithm windows_algorithm, windows_transposed_algorithm;
bool windows_suit(const conv_layout *layout, unsigned cpu);
double gathered_cost(const conv_layout *layout, unsigned cpu);

#endif
