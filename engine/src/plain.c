#include "plain.h"
#include "geometry.h"
#include "kernels.h"
#include "kind.h"
#include "kinds.h"
#include "split.h"

/* A tile is some samples, or some whole planes of one, or some rows of one plane: in any case one run of output
 * elements. */
typedef struct tiling {
    int64_t samples;     /* per tile; 1 when a sample is cut */
    int64_t planes;      /* per tile; 1 when a plane is cut */
    int64_t rows;        /* per tile, of axis 0 */
    int64_t plane_tiles; /* tiles of a sample along its planes */
    int64_t row_tiles;   /* tiles of a plane along its rows */
} tiling;

enum { TILE_TAPS = 1 << 16 };

int64_t plain_taps(const conv_layout *layout) {
    int64_t taps = axes_taps(layout->axis);
    if (layout->weight.rank >= 2) taps = conv_shape_count(&layout->weight) / layout->weight.size[0];
    return taps < 1 ? 1 : taps;
}

static tiling tiling_of(const conv_layout *layout) {
    const conv_axis *axis = layout->axis;
    int64_t taps = plain_taps(layout), row = axis[1].out * axis[2].out;
    int64_t outputs = taps >= TILE_TAPS ? 1 : TILE_TAPS / taps, plane = row * axis[0].out;
    tiling t = {.samples = 1, .planes = 1, .rows = axis[0].out, .row_tiles = 1};
    if (plane <= outputs) {
        t.planes = outputs / (plane > 0 ? plane : 1);
    } else {
        t.rows = outputs / row > 0 ? outputs / row : 1;
        t.row_tiles = divide_up(axis[0].out, t.rows);
    }
    if (layout->spec.op->kind == CONV_SOFTMAX) { /* its lines may go through all planes, or through all samples */
        int64_t samples = at_least(outputs / at_least(layout->out_channels * plane, 1), 1);
        t.samples = split_in(layout->batch, divide_up(layout->batch, samples), layout->batch).size;
        if (layout->input[0].rank > 0 && softmax_axis(layout) == 0) t.samples = at_least(layout->batch, 1);
        t.planes = at_least(layout->out_channels, 1);
        t.rows = axis[0].out;
        t.row_tiles = 1;
    }
    t.plane_tiles = divide_up(layout->out_channels, t.planes);
    return t;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    (void)layout, (void)cpu;
    return true;
}

/* About 4 ns for a tap, geometry included. */
static double cost(const conv_layout *layout, unsigned cpu) {
    (void)cpu;
    return (double)conv_shape_count(&layout->output) * (double)plain_taps(layout) * 4e-6;
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *needed) {
    (void)cpu;
    tiling t = tiling_of(layout);
    *needed = (algorithm_needs){.phases = 1};
    needed->tiles[0] =
        conv_shape_count(&layout->output) == 0 ? 0 : divide_up(layout->batch, t.samples) * t.plane_tiles * t.row_tiles;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    (void)layout, (void)cpu, (void)operands, (void)packed;
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t tile, conv_event *event) {
    (void)cpu, (void)phase;
    tiling t = tiling_of(layout);
    const conv_axis *axis = layout->axis;
    int64_t row_tile = tile % t.row_tiles, plane_tile = tile / t.row_tiles % t.plane_tiles;
    event->batch = tile / t.row_tiles / t.plane_tiles * t.samples;
    event->batch_last = at_most(event->batch + t.samples, layout->batch);
    event->channel_first = plane_tile * t.planes;
    event->channel_last = at_most(event->channel_first + t.planes, layout->out_channels);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = axis[i].out;
    }
    event->first[0] = row_tile * t.rows;
    event->last[0] = at_most(event->first[0] + t.rows, axis[0].out);
}

void plain_outputs(const conv_layout *layout, unsigned cpu, const conv_operands *operands, int64_t first, int64_t last,
                   float *output, int64_t *indices) {
    const kind *row = kind_of(layout->spec.op);
    if (row->outputs_by != NULL)
        row->outputs_by(kernels_for(cpu), layout, operands, first, last, output);
    else
        row->outputs(layout, operands, first, last, output, indices);
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    (void)thread;
    const conv_layout *layout = job->layout;
    const conv_axis *axis = layout->axis;
    conv_event b;
    box(layout, job->cpu, phase, index, &b);
    int64_t row = axis[1].out * axis[2].out;
    int64_t first = ((b.batch * layout->out_channels + b.channel_first) * axis[0].out + b.first[0]) * row;
    int64_t last = (((b.batch_last - 1) * layout->out_channels + b.channel_last - 1) * axis[0].out + b.last[0]) * row;
    plain_outputs(layout, job->cpu, job->operands, first, last, job->output, job->indices);
}

const algorithm plain_algorithm = {
    .id = CONV_PLAIN, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
