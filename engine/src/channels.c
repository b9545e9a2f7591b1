/* Depthwise layers, as many channels at once as a vector has lanes, see kernel_channels.h: planes are turned into
 * vectors of channels first and the outputs back afterwards. Better than rows where the planes are small or strided:
 * 7x7 planes under 7x7 took three times as long as one row (flat.c). */
#include "direct.h"

#include "cost.h"
#include "geometry.h"
#include "split.h"
#include <string.h>

typedef struct channels {
    const kernels *kernels;
    patches patches;
    int64_t batch, channels, blocks; /* blocks: vectors of channels */
    int64_t row, room;               /* vectors of a padded row, of the padded plane */
    split block;                     /* of a sample: a tile is a range of them */
} channels;

enum { CHANNELS_MOST = 512 << 10 /* bytes that two planes of vectors take */, CHANNELS_REACH = 1 << 10 };

static channels channels_of(const conv_layout *layout, unsigned cpu) {
    channels a = {.kernels = kernels_for(cpu), .batch = layout->batch, .channels = layout->in_channels};
    a.patches = patches_of_convolution(layout);
    const patch_axis *y = &a.patches.axis[1], *x = &a.patches.axis[2];
    a.blocks = divide_up(a.channels, a.kernels->lanes);
    a.row = (x->count - 1) * x->step + (x->taps - 1) * x->dilation + 1;
    a.room = a.row * ((y->count - 1) * y->step + (y->taps - 1) * y->dilation + 1);
    int64_t tiles = tiles_for((double)layout->cost.multiply_adds, a.kernels->lanes);
    a.block = split_in(a.blocks, divide_up(tiles, at_least(a.batch, 1)), a.blocks);
    return a;
}

static bool is_near(const patch_axis *axis) {
    return axis->mode == CONV_ZEROS && axis->count <= CHANNELS_REACH && axis->taps <= CHANNELS_REACH &&
           axis->step <= CHANNELS_REACH && axis->dilation <= CHANNELS_REACH;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    if (layout->spec.op->kind != CONV_CONV || layout->spec.groups != layout->in_channels ||
        layout->out_channels != layout->in_channels || layout->in_channels < 2)
        return false;
    patches p = patches_of_convolution(layout);
    const patch_axis *z = &p.axis[0], *y = &p.axis[1], *x = &p.axis[2];
    if (!patch_axis_is_input(z) || z->count != 1 || p.taps == 1 || x->step > 2 || !is_near(y) || !is_near(x))
        return false;
    channels a = channels_of(layout, cpu);
    int64_t vector = a.kernels->lanes * (int64_t)sizeof(float);
    return p.plane <= CHANNELS_MOST / vector && (a.room + p.pixels) * vector <= CHANNELS_MOST;
}

/* A cell takes its share of turning a square of vectors, a multiply-add a load: one 64 byte vector of them a cycle, or
 * two smaller ones. What lies beyond the first-level cache takes a third longer. */
static double cost(const conv_layout *layout, unsigned cpu) {
    channels a = channels_of(layout, cpu);
    const patches *p = &a.patches;
    double plain = a.kernels == kernels_plain ? 8 : 1, lanes = a.kernels->lanes;
    double turned = (double)(divide_up(p->plane, a.kernels->lanes) + divide_up(p->pixels, a.kernels->lanes)) * lanes;
    double each = (lanes > 8 ? 1.1 : 0.65) * ((double)(a.room + p->pixels) * lanes * 4 > 32e3 ? 1.3 : 1);
    double block = turned * (lanes > 8 ? 6 : 3.5) + (double)(p->pixels * p->taps) * each * plain + 60;
    return cost_milliseconds(block * (double)(a.batch * a.blocks) + 200);
}

/* Packed: where each input cell lies in the room (32 bit), cells that no window reads in a place of their own; for each
 * vector of channels the weights and the bias. */
static int64_t table_floats(const channels *a) {
    return divide_up(a->patches.plane, MOST_LANES) * MOST_LANES;
}

static int64_t weight_floats(const channels *a) {
    return (a->patches.taps + 1) * a->kernels->lanes;
}

static int64_t room_floats(const channels *a) {
    return (a->room + 1) * a->kernels->lanes;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    channels a = channels_of(layout, cpu);
    *n = (algorithm_needs){.phases = 1};
    n->packed = (size_t)(table_floats(&a) + a.blocks * weight_floats(&a)) * sizeof(float);
    int64_t floats = room_floats(&a) + a.patches.pixels * a.kernels->lanes;
    n->per_thread = (size_t)(divide_up(floats, MOST_LANES) * MOST_LANES) * sizeof(float);
    n->tiles[0] = a.batch * a.block.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    channels a = channels_of(layout, cpu);
    const patches *p = &a.patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *place = packed;
    int64_t lanes = a.kernels->lanes;
    for (int64_t i = 0; i < p->plane; i++) {
        int64_t y = i / ax->size - ay->base, x = i % ax->size - ax->base;
        bool read = y >= 0 && y < a.room / a.row && x >= 0 && x < a.row;
        place[i] = (int32_t)(read ? y * a.row + x : a.room);
    }
    float *to = (float *)packed + table_floats(&a);
    memset(to, 0, (size_t)(a.blocks * weight_floats(&a)) * sizeof *to);
    for (int64_t c = 0; c < a.channels; c++) {
        float *w = to + c / lanes * weight_floats(&a) + c % lanes;
        for (int64_t t = 0; t < p->taps; t++)
            w[t * lanes] = operands->weight[c * p->taps + (layout->spec.flip ? p->taps - 1 - t : t)];
        w[p->taps * lanes] = operands->bias != NULL ? operands->bias[c] : 0;
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    channels a = channels_of(job->layout, job->cpu);
    const patches *p = &a.patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    (void)phase;
    float *room = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    const float *weight = (const float *)job->packed + table_floats(&a);
    int64_t sample = index / a.block.parts * a.channels, part = index % a.block.parts, lanes = a.kernels->lanes;
    channels_call call = {.plane = p->plane,
                          .place = job->packed,
                          .room = room,
                          .room_row = a.row,
                          .stride = (int)ay->step,
                          .step = (int)ax->step,
                          .dilation_rows = ay->dilation,
                          .dilation_columns = ax->dilation,
                          .kernel_rows = (int)ay->taps,
                          .kernel_columns = (int)ax->taps,
                          .bias = job->operands->bias != NULL,
                          .rows = ay->count,
                          .columns = ax->count,
                          .sums = room + room_floats(&a)};
    memset(room, 0, (size_t)room_floats(&a) * sizeof *room);
    for (int64_t b = split_first(&a.block, part); b < split_last(&a.block, part); b++) {
        int64_t first = b * lanes;
        call.channels = (int)at_most(lanes, a.channels - first);
        call.input = job->operands->input[0] + (sample + first) * p->plane;
        call.weight = weight + b * weight_floats(&a);
        call.output = job->output + (sample + first) * p->pixels;
        a.kernels->channels(&call);
    }
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    channels a = channels_of(layout, cpu);
    int64_t part = index % a.block.parts, lanes = a.kernels->lanes;
    (void)phase;
    event->batch = index / a.block.parts;
    event->channel_first = split_first(&a.block, part) * lanes;
    event->channel_last = at_most(split_last(&a.block, part) * lanes, a.channels);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
}

const algorithm channels_algorithm = {
    .id = CONV_DEPTHWISE, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
