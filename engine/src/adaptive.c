/* AdaptiveMaxPool and AdaptiveAvgPool: window o of an axis is [floor(o in / out), ceil((o + 1) in / out)).
 * https://pytorch.org/docs/1.13/generated/torch.nn.AdaptiveAvgPool2d.html */
#include "geometry.h"
#include "kernels.h"
#include "kinds.h"
#include "shape.h"
#include "split.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static int64_t begin_of(const conv_axis *axis, int64_t window) {
    return (int64_t)((__int128)window * axis->in / axis->out);
}

static int64_t end_of(const conv_axis *axis, int64_t window) {
    return (int64_t)(((__int128)(window + 1) * axis->in + axis->out - 1) / axis->out);
}

/* Window o begins a fraction (o r mod out) / out of a cell late, r = in mod out: at most (out - gcd(r, out)) / out. */
static int64_t largest_window(int64_t in, int64_t out) {
    int64_t rest = in % out;
    return in / out + (rest > 0) + (rest > greatest_divisor(rest, out));
}

/* axis.kernel is the largest window; axis.stride the distance of windows, rounded down. */
static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_status status = shape_read_input(layout, layout->spec.op->dims, error);
    if (status != CONV_OK) return status;
    for (int i = 0; i < layout->dims; i++) {
        conv_axis *axis = &layout->axis[i];
        int64_t wanted = layout->spec.output_size[i];
        axis->out = wanted > 0 ? wanted : axis->in;
        axis->kernel = largest_window(axis->in, axis->out);
        axis->stride = axis->in / axis->out > 0 ? axis->in / axis->out : 1;
        axis->mode = CONV_CONSTANT;
    }
    shape_write_output(layout);
    return CONV_OK;
}

typedef struct box {
    int64_t begin[CONV_MAX_SPATIAL], end[CONV_MAX_SPATIAL];
    int64_t plane;
} box;

static box box_of(const conv_layout *layout, const element *at) {
    box b = {.plane = (at->batch * layout->in_channels + at->channel) * axes_inputs(layout->axis)};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        b.begin[i] = begin_of(&layout->axis[i], at->cell[i]);
        b.end[i] = end_of(&layout->axis[i], at->cell[i]);
    }
    return b;
}

typedef void cell_visit(void *context, int64_t input, const int64_t *position);

static void each_cell(const conv_layout *layout, const box *b, cell_visit *visit, void *context) {
    const conv_axis *axis = layout->axis;
    int64_t p[CONV_MAX_SPATIAL];
    for (p[0] = b->begin[0]; p[0] < b->end[0]; p[0]++)
        for (p[1] = b->begin[1]; p[1] < b->end[1]; p[1]++)
            for (p[2] = b->begin[2]; p[2] < b->end[2]; p[2]++)
                visit(context, b->plane + (p[0] * axis[1].in + p[1]) * axis[2].in + p[2], p);
}

/* NaN wins over every number, the last NaN over those before. */
static float maximum_of(const conv_layout *layout, const float *input, const box *b, int64_t *cell) {
    const conv_axis *axis = layout->axis;
    float maximum = -INFINITY;
    *cell = -1;
    for (int64_t p0 = b->begin[0]; p0 < b->end[0]; p0++)
        for (int64_t p1 = b->begin[1]; p1 < b->end[1]; p1++) {
            int64_t row = b->plane + (p0 * axis[1].in + p1) * axis[2].in;
            if (*cell < 0) *cell = row + b->begin[2];
            for (int64_t p2 = b->begin[2]; p2 < b->end[2]; p2++) {
                float value = input[row + p2];
                bool more = (value > maximum) | (value != value); /* no branch: it would be guessed wrong */
                *cell = more ? row + p2 : *cell;
                maximum = more ? value : maximum;
            }
        }
    return maximum;
}

/* The same window in `planes` planes that follow each other, side by side: each is a chain of its own, whose steps wait
 * for each other. */
enum { TOGETHER = 8 };

static inline void together(const conv_layout *layout, const float *input, const box *b, int planes, bool maximum,
                            float *to) {
    const conv_axis *axis = layout->axis;
    int64_t step = axes_inputs(axis);
    float pooled[TOGETHER];
    for (int i = 0; i < planes; i++) pooled[i] = maximum ? -INFINITY : 0;
    for (int64_t p0 = b->begin[0]; p0 < b->end[0]; p0++)
        for (int64_t p1 = b->begin[1]; p1 < b->end[1]; p1++) {
            const float *row = input + b->plane + (p0 * axis[1].in + p1) * axis[2].in;
            for (int64_t p2 = b->begin[2]; p2 < b->end[2]; p2++)
                for (int i = 0; i < planes; i++) {
                    float value = row[i * step + p2];
                    bool more = (value > pooled[i]) | (value != value);
                    pooled[i] = !maximum ? pooled[i] + value : more ? value : pooled[i];
                }
        }
    for (int i = 0; i < planes; i++) to[i] = pooled[i];
}

static void sums(const conv_layout *layout, const float *input, const box *b, float *to) {
    together(layout, input, b, TOGETHER, false, to);
}

static void maxima(const conv_layout *layout, const float *input, const box *b, float *to) {
    together(layout, input, b, TOGETHER, true, to);
}

static void one_sum(const conv_layout *layout, const float *input, const box *b, float *to) {
    together(layout, input, b, 1, false, to);
}

static void one_maximum(const conv_layout *layout, const float *input, const box *b, float *to) {
    together(layout, input, b, 1, true, to);
}

/* Sums of the same window of several planes, at most as many as a vector has lanes: their cells are turned, a row of
 * the window at a time. Rows that follow each other without a gap are one. */
enum { LEAST_TURNED = 4 /* planes, and cells of a row: fewer are quicker added one by one */ };

static int64_t row_cells(const conv_layout *layout, const box *b) {
    const conv_axis *axis = layout->axis;
    int64_t wide = b->end[2] - b->begin[2], high = b->end[1] - b->begin[1];
    if (wide != axis[2].in) return wide;
    return high == axis[1].in ? wide * high * (b->end[0] - b->begin[0]) : wide * high;
}

static void turned_sums(const struct kernels *set, const conv_layout *layout, const float *input, const box *b,
                        int planes, float *to) {
    const conv_axis *axis = layout->axis;
    int64_t row = row_cells(layout, b), all = 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) all *= b->end[i] - b->begin[i];
    for (int i = 0; i < planes; i++) to[i] = 0;
    int64_t high = b->end[1] - b->begin[1], wide = b->end[2] - b->begin[2];
    for (int64_t done = 0; done < all; done += row) {
        int64_t p1 = b->begin[1] + done / wide % high, p0 = b->begin[0] + done / wide / high;
        set->line_sums(to, input + b->plane + (p0 * axis[1].in + p1) * axis[2].in + b->begin[2], axes_inputs(axis),
                       planes, row);
    }
}

static float cells(const box *b) {
    return (float)((b->end[0] - b->begin[0]) * (b->end[1] - b->begin[1]) * (b->end[2] - b->begin[2]));
}

/* One by one, or several whole planes at once. */
static void pool_outputs(const struct kernels *set, const conv_layout *layout, const float *input, int64_t first,
                         int64_t last, bool maximum, float *output) {
    int64_t windows = axes_outputs(layout->axis);
    for (int64_t o = first, run; o < last; o += run) {
        element at = output_element(layout, o);
        box b = box_of(layout, &at);
        int64_t whole = o % windows == 0 ? (last - o) / windows : 0;
        bool turned = !maximum && whole >= LEAST_TURNED && row_cells(layout, &b) >= LEAST_TURNED;
        int planes = turned ? (int)at_most(whole, set->lanes) : whole >= TOGETHER ? TOGETHER : 1;
        run = planes > 1 ? planes * windows : 1;
        for (int64_t w = 0; w < (run > 1 ? windows : 1); w++, element_advance(layout, &at)) {
            float pooled[MOST_LANES] = {0};
            b = box_of(layout, &at);
            float by = cells(&b);
            if (turned)
                turned_sums(set, layout, input, &b, planes, pooled);
            else
                (planes > 1 ? maximum ? maxima : sums : maximum ? one_maximum : one_sum)(layout, input, &b, pooled);
            for (int i = 0; i < planes; i++) output[o + i * windows + w] = maximum ? pooled[i] : pooled[i] / by;
        }
    }
}

static void max_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                        float *output, int64_t *indices) {
    if (indices == NULL) {
        pool_outputs(kernels_plain, layout, operands->input[0], first, last, true, output);
        return;
    }
    for (int64_t o = first; o < last; o++) {
        element at = output_element(layout, o);
        box b = box_of(layout, &at);
        output[o] = maximum_of(layout, operands->input[0], &b, &indices[o]);
        indices[o] -= b.plane;
    }
}

static void avg_outputs_by(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                           int64_t first, int64_t last, float *output) {
    pool_outputs(set, layout, operands->input[0], first, last, false, output);
}

static void avg_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                        float *output, int64_t *indices) {
    (void)indices;
    avg_outputs_by(kernels_plain, layout, operands, first, last, output);
}

static float avg_slope(const conv_layout *layout, const conv_operands *operands, int64_t output) {
    (void)operands;
    element at = output_element(layout, output);
    box b = box_of(layout, &at);
    return 1 / cells(&b);
}

static float avg_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    (void)operands;
    element at = output_element(layout, output);
    box b = box_of(layout, &at);
    return sum / cells(&b);
}

typedef struct shown {
    chain c;
    const float *input;
    conv_tap tap;
    const box *box;
    bool maximum;
    int64_t chosen;
} shown;

static void show_cell(void *context, int64_t input, const int64_t *position) {
    shown *s = context;
    conv_tap *tap = &s->tap;
    tap->input = input;
    tap->value = s->input != NULL ? s->input[input] : 0;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        tap->position[i] = position[i];
        tap->kernel[i] = position[i] - s->box->begin[i];
    }
    if (!s->maximum) {
        chain_add(&s->c, tap);
        return;
    }
    if (tap->value > s->c.sum || isnan(tap->value)) s->c.sum = tap->value;
    tap->product = tap->value;
    tap->sum = s->c.sum;
    tap->chosen = input == s->chosen;
    s->c.visit(s->c.context, tap);
}

static void show_window(const conv_layout *layout, const conv_operands *operands, int64_t output, bool maximum,
                        tap_visit *visit, void *context) {
    element at = output_element(layout, output);
    box b = box_of(layout, &at);
    shown s = {.c = {.visit = visit, .context = context, .sum = maximum ? -INFINITY : 0},
               .input = operands->input[0],
               .tap = {.weight = -1, .output = output, .channel = at.channel, .factor = 1},
               .box = &b,
               .maximum = maximum,
               .chosen = -1};
    if (maximum && operands->input[0] != NULL) maximum_of(layout, operands->input[0], &b, &s.chosen);
    each_cell(layout, &b, show_cell, &s);
}

static void max_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                     void *context) {
    show_window(layout, operands, output, true, visit, context);
}

static void avg_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                     void *context) {
    show_window(layout, operands, output, false, visit, context);
}

static void reach(const conv_layout *layout, int i, int64_t out_first, int64_t out_last, int64_t *first,
                  int64_t *last) {
    const conv_axis *axis = &layout->axis[i];
    *first = out_first <= out_last ? begin_of(axis, out_first) : 0;
    *last = out_first <= out_last ? end_of(axis, out_last) - 1 : -1;
}

static conv_field field(conv_field before, const conv_layout *layout, int i) {
    const conv_axis *axis = &layout->axis[i];
    before.span += (double)(axis->kernel - 1) * before.jump;
    before.jump *= (double)axis->in / (double)axis->out;
    return before;
}

static void formula(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    if (symbols)
        snprintf(text, (size_t)size, "output_size[%d]", i);
    else
        snprintf(text, (size_t)size, "%" PRId64, layout->axis[i].out);
}

const kind adaptive_max_kind = {.shape = shape,
                                .outputs = max_outputs,
                                .taps = max_taps,
                                .readers = readers_local,
                                .has_gradient = true,
                                .reach = reach,
                                .field = field,
                                .formula = formula};
const kind adaptive_avg_kind = {.shape = shape,
                                .outputs = avg_outputs,
                                .outputs_by = avg_outputs_by,
                                .taps = avg_taps,
                                .finish = avg_finish,
                                .slope = avg_slope,
                                .readers = readers_local,
                                .reach = reach,
                                .field = field,
                                .formula = formula};
