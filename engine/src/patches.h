/* What the outputs of a convolution read, axis by axis: window q, tap t lie on input cell q * step + base + t *
 * dilation. It serves an ordinary convolution and each output phase of a transposed one, which is a small convolution
 * of stride 1. */
#ifndef ENGINE_PATCHES_H
#define ENGINE_PATCHES_H

#include "conv/layout.h"

typedef struct patch_axis {
    int64_t count; /* windows */
    int64_t size;  /* input cells */
    int64_t taps, step, base, dilation;
    conv_padding_mode mode; /* what a cell outside reads */
    int64_t weight_first,
        weight_step; /* tap t multiplies the weight at kernel position weight_first + t * weight_step */
    int64_t output_first, output_step; /* window q is output cell output_first + q * output_step */
    int64_t
        variants; /* phases that read the same: variant v multiplies weights v farther on and is output v farther on */
} patch_axis;

typedef struct patches {
    patch_axis axis[CONV_MAX_SPATIAL]; /* depth, height, width: unused ones come first and have one cell */
    int64_t kernel[CONV_MAX_SPATIAL];  /* whole kernel, in the same order */
    int64_t channels, outputs;         /* input and output channels of one group; outputs: times variants */
    int64_t variants;                  /* of all axes */
    int64_t plane;                     /* input cells of one channel */
    int64_t output_plane;              /* output cells of one channel */
    int64_t pixels, taps, depth;       /* windows, taps of a channel, taps of a window */
    int64_t weight_output,
        weight_channel; /* distance in the weight from one output and from one input channel to the next */
    int64_t weight_group;
} patches;

/* Ordinary convolution. A kernel of one cell that skips nothing sees its input as one long row. */
patches patches_of_convolution(const conv_layout *layout);

/* Each window reads its own cell only, and there is one for every cell. */
bool patch_axis_is_input(const patch_axis *axis);

/* Transposed: output cells with the same remainders modulo the strides are one phase. Along an axis where all phases
 * read the same cells (the kernel is as long as the stride) they are variants of one: more output channels of the same
 * product. */
int64_t patches_phases(const conv_layout *layout);
patches patches_of_phase(const conv_layout *layout, int64_t phase);

/* Of a variant: how much farther on its weights lie, and its place along each axis. */
int64_t patches_variant_weight(const patches *p, int64_t variant);
void patches_variant_place(const patches *p, int64_t variant, int64_t place[CONV_MAX_SPATIAL]);

/* The three axes of a layout, unused ones first. */
void axes_aligned(const conv_layout *layout, conv_axis axis[CONV_MAX_SPATIAL]);

#endif
