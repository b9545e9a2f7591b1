/* Implicit GEMM: weights times patches, the patches gathered panel by panel and never as a whole matrix. Any
 * convolution. */
#ifndef ENGINE_IM2COL_H
#define ENGINE_IM2COL_H

#include "algorithm.h"

extern const algorithm im2col_algorithm;

#endif
