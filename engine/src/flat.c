/* Depthwise layers of small planes: where rows would leave most of a vector idle, a plane is one row. See
 * kernel_flat.h. 7x7 planes under 3x3: a third of the time that rows took. */
#include "direct.h"

#include "cost.h"
#include "geometry.h"
#include "split.h"

typedef struct flat {
    const kernels *kernels;
    patches patches;
    int64_t batch, channels, vectors; /* vectors: of a plane */
    split channel;                    /* of a sample: a tile is a range of them */
} flat;

enum { FLAT_TAPS = 128, FLAT_MOST = 16 /* vectors */ };

static flat flat_of(const conv_layout *layout, unsigned cpu) {
    flat a = {.kernels = kernels_for(cpu), .batch = layout->batch, .channels = layout->in_channels};
    a.patches = patches_of_convolution(layout);
    a.vectors = divide_up(a.patches.pixels, a.kernels->lanes);
    int64_t tiles = tiles_for((double)layout->cost.multiply_adds, a.kernels->lanes);
    a.channel = split_in(a.channels, divide_up(tiles, at_least(a.batch, 1)), a.channels);
    return a;
}

/* Inputs and outputs lie in rows of the same length, one below the other. */
bool flat_suits(const conv_layout *layout, unsigned cpu) {
    if (layout->spec.op->kind != CONV_CONV || layout->spec.groups != layout->in_channels ||
        layout->out_channels != layout->in_channels)
        return false;
    flat a = flat_of(layout, cpu);
    const patch_axis *z = &a.patches.axis[0], *y = &a.patches.axis[1], *x = &a.patches.axis[2];
    bool rows = patch_axis_is_input(z) && z->count == 1 && y->step == 1 && x->step == 1 && x->count == x->size &&
                y->mode == CONV_ZEROS && x->mode == CONV_ZEROS;
    if (!rows || a.patches.taps > FLAT_TAPS || a.vectors > FLAT_MOST) return false;
    if (y->dilation > a.patches.plane || x->dilation > x->size) return false;
    return 4 * a.vectors <= 3 * y->count * divide_up(x->count, a.kernels->lanes);
}

/* Two loads of a cache line for each vector and tap. */
static double cost(const conv_layout *layout, unsigned cpu) {
    flat a = flat_of(layout, cpu);
    double each = (double)(a.vectors * a.patches.taps) * 2.2 * (a.kernels == kernels_plain ? 8 : 1) + 30;
    return cost_milliseconds(each * (double)(a.batch * a.channels) + 200);
}

/* Packed: how far on each tap reads and in which lanes it reads anything (32 bit), each channel's weights and bias. */
static int64_t table_floats(const flat *a) {
    return divide_up(a->patches.taps * (1 + a->vectors), MOST_LANES) * MOST_LANES;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    flat a = flat_of(layout, cpu);
    *n = (algorithm_needs){.phases = 1};
    n->packed = (size_t)(table_floats(&a) + a.channels * (a.patches.taps + 1)) * sizeof(float);
    n->tiles[0] = a.batch * a.channel.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    flat a = flat_of(layout, cpu);
    const patches *p = &a.patches;
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    int32_t *shift = packed;
    uint32_t *inside = (uint32_t *)packed + p->taps;
    int64_t lanes = a.kernels->lanes;
    for (int64_t t = 0; t < p->taps; t++) {
        int64_t y = ay->base + t / ax->taps * ay->dilation, x = ax->base + t % ax->taps * ax->dilation;
        shift[t] = (int32_t)(y * ax->size + x);
        for (int64_t v = 0; v < a.vectors; v++) inside[t * a.vectors + v] = 0;
        for (int64_t q = 0; q < p->pixels; q++) {
            int64_t row = q / ax->count + y, column = q % ax->count + x;
            bool there = row >= 0 && row < ay->size && column >= 0 && column < ax->size;
            inside[t * a.vectors + q / lanes] |= (uint32_t)there << q % lanes;
        }
    }
    float *to = (float *)packed + table_floats(&a);
    for (int64_t c = 0; c < a.channels; c++, to += p->taps + 1) {
        for (int64_t t = 0; t < p->taps; t++)
            to[t] = operands->weight[c * p->taps + (layout->spec.flip ? p->taps - 1 - t : t)];
        to[p->taps] = operands->bias != NULL ? operands->bias[c] : 0;
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    flat a = flat_of(job->layout, job->cpu);
    const patches *p = &a.patches;
    (void)phase, (void)thread;
    int64_t first = split_first(&a.channel, index % a.channel.parts);
    int64_t plane = index / a.channel.parts * a.channels + first;
    flat_call call = {.plane = job->operands->input[0] + plane * p->plane,
                      .plane_step = p->plane,
                      .planes = split_last(&a.channel, index % a.channel.parts) - first,
                      .cells = p->pixels,
                      .vectors = a.vectors,
                      .taps = (int)p->taps,
                      .shift = job->packed,
                      .inside = (const uint32_t *)job->packed + p->taps,
                      .weight = (const float *)job->packed + table_floats(&a) + first * (p->taps + 1),
                      .bias = job->operands->bias != NULL,
                      .output = job->output + plane * p->pixels};
    a.kernels->flat(&call);
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    flat a = flat_of(layout, cpu);
    (void)phase;
    event->batch = index / a.channel.parts;
    event->channel_first = split_first(&a.channel, index % a.channel.parts);
    event->channel_last = split_last(&a.channel, index % a.channel.parts);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
}

const algorithm flat_algorithm = {
    .id = CONV_DEPTHWISE, .can = flat_suits, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
