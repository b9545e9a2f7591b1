/* Reading the golden cases: the format is described in tests/golden/generate.py. */
#ifndef TESTS_ENGINE_GOLDEN_H
#define TESTS_ENGINE_GOLDEN_H

#include "conv/conv.h"
#include <stdio.h>

enum { GOLDEN_MAX_ARRAYS = 16 };

typedef struct golden_array {
    char name[24];
    conv_shape shape;
    float *floats; /* one of the two */
    int64_t *integers;
} golden_array;

typedef struct golden_case {
    char title[256];
    conv_spec spec;
    bool set_refused; /* a parameter's value was refused already */
    bool refused;     /* what PyTorch did */
    conv_error error; /* of set_refused */
    int array_count;
    golden_array arrays[GOLDEN_MAX_ARRAYS];
} golden_case;

/* Reads the next case; false at the end of the file. Aborts the test on a malformed file. */
bool golden_read(FILE *file, golden_case *c);
void golden_free(golden_case *c);

/* The array of that name, or NULL. */
const golden_array *golden_find(const golden_case *c, const char *name);

/* Runs the case on the engine; false, with a line in `why`, when the answer is not PyTorch's. */
bool golden_check(conv_engine *engine, const golden_case *c, char *why, size_t size);

#endif
