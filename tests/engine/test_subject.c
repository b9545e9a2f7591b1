/* What is said about convolutions in lessons, as statements that the engine proves: shapes, groups, cost, padding,
 * separability. */
#include "layer.h"
#include <math.h>

static void shape_is(conv_shape shape, int rank, int a, int b, int c, int d) {
    const int sizes[] = {a, b, c, d};
    char text[96];
    conv_shape_text(&shape, text, sizeof text);
    cr_assert_eq(shape.rank, rank, "%s", text);
    for (int i = 0; i < rank; i++) cr_assert_eq(shape.size[i], sizes[i], "%s", text);
}

Test(subject_shapes, output_size_is_a_floor_and_some_cells_are_never_read) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("Conv2d", 1, 1, 3);
    set(&spec, "stride", int_value(2));
    conv_shape input = shape_from(3, 1, 6, 6);
    conv_layout layout = layout_of(&spec, input);
    cr_assert_eq(layout.axis[0].out, 2, "(6 - 3) / 2 is 1.5");
    char text[128];
    cr_assert_str_eq(conv_layout_formula(&layout, 0, text, sizeof text),
                     "floor((6 + 2×0 - 1×(3 - 1) - 1) / 2 + 1) = 2");
    cr_assert_str_eq(conv_layout_formula_symbols(&layout, 1, text, sizeof text),
                     "floor((W_in + 2×padding[1] - dilation[1]×(kernel_size[1] - 1) - 1) / stride[1] + 1)");
    conv_plan *plan = NULL;
    cr_assert_eq(conv_plan_create(engine, &spec, &input, 1, NULL, NULL, &plan, NULL), CONV_OK);
    int64_t reads[36];
    cr_assert_eq(conv_trace_reads(plan, 0, reads, NULL), CONV_OK);
    for (int i = 0; i < 36; i++) cr_assert_eq(reads[i] == 0, i / 6 == 5 || i % 6 == 5, "the last row and column");
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(subject_shapes, axes_are_batch_channels_height_width) {
    conv_spec spec = conv_with("Conv2d", 3, 8, 1);
    conv_error error;
    shape_is(layout_of(&spec, shape_from(4, 2, 3, 5, 7)).output, 4, 2, 8, 5, 7);
    shape_is(layout_of(&spec, shape_from(3, 3, 5, 7)).output, 3, 8, 5, 7, 0);
    refused(&spec, shape_from(2, 5, 7), &error);
    cr_assert_str_eq(error.parameter, "input", "(H, W) is refused");
    refused(&spec, shape_from(3, 2, 5, 7), &error);
    cr_assert_str_eq(error.parameter, "in_channels", "(N, H, W) is read as C = N");
    set(&spec, "kernel_size", tuple_value(2, 2, 3));
    shape_is(layout_of(&spec, shape_from(3, 3, 5, 7)).output, 3, 8, 4, 5, 0);
}

Test(subject_shapes, weights) {
    conv_spec spec = conv_with("Conv2d", 4, 6, 3);
    set(&spec, "groups", int_value(2));
    shape_is(layout_of(&spec, shape_from(3, 4, 5, 5)).weight, 4, 6, 2, 3, 3);
    spec = conv_with("ConvTranspose2d", 4, 6, 3);
    set(&spec, "groups", int_value(2));
    shape_is(layout_of(&spec, shape_from(3, 4, 5, 5)).weight, 4, 4, 3, 3, 3);
}

Test(subject_shapes, lazy_layers_take_their_channels_from_the_input) {
    conv_spec spec = spec_of("LazyConv2d");
    set(&spec, "out_channels", int_value(8));
    set(&spec, "kernel_size", int_value(3));
    conv_layout layout = layout_of(&spec, shape_from(4, 1, 5, 9, 9));
    cr_assert_eq(layout.spec.in_channels, 5);
    shape_is(layout.weight, 4, 8, 5, 3, 3);
}

Test(subject_groups, tutorial_example) {
    conv_spec spec = conv_with("Conv2d", 64, 128, 3);
    set(&spec, "groups", int_value(4));
    conv_layout layout = layout_of(&spec, shape_from(4, 32, 64, 28, 28));
    shape_is(layout.weight, 4, 128, 16, 3, 3);
    shape_is(layout.output, 4, 32, 128, 26, 26);
    cr_assert_eq(layout.out_channels / layout.spec.groups, 32, "filters of each group");
    spec = conv_with("Conv2d", 3, 3, 5);
    set(&spec, "groups", int_value(3));
    shape_is(layout_of(&spec, shape_from(4, 5, 3, 12, 12)).output, 4, 5, 3, 8, 8);
}

/* Input channel c carries the value 10^c: the outputs show who read whom. */
static void channels_read(int in, int out, int groups, const float *expected) {
    conv_spec spec = conv_with("Conv1d", in, out, 1);
    set(&spec, "groups", int_value(groups));
    spec.bias = false;
    float x[8], w[64];
    for (int c = 0; c < in; c++) x[c] = powf(10, (float)c);
    for (int i = 0; i < 64; i++) w[i] = 1;
    conv_operands operands = {.input = {x}, .weight = w};
    float *y = run_layer(&spec, shape_from(2, in, 1), &operands);
    for (int o = 0; o < out; o++) cr_assert_eq(y[o], expected[o], "output channel %d is %g", o, (double)y[o]);
    free(y);
}

Test(subject_groups, blocks_are_contiguous_and_filters_are_not_summed) {
    channels_read(4, 4, 2, (const float[]){11, 11, 1100, 1100});
    channels_read(2, 6, 2, (const float[]){1, 1, 1, 10, 10, 10}); /* depthwise, multiplier 3: c writes 3c to 3c + 2 */
    channels_read(4, 2, 1, (const float[]){1111, 1111});
}

Test(subject_cost, multiply_adds_as_the_field_counts_them) {
    conv_spec spec = conv_with("Conv2d", 4, 6, 3);
    set(&spec, "padding", int_value(1));
    set(&spec, "groups", int_value(2));
    conv_layout layout = layout_of(&spec, shape_from(4, 2, 4, 5, 5));
    cr_assert_eq(layout.cost.multiply_adds, 2 * 6 * 25 * 2 * 9, "taps in padding included");
    /* A row of 5 windows of 3 taps has 15 - 2 inside. */
    cr_assert_eq(layout.cost.touching_data, 2 * 6 * 2 * 13 * 13);
    cr_assert_eq(layout.cost.parameters, 6 * 2 * 9 + 6);
    spec = conv_with("ConvTranspose2d", 4, 6, 3);
    set(&spec, "padding", int_value(1));
    layout = layout_of(&spec, shape_from(3, 4, 5, 5));
    cr_assert_eq(layout.cost.multiply_adds, 4 * 25 * 6 * 9, "stamps cut off included");
    cr_assert_eq(layout.cost.touching_data, 4 * 6 * 13 * 13);
}

Test(subject_separable, seven_by_seven_costs_225_against_180) {
    conv_spec whole = conv_with("Conv2d", 1, 1, 3), column = whole, row = whole;
    set(&column, "kernel_size", tuple_value(2, 3, 1));
    set(&row, "kernel_size", tuple_value(2, 1, 3));
    cr_assert_eq(layout_of(&whole, shape_from(3, 1, 7, 7)).cost.multiply_adds, 225);
    cr_assert_eq(layout_of(&column, shape_from(3, 1, 7, 7)).cost.multiply_adds, 105);
    cr_assert_eq(layout_of(&row, shape_from(3, 1, 5, 7)).cost.multiply_adds, 75);
}

Test(subject_separable, two_passes_have_the_same_effect_and_the_bias_is_added_once) {
    const float kernel[] = {1, 2, 1, 2, 4, 2, 1, 2, 1}, bias[] = {5};
    float column[3], row[3], *x = counting(49);
    double missed;
    int rank;
    cr_assert_eq(conv_separate(kernel, 3, 3, column, row, NULL, &missed, &rank, NULL), CONV_OK);
    cr_assert_eq(rank, 1);
    conv_spec whole = conv_with("Conv2d", 1, 1, 3), first = whole, second = whole;
    set(&first, "kernel_size", tuple_value(2, 3, 1));
    set(&second, "kernel_size", tuple_value(2, 1, 3));
    first.bias = false;
    conv_operands all = {.input = {x}, .weight = kernel, .bias = bias}, one = {.input = {x}, .weight = column};
    float *y = run_layer(&whole, shape_from(3, 1, 7, 7), &all),
          *between = run_layer(&first, shape_from(3, 1, 7, 7), &one);
    conv_operands two = {.input = {between}, .weight = row, .bias = bias};
    float *z = run_layer(&second, shape_from(3, 1, 5, 7), &two);
    for (int i = 0; i < 25; i++) cr_assert_float_eq(y[i], z[i], 1e-4);
    free(x), free(y), free(between), free(z);
}

Test(subject_padding, same_puts_the_odd_cell_behind) {
    conv_spec spec = conv_with("Conv1d", 1, 1, 4);
    set(&spec, "padding", text_value("same"));
    conv_layout layout = layout_of(&spec, shape_from(2, 1, 6));
    cr_assert_eq(layout.axis[0].pad_before, 1);
    cr_assert_eq(layout.axis[0].pad_after, 2);
    cr_assert_eq(layout.axis[0].out, 6);
    set(&spec, "stride", int_value(2));
    conv_error error;
    refused(&spec, shape_from(2, 1, 6), &error);
    cr_assert_str_eq(error.parameter, "padding");
}

Test(subject_padding, full_padding_is_d_times_k_minus_one) {
    conv_spec spec = conv_with("Conv1d", 1, 1, 3);
    set(&spec, "dilation", int_value(2));
    set(&spec, "padding", int_value(4));
    cr_assert_eq(layout_of(&spec, shape_from(2, 1, 5)).axis[0].out, 5 + 4, "every overlap of input and kernel");
}

Test(subject_padding, modes_reach_only_so_far) {
    conv_spec spec = conv_with("Conv1d", 1, 1, 1);
    conv_error error;
    set(&spec, "padding_mode", text_value("reflect"));
    set(&spec, "padding", int_value(3));
    layout_of(&spec, shape_from(2, 1, 4));
    refused(&spec, shape_from(2, 1, 3), &error);
    cr_assert_str_eq(error.parameter, "padding");
    set(&spec, "padding_mode", text_value("circular"));
    layout_of(&spec, shape_from(2, 1, 3));
    refused(&spec, shape_from(2, 1, 2), &error);
    cr_assert_str_eq(error.parameter, "padding");
}

Test(subject_padding, cells_are_copies_that_are_read_not_stored) {
    static const struct {
        const char *mode;
        int copied[5]; /* of padded coordinates -2, -1, (0), 3, 4 of three cells */
    } modes[] = {{"reflect", {2, 1, 0, 1, 0}},
                 {"replicate", {0, 0, 0, 2, 2}},
                 {"circular", {1, 2, 0, 0, 1}},
                 {"zeros", {-1, -1, 0, -1, -1}}};
    static const int coordinates[] = {-2, -1, 0, 3, 4};
    conv_engine *engine = engine_with(1);
    for (int m = 0; m < 4; m++) {
        conv_spec spec = conv_with("Conv1d", 1, 1, 1);
        set(&spec, "padding", int_value(2));
        set(&spec, "padding_mode", text_value(modes[m].mode));
        conv_shape input = shape_from(2, 1, 3);
        const float x[] = {10, 20, 30}, w[] = {1}, b[] = {0};
        conv_operands operands = {.input = {x}, .weight = w, .bias = b};
        conv_plan *plan = NULL;
        cr_assert_eq(conv_plan_create(engine, &spec, &input, 1, &operands, NULL, &plan, NULL), CONV_OK);
        for (int i = 0; i < 5; i++) {
            conv_tap tap;
            int64_t count;
            cr_assert_eq(conv_trace_step(plan, &operands, coordinates[i] + 2, &tap, 1, &count, NULL, NULL), CONV_OK);
            cr_assert_eq(tap.input, modes[m].copied[i], "%s at %d", modes[m].mode, coordinates[i]);
            cr_assert_eq(tap.position[0], coordinates[i]);
            cr_assert_eq(tap.in_padding, coordinates[i] != 0);
            cr_assert_eq(tap.value, tap.input < 0 ? 0 : x[tap.input]);
        }
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
}

Test(subject_padding, zero_pad_takes_left_right_top_bottom) {
    conv_spec spec = spec_of("ZeroPad2d");
    set(&spec, "padding", tuple_value(4, 1, 2, 3, 4));
    const float x[] = {5};
    conv_operands operands = {.input = {x}};
    shape_is(layout_of(&spec, shape_from(3, 1, 1, 1)).output, 3, 1, 8, 4, 0);
    float *y = run_layer(&spec, shape_from(3, 1, 1, 1), &operands);
    for (int i = 0; i < 32; i++) cr_assert_eq(y[i], i == 3 * 4 + 1 ? 5 : 0);
    free(y);
}

Test(subject_dilated, extent_of_the_kernel) {
    conv_spec spec = conv_with("Conv2d", 1, 1, 3);
    for (int d = 1; d <= 4; d++) {
        set(&spec, "dilation", int_value(d));
        conv_layout layout = layout_of(&spec, shape_from(3, 1, 9, 9));
        cr_assert_eq(conv_axis_extent(&layout.axis[0]), d * 2 + 1);
        cr_assert_eq(layout.cost.parameters, 10, "a larger field, no more weights");
    }
}

Test(subject_dilated, same_rate_stacked_leaves_holes) {
    conv_engine *engine = engine_with(1);
    conv_layer layers[2];
    for (int i = 0; i < 2; i++) {
        layers[i] =
            (conv_layer){.spec = conv_with("Conv1d", 1, 1, 3), .input_count = 1, .input = {i - 1}, .indices_from = -1};
        set(&layers[i].spec, "dilation", int_value(2));
        snprintf(layers[i].name, sizeof layers[i].name, "%d", i);
    }
    conv_network *network = NULL;
    conv_shape input = shape_from(2, 1, 9);
    cr_assert_eq(conv_network_create(engine, layers, 2, &input, &network, NULL), CONV_OK);
    const int64_t position = 0;
    float influence[9];
    cr_assert_eq(conv_network_influence(network, 1, &position, 1, 4, influence, NULL), CONV_OK);
    for (int i = 0; i < 9; i++) cr_assert_eq(influence[i] > 0, i % 2 == 0, "cell %d", i);
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(subject_one_by_one, two_without_anything_between_are_one) {
    conv_spec first = conv_with("Conv2d", 3, 2, 1), second = conv_with("Conv2d", 2, 3, 1),
              merged = conv_with("Conv2d", 3, 3, 1);
    float *x = counting(12), a[] = {1, -2, 3, 0, 2, -1}, b[] = {2, 1, -1, 3, 0, 1}, ab[9], bias_a[] = {1, 2},
          bias_b[] = {3, 4, 5}, bias[3];
    for (int o = 0; o < 3; o++) {
        bias[o] = bias_b[o] + b[2 * o] * bias_a[0] + b[2 * o + 1] * bias_a[1];
        for (int i = 0; i < 3; i++) ab[3 * o + i] = b[2 * o] * a[i] + b[2 * o + 1] * a[3 + i];
    }
    conv_operands one = {.input = {x}, .weight = a, .bias = bias_a}, all = {.input = {x}, .weight = ab, .bias = bias};
    float *between = run_layer(&first, shape_from(3, 3, 2, 2), &one);
    conv_operands two = {.input = {between}, .weight = b, .bias = bias_b};
    float *y = run_layer(&second, shape_from(3, 2, 2, 2), &two), *z = run_layer(&merged, shape_from(3, 3, 2, 2), &all);
    for (int i = 0; i < 12; i++) cr_assert_eq(y[i], z[i]);
    free(x), free(between), free(y), free(z);
}

Test(subject_text, permute_keeps_words_and_reshape_scrambles_them) {
    conv_spec permute = spec_of("Permute");
    set(&permute, "dims", tuple_value(3, 0, 2, 1));
    const float x[] = {1, 2, 3, 10, 20, 30}; /* two words of three numbers */
    conv_operands operands = {.input = {x}};
    shape_is(layout_of(&permute, shape_from(3, 1, 2, 3)).output, 3, 1, 3, 2, 0);
    float *y = run_layer(&permute, shape_from(3, 1, 2, 3), &operands);
    const float right[] = {1, 10, 2, 20, 3, 30};
    cr_assert_eq(memcmp(y, right, sizeof right), 0);
    cr_assert_neq(memcmp(y, x, sizeof x), 0, "reshape would leave the numbers where they are");
    free(y);
    /* Forgotten, nothing complains when the text is as long as the embedding is wide. */
    conv_spec spec = conv_with("Conv1d", 5, 4, 3);
    conv_error error;
    layout_of(&spec, shape_from(3, 1, 5, 5));
    refused(&spec, shape_from(3, 1, 9, 5), &error);
    shape_is(layout_of(&spec, shape_from(3, 1, 5, 9)).output, 3, 1, 4, 7, 0);
}

Test(subject_time, frames_as_channels_merge_time_at_once) {
    conv_spec over_time = conv_with("Conv3d", 1, 2, 3), at_once = conv_with("Conv2d", 8, 2, 3);
    shape_is(layout_of(&over_time, shape_from(4, 1, 8, 5, 5)).output, 4, 2, 6, 3, 3);
    shape_is(layout_of(&at_once, shape_from(3, 8, 5, 5)).output, 3, 2, 3, 3, 0);
}
