/* MaxPool and AvgPool: https://pytorch.org/docs/1.13/generated/torch.nn.MaxPool2d.html and torch.nn.AvgPool2d.html
 *
 * Max pooling's padding reads minus infinity. Average pooling counts padding cells in the divisor unless
 * count_include_pad is False, but never the cells that a last window of ceil_mode has behind the padding. */
#include "formula.h"
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <math.h>
#include <string.h>

/* MaxPool1d without indices is code of its own in PyTorch: an output of no cells passes it. */
static bool may_be_empty(const conv_spec *spec, conv_axis *axis) {
    if (spec->op->kind != CONV_MAX_POOL || spec->op->dims != 1 || spec->return_indices) return false;
    __int128 extent = (__int128)axis->dilation * (axis->kernel - 1) + 1;
    __int128 room = axis->in + 2 * axis->pad_before - extent + (spec->ceil_mode ? axis->stride - 1 : 0);
    if (room >= 0 || room + axis->stride < 0) return false;
    axis->out = 0;
    return true;
}

static conv_status shape_axis(const conv_spec *spec, int i, conv_axis *axis, conv_error *error) {
    axis->kernel = spec->kernel_size[i];
    axis->stride = spec->stride_given ? spec->stride[i] : spec->kernel_size[i];
    axis->dilation = spec->dilation[i];
    axis->pad_before = axis->pad_after = spec->padding[i];
    axis->mode = CONV_CONSTANT;
    if (spec->padding[i] > spec->kernel_size[i] / 2)
        return refuse(error, CONV_BAD_SHAPE, "padding", "padding ({0}) must be at most half of kernel_size ({1})",
                      number(spec->padding[i]), number(spec->kernel_size[i]));
    if (may_be_empty(spec, axis)) return CONV_OK;
    if (!spec->ceil_mode) return shape_slide(axis, error);
    /* Rounded up, a last window may hang over the end; but it must begin inside the input or the padding before it. */
    __int128 extent = (__int128)axis->dilation * (axis->kernel - 1) + 1;
    __int128 room = axis->in + 2 * axis->pad_before - extent + axis->stride - 1;
    if (room < 0) return shape_slide(axis, error);
    axis->out = (int64_t)(room / axis->stride) + 1;
    if ((axis->out - 1) * axis->stride >= axis->in + axis->pad_before) axis->out--;
    return CONV_OK;
}

/* A window is walked through tap by tap; half of each axis of it can lie in the padding. Nothing else bounds it: it has
 * no weights. */
static conv_status check_window(const conv_layout *layout, conv_error *error) {
    const int64_t always = 1 << 24, times_input = 8;
    int64_t taps = 1, cells = 1;
    for (int i = 0; i < layout->dims; i++) {
        conv_status status = shape_multiply(taps, layout->axis[i].kernel, &taps, "kernel_size", error);
        if (status != CONV_OK) return status;
        if (__builtin_mul_overflow(cells, layout->axis[i].in, &cells)) cells = INT64_MAX;
    }
    if (taps <= always || taps / times_input <= cells) return CONV_OK;
    return refuse(error, CONV_TOO_LARGE, "kernel_size", "a window of {0} cells is too large for an input of {1} cells",
                  number(taps), number(cells));
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_status status = shape_read_input(layout, layout->spec.op->dims, error);
    for (int i = 0; i < layout->dims && status == CONV_OK; i++)
        status = shape_axis(&layout->spec, i, &layout->axis[i], error);
    for (int i = 0; i < layout->dims && status == CONV_OK && layout->spec.op->kind == CONV_AVG_POOL; i++)
        if (layout->dims == 3 &&
            layout->axis[i].in < layout->axis[i].kernel) /* whatever the padding; so PyTorch, in 3-D only */
            status = refuse(
                error, CONV_BAD_SHAPE, "kernel_size",
                "AvgPool3d needs an input at least as large as its kernel: there are {0} cells for a kernel of {1}",
                number(layout->axis[i].in), number(layout->axis[i].kernel));
    if (status == CONV_OK) status = check_window(layout, error);
    if (status == CONV_OK) shape_write_output(layout);
    return status;
}

/* The taps [first, last) of a window along one axis that count: those inside the input or, unless `real`, inside its
 * padding. */
static void counted(const conv_axis *axis, int64_t window, bool real, int64_t *first, int64_t *last) {
    int64_t start = axis_tap(axis, window, 0);
    *first = 0;
    *last = axis->kernel;
    if (start >= 0 && start + axis->dilation * (axis->kernel - 1) < axis->in) return; /* as most windows are */
    int64_t before = real ? 0 : axis->pad_before, after = real ? 0 : axis->pad_after;
    *first = start + before >= 0 ? 0 : (-start - before + axis->dilation - 1) / axis->dilation;
    int64_t room = axis->in + after - start;
    *last = room <= 0 ? 0 : (room + axis->dilation - 1) / axis->dilation;
    if (*last > axis->kernel) *last = axis->kernel;
    if (*first > *last) *first = *last;
}

typedef struct span {
    int64_t first[CONV_MAX_SPATIAL], last[CONV_MAX_SPATIAL];
} span;

static span span_of(const conv_layout *layout, const int64_t *window, bool real) {
    span s;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) counted(&layout->axis[i], window[i], real, &s.first[i], &s.last[i]);
    return s;
}

/* The taps of a window that lie inside the input. Between neighbouring windows most axes stay where they are. */
typedef struct inside {
    int64_t window[CONV_MAX_SPATIAL]; /* which it is; -1: none yet */
    int64_t count[CONV_MAX_SPATIAL];
    int64_t first[CONV_MAX_SPATIAL], step[CONV_MAX_SPATIAL]; /* in cells of the plane: of the first tap, to the next */
} inside;

static const inside inside_none = {.window = {-1, -1, -1}};

static void inside_move(const conv_layout *layout, const element *at, inside *n) {
    int64_t cells = 1;
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; cells *= layout->axis[i--].in) {
        const conv_axis *axis = &layout->axis[i];
        if (n->window[i] == at->cell[i]) continue;
        int64_t first, last;
        counted(axis, at->cell[i], true, &first, &last);
        n->window[i] = at->cell[i];
        n->count[i] = last - first;
        n->first[i] = axis_tap(axis, at->cell[i], first) * cells;
        n->step[i] = axis->dilation * cells;
    }
}

static bool inside_whole(const conv_layout *layout, const inside *n) {
    const conv_axis *axis = layout->axis;
    return n->count[0] == axis[0].kernel && n->count[1] == axis[1].kernel && n->count[2] == axis[2].kernel;
}

/* Cell of the plane that a tap reads; the tap must lie inside. */
static inline int64_t cell_of(const conv_axis *axis, const int64_t *window, int64_t k0, int64_t k1, int64_t k2) {
    return (axis_tap(&axis[0], window[0], k0) * axis[1].in + axis_tap(&axis[1], window[1], k1)) * axis[2].in +
           axis_tap(&axis[2], window[2], k2);
}

static int64_t plane_of(const conv_layout *layout, const element *at) {
    return (at->batch * layout->in_channels + at->channel) * axes_inputs(layout->axis);
}

static inline float larger(float maximum, float value) {
    return ((value > maximum) | (value != value)) ? value : maximum; /* no branch: it would be guessed wrong */
}

/* The maximum of a window and its cell. NaN wins over every number, the last NaN over those before. */
static float window_maximum(const float *plane, const inside *n, int64_t *cell) {
    float maximum = -INFINITY;
    int64_t most = n->first[0] + n->first[1] + n->first[2];
    for (int64_t k0 = 0, c0 = most; k0 < n->count[0]; k0++, c0 += n->step[0])
        for (int64_t k1 = 0, c1 = c0; k1 < n->count[1]; k1++, c1 += n->step[1])
            for (int64_t k2 = 0, c = c1; k2 < n->count[2]; k2++, c += n->step[2]) {
                float value = plane[c];
                most = ((value > maximum) | (value != value)) ? c : most;
                maximum = larger(maximum, value);
            }
    *cell = most;
    return maximum;
}

/* Windows that follow each other along the last axis, all of them inside the input along it, are done together: each
 * of their taps in turn for all of them, which is each one's own order. So are the windows of planes that have one. */
enum { RUN = 128, LEAST_RUN = 4 };

static bool one_window(const conv_layout *layout) {
    return axes_outputs(layout->axis) == 1;
}

/* How many of the windows from `at` on; 1: not worth it, or this one is not inside. */
static int64_t run_of(const conv_layout *layout, const element *at, int64_t most) {
    const conv_axis *axis = &layout->axis[layout->dims - 1];
    if (one_window(layout)) return at_most(most, RUN);
    int64_t window = at->cell[layout->dims - 1], room = axis->in - 1 - axis->dilation * (axis->kernel - 1);
    int64_t end = room < -axis->pad_before ? 0 : (room + axis->pad_before) / axis->stride + 1;
    if (end > axis->out) end = axis->out;
    if (window * axis->stride < axis->pad_before || end - window < LEAST_RUN || most < LEAST_RUN) return 1;
    int64_t count = end - window < most ? end - window : most;
    return count < RUN ? count : RUN;
}

static void run_maximum(const float *from, int64_t stride, int64_t count, float *to) {
    if (stride == 1)
        for (int64_t i = 0; i < count; i++) to[i] = larger(to[i], from[i]);
    else if (stride == 2)
        for (int64_t i = 0; i < count; i++) to[i] = larger(to[i], from[2 * i]);
    else
        for (int64_t i = 0; i < count; i++) to[i] = larger(to[i], from[i * stride]);
}

static void run_sum(const float *from, int64_t stride, int64_t count, float *to) {
    if (stride == 1)
        for (int64_t i = 0; i < count; i++) to[i] += from[i];
    else if (stride == 2)
        for (int64_t i = 0; i < count; i++) to[i] += from[2 * i];
    else
        for (int64_t i = 0; i < count; i++) to[i] += from[i * stride];
}

static void run_taps(const conv_layout *layout, const float *plane, const inside *n, int64_t count, float start,
                     void (*add)(const float *, int64_t, int64_t, float *), float *to) {
    const float *from = plane + n->first[0] + n->first[1] + n->first[2];
    int64_t stride = one_window(layout) ? axes_inputs(layout->axis) : layout->axis[layout->dims - 1].stride;
    float line[RUN];
    for (int64_t i = 0; i < count; i++) line[i] = start;
    for (int64_t k0 = 0; k0 < n->count[0]; k0++)
        for (int64_t k1 = 0; k1 < n->count[1]; k1++)
            for (int64_t k2 = 0; k2 < n->count[2]; k2++)
                add(from + k0 * n->step[0] + k1 * n->step[1] + k2 * n->step[2], stride, count, line);
    memcpy(to, line, (size_t)count * sizeof *to);
}

static void run_pass(const conv_layout *layout, element *at, int64_t count) {
    const bool planes = one_window(layout);
    if (!planes) at->cell[layout->dims - 1] += count - 1;
    for (int64_t i = planes ? 0 : count - 1; i < count; i++) element_advance(layout, at);
}

static void max_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                        float *output, int64_t *indices) {
    if (first >= last) return;
    element at = output_element(layout, first);
    inside n = inside_none;
    for (int64_t o = first, run; o < last; o += run, run_pass(layout, &at, run)) {
        int64_t cell;
        inside_move(layout, &at, &n);
        run = indices == NULL ? run_of(layout, &at, last - o) : 1;
        const float *plane = operands->input[0] + plane_of(layout, &at);
        if (run > 1)
            run_taps(layout, plane, &n, run, -INFINITY, run_maximum, output + o);
        else
            output[o] = window_maximum(plane, &n, &cell);
        if (indices != NULL) indices[o] = cell;
    }
}

/* Fills in what a tap of either pooling reads. Padding reads `outside`. */
static void fill_tap(const conv_layout *layout, const conv_operands *operands, const element *at, const int64_t *k,
                     float outside, conv_tap *tap) {
    const conv_axis *axis = layout->axis;
    tap->in_padding = false;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        tap->kernel[i] = k[i];
        tap->position[i] = axis_tap(&axis[i], at->cell[i], k[i]);
        tap->in_padding = tap->in_padding || tap->position[i] < 0 || tap->position[i] >= axis[i].in;
    }
    tap->input = tap->in_padding ? -1 : plane_of(layout, at) + cell_of(axis, at->cell, k[0], k[1], k[2]);
    tap->value = tap->in_padding ? outside : operands->input[0] == NULL ? 0 : operands->input[0][tap->input];
}

static void max_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                     void *context) {
    const conv_axis *axis = layout->axis;
    element at = output_element(layout, output);
    int64_t chosen = -1, k[CONV_MAX_SPATIAL];
    if (operands->input[0] != NULL) {
        inside n = inside_none;
        inside_move(layout, &at, &n);
        window_maximum(operands->input[0] + plane_of(layout, &at), &n, &chosen);
        chosen += plane_of(layout, &at);
    }
    conv_tap tap = {.weight = -1, .output = output, .channel = at.channel, .factor = 1};
    float maximum = -INFINITY;
    for (k[0] = 0; k[0] < axis[0].kernel; k[0]++)
        for (k[1] = 0; k[1] < axis[1].kernel; k[1]++)
            for (k[2] = 0; k[2] < axis[2].kernel; k[2]++) {
                fill_tap(layout, operands, &at, k, -INFINITY, &tap);
                if (tap.value > maximum || isnan(tap.value)) maximum = tap.value;
                tap.product = tap.value;
                tap.sum = maximum;
                tap.chosen = tap.input >= 0 && tap.input == chosen;
                visit(context, &tap);
            }
}

static float divisor(const conv_layout *layout, const element *at) {
    if (layout->spec.divisor_override != 0) return (float)layout->spec.divisor_override;
    span s = span_of(layout, at->cell, !layout->spec.count_include_pad);
    return (float)((s.last[0] - s.first[0]) * (s.last[1] - s.first[1]) * (s.last[2] - s.first[2]));
}

static float avg_slope(const conv_layout *layout, const conv_operands *operands, int64_t output) {
    (void)operands;
    element at = output_element(layout, output);
    return 1 / divisor(layout, &at);
}

static float avg_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    (void)operands;
    element at = output_element(layout, output);
    return sum / divisor(layout, &at);
}

static float window_sum(const float *plane, const inside *n) {
    const float *from = plane + n->first[0] + n->first[1] + n->first[2];
    float sum = 0;
    for (int64_t k0 = 0; k0 < n->count[0]; k0++)
        for (int64_t k1 = 0; k1 < n->count[1]; k1++)
            for (int64_t k2 = 0; k2 < n->count[2]; k2++)
                sum += from[k0 * n->step[0] + k1 * n->step[1] + k2 * n->step[2]];
    return sum;
}

static void avg_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                        float *output, int64_t *indices) {
    (void)indices;
    if (first >= last) return;
    element at = output_element(layout, first);
    inside n = inside_none;
    bool override = layout->spec.divisor_override != 0;
    float whole = (float)axes_taps(layout->axis);
    for (int64_t o = first, run; o < last; o += run, run_pass(layout, &at, run)) {
        inside_move(layout, &at, &n);
        run = run_of(layout, &at, last - o);
        const float *plane = operands->input[0] + plane_of(layout, &at);
        if (run > 1)
            run_taps(layout, plane, &n, run, 0, run_sum, output + o);
        else
            output[o] = window_sum(plane, &n);
        float by = !override && inside_whole(layout, &n) ? whole : divisor(layout, &at);
        for (int64_t i = 0; i < run; i++) output[o + i] /= by;
    }
}

static void avg_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                     void *context) {
    element at = output_element(layout, output);
    span s = span_of(layout, at.cell, !layout->spec.count_include_pad);
    chain c = {.visit = visit, .context = context};
    conv_tap tap = {.weight = -1, .output = output, .channel = at.channel, .factor = 1};
    int64_t k[CONV_MAX_SPATIAL];
    for (k[0] = s.first[0]; k[0] < s.last[0]; k[0]++)
        for (k[1] = s.first[1]; k[1] < s.last[1]; k[1]++)
            for (k[2] = s.first[2]; k[2] < s.last[2]; k[2]++) {
                fill_tap(layout, operands, &at, k, 0, &tap);
                chain_add(&c, &tap);
            }
}

const kind max_pool_kind = {
    .shape = shape,
    .outputs = max_outputs,
    .taps = max_taps,
    .readers = readers_local,
    .has_gradient = true,
    .formula = formula_slide,
};

const kind avg_pool_kind = {
    .shape = shape,
    .outputs = avg_outputs,
    .taps = avg_taps,
    .finish = avg_finish,
    .slope = avg_slope,
    .readers = readers_local,
    .formula = formula_slide,
};
