#include "direct.h"

#include "cost.h"
#include "geometry.h"
#include "split.h"
#include "strip.h"
#include <string.h>

/* A tile: some groups of one sample, some lines and columns of one output plane. */
typedef struct direct {
    const kernels *kernels;
    patches patches;
    strip strip;
    int64_t groups, batch, planes; /* planes: along the third axis */
    split group, line, column;
    int64_t width, panels; /* output channels of a weight panel */
    bool by_rows;          /* rows that serve several output rows, rather than the register tile */
    bool in_place;         /* by rows, from the input as it lies; otherwise from a strip of padded rows */
} direct;

enum { STRIP_BYTES = 200 << 10, STRIP_MOST = 1 << 20, ROWS_LARGEST = 8 };

/* Rows can be read as they lie where what is missing at their ends is 0. A stride of 2 loads each cell again for each
 * tap: a strip, which takes the cells apart once, is better where many taps or outputs use it. */
static bool reads_in_place(const patches *p) {
    const patch_axis *y = &p->axis[1], *x = &p->axis[2];
    if (x->taps > ROWS_TAPS || x->dilation > STRIP_REACH || y->dilation > STRIP_REACH || y->step > STRIP_REACH ||
        y->taps > STRIP_REACH)
        return false;
    bool inside = x->base >= 0 && x->base + (x->count - 1) * x->step + (x->taps - 1) * x->dilation < x->size;
    if (!inside && x->mode != CONV_ZEROS) return false;
    return x->step == 1 || (x->step == 2 && x->taps <= 5 && p->outputs <= (x->taps <= 3 ? 8 : 4));
}

static direct direct_of(const conv_layout *layout, unsigned cpu, bool by_rows) {
    direct d = {.kernels = kernels_for(cpu), .groups = layout->spec.groups, .batch = layout->batch, .by_rows = by_rows};
    d.patches = patches_of_convolution(layout);
    const patches *p = &d.patches;
    const patch_axis *y = &p->axis[1], *x = &p->axis[2];
    d.planes = p->axis[0].count;
    d.width = divide_up(p->outputs, divide_up(p->outputs, d.kernels->tile_rows));
    d.panels = divide_up(p->outputs, d.width);
    double work = (double)p->outputs * (double)p->pixels * (double)p->depth * (double)d.groups * (double)d.batch;
    int64_t tiles = tiles_for(work, d.kernels->lanes), units = at_least(d.batch * d.planes, 1);
    d.group = split_in(d.groups, divide_up(tiles, units), d.groups);
    int64_t each = divide_up(tiles, units * at_least(d.group.parts, 1));
    d.line = split_in(y->count, each, 64);
    d.column = split_in(x->count, 1, x->count);
    d.in_place = by_rows && reads_in_place(p);
    if (d.in_place) return d;
    /* A strip that does not fit is first cut to fewer lines, then to fewer columns. */
    double row = 4.0 * (double)(p->channels * p->axis[0].taps) * (double)((x->count + 32) * at_most(x->step, x->taps));
    while (d.line.size > 1 && row * (double)(d.line.size * y->step + y->taps * y->dilation) > STRIP_BYTES)
        d.line = split_in(y->count, y->count, d.line.size / 2);
    while (d.column.size > 128 &&
           row * (double)d.column.size / (double)x->count * (double)(y->taps * y->dilation) > STRIP_BYTES)
        d.column = split_in(x->count, x->count, d.column.size / 2 / MOST_LANES * MOST_LANES);
    return d;
}

/* Input rows in place are a strip without room of its own, but for one row of zeros. */
static void strip_in_place(direct *d) {
    const patch_axis *y = &d->patches.axis[1], *x = &d->patches.axis[2];
    d->strip = (strip){.planes = d->patches.channels * d->patches.axis[0].taps, .columns = d->column.size};
    d->strip.rows = (d->line.size - 1) * y->step + (y->taps - 1) * y->dilation + 1;
    d->strip.row = divide_up(x->size, MOST_LANES) * MOST_LANES;
    for (int t = 0; t < (int)x->taps; t++) d->strip.tap[t] = (int32_t)(t * x->dilation);
}

static bool fits(const conv_layout *layout, unsigned cpu, bool by_rows) {
    if (layout->spec.op->kind != CONV_CONV) return false;
    direct d = direct_of(layout, cpu, by_rows);
    if (d.in_place)
        strip_in_place(&d);
    else if (!strip_of(&d.patches, d.line.size, d.column.size, &d.strip))
        return false;
    double row = d.in_place ? sizeof(float *) : (double)d.strip.row * sizeof(float);
    return row * (double)d.strip.rows * (double)d.strip.planes <= STRIP_MOST;
}

static direct make(const conv_layout *layout, unsigned cpu, bool by_rows) {
    direct d = direct_of(layout, cpu, by_rows);
    if (d.in_place)
        strip_in_place(&d);
    else
        strip_of(&d.patches, d.line.size, d.column.size, &d.strip);
    return d;
}

/* Floats of a thread's workspace before the list of rows: the strip, or the row of zeros. */
static int64_t room_floats(const direct *d) {
    return (d->in_place ? d->strip.row : d->strip.plane * d->strip.planes) + 4 * MOST_LANES;
}

/* Packed: where each tap lies in a strip (32 bit); then for each group bias and weights, in panels or, by rows, as they
 * are. */
static int64_t taps_floats(const direct *d) {
    return divide_up(d->patches.depth, MOST_LANES) * MOST_LANES;
}

static int64_t group_floats(const direct *d) {
    int64_t outputs = d->panels * d->width;
    return divide_up(outputs * (d->patches.depth + 1), MOST_LANES) * MOST_LANES;
}

static bool needs(const conv_layout *layout, unsigned cpu, bool by_rows, algorithm_needs *n) {
    direct d = make(layout, cpu, by_rows);
    *n = (algorithm_needs){.phases = 1};
    n->packed = (size_t)(taps_floats(&d) + d.groups * group_floats(&d)) * sizeof(float);
    n->per_thread = (size_t)room_floats(&d) * sizeof(float);
    int64_t lines = divide_up(d.strip.planes * d.strip.rows, MOST_LANES) * MOST_LANES;
    if (by_rows) n->per_thread += (size_t)lines * sizeof(float *);
    n->tiles[0] = d.batch * d.group.parts * d.planes * d.line.parts * d.column.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, bool by_rows, void *packed) {
    direct d = make(layout, cpu, by_rows);
    const patches *p = &d.patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *at = packed;
    int64_t outputs = d.panels * d.width, area = ay->taps * ax->taps;
    for (int64_t k = 0; k < p->depth; k++) {
        int64_t plane = k / area, y = k / ax->taps % ay->taps;
        at[k] = (int32_t)(plane * d.strip.plane + y * ay->dilation * d.strip.row + d.strip.tap[k % ax->taps]);
    }
    float *to = (float *)packed + taps_floats(&d);
    for (int64_t g = 0; g < d.groups; g++, to += group_floats(&d)) {
        for (int64_t o = 0; o < outputs; o++)
            to[o] = operands->bias != NULL && o < p->outputs ? operands->bias[g * p->outputs + o] : 0;
        const float *weight = operands->weight + g * p->weight_group;
        for (int64_t o = 0; o < outputs; o++)
            for (int64_t k = 0; k < p->depth; k++) {
                int64_t tap = layout->spec.flip ? p->taps - 1 - k % p->taps : k % p->taps;
                float w = o < p->outputs ? weight[o * p->weight_output + k / p->taps * p->weight_channel + tap] : 0;
                to[outputs + (by_rows ? o * p->depth + k : (o / d.width * p->depth + k) * d.width + o % d.width)] = w;
            }
    }
}

/* Which tile it is. */
typedef struct place {
    int64_t batch, group;
    strip_place at;
} place;

static place place_of(const direct *d, int64_t tile) {
    place p = {0};
    int64_t column = tile % d->column.parts;
    tile /= d->column.parts;
    int64_t line = tile % d->line.parts;
    tile /= d->line.parts;
    p.at.z = tile % d->planes;
    tile /= d->planes;
    p.group = tile % d->group.parts;
    p.batch = tile / d->group.parts;
    p.at.y = split_first(&d->line, line);
    p.at.lines = split_last(&d->line, line) - p.at.y;
    p.at.x = split_first(&d->column, column);
    p.at.columns = split_last(&d->column, column) - p.at.x;
    return p;
}

/* Where the input rows of a tile begin; a row of zeros stands for those in padding. */
static void list_lines(const direct *d, const strip_place *at, const float *input, const float *zeros, int64_t rows,
                       const float **line) {
    const patches *p = &d->patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    for (int64_t plane = 0; plane < d->strip.planes; plane++) {
        int64_t z = at->z * az->step + az->base + plane % az->taps * az->dilation, y = at->y * ay->step + ay->base;
        if (z < 0 || z >= az->size) z = conv_axis_source(az->mode, az->size, z);
        const float *from = input + plane / az->taps * p->plane + z * ay->size * ax->size;
        for (int64_t r = 0; r < rows; r++, y++) {
            int64_t source = y >= 0 && y < ay->size ? y : conv_axis_source(ay->mode, ay->size, y);
            *line++ = z < 0 || source < 0 ? zeros : from + source * ax->size;
        }
    }
}

/* The rows of one group: where they are, and the products. */
static void compute_rows(const direct *d, const strip_place *at, const float *input, float *room, const float *packed,
                         bool bias, float *output) {
    const patches *p = &d->patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    const float **line = (const float **)(void *)(room + room_floats(d));
    int64_t rows = (at->lines - 1) * ay->step + (ay->taps - 1) * ay->dilation + 1;
    if (d->in_place) {
        list_lines(d, at, input, room, rows, line);
    } else {
        strip_fill(&d->strip, p, d->kernels, input, at, room);
        for (int64_t i = 0; i < d->strip.planes * rows; i++)
            line[i] = room + i / rows * d->strip.plane + i % rows * d->strip.row;
    }
    rows_call call = {.line = line,
                      .planes = (int)d->strip.planes,
                      .plane_rows = (int)rows,
                      .first = d->in_place ? ax->base + at->x * ax->step : 0,
                      .size = d->in_place ? ax->size : INT32_MAX,
                      .step = d->in_place ? (int)ax->step : 1,
                      .stride = (int)ay->step,
                      .dilation = ay->dilation,
                      .kernel_rows = (int)ay->taps,
                      .kernel_columns = (int)ax->taps,
                      .tap = d->strip.tap,
                      .weight = packed + d->panels * d->width,
                      .weight_step = p->depth,
                      .bias = bias ? packed : NULL,
                      .outputs = (int)p->outputs,
                      .rows = at->lines,
                      .columns = at->columns,
                      .output = output,
                      .output_plane = p->pixels,
                      .output_row = ax->count};
    d->kernels->rows(&call);
}

static void compute_panels(const direct *d, const strip_place *at, const float *room, const int32_t *taps,
                           const float *packed, bool bias, float *output) {
    const patches *p = &d->patches;
    int64_t vector = TILE_VECTORS * d->kernels->lanes, row = d->strip.row * p->axis[1].step;
    tile_call call = {.depth = p->depth, .a_step = d->width, .b_at = taps, .c_row = p->pixels};
    for (int64_t w = 0; w < d->panels; w++) {
        call.rows = (int)at_most(d->width, p->outputs - w * d->width);
        call.a = packed + d->panels * d->width + w * d->width * p->depth;
        call.row_bias = bias ? packed + w * d->width : NULL;
        for (int64_t line = 0; line < at->lines; line++)
            for (int64_t x = 0; x < at->columns; x += vector) {
                call.columns = (int)at_most(vector, at->columns - x);
                call.b = room + line * row + x;
                call.c = output + w * d->width * p->pixels + line * p->axis[2].count + x;
                d->kernels->tile(&call);
            }
    }
}

static void tile(const algorithm_job *job, bool by_rows, int64_t index, int thread) {
    direct d = make(job->layout, job->cpu, by_rows);
    const patches *p = &d.patches;
    place at = place_of(&d, index);
    float *room = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    const int32_t *taps = job->packed;
    const float *packed = (const float *)job->packed + taps_floats(&d);
    bool bias = job->operands->bias != NULL;
    if (d.in_place) memset(room, 0, (size_t)d.strip.row * sizeof *room);
    for (int64_t g = split_first(&d.group, at.group); g < split_last(&d.group, at.group); g++) {
        int64_t unit = at.batch * d.groups + g;
        const float *input = job->operands->input[0] + unit * p->channels * p->plane;
        float *output = job->output + unit * p->outputs * p->pixels +
                        (at.at.z * p->axis[1].count + at.at.y) * p->axis[2].count + at.at.x;
        if (by_rows) {
            compute_rows(&d, &at.at, input, room, packed + g * group_floats(&d), bias, output);
        } else {
            strip_fill(&d.strip, p, d.kernels, input, &at.at, room);
            compute_panels(&d, &at.at, room, taps, packed + g * group_floats(&d), bias, output);
        }
    }
}

static void box(const conv_layout *layout, unsigned cpu, bool by_rows, int64_t index, conv_event *event) {
    direct d = make(layout, cpu, by_rows);
    place at = place_of(&d, index);
    int64_t outputs = d.patches.outputs;
    event->batch = at.batch;
    event->channel_first = split_first(&d.group, at.group) * outputs;
    event->channel_last = split_last(&d.group, at.group) * outputs;
    int64_t first[CONV_MAX_SPATIAL] = {at.at.z, at.at.y, at.at.x},
            last[CONV_MAX_SPATIAL] = {at.at.z + 1, at.at.y + at.at.lines, at.at.x + at.at.columns};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        bool used = i < layout->dims;
        event->first[i] = used ? first[CONV_MAX_SPATIAL - layout->dims + i] : 0;
        event->last[i] = used ? last[CONV_MAX_SPATIAL - layout->dims + i] : 1;
    }
    if (d.patches.pixels != d.patches.axis[2].count || layout->dims == 1) return;
    /* Rows that follow each other without a seam are one row to the kernel. */
    int64_t row = layout->axis[1].out * layout->axis[2].out;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
    event->first[0] = at.at.x / row;
    event->last[0] = divide_up(at.at.x + at.at.columns, row);
}

/* Filling the strips, rows that tiles have in common again for each; then the products. By rows, an input vector that
 * is loaded serves four output rows or channels where the kernel is one of the usual sizes, and one otherwise. */
static double cost(const conv_layout *layout, unsigned cpu, bool by_rows) {
    direct d = make(layout, cpu, by_rows);
    const patches *p = &d.patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    double lanes = d.kernels->lanes, tiles = (double)(d.planes * d.line.parts * d.column.parts);
    double strips = tiles * (double)d.strip.planes * (double)d.strip.rows * (double)d.strip.segments;
    double fill = d.in_place ? 0
                             : strips * (15 + (double)d.strip.segment *
                                                  (ax->step == 1   ? 2
                                                   : ax->step == 2 ? 4
                                                                   : 1.5 * lanes) /
                                                  lanes);
    double vectors = (double)d.planes * (double)ay->count * (double)divide_up(ax->count, d.kernels->lanes) *
                     (double)p->depth * (double)p->outputs;
    bool usual = ay->taps == ax->taps && (ay->taps == 3 || ay->taps == 5) && ay->step <= 2 && ay->dilation == 1;
    double each = lanes / cost_rate(d.kernels), slow = 1;
    if (by_rows) slow = usual ? 1.5 : p->outputs >= 4 ? 1.7 : 3;
    /* Depthwise: each plane is begun anew, every second cell is gathered for each tap, a lone row waits for itself;
     * where two multiply-adds a cycle could be done the loads hold them up. */
    if (by_rows && d.groups > 1 && p->channels == 1) {
        fill += 150;
        if (ay->taps == 7 && ax->taps == 7 && ay->step == 1 && ax->step == 1 && ay->dilation == 1) slow = 1.4;
        if (d.in_place && ax->step == 2) slow = 3.8;
        if (ay->count < 4) slow = 6;
        if (d.kernels->lanes == 8) slow *= 1.5;
    }
    /* One vector from each of so many planes, and on to the next: most of them come from far away. */
    if (by_rows && p->taps == 1 && d.strip.planes > 16) slow *= 2.5;
    if (!by_rows) slow = d.width < 4 ? 5.0 / (double)d.width : 1.04;
    return cost_milliseconds((fill + vectors * each * slow) * (double)d.groups * (double)d.batch + 200);
}

static bool direct_can(const conv_layout *layout, unsigned cpu) {
    return fits(layout, cpu, false);
}

static bool depthwise_can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.groups > 1 && layout->in_channels == layout->spec.groups && !flat_suits(layout, cpu) &&
           fits(layout, cpu, true);
}

static bool picture_can(const conv_layout *layout, unsigned cpu) {
    if (layout->spec.groups > 1 && layout->in_channels == layout->spec.groups) return false;
    return layout->out_channels / layout->spec.groups <= ROWS_LARGEST && fits(layout, cpu, true);
}

#define DIRECT_FUNCTIONS(name, by_rows)                                                                                \
    static double name##_cost(const conv_layout *layout, unsigned cpu) {                                               \
        return cost(layout, cpu, by_rows);                                                                             \
    }                                                                                                                  \
    static bool name##_needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {                            \
        return needs(layout, cpu, by_rows, n);                                                                         \
    }                                                                                                                  \
    static void name##_pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {    \
        pack(layout, cpu, operands, by_rows, packed);                                                                  \
    }                                                                                                                  \
    static void name##_tile(const algorithm_job *job, int phase, int64_t index, int thread) {                          \
        (void)phase;                                                                                                   \
        tile(job, by_rows, index, thread);                                                                             \
    }                                                                                                                  \
    static void name##_box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {     \
        (void)phase;                                                                                                   \
        box(layout, cpu, by_rows, index, event);                                                                       \
    }
DIRECT_FUNCTIONS(panels, false)
DIRECT_FUNCTIONS(rows, true)

const algorithm direct_algorithm = {.id = CONV_DIRECT,
                                    .can = direct_can,
                                    .cost = panels_cost,
                                    .needs = panels_needs,
                                    .pack = panels_pack,
                                    .tile = panels_tile,
                                    .box = panels_box};
const algorithm depthwise_algorithm = {.id = CONV_DEPTHWISE,
                                       .can = depthwise_can,
                                       .cost = rows_cost,
                                       .needs = rows_needs,
                                       .pack = rows_pack,
                                       .tile = rows_tile,
                                       .box = rows_box};
const algorithm picture_algorithm = {.id = CONV_PICTURE,
                                     .can = picture_can,
                                     .cost = rows_cost,
                                     .needs = rows_needs,
                                     .pack = rows_pack,
                                     .tile = rows_tile,
                                     .box = rows_box};
