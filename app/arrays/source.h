/* Tensor sources to numbers: presets for inputs and weights, files and pictures. The same source gives the same numbers
 * on every machine. */
#ifndef ARRAYS_SOURCE_H
#define ARRAYS_SOURCE_H

#include "app/document/document.h"
#include "array.h"

/* What the numbers are for: SOURCE_DEFAULT and the kernels depend on it. */
typedef enum source_use {
    SOURCE_FOR_INPUT,
    SOURCE_FOR_WEIGHT,
    SOURCE_FOR_BIAS,
    SOURCE_FOR_OFFSET,    /* of a deformable convolution */
    SOURCE_FOR_MASK,      /* of a deformable convolution: 0..1 */
    SOURCE_FOR_GAMMA,     /* BatchNorm's weight, running_var: positive */
    SOURCE_FOR_MEAN,      /* BatchNorm's bias, running_mean */
    SOURCE_FOR_BOTH_SIGNS /* an input of what treats negative numbers in a way of its own */
} source_use;

/* What the input is for when that operation reads it first. */
source_use source_input_use(const conv_op *first);

/* Writes conv_shape_count(shape) numbers, the edits on top. `base` is the folder that file names are taken from (NULL:
 * the working directory, and then any path is allowed; else names that leave the folder are refused). `assets`: where
 * the sample pictures are. */
bool source_fill(const tensor_source *s, source_use use, const conv_shape *shape, const char *base, const char *assets,
                 float *numbers, failure *f);

/* The shape that a source brings with it: a picture (channels, height, width), a file's. A source that fits any shape
 * gives rank 0. */
bool source_shape(const tensor_source *s, const char *base, const char *assets, conv_shape *shape, failure *f);

/* Names of the image kernels (identity, box, gaussian, sharpen, sobel-x, sobel-y, laplacian, emboss) and of the sample
 * pictures, for menus: NULL at the end of the list. Sizes other than a kernel's own are filled where there is a meaning
 * (box, gaussian, identity), else centred in zeros. Behind a name ":column", ":row", ":split" or ":missed" may stand:
 * the factors of the kernel's best split into two passes, their product, and what it misses (see conv_separate). */
const char *source_kernel_name(int index);

#endif
