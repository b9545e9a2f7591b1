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

enum { KNOWN_TAPS = 16 };

/* A row of cells from x on, and the windows of one kernel row that land on it. */
typedef struct fold_row {
    const conv_axis *axis;
    const float *from; /* window 0 of tap 0; windows of a tap lie side by side, taps `tap_step` apart */
    int64_t tap_step, x, count;
    float *to;
    bool known; /* where the first taps land, from the row before */
    int64_t window[KNOWN_TAPS], end[KNOWN_TAPS];
} fold_row;

static void fold_landing(const fold_row *r, int64_t tap, int64_t *window, int64_t *end) {
    if (r->known && tap < KNOWN_TAPS) {
        *window = r->window[tap];
        *end = r->end[tap];
        return;
    }
    landing(r->axis, tap, r->x, r->x + r->count, window, end);
}

static fold_row fold_row_of(const conv_layout *layout, const element *at, int64_t count) {
    const conv_axis *axis = layout->axis;
    fold_row r = {.axis = &axis[1], .tap_step = axis[0].in * axis[1].in, .x = at->cell[1], .count = count};
    for (int64_t k = 0; k < axis[1].kernel && k < KNOWN_TAPS; k++) fold_landing(&r, k, &r.window[k], &r.end[k]);
    r.known = true;
    return r;
}

static void add_windows(const fold_row *r, int64_t tap, int64_t window, int64_t end) {
    if (window >= end) return;
    const float *from = r->from + tap * r->tap_step + window;
    float *sum = r->to + axis_tap(r->axis, window, tap) - r->x;
    int64_t stride = r->axis->stride;
    if (stride == 1)
        for (int64_t i = 0; i < end - window; i++) sum[i] += from[i];
    else
        for (int64_t i = 0; i < end - window; i++) sum[i * stride] += from[i];
}

/* Two taps that land side by side: both at once for the windows that both have. */
static void add_two(const fold_row *r, int64_t tap, const int64_t window[2], const int64_t end[2]) {
    int64_t begin = at_least(window[0], window[1]), last = at_least(at_most(end[0], end[1]), begin);
    const float *even = r->from + tap * r->tap_step, *odd = even + r->tap_step;
    for (int i = 0; i < 2; i++) {
        add_windows(r, tap + i, window[i], at_most(begin, end[i]));
        add_windows(r, tap + i, at_least(last, window[i]), end[i]);
    }
    if (begin == last) return;
    float *sum = r->to + axis_tap(r->axis, begin, tap) - r->x;
    for (int64_t i = begin; i < last; i++, sum += 2) {
        sum[0] += even[i];
        sum[1] += odd[i];
    }
}

/* Cells of a row: each tap in turn is added to all that it lands on, which is each one's own order. */
static void add_row(const conv_layout *layout, const float *input, const element *at, fold_row *r) {
    const conv_axis *axis = layout->axis;
    bool pairs = axis[1].stride == 2 && axis[1].dilation == 1;
    memset(r->to, 0, (size_t)r->count * sizeof *r->to);
    for (int64_t k0 = 0; k0 < axis[0].kernel; k0++) {
        int64_t w0 = axis_window(&axis[0], axis[0].in, at->cell[0], k0), window[2], end[2];
        if (w0 < 0) continue;
        r->from = input + input_of(layout, at, k0 * axis[1].kernel, w0, 0);
        for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
            fold_landing(r, k1, &window[0], &end[0]);
            if (pairs && k1 + 1 < axis[1].kernel) {
                fold_landing(r, k1 + 1, &window[1], &end[1]);
                add_two(r, k1++, window, end);
            } else {
                add_windows(r, k1, window[0], end[0]);
            }
        }
    }
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    if (first >= last) return;
    element at = output_element(layout, first);
    fold_row r = {0};
    for (int64_t o = first; o < last; o += r.count) {
        int64_t count = at_most(layout->axis[1].out - at.cell[1], last - o);
        if (!r.known || r.x != at.cell[1] || r.count != count) r = fold_row_of(layout, &at, count);
        r.to = output + o;
        add_row(layout, operands->input[0], &at, &r);
        at.cell[1] += count - 1;
        element_advance(layout, &at);
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
