/* Softmax and Softmax2d: exp(x - max) / sum of exp(x - max), along one axis.
 * https://pytorch.org/docs/1.13/generated/torch.nn.Softmax.html */
#include "exponential.h"
#include "geometry.h"
#include "kernels.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <math.h>

int softmax_axis(const conv_layout *layout) {
    int rank = layout->input[0].rank, axis = 0;
    int64_t dim = layout->spec.dim;
    if (dim == CONV_DIM_NONE) dim = rank == 0 || rank == 1 || rank == 3 ? 0 : 1;
    return shape_dim(dim, rank, "dim", &axis, NULL) == CONV_OK ? axis : -1;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    const conv_shape *input = &layout->input[0];
    int axis;
    if (layout->spec.op->dims == 2 && input->rank != 3 && input->rank != 4)
        return refuse(error, CONV_BAD_SHAPE, "input", "Softmax2d takes an input of 3 or 4 axes; this one has {0}: {1}",
                      number(input->rank), shape_word(input));
    if (layout->spec.dim != CONV_DIM_NONE) {
        conv_status status = shape_dim(layout->spec.dim, input->rank, "dim", &axis, error);
        if (status != CONV_OK) return status;
    }
    if (layout->spec.op->dims == 2) layout->spec.pointwise_dims = 2;
    shape_pointwise(layout);
    return CONV_OK;
}

/* The elements that an output element is weighed against: a line through the tensor. */
typedef struct line {
    int64_t first, count, step;
} line;

static line line_of(const conv_layout *layout, int64_t output) {
    const conv_shape *shape_in = &layout->input[0];
    if (shape_in->rank == 0) return (line){0, 1, 1};
    int axis = softmax_axis(layout);
    line l = {.count = shape_in->size[axis], .step = 1};
    for (int i = axis + 1; i < shape_in->rank; i++) l.step *= shape_in->size[i];
    l.first = output / (l.step * l.count) * (l.step * l.count) + output % l.step;
    return l;
}

static float maximum_of(const line *l, const float *x) {
    float maximum = -INFINITY;
    for (int64_t i = 0; i < l->count; i++) {
        float value = x[l->first + i * l->step];
        if (value > maximum || isnan(value)) maximum = value;
    }
    return maximum;
}

static float total_of(const line *l, const float *x, float maximum) {
    float total = 0;
    for (int64_t i = 0; i < l->count; i++) total += exponential(x[l->first + i * l->step] - maximum);
    return total;
}

/* `lines` lines together: memory is read in its order, and each line in its own. */
enum { LINES = 128 };

static void maxima_across(const line *l, int64_t lines, const float *x, float *maximum) {
    for (int64_t j = 0; j < lines; j++) maximum[j] = -INFINITY;
    for (int64_t i = 0; i < l->count; i++)
        for (int64_t j = 0; j < lines; j++) {
            float value = x[i * l->step + j];
            maximum[j] = ((value > maximum[j]) | (value != value)) ? value : maximum[j];
        }
}

/* Lines whose elements lie apart, the lines beside each other. */
static void lines_across(const struct kernels *set, const line *l, int64_t lines, const float *x, float *y) {
    float maximum[LINES], total[LINES] = {0};
    maxima_across(l, lines, x, maximum);
    for (int64_t i = 0, at = 0; i < l->count; i++, at += l->step) {
        set->exponentials(y + at, x + at, maximum, 1, lines);
        for (int64_t j = 0; j < lines; j++) total[j] += y[at + j];
    }
    for (int64_t i = 0; i < l->count; i++) set->divide(y + i * l->step, total, 1, lines);
}

/* The same for some elements of each line, from `first` to before `last`. */
static void lines_part(const struct kernels *set, const line *l, int64_t lines, const float *x, int64_t first,
                       int64_t last, float *y) {
    float maximum[LINES], total[LINES] = {0}, power[LINES];
    maxima_across(l, lines, x, maximum);
    for (int64_t i = 0; i < l->count; i++) {
        set->exponentials(power, x + i * l->step, maximum, 1, lines);
        for (int64_t j = 0; j < lines; j++) total[j] += power[j];
    }
    for (int64_t i = first; i < last; i++) {
        set->exponentials(y + i * l->step, x + i * l->step, maximum, 1, lines);
        set->divide(y + i * l->step, total, 1, lines);
    }
}

/* Lines that lie across a range that holds parts of them: whole rows of such parts, or what there is of one. Returns
 * how many outputs were done. */
static int64_t part_of_block(const struct kernels *set, const line *l, const float *x, int64_t output, int64_t last,
                             float *y) {
    int64_t block = l->count * l->step, begin = output / block * block, column = output % l->step;
    int64_t row = (output - begin) / l->step, end = at_most(last, begin + block) - begin;
    int64_t rows = column == 0 ? at_least(end / l->step - row, 1) : 1;
    int64_t columns = at_most(l->step, end - row * l->step) - column;
    for (int64_t i = 0; i < columns; i += LINES)
        lines_part(set, l, at_most(columns - i, LINES), x + begin + column + i, row, row + rows,
                   y + begin + column + i);
    return rows == 1 ? columns : rows * l->step;
}

/* Lines that follow each other, at most as many as a vector has lanes: their sums, each a chain, grow side by side. */
static void lines_along(const struct kernels *set, int64_t count, int64_t lines, const float *x, float *y) {
    float total[MOST_LANES] = {0};
    for (int64_t j = 0; j < lines; j++) {
        float maximum = set->maximum(x + j * count, count);
        if (isnan(maximum)) maximum = maximum_of(&(line){j * count, count, 1}, x); /* the same NaN as elsewhere */
        set->exponentials(y + j * count, x + j * count, &maximum, 0, count);
    }
    set->line_sums(total, y, count, (int)lines, count);
    for (int64_t j = 0; j < lines; j++) set->divide(y + j * count, &total[j], 0, count);
}

/* Lines that lie wholly in the range are done at once, others for each of their elements: the same chain. */
static void outputs_by(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                       int64_t first, int64_t last, float *output) {
    const float *x = operands->input[0];
    for (int64_t o = first; o < last;) {
        line l = line_of(layout, o);
        int64_t lines = l.step, block = l.count * lines;
        if (lines == 1 && o % l.count == 0 && o + l.count <= last) {
            int64_t along = at_most((last - o) / l.count, set->lanes);
            lines_along(set, l.count, along, x + o, output + o);
            o += along * l.count;
            continue;
        }
        if (o % block == 0 && o + block <= last) {
            for (int64_t i = 0; i < lines; i += LINES)
                lines_across(set, &l, at_most(lines - i, LINES), x + o + i, output + o + i);
            o += block;
            continue;
        }
        if (lines > 1) {
            o += part_of_block(set, &l, x, o, last, output);
            continue;
        }
        float maximum = maximum_of(&l, x);
        output[o] = exponential(x[o] - maximum) / total_of(&l, x, maximum);
        o++;
    }
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    outputs_by(kernels_plain, layout, operands, first, last, output);
}

static float finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum) {
    const float *x = operands->input[0];
    if (x == NULL) return 0;
    line l = line_of(layout, output);
    return exponential(x[output] - maximum_of(&l, x)) / sum;
}

/* The products are the exponentials, the running sum is their total; the element's own tap is the chosen one. */
static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    const float *x = operands->input[0];
    line l = line_of(layout, output);
    float maximum = x != NULL ? maximum_of(&l, x) : 0, sum = 0;
    for (int64_t i = 0; i < l.count; i++) {
        int64_t input = l.first + i * l.step;
        conv_tap tap = {.input = input, .weight = -1, .output = output, .channel = i, .kernel = {i}, .factor = 1};
        tap.value = x != NULL ? x[input] : 0;
        tap.product = exponential(tap.value - maximum);
        tap.sum = sum += tap.product;
        tap.chosen = input == output;
        visit(context, &tap);
    }
}

const kind softmax_kind = {
    .shape = shape, .outputs = outputs, .outputs_by = outputs_by, .taps = taps, .finish = finish};
