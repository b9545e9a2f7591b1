/* Both ways of dividing the work use the same three steps. Fused: a block of tiles is transformed for all input
 * channels, multiplied and transformed back while it is in the cache. In two phases, where planes have so few tiles
 * that each thread would transform all for itself, or a third axis lets several output planes use one transformed input
 * plane.
 *
 * Tiles of all samples of a batch follow each other, so that the weights pass by once for them (3x3 512ch on 7x7, batch
 * of 4: half the time).
 *
 * Tried without gain: components in the order [tile][component], which makes the transforms' accesses sequential
 * but the product's strided; strided copies of each phase of a picture instead of turning every pixel once for all
 * sub-kernels (only where channels are fewer than lanes); fetching each weight ahead by the first rows of tiles alone
 * (10% slower than by all); leaving out the components that serve only outputs beyond the edge (infinity's and odd
 * cells' of last tiles: 225 products for 256 on 7x7, 324 for 400 at stride 2, where direct takes 441): register tiles
 * of 3 and 6 rows lose what is saved, 1.36 ms either way, and at stride 2 2.17 ms beside im2col's 2.11. */
#include "winograd.h"

#include "cost.h"
#include "kind.h"
#include "patches.h"
#include "winograd_layer.h"
#include <math.h>
#include <stddef.h>
#include <string.h>

enum {
    FEW_TILES = 4 /* so few wait for the weights from memory all the time: fetching them ahead makes it worse */
};

/* Parts of a thread's workspace, in floats. */
typedef struct rooms {
    int64_t pixels, turned, components, sums, outputs, line, all;
} rooms;

/* Rows of a run's pixels, and floats of a row. */
static int64_t pixel_rows(const winograd_layer *w, int64_t *row_floats) {
    int64_t rows, columns;
    winograd_pixels(w, w->longest_run, &rows, &columns);
    *row_floats = divide_up(columns, MOST_LANES) * MOST_LANES * w->kernels->lanes;
    return rows;
}

static rooms rooms_of(const winograd_layer *w) {
    rooms r = {0};
    int64_t lanes = w->kernels->lanes, longest = at_least(w->longest_run, at_most(w->x.tiles, w->block.size)),
            row_floats;
    r.turned = pixel_rows(w, &row_floats) * row_floats;
    r.components = r.turned + MOST_LANES * (MOST_LANES + 1) * 2;
    r.sums = r.components + (w->fused ? w->components * winograd_step(w->block.size, w->padded_channels) : 0);
    r.outputs = r.sums + w->components * winograd_step(w->block.size, w->panel);
    int64_t row = divide_up(longest * w->x.outputs, MOST_LANES) * MOST_LANES * lanes;
    r.line = r.outputs + w->y.outputs * row;
    r.all = r.line + (winograd_spreads(w) ? row : 0);
    return r;
}

/* The parts stand before the packed weights, so that not each tile weighs all of them again (3% of 3x3 100ch on 28x28).
 */
static int64_t head_floats(const winograd_parts *parts) {
    size_t bytes = offsetof(winograd_parts, part) + (size_t)parts->count * sizeof parts->part[0];
    return divide_up((int64_t)bytes, MOST_LANES * (int64_t)sizeof(float)) * MOST_LANES;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    winograd_parts parts;
    return winograd_parts_of(layout, cpu, &parts);
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    winograd_parts parts;
    winograd_parts_of(layout, cpu, &parts);
    *n = (algorithm_needs){.phases = parts.shared > 0 ? 2 : 1};
    n->packed = (size_t)(head_floats(&parts) + parts.packed) * sizeof(float);
    n->shared = (size_t)parts.shared * sizeof(float);
    for (int i = 0; i < parts.count; i++) {
        const winograd_layer *w = &parts.part[i];
        size_t room = (size_t)rooms_of(w).all * sizeof(float);
        n->per_thread = room > n->per_thread ? room : n->per_thread;
        if (parts.shared > 0) n->tiles[0] += winograd_first_tiles(w);
        n->tiles[n->phases - 1] += winograd_last_tiles(w);
    }
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    winograd_parts parts;
    winograd_parts_of(layout, cpu, &parts);
    float *to = (float *)packed + head_floats(&parts);
    memcpy(packed, &parts, offsetof(winograd_parts, part) + (size_t)parts.count * sizeof parts.part[0]);
    for (int i = 0; i < parts.count; i++) winograd_pack(&parts.part[i], operands, to + parts.part[i].packed_at);
}

/* The part that a tile is of; afterwards the tile's number within it. */
static const winograd_layer *part_of(const winograd_parts *parts, bool ahead, int64_t *tile) {
    const winograd_layer *w = parts->part;
    for (;; w++) {
        int64_t tiles = ahead ? winograd_first_tiles(w) : winograd_last_tiles(w);
        if (*tile < tiles) return w;
        *tile -= tiles;
    }
}

/* What the lanes of a vector read: channels of one sub-kernel, or mixed. */
typedef struct lane_sources {
    const float *plane[MOST_LANES]; /* NULL: nothing */
    int64_t y[MOST_LANES], x[MOST_LANES];
} lane_sources;

/* `first`: of the vector's channels from `input` on; the run's first pixel is at cell (y, x). */
static lane_sources sources_of(const winograd_layer *w, const float *input, int64_t first, int64_t y, int64_t x) {
    lane_sources s = {0};
    int64_t plane = w->aligned[0].in * w->y.axis.in * w->x.axis.in, channel = first % w->channels,
            sub = first / w->channels;
    for (int64_t i = 0; i < w->kernels->lanes; i++) {
        s.plane[i] = first + i < w->lump ? input + channel * plane : NULL;
        s.y[i] = y + (w->mixed ? winograd_offset(&w->y, sub / w->x.subs) * w->y.dilation : 0);
        s.x[i] = x + (w->mixed ? winograd_offset(&w->x, sub % w->x.subs) * w->x.dilation : 0);
        if (++channel < w->channels) continue;
        channel = 0;
        sub++;
    }
    return s;
}

/* Row `row` of a run's pixels, all lanes: pixel x of them at to + x * lanes. Where padding takes part of a vector only
 * the cells that are there are turned: filling up each lane's line first took a third of 3x3 64ch on 7x7. */
static void turn_row(const winograd_layer *w, const lane_sources *s, int64_t row, int64_t pixels, float *block,
                     float *to) {
    const conv_axis *a = &w->x.axis;
    int64_t lanes = w->kernels->lanes, plane = w->aligned[0].in * w->y.axis.in * a->in;
    int64_t down = w->y.dilation * (w->mixed ? w->y.phases : 1), step = w->x.dilation * (w->mixed ? w->x.phases : 1);
    const float *line[MOST_LANES] = {NULL};
    int64_t reading = 0;
    for (int64_t i = 0; i < lanes; i++) {
        int64_t y = s->plane[i] != NULL ? axis_source(&w->y.axis, s->y[i] + row * down) : -1;
        line[i] = y >= 0 ? s->plane[i] + y * a->in : NULL;
        if (s->plane[i] != NULL) reading = i + 1;
    }
    for (int64_t x = 0; x < pixels; x += lanes) {
        int64_t begin = s->x[0] + x * step;
        int64_t from = at_least(begin, 0), behind = at_most(begin + lanes, a->in);
        bool real = line[0] != NULL && from < behind, whole = real && behind - from == lanes;
        bool neighbours = !w->mixed && step == 1;
        if (neighbours && (whole || a->mode == CONV_ZEROS)) {
            if (!whole) memset(to + x * lanes, 0, (size_t)(lanes * lanes) * sizeof *to);
            if (real)
                w->kernels->transpose(line[0] + from, plane, (int)reading, (int)(behind - from),
                                      to + (x + from - begin) * lanes, lanes);
        } else if (a->mode == CONV_ZEROS && (w->mixed || line[0] != NULL)) {
            for (int64_t i = 0; i < reading; i++) {
                bool there = line[i] != NULL; /* of padding nothing is read, but its address is reckoned with */
                w->kernels->copy(block + i * lanes, there ? line[i] : s->plane[i], there ? a->in : 0,
                                 s->x[i] + x * step, step, lanes);
            }
            w->kernels->transpose(block, lanes, (int)reading, (int)lanes, to + x * lanes, lanes);
        } else {
            for (int64_t i = 0; i < reading; i++)
                for (int64_t k = 0; k < lanes; k++) {
                    int64_t at = x + k < pixels && line[i] != NULL ? axis_source(a, s->x[i] + (x + k) * step) : -1;
                    to[(x + k) * lanes + i] = at < 0 ? 0 : line[i][at];
                }
        }
        if (reading == lanes) continue;
        for (int64_t k = 0; k < lanes; k++)
            for (int64_t i = reading; i < lanes; i++) to[(x + k) * lanes + i] = 0;
    }
}

/* Components of one run of tiles for the channels from `first` on that fill a vector, from `input` (the group's first
 * plane of the first sample, at the slice). */
static void transform_run(const winograd_layer *w, const float *input, int64_t first, const winograd_run *run,
                          float *room, float *to, int64_t component_step) {
    rooms r = rooms_of(w);
    int64_t lanes = w->kernels->lanes, row_floats, rows, pixels;
    pixel_rows(w, &row_floats);
    winograd_pixels(w, run->count, &rows, &pixels);
    input += run->sample * w->groups * w->channels * w->aligned[0].in * w->y.axis.in * w->x.axis.in;
    lane_sources s = sources_of(w, input, first, axis_tap(&w->y.axis, run->y, 0), axis_tap(&w->x.axis, run->x, 0));
    for (int64_t i = 0; i < rows; i++) turn_row(w, &s, i, pixels, room + r.turned, room + r.pixels + i * row_floats);
    int64_t down = w->mixed ? 1 : w->y.phases, across = w->mixed ? 1 : w->x.phases;
    int64_t advance = w->mixed ? w->x.advance / w->x.phases : w->x.advance;
    for (int64_t lump = 0; lump < w->lumps; lump++) {
        const float *corner = room + r.pixels + winograd_offset(&w->y, lump / w->x.subs) * row_floats +
                              winograd_offset(&w->x, lump % w->x.subs) * lanes;
        for (int64_t t = 0; t < run->count; t++)
            w->kernels->winograd_input(corner + t * advance * lanes, down * row_floats, across * lanes, w->y.transform,
                                       w->x.transform, to + t * w->padded_channels + lump * w->lump_step,
                                       component_step);
    }
}

/* Components of tiles [first, last) for a vector of channels; `to` is tile `first`, channel 0. */
static void transform_tiles(const winograd_layer *w, const float *input, int64_t vector, int64_t first, int64_t last,
                            float *room, float *to, int64_t component_step) {
    int64_t channel = vector * w->kernels->lanes;
    for (int64_t t = first; t < last;) {
        winograd_run run = winograd_run_at(w, t, at_most(last, t + w->longest_run));
        transform_run(w, input, channel, &run, room, to + (t - first) * w->padded_channels + channel, component_step);
        t += run.count;
    }
}

/* Transformed weights of one component, for one panel. */
static int64_t panel_floats(const winograd_layer *w) {
    return w->lumps * w->lump * w->panel;
}

/* sums[component][tile][output of the panel] of `tiles` tiles: the product for one tap of the third axis. */
static void multiply_panel(const winograd_layer *w, const float *components, int64_t component_step,
                           const float *packed, int64_t tiles, bool add, float *sums) {
    int64_t sum_step = winograd_step(tiles, w->panel), groups = divide_up(tiles, w->kernels->tile_rows);
    int64_t rows = divide_up(tiles, groups), depth = w->lumps * w->lump;
    int64_t weights = w->panels * panel_floats(w);             /* from one component's to the next */
    int64_t whole = w->lump == w->lump_step ? depth : w->lump; /* side by side */
    tile_call call = {.columns = (int)w->panel, .a_row = w->padded_channels, .b_step = w->panel, .c_row = w->panel};
    for (int i = 0; i < w->components; i++) {
        const float *b = packed + winograd_kernel_of(w, i) * weights;
        int following = i + 1 < w->components ? i + 1 : i;
        const float *a = components + i * component_step;
        call.start = add ? TILE_ADD : TILE_FRESH;
        for (int64_t k = 0; k < depth; k += call.depth) {
            int64_t lump = k / whole, c = k % whole;
            call.depth = at_most(w->sum_part, whole - c);
            call.b = b + k * w->panel;
            if (tiles > FEW_TILES)
                call.ahead = k + call.depth < depth ? call.b + call.depth * w->panel
                                                    : packed + winograd_kernel_of(w, following) * weights;
            for (int64_t t = 0; t < tiles; t += rows) {
                call.rows = (int)at_most(rows, tiles - t);
                call.a = a + t * w->padded_channels + lump * w->lump_step + c;
                call.c = sums + i * sum_step + t * w->panel;
                w->kernels->tile(&call);
            }
            call.start = TILE_ADD;
        }
    }
}

/* Where the outputs of a panel go. */
typedef struct target {
    const algorithm_job *job;
    const winograd_layer *w;
    int64_t group, slice;
    int64_t output;                    /* first channel within the group */
    int64_t variant[CONV_MAX_SPATIAL]; /* whose cells they are, along each axis */
    const float *bias;                 /* of the panel, or NULL */
    float *room;
} target;

/* The output cell along an axis that is window `at` of the part: inside only where there is such a cell. */
static int64_t cell_of(const target *t, int axis, int64_t at) {
    const winograd_weave *v = &t->w->weave[axis];
    return v->cell_first + at * v->cell_step + t->variant[axis];
}

static bool cell_inside(const target *t, int axis, int64_t cell) {
    return cell >= 0 && cell < t->w->weave[axis].cells;
}

static int64_t plane_of(const target *t, int64_t sample, int64_t channel) {
    const winograd_weave *v = t->w->weave;
    int64_t number = (sample * t->w->groups + t->group) * t->w->outputs + channel;
    return (number * v[0].cells + cell_of(t, 0, t->slice)) * v[1].cells * v[2].cells;
}

/* A tile with a value that is not finite: its chain tells what is right (an infinity reaches only the outputs that see
 * it). */
static void mend_tile(const target *t, const winograd_run *run, int64_t tile, int64_t channel) {
    const winograd_layer *w = t->w;
    const conv_layout *layout = t->job->layout;
    for (int i = 0; i < w->y.outputs; i++) {
        int64_t at_y = run->y + i * w->y.dilation, y = cell_of(t, 1, at_y);
        for (int k = 0; k < w->x.outputs; k++) {
            int64_t at_x = run->x + (tile * w->x.outputs + k) * w->x.dilation, x = cell_of(t, 2, at_x);
            if (at_y >= w->y.axis.out || at_x >= w->x.axis.out || !cell_inside(t, 1, y) || !cell_inside(t, 2, x))
                continue;
            int64_t cell = plane_of(t, run->sample, channel) + y * w->weave[2].cells + x;
            kind_of(layout->spec.op)->outputs(layout, t->job->operands, cell, cell + 1, t->job->output, NULL);
        }
    }
}

static void mend_run(const target *t, const winograd_run *run, const float *outputs, int64_t row_step, int64_t first,
                     int64_t channels) {
    const winograd_layer *w = t->w;
    int64_t lanes = w->kernels->lanes;
    for (int64_t tile = 0; tile < run->count; tile++)
        for (int64_t c = 0; c < channels; c++) {
            float vanishing = 0;
            for (int i = 0; i < w->y.outputs; i++)
                for (int k = 0; k < w->x.outputs; k++)
                    vanishing += outputs[i * row_step + (tile * w->x.outputs + k) * lanes + c] * 0.0f;
            if (isnan(vanishing)) mend_tile(t, run, tile, first + c);
        }
}

/* Row y of a run's outputs, channels turned back into planes. */
static void write_row(const target *t, const winograd_run *run, const float *from, int64_t channel, int64_t channels,
                      int64_t y) {
    const winograd_layer *w = t->w;
    const winograd_weave *v = &w->weave[2];
    int64_t lanes = w->kernels->lanes, step = w->x.dilation * v->cell_step, line = cell_of(t, 1, y);
    int64_t plane = w->weave[0].cells * w->weave[1].cells * v->cells, begin = cell_of(t, 2, run->x);
    int64_t count = at_most(run->count * w->x.outputs, divide_up(w->x.axis.out - run->x, w->x.dilation));
    int64_t before = begin < 0 ? divide_up(-begin, step) : 0; /* windows that are cut off */
    count = at_most(count, begin < v->cells ? divide_up(v->cells - begin, step) : 0);
    if (!cell_inside(t, 1, line) || count <= before) return;
    float *to = t->job->output + plane_of(t, run->sample, channel) + line * v->cells + begin;
    if (step == 1) {
        for (int64_t i = before; i < count; i += lanes)
            w->kernels->transpose(from + i * lanes, lanes, (int)at_most(lanes, count - i), (int)channels, to + i,
                                  plane);
        return;
    }
    float *line_room = t->room + rooms_of(w).line;
    int64_t width = divide_up(run->count * w->x.outputs, MOST_LANES) * MOST_LANES;
    for (int64_t i = before; i < count; i += lanes)
        w->kernels->transpose(from + i * lanes, lanes, (int)at_most(lanes, count - i), (int)channels, line_room + i,
                              width);
    for (int64_t c = 0; c < channels; c++)
        w->kernels->spread(to + c * plane + before * step, step, line_room + c * width + before, count - before);
}

static void write_run(const target *t, const winograd_run *run, const float *sums, int64_t sum_step) {
    const winograd_layer *w = t->w;
    int64_t lanes = w->kernels->lanes, columns = divide_up(run->count * w->x.outputs, MOST_LANES) * MOST_LANES;
    float *outputs = t->room + rooms_of(w).outputs;
    for (int64_t c = 0; c < w->panel && t->output + c < w->outputs; c += lanes) {
        int64_t channels = at_most(lanes, w->outputs - t->output - c);
        bool finite = true;
        for (int64_t tile = 0; tile < run->count; tile++) {
            winograd_tile call = {.components = sums + tile * w->panel + c,
                                  .component_step = sum_step,
                                  .bias = t->bias != NULL ? t->bias + c : NULL,
                                  .outputs = outputs + tile * w->x.outputs * lanes,
                                  .row_step = columns * lanes,
                                  .column_step = lanes,
                                  .transform = (int)at_least(w->y.transform, w->x.transform),
                                  .rows = w->y.outputs,
                                  .columns = w->x.outputs};
            finite = w->kernels->winograd_output(&call) && finite;
        }
        for (int i = 0; i < w->y.outputs; i++) {
            int64_t y = run->y + i * w->y.dilation;
            if (y >= w->y.axis.out) break;
            write_row(t, run, outputs + i * columns * lanes, t->output + c, channels, y);
        }
        if (!finite) mend_run(t, run, outputs, columns * lanes, t->output + c, channels);
    }
}

static void write_tiles(const target *t, int64_t first, int64_t last, const float *sums) {
    int64_t step = winograd_step(last - first, t->w->panel);
    for (int64_t tile = first; tile < last;) {
        winograd_run run = winograd_run_at(t->w, tile, last);
        /* A picture may have fewer cells than its neighbours: then its last tiles hold none. */
        if (run.y < t->w->y.axis.out && run.x < t->w->x.axis.out)
            write_run(t, &run, sums + (tile - first) * t->w->panel, step);
        tile += run.count;
    }
}

/* A slice of the first sample's input, from a group's first channel on. */
static const float *group_input(const winograd_layer *w, const algorithm_job *job, int64_t group, int64_t slice) {
    return job->operands->input[0] + (group * w->channels * w->slices + slice) * w->y.axis.in * w->x.axis.in;
}

static void tile_ahead(const winograd_layer *w, const algorithm_job *job, int64_t index, float *room) {
    int64_t vector = index % w->vectors;
    index /= w->vectors;
    int64_t part = index % w->rows.parts, plane = index / w->rows.parts; /* [group][slice] */
    const float *input = group_input(w, job, plane / w->slices, plane % w->slices);
    float *to = (float *)job->shared + w->shared_at + plane * winograd_plane_floats(w);
    int64_t first = split_first(&w->rows, part);
    transform_tiles(w, input, vector, first, split_last(&w->rows, part), room, to + first * w->padded_channels,
                    winograd_step(w->tiles, w->padded_channels));
}

/* The product of one panel, over the taps of the third axis. */
static void multiply_taps(const winograd_layer *w, const algorithm_job *job, const target *t, int64_t panel,
                          int64_t first, int64_t last, const float *packed, float *sums) {
    const conv_axis *az = &w->aligned[0];
    int64_t step = winograd_step(w->tiles, w->padded_channels);
    bool add = false;
    for (int64_t tap = 0; tap < w->taps; tap++) {
        int64_t slice = axis_source(az, axis_tap(az, t->slice, tap));
        if (slice < 0) continue;
        int64_t plane = t->group * w->slices + slice;
        const float *components =
            (const float *)job->shared + w->shared_at + plane * winograd_plane_floats(w) + first * w->padded_channels;
        multiply_panel(w, components, step, packed + (tap * w->kernel_components * w->panels + panel) * panel_floats(w),
                       last - first, add, sums);
        add = true;
    }
    if (add) return;
    int64_t floats = w->components * winograd_step(last - first, w->panel);
    for (int64_t i = 0; i < floats; i++) sums[i] = 0;
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    const winograd_parts *parts = job->packed;
    bool ahead = phase + 1 < job->needs->phases;
    const winograd_layer *w = part_of(parts, ahead, &index);
    rooms r = rooms_of(w);
    float *room = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    if (ahead) {
        tile_ahead(w, job, index, room);
        return;
    }
    int64_t panels = index % w->panel_block.parts, rest = index / w->panel_block.parts;
    int64_t block = rest % w->block.parts;
    rest /= w->block.parts;
    target t = {.job = job, .w = w, .room = room, .slice = rest % w->out_slices};
    t.group = rest / w->out_slices;
    int64_t first = split_first(&w->block, block), last = split_last(&w->block, block);
    const float *bias = (const float *)job->packed + head_floats(parts) + w->packed_at +
                        winograd_packed_floats(w) / w->groups * t.group;
    const float *packed = bias + w->panels * w->panel;
    int64_t step = winograd_step(last - first, w->padded_channels);
    if (w->fused) {
        const float *input = group_input(w, job, t.group, t.slice);
        for (int64_t v = 0; v < w->vectors; v++)
            transform_tiles(w, input, v, first, last, room, room + r.components, step);
    }
    for (int64_t p = split_first(&w->panel_block, panels); p < split_last(&w->panel_block, panels); p++) {
        winograd_variant(w, p, t.variant);
        if (!cell_inside(&t, 0, cell_of(&t, 0, t.slice))) continue;
        if (w->fused)
            multiply_panel(w, room + r.components, step, packed + p * panel_floats(w), last - first, false,
                           room + r.sums);
        else
            multiply_taps(w, job, &t, p, first, last, packed, room + r.sums);
        t.output = p % (w->panels / w->variants) * w->panel;
        t.bias = job->operands->bias != NULL ? bias + p * w->panel : NULL;
        write_tiles(&t, first, last, room + r.sums);
    }
}

/* The cells between the first and the last that windows [first, last) of an axis are. */
static void reach(const winograd_weave *v, int64_t first, int64_t last, int64_t cells[2]) {
    cells[0] = at_least(v->cell_first + first * v->cell_step, 0);
    cells[1] = at_most(v->cell_first + (last - 1) * v->cell_step + v->variants, v->cells);
}

/* The rows between the first and the last tile, all of them where these are of several samples; for the first phase,
 * nothing is written yet. */
static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    winograd_parts parts;
    winograd_parts_of(layout, cpu, &parts);
    bool ahead = parts.shared > 0 && phase == 0;
    const winograd_layer *w = part_of(&parts, ahead, &index);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) event->first[i] = event->last[i] = 0;
    event->channel_first = event->channel_last = 0;
    if (ahead) {
        event->batch = split_first(&w->rows, index / w->vectors % w->rows.parts) / w->plane_tiles;
        return;
    }
    int64_t panels = index % w->panel_block.parts, rest = index / w->panel_block.parts;
    int64_t block = rest % w->block.parts, slice = rest / w->block.parts % w->out_slices;
    int64_t group = rest / w->block.parts / w->out_slices;
    int64_t first = split_first(&w->block, block), last = split_last(&w->block, block);
    event->batch = first / w->plane_tiles;
    event->batch_last = divide_up(last, w->plane_tiles);
    bool all = w->variants > 1;
    event->channel_first = group * w->outputs + (all ? 0 : split_first(&w->panel_block, panels) * w->panel);
    event->channel_last =
        group * w->outputs + (all ? w->outputs : at_most(split_last(&w->panel_block, panels) * w->panel, w->outputs));
    int64_t out[CONV_MAX_SPATIAL][2];
    reach(&w->weave[0], slice, slice + 1, out[0]);
    reach(&w->weave[1], 0, w->aligned[1].out, out[1]);
    reach(&w->weave[2], 0, w->aligned[2].out, out[2]);
    if (w->y.dilation == 1 && w->x.dilation == 1 && event->batch_last == event->batch + 1) {
        int64_t before = event->batch * w->plane_tiles;
        reach(&w->weave[1], (first - before) / w->x.tiles * w->y.outputs,
              at_most(((last - 1 - before) / w->x.tiles + 1) * w->y.outputs, w->aligned[1].out), out[1]);
    }
    for (int i = 0; i < layout->dims; i++) {
        event->first[i] = out[CONV_MAX_SPATIAL - layout->dims + i][0];
        event->last[i] = out[CONV_MAX_SPATIAL - layout->dims + i][1];
    }
    for (int i = layout->dims; i < CONV_MAX_SPATIAL; i++) event->last[i] = 1;
}

static double cost(const conv_layout *layout, unsigned cpu) {
    winograd_parts parts;
    winograd_parts_of(layout, cpu, &parts);
    return cost_milliseconds(parts.cycles);
}

const algorithm winograd_algorithm = {
    .id = CONV_WINOGRAD, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
