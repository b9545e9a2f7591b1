/* What is said in lessons about going up again and around: transposed convolution, matrix, pooling, upsampling, fold,
 * deformable. */
#include "layer.h"
#include <math.h>

Test(subject_transposed, restores_the_shape_not_the_values) {
    conv_spec down = conv_with("Conv2d", 1, 1, 3), up = conv_with("ConvTranspose2d", 1, 1, 3);
    down.bias = up.bias = false;
    float *x = counting(36), *w = counting(9);
    conv_operands one = {.input = {x}, .weight = w};
    float *y = run_layer(&down, shape_from(3, 1, 6, 6), &one);
    conv_layout layout = layout_of(&up, shape_from(3, 1, 4, 4));
    cr_assert(layout.axis[0].out == 6 && layout.axis[1].out == 6);
    conv_operands two = {.input = {y}, .weight = w};
    float *z = run_layer(&up, shape_from(3, 1, 4, 4), &two);
    cr_assert_neq(memcmp(x, z, 36 * sizeof *x), 0);
    free(x), free(w), free(y), free(z);
}

/* Zero insertion: spread the input by the stride, pad by d(k - 1) - p (crop when negative), and convolve with the
 * kernel flipped and its channels swapped. */
static void check_zero_insertion(int kernel, int stride, int padding, int dilation, int output_padding) {
    enum { IN = 2, OUT = 3, LENGTH = 4 };
    conv_spec up = conv_with("ConvTranspose1d", IN, OUT, kernel), through = conv_with("Conv1d", IN, OUT, kernel);
    up.bias = through.bias = false;
    set(&up, "stride", int_value(stride));
    set(&up, "padding", int_value(padding));
    set(&up, "dilation", int_value(dilation));
    set(&up, "output_padding", int_value(output_padding));
    set(&through, "dilation", int_value(dilation));
    float *x = counting(IN * LENGTH), *w = counting(IN * OUT * kernel), swapped[IN * OUT * 8], spread[IN * 64] = {0};
    int before = dilation * (kernel - 1) - padding, spaced = (LENGTH - 1) * stride + 1;
    int length = spaced + 2 * before + output_padding;
    for (int c = 0; c < IN; c++)
        for (int i = 0; i < LENGTH; i++) {
            int at = before + i * stride;
            if (at >= 0 && at < length) spread[c * length + at] = x[c * LENGTH + i];
        }
    for (int i = 0; i < IN; i++)
        for (int o = 0; o < OUT; o++)
            for (int k = 0; k < kernel; k++)
                swapped[(o * IN + i) * kernel + kernel - 1 - k] = w[(i * OUT + o) * kernel + k];
    conv_operands direct = {.input = {x}, .weight = w}, inserted = {.input = {spread}, .weight = swapped};
    float *y = run_layer(&up, shape_from(2, IN, LENGTH), &direct),
          *z = run_layer(&through, shape_from(2, IN, length), &inserted);
    conv_layout layout = layout_of(&up, shape_from(2, IN, LENGTH)),
                other = layout_of(&through, shape_from(2, IN, length));
    cr_assert(conv_shape_equal(&layout.output, &other.output), "k %d s %d p %d d %d", kernel, stride, padding,
              dilation);
    for (int64_t i = 0; i < conv_shape_count(&layout.output); i++) cr_assert_eq(y[i], z[i]);
    free(x), free(w), free(y), free(z);
}

Test(subject_transposed, is_zero_insertion_and_a_flipped_swapped_convolution) {
    check_zero_insertion(3, 1, 0, 1, 0);
    check_zero_insertion(3, 2, 1, 1, 1);
    check_zero_insertion(4, 3, 0, 2, 2);
    check_zero_insertion(1, 2, 1, 1, 0); /* d(k - 1) - p = -1: cropped */
    check_zero_insertion(2, 3, 2, 1, 0);
}

/* A single 1 as input shows the stamp: ones in a kernel of ones, where it is not cut. */
static void stamp_is(int stride, int padding, int dilation, int output_padding, const char *pattern) {
    conv_spec spec = conv_with("ConvTranspose1d", 1, 1, 3);
    set(&spec, "stride", int_value(stride));
    set(&spec, "padding", int_value(padding));
    set(&spec, "dilation", int_value(dilation));
    set(&spec, "output_padding", int_value(output_padding));
    const float x[] = {1, 1}, w[] = {1, 1, 1}, b[] = {0};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    conv_layout layout = layout_of(&spec, shape_from(2, 1, 2));
    cr_assert_eq((size_t)layout.axis[0].out, strlen(pattern));
    float *y = run_layer(&spec, shape_from(2, 1, 2), &operands);
    for (size_t i = 0; i < strlen(pattern); i++)
        cr_assert_eq(y[i], (float)(pattern[i] - '0'), "%s: cell %d is %g", pattern, (int)i, (double)y[i]);
    free(y);
}

Test(subject_transposed, stride_spaces_dilation_opens_padding_cuts) {
    stamp_is(1, 0, 1, 0, "1221");
    stamp_is(2, 0, 1, 0, "11211");
    stamp_is(4, 0, 1, 0, "1110111"); /* kernel smaller than stride: a cell never written */
    stamp_is(1, 0, 2, 0, "111111");  /* 1 . 1 . 1 and the same, one later */
    stamp_is(2, 1, 1, 0, "121");
    stamp_is(2, 1, 1, 1, "1211");     /* output_padding first uncuts */
    stamp_is(3, 0, 1, 2, "11111100"); /* then adds cells without a stamp */
}

Test(subject_transposed, output_padding_cells_hold_only_the_bias) {
    conv_spec spec = conv_with("ConvTranspose1d", 1, 1, 1);
    set(&spec, "stride", int_value(3));
    set(&spec, "output_padding", int_value(2));
    const float x[] = {5}, w[] = {2}, b[] = {7};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    float *y = run_layer(&spec, shape_from(2, 1, 1), &operands);
    cr_assert(y[0] == 17 && y[1] == 7 && y[2] == 7);
    free(y);
    conv_error error;
    set(&spec, "output_padding", int_value(3));
    refused(&spec, shape_from(2, 1, 1), &error);
    cr_assert_str_eq(error.parameter, "output_padding");
    set(&spec, "dilation", int_value(4));
    layout_of(&spec, shape_from(2, 1, 1)); /* smaller than the dilation is enough */
}

Test(subject_transposed, takes_no_padding_strings_and_no_modes) {
    conv_spec spec = conv_with("ConvTranspose2d", 1, 1, 3);
    conv_error error = {0};
    cr_assert_eq(try_set(&spec, "padding", text_value("same"), &error), CONV_BAD_ARGUMENT);
    set(&spec, "padding_mode", text_value("reflect"));
    cr_assert_eq(conv_spec_check(&spec, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "padding_mode");
}

Test(subject_transposed, overlap_repeats_with_the_stride) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("ConvTranspose1d", 1, 1, 3);
    set(&spec, "stride", int_value(2));
    conv_plan *plan = plan_for(engine, &spec, shape_from(2, 1, 6), NULL);
    int64_t counts[13];
    cr_assert_eq(conv_trace_overlap(plan, counts, NULL), CONV_OK);
    for (int i = 2; i < 11; i++) cr_assert_eq(counts[i], i % 2 == 0 ? 2 : 1, "the checkerboard");
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(subject_transposed, receptive_field_varies_with_the_phase) {
    conv_spec spec = conv_with("ConvTranspose1d", 1, 1, 3);
    set(&spec, "stride", int_value(2));
    conv_layout layout = layout_of(&spec, shape_from(2, 1, 6));
    int64_t first, last;
    for (int64_t o = 2; o < 11; o++) {
        conv_layout_reach(&layout, 0, o, o, &first, &last);
        cr_assert_eq(last - first + 1, o % 2 == 0 ? 2 : 1);
    }
    conv_field field = conv_field_through(conv_field_identity(), &layout, 0);
    cr_assert_eq(field.size, 2, "the largest");
    cr_assert_float_eq(field.jump, 0.5, 1e-12);
}

Test(subject_matrix, four_by_four_and_three_by_three) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("Conv2d", 1, 1, 3), up = conv_with("ConvTranspose2d", 1, 1, 3);
    spec.bias = up.bias = false;
    float *w = counting(9), *y = counting(4), x[16];
    conv_operands operands = {.weight = w}, back = {.input = {y}, .weight = w};
    conv_plan *plan = plan_for(engine, &spec, shape_from(3, 1, 4, 4), &operands);
    conv_matrix c, t;
    cr_assert_eq(conv_matrix_create(plan, &operands, 1000, &c, NULL), CONV_OK);
    cr_assert(c.rows == 4 && c.columns == 16 && c.entries == 36);
    int shared[9] = {0};
    for (int64_t e = 0; e < c.entries; e++) shared[c.weight[e]]++;
    for (int k = 0; k < 9; k++) cr_assert_eq(shared[k], 4, "each weight stands in every row");
    cr_assert_eq(conv_matrix_transpose(&c, &t, NULL), CONV_OK);
    cr_assert(t.rows == 16 && t.columns == 4);
    conv_matrix_apply(&t, y, x);
    float *z = run_layer(&up, shape_from(3, 1, 2, 2), &back);
    for (int i = 0; i < 16; i++) cr_assert_eq(x[i], z[i], "C transposed is the transposed convolution");
    conv_matrix_destroy(&c);
    conv_matrix_destroy(&t);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    free(w), free(y), free(z);
}

Test(subject_matrix, with_bias_the_map_is_affine) {
    conv_spec spec = conv_with("Conv1d", 1, 1, 2);
    const float zero[3] = {0}, w[] = {1, 2}, b[] = {3};
    conv_operands operands = {.input = {zero}, .weight = w, .bias = b};
    float *y = run_layer(&spec, shape_from(2, 1, 3), &operands);
    cr_assert(y[0] == 3 && y[1] == 3, "zero does not go to zero");
    free(y);
}

/* A lone bright pixel in a block of 16 x 16, pooled by four layers of 2. */
static float pooled_pixel(const char *op, int at) {
    conv_spec spec = spec_of(op);
    set(&spec, "kernel_size", int_value(2));
    float *x = floats(256);
    for (int i = 0; i < 256; i++) x[i] = i == at ? 256 : 0;
    for (int side = 16; side > 1; side /= 2) {
        conv_operands operands = {.input = {x}};
        float *y = run_layer(&spec, shape_from(3, 1, side, side), &operands);
        free(x);
        x = y;
    }
    float value = x[0];
    free(x);
    return value;
}

Test(subject_pooling, sixteen_pixels_a_side) {
    cr_assert_eq(pooled_pixel("MaxPool2d", 0), 256, "kept");
    cr_assert_eq(pooled_pixel("MaxPool2d", 137), 256, "but not where it was");
    cr_assert_eq(pooled_pixel("AvgPool2d", 137), 1, "divided by 256");
}

Test(subject_pooling, what_padding_reads) {
    const float x[] = {-4, -2};
    conv_operands operands = {.input = {x}};
    conv_spec maximum = spec_of("MaxPool1d"), average = spec_of("AvgPool1d");
    set(&maximum, "kernel_size", int_value(2));
    set(&maximum, "padding", int_value(1));
    set(&average, "kernel_size", int_value(2));
    set(&average, "padding", int_value(1));
    float *a = run_layer(&maximum, shape_from(2, 1, 2), &operands),
          *b = run_layer(&average, shape_from(2, 1, 2), &operands);
    cr_assert(a[0] == -4 && a[1] == -2, "minus infinity, not 0");
    cr_assert(b[0] == -2 && b[1] == -1, "padding counts");
    set(&average, "count_include_pad", bool_value(false));
    float *c = run_layer(&average, shape_from(2, 1, 2), &operands);
    cr_assert(c[0] == -4 && c[1] == -2);
    free(a), free(b), free(c);
}

Test(subject_upsampling, sources) {
    const float x[] = {0, 4};
    conv_operands operands = {.input = {x}};
    conv_spec spec = spec_of("Upsample");
    set(&spec, "scale_factor", int_value(2));
    set(&spec, "mode", text_value("linear"));
    float *y = run_layer(&spec, shape_from(3, 1, 1, 2), &operands);
    const float edges[] = {0, 1, 3, 4}; /* (x + 0.5) / 2 - 0.5 = -0.25 (clamped), 0.25, 0.75, 1.25 (clamped) */
    for (int i = 0; i < 4; i++) cr_assert_eq(y[i], edges[i]);
    free(y);
    set(&spec, "align_corners", bool_value(true));
    y = run_layer(&spec, shape_from(3, 1, 1, 2), &operands);
    for (int i = 0; i < 4; i++) cr_assert_float_eq(y[i], 4.0 * i / 3, 1e-6, "corners pinned");
    free(y);
    conv_spec nearest = spec_of("Upsample");
    set(&nearest, "scale_factor", int_value(2));
    y = run_layer(&nearest, shape_from(3, 1, 1, 2), &operands);
    for (int i = 0; i < 4; i++) cr_assert_eq(y[i], i < 2 ? 0 : 4, "floor");
    free(y);
}

Test(subject_upsampling, bilinear_is_a_transposed_convolution_only_inside) {
    conv_spec linear = spec_of("Upsample"), up = conv_with("ConvTranspose1d", 1, 1, 4);
    set(&linear, "scale_factor", int_value(2));
    set(&linear, "mode", text_value("linear"));
    set(&up, "stride", int_value(2));
    set(&up, "padding", int_value(1));
    float *x = counting(6), w[] = {0.25f, 0.75f, 0.75f, 0.25f}, b[] = {0};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b}, only_input = {.input = {x}};
    float *y = run_layer(&linear, shape_from(3, 1, 1, 6), &only_input),
          *z = run_layer(&up, shape_from(2, 1, 6), &operands);
    for (int i = 1; i < 11; i++) cr_assert_float_eq(y[i], z[i], 1e-5);
    cr_assert_neq(y[0], z[0], "the rim is not");
    free(x), free(y), free(z);
}

Test(subject_unfold, rows_are_channel_then_kernel_row_then_column) {
    conv_spec spec = spec_of("Unfold");
    set(&spec, "kernel_size", int_value(2));
    float x[18];
    for (int i = 0; i < 18; i++) x[i] = (float)i;
    conv_operands operands = {.input = {x}};
    float *y = run_layer(&spec, shape_from(3, 2, 3, 3), &operands);
    for (int row = 0; row < 8; row++)
        for (int column = 0; column < 4; column++) {
            int c = row / 4, ky = row / 2 % 2, kx = row % 2, wy = column / 2, wx = column % 2;
            cr_assert_eq(y[row * 4 + column], (float)(c * 9 + (wy + ky) * 3 + wx + kx));
        }
    free(y);
}

Test(subject_unfold, fold_of_unfold_is_overlap_times_input_and_uncovered_cells_are_0) {
    conv_engine *engine = engine_with(1);
    conv_spec unfold = spec_of("Unfold"), fold = spec_of("Fold");
    set(&unfold, "kernel_size", int_value(3));
    set(&unfold, "stride", int_value(2));
    set(&fold, "output_size", tuple_value(2, 6, 7));
    set(&fold, "kernel_size", int_value(3));
    set(&fold, "stride", int_value(2));
    float *x = counting(42);
    conv_operands operands = {.input = {x}};
    float *columns = run_layer(&unfold, shape_from(3, 1, 6, 7), &operands);
    conv_operands folded = {.input = {columns}};
    conv_plan *plan = plan_for(engine, &fold, shape_from(2, 9, 6), &folded);
    float y[42];
    int64_t counts[42], uncovered = 0;
    cr_assert_eq(conv_plan_run(plan, &folded, y, NULL, NULL, NULL), CONV_OK);
    cr_assert_eq(conv_trace_overlap(plan, counts, NULL), CONV_OK);
    for (int i = 0; i < 42; i++) {
        cr_assert_eq(y[i], (float)counts[i] * x[i]);
        uncovered += counts[i] == 0;
    }
    cr_assert_eq(uncovered, 7, "the last row: dividing by its counts would be 0 / 0");
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    free(x), free(columns);
}

Test(subject_unfold, transposed_convolution_is_a_product_then_fold) {
    enum { IN = 2, OUT = 2, KERNEL = 3, SIDE = 3, FULL = 7 };
    conv_spec up = conv_with("ConvTranspose2d", IN, OUT, KERNEL), fold = spec_of("Fold");
    up.bias = false;
    set(&up, "stride", int_value(2));
    set(&fold, "output_size", int_value(FULL));
    set(&fold, "kernel_size", int_value(KERNEL));
    set(&fold, "stride", int_value(2));
    float *x = counting(IN * SIDE * SIDE), *w = counting(IN * OUT * KERNEL * KERNEL),
          columns[OUT * KERNEL * KERNEL * SIDE * SIDE];
    int rows = OUT * KERNEL * KERNEL, cells = SIDE * SIDE;
    for (int r = 0; r < rows; r++)
        for (int l = 0; l < cells; l++) columns[r * cells + l] = w[r] * x[l] + w[rows + r] * x[cells + l];
    conv_operands direct = {.input = {x}, .weight = w}, folded = {.input = {columns}};
    float *y = run_layer(&up, shape_from(3, IN, SIDE, SIDE), &direct),
          *z = run_layer(&fold, shape_from(2, rows, cells), &folded);
    for (int i = 0; i < OUT * FULL * FULL; i++) cr_assert_eq(y[i], z[i]);
    free(x), free(w), free(y), free(z);
}

static float *deformed(float dy, float dx, float mask) {
    conv_spec spec = conv_with("DeformConv2d", 1, 1, 1);
    spec.bias = false;
    static float x[9], offset[18], masks[9];
    const float w[] = {1};
    for (int i = 0; i < 9; i++) {
        x[i] = (float)(i + 1);
        offset[i] = dy;
        offset[9 + i] = dx;
        masks[i] = mask;
    }
    conv_operands operands = {.input = {x}, .weight = w, .offset = offset, .mask = masks};
    return run_layer(&spec, shape_from(4, 1, 1, 3, 3), &operands);
}

Test(subject_deformable, offsets_are_dy_dx_and_the_outside_reads_0) {
    float *still = deformed(0, 0, 1), *down = deformed(1, 0, 1), *between = deformed(0, 0.5f, 1),
          *masked = deformed(0, 0, -2);
    for (int i = 0; i < 9; i++) {
        float here = (float)(i + 1), right = i % 3 < 2 ? here + 1 : 0;
        cr_assert_eq(still[i], here, "offsets of 0 are a convolution");
        cr_assert_eq(down[i], i < 6 ? here + 3 : 0, "the first number moves down");
        cr_assert_eq(between[i], (here + right) / 2, "bilinear");
        cr_assert_eq(masked[i], -2 * here, "the mask is used as given");
    }
    free(still), free(down), free(between), free(masked);
}

Test(subject_nan, reaches_exactly_the_outputs_whose_taps_read_it) {
    conv_engine *engine = engine_with(2);
    conv_spec spec = conv_with("Conv2d", 8, 8, 3);
    set(&spec, "padding", int_value(1));
    enum { SIDE = 16, INPUTS = 8 * SIDE * SIDE };
    float *x = counting(INPUTS), *w = counting(8 * 8 * 9), *b = counting(8), *y = floats(INPUTS);
    conv_shape input = shape_from(3, 8, SIDE, SIDE);
    x[3 * SIDE * SIDE + 5 * SIDE + 6] = NAN;
    x[3 * SIDE * SIDE + 12 * SIDE + 2] = INFINITY;
    for (int id = CONV_PLAIN; id < CONV_ALGORITHM_COUNT; id++) {
        conv_operands operands = {.input = {x}, .weight = w, .bias = b};
        conv_plan_options options = {.algorithm = (conv_algorithm)id};
        conv_plan *plan = NULL;
        if (conv_plan_create(engine, &spec, &input, 1, &operands, &options, &plan, NULL) != CONV_OK) continue;
        cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
        for (int i = 0; i < INPUTS; i++) {
            int row = i / SIDE % SIDE, column = i % SIDE;
            bool sees = (abs(row - 5) <= 1 && abs(column - 6) <= 1) || (abs(row - 12) <= 1 && abs(column - 2) <= 1);
            cr_assert_eq(isfinite(y[i]) == 0, sees, "%s: output (%d, %d) of channel %d",
                         conv_algorithm_name((conv_algorithm)id), row, column, i / SIDE / SIDE);
        }
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
    free(x), free(w), free(b), free(y);
}
