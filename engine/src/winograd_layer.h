/* How Winograd divides a layer: transforms, tiles, blocks of tiles, and where their components stand. */
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

typedef struct winograd_layer {
    const kernels *kernels;
    int family; /* of transforms: their points */
    conv_axis aligned[CONV_MAX_SPATIAL];
    winograd_axis y, x;
    int64_t groups, batch, channels, outputs; /* channels and outputs of one group */
    int64_t subs;                             /* sub-kernels of both axes */
    bool mixed;                               /* few channels: a vector holds those of several sub-kernels */
    int64_t vectors;                          /* of channels that are read together */
    int64_t lumps, lump, lump_step; /* a tile's components: lumps of so many channels each, so many floats apart */
    int64_t padded_channels;        /* floats of a tile's component: all lumps in whole vectors */
    int64_t panel, panels;          /* output channels in panels of whole vectors */
    int components;
    int kernel_components;
    int64_t plane_tiles, tiles;       /* of one plane; of that of all samples, one sample after the other */
    int64_t slices, out_slices, taps; /* planes along the third axis, in and out, and its kernel */
    bool fused;                       /* one phase: a block transforms, multiplies and transforms back */
    split block;                      /* tiles, in blocks */
    split panel_block;                /* panels, in blocks: 1 when fused */
    split rows;                       /* phase 0 when not fused: runs of a plane */
    int64_t longest_run;              /* tiles of one row that are transformed together */
} winograd_layer;

bool winograd_can(const conv_layout *layout, unsigned cpu);
/* With those of the transforms for it that cost least. */
winograd_layer winograd_layer_of(const conv_layout *layout, unsigned cpu);
/* With those of a family that was chosen. */
winograd_layer winograd_layer_in(const conv_layout *layout, unsigned cpu, int family);

/* Model of a run, in cycles of one core. */
double winograd_cycles(const winograd_layer *w);

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

/* Which kernel transform a component is multiplied by. */
int winograd_kernel_of(const winograd_layer *w, int component);

/* Kernel transforms, in panels. */
int64_t winograd_packed_floats(const winograd_layer *w);
void winograd_pack(const winograd_layer *w, bool flip, const conv_operands *operands, float *packed);

#endif
