/* The rows of all kinds, and what they share. */
#include "kinds.h"
#include "geometry.h"
#include "kind.h"
#include <math.h>

static const kind *const rows[CONV_KIND_COUNT] = {
    [CONV_CONV] = &convolution_kind,
    [CONV_TRANSPOSE] = &transposed_kind,
    [CONV_DEFORM] = &deformable_kind,
    [CONV_UNFOLD] = &unfold_kind,
    [CONV_FOLD] = &fold_kind,
    [CONV_MAX_POOL] = &max_pool_kind,
    [CONV_AVG_POOL] = &avg_pool_kind,
    [CONV_ADAPTIVE_MAX_POOL] = &adaptive_max_kind,
    [CONV_ADAPTIVE_AVG_POOL] = &adaptive_avg_kind,
    [CONV_MAX_UNPOOL] = &unpool_kind,
    [CONV_UPSAMPLE] = &upsample_kind,
    [CONV_PAD] = &pad_kind,
    [CONV_RELU] = &relu_kind,
    [CONV_LEAKY_RELU] = &leaky_relu_kind,
    [CONV_TANH] = &curve_kind,
    [CONV_SIGMOID] = &curve_kind,
    [CONV_SILU] = &curve_kind,
    [CONV_RELU6] = &curve_kind,
    [CONV_HARDSIGMOID] = &curve_kind,
    [CONV_HARDSWISH] = &curve_kind,
    [CONV_SOFTMAX] = &softmax_kind,
    [CONV_BATCH_NORM] = &batch_norm_kind,
    [CONV_LINEAR] = &linear_kind,
    [CONV_FLATTEN] = &flatten_kind,
    [CONV_PERMUTE] = &permute_kind,
    [CONV_IDENTITY] = &identity_kind,
    [CONV_CHANNEL_SHUFFLE] = &channel_shuffle_kind,
    [CONV_PIXEL_SHUFFLE] = &pixel_shuffle_kind,
    [CONV_PIXEL_UNSHUFFLE] = &pixel_unshuffle_kind,
    [CONV_CAT] = &cat_kind,
    [CONV_ADD] = &add_kind,
};

const kind *kind_of(const conv_op *op) {
    return rows[op->kind];
}

void chain_add(chain *c, conv_tap *tap) {
    tap->product = tap->value * tap->factor;
    c->sum = fmaf(tap->value, tap->factor, c->sum);
    tap->sum = c->sum;
    c->visit(c->context, tap);
}

static element element_at(int64_t index, int64_t channels, int64_t plane, const conv_axis *axis, bool output) {
    element at = {0};
    axes_position(axis, output, index % plane, at.cell);
    int64_t row = index / plane;
    at.channel = row % channels;
    at.batch = row / channels;
    return at;
}

element output_element(const conv_layout *layout, int64_t output) {
    return element_at(output, layout->out_channels, axes_outputs(layout->axis), layout->axis, true);
}

element input_element(const conv_layout *layout, int64_t input) {
    return element_at(input, layout->in_channels, axes_inputs(layout->axis), layout->axis, false);
}

int64_t kernel_index(const conv_layout *layout, int64_t k0, int64_t k1, int64_t k2) {
    const conv_axis *axis = layout->axis;
    int64_t index = (k0 * axis[1].kernel + k1) * axis[2].kernel + k2;
    return layout->spec.flip ? axes_taps(axis) - 1 - index : index;
}
