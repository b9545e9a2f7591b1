#include "random_spec.h"
#include "layer.h"
#include <inttypes.h>

/* xorshift64*, Vigna 2016. */
static uint64_t next(random_state *r) {
    uint64_t x = r->state != 0 ? r->state : 0x9E3779B97F4A7C15u;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    r->state = x;
    return x * 0x2545F4914F6CDD1Du;
}

int random_int(random_state *r, int low, int high) {
    return low + (int)((next(r) >> 33) % (uint64_t)(high - low + 1));
}

float random_real(random_state *r) {
    return (float)(next(r) >> 40) / 8388608.0f - 1;
}

bool random_chance(random_state *r, double chance) {
    return (double)(next(r) >> 40) / 16777216.0 < chance;
}

static void draw_axes(random_state *r, conv_spec *spec, const char *name, int low, int high) {
    if (conv_param_find(spec->op, name) < 0) return;
    conv_value value = tuple_value(0);
    value.count = spec->op->dims;
    for (int i = 0; i < value.count; i++) value.item[i] = int_value(random_int(r, low, high)).scalar;
    set(spec, name, value);
}

static void draw_flag(random_state *r, conv_spec *spec, const char *name, double chance) {
    if (conv_param_find(spec->op, name) >= 0) set(spec, name, bool_value(random_chance(r, chance)));
}

static void draw_channels(random_state *r, conv_spec *spec) {
    static const int group_counts[] = {1, 1, 1, 2, 3, 4};
    int groups = group_counts[random_int(r, 0, 5)];
    spec->groups = groups;
    bool wide = random_chance(r, 0.2);
    spec->in_channels = groups * random_int(r, 1, wide ? 9 : 3);
    spec->out_channels = groups * random_int(r, 1, wide ? 20 : 3);
    spec->flip = random_chance(r, 0.15);
    if (spec->op->kind == CONV_DEFORM && spec->in_channels % 2 == 0) spec->offset_groups = random_int(r, 1, 2);
}

static void draw_sliding(random_state *r, conv_spec *spec) {
    bool pool = spec->op->kind == CONV_MAX_POOL || spec->op->kind == CONV_AVG_POOL;
    draw_axes(r, spec, "kernel_size", 1, spec->op->dims == 3 ? 3 : 5);
    if (!pool || random_chance(r, 0.6)) draw_axes(r, spec, "stride", 1, random_chance(r, 0.5) ? 1 : 3);
    draw_axes(r, spec, "dilation", 1, random_chance(r, 0.6) ? 1 : 3);
    if (spec->op->kind != CONV_PAD && random_chance(r, 0.6)) draw_axes(r, spec, "padding", 0, pool ? 1 : 3);
    if (random_chance(r, 0.4)) draw_axes(r, spec, "output_padding", 0, 2);
    draw_flag(r, spec, "bias", 0.6);
    draw_flag(r, spec, "ceil_mode", 0.4);
    draw_flag(r, spec, "count_include_pad", 0.5);
    if (spec->op->kind != CONV_CONV) return;
    if (random_chance(r, 0.4)) spec->padding_mode = (conv_padding_mode)random_int(r, 0, 3);
    if (random_chance(r, 0.15)) set(spec, "padding", text_value(random_chance(r, 0.5) ? "same" : "valid"));
}

static void draw_upsample(random_state *r, conv_spec *spec, int dims) {
    static const double scales[] = {2, 3, 0.5, 1.5, 2.3, 1};
    bool size = random_chance(r, 0.5), linear = random_chance(r, 0.6);
    for (int i = 0; i < dims; i++) {
        spec->output_size[i] = size ? random_int(r, 1, 9) : 0;
        spec->scale_factor[i] = size ? 0 : scales[random_int(r, 0, 5)];
    }
    if (spec->op->dims > 0) return;
    spec->upsample_mode = linear ? (conv_upsample_mode)dims : CONV_UPSAMPLE_NEAREST;
    spec->align_corners = spec->align_corners_given = linear && random_chance(r, 0.5);
}

static void draw_rearranging(random_state *r, conv_spec *spec, const conv_shape *input) {
    if (spec->op->kind == CONV_PERMUTE) {
        spec->dims_count = input->rank;
        for (int i = 0; i < input->rank; i++) spec->dims[i] = i;
        for (int i = input->rank - 1; i > 0; i--) {
            int j = random_int(r, 0, i);
            int64_t swap = spec->dims[i];
            spec->dims[i] = spec->dims[j];
            spec->dims[j] = swap;
        }
    } else if (spec->op->kind == CONV_FLATTEN) {
        spec->dim = random_int(r, 0, input->rank - 1);
        spec->end_dim = random_int(r, (int)spec->dim, input->rank - 1);
    } else if (spec->op->kind == CONV_SOFTMAX && spec->op->dims == 0) {
        spec->dim = random_int(r, -input->rank, input->rank - 1);
    } else if (spec->op->kind == CONV_CAT) {
        spec->dim = random_int(r, 0, input->rank - 1);
    }
}

/* Columns that fit a Fold's output. */
static void fit_fold(conv_spec *spec, conv_shape *input) {
    int64_t windows = 1, taps = 1;
    for (int i = 0; i < 2; i++) {
        int64_t extent = spec->dilation[i] * (spec->kernel_size[i] - 1) + 1;
        int64_t slack = spec->output_size[i] + 2 * spec->padding[i] - extent;
        windows *= slack < 0 ? 0 : slack / spec->stride[i] + 1;
        taps *= spec->kernel_size[i];
    }
    input->rank--;
    input->size[input->rank - 1] = windows;
    input->size[input->rank - 2] *= taps;
}

static conv_shape draw_input(random_state *r, conv_spec *spec) {
    conv_kind kind = spec->op->kind;
    conv_shape input = {0};
    int dims = spec->op->dims > 0 ? spec->op->dims : random_int(r, 1, 3);
    bool batch = kind == CONV_DEFORM || kind == CONV_UPSAMPLE || kind == CONV_BATCH_NORM || random_chance(r, 0.6);
    if (batch) input.size[input.rank++] = random_chance(r, 0.04) && kind != CONV_UPSAMPLE ? 0 : random_int(r, 1, 2);
    bool fixed = spec->in_channels > 0 && kind != CONV_LINEAR;
    input.size[input.rank++] = fixed ? spec->in_channels : random_int(r, 1, 4);
    if (kind == CONV_CHANNEL_SHUFFLE) input.size[input.rank - 1] *= spec->groups;
    if (kind == CONV_PIXEL_SHUFFLE) input.size[input.rank - 1] *= spec->shuffle_factor * spec->shuffle_factor;
    int most = dims == 1 ? 30 : dims == 2 ? 14 : 6;
    for (int i = 0; i < dims; i++) input.size[input.rank++] = random_int(r, 1, most);
    if (kind == CONV_LINEAR) input.size[input.rank - 1] = spec->in_channels;
    if (kind == CONV_UPSAMPLE) draw_upsample(r, spec, dims);
    return input;
}

static void draw_spec(random_state *r, conv_spec *spec) {
    const conv_op *op = spec->op;
    if (op->kind == CONV_CONV || op->kind == CONV_TRANSPOSE || op->kind == CONV_DEFORM) draw_channels(r, spec);
    if (op->kind == CONV_LINEAR) {
        spec->in_channels = random_int(r, 1, 12);
        spec->out_channels = random_int(r, 1, 12);
    }
    if (op->kind == CONV_BATCH_NORM) spec->in_channels = random_int(r, 1, 4);
    draw_sliding(r, spec);
    draw_flag(r, spec, "affine", 0.7);
    if (op->kind == CONV_LEAKY_RELU) spec->slope = 0.25;
    if (op->kind == CONV_CHANNEL_SHUFFLE) spec->groups = random_int(r, 1, 3);
    if (op->kind == CONV_PIXEL_SHUFFLE || op->kind == CONV_PIXEL_UNSHUFFLE) spec->shuffle_factor = random_int(r, 1, 3);
    if (op->kind == CONV_FOLD) draw_axes(r, spec, "output_size", 1, 9);
    if (op->kind == CONV_ADAPTIVE_MAX_POOL || op->kind == CONV_ADAPTIVE_AVG_POOL)
        draw_axes(r, spec, "output_size", 1, 6);
    if (op->kind == CONV_PAD) {
        bool crops = spec->padding_mode == CONV_CONSTANT;
        for (int i = 0; i < 2 * op->dims; i++) spec->padding[i] = random_int(r, crops ? -1 : 0, 3);
        spec->constant = random_int(r, -2, 2);
    }
}

static bool try_case(random_state *r, const conv_op *op, random_case *c) {
    *c = (random_case){.input_count = 1};
    conv_spec_init(&c->spec, op);
    draw_spec(r, &c->spec);
    c->inputs[0] = draw_input(r, &c->spec);
    if (op->kind == CONV_FOLD) fit_fold(&c->spec, &c->inputs[0]);
    draw_rearranging(r, &c->spec, &c->inputs[0]);
    if (op->kind == CONV_CAT || op->kind == CONV_ADD) c->input_count = random_int(r, 1, 4);
    for (int i = 1; i < c->input_count; i++) {
        c->inputs[i] = c->inputs[0];
        if (op->kind == CONV_CAT) c->inputs[i].size[c->spec.dim] = random_int(r, 1, 4);
    }
    if (conv_layout_infer(&c->spec, c->inputs, c->input_count, &c->layout, NULL) != CONV_OK) return false;
    return conv_shape_count(&c->layout.output) < 20000;
}

static const float *fill(random_state *r, const conv_shape *shape, float **at, bool positive) {
    if (shape->rank == 0) return NULL;
    float *begin = *at;
    int64_t count = conv_shape_count(shape);
    for (int64_t i = 0; i < count; i++) begin[i] = positive ? random_real(r) / 2 + 1 : random_real(r);
    *at += count;
    return begin;
}

void random_case_draw(random_state *r, const conv_op *op, random_case *c) {
    while (!try_case(r, op, c)) continue;
    const conv_layout *l = &c->layout;
    const conv_shape *parts[] = {&l->weight, &l->bias, &l->offset, &l->mask, &l->running, &l->running};
    int64_t total = 1, first = conv_shape_count(&c->inputs[0]);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) total += count_of(parts[i]);
    for (int i = 0; i < c->input_count; i++) total += conv_shape_count(&c->inputs[i]);
    c->memory = malloc((size_t)first * sizeof(int64_t) + (size_t)total * sizeof(float));
    cr_assert_not_null(c->memory);
    int64_t *indices = c->memory, plane = l->axis[0].out * l->axis[1].out * l->axis[2].out;
    float *at = (float *)(void *)(indices + first);
    for (int64_t i = 0; i < first; i++) indices[i] = random_int(r, 0, (int)(plane > 0 ? plane - 1 : 0));
    for (int i = 0; i < c->input_count; i++) {
        c->input[i] = at;
        c->operands.input[i] = fill(r, &c->inputs[i], &at, false);
        if (c->inputs[i].rank == 0) c->operands.input[i] = c->input[i];
    }
    c->operands.weight = fill(r, &l->weight, &at, false);
    c->operands.bias = fill(r, &l->bias, &at, false);
    c->operands.offset = fill(r, &l->offset, &at, false);
    if (random_chance(r, 0.5)) c->operands.mask = fill(r, &l->mask, &at, true);
    c->operands.running_mean = fill(r, &l->running, &at, false);
    c->operands.running_var = fill(r, &l->running, &at, true);
    if (op->kind == CONV_MAX_UNPOOL) c->operands.indices = indices;
    char shape[96];
    int length = conv_spec_text(&c->spec, c->text, (int)sizeof c->text);
    if (length >= 0 && length < (int)sizeof c->text)
        snprintf(c->text + length, sizeof c->text - (size_t)length, "%s on %s", c->spec.flip ? " flipped" : "",
                 conv_shape_text(&c->inputs[0], shape, sizeof shape));
}

void random_case_free(random_case *c) {
    free(c->memory);
}
