/* The table of operations, and what one operation is set to.
 *
 * Each operation is one row: PyTorch's name, its parameters with PyTorch's defaults, and (inside the
 * library) its shape rule, kernel, trace and gradient. Parsers, inspectors and steppers are written
 * against the parameter table, not against single operations. All of it is constant data: safe on any thread. */
#ifndef CONV_OPERATION_H
#define CONV_OPERATION_H

#include "error.h"
#include "tensor.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum conv_kind {
    CONV_CONV,      /* Conv1d, 2d, 3d and their Lazy forms */
    CONV_TRANSPOSE, /* ConvTranspose1d, 2d, 3d and their Lazy forms */
    CONV_DEFORM,    /* torchvision.ops.DeformConv2d, v1 and (with a mask) v2 */
    CONV_UNFOLD,
    CONV_FOLD,
    CONV_MAX_POOL,
    CONV_AVG_POOL,
    CONV_ADAPTIVE_MAX_POOL,
    CONV_ADAPTIVE_AVG_POOL,
    CONV_MAX_UNPOOL,
    CONV_UPSAMPLE,
    CONV_PAD, /* ZeroPad2d, ConstantPad, ReflectionPad, ReplicationPad */
    CONV_RELU,
    CONV_LEAKY_RELU,
    CONV_TANH,
    CONV_SIGMOID,
    CONV_SILU,
    CONV_RELU6,
    CONV_HARDSIGMOID,
    CONV_HARDSWISH,
    CONV_SOFTMAX,
    CONV_BATCH_NORM, /* in evaluation mode */
    CONV_LINEAR,
    CONV_FLATTEN,
    CONV_PERMUTE,
    CONV_IDENTITY, /* and Dropout, which does nothing in evaluation mode */
    CONV_CHANNEL_SHUFFLE,
    CONV_PIXEL_SHUFFLE,
    CONV_PIXEL_UNSHUFFLE,
    CONV_CAT, /* concatenation of several inputs along `dim` */
    CONV_ADD, /* sum of several inputs of one shape */
    CONV_KIND_COUNT
} conv_kind;

/* How the work of an operation is divided into steps. */
typedef enum conv_flow {
    CONV_GATHER,  /* step s computes output element s (C order) from its taps */
    CONV_SCATTER, /* step s adds input element s (C order), times the kernel, onto the output; the bias is one last step
                   */
    CONV_COPY     /* step s copies to output element s the one element that it reads */
} conv_flow;

typedef enum conv_padding_mode {
    CONV_ZEROS,
    CONV_REFLECT,
    CONV_REPLICATE,
    CONV_CIRCULAR,
    CONV_CONSTANT
} conv_padding_mode;
typedef enum conv_padding_kind { CONV_PADDING_NUMBERS, CONV_PADDING_VALID, CONV_PADDING_SAME } conv_padding_kind;
typedef enum conv_upsample_mode {
    CONV_UPSAMPLE_NEAREST,
    CONV_UPSAMPLE_LINEAR,
    CONV_UPSAMPLE_BILINEAR,
    CONV_UPSAMPLE_TRILINEAR
} conv_upsample_mode;

/* A Python value, as a constructor's argument. */
typedef enum conv_value_kind {
    CONV_VALUE_NONE,
    CONV_VALUE_BOOL,
    CONV_VALUE_INT,
    CONV_VALUE_REAL,
    CONV_VALUE_TEXT,
    CONV_VALUE_TUPLE
} conv_value_kind;

typedef struct conv_scalar {
    conv_value_kind kind; /* NONE, BOOL, INT or REAL */
    int64_t integer;      /* INT; BOOL as 0 or 1 */
    double real;          /* REAL, and INT as its nearest double */
} conv_scalar;

typedef struct conv_value {
    conv_value_kind kind;
    conv_scalar scalar; /* NONE, BOOL, INT, REAL */
    char text[24];      /* TEXT */
    int count;          /* TUPLE: 0..CONV_MAX_DIMS items */
    conv_scalar item[CONV_MAX_DIMS];
} conv_value;

/* What a parameter takes. */
typedef enum conv_param_type {
    CONV_PARAM_INT,
    CONV_PARAM_INTS,    /* an int for every axis, or a tuple with one for each */
    CONV_PARAM_PADDING, /* as INTS, or 'same' or 'valid' */
    CONV_PARAM_BOOL,
    CONV_PARAM_REAL,
    CONV_PARAM_CHOICE, /* one of the texts in `choices` */
    CONV_PARAM_SIZES,  /* as INTS, items may be None (adaptive pooling), or None for all */
    CONV_PARAM_SCALES, /* a number for every axis or a tuple of them, or None (Upsample's scale_factor) */
    CONV_PARAM_DIMS,   /* a tuple of axes (Permute) */
    CONV_PARAM_SIDES,  /* an int for every side, or a tuple (left, right, top, bottom, front, back) (Pad operations) */
    CONV_PARAM_IGNORED /* accepted and without effect here (device, dtype, inplace, momentum) */
} conv_param_type;

typedef struct conv_param {
    const char *name; /* PyTorch's */
    conv_param_type type;
    bool required;
    int64_t least;       /* least value of each number; INT64_MIN for no bound */
    const char *initial; /* the default as Python writes it ("1", "True", "None", "'zeros'"); NULL when required */
    const char *const *choices; /* CHOICE: texts, ended by NULL */
} conv_param;

typedef struct conv_op {
    const char *name;   /* "Conv2d" */
    const char *module; /* where Python finds it: "nn", "torchvision.ops", or "" for Cat and Add */
    conv_kind kind;
    int dims;    /* spatial axes; 0 where the operation has none of its own */
    bool lazy;   /* input channels come from the first input */
    bool linear; /* y = C x + b for fixed other operands: has a matrix form */
    conv_flow flow;
    int param_count;
    const conv_param *params; /* in PyTorch's positional order */
} conv_op;

int conv_op_count(void);
const conv_op *conv_op_at(int index);

/* The operation of that name ("Conv2d"), or NULL. */
const conv_op *conv_op_find(const char *name);

/* The name in the table nearest to a misspelt one (edit distance, letter case counted less), or NULL when none is near.
 */
const char *conv_op_nearest(const char *name);

/* Index of a parameter of op, or -1; and the nearest name to a misspelt one, or NULL. */
int conv_param_find(const conv_op *op, const char *name);
const char *conv_param_nearest(const conv_op *op, const char *name);

/* What conv_spec.dim holds when Python says None. */
enum { CONV_DIM_NONE = -1000 };

/* One operation with its parameters, all numbers written out for each axis ((height, width) order).
 * Axes beyond op->dims hold 1 (kernel_size, stride, dilation) or 0. A plain value: copy it freely. Made by
 * conv_spec_init, changed by conv_spec_set or by hand. */
typedef struct conv_spec {
    const conv_op *op;
    int64_t in_channels;  /* also num_features, in_features; 0: lazy, not known yet */
    int64_t out_channels; /* also out_features */
    int64_t groups;
    int64_t kernel_size[CONV_MAX_SPATIAL];
    int64_t stride[CONV_MAX_SPATIAL];      /* pooling: the kernel's size unless given */
    int64_t padding[2 * CONV_MAX_SPATIAL]; /* one for each axis; Pad operations: PyTorch's order (left, right, top,
                                              bottom, ...) */
    int64_t output_padding[CONV_MAX_SPATIAL];
    int64_t dilation[CONV_MAX_SPATIAL];
    int64_t output_size[CONV_MAX_SPATIAL]; /* Fold, adaptive pooling, Upsample, MaxUnpool; 0: not given */
    double scale_factor[CONV_MAX_SPATIAL]; /* Upsample; 0: not given */
    int64_t
        offset_groups; /* DeformConv2d: the offset has 2 x offset_groups x kernel channels. Not a parameter: torchvision
                          reads it from the offset's shape, and so must who fills in a spec; 1 by default */
    int pointwise_dims; /* ReLU and the like, which take any shape: how many of the input's last axes are spatial, so
                           that (C, H, W) is not taken for a batch. Not a parameter; networks fill it in. 0: all behind
                           the second */
    int64_t shuffle_factor;      /* PixelShuffle's upscale_factor, PixelUnshuffle's downscale_factor */
    int64_t divisor_override;    /* AvgPool; 0: not given */
    int64_t dim;                 /* Softmax, Cat; Flatten's start_dim; CONV_DIM_NONE: None */
    int64_t end_dim;             /* Flatten */
    int64_t dims[CONV_MAX_DIMS]; /* Permute */
    int dims_count;
    double slope;       /* LeakyReLU's negative_slope */
    double probability; /* Dropout's p */
    double epsilon;     /* BatchNorm's eps */
    double constant;    /* ConstantPad's value */
    conv_padding_kind padding_kind;
    conv_padding_mode padding_mode;
    conv_upsample_mode upsample_mode;
    bool bias;
    bool ceil_mode;
    bool return_indices; /* max pooling. A run gives indices to who asks for them; MaxPool1d takes other inputs without
                          */
    bool count_include_pad;
    bool align_corners;
    bool align_corners_given;    /* Upsample: align_corners was not None */
    bool recompute_scale_factor; /* Upsample */
    int tuple_count;          /* Upsample: how many numbers the tuple size or scale_factor had; 0: one for all axes */
    bool affine;              /* BatchNorm */
    bool track_running_stats; /* BatchNorm; False is refused: there would be no statistics to evaluate with */
    bool stride_given;        /* pooling: stride was not None */
    bool flip;                /* true convolution: the kernel is read back to front. Not a PyTorch parameter */
} conv_spec;

/* All parameters at their defaults; the required ones at 0. */
void conv_spec_init(conv_spec *spec, const conv_op *op);

/* Sets or reads one parameter by its index in op->params. Setting checks type and least value, not whether
 * the parameters fit together: conv_spec_check does. The spec is unchanged on an error. */
conv_status conv_spec_set(conv_spec *spec, int param, const conv_value *value, conv_error *error);
void conv_spec_get(const conv_spec *spec, int param, conv_value *value);

/* Everything that PyTorch refuses when the layer is constructed. */
conv_status conv_spec_check(const conv_spec *spec, conv_error *error);

/* Writes the constructor as Python code, e.g. "nn.Conv2d(3, 8, kernel_size=3, stride=2)": required parameters, then
 * those that differ from their defaults. Returns the length it needs, like snprintf. */
int conv_spec_text(const conv_spec *spec, char *text, int size);

#ifdef __cplusplus
}
#endif

#endif
