/* Inferring a layout: what all kinds have in common. */
#include "geometry.h"
#include "kind.h"
#include "refuse.h"
#include "shape.h"

/* What no parameter of the operation may have set. */
static conv_status check_hidden(const conv_spec *spec, conv_error *error) {
    if (spec->groups < 1)
        return refuse(error, CONV_BAD_ARGUMENT, "groups", "{0} must be at least {1}, not {2}", word("groups"),
                      number(1), number(spec->groups));
    if (spec->dims_count < 0 || spec->dims_count > CONV_MAX_DIMS)
        return refuse(error, CONV_BAD_ARGUMENT, "dims", "{0} must be at most {1}, not {2}", word("dims_count"),
                      number(CONV_MAX_DIMS), number(spec->dims_count));
    return CONV_OK;
}

conv_status conv_spec_check(const conv_spec *spec, conv_error *error) {
    conv_status hidden = check_hidden(spec, error);
    if (hidden != CONV_OK) return hidden;
    conv_spec copy = *spec;
    for (int i = 0; i < spec->op->param_count; i++) {
        conv_value value;
        conv_spec_get(spec, i, &value);
        conv_status status = conv_spec_set(&copy, i, &value, error);
        if (status != CONV_OK) return status;
    }
    conv_status status = shape_check_sizes(spec, error);
    const kind *row = kind_of(spec->op);
    return status == CONV_OK && row->check != NULL ? row->check(spec, error) : status;
}

static conv_status check_inputs(const conv_spec *spec, const conv_shape *inputs, int count, conv_error *error) {
    bool several = spec->op->kind == CONV_CAT || spec->op->kind == CONV_ADD;
    if (count < 1 || count > (several ? CONV_MAX_INPUTS : 1))
        return refuse(error, CONV_BAD_SHAPE, "input", "{0} takes {1} to {2} inputs, not {3}", word(spec->op->name),
                      number(1), number(several ? CONV_MAX_INPUTS : 1), number(count));
    for (int i = 0; i < count; i++) {
        if (inputs[i].rank < 0 || inputs[i].rank > CONV_MAX_DIMS)
            return refuse(error, CONV_BAD_SHAPE, "input", "an input has at most {0} axes", number(CONV_MAX_DIMS));
        for (int d = 0; d < inputs[i].rank; d++)
            if (inputs[i].size[d] < 0 || inputs[i].size[d] > SHAPE_LARGEST)
                return refuse(error, inputs[i].size[d] < 0 ? CONV_BAD_SHAPE : CONV_TOO_LARGE, "input",
                              "axis {0} of the input cannot have {1} cells", number(d), number(inputs[i].size[d]));
    }
    return CONV_OK;
}

/* As conv_shape_count, but axes without cells count as one: products of the other axes must not overflow either. */
static int64_t count_beside_empty(const conv_shape *shape) {
    conv_shape filled = *shape;
    for (int d = 0; d < shape->rank; d++)
        if (filled.size[d] == 0) filled.size[d] = 1;
    return conv_shape_count(&filled);
}

/* No tensor of the layout may have more bytes than an address can count. */
static conv_status check_counts(const conv_layout *layout, conv_error *error) {
    const conv_shape *shapes[CONV_MAX_INPUTS + 6] = {&layout->weight, &layout->bias,    &layout->offset,
                                                     &layout->mask,   &layout->running, &layout->output};
    static const char *const names[] = {"weight", "bias", "offset", "mask", "running_mean", "output"};
    for (int i = 0; i < layout->input_count; i++) shapes[6 + i] = &layout->input[i];
    for (int i = 0; i < layout->input_count + 6; i++) {
        int64_t count = count_beside_empty(shapes[i]);
        if (count < 0 || count > PTRDIFF_MAX / (int64_t)sizeof(double))
            return refuse(error, CONV_TOO_LARGE, i < 6 ? names[i] : "input",
                          "the {0} would have the shape {1}: too large", word(i < 6 ? names[i] : "input"),
                          shape_word(shapes[i]));
    }
    return CONV_OK;
}

static bool multiply(int64_t *product, int64_t factor) {
    return !__builtin_mul_overflow(*product, factor, product);
}

/* Linear and BatchNorm: what each output costs. Of the other kinds, only convolutions multiply by weights. */
static int64_t simple_cost(const conv_layout *layout) {
    conv_kind id = layout->spec.op->kind;
    int64_t each = id == CONV_LINEAR ? layout->in_channels : id == CONV_BATCH_NORM ? 1 : 0, all = 0;
    return __builtin_mul_overflow(conv_shape_count(&layout->output), each, &all) ? -1 : all;
}

static void count_cost(conv_layout *layout) {
    conv_cost *cost = &layout->cost;
    if (layout->weight.rank > 0) cost->parameters += conv_shape_count(&layout->weight);
    if (layout->bias.rank > 0) cost->parameters += conv_shape_count(&layout->bias);
    conv_kind id = layout->spec.op->kind;
    cost->multiply_adds = cost->touching_data = simple_cost(layout);
    if (id != CONV_CONV && id != CONV_TRANSPOSE && id != CONV_DEFORM) return;
    bool scatter = layout->flow == CONV_SCATTER;
    int64_t channels = layout->batch, all, touching;
    bool fits =
        multiply(&channels, layout->in_channels) && multiply(&channels, layout->out_channels / layout->spec.groups);
    all = touching = channels;
    bool touching_fits = fits;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const conv_axis *axis = &layout->axis[i];
        int64_t windows = scatter ? axis->in : axis->out, pairs = 0;
        bool known = !__builtin_mul_overflow(windows, axis->kernel, &pairs);
        fits = fits && known && multiply(&all, pairs);
        int64_t inside = axis_inside(axis, windows, scatter ? axis->out : axis->in);
        bool copies = !scatter && axis->mode != CONV_ZEROS && axis->mode != CONV_CONSTANT;
        touching_fits = touching_fits && inside >= 0 && multiply(&touching, copies ? pairs : inside);
    }
    cost->multiply_adds = fits ? all : -1;
    cost->touching_data = touching_fits ? touching : -1;
}

conv_status conv_layout_infer(const conv_spec *spec, const conv_shape *inputs, int input_count, conv_layout *layout,
                              conv_error *error) {
    conv_status status = conv_spec_check(spec, error);
    if (status == CONV_OK) status = check_inputs(spec, inputs, input_count, error);
    if (status != CONV_OK) return status;
    conv_layout made = {.spec = *spec,
                        .flow = spec->op->flow,
                        .batch = 1,
                        .in_channels = 1,
                        .out_channels = 1,
                        .input_count = input_count};
    for (int i = 0; i < input_count; i++) made.input[i] = inputs[i];
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) made.axis[i] = axis_neutral(1);
    status = check_counts(&made, error);
    if (status == CONV_OK) status = kind_of(spec->op)->shape(&made, error);
    if (status == CONV_OK) status = check_counts(&made, error);
    if (status != CONV_OK) return status;
    count_cost(&made);
    int64_t outputs = conv_shape_count(&made.output);
    bool bias_step = made.bias.rank > 0 && outputs > 0;
    made.steps = made.flow == CONV_SCATTER ? conv_shape_count(&made.input[0]) + bias_step : outputs;
    *layout = made;
    return CONV_OK;
}

char *conv_layout_formula(const conv_layout *layout, int axis, char *text, int size) {
    if (size > 0) text[0] = '\0';
    const kind *row = kind_of(layout->spec.op);
    if (row->formula != NULL && axis >= 0 && axis < layout->dims) row->formula(layout, axis, false, text, size);
    return text;
}

char *conv_layout_formula_symbols(const conv_layout *layout, int axis, char *text, int size) {
    if (size > 0) text[0] = '\0';
    const kind *row = kind_of(layout->spec.op);
    if (row->formula != NULL && axis >= 0 && axis < layout->dims) row->formula(layout, axis, true, text, size);
    return text;
}
