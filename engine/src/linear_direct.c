/* Linear by the register tile: weights along the lanes, rows of the input one after the other. Nothing is gathered and
 * nothing turned: input rows are read, and output rows written, where they lie. */
#include "direct.h"

#include "cost.h"
#include "kernels.h"
#include "split.h"

/* A tile: some panels of weights for some rows. */
typedef struct affine {
    const kernels *kernels;
    int64_t rows, in, out;
    int64_t width;      /* output features of a panel */
    int64_t row_height; /* rows of a register tile */
    split panel, row;   /* row: register tiles */
} affine;

enum { DEPTH_BLOCK = 256 /* of a panel: it stays in the first-level cache while rows pass */ };

static affine affine_of(const conv_layout *layout, unsigned cpu) {
    affine a = {.kernels = kernels_for(cpu), .rows = layout->batch, .in = layout->in_channels};
    a.out = layout->out_channels;
    a.width = a.out <= a.kernels->lanes ? a.kernels->lanes : TILE_VECTORS * a.kernels->lanes;
    a.row_height = divide_up(a.rows, at_least(divide_up(a.rows, a.kernels->tile_rows), 1));
    double work = (double)a.rows * (double)a.in * (double)a.out;
    int64_t panels = divide_up(a.out, a.width), tiles = tiles_for(work, a.kernels->lanes);
    a.panel = split_in(panels, tiles, panels);
    a.row = split_in(divide_up(a.rows, a.row_height), divide_up(tiles, a.panel.parts), INT32_MAX);
    return a;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    (void)cpu;
    return layout->spec.op->kind == CONV_LINEAR && layout->in_channels > 0;
}

/* Products, and weights that do not stay in the cache: about 4 bytes a cycle come from memory. */
static double cost(const conv_layout *layout, unsigned cpu) {
    affine a = affine_of(layout, cpu);
    double padded = (double)(divide_up(a.out, a.width) * a.width), bytes = 4 * padded * (double)a.in;
    double idle = a.row_height < 4 ? 4 / (double)a.row_height : 1;
    double multiply = (double)a.rows * padded * (double)a.in * idle / cost_rate(a.kernels);
    return cost_milliseconds(multiply + (bytes > 16e6 ? bytes / 4 : cost_stream(bytes)) + 200);
}

/* Packed: the bias, then the panels, each [input feature][output feature of the panel]. */
static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    affine a = affine_of(layout, cpu);
    *n = (algorithm_needs){.phases = 1};
    n->packed = (size_t)(a.panel.count * a.width) * (size_t)(a.in + 1) * sizeof(float);
    n->tiles[0] = a.panel.parts * a.row.parts;
    return true;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    affine a = affine_of(layout, cpu);
    int64_t padded = a.panel.count * a.width, lanes = a.kernels->lanes;
    float *to = packed;
    for (int64_t o = 0; o < padded; o++) to[o] = operands->bias != NULL && o < a.out ? operands->bias[o] : 0;
    to += padded;
    for (int64_t o = 0; o < padded; o += lanes) { /* `lanes` output features at a time, turned */
        float *column = to + o / a.width * a.width * a.in + o % a.width;
        int64_t there = at_most(lanes, a.out - o);
        for (int64_t i = 0; i < a.in; i += lanes) {
            int64_t across = at_most(lanes, a.in - i);
            if (there > 0)
                a.kernels->transpose(operands->weight + o * a.in + i, a.in, (int)there, (int)across,
                                     column + i * a.width, a.width);
            for (int64_t k = 0; k < across; k++)
                for (int64_t c = at_least(there, 0); c < lanes; c++) column[(i + k) * a.width + c] = 0;
        }
    }
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    affine a = affine_of(job->layout, job->cpu);
    (void)phase, (void)thread;
    int64_t part = index % a.row.parts, panels = index / a.row.parts;
    const float *bias = job->packed, *packed = bias + a.panel.count * a.width;
    tile_call call = {.a_row = a.in, .b_step = a.width, .c_row = a.out};
    for (int64_t w = split_first(&a.panel, panels); w < split_last(&a.panel, panels); w++) {
        call.columns = (int)at_most(a.width, a.out - w * a.width);
        for (int64_t k = 0; k < a.in; k += DEPTH_BLOCK) {
            call.depth = at_most(DEPTH_BLOCK, a.in - k);
            call.start = k > 0 ? TILE_GO_ON : TILE_FRESH;
            call.b = packed + (w * a.in + k) * a.width;
            call.column_bias = job->operands->bias != NULL && k + call.depth == a.in ? bias + w * a.width : NULL;
            for (int64_t q = split_first(&a.row, part); q < split_last(&a.row, part); q++) {
                call.rows = (int)at_most(a.row_height, a.rows - q * a.row_height);
                call.a = job->operands->input[0] + q * a.row_height * a.in + k;
                call.c = job->output + q * a.row_height * a.out + w * a.width;
                a.kernels->tile(&call);
            }
        }
    }
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    affine a = affine_of(layout, cpu);
    (void)phase;
    int64_t part = index % a.row.parts, panels = index / a.row.parts;
    event->batch = split_first(&a.row, part) * a.row_height;
    event->batch_last = at_most(split_last(&a.row, part) * a.row_height, a.rows);
    event->channel_first = split_first(&a.panel, panels) * a.width;
    event->channel_last = at_most(split_last(&a.panel, panels) * a.width, a.out);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = 1;
    }
}

const algorithm linear_algorithm = {
    .id = CONV_DIRECT, .can = can, .cost = cost, .needs = needs, .pack = pack, .tile = tile, .box = box};
