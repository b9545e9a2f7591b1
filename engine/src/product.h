/* A convolution as a matrix product, weights times patches, in panels that fit the register tile.
 *
 * Of the two one lies along the vectors' lanes. Usually the patches do: outputs then lie as the tensor wants them.
 * Where a plane has so few outputs that lanes would be idle, the weights do ("turned"), and the result is transposed on
 * its way out. Either way each output is its chain; the depth is cut in blocks, and a block goes on from the sums of
 * the one before. */
#ifndef ENGINE_PRODUCT_H
#define ENGINE_PRODUCT_H

#include "kernels.h"

typedef struct product {
    const kernels *kernels;
    patches patches;
    bool turned;
    bool in_place; /* turned, and each window reads its own cell only: the input itself serves as its patches */
    int64_t weight_width, weight_panels; /* output channels of a panel */
    int64_t patch_width, patch_panels;   /* windows of a panel */
    int64_t depth_block;
} product;

product product_of(const patches *p, const kernels *k);

/* Floats of the packed weights of one group, and of its bias. */
int64_t product_packed(const product *m);
int64_t product_bias_floats(const product *m); /* they come first */

/* Packs the weights of one group. bias may be NULL. */
void product_pack(const product *m, const float *weight, const float *bias, float *packed);

/* Floats of workspace for a tile of so many panels. */
int64_t product_patch_floats(const product *m, int64_t patch_panels);
int64_t product_sum_floats(const product *m, int64_t patch_panels, int64_t weight_panels);

/* A range of panels. Sums go to `output` (of the group, window 0), each channel output_step floats after the one
 * before; where the product is turned, by way of `sums`. */
typedef struct product_tile {
    const float *packed;
    const float *input; /* of the group */
    bool bias;
    int64_t patch_first, patch_last, weight_first, weight_last; /* panels */
    float *gathered;                                            /* product_patch_floats */
    bool ready;  /* gathered is filled already, with the whole depth of all patches: see product_gather */
    float *sums; /* product_sum_floats; NULL when not turned */
    float *output;
    int64_t output_step, output_base; /* output[channel * output_step + window - output_base] */
} product_tile;

void product_run(const product *m, const product_tile *tile);

/* Gathers one panel of patches, whole depth, to where product_run finds it. */
void product_gather(const product *m, const float *input, int64_t panel, float *gathered);

#endif
