/* What the cost model chooses, and that its choice follows from the layer and the instruction set alone. */
#include "random_layer.h"

typedef struct choice {
    const char *op;
    int64_t in, out, groups, kernel, stride, padding, dilation, side, depth;
    conv_algorithm expected;
} choice;

/* Layers known to everybody, at the sizes where they occur. Times that decide stand in tests/bench/RESULTS.md. */
static const choice choices[] = {
    {"Conv2d", 64, 64, 1, 3, 1, 1, 1, 56, 0, CONV_WINOGRAD},
    {"Conv2d", 256, 256, 1, 3, 1, 1, 1, 14, 0, CONV_WINOGRAD},
    {"Conv2d", 64, 64, 1, 3, 1, 1, 1, 224, 0, CONV_WINOGRAD},
    {"Conv2d", 256, 256, 1, 3, 1, 2, 2, 28, 0, CONV_WINOGRAD},
    {"Conv2d", 32, 32, 1, 5, 1, 2, 1, 112, 0, CONV_WINOGRAD},
    {"Conv3d", 32, 32, 1, 3, 1, 1, 1, 56, 16, CONV_WINOGRAD},
    {"Conv1d", 256, 256, 1, 3, 1, 1, 1, 2048, 0, CONV_WINOGRAD},
    {"Conv2d", 3, 64, 1, 7, 2, 3, 1, 224, 0, CONV_WINOGRAD},
    {"Conv2d", 64, 128, 1, 5, 2, 2, 1, 32, 0, CONV_WINOGRAD},
    {"Conv2d", 64, 64, 1, 7, 1, 3, 1, 28, 0, CONV_WINOGRAD},
    {"Conv2d", 64, 128, 1, 4, 2, 1, 1, 32, 0, CONV_WINOGRAD},
    {"Conv2d", 256, 256, 1, 3, 2, 1, 1, 28, 0, CONV_WINOGRAD},
    {"Conv2d", 3, 32, 1, 3, 2, 1, 1, 224, 0, CONV_DIRECT},
    {"Conv2d", 3, 64, 1, 4, 2, 1, 1, 64, 0, CONV_DIRECT},
    {"Conv1d", 64, 64, 1, 9, 1, 4, 1, 1024, 0, CONV_WINOGRAD},
    {"Conv2d", 3, 16, 1, 3, 1, 1, 1, 1000, 0, CONV_DIRECT},
    {"Conv2d", 256, 64, 1, 1, 1, 0, 1, 56, 0, CONV_IM2COL},
    {"Conv2d", 512, 2048, 1, 1, 1, 0, 1, 7, 0, CONV_IM2COL},
    {"Conv2d", 128, 128, 1, 3, 2, 1, 1, 56, 0, CONV_WINOGRAD},
    {"Conv3d", 32, 32, 4, 3, 1, 1, 1, 28, 8, CONV_WINOGRAD},
    {"Conv2d", 16, 8, 1, 3, 1, 1, 1, 40, 0, CONV_WINOGRAD},
    {"Conv2d", 32, 32, 4, 3, 1, 1, 1, 56, 0, CONV_DIRECT},
    {"Conv2d", 256, 256, 32, 3, 2, 1, 1, 28, 0, CONV_PICTURE},
    {"Conv2d", 512, 512, 1, 3, 2, 1, 1, 14, 0, CONV_IM2COL},
    {"Conv2d", 512, 512, 1, 3, 2, 1, 1, 7, 0, CONV_WINOGRAD},
    {"Conv2d", 512, 512, 1, 3, 2, 1, 1, 4, 0, CONV_IM2COL},
    {"Conv2d", 256, 64, 1, 3, 1, 6, 6, 33, 0, CONV_IM2COL},
    {"Conv2d", 320, 256, 1, 3, 1, 12, 12, 33, 0, CONV_IM2COL},
    {"Conv2d", 3, 768, 1, 16, 16, 0, 1, 224, 0, CONV_IM2COL},
    {"Conv2d", 6, 16, 1, 5, 1, 0, 1, 14, 0, CONV_IM2COL},
    {"Conv2d", 144, 144, 144, 3, 1, 1, 1, 56, 0, CONV_DEPTHWISE},
    {"Conv2d", 960, 960, 960, 3, 1, 1, 1, 7, 0, CONV_DEPTHWISE},
    {"Conv2d", 768, 768, 768, 7, 1, 3, 1, 7, 0, CONV_DEPTHWISE},
    {"Conv2d", 672, 672, 672, 5, 2, 2, 1, 14, 0, CONV_DEPTHWISE},
    {"Conv1d", 256, 256, 256, 31, 1, 15, 1, 500, 0, CONV_DEPTHWISE},
    {"Conv2d", 240, 240, 240, 5, 2, 2, 1, 28, 0, CONV_DEPTHWISE},
    {"Conv2d", 1, 1, 1, 5, 1, 2, 1, 1080, 0, CONV_PICTURE},
    {"Conv2d", 1, 1, 1, 3, 1, 1, 1, 1080, 0, CONV_PICTURE},
    {"ConvTranspose2d", 256, 128, 1, 4, 2, 1, 1, 28, 0, CONV_WINOGRAD},
    {"ConvTranspose2d", 64, 64, 1, 4, 2, 1, 1, 56, 0, CONV_WINOGRAD},
    {"ConvTranspose2d", 256, 128, 1, 3, 2, 1, 1, 16, 0, CONV_WINOGRAD},
    {"ConvTranspose1d", 64, 32, 1, 16, 8, 4, 1, 500, 0, CONV_WINOGRAD},
    {"ConvTranspose3d", 32, 16, 1, 4, 2, 1, 1, 16, 8, CONV_WINOGRAD},
    {"ConvTranspose2d", 64, 1, 1, 4, 2, 1, 1, 32, 0, CONV_PHASES},
    {"ConvTranspose2d", 64, 3, 1, 4, 2, 1, 1, 32, 0, CONV_PHASES},
    {"ConvTranspose2d", 64, 3, 1, 2, 2, 0, 1, 112, 0, CONV_PHASES},
};

static conv_plan *plan_of_choice(conv_engine *engine, const choice *c, conv_algorithm want) {
    conv_spec s = spec_of(c->op);
    s.in_channels = c->in;
    s.out_channels = c->out;
    s.groups = c->groups;
    conv_shape input = {s.op->dims + 2, {1, c->in}};
    for (int i = 0; i < s.op->dims; i++) {
        s.kernel_size[i] = c->kernel;
        s.stride[i] = c->stride;
        s.padding[i] = c->padding;
        s.dilation[i] = c->dilation;
        input.size[2 + i] = i == 0 && c->depth > 0 ? c->depth : c->side;
    }
    conv_plan_options options = {.algorithm = want};
    conv_error error = {0};
    conv_plan *plan = NULL;
    cr_assert_eq(conv_plan_create(engine, &s, &input, 1, NULL, &options, &plan, &error), CONV_OK, "%s", error.message);
    return plan;
}

static const char *choice_text(const choice *c) {
    static char text[96];
    snprintf(text, sizeof text, "%s(%d, %d, %d, stride=%d, dilation=%d, groups=%d)", c->op, (int)c->in, (int)c->out,
             (int)c->kernel, (int)c->stride, (int)c->dilation, (int)c->groups);
    return text;
}

Test(plan_choice, known_layers_get_the_algorithm_that_is_fastest) {
    conv_engine *engine = engine_of_set(2, CONV_CPU_ALL);
    bool fast = (conv_engine_cpu(engine) & CONV_CPU_AVX512) != 0;
    for (size_t i = 0; fast && i < sizeof choices / sizeof *choices; i++) {
        conv_plan *plan = plan_of_choice(engine, &choices[i], CONV_AUTO);
        cr_assert_eq(conv_plan_algorithm(plan), choices[i].expected, "%s: %s was chosen, not %s",
                     choice_text(&choices[i]), conv_algorithm_name(conv_plan_algorithm(plan)),
                     conv_algorithm_name(choices[i].expected));
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
}

Test(plan_choice, the_choice_is_the_cheapest_candidate_for_any_number_of_threads) {
    conv_engine *one = engine_of_set(1, CONV_CPU_ALL), *seven = engine_of_set(7, CONV_CPU_ALL);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        conv_plan *a = plan_of_choice(one, &choices[i], CONV_AUTO), *b = plan_of_choice(seven, &choices[i], CONV_AUTO);
        cr_assert_eq(conv_plan_algorithm(a), conv_plan_algorithm(b), "%s", choice_text(&choices[i]));
        conv_candidate candidates[CONV_ALGORITHM_COUNT];
        int count = conv_plan_candidates(a, candidates, CONV_ALGORITHM_COUNT), best = 0;
        cr_assert_gt(count, 1, "%s: no choice", choice_text(&choices[i]));
        for (int k = 1; k < count; k++)
            if (candidates[k].milliseconds < candidates[best].milliseconds) best = k;
        cr_assert_eq(conv_plan_algorithm(a), candidates[best].algorithm, "%s", choice_text(&choices[i]));
        conv_plan_destroy(a);
        conv_plan_destroy(b);
    }
    conv_engine_destroy(one);
    conv_engine_destroy(seven);
}

Test(plan_choice, a_chain_is_chosen_when_one_is_asked_for) {
    conv_engine *engine = engine_of_set(1, CONV_CPU_ALL);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        conv_plan *plan = plan_of_choice(engine, &choices[i], CONV_CHAIN);
        cr_assert(conv_algorithm_is_chain(conv_plan_algorithm(plan)), "%s", choice_text(&choices[i]));
        conv_plan_destroy(plan);
    }
    conv_engine_destroy(engine);
}

Test(plan_choice, workspaces_stay_small) {
    conv_engine *engine = engine_of_set(2, CONV_CPU_ALL);
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        for (int id = CONV_AUTO; id <= CONV_CHAIN; id++) {
            conv_plan *plan = plan_of_choice(engine, &choices[i], (conv_algorithm)id);
            cr_assert_leq(conv_plan_workspace(plan), (size_t)64 << 20, "%s: %zu bytes", choice_text(&choices[i]),
                          conv_plan_workspace(plan));
            conv_plan_destroy(plan);
        }
    }
    conv_engine_destroy(engine);
}

/* Padding lets a stride or a dilation be as large as it likes over a small input: no size may overflow on the way to a
 * choice. */
Test(plan_choice, far_reaching_kernels_are_planned_and_run) {
    conv_engine *engine = engine_of_set(1, CONV_CPU_ALL);
    static const int64_t reaches[] = {1000, 100000, (int64_t)1 << 36};
    for (int i = 0; i < 3; i++) {
        conv_spec s = spec_of("Conv2d");
        s.in_channels = s.out_channels = 1;
        conv_shape input = {4, {1, 1, 4, 4}};
        float x[16], w[9], y[16], right[16];
        for (int k = 0; k < 16; k++) x[k] = (float)k - 5;
        for (int k = 0; k < 9; k++) w[k] = (float)k + 1;
        for (int axis = 0; axis < 2; axis++) {
            s.kernel_size[axis] = 3;
            s.dilation[axis] = s.padding[axis] = reaches[i];
        }
        s.bias = false;
        conv_operands operands = {.input = {x}, .weight = w};
        for (int id = CONV_AUTO; id < CONV_ALGORITHM_COUNT; id++) {
            conv_plan_options options = {.algorithm = (conv_algorithm)id};
            conv_plan *plan = NULL;
            conv_error error = {0};
            conv_status status = conv_plan_create(engine, &s, &input, 1, &operands, &options, &plan, &error);
            if (status == CONV_UNSUPPORTED) continue;
            cr_assert_eq(status, CONV_OK, "%s", error.message);
            cr_assert_eq(conv_plan_run(plan, &operands, y, NULL, NULL, NULL), CONV_OK);
            for (int k = 0; k < 16; k++) right[k] = 5 * x[k]; /* only the middle of the kernel falls on the input */
            for (int k = 0; k < 16; k++)
                cr_assert_float_eq(y[k], right[k], 1e-4, "%s", conv_algorithm_name((conv_algorithm)id));
            conv_plan_destroy(plan);
        }
    }
    conv_engine_destroy(engine);
}

static void *no_more_than_a_little(void *context, void *memory, size_t size) {
    (void)context;
    if (size == 0) free(memory);
    return size == 0 || size > 64 << 20 ? NULL : realloc(memory, size);
}

/* A kernel whose taps nobody could walk through is planned, or refused, all the same. */
Test(plan_choice, endless_kernels_are_answered, .timeout = 60) {
    conv_engine_options options;
    conv_engine *engine = NULL;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.memory_limit = INT64_MAX / 2;
    options.allocator = (conv_allocator){no_more_than_a_little, NULL};
    cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
    static const char *const names[] = {"Conv1d", "ConvTranspose1d", "MaxPool1d", "AvgPool1d"};
    conv_shape plane = {4, {1, 1, (int64_t)1 << 30, (int64_t)1 << 29}}; /* and planes whose tiles nobody could count */
    for (int i = 0; i < 2; i++) {
        conv_spec s = conv_with(i ? "ConvTranspose2d" : "Conv2d", 1, 1, 3);
        conv_plan *plan = NULL;
        conv_status status = conv_plan_create(engine, &s, &plane, 1, NULL, NULL, &plan, NULL);
        cr_expect(status == CONV_OK || status == CONV_TOO_LARGE || status == CONV_NO_MEMORY);
        conv_plan_destroy(plan);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (int64_t stride = 1; stride <= 50; stride += 49) {
            conv_spec s = spec_of(names[i]);
            s.in_channels = s.out_channels = 1;
            s.bias = false;
            s.kernel_size[0] = (int64_t)1 << 38;
            s.stride[0] = stride;
            conv_shape input = {3, {1, 1, (int64_t)1 << (strchr(names[i], 'T') ? 20 : 39)}};
            conv_plan *plan = NULL;
            conv_error error = {0};
            conv_status status = conv_plan_create(engine, &s, &input, 1, NULL, NULL, &plan, &error);
            cr_expect(status == CONV_OK || status == CONV_TOO_LARGE || status == CONV_NO_MEMORY, "%s: %s", names[i],
                      error.message);
            conv_plan_destroy(plan);
        }
    }
    conv_engine_destroy(engine);
}
