/* The cost model: what each algorithm's parts take, in cycles of one core, so that they can be compared. It knows the
 * layer and the instruction set only. Measured on Zen 4; elsewhere the proportions are what matters.
 * tests/engine/test_plan_choice.c says what it must choose. */
#ifndef ENGINE_COST_H
#define ENGINE_COST_H

#include "conv/engine.h"
#include "kernels.h"

enum { CYCLES_PER_MICROSECOND = 3600 };

/* Multiply-adds a cycle: two vectors of 8 or one of 16 lanes on x86, two of 4 on ARM; in plain C a call of fmaf() takes
 * about 4 cycles. */
static inline double cost_rate(const kernels *k) {
    return k == kernels_plain ? 0.25 : k->lanes >= 8 ? 16 : 8;
}

/* Moving floats between workspaces, a vector at a time: a load, a shuffle, a store. */
static inline double cost_moves(const kernels *k, double floats) {
    return floats * (k == kernels_plain ? 1.5 : 3.0 / k->lanes);
}

/* Reading what does not stay in the second-level cache: 12 bytes a cycle from the third. */
static inline double cost_stream(double bytes) {
    return bytes > 700e3 ? bytes / 12 : 0;
}

static inline double cost_milliseconds(double cycles) {
    return cycles / (1000.0 * CYCLES_PER_MICROSECOND);
}

#endif
