/* Implicit GEMM without gathering: weights lie along the lanes, and what a window reads is taken cell by cell from the
 * input as it lies, or from a padded copy of it. Windows of all samples are one range, so that weights pass by once
 * where planes are small. See tile_call's a_line. A transposed convolution has each output phase done so.
 * Or padding is left out: windows_skip.c. */
#include "windows.h"

#include "geometry.h"
#include "phases.h"
#include <string.h>

enum { LEAST_TURNED = 4 /* windows: fewer are put one by one */ };

static bool can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_CONV && windows_suit(layout, cpu);
}

static bool can_transposed(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_TRANSPOSE && windows_suit(layout, cpu);
}

static double cost(const conv_layout *layout, unsigned cpu) {
    windows_layer a = windows_make(layout, cpu);
    return windows_cost(layout, &a);
}

int64_t windows_block_channels(const windows_layer *a) {
    return a->depth_block / at_least(a->m.patches.taps, 1);
}

/* Packed: what is known of the weights; how the layer is cut, so that not each tile finds it out again; then of each
 * phase where each tap lies from the first (32 bit), or, for a block of the depth, where each region's taps lie and
 * their weights; and each group's weights. */
static int64_t head_floats(void) {
    return MOST_LANES + divide_up((int64_t)sizeof(windows_layer), MOST_LANES * (int64_t)sizeof(float)) * MOST_LANES;
}

static int64_t taps_floats(const windows_layer *a) {
    int64_t taps = a->skips ? 2 * skipping_taps(a) * windows_block_channels(a) : a->m.patches.depth;
    return divide_up(taps, MOST_LANES) * MOST_LANES;
}

static int64_t phase_floats(const windows_layer *a) {
    return divide_up(taps_floats(a) + product_packed(&a->m) * a->groups, MOST_LANES) * MOST_LANES;
}

static int64_t phase_tiles(const windows_layer *a) {
    return a->groups * a->window.parts * a->panel.parts;
}

static int64_t sum_floats(const windows_layer *a) {
    return a->window.size * a->height * a->panel.size * a->m.weight_width;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    windows_layer a = windows_make(layout, cpu);
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    int64_t sums = 0, lines = 0, packed = head_floats(), tiles = 0;
    for (int64_t phase = 0; phase < a.phases; phase++) {
        windows_enter_phase(layout, &a, phase);
        sums = at_least(sums, sum_floats(&a));
        lines = at_least(lines, a.window.size * a.height);
        packed += phase_floats(&a);
        tiles += phase_tiles(&a);
    }
    *n = (algorithm_needs){.phases = a.padded ? 2 : 1};
    n->packed = (size_t)packed * sizeof(float);
    n->shared = a.padded ? (size_t)(a.plane * a.channels * a.batch) * sizeof(float) : 0;
    n->per_thread = (size_t)lines * sizeof(float *) + (size_t)sums * sizeof(float) * (transposed ? 2 : 1);
    if (a.padded) n->tiles[0] = a.copy.parts;
    n->tiles[n->phases - 1] = tiles;
    return true;
}

static void pack_phase(const windows_layer *a, const conv_operands *operands, float *packed) {
    const patches *p = &a->m.patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *at = (int32_t *)(void *)packed;
    if (a->skips) skipping_list_taps(a, at);
    for (int64_t k = 0; k < p->depth && !a->skips; k++) {
        int64_t x = k % ax->taps * ax->dilation, y = k / ax->taps % ay->taps * ay->dilation,
                z = k / ax->taps / ay->taps % az->taps * az->dilation;
        at[k] = (int32_t)(k / p->taps * a->plane + (z * a->size[1] + y) * a->size[2] + x);
    }
    float *to = packed + taps_floats(a);
    int64_t filters = p->outputs / p->variants;
    for (int64_t g = 0; g < a->groups; g++)
        product_pack(&a->m, operands->weight + g * p->weight_group,
                     operands->bias != NULL ? operands->bias + g * filters : NULL, to + g * product_packed(&a->m));
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    windows_layer a = windows_make(layout, cpu);
    float *to = packed;
    if (layout->spec.op->kind == CONV_TRANSPOSE || a.skips) phases_facts(layout, operands, to);
    memcpy(to + MOST_LANES, &a, sizeof a);
    to += head_floats();
    for (int64_t phase = 0; phase < a.phases; phase++, to += phase_floats(&a)) {
        windows_enter_phase(layout, &a, phase);
        pack_phase(&a, operands, to);
    }
}

/* A row of a padded plane. Up to lanes - 1 floats behind it are written too. */
static void copy_row(const kernels *k, const patch_axis *x, const float *row, int64_t first, int64_t count, float *to) {
    if (row == NULL) {
        memset(to, 0, (size_t)count * sizeof *to);
        return;
    }
    if (x->mode == CONV_ZEROS) {
        k->copy(to, row, x->size, first, 1, count);
        return;
    }
    for (int64_t i = 0; i < count; i++) {
        int64_t from = first + i;
        if (from < 0 || from >= x->size) from = conv_axis_source(x->mode, x->size, from);
        to[i] = from < 0 ? 0 : row[from];
    }
}

static void copy_plane(const windows_layer *a, const float *plane, float *to) {
    const patch_axis *az = &a->m.patches.axis[0], *ay = &a->m.patches.axis[1], *ax = &a->m.patches.axis[2];
    for (int64_t z = a->low[0]; z < a->low[0] + a->size[0]; z++) {
        int64_t from_z = z >= 0 && z < az->size ? z : conv_axis_source(az->mode, az->size, z);
        for (int64_t y = a->low[1]; y < a->low[1] + a->size[1]; y++, to += a->size[2]) {
            int64_t from_y = y >= 0 && y < ay->size ? y : conv_axis_source(ay->mode, ay->size, y);
            bool there = from_z >= 0 && from_y >= 0;
            copy_row(a->m.kernels, ax, there ? plane + (from_z * ay->size + from_y) * ax->size : NULL, a->low[2],
                     a->size[2], to);
        }
    }
}

/* Enters its phase. */
static windows_place place_of(const conv_layout *layout, windows_layer *a, int64_t tile) {
    windows_place at = {.packed = head_floats()};
    if (a->phases > 1) windows_enter_phase(layout, a, 0);
    while (tile >= phase_tiles(a)) {
        tile -= phase_tiles(a);
        at.packed += phase_floats(a);
        windows_enter_phase(layout, a, ++at.phase);
    }
    /* A phase without windows has no tile. */
    int64_t panel_parts = at_least(a->panel.parts, 1), window_parts = at_least(a->window.parts, 1);
    int64_t panel = tile % panel_parts, window = tile / panel_parts % window_parts;
    at.group = tile / panel_parts / window_parts;
    at.tile_first = split_first(&a->window, window);
    at.tile_last = split_last(&a->window, window);
    at.first = at.tile_first * a->height;
    at.last = at_most(at.tile_last * a->height, a->count);
    at.panel_first = split_first(&a->panel, panel);
    at.panel_last = split_last(&a->panel, panel);
    return at;
}

/* Where the first tap of each window lies. */
static void list_windows(const windows_layer *a, const windows_place *at, const float *from, const float **line) {
    const patches *p = &a->m.patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    for (int64_t q = at->first; q < at->last;) {
        int64_t x = q % ax->count, y = q / ax->count % ay->count, z = q / ax->count / ay->count % az->count;
        int64_t plane = q / p->pixels * a->channels + at->group * p->channels;
        z = z * az->step + az->base - a->low[0];
        y = y * ay->step + ay->base - a->low[1];
        const float *row = from + plane * a->plane + (z * a->size[1] + y) * a->size[2] + ax->base - a->low[2];
        for (; x < ax->count && q < at->last; x++, q++) *line++ = row + x * ax->step;
    }
}

static void multiply_all(const windows_layer *a, const windows_place *at, const float *const *line, tile_call *call) {
    for (int64_t q = at->first; q < at->last; q += a->height) {
        call->rows = (int)at_most(a->height, at->last - q);
        call->a_line = line + (q - at->first);
        a->m.kernels->tile(call);
        call->c += call->rows * call->c_row;
    }
}

/* By regions, the lines are those of the block's first channel, and move on with it. */
static void multiply(const windows_layer *a, const windows_place *at, const float **line, const int32_t *taps,
                     const float *packed, bool bias, float *sums) {
    int64_t depth = a->m.patches.depth, width = a->m.weight_width;
    tile_call call = {.b_step = width, .c_row = (at->panel_last - at->panel_first) * width};
    const float *weights = packed + product_bias_floats(&a->m);
    int64_t k = 0;
    do {
        int64_t block = at_most(a->depth_block, depth - k);
        call.start = k > 0 ? TILE_GO_ON : TILE_FRESH;
        for (int64_t w = at->panel_first; w < at->panel_last; w++) {
            call.columns = (int)at_most(width, a->m.patches.outputs - w * width);
            call.b = weights + (w * depth + k) * width;
            call.column_bias = bias && k + block == depth ? packed + w * width : NULL;
            call.c = sums + (w - at->panel_first) * width;
            call.depth = block;
            call.a_at = taps + k;
            if (a->skips)
                skipping_multiply(a, at, line, taps, &call);
            else
                multiply_all(a, at, line, &call);
        }
        k += block;
        for (int64_t i = 0; a->skips && k < depth && i < at->last - at->first; i++)
            line[i] += windows_block_channels(a) * a->plane;
    } while (k < depth);
}

void windows_turn(const windows_layer *a, const windows_place *at, int64_t first, int64_t last, const float *sums,
                  float *to, int64_t to_step) {
    int64_t lanes = a->m.kernels->lanes, step = (at->panel_last - at->panel_first) * a->m.weight_width;
    int64_t channels =
        at_most(at->panel_last * a->m.weight_width, a->m.patches.outputs) - at->panel_first * a->m.weight_width;
    if (last - first < LEAST_TURNED) {
        for (int64_t q = first; q < last; q++)
            for (int64_t c = 0; c < channels; c++) to[c * to_step + q - first] = sums[(q - first) * step + c];
        return;
    }
    for (int64_t c = 0; c < channels; c += lanes)
        for (int64_t q = first; q < last; q += lanes)
            a->m.kernels->transpose(sums + (q - first) * step + c, step, (int)at_most(lanes, last - q),
                                    (int)at_most(lanes, channels - c), to + c * to_step + q - first, to_step);
}

/* Sample by sample: to the output, or by way of `room` to where the phase's outputs belong. */
static void put(const algorithm_job *job, const windows_layer *a, const windows_place *at, const float *sums,
                float *room) {
    const patches *p = &a->m.patches;
    int64_t step = (at->panel_last - at->panel_first) * a->m.weight_width;
    for (int64_t q = at->first, last; q < at->last; q = last) {
        int64_t sample = q / p->pixels, first = q % p->pixels;
        last = at_most(at->last, (sample + 1) * p->pixels);
        const float *from = sums + (q - at->first) * step;
        if (job->layout->spec.op->kind == CONV_CONV) {
            int64_t channel = (sample * a->groups + at->group) * p->outputs + at->panel_first * a->m.weight_width;
            windows_turn(a, at, q, last, from, job->output + channel * p->pixels + first, p->pixels);
            continue;
        }
        windows_turn(a, at, q, last, from, room, last - q);
        phase_place spot = {sample, at->group, at->panel_first, at->panel_last, first, first + last - q};
        phases_spread(job, &a->m, &spot, job->packed, room, last - q);
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    windows_layer a = *(const windows_layer *)(const void *)((const float *)job->packed + MOST_LANES);
    if (a.padded && phase == 0) {
        for (int64_t i = split_first(&a.copy, index); i < split_last(&a.copy, index); i++)
            copy_plane(&a, job->operands->input[0] + i * a.m.patches.plane, (float *)job->shared + i * a.plane);
        return;
    }
    windows_place at = place_of(job->layout, &a, index);
    char *room = job->per_thread + (size_t)thread * job->needs->per_thread;
    const float **line = (const float **)(void *)room;
    float *sums = (float *)(void *)(line + a.window.size * a.height);
    const float *packed = (const float *)job->packed + at.packed;
    if (a.skips)
        skipping_list_windows(&a, &at, job->operands->input[0], line);
    else
        list_windows(&a, &at, a.padded ? job->shared : job->operands->input[0], line);
    multiply(&a, &at, line, (const int32_t *)(const void *)packed,
             packed + taps_floats(&a) + at.group * product_packed(&a.m), job->operands->bias != NULL, sums);
    if (a.skips)
        skipping_put(job, &a, &at, sums);
    else
        put(job, &a, &at, sums, sums + sum_floats(&a));
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    windows_layer a = windows_make(layout, cpu);
    if (a.padded && phase == 0) {
        event->batch = split_first(&a.copy, index) / a.channels;
        return;
    }
    windows_place at = place_of(layout, &a, index);
    const patches *p = &a.m.patches;
    if (a.skips) {
        skipping_box(layout, &a, &at, event);
        return;
    }
    int64_t pixels = at_least(p->pixels, 1), sample = at.first / pixels, last = divide_up(at.last, pixels);
    bool several = last > sample + 1;
    int64_t begin = several ? 0 : at.first % pixels, end = several ? pixels : at.last - sample * pixels;
    if (layout->spec.op->kind == CONV_TRANSPOSE) {
        phase_place spot = {sample, at.group, at.panel_first, at.panel_last, begin, end};
        phases_box(layout, &a.m, &spot, event);
    } else {
        int64_t row = layout->axis[1].out * layout->axis[2].out;
        event->channel_first = at.group * p->outputs + at.panel_first * a.m.weight_width;
        event->channel_last = at.group * p->outputs + at_most(at.panel_last * a.m.weight_width, p->outputs);
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            event->first[i] = 0;
            event->last[i] = layout->axis[i].out;
        }
        event->first[0] = begin / row;
        event->last[0] = divide_up(end, row);
    }
    event->batch = sample;
    event->batch_last = last;
}

const algorithm windows_algorithm = {
    .id = CONV_IM2COL, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
const algorithm windows_transposed_algorithm = {
    .id = CONV_PHASES, .can = can_transposed, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
