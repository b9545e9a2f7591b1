/* How Winograd divides a layer: tiles, blocks of tiles, and where their components stand. */
#ifndef ENGINE_WINOGRAD_LAYER_H
#define ENGINE_WINOGRAD_LAYER_H

#include "algorithm.h"
#include "geometry.h"
#include "kernels.h"
#include "split.h"

typedef struct winograd_axis {
    conv_axis axis;
    int outputs, points; /* of a tile: 4 and 6, 2 and 6, 4 and 9 at stride 2, or 1 and 1; it reads as many cells */
    int kernels;         /* kernel transforms: those of the odd cells at stride 2 are one */
    int advance;         /* cells from one tile to the next */
    int64_t dilation,
        pictures;  /* every dilation-th cell belongs to one picture; there are no more pictures than cells */
    int64_t tiles; /* of each picture */
} winograd_axis;

typedef struct winograd_layer {
    const kernels *kernels;
    conv_axis aligned[CONV_MAX_SPATIAL];
    winograd_axis y, x;
    int64_t groups, batch, channels, outputs; /* channels and outputs of one group */
    int64_t padded_channels, panel, panels;   /* output channels in panels of whole vectors */
    int components;                           /* 36 or 6; at stride 2 81 or 9 */
    int kernel_components;                    /* 36 or 6 */
    int64_t tiles;                            /* of one plane */
    int64_t slices, out_slices, taps;         /* planes along the third axis, in and out, and its kernel */
    bool fused;                               /* one phase: a block transforms, multiplies and transforms back */
    split block;                              /* tiles of a plane, in blocks */
    split panel_block;                        /* panels, in blocks: 1 when fused */
    split rows;                               /* phase 0 when not fused: runs of a plane */
    int64_t longest_run;                      /* tiles of one row that are transformed together */
} winograd_layer;

bool winograd_can(const conv_layout *layout);
winograd_layer winograd_layer_of(const conv_layout *layout, unsigned cpu);

/* Tiles of one row of one picture: neighbours. */
typedef struct winograd_run {
    int64_t first, count; /* tile numbers */
    int64_t y, x;         /* first output cell */
} winograd_run;

/* The run that begins with tile `first` and ends before tile `last`. */
winograd_run winograd_run_at(const winograd_layer *w, int64_t first, int64_t last);

/* Floats between components of `tiles` tiles. An odd number of cache lines, so that the components of one tile do not
 * fall on the same place of the cache. */
int64_t winograd_step(int64_t tiles, int64_t width);

/* Which kernel transform a component is multiplied by. */
int winograd_kernel_of(const winograd_layer *w, int component);

/* Kernel transforms, in panels. */
int64_t winograd_packed_floats(const winograd_layer *w);
void winograd_pack(const winograd_layer *w, bool flip, const conv_operands *operands, float *packed);

#endif
