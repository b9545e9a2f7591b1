/* ReLU, LeakyReLU, and curves such as Tanh: one function of one element. */
#include "elementwise.h"
#include "geometry.h"
#include "kernels.h"
#include "kinds.h"
#include "shape.h"

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

static void outputs_by(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                       int64_t first, int64_t last, float *output) {
    if (first < last)
        set->elementwise[layout->spec.op->kind](output + first, operands->input[0] + first, (float)layout->spec.slope,
                                                last - first);
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    outputs_by(kernels_plain, layout, operands, first, last, output);
}

static void relu_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                      void *context) {
    float x = value_at(operands, output);
    (void)layout;
    visit_one(operands, output, x <= 0 ? 0.0f : 1.0f, relu(x), visit, context);
}

static void leaky_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                       void *context) {
    float x = value_at(operands, output), slope = (float)layout->spec.slope;
    visit_one(operands, output, x > 0 ? 1 : slope, leaky_relu(x, slope), visit, context);
}

/* A function of one number, and its derivative. */
typedef struct curve {
    float (*value)(float), (*slope)(float);
} curve;

static float tanh_slope(float x) {
    float y = tanhf(x);
    return 1 - y * y;
}

static float sigmoid_slope(float x) {
    float y = sigmoid(x);
    return y * (1 - y);
}

static float silu_slope(float x) {
    float y = sigmoid(x);
    return y * (1 + x * (1 - y));
}

static float relu6_slope(float x) {
    return x > 0 && x < 6 ? 1 : 0;
}

static float hardsigmoid_slope(float x) {
    return relu6_slope(x + 3) / 6;
}

static float hardswish_slope(float x) {
    return x < -3 ? 0 : x > 3 ? 1 : x / 3 + 0.5f;
}

static const curve curves[CONV_KIND_COUNT] = {
    [CONV_TANH] = {tanhf, tanh_slope},
    [CONV_SIGMOID] = {sigmoid, sigmoid_slope},
    [CONV_SILU] = {silu, silu_slope},
    [CONV_RELU6] = {relu6, relu6_slope},
    [CONV_HARDSIGMOID] = {hardsigmoid, hardsigmoid_slope},
    [CONV_HARDSWISH] = {hardswish, hardswish_slope},
};

static const curve *curve_of(const conv_layout *layout) {
    return &curves[layout->spec.op->kind];
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

const kind relu_kind = {.shape = shape,
                        .outputs = outputs,
                        .outputs_by = outputs_by,
                        .taps = relu_taps,
                        .readers = readers_local,
                        .has_gradient = true};
const kind leaky_relu_kind = {.shape = shape,
                              .outputs = outputs,
                              .outputs_by = outputs_by,
                              .taps = leaky_taps,
                              .readers = readers_local,
                              .has_gradient = true};
const kind curve_kind = {.shape = shape,
                         .outputs = outputs,
                         .outputs_by = outputs_by,
                         .taps = curve_taps,
                         .finish = curve_finish,
                         .readers = readers_local,
                         .slope = curve_slope,
                         .has_gradient = true};
