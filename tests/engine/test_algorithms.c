/* Every chain algorithm gives the plain reference's bits, on every instruction set, for any layer. */
#include "random_layer.h"

static const unsigned sets[] = {CONV_CPU_ALL, CONV_CPU_AVX2, CONV_CPU_PLAIN};
enum { SETS = sizeof sets / sizeof *sets, LAYERS = 150 };

static int64_t first_difference(const float *a, const float *b, int64_t count) {
    for (int64_t i = 0; i < count; i++)
        if (memcmp(&a[i], &b[i], sizeof *a) != 0) return i;
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
