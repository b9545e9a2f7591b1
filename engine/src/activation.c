/* ReLU, LeakyReLU, and curves such as Tanh: one function of one element. */
#include "exponential.h"
#include "geometry.h"
#include "kernels.h"
#include "kinds.h"
#include "shape.h"
#include <math.h>

static conv_status shape(conv_layout *layout, conv_error *error) {
    (void)error;
    shape_pointwise(layout);
    return CONV_OK;
}

/* The tap's factor tells the story: 1 or 0 for ReLU, 1 or the slope for LeakyReLU; the chain ends with the function's
 * value. */
static void visit_one(const conv_operands *operands, int64_t output, float factor, float product, tap_visit *visit,
                      void *context) {
    conv_tap tap = {
        .input = output, .weight = -1, .output = output, .factor = factor, .product = product, .sum = product};
    tap.value = operands->input[0] != NULL ? operands->input[0][output] : 0;
    visit(context, &tap);
}

static float value_at(const conv_operands *operands, int64_t output) {
    return operands->input[0] != NULL ? operands->input[0][output] : 0;
}

/* NaN stays NaN. */
static float relu(float x) {
    return x <= 0 ? 0 : x;
}

static void relu_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                         float *output, int64_t *indices) {
    (void)layout, (void)indices;
    for (int64_t o = first; o < last; o++) output[o] = relu(operands->input[0][o]);
}

static void relu_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                      void *context) {
    float x = value_at(operands, output);
    (void)layout;
    visit_one(operands, output, x <= 0 ? 0.0f : 1.0f, relu(x), visit, context);
}

static float leaky(float slope, float x) {
    float low = x * slope; /* whatever x is: so that many can be done at once */
    return x > 0 ? x : low;
}

static void leaky_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                          float *output, int64_t *indices) {
    (void)indices;
    const float slope = (float)layout->spec.slope, *x = operands->input[0];
    for (int64_t o = first; o < last; o++) output[o] = leaky(slope, x[o]);
}

static void leaky_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                       void *context) {
    float x = value_at(operands, output), slope = (float)layout->spec.slope;
    visit_one(operands, output, x > 0 ? 1 : slope, leaky(slope, x), visit, context);
}

/* A function of one number, and its derivative. */
typedef struct curve {
    float (*value)(float), (*slope)(float);
    void (*values)(const float *x, float *y, int64_t count); /* NULL: one by one */
} curve;

static float tanh_slope(float x) {
    float y = tanhf(x);
    return 1 - y * y;
}

static float sigmoid(float x) {
    return 1 / (1 + exponential(-x));
}

static float sigmoid_slope(float x) {
    float y = sigmoid(x);
    return y * (1 - y);
}

static float silu(float x) {
    return x / (1 + exponential(-x));
}

static float silu_slope(float x) {
    float y = sigmoid(x);
    return y * (1 + x * (1 - y));
}

/* NaN stays NaN. */
static float relu6(float x) {
    return x < 0 ? 0 : x > 6 ? 6 : x;
}

static float relu6_slope(float x) {
    return x > 0 && x < 6 ? 1 : 0;
}

static float hardsigmoid(float x) {
    return relu6(x + 3) / 6;
}

static float hardsigmoid_slope(float x) {
    return relu6_slope(x + 3) / 6;
}

static float hardswish(float x) {
    return x * relu6(x + 3) / 6;
}

/* Those without a call of the C library are quicker in a loop of their own. */
#define CURVE_VALUES(name)                                                                                             \
    static void name##_values(const float *x, float *y, int64_t count) {                                               \
        for (int64_t i = 0; i < count; i++) y[i] = name(x[i]);                                                         \
    }
CURVE_VALUES(relu6)
CURVE_VALUES(hardsigmoid)
CURVE_VALUES(hardswish)

static float hardswish_slope(float x) {
    return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5f;
}

static const curve curves[CONV_KIND_COUNT] = {
    [CONV_TANH] = {tanhf, tanh_slope, NULL},
    [CONV_SIGMOID] = {sigmoid, sigmoid_slope, NULL},
    [CONV_SILU] = {silu, silu_slope, NULL},
    [CONV_RELU6] = {relu6, relu6_slope, relu6_values},
    [CONV_HARDSIGMOID] = {hardsigmoid, hardsigmoid_slope, hardsigmoid_values},
    [CONV_HARDSWISH] = {hardswish, hardswish_slope, hardswish_values},
};

static const curve *curve_of(const conv_layout *layout) {
    return &curves[layout->spec.op->kind];
}

static void curve_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                          float *output, int64_t *indices) {
    const curve *c = curve_of(layout);
    float (*value)(float) = c->value;
    (void)indices;
    if (c->values != NULL && first < last) {
        c->values(operands->input[0] + first, output + first, last - first);
        return;
    }
    for (int64_t o = first; o < last; o++) output[o] = value(operands->input[0][o]);
}

static void curve_outputs_by(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                             int64_t first, int64_t last, float *output) {
    bool weighted = layout->spec.op->kind == CONV_SILU;
    if ((weighted || layout->spec.op->kind == CONV_SIGMOID) && first < last)
        set->sigmoid(output + first, operands->input[0] + first, weighted, last - first);
    else
        curve_outputs(layout, operands, first, last, output, NULL);
}

static void curve_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                       void *context) {
    (void)layout;
    visit_one(operands, output, 1, value_at(operands, output), visit, context);
}

static float curve_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    (void)operands, (void)output;
    return curve_of(layout)->value(sum);
}

static float curve_slope(const conv_layout *layout, const conv_operands *operands, int64_t output) {
    return curve_of(layout)->slope(value_at(operands, output));
}

const kind relu_kind = {
    .shape = shape, .outputs = relu_outputs, .taps = relu_taps, .readers = readers_local, .has_gradient = true};
const kind leaky_relu_kind = {
    .shape = shape, .outputs = leaky_outputs, .taps = leaky_taps, .readers = readers_local, .has_gradient = true};
const kind curve_kind = {.shape = shape,
                         .outputs = curve_outputs,
                         .outputs_by = curve_outputs_by,
                         .taps = curve_taps,
                         .finish = curve_finish,
                         .readers = readers_local,
                         .slope = curve_slope,
                         .has_gradient = true};
