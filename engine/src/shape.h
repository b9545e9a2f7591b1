/* Parts of shape rules that several kinds share. */
#ifndef ENGINE_SHAPE_H
#define ENGINE_SHAPE_H

#include "conv/layout.h"

/* Reads batch, channels and spatial sizes from the first input, which has dims + 1 axes (one sample) or dims + 2 (a
 * batch). */
conv_status shape_read_input(conv_layout *layout, int dims, conv_error *error);

/* Fills layout->output from batch, out_channels and the axes; flow by flow. */
void shape_write_output(conv_layout *layout);

/* An input of any rank whose elements keep their places: batch and channels are its first two axes. The output has its
 * shape. */
void shape_pointwise(conv_layout *layout);

/* An axis given as in Python, counted from the end when negative. */
conv_status shape_dim(int64_t dim, int rank, const char *parameter, int *axis, conv_error *error);

/* Refuses wrong in_channels; takes them over when the spec is lazy. */
conv_status shape_channels(conv_layout *layout, conv_error *error);

/* Sums and products that must not overflow; they refuse for the parameter named. */
conv_status shape_multiply(int64_t a, int64_t b, int64_t *product, const char *parameter, conv_error *error);

/* Largest size of any axis, so that geometry never overflows. */
#define SHAPE_LARGEST ((int64_t)1 << 40)
conv_status shape_check_sizes(const conv_spec *spec, conv_error *error);

/* Output size of sliding windows: floor((in + before + after - extent) / stride) + 1. Refuses an empty one. */
conv_status shape_slide(conv_axis *axis, conv_error *error);

/* "H" of (D, H, W) for one axis of `dims`. */
const char *axis_letter(int dims, int axis);

#endif
