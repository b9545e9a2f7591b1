/* Random operations of every kind with tensors that fit: from a seed, the same on every machine. Tests and benchmarks
 * draw from here. */
#ifndef TESTS_ENGINE_RANDOM_SPEC_H
#define TESTS_ENGINE_RANDOM_SPEC_H

#include "conv/conv.h"

typedef struct random_case {
    conv_spec spec;
    int input_count;
    conv_shape inputs[CONV_MAX_INPUTS];
    conv_layout layout;
    conv_operands operands;        /* point into `memory` */
    float *input[CONV_MAX_INPUTS]; /* the same inputs, to be changed */
    void *memory;
    char text[512]; /* "nn.Conv2d(...) on (1, 2, 5, 5)" */
} random_case;

/* A generator's state: any number is a seed. */
typedef struct random_state {
    uint64_t state;
} random_state;

int random_int(random_state *r, int low, int high); /* both included */
float random_real(random_state *r);                 /* in [-1, 1) */
bool random_chance(random_state *r, double chance);

/* Draws an operation of row `op`, with an input that it takes. */
void random_case_draw(random_state *r, const conv_op *op, random_case *c);
void random_case_free(random_case *c);

#endif
