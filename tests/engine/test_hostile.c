/* What must not bring the engine down: absurd sizes, little memory, failing allocations, a caller's floating-point
 * environment. */
#include "layer.h"
#include "random_spec.h"
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>

/* An allocator that counts what is out, and fails from the n-th request on when told to. */
typedef struct counter {
    int64_t requests, out, fail_from;
    size_t largest;
} counter;

static void *counted(void *context, void *memory, size_t size) {
    counter *c = context;
    if (size == 0) {
        c->out -= memory != NULL;
        free(memory);
        return NULL;
    }
    c->requests++;
    if (size > c->largest) c->largest = size;
    if (c->fail_from > 0 && c->requests >= c->fail_from) return NULL;
    void *moved = realloc(memory, size);
    c->out += memory == NULL && moved != NULL;
    return moved;
}

static conv_engine *engine_counted(counter *c, size_t memory_limit) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.memory_limit = memory_limit;
    options.allocator = (conv_allocator){.resize = counted, .context = c};
    conv_engine *engine = NULL;
    if (conv_engine_create(&options, &engine, NULL) != CONV_OK) return NULL;
    return engine;
}

static const int64_t absurd[] = {INT64_MIN,        INT64_MIN + 1, -1,       0, 1, 3, INT32_MAX,
                                 (int64_t)1 << 40, INT64_MAX - 1, INT64_MAX};
enum { ABSURD = sizeof absurd / sizeof absurd[0] };

/* Any mix of absurd numbers is answered at once, by a layout or an error with words, and nothing is allocated for it.
 */
Test(hostile, absurd_sizes) {
    random_state r = {99};
    counter c = {0};
    conv_engine *engine = engine_counted(&c, 0);
    for (int round = 0; round < 40000; round++) {
        conv_spec spec;
        const conv_op *op = conv_op_at(random_int(&r, 0, conv_op_count() - 1));
        conv_spec_init(&spec, op);
        for (int p = 0; p < op->param_count; p++) {
            conv_value value =
                int_value(random_chance(&r, 0.6) ? 1 + random_int(&r, 0, 3) : absurd[random_int(&r, 0, ABSURD - 1)]);
            conv_spec_set(&spec, p, &value, NULL);
        }
        conv_shape input = {.rank = random_int(&r, 0, CONV_MAX_DIMS)};
        for (int d = 0; d < input.rank; d++)
            input.size[d] = random_chance(&r, 0.7) ? random_int(&r, 1, 9) : absurd[random_int(&r, 0, ABSURD - 1)];
        conv_layout layout;
        conv_error error = {0};
        if (conv_layout_infer(&spec, &input, 1, &layout, &error) == CONV_OK) {
            cr_assert_geq(conv_shape_count(&layout.output), 0);
            cr_assert_geq(layout.steps, 0);
            cr_assert_geq(layout.cost.multiply_adds, -1);
            char text[256];
            for (int a = 0; a < layout.dims; a++) conv_layout_formula(&layout, a, text, sizeof text);
        } else {
            cr_assert_gt(strlen(error.message), 10);
            cr_assert_null(strchr(error.message, '{'), "a place was not filled: %s", error.message);
        }
        conv_spec_check(&spec, NULL);
    }
    conv_engine_destroy(engine);
    cr_assert_eq(c.out, 0);
}

Test(hostile, too_much_memory_is_refused_with_the_amount) {
    counter c = {0};
    conv_engine *engine = engine_counted(&c, 1 << 20);
    conv_spec spec = conv_with("Conv2d", 1, 1, 3);
    conv_shape input = shape_from(4, 1, 1, 1000, 1000);
    conv_plan *plan = NULL;
    conv_error error = {0};
    c.largest = 0;
    cr_assert_eq(conv_plan_create(engine, &spec, &input, 1, NULL, NULL, &plan, &error), CONV_TOO_LARGE);
    cr_assert(strstr(error.message, "7.6 MiB") != NULL && strstr(error.message, "1 MiB") != NULL, "%s", error.message);
    cr_assert_lt(c.largest, 1 << 16, "nothing of that size was asked for");
    conv_engine_destroy(engine);
    cr_assert_eq(c.out, 0);
    engine = engine_with(1);
    cr_assert_gt(conv_engine_memory_limit(engine), 1 << 20, "by default half of the machine's");
    conv_engine_destroy(engine);
}

/* All of the library's work, once; false when something was refused for want of memory. */
static bool work(counter *c) {
    conv_engine *engine = engine_counted(c, 0);
    if (engine == NULL) return false;
    conv_layer layers[4];
    const char *const names[] = {"Conv2d", "ReLU", "MaxPool2d", "MaxUnpool2d"};
    for (int i = 0; i < 4; i++) {
        layers[i] = (conv_layer){
            .spec = spec_of(names[i]), .input_count = 1, .input = {i - 1}, .indices_from = i == 3 ? 2 : -1};
        snprintf(layers[i].name, sizeof layers[i].name, "%d", i);
    }
    layers[0].spec = conv_with("Conv2d", 2, 8, 3);
    layers[2].spec.kernel_size[0] = layers[2].spec.kernel_size[1] = 2;
    layers[3].spec.kernel_size[0] = layers[3].spec.kernel_size[1] = 2;
    conv_shape input = shape_from(4, 1, 2, 10, 10);
    float *x = counting(200), *map = floats(100), *gradient = floats(200);
    const int64_t position[] = {3, 3};
    int64_t first[2], last[2];
    conv_network *network = NULL;
    conv_field field;
    conv_matrix matrix = {0}, transpose = {0};
    bool done = conv_network_create(engine, layers, 4, &input, &network, NULL) == CONV_OK;
    done = done && conv_network_draw_weights(network, 1, NULL) == CONV_OK;
    done = done && conv_network_run(network, x, NULL, NULL) == CONV_OK;
    done = done && conv_network_backward(network, 1, conv_network_output(network, 1), gradient, NULL) == CONV_OK;
    done = done && conv_network_influence(network, 3, position, 1, 2, map, NULL) == CONV_OK;
    done = done && conv_network_field(network, 3, 0, &field, NULL) == CONV_OK;
    done = done && conv_network_reach(network, 3, position, first, last, NULL) == CONV_OK;
    if (done) {
        conv_operands operands;
        float *y = floats(512);
        conv_network_operands(network, 0, &operands);
        conv_plan *plan = conv_network_plan(network, 0);
        cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
        done = conv_plan_update(plan, &operands, 0, 5, 6, y, NULL, NULL) == CONV_OK;
        done = done && conv_matrix_create(plan, &operands, 1 << 20, &matrix, NULL) == CONV_OK;
        bool made = done;
        done = done && conv_matrix_transpose(&matrix, &transpose, NULL) == CONV_OK;
        if (made) conv_matrix_destroy(&matrix);
        if (done) conv_matrix_destroy(&transpose);
        free(y);
    }
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    free(x), free(map), free(gradient);
    return done;
}

Test(hostile, every_allocation_may_fail) {
    counter all = {0};
    cr_assert(work(&all));
    cr_assert_eq(all.out, 0, "%" PRId64 " blocks were not given back", all.out);
    cr_assert_gt(all.requests, 50);
    for (int64_t n = 1; n <= all.requests; n++) {
        counter c = {.fail_from = n};
        cr_assert(!work(&c), "allocation %" PRId64 " failed and nobody said so", n);
        cr_assert_eq(c.out, 0, "allocation %" PRId64 " failed and %" PRId64 " blocks were not given back", n, c.out);
    }
}

/* The same bits in whatever environment the caller computes, and the caller's environment afterwards. */
Test(hostile, floating_point_environment) {
    conv_engine *engine = engine_with(2);
    conv_spec spec = conv_with("Conv2d", 3, 4, 3);
    conv_shape input = shape_from(3, 3, 9, 9);
    random_state r = {5};
    float x[243], w[108], b[4], right[196], y[196], traced = 0;
    for (int i = 0; i < 243; i++) x[i] = random_real(&r);
    for (int i = 0; i < 108; i++) w[i] = random_real(&r) * (i % 7 == 0 ? 1e-38f : 1);
    for (int i = 0; i < 4; i++) b[i] = random_real(&r);
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    conv_plan *plan = plan_for(engine, &spec, input, &operands);
    conv_plan_run(plan, &operands, right, NULL, NULL, NULL);
    static const int modes[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    for (int m = 0; m < 4; m++) {
        fesetround(modes[m]);
        conv_plan_run(plan, &operands, y, NULL, NULL, NULL);
        cr_assert_eq(memcmp(y, right, sizeof y), 0, "a run in rounding mode %d", m);
        memset(y, 0, sizeof y);
        conv_plan_run_steps(plan, &operands, 0, 100, y, NULL);
        conv_plan_run_steps(plan, &operands, 100, 196, y, NULL);
        cr_assert_eq(memcmp(y, right, sizeof y), 0, "steps in rounding mode %d", m);
        conv_tap taps[27];
        int64_t count;
        conv_trace_output(plan, &operands, 77, taps, 27, &count, &traced, NULL);
        cr_assert_eq(memcmp(&traced, &right[77], sizeof traced), 0, "a trace in rounding mode %d", m);
        cr_assert_eq(fegetround(), modes[m], "the caller's rounding mode is left");
    }
    fesetround(FE_TONEAREST);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}

Test(hostile, denormals_are_kept) {
#if defined(__x86_64__)
    /* A caller that flushes them: results and operands. */
    unsigned callers = __builtin_ia32_stmxcsr();
    __builtin_ia32_ldmxcsr(callers | 0x8040);
#endif
    conv_spec spec = conv_with("Conv1d", 1, 1, 1);
    const float x[] = {FLT_MIN}, w[] = {0.25f}, b[] = {0};
    conv_operands operands = {.input = {x}, .weight = w, .bias = b};
    float *y = run_layer(&spec, shape_from(2, 1, 1), &operands);
#if defined(__x86_64__)
    cr_assert_eq(__builtin_ia32_stmxcsr() & 0x8040, 0x8040, "the caller goes on flushing");
    __builtin_ia32_ldmxcsr(callers);
#endif
    cr_assert_eq(y[0], FLT_MIN / 4);
    free(y);
}

Test(hostile, empty_batches) {
    const char *const names[] = {"Conv2d", "ConvTranspose2d"};
    for (int i = 0; i < 2; i++) {
        conv_spec spec = conv_with(names[i], 2, 3, 2);
        const float w[24] = {0}, b[3] = {0};
        conv_operands operands = {.weight = w, .bias = b};
        conv_layout layout = layout_of(&spec, shape_from(4, 0, 2, 5, 5));
        cr_assert_eq(layout.output.size[0], 0);
        cr_assert_eq(layout.steps, 0);
        free(run_layer(&spec, shape_from(4, 0, 2, 5, 5), &operands));
    }
}

Test(hostile, missing_operands_are_named) {
    conv_engine *engine = engine_with(1);
    conv_spec spec = conv_with("Conv1d", 1, 1, 1);
    conv_shape input = shape_from(2, 1, 3);
    const float w[] = {1}, x[3] = {0};
    float y[3];
    conv_operands no_bias = {.weight = w}, none = {0};
    conv_plan *plan = NULL;
    conv_error error = {0};
    cr_assert_eq(conv_plan_create(engine, &spec, &input, 1, &no_bias, NULL, &plan, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "bias");
    plan = plan_for(engine, &spec, input, NULL);
    cr_assert_eq(conv_plan_run(plan, &none, y, NULL, NULL, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "input");
    conv_operands unweighted = {.input = {x}};
    cr_assert_eq(conv_plan_run(plan, &unweighted, y, NULL, NULL, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "weight");
    cr_assert_eq(conv_plan_run(plan, &unweighted, NULL, NULL, NULL, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "output");
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
}
