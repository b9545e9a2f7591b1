/* Included once by each kernels_SET.c, after it has said which set it is: makes that set's table. */
#include "kernel_blend.h"
#include "kernel_channels.h"
#include "kernel_copy.h"
#include "kernel_flat.h"
#include "kernel_lines.h"
#include "kernel_pack.h"
#include "kernel_rows.h"
#include "kernel_tile.h"
#include "kernel_winograd.h"

#define KERNEL_SET(set_name)                                                                                           \
    {                                                                                                                  \
        .name = (set_name), .lanes = LANES, .tile_rows = SUM_ROWS, .tile = kernel_tile, .rows = kernel_rows,           \
        .flat = kernel_flat, .channels = kernel_channels, .blend = kernel_blend, .copy = kernel_copy,                  \
        .transpose = kernel_transpose, .interleave = kernel_interleave, .spread = kernel_spread,                       \
        .exponentials = kernel_exponentials, .divide = kernel_divide,                                                  \
        .elementwise = {[CONV_RELU] = kernel_relu,                                                                     \
                        [CONV_LEAKY_RELU] = kernel_leaky_relu,                                                         \
                        [CONV_TANH] = kernel_tanh,                                                                     \
                        [CONV_SIGMOID] = kernel_sigmoid,                                                               \
                        [CONV_SILU] = kernel_silu,                                                                     \
                        [CONV_RELU6] = kernel_relu6,                                                                   \
                        [CONV_HARDSIGMOID] = kernel_hardsigmoid,                                                       \
                        [CONV_HARDSWISH] = kernel_hardswish},                                                          \
        .maximum = kernel_maximum, .line_sums = kernel_line_sums, .pack = kernel_pack,                                 \
        .winograd_input = kernel_winograd_input, .winograd_output = kernel_winograd_output                             \
    }
