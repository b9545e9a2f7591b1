/* Fold: the columns' values are added back where Unfold would have read them. Cells that no window covers are 0.
 * https://pytorch.org/docs/1.13/generated/torch.nn.Fold.html */
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static conv_status windows_of(const conv_spec *spec, int i, conv_axis *axis, conv_error *error) {
    /* Windows slide over the output, as Unfold's do over its input. */
    conv_axis slide = axis_neutral(spec->output_size[i]);
    slide.kernel = axis->kernel = spec->kernel_size[i];
    slide.stride = axis->stride = spec->stride[i];
    slide.dilation = axis->dilation = spec->dilation[i];
    slide.pad_before = slide.pad_after = spec->padding[i];
    conv_status status = shape_slide(&slide, error);
    axis->in = slide.out;
    axis->out = spec->output_size[i];
    axis->pad_before = spec->padding[i];
    axis->pad_after = (axis->in - 1) * axis->stride + conv_axis_extent(axis) - axis->out - axis->pad_before;
    return status;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    const conv_spec *spec = &layout->spec;
    const conv_shape *input = &layout->input[0];
    int64_t taps = 0, windows = 0;
    conv_status status = shape_read_input(layout, 1, error);
    if (status == CONV_OK)
        status = shape_multiply(spec->kernel_size[0], spec->kernel_size[1], &taps, "kernel_size", error);
    if (status != CONV_OK) return status;
    int64_t columns = layout->axis[0].in;
    if (layout->in_channels % taps != 0)
        return refuse(error, CONV_BAD_SHAPE, "kernel_size",
                      "the input's {0} rows must be divisible by the kernel's {1} cells: the input's shape is {2}",
                      number(layout->in_channels), number(taps), shape_word(input));
    layout->dims = 2;
    for (int i = 0; i < 2 && status == CONV_OK; i++) status = windows_of(spec, i, &layout->axis[i], error);
    if (status == CONV_OK)
        status = shape_multiply(layout->axis[0].in, layout->axis[1].in, &windows, "output_size", error);
    if (status != CONV_OK) return status;
    if (windows != columns)
        return refuse(
            error, CONV_BAD_SHAPE, "output_size",
            "the windows of this output number {0} x {1} = {2}, but the input has {3} columns: change output_size or "
            "the input",
            number(layout->axis[0].in), number(layout->axis[1].in), number(windows), number(columns));
    layout->out_channels = layout->in_channels / taps;
    shape_write_output(layout);
    return CONV_OK;
}

/* Input channels are rows of the matrix, input cells are windows. */
static int64_t input_of(const conv_layout *layout, const element *at, int64_t tap, int64_t w0, int64_t w1) {
    const conv_axis *axis = layout->axis;
    int64_t row = at->batch * layout->in_channels + at->channel * axes_taps(axis) + tap;
    return (row * axis[0].in + w0) * axis[1].in + w1;
}

static void visit_chain(const conv_layout *layout, const conv_operands *operands, int64_t output, chain *c) {
    const conv_axis *axis = layout->axis;
    element at = output_element(layout, output);
    conv_tap tap = {
        .weight = -1, .output = output, .channel = at.channel, .factor = 1, .position = {at.cell[0], at.cell[1]}};
    for (int64_t k0 = 0; k0 < axis[0].kernel; k0++) {
        int64_t w0 = axis_window(&axis[0], axis[0].in, at.cell[0], k0);
        if (w0 < 0) continue;
        for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
            int64_t w1 = axis_window(&axis[1], axis[1].in, at.cell[1], k1);
            if (w1 < 0) continue;
            tap.input = input_of(layout, &at, k0 * axis[1].kernel + k1, w0, w1);
            tap.kernel[0] = k0;
            tap.kernel[1] = k1;
            tap.landed = ++c->landed;
            tap.value = operands->input[0] != NULL ? operands->input[0][tap.input] : 0;
            chain_add(c, &tap);
        }
    }
}

/* The windows of which tap k lands on cells [first, last) of an axis. */
static void landing(const conv_axis *axis, int64_t k, int64_t first, int64_t last, int64_t *window, int64_t *end) {
    int64_t base = axis_tap(axis, 0, k);
    *window = first > base ? divide_up(first - base, axis->stride) : 0;
    *end = last > base ? at_most(divide_up(last - base, axis->stride), axis->in) : 0;
}

/* Cells [x, x + count) of a row: each tap in turn is added to all that it lands on, which is each one's own order. */
static void add_row(const conv_layout *layout, const float *input, const element *at, int64_t count, float *to) {
    const conv_axis *axis = layout->axis;
    int64_t x = at->cell[1], stride = axis[1].stride;
    memset(to, 0, (size_t)count * sizeof *to);
    for (int64_t k0 = 0; k0 < axis[0].kernel; k0++) {
        int64_t w0 = axis_window(&axis[0], axis[0].in, at->cell[0], k0);
        if (w0 < 0) continue;
        for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
            int64_t window, end;
            landing(&axis[1], k1, x, x + count, &window, &end);
            if (window >= end) continue;
            const float *from = input + input_of(layout, at, k0 * axis[1].kernel + k1, w0, window);
            float *sum = to + axis_tap(&axis[1], window, k1) - x;
            if (stride == 1)
                for (int64_t i = 0; i < end - window; i++) sum[i] += from[i];
            else
                for (int64_t i = 0; i < end - window; i++) sum[i * stride] += from[i];
        }
    }
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    for (int64_t o = first, count; o < last; o += count) {
        element at = output_element(layout, o);
        count = at_most(layout->axis[1].out - at.cell[1], last - o);
        add_row(layout, operands->input[0], &at, count, output + o);
    }
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    chain c = {.visit = visit, .context = context};
    visit_chain(layout, operands, output, &c);
}

/* An input element lands on one cell, or is cut off. */
static conv_tap tap_of(const conv_layout *layout, const conv_operands *operands, int64_t input) {
    const conv_axis *axis = layout->axis;
    element at = input_element(layout, input);
    int64_t taps_count = axes_taps(axis), k = at.channel % taps_count;
    conv_tap tap = {.input = input, .weight = -1, .channel = at.channel / taps_count, .factor = 1};
    tap.kernel[0] = k / axis[1].kernel;
    tap.kernel[1] = k % axis[1].kernel;
    tap.output = at.batch * layout->out_channels + tap.channel;
    for (int i = 0; i < 2; i++) {
        int64_t p = axis_tap(&axis[i], at.cell[i], tap.kernel[i]);
        tap.position[i] = p;
        tap.in_padding = tap.in_padding || p < 0 || p >= axis[i].out;
        tap.output = tap.in_padding ? -1 : tap.output * axis[i].out + p;
    }
    tap.value = tap.product = operands->input[0] != NULL ? operands->input[0][input] : 0;
    return tap;
}

static void stamps(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                   float *output) {
    for (int64_t i = first; i < last; i++) {
        conv_tap tap = tap_of(layout, operands, i);
        if (tap.output >= 0) output[tap.output] += tap.value;
    }
}

static void stamp(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                  void *context) {
    conv_tap tap = tap_of(layout, operands, input);
    visit(context, &tap);
}

/* The number of windows, which the input must have as columns. */
static void formula(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    if (symbols)
        snprintf(text, (size_t)size, "output_size[%d]", i);
    else
        snprintf(text, (size_t)size, "%" PRId64, layout->axis[i].out);
}

const kind fold_kind = {
    .shape = shape, .outputs = outputs, .taps = taps, .stamps = stamps, .stamp = stamp, .formula = formula};
