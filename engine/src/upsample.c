/* Upsample, UpsamplingNearest2d, UpsamplingBilinear2d: https://pytorch.org/docs/1.13/generated/torch.nn.Upsample.html
 *
 * align_corners False: source = (x + 0.5) / s - 0.5, not below 0. True: the corner cells' centres are pinned. Nearest:
 * floor(x / s). All in float32, as PyTorch does on the CPU: which cell is nearest can hang on the last bit. */
#include "copying.h"
#include "geometry.h"
#include "kernels.h"
#include "kinds.h"
#include "refuse.h"
#include "shape.h"
#include "split.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static conv_status check(const conv_spec *spec, conv_error *error) {
    bool size = false, scale = false;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        size = size || spec->output_size[i] > 0;
        scale = scale || spec->scale_factor[i] > 0;
    }
    if (size && scale) return refuse(error, CONV_BAD_ARGUMENT, "size", "give either size or scale_factor, not both");
    if (!size && !scale) return refuse(error, CONV_BAD_ARGUMENT, "size", "give size or scale_factor");
    if (spec->upsample_mode == CONV_UPSAMPLE_NEAREST && spec->align_corners_given)
        return refuse(error, CONV_BAD_ARGUMENT, "align_corners",
                      "align_corners belongs to the modes linear, bilinear and trilinear: leave it out for nearest");
    return CONV_OK;
}

static conv_status shape_axis(const conv_spec *spec, int i, conv_axis *axis, conv_error *error) {
    double scaled = floor((double)axis->in * spec->scale_factor[i]);
    if (spec->output_size[i] > 0)
        axis->out = spec->output_size[i];
    else if (spec->scale_factor[i] <= 0)
        return refuse(error, CONV_BAD_SHAPE, "size",
                      "size or scale_factor has fewer numbers than the input has spatial axes");
    else if (scaled < 1)
        return refuse(error, CONV_BAD_SHAPE, "scale_factor",
                      "scale_factor {0} leaves nothing of {1} cells: use a larger one", real(spec->scale_factor[i]),
                      number(axis->in));
    else if (scaled > (double)SHAPE_LARGEST)
        return refuse(error, CONV_TOO_LARGE, "scale_factor", "scale_factor {0} is too large",
                      real(spec->scale_factor[i]));
    else
        axis->out = (int64_t)scaled;
    axis->kernel = spec->upsample_mode == CONV_UPSAMPLE_NEAREST ? 1 : 2;
    return CONV_OK;
}

static conv_status shape(conv_layout *layout, conv_error *error) {
    static const int least[] = {1, 1, 2, 3}, most[] = {3, 1, 2, 3};
    const conv_spec *spec = &layout->spec;
    int dims = layout->input[0].rank - 2, mode = (int)spec->upsample_mode;
    if (dims < least[mode] || dims > most[mode])
        return refuse(error, CONV_BAD_SHAPE, "input",
                      "this mode takes an input of {0} to {1} axes, batch and channels included; this one has {2}: {3}",
                      number(least[mode] + 2), number(most[mode] + 2), number(dims + 2), shape_word(&layout->input[0]));
    conv_status status = shape_read_input(layout, dims, error);
    if (status == CONV_OK && spec->tuple_count > dims)
        return refuse(error, CONV_BAD_SHAPE, "size",
                      "size or scale_factor has more numbers than the input has spatial axes");
    for (int i = 0; i < dims && status == CONV_OK; i++) status = shape_axis(spec, i, &layout->axis[i], error);
    if (status != CONV_OK) return status;
    if (mode == CONV_UPSAMPLE_NEAREST) layout->flow = CONV_COPY;
    shape_write_output(layout);
    return CONV_OK;
}

/* Distance of sources of neighbouring outputs. */
static float step_of(const conv_layout *layout, int i) {
    const conv_axis *axis = &layout->axis[i];
    double scale = layout->spec.scale_factor[i];
    if (scale > 0 && !layout->spec.recompute_scale_factor) return (float)(1.0 / scale);
    return (float)axis->in / (float)axis->out;
}

static int64_t nearest_cell(const conv_layout *layout, int i, int64_t out) {
    const conv_axis *axis = &layout->axis[i];
    /* PyTorch's code for pictures of one channel treats these two sizes so; with several channels it does not. */
    bool picture = layout->in_channels == 1 && layout->dims >= 2;
    if (picture && axis->out == axis->in) return out;
    if (picture && axis->out == 2 * axis->in) return out / 2;
    int64_t cell = (int64_t)floorf((float)out * step_of(layout, i));
    return cell < axis->in ? cell : axis->in - 1;
}

/* The two cells that an output lies between along one axis. */
typedef struct between {
    int64_t cell[2];
    float share[2], location;
} between;

static between between_of(const conv_layout *layout, int i, int64_t out) {
    const conv_axis *axis = &layout->axis[i];
    if (axis->out == axis->in) {
        between same = {.cell = {out, out + 1 < axis->in ? out + 1 : out}, .share = {1, 0}, .location = (float)out};
        return same;
    }
    float at;
    if (layout->spec.align_corners) {
        at = axis->out > 1 ? (float)(axis->in - 1) / (float)(axis->out - 1) * (float)out : 0;
    } else {
        at = step_of(layout, i) * ((float)out + 0.5f) - 0.5f;
        if (at < 0) at = 0;
    }
    between b = {.location = at};
    int64_t cell = (int64_t)at;
    b.cell[0] = cell < axis->in ? cell : axis->in - 1;
    b.cell[1] = b.cell[0] + 1 < axis->in ? b.cell[0] + 1 : b.cell[0];
    float past = at - (float)b.cell[0];
    b.share[1] = past > 1 ? 1 : past;
    b.share[0] = 1 - b.share[1];
    return b;
}

static void source(const conv_layout *layout, int64_t output, const element *at, copied *from) {
    (void)output;
    const conv_axis *axis = layout->axis;
    from->channel = at->channel;
    from->input = at->batch * layout->in_channels + at->channel;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        from->position[i] = nearest_cell(layout, i, at->cell[i]);
        from->location[i] = (float)from->position[i];
        from->input = from->input * axis[i].in + from->position[i];
    }
}

static void visit_linear(const conv_layout *layout, const conv_operands *operands, int64_t output, chain *c) {
    const conv_axis *axis = layout->axis;
    element at = output_element(layout, output);
    int64_t plane = (at.batch * layout->in_channels + at.channel) * axes_inputs(axis);
    between b[CONV_MAX_SPATIAL];
    int ends[CONV_MAX_SPATIAL];
    conv_tap tap = {.weight = -1, .output = output, .channel = at.channel};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        b[i] = between_of(layout, i, at.cell[i]);
        ends[i] = i < layout->dims ? 2 : 1;
        tap.location[i] = b[i].location;
    }
    for (int k0 = 0; k0 < ends[0]; k0++)
        for (int k1 = 0; k1 < ends[1]; k1++)
            for (int k2 = 0; k2 < ends[2]; k2++) {
                const int k[CONV_MAX_SPATIAL] = {k0, k1, k2};
                for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
                    tap.kernel[i] = k[i];
                    tap.position[i] = b[i].cell[k[i]];
                }
                tap.input = plane + (b[0].cell[k0] * axis[1].in + b[1].cell[k1]) * axis[2].in + b[2].cell[k2];
                tap.factor = b[0].share[k0] * b[1].share[k1] * b[2].share[k2];
                tap.value = operands->input[0] != NULL ? operands->input[0][tap.input] : 0;
                chain_add(c, &tap);
            }
}

/* Outputs go row by row, some columns at a time. Of linear modes the cells that these columns lie between are laid side
 * by side, once for each input row while outputs go down, and each tap is done for all of them in turn. */
enum { COLUMNS = 512, MOST_ROWS = 4 };

typedef struct columns {
    int64_t first, count;
    int64_t cell[2][COLUMNS]; /* nearest: the first of them */
    float share[2][COLUMNS];
    const float *row[MOST_ROWS]; /* whose cells are there; rows that are read together have places of their own */
    float cells[MOST_ROWS][2][COLUMNS];
} columns;

static void enter_columns(const conv_layout *layout, int64_t first, int64_t count, columns *c) {
    c->first = first;
    c->count = count;
    for (int64_t i = 0; i < count; i++) {
        if (layout->flow == CONV_COPY) {
            c->cell[0][i] = nearest_cell(layout, layout->dims - 1, first + i);
            continue;
        }
        between b = between_of(layout, layout->dims - 1, first + i);
        for (int k = 0; k < 2; k++) {
            c->cell[k][i] = b.cell[k];
            c->share[k][i] = b.share[k];
        }
    }
    for (int i = 0; i < MOST_ROWS; i++) c->row[i] = NULL;
}

static void read_row(const float *row, int place, columns *c) {
    if (c->row[place] == row) return;
    c->row[place] = row;
    for (int k = 0; k < 2; k++)
        for (int64_t i = 0; i < c->count; i++) c->cells[place][k][i] = row[c->cell[k][i]];
}

/* Columns [begin, end) of those entered, of the output row that `at` is in. */
static void blend_row(const struct kernels *set, const conv_layout *layout, const float *input, const element *at,
                      columns *c, int64_t begin, int64_t end, float *to) {
    const conv_axis *axis = layout->axis;
    int outer = layout->dims - 1; /* axes whose cells tell the row; the last is the row's own */
    const float *plane = input + (at->batch * layout->in_channels + at->channel) * axes_inputs(axis);
    between b[CONV_MAX_SPATIAL] = {0};
    for (int i = 0; i < outer; i++) b[i] = between_of(layout, i, at->cell[i]);
    memset(to, 0, (size_t)(end - begin) * sizeof *to);
    for (int tap = 0; tap < 1 << outer; tap++) {
        int64_t row = 0;
        int place = 0;
        float share = 1;
        for (int i = 0; i < outer; i++) {
            int k = tap >> (outer - 1 - i) & 1;
            row = row * axis[i].in + b[i].cell[k];
            place = 2 * place + (int)(b[i].cell[k] & 1);
            share *= b[i].share[k];
        }
        read_row(plane + row * axis[outer].in, place, c);
        for (int k = 0; k < 2; k++) set->blend(to, c->cells[place][k] + begin, c->share[k] + begin, share, end - begin);
    }
}

/* The same of a nearest mode. A row that shows the same cells as the one above it is copied from there. */
static void copy_row(const conv_layout *layout, const float *input, const element *at, columns *c, int64_t begin,
                     int64_t end, float *to) {
    const int across = layout->dims - 1;
    copied from = {0};
    source(layout, 0, at, &from);
    const float *row = input + from.input - from.position[across];
    if (row == c->row[0] && begin == 0) {
        memcpy(to, to - layout->axis[across].out, (size_t)end * sizeof *to);
        return;
    }
    c->row[0] = begin == 0 ? row : NULL;
    for (int64_t i = begin; i < end; i++) to[i - begin] = row[c->cell[0][i]];
}

static void outputs_by(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                       int64_t first, int64_t last, float *output) {
    if (first >= last) return;
    int64_t width = layout->axis[layout->dims - 1].out, top = first / width, bottom = (last - 1) / width;
    int64_t left = top == bottom ? first % width : 0, right = top == bottom ? (last - 1) % width + 1 : width;
    columns c;
    for (; left < right; left += COLUMNS) {
        enter_columns(layout, left, at_most(right - left, COLUMNS), &c);
        for (int64_t row = top; row <= bottom; row++) {
            int64_t start = row * width + left, begin = at_least(first - start, 0);
            int64_t end = at_most(last - start, c.count);
            if (begin >= end) continue;
            element at = output_element(layout, start);
            if (layout->flow == CONV_COPY)
                copy_row(layout, operands->input[0], &at, &c, begin, end, output + start + begin);
            else
                blend_row(set, layout, operands->input[0], &at, &c, begin, end, output + start + begin);
        }
    }
}

static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices) {
    (void)indices;
    outputs_by(kernels_plain, layout, operands, first, last, output);
}

static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context) {
    chain c = {.visit = visit, .context = context};
    if (layout->flow == CONV_COPY)
        copy_taps(layout, operands, output, visit, context);
    else
        visit_linear(layout, operands, output, &c);
}

static void reach(const conv_layout *layout, int i, int64_t out_first, int64_t out_last, int64_t *first,
                  int64_t *last) {
    *first = 0;
    *last = -1;
    if (out_first > out_last) return;
    if (layout->flow == CONV_COPY) {
        *first = nearest_cell(layout, i, out_first);
        *last = nearest_cell(layout, i, out_last);
        return;
    }
    /* A share of 0 is no dependence. */
    between a = between_of(layout, i, out_first), b = between_of(layout, i, out_last);
    *first = a.share[0] > 0 ? a.cell[0] : a.cell[1];
    *last = b.share[1] > 0 ? b.cell[1] : b.cell[0];
}

static conv_field field(conv_field before, const conv_layout *layout, int i) {
    const conv_axis *axis = &layout->axis[i];
    double step = (double)axis->in / (double)axis->out;
    if (layout->spec.scale_factor[i] > 0 && !layout->spec.recompute_scale_factor)
        step = 1 / layout->spec.scale_factor[i];
    if (layout->flow != CONV_COPY) {
        if (layout->spec.align_corners)
            step = axis->out > 1 ? (double)(axis->in - 1) / (double)(axis->out - 1) : 0;
        else
            before.start += (step / 2 - 0.5) * before.jump;
        if (axis->out != axis->in) before.span += before.jump;
    }
    before.jump *= step;
    return before;
}

static void formula(const conv_layout *layout, int i, bool symbols, char *text, int size) {
    const conv_axis *axis = &layout->axis[i];
    char scale[40];
    real_text(layout->spec.scale_factor[i], scale, (int)sizeof scale);
    bool given = layout->spec.output_size[i] > 0;
    if (symbols && given)
        snprintf(text, (size_t)size, "size[%d]", i);
    else if (symbols)
        snprintf(text, (size_t)size, "floor(%s_in×scale_factor[%d])", axis_letter(layout->dims, i), i);
    else if (given)
        snprintf(text, (size_t)size, "%" PRId64, axis->out);
    else
        snprintf(text, (size_t)size, "floor(%" PRId64 "×%s) = %" PRId64, axis->in, scale, axis->out);
}

const kind upsample_kind = {.check = check,
                            .shape = shape,
                            .source = source,
                            .outputs = outputs,
                            .outputs_by = outputs_by,
                            .taps = taps,
                            .readers = readers_local,
                            .reach = reach,
                            .field = field,
                            .formula = formula};
