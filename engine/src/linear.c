/* Linear: y = x W^T + b along the last axis. https://pytorch.org/docs/1.13/generated/torch.nn.Linear.html */
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <math.h>

static conv_status shape(conv_layout *layout, conv_error *error) {
    const conv_spec *spec = &layout->spec;
    const conv_shape *input = &layout->input[0];
    int64_t features = input->rank > 0 ? input->size[input->rank - 1] : 1;
    if (input->rank == 0 || features != spec->in_channels)
        return refuse(
            error, CONV_BAD_SHAPE, "in_features",
            "in_features is {0}, but the last axis of the input of shape {1} has {2} elements: set in_features to {2}",
            number(spec->in_channels), shape_word(input), number(features));
    layout->output = *input;
    layout->output.size[input->rank - 1] = spec->out_channels;
    layout->batched = input->rank >= 2;
    for (int i = 0; i < input->rank - 1; i++) layout->batch *= input->size[i];
    layout->in_channels = spec->in_channels;
    layout->out_channels = spec->out_channels;
    layout->weight = (conv_shape){2, {spec->out_channels, spec->in_channels}};
    if (spec->bias) layout->bias = (conv_shape){1, {spec->out_channels}};
    return CONV_OK;
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    int64_t features = layout->in_channels;
    (void)indices;
    for (int64_t o = first; o < last; o++) {
        const float *x = operands->input[0] + o / layout->out_channels * features;
        const float *w = operands->weight + o % layout->out_channels * features;
        float sum = 0;
        for (int64_t i = 0; i < features; i++) sum = fmaf(x[i], w[i], sum);
        output[o] = bias_finish(layout, operands, o, sum);
    }
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    int64_t features = layout->in_channels;
    chain c = {.visit = visit, .context = context};
    for (int64_t i = 0; i < features; i++) {
        conv_tap tap = {.input = output / layout->out_channels * features + i, .output = output, .channel = i};
        tap.weight = output % layout->out_channels * features + i;
        tap.value = operands->input[0] != NULL ? operands->input[0][tap.input] : 0;
        tap.factor = operands->weight != NULL ? operands->weight[tap.weight] : 0;
        chain_add(&c, &tap);
    }
}

static void readers(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                    void *context) {
    int64_t features = layout->in_channels, feature = input % features;
    for (int64_t i = 0; i < layout->out_channels; i++) {
        conv_tap tap = {.input = input, .output = input / features * layout->out_channels + i, .channel = feature};
        tap.weight = i * features + feature;
        tap.value = operands->input[0] != NULL ? operands->input[0][input] : 0;
        tap.factor = operands->weight != NULL ? operands->weight[tap.weight] : 0;
        tap.product = tap.value * tap.factor;
        visit(context, &tap);
    }
}

static void backward(const conv_layout *layout, const conv_operands *operands, const float *output_gradient,
                     float *const *input_gradients) {
    int64_t features = layout->in_channels, count = conv_shape_count(&layout->output);
    for (int64_t o = 0; o < count; o++) {
        float g = output_gradient[o], *x = input_gradients[0] + o / layout->out_channels * features;
        const float *w = operands->weight + o % layout->out_channels * features;
        if (g == 0) continue;
        for (int64_t i = 0; i < features; i++) x[i] = fmaf(g, w[i], x[i]);
    }
}

const kind linear_kind = {
    .shape = shape, .outputs = outputs, .taps = taps, .finish = bias_finish, .readers = readers, .backward = backward};
