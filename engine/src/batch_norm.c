/* BatchNorm1d, 2d, 3d in evaluation mode: y = x * gamma / sqrt(var + eps) + (beta - mean * gamma / sqrt(var + eps)).
 * https://pytorch.org/docs/1.13/generated/torch.nn.BatchNorm2d.html */
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <math.h>

static conv_status check(const conv_spec *spec, conv_error *error) {
    if (!spec->track_running_stats)
        return refuse(
            error, CONV_UNSUPPORTED, "track_running_stats",
            "without running statistics BatchNorm has nothing to evaluate with: leave track_running_stats True");
    return CONV_OK;
}

/* Always a batch; BatchNorm1d also takes (N, C). */
static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_spec *spec = &layout->spec;
    int rank = layout->input[0].rank, dims = spec->op->dims;
    if (rank != dims + 2 && !(dims == 1 && rank == 2))
        return refuse(error, CONV_BAD_SHAPE, "input", "{0} takes a batch of {1} axes; this input has {2}: {3}",
                      word(spec->op->name), number(dims + 2), number(rank), shape_word(&layout->input[0]));
    shape_pointwise(layout);
    layout->dims = rank - 2;
    conv_status status = shape_channels(layout, error);
    if (status != CONV_OK) return status;
    layout->running = (conv_shape){1, {spec->in_channels}};
    if (spec->affine) layout->weight = layout->bias = layout->running;
    return CONV_OK;
}

static float scale_of(const conv_layout *layout, const conv_operands *operands, int64_t channel) {
    float variance = operands->running_var != NULL ? operands->running_var[channel] : 1;
    float gamma = operands->weight != NULL ? operands->weight[channel] : 1;
    return gamma * (1 / sqrtf(variance + (float)layout->spec.epsilon));
}

static float shift_of(const conv_layout *layout, const conv_operands *operands, int64_t channel) {
    float mean = operands->running_mean != NULL ? operands->running_mean[channel] : 0;
    float beta = operands->bias != NULL ? operands->bias[channel] : 0;
    return beta - mean * scale_of(layout, operands, channel);
}

static int64_t channel_of(const conv_layout *layout, int64_t output) {
    return output / axes_outputs(layout->axis) % layout->out_channels;
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    int64_t plane = axes_outputs(layout->axis);
    (void)indices;
    for (int64_t o = first; o < last;) {
        int64_t channel = channel_of(layout, o), end = (o / plane + 1) * plane;
        float scale = scale_of(layout, operands, channel), shift = shift_of(layout, operands, channel);
        /* The chain's only product; adding 0 to it makes -0 a 0, as the chain's beginning does. */
        for (; o < end && o < last; o++) output[o] = operands->input[0][o] * scale + 0.0f + shift;
    }
}

static float finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    return sum + shift_of(layout, operands, channel_of(layout, output));
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    int64_t channel = channel_of(layout, output);
    chain c = {.visit = visit, .context = context};
    conv_tap tap = {
        .input = output, .weight = layout->spec.affine ? channel : -1, .output = output, .channel = channel};
    tap.factor = scale_of(layout, operands, channel);
    tap.value = operands->input[0] != NULL ? operands->input[0][output] : 0;
    chain_add(&c, &tap);
}

const kind batch_norm_kind = {
    .check = check, .shape = shape, .outputs = outputs, .taps = taps, .finish = finish, .readers = readers_local};
