/* ZeroPad2d, ConstantPad, ReflectionPad, ReplicationPad: each output cell copies one input cell or is the constant.
 * https://pytorch.org/docs/1.13/generated/torch.nn.ZeroPad2d.html. Negative padding crops. */
#include "copying.h"
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <inttypes.h>
#include <stdio.h>

/* Where a constant kind only crops, PyTorch lets nothing remain. */
static bool crops_only(const conv_spec *spec) {
    bool crops = spec->padding_mode == CONV_CONSTANT;
    for (int i = 0; i < 2 * spec->op->dims; i++) crops = crops && spec->padding[i] <= 0;
    return crops;
}

/* PyTorch's order is (left, right, top, bottom, front, back): the last axis first. */
static conv_status shape_axis(const conv_layout *layout, int i, conv_axis *axis, conv_error *error) {
    const int64_t *sides = layout->spec.padding + 2 * (layout->dims - 1 - i);
    axis->pad_before = sides[0];
    axis->pad_after = sides[1];
    axis->mode = layout->spec.padding_mode;
    conv_status status = padding_check(axis, error);
    if (status != CONV_OK) return status;
    axis->out = axis->in + sides[0] + sides[1];
    if (axis->out < (crops_only(&layout->spec) ? 0 : 1))
        return refuse(error, CONV_BAD_SHAPE, "padding", "padding of {0} and {1} crops all of {2} cells: crop less",
                      number(sides[0]), number(sides[1]), number(axis->in));
    return CONV_OK;
}

/* A constant pads an input of any number of leading axes: the last is the channel, the others are the batch. */
static conv_status shape(conv_layout *layout, conv_error *error) {
    const conv_shape input = layout->input[0];
    int dims = layout->spec.op->dims, leading = input.rank - dims;
    bool any = layout->spec.padding_mode == CONV_CONSTANT && leading >= 0 && leading != 1 && leading != 2;
    conv_status status = CONV_OK;
    if (any) {
        layout->dims = dims;
        layout->batched = leading > 1;
        for (int i = 0; i < leading - 1; i++) layout->batch *= input.size[i];
        layout->in_channels = layout->out_channels = leading > 0 ? input.size[leading - 1] : 1;
        for (int i = 0; i < dims; i++) layout->axis[i] = axis_neutral(input.size[leading + i]);
    } else {
        status = shape_read_input(layout, dims, error);
    }
    for (int i = 0; i < dims && status == CONV_OK; i++) status = shape_axis(layout, i, &layout->axis[i], error);
    if (status != CONV_OK) return status;
    layout->output = input;
    for (int i = 0; i < dims; i++) layout->output.size[leading + i] = layout->axis[i].out;
    return CONV_OK;
}

static void source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    (void)output;
    const conv_axis *axis = layout->axis;
    from->channel = at->channel;
    from->constant = (float)layout->spec.constant;
    from->input = at->batch * layout->in_channels + at->channel;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        int64_t p = axis_tap(&axis[i], at->cell[i], 0), cell = axis_source(&axis[i], p);
        from->position[i] = p;
        from->in_padding = from->in_padding || p < 0 || p >= axis[i].in;
        from->input = from->input < 0 || cell < 0 ? -1 : from->input * axis[i].in + cell;
    }
    const conv_axis *row = &axis[layout->dims - 1];
    int64_t p = from->position[layout->dims - 1];
    from->run = p >= 0 && p < row->in ? at_most(row->in - p, row->out - at->cell[layout->dims - 1]) : 0;
    from->step = 1;
}

static void formula(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    const conv_axis *axis = &layout->axis[i];
    int side = 2 * (layout->dims - 1 - i);
    if (symbols)
        snprintf(text, (size_t)size, "%s_in + padding[%d] + padding[%d]", axis_letter(layout->dims, i), side, side + 1);
    else
        snprintf(text, (size_t)size, "%" PRId64 " + %" PRId64 " + %" PRId64 " = %" PRId64, axis->in, axis->pad_before,
                 axis->pad_after, axis->out);
}

const kind pad_kind = {.shape = shape,
                       .source = source,
                       .outputs = copy_outputs,
                       .taps = copy_taps,
                       .readers = readers_local,
                       .formula = formula};
