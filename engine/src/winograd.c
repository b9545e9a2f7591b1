/* Both ways of dividing the work use the same three steps. Fused: a block of tiles is transformed for all input
 * channels, multiplied and transformed back while it is in the cache. In two phases, where planes have so few tiles
 * that each thread would transform all for itself, or a third axis lets several output planes use one transformed input
 * plane.
 *
 * The sum over channels is taken in parts of 64: with 512 channels that brings the error from 1.2 of the tolerance to
 * 0.3. Tried without gain: components in the order [tile][component], which makes the transforms' accesses sequential
 * but the product's strided. */
#include "winograd.h"

#include "cost.h"
#include "kind.h"
#include "patches.h"
#include "winograd_layer.h"
#include <math.h>

enum { SUM_PART = 64 };

/* Parts of a thread's workspace, in floats. */
typedef struct rooms {
    int64_t pixels, turned, components, sums, outputs, all;
} rooms;

static int64_t run_columns(const winograd_layer *w) {
    int64_t columns = w->longest_run * w->x.advance + w->x.points - w->x.advance;
    return divide_up(columns, MOST_LANES) * MOST_LANES;
}

static rooms rooms_of(const winograd_layer *w) {
    rooms r = {0};
    int64_t lanes = w->kernels->lanes, longest = at_least(w->longest_run, at_most(w->x.tiles, w->block.size));
    r.turned = w->y.points * run_columns(w) * lanes;
    r.components = r.turned + MOST_LANES * (MOST_LANES + 1) * 2;
    r.sums = r.components + (w->fused ? w->components * winograd_step(w->block.size, w->padded_channels) : 0);
    r.outputs = r.sums + w->components * winograd_step(w->block.size, w->panel);
    r.all = r.outputs + w->y.outputs * divide_up(longest * w->x.outputs, MOST_LANES) * MOST_LANES * lanes;
    return r;
}

/* Floats of the components of all tiles and channels of one input plane. */
static int64_t plane_floats(const winograd_layer *w) {
    return w->components * winograd_step(w->tiles, w->padded_channels);
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    winograd_layer w = winograd_layer_of(layout, cpu);
    rooms r = rooms_of(&w);
    int64_t planes = w.batch * w.groups;
    *n = (algorithm_needs){.phases = w.fused ? 1 : 2};
    n->packed = (size_t)winograd_packed_floats(&w) * sizeof(float);
    n->per_thread = (size_t)r.all * sizeof(float);
    if (!w.fused) {
        n->shared = (size_t)(planes * w.slices * plane_floats(&w)) * sizeof(float);
        n->tiles[0] = planes * w.slices * w.rows.parts * (w.padded_channels / w.kernels->lanes);
    }
    n->tiles[w.fused ? 0 : 1] = planes * w.out_slices * w.block.parts * w.panel_block.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    winograd_layer w = winograd_layer_of(layout, cpu);
    winograd_pack(&w, layout->spec.flip, operands, packed);
}

/* A row of `lanes` channels at once: pixel x of them at to + x * lanes. */
static void turn_row(const winograd_layer *w, const float *row, int64_t channels, int64_t first, int64_t count,
                     float *block, float *to) {
    const conv_axis *a = &w->x.axis;
    int64_t lanes = w->kernels->lanes, plane = w->aligned[0].in * w->aligned[1].in * a->in, step = w->x.dilation;
    for (int64_t x = 0; x < count; x += lanes) {
        int64_t begin = first + x * step;
        if (step == 1 && begin >= 0 && begin + lanes <= a->in) {
            w->kernels->transpose(row + begin, plane, (int)channels, (int)lanes, to + x * lanes, lanes);
        } else if (a->mode == CONV_ZEROS) {
            for (int64_t c = 0; c < channels; c++)
                w->kernels->copy(block + c * lanes, row + c * plane, a->in, begin, step, lanes);
            w->kernels->transpose(block, lanes, (int)channels, (int)lanes, to + x * lanes, lanes);
        } else {
            for (int64_t i = 0; i < lanes; i++) {
                int64_t at = x + i < count ? axis_source(a, begin + i * step) : -1;
                for (int64_t c = 0; c < channels; c++) to[(x + i) * lanes + c] = at < 0 ? 0 : row[c * plane + at];
            }
        }
        if (channels == lanes) continue;
        for (int64_t i = 0; i < lanes; i++)
            for (int64_t c = channels; c < lanes; c++) to[(x + i) * lanes + c] = 0;
    }
}

/* Components of one run of tiles for `lanes` channels from `input` (their first plane, at the slice). */
static void transform_run(const winograd_layer *w, const float *input, int64_t channels, const winograd_run *run,
                          float *room, float *to, int64_t component_step) {
    rooms r = rooms_of(w);
    const conv_axis *ay = &w->y.axis;
    int64_t lanes = w->kernels->lanes, columns = run_columns(w);
    int64_t count = run->count * w->x.advance + w->x.points - w->x.advance;
    for (int i = 0; i < w->y.points; i++) {
        int64_t y = axis_source(ay, axis_tap(ay, run->y, 0) + i * w->y.dilation);
        float *turned = room + r.pixels + i * columns * lanes;
        if (y >= 0) {
            turn_row(w, input + y * w->x.axis.in, channels, axis_tap(&w->x.axis, run->x, 0), count, room + r.turned,
                     turned);
        } else {
            for (int64_t k = 0; k < count * lanes; k++) turned[k] = 0;
        }
    }
    for (int64_t t = 0; t < run->count; t++)
        w->kernels->winograd_input(room + r.pixels + t * w->x.advance * lanes, columns * lanes, lanes, w->y.points,
                                   w->x.points, to + t * w->padded_channels, component_step);
}

/* Components of tiles [first, last) for the channels from `channel` on that fill a vector; `to` is tile `first`,
 * channel 0. */
static void transform_tiles(const winograd_layer *w, const float *input, int64_t channel, int64_t first, int64_t last,
                            float *room, float *to, int64_t component_step) {
    int64_t plane = w->aligned[0].in * w->aligned[1].in * w->aligned[2].in;
    int64_t channels = at_most(w->kernels->lanes, w->channels - channel);
    for (int64_t t = first; t < last;) {
        winograd_run run = winograd_run_at(w, t, at_most(last, t + w->longest_run));
        transform_run(w, input + channel * plane, channels, &run, room, to + (t - first) * w->padded_channels + channel,
                      component_step);
        t += run.count;
    }
}

/* sums[component][tile][output of the panel] of `tiles` tiles: the product for one tap of the third axis. */
static void multiply_panel(const winograd_layer *w, const float *components, int64_t component_step,
                           const float *packed, int64_t tiles, bool add, float *sums) {
    int64_t sum_step = winograd_step(tiles, w->panel), groups = divide_up(tiles, w->kernels->tile_rows);
    int64_t rows = divide_up(tiles, groups);
    tile_call call = {.columns = (int)w->panel, .a_row = w->padded_channels, .b_step = w->panel, .c_row = w->panel};
    for (int i = 0; i < w->components; i++) {
        const float *b = packed + winograd_kernel_of(w, i) * w->panels * w->channels * w->panel;
        for (int64_t c = 0; c < w->channels; c += SUM_PART) {
            call.depth = at_most(SUM_PART, w->channels - c);
            call.b = b + c * w->panel;
            call.start = add || c > 0 ? TILE_ADD : TILE_FRESH;
            for (int64_t t = 0; t < tiles; t += rows) {
                call.rows = (int)at_most(rows, tiles - t);
                call.a = components + i * component_step + t * w->padded_channels + c;
                call.c = sums + i * sum_step + t * w->panel;
                w->kernels->tile(&call);
            }
        }
    }
}

/* Where the outputs of a panel go. */
typedef struct target {
    const algorithm_job *job;
    const winograd_layer *w;
    int64_t batch, group, slice;
    int64_t output;    /* first channel within the group */
    const float *bias; /* of the panel, or NULL */
    float *room;
} target;

static int64_t plane_of(const target *t, int64_t channel) {
    const conv_axis *a = t->w->aligned;
    int64_t number = (t->batch * t->w->groups + t->group) * t->w->outputs + channel;
    return (number * a[0].out + t->slice) * a[1].out * a[2].out;
}

/* A tile with a value that is not finite: its chain tells what is right (an infinity reaches only the outputs that see
 * it). */
static void mend_tile(const target *t, const winograd_run *run, int64_t tile, int64_t channel) {
    const winograd_layer *w = t->w;
    const conv_layout *layout = t->job->layout;
    for (int i = 0; i < w->y.outputs; i++) {
        int64_t y = run->y + i * w->y.dilation;
        for (int k = 0; k < w->x.outputs; k++) {
            int64_t x = run->x + (tile * w->x.outputs + k) * w->x.dilation;
            if (y >= w->y.axis.out || x >= w->x.axis.out) continue;
            int64_t cell = plane_of(t, channel) + y * w->x.axis.out + x;
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

/* One row of outputs, channels turned back into planes. */
static void write_row(const target *t, const float *from, int64_t channel, int64_t channels, int64_t y, int64_t x,
                      int64_t count) {
    const winograd_layer *w = t->w;
    int64_t lanes = w->kernels->lanes, step = w->x.dilation;
    int64_t plane = w->aligned[0].out * w->aligned[1].out * w->aligned[2].out;
    float *to = t->job->output + plane_of(t, channel) + y * w->x.axis.out + x;
    count = at_most(count, divide_up(w->x.axis.out - x, step));
    if (step == 1) {
        for (int64_t i = 0; i < count; i += lanes)
            w->kernels->transpose(from + i * lanes, lanes, (int)at_most(lanes, count - i), (int)channels, to + i,
                                  plane);
        return;
    }
    for (int64_t c = 0; c < channels; c++)
        for (int64_t i = 0; i < count; i++) to[c * plane + i * step] = from[i * lanes + c];
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
                                  .strided = w->y.points == 9 || w->x.points == 9};
            finite = w->kernels->winograd_output(&call, w->y.outputs, w->x.outputs) && finite;
        }
        for (int i = 0; i < w->y.outputs; i++) {
            int64_t y = run->y + i * w->y.dilation;
            if (y >= w->y.axis.out) break;
            write_row(t, outputs + i * columns * lanes, t->output + c, channels, y, run->x, run->count * w->x.outputs);
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

static void tile_ahead(const winograd_layer *w, const algorithm_job *job, int64_t index, float *room) {
    int64_t vectors = w->padded_channels / w->kernels->lanes;
    int64_t channel = index % vectors * w->kernels->lanes;
    index /= vectors;
    int64_t part = index % w->rows.parts, plane = index / w->rows.parts; /* plane: [batch][group][slice] */
    const conv_axis *a = w->aligned;
    int64_t area = a[1].in * a[2].in, slice = plane % w->slices, unit = plane / w->slices;
    const float *input = job->operands->input[0] + (unit * w->channels * w->slices + slice) * area;
    float *to = (float *)job->shared + plane * plane_floats(w);
    int64_t first = split_first(&w->rows, part);
    transform_tiles(w, input, channel, first, split_last(&w->rows, part), room, to + first * w->padded_channels,
                    winograd_step(w->tiles, w->padded_channels));
}

/* The product of one panel, over the taps of the third axis. */
static void multiply_taps(const winograd_layer *w, const algorithm_job *job, const target *t, int64_t panel,
                          int64_t first, int64_t last, const float *packed, float *sums) {
    const conv_axis *az = &w->aligned[0];
    int64_t step = winograd_step(w->tiles, w->padded_channels), panel_floats = w->channels * w->panel;
    bool add = false;
    for (int64_t tap = 0; tap < w->taps; tap++) {
        int64_t slice = axis_source(az, axis_tap(az, t->slice, tap));
        if (slice < 0) continue;
        int64_t plane = (t->batch * w->groups + t->group) * w->slices + slice;
        const float *components = (const float *)job->shared + plane * plane_floats(w) + first * w->padded_channels;
        multiply_panel(w, components, step, packed + (tap * w->kernel_components * w->panels + panel) * panel_floats,
                       last - first, add, sums);
        add = true;
    }
    if (add) return;
    int64_t floats = w->components * winograd_step(last - first, w->panel);
    for (int64_t i = 0; i < floats; i++) sums[i] = 0;
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    const winograd_layer layer = winograd_layer_of(job->layout, job->cpu), *w = &layer;
    rooms r = rooms_of(w);
    float *room = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    if (!w->fused && phase == 0) {
        tile_ahead(w, job, index, room);
        return;
    }
    int64_t panels = index % w->panel_block.parts, rest = index / w->panel_block.parts;
    int64_t block = rest % w->block.parts;
    rest /= w->block.parts;
    target t = {.job = job, .w = w, .room = room, .slice = rest % w->out_slices};
    rest /= w->out_slices;
    t.group = rest % w->groups;
    t.batch = rest / w->groups;
    int64_t first = split_first(&w->block, block), last = split_last(&w->block, block);
    const float *bias = (const float *)job->packed + winograd_packed_floats(w) / w->groups * t.group;
    const float *packed = bias + w->panels * w->panel;
    int64_t step = winograd_step(last - first, w->padded_channels);
    if (w->fused) {
        const conv_axis *a = w->aligned;
        const float *input = job->operands->input[0] +
                             ((t.batch * w->groups + t.group) * w->channels * w->slices + t.slice) * a[1].in * a[2].in;
        for (int64_t c = 0; c < w->channels; c += w->kernels->lanes)
            transform_tiles(w, input, c, first, last, room, room + r.components, step);
    }
    for (int64_t p = split_first(&w->panel_block, panels); p < split_last(&w->panel_block, panels); p++) {
        if (w->fused)
            multiply_panel(w, room + r.components, step, packed + p * w->channels * w->panel, last - first, false,
                           room + r.sums);
        else
            multiply_taps(w, job, &t, p, first, last, packed, room + r.sums);
        t.output = p * w->panel;
        t.bias = job->operands->bias != NULL ? bias + t.output : NULL;
        write_tiles(&t, first, last, room + r.sums);
    }
}

/* The rows between the first and the last tile; for the first phase, nothing is written yet. */
static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    winograd_layer w = winograd_layer_of(layout, cpu);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) event->first[i] = event->last[i] = 0;
    event->channel_first = event->channel_last = 0;
    if (!w.fused && phase == 0) {
        event->batch = index / (w.padded_channels / w.kernels->lanes) / w.rows.parts / w.slices / w.groups;
        return;
    }
    int64_t panels = index % w.panel_block.parts, rest = index / w.panel_block.parts;
    int64_t block = rest % w.block.parts, slice = rest / w.block.parts % w.out_slices;
    rest = rest / w.block.parts / w.out_slices;
    event->batch = rest / w.groups;
    event->channel_first = rest % w.groups * w.outputs + split_first(&w.panel_block, panels) * w.panel;
    event->channel_last =
        rest % w.groups * w.outputs + at_most(split_last(&w.panel_block, panels) * w.panel, w.outputs);
    int64_t out[CONV_MAX_SPATIAL][2] = {{slice, slice + 1}, {0, w.aligned[1].out}, {0, w.aligned[2].out}};
    if (w.y.dilation == 1 && w.x.dilation == 1) {
        out[1][0] = split_first(&w.block, block) / w.x.tiles * w.y.outputs;
        out[1][1] = at_most(((split_last(&w.block, block) - 1) / w.x.tiles + 1) * w.y.outputs, w.aligned[1].out);
    }
    for (int i = 0; i < layout->dims; i++) {
        event->first[i] = out[CONV_MAX_SPATIAL - layout->dims + i][0];
        event->last[i] = out[CONV_MAX_SPATIAL - layout->dims + i][1];
    }
    for (int i = layout->dims; i < CONV_MAX_SPATIAL; i++) event->last[i] = 1;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    (void)cpu;
    return winograd_can(layout);
}

/* The products, the transforms of each tile and vector of channels, and the transformed weights streaming by. */
static double cost(const conv_layout *layout, unsigned cpu) {
    winograd_layer w = winograd_layer_of(layout, cpu);
    double lanes = w.kernels->lanes, planes = (double)w.batch * (double)w.groups, tiles = (double)w.tiles;
    double padded = (double)divide_up(w.outputs, w.kernels->lanes) * lanes,
           slow = w.kernels == kernels_plain ? 30 : 16 / lanes;
    double multiply =
        (double)w.components * tiles * padded * (double)w.channels * (double)w.taps / cost_rate(w.kernels) * 1.08;
    /* At stride 2 a third of the components are cells as they are; and where planes are small the weights, four times
     * the layer's own, pass by for few tiles each. */
    bool strided = w.y.points == 9 || w.x.points == 9;
    double each = strided ? 10 : 11, passes = (double)w.block.parts * (double)w.out_slices * (strided ? 2.5 : 1);
    double transforms =
        tiles * (double)w.components * slow *
        (each * (double)w.padded_channels / lanes * (double)w.slices + each * padded / lanes * (double)w.out_slices);
    double weights = 4.0 * (double)w.kernel_components * (double)w.channels * padded * (double)w.taps;
    return cost_milliseconds(planes * (multiply * (double)w.out_slices + transforms + cost_stream(weights) * passes) +
                             3000);
}

const algorithm winograd_algorithm = {
    .id = CONV_WINOGRAD, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
