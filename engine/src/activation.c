/* ReLU, LeakyReLU, Tanh, Sigmoid: one function of one element. */
#include "geometry.h"
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
    visit_one(operands, output, x <= 0 ? 0 : 1, relu(x), visit, context);
}

static float leaky(const conv_layout *layout, float x) {
    return x > 0 ? x : x * (float)layout->spec.slope;
}

static void leaky_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                          float *output, int64_t *indices) {
    (void)indices;
    for (int64_t o = first; o < last; o++) output[o] = leaky(layout, operands->input[0][o]);
}

static void leaky_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                       void *context) {
    float x = value_at(operands, output);
    visit_one(operands, output, x > 0 ? 1 : (float)layout->spec.slope, leaky(layout, x), visit, context);
}

static void identity_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                          void *context) {
    (void)layout;
    visit_one(operands, output, 1, value_at(operands, output), visit, context);
}

static void tanh_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                         float *output, int64_t *indices) {
    (void)layout, (void)indices;
    for (int64_t o = first; o < last; o++) output[o] = tanhf(operands->input[0][o]);
}

static float tanh_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    (void)layout, (void)operands, (void)output;
    return tanhf(sum);
}

static float tanh_slope(const conv_layout *layout, const conv_operands *operands, int64_t output) {
    float y = tanhf(value_at(operands, output));
    (void)layout;
    return 1 - y * y;
}

static float sigmoid(float x) {
    return 1 / (1 + expf(-x));
}

static void sigmoid_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                            float *output, int64_t *indices) {
    (void)layout, (void)indices;
    for (int64_t o = first; o < last; o++) output[o] = sigmoid(operands->input[0][o]);
}

static float sigmoid_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    (void)layout, (void)operands, (void)output;
    return sigmoid(sum);
}

static float sigmoid_slope(const conv_layout *layout, const conv_operands *operands, int64_t output) {
    float y = sigmoid(value_at(operands, output));
    (void)layout;
    return y * (1 - y);
}

const kind relu_kind = {
    .shape = shape, .outputs = relu_outputs, .taps = relu_taps, .readers = readers_local, .has_gradient = true};
const kind leaky_relu_kind = {
    .shape = shape, .outputs = leaky_outputs, .taps = leaky_taps, .readers = readers_local, .has_gradient = true};
const kind tanh_kind = {.shape = shape,
                        .outputs = tanh_outputs,
                        .taps = identity_taps,
                        .finish = tanh_finish,
                        .readers = readers_local,
                        .slope = tanh_slope,
                        .has_gradient = true};
const kind sigmoid_kind = {.shape = shape,
                           .outputs = sigmoid_outputs,
                           .taps = identity_taps,
                           .finish = sigmoid_finish,
                           .readers = readers_local,
                           .slope = sigmoid_slope,
                           .has_gradient = true};
