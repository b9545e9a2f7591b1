/* Steps in ranges: any split gives the bits of the whole, and an empty range changes nothing, wherever it lies. */
#include "layer.h"

typedef struct range_case {
    const char *op;
    int64_t stride, groups;
} range_case;

static const range_case cases[] = {
    {"Conv2d", 1, 1}, {"Conv2d", 2, 2}, {"ConvTranspose2d", 1, 1}, {"ConvTranspose2d", 2, 2}};

enum { SIDE = 4, CHANNELS = 2, CELLS = 4096 };

static float numbers[CELLS], whole[CELLS], parts[CELLS], before[CELLS];

static conv_plan *plan_of(conv_engine *engine, const range_case *c, conv_operands *operands) {
    conv_spec spec = spec_of(c->op);
    set(&spec, "in_channels", int_value(CHANNELS));
    set(&spec, "out_channels", int_value(CHANNELS));
    set(&spec, "kernel_size", int_value(3));
    set(&spec, "stride", int_value(c->stride));
    set(&spec, "groups", int_value(c->groups));
    conv_shape input = {4, {1, CHANNELS, SIDE, SIDE}};
    for (int i = 0; i < CELLS; i++) numbers[i] = (float)(i * 37 % 11) - 5.0f;
    *operands = (conv_operands){.input = {numbers}, .weight = numbers + 1000, .bias = numbers + 2001};
    conv_plan *plan = NULL;
    conv_error error = {0};
    conv_status status = conv_plan_create(engine, &spec, &input, 1, operands, NULL, &plan, &error);
    cr_assert_eq(status, CONV_OK, "%s", error.message);
    return plan;
}

Test(ranges, an_empty_range_changes_nothing) {
    conv_engine *engine = NULL;
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        conv_operands operands;
        conv_plan *plan = plan_of(engine, &cases[i], &operands);
        int64_t steps = conv_plan_layout(plan)->steps;
        size_t bytes = sizeof(float) * (size_t)conv_shape_count(&conv_plan_layout(plan)->output);
        cr_assert_eq(conv_plan_run_steps(plan, &operands, 0, steps, whole, NULL), CONV_OK);
        for (int64_t at = 1; at <= steps; at++) {
            memcpy(before, whole, bytes);
            cr_assert_eq(conv_plan_run_steps(plan, &operands, at, at, before, NULL), CONV_OK);
            cr_assert_arr_eq(before, whole, bytes, "%s: [%d, %d)", cases[i].op, (int)at, (int)at);
        }
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
}

Test(ranges, every_split_gives_the_whole) {
    conv_engine *engine = NULL;
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        conv_operands operands;
        conv_plan *plan = plan_of(engine, &cases[i], &operands);
        int64_t steps = conv_plan_layout(plan)->steps;
        size_t bytes = sizeof(float) * (size_t)conv_shape_count(&conv_plan_layout(plan)->output);
        cr_assert_eq(conv_plan_run_steps(plan, &operands, 0, steps, whole, NULL), CONV_OK);
        for (int64_t cut = 0; cut <= steps; cut++) {
            memset(parts, 0x7f, bytes);
            cr_assert_eq(conv_plan_run_steps(plan, &operands, 0, cut, parts, NULL), CONV_OK);
            cr_assert_eq(conv_plan_run_steps(plan, &operands, cut, steps, parts, NULL), CONV_OK);
            cr_assert_arr_eq(parts, whole, bytes, "%s cut at %d", cases[i].op, (int)cut);
        }
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
}
