/* The table of operations: names, parameters and defaults as PyTorch 1.13 has them. */
#include "conv/operation.h"
#include <string.h>

#define NO_BOUND INT64_MIN
#define REQUIRED NULL
#define INT(name, least, initial)                                                                                      \
    { name, CONV_PARAM_INT, (initial) == NULL, least, initial, NULL }
#define INTS(name, least, initial)                                                                                     \
    { name, CONV_PARAM_INTS, (initial) == NULL, least, initial, NULL }
#define SIDES(name)                                                                                                    \
    { name, CONV_PARAM_SIDES, true, NO_BOUND, REQUIRED, NULL }
#define SIZES(name, initial)                                                                                           \
    { name, CONV_PARAM_SIZES, (initial) == NULL, 1, initial, NULL }
#define BOOL(name, initial)                                                                                            \
    { name, CONV_PARAM_BOOL, (initial) == NULL, NO_BOUND, initial, NULL }
#define REAL(name, initial)                                                                                            \
    { name, CONV_PARAM_REAL, (initial) == NULL, NO_BOUND, initial, NULL }
#define CHOICE(name, choices, initial)                                                                                 \
    { name, CONV_PARAM_CHOICE, false, NO_BOUND, initial, choices }
#define IGNORED(name, initial)                                                                                         \
    { name, CONV_PARAM_IGNORED, false, NO_BOUND, initial, NULL }
#define PADDING                                                                                                        \
    { "padding", CONV_PARAM_PADDING, false, 0, "0", NULL }
#define SCALES                                                                                                         \
    { "scale_factor", CONV_PARAM_SCALES, false, NO_BOUND, "None", NULL }
#define DIMS                                                                                                           \
    { "dims", CONV_PARAM_DIMS, true, NO_BOUND, REQUIRED, NULL }

static const char *const padding_modes[] = {"zeros", "reflect", "replicate", "circular", NULL};
static const char *const upsample_modes[] = {"nearest", "linear", "bilinear", "trilinear", NULL};

static const conv_param conv_params[] = {
    INT("in_channels", 1, REQUIRED),
    INT("out_channels", 1, REQUIRED),
    INTS("kernel_size", 1, REQUIRED),
    INTS("stride", 1, "1"),
    PADDING,
    INTS("dilation", 1, "1"),
    INT("groups", 1, "1"),
    BOOL("bias", "True"),
    CHOICE("padding_mode", padding_modes, "'zeros'"),
    IGNORED("device", "None"),
    IGNORED("dtype", "None"),
};
static const conv_param transpose_params[] = {
    INT("in_channels", 1, REQUIRED),
    INT("out_channels", 1, REQUIRED),
    INTS("kernel_size", 1, REQUIRED),
    INTS("stride", 1, "1"),
    INTS("padding", 0, "0"),
    INTS("output_padding", 0, "0"),
    INT("groups", 1, "1"),
    BOOL("bias", "True"),
    INTS("dilation", 1, "1"),
    CHOICE("padding_mode", padding_modes, "'zeros'"),
    IGNORED("device", "None"),
    IGNORED("dtype", "None"),
};
static const conv_param deform_params[] = {
    INT("in_channels", 1, REQUIRED),
    INT("out_channels", 1, REQUIRED),
    INTS("kernel_size", 1, REQUIRED),
    INTS("stride", 1, "1"),
    INTS("padding", 0, "0"),
    INTS("dilation", 1, "1"),
    INT("groups", 1, "1"),
    BOOL("bias", "True"),
};
static const conv_param unfold_params[] = {
    INTS("kernel_size", 1, REQUIRED),
    INTS("dilation", 1, "1"),
    INTS("padding", 0, "0"),
    INTS("stride", 1, "1"),
};
static const conv_param fold_params[] = {
    INTS("output_size", 1, REQUIRED), INTS("kernel_size", 1, REQUIRED), INTS("dilation", 1, "1"),
    INTS("padding", 0, "0"),          INTS("stride", 1, "1"),
};
static const conv_param max_pool_params[] = {
    INTS("kernel_size", 1, REQUIRED), INTS("stride", 1, "None"),       INTS("padding", 0, "0"),
    INTS("dilation", 1, "1"),         BOOL("return_indices", "False"), BOOL("ceil_mode", "False"),
};
static const conv_param avg_pool_params[] = {
    INTS("kernel_size", 1, REQUIRED), INTS("stride", 1, "None"),         INTS("padding", 0, "0"),
    BOOL("ceil_mode", "False"),       BOOL("count_include_pad", "True"), INT("divisor_override", NO_BOUND, "None"),
};
static const conv_param adaptive_max_params[] = {SIZES("output_size", REQUIRED), BOOL("return_indices", "False")};
static const conv_param adaptive_avg_params[] = {SIZES("output_size", REQUIRED)};
/* output_size is an argument of MaxUnpool's forward in PyTorch; here it comes last. */
static const conv_param unpool_params[] = {
    INTS("kernel_size", 1, REQUIRED),
    INTS("stride", 1, "None"),
    INTS("padding", 0, "0"),
    SIZES("output_size", "None"),
};
static const conv_param upsample_params[] = {
    SIZES("size", "None"),
    SCALES,
    CHOICE("mode", upsample_modes, "'nearest'"),
    BOOL("align_corners", "None"),
    BOOL("recompute_scale_factor", "None"),
};
static const conv_param upsampling_params[] = {SIZES("size", "None"), SCALES};
static const conv_param pad_params[] = {SIDES("padding")};
static const conv_param constant_pad_params[] = {SIDES("padding"), REAL("value", REQUIRED)};
static const conv_param relu_params[] = {IGNORED("inplace", "False")};
static const conv_param dropout_params[] = {REAL("p", "0.5"), IGNORED("inplace", "False")};
static const conv_param leaky_relu_params[] = {REAL("negative_slope", "0.01"), IGNORED("inplace", "False")};
static const conv_param softmax_params[] = {INT("dim", NO_BOUND, "None")};
static const conv_param batch_norm_params[] = {
    INT("num_features", 1, REQUIRED),    REAL("eps", "1e-05"),      IGNORED("momentum", "0.1"), BOOL("affine", "True"),
    BOOL("track_running_stats", "True"), IGNORED("device", "None"), IGNORED("dtype", "None"),
};
static const conv_param linear_params[] = {
    INT("in_features", 1, REQUIRED), INT("out_features", 1, REQUIRED), BOOL("bias", "True"),
    IGNORED("device", "None"),       IGNORED("dtype", "None"),
};
static const conv_param flatten_params[] = {INT("start_dim", NO_BOUND, "1"), INT("end_dim", NO_BOUND, "-1")};
static const conv_param permute_params[] = {DIMS};
static const conv_param channel_shuffle_params[] = {INT("groups", 1, REQUIRED)};
static const conv_param pixel_shuffle_params[] = {INT("upscale_factor", 1, REQUIRED)};
static const conv_param pixel_unshuffle_params[] = {INT("downscale_factor", 1, REQUIRED)};
static const conv_param cat_params[] = {INT("dim", NO_BOUND, "1")};

#define COUNT(params) (int)(sizeof(params) / sizeof(params)[0])
#define ROW(name, module, kind, dims, linear, flow, params)                                                            \
    { name, module, kind, dims, false, linear, flow, COUNT(params), params }
#define LAZY(name, kind, dims, flow, params)                                                                           \
    { name, "nn", kind, dims, true, true, flow, COUNT(params) - 1, (params) + 1 }
#define BARE(name, module, kind, linear)                                                                               \
    { name, module, kind, 0, false, linear, CONV_GATHER, 0, NULL }

static const conv_op table[] = {
    ROW("Conv1d", "nn", CONV_CONV, 1, true, CONV_GATHER, conv_params),
    ROW("Conv2d", "nn", CONV_CONV, 2, true, CONV_GATHER, conv_params),
    ROW("Conv3d", "nn", CONV_CONV, 3, true, CONV_GATHER, conv_params),
    LAZY("LazyConv1d", CONV_CONV, 1, CONV_GATHER, conv_params),
    LAZY("LazyConv2d", CONV_CONV, 2, CONV_GATHER, conv_params),
    LAZY("LazyConv3d", CONV_CONV, 3, CONV_GATHER, conv_params),
    ROW("ConvTranspose1d", "nn", CONV_TRANSPOSE, 1, true, CONV_SCATTER, transpose_params),
    ROW("ConvTranspose2d", "nn", CONV_TRANSPOSE, 2, true, CONV_SCATTER, transpose_params),
    ROW("ConvTranspose3d", "nn", CONV_TRANSPOSE, 3, true, CONV_SCATTER, transpose_params),
    LAZY("LazyConvTranspose1d", CONV_TRANSPOSE, 1, CONV_SCATTER, transpose_params),
    LAZY("LazyConvTranspose2d", CONV_TRANSPOSE, 2, CONV_SCATTER, transpose_params),
    LAZY("LazyConvTranspose3d", CONV_TRANSPOSE, 3, CONV_SCATTER, transpose_params),
    ROW("DeformConv2d", "torchvision.ops", CONV_DEFORM, 2, true, CONV_GATHER, deform_params),
    ROW("Unfold", "nn", CONV_UNFOLD, 2, true, CONV_COPY, unfold_params),
    ROW("Fold", "nn", CONV_FOLD, 2, true, CONV_SCATTER, fold_params),
    ROW("MaxPool1d", "nn", CONV_MAX_POOL, 1, false, CONV_GATHER, max_pool_params),
    ROW("MaxPool2d", "nn", CONV_MAX_POOL, 2, false, CONV_GATHER, max_pool_params),
    ROW("MaxPool3d", "nn", CONV_MAX_POOL, 3, false, CONV_GATHER, max_pool_params),
    {"AvgPool1d", "nn", CONV_AVG_POOL, 1, false, true, CONV_GATHER, COUNT(avg_pool_params) - 1, avg_pool_params},
    ROW("AvgPool2d", "nn", CONV_AVG_POOL, 2, true, CONV_GATHER, avg_pool_params),
    ROW("AvgPool3d", "nn", CONV_AVG_POOL, 3, true, CONV_GATHER, avg_pool_params),
    ROW("AdaptiveMaxPool1d", "nn", CONV_ADAPTIVE_MAX_POOL, 1, false, CONV_GATHER, adaptive_max_params),
    ROW("AdaptiveMaxPool2d", "nn", CONV_ADAPTIVE_MAX_POOL, 2, false, CONV_GATHER, adaptive_max_params),
    ROW("AdaptiveMaxPool3d", "nn", CONV_ADAPTIVE_MAX_POOL, 3, false, CONV_GATHER, adaptive_max_params),
    ROW("AdaptiveAvgPool1d", "nn", CONV_ADAPTIVE_AVG_POOL, 1, true, CONV_GATHER, adaptive_avg_params),
    ROW("AdaptiveAvgPool2d", "nn", CONV_ADAPTIVE_AVG_POOL, 2, true, CONV_GATHER, adaptive_avg_params),
    ROW("AdaptiveAvgPool3d", "nn", CONV_ADAPTIVE_AVG_POOL, 3, true, CONV_GATHER, adaptive_avg_params),
    ROW("MaxUnpool1d", "nn", CONV_MAX_UNPOOL, 1, true, CONV_SCATTER, unpool_params),
    ROW("MaxUnpool2d", "nn", CONV_MAX_UNPOOL, 2, true, CONV_SCATTER, unpool_params),
    ROW("MaxUnpool3d", "nn", CONV_MAX_UNPOOL, 3, true, CONV_SCATTER, unpool_params),
    ROW("Upsample", "nn", CONV_UPSAMPLE, 0, true, CONV_GATHER, upsample_params),
    ROW("UpsamplingNearest2d", "nn", CONV_UPSAMPLE, 2, true, CONV_COPY, upsampling_params),
    ROW("UpsamplingBilinear2d", "nn", CONV_UPSAMPLE, 2, true, CONV_GATHER, upsampling_params),
    ROW("ZeroPad2d", "nn", CONV_PAD, 2, true, CONV_COPY, pad_params),
    ROW("ConstantPad1d", "nn", CONV_PAD, 1, true, CONV_COPY, constant_pad_params),
    ROW("ConstantPad2d", "nn", CONV_PAD, 2, true, CONV_COPY, constant_pad_params),
    ROW("ConstantPad3d", "nn", CONV_PAD, 3, true, CONV_COPY, constant_pad_params),
    ROW("ReflectionPad1d", "nn", CONV_PAD, 1, true, CONV_COPY, pad_params),
    ROW("ReflectionPad2d", "nn", CONV_PAD, 2, true, CONV_COPY, pad_params),
    ROW("ReflectionPad3d", "nn", CONV_PAD, 3, true, CONV_COPY, pad_params),
    ROW("ReplicationPad1d", "nn", CONV_PAD, 1, true, CONV_COPY, pad_params),
    ROW("ReplicationPad2d", "nn", CONV_PAD, 2, true, CONV_COPY, pad_params),
    ROW("ReplicationPad3d", "nn", CONV_PAD, 3, true, CONV_COPY, pad_params),
    ROW("ReLU", "nn", CONV_RELU, 0, false, CONV_GATHER, relu_params),
    ROW("LeakyReLU", "nn", CONV_LEAKY_RELU, 0, false, CONV_GATHER, leaky_relu_params),
    BARE("Tanh", "nn", CONV_TANH, false),
    BARE("Sigmoid", "nn", CONV_SIGMOID, false),
    ROW("SiLU", "nn", CONV_SILU, 0, false, CONV_GATHER, relu_params),
    ROW("ReLU6", "nn", CONV_RELU6, 0, false, CONV_GATHER, relu_params),
    ROW("Hardsigmoid", "nn", CONV_HARDSIGMOID, 0, false, CONV_GATHER, relu_params),
    ROW("Hardswish", "nn", CONV_HARDSWISH, 0, false, CONV_GATHER, relu_params),
    ROW("Softmax", "nn", CONV_SOFTMAX, 0, false, CONV_GATHER, softmax_params),
    {"Softmax2d", "nn", CONV_SOFTMAX, 2, false, false, CONV_GATHER, 0, NULL},
    ROW("BatchNorm1d", "nn", CONV_BATCH_NORM, 1, true, CONV_GATHER, batch_norm_params),
    ROW("BatchNorm2d", "nn", CONV_BATCH_NORM, 2, true, CONV_GATHER, batch_norm_params),
    ROW("BatchNorm3d", "nn", CONV_BATCH_NORM, 3, true, CONV_GATHER, batch_norm_params),
    ROW("Linear", "nn", CONV_LINEAR, 0, true, CONV_GATHER, linear_params),
    ROW("Flatten", "nn", CONV_FLATTEN, 0, true, CONV_COPY, flatten_params),
    ROW("Permute", "torchvision.ops", CONV_PERMUTE, 0, true, CONV_COPY, permute_params),
    {"Identity", "nn", CONV_IDENTITY, 0, false, true, CONV_COPY, 0, NULL},
    ROW("Dropout", "nn", CONV_IDENTITY, 0, true, CONV_COPY, dropout_params),
    ROW("Dropout1d", "nn", CONV_IDENTITY, 0, true, CONV_COPY, dropout_params),
    ROW("Dropout2d", "nn", CONV_IDENTITY, 0, true, CONV_COPY, dropout_params),
    ROW("Dropout3d", "nn", CONV_IDENTITY, 0, true, CONV_COPY, dropout_params),
    ROW("ChannelShuffle", "nn", CONV_CHANNEL_SHUFFLE, 0, true, CONV_COPY, channel_shuffle_params),
    ROW("PixelShuffle", "nn", CONV_PIXEL_SHUFFLE, 2, true, CONV_COPY, pixel_shuffle_params),
    ROW("PixelUnshuffle", "nn", CONV_PIXEL_UNSHUFFLE, 2, true, CONV_COPY, pixel_unshuffle_params),
    ROW("Cat", "", CONV_CAT, 0, true, CONV_COPY, cat_params),
    BARE("Add", "", CONV_ADD, true),
};

int conv_op_count(void) {
    return COUNT(table);
}

const conv_op *conv_op_at(int index) {
    return index >= 0 && index < COUNT(table) ? &table[index] : NULL;
}

const conv_op *conv_op_find(const char *name) {
    for (int i = 0; i < COUNT(table); i++)
        if (strcmp(table[i].name, name) == 0) return &table[i];
    return NULL;
}

int conv_param_find(const conv_op *op, const char *name) {
    for (int i = 0; i < op->param_count; i++)
        if (strcmp(op->params[i].name, name) == 0) return i;
    return -1;
}
