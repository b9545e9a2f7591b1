/* Conv1d, Conv2d, Conv3d: https://pytorch.org/docs/1.13/generated/torch.nn.Conv2d.html */
#include "filter.h"
#include "formula.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <math.h>

conv_status convolution_check_groups(const conv_spec *spec, conv_error *error) {
    if (spec->in_channels % spec->groups != 0)
        return refuse(error, CONV_BAD_ARGUMENT, "groups", "in_channels ({0}) must be divisible by groups ({1})",
                      number(spec->in_channels), number(spec->groups));
    if (spec->out_channels % spec->groups != 0)
        return refuse(error, CONV_BAD_ARGUMENT, "groups", "out_channels ({0}) must be divisible by groups ({1})",
                      number(spec->out_channels), number(spec->groups));
    return CONV_OK;
}

static conv_status check(const conv_spec *spec, conv_error *error) {
    if (spec->padding_kind == CONV_PADDING_SAME)
        for (int i = 0; i < spec->op->dims; i++)
            if (spec->stride[i] != 1)
                return refuse(error, CONV_BAD_ARGUMENT, "padding",
                              "padding='same' needs stride 1, and the stride is {0}: give the padding as numbers",
                              number(spec->stride[i]));
    return convolution_check_groups(spec, error);
}

static void pad_axis(const conv_spec *spec, int i, conv_axis *axis) {
    axis->pad_before = axis->pad_after = spec->padding_kind == CONV_PADDING_NUMBERS ? spec->padding[i] : 0;
    if (spec->padding_kind != CONV_PADDING_SAME) return;
    int64_t total = 0;
    if (__builtin_mul_overflow(axis->dilation, axis->kernel - 1, &total) || total > SHAPE_LARGEST)
        total = SHAPE_LARGEST;
    axis->pad_before = total / 2;
    axis->pad_after = total - axis->pad_before;
}

conv_status padding_check(const conv_axis *axis, conv_error *error) {
    int64_t most = axis->pad_before > axis->pad_after ? axis->pad_before : axis->pad_after;
    if (axis->mode == CONV_REFLECT && most >= axis->in)
        return refuse(error, CONV_BAD_SHAPE, "padding",
                      "reflect padding of {0} needs an input of at least {1} cells, and there are {2}: pad less",
                      number(most), number(most + 1), number(axis->in));
    if (axis->mode == CONV_CIRCULAR && most > axis->in)
        return refuse(error, CONV_BAD_SHAPE, "padding",
                      "circular padding of {0} would wrap around an input of {1} cells more than once: pad less",
                      number(most), number(axis->in));
    return CONV_OK;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_spec *spec = &layout->spec;
    conv_status status = shape_read_input(layout, spec->op->dims, error);
    if (status == CONV_OK) status = shape_channels(layout, error);
    if (status == CONV_OK) status = convolution_check_groups(spec, error);
    for (int i = 0; i < layout->dims && status == CONV_OK; i++) {
        conv_axis *axis = &layout->axis[i];
        axis->kernel = spec->kernel_size[i];
        axis->stride = spec->stride[i];
        axis->dilation = spec->dilation[i];
        axis->mode = spec->padding_mode;
        pad_axis(spec, i, axis);
        status = padding_check(axis, error);
        if (status == CONV_OK) status = shape_slide(axis, error);
    }
    if (status != CONV_OK) return status;
    layout->out_channels = spec->out_channels;
    layout->weight = (conv_shape){layout->dims + 2, {spec->out_channels, spec->in_channels / spec->groups}};
    for (int i = 0; i < layout->dims; i++) layout->weight.size[2 + i] = spec->kernel_size[i];
    if (spec->bias) layout->bias = (conv_shape){1, {spec->out_channels}};
    shape_write_output(layout);
    return CONV_OK;
}

/* The cell of a plane that kernel position k reads; -1 for a constant. */
static inline int64_t cell_read(const conv_axis *axis, const int64_t *window, int64_t k0, int64_t k1, int64_t k2) {
    int64_t i0 = axis_source(&axis[0], axis_tap(&axis[0], window[0], k0));
    int64_t i1 = axis_source(&axis[1], axis_tap(&axis[1], window[1], k1));
    int64_t i2 = axis_source(&axis[2], axis_tap(&axis[2], window[2], k2));
    return i0 < 0 || i1 < 0 || i2 < 0 ? -1 : (i0 * axis[1].in + i1) * axis[2].in + i2;
}

static float chain_of(const conv_layout *layout, const conv_operands *operands, const element *at) {
    const conv_axis *axis = layout->axis;
    filter f = filter_of(layout, at);
    float sum = 0;
    for (int64_t c = 0; c < f.channels; c++) {
        const float *x = operands->input[0] + f.input + c * f.plane;
        const float *w = operands->weight + f.weight + c * f.taps;
        for (int64_t k0 = 0; k0 < axis[0].kernel; k0++)
            for (int64_t k1 = 0; k1 < axis[1].kernel; k1++)
                for (int64_t k2 = 0; k2 < axis[2].kernel; k2++) {
                    int64_t cell = cell_read(axis, at->cell, k0, k1, k2);
                    sum = fmaf(cell < 0 ? 0.0f : x[cell], w[kernel_index(layout, k0, k1, k2)], sum);
                }
    }
    return sum;
}

float bias_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    if (layout->bias.rank == 0 || operands->bias == NULL) return sum;
    return sum + operands->bias[output / axes_outputs(layout->axis) % layout->out_channels];
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    for (int64_t o = first; o < last; o++) {
        element at = output_element(layout, o);
        output[o] = bias_finish(layout, operands, o, chain_of(layout, operands, &at));
    }
}

static void fill_tap(const conv_layout *layout, const conv_operands *operands, const int64_t *window, int64_t c,
                     int64_t k0, int64_t k1, int64_t k2, const filter *f, conv_tap *tap) {
    const conv_axis *axis = layout->axis;
    const int64_t k[CONV_MAX_SPATIAL] = {k0, k1, k2};
    tap->channel = f->first_channel + c;
    tap->in_padding = false;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        tap->kernel[i] = k[i];
        tap->position[i] = axis_tap(&axis[i], window[i], k[i]);
        tap->in_padding = tap->in_padding || tap->position[i] < 0 || tap->position[i] >= axis[i].in;
    }
    int64_t cell = cell_read(axis, window, k0, k1, k2);
    tap->input = cell < 0 ? -1 : f->input + c * f->plane + cell;
    tap->weight = f->weight + c * f->taps + kernel_index(layout, k0, k1, k2);
    tap->value = tap->input < 0 || operands->input[0] == NULL ? 0 : operands->input[0][tap->input];
    tap->factor = operands->weight == NULL ? 0 : operands->weight[tap->weight];
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    const conv_axis *axis = layout->axis;
    element at = output_element(layout, output);
    filter f = filter_of(layout, &at);
    chain c = {.visit = visit, .context = context};
    conv_tap tap = {.output = output};
    for (int64_t channel = 0; channel < f.channels; channel++)
        for (int64_t k0 = 0; k0 < axis[0].kernel; k0++)
            for (int64_t k1 = 0; k1 < axis[1].kernel; k1++)
                for (int64_t k2 = 0; k2 < axis[2].kernel; k2++) {
                    fill_tap(layout, operands, at.cell, channel, k0, k1, k2, &f, &tap);
                    chain_add(&c, &tap);
                }
}

/* Readers of an input element: one axis inside the other, then every filter of the channel's group. */
typedef struct reader_walk {
    const conv_layout *layout;
    const conv_operands *operands;
    tap_visit *visit;
    void *context;
    element at; /* of the input */
    int64_t window[CONV_MAX_SPATIAL], k[CONV_MAX_SPATIAL];
    int depth;
} reader_walk;

static void show_readers(reader_walk *walk) {
    const conv_layout *layout = walk->layout;
    const conv_axis *axis = layout->axis;
    int64_t filters = layout->out_channels / layout->spec.groups, in_group = layout->in_channels / layout->spec.groups;
    int64_t group = walk->at.channel / in_group;
    for (int64_t i = 0; i < filters; i++) {
        element out = {.batch = walk->at.batch, .channel = group * filters + i};
        filter f = filter_of(layout, &out);
        conv_tap tap = {0};
        fill_tap(layout, walk->operands, walk->window, walk->at.channel - f.first_channel, walk->k[0], walk->k[1],
                 walk->k[2], &f, &tap);
        tap.product = tap.value * tap.factor;
        tap.output = out.batch * layout->out_channels + out.channel;
        for (int d = 0; d < CONV_MAX_SPATIAL; d++) tap.output = tap.output * axis[d].out + walk->window[d];
        walk->visit(walk->context, &tap);
    }
}

static void walk_axis(void *context, int64_t p, int64_t window, int64_t tap) {
    reader_walk *walk = context;
    (void)p;
    walk->window[walk->depth] = window;
    walk->k[walk->depth] = tap;
    walk->depth++;
    if (walk->depth < CONV_MAX_SPATIAL)
        axis_each_reader(&walk->layout->axis[walk->depth], walk->at.cell[walk->depth], walk_axis, walk);
    else
        show_readers(walk);
    walk->depth--;
}

static void readers(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                    void *context) {
    reader_walk walk = {.layout = layout, .operands = operands, .visit = visit, .context = context};
    walk.at = input_element(layout, input);
    axis_each_reader(&layout->axis[0], walk.at.cell[0], walk_axis, &walk);
}

static void backward(const conv_layout *layout, const conv_operands *operands, const float *output_gradient,
                     float *const *input_gradients) {
    const conv_axis *axis = layout->axis;
    int64_t count = conv_shape_count(&layout->output);
    for (int64_t o = 0; o < count; o++) {
        float g = output_gradient[o];
        if (g == 0) continue; /* most are, when one position's influence is asked for */
        element at = output_element(layout, o);
        filter f = filter_of(layout, &at);
        for (int64_t c = 0; c < f.channels; c++) {
            float *x = input_gradients[0] + f.input + c * f.plane;
            const float *w = operands->weight + f.weight + c * f.taps;
            for (int64_t k0 = 0; k0 < axis[0].kernel; k0++)
                for (int64_t k1 = 0; k1 < axis[1].kernel; k1++)
                    for (int64_t k2 = 0; k2 < axis[2].kernel; k2++) {
                        int64_t cell = cell_read(axis, at.cell, k0, k1, k2);
                        if (cell >= 0) x[cell] = fmaf(g, w[kernel_index(layout, k0, k1, k2)], x[cell]);
                    }
        }
    }
}

const kind convolution_kind = {
    .check = check,
    .shape = shape,
    .outputs = outputs,
    .taps = taps,
    .finish = bias_finish,
    .readers = readers,
    .backward = backward,
    .formula = formula_slide,
};
