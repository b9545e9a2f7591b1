/* Implicit GEMM without gathering: weights lie along the lanes, and what a window reads is taken cell by cell from the
 * input as it lies, or from a padded copy of it. Windows of all samples are one range, so that weights pass by once
 * where planes are small. See tile_call's a_line. A transposed convolution has each output phase done so.
 *
 * Or padding is left out: windows of one region (regions.h) after those of another, each region with its own taps. */
#include "im2col.h"
#include "phases.h"

#include "cost.h"
#include "geometry.h"
#include "kind.h"
#include "product.h"
#include "regions.h"
#include "split.h"
#include <string.h>

/* A tile: some panels of weights of one group for some register tiles of windows. */
typedef struct windows {
    product m;
    int64_t groups, batch, channels;
    int64_t phases;
    int64_t size[CONV_MAX_SPATIAL]; /* cells of a plane that is read */
    int64_t low[CONV_MAX_SPATIAL];  /* the input cell that its first cell is */
    int64_t plane;                  /* floats from one to the next */
    bool padded;                    /* it is a copy: as far as windows reach */
    bool skips;                     /* nothing of the padding is read: windows lie by regions */
    int64_t height, count;          /* windows of a register tile, windows of all samples */
    int64_t depth_block;
    split panel, window, copy; /* panels; register tiles; planes to be copied */
    regions cuts;
} windows;

static int64_t all_tiles(const windows *a) {
    return a->skips ? regions_tiles(&a->cuts) : divide_up(a->count, at_least(a->height, 1));
}

/* Measured: blocks of 192 that stay in the first-level cache, as gathering has them, 3 to 4% slower (sums go there and
 * back more often); rows of the copy in whole cache lines: no difference; fetching the next panel of weights meanwhile:
 * 1%. */
enum {
    DEPTH_BLOCK = 1024, /* at most: a panel of weights stays in the second-level cache while windows pass */
    LARGEST_WINDOWS = 16,
    LARGEST_COPY = 16 << 20,
    LARGEST_REACH = 1 << 12,
    MOST_SKIPPED_TAPS = 256,
    LEAST_TURNED = 4 /* windows: fewer are put one by one */
};

static int64_t phases_of(const conv_layout *layout) {
    return layout->spec.op->kind == CONV_CONV ? 1 : patches_phases(layout);
}

static patches patches_at(const conv_layout *layout, int64_t phase) {
    return layout->spec.op->kind == CONV_CONV ? patches_of_convolution(layout) : patches_of_phase(layout, phase);
}

/* What the windows of all phases reach. False: too far, or a copy of it would be too large. */
static bool planes_of(const conv_layout *layout, windows *a) {
    int64_t low[CONV_MAX_SPATIAL] = {0}, high[CONV_MAX_SPATIAL] = {1, 1, 1}, plane = 1;
    bool first = true;
    patches p;
    for (int64_t phase = 0; phase < a->phases; phase++) {
        p = patches_at(layout, phase);
        if (p.pixels == 0 || p.depth == 0) continue;
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            const patch_axis *x = &p.axis[i];
            if (x->dilation > LARGEST_REACH || x->taps > LARGEST_REACH || x->step > LARGEST_REACH) return false;
            int64_t end = x->base + (x->count - 1) * x->step + (x->taps - 1) * x->dilation + 1;
            low[i] = first ? x->base : at_most(low[i], x->base);
            high[i] = first ? end : at_least(high[i], end);
        }
        first = false;
    }
    p = patches_at(layout, 0);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) a->padded = a->padded || low[i] < 0 || high[i] > p.axis[i].size;
    double floats = MOST_LANES;
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        a->low[i] = a->padded ? low[i] : 0;
        a->size[i] = a->padded ? high[i] - low[i] : p.axis[i].size;
        if ((double)plane * (double)a->size[i] > INT32_MAX) return false;
        plane *= a->size[i];
    }
    a->plane = plane + (a->padded ? MOST_LANES : 0);
    floats += (double)a->plane * (double)a->channels;
    return floats < INT32_MAX && (!a->padded || floats * (double)a->batch * sizeof(float) <= LARGEST_COPY);
}

/* What is different from phase to phase. */
static void enter_phase(const conv_layout *layout, windows *a, int64_t phase) {
    a->m.patches = patches_at(layout, phase);
    const patches *p = &a->m.patches;
    int64_t lanes = a->m.kernels->lanes;
    a->m.weight_width = at_most(TILE_VECTORS * lanes, divide_up(p->outputs, lanes) * lanes);
    a->m.weight_panels = divide_up(p->outputs, a->m.weight_width);
    a->m.patch_width = 1;
    a->m.patch_panels = p->pixels;
    a->count = a->batch * p->pixels;
    a->height = divide_up(a->count, at_least(divide_up(a->count, a->m.kernels->tile_rows), 1));
    a->depth_block = divide_up(p->depth, at_least(divide_up(p->depth, DEPTH_BLOCK), 1));
    double work = (double)a->count * (double)p->depth * (double)p->outputs * (double)a->groups * (double)a->phases;
    int64_t tiles = tiles_for(work, (int)lanes), each = a->groups * a->phases;
    if (a->skips) {
        int64_t channels = at_least(DEPTH_BLOCK / p->taps, 1), blocks = divide_up(p->channels, channels);
        a->height = a->m.kernels->tile_rows;
        a->depth_block = divide_up(p->channels, blocks) * p->taps;
    }
    int64_t rows = all_tiles(a);
    a->window = split_in(rows, divide_up(tiles, each * a->m.weight_panels), LARGEST_WINDOWS);
    int64_t parts = divide_up(tiles, each * at_least(a->window.parts, 1));
    a->panel = split_in(a->m.weight_panels, parts, a->m.weight_panels);
}

/* The products of all regions: a register tile of few rows waits for its own sums. */
static double region_products(const windows *a) {
    double products = 0;
    for (int i = 0; i < a->cuts.count; i++) {
        region r = region_at(&a->cuts, i);
        double rows = (double)region_height(&a->cuts, &r), idle = rows < 4 ? 4 / rows : 1.03;
        products += (double)(r.windows * a->batch * r.taps) * idle;
    }
    return products * (double)a->m.patches.channels;
}

/* The product, with lanes that are filled up; each register tile's way there and back; copying; turning the sums; the
 * weights streaming by. */
static double cost_of(const conv_layout *layout, const windows *first) {
    windows a = *first;
    const patches *p = &a.m.patches;
    const kernels *k = a.m.kernels;
    double cycles = 0;
    for (int64_t phase = 0; phase < a.phases; phase++) {
        enter_phase(layout, &a, phase);
        double outputs = (double)(divide_up(p->outputs, k->lanes) * k->lanes);
        double idle = a.height < 4 ? 4 / (double)at_least(a.height, 1) : 1.03;
        double each = a.skips ? region_products(&a) : (double)a.count * (double)p->depth * idle;
        double products = each * outputs / cost_rate(k);
        double tiles = (double)(a.window.count * a.panel.count * divide_up(p->depth, at_least(a.depth_block, 1))) * 80;
        /* Regions are looked up, their windows listed and put: 48 channels in 3 groups, 5x5 on 15x15, cut in 25
         * regions, took 0.10 ms where copying takes 0.084; 128 in 8 groups, 3x3 on 14x14 at a stride of 2, in 4, 0.025
         * and 0.028.
         */
        double listing = 12 * (double)a.count + 100 * (double)(a.cuts.count + a.window.parts - 1);
        listing *= a.skips ? (double)a.panel.parts : 0;
        double turning = 3 * cost_moves(k, (double)a.count * (double)p->outputs);
        double stream = 0.2 * cost_stream(4 * (double)p->outputs * (double)p->depth) * (double)a.window.parts;
        cycles += products + tiles + listing + turning + stream;
    }
    if (layout->spec.op->kind == CONV_TRANSPOSE) cycles += phases_spreading(layout) / (double)a.groups;
    double floats = a.padded ? (double)(a.plane * a.channels * a.batch) : 0;
    double copy = cost_moves(k, floats) + cost_stream(2 * 4 * floats);
    return cost_milliseconds((double)a.groups * cycles + copy + 200);
}

static bool skips_of(const conv_layout *layout, windows *a) {
    patches p = patches_at(layout, 0);
    if (layout->spec.op->kind != CONV_CONV || p.depth == 0 || p.pixels == 0 || p.taps > MOST_SKIPPED_TAPS) return false;
    double floats = (double)p.plane * (double)a->channels;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const patch_axis *x = &p.axis[i];
        if (x->dilation > LARGEST_REACH || x->taps > LARGEST_REACH || x->step > LARGEST_REACH) return false;
        a->low[i] = 0;
        a->size[i] = x->size;
    }
    a->padded = false;
    a->plane = p.plane;
    a->skips = floats < INT32_MAX && regions_of(&p, a->batch, a->m.kernels->tile_rows, &a->cuts);
    return a->skips;
}

static void windows_fill(const conv_layout *layout, windows *a) {
    enter_phase(layout, a, 0);
    int64_t planes = a->channels * a->batch;
    a->copy = split_in(planes, tiles_for((double)layout->cost.multiply_adds, a->m.kernels->lanes), planes);
}

/* Padding is copied or, where that costs less, left out. */
static bool windows_of(const conv_layout *layout, unsigned cpu, windows *a) {
    *a = (windows){.m = {.kernels = kernels_for(cpu), .turned = true}};
    a->groups = layout->spec.groups;
    a->batch = layout->batch;
    a->channels = layout->in_channels;
    a->phases = phases_of(layout);
    if (a->phases > MOST_PHASES) return false;
    windows other = *a;
    bool whole = planes_of(layout, a), some = (!whole || a->padded) && skips_of(layout, &other);
    if (whole) windows_fill(layout, a);
    if (some) windows_fill(layout, &other);
    if (some && (!whole || cost_of(layout, &other) < cost_of(layout, a))) *a = other;
    return whole || some;
}

static windows make(const conv_layout *layout, unsigned cpu) {
    windows a;
    (void)windows_of(layout, cpu, &a);
    return a;
}

bool windows_suit(const conv_layout *layout, unsigned cpu) {
    windows a;
    if (!windows_of(layout, cpu, &a)) return false;
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    return cost_of(layout, &a) < (transposed ? phases_gathered_cost : gathered_cost)(layout, cpu);
}

static bool can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_CONV && windows_suit(layout, cpu);
}

static bool can_transposed(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_TRANSPOSE && windows_suit(layout, cpu);
}

static double cost(const conv_layout *layout, unsigned cpu) {
    windows a = make(layout, cpu);
    return cost_of(layout, &a);
}

/* Channels of a block of the depth. */
static int64_t block_channels(const windows *a) {
    return a->depth_block / at_least(a->m.patches.taps, 1);
}

static int64_t all_taps(const windows *a) {
    int64_t taps = 0;
    for (int i = 0; i < a->cuts.count; i++) taps += region_at(&a->cuts, i).taps;
    return taps;
}

/* Packed: what is known of the weights; how the layer is cut, so that not each tile finds it out again; then of each
 * phase where each tap lies from the first (32 bit), or, for a block of the depth, where each region's taps lie and
 * their weights; and each group's weights. */
static int64_t head_floats(void) {
    return MOST_LANES + divide_up((int64_t)sizeof(windows), MOST_LANES * (int64_t)sizeof(float)) * MOST_LANES;
}

static int64_t taps_floats(const windows *a) {
    int64_t taps = a->skips ? 2 * all_taps(a) * block_channels(a) : a->m.patches.depth;
    return divide_up(taps, MOST_LANES) * MOST_LANES;
}

static int64_t phase_floats(const windows *a) {
    return divide_up(taps_floats(a) + product_packed(&a->m) * a->groups, MOST_LANES) * MOST_LANES;
}

static int64_t phase_tiles(const windows *a) {
    return a->groups * a->window.parts * a->panel.parts;
}

static int64_t sum_floats(const windows *a) {
    return a->window.size * a->height * a->panel.size * a->m.weight_width;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    windows a = make(layout, cpu);
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    int64_t sums = 0, lines = 0, packed = head_floats(), tiles = 0;
    for (int64_t phase = 0; phase < a.phases; phase++) {
        enter_phase(layout, &a, phase);
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

static void list_taps(const windows *a, int32_t *to) {
    const patches *p = &a->m.patches;
    for (int i = 0; i < a->cuts.count; i++) {
        region r = region_at(&a->cuts, i);
        int32_t tap[MOST_SKIPPED_TAPS], at[MOST_SKIPPED_TAPS];
        int64_t listed = r.taps * block_channels(a);
        region_taps(&r, p, tap, at);
        for (int64_t k = 0; k < listed; k++) {
            int64_t channel = k / r.taps;
            to[k] = (int32_t)(channel * a->plane + at[k % r.taps]);
            to[listed + k] = (int32_t)((channel * p->taps + tap[k % r.taps]) * a->m.weight_width);
        }
        to += 2 * listed;
    }
}

static void pack_phase(const windows *a, const conv_operands *operands, float *packed) {
    const patches *p = &a->m.patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *at = (int32_t *)(void *)packed;
    if (a->skips) list_taps(a, at);
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
    windows a = make(layout, cpu);
    float *to = packed;
    if (layout->spec.op->kind == CONV_TRANSPOSE || a.skips) phases_facts(layout, operands, to);
    memcpy(to + MOST_LANES, &a, sizeof a);
    to += head_floats();
    for (int64_t phase = 0; phase < a.phases; phase++, to += phase_floats(&a)) {
        enter_phase(layout, &a, phase);
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

static void copy_plane(const windows *a, const float *plane, float *to) {
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

/* Which tile it is: windows [first, last) of all samples, panels of a group. */
typedef struct place {
    int64_t phase, group, first, last, panel_first, panel_last; /* by regions, only last - first means something */
    int64_t tile_first, tile_last;                              /* register tiles */
    int64_t packed;                                             /* of the phase: floats before it */
} place;

/* Enters its phase. */
static place place_of(const conv_layout *layout, windows *a, int64_t tile) {
    place at = {.packed = head_floats()};
    if (a->phases > 1) enter_phase(layout, a, 0);
    while (tile >= phase_tiles(a)) {
        tile -= phase_tiles(a);
        at.packed += phase_floats(a);
        enter_phase(layout, a, ++at.phase);
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
static void list_windows(const windows *a, const place *at, const float *from, const float **line) {
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

/* The same by regions: where each window's first tap inside lies. */
static void list_some(const windows *a, place *at, const float *from, const float **line) {
    at->first = at->last = 0;
    const patches *p = &a->m.patches;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        const cut *c = s.region.axis;
        at->last += s.last - s.first;
        for (row_run r = first_run(&s); r.count > 0; next_run(&s, &r)) {
            int64_t cell = 0, step = p->axis[2].step;
            for (int i = 0; i < CONV_MAX_SPATIAL && s.region.taps > 0; i++) {
                const patch_axis *x = &p->axis[i];
                cell = cell * x->size + r.at[i] * x->step + x->base + c[i].tap_first * x->dilation;
            }
            if (s.region.taps == 0) step = 0;
            const float *first = from + (r.sample * a->channels + at->group * p->channels) * a->plane + cell;
            for (int64_t i = 0; i < r.count; i++) *line++ = first + i * step;
        }
    }
}

/* One block of the depth by one panel of weights, region by region: call.c and the lines go on with the windows. */
static void multiply_some(const windows *a, const place *at, const float *const *line, const int32_t *taps,
                          tile_call *call) {
    int64_t channels = call->depth / a->m.patches.taps;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        int64_t listed = s.region.taps * block_channels(a), height = region_height(&a->cuts, &s.region);
        call->a_at = taps + 2 * s.taps_before * block_channels(a);
        call->b_at = call->a_at + listed;
        call->depth = channels * s.region.taps;
        for (int64_t q = s.first; q < s.last; q += call->rows) {
            call->rows = (int)at_most(height, s.last - q);
            call->a_line = line;
            a->m.kernels->tile(call);
            line += call->rows;
            call->c += call->rows * call->c_row;
        }
    }
}

static void multiply_all(const windows *a, const place *at, const float *const *line, tile_call *call) {
    for (int64_t q = at->first; q < at->last; q += a->height) {
        call->rows = (int)at_most(a->height, at->last - q);
        call->a_line = line + (q - at->first);
        a->m.kernels->tile(call);
        call->c += call->rows * call->c_row;
    }
}

/* By regions, the lines are those of the block's first channel, and move on with it. */
static void multiply(const windows *a, const place *at, const float **line, const int32_t *taps, const float *packed,
                     bool bias, float *sums) {
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
                multiply_some(a, at, line, taps, &call);
            else
                multiply_all(a, at, line, &call);
        }
        k += block;
        for (int64_t i = 0; a->skips && k < depth && i < at->last - at->first; i++)
            line[i] += block_channels(a) * a->plane;
    } while (k < depth);
}

/* Windows [first, last) of one sample: sums [window][channel] to outputs [channel][window]. */
static void turn(const windows *a, const place *at, int64_t first, int64_t last, const float *sums, float *to,
                 int64_t to_step) {
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

/* Outputs of windows that reach into the padding: the chain has there what was left out, a product with 0. That is the
 * same sum but where phases.c says. */
static void mend_some(const algorithm_job *job, const float *sums, int64_t channels, int64_t step, int64_t cell,
                      int64_t pixels, int *vanish) {
    const conv_layout *layout = job->layout;
    const float *facts = job->packed;
    int64_t sample = cell / pixels / layout->out_channels;
    for (int64_t c = 0; c < channels; c++) {
        if (facts[1] != 0 && sums[c] != 0) continue;
        if (facts[1] != 0 && *vanish < 0)
            *vanish = phases_vanish(layout, job->operands->input[0] + sample * layout->in_channels * step, facts[0]);
        if (facts[1] != 0 && *vanish == 0) continue;
        int64_t at = cell + c * pixels;
        kind_of(layout->spec.op)->outputs(layout, job->operands, at, at + 1, job->output, NULL);
    }
}

/* Row by row of a region's windows to the output. */
static void put_some(const algorithm_job *job, const windows *a, const place *at, const float *sums) {
    const patches *p = &a->m.patches;
    int64_t step = (at->panel_last - at->panel_first) * a->m.weight_width, seen = -1;
    int64_t first = at->panel_first * a->m.weight_width,
            channels = at_most(at->panel_last * a->m.weight_width, p->outputs) - first;
    int vanish = -1;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        for (row_run r = first_run(&s); r.count > 0; sums += r.count * step, next_run(&s, &r)) {
            int64_t cell = (r.at[0] * p->axis[1].count + r.at[1]) * p->axis[2].count + r.at[2];
            cell += ((r.sample * a->groups + at->group) * p->outputs + first) * p->pixels;
            turn(a, at, 0, r.count, sums, job->output + cell, p->pixels);
            if (s.region.taps == p->taps) continue;
            if (r.sample != seen) vanish = -1;
            seen = r.sample;
            for (int64_t i = 0; i < r.count; i++)
                mend_some(job, sums + i * step, channels, a->plane, cell + i, p->pixels, &vanish);
        }
    }
}

/* Sample by sample: to the output, or by way of `room` to where the phase's outputs belong. */
static void put(const algorithm_job *job, const windows *a, const place *at, const float *sums, float *room) {
    const patches *p = &a->m.patches;
    int64_t step = (at->panel_last - at->panel_first) * a->m.weight_width;
    for (int64_t q = at->first, last; q < at->last; q = last) {
        int64_t sample = q / p->pixels, first = q % p->pixels;
        last = at_most(at->last, (sample + 1) * p->pixels);
        const float *from = sums + (q - at->first) * step;
        if (job->layout->spec.op->kind == CONV_CONV) {
            int64_t channel = (sample * a->groups + at->group) * p->outputs + at->panel_first * a->m.weight_width;
            turn(a, at, q, last, from, job->output + channel * p->pixels + first, p->pixels);
            continue;
        }
        turn(a, at, q, last, from, room, last - q);
        phase_place spot = {sample, at->group, at->panel_first, at->panel_last, first, first + last - q};
        phases_spread(job, &a->m, &spot, job->packed, room, last - q);
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    windows a = *(const windows *)(const void *)((const float *)job->packed + MOST_LANES);
    if (a.padded && phase == 0) {
        for (int64_t i = split_first(&a.copy, index); i < split_last(&a.copy, index); i++)
            copy_plane(&a, job->operands->input[0] + i * a.m.patches.plane, (float *)job->shared + i * a.plane);
        return;
    }
    place at = place_of(job->layout, &a, index);
    char *room = job->per_thread + (size_t)thread * job->needs->per_thread;
    const float **line = (const float **)(void *)room;
    float *sums = (float *)(void *)(line + a.window.size * a.height);
    const float *packed = (const float *)job->packed + at.packed;
    if (a.skips)
        list_some(&a, &at, job->operands->input[0], line);
    else
        list_windows(&a, &at, a.padded ? job->shared : job->operands->input[0], line);
    multiply(&a, &at, line, (const int32_t *)(const void *)packed,
             packed + taps_floats(&a) + at.group * product_packed(&a.m), job->operands->bias != NULL, sums);
    if (a.skips)
        put_some(job, &a, &at, sums);
    else
        put(job, &a, &at, sums, sums + sum_floats(&a));
}

/* What lies between the first and the last window of each axis; other regions' windows lie among them. */
static void box_some(const conv_layout *layout, const windows *a, const place *at, conv_event *event) {
    event->channel_first = at->group * a->m.patches.outputs + at->panel_first * a->m.weight_width;
    event->channel_last =
        at->group * a->m.patches.outputs + at_most(at->panel_last * a->m.weight_width, a->m.patches.outputs);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = layout->axis[i].out;
        event->last[i] = 0;
    }
    event->batch = a->batch;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        event->batch = at_most(event->batch, s.first / s.region.windows);
        event->batch_last = at_least(event->batch_last, divide_up(s.last, s.region.windows));
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            int from = CONV_MAX_SPATIAL - layout->dims + i;
            event->first[i] = i < layout->dims ? at_most(event->first[i], s.region.axis[from].first) : 0;
            event->last[i] = i < layout->dims ? at_least(event->last[i], s.region.axis[from].last) : 1;
        }
    }
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    windows a = make(layout, cpu);
    if (a.padded && phase == 0) {
        event->batch = split_first(&a.copy, index) / a.channels;
        return;
    }
    place at = place_of(layout, &a, index);
    const patches *p = &a.m.patches;
    if (a.skips) {
        box_some(layout, &a, &at, event);
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
