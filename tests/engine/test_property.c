/* What must hold for every operation: more than a thousand drawn from fixed seeds.
 * The same bits from every chain algorithm, every thread count, every split into steps, every update, and from the
 * trace. */
#include "layer.h"
#include "random_spec.h"
#include <inttypes.h>
#include <math.h>

static conv_engine *single, *several;

static void start(void) {
    single = engine_with(1);
    several = engine_with(3);
}

static void stop(void) {
    conv_engine_destroy(single);
    conv_engine_destroy(several);
}

TestSuite(property, .init = start, .fini = stop);

static conv_plan *plan_of(conv_engine *engine, const random_case *c, conv_algorithm algorithm) {
    conv_plan *plan = NULL;
    conv_error error = {0};
    conv_plan_options options = {.algorithm = algorithm};
    conv_status status =
        conv_plan_create(engine, &c->spec, c->inputs, c->input_count, &c->operands, &options, &plan, &error);
    cr_assert(status == CONV_OK || status == CONV_UNSUPPORTED, "%s: %s", c->text, error.message);
    return plan;
}

static void run_into(conv_plan *plan, const random_case *c, float *output) {
    int64_t count = conv_shape_count(&c->layout.output);
    for (int64_t i = 0; i < count; i++) output[i] = 12345; /* what a run leaves unwritten shows */
    conv_error error = {0};
    cr_assert_eq(conv_plan_run(plan, &c->operands, output, NULL, NULL, &error), CONV_OK, "%s: %s", c->text,
                 error.message);
}

static void same_bits(const random_case *c, const float *a, const float *b, const char *what) {
    int64_t count = conv_shape_count(&c->layout.output);
    for (int64_t i = 0; i < count; i++)
        cr_assert_eq(memcmp(&a[i], &b[i], sizeof *a), 0, "%s: %s: output %" PRId64 " of %" PRId64 " is %.9g, not %.9g",
                     c->text, what, i, count, (double)b[i], (double)a[i]);
}

/* Each algorithm against the reference, with one thread and with several. */
static void check_algorithms(const random_case *c, const float *right) {
    float *one = floats(conv_shape_count(&c->layout.output)), *many = floats(conv_shape_count(&c->layout.output));
    for (int id = CONV_PLAIN; id < CONV_ALGORITHM_COUNT; id++) {
        conv_plan *alone = plan_of(single, c, (conv_algorithm)id);
        if (alone == NULL) continue;
        conv_plan *together = plan_of(several, c, (conv_algorithm)id);
        cr_assert_not_null(together);
        run_into(alone, c, one);
        run_into(together, c, many);
        same_bits(c, one, many, "several threads");
        if (conv_algorithm_is_chain((conv_algorithm)id)) {
            same_bits(c, right, one, conv_algorithm_name((conv_algorithm)id));
        } else {
            int64_t count = conv_shape_count(&c->layout.output);
            for (int64_t i = 0; i < count; i++)
                cr_assert_float_eq(one[i], right[i], 1e-3 * (1 + fabs((double)right[i])),
                                   "%s: %s: output %" PRId64 " is %.9g, not %.9g", c->text,
                                   conv_algorithm_name((conv_algorithm)id), i, (double)one[i], (double)right[i]);
        }
        conv_plan_destroy(alone);
        conv_plan_destroy(together);
    }
    free(one);
    free(many);
}

/* Steps in three ranges, cut anywhere, give the whole. */
static void check_steps(random_state *r, const random_case *c, const float *right) {
    int64_t steps = c->layout.steps, count = conv_shape_count(&c->layout.output);
    conv_plan *plan = plan_of(several, c, CONV_AUTO);
    float *output = floats(count);
    for (int64_t i = 0; i < count; i++) output[i] = 12345;
    int64_t a = random_int(r, 0, (int)steps), b = random_int(r, (int)a, (int)steps);
    const int64_t cuts[] = {0, a, b, steps};
    conv_error error = {0};
    for (int i = 0; i < 3; i++)
        cr_assert_eq(conv_plan_run_steps(plan, &c->operands, cuts[i], cuts[i + 1], output, &error), CONV_OK, "%s: %s",
                     c->text, error.message);
    if (steps > 0) same_bits(c, right, output, "steps");
    cr_assert_neq(conv_plan_run_steps(plan, &c->operands, 0, steps + 1, output, NULL), CONV_OK);
    conv_plan_destroy(plan);
    free(output);
}

/* The taps of an output: each running sum follows from the one before, and the last, finished, is the output. */
static void check_trace(random_state *r, const random_case *c, const float *right) {
    enum { CAPACITY = 4096 };
    static conv_tap taps[CAPACITY];
    int64_t count = conv_shape_count(&c->layout.output);
    conv_plan *plan = plan_of(single, c, CONV_AUTO);
    for (int i = 0; i < 12 && count > 0; i++) {
        int64_t output = random_int(r, 0, (int)count - 1), tap_count = 0;
        float result = 0, sum = 0;
        cr_assert_eq(conv_trace_output(plan, &c->operands, output, taps, CAPACITY, &tap_count, &result, NULL), CONV_OK);
        cr_assert_leq(tap_count, CAPACITY);
        cr_assert_eq(memcmp(&result, &right[output], sizeof result), 0,
                     "%s: the trace of output %" PRId64 " gives %.9g, not %.9g", c->text, output, (double)result,
                     (double)right[output]);
        bool chained = c->spec.op->linear && c->spec.op->kind != CONV_MAX_UNPOOL && c->layout.flow != CONV_COPY;
        for (int64_t t = 0; t < tap_count; t++) {
            sum = fmaf(taps[t].value, taps[t].factor, sum);
            if (chained) cr_assert_eq(taps[t].sum, sum, "%s: tap %" PRId64 " of output %" PRId64, c->text, t, output);
            if (taps[t].input >= 0) cr_assert_eq(taps[t].value, c->input[taps[t].which][taps[t].input]);
            if (taps[t].weight >= 0 && c->spec.op->kind != CONV_BATCH_NORM)
                cr_assert_eq(taps[t].factor, c->operands.weight[taps[t].weight]);
        }
    }
    conv_plan_destroy(plan);
}

/* The taps that read an input element are those that say so from the outputs' side. */
static void check_readers(random_state *r, const random_case *c) {
    enum { CAPACITY = 4096 };
    static conv_tap taps[CAPACITY];
    int64_t inputs = conv_shape_count(&c->inputs[0]), outputs = conv_shape_count(&c->layout.output), count = 0,
            found = 0;
    bool sampled = c->spec.op->kind == CONV_DEFORM;
    if (inputs == 0 || outputs > 2000 || sampled) return;
    conv_plan *plan = plan_of(single, c, CONV_AUTO);
    int64_t input = random_int(r, 0, (int)inputs - 1);
    cr_assert_eq(conv_trace_input(plan, &c->operands, 0, input, taps, CAPACITY, &count, NULL), CONV_OK);
    for (int64_t o = 0; o < outputs; o++) {
        static conv_tap own[CAPACITY];
        int64_t own_count = 0;
        conv_trace_output(plan, &c->operands, o, own, CAPACITY, &own_count, NULL, NULL);
        for (int64_t t = 0; t < own_count; t++) found += own[t].input == input && own[t].which == 0;
    }
    int64_t landing = 0;
    for (int64_t t = 0; t < count; t++) landing += taps[t].output >= 0;
    cr_assert_eq(landing, found, "%s: %" PRId64 " taps read input %" PRId64 ", not %" PRId64, c->text, found, input,
                 landing);
    int64_t *reads = malloc((size_t)inputs * sizeof *reads);
    cr_assert_eq(conv_trace_reads(plan, 0, reads, NULL), CONV_OK);
    if (c->spec.op->kind != CONV_MAX_UNPOOL)
        cr_assert_eq(reads[input], found, "%s: reads of input %" PRId64 " are %" PRId64 ", not %" PRId64, c->text,
                     input, reads[input], found);
    free(reads);
    conv_plan_destroy(plan);
}

/* A changed input, followed by an update, is a new run. */
static void check_update(random_state *r, random_case *c) {
    int64_t inputs = conv_shape_count(&c->inputs[0]), count = conv_shape_count(&c->layout.output), done = 0;
    if (inputs == 0) return;
    conv_plan *plan = plan_of(several, c, CONV_CHAIN);
    float *updated = floats(count), *fresh = floats(count);
    run_into(plan, c, updated);
    int64_t first = random_int(r, 0, (int)inputs - 1), last = first + random_int(r, 1, 3);
    if (last > inputs) last = inputs;
    for (int64_t i = first; i < last; i++) c->input[0][i] += 1;
    cr_assert_eq(conv_plan_update(plan, &c->operands, 0, first, last, updated, &done, NULL), CONV_OK);
    cr_assert_leq(done, count);
    run_into(plan, c, fresh);
    same_bits(c, fresh, updated, "update");
    conv_plan_destroy(plan);
    free(updated);
    free(fresh);
}

static void check_case(random_state *r, random_case *c) {
    float *right = floats(conv_shape_count(&c->layout.output));
    conv_plan *plain = plan_of(single, c, CONV_PLAIN);
    run_into(plain, c, right);
    conv_plan_destroy(plain);
    check_algorithms(c, right);
    check_steps(r, c, right);
    check_trace(r, c, right);
    check_readers(r, c);
    check_update(r, c);
    free(right);
}

/* Kinds that have many algorithms are drawn more often. */
static int draws_of(const conv_op *op) {
    return op->kind == CONV_CONV || op->kind == CONV_TRANSPOSE ? 150 : 25;
}

Test(property, every_operation) {
    random_state r = {20240611};
    int cases = 0;
    for (int i = 0; i < conv_op_count(); i++) {
        const conv_op *op = conv_op_at(i);
        for (int n = 0; n < draws_of(op); n++) {
            random_case c;
            random_case_draw(&r, op, &c);
            check_case(&r, &c);
            random_case_free(&c);
            cases++;
        }
    }
    cr_assert_geq(cases, 1000, "%d cases", cases);
}

/* Scatter steps: what each tap says of its output cell is what a run up to that step holds. */
Test(property, stamps_say_what_the_output_holds) {
    random_state r = {77};
    const char *const names[] = {"ConvTranspose1d", "ConvTranspose2d", "Fold", "ConvTranspose3d"};
    for (int n = 0; n < 80; n++) {
        enum { CAPACITY = 8192 };
        static conv_tap taps[CAPACITY];
        random_case c;
        random_case_draw(&r, conv_op_find(names[n % 4]), &c);
        int64_t steps = c.layout.steps, count = 0;
        if (steps > 0) {
            int64_t step = random_int(&r, 0, (int)steps - 1);
            conv_plan *plan = plan_of(single, &c, CONV_AUTO);
            float *state = floats(conv_shape_count(&c.layout.output));
            cr_assert_eq(conv_plan_run_steps(plan, &c.operands, 0, step + 1, state, NULL), CONV_OK);
            cr_assert_eq(conv_trace_step(plan, &c.operands, step, taps, CAPACITY, &count, NULL, NULL), CONV_OK);
            for (int64_t t = 0; t < count && t < CAPACITY; t++)
                if (taps[t].output >= 0)
                    cr_assert_eq(memcmp(&taps[t].sum, &state[taps[t].output], sizeof(float)), 0,
                                 "%s: step %" PRId64 ", output %" PRId64 ": %.9g, not %.9g", c.text, step,
                                 taps[t].output, (double)taps[t].sum, (double)state[taps[t].output]);
            conv_plan_destroy(plan);
            free(state);
        }
        random_case_free(&c);
    }
}
