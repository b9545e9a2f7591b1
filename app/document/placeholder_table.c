/* The names that captions may use. Each row reads one number or text from the scene. */
#include "app/system/memory.h"
#include "app/system/number.h"
#include "placeholder.h"

#include <math.h>
#include <string.h>

typedef const placeholder_query *query;

static bool count_is(placeholder_value *v, int64_t n) {
    v->number = (double)n;
    return true;
}

static bool no_memory(failure *f) {
    return fail_memory(f);
}

/* ---- from the layout ---- */

static int64_t product(const conv_layout *l, size_t offset) {
    int64_t n = 1;
    for (int a = 0; a < l->dims; a++) {
        int64_t size;
        memcpy(&size, (const char *)&l->axis[a] + offset, sizeof size);
        n *= size;
    }
    return n;
}

static int64_t groups(const conv_layout *l) {
    return l->spec.groups > 0 ? l->spec.groups : 1;
}

static bool read_groups(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, groups(q->layout));
}

static bool read_group_inputs(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, q->layout->in_channels / groups(q->layout));
}

static bool read_group_outputs(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, q->layout->out_channels / groups(q->layout));
}

static bool read_kernel_area(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, product(q->layout, offsetof(conv_axis, kernel)));
}

static bool read_in_area(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, product(q->layout, offsetof(conv_axis, in)));
}

static bool read_out_area(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, product(q->layout, offsetof(conv_axis, out)));
}

static bool read_in_count(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_shape_count(&q->layout->input[0]));
}

static bool read_out_count(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_shape_count(&q->layout->output));
}

static bool read_weights(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, q->layout->weight.rank ? conv_shape_count(&q->layout->weight) : 0);
}

static bool read_filter_weights(query q, placeholder_value *v, failure *f) {
    if (q->layout->weight.rank == 0) return fail(f, N_("this operation has no such tensor"), "");
    return count_is(v, conv_shape_count(&q->layout->weight) / q->layout->weight.size[0]);
}

static bool read_biases(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, q->layout->bias.rank ? conv_shape_count(&q->layout->bias) : 0);
}

static bool read_extent(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_axis_extent(&q->layout->axis[q->axis]));
}

static bool read_padded(query q, placeholder_value *v, failure *f) {
    (void)f;
    const conv_axis *a = &q->layout->axis[q->axis];
    return count_is(v, a->pad_before + a->in + a->pad_after);
}

static bool read_output_padding(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, q->layout->spec.output_padding[q->axis]);
}

static bool read_formula(query q, placeholder_value *v, failure *f) {
    (void)f;
    conv_layout_formula(q->layout, q->axis, v->text, (int)sizeof v->text);
    return true;
}

static bool read_symbols(query q, placeholder_value *v, failure *f) {
    (void)f;
    conv_layout_formula_symbols(q->layout, q->axis, v->text, (int)sizeof v->text);
    return true;
}

static bool read_code(query q, placeholder_value *v, failure *f) {
    (void)f;
    conv_spec_text(&q->layout->spec, v->text, (int)sizeof v->text);
    return true;
}

/* ---- of the whole network ---- */

static bool read_network_params(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_network_cost(q->scene->parts[q->part].network).parameters);
}

static bool read_network_macs(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_network_cost(q->scene->parts[q->part].network).multiply_adds);
}

static bool read_layers(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_network_count(q->scene->parts[q->part].network));
}

static bool field_of(query q, conv_field *field, failure *f) {
    conv_error error;
    return conv_network_field(q->scene->parts[q->part].network, q->layer, q->axis, field, &error) == CONV_OK ||
           fail_engine(f, &error);
}

static bool read_field(query q, placeholder_value *v, failure *f) {
    conv_field field;
    return field_of(q, &field, f) && count_is(v, field.size);
}

static bool read_jump(query q, placeholder_value *v, failure *f) {
    conv_field field;
    if (!field_of(q, &field, f)) return false;
    v->number = field.jump;
    return true;
}

static bool read_start(query q, placeholder_value *v, failure *f) {
    conv_field field;
    if (!field_of(q, &field, f)) return false;
    v->number = field.start;
    return true;
}

/* ---- numbers of tensors ---- */

/* A place with fewer numbers than axes stands in the first channel (and sample). */
static bool place_in(query q, const conv_shape *shape, int64_t *index, failure *f) {
    char text[128];
    int64_t position[CONV_MAX_DIMS] = {0};
    const int missing = shape->rank - q->place_count;
    conv_shape_text(shape, text, (int)sizeof text);
    if (shape->rank == 0) return fail(f, N_("this operation has no such tensor"), "");
    if (missing < 0 || q->place_count == 0) {
        return fail(f, N_("a place in a tensor of shape {0} has up to {1} numbers"), "sd", text, (int64_t)shape->rank);
    }
    for (int i = 0; i < q->place_count; i++) {
        position[missing + i] = q->place[i];
        if (q->place[i] >= shape->size[missing + i])
            return fail(f, N_("there is no such place in a tensor of shape {0}"), "s", text);
    }
    *index = conv_shape_index(shape, position);
    return true;
}

static bool value_at(query q, const conv_shape *shape, const float *numbers, placeholder_value *v, failure *f) {
    int64_t index = 0;
    if (!place_in(q, shape, &index, f)) return false;
    if (!numbers) return fail(f, N_("this operation has no such tensor"), "");
    v->number = (double)numbers[index];
    return true;
}

static void operands_of(query q, conv_operands *operands) {
    conv_network_operands(q->scene->parts[q->part].network, q->layer, operands);
}

static bool read_x(query q, placeholder_value *v, failure *f) {
    conv_operands o;
    operands_of(q, &o);
    return value_at(q, &q->layout->input[0], o.input[0], v, f);
}

static bool read_w(query q, placeholder_value *v, failure *f) {
    conv_operands o;
    operands_of(q, &o);
    return value_at(q, &q->layout->weight, o.weight, v, f);
}

static bool read_b(query q, placeholder_value *v, failure *f) {
    conv_operands o;
    operands_of(q, &o);
    return value_at(q, &q->layout->bias, o.bias, v, f);
}

static bool read_offset_at(query q, placeholder_value *v, failure *f) {
    conv_operands o;
    operands_of(q, &o);
    return value_at(q, &q->layout->offset, o.offset, v, f);
}

static bool read_mask_at(query q, placeholder_value *v, failure *f) {
    conv_operands o;
    operands_of(q, &o);
    return value_at(q, &q->layout->mask, o.mask, v, f);
}

static bool read_y(query q, placeholder_value *v, failure *f) {
    return value_at(q, &q->layout->output, conv_network_output(q->scene->parts[q->part].network, q->layer), v, f);
}

/* Extremes over a tensor: the place of the largest output tells a classifier's answer. */
static bool read_y_best(query q, placeholder_value *v, failure *f) {
    (void)f;
    const float *y = conv_network_output(q->scene->parts[q->part].network, q->layer);
    int64_t best = 0;
    for (int64_t i = 1; i < conv_shape_count(&q->layout->output); i++) {
        if (y[i] > y[best]) best = i;
    }
    return count_is(v, best);
}

/* ---- counts over a tensor ---- */

typedef struct tally {
    int64_t *counts, least, most, zeros, at;
} tally;

static bool count_cells(query q, bool reads, tally *n, failure *f) {
    const scene_part *p = &q->scene->parts[q->part];
    if (q->layer != p->focus) return fail(f, N_("this is counted for the layer that is shown only"), "");
    const conv_shape *shape = reads ? &p->layout->input[0] : &p->layout->output;
    const int64_t count = conv_shape_count(shape);
    int64_t place = 0;
    if (q->place_count && !place_in(q, shape, &place, f)) return false;
    int64_t *counts = memory_resize(NULL, (size_t)count, sizeof *counts);
    if (!counts) return no_memory(f);
    conv_error error;
    conv_status status =
        reads ? conv_trace_reads(p->plan, 0, counts, &error) : conv_trace_overlap(p->plan, counts, &error);
    *n = (tally){.least = INT64_MAX};
    for (int64_t i = 0; status == CONV_OK && i < count; i++) {
        if (counts[i] < n->least) n->least = counts[i];
        if (counts[i] > n->most) n->most = counts[i];
        n->zeros += counts[i] == 0;
    }
    if (status == CONV_OK) n->at = counts[place];
    memory_free(counts);
    return status == CONV_OK || fail_engine(f, &error);
}

static bool read_reads(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, true, &n, f) && count_is(v, n.at);
}

static bool read_most_reads(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, true, &n, f) && count_is(v, n.most);
}

static bool read_never_read(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, true, &n, f) && count_is(v, n.zeros);
}

static bool read_overlap(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, false, &n, f) && count_is(v, n.at);
}

static bool read_most_overlap(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, false, &n, f) && count_is(v, n.most);
}

static bool read_least_overlap(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, false, &n, f) && count_is(v, n.least);
}

static bool read_never_written(query q, placeholder_value *v, failure *f) {
    tally n;
    return count_cells(q, false, &n, f) && count_is(v, n.zeros);
}

/* ---- steps ---- */

static int64_t step_of(query q) {
    const int64_t steps = q->scene->parts[q->part].layout->steps;
    const int64_t step = q->moment.step < steps ? q->moment.step : steps - 1;
    return step < 0 ? 0 : step;
}

static bool read_step(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, step_of(q) + 1);
}

static const conv_tap *step_taps(query q, int64_t *count, float *result, failure *f) {
    return scene_taps(q->scene, q->part, step_of(q), count, result, f);
}

static bool read_taps(query q, placeholder_value *v, failure *f) {
    int64_t count;
    return step_taps(q, &count, NULL, f) && count_is(v, count);
}

static bool read_padding_taps(query q, placeholder_value *v, failure *f) {
    int64_t count, inside = 0;
    const conv_tap *taps = step_taps(q, &count, NULL, f);
    if (!taps) return false;
    for (int64_t i = 0; i < count; i++) inside += taps[i].in_padding;
    return count_is(v, inside);
}

static bool read_result(query q, placeholder_value *v, failure *f) {
    int64_t count;
    float result = 0;
    if (!step_taps(q, &count, &result, f)) return false;
    v->number = (double)result;
    return true;
}

static const conv_tap *one_tap(query q, failure *f) {
    int64_t count;
    const conv_tap *taps = step_taps(q, &count, NULL, f);
    if (!taps) return NULL;
    if (q->place_count != 1 || q->place[0] >= count) {
        fail(f, N_("this step has the taps 0 to {0}"), "d", count - 1);
        return NULL;
    }
    return &taps[q->place[0]];
}

static bool read_tap_x(query q, placeholder_value *v, failure *f) {
    const conv_tap *tap = one_tap(q, f);
    if (tap) v->number = (double)tap->value;
    return tap;
}

static bool read_tap_w(query q, placeholder_value *v, failure *f) {
    const conv_tap *tap = one_tap(q, f);
    if (tap) v->number = (double)tap->factor;
    return tap;
}

static bool read_tap_product(query q, placeholder_value *v, failure *f) {
    const conv_tap *tap = one_tap(q, f);
    if (tap) v->number = (double)tap->product;
    return tap;
}

static bool read_tap_sum(query q, placeholder_value *v, failure *f) {
    const conv_tap *tap = one_tap(q, f);
    if (tap) v->number = (double)tap->sum;
    return tap;
}

/* ---- other views ---- */

enum { MATRIX_MOST = 1 << 20 };

static bool read_matrix_entries(query q, placeholder_value *v, failure *f) {
    const scene_part *p = &q->scene->parts[q->part];
    conv_matrix m;
    conv_error error;
    if (conv_matrix_create(p->plan, &p->operands, MATRIX_MOST, &m, &error) != CONV_OK) return fail_engine(f, &error);
    count_is(v, m.entries);
    conv_matrix_destroy(&m);
    return true;
}

/* The split of the kernel at [filter, slice], the first one when none is said. */
static bool separate(query q, double *error_norm, int *rank, failure *f) {
    const conv_layout *l = q->layout;
    if (l->weight.rank != 4) return fail(f, N_("only the kernels of a Conv2d can be split"), "");
    const int64_t height = l->weight.size[2], width = l->weight.size[3];
    const int64_t filter = q->place_count > 0 ? q->place[0] : 0, slice = q->place_count > 1 ? q->place[1] : 0;
    if (filter >= l->weight.size[0] || slice >= l->weight.size[1]) return fail(f, N_("there is no such kernel"), "");
    conv_operands o;
    operands_of(q, &o);
    float *sides = memory_resize(NULL, (size_t)(height + width), sizeof *sides);
    if (!sides) return no_memory(f);
    conv_error error;
    const float *kernel = o.weight + (filter * l->weight.size[1] + slice) * height * width;
    conv_status status = conv_separate(kernel, height, width, sides, sides + height, NULL, error_norm, rank, &error);
    memory_free(sides);
    return status == CONV_OK || fail_engine(f, &error);
}

static bool read_rank(query q, placeholder_value *v, failure *f) {
    double norm;
    int rank;
    return separate(q, &norm, &rank, f) && count_is(v, rank);
}

static bool read_split_error(query q, placeholder_value *v, failure *f) {
    int rank;
    return separate(q, &v->number, &rank, f);
}

static bool read_threads(query q, placeholder_value *v, failure *f) {
    (void)f;
    return count_is(v, conv_engine_threads(q->scene->engine));
}

static bool read_algorithm(query q, placeholder_value *v, failure *f) {
    (void)f;
    strncpy(v->text, conv_algorithm_name(conv_plan_algorithm(q->scene->parts[q->part].plan)), sizeof v->text - 1);
    return true;
}

#define LAYOUT(member) .from = FROM_LAYOUT, .offset = offsetof(conv_layout, member)
#define AXIS(member) .from = FROM_AXIS, .offset = offsetof(conv_axis, member)
#define SHAPE(member) .kind = PLACEHOLDER_TEXT, .from = FROM_SHAPE, .offset = offsetof(conv_layout, member)
#define CALL(function) .from = FROM_CALL, .read = function
#define AXIS_CALL(function) .from = FROM_AXIS_CALL, .read = function
#define VALUE_AT(function) .kind = PLACEHOLDER_VALUE, .from = FROM_CALL, .read = function, .places = true

const placeholder placeholders[] = {{"in", SHAPE(input)},
                                    {"out", SHAPE(output)},
                                    {"weight", SHAPE(weight)},
                                    {"bias", SHAPE(bias)},
                                    {"offset", SHAPE(offset)},
                                    {"mask", SHAPE(mask)},
                                    {"batch", LAYOUT(batch)},
                                    {"c_in", LAYOUT(in_channels)},
                                    {"c_out", LAYOUT(out_channels)},
                                    {"groups", CALL(read_groups)},
                                    {"group_in", CALL(read_group_inputs)},
                                    {"group_out", CALL(read_group_outputs)},
                                    {"size_in", AXIS(in)},
                                    {"size_out", AXIS(out)},
                                    {"k", AXIS(kernel)},
                                    {"s", AXIS(stride)},
                                    {"d", AXIS(dilation)},
                                    {"p", AXIS(pad_before)},
                                    {"p_after", AXIS(pad_after)},
                                    {"op", AXIS_CALL(read_output_padding)},
                                    {"k_eff", AXIS_CALL(read_extent)},
                                    {"padded", AXIS_CALL(read_padded)},
                                    {"k_area", CALL(read_kernel_area)},
                                    {"in_area", CALL(read_in_area)},
                                    {"out_area", CALL(read_out_area)},
                                    {"in_count", CALL(read_in_count)},
                                    {"out_count", CALL(read_out_count)},
                                    {"weights", CALL(read_weights)},
                                    {"filter_weights", CALL(read_filter_weights)},
                                    {"biases", CALL(read_biases)},
                                    {"params", LAYOUT(cost.parameters)},
                                    {"macs", LAYOUT(cost.multiply_adds)},
                                    {"macs_real", LAYOUT(cost.touching_data)},
                                    {"net_params", CALL(read_network_params)},
                                    {"net_macs", CALL(read_network_macs)},
                                    {"layers", CALL(read_layers)},
                                    {"formula", .kind = PLACEHOLDER_TEXT, AXIS_CALL(read_formula)},
                                    {"symbols", .kind = PLACEHOLDER_TEXT, AXIS_CALL(read_symbols)},
                                    {"code", .kind = PLACEHOLDER_TEXT, CALL(read_code)},
                                    {"field", AXIS_CALL(read_field)},
                                    {"jump", AXIS_CALL(read_jump)},
                                    {"start", AXIS_CALL(read_start)},
                                    {"steps", LAYOUT(steps)},
                                    {"step", CALL(read_step)},
                                    {"taps", CALL(read_taps)},
                                    {"padding_taps", CALL(read_padding_taps)},
                                    {"result", .kind = PLACEHOLDER_VALUE, CALL(read_result)},
                                    {"tap_x", VALUE_AT(read_tap_x)},
                                    {"tap_w", VALUE_AT(read_tap_w)},
                                    {"tap_product", VALUE_AT(read_tap_product)},
                                    {"tap_sum", VALUE_AT(read_tap_sum)},
                                    {"x", VALUE_AT(read_x)},
                                    {"w", VALUE_AT(read_w)},
                                    {"b", VALUE_AT(read_b)},
                                    {"y", VALUE_AT(read_y)},
                                    {"offset_at", VALUE_AT(read_offset_at)},
                                    {"mask_at", VALUE_AT(read_mask_at)},
                                    {"y_best", CALL(read_y_best)},
                                    {"reads", CALL(read_reads), .places = true},
                                    {"most_reads", CALL(read_most_reads)},
                                    {"never_read", CALL(read_never_read)},
                                    {"overlap", CALL(read_overlap), .places = true},
                                    {"most_overlap", CALL(read_most_overlap)},
                                    {"least_overlap", CALL(read_least_overlap)},
                                    {"never_written", CALL(read_never_written)},
                                    {"matrix_entries", CALL(read_matrix_entries)},
                                    {"rank", CALL(read_rank), .places = true},
                                    {"split_error", .kind = PLACEHOLDER_VALUE, CALL(read_split_error), .places = true},
                                    {"threads", CALL(read_threads)},
                                    {"algorithm", .kind = PLACEHOLDER_TEXT, CALL(read_algorithm)},
                                    {0}};
