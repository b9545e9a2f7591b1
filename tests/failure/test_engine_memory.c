/* Every allocation of the engine fails once: an error comes back, nothing leaks, and what existed before still works.
 */
#include "conv/conv.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An allocator that knows what is alive, and fails once. */
typedef struct ledger {
    long count, failing, live;
} ledger;

static void *ledger_resize(void *context, void *memory, size_t size) {
    ledger *l = context;
    if (size == 0) {
        if (memory) l->live--;
        free(memory);
        return NULL;
    }
    if (++l->count == l->failing) return NULL;
    void *block = realloc(memory, size);
    if (block && !memory) l->live++;
    return block;
}

typedef struct op_case {
    const char *op;
    const char *names[6];
    int64_t values[6];
    conv_shape input;
    bool linear;
} op_case;

static const op_case cases[] = {
    {"Conv2d", {"in_channels", "out_channels", "kernel_size", "padding"}, {4, 8, 3, 1}, {4, {2, 4, 11, 13}}, true},
    {"Conv2d", {"in_channels", "out_channels", "kernel_size", "groups"}, {6, 6, 3, 6}, {3, {6, 9, 9}}, true},
    {"Conv2d", {"in_channels", "out_channels", "kernel_size", "stride"}, {1, 2, 5, 2}, {3, {1, 31, 17}}, true},
    {"Conv1d", {"in_channels", "out_channels", "kernel_size"}, {3, 5, 1}, {3, {2, 3, 20}}, true},
    {"Conv3d", {"in_channels", "out_channels", "kernel_size"}, {2, 3, 3}, {4, {2, 5, 6, 7}}, true},
    {"ConvTranspose2d",
     {"in_channels", "out_channels", "kernel_size", "stride"},
     {3, 4, 3, 2},
     {4, {1, 3, 5, 6}},
     true},
    {"MaxPool2d", {"kernel_size"}, {2}, {3, {2, 8, 8}}, false},
    {"AvgPool2d", {"kernel_size"}, {3}, {3, {2, 9, 9}}, true},
    {"Unfold", {"kernel_size"}, {3}, {4, {1, 2, 6, 6}}, true},
    {"ReLU", {NULL}, {0}, {3, {2, 4, 4}}, false},
};

static int failures;

#define DEMAND(holds, ...)                                                                                             \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

static float numbers[4096];

static void fill_numbers(void) {
    unsigned seed = 7;
    for (int i = 0; i < 4096; i++) {
        seed = seed * 1664525u + 1013904223u;
        numbers[i] = (float)(int)(seed >> 28) - 7.0f;
    }
}

static conv_spec spec_of(const op_case *c) {
    conv_spec spec;
    const conv_op *op = conv_op_find(c->op);
    DEMAND(op, "%s is in the table", c->op);
    conv_spec_init(&spec, op);
    for (int i = 0; i < 6 && c->names[i]; i++) {
        conv_value value = {.kind = CONV_VALUE_INT, .scalar = {CONV_VALUE_INT, c->values[i], (double)c->values[i]}};
        conv_error error = {0};
        int param = conv_param_find(op, c->names[i]);
        DEMAND(param >= 0 && conv_spec_set(&spec, param, &value, &error) == CONV_OK, "%s %s: %s", c->op, c->names[i],
               error.message);
    }
    return spec;
}

static conv_operands operands_of(const conv_layout *layout) {
    conv_operands o = {.input = {numbers}};
    if (layout->weight.rank) o.weight = numbers + 100;
    if (layout->bias.rank) o.bias = numbers + 50;
    return o;
}

/* One life of an engine. Returns the first status that is not OK. */
static conv_status single_operation(const conv_allocator *allocator, const op_case *c, conv_algorithm algorithm) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 3;
    options.allocator = *allocator;
    conv_engine *engine = NULL;
    conv_plan *plan = NULL;
    conv_matrix matrix = {0}, transpose = {0};
    conv_error error = {0};
    conv_spec spec = spec_of(c);
    conv_layout layout;
    conv_status status = conv_engine_create(&options, &engine, &error);
    if (status != CONV_OK) return status;
    status = conv_layout_infer(&spec, &c->input, 1, &layout, &error);
    DEMAND(status == CONV_OK, "%s: %s", c->op, error.message);
    conv_operands operands = operands_of(&layout);
    float *output = malloc(sizeof(float) * (size_t)conv_shape_count(&layout.output));
    conv_plan_options plan_options = {.algorithm = algorithm};
    status = conv_plan_create(engine, &spec, &c->input, 1, &operands, &plan_options, &plan, &error);
    if (status != CONV_OK) goto done;
    status = conv_plan_run(plan, &operands, output, NULL, NULL, &error);
    if (status != CONV_OK) goto done;
    status = conv_plan_run_steps(plan, &operands, 0, layout.steps, output, &error);
    if (status != CONV_OK) goto done;
    if (layout.weight.rank) {
        status = conv_plan_set_weights(plan, &operands, &error);
        if (status != CONV_OK) goto done;
    }
    conv_tap taps[16];
    int64_t count;
    status = conv_trace_step(plan, &operands, 0, taps, 16, &count, NULL, &error);
    if (status != CONV_OK) goto done;
    if (c->linear) {
        status = conv_matrix_create(plan, &operands, 1 << 20, &matrix, &error);
        if (status != CONV_OK) goto done;
        status = conv_matrix_transpose(&matrix, &transpose, &error);
    }
done:
    if (status == CONV_NO_MEMORY) DEMAND(error.message[0] != 0, "%s: running out of memory has a sentence", c->op);
    if (transpose.row_begin) conv_matrix_destroy(&transpose);
    if (matrix.row_begin) conv_matrix_destroy(&matrix);
    free(output);
    conv_plan_destroy(plan);
    conv_engine_destroy(engine);
    return status;
}

static conv_layer layer_of(const op_case *c, const char *name, int from) {
    conv_layer layer = {.input_count = 1, .indices_from = -1};
    snprintf(layer.name, sizeof layer.name, "%s", name);
    layer.spec = spec_of(c);
    layer.input[0] = from;
    return layer;
}

static conv_status whole_network(const conv_allocator *allocator, const op_case *c, conv_algorithm algorithm) {
    (void)c;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 2;
    options.allocator = *allocator;
    conv_engine *engine = NULL;
    conv_network *network = NULL;
    conv_error error = {0};
    conv_status status = conv_engine_create(&options, &engine, &error);
    if (status != CONV_OK) return status;
    static const op_case parts[] = {
        {"Conv2d", {"in_channels", "out_channels", "kernel_size", "padding"}, {1, 2, 3, 1}, {0}, true},
        {"ReLU", {NULL}, {0}, {0}, false},
        {"MaxPool2d", {"kernel_size"}, {2}, {0}, false},
        {"Conv2d", {"in_channels", "out_channels", "kernel_size"}, {2, 1, 3}, {0}, true},
    };
    conv_layer layers[4];
    static const char *const names[] = {"0", "1", "2", "3"};
    for (int i = 0; i < 4; i++) layers[i] = layer_of(&parts[i], names[i], i - 1);
    conv_shape input = {3, {1, 12, 12}};
    float gradient[16] = {1}, input_gradient[144], influence[144];
    int64_t position[CONV_MAX_SPATIAL] = {1, 1};
    conv_plan_options plan_options = {.algorithm = algorithm};
    status = conv_network_create(engine, layers, 4, &input, &network, &error);
    if (status == CONV_OK) status = conv_network_draw_weights(network, 1, &error);
    if (status == CONV_OK) status = conv_network_run(network, numbers, &plan_options, &error);
    if (status == CONV_OK) status = conv_network_backward(network, 3, gradient, input_gradient, &error);
    if (status == CONV_OK) status = conv_network_influence(network, 3, position, 1, 2, influence, &error);
    if (status == CONV_NO_MEMORY) {
        DEMAND(error.message[0] != 0, "running out of memory has a sentence");
        conv_status again = network ? conv_network_run(network, numbers, &plan_options, &error) : CONV_OK;
        DEMAND(again == CONV_OK || again == CONV_BAD_ARGUMENT, "a network that ran out of memory can be run later: %s",
               error.message);
    } else {
        DEMAND(status == CONV_OK, "network: %s", error.message);
    }
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    return status;
}

typedef conv_status life(const conv_allocator *allocator, const op_case *c, conv_algorithm algorithm);

/* Lives the life with the n-th allocation failing, for n = 1, 2, 3, ... until none fails. */
static long exhaust(life *live, const op_case *c, conv_algorithm algorithm, const char *name) {
    for (long n = 1;; n++) {
        ledger l = {.failing = n};
        conv_allocator allocator = {ledger_resize, &l};
        conv_status status = live(&allocator, c, algorithm);
        if (status == CONV_UNSUPPORTED) return 0;
        DEMAND(l.live == 0, "%s with %s: %ld blocks leak when allocation %ld fails", name,
               conv_algorithm_name(algorithm), l.live, n);
        if (l.count < n) {
            DEMAND(status == CONV_OK, "%s: status %d without any failure", name, (int)status);
            return n - 1;
        }
        DEMAND(status == CONV_NO_MEMORY || status == CONV_OK, "%s with %s: status %d when allocation %ld fails", name,
               conv_algorithm_name(algorithm), (int)status, n);
        if (failures > 20) return n;
    }
}

int main(void) {
    fill_numbers();
    long total = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int a = 0; a < CONV_ALGORITHM_COUNT; a++)
            total += exhaust(single_operation, &cases[i], (conv_algorithm)a, cases[i].op);
    long networks = exhaust(whole_network, NULL, CONV_AUTO, "network");
    DEMAND(total > 100 && networks > 5, "allocations were seen: %ld and %ld", total, networks);
    printf("%ld allocations failed one by one, %ld of them in a network\n", total + networks, networks);
    return failures ? 1 : 0;
}
