/* Unfold: each window becomes a column; rows are channel-major, then kernel row, then kernel column.
 * https://pytorch.org/docs/1.13/generated/torch.nn.Unfold.html */
#include "copying.h"
#include "formula.h"
#include "geometry.h"
#include "kinds.h"
#include "shape.h"
#include "split.h"

static conv_status shape(conv_layout *layout, conv_error *error) {
    const conv_spec *spec = &layout->spec;
    conv_status status = shape_read_input(layout, 2, error);
    for (int i = 0; i < 2 && status == CONV_OK; i++) {
        conv_axis *axis = &layout->axis[i];
        axis->kernel = spec->kernel_size[i];
        axis->stride = spec->stride[i];
        axis->dilation = spec->dilation[i];
        axis->pad_before = axis->pad_after = spec->padding[i];
        status = shape_slide(axis, error);
    }
    int64_t taps = 0, windows = 0;
    if (status == CONV_OK)
        status = shape_multiply(spec->kernel_size[0], spec->kernel_size[1], &taps, "kernel_size", error);
    if (status == CONV_OK)
        status = shape_multiply(layout->in_channels, taps, &layout->out_channels, "kernel_size", error);
    if (status == CONV_OK) status = shape_multiply(layout->axis[0].out, layout->axis[1].out, &windows, "input", error);
    if (status != CONV_OK) return status;
    conv_shape *output = &layout->output;
    if (layout->batched) output->size[output->rank++] = layout->batch;
    output->size[output->rank++] = layout->out_channels;
    output->size[output->rank++] = windows;
    return CONV_OK;
}

/* Output channels are rows of the matrix, output cells are windows. */
static void source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    (void)output;
    const conv_axis *axis = layout->axis;
    int64_t taps = axes_taps(axis), tap = at->channel % taps;
    from->channel = at->channel / taps;
    from->kernel[0] = tap / axis[1].kernel;
    from->kernel[1] = tap % axis[1].kernel;
    from->input = at->batch * layout->in_channels + from->channel;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        int64_t p = axis_tap(&axis[i], at->cell[i], from->kernel[i]);
        from->position[i] = p;
        from->in_padding = from->in_padding || p < 0 || p >= axis[i].in;
        from->input = from->in_padding ? -1 : from->input * axis[i].in + p;
    }
    if (from->in_padding) return;
    from->run = at_most((axis[1].in - 1 - from->position[1]) / axis[1].stride + 1, axis[1].out - at->cell[1]);
    from->step = axis[1].stride;
}

const kind unfold_kind = {.shape = shape,
                          .source = source,
                          .outputs = copy_outputs,
                          .taps = copy_taps,
                          .readers = readers_local,
                          .formula = formula_slide};
