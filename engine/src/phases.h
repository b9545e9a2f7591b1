/* Transposed convolution without zeros put in: the output cells of one phase are a small ordinary convolution. */
#ifndef ENGINE_PHASES_H
#define ENGINE_PHASES_H

#include "algorithm.h"

extern const algorithm phases_algorithm;

#endif
