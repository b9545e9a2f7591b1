/* Plans run whole, on ranges of steps and where inputs changed; small cases worked out by hand. */
#include "layer.h"

Test(run, convolution_by_hand) {
    conv_engine *engine = engine_with(2);
    conv_spec spec = spec_of("Conv2d");
    set(&spec, "in_channels", int_value(1));
    set(&spec, "out_channels", int_value(1));
    set(&spec, "kernel_size", int_value(2));
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, w[] = {1, 0, 0, -1}, b[] = {10};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    conv_plan *plan = plan_for(engine, &spec, shape_from(4, 1, 1, 3, 3), &operands);
    float y[4] = {0};
    cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
    const float expected[] = {6, 6, 6, 6};
    for (int i = 0; i < 4; i++) cr_assert_eq(y[i], expected[i]);
    conv_plan_destroy(plan);

    spec.flip = true;
    plan = plan_for(engine, &spec, shape_from(4, 1, 1, 3, 3), &operands);
    cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
    for (int i = 0; i < 4; i++) cr_assert_eq(y[i], 14, "a flipped kernel has the sign the other way");
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(run, transposed_stamps_one_by_one) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = spec_of("ConvTranspose1d");
    set(&spec, "in_channels", int_value(1));
    set(&spec, "out_channels", int_value(1));
    set(&spec, "kernel_size", int_value(3));
    set(&spec, "stride", int_value(2));
    const float x[] = {1, 10}, w[] = {1, 2, 3}, b[] = {100};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    conv_plan *plan = plan_for(engine, &spec, shape_from(2, 1, 2), &operands);
    cr_assert_eq(conv_plan_layout(plan)->steps, 3);
    static const float states[3][5] = {{1, 2, 3, 0, 0}, {1, 2, 13, 20, 30}, {101, 102, 113, 120, 130}};
    float y[5] = {7, 7, 7, 7, 7};
    for (int step = 0; step < 3; step++) {
        cr_assert_eq(conv_plan_run_steps(plan, &operands, step, step + 1, y, NULL), CONV_OK);
        for (int i = 0; i < 5; i++) cr_assert_eq(y[i], states[step][i], "step %d, output %d", step, i);
    }
    conv_tap taps[8];
    int64_t count = 0;
    cr_assert_eq(conv_trace_step(plan, &operands, 1, taps, 8, &count, NULL, NULL), CONV_OK);
    cr_assert_eq(count, 3);
    cr_assert_eq(taps[0].output, 2);
    cr_assert_eq(taps[0].landed, 2);
    cr_assert_eq(taps[0].sum, 13);
    int64_t overlap[5];
    cr_assert_eq(conv_trace_overlap(plan, overlap, NULL), CONV_OK);
    static const int64_t counts[] = {1, 1, 2, 1, 1};
    for (int i = 0; i < 5; i++) cr_assert_eq(overlap[i], counts[i]);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(run, update_recomputes_only_what_sees_the_change) {
    conv_engine *engine = engine_with(2);
    conv_spec spec = spec_of("Conv2d");
    set(&spec, "in_channels", int_value(2));
    set(&spec, "out_channels", int_value(3));
    set(&spec, "kernel_size", int_value(3));
    set(&spec, "padding", int_value(1));
    set(&spec, "padding_mode", text_value("replicate"));
    enum { SIDE = 8, INPUTS = 2 * SIDE * SIDE, OUTPUTS = 3 * SIDE * SIDE };
    float x[INPUTS], w[54], b[3] = {1, 2, 3}, y[OUTPUTS], again[OUTPUTS];
    for (int i = 0; i < INPUTS; i++) x[i] = (float)(i * 7 % 11) - 5;
    for (int i = 0; i < 54; i++) w[i] = (float)(i * 5 % 13) - 6;
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    conv_plan *plan = plan_for(engine, &spec, shape_from(3, 2, SIDE, SIDE), &operands);
    cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
    x[SIDE * 3 + 4] += 1;
    int64_t recomputed = 0;
    cr_assert_eq(conv_plan_update(plan, &operands, 0, SIDE * 3 + 4, SIDE * 3 + 5, y, &recomputed, NULL), CONV_OK);
    cr_assert_eq(recomputed, 27, "9 positions of 3 filters");
    cr_assert_eq(conv_plan_run(plan, &operands, again, NULL, NULL, NULL), CONV_OK);
    cr_assert_eq(memcmp(y, again, sizeof y), 0);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

/* Long enough that the plan's own algorithm does it, tile by tile. */
Test(run, a_long_range_writes_itself_and_nothing_else) {
    conv_engine *engine = engine_with(3);
    conv_spec spec = conv_with("Conv2d", 8, 16, 3);
    conv_shape input = shape_from(3, 8, 96, 96);
    float *x = counting(8 * 96 * 96), *w = counting(16 * 8 * 9), *b = counting(16);
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    for (int id = CONV_CHAIN; id < CONV_ALGORITHM_COUNT; id++) {
        conv_plan_options options = {.algorithm = (conv_algorithm)id};
        conv_plan *plan = NULL;
        if (conv_plan_create(engine, &spec, &input, 1, &operands, &options, &plan, NULL) != CONV_OK) continue;
        if (!conv_algorithm_is_chain(conv_plan_algorithm(plan))) {
            conv_plan_destroy(plan);
            continue;
        }
        int64_t count = conv_shape_count(&conv_plan_layout(plan)->output), first = 1003, last = 120001;
        float *whole = floats(count), *part = floats(count);
        for (int64_t i = 0; i < count; i++) part[i] = -1;
        cr_assert_eq(conv_plan_run(plan, &operands, whole, NULL, NULL, NULL), CONV_OK);
        cr_assert_eq(conv_plan_run_steps(plan, &operands, first, last, part, NULL), CONV_OK);
        for (int64_t i = 0; i < count; i++) {
            bool inside = i >= first && i < last;
            cr_assert(inside ? memcmp(&part[i], &whole[i], sizeof *part) == 0 : part[i] == -1, "%s: output %d",
                      conv_algorithm_name((conv_algorithm)id), (int)i);
        }
        free(whole), free(part);
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
    free(x), free(w), free(b);
}
