/* Activations of numbers that are none, have no end, or are a zero with a sign: what PyTorch 1.13 gives, on every
 * instruction set, in whole vectors and in what is left of one. */
#include "layer.h"
#include <math.h>

enum { NUMBERS = 8, COUNT = 5 * NUMBERS };

static const float numbers[NUMBERS] = {NAN, -INFINITY, INFINITY, -0.0f, 0.0f, -3, 3, 9};

/* Zeros have a sign; LeakyReLU is that of slope 0.25. */
static const struct {
    const char *op;
    float right[NUMBERS];
} activations[] = {{"ReLU", {NAN, 0, INFINITY, -0.0f, 0, 0, 3, 9}},
                   {"LeakyReLU", {NAN, -INFINITY, INFINITY, -0.0f, 0, -0.75f, 3, 9}},
                   {"ReLU6", {NAN, 0, 6, -0.0f, 0, 0, 3, 6}},
                   {"Hardsigmoid", {NAN, 0, 1, 0.5f, 0.5f, 0, 1, 1}},
                   {"Hardswish", {NAN, NAN, INFINITY, -0.0f, 0, -0.0f, 3, 9}},
                   {"Sigmoid", {NAN, 0, 1, 0.5f, 0.5f, 0.0474258736f, 0.952574134f, 0.999876618f}},
                   {"SiLU", {NAN, NAN, INFINITY, -0.0f, 0, -0.142277613f, 2.85772228f, 8.99888992f}},
                   {"Tanh", {NAN, -1, 1, -0.0f, 0, -0.995054781f, 0.995054781f, 1}}};

static void check(conv_engine *engine, const char *op, const float right[NUMBERS]) {
    conv_spec spec = spec_of(op);
    if (spec.op->kind == CONV_LEAKY_RELU) spec.slope = 0.25;
    float x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++) x[i] = numbers[i % NUMBERS];
    conv_operands operands = {.input = {x}};
    for (int count = 1; count <= COUNT; count++) {
        conv_plan *plan = plan_for(engine, &spec, shape_from(2, 1, count), &operands);
        cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
        for (int i = 0; i < count; i++) {
            float r = right[i % NUMBERS];
            bool same = isnan(r) ? isnan(y[i]) != 0
                                 : (y[i] == r || fabsf(y[i] - r) <= 3e-7f * fabsf(r)) && !signbit(y[i]) == !signbit(r);
            cr_assert(same, "%s on %s, of %d: %g gives %.9g, not %.9g", op, conv_cpu_name(conv_engine_cpu(engine)),
                      count, (double)x[i], (double)y[i], (double)r);
        }
        conv_plan_destroy(plan);
    }
}

Test(activation, numbers_that_are_none_or_have_no_end) {
    static const unsigned sets[] = {CONV_CPU_ALL, CONV_CPU_AVX2, CONV_CPU_PLAIN};
    for (int s = 0; s < 3; s++) {
        conv_engine *engine = engine_of_set(1, sets[s]);
        for (size_t i = 0; i < sizeof activations / sizeof *activations; i++)
            check(engine, activations[i].op, activations[i].right);
        conv_engine_destroy(engine);
    }
}
