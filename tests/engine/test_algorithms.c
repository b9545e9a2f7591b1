/* Every chain algorithm gives the plain reference's bits, on every instruction set, for any layer. */
#include "random_layer.h"

static const unsigned sets[] = {CONV_CPU_ALL, CONV_CPU_AVX2, CONV_CPU_PLAIN};
enum { SETS = sizeof sets / sizeof *sets, LAYERS = 150 };

static int64_t first_difference(const float *a, const float *b, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) != 0 && !(isnan(a[i]) && isnan(b[i]))) return i;
    return -1;
}

/* Returns how many runs were compared. */
static int compare_all(conv_engine *const engines[SETS], const random_layer *l) {
    int64_t count = count_of(&l->layout.output);
    float *reference = floats(count), *y = floats(count);
    int runs = 0;
    cr_assert(run_by(engines[0], l, CONV_PLAIN, reference));
    for (int e = 0; e < SETS; e++) {
        for (int id = CONV_PLAIN + 1; id < CONV_ALGORITHM_COUNT; id++) {
            if (!conv_algorithm_is_chain((conv_algorithm)id)) continue;
            memset(y, 0xff, (size_t)count * sizeof *y);
            if (!run_by(engines[e], l, (conv_algorithm)id, y)) continue;
            int64_t at = first_difference(reference, y, count);
            cr_assert_eq(at, -1, "%s by %s on %s: output %lld is %.9g, not %.9g", l->text,
                         conv_algorithm_name((conv_algorithm)id), conv_cpu_name(conv_engine_cpu(engines[e])),
                         (long long)at, (double)y[at], (double)reference[at]);
            runs++;
        }
    }
    free(reference);
    free(y);
    return runs;
}

static void compare_random(const random_wish *wish, uint64_t seed) {
    random_source r = {seed};
    conv_engine *engines[SETS];
    int runs = 0;
    for (int e = 0; e < SETS; e++) engines[e] = engine_of_set(e + 1, sets[e]);
    for (int i = 0; i < LAYERS; i++) {
        random_layer l = random_layer_make(&r, wish);
        runs += compare_all(engines, &l);
        random_layer_free(&l);
    }
    for (int e = 0; e < SETS; e++) conv_engine_destroy(engines[e]);
    cr_assert_geq(runs, LAYERS, "only %d runs were compared", runs);
}

static const random_wish any = {
    .dims = -1, .kernel = -1, .stride = -1, .dilation = -1, .channels_in_group = -1, .outputs_in_group = -1};

Test(algorithms, any_convolution_has_the_reference_bits) {
    compare_random(&any, 1);
}

Test(algorithms, a_transposed_convolution_has_the_reference_bits) {
    random_wish wish = any;
    wish.transposed = true;
    compare_random(&wish, 2);
}

Test(algorithms, a_single_stamp_has_the_reference_bits) {
    random_wish wish = any;
    wish.transposed = true;
    wish.largest = 1;
    compare_random(&wish, 7);
}

Test(algorithms, depthwise_has_the_reference_bits) {
    random_wish wish = any;
    wish.channels_in_group = 1;
    wish.dims = 2;
    wish.largest = 70;
    compare_random(&wish, 3);
}

Test(algorithms, pointwise_has_the_reference_bits) {
    random_wish wish = any;
    wish.kernel = 1;
    compare_random(&wish, 4);
}

Test(algorithms, three_by_three_has_the_reference_bits) {
    random_wish wish = any;
    wish.kernel = 3;
    wish.stride = 1;
    wish.dims = 2;
    compare_random(&wish, 5);
}

/* A square kernel whose taps reach far into the padding, over several samples. */
static random_layer random_padded(random_source *r, int64_t in, int64_t out, int64_t groups) {
    random_layer l = {.spec = spec_of("Conv2d")};
    l.spec.in_channels = in;
    l.spec.out_channels = out;
    l.spec.groups = groups;
    l.spec.bias = random_int(r, 0, 1) == 1;
    l.input = (conv_shape){4, {3, in, random_int(r, 5, 11), random_int(r, 5, 11)}};
    for (int i = 0; i < 2; i++) {
        l.spec.kernel_size[i] = 3;
        l.spec.stride[i] = random_int(r, 1, 2);
        l.spec.dilation[i] = random_int(r, 1, 12);
        l.spec.padding[i] = l.spec.dilation[i];
    }
    cr_assert_eq(conv_layout_infer(&l.spec, &l.input, 1, &l.layout, NULL), CONV_OK);
    random_layer_fill(&l, r);
    return l;
}

/* Windows by regions, in several blocks of the depth and of the weights. */
Test(algorithms, padding_that_is_left_out_leaves_the_reference_bits) {
    static const int64_t channels[][3] = {{130, 70, 1}, {24, 16, 1}, {60, 40, 2}, {1, 20, 1}};
    static const float factors[] = {1, 1e-30f};
    random_source r = {8};
    conv_engine *engines[SETS];
    for (int e = 0; e < SETS; e++) engines[e] = engine_of_set(e + 1, sets[e]);
    for (int i = 0; i < 24; i++) {
        const int64_t *c = channels[i % 4];
        random_layer l = random_padded(&r, c[0], c[1], c[2]);
        float factor = factors[i / 4 % 2];
        for (int64_t k = 0; k < count_of(&l.input); k++) l.x[k] *= random_int(&r, 0, 3) == 0 ? 0 : factor;
        for (int64_t k = 0; k < count_of(&l.layout.weight); k++) l.w[k] *= factor;
        cr_assert_geq(compare_all(engines, &l), SETS, "%s", l.text);
        random_layer_free(&l);
    }
    for (int e = 0; e < SETS; e++) conv_engine_destroy(engines[e]);
}

/* Of any number of rows and features; input rows lie in several axes. */
static random_layer random_linear(random_source *r) {
    random_layer l = {.spec = spec_of("Linear")};
    l.spec.in_channels = random_int(r, 1, random_int(r, 0, 2) == 0 ? 700 : 40);
    l.spec.out_channels = random_int(r, 1, 90);
    l.spec.bias = random_int(r, 0, 1) == 1;
    l.input.rank = (int)random_int(r, 1, 3);
    for (int i = 0; i + 1 < l.input.rank; i++) l.input.size[i] = random_int(r, 1, 13);
    l.input.size[l.input.rank - 1] = l.spec.in_channels;
    cr_assert_eq(conv_layout_infer(&l.spec, &l.input, 1, &l.layout, NULL), CONV_OK);
    random_layer_fill(&l, r);
    return l;
}

/* Small planes, as many channels at once as a vector has lanes, and what is left of them. */
Test(algorithms, depthwise_of_many_channels_has_the_reference_bits) {
    random_source r = {9};
    conv_engine *engines[SETS];
    for (int e = 0; e < SETS; e++) engines[e] = engine_of_set(e + 1, sets[e]);
    for (int i = 0; i < 40; i++) {
        int64_t channels = random_int(&r, 2, 70);
        random_layer l = random_padded(&r, channels, channels, channels);
        cr_assert_geq(compare_all(engines, &l), SETS, "%s", l.text);
        random_layer_free(&l);
    }
    for (int e = 0; e < SETS; e++) conv_engine_destroy(engines[e]);
}

Test(algorithms, linear_has_the_reference_bits) {
    random_source r = {6};
    conv_engine *engines[SETS];
    for (int e = 0; e < SETS; e++) engines[e] = engine_of_set(e + 1, sets[e]);
    for (int i = 0; i < 60; i++) {
        random_layer l = random_linear(&r);
        cr_assert_eq(compare_all(engines, &l), SETS, "%s", l.text);
        random_layer_free(&l);
    }
    for (int e = 0; e < SETS; e++) conv_engine_destroy(engines[e]);
}

/* What the sum of a chain is when numbers vanish or are not finite must not depend on taps that a fast kernel
 * multiplies by 0. */
static void compare_extreme(bool transposed, float weight, float input) {
    random_wish wish = any;
    wish.transposed = transposed;
    wish.largest = 9;
    random_source r = {77};
    conv_engine *engines[SETS];
    for (int e = 0; e < SETS; e++) engines[e] = engine_of_set(1, sets[e]);
    for (int i = 0; i < 40; i++) {
        random_layer l = random_layer_make(&r, &wish);
        int64_t inputs = count_of(&l.input), weights = count_of(&l.layout.weight);
        for (int64_t k = 0; k < inputs; k++)
            if (random_int(&r, 0, 1) == 0) l.x[k] = random_int(&r, 0, 1) == 0 ? input : -input;
        for (int64_t k = 0; k < weights; k++)
            if (random_int(&r, 0, 1) == 0) l.w[k] = random_int(&r, 0, 1) == 0 ? weight : -weight;
        compare_all(engines, &l);
        random_layer_free(&l);
    }
    for (int e = 0; e < SETS; e++) conv_engine_destroy(engines[e]);
}

Test(algorithms, vanishing_products_keep_their_sign) {
    for (int transposed = 0; transposed < 2; transposed++) {
        compare_extreme(transposed, 1e-30f, 1e-30f);
        compare_extreme(transposed, 1e-30f, 0.0f);
        compare_extreme(transposed, 0.0f, 1e-40f);
    }
}

/* Infinite weights make NaN of the zeros that a convolution reads in its padding, and of nothing in a transposed one,
 * which has none. */
Test(algorithms, infinite_weights_meet_the_same_cells) {
    compare_extreme(true, INFINITY, 1.0f);
    compare_extreme(false, INFINITY, 1.0f);
}
