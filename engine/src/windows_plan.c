/* How a layer is cut in windows and panels, and what that costs. */
#include "windows.h"

#include "cost.h"
#include "geometry.h"
#include "im2col.h"
#include "phases.h"

/* Measured: blocks of 192 that stay in the first-level cache, as gathering has them, 3 to 4% slower (sums go there and
 * back more often); rows of the copy in whole cache lines: no difference; fetching the next panel of weights meanwhile:
 * 1%. */
enum {
    DEPTH_BLOCK = 1024, /* at most: a panel of weights stays in the second-level cache while windows pass */
    LARGEST_WINDOWS = 16,
    LARGEST_COPY = 16 << 20,
    LARGEST_REACH = 1 << 12
};

static int64_t phases_of(const conv_layout *layout) {
    return layout->spec.op->kind == CONV_CONV ? 1 : patches_phases(layout);
}

static patches patches_at(const conv_layout *layout, int64_t phase) {
    return layout->spec.op->kind == CONV_CONV ? patches_of_convolution(layout) : patches_of_phase(layout, phase);
}

static int64_t all_tiles(const windows_layer *a) {
    return a->skips ? regions_tiles(&a->cuts) : divide_up(a->count, at_least(a->height, 1));
}

/* What the windows of all phases reach. False: too far, or a copy of it would be too large. */
static bool planes_of(const conv_layout *layout, windows_layer *a) {
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

void windows_enter_phase(const conv_layout *layout, windows_layer *a, int64_t phase) {
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
static double region_products(const windows_layer *a) {
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
double windows_cost(const conv_layout *layout, const windows_layer *first) {
    windows_layer a = *first;
    const patches *p = &a.m.patches;
    const kernels *k = a.m.kernels;
    double cycles = 0;
    for (int64_t phase = 0; phase < a.phases; phase++) {
        windows_enter_phase(layout, &a, phase);
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

static bool skips_of(const conv_layout *layout, windows_layer *a) {
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

static void windows_fill(const conv_layout *layout, windows_layer *a) {
    windows_enter_phase(layout, a, 0);
    int64_t planes = a->channels * a->batch;
    a->copy = split_in(planes, tiles_for((double)layout->cost.multiply_adds, a->m.kernels->lanes), planes);
}

/* Padding is copied or, where that costs less, left out. */
static bool windows_of(const conv_layout *layout, unsigned cpu, windows_layer *a) {
    *a = (windows_layer){.m = {.kernels = kernels_for(cpu), .turned = true}};
    a->groups = layout->spec.groups;
    a->batch = layout->batch;
    a->channels = layout->in_channels;
    a->phases = phases_of(layout);
    if (a->phases > MOST_PHASES) return false;
    windows_layer other = *a;
    bool whole = planes_of(layout, a), some = (!whole || a->padded) && skips_of(layout, &other);
    if (whole) windows_fill(layout, a);
    if (some) windows_fill(layout, &other);
    if (some && (!whole || windows_cost(layout, &other) < windows_cost(layout, a))) *a = other;
    return whole || some;
}

windows_layer windows_make(const conv_layout *layout, unsigned cpu) {
    windows_layer a;
    (void)windows_of(layout, cpu, &a);
    return a;
}

bool windows_suit(const conv_layout *layout, unsigned cpu) {
    windows_layer a;
    if (!windows_of(layout, cpu, &a)) return false;
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    return windows_cost(layout, &a) < (transposed ? phases_gathered_cost : gathered_cost)(layout, cpu);
}
