/* MaxUnpool: each input value goes to the cell that its index names, all others are 0. Where indices meet, the later
 * value stays. https://pytorch.org/docs/1.13/generated/torch.nn.MaxUnpool2d.html */
#include "formula.h"
#include "geometry.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <string.h>

static conv_status shape_axis(const conv_spec *spec, int i, conv_axis *axis, conv_error *error) {
    axis->kernel = spec->kernel_size[i];
    axis->stride = spec->stride_given ? spec->stride[i] : spec->kernel_size[i];
    axis->pad_before = axis->pad_after = spec->padding[i];
    __int128 usual = (__int128)(axis->in - 1) * axis->stride - 2 * spec->padding[i] + axis->kernel;
    if (usual < 1 || usual > SHAPE_LARGEST)
        return refuse(error, usual < 1 ? CONV_BAD_SHAPE : CONV_TOO_LARGE, "padding",
                      "kernel_size, stride and padding give no output: use less padding and a smaller stride");
    axis->out = (int64_t)usual;
    int64_t size = spec->output_size[i];
    if (size == 0) return CONV_OK;
    if (size <= axis->out - axis->stride || size >= axis->out + axis->stride)
        return refuse(error, CONV_BAD_SHAPE, "output_size", "output_size must be between {0} and {1}, not {2}",
                      number(axis->out - axis->stride + 1), number(axis->out + axis->stride - 1), number(size));
    axis->out = size;
    return CONV_OK;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_status status = shape_read_input(layout, layout->spec.op->dims, error);
    for (int i = 0; i < layout->dims && status == CONV_OK; i++)
        status = shape_axis(&layout->spec, i, &layout->axis[i], error);
    if (status == CONV_OK) shape_write_output(layout);
    return status;
}

/* Planes of input and output correspond. */
static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    int64_t cells = axes_inputs(layout->axis), plane = axes_outputs(layout->axis);
    (void)indices;
    if (first >= last) return;
    memset(output + first, 0, (size_t)(last - first) * sizeof *output);
    for (int64_t p = first / plane; p <= (last - 1) / plane; p++)
        for (int64_t i = p * cells; i < (p + 1) * cells; i++) {
            int64_t o = p * plane + operands->indices[i];
            if (o >= first && o < last) output[o] = operands->input[0][i];
        }
}

static void stamps(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                   float *output) {
    int64_t cells = axes_inputs(layout->axis), plane = axes_outputs(layout->axis);
    for (int64_t i = first; i < last; i++) output[i / cells * plane + operands->indices[i]] = operands->input[0][i];
}

static conv_tap tap_of(const conv_layout *layout, const conv_operands *operands, int64_t input) {
    int64_t cells = axes_inputs(layout->axis), plane = axes_outputs(layout->axis);
    conv_tap tap = {.input = input, .weight = -1, .channel = input / cells % layout->in_channels, .factor = 1};
    tap.output = input / cells * plane + operands->indices[input];
    axes_position(layout->axis, true, operands->indices[input], tap.position);
    tap.value = operands->input[0] != NULL ? operands->input[0][input] : 0;
    tap.product = tap.value;
    return tap;
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    int64_t cells = axes_inputs(layout->axis), plane = axes_outputs(layout->axis), landed = 0;
    if (operands->indices == NULL) return;
    for (int64_t i = output / plane * cells; i < (output / plane + 1) * cells; i++) {
        if (operands->indices[i] != output % plane) continue;
        conv_tap tap = tap_of(layout, operands, i);
        tap.landed = ++landed;
        tap.sum = tap.value;
        visit(context, &tap);
    }
}

static void stamp(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                  void *context) {
    if (operands->indices == NULL) return;
    conv_tap tap = tap_of(layout, operands, input);
    visit(context, &tap);
}

static void backward(const conv_layout *layout, const conv_operands *operands, const float *output_gradient,
                     float *const *input_gradients) {
    int64_t cells = axes_inputs(layout->axis), plane = axes_outputs(layout->axis);
    int64_t count = conv_shape_count(&layout->input[0]);
    for (int64_t i = 0; i < count; i++)
        input_gradients[0][i] = output_gradient[i / cells * plane + operands->indices[i]];
}

const kind unpool_kind = {.shape = shape,
                          .outputs = outputs,
                          .taps = taps,
                          .stamps = stamps,
                          .stamp = stamp,
                          .backward = backward,
                          .formula = formula_transposed};
