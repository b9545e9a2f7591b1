/* Questions about what is known before any data exists. Wrong answers are the shape rule's own answers to a layer that
 * was misread. */
#include "app/system/number.h"
#include "question_kinds.h"

#include <stdio.h>
#include <string.h>

/* ---- layers misread ---- */

static void no_padding(conv_spec *s) {
    memset(s->padding, 0, sizeof s->padding);
    s->padding_kind = CONV_PADDING_NUMBERS;
}

static void no_stride(conv_spec *s) {
    for (int a = 0; a < CONV_MAX_SPATIAL; a++) s->stride[a] = 1;
    s->stride_given = true;
}

static void no_dilation(conv_spec *s) {
    for (int a = 0; a < CONV_MAX_SPATIAL; a++) s->dilation[a] = 1;
}

static void no_output_padding(conv_spec *s) {
    memset(s->output_padding, 0, sizeof s->output_padding);
}

static void no_kernel(conv_spec *s) {
    for (int a = 0; a < CONV_MAX_SPATIAL; a++) s->kernel_size[a] = 1;
}

static void no_groups(conv_spec *s) {
    s->groups = 1;
}

static void other_bias(conv_spec *s) {
    s->bias = !s->bias;
}

/* Convolution read as transposed, and the other way round. */
static void other_direction(conv_spec *s) {
    static const char *const names[][2] = {
        {"Conv1d", "ConvTranspose1d"}, {"Conv2d", "ConvTranspose2d"}, {"Conv3d", "ConvTranspose3d"}};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 2; k++) {
            if (strcmp(s->op->name, names[i][k]) != 0) continue;
            s->op = conv_op_find(names[i][1 - k]);
            s->padding_mode = CONV_ZEROS;
            return;
        }
    }
}

typedef struct misreading {
    void (*change)(conv_spec *spec);
    const char *reason;
} misreading;

static const misreading floor_free[] = {
    {no_padding, N_("The padding was forgotten.")},
    {no_output_padding, N_("output_padding was forgotten.")},
    {no_dilation, N_("The dilation was forgotten: the kernel is wider than its number of taps.")},
    {no_stride, N_("The stride was forgotten.")},
    {other_direction, N_("That is the shape of the opposite operation.")},
    {no_kernel, N_("The kernel's own size was forgotten: its window must fit.")},
};

static bool misread(const conv_layout *l, void (*change)(conv_spec *), conv_layout *other) {
    conv_spec spec = l->spec;
    change(&spec);
    return conv_layout_infer(&spec, l->input, l->input_count, other, NULL) == CONV_OK;
}

/* ---- the shape ---- */

static const char *axis_letter(const conv_layout *l, int axis) {
    static const char *const letters[CONV_MAX_SPATIAL][CONV_MAX_SPATIAL] = {{"L"}, {"H", "W"}, {"D", "H", "W"}};
    return l->dims >= 1 && l->dims <= CONV_MAX_SPATIAL ? letters[l->dims - 1][axis] : "";
}

static void explain_shape(const conv_layout *l, answer *a) {
    for (int axis = 0; axis < l->dims; axis++) {
        char line[192], formula[160];
        conv_layout_formula(l, axis, formula, (int)sizeof formula);
        snprintf(line, sizeof line, "%s%s = %s", axis ? "\n" : "", axis_letter(l, axis), formula);
        answer_explain(a, line);
    }
}

static void wrong_shape(answer *a, const conv_shape *shape, const char *reason) {
    char text[64];
    answer_wrong(a, conv_shape_text(shape, text, (int)sizeof text), reason);
}

/* Rounded up instead of down: one more wherever the division leaves a rest. */
static conv_shape rounded_up(const conv_layout *l) {
    conv_shape shape = l->output;
    for (int axis = 0; axis < l->dims && l->flow == CONV_GATHER; axis++) {
        const conv_axis *x = &l->axis[axis];
        const int64_t room = x->pad_before + x->in + x->pad_after - conv_axis_extent(x);
        if (x->stride > 0 && room % x->stride != 0) shape.size[shape.rank - l->dims + axis]++;
    }
    return shape;
}

bool question_shape(const question *q, scene *s, answer *a, failure *f) {
    (void)f;
    const conv_layout *l = s->parts[q->part].layout;
    char text[64];
    answer_right(a, conv_shape_text(&l->output, text, (int)sizeof text));
    explain_shape(l, a);
    const conv_shape up = rounded_up(l);
    wrong_shape(a, &up, N_("The division is rounded down, not up."));
    for (size_t i = 0; i < sizeof floor_free / sizeof *floor_free; i++) {
        conv_layout other;
        if (misread(l, floor_free[i].change, &other)) wrong_shape(a, &other.output, floor_free[i].reason);
    }
    conv_shape channels = l->output;
    const int axis = channels.rank - l->dims - 1;
    if (axis >= 0 && l->dims > 0) channels.size[axis] = l->in_channels;
    wrong_shape(a, &channels,
                N_("The number of filters makes the output's channels, not the number of input channels."));
    wrong_shape(a, &l->input[0], N_("That is the shape of the input."));
    conv_shape shorter = l->output;
    if (shorter.rank > 1) {
        shorter.rank--;
        memmove(shorter.size, shorter.size + 1, (size_t)shorter.rank * sizeof *shorter.size);
        wrong_shape(a, &shorter, N_("An axis is missing: every tensor keeps its channel axis."));
    }
    return true;
}

/* ---- counts ---- */

static int64_t groups_of(const conv_layout *l) {
    return l->spec.groups > 0 ? l->spec.groups : 1;
}

static int64_t kernel_area(const conv_layout *l) {
    int64_t area = 1;
    for (int axis = 0; axis < l->dims; axis++) area *= l->axis[axis].kernel;
    return area;
}

static void explain_product(answer *a, const conv_shape *factors) {
    for (int i = 0; i < factors->rank; i++) {
        char number[32], piece[40];
        snprintf(piece, sizeof piece, "%s%s", i ? " × " : "",
                 number_write_grouped(factors->size[i], number, sizeof number));
        answer_explain(a, piece);
    }
}

static void right_count(answer *a, int64_t n) {
    char text[32];
    answer_right(a, number_write_grouped(n, text, sizeof text));
}

static void explain_total(answer *a) {
    answer_explain(a, " = ");
    answer_explain(a, a->right);
}

bool question_parameters(const question *q, scene *s, answer *a, failure *f) {
    (void)f;
    const conv_layout *l = s->parts[q->part].layout;
    conv_layout other;
    right_count(a, l->cost.parameters);
    explain_product(a, &l->weight);
    if (l->bias.rank) {
        answer_explain(a, " + ");
        explain_product(a, &l->bias);
    }
    explain_total(a);
    if (misread(l, other_bias, &other)) {
        answer_wrong_count(a, other.cost.parameters,
                           l->bias.rank ? N_("The biases were forgotten.") : N_("There is no bias here."));
    }
    if (misread(l, no_groups, &other))
        answer_wrong_count(a, other.cost.parameters,
                           N_("The groups were forgotten: a filter sees the channels of its group only."));
    answer_wrong_count(a, kernel_area(l), N_("That is one slice of one filter."));
    answer_wrong_count(a, conv_shape_count(&l->weight) / l->weight.size[0], N_("That is one filter."));
    answer_wrong_count(a, kernel_area(l) * l->weight.size[0], N_("A filter has one slice for each input channel."));
    answer_wrong_count(a, l->cost.multiply_adds, N_("That is the number of multiply-adds."));
    answer_wrong_count(a, conv_shape_count(&l->output), N_("That is the number of output cells."));
    return true;
}

bool question_cost(const question *q, scene *s, answer *a, failure *f) {
    (void)f;
    const conv_layout *l = s->parts[q->part].layout;
    conv_layout other;
    right_count(a, l->cost.multiply_adds);
    const bool scatter = l->flow == CONV_SCATTER;
    const int64_t places = conv_shape_count(scatter ? &l->input[0] : &l->output);
    const int64_t channels = (scatter ? l->out_channels : l->in_channels) / groups_of(l);
    const conv_shape factors = {.rank = 3, .size = {places, channels, kernel_area(l)}};
    if (conv_shape_count(&factors) == l->cost.multiply_adds) {
        explain_product(a, &factors);
        explain_total(a);
    }
    if (misread(l, no_groups, &other))
        answer_wrong_count(a, other.cost.multiply_adds,
                           N_("The groups were forgotten: a filter sees the channels of its group only."));
    if (misread(l, no_stride, &other)) answer_wrong_count(a, other.cost.multiply_adds, N_("The stride was forgotten."));
    if (channels > 1)
        answer_wrong_count(a, l->cost.multiply_adds / channels, N_("The channels that are summed were forgotten."));
    answer_wrong_count(a, places * channels, N_("The kernel was forgotten: each of its weights is one multiply-add."));
    answer_wrong_count(a, l->cost.parameters, N_("That is the number of parameters: each is used many times."));
    answer_wrong_count(a, places, N_("That is the number of positions: each takes a whole kernel of products."));
    answer_wrong_count(a, 2 * l->cost.multiply_adds, N_("A multiplication and its addition count as one."));
    return true;
}

/* ---- receptive fields ---- */

/* The field through the layers up to the shown one, with every layer misread; false when one of them refuses. */
static bool field_with(const scene_part *p, int axis, void (*change)(conv_spec *), int64_t *size) {
    conv_field field = conv_field_identity();
    for (int i = 0; i <= p->focus; i++) {
        conv_layout other = *conv_network_layout(p->network, i);
        if (change && !misread(&other, change, &other)) return false;
        if (axis < other.dims) field = conv_field_through(field, &other, axis);
    }
    *size = field.size;
    return true;
}

bool question_field(const question *q, scene *s, answer *a, failure *f) {
    const scene_part *p = &s->parts[q->part];
    const int axis = p->layout->dims - 1; /* the width: for most layers all axes agree */
    conv_field field;
    conv_error error;
    int64_t size, sum = 0;
    if (conv_network_field(p->network, p->focus, axis, &field, &error) != CONV_OK) return fail_engine(f, &error);
    right_count(a, field.size);
    conv_field before = conv_field_identity();
    answer_explain(a, "1");
    for (int i = 0; i <= p->focus; i++) {
        const conv_layout *l = conv_network_layout(p->network, i);
        if (axis >= l->dims) continue;
        const conv_field through = conv_field_through(before, l, axis);
        char piece[32];
        snprintf(piece, sizeof piece, " + %lld", (long long)(through.size - before.size));
        answer_explain(a, piece);
        sum += conv_axis_extent(&l->axis[axis]);
        before = through;
    }
    if (before.size == field.size)
        explain_total(a);
    else
        a->explanation[0] = 0; /* several paths: the largest counts */
    answer_wrong_count(a, conv_axis_extent(&p->layout->axis[axis]), N_("That is the last layer alone."));
    if (field_with(p, axis, no_stride, &size))
        answer_wrong_count(a, size, N_("The strides were forgotten: after one, each cell stands for several."));
    if (field_with(p, axis, no_dilation, &size))
        answer_wrong_count(a, size, N_("The dilation was forgotten: the kernel is wider than its number of taps."));
    answer_wrong_count(a, sum, N_("The kernel sizes were added: each layer adds one less than its size."));
    answer_wrong_count(a, field.size * field.size, N_("That is the number of cells in the square, not its side."));
    answer_wrong_count(a, p->layout->axis[axis].kernel * (p->focus + 1),
                       N_("The kernel sizes were added: each layer adds one less than its size."));
    answer_wrong_count(a, field.size - 1, N_("That is what the layers add to the one cell that is there already."));
    answer_wrong_count(a, p->shown.input_shape.size[p->shown.input_shape.rank - 1], N_("That is the whole input."));
    return true;
}
