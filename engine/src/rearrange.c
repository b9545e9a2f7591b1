/* Flatten, Permute, Identity and concatenation: every output element is one input element in another place. */
#include "copying.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include <string.h>

/* The output as one long line: places are a matter of flat indices here. */
static void one_line(conv_layout *layout) {
    layout->axis[0].in = layout->axis[0].out = conv_shape_count(&layout->output);
}

static conv_status flatten_shape(conv_layout *layout, conv_error *error) {
    const conv_shape *input = &layout->input[0];
    int first, last;
    conv_status status = shape_dim(layout->spec.dim, input->rank, "start_dim", &first, error);
    if (status == CONV_OK) status = shape_dim(layout->spec.end_dim, input->rank, "end_dim", &last, error);
    if (status != CONV_OK) return status;
    if (first > last)
        return refuse(error, CONV_BAD_SHAPE, "start_dim", "start_dim ({0}) must not come after end_dim ({1})",
                      number(first), number(last));
    conv_shape *output = &layout->output;
    for (int i = 0; i < first; i++) output->size[output->rank++] = input->size[i];
    output->size[output->rank] = 1;
    for (int i = first; i <= last && i < input->rank; i++) output->size[output->rank] *= input->size[i];
    output->rank++;
    for (int i = last + 1; i < input->rank; i++) output->size[output->rank++] = input->size[i];
    one_line(layout);
    return CONV_OK;
}

static conv_status identity_check(const conv_spec *spec, conv_error *error) {
    double p = spec->probability;
    return p >= 0 && p <= 1
               ? CONV_OK
               : refuse(error, CONV_BAD_ARGUMENT, "p", "p is a probability: from 0 to 1, not {0}", real(p));
}

static conv_status identity_shape(conv_layout *layout, conv_error *error) {
    (void)error;
    shape_pointwise(layout);
    return CONV_OK;
}

static void same_place(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    (void)layout, (void)at;
    from->input = output;
}

static void same_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                         float *output, int64_t *indices) {
    (void)layout, (void)indices;
    if (first < last) memcpy(output + first, operands->input[0] + first, (size_t)(last - first) * sizeof *output);
}

static conv_status permute_shape(conv_layout *layout, conv_error *error) {
    const conv_spec *spec = &layout->spec;
    const conv_shape *input = &layout->input[0];
    if (spec->dims_count != input->rank)
        return refuse(error, CONV_BAD_SHAPE, "dims", "dims names {0} axes, but the input of shape {1} has {2}",
                      number(spec->dims_count), shape_word(input), number(input->rank));
    unsigned seen = 0;
    layout->output.rank = input->rank;
    for (int i = 0; i < input->rank; i++) {
        int axis;
        conv_status status = shape_dim(spec->dims[i], input->rank, "dims", &axis, error);
        if (status != CONV_OK) return status;
        if (seen & 1u << axis)
            return refuse(error, CONV_BAD_SHAPE, "dims", "dims names axis {0} twice: name each axis once",
                          number(axis));
        seen |= 1u << axis;
        layout->output.size[i] = input->size[axis];
    }
    one_line(layout);
    return CONV_OK;
}

static void permuted(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    const conv_shape *input = &layout->input[0];
    int64_t position[CONV_MAX_DIMS], place[CONV_MAX_DIMS];
    (void)at;
    conv_shape_position(&layout->output, output, position);
    for (int i = 0; i < input->rank; i++) {
        int64_t dim = layout->spec.dims[i];
        place[dim < 0 ? dim + input->rank : dim] = position[i];
    }
    from->input = conv_shape_index(input, place);
}

static conv_status cat_shape(conv_layout *layout, conv_error *error) {
    int dim;
    conv_status status = shape_dim(layout->spec.dim, layout->input[0].rank, "dim", &dim, error);
    if (status != CONV_OK) return status;
    if (layout->input[0].rank == 0)
        return refuse(error, CONV_BAD_SHAPE, "input", "an input without axes cannot be concatenated");
    layout->output = layout->input[0];
    for (int i = 1; i < layout->input_count; i++) {
        conv_shape as_first = layout->input[i];
        if (as_first.rank == layout->output.rank) as_first.size[dim] = layout->input[0].size[dim];
        if (!conv_shape_equal(&as_first, &layout->input[0]))
            return refuse(error, CONV_BAD_SHAPE, "input",
                          "inputs of shape {0} and {1} cannot be joined along axis {2}: crop or pad one",
                          shape_word(&layout->input[0]), shape_word(&layout->input[i]), number(dim));
        layout->output.size[dim] += layout->input[i].size[dim];
    }
    one_line(layout);
    return CONV_OK;
}

static void joined(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    int64_t position[CONV_MAX_DIMS], dim = layout->spec.dim;
    (void)at;
    if (dim < 0) dim += layout->output.rank;
    conv_shape_position(&layout->output, output, position);
    while (position[dim] >= layout->input[from->which].size[dim])
        position[dim] -= layout->input[from->which++].size[dim];
    from->input = conv_shape_index(&layout->input[from->which], position);
}

const kind flatten_kind = {
    .shape = flatten_shape, .source = same_place, .outputs = same_outputs, .taps = copy_taps, .readers = copy_taps};
const kind identity_kind = {.check = identity_check,
                            .shape = identity_shape,
                            .source = same_place,
                            .outputs = same_outputs,
                            .taps = copy_taps,
                            .readers = copy_taps};
const kind permute_kind = {.shape = permute_shape, .source = permuted, .outputs = copy_outputs, .taps = copy_taps};
const kind cat_kind = {.shape = cat_shape, .source = joined, .outputs = copy_outputs, .taps = copy_taps};
