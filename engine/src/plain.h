/* The reference: every output element by its own chain, for every operation. */
#ifndef ENGINE_PLAIN_H
#define ENGINE_PLAIN_H

#include "algorithm.h"

extern const algorithm plain_algorithm;

/* Output elements [first, last) of any operation, by the best set in a mask where its kind has routines of it. */
void plain_outputs(const conv_layout *layout, unsigned cpu, const conv_operands *operands, int64_t first, int64_t last,
                   float *output, int64_t *indices);

/* Rough number of taps of one output element. */
int64_t plain_taps(const conv_layout *layout);

#endif
