/* Receptive fields: theoretical, layer by layer, and the exact reach of cells. */
#include "geometry.h"
#include "kind.h"
#include <math.h>

conv_field conv_field_identity(void) {
    return (conv_field){.size = 1, .jump = 1, .start = 0, .span = 0};
}

/* Windows that meet in one output cell are taps apart: those whose distance is a whole number of strides. */
static conv_field scatter_field(conv_field before, const conv_axis *axis) {
    int64_t every = axis->stride / greatest_divisor(axis->stride, axis->dilation);
    int64_t taps_apart = (axis->kernel - 1) / every * every;
    double windows_apart = (double)taps_apart * (double)axis->dilation / (double)axis->stride;
    double last_tap = (double)axis->pad_before - (double)axis->dilation * (double)(axis->kernel - 1);
    before.span += windows_apart * before.jump;
    before.start += last_tap / (double)axis->stride * before.jump;
    before.jump /= (double)axis->stride;
    return before;
}

conv_field conv_field_through(conv_field before, const conv_layout *layout, int axis) {
    const kind *row = kind_of(layout->spec.op);
    const conv_axis *a = &layout->axis[axis];
    conv_field after = before;
    if (row->field != NULL) {
        after = row->field(before, layout, axis);
    } else if (layout->flow == CONV_SCATTER) {
        after = scatter_field(before, a);
    } else {
        after.span += (double)(conv_axis_extent(a) - 1) * before.jump;
        after.start -= (double)a->pad_before * before.jump;
        after.jump *= (double)a->stride;
    }
    after.size = (int64_t)ceil(after.span - 1e-9) + 1;
    return after;
}

void conv_layout_reach(const conv_layout *layout, int axis, int64_t out_first, int64_t out_last, int64_t *first,
                       int64_t *last) {
    const kind *row = kind_of(layout->spec.op);
    if (row->reach != NULL)
        row->reach(layout, axis, out_first, out_last, first, last);
    else if (layout->flow == CONV_SCATTER)
        axis_reach_scatter(&layout->axis[axis], out_first, out_last, first, last);
    else
        axis_reach_gather(&layout->axis[axis], out_first, out_last, first, last);
}
