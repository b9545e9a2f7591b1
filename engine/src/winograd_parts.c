/* A layer's parts. An ordinary convolution is one, or has its last row and column cut off. Of a transposed one each
 * output phase is an ordinary convolution of stride 1; they are done in one of two ways.
 *
 * Apart, each phase has tiles and transforms of its own: 2x2 taps and 16x16 cells of a phase are 16 tiles of F(4, 2),
 * 400 products instead of 1024, and a kernel of three has phases of 2x2, 2x1, 1x2 and 1x1 taps. Together, they share
 * the tiles' components, but need tiles for one more row and column where they begin at different cells, and a kernel
 * of three is one of four with zeros. Measured, one thread: k4 s2 64ch on 56x56 together 2.11 ms (F(5, 2)) and apart
 * 2.29 (F(4, 2)); 256-128 on batches of 8x8 3.76 and 3.17; k3 s2 512-256 on 14x14 5.4 at best and 3.7. */
#include "winograd_layer.h"

#include "phases.h"

enum {
    LARGEST_PACKED = 128 << 20, /* bytes of a transposed layer's transformed weights */
    LARGEST_KERNEL = 256        /* taps along an axis */
};
static const double LARGEST_TENSOR = 0x1p36; /* numbers */

static winograd_layer blank_of(const conv_layout *layout, unsigned cpu) {
    patches p = layout->spec.op->kind == CONV_TRANSPOSE ? patches_of_phase(layout, 0) : patches_of_convolution(layout);
    winograd_layer w = {.kernels = kernels_for(cpu), .groups = layout->spec.groups, .batch = layout->batch};
    w.channels = layout->in_channels / w.groups;
    w.outputs = layout->out_channels / w.groups;
    w.weight_group = p.weight_group;
    w.weight_output = p.weight_output;
    w.weight_channel = p.weight_channel;
    axes_aligned(layout, w.aligned);
    return w;
}

static bool whole(const conv_layout *layout, unsigned cpu, winograd_parts *parts) {
    winograd_layer *w = parts->part;
    *w = blank_of(layout, cpu);
    parts->count = 1;
    if (w->aligned[1].kernel <= w->aligned[1].stride && w->aligned[2].kernel <= w->aligned[2].stride) return false;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const conv_axis *a = &w->aligned[i];
        w->weave[i] = (winograd_weave){.tap_first = layout->spec.flip ? a->kernel - 1 : 0,
                                       .tap_step = layout->spec.flip ? -1 : 1,
                                       .kernel = a->kernel,
                                       .cell_step = 1,
                                       .variants = 1,
                                       .cells = a->out};
    }
    return true;
}

enum { EDGED_TILE = 4 }; /* outputs of F(4, 3), and of F(4, 2) and four odd cells */

/* What the model says of 64 channels on 57x57, 2% faster, was 5% slower. */
static const double WORTH_CUTTING = 0.96;

/* Tiles that have one cell left over. */
static bool has_edge(const conv_axis *a) {
    return a->out > EDGED_TILE && a->out % EDGED_TILE == 1 && a->dilation == 1 && a->kernel > a->stride;
}

/* Of the last cell alone, or of those before. */
static void cut(winograd_layer *w, int axis, bool edge) {
    conv_axis *a = &w->aligned[axis];
    int64_t first = edge ? a->out - 1 : 0;
    a->pad_before -= first * a->stride;
    a->out = edge ? 1 : a->out - 1;
    w->weave[axis].cell_first = first;
}

/* The last column and row, where their tiles would have a single cell, are parts of their own, without a transform
 * along that axis: 17 cells are 4 tiles and 3 taps, at stride 2 39 products for 45. Measured, one thread: 96-160 on
 * 33x33 at stride 2, batch of 2, 1.45 to 1.13 ms; 192 on 17x17, batch of 2, 1.63 to 1.48. */
static bool edged(const conv_layout *layout, unsigned cpu, winograd_parts *parts) {
    if (!whole(layout, cpu, parts)) return false;
    const winograd_layer all = parts->part[0];
    bool down = has_edge(&all.aligned[1]), across = has_edge(&all.aligned[2]);
    parts->count = 0;
    for (int i = 0; i < 4; i++) {
        bool bottom = i / 2 == 1, right = i % 2 == 1;
        if ((bottom && !down) || (right && !across)) continue;
        winograd_layer *w = &parts->part[parts->count++];
        *w = all;
        if (down) cut(w, 1, bottom);
        if (across) cut(w, 2, right);
    }
    return down || across;
}

/* Each phase is a part, its tiles begin with its first cell. */
static bool apart(const conv_layout *layout, unsigned cpu, winograd_parts *parts) {
    int64_t count = patches_phases(layout);
    bool some = false;
    if (count > WINOGRAD_PARTS) return false;
    for (parts->count = 0; parts->count < count; parts->count++) {
        winograd_layer *w = &parts->part[parts->count];
        *w = blank_of(layout, cpu);
        /* The last phase has the most taps where they differ: it comes first. */
        patches p = patches_of_phase(layout, count - 1 - parts->count);
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            const patch_axis *a = &p.axis[i];
            if (a->taps == 0) return false;
            some = some || (i > 0 && a->taps > 1);
            w->weave[i] = (winograd_weave){.tap_first = a->weight_first,
                                           .tap_step = a->weight_step,
                                           .tap_variant = a->weight_first > 0 ? -1 : 1,
                                           .kernel = p.kernel[i],
                                           .cell_first = a->output_first,
                                           .cell_step = a->output_step,
                                           .variants = a->variants,
                                           .cells = w->aligned[i].out};
            w->aligned[i] = (conv_axis){.in = a->size,
                                        .out = a->count,
                                        .kernel = a->taps,
                                        .stride = 1,
                                        .dilation = a->dilation,
                                        .pad_before = -a->base,
                                        .mode = CONV_ZEROS};
        }
    }
    return some;
}

/* All phases are variants of one part, which reads each cell once: stamps stand side by side, `stride` cells from one
 * window to the next, and what is cut off is left out. Taps that a phase lacks are 0. */
static bool together(const conv_layout *layout, unsigned cpu, winograd_parts *parts) {
    winograd_layer *w = parts->part;
    *w = blank_of(layout, cpu);
    parts->count = 1;
    bool some = false;
    int64_t variants = 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        conv_axis *a = &w->aligned[i];
        if (a->dilation != 1 || a->pad_before < 0 || a->stride > WINOGRAD_PARTS) return false;
        int64_t taps = divide_up(a->kernel, a->stride), first = a->pad_before / a->stride;
        int64_t last = (a->pad_before + a->out - 1) / a->stride, from = a->stride * (taps - 1);
        bool flip = layout->spec.flip;
        variants *= a->stride;
        some = some || (i > 0 && taps > 1);
        w->weave[i] = (winograd_weave){.tap_first = flip ? a->kernel - 1 - from : from,
                                       .tap_step = flip ? a->stride : -a->stride,
                                       .tap_variant = flip ? -1 : 1,
                                       .kernel = a->kernel,
                                       .cell_first = first * a->stride - a->pad_before,
                                       .cell_step = a->stride,
                                       .variants = a->stride,
                                       .cells = a->out};
        *a = (conv_axis){.in = a->in,
                         .out = last - first + 1,
                         .kernel = taps,
                         .stride = 1,
                         .dilation = 1,
                         .pad_before = taps - 1 - first,
                         .mode = CONV_ZEROS};
    }
    return some && variants > 1 && variants <= WINOGRAD_PARTS;
}

/* The rest of all parts. */
static bool fill(winograd_parts *parts) {
    parts->packed = parts->shared = 0;
    parts->cycles = 0;
    for (int i = 0; i < parts->count; i++) {
        winograd_layer *w = &parts->part[i];
        w->parts = parts->count;
        if (!winograd_layer_fill(w)) return false;
        w->packed_at = parts->packed;
        w->shared_at = parts->shared;
        parts->packed += divide_up(winograd_packed_floats(w), MOST_LANES) * MOST_LANES;
        if (!w->fused) parts->shared += w->groups * w->slices * winograd_plane_floats(w);
        parts->cycles += w->cycles;
    }
    return (double)parts->shared * sizeof(float) <= WINOGRAD_SHARED;
}

/* Beyond these no machine has room, or nobody gains: so no product of sizes below overflows, not even that of the
 * components of all tiles. */
static bool is_reasonable(const conv_layout *layout) {
    const double channels = (double)layout->in_channels + (double)layout->out_channels;
    double cells = (double)layout->batch, taps = 1;
    for (int i = 0; i < layout->dims; i++) {
        const conv_axis *a = &layout->axis[i];
        if (a->kernel > LARGEST_KERNEL) return false;
        cells *= (double)at_least(a->in, a->out);
        taps *= (double)a->kernel;
    }
    return cells * channels <= LARGEST_TENSOR && channels * channels * taps <= LARGEST_TENSOR;
}

bool winograd_parts_of(const conv_layout *layout, unsigned cpu, winograd_parts *parts) {
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    if ((layout->spec.op->kind != CONV_CONV && !transposed) || !is_reasonable(layout)) return false;
    winograd_parts other = {0};
    bool a = (transposed ? apart : whole)(layout, cpu, parts) && fill(parts);
    bool b = (transposed ? together : edged)(layout, cpu, &other) && fill(&other);
    double worth = transposed ? 1 : WORTH_CUTTING;
    if (b && (!a || other.cycles < worth * parts->cycles)) *parts = other;
    return (a || b) && (!transposed || (double)parts->packed * sizeof(float) <= LARGEST_PACKED);
}
