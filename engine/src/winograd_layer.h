/* How Winograd divides a layer: parts, transforms, tiles, blocks of tiles, and where their components stand. */
#ifndef ENGINE_WINOGRAD_LAYER_H
#define ENGINE_WINOGRAD_LAYER_H

#include "algorithm.h"
#include "geometry.h"
#include "kernels.h"
#include "split.h"

/* An axis. A kernel longer than the transform takes, or with a stride, is a sum of sub-kernels: sub-kernel s has the
 * taps s % phases + phases * (taps * (s / phases) + i) for i < taps, those beyond the kernel are 0. Each is a kernel
 * of its own, on input channels of its own: every phases-th pixel from the first tap on. */
typedef struct winograd_axis {
    conv_axis axis;
    int transform;       /* see kernels.h */
    int outputs, points; /* of a tile */
    int kernels;         /* kernel transforms: at stride 2 that of the odd cells is one for all of them */
    int taps, phases;    /* of a sub-kernel; pixels between them */
    int64_t subs;        /* sub-kernels */
    int64_t advance;     /* pixels from one tile to the next */
    int64_t span;        /* pixels that one tile reads */
    int64_t dilation,
        pictures;  /* every dilation-th cell is a pixel of one picture; there are no more pictures than cells */
    int64_t tiles; /* of each picture */
} winograd_axis;

/* How windows and taps of an axis lie in that of the whole layer. Those of an ordinary convolution are the layer's own.
 * Of a transposed one, output cells of one phase are an ordinary convolution of stride 1 with some of the taps; or
 * those of all phases are variants of one, which share each tile's components. */
typedef struct winograd_weave {
    int64_t tap_first, tap_step, tap_variant; /* tap t of variant v is the kernel's first + t * step + v * variant */
    int64_t kernel;                           /* beyond which there is none: 0 */
    int64_t cell_first, cell_step, variants;  /* window q of variant v is output cell first + q * step + v */
    int64_t cells;                            /* beyond which there is none */
} winograd_weave;

/* An ordinary convolution: a whole layer, or a part of a transposed one. */
typedef struct winograd_layer {
    const kernels *kernels;
    conv_axis aligned[CONV_MAX_SPATIAL];
    winograd_weave weave[CONV_MAX_SPATIAL];
    winograd_axis y, x;
    int parts;                                           /* of the layer */
    int64_t groups, batch, channels, outputs;            /* channels and outputs of one group */
    int64_t variants;                                    /* of all axes */
    int64_t weight_group, weight_output, weight_channel; /* distances in the layer's weights */
    int64_t subs;                                        /* sub-kernels of both axes */
    bool mixed;                                          /* few channels: a vector holds those of several sub-kernels */
    int64_t vectors;                                     /* of channels that are read together */
    int64_t lumps, lump, lump_step; /* a tile's components: lumps of so many channels each, so many floats apart */
    int64_t padded_channels;        /* floats of a tile's component: all lumps in whole vectors */
    int64_t panel, panels;          /* output channels in panels of whole vectors; each variant has its own */
    int components;
    int kernel_components;
    int64_t plane_tiles, tiles;       /* of one plane; of that of all samples, one sample after the other */
    int64_t slices, out_slices, taps; /* planes along the third axis, in and out, and its kernel */
    bool fused;                       /* one phase: a block transforms, multiplies and transforms back */
    split block;                      /* tiles, in blocks */
    split panel_block;                /* panels, in blocks: 1 when fused */
    split rows;                       /* phase 0 when not fused: runs of a plane */
    int64_t longest_run;              /* tiles of one row that are transformed together */
    int64_t sum_part;                 /* channels that are added up in one chain */
    double cycles;                    /* model of a run, of one core */
    int64_t packed_at, shared_at;     /* floats before this part's weights and components */
} winograd_layer;

enum {
    WINOGRAD_PARTS = 16,
    WINOGRAD_SHARED = 48 << 20 /* bytes of components of all blocks, when they are computed first */
};

/* A layer's parts, which have nothing to do with each other but the input that they read. */
typedef struct winograd_parts {
    int64_t packed, shared; /* floats of all of them */
    double cycles;
    int count;
    winograd_layer part[WINOGRAD_PARTS];
} winograd_parts;

/* The parts in which it costs least. False: there is no Winograd for the layer. */
bool winograd_parts_of(const conv_layout *layout, unsigned cpu, winograd_parts *parts);

/* Fills in the rest of a layer whose axes and channels stand, with those of the transforms for it that cost least.
 * False: there is none. */
bool winograd_layer_fill(winograd_layer *w);

/* Tiles of a part in the first of two phases (0: it is fused) and in the last one. */
int64_t winograd_first_tiles(const winograd_layer *w);
int64_t winograd_last_tiles(const winograd_layer *w);

/* Tiles of one row of one picture: neighbours. */
typedef struct winograd_run {
    int64_t first, count; /* tile numbers */
    int64_t sample, y, x; /* first output cell */
} winograd_run;

/* The run that begins with tile `first` and ends before tile `last`. */
winograd_run winograd_run_at(const winograd_layer *w, int64_t first, int64_t last);

/* Pixels from a tile's first to a sub-kernel's first, and the kernel's tap that is tap i of a sub-kernel. */
static inline int64_t winograd_offset(const winograd_axis *a, int64_t sub) {
    return sub % a->phases + a->phases * a->taps * (sub / a->phases);
}

static inline int64_t winograd_tap(const winograd_axis *a, int64_t sub, int64_t i) {
    return winograd_offset(a, sub) + a->phases * i;
}

/* Pixels that a run of tiles reads, side by side and one above the other. Where sub-kernels' channels are mixed in a
 * vector, each lane has its own pixels. */
void winograd_pixels(const winograd_layer *w, int64_t tiles, int64_t *rows, int64_t *columns);

/* Floats between components of `tiles` tiles. An odd number of cache lines, so that the components of one tile do not
 * fall on the same place of the cache. */
int64_t winograd_step(int64_t tiles, int64_t width);

/* Floats of the components of all tiles and channels of one group's input plane. */
int64_t winograd_plane_floats(const winograd_layer *w);

/* Neighbours of a row of windows are not neighbours in the output. */
static inline bool winograd_spreads(const winograd_layer *w) {
    return w->weave[2].cell_step * w->x.dilation > 1;
}

/* Which of the variants' cells a panel has, along each axis. */
static inline void winograd_variant(const winograd_layer *w, int64_t panel, int64_t variant[CONV_MAX_SPATIAL]) {
    int64_t rest = panel / (w->panels / w->variants);
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        variant[i] = rest % w->weave[i].variants;
        rest /= w->weave[i].variants;
    }
}

/* Which kernel transform a component is multiplied by. */
int winograd_kernel_of(const winograd_layer *w, int component);

/* Kernel transforms, in panels. */
int64_t winograd_packed_floats(const winograd_layer *w);
void winograd_pack(const winograd_layer *w, const conv_operands *operands, float *packed);

#endif
