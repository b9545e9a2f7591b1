/* Arbitrary operations on arbitrary shapes: the checker and the shape rule answer without harm, and what they let
 * through runs: the whole equals the sum of its steps, bit for bit, and the trace ends at the same numbers. */
#include "conv/conv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum { MOST_WORK = 20000, MOST_CELLS = 4000 };

static conv_engine *engine;
static conv_shape inputs[CONV_MAX_INPUTS];

static void demand(bool holds, const char *what, const conv_spec *spec) {
    if (holds) return;
    char text[512], shape[128];
    conv_spec_text(spec, text, sizeof text);
    fprintf(stderr, "violated: %s\n  in %s on %s\n", what, text, conv_shape_text(&inputs[0], shape, sizeof shape));
    abort();
}

static conv_scalar scalar_from(bytes *b) {
    conv_scalar s = {0};
    s.kind = (conv_value_kind)(bytes_one(b) % 4);
    if (s.kind == CONV_VALUE_BOOL) s.integer = bytes_one(b) & 1;
    if (s.kind == CONV_VALUE_INT) {
        s.integer = bytes_size(b);
        s.real = (double)s.integer;
    }
    if (s.kind == CONV_VALUE_REAL) s.real = bytes_real(b);
    return s;
}

static conv_value value_from(bytes *b, const conv_param *param) {
    conv_value v = {0};
    uint8_t kind = bytes_one(b);
    if (param->choices && kind < 128) { /* a right choice, or nearly */
        int count = 0;
        while (param->choices[count]) count++;
        v.kind = CONV_VALUE_TEXT;
        snprintf(v.text, sizeof v.text, "%s", param->choices[kind % count]);
        return v;
    }
    if (kind < 120) { /* what most parameters take */
        v.kind = CONV_VALUE_INT;
        v.scalar.kind = CONV_VALUE_INT;
        v.scalar.integer = bytes_size(b);
        v.scalar.real = (double)v.scalar.integer;
        return v;
    }
    v.kind = (conv_value_kind)(kind % 6);
    if (v.kind == CONV_VALUE_TEXT) {
        static const char *const words[] = {"same",     "valid",   "zeros",    "reflect", "replicate",
                                            "circular", "nearest", "bilinear", "",        "x"};
        snprintf(v.text, sizeof v.text, "%s", words[bytes_one(b) % 10]);
    } else if (v.kind == CONV_VALUE_TUPLE) {
        v.count = bytes_one(b) % (CONV_MAX_DIMS + 1);
        for (int i = 0; i < v.count; i++) v.item[i] = scalar_from(b);
    } else {
        v.scalar = scalar_from(b);
        v.scalar.kind = v.kind;
    }
    return v;
}

/* Small whole numbers: exact in any order, so that a difference is an error and not a rounding. */
static float *tensor(int64_t count, unsigned seed) {
    float *numbers = malloc(sizeof(float) * (size_t)(count > 0 ? count : 1));
    if (!numbers) abort();
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        numbers[i] = (float)(int)(seed >> 28) - 7.0f;
    }
    return numbers;
}

static bool same_bits(const float *a, const float *b, int64_t count) {
    return count == 0 || memcmp(a, b, sizeof(float) * (size_t)count) == 0;
}

static void check_steps(conv_plan *plan, const conv_operands *operands, const conv_layout *layout, const float *whole,
                        int64_t outputs, int64_t cut) {
    float *parts = tensor(outputs, 5);
    conv_error error;
    if (layout->steps > 0) {
        cut %= layout->steps + 1;
        demand(conv_plan_run_steps(plan, operands, 0, cut, parts, &error) == CONV_OK, "first steps run", &layout->spec);
        demand(conv_plan_run_steps(plan, operands, cut, layout->steps, parts, &error) == CONV_OK, "other steps run",
               &layout->spec);
        for (int64_t i = 0; i < outputs; i++)
            if (!same_bits(&whole[i], &parts[i], 1))
                fprintf(stderr, "output %lld: %a and %a\n", (long long)i, (double)whole[i], (double)parts[i]);
        demand(same_bits(whole, parts, outputs), "steps give the bits of the whole", &layout->spec);
    }
    conv_tap taps[64];
    for (int64_t s = 0; s < layout->steps && s < 50; s++) {
        int64_t count = -1;
        float result = 0;
        conv_status status = conv_trace_step(plan, operands, s, taps, 64, &count, &result, &error);
        demand(status == CONV_OK, "a step has a trace", &layout->spec);
        demand(count >= 0, "taps are counted", &layout->spec);
        if (layout->flow != CONV_SCATTER)
            demand(same_bits(&result, &whole[s], 1), "the trace ends at the output", &layout->spec);
    }
    free(parts);
}

static void run(const conv_spec *spec, int count, const conv_layout *layout, int64_t cut) {
    int64_t outputs = conv_shape_count(&layout->output);
    int64_t taps = 1; /* a pooling's windows are in no cost */
    for (int i = 0; i < layout->dims; i++)
        if (__builtin_mul_overflow(taps, layout->axis[i].kernel, &taps) || taps > MOST_WORK) return;
    if (layout->cost.multiply_adds < 0 || layout->cost.multiply_adds > MOST_WORK || outputs > MOST_CELLS ||
        layout->steps > MOST_CELLS)
        return;
    float *owned[CONV_MAX_INPUTS + 6] = {0};
    int owned_count = 0;
    conv_operands operands = {0};
    for (int i = 0; i < count; i++) {
        int64_t cells = conv_shape_count(&layout->input[i]);
        if (cells > MOST_CELLS) goto done;
        operands.input[i] = owned[owned_count++] = tensor(cells, (unsigned)i + 1);
    }
    const conv_shape *shapes[6] = {&layout->weight, &layout->bias,    &layout->offset,
                                   &layout->mask,   &layout->running, &layout->running};
    const float **places[6] = {&operands.weight, &operands.bias,         &operands.offset,
                               &operands.mask,   &operands.running_mean, &operands.running_var};
    for (int i = 0; i < 6; i++) {
        int64_t cells = conv_shape_count(shapes[i]);
        if (shapes[i]->rank == 0) continue;
        if (cells > MOST_CELLS) goto done;
        float *numbers = owned[owned_count++] = tensor(cells, (unsigned)i + 11);
        if (i == 5)
            for (int64_t k = 0; k < cells; k++) numbers[k] = 1.0f;
        *places[i] = numbers;
    }
    if (spec->op->kind == CONV_MAX_UNPOOL) goto done; /* its indices come from a pooling */
    conv_plan *plan = NULL;
    conv_error error;
    conv_plan_options options = {.algorithm = CONV_CHAIN};
    conv_status status = conv_plan_create(engine, spec, inputs, count, &operands, &options, &plan, &error);
    if (status == CONV_OK) {
        float *whole = tensor(outputs, 3);
        demand(conv_plan_run(plan, &operands, whole, NULL, NULL, &error) == CONV_OK, "a plan runs", spec);
        check_steps(plan, &operands, layout, whole, outputs, cut);
        free(whole);
        conv_plan_destroy(plan);
    } else {
        demand(error.message[0] != 0, "a refusal has a sentence", spec);
    }
done:
    for (int i = 0; i < owned_count; i++) free(owned[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!engine) {
        conv_engine_options options;
        conv_engine_defaults(&options);
        options.threads = 2;
        options.memory_limit = (size_t)64 << 20;
        if (conv_engine_create(&options, &engine, NULL) != CONV_OK) abort();
    }
    bytes b = {data, size};
    const conv_op *op = conv_op_at(bytes_one(&b) % conv_op_count());
    conv_spec spec;
    conv_error error;
    conv_spec_init(&spec, op);
    for (int i = 0; i < op->param_count; i++) {
        if (!op->params[i].required && bytes_one(&b) % 2 == 0) continue;
        conv_value value = value_from(&b, &op->params[i]);
        conv_spec before = spec;
        if (conv_spec_set(&spec, i, &value, &error) != CONV_OK) {
            demand(memcmp(&before, &spec, sizeof spec) == 0, "a refused value changes nothing", &before);
            demand(error.message[0] != 0, "a refusal has a sentence", &before);
        }
        conv_spec_get(&spec, i, &value);
    }
    char text[1024];
    conv_spec_text(&spec, text, sizeof text);
    memset(inputs, 0, sizeof inputs);
    uint8_t shape_byte = bytes_one(&b);
    int count =
        shape_byte < 220 && op->kind != CONV_CAT && op->kind != CONV_ADD ? 1 : shape_byte % (CONV_MAX_INPUTS + 1);
    for (int i = 0; i < count; i++) {
        uint8_t rank = bytes_one(&b);
        inputs[i].rank = rank < 200 && op->dims ? op->dims + 1 + rank % 2 : rank % (CONV_MAX_DIMS + 1);
        for (int k = 0; k < inputs[i].rank; k++) inputs[i].size[k] = bytes_size(&b);
    }
    if (bytes_one(&b) < 128 && inputs[0].rank > op->dims && op->dims > 0 && spec.in_channels > 0)
        inputs[0].size[inputs[0].rank - op->dims - 1] = spec.in_channels; /* else few pass */
    conv_status checked = conv_spec_check(&spec, &error);
    conv_layout layout;
    conv_status inferred = conv_layout_infer(&spec, inputs, count, &layout, &error);
    demand(checked == CONV_OK || inferred != CONV_OK, "what the checker refuses, the shape rule refuses", &spec);
    if (inferred != CONV_OK) {
        demand(error.message[0] != 0, "a refusal has a sentence", &spec);
        return 0;
    }
    demand(conv_shape_count(&layout.output) >= 0, "an output has a size", &spec);
    for (int axis = 0; axis < layout.dims; axis++) {
        int64_t first, last;
        conv_layout_formula(&layout, axis, text, sizeof text);
        conv_layout_formula_symbols(&layout, axis, text, sizeof text);
        conv_field_through(conv_field_identity(), &layout, axis);
        /* Takes time in proportion to the taps: what the memory limit lets a plan have. */
        if (layout.axis[axis].kernel > 4096 || layout.axis[axis].out > 4096) continue;
        conv_layout_reach(&layout, axis, 0, layout.axis[axis].out - 1, &first, &last);
        demand(first > last || (first >= 0 && last < layout.axis[axis].in), "the reach lies in the input", &spec);
    }
    run(&spec, count, &layout, bytes_size(&b) & 0xffff);
    return 0;
}
