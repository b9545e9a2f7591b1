#include "shape.h"
#include "geometry.h"
#include "refuse.h"

const char *axis_letter(int dims, int axis) {
    static const char *const letters[] = {"D", "H", "W"};
    return dims == 1 ? "L" : letters[CONV_MAX_SPATIAL - dims + axis];
}

void shape_pointwise(conv_layout *layout) {
    const conv_shape *input = &layout->input[0];
    layout->output = *input;
    int told = layout->spec.pointwise_dims;
    bool sample = told > 0 && input->rank == told + 1;
    layout->batched = input->rank >= 2 && !sample;
    layout->batch = layout->batched ? input->size[0] : 1;
    layout->in_channels = layout->out_channels = input->rank > 0 ? input->size[layout->batched] : 1;
    layout->dims = 0;
    for (int i = layout->batched ? 2 : 1; i < input->rank; i++) {
        /* Axes beyond the third are one with it. */
        int axis = layout->dims < CONV_MAX_SPATIAL ? layout->dims : CONV_MAX_SPATIAL - 1;
        int64_t before = axis < layout->dims ? layout->axis[axis].in : 1;
        layout->axis[axis] = axis_neutral(before * input->size[i]);
        layout->dims = axis + 1;
    }
}

conv_status shape_dim(int64_t dim, int rank, const char *parameter, int *axis, conv_error *error) {
    int64_t axes = rank > 0 ? rank : 1;
    if (dim < -axes || dim >= axes)
        return refuse(error, CONV_BAD_SHAPE, parameter, "{0} = {1}, but the input's axes are numbered from {2} to {3}",
                      word(parameter), number(dim), number(-axes), number(axes - 1));
    *axis = (int)(dim < 0 ? dim + axes : dim);
    return CONV_OK;
}

conv_status shape_read_input(conv_layout *layout, int dims, conv_error *error) {
    const conv_shape *input = &layout->input[0];
    if (input->rank != dims + 1 && input->rank != dims + 2)
        return refuse(error, CONV_BAD_SHAPE, "input",
                      "{0} takes an input of {1} axes (one sample) or {2} axes (a batch); this one has {3}: {4}",
                      word(layout->spec.op->name), number(dims + 1), number(dims + 2), number(input->rank),
                      shape_word(input));
    layout->batched = input->rank == dims + 2;
    layout->dims = dims;
    int channel = input->rank - dims - 1;
    layout->batch = layout->batched ? input->size[0] : 1;
    layout->in_channels = layout->out_channels = input->size[channel];
    for (int i = 0; i < dims; i++) layout->axis[i] = axis_neutral(input->size[channel + 1 + i]);
    for (int i = 0; i < dims + 1; i++)
        if (input->size[channel + i] == 0)
            return refuse(error, CONV_BAD_SHAPE, "input", "only the batch may be empty; the input's shape is {0}",
                          shape_word(input));
    return CONV_OK;
}

void shape_write_output(conv_layout *layout) {
    conv_shape *output = &layout->output;
    *output = (conv_shape){.rank = 0};
    if (layout->batched) output->size[output->rank++] = layout->batch;
    output->size[output->rank++] = layout->out_channels;
    for (int i = 0; i < layout->dims; i++) output->size[output->rank++] = layout->axis[i].out;
}

conv_status shape_channels(conv_layout *layout, conv_error *error) {
    conv_spec *spec = &layout->spec;
    if (spec->op->lazy && spec->in_channels == 0) spec->in_channels = layout->in_channels;
    if (spec->in_channels == layout->in_channels) return CONV_OK;
    bool feature = conv_param_find(spec->op, "num_features") >= 0;
    const char *name = feature ? "num_features" : "in_channels";
    return refuse(error, CONV_BAD_SHAPE, name,
                  "{0} is {1}, but the input of shape {2} has {3} channels: set {0} to {3} or change the input",
                  word(name), number(spec->in_channels), shape_word(&layout->input[0]), number(layout->in_channels));
}

conv_status shape_multiply(int64_t a, int64_t b, int64_t *product, const char *parameter, conv_error *error) {
    if (!__builtin_mul_overflow(a, b, product)) return CONV_OK;
    return refuse(error, CONV_TOO_LARGE, parameter, "{0} is too large: {1} times {2} overflows", word(parameter),
                  number(a), number(b));
}

conv_status shape_check_sizes(const conv_spec *spec, conv_error *error) {
    static const char *const names[] = {"in_channels", "out_channels",   "groups",   "kernel_size", "stride",
                                        "padding",     "output_padding", "dilation", "output_size"};
    for (int i = 0; i < 2 * CONV_MAX_SPATIAL; i++) {
        int axis = i < CONV_MAX_SPATIAL ? i : 0;
        const int64_t values[] = {spec->in_channels,          spec->out_channels,   spec->groups,
                                  spec->kernel_size[axis],    spec->stride[axis],   spec->padding[i],
                                  spec->output_padding[axis], spec->dilation[axis], spec->output_size[axis]};
        for (size_t v = 0; v < sizeof values / sizeof values[0]; v++)
            if (values[v] > SHAPE_LARGEST || values[v] < -SHAPE_LARGEST)
                return refuse(error, CONV_TOO_LARGE, names[v], "{0} = {1} is too large", word(names[v]),
                              number(values[v]));
    }
    return CONV_OK;
}

conv_status shape_slide(conv_axis *axis, conv_error *error) {
    __int128 extent = (__int128)axis->dilation * (axis->kernel - 1) + 1;
    int64_t padded = axis->in + axis->pad_before + axis->pad_after;
    if (extent > padded)
        return refuse(
            error, CONV_BAD_SHAPE, "kernel_size",
            "the kernel spans {0} cells, but the padded input has only {1}: use a smaller kernel or dilation, "
            "or more padding",
            extent > INT64_MAX ? word("2^63 or more") : number((int64_t)extent), number(padded));
    axis->out = (padded - (int64_t)extent) / axis->stride + 1;
    return CONV_OK;
}
