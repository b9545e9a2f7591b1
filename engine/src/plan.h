/* A plan from the inside. */
#ifndef ENGINE_PLAN_H
#define ENGINE_PLAN_H

#include "algorithm.h"
#include "engine.h"

struct conv_plan {
    conv_engine *engine;
    conv_layout layout;
    const algorithm *algorithm;
    double milliseconds; /* what the cost model expects of it */
    algorithm_needs needs;
    conv_operands own; /* the plan's copies of weight, bias, running_mean and running_var; NULL: not given */
    float *weights;    /* the block they stand in */
    void *packed, *shared;
    char *per_thread;
};

/* The operands with the plan's own weights put in. */
conv_operands plan_operands(const conv_plan *plan, const conv_operands *operands);

/* Refuses operands that lack something which the layout needs. */
conv_status plan_check_operands(const conv_plan *plan, const conv_operands *operands, conv_error *error);

#endif
