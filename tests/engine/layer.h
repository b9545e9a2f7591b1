/* One operation made ready for a test: spec from parameters, tensors filled, plan made. */
#ifndef TESTS_ENGINE_LAYER_H
#define TESTS_ENGINE_LAYER_H

#include "conv/conv.h"
#include <criterion/criterion.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline conv_value int_value(int64_t i) {
    return (conv_value){.kind = CONV_VALUE_INT, .scalar = {.kind = CONV_VALUE_INT, .integer = i, .real = (double)i}};
}

static inline conv_value text_value(const char *text) {
    conv_value value = {.kind = CONV_VALUE_TEXT};
    snprintf(value.text, sizeof value.text, "%s", text);
    return value;
}

static inline conv_value none_value(void) {
    return (conv_value){.kind = CONV_VALUE_NONE};
}

static inline conv_value bool_value(bool b) {
    return (conv_value){.kind = CONV_VALUE_BOOL, .scalar = {.kind = CONV_VALUE_BOOL, .integer = b}};
}

static inline conv_value real_value(double real) {
    return (conv_value){.kind = CONV_VALUE_REAL, .scalar = {.kind = CONV_VALUE_REAL, .real = real}};
}

static inline conv_value tuple_value(int count, ...) {
    conv_value value = {.kind = CONV_VALUE_TUPLE, .count = count};
    va_list args;
    va_start(args, count);
    for (int i = 0; i < count; i++) value.item[i] = int_value(va_arg(args, int)).scalar;
    va_end(args);
    return value;
}

static inline conv_status try_set(conv_spec *spec, const char *name, conv_value value, conv_error *error) {
    int param = conv_param_find(spec->op, name);
    cr_assert_geq(param, 0, "%s has no parameter %s", spec->op->name, name);
    return conv_spec_set(spec, param, &value, error);
}

static inline void set(conv_spec *spec, const char *name, conv_value value) {
    conv_error error = {0};
    cr_assert_eq(try_set(spec, name, value, &error), CONV_OK, "%s", error.message);
}

static inline conv_spec spec_of(const char *name) {
    const conv_op *op = conv_op_find(name);
    cr_assert_not_null(op, "no operation %s", name);
    conv_spec spec;
    conv_spec_init(&spec, op);
    return spec;
}

static inline conv_shape shape_from(int rank, ...) {
    conv_shape shape = {.rank = rank};
    va_list args;
    va_start(args, rank);
    for (int i = 0; i < rank; i++) shape.size[i] = va_arg(args, int);
    va_end(args);
    return shape;
}

/* What is left of a layer after conv_layout_infer, which must succeed. */
static inline conv_layout layout_of(const conv_spec *spec, conv_shape input) {
    conv_layout layout;
    conv_error error = {0};
    conv_status status = conv_layout_infer(spec, &input, 1, &layout, &error);
    cr_assert_eq(status, CONV_OK, "%s: %s", spec->op->name, error.message);
    return layout;
}

/* The status of conv_layout_infer, which must not succeed; the message must name a parameter or the input. */
static inline conv_status refused(const conv_spec *spec, conv_shape input, conv_error *error) {
    conv_layout layout;
    conv_error none = {0};
    *error = none;
    conv_status status = conv_layout_infer(spec, &input, 1, &layout, error);
    cr_assert_neq(status, CONV_OK, "%s was not refused", spec->op->name);
    cr_assert_neq(error->message[0], '\0');
    return status;
}

static inline conv_engine *engine_of_set(int threads, unsigned cpu) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = threads;
    options.cpu_mask = cpu;
    conv_engine *engine = NULL;
    cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
    return engine;
}

static inline conv_engine *engine_with(int threads) {
    return engine_of_set(threads, CONV_CPU_ALL);
}

static inline int64_t count_of(const conv_shape *shape) {
    return shape->rank == 0 ? 0 : conv_shape_count(shape);
}

static inline float *floats(int64_t count) {
    float *memory = malloc((size_t)(count > 0 ? count : 1) * sizeof *memory);
    cr_assert_not_null(memory);
    return memory;
}

/* Small whole numbers that repeat only after 19. */
static inline float *counting(int64_t count) {
    float *x = floats(count);
    for (int64_t i = 0; i < count; i++) x[i] = (float)((i * 7 + 3) % 19) - 9;
    return x;
}

static inline conv_spec conv_with(const char *op, int in, int out, int kernel) {
    conv_spec spec = spec_of(op);
    set(&spec, "in_channels", int_value(in));
    set(&spec, "out_channels", int_value(out));
    set(&spec, "kernel_size", int_value(kernel));
    return spec;
}

static inline conv_plan *plan_for(conv_engine *engine, const conv_spec *spec, conv_shape input,
                                  const conv_operands *operands) {
    conv_plan *plan = NULL;
    conv_error error = {0};
    conv_status status = conv_plan_create(engine, spec, &input, 1, operands, NULL, &plan, &error);
    cr_assert_eq(status, CONV_OK, "%s", error.message);
    return plan;
}

/* Runs a layer once; the caller frees the output. */
static inline float *run_layer(const conv_spec *spec, conv_shape input, const conv_operands *operands) {
    conv_engine *engine = engine_with(1);
    conv_plan *plan = plan_for(engine, spec, input, operands);
    float *y = floats(conv_shape_count(&conv_plan_layout(plan)->output));
    conv_error error = {0};
    cr_assert_eq(conv_plan_run(plan, operands, y, NULL, NULL, &error), CONV_OK, "%s", error.message);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    return y;
}

#endif
