/* Deformable convolution, v1 and, with a mask, v2 (Dai et al. 2017, Zhu et al. 2018), as torchvision.ops.deform_conv2d
 * computes it: each tap reads between four cells, moved by its own offset (dy, dx); what lies outside reads 0; the mask
 * is used as given. */
#include "filter.h"
#include "formula.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <math.h>

static conv_status shape_operands(conv_layout *layout, conv_error *error) {
    const conv_spec *spec = &layout->spec;
    int64_t taps = 0, each = 0, offsets = 0;
    conv_status status = shape_multiply(spec->kernel_size[0], spec->kernel_size[1], &taps, "kernel_size", error);
    if (status == CONV_OK) status = shape_multiply(taps, spec->offset_groups, &each, "kernel_size", error);
    if (status == CONV_OK) status = shape_multiply(each, 2, &offsets, "kernel_size", error);
    if (status != CONV_OK) return status;
    layout->weight = (conv_shape){
        4, {spec->out_channels, spec->in_channels / spec->groups, spec->kernel_size[0], spec->kernel_size[1]}};
    layout->offset = (conv_shape){4, {layout->batch, offsets, layout->axis[0].out, layout->axis[1].out}};
    layout->mask = (conv_shape){4, {layout->batch, each, layout->axis[0].out, layout->axis[1].out}};
    if (spec->bias) layout->bias = (conv_shape){1, {spec->out_channels}};
    return CONV_OK;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    conv_spec *spec = &layout->spec;
    conv_status status = shape_read_input(layout, 2, error);
    if (status == CONV_OK && !layout->batched)
        return refuse(error, CONV_BAD_SHAPE, "input",
                      "DeformConv2d takes a batch of 4 axes (N, C, H, W); this input has 3: add a first axis of 1");
    if (status == CONV_OK) status = shape_channels(layout, error);
    if (status == CONV_OK && (spec->offset_groups < 1 || spec->in_channels % spec->offset_groups != 0))
        return refuse(error, CONV_BAD_SHAPE, "offset",
                      "in_channels ({0}) must be divisible by the offset's groups ({1})", number(spec->in_channels),
                      number(spec->offset_groups));
    for (int i = 0; i < 2 && status == CONV_OK; i++) {
        conv_axis *axis = &layout->axis[i];
        axis->kernel = spec->kernel_size[i];
        axis->stride = spec->stride[i];
        axis->dilation = spec->dilation[i];
        axis->pad_before = axis->pad_after = spec->padding[i];
        status = shape_slide(axis, error);
    }
    if (status != CONV_OK) return status;
    layout->out_channels = spec->out_channels;
    shape_write_output(layout);
    return shape_operands(layout, error);
}

/* Where a tap reads: four cells of a plane (-1 outside) and their shares, the mask included. */
typedef struct sample {
    int64_t cell[4];
    float share[4];
    float y, x;
} sample;

static int64_t cell_at(const conv_axis *axis, int64_t y, int64_t x) {
    return y < 0 || y >= axis[0].in || x < 0 || x >= axis[1].in ? -1 : y * axis[1].in + x;
}

static sample sample_of(const conv_layout *layout, const conv_operands *operands, const element *at, int64_t channel,
                        int64_t k0, int64_t k1) {
    const conv_axis *axis = layout->axis;
    int64_t taps = axes_taps(axis), plane = axes_outputs(axis), groups = layout->spec.offset_groups;
    int64_t group = channel / (layout->in_channels / groups), tap = k0 * axis[1].kernel + k1;
    int64_t row = (at->batch * groups + group) * taps + tap, cell = at->cell[0] * axis[1].out + at->cell[1];
    sample s = {.cell = {-1, -1, -1, -1}};
    float dy = operands->offset != NULL ? operands->offset[2 * row * plane + cell] : 0;
    float dx = operands->offset != NULL ? operands->offset[(2 * row + 1) * plane + cell] : 0;
    float mask = operands->mask != NULL ? operands->mask[row * plane + cell] : 1;
    s.y = (float)axis_tap(&axis[0], at->cell[0], k0) + dy;
    s.x = (float)axis_tap(&axis[1], at->cell[1], k1) + dx;
    /* Also false for NaN. */
    if (!(s.y > -1 && s.y < (float)axis[0].in && s.x > -1 && s.x < (float)axis[1].in)) return s;
    float top = floorf(s.y), left = floorf(s.x), down = s.y - top, right = s.x - left;
    const float shares[] = {(1 - down) * (1 - right), (1 - down) * right, down * (1 - right), down * right};
    for (int i = 0; i < 4; i++) {
        s.cell[i] = cell_at(axis, (int64_t)top + i / 2, (int64_t)left + i % 2);
        s.share[i] = shares[i] * mask;
    }
    return s;
}

static float value_of(const sample *s, const float *plane) {
    float value = 0;
    for (int i = 0; i < 4; i++)
        if (s->cell[i] >= 0) value = fmaf(plane[s->cell[i]], s->share[i], value);
    return value;
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    const conv_axis *axis = layout->axis;
    (void)indices;
    for (int64_t o = first; o < last; o++) {
        element at = output_element(layout, o);
        filter f = filter_of(layout, &at);
        float sum = 0;
        for (int64_t c = 0; c < f.channels; c++) {
            const float *plane = operands->input[0] + f.input + c * f.plane,
                        *w = operands->weight + f.weight + c * f.taps;
            for (int64_t k0 = 0; k0 < axis[0].kernel; k0++)
                for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
                    sample s = sample_of(layout, operands, &at, f.first_channel + c, k0, k1);
                    sum = fmaf(value_of(&s, plane), w[kernel_index(layout, k0, k1, 0)], sum);
                }
        }
        output[o] = bias_finish(layout, operands, o, sum);
    }
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    const conv_axis *axis = layout->axis;
    element at = output_element(layout, output);
    filter f = filter_of(layout, &at);
    chain chained = {.visit = visit, .context = context};
    for (int64_t c = 0; c < f.channels; c++)
        for (int64_t k0 = 0; k0 < axis[0].kernel; k0++)
            for (int64_t k1 = 0; k1 < axis[1].kernel; k1++) {
                sample s = sample_of(layout, operands, &at, f.first_channel + c, k0, k1);
                int64_t plane = f.input + c * f.plane;
                conv_tap tap = {.input = -1, .output = output, .channel = f.first_channel + c, .kernel = {k0, k1}};
                tap.weight = f.weight + c * f.taps + kernel_index(layout, k0, k1, 0);
                tap.position[0] = axis_tap(&axis[0], at.cell[0], k0);
                tap.position[1] = axis_tap(&axis[1], at.cell[1], k1);
                tap.location[0] = s.y;
                tap.location[1] = s.x;
                tap.in_padding = true;
                for (int i = 0; i < 4; i++) {
                    tap.sample[i] = s.cell[i] < 0 ? -1 : plane + s.cell[i];
                    tap.sample_weight[i] = s.share[i];
                    tap.in_padding = tap.in_padding && s.cell[i] < 0;
                }
                tap.value = operands->input[0] != NULL ? value_of(&s, operands->input[0] + plane) : 0;
                tap.factor = operands->weight != NULL ? operands->weight[tap.weight] : 0;
                chain_add(&chained, &tap);
            }
}

/* Offsets reach anywhere. */
static void reach(const conv_layout *layout, int axis, int64_t out_first, int64_t out_last, int64_t *first,
                  int64_t *last) {
    *first = 0;
    *last = out_first <= out_last ? layout->axis[axis].in - 1 : -1;
}

const kind deformable_kind = {
    .check = convolution_check_groups,
    .shape = shape,
    .outputs = outputs,
    .taps = taps,
    .finish = bias_finish,
    .reach = reach,
    .formula = formula_slide,
};
