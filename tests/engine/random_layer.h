/* Random convolutions, small enough for the plain reference, odd enough to meet every edge of a fast kernel. */
#ifndef TESTS_ENGINE_RANDOM_LAYER_H
#define TESTS_ENGINE_RANDOM_LAYER_H

#include "layer.h"
#include <math.h>
#include <stdio.h>

typedef struct random_source {
    uint64_t state;
} random_source;

static inline uint64_t random_bits(random_source *r) {
    r->state = r->state * 6364136223846793005u + 1442695040888963407u;
    return r->state >> 33;
}

/* From first to last, both included. */
static inline int64_t random_int(random_source *r, int64_t first, int64_t last) {
    return first + (int64_t)(random_bits(r) % (uint64_t)(last - first + 1));
}

static inline float random_float(random_source *r, double scale) {
    return (float)(((double)random_bits(r) / (double)(1u << 30) - 1) * scale);
}

typedef struct random_layer {
    conv_spec spec;
    conv_shape input;
    conv_layout layout;
    conv_operands operands;
    float *x, *w, *b;
    char text[256];
} random_layer;

/* What a test wants of its random layers; -1: anything. */
typedef struct random_wish {
    bool transposed;
    int64_t dims, kernel, stride, dilation, channels_in_group, outputs_in_group, largest;
    int64_t side; /* 0: anything up to the largest */
} random_wish;

static inline int64_t wished(int64_t wish, random_source *r, int64_t first, int64_t last) {
    int64_t any = random_int(r, first, last);
    return wish >= 0 ? wish : any;
}

static inline bool random_spec(random_source *r, const random_wish *wish, random_layer *l) {
    static const char *const names[2][3] = {{"Conv1d", "Conv2d", "Conv3d"},
                                            {"ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"}};
    int dims = (int)wished(wish->dims, r, 1, 3);
    conv_spec *s = &l->spec;
    *s = spec_of(names[wish->transposed][dims - 1]);
    s->groups = random_int(r, 0, 2) == 0 ? random_int(r, 2, 4) : 1;
    s->in_channels = s->groups * wished(wish->channels_in_group, r, 1, random_int(r, 0, 3) == 0 ? 40 : 6);
    s->out_channels = s->groups * wished(wish->outputs_in_group, r, 1, random_int(r, 0, 3) == 0 ? 70 : 9);
    for (int i = 0; i < dims; i++) {
        s->kernel_size[i] = wished(wish->kernel, r, 1, random_int(r, 0, 5) == 0 ? 7 : 4);
        s->stride[i] = wished(wish->stride, r, 1, random_int(r, 0, 1) == 0 ? 3 : 1);
        s->dilation[i] = wished(wish->dilation, r, 1, random_int(r, 0, 2) == 0 ? 3 : 1);
        s->padding[i] = random_int(r, 0, s->dilation[i] * (s->kernel_size[i] - 1));
        int64_t most = s->stride[i] > s->dilation[i] ? s->stride[i] : s->dilation[i];
        if (wish->transposed) s->output_padding[i] = random_int(r, 0, most - 1);
    }
    s->bias = random_int(r, 0, 1) == 1;
    s->flip = random_int(r, 0, 5) == 0;
    if (!wish->transposed && random_int(r, 0, 2) == 0)
        s->padding_mode = (conv_padding_mode)random_int(r, CONV_REFLECT, CONV_CIRCULAR);
    l->input = (conv_shape){dims + 2, {random_int(r, 0, 3) == 0 ? random_int(r, 2, 3) : 1, s->in_channels}};
    int64_t largest = wish->largest > 0 ? wish->largest : dims == 1 ? 150 : dims == 2 ? 40 : 12;
    for (int i = 0; i < dims; i++) l->input.size[2 + i] = wish->side > 0 ? wish->side : random_int(r, 1, largest);
    return conv_layout_infer(s, &l->input, 1, &l->layout, NULL) == CONV_OK;
}

/* Operands and text of a layer whose layout is known. Weights are scaled by 1/sqrt(fan-in). */
static inline void random_layer_fill(random_layer *l, random_source *r) {
    int64_t inputs = count_of(&l->input), weights = count_of(&l->layout.weight), biases = count_of(&l->layout.bias);
    l->x = floats(inputs);
    l->w = floats(weights);
    l->b = floats(biases);
    /* A transposed layer's weights have the input channels first; each output meets one tap in stride's. */
    bool scattered = l->spec.op->kind == CONV_TRANSPOSE;
    double fan = (double)weights / (double)l->layout.weight.size[0];
    if (scattered) fan *= (double)l->layout.in_channels / (double)l->layout.out_channels;
    for (int i = 0; scattered && i < l->layout.dims; i++) fan /= (double)l->spec.stride[i];
    fan = fan < 1 ? 1 : fan;
    for (int64_t i = 0; i < inputs; i++) l->x[i] = random_float(r, 1.7);
    for (int64_t i = 0; i < weights; i++) l->w[i] = random_float(r, 1 / sqrt(fan));
    for (int64_t i = 0; i < biases; i++) l->b[i] = random_float(r, 1);
    l->operands = (conv_operands){.input = {l->x}, .weight = l->w, .bias = l->layout.bias.rank > 0 ? l->b : NULL};
    char spec[160], shape[64];
    conv_spec_text(&l->spec, spec, sizeof spec);
    snprintf(l->text, sizeof l->text, "%s%s on %s", spec, l->spec.flip ? " flipped" : "",
             conv_shape_text(&l->input, shape, sizeof shape));
}

/* Draws until the shapes fit. */
static inline random_layer random_layer_make(random_source *r, const random_wish *wish) {
    random_layer l;
    do {
        memset(&l, 0, sizeof l);
    } while (!random_spec(r, wish, &l) || l.layout.cost.multiply_adds > 2000000);
    random_layer_fill(&l, r);
    return l;
}

static inline void random_layer_free(random_layer *l) {
    free(l->x);
    free(l->w);
    free(l->b);
}

/* Runs the layer by one algorithm into y; false: it cannot do it. */
static inline bool run_by(conv_engine *engine, const random_layer *l, conv_algorithm algorithm, float *y) {
    conv_plan_options options = {.algorithm = algorithm};
    conv_error error = {0};
    conv_plan *plan = NULL;
    conv_status status = conv_plan_create(engine, &l->spec, &l->input, 1, &l->operands, &options, &plan, &error);
    if (status == CONV_UNSUPPORTED) return false;
    cr_assert_eq(status, CONV_OK, "%s: %s", l->text, error.message);
    cr_assert_eq(conv_plan_run(plan, &l->operands, y, NULL, NULL, &error), CONV_OK, "%s", error.message);
    conv_plan_destroy(plan);
    return true;
}

#endif
