/* The reference: every output element by its own chain, in plain C, for every operation. */
#ifndef ENGINE_PLAIN_H
#define ENGINE_PLAIN_H

#include "algorithm.h"

extern const algorithm plain_algorithm;

/* Rough number of taps of one output element. */
int64_t plain_taps(const conv_layout *layout);

#endif
