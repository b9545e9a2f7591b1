/* How many taps reach each output element, and how many read each input element. */
#include "geometry.h"
#include "kind.h"
#include "plan.h"
#include "refuse.h"
#include <string.h>

/* Counts along the three axes multiply: fills one plane, then repeats it for every channel and sample. */
typedef int64_t axis_count(const conv_axis *axis, int64_t cell);

static void fill_planes(const conv_layout *layout, bool output, axis_count *along, int64_t factor, int64_t *counts) {
    const conv_axis *axis = layout->axis;
    int64_t size[CONV_MAX_SPATIAL];
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) size[i] = output ? axis[i].out : axis[i].in;
    int64_t plane = size[0] * size[1] * size[2];
    int64_t planes = layout->batch * (output ? layout->out_channels : layout->in_channels);
    if (planes == 0 || plane == 0) return;
    /* The first slice holds the product of axes 1 and 2 until the others are made from it. */
    int64_t slice = size[1] * size[2];
    for (int64_t c = 0; c < size[2]; c++) counts[c] = factor * along(&axis[2], c);
    for (int64_t row = size[1] - 1; row >= 0; row--) {
        int64_t times = along(&axis[1], row);
        for (int64_t c = 0; c < size[2]; c++) counts[row * size[2] + c] = times * counts[c];
    }
    for (int64_t i = size[0] - 1; i >= 0; i--) {
        int64_t times = along(&axis[0], i);
        for (int64_t c = 0; c < slice; c++) counts[i * slice + c] = times * counts[c];
    }
    for (int64_t p = 1; p < planes; p++) memcpy(counts + p * plane, counts, (size_t)plane * sizeof *counts);
}

static void count_tap(void *context, const conv_tap *tap) {
    (void)tap;
    ++*(int64_t *)context;
}

conv_status conv_trace_overlap(const conv_plan *plan, int64_t *counts, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    int64_t outputs = conv_shape_count(&layout->output);
    conv_operands none = {0};
    (void)error;
    if (layout->spec.op->kind == CONV_TRANSPOSE) {
        fill_planes(layout, true, axis_lands, layout->in_channels / layout->spec.groups, counts);
        return CONV_OK;
    }
    if (layout->spec.op->kind == CONV_FOLD) {
        fill_planes(layout, true, axis_lands, 1, counts);
        return CONV_OK;
    }
    if (layout->spec.op->kind == CONV_CONV) {
        int64_t taps = layout->in_channels / layout->spec.groups * axes_taps(layout->axis);
        for (int64_t o = 0; o < outputs; o++) counts[o] = taps;
        return CONV_OK;
    }
    for (int64_t o = 0; o < outputs; o++) {
        counts[o] = 0;
        row->taps(layout, &none, o, count_tap, &counts[o]);
    }
    return CONV_OK;
}

typedef struct read_counts {
    int64_t *counts;
    int which;
} read_counts;

static void count_read(void *context, const conv_tap *tap) {
    const read_counts *r = context;
    if (tap->input >= 0 && tap->which == r->which) r->counts[tap->input]++;
}

conv_status conv_trace_reads(const conv_plan *plan, int which, int64_t *counts, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    if (which < 0 || which >= layout->input_count)
        return refuse(error, CONV_BAD_ARGUMENT, "input", "there is no input {0}", number(which));
    if (layout->spec.op->kind == CONV_CONV || layout->spec.op->kind == CONV_TRANSPOSE) {
        bool scatter = layout->flow == CONV_SCATTER;
        fill_planes(layout, false, scatter ? axis_kept : axis_reads, layout->out_channels / layout->spec.groups,
                    counts);
        return CONV_OK;
    }
    int64_t inputs = conv_shape_count(&layout->input[which]), outputs = conv_shape_count(&layout->output);
    conv_operands none = {0};
    read_counts r = {counts, which};
    memset(counts, 0, (size_t)inputs * sizeof *counts);
    for (int64_t o = 0; o < outputs; o++) row->taps(layout, &none, o, count_read, &r);
    return CONV_OK;
}
