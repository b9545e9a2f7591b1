/* One convolution that keeps several threads busy, and its bits. */
#ifndef THREADS_CASE_H
#define THREADS_CASE_H

#include "conv/conv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASE_CHANNELS = 4, CASE_FILTERS = 8, CASE_SIDE = 24, CASE_BATCH = 2 };

typedef struct work {
    conv_spec spec;
    conv_shape input;
    conv_layout layout;
    conv_operands operands;
    float *input_numbers, *weight, *bias;
    int64_t outputs;
} work;

static inline void demand(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "violated: %s\n", what);
    exit(1);
}

static inline float *case_numbers(int64_t count, unsigned seed) {
    float *numbers = malloc(sizeof(float) * (size_t)count);
    demand(numbers != NULL, "there is memory");
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        numbers[i] = (float)(int)(seed >> 16) / 32768.0f - 1.0f;
    }
    return numbers;
}

static inline work case_open(const char *op_name) {
    work w = {.input = {4, {CASE_BATCH, CASE_CHANNELS, CASE_SIDE, CASE_SIDE}}};
    conv_spec_init(&w.spec, conv_op_find(op_name));
    w.spec.in_channels = CASE_CHANNELS;
    w.spec.out_channels = CASE_FILTERS;
    for (int i = 0; i < 2; i++) w.spec.kernel_size[i] = 3;
    conv_error error = {0};
    conv_status status = conv_layout_infer(&w.spec, &w.input, 1, &w.layout, &error);
    if (status != CONV_OK) fprintf(stderr, "%s\n", error.message);
    demand(status == CONV_OK, "the case has a layout");
    w.outputs = conv_shape_count(&w.layout.output);
    w.operands.input[0] = w.input_numbers = case_numbers(conv_shape_count(&w.input), 1);
    w.operands.weight = w.weight = case_numbers(conv_shape_count(&w.layout.weight), 2);
    w.operands.bias = w.bias = case_numbers(conv_shape_count(&w.layout.bias), 3);
    return w;
}

static inline void case_close(work *w) {
    free(w->input_numbers);
    free(w->weight);
    free(w->bias);
}

static inline conv_engine *case_engine(int threads) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = threads;
    conv_engine *engine = NULL;
    demand(conv_engine_create(&options, &engine, NULL) == CONV_OK, "an engine is made");
    return engine;
}

/* Plans and runs; the output is the caller's. */
static inline float *case_run(conv_engine *engine, const work *w, conv_algorithm algorithm, int times) {
    conv_plan *plan = NULL;
    conv_error error = {0};
    conv_plan_options options = {.algorithm = algorithm};
    conv_status status = conv_plan_create(engine, &w->spec, &w->input, 1, &w->operands, &options, &plan, &error);
    if (status == CONV_UNSUPPORTED) return NULL;
    demand(status == CONV_OK, error.message);
    float *output = case_numbers(w->outputs, 9);
    for (int i = 0; i < times; i++)
        demand(conv_plan_run(plan, &w->operands, output, NULL, NULL, &error) == CONV_OK, "a plan runs");
    conv_plan_destroy(plan);
    return output;
}

static inline bool case_same(const work *w, const float *a, const float *b) {
    return memcmp(a, b, sizeof(float) * (size_t)w->outputs) == 0;
}

#endif
