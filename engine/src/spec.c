/* Setting and reading the parameters of an operation, by a table from parameter names to fields. */
#include "spec.h"
#include "refuse.h"
#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

typedef struct field {
    const char *name;
    size_t offset; /* of the first number in conv_spec */
} field;

#define AT(name, member)                                                                                               \
    { name, offsetof(conv_spec, member) }

static const field fields[] = {
    AT("in_channels", in_channels),
    AT("out_channels", out_channels),
    AT("num_features", in_channels),
    AT("in_features", in_channels),
    AT("out_features", out_channels),
    AT("kernel_size", kernel_size),
    AT("stride", stride),
    AT("padding", padding),
    AT("output_padding", output_padding),
    AT("dilation", dilation),
    AT("groups", groups),
    AT("upscale_factor", shuffle_factor),
    AT("downscale_factor", shuffle_factor),
    AT("bias", bias),
    AT("padding_mode", padding_mode),
    AT("output_size", output_size),
    AT("size", output_size),
    AT("scale_factor", scale_factor),
    AT("mode", upsample_mode),
    AT("align_corners", align_corners),
    AT("ceil_mode", ceil_mode),
    AT("return_indices", return_indices),
    AT("count_include_pad", count_include_pad),
    AT("divisor_override", divisor_override),
    AT("value", constant),
    AT("negative_slope", slope),
    AT("p", probability),
    AT("eps", epsilon),
    AT("affine", affine),
    AT("track_running_stats", track_running_stats),
    AT("recompute_scale_factor", recompute_scale_factor),
    AT("dim", dim),
    AT("start_dim", dim),
    AT("end_dim", end_dim),
    AT("dims", dims),
};

static void *field_of(const conv_spec *spec, const char *name) {
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(fields[i].name, name) == 0) return (char *)(uintptr_t)spec + fields[i].offset;
    return NULL;
}

static bool is_pool_stride(const conv_spec *spec, const conv_param *param) {
    return strcmp(param->name, "stride") == 0 && param->initial != NULL && strcmp(param->initial, "None") == 0 &&
           spec->op->dims > 0;
}

/* How many numbers a parameter of this type has at most. */
static int width(const conv_spec *spec, const conv_param *param) {
    int axes = spec->op->dims > 0 ? spec->op->dims : CONV_MAX_SPATIAL;
    return param->type == CONV_PARAM_SIDES ? 2 * axes : axes;
}

static bool is_none(const conv_scalar *scalar) {
    return scalar->kind == CONV_VALUE_NONE;
}

/* One whole number, or None where the type allows it (stored as 0). */
static conv_status check_int(const conv_param *param, const conv_scalar *item, conv_error *error) {
    if (is_none(item) && param->type == CONV_PARAM_SIZES) return CONV_OK;
    if (item->kind != CONV_VALUE_INT)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes whole numbers", word(param->name));
    if (item->integer < param->least)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} must be at least {1}, not {2}", word(param->name),
                      number(param->least), number(item->integer));
    return CONV_OK;
}

static conv_status check_scale(const conv_param *param, const conv_scalar *item, conv_error *error) {
    if (item->kind != CONV_VALUE_INT && item->kind != CONV_VALUE_REAL)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes numbers", word(param->name));
    if (!(item->real > 0) || !isfinite(item->real))
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} must be greater than 0, not {1}", word(param->name),
                      real(item->real));
    return CONV_OK;
}

/* INTS, SIDES, SIZES and SCALES: one number for all, or a tuple. */
static conv_status set_numbers(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    int count = width(spec, param);
    bool scales = param->type == CONV_PARAM_SCALES, tuple = value->kind == CONV_VALUE_TUPLE;
    bool nullable = scales || param->type == CONV_PARAM_SIZES || is_pool_stride(spec, param);
    conv_scalar none = {.kind = CONV_VALUE_NONE};
    if (value->kind == CONV_VALUE_TEXT)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes numbers, not text", word(param->name));
    if (value->kind == CONV_VALUE_NONE && !nullable)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} cannot be None", word(param->name));
    bool any_length = spec->op->dims == 0 && tuple && value->count >= 1 && value->count <= count;
    /* A tuple of one number stands for all axes, as in PyTorch's pooling and convolution functions. */
    bool single = tuple && value->count == 1 && param->type != CONV_PARAM_SIDES && spec->op->dims > 0;
    if (tuple && value->count != count && !any_length && !single)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes one number or {1} of them, not {2}",
                      word(param->name), number(count), number(value->count));
    const conv_scalar *items[2 * CONV_MAX_SPATIAL];
    for (int i = 0; i < count; i++) {
        items[i] = !tuple ? &value->scalar : single ? &value->item[0] : i < value->count ? &value->item[i] : &none;
        if ((value->kind == CONV_VALUE_NONE && nullable) || (any_length && i >= value->count)) {
            items[i] = &none;
            continue;
        }
        conv_status status = scales ? check_scale(param, items[i], error) : check_int(param, items[i], error);
        if (status != CONV_OK) return status;
    }
    void *place = field_of(spec, param->name);
    for (int i = 0; i < count; i++) {
        if (scales)
            ((double *)place)[i] = is_none(items[i]) ? 0 : items[i]->real;
        else
            ((int64_t *)place)[i] = is_none(items[i]) ? 0 : items[i]->integer;
    }
    if (is_pool_stride(spec, param)) spec->stride_given = value->kind != CONV_VALUE_NONE;
    if (spec->op->dims == 0 && value->kind != CONV_VALUE_NONE) spec->tuple_count = tuple ? value->count : 0;
    return CONV_OK;
}

static conv_status set_padding(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    if (value->kind != CONV_VALUE_TEXT) {
        conv_status status = set_numbers(spec, param, value, error);
        if (status == CONV_OK) spec->padding_kind = CONV_PADDING_NUMBERS;
        return status;
    }
    bool same = strcmp(value->text, "same") == 0;
    if (!same && strcmp(value->text, "valid") != 0)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "padding takes numbers, 'same' or 'valid', not '{0}'",
                      word(value->text));
    spec->padding_kind = same ? CONV_PADDING_SAME : CONV_PADDING_VALID;
    for (int i = 0; i < spec->op->dims; i++) spec->padding[i] = 0;
    return CONV_OK;
}

static conv_status set_int(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    int64_t *place = field_of(spec, param->name);
    bool nullable = param->initial != NULL && strcmp(param->initial, "None") == 0;
    bool divisor = place == &spec->divisor_override;
    if (value->kind == CONV_VALUE_NONE && nullable) {
        *place = divisor ? 0 : CONV_DIM_NONE;
        return CONV_OK;
    }
    if (value->kind != CONV_VALUE_INT)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes a whole number", word(param->name));
    conv_status status = check_int(param, &value->scalar, error);
    if (status != CONV_OK) return status;
    if (divisor && value->scalar.integer == 0)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "divisor_override must not be zero");
    *place = value->scalar.integer;
    return CONV_OK;
}

static conv_status set_bool(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    bool *place = field_of(spec, param->name);
    bool nullable = param->initial != NULL && strcmp(param->initial, "None") == 0;
    if (value->kind != CONV_VALUE_BOOL && value->kind != CONV_VALUE_INT &&
        !(nullable && value->kind == CONV_VALUE_NONE))
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes True or False", word(param->name));
    *place = value->kind != CONV_VALUE_NONE && value->scalar.integer != 0;
    if (place == &spec->align_corners) spec->align_corners_given = value->kind != CONV_VALUE_NONE;
    return CONV_OK;
}

static conv_status set_real(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    if (value->kind != CONV_VALUE_REAL && value->kind != CONV_VALUE_INT)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes a number", word(param->name));
    *(double *)field_of(spec, param->name) = value->scalar.real;
    return CONV_OK;
}

/* The two enumerations that parameters choose from have the order of their texts. */
static conv_status set_choice(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    char list[96] = "";
    for (int i = 0; param->choices[i] != NULL; i++) {
        if (value->kind == CONV_VALUE_TEXT && strcmp(value->text, param->choices[i]) == 0) {
            if (strcmp(param->name, "mode") == 0)
                spec->upsample_mode = (conv_upsample_mode)i;
            else
                spec->padding_mode = (conv_padding_mode)i;
            return CONV_OK;
        }
        strncat(list, i > 0 ? ", '" : "'", sizeof list - strlen(list) - 1);
        strncat(list, param->choices[i], sizeof list - strlen(list) - 1);
        strncat(list, "'", sizeof list - strlen(list) - 1);
    }
    return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} must be one of {1}", word(param->name), word(list));
}

static conv_status set_dims(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    if (value->kind != CONV_VALUE_TUPLE || value->count < 1)
        return refuse(error, CONV_BAD_ARGUMENT, param->name, "{0} takes a tuple of axes, like (0, 2, 1)",
                      word(param->name));
    for (int i = 0; i < value->count; i++) {
        conv_status status = check_int(param, &value->item[i], error);
        if (status != CONV_OK) return status;
    }
    for (int i = 0; i < value->count; i++) spec->dims[i] = value->item[i].integer;
    spec->dims_count = value->count;
    return CONV_OK;
}

static conv_status accept(conv_spec *spec, const conv_param *param, const conv_value *value, conv_error *error) {
    (void)spec, (void)param, (void)value, (void)error;
    return CONV_OK;
}

typedef conv_status setter(conv_spec *, const conv_param *, const conv_value *, conv_error *);

static setter *const setters[] = {
    [CONV_PARAM_INT] = set_int,       [CONV_PARAM_INTS] = set_numbers,   [CONV_PARAM_PADDING] = set_padding,
    [CONV_PARAM_BOOL] = set_bool,     [CONV_PARAM_REAL] = set_real,      [CONV_PARAM_CHOICE] = set_choice,
    [CONV_PARAM_SIZES] = set_numbers, [CONV_PARAM_SCALES] = set_numbers, [CONV_PARAM_DIMS] = set_dims,
    [CONV_PARAM_SIDES] = set_numbers, [CONV_PARAM_IGNORED] = accept,
};

conv_status conv_spec_set(conv_spec *spec, int param, const conv_value *value, conv_error *error) {
    const conv_param *row = &spec->op->params[param];
    return setters[row->type](spec, row, value, error);
}

static conv_value int_value(int64_t integer) {
    return (conv_value){.kind = CONV_VALUE_INT,
                        .scalar = {.kind = CONV_VALUE_INT, .integer = integer, .real = (double)integer}};
}

/* The defaults of the table. The point of a decimal fraction is read here: strtod would follow the locale. */
conv_value spec_default(const conv_param *param) {
    const char *text = param->initial;
    conv_value value = {.kind = CONV_VALUE_NONE};
    if (text[0] == 'T' || text[0] == 'F') {
        value.kind = value.scalar.kind = CONV_VALUE_BOOL;
        value.scalar.integer = text[0] == 'T';
    } else if (text[0] == '\'') {
        value.kind = CONV_VALUE_TEXT;
        size_t length = strlen(text) - 2;
        memcpy(value.text, text + 1, length);
        value.text[length] = '\0';
    } else if (text[0] != 'N') {
        char *end;
        int64_t digits = strtoll(text, &end, 10);
        value = int_value(digits);
        int decimals = 0;
        if (*end == '.')
            for (end++; *end >= '0' && *end <= '9'; end++, decimals++) digits = digits * 10 + (*end - '0');
        if (*end == 'e') decimals -= (int)strtol(end + 1, NULL, 10);
        if (decimals > 0) {
            value.kind = value.scalar.kind = CONV_VALUE_REAL;
            value.scalar.integer = 0;
            value.scalar.real = (double)digits / pow(10, decimals);
        }
    }
    return value;
}

static bool begins(const char *name, const char *prefix) {
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

void conv_spec_init(conv_spec *spec, const conv_op *op) {
    *spec = (conv_spec){.op = op, .groups = 1, .offset_groups = 1, .affine = op->kind == CONV_BATCH_NORM};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        bool own = i < op->dims;
        spec->kernel_size[i] = own ? 0 : 1;
        spec->stride[i] = spec->dilation[i] = 1;
    }
    for (int i = 0; i < op->param_count; i++) {
        if (op->params[i].initial == NULL) continue;
        conv_value value = spec_default(&op->params[i]);
        conv_spec_set(spec, i, &value, NULL);
    }
    /* What the name says in place of a parameter. */
    if (op->kind == CONV_PAD)
        spec->padding_mode = begins(op->name, "Reflection")    ? CONV_REFLECT
                             : begins(op->name, "Replication") ? CONV_REPLICATE
                                                               : CONV_CONSTANT;
    if (strcmp(op->name, "UpsamplingBilinear2d") == 0) {
        spec->upsample_mode = CONV_UPSAMPLE_BILINEAR;
        spec->align_corners = spec->align_corners_given = true;
    }
    if (strcmp(op->name, "Softmax2d") == 0) spec->dim = -3;
}

static conv_scalar item_of(const conv_spec *spec, const conv_param *param, int i) {
    const void *place = field_of(spec, param->name);
    if (param->type == CONV_PARAM_SCALES) {
        double scale = ((const double *)place)[i];
        if (scale == floor(scale) && scale > 0 && scale < 1e15) return int_value((int64_t)scale).scalar;
        return (conv_scalar){.kind = scale > 0 ? CONV_VALUE_REAL : CONV_VALUE_NONE, .real = scale};
    }
    int64_t integer = ((const int64_t *)place)[i];
    if (param->type == CONV_PARAM_SIZES && integer == 0) return (conv_scalar){.kind = CONV_VALUE_NONE};
    return int_value(integer).scalar;
}

static bool same_scalar(const conv_scalar *a, const conv_scalar *b) {
    return a->kind == b->kind && a->integer == b->integer && (a->kind != CONV_VALUE_REAL || a->real == b->real);
}

static void get_numbers(const conv_spec *spec, const conv_param *param, conv_value *value) {
    if (is_pool_stride(spec, param) && !spec->stride_given) return;
    int count = width(spec, param);
    bool equal = true;
    for (int i = 0; i < count; i++) {
        value->item[i] = item_of(spec, param, i);
        equal = equal && same_scalar(&value->item[i], &value->item[0]);
    }
    if (equal) {
        value->scalar = value->item[0];
        value->kind = value->scalar.kind;
        return;
    }
    if (spec->op->dims == 0)
        while (count > 1 && is_none(&value->item[count - 1])) count--;
    value->kind = CONV_VALUE_TUPLE;
    value->count = count;
}

static void get_text(conv_value *value, const char *text) {
    value->kind = CONV_VALUE_TEXT;
    strncpy(value->text, text, sizeof value->text - 1);
}

void conv_spec_get(const conv_spec *spec, int param, conv_value *value) {
    const conv_param *row = &spec->op->params[param];
    const void *place = field_of(spec, row->name);
    *value = (conv_value){.kind = CONV_VALUE_NONE};
    switch (row->type) {
    case CONV_PARAM_PADDING:
        if (spec->padding_kind == CONV_PADDING_NUMBERS)
            get_numbers(spec, row, value);
        else
            get_text(value, spec->padding_kind == CONV_PADDING_SAME ? "same" : "valid");
        break;
    case CONV_PARAM_INTS:
    case CONV_PARAM_SIDES:
    case CONV_PARAM_SIZES:
    case CONV_PARAM_SCALES:
        get_numbers(spec, row, value);
        break;
    case CONV_PARAM_INT: {
        int64_t integer = *(const int64_t *)place;
        bool none = place == &spec->divisor_override ? integer == 0 : integer == CONV_DIM_NONE;
        if (!none) *value = int_value(integer);
        break;
    }
    case CONV_PARAM_BOOL:
        if (place == &spec->align_corners && !spec->align_corners_given) break;
        if (place == &spec->recompute_scale_factor && !spec->recompute_scale_factor) break;
        value->kind = value->scalar.kind = CONV_VALUE_BOOL;
        value->scalar.integer = *(const bool *)place;
        break;
    case CONV_PARAM_REAL:
        value->kind = value->scalar.kind = CONV_VALUE_REAL;
        value->scalar.real = *(const double *)place;
        break;
    case CONV_PARAM_CHOICE:
        get_text(value,
                 row->choices[strcmp(row->name, "mode") == 0 ? (int)spec->upsample_mode : (int)spec->padding_mode]);
        break;
    case CONV_PARAM_DIMS:
        value->kind = CONV_VALUE_TUPLE;
        value->count = spec->dims_count;
        for (int i = 0; i < spec->dims_count; i++) value->item[i] = int_value(spec->dims[i]).scalar;
        break;
    case CONV_PARAM_IGNORED:
        *value = spec_default(row);
        break;
    }
}
