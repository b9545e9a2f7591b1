/* ConvTranspose1d, 2d, 3d: https://pytorch.org/docs/1.13/generated/torch.nn.ConvTranspose2d.html
 *
 * Each input element stamps the kernel, times its value, onto the output. Seen from an output element the stamps that
 * reach it come in the order of the input elements: that is its chain. On one axis a later window reaches a cell with
 * an earlier tap. */
#include "formula.h"
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <math.h>

static conv_status check(const conv_spec *spec, conv_error *error) {
    if (spec->padding_mode != CONV_ZEROS)
        return refuse(error, CONV_BAD_ARGUMENT, "padding_mode", "{0} takes padding_mode='zeros' only",
                      word(spec->op->name));
    return convolution_check_groups(spec, error);
}

/* An empty batch passes PyTorch with any output_padding, and with an output that is just cut off. */
static conv_status shape_axis(const conv_spec *spec, int i, bool empty, conv_axis *axis, conv_error *error) {
    axis->kernel = spec->kernel_size[i];
    axis->stride = spec->stride[i];
    axis->dilation = spec->dilation[i];
    axis->pad_before = spec->padding[i];
    axis->pad_after = spec->padding[i] - spec->output_padding[i];
    if (!empty && spec->output_padding[i] >= axis->stride && spec->output_padding[i] >= axis->dilation)
        return refuse(error, CONV_BAD_ARGUMENT, "output_padding",
                      "output_padding ({0}) must be smaller than stride ({1}) or dilation ({2})",
                      number(spec->output_padding[i]), number(axis->stride), number(axis->dilation));
    __int128 out = (__int128)(axis->in - 1) * axis->stride + (__int128)axis->dilation * (axis->kernel - 1) + 1 -
                   axis->pad_before - axis->pad_after;
    if (out > SHAPE_LARGEST)
        return refuse(error, CONV_TOO_LARGE, "stride", "the output would have more than {0} cells along one axis",
                      number(SHAPE_LARGEST));
    if (out < (empty ? 0 : 1))
        return refuse(error, CONV_BAD_SHAPE, "padding",
                      "padding={0} cuts off the whole output of {1} cells: pad less, or use a larger input or kernel",
                      number(spec->padding[i]), number((int64_t)out + 2 * spec->padding[i]));
    axis->out = (int64_t)out;
    return CONV_OK;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_spec *spec = &layout->spec;
    conv_status status = shape_read_input(layout, spec->op->dims, error);
    if (status == CONV_OK) status = shape_channels(layout, error);
    if (status == CONV_OK) status = convolution_check_groups(spec, error);
    for (int i = 0; i < layout->dims && status == CONV_OK; i++)
        status = shape_axis(spec, i, layout->batch == 0, &layout->axis[i], error);
    if (status != CONV_OK) return status;
    layout->out_channels = spec->out_channels;
    layout->weight = (conv_shape){layout->dims + 2, {spec->in_channels, spec->out_channels / spec->groups}};
    for (int i = 0; i < layout->dims; i++) layout->weight.size[2 + i] = spec->kernel_size[i];
    if (spec->bias) layout->bias = (conv_shape){1, {spec->out_channels}};
    shape_write_output(layout);
    return CONV_OK;
}

/* A pair of an input channel and an output channel: where its planes and its kernel begin. */
typedef struct channel_pair {
    int64_t input, weight, output;
} channel_pair;

static channel_pair pair_of(const conv_layout *layout, int64_t batch, int64_t in_channel, int64_t out_channel) {
    int64_t in_group = layout->out_channels / layout->spec.groups;
    return (channel_pair){
        .input = (batch * layout->in_channels + in_channel) * axes_inputs(layout->axis),
        .weight = (in_channel * in_group + out_channel % in_group) * axes_taps(layout->axis),
        .output = (batch * layout->out_channels + out_channel) * axes_outputs(layout->axis),
    };
}

static inline int64_t flat(const conv_axis *axis, bool output, int64_t i0, int64_t i1, int64_t i2) {
    return output ? (i0 * axis[1].out + i1) * axis[2].out + i2 : (i0 * axis[1].in + i1) * axis[2].in + i2;
}

/* One link of an output element's chain. */
typedef void link_visit(void *context, int64_t channel, const int64_t window[CONV_MAX_SPATIAL],
                        const int64_t k[CONV_MAX_SPATIAL]);

static void each_link(const conv_layout *layout, const element *at, link_visit *visit, void *context) {
    const conv_axis *axis = layout->axis;
    int64_t channels = layout->in_channels / layout->spec.groups;
    int64_t first = at->channel / (layout->out_channels / layout->spec.groups) * channels;
    int64_t w[CONV_MAX_SPATIAL], k[CONV_MAX_SPATIAL];
    for (int64_t c = first; c < first + channels; c++)
        for (k[0] = axis[0].kernel - 1; k[0] >= 0; k[0]--) {
            if ((w[0] = axis_window(&axis[0], axis[0].in, at->cell[0], k[0])) < 0) continue;
            for (k[1] = axis[1].kernel - 1; k[1] >= 0; k[1]--) {
                if ((w[1] = axis_window(&axis[1], axis[1].in, at->cell[1], k[1])) < 0) continue;
                for (k[2] = axis[2].kernel - 1; k[2] >= 0; k[2]--)
                    if ((w[2] = axis_window(&axis[2], axis[2].in, at->cell[2], k[2])) >= 0) visit(context, c, w, k);
            }
        }
}

typedef struct link_sum {
    const conv_layout *layout;
    const conv_operands *operands;
    const element *at;
    float sum;
} link_sum;

static void add_link(void *context, int64_t channel, const int64_t *window, const int64_t *k) {
    link_sum *s = context;
    channel_pair pair = pair_of(s->layout, s->at->batch, channel, s->at->channel);
    float x = s->operands->input[0][pair.input + flat(s->layout->axis, false, window[0], window[1], window[2])];
    s->sum = fmaf(x, s->operands->weight[pair.weight + kernel_index(s->layout, k[0], k[1], k[2])], s->sum);
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    for (int64_t o = first; o < last; o++) {
        element at = output_element(layout, o);
        link_sum s = {.layout = layout, .operands = operands, .at = &at};
        each_link(layout, &at, add_link, &s);
        output[o] = bias_finish(layout, operands, o, s.sum);
    }
}

static void fill_tap(const conv_layout *layout, const conv_operands *operands, const channel_pair *pair,
                     const int64_t *window, const int64_t *k, conv_tap *tap) {
    const conv_axis *axis = layout->axis;
    tap->in_padding = false;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        tap->kernel[i] = k[i];
        tap->position[i] = axis_tap(&axis[i], window[i], k[i]);
        tap->in_padding = tap->in_padding || tap->position[i] < 0 || tap->position[i] >= axis[i].out;
    }
    const int64_t *p = tap->position;
    tap->input = pair->input + flat(axis, false, window[0], window[1], window[2]);
    tap->weight = pair->weight + kernel_index(layout, k[0], k[1], k[2]);
    tap->output = tap->in_padding ? -1 : pair->output + flat(axis, true, p[0], p[1], p[2]);
    tap->value = operands->input[0] == NULL ? 0 : operands->input[0][tap->input];
    tap->factor = operands->weight == NULL ? 0 : operands->weight[tap->weight];
}

typedef struct link_show {
    const conv_layout *layout;
    const conv_operands *operands;
    const element *at;
    chain c;
} link_show;

static void show_link(void *context, int64_t channel, const int64_t *window, const int64_t *k) {
    link_show *s = context;
    channel_pair pair = pair_of(s->layout, s->at->batch, channel, s->at->channel);
    conv_tap tap = {.channel = s->at->channel};
    fill_tap(s->layout, s->operands, &pair, window, k, &tap);
    tap.landed = ++s->c.landed;
    chain_add(&s->c, &tap);
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    element at = output_element(layout, output);
    link_show s = {.layout = layout, .operands = operands, .at = &at, .c = {.visit = visit, .context = context}};
    each_link(layout, &at, show_link, &s);
}

static void stamps(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                   float *output) {
    const conv_axis *axis = layout->axis;
    int64_t filters = layout->out_channels / layout->spec.groups, channels = layout->in_channels / layout->spec.groups;
    for (int64_t i = first; i < last; i++) {
        element at = input_element(layout, i);
        float x = operands->input[0][i];
        for (int64_t f = 0; f < filters; f++) {
            channel_pair pair = pair_of(layout, at.batch, at.channel, at.channel / channels * filters + f);
            for (int64_t k0 = 0; k0 < axis[0].kernel; k0++) {
                int64_t p0 = axis_tap(&axis[0], at.cell[0], k0);
                if (p0 < 0 || p0 >= axis[0].out) continue;
                for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
                    int64_t p1 = axis_tap(&axis[1], at.cell[1], k1);
                    if (p1 < 0 || p1 >= axis[1].out) continue;
                    for (int64_t k2 = 0; k2 < axis[2].kernel; k2++) {
                        int64_t p2 = axis_tap(&axis[2], at.cell[2], k2);
                        if (p2 < 0 || p2 >= axis[2].out) continue;
                        float *y = &output[pair.output + flat(axis, true, p0, p1, p2)];
                        *y = fmaf(x, operands->weight[pair.weight + kernel_index(layout, k0, k1, k2)], *y);
                    }
                }
            }
        }
    }
}

static void stamp(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                  void *context) {
    const conv_axis *axis = layout->axis;
    int64_t filters = layout->out_channels / layout->spec.groups, channels = layout->in_channels / layout->spec.groups;
    element at = input_element(layout, input);
    int64_t k[CONV_MAX_SPATIAL];
    for (int64_t f = 0; f < filters; f++) {
        conv_tap tap = {.channel = at.channel / channels * filters + f};
        channel_pair pair = pair_of(layout, at.batch, at.channel, tap.channel);
        for (k[0] = 0; k[0] < axis[0].kernel; k[0]++)
            for (k[1] = 0; k[1] < axis[1].kernel; k[1]++)
                for (k[2] = 0; k[2] < axis[2].kernel; k[2]++) {
                    fill_tap(layout, operands, &pair, at.cell, k, &tap);
                    tap.product = tap.value * tap.factor;
                    visit(context, &tap);
                }
    }
}

const kind transposed_kind = {
    .check = check,
    .shape = shape,
    .outputs = outputs,
    .taps = taps,
    .finish = bias_finish,
    .stamps = stamps,
    .stamp = stamp,
    .formula = formula_transposed,
};
