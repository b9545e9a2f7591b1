/* Hostile numbers in every place: each parameter of each operation, each field of a spec, each axis of each input, each
 * position of a call. They are refused with words and without allocating, or they are harmless and small. */
#include "layer.h"
#include "random_spec.h"
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <time.h>

enum { MEMORY_LIMIT = 64 << 20, REFUSED_BYTES = 4096 };

/* The ends of every width, zero, and numbers whose product or sum with themselves or each other leaves 64 bits. */
static const int64_t hostile[] = {0,
                                  -1,
                                  INT32_MAX,
                                  INT32_MIN,
                                  (int64_t)INT32_MAX + 1,
                                  UINT32_MAX,
                                  (int64_t)1 << 32,
                                  3037000500, /* its square is the first beyond 2^63 */
                                  (int64_t)1 << 40,
                                  (int64_t)1 << 61,
                                  (int64_t)1 << 62,
                                  INT64_MAX / 2,
                                  INT64_MAX / 3 + 1,
                                  INT64_MAX - 1,
                                  INT64_MAX,
                                  -INT64_MAX,
                                  INT64_MIN};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

/* What was asked of the allocator since the last look. */
typedef struct gauge {
    int64_t requests;
    size_t bytes, most;
} gauge;

static void *gauged(void *context, void *memory, size_t size) {
    gauge *g = context;
    if (size == 0) {
        free(memory);
        return NULL;
    }
    g->requests++;
    g->bytes += size;
    if (g->bytes > g->most) g->most = g->bytes;
    return realloc(memory, size);
}

static gauge asked;
static conv_engine *engine;
static int64_t refusals, accepted, slowest;

static void begin(void) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.memory_limit = MEMORY_LIMIT;
    options.allocator = (conv_allocator){gauged, &asked};
    cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
    refusals = accepted = slowest = 0;
}

static void end(const char *what) {
    conv_engine_destroy(engine);
    cr_assert_gt(refusals, 100);
    fprintf(stderr,
            "%s: %" PRId64 " refused, the slowest in %.1f microseconds of processor time; %" PRId64 " harmless\n", what,
            refusals, (double)slowest / 1e3, accepted);
}

static int64_t processor_time(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* A plan of it: refused without allocating, or within the limit. */
static void offer(const conv_spec *spec, const conv_shape *inputs, int count, const char *where, int64_t value) {
    conv_layout layout;
    conv_error error = {0};
    conv_plan *plan = NULL;
    char text[128];
    asked = (gauge){0};
    int64_t started = processor_time();
    conv_status status = conv_layout_infer(spec, inputs, count, &layout, &error);
    if (status == CONV_OK) {
        for (int a = 0; a < layout.dims; a++) conv_layout_formula(&layout, a, text, sizeof text);
        cr_assert(conv_shape_count(&layout.output) >= 0 && layout.steps >= 0, "%s, %s = %" PRId64, spec->op->name,
                  where, value);
        status = conv_plan_create(engine, spec, inputs, count, NULL, NULL, &plan, &error);
    } else {
        cr_assert_eq(conv_plan_create(engine, spec, inputs, count, NULL, NULL, &plan, NULL), status);
    }
    int64_t took = processor_time() - started;
    if (status == CONV_OK) {
        accepted++;
        cr_assert_leq(asked.most, (size_t)MEMORY_LIMIT + (1 << 20), "%s, %s = %" PRId64 ": %zu bytes", spec->op->name,
                      where, value, asked.most);
        conv_plan_destroy(plan);
        return;
    }
    refusals++;
    if (took > slowest) slowest = took;
    cr_assert_leq(asked.bytes, (size_t)REFUSED_BYTES,
                  "%s, %s = %" PRId64 ": refused (%s) after asking for %zu bytes in %" PRId64 " pieces", spec->op->name,
                  where, value, error.message, asked.bytes, asked.requests);
    cr_assert_gt(strlen(error.message), 10, "%s, %s = %" PRId64, spec->op->name, where, value);
    cr_assert_null(plan);
}

/* As one number, as a tuple of them, and at each place of a tuple of ones. */
static void offer_parameter(const random_case *c, int param, int64_t value) {
    const char *name = c->spec.op->params[param].name;
    const int places = c->spec.op->dims > 0 ? c->spec.op->dims : 1;
    for (int form = 0; form < 2 + places; form++) {
        conv_spec spec = c->spec;
        conv_value v = int_value(value);
        if (form > 0) v = (conv_value){.kind = CONV_VALUE_TUPLE, .count = places};
        for (int i = 0; form > 0 && i < places; i++)
            v.item[i] = int_value(form == 1 || form == 2 + i ? value : 1).scalar;
        conv_error error = {0};
        if (conv_spec_set(&spec, param, &v, &error) != CONV_OK) {
            cr_assert_gt(strlen(error.message), 10);
            cr_assert_eq(memcmp(&spec, &c->spec, sizeof spec), 0, "%s: a refused %s changes nothing", spec.op->name,
                         name);
            refusals++;
            continue;
        }
        conv_spec_check(&spec, NULL);
        offer(&spec, c->inputs, c->input_count, name, value);
    }
}

Test(limits, every_parameter_of_every_operation) {
    begin();
    random_state r = {2024};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        for (int p = 0; p < c.spec.op->param_count; p++)
            for (int h = 0; h < HOSTILE; h++) offer_parameter(&c, p, hostile[h]);
        random_case_free(&c);
    }
    end("parameters");
}

/* Two at once: what one alone is refused for may hide in a product. */
Test(limits, pairs_of_parameters) {
    begin();
    random_state r = {2025};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        for (int p = 0; p < c.spec.op->param_count; p++) {
            for (int q = 0; q < p; q++) {
                for (int h = 2; h < HOSTILE; h++) {
                    conv_spec spec = c.spec;
                    conv_value v = int_value(hostile[h]), u = int_value(hostile[(h * 7 + p + q) % HOSTILE]);
                    if (conv_spec_set(&spec, p, &v, NULL) == CONV_OK && conv_spec_set(&spec, q, &u, NULL) == CONV_OK)
                        offer(&spec, c.inputs, c.input_count, c.spec.op->params[p].name, hostile[h]);
                    else
                        refusals++;
                }
            }
        }
        random_case_free(&c);
    }
    end("pairs of parameters");
}

/* A spec may also be filled in by hand, past what conv_spec_set looks at. */
static const struct {
    const char *name;
    size_t offset;
    int count;
} fields[] = {
#define FIELD(name, count)                                                                                             \
    { #name, offsetof(conv_spec, name), count }
    FIELD(in_channels, 1),
    FIELD(out_channels, 1),
    FIELD(groups, 1),
    FIELD(kernel_size, CONV_MAX_SPATIAL),
    FIELD(stride, CONV_MAX_SPATIAL),
    FIELD(padding, 2 * CONV_MAX_SPATIAL),
    FIELD(output_padding, CONV_MAX_SPATIAL),
    FIELD(dilation, CONV_MAX_SPATIAL),
    FIELD(output_size, CONV_MAX_SPATIAL),
    FIELD(offset_groups, 1),
    FIELD(shuffle_factor, 1),
    FIELD(divisor_override, 1),
    FIELD(dim, 1),
    FIELD(end_dim, 1),
    FIELD(dims, CONV_MAX_DIMS),
};

Test(limits, every_field_of_a_spec) {
    begin();
    random_state r = {2026};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        for (size_t f = 0; f < sizeof fields / sizeof *fields; f++) {
            for (int i = 0; i < fields[f].count; i++) {
                for (int h = 0; h < HOSTILE; h++) {
                    conv_spec spec = c.spec;
                    memcpy((char *)&spec + fields[f].offset + sizeof(int64_t) * (size_t)i, &hostile[h],
                           sizeof(int64_t));
                    offer(&spec, c.inputs, c.input_count, fields[f].name, hostile[h]);
                }
            }
        }
        static const int counts[] = {-1, CONV_MAX_DIMS + 1, INT32_MAX, INT32_MIN};
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++) {
            conv_spec spec = c.spec;
            spec.dims_count = counts[k];
            offer(&spec, c.inputs, c.input_count, "dims_count", counts[k]);
        }
        random_case_free(&c);
    }
    end("fields");
}

/* Upsample's scale, and the other real numbers. */
Test(limits, hostile_real_numbers) {
    static const double reals[] = {0,     -0.0,   -1,  1e-320, 1e-9,     1e18,     9.3e18,
                                   1e308, -1e308, 0.1, NAN,    INFINITY, -INFINITY};
    begin();
    random_state r = {2027};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        for (int p = 0; p < c.spec.op->param_count; p++) {
            for (size_t h = 0; h < sizeof reals / sizeof *reals; h++) {
                conv_spec spec = c.spec;
                conv_value v = real_value(reals[h]);
                if (conv_spec_set(&spec, p, &v, NULL) == CONV_OK)
                    offer(&spec, c.inputs, c.input_count, c.spec.op->params[p].name, (int64_t)h);
                else
                    refusals++;
            }
        }
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            for (size_t h = 0; h < sizeof reals / sizeof *reals; h++) {
                conv_spec spec = c.spec;
                spec.scale_factor[i] = reals[h];
                offer(&spec, c.inputs, c.input_count, "scale_factor[]", (int64_t)h);
            }
        }
        random_case_free(&c);
    }
    end("real numbers");
}

Test(limits, every_axis_of_every_input) {
    begin();
    random_state r = {2028};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        for (int i = 0; i < c.input_count; i++) {
            for (int axis = -1; axis < c.inputs[i].rank; axis++) { /* -1: all of them */
                for (int h = 0; h < HOSTILE; h++) {
                    conv_shape inputs[CONV_MAX_INPUTS];
                    memcpy(inputs, c.inputs, sizeof inputs);
                    for (int a = 0; a < inputs[i].rank; a++)
                        if (axis < 0 || a == axis) inputs[i].size[a] = hostile[h];
                    offer(&c.spec, inputs, c.input_count, "input", hostile[h]);
                }
            }
            static const int ranks[] = {-1, 0, CONV_MAX_DIMS, CONV_MAX_DIMS + 1, INT32_MAX, INT32_MIN};
            for (size_t k = 0; k < sizeof ranks / sizeof *ranks; k++) {
                conv_shape inputs[CONV_MAX_INPUTS];
                memcpy(inputs, c.inputs, sizeof inputs);
                inputs[i].rank = ranks[k];
                offer(&c.spec, inputs, c.input_count, "rank", ranks[k]);
            }
        }
        static const int counts[] = {-1, 0, CONV_MAX_INPUTS + 1, INT32_MAX, INT32_MIN};
        for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
            offer(&c.spec, c.inputs, counts[k], "number of inputs", counts[k]);
        random_case_free(&c);
    }
    end("inputs");
}

/* Ranges, steps and positions of calls on a plan. */
Test(limits, every_position) {
    begin();
    random_state r = {2029};
    for (int o = 0; o < conv_op_count(); o++) {
        random_case c;
        random_case_draw(&r, conv_op_at(o), &c);
        conv_plan *plan = NULL;
        conv_error error = {0};
        conv_status status = conv_plan_create(engine, &c.spec, c.inputs, c.input_count, &c.operands,
                                              &(conv_plan_options){CONV_CHAIN}, &plan, &error);
        cr_assert_eq(status, CONV_OK, "%s: %s", c.text, error.message);
        float *output = calloc((size_t)conv_shape_count(&c.layout.output) + 1, sizeof *output);
        conv_tap taps[4];
        int64_t count;
        float result;
        asked = (gauge){0};
        for (int h = 0; h < HOSTILE; h++) {
            int64_t at = hostile[h], other = hostile[(h * 5 + 3) % HOSTILE];
            if (at == 0) continue;
            const conv_status answers[] = {
                conv_plan_run_steps(plan, &c.operands, at, at, output, NULL),
                conv_plan_run_steps(plan, &c.operands, 0, at, output, NULL),
                conv_plan_run_steps(plan, &c.operands, at, other, output, NULL),
                conv_plan_update(plan, &c.operands, 0, at, at, output, NULL, NULL),
                conv_plan_update(plan, &c.operands, 0, 0, at, output, NULL, NULL),
                conv_trace_step(plan, &c.operands, at, taps, 4, &count, &result, NULL),
                conv_trace_output(plan, &c.operands, at, taps, 4, &count, &result, NULL),
            };
            for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
                cr_assert_neq(answers[i], CONV_OK, "%s: call %zu takes the position %" PRId64, c.text, i, at);
                refusals++;
            }
        }
        cr_assert_leq(asked.bytes, (size_t)REFUSED_BYTES, "%s: %zu bytes for refused positions", c.text, asked.bytes);
        free(output);
        conv_plan_destroy(plan);
        random_case_free(&c);
    }
    end("positions");
}
