/* Shape rules and geometry: everything that is known of an operation before any data exists. */
#ifndef CONV_LAYOUT_H
#define CONV_LAYOUT_H

#include "operation.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Geometry of one spatial axis. The one place where it is decided where a tap lands:
 *     padded coordinate p = window * stride + tap * dilation - pad_before
 * with p = 0 the first real cell. For gathering operations windows are output positions and p is in the input;
 * for scattering ones windows are input positions and p is in the output. */
typedef struct conv_axis {
    int64_t in, out; /* input and output size */
    int64_t kernel, stride, dilation;
    int64_t pad_before, pad_after; /* transposed: what is cut off; pad_after counts output_padding in */
    conv_padding_mode mode;
} conv_axis;

/* Extent of the kernel with its gaps: dilation * (kernel - 1) + 1. */
int64_t conv_axis_extent(const conv_axis *axis);

/* Padded coordinate of a tap, as above. */
int64_t conv_axis_tap(const conv_axis *axis, int64_t window, int64_t tap);

/* The cell of an axis of `size` cells that padded coordinate p reads: p itself inside, the copied cell for
 * reflect, replicate and circular padding, -1 where the padding is a constant. */
int64_t conv_axis_source(conv_padding_mode mode, int64_t size, int64_t p);

/* Cost. Multiply-adds are counted as the field does (taps in padding and stamps that are cut off included). */
typedef struct conv_cost {
    int64_t parameters;    /* weights and biases */
    int64_t multiply_adds; /* outputs x C_in/groups x kernel; transposed: inputs x C_out/groups x kernel. For the whole
                              batch. -1: overflow */
    int64_t touching_data; /* how many of them read a real input cell and reach a kept output cell */
} conv_cost;

/* All that is known of an operation on inputs of given shapes. Output element (batch, channel, cell) has the flat index
 * ((batch * out_channels + channel) * axis[0].out + cell[0]) * axis[1].out + ...; input elements likewise with
 * in_channels and axis[].in. Kinds see it so: Unfold's output channels are rows, its cells windows; Fold's input
 * likewise; Linear's channels are features; Flatten, Permute and Cat are one line of cells. Adaptive pooling's kernel
 * is its largest window, its stride rounded down. */
typedef struct conv_layout {
    conv_spec spec; /* resolved: lazy channels filled in */
    conv_flow flow; /* as the operation's, but nearest upsampling copies */
    bool batched;   /* the input has a batch axis */
    int dims;       /* spatial axes in use */
    int64_t batch, in_channels, out_channels;
    conv_axis axis[CONV_MAX_SPATIAL]; /* axes from `dims` on are neutral (a kernel of one) and, but for lines of cells,
                                         have one cell */
    int input_count;
    conv_shape input[CONV_MAX_INPUTS];
    conv_shape weight, bias, offset, mask; /* rank 0: the operation has none. mask: optional for DeformConv2d */
    conv_shape running;                    /* BatchNorm: shape of running_mean and running_var */
    conv_shape output;
    int64_t steps; /* see conv_flow */
    conv_cost cost;
} conv_layout;

/* Applies the shape rule. Refuses what PyTorch refuses, in words that say what to change; never allocates. */
conv_status conv_layout_infer(const conv_spec *spec, const conv_shape *inputs, int input_count, conv_layout *layout,
                              conv_error *error);

/* The formula of the output size along one spatial axis with its numbers put in,
 * "floor((5 + 2×1 - 1×(3 - 1) - 1) / 2 + 1) = 3", as on the operation's PyTorch page. Language-neutral. Returns text.
 */
char *conv_layout_formula(const conv_layout *layout, int axis, char *text, int size);

/* The same in symbols: "floor((H_in + 2×padding[0] - dilation[0]×(kernel_size[0] - 1) - 1) / stride[0] + 1)". */
char *conv_layout_formula_symbols(const conv_layout *layout, int axis, char *text, int size);

/* Receptive field along one axis (Araujo, Norris, Sim: Computing Receptive Fields of CNNs, 2019):
 * an output cell o sees the input cells start + jump*o ... start + jump*o + size - 1, before clipping to the input.
 * Upsampling and transposed layers make jump a fraction and the extent depend on the phase; then size is the largest.
 */
typedef struct conv_field {
    int64_t size; /* span + 1, rounded up */
    double jump;
    double start;
    double
        span; /* distance from the first to the last cell seen; where jump is a fraction, not always a whole number */
} conv_field;

/* The field of a sequence of layers: begin with conv_field_identity and add the layers from input to output. */
conv_field conv_field_identity(void);
conv_field conv_field_through(conv_field before, const conv_layout *layout, int axis);

/* The exact interval [first, last] of one layer's input cells that the output cells [out_first, out_last] depend on,
 * clipped to the input; empty (first > last) when they depend on none. Chained from the last layer to the first, it
 * gives the true field of a cell. */
void conv_layout_reach(const conv_layout *layout, int axis, int64_t out_first, int64_t out_last, int64_t *first,
                       int64_t *last);

#ifdef __cplusplus
}
#endif

#endif
