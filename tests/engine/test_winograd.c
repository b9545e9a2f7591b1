/* Winograd's error stays within 1e-5 + 1e-4 |y| of float64, its bits do not depend on threads, and what is not finite
 * comes out as the chain has it. */
#include "random_layer.h"

static const random_wish wish = {
    .dims = -1, .kernel = -1, .stride = 1, .dilation = -1, .channels_in_group = -1, .outputs_in_group = -1};

/* Output element in float64, from the taps of the trace. */
static double exact(const conv_plan *plan, const random_layer *l, int64_t output, conv_tap *taps, int64_t capacity) {
    int64_t count = 0;
    cr_assert_eq(conv_trace_output(plan, &l->operands, output, taps, capacity, &count, NULL, NULL), CONV_OK);
    cr_assert_leq(count, capacity);
    double sum = 0;
    for (int64_t i = 0; i < count; i++) sum += (double)taps[i].value * (double)taps[i].factor;
    int64_t channel =
        output / (count_of(&l->layout.output) / l->layout.batch / l->layout.out_channels) % l->layout.out_channels;
    return l->operands.bias != NULL ? sum + (double)l->operands.bias[channel] : sum;
}

static void compare_exact(conv_engine *engine, const random_layer *l, const float *y, random_source *r) {
    conv_plan *plan = NULL;
    cr_assert_eq(conv_plan_create(engine, &l->spec, &l->input, 1, &l->operands, NULL, &plan, NULL), CONV_OK);
    /* Every tap of a channel at most; a transposed convolution's outputs have more or fewer of them. */
    int64_t count = count_of(&l->layout.output), most = l->layout.in_channels / l->spec.groups;
    for (int i = 0; i < l->layout.dims; i++) most *= l->spec.kernel_size[i];
    conv_tap *taps = malloc((size_t)most * sizeof *taps);
    cr_assert_not_null(taps);
    for (int i = 0; i < 60; i++) {
        int64_t o = random_int(r, 0, count - 1);
        double e = exact(plan, l, o, taps, most);
        cr_assert_leq(fabs((double)y[o] - e), 1e-5 + 1e-4 * fabs(e), "%s: output %lld is %.9g, not %.9g", l->text,
                      (long long)o, (double)y[o], e);
    }
    free(taps);
    conv_plan_destroy(plan);
}

static void compare_layers(const random_wish *what, uint64_t seed, int layers, int least) {
    random_source r = {seed};
    conv_engine *one = engine_of_set(1, CONV_CPU_ALL), *three = engine_of_set(3, CONV_CPU_ALL);
    int done = 0;
    for (int i = 0; i < layers; i++) {
        random_layer l = random_layer_make(&r, what);
        int64_t count = count_of(&l.layout.output);
        float *a = floats(count), *b = floats(count);
        if (run_by(one, &l, CONV_WINOGRAD, a)) {
            done++;
            compare_exact(one, &l, a, &r);
            cr_assert(run_by(three, &l, CONV_WINOGRAD, b));
            cr_assert_eq(memcmp(a, b, (size_t)count * sizeof *a), 0, "%s: 3 threads give other bits than 1", l.text);
        }
        free(a);
        free(b);
        random_layer_free(&l);
    }
    conv_engine_destroy(one);
    conv_engine_destroy(three);
    cr_assert_geq(done, least, "only %d layers were compared", done);
}

Test(winograd, any_layer_it_takes_is_within_tolerance) {
    compare_layers(&wish, 11, 200, 20);
}

Test(winograd, three_by_three_and_five_by_five_are_within_tolerance) {
    random_wish w = wish;
    for (w.kernel = 3; w.kernel <= 5; w.kernel += 2) compare_layers(&w, (uint64_t)(20 + w.kernel), 60, 50);
}

Test(winograd, three_by_three_at_stride_two_is_within_tolerance) {
    random_wish w = wish;
    w.kernel = 3;
    w.stride = 2;
    w.dilation = 1;
    compare_layers(&w, 51, 60, 50);
    w.dims = 2;
    w.channels_in_group = 300;
    w.outputs_in_group = 8;
    w.largest = 20;
    compare_layers(&w, 53, 12, 10);
}

/* Kernels that are sums of sub-kernels: longer than a transform takes, or with a stride. */
Test(winograd, long_kernels_and_strides_are_within_tolerance) {
    static const int64_t kernels[] = {2, 4, 5, 6, 7, 9, 11};
    random_wish w = wish;
    for (w.stride = 1; w.stride <= 4; w.stride++)
        for (int i = 0; i < 7; i++) {
            w.kernel = kernels[i];
            w.dilation = w.stride == 1 ? -1 : 1;
            if (w.kernel > w.stride) compare_layers(&w, (uint64_t)(60 + 10 * i + w.stride), 14, 8);
        }
}

Test(winograd, long_kernels_of_many_channels_are_within_tolerance) {
    random_wish w = wish;
    w.dims = 2;
    w.outputs_in_group = 8;
    w.largest = 20;
    for (w.stride = 1; w.stride <= 2; w.stride++)
        for (w.kernel = 5; w.kernel <= 7; w.kernel++) {
            w.dilation = 1;
            w.channels_in_group = w.kernel == 6 ? 150 : 33;
            compare_layers(&w, (uint64_t)(150 + w.kernel + 10 * w.stride), 5, 4);
        }
}

/* The last row and column are parts of their own. */
Test(winograd, planes_with_one_cell_more_than_tiles_are_within_tolerance) {
    random_wish w = wish;
    w.dims = 2;
    w.kernel = 3;
    w.dilation = 1;
    w.channels_in_group = 16;
    w.outputs_in_group = 17;
    for (w.stride = 1; w.stride <= 2; w.stride++)
        for (w.side = 8 * w.stride + 1; w.side <= 18 * w.stride + 1; w.side += w.stride)
            compare_layers(&w, (uint64_t)(800 + 50 * w.stride + w.side), 3, 2);
}

/* Kernels of different lengths, of which one may have a transform at stride 2 and the other none. */
Test(winograd, unequal_kernels_at_stride_two_are_within_tolerance) {
    random_wish w = wish;
    w.dims = 2;
    w.stride = 2;
    w.dilation = 1;
    compare_layers(&w, 901, 150, 80);
}

/* Each phase a part, or all of them variants of one, as the cost model has it. */
Test(winograd, transposed_layers_are_within_tolerance) {
    random_wish w = wish;
    w.transposed = true;
    w.stride = -1;
    compare_layers(&w, 71, 200, 20);
    w.dilation = 1;
    w.dims = 2;
    for (w.stride = 1; w.stride <= 4; w.stride++)
        for (w.kernel = w.stride + 1; w.kernel <= 2 * w.stride + 3; w.kernel++)
            compare_layers(&w, (uint64_t)(500 + 10 * w.kernel + w.stride), 14, 14);
}

Test(winograd, transposed_layers_of_many_channels_are_within_tolerance) {
    random_wish w = wish;
    w.transposed = true;
    w.dims = 2;
    w.stride = 2;
    w.dilation = 1;
    w.outputs_in_group = 8;
    w.channels_in_group = 300;
    w.largest = 12;
    for (w.kernel = 3; w.kernel <= 5; w.kernel++) compare_layers(&w, (uint64_t)(700 + w.kernel), 12, 10);
}

Test(winograd, many_channels_are_within_tolerance) {
    random_wish w = wish;
    w.kernel = 3;
    w.dims = 2;
    w.channels_in_group = 300;
    w.outputs_in_group = 8;
    w.largest = 12;
    compare_layers(&w, 31, 12, 10);
}

Test(winograd, what_is_not_finite_reaches_the_outputs_that_see_it) {
    random_wish w = wish;
    w.kernel = 3;
    w.dims = 2;
    w.dilation = 1;
    random_source r = {41};
    conv_engine *engine = engine_of_set(2, CONV_CPU_ALL);
    for (int i = 0; i < 80; i++) {
        w.stride = 1 + i % 2;
        w.kernel = 3 + i % 5;
        w.transposed = i >= 40;
        random_layer l = random_layer_make(&r, &w);
        int64_t inputs = count_of(&l.input), count = count_of(&l.layout.output);
        static const float odd[] = {INFINITY, -INFINITY, NAN};
        for (int k = 0; k < 3; k++) l.x[random_int(&r, 0, inputs - 1)] = odd[random_int(&r, 0, 2)];
        float *chain = floats(count), *y = floats(count);
        cr_assert(run_by(engine, &l, CONV_PLAIN, chain));
        cr_assert(run_by(engine, &l, CONV_WINOGRAD, y));
        for (int64_t o = 0; o < count; o++) {
            bool same = isfinite(chain[o]) ? isfinite(y[o]) && fabsf(y[o] - chain[o]) <= 2e-5f + 2e-4f * fabsf(chain[o])
                        : isnan(chain[o])  ? isnan(y[o]) != 0
                                           : y[o] == chain[o];
            cr_assert(same, "%s: output %lld is %g, and the chain has %g", l.text, (long long)o, (double)y[o],
                      (double)chain[o]);
        }
        free(chain);
        free(y);
        random_layer_free(&l);
    }
    conv_engine_destroy(engine);
}
