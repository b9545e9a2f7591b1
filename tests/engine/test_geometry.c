/* Where taps land, counted and reached: closed forms against walking through all windows and taps. */
#include "geometry.h"
#include "layer.h"
#include "random_spec.h"
#include <inttypes.h>

static conv_axis random_axis(random_state *r) {
    conv_axis axis = {.in = random_int(r, 1, 9),
                      .kernel = random_int(r, 1, 5),
                      .stride = random_int(r, 1, 4),
                      .dilation = random_int(r, 1, 4),
                      .pad_before = random_int(r, 0, 4),
                      .pad_after = random_int(r, 0, 4),
                      .mode = (conv_padding_mode)random_int(r, 0, 3)};
    if (axis.mode == CONV_REFLECT) axis.in += 4;
    axis.out = random_int(r, 1, 9);
    return axis;
}

Test(geometry, padding_modes_copy_these_cells) {
    static const struct {
        conv_padding_mode mode;
        int64_t size, p, cell;
    } cases[] = {
        {CONV_REFLECT, 4, -1, 1},   {CONV_REFLECT, 4, -3, 3},  {CONV_REFLECT, 4, 4, 2},   {CONV_REFLECT, 4, 6, 0},
        {CONV_REPLICATE, 4, -9, 0}, {CONV_REPLICATE, 4, 9, 3}, {CONV_CIRCULAR, 4, -1, 3}, {CONV_CIRCULAR, 4, 4, 0},
        {CONV_CIRCULAR, 4, -4, 0},  {CONV_ZEROS, 4, -1, -1},   {CONV_CONSTANT, 4, 4, -1}, {CONV_ZEROS, 4, 3, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(conv_axis_source(cases[i].mode, cases[i].size, cases[i].p), cases[i].cell, "case %d", (int)i);
}

Test(geometry, counts_by_walking) {
    random_state r = {4};
    for (int n = 0; n < 4000; n++) {
        conv_axis axis = random_axis(&r);
        int64_t reads[16] = {0}, lands[16] = {0}, inside = 0;
        for (int64_t w = 0; w < axis.out; w++)
            for (int64_t t = 0; t < axis.kernel; t++) {
                int64_t p = conv_axis_tap(&axis, w, t);
                inside += p >= 0 && p < axis.in;
                bool padded = p >= -axis.pad_before && p < axis.in + axis.pad_after;
                int64_t cell = conv_axis_source(axis.mode, axis.in, p);
                if (cell >= 0 && padded) reads[cell]++;
            }
        cr_assert_eq(axis_inside(&axis, axis.out, axis.in), inside);
        for (int64_t c = 0; c < axis.in; c++)
            cr_assert_eq(axis_reads(&axis, c), reads[c], "mode %d cell %d", axis.mode, (int)c);
        for (int64_t w = 0; w < axis.in; w++) {
            int64_t kept = 0;
            for (int64_t t = 0; t < axis.kernel; t++) {
                int64_t p = conv_axis_tap(&axis, w, t);
                if (p < 0 || p >= axis.out) continue;
                lands[p]++;
                kept++;
            }
            cr_assert_eq(axis_kept(&axis, w), kept);
        }
        for (int64_t c = 0; c < axis.out; c++) cr_assert_eq(axis_lands(&axis, c), lands[c]);
    }
}

Test(geometry, pairs_are_counted_at_once_for_any_size) {
    int64_t n = (int64_t)1 << 30;
    conv_axis axis = {.kernel = n, .stride = 1, .dilation = 1};
    cr_assert_eq(axis_inside(&axis, n, 2 * n - 1), n * n, "all");
    cr_assert_eq(axis_inside(&axis, n, n), n * (n + 1) / 2, "a triangle");
    axis.stride = n;
    cr_assert_eq(axis_inside(&axis, n, n * n), n * n, "windows side by side");
    axis.kernel = (int64_t)1 << 40;
    cr_assert_eq(axis_inside(&axis, (int64_t)1 << 40, INT64_MAX), -1, "2^80 do not fit");
}

Test(geometry, reach_by_walking) {
    random_state r = {8};
    for (int n = 0; n < 4000; n++) {
        conv_axis axis = random_axis(&r);
        if (n % 2) { /* rounds of taps longer than a kernel, and shorter */
            axis.in = random_int(&r, 5, 30);
            axis.kernel = random_int(&r, 1, 20);
            axis.stride = random_int(&r, 1, 8);
            axis.dilation = random_int(&r, 1, 8);
            axis.pad_before = random_int(&r, 0, 40);
        }
        int64_t from = random_int(&r, 0, (int)axis.out - 1), to = random_int(&r, (int)from, (int)axis.out - 1);
        int64_t low = INT64_MAX, high = -1, first, last;
        for (int64_t w = from; w <= to; w++)
            for (int64_t t = 0; t < axis.kernel; t++) {
                int64_t cell = axis_source(&axis, conv_axis_tap(&axis, w, t));
                if (cell < 0) continue;
                if (cell < low) low = cell;
                if (cell > high) high = cell;
            }
        axis_reach_gather(&axis, from, to, &first, &last);
        cr_assert_eq(last, high);
        if (high >= 0) cr_assert_eq(first, low);
        low = INT64_MAX;
        high = -1;
        for (int64_t w = 0; w < axis.in; w++)
            for (int64_t t = 0; t < axis.kernel; t++) {
                int64_t p = conv_axis_tap(&axis, w, t);
                if (p < from || p > to) continue;
                if (w < low) low = w;
                if (w > high) high = w;
            }
        axis_reach_scatter(&axis, from, to, &first, &last);
        cr_assert_eq(last, high);
        if (high >= 0) cr_assert_eq(first, low);
    }
}

/* Anybody may type a kernel that has more taps than can be walked through. */
Test(geometry, reach_of_endless_kernels, .timeout = 60) {
    const int64_t taps = (int64_t)1 << 38, windows = 1000;
    conv_axis axis = {.in = 3 * (taps + windows), .out = windows, .kernel = taps, .stride = 3, .dilation = 3};
    int64_t first, last;
    axis_reach_gather(&axis, 7, windows - 1, &first, &last);
    cr_expect_eq(first, 21);
    cr_expect_eq(last, 3 * (windows - 1 + taps - 1));
    axis.pad_before = 100;
    axis_reach_gather(&axis, 7, windows - 1, &first, &last);
    cr_expect_eq(first, 2, "the window and the tap whose numbers add up to 34");
    axis_reach_scatter(&axis, 2, 2, &first, &last);
    cr_expect_eq(first, 0);
    cr_expect_eq(last, 34);
}

/* A layer's field is the largest reach of its outputs away from the rim; start and jump say where it lies. */
Test(geometry, field_is_the_largest_reach) {
    random_state r = {15};
    const char *const names[] = {"Conv1d", "ConvTranspose1d", "MaxPool1d"};
    for (int n = 0; n < 600; n++) {
        conv_spec spec = spec_of(names[n % 3]);
        bool pool = n % 3 == 2;
        if (!pool) spec.in_channels = spec.out_channels = 1;
        set(&spec, "kernel_size", int_value(random_int(&r, 1, 5)));
        set(&spec, "stride", int_value(random_int(&r, 1, 4)));
        set(&spec, "dilation", int_value(random_int(&r, 1, 3)));
        if (!pool) set(&spec, "padding", int_value(random_int(&r, 0, 2)));
        conv_shape input = shape_from(2, 1, 200);
        conv_layout layout;
        if (conv_layout_infer(&spec, &input, 1, &layout, NULL) != CONV_OK) continue;
        conv_field field = conv_field_through(conv_field_identity(), &layout, 0);
        int64_t largest = 0, out = layout.axis[0].out;
        for (int64_t o = out / 4; o < out * 3 / 4; o++) {
            int64_t first, last;
            conv_layout_reach(&layout, 0, o, o, &first, &last);
            if (last - first + 1 > largest) largest = last - first + 1;
            if (first > last) continue;
            double start = field.start + field.jump * (double)o;
            cr_assert_leq(start, (double)first + 1e-9, "%s", spec.op->name);
            double end =
                start + (double)conv_axis_extent(&layout.axis[0]) * (layout.flow == CONV_SCATTER ? field.jump : 1);
            cr_assert_geq(end, (double)last - 1e-9);
        }
        cr_assert_eq(field.size, largest, "%s: k %d s %d d %d", spec.op->name, (int)spec.kernel_size[0],
                     (int)spec.stride[0], (int)spec.dilation[0]);
    }
}
