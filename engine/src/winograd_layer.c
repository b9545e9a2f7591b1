#include "winograd_layer.h"

#include "cost.h"
#include "patches.h"

enum {
    FUSED_BYTES =
        300 << 10, /* components of a block: together with those of its outputs they stay in the second-level cache */
    LARGEST_BLOCK = 56,
    LARGEST_STRIDE = 64
};

/* A transform of one axis. */
typedef struct form {
    int transform, points, outputs, taps;
    int stride; /* 2: of a kernel at stride 2 as a whole; 1: of sub-kernels, whatever the stride */
    int kernels;
    bool only; /* for kernels of so many taps */
} form;

/* Products for an output and an axis, and what was weighed: 7 taps are two sub-kernels of F(3, 4), 4 instead of 7
 * (three of F(4, 3): 4.5; overlapping ones of F(3, 4) could share their transforms, but would need more tiles); 5 at
 * stride 2 two of F(4, 3), 3 instead of 5; 3 at stride 2 F(4, 2) and the odd cells, 2.25 instead of 3 (two of F(5,
 * 2): 2.4, and four times the weights), or where weights weigh more F(2, 2) and the odd cells, 2.5.
 *
 * Two taps, as transposed convolutions and 4 at stride 2 have them: F(5, 2) 1.2, F(4, 2) 1.25, F(2, 2) 1.5 with the
 * fewest weights.
 *
 * Both axes use forms of one family, or that of one point. Of those that need the same products the first is chosen:
 * the fewest outputs, and so the least to transform back. */
static const form forms[] = {{6, 6, 2, 5, 1, 6, false},
                             {6, 6, 3, 4, 1, 6, false},
                             {6, 6, 4, 3, 1, 6, false},
                             {6, 6, 5, 2, 1, 6, false},
                             {5, 5, 4, 2, 1, 5, false},
                             {4, 4, 2, 3, 1, 4, true},
                             {3, 3, 2, 2, 1, 3, false},
                             {WINOGRAD_FOUR_AND_ODD, 9, 4, 3, 2, 6, true},
                             {WINOGRAD_TWO_AND_ODD, 5, 2, 3, 2, 4, true}};
static const form one_point = {1, 1, 1, 1, 1, 1, false};
static const int families[] = {6, 4, WINOGRAD_FOUR_AND_ODD, WINOGRAD_TWO_AND_ODD, 5, 3};
enum { FORMS = sizeof forms / sizeof *forms, FAMILIES = sizeof families / sizeof *families };

static bool axis_can(const conv_axis *a) {
    return a->stride == 1 || (a->dilation == 1 && a->stride <= LARGEST_STRIDE);
}

/* Sub-kernels that begin within the kernel, whose length anybody may have typed: winograd_offset grows with each. */
static int64_t subs_of(const winograd_axis *w, int64_t kernel) {
    const int64_t round = (int64_t)w->phases * w->taps;
    return kernel / round * w->phases + at_most(kernel % round, w->phases);
}

static winograd_axis axis_of(const conv_axis *a, const form *f) {
    winograd_axis w = {.axis = *a, .transform = f->transform, .outputs = f->outputs, .points = f->points};
    w.kernels = f->kernels;
    w.taps = f->taps;
    bool still = a->kernel == 1;
    w.phases = (int)a->stride / f->stride;
    w.subs = f->stride == 1 ? subs_of(&w, a->kernel) : 1;
    w.dilation = still ? 1 : a->dilation;
    w.pictures = at_most(w.dilation, a->out);
    w.advance = w.outputs * a->stride;
    w.span = winograd_offset(&w, w.subs - 1) + (w.points - 1) * w.phases + 1;
    w.tiles = divide_up(divide_up(a->out, w.pictures), w.outputs);
    return w;
}

/* An axis in a family's form of least products, perhaps none; that of one point where a kernel has but one tap for each
 * of its phases, or where there is but one output. */
static bool axis_in(const conv_axis *a, int family, winograd_axis *best) {
    best->subs = 0;
    if (a->kernel <= a->stride || a->out == 1) {
        *best = axis_of(a, &one_point);
        return true;
    }
    for (int i = 0; i < FORMS; i++) {
        const form *f = &forms[i];
        if (f->transform != family || (f->only && (a->stride != f->stride || a->kernel != f->taps))) continue;
        winograd_axis w = axis_of(a, f);
        if (best->subs == 0 || w.subs * w.tiles < best->subs * best->tiles) *best = w;
    }
    return best->subs > 0;
}

void winograd_pixels(const winograd_layer *w, int64_t tiles, int64_t *rows, int64_t *columns) {
    *rows = w->mixed ? w->y.points : w->y.span;
    *columns =
        w->mixed ? (tiles - 1) * (w->x.advance / w->x.phases) + w->x.points : (tiles - 1) * w->x.advance + w->x.span;
}

static void set_channels(winograd_layer *w) {
    int64_t lanes = w->kernels->lanes;
    w->subs = w->y.subs * w->x.subs;
    w->mixed = w->subs > 1 && w->channels < lanes;
    w->lumps = w->mixed ? 1 : w->subs;
    w->lump = w->mixed ? w->subs * w->channels : w->channels;
    w->lump_step = divide_up(w->lump, lanes) * lanes;
    w->vectors = w->lump_step / lanes;
    w->padded_channels = w->lumps * w->lump_step;
    w->panel = w->outputs <= lanes ? lanes : TILE_VECTORS * lanes;
    w->panels = divide_up(w->outputs, w->panel) * w->variants;
}

static void set_blocks(winograd_layer *w) {
    int64_t lanes = w->kernels->lanes, planes = w->groups;
    double each = (double)w->components * (double)w->padded_channels * sizeof(float), most = FUSED_BYTES / each;
    int64_t fitting = most < LARGEST_BLOCK ? (int64_t)most : LARGEST_BLOCK;
    double work = (double)w->components * (double)(w->lumps * w->lump) * (double)(w->outputs * w->variants) *
                  (double)w->tiles * (double)(planes * w->out_slices) * (double)w->taps;
    int64_t wanted = divide_up(tiles_for(work, (int)lanes), at_least(planes * w->out_slices, 1));
    w->block = split_in(w->tiles, at_most(wanted, 16), at_least(fitting, 8));
    bool plane_for_plane = w->taps == 1 && w->slices == w->out_slices && axis_tap(&w->aligned[0], 1, 0) == 1;
    bool large = (double)(planes * w->slices * w->parts) * (double)w->tiles * each > WINOGRAD_SHARED;
    w->fused = plane_for_plane && ((fitting >= 14 && w->block.size >= 12) || large);
    w->panel_block = split_in(w->panels, 1, w->panels);
    if (!w->fused) {
        w->block = split_in(w->tiles, 1, LARGEST_BLOCK);
        w->panel_block = split_in(w->panels, divide_up(wanted, at_least(w->block.parts, 1)), 2);
    } else if (fitting < 14) {
        w->block = split_in(w->tiles, 1, LARGEST_BLOCK / 2);
    }
    /* Each part is a vector of channels: where there are many, a part has the whole plane, whose rows of tiles are then
     * read once together (a tile a part: 3x3 512ch on 7x7 took a fifth longer). */
    int64_t each_part = at_least(planes * w->slices * w->vectors, 1);
    w->rows = split_in(w->tiles, at_most(divide_up(64, each_part), 16), LARGEST_BLOCK);
    w->longest_run = at_most(w->x.tiles, at_least(w->fused ? w->block.size : w->rows.size, 1));
}

/* Vectors of a run's pixels that each tile is the reason to read. */
static double pixels_each(const winograd_layer *w) {
    int64_t rows, columns;
    winograd_pixels(w, w->longest_run, &rows, &columns);
    columns = divide_up(columns, w->kernels->lanes) * w->kernels->lanes;
    return (double)(rows * columns) / (double)w->longest_run;
}

/* Transformed weights passing by: as from the third-level cache, or slower when those of all parts do not fit in it.
 * Most of it goes on beside the products, where blocks are transformed one by one more than where planes have few tiles
 * (512 channels, 3x3 s2 on 7x7, takes 0.51 ms where all of it would make 0.91). */
static double stream_cycles(double bytes, int parts) {
    return cost_stream(bytes) * (bytes * parts > 24e6 ? 2 : 1);
}

/* The products with what each call of a register tile costs; the transforms, a vector of channels at a time, with the
 * turning of pixels into vectors and back; the transformed weights. Constants in cycles of AVX-512; AVX2 takes about as
 * long for its shorter vectors. */
static double cycles_of(const winograd_layer *w) {
    double lanes = w->kernels->lanes, planes = (double)w->groups, tiles = (double)w->tiles;
    double slow = w->kernels == kernels_plain ? 30 : 1, components = w->components;
    double vectors = (double)(divide_up(w->outputs, w->kernels->lanes) * w->variants),
           depth = (double)(w->lumps * w->lump);
    double groups = (double)divide_up(w->tiles, w->kernels->tile_rows), rows = tiles / groups;
    double idle = rows < 4 ? 4 / rows : 1; /* so few sums wait for each other */
    double calls = components * groups * (double)w->panels * (double)(w->lumps * divide_up(w->lump, w->sum_part));
    /* Channels that are one vector, in and out, stay in the first-level cache: 0.73 to 0.93 of the time was seen. */
    double near = vectors <= 1 && w->vectors <= 1 ? 0.85 : 1, each_call = vectors <= 1 ? 20 : 55;
    double multiply =
        (double)w->taps *
        (1.03 * idle * components * tiles * vectors * lanes * depth / cost_rate(w->kernels) + each_call * calls);
    /* Pixels that lie apart are picked up one by one: 256-64 on 33x33, dilated by 6, took 3.3 ms where 9 says 2.2. */
    double turn = w->mixed ? 25 : w->x.dilation > 2 ? 20 : 9;
    double before = (double)w->vectors * pixels_each(w) * turn + 6.5 * components * (double)w->padded_channels / lanes;
    double row = (double)divide_up(w->longest_run * w->x.outputs, w->kernels->lanes) * lanes / (double)w->longest_run;
    double after =
        vectors * (5.5 * components + w->y.outputs * (9 * row + (winograd_spreads(w) ? 11.0 : 4.0) * w->x.outputs));
    double moved = w->fused ? 0 : 4 * components * tiles * (double)w->padded_channels / 24;
    double weights = 4 * (double)w->kernel_components * depth * vectors * lanes * (double)w->taps;
    double each = multiply + slow * tiles * after + (double)w->taps * moved +
                  (w->fused ? 0.1 : 0.45) * stream_cycles(weights, w->parts) * (double)w->block.parts;
    return near * planes * ((double)w->out_slices * each + (double)w->slices * (slow * tiles * before + moved)) + 6000;
}

/* Channels whose products are added up in one chain before they go to the sum of all. The more and the larger the
 * points, the more do roundings weigh: 512 channels at once by six points have 1.2 of the tolerance as their error, in
 * parts of 64 0.3. Fewer parts are less to load and store: 256 instead of 64, 3 to 5% of layers by three points. */
static int64_t sum_part_of(const winograd_layer *w) {
    int transform = w->y.transform > 1 ? w->y.transform : w->x.transform;
    return transform == 3 || transform == WINOGRAD_TWO_AND_ODD ? 256 : transform == 6 || transform == 4 ? 64 : 128;
}

static bool layer_in(const winograd_layer *blank, int family, winograd_layer *w) {
    *w = *blank;
    if (!axis_in(&w->aligned[1], family, &w->y) || !axis_in(&w->aligned[2], family, &w->x)) return false;
    w->components = w->y.points * w->x.points;
    w->kernel_components = w->y.kernels * w->x.kernels;
    w->plane_tiles = w->y.pictures * w->x.pictures * w->y.tiles * w->x.tiles;
    w->tiles = w->batch * w->plane_tiles;
    w->slices = w->aligned[0].in;
    w->out_slices = w->aligned[0].out;
    w->taps = w->aligned[0].kernel;
    w->sum_part = sum_part_of(w);
    w->variants = 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) w->variants *= w->weave[i].variants;
    set_channels(w);
    set_blocks(w);
    w->cycles = cycles_of(w);
    return true;
}

bool winograd_layer_fill(winograd_layer *w) {
    winograd_layer best = {0}, other;
    if (!axis_can(&w->aligned[1]) || !axis_can(&w->aligned[2])) return false;
    for (int i = 0; i < FAMILIES; i++)
        if (layer_in(w, families[i], &other) && (best.kernels == NULL || other.cycles < best.cycles)) best = other;
    *w = best;
    double planes = (double)w->groups * (double)w->slices;
    double floats = w->fused ? (double)w->components * (double)w->block.size * (double)w->padded_channels
                             : planes * (double)winograd_plane_floats(w);
    return floats * sizeof(float) <= WINOGRAD_SHARED;
}

int64_t winograd_first_tiles(const winograd_layer *w) {
    return w->fused ? 0 : w->groups * w->slices * w->rows.parts * w->vectors;
}

int64_t winograd_last_tiles(const winograd_layer *w) {
    return w->groups * w->out_slices * w->block.parts * w->panel_block.parts;
}

winograd_run winograd_run_at(const winograd_layer *w, int64_t first, int64_t last) {
    int64_t column = first % w->x.tiles, row = first / w->x.tiles;
    int64_t pictures = w->y.pictures * w->x.pictures;
    int64_t line = row % w->y.tiles, picture = row / w->y.tiles % pictures;
    winograd_run r = {.first = first, .count = at_most(w->x.tiles - column, last - first)};
    r.sample = first / w->plane_tiles;
    r.y = picture / w->x.pictures + line * w->y.outputs * w->y.dilation;
    r.x = picture % w->x.pictures + column * w->x.outputs * w->x.dilation;
    return r;
}

int64_t winograd_step(int64_t tiles, int64_t width) {
    int64_t lines = divide_up(tiles * width, MOST_LANES);
    return (lines | 1) * MOST_LANES;
}

int64_t winograd_plane_floats(const winograd_layer *w) {
    return w->components * winograd_step(w->tiles, w->padded_channels);
}
