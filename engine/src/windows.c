/* Implicit GEMM without gathering: weights lie along the lanes, and what a window reads is taken cell by cell from the
 * input as it lies, or from a padded copy of it. Windows of all samples are one range, so that weights pass by once
 * where planes are small. See tile_call's a_line. */
#include "im2col.h"

#include "cost.h"
#include "geometry.h"
#include "product.h"
#include "split.h"

/* A tile: some panels of weights of one group for some register tiles of windows. */
typedef struct windows {
    product m;
    int64_t groups, batch, channels;
    int64_t size[CONV_MAX_SPATIAL]; /* cells of a plane that is read */
    int64_t plane;                  /* floats from one to the next */
    bool padded;                    /* it is a copy: as far as windows reach */
    int64_t height, count;          /* windows of a register tile, windows of all samples */
    int64_t depth_block;
    split panel, window, copy; /* panels; register tiles; planes to be copied */
} windows;

/* Measured: blocks of 192 that stay in the first-level cache, as gathering has them, 3 to 4% slower (sums go there and
 * back more often); rows of the copy in whole cache lines: no difference; fetching the next panel of weights meanwhile:
 * 1%. */
enum {
    DEPTH_BLOCK = 1024, /* at most: a panel of weights stays in the second-level cache while windows pass */
    LARGEST_WINDOWS = 16,
    LARGEST_COPY = 16 << 20,
    LARGEST_REACH = 1 << 12
};

/* False: a window reaches too far, or the copy would be too large. */
static bool windows_of(const conv_layout *layout, unsigned cpu, windows *a) {
    *a = (windows){.m = {.kernels = kernels_for(cpu), .patches = patches_of_convolution(layout), .turned = true}};
    const patches *p = &a->m.patches;
    a->groups = layout->spec.groups;
    a->batch = layout->batch;
    a->channels = layout->in_channels;
    double floats = 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const patch_axis *x = &p->axis[i];
        if (x->dilation > LARGEST_REACH || x->taps > LARGEST_REACH || x->step > LARGEST_REACH) return false;
        int64_t reach = (x->count - 1) * x->step + (x->taps - 1) * x->dilation + 1;
        a->size[i] = reach;
        a->padded = a->padded || x->base < 0 || x->base + reach > x->size;
        floats *= (double)reach;
    }
    for (int i = 0; i < CONV_MAX_SPATIAL && !a->padded; i++) a->size[i] = p->axis[i].size;
    if (a->padded && (floats + MOST_LANES) * (double)a->channels * (double)a->batch * sizeof(float) > LARGEST_COPY)
        return false;
    a->plane = a->padded ? a->size[0] * a->size[1] * a->size[2] + MOST_LANES : p->plane;
    if ((double)a->plane * (double)p->channels > INT32_MAX) return false;
    int64_t lanes = a->m.kernels->lanes;
    a->m.weight_width = at_most(TILE_VECTORS * lanes, divide_up(p->outputs, lanes) * lanes);
    a->m.weight_panels = divide_up(p->outputs, a->m.weight_width);
    a->count = a->batch * p->pixels;
    a->height = divide_up(a->count, divide_up(a->count, a->m.kernels->tile_rows));
    a->depth_block = divide_up(p->depth, divide_up(p->depth, DEPTH_BLOCK));
    int64_t tiles = tiles_for((double)layout->cost.multiply_adds, (int)lanes), rows = divide_up(a->count, a->height);
    a->window = split_in(rows, divide_up(tiles, a->groups * a->m.weight_panels), LARGEST_WINDOWS);
    a->panel = split_in(a->m.weight_panels, divide_up(tiles, a->groups * a->window.parts), a->m.weight_panels);
    a->copy = split_in(a->channels * a->batch, tiles, a->channels * a->batch);
    return true;
}

static windows make(const conv_layout *layout, unsigned cpu) {
    windows a;
    (void)windows_of(layout, cpu, &a);
    return a;
}

/* The product, with lanes that are filled up; each register tile's way there and back; copying; turning the sums; the
 * weights streaming by. */
static double cost_of(const windows *a) {
    const patches *p = &a->m.patches;
    const kernels *k = a->m.kernels;
    double outputs = (double)(divide_up(p->outputs, k->lanes) * k->lanes);
    double idle = a->height < 4 ? 4 / (double)a->height : 1.03;
    double multiply = (double)a->count * outputs * (double)p->depth * idle / cost_rate(k);
    double tiles = (double)(a->window.count * a->panel.count * divide_up(p->depth, a->depth_block)) * 80;
    double turn = 3 * cost_moves(k, (double)a->count * (double)p->outputs);
    double stream = 0.2 * cost_stream(4 * (double)p->outputs * (double)p->depth) * (double)a->window.parts;
    double floats = a->padded ? (double)(a->plane * a->channels * a->batch) : 0;
    double copy = cost_moves(k, floats) + cost_stream(2 * 4 * floats);
    return cost_milliseconds((double)a->groups * (multiply + tiles + turn + stream) + copy + 200);
}

bool windows_suit(const conv_layout *layout, unsigned cpu) {
    windows a;
    return windows_of(layout, cpu, &a) && cost_of(&a) < gathered_cost(layout, cpu);
}

static bool can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_CONV && windows_suit(layout, cpu);
}

static double cost(const conv_layout *layout, unsigned cpu) {
    windows a = make(layout, cpu);
    return cost_of(&a);
}

/* Packed: where each tap lies from the first (32 bit), then each group's weights. */
static int64_t taps_floats(const windows *a) {
    return divide_up(a->m.patches.depth, MOST_LANES) * MOST_LANES;
}

static int64_t sum_floats(const windows *a) {
    return a->window.size * a->height * a->panel.size * a->m.weight_width;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    windows a = make(layout, cpu);
    *n = (algorithm_needs){.phases = a.padded ? 2 : 1};
    n->packed = (size_t)(taps_floats(&a) + product_packed(&a.m) * a.groups) * sizeof(float);
    n->shared = a.padded ? (size_t)(a.plane * a.channels * a.batch) * sizeof(float) : 0;
    n->per_thread = (size_t)sum_floats(&a) * sizeof(float) + (size_t)(a.window.size * a.height) * sizeof(float *);
    if (a.padded) n->tiles[0] = a.copy.parts;
    n->tiles[n->phases - 1] = a.groups * a.window.parts * a.panel.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    windows a = make(layout, cpu);
    const patches *p = &a.m.patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *at = packed;
    for (int64_t k = 0; k < p->depth; k++) {
        int64_t x = k % ax->taps * ax->dilation, y = k / ax->taps % ay->taps * ay->dilation,
                z = k / ax->taps / ay->taps % az->taps * az->dilation;
        at[k] = (int32_t)(k / p->taps * a.plane + (z * a.size[1] + y) * a.size[2] + x);
    }
    float *to = (float *)packed + taps_floats(&a);
    for (int64_t g = 0; g < a.groups; g++)
        product_pack(&a.m, operands->weight + g * p->weight_group,
                     operands->bias != NULL ? operands->bias + g * p->outputs : NULL, to + g * product_packed(&a.m));
}

/* A row of a padded plane. Up to lanes - 1 floats behind it are written too. */
static void copy_row(const kernels *k, const patch_axis *x, const float *row, int64_t count, float *to) {
    bool zeros = x->mode == CONV_ZEROS || row == NULL;
    if (zeros) {
        k->copy(to, row, row != NULL ? x->size : 0, x->base, 1, count);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t from = x->base + i;
        if (from < 0 || from >= x->size) from = conv_axis_source(x->mode, x->size, from);
        to[i] = from < 0 ? 0 : row[from];
    }
}

static void copy_plane(const windows *a, const float *plane, float *to) {
    const patch_axis *az = &a->m.patches.axis[0], *ay = &a->m.patches.axis[1], *ax = &a->m.patches.axis[2];
    for (int64_t z = az->base; z < az->base + a->size[0]; z++) {
        int64_t from_z = z >= 0 && z < az->size ? z : conv_axis_source(az->mode, az->size, z);
        for (int64_t y = ay->base; y < ay->base + a->size[1]; y++, to += a->size[2]) {
            int64_t from_y = y >= 0 && y < ay->size ? y : conv_axis_source(ay->mode, ay->size, y);
            bool there = from_z >= 0 && from_y >= 0;
            copy_row(a->m.kernels, ax, there ? plane + (from_z * ay->size + from_y) * ax->size : NULL, a->size[2], to);
        }
    }
}

/* Which tile it is: windows [first, last) of all samples, panels of a group. */
typedef struct place {
    int64_t group, first, last, panel_first, panel_last;
} place;

static place place_of(const windows *a, int64_t tile) {
    int64_t panel = tile % a->panel.parts, window = tile / a->panel.parts % a->window.parts;
    return (place){.group = tile / a->panel.parts / a->window.parts,
                   .first = split_first(&a->window, window) * a->height,
                   .last = at_most(split_last(&a->window, window) * a->height, a->count),
                   .panel_first = split_first(&a->panel, panel),
                   .panel_last = split_last(&a->panel, panel)};
}

/* Where the first tap of each window lies. */
static void list_windows(const windows *a, const place *at, const float *from, const float **line) {
    const patches *p = &a->m.patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    for (int64_t q = at->first; q < at->last;) {
        int64_t x = q % ax->count, y = q / ax->count % ay->count, z = q / ax->count / ay->count % az->count;
        int64_t plane = q / p->pixels * a->channels + at->group * p->channels;
        const float *row = from + plane * a->plane + (z * az->step * a->size[1] + y * ay->step) * a->size[2];
        for (; x < ax->count && q < at->last; x++, q++) *line++ = row + x * ax->step;
    }
}

static void multiply(const windows *a, const place *at, const float *const *line, const int32_t *taps,
                     const float *packed, bool bias, float *sums) {
    int64_t depth = a->m.patches.depth, width = a->m.weight_width;
    tile_call call = {.b_step = width, .c_row = (at->panel_last - at->panel_first) * width};
    const float *weights = packed + product_bias_floats(&a->m);
    for (int64_t k = 0; k < depth; k += call.depth) {
        call.depth = at_most(a->depth_block, depth - k);
        call.start = k > 0 ? TILE_GO_ON : TILE_FRESH;
        call.a_at = taps + k;
        for (int64_t w = at->panel_first; w < at->panel_last; w++) {
            call.columns = (int)at_most(width, a->m.patches.outputs - w * width);
            call.b = weights + (w * depth + k) * width;
            call.column_bias = bias && k + call.depth == depth ? packed + w * width : NULL;
            for (int64_t q = at->first; q < at->last; q += a->height) {
                call.rows = (int)at_most(a->height, at->last - q);
                call.a_line = line + (q - at->first);
                call.c = sums + (q - at->first) * call.c_row + (w - at->panel_first) * width;
                a->m.kernels->tile(&call);
            }
        }
    }
}

/* Sums [window][channel] to outputs [sample][channel][window]. */
static void turn(const windows *a, const place *at, const float *sums, float *output) {
    const patches *p = &a->m.patches;
    int64_t lanes = a->m.kernels->lanes, step = (at->panel_last - at->panel_first) * a->m.weight_width;
    int64_t channel = at->panel_first * a->m.weight_width,
            last_channel = at_most(at->panel_last * a->m.weight_width, p->outputs);
    for (int64_t q = at->first, many; q < at->last; q += many) {
        many = at_most(at_most(lanes, at->last - q), p->pixels - q % p->pixels);
        float *to = output + (q / p->pixels * a->groups + at->group) * p->outputs * p->pixels + q % p->pixels;
        for (int64_t c = channel; c < last_channel; c += lanes)
            a->m.kernels->transpose(sums + (q - at->first) * step + c - channel, step, (int)many,
                                    (int)at_most(lanes, last_channel - c), to + c * p->pixels, p->pixels);
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    windows a = make(job->layout, job->cpu);
    if (a.padded && phase == 0) {
        for (int64_t i = split_first(&a.copy, index); i < split_last(&a.copy, index); i++)
            copy_plane(&a, job->operands->input[0] + i * a.m.patches.plane, (float *)job->shared + i * a.plane);
        return;
    }
    place at = place_of(&a, index);
    char *room = job->per_thread + (size_t)thread * job->needs->per_thread;
    float *sums = (float *)(void *)room;
    const float **line = (const float **)(void *)(sums + sum_floats(&a));
    list_windows(&a, &at, a.padded ? job->shared : job->operands->input[0], line);
    multiply(&a, &at, line, job->packed, (const float *)job->packed + taps_floats(&a) + at.group * product_packed(&a.m),
             job->operands->bias != NULL, sums);
    turn(&a, &at, sums, job->output);
}

/* Rows of a sample, on the first axis that has several; or whole samples. */
static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    windows a = make(layout, cpu);
    const patches *p = &a.m.patches;
    if (a.padded && phase == 0) {
        event->batch = split_first(&a.copy, index) / a.channels;
        return;
    }
    place at = place_of(&a, index);
    event->batch = at.first / p->pixels;
    event->batch_last = divide_up(at.last, p->pixels);
    event->channel_first = at.group * p->outputs + at.panel_first * a.m.weight_width;
    event->channel_last = at.group * p->outputs + at_most(at.panel_last * a.m.weight_width, p->outputs);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
    if (event->batch_last > event->batch + 1) return;
    int64_t row = layout->axis[1].out * layout->axis[2].out, sample = event->batch * p->pixels;
    event->first[0] = (at.first - sample) / row;
    event->last[0] = divide_up(at.last - sample, row);
}

const algorithm windows_algorithm = {
    .id = CONV_IM2COL, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
