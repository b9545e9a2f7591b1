/* Winograd's minimal filtering in one or two directions, with any dilation (each remainder modulo the dilation is a
 * picture of its own), a third axis summed like channels; of a transposed convolution the phases (winograd_parts.c).
 * Six points of a tile give F(4, 3), F(2, 5), F(3, 4) and F(5, 2): an axis with a longer kernel, or with a stride, is a
 * sum of sub-kernels of three, five, four or two taps. */
#ifndef ENGINE_WINOGRAD_H
#define ENGINE_WINOGRAD_H

#include "algorithm.h"

extern const algorithm winograd_algorithm;

#endif
