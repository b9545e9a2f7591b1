/* Matrix form, separation, and gradients of single operations. */
#include "layer.h"
#include <math.h>

static float wave(int64_t i) {
    return (float)((i * 37 + 11) % 23) / 8 - 1.3f;
}

static float *waves(int64_t count) {
    float *x = floats(count);
    for (int64_t i = 0; i < count; i++) x[i] = wave(i);
    return x;
}

/* C x must be the run without bias, bit for bit: both are the same chain. And C^T must be the gradient. */
static void check_matrix(const conv_spec *spec, conv_shape input) {
    conv_engine *engine = engine_with(1);
    conv_layout layout = layout_of(spec, input);
    int64_t inputs = conv_shape_count(&input), outputs = conv_shape_count(&layout.output);
    float *x = waves(inputs), *w = waves(count_of(&layout.weight)), *y = floats(outputs), *cx = floats(outputs);
    float *g = waves(outputs), *back = floats(inputs), *ct = floats(inputs);
    conv_operands operands = {.input = {x}, .weight = w};
    conv_plan *plan = plan_for(engine, spec, input, &operands);
    conv_matrix c, t;
    conv_error error = {0};
    cr_assert_eq(conv_matrix_create(plan, &operands, 1 << 20, &c, &error), CONV_OK, "%s", error.message);
    cr_assert_eq(c.rows, outputs);
    cr_assert_eq(c.columns, inputs);
    cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
    conv_matrix_apply(&c, x, cx);
    for (int64_t i = 0; i < outputs; i++) cr_assert_float_eq(y[i], cx[i], 1e-5, "%s output %d", spec->op->name, (int)i);
    cr_assert_eq(conv_matrix_transpose(&c, &t, &error), CONV_OK);
    conv_matrix_apply(&t, g, ct);
    cr_assert_eq(conv_plan_backward(plan, &operands, g, &back, &error), CONV_OK, "%s", error.message);
    for (int64_t i = 0; i < inputs; i++)
        cr_assert_float_eq(back[i], ct[i], 1e-4, "%s gradient %d: %g, not %g", spec->op->name, (int)i, back[i], ct[i]);
    cr_assert_eq(conv_matrix_create(plan, &operands, c.entries - 1, &c, &error), CONV_TOO_LARGE, "over the limit");
    conv_matrix_destroy(&c);
    conv_matrix_destroy(&t);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    free(x), free(w), free(y), free(cx), free(g), free(back), free(ct);
}

Test(analysis, matrix_of_linear_operations) {
    conv_spec spec = conv_with("Conv2d", 2, 3, 3);
    spec.bias = false;
    set(&spec, "padding", int_value(1));
    set(&spec, "stride", int_value(2));
    check_matrix(&spec, shape_from(3, 2, 5, 4));
    static const char *const modes[] = {"reflect", "replicate", "circular"};
    for (int i = 0; i < 3; i++) {
        set(&spec, "padding_mode", text_value(modes[i]));
        check_matrix(&spec, shape_from(3, 2, 5, 4));
    }
    spec = spec_of("ConvTranspose2d");
    set(&spec, "in_channels", int_value(2));
    set(&spec, "out_channels", int_value(2));
    set(&spec, "kernel_size", int_value(3));
    set(&spec, "stride", int_value(2));
    set(&spec, "padding", int_value(1));
    spec.bias = false;
    check_matrix(&spec, shape_from(3, 2, 3, 3));
    spec = spec_of("AvgPool2d");
    set(&spec, "kernel_size", int_value(3));
    set(&spec, "padding", int_value(1));
    check_matrix(&spec, shape_from(3, 2, 5, 5));
    spec = spec_of("Unfold");
    set(&spec, "kernel_size", int_value(2));
    check_matrix(&spec, shape_from(3, 2, 3, 4));
    spec = spec_of("Fold");
    set(&spec, "output_size", tuple_value(2, 3, 4));
    set(&spec, "kernel_size", int_value(2));
    check_matrix(&spec, shape_from(2, 8, 6));
    spec = spec_of("ReflectionPad2d");
    set(&spec, "padding", int_value(2));
    check_matrix(&spec, shape_from(3, 1, 4, 4));
    spec = spec_of("UpsamplingBilinear2d");
    set(&spec, "scale_factor", int_value(2));
    check_matrix(&spec, shape_from(4, 1, 1, 3, 4));
    spec = spec_of("AdaptiveAvgPool2d");
    set(&spec, "output_size", int_value(2));
    check_matrix(&spec, shape_from(3, 1, 5, 4));
    spec = spec_of("Permute");
    set(&spec, "dims", tuple_value(3, 2, 0, 1));
    check_matrix(&spec, shape_from(3, 2, 3, 4));
    spec = spec_of("Linear");
    set(&spec, "in_features", int_value(6));
    set(&spec, "out_features", int_value(4));
    spec.bias = false;
    check_matrix(&spec, shape_from(1, 6));
}

/* Offsets in whole cells: three of the four cells have no share in the sample, and outside there is none at all. */
Test(analysis, cells_without_a_share_are_no_entries) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("DeformConv2d", 1, 1, 2);
    spec.bias = false;
    conv_shape input = shape_from(4, 1, 1, 3, 3);
    conv_layout layout = layout_of(&spec, input);
    const int64_t taps = 4 * 4;
    conv_error error = {0};
    float *x = waves(9), *w = waves(4), *y = floats(4), *cx = floats(4), *offset = floats(count_of(&layout.offset));
    conv_operands operands = {.input = {x}, .weight = w, .offset = offset};
    conv_plan *plan = plan_for(engine, &spec, input, &operands);
    conv_matrix c;
    static const struct {
        float dx; /* of the first tap of all four outputs */
        int64_t entries;
    } cases[] = {{0, taps}, {1, taps}, {0.5f, taps + 4}, {-1, taps - 2}, {-9, taps - 4}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int k = 0; k < 8 * 4; k++) offset[k] = k / 4 == 1 ? cases[i].dx : 0;
        cr_assert_eq(conv_matrix_create(plan, &operands, taps + 4, &c, &error), CONV_OK, "%s", error.message);
        cr_expect_eq(c.entries, cases[i].entries, "dx %g: %d entries", (double)cases[i].dx, (int)c.entries);
        cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
        conv_matrix_apply(&c, x, cx);
        for (int k = 0; k < 4; k++) cr_expect_float_eq(y[k], cx[k], 1e-5, "dx %g, output %d", (double)cases[i].dx, k);
        conv_matrix_destroy(&c);
    }
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    free(x), free(w), free(y), free(cx), free(offset);
}

Test(analysis, no_matrix_where_nothing_is_linear) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = spec_of("ReLU");
    conv_operands operands = {0};
    conv_plan *plan = plan_for(engine, &spec, shape_from(2, 2, 2), &operands);
    conv_matrix matrix;
    conv_error error = {0};
    cr_assert_eq(conv_matrix_create(plan, &operands, 100, &matrix, &error), CONV_UNSUPPORTED);
    cr_assert(strstr(error.message, "ReLU") != NULL);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(analysis, gradient_is_a_transposed_convolution) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("Conv2d", 4, 2, 3), back;
    set(&spec, "stride", tuple_value(2, 2, 3));
    set(&spec, "padding", int_value(1));
    set(&spec, "groups", int_value(2));
    spec.bias = false;
    conv_shape input = shape_from(4, 2, 4, 8, 7);
    conv_layout layout = layout_of(&spec, input);
    conv_error error = {0};
    cr_assert_eq(conv_backward_spec(&layout, &back, &error), CONV_OK, "%s", error.message);
    conv_layout reverse = layout_of(&back, layout.output);
    cr_assert(conv_shape_equal(&reverse.output, &input), "the gradient has the input's shape");
    int64_t inputs = conv_shape_count(&input), outputs = conv_shape_count(&layout.output);
    float *x = waves(inputs), *w = waves(count_of(&layout.weight)), *g = waves(outputs), *one = floats(inputs);
    float *two = floats(inputs);
    conv_operands forward = {.input = {x}, .weight = w}, backward = {.input = {g}, .weight = w};
    conv_plan *plan = plan_for(engine, &spec, input, &forward),
              *reversed = plan_for(engine, &back, layout.output, &backward);
    cr_assert_eq(conv_plan_backward(plan, &forward, g, &one, &error), CONV_OK);
    cr_assert_eq(conv_plan_run(reversed, &backward, two, NULL, NULL, NULL), CONV_OK);
    for (int64_t i = 0; i < inputs; i++) cr_assert_float_eq(one[i], two[i], 1e-4);
    set(&spec, "padding_mode", text_value("reflect"));
    layout = layout_of(&spec, input);
    cr_assert_eq(conv_backward_spec(&layout, &back, &error), CONV_UNSUPPORTED);
    conv_plan_destroy(plan);
    conv_plan_destroy(reversed);
    conv_engine_destroy(engine);
    free(x), free(w), free(g), free(one), free(two);
}

/* Against differences of runs. */
static void check_gradient(const conv_spec *spec, conv_shape input, const conv_operands *others) {
    conv_engine *engine = engine_with(1);
    conv_layout layout = layout_of(spec, input);
    int64_t inputs = conv_shape_count(&input), outputs = conv_shape_count(&layout.output);
    float *x = waves(inputs), *g = waves(outputs), *back = floats(inputs), *up = floats(outputs),
          *down = floats(outputs);
    conv_operands operands = *others;
    operands.input[0] = x;
    conv_plan *plan = plan_for(engine, spec, input, &operands);
    conv_error error = {0};
    cr_assert_eq(conv_plan_backward(plan, &operands, g, &back, &error), CONV_OK, "%s", error.message);
    for (int64_t i = 0; i < inputs; i++) {
        float was = x[i], step = 1.0f / 128;
        double slope = 0;
        x[i] = was + step;
        conv_plan_run(plan, &operands, up, NULL, NULL, NULL);
        x[i] = was - step;
        conv_plan_run(plan, &operands, down, NULL, NULL, NULL);
        x[i] = was;
        for (int64_t o = 0; o < outputs; o++) slope += ((double)up[o] - (double)down[o]) / (2 * step) * (double)g[o];
        cr_assert_float_eq(slope, back[i], 2e-3 * (1 + fabs(slope)), "%s input %d: %g, not %g", spec->op->name, (int)i,
                           (double)back[i], slope);
    }
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    free(x), free(g), free(back), free(up), free(down);
}

Test(analysis, gradients_by_differences) {
    conv_operands none = {0};
    static const char *const activations[] = {"ReLU", "LeakyReLU", "Tanh",        "Sigmoid",
                                              "SiLU", "ReLU6",     "Hardsigmoid", "Hardswish"};
    for (size_t i = 0; i < sizeof activations / sizeof *activations; i++) {
        conv_spec spec = spec_of(activations[i]);
        check_gradient(&spec, shape_from(2, 3, 4), &none);
    }
    conv_spec spec = spec_of("MaxPool2d");
    set(&spec, "kernel_size", int_value(2));
    check_gradient(&spec, shape_from(3, 1, 4, 4), &none);
    spec = spec_of("AdaptiveMaxPool1d");
    set(&spec, "output_size", int_value(3));
    check_gradient(&spec, shape_from(2, 1, 7), &none);
    spec = spec_of("DeformConv2d");
    set(&spec, "in_channels", int_value(1));
    set(&spec, "out_channels", int_value(2));
    set(&spec, "kernel_size", int_value(2));
    float *offset = waves(8 * 9), *mask = waves(4 * 9), *weight = waves(8), bias[2] = {1, -1};
    conv_operands deform = {.offset = offset, .mask = mask, .weight = weight, .bias = bias};
    check_gradient(&spec, shape_from(4, 1, 1, 4, 4), &deform);
    free(offset), free(mask), free(weight);
}

Test(analysis, separation) {
    const float sobel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    float column[3], row[3], residual[9];
    double missed;
    int rank;
    cr_assert_eq(conv_separate(sobel, 3, 3, column, row, residual, &missed, &rank, NULL), CONV_OK);
    cr_assert_eq(rank, 1, "Sobel is separable");
    cr_assert_lt(missed, 1e-6);
    cr_assert_gt(column[0], 0);
    for (int i = 0; i < 9; i++) cr_assert_float_eq(column[i / 3] * row[i % 3], sobel[i], 1e-6);
    const float laplacian[9] = {0, 1, 0, 1, -4, 1, 0, 1, 0};
    cr_assert_eq(conv_separate(laplacian, 3, 3, column, row, residual, &missed, &rank, NULL), CONV_OK);
    cr_assert_eq(rank, 2, "the Laplacian is not");
    double sum = 0;
    for (int i = 0; i < 9; i++) {
        cr_assert_float_eq(column[i / 3] * row[i % 3] + residual[i], laplacian[i], 1e-6);
        sum += (double)residual[i] * (double)residual[i];
    }
    cr_assert_float_eq(missed, sqrt(sum), 1e-6);
    /* Singular values of the Laplacian: 2 + sqrt(6) and sqrt(6) - 2. */
    cr_assert_float_eq(missed, sqrt(6) - 2, 1e-6);
    const float wide[8] = {1, 2, 3, 4, 2, 4, 6, 8};
    float long_row[4];
    cr_assert_eq(conv_separate(wide, 2, 4, column, long_row, NULL, &missed, &rank, NULL), CONV_OK);
    cr_assert_eq(rank, 1);
    const float zero[4] = {0};
    cr_assert_eq(conv_separate(zero, 2, 2, column, row, NULL, &missed, &rank, NULL), CONV_OK);
    cr_assert_eq(rank, 0);
    const float broken[1] = {NAN};
    cr_assert_eq(conv_separate(broken, 1, 1, column, row, NULL, &missed, &rank, NULL), CONV_BAD_ARGUMENT);
}
