#include "operand.h"
#include "app/system/memory.h"
#include "recall.h"
#include "short_number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { PICTURED_CELLS = 576 /* 24 x 24: larger planes have no room for numbers */ };

typedef struct range {
    float low, high;
} range;

static range scan(const float *values, int64_t count) {
    range r = {0, 0};
    float low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < count; i++) { /* nan and the infinities fall through the comparisons */
        float v = values[i];
        low = v < low && v > -INFINITY ? v : low;
        high = v > high && v < INFINITY ? v : high;
    }
    if (low <= high) r = (range){low, high};
    return r;
}

static range range_of(const stage *s, int index, const float *values, int64_t count) {
    if (count <= 2048) return scan(values, count);
    recall_key key = {RECALL_RANGE, index, (int64_t)(intptr_t)values, count, 0};
    range *kept = recall(s->scene, key);
    if (kept) return *kept;
    range r = scan(values, count);
    if ((kept = memory_zeroed(1, sizeof *kept))) {
        *kept = r;
        recall_keep(s->scene, key, kept, NULL);
    }
    return r;
}

static void set_shape(operand *o, const conv_shape *shape, int spatial) {
    int rank = shape->rank;
    o->shape = *shape;
    o->columns = rank >= 1 ? shape->size[rank - 1] : 1;
    o->rows = rank >= 2 ? shape->size[rank - 2] : 1;
    bool deep = spatial == 3 && rank >= 3;
    o->slices = deep ? shape->size[rank - 3] : 1;
    o->planes = 1;
    for (int i = 0; i < rank - (deep ? 3 : 2); i++) o->planes *= shape->size[i];
}

static void set_range(const stage *s, operand *o) {
    if (!o->values) return;
    range r = range_of(s, o->part, o->values, conv_shape_count(&o->shape));
    o->low = r.low;
    o->high = r.high;
    o->scale = fmaxf(fabsf(r.low), fabsf(r.high));
}

void operand_plain(const stage *s, operand *o, role r, int index, const conv_shape *shape, const float *values) {
    *o = (operand){.role = r, .part = index, .layer = s->scene->parts[index].focus, .values = values};
    set_shape(o, shape, 0);
    set_range(s, o);
    o->symbols = s->document->labels;
}

/* The windows of these stop at cells of the input, rim included. */
static bool pads_input(conv_kind kind) {
    return kind == CONV_CONV || kind == CONV_DEFORM || kind == CONV_UNFOLD || kind == CONV_MAX_POOL ||
           kind == CONV_AVG_POOL;
}

static int64_t at_least_zero(int64_t v) {
    return v > 0 ? v : 0;
}

/* Rim of the input of a gathering operation: what any window reads beyond the border, at least the padding asked for.
 */
static void rim_of_input(operand *o, const conv_layout *l) {
    for (int i = 0; i < l->dims; i++) {
        const conv_axis *a = &l->axis[i];
        int at = 3 - l->dims + i;
        o->before[at] = at_least_zero(a->pad_before);
        o->after[at] = at_least_zero(a->pad_after);
        int64_t last = conv_axis_tap(a, a->out - 1, a->kernel - 1);
        if (last - (a->in - 1) > o->after[at]) o->after[at] = last - (a->in - 1); /* ceil_mode */
        o->mode = a->mode;
    }
    if (l->spec.op->kind == CONV_MAX_POOL) {
        o->constant = -INFINITY;
        o->mode = CONV_CONSTANT;
    }
}

/* Rim of the output of a scattering one: where stamps land and are cut off. */
static void rim_of_output(operand *o, const conv_layout *l) {
    for (int i = 0; i < l->dims; i++) {
        const conv_axis *a = &l->axis[i];
        int at = 3 - l->dims + i;
        o->before[at] = at_least_zero(-conv_axis_tap(a, 0, 0));
        o->after[at] = at_least_zero(conv_axis_tap(a, a->in - 1, a->kernel - 1) - (a->out - 1));
    }
    o->cut = true;
}

/* What a picture's values are like, of some looked at: their mean, and the share between black and white. */
static void look_at(const float *values, int64_t count, float *mean, float *light) {
    enum { LOOKED_AT = 4096 };
    int64_t step = count / LOOKED_AT + 1, seen = 0, inside = 0;
    double sum = 0;
    for (int64_t i = 0; i < count; i += step, seen++) {
        sum += (double)values[i];
        inside += values[i] >= 0 && values[i] <= 1;
    }
    *mean = (float)(sum / (double)seen);
    *light = (float)inside / (float)seen;
}

/* A map that keeps the brightness of what it was made of is still that photograph, though a few values are beyond black
 * and white, as after sharpening. A map of edges is not. */
static bool keeps_brightness(const scene_part *p, const operand *o) {
    float before, after, light;
    look_at(p->operands.input[0], conv_shape_count(&p->layout->input[0]), &before, &light);
    look_at(o->values, o->rows * o->columns, &after, &light);
    return light > 0.7f && after > 0.8f * before && after < 1.25f * before;
}

/* The picture itself is a photograph, and so is a single map made of it whose values stay in a photo's range. */
static bool is_photograph(const scene_part *p, const operand *o) {
    if (o->role == ROLE_OUTPUT) return o->planes == 1 && ((o->low >= 0 && o->high <= 1) || keeps_brightness(p, o));
    const conv_layer *layer = conv_network_layer(p->network, p->focus);
    if (layer->input[o->which] != CONV_FROM_INPUT) return o->planes == 1 && o->low >= 0 && o->high <= 1;
    return o->planes == 1 || o->planes == 3;
}

bool operand_of(const stage *s, int index, role r, int which, operand *o) {
    const scene_part *p = &s->scene->parts[index];
    const conv_layout *l = p->layout;
    conv_kind kind = l->spec.op->kind;
    *o = (operand){.role = r, .part = index, .layer = p->focus, .which = which, .symbols = s->document->labels};
    int spatial = l->dims;
    const conv_shape *shape = NULL;
    switch (r) {
    case ROLE_INPUT:
        if (which >= l->input_count) return false;
        shape = &l->input[which];
        o->values = p->operands.input[which];
        if (kind == CONV_FOLD) spatial = 0;
        break;
    case ROLE_WEIGHT:
        shape = &l->weight;
        o->values = p->operands.weight;
        break;
    case ROLE_OUTPUT:
        shape = &l->output;
        o->values = p->output;
        if (kind == CONV_UNFOLD) spatial = 0;
        break;
    case ROLE_BIAS:
        shape = &l->bias;
        o->values = p->operands.bias;
        break;
    case ROLE_OFFSET:
        shape = &l->offset;
        o->values = p->operands.offset;
        break;
    case ROLE_MASK:
        shape = &l->mask;
        o->values = p->operands.mask;
        break;
    default:
        return false;
    }
    if (!shape->rank || !o->values) return false;
    o->kept = l->dims;
    set_shape(o, shape, spatial);
    set_range(s, o);
    bool from_picture = s->document->parts[index].input.kind == SOURCE_PICTURE && o->rows * o->columns > PICTURED_CELLS;
    o->pictured = from_picture && (r == ROLE_INPUT || r == ROLE_OUTPUT);
    o->photo = o->pictured && is_photograph(p, o);
    if (o->photo && r == ROLE_OUTPUT) o->scale = 1;
    if (r == ROLE_INPUT && pads_input(kind)) rim_of_input(o, l);
    if (r == ROLE_OUTPUT && (kind == CONV_TRANSPOSE || kind == CONV_FOLD)) rim_of_output(o, l);
    return true;
}

int64_t operand_index(const operand *o, int64_t plane, int64_t slice, int64_t row, int64_t column) {
    return ((plane * o->slices + slice) * o->rows + row) * o->columns + column;
}

void operand_place(const operand *o, int64_t index, int64_t *plane, int64_t *slice, int64_t *row, int64_t *column) {
    *column = index % o->columns;
    index /= o->columns;
    *row = index % o->rows;
    index /= o->rows;
    *slice = index % o->slices;
    *plane = index / o->slices;
}

int64_t operand_source(const operand *o, int64_t plane, int64_t slice, int64_t row, int64_t column) {
    int64_t d = conv_axis_source(o->mode, o->slices, slice), r = conv_axis_source(o->mode, o->rows, row);
    int64_t c = conv_axis_source(o->mode, o->columns, column);
    return d < 0 || r < 0 || c < 0 ? -1 : operand_index(o, plane, d, r, c);
}

/* The most characters that a number of the operand takes. */
static int longest(const operand *o, int digits) {
    int64_t count = conv_shape_count(&o->shape), step = 1 + count / 4096;
    int most = 1;
    char text[NUMBER_SIZE];
    for (int64_t i = 0; o->values && i < count; i += step) {
        int length = short_number(text, sizeof text, (double)o->values[i], digits) + o->addends;
        if (length > most) most = length;
    }
    return most;
}

void operand_fit(const stage *s, operand *o, float width, float height, float best) {
    float least = 8.0f, advance = stage_width(s, FACE_MONO, 100, "0") / 100;
    o->digits = 0;
    o->size = fminf(best, height);
    if (o->size < least) return;
    if (o->symbols) {
        o->size = fminf(o->size, width / 1.9f);
        o->digits = o->size >= least ? NUMBER_DIGITS : 0;
        return;
    }
    for (int digits = NUMBER_DIGITS; digits >= 1; digits--) {
        float fitted = fminf(o->size, width / ((float)longest(o, digits) * advance));
        if (fitted < least) continue;
        o->size = fitted;
        o->digits = digits;
        return;
    }
}

static const char *const letters[ROLE_COUNT] = {"", "x", "w", "y", "b", "Δ", "m"};

void operand_symbol(const operand *o, int64_t index, char letter[8], char *indices, int size) {
    snprintf(letter, 8, "%s", letters[o->role]);
    int64_t position[CONV_MAX_DIMS];
    conv_shape_position(&o->shape, index, position);
    int first = 0; /* axes of size 1 at the front say nothing */
    int kept = o->kept > 1 ? o->kept : 1;
    while (first < o->shape.rank - kept && o->shape.size[first] == 1) first++;
    bool wide = false;
    for (int i = first; i < o->shape.rank; i++) wide |= o->shape.size[i] > 10;
    int at = 0;
    indices[0] = 0;
    for (int i = first; i < o->shape.rank && at < size; i++)
        at +=
            snprintf(indices + at, (size_t)(size - at), "%s%lld", wide && i > first ? "," : "", (long long)position[i]);
}

static const char *const names[ROLE_COUNT] = {"",         N_("input"),  N_("kernel"), N_("output"),
                                              N_("bias"), N_("offset"), N_("mask")};

void operand_title(const stage *s, const operand *o, char *text, int size) {
    bool slides = s->scene->parts[o->part].layout->dims > 0;
    const char *name = o->role == ROLE_WEIGHT && !slides ? N_("weight") : names[o->role];
    int at = snprintf(text, (size_t)size, "%s", tr(s->language, name));
    int first = 0;
    while (first < o->shape.rank - 2 && o->shape.size[first] == 1) first++;
    for (int i = first; i < o->shape.rank && at < size; i++)
        at += snprintf(text + at, (size_t)(size - at), "%s%lld", i > first ? " × " : " ", (long long)o->shape.size[i]);
}
