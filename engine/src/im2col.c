#include "im2col.h"

#include "cost.h"
#include "geometry.h"
#include "product.h"
#include "split.h"
#include "windows.h"

/* A tile: some groups, weight panels and patch panels of one sample. Where the weights of a group are split among
 * tiles, its patches are gathered once, in a phase of its own, if they are not too many. */
typedef struct im2col {
    product m;
    int64_t groups, batch;
    split group, weight, patch;
    bool ahead;
} im2col;

enum { LARGEST_PATCHES = 8, LARGEST_AHEAD = 16 << 20 };

static im2col im2col_of(const conv_layout *layout, unsigned cpu) {
    patches p = patches_of_convolution(layout);
    im2col a = {.m = product_of(&p, kernels_for(cpu)), .groups = layout->spec.groups, .batch = layout->batch};
    double work = (double)p.outputs * (double)p.pixels * (double)p.depth * (double)a.groups * (double)a.batch;
    int64_t tiles = tiles_for(work, a.m.kernels->lanes), units = at_least(a.groups * a.batch, 1);
    a.group = split_in(a.groups, divide_up(tiles, at_least(a.batch, 1)), a.groups);
    int64_t each = divide_up(tiles, units);
    if (a.m.turned) {
        a.patch = split_in(a.m.patch_panels, 1, 2 * LARGEST_PATCHES);
        a.weight = split_in(a.m.weight_panels, divide_up(each, at_least(a.patch.parts, 1)), a.m.weight_panels);
    } else {
        a.patch = split_in(a.m.patch_panels, each, LARGEST_PATCHES);
        /* Half the tiles will do, before the gathering is done twice. */
        bool enough = 2 * a.patch.parts * units >= tiles;
        int64_t parts = enough ? 1 : divide_up(each, at_least(a.patch.parts, 1));
        a.weight = split_in(a.m.weight_panels, parts, a.m.weight_panels);
    }
    double floats =
        (double)(product_patch_floats(&a.m, a.m.patch_panels)) * (double)divide_up(p.depth, a.m.depth_block);
    a.ahead = a.weight.parts > 1 && !a.m.in_place && floats * (double)units * sizeof(float) <= LARGEST_AHEAD;
    return a;
}

/* Floats of all gathered patches of one group of one sample. */
static int64_t ahead_floats(const im2col *a) {
    return product_patch_floats(&a->m, a->m.patch_panels) * divide_up(a->m.patches.depth, a->m.depth_block);
}

static bool can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_CONV && !windows_suit(layout, cpu);
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    im2col a = im2col_of(layout, cpu);
    size_t sums = (size_t)product_sum_floats(&a.m, a.patch.size, a.weight.size);
    size_t gathered = a.ahead ? 0 : (size_t)product_patch_floats(&a.m, a.patch.size);
    *n = (algorithm_needs){.phases = a.ahead ? 2 : 1};
    n->packed = (size_t)product_packed(&a.m) * (size_t)a.groups * sizeof(float);
    n->per_thread = (sums + gathered + 2 * MOST_LANES) * sizeof(float);
    int64_t tiles = a.batch * a.group.parts * a.weight.parts * a.patch.parts;
    if (a.ahead) {
        n->shared = (size_t)(ahead_floats(&a) * a.groups * a.batch) * sizeof(float);
        n->tiles[0] = a.batch * a.groups * a.patch.parts;
    }
    n->tiles[a.ahead ? 1 : 0] = tiles;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    im2col a = im2col_of(layout, cpu);
    const patches *p = &a.m.patches;
    for (int64_t g = 0; g < a.groups; g++)
        product_pack(&a.m, operands->weight + g * p->weight_group,
                     operands->bias != NULL ? operands->bias + g * p->outputs : NULL,
                     (float *)packed + g * product_packed(&a.m));
}

/* Which tile it is. */
typedef struct place {
    int64_t batch, group, weight, patch;
} place;

static place place_of(const im2col *a, int64_t tile) {
    place p;
    p.weight = tile % a->weight.parts;
    tile /= a->weight.parts;
    p.patch = tile % a->patch.parts;
    tile /= a->patch.parts;
    p.group = tile % a->group.parts;
    p.batch = tile / a->group.parts;
    return p;
}

static void gather_ahead(const im2col *a, const algorithm_job *job, int64_t tile) {
    const patches *p = &a->m.patches;
    int64_t part = tile % a->patch.parts, unit = tile / a->patch.parts;
    const float *input = job->operands->input[0] + unit * p->channels * p->plane;
    float *to = (float *)job->shared + unit * ahead_floats(a);
    for (int64_t q = split_first(&a->patch, part); q < split_last(&a->patch, part); q++)
        product_gather(&a->m, input, q, to);
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    im2col a = im2col_of(job->layout, job->cpu);
    const patches *p = &a.m.patches;
    if (a.ahead && phase == 0) {
        gather_ahead(&a, job, index);
        return;
    }
    place at = place_of(&a, index);
    float *sums = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    product_tile t = {.bias = job->operands->bias != NULL,
                      .patch_first = split_first(&a.patch, at.patch),
                      .patch_last = split_last(&a.patch, at.patch),
                      .weight_first = split_first(&a.weight, at.weight),
                      .weight_last = split_last(&a.weight, at.weight),
                      .ready = a.ahead,
                      .sums = sums,
                      .output_step = p->pixels};
    for (int64_t g = split_first(&a.group, at.group); g < split_last(&a.group, at.group); g++) {
        int64_t unit = at.batch * a.groups + g;
        t.packed = (const float *)job->packed + g * product_packed(&a.m);
        t.input = job->operands->input[0] + unit * p->channels * p->plane;
        t.gathered =
            a.ahead ? (float *)job->shared + unit * ahead_floats(&a)
                    : sums + divide_up(product_sum_floats(&a.m, a.patch.size, a.weight.size), MOST_LANES) * MOST_LANES;
        t.output = job->output + unit * p->outputs * p->pixels;
        product_run(&a.m, &t);
    }
}

/* Rows that a range of windows touches, on the first axis that has several. */
static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    im2col a = im2col_of(layout, cpu);
    const patches *p = &a.m.patches;
    if (a.ahead && phase == 0) {
        event->batch = index / a.patch.parts / a.groups;
        return;
    }
    place at = place_of(&a, index);
    event->batch = at.batch;
    int64_t first = split_first(&a.weight, at.weight) * a.m.weight_width;
    int64_t last = at_most(split_last(&a.weight, at.weight) * a.m.weight_width, p->outputs);
    event->channel_first = split_first(&a.group, at.group) * p->outputs + first;
    event->channel_last = (split_last(&a.group, at.group) - 1) * p->outputs + last;
    int64_t begin = split_first(&a.patch, at.patch) * a.m.patch_width;
    int64_t end = at_most(split_last(&a.patch, at.patch) * a.m.patch_width, p->pixels);
    int64_t row = layout->axis[1].out * layout->axis[2].out;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
    event->first[0] = begin / row;
    event->last[0] = divide_up(end, row);
}

/* The product with what the panels are filled up with; gathering, again for each part of the weights; the weights
 * streaming by. */
double gathered_cost(const conv_layout *layout, unsigned cpu) {
    im2col a = im2col_of(layout, cpu);
    const patches *p = &a.m.patches;
    double units = (double)a.groups * (double)a.batch, depth = (double)p->depth;
    double windows = (double)(a.m.turned ? p->pixels : divide_up(p->pixels, a.m.kernels->lanes) * a.m.kernels->lanes);
    double outputs = (double)(a.m.turned ? divide_up(p->outputs, a.m.kernels->lanes) * a.m.kernels->lanes : p->outputs);
    double runs = (double)p->pixels /
                  (double)at_most(p->axis[2].count, a.m.patch_width); /* pieces that are gathered one by one */
    double gather = 2.0 * depth * (runs + (double)p->pixels / a.m.kernels->lanes) * (p->axis[2].step == 1 ? 1.5 : 3);
    if (p->axis[2].step > 2) gather = 3 * depth * (double)p->pixels;
    gather += (double)p->taps * (runs + (double)p->pixels / a.m.kernels->lanes) * 15; /* where each piece lies */
    /* A register tile of few rows waits for loads and for its own sums. */
    double rows = (double)(a.m.turned ? a.m.patch_width : a.m.weight_width), idle = rows < 4       ? 4 / rows
                                                                                    : a.m.in_place ? 1
                                                                                                   : 1.04;
    double multiply = windows * outputs * depth * idle / cost_rate(a.m.kernels);
    double stream = cost_stream(4 * (double)p->outputs * depth) * (double)a.patch.parts;
    if (a.m.in_place) gather = 0;
    if (a.ahead) stream += cost_stream(2 * 4 * (double)ahead_floats(&a));
    return cost_milliseconds(units * (multiply + gather * (a.ahead ? 1 : (double)a.weight.parts) + 0.2 * stream) + 200);
}

const algorithm im2col_algorithm = {
    .id = CONV_IM2COL, .can = can, .cost = gathered_cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
