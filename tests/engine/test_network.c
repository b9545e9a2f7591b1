/* Networks: joins, unpooling by indices, drawn weights, receptive fields and gradients. */
#include "layer.h"
#include <math.h>

enum { MOST = 12 };

typedef struct plan_of_layers {
    conv_layer layers[MOST];
    int count;
} plan_of_layers;

/* Adds a layer that reads the one before it. */
static conv_spec *add(plan_of_layers *p, const char *name, const char *op) {
    conv_layer *layer = &p->layers[p->count];
    *layer = (conv_layer){.spec = spec_of(op), .input_count = 1, .input = {p->count - 1}, .indices_from = -1};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    p->count++;
    return &layer->spec;
}

static conv_spec *add_conv(plan_of_layers *p, const char *name, const char *op, int in, int out, int kernel) {
    conv_spec *spec = add(p, name, op);
    set(spec, "in_channels", int_value(in));
    set(spec, "out_channels", int_value(out));
    set(spec, "kernel_size", int_value(kernel));
    return spec;
}

static conv_network *network_of(conv_engine *engine, const plan_of_layers *p, conv_shape input) {
    conv_network *network = NULL;
    conv_error error = {0};
    conv_status status = conv_network_create(engine, p->layers, p->count, &input, &network, &error);
    cr_assert_eq(status, CONV_OK, "%s", error.message);
    return network;
}

static void run(conv_network *network, const float *x) {
    conv_error error = {0};
    cr_assert_eq(conv_network_draw_weights(network, 7, &error), CONV_OK, "%s", error.message);
    cr_assert_eq(conv_network_run(network, x, NULL, &error), CONV_OK, "%s", error.message);
}

/* A small U-Net: two ways down, up again, a skip by concatenation and one by addition. */
static plan_of_layers u_net(void) {
    plan_of_layers p = {0};
    set(add_conv(&p, "down", "Conv2d", 1, 4, 3), "padding", int_value(1));
    add(&p, "act", "ReLU");
    set(add(&p, "pool", "MaxPool2d"), "kernel_size", int_value(2));
    set(add_conv(&p, "deep", "Conv2d", 4, 4, 3), "padding", int_value(1));
    set(add_conv(&p, "up", "ConvTranspose2d", 4, 4, 2), "stride", int_value(2));
    add(&p, "cat", "Cat");
    p.layers[5].input_count = 2;
    p.layers[5].input[0] = 1;
    p.layers[5].input[1] = 4;
    add_conv(&p, "mix", "Conv2d", 8, 4, 1);
    add(&p, "sum", "Add");
    p.layers[7].input_count = 2;
    p.layers[7].input[0] = 6;
    p.layers[7].input[1] = 0;
    set(add(&p, "norm", "BatchNorm2d"), "num_features", int_value(4));
    return p;
}

static float *picture(int64_t count) {
    float *x = floats(count);
    for (int64_t i = 0; i < count; i++) x[i] = (float)((i * 29 + 3) % 17) / 7 - 1.1f;
    return x;
}

Test(network, u_net_runs_and_repeats) {
    conv_engine *engine = engine_with(2);
    plan_of_layers p = u_net();
    conv_network *a = network_of(engine, &p, shape_from(4, 1, 1, 12, 12)),
                 *b = network_of(engine, &p, shape_from(4, 1, 1, 12, 12));
    float *x = picture(144);
    cr_assert_null(conv_network_output(a, 0), "nothing was run yet");
    run(a, x);
    run(b, x);
    const conv_shape expected = shape_from(4, 1, 4, 12, 12);
    cr_assert(conv_shape_equal(&conv_network_layout(a, 8)->output, &expected));
    for (int l = 0; l < p.count; l++)
        cr_assert_eq(memcmp(conv_network_output(a, l), conv_network_output(b, l),
                            (size_t)conv_shape_count(&conv_network_layout(a, l)->output) * sizeof(float)),
                     0, "the same seed gives the same bits");
    /* A layer's plan and operands give its output again. */
    conv_operands operands;
    conv_network_operands(a, 5, &operands);
    float y[8 * 144];
    cr_assert_eq(conv_plan_run(conv_network_plan(a, 5), &operands, y, NULL, NULL, NULL), CONV_OK);
    cr_assert_eq(memcmp(y, conv_network_output(a, 5), sizeof y), 0);
    cr_assert_eq(conv_network_cost(a).parameters, 4 * 9 + 4 + 4 * 4 * 9 + 4 + 4 * 4 * 4 + 4 + 8 * 4 + 4 + 8);
    conv_network_destroy(a);
    conv_network_destroy(b);
    conv_engine_destroy(engine);
    free(x);
}

Test(network, drawn_weights_stay_in_their_bounds) {
    conv_engine *engine = engine_with(1);
    plan_of_layers p = {0};
    add_conv(&p, "0", "Conv2d", 4, 8, 3);
    add_conv(&p, "1", "Conv2d", 8, 8, 3);
    conv_network *network = network_of(engine, &p, shape_from(3, 4, 8, 8));
    float *x = picture(256);
    run(network, x);
    conv_operands one, two;
    conv_network_operands(network, 0, &one);
    conv_network_operands(network, 1, &two);
    float bound = 1 / sqrtf(4 * 9), largest = 0;
    for (int i = 0; i < 8 * 4 * 9; i++) {
        cr_assert_leq(fabsf(one.weight[i]), bound);
        largest = fmaxf(largest, fabsf(one.weight[i]));
    }
    cr_assert_gt(largest, 0.9f * bound, "the whole range is used");
    cr_assert_neq(memcmp(one.weight, two.weight, 32 * sizeof(float)), 0, "each layer has its own stream");
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    free(x);
}

Test(network, given_weights_are_kept_when_the_rest_is_drawn) {
    conv_engine *engine = engine_with(1);
    plan_of_layers p = {0};
    add_conv(&p, "0", "Conv1d", 1, 1, 1);
    add(&p, "1", "ReLU");
    conv_network *network = network_of(engine, &p, shape_from(2, 1, 3));
    const float w[] = {2}, b[] = {-3}, x[] = {1, 2, 3};
    conv_error error = {0};
    cr_assert_eq(conv_network_run(network, x, NULL, &error), CONV_BAD_ARGUMENT, "weights are missing");
    cr_assert_str_eq(error.parameter, "weight");
    conv_operands given = {.weight = w, .bias = b};
    cr_assert_eq(conv_network_set_weights(network, 0, &given, &error), CONV_OK);
    run(network, x);
    const float *y = conv_network_output(network, 1);
    cr_assert(y[0] == 0 && y[1] == 1 && y[2] == 3);
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(network, unpooling_by_the_pools_indices) {
    conv_engine *engine = engine_with(2);
    plan_of_layers p = {0};
    set(add(&p, "pool", "MaxPool2d"), "kernel_size", int_value(2));
    set(add(&p, "unpool", "MaxUnpool2d"), "kernel_size", int_value(2));
    conv_error error = {0};
    conv_network *network = NULL;
    conv_shape input = shape_from(3, 1, 4, 4);
    p.layers[1].indices_from = 1;
    cr_assert_eq(conv_network_create(engine, p.layers, p.count, &input, &network, &error), CONV_BAD_ARGUMENT);
    cr_assert_str_eq(error.parameter, "indices");
    p.layers[1].indices_from = 0;
    network = network_of(engine, &p, input);
    float x[16];
    for (int i = 0; i < 16; i++) x[i] = (float)(i * 7 % 16);
    run(network, x);
    const float *y = conv_network_output(network, 1);
    const float *maxima = conv_network_output(network, 0);
    int kept = 0;
    for (int i = 0; i < 16; i++) {
        int window = i / 8 * 2 + i % 4 / 2;
        if (y[i] != 0) cr_assert(y[i] == x[i] && x[i] == maxima[window]);
        kept += y[i] != 0;
    }
    cr_assert_eq(kept, 4, "one cell of each window");
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(network, unpooling_by_given_indices) {
    conv_engine *engine = engine_with(2);
    plan_of_layers p = {0};
    set(add(&p, "unpool", "MaxUnpool2d"), "kernel_size", int_value(2));
    p.layers[0].indices_from = -1;
    conv_network *network = network_of(engine, &p, shape_from(3, 1, 2, 2));
    const float x[4] = {1, 2, 3, 4};
    const int64_t indices[4] = {5, 2, 8, 15};
    conv_error error = {0};
    cr_assert(conv_network_run(network, x, NULL, &error) != CONV_OK);
    cr_assert_str_eq(error.parameter, "indices");
    const conv_operands operands = {.indices = indices};
    cr_assert_eq(conv_network_set_weights(network, 0, &operands, &error), CONV_OK);
    run(network, x);
    const float *y = conv_network_output(network, 0);
    for (int i = 0; i < 16; i++) {
        float expected = i == 5 ? 1 : i == 2 ? 2 : i == 8 ? 3 : i == 15 ? 4 : 0;
        cr_assert_eq(y[i], expected, "cell %d", i);
    }
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

static void check_refused(plan_of_layers *p, conv_shape input, conv_status status, const char *word) {
    conv_engine *engine = engine_with(1);
    conv_network *network = NULL;
    conv_error error = {0};
    cr_assert_eq(conv_network_create(engine, p->layers, p->count, &input, &network, &error), status);
    cr_assert(strstr(error.message, word) != NULL, "'%s' does not name %s", error.message, word);
    conv_engine_destroy(engine);
}

Test(network, refusals) {
    plan_of_layers p = u_net();
    check_refused(&p, shape_from(4, 1, 1, 11, 12), CONV_BAD_SHAPE, "(1, 4, 10, 12)");
    p.layers[3].name[0] = '\0';
    check_refused(&p, shape_from(4, 1, 1, 12, 12), CONV_BAD_ARGUMENT, "name");
    snprintf(p.layers[3].name, sizeof p.layers[3].name, "act");
    check_refused(&p, shape_from(4, 1, 1, 12, 12), CONV_BAD_ARGUMENT, "act");
    p = u_net();
    p.layers[5].input[1] = 6;
    check_refused(&p, shape_from(4, 1, 1, 12, 12), CONV_BAD_ARGUMENT, "cat");
    p.count = 0;
    check_refused(&p, shape_from(4, 1, 1, 12, 12), CONV_BAD_ARGUMENT, "layers");
}

/* The cells that an output depends on, found by setting one input at a time to NaN. ReLU and max pooling carry it on.
 */
static void check_reach(const plan_of_layers *p, conv_shape input, int layer, const int64_t *position, int64_t output) {
    conv_engine *engine = engine_with(1);
    conv_network *network = network_of(engine, p, input);
    int64_t inputs = conv_shape_count(&input), height = input.size[input.rank - 2], width = input.size[input.rank - 1];
    int64_t first[2], last[2], low[2] = {height, width}, high[2] = {-1, -1};
    float *x = picture(inputs);
    conv_error error = {0};
    for (int64_t i = 0; i < inputs; i++) {
        float was = x[i];
        x[i] = NAN;
        run(network, x);
        x[i] = was;
        if (!isnan(conv_network_output(network, layer)[output])) continue;
        int64_t at[2] = {i / width % height, i % width};
        for (int d = 0; d < 2; d++) {
            if (at[d] < low[d]) low[d] = at[d];
            if (at[d] > high[d]) high[d] = at[d];
        }
    }
    cr_assert_eq(conv_network_reach(network, layer, position, first, last, &error), CONV_OK, "%s", error.message);
    for (int d = 0; d < 2; d++)
        cr_assert(first[d] == low[d] && last[d] == high[d], "axis %d: [%d, %d], not [%d, %d]", d, (int)first[d],
                  (int)last[d], (int)low[d], (int)high[d]);
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    free(x);
}

Test(network, reach_is_what_an_output_depends_on) {
    plan_of_layers p = {0};
    set(add_conv(&p, "a", "Conv2d", 1, 2, 3), "padding", int_value(1));
    add(&p, "act", "ReLU");
    set(add(&p, "pool", "MaxPool2d"), "kernel_size", int_value(2));
    set(add_conv(&p, "b", "Conv2d", 2, 1, 3), "dilation", tuple_value(2, 1, 2));
    set(add_conv(&p, "c", "ConvTranspose2d", 1, 1, 3), "stride", int_value(2));
    static const int64_t positions[][2] = {{0, 0}, {3, 1}, {4, 4}, {8, 2}};
    for (int i = 0; i < 4; i++)
        check_reach(&p, shape_from(3, 1, 12, 14), 4, positions[i], positions[i][0] * 7 + positions[i][1]);
    p = u_net();
    static const int64_t corners[][2] = {{0, 0}, {5, 7}, {11, 11}};
    for (int i = 0; i < 3; i++)
        check_reach(&p, shape_from(4, 1, 1, 12, 12), 7, corners[i], corners[i][0] * 12 + corners[i][1]);
}

Test(network, field_of_a_sequence) {
    conv_engine *engine = engine_with(1);
    plan_of_layers p = {0};
    set(add_conv(&p, "0", "Conv2d", 3, 4, 7), "stride", int_value(2));
    set(&p.layers[0].spec, "padding", int_value(3));
    add(&p, "1", "ReLU");
    conv_spec *pool = add(&p, "2", "MaxPool2d");
    set(pool, "kernel_size", int_value(3));
    set(pool, "stride", int_value(2));
    set(pool, "padding", int_value(1));
    set(add_conv(&p, "3", "Conv2d", 4, 4, 3), "padding", int_value(1));
    conv_network *network = network_of(engine, &p, shape_from(4, 1, 3, 64, 64));
    conv_field field;
    cr_assert_eq(conv_network_field(network, 3, 1, &field, NULL), CONV_OK);
    /* 1 + 6 = 7; + 2 * 2 = 11; + 2 * 4 = 19. Starts: -3, -3 - 2 = -5, -5 - 4 = -9. */
    cr_assert_eq(field.size, 19);
    cr_assert_eq(field.jump, 4);
    cr_assert_eq(field.start, -9);
    cr_assert_eq(conv_network_field(network, 3, 2, &field, NULL), CONV_BAD_ARGUMENT);
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(network, text_follows_its_length_through_permute) {
    conv_engine *engine = engine_with(1);
    plan_of_layers p = {0};
    set(add(&p, "swap", "Permute"), "dims", tuple_value(3, 0, 2, 1));
    add_conv(&p, "conv", "Conv1d", 5, 4, 3);
    conv_network *network = network_of(engine, &p, shape_from(3, 1, 9, 5));
    int64_t position = 2, first, last;
    cr_assert_eq(conv_network_reach(network, 1, &position, &first, &last, NULL), CONV_OK);
    int axes[CONV_MAX_SPATIAL];
    cr_assert_eq(conv_network_spatial(network, axes), 1);
    cr_assert_eq(axes[0], 1);
    cr_assert(first == 2 && last == 4, "three words, not three dimensions of a word");
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(network, unbatched_networks_stay_unbatched) {
    conv_engine *engine = engine_with(1);
    plan_of_layers p = {0};
    add_conv(&p, "0", "Conv2d", 1, 3, 2);
    add(&p, "1", "ReLU");
    add(&p, "2", "Tanh");
    conv_network *network = network_of(engine, &p, shape_from(3, 1, 5, 5));
    for (int l = 1; l < 3; l++) {
        const conv_layout *layout = conv_network_layout(network, l);
        cr_assert(!layout->batched && layout->dims == 2 && layout->in_channels == 3, "layer %d", l);
    }
    conv_network_destroy(network);
    conv_engine_destroy(engine);
}

Test(network, gradient_by_differences) {
    conv_engine *engine = engine_with(2);
    plan_of_layers p = u_net();
    for (int l = 0; l < p.count; l++)
        if (p.layers[l].spec.op->kind == CONV_RELU) p.layers[l].spec = spec_of("Tanh");
    conv_network *network = network_of(engine, &p, shape_from(4, 1, 1, 4, 4));
    float *x = picture(16), g[64], back[16];
    for (int i = 0; i < 64; i++) g[i] = (float)(i % 5) - 2;
    conv_error error = {0};
    cr_assert_eq(conv_network_backward(network, 8, g, back, &error), CONV_BAD_ARGUMENT, "not run yet");
    run(network, x);
    cr_assert_eq(conv_network_backward(network, 8, g, back, &error), CONV_OK, "%s", error.message);
    for (int i = 0; i < 16; i++) {
        float was = x[i], step = 1.0f / 256;
        double sum = 0;
        for (int side = -1; side <= 1; side += 2) {
            x[i] = was + (float)side * step;
            run(network, x);
            const float *y = conv_network_output(network, 8);
            for (int o = 0; o < 64; o++) sum += side * (double)y[o] * (double)g[o];
        }
        x[i] = was;
        double slope = sum / (2 * (double)step);
        cr_assert_float_eq(back[i], slope, 0.02 * (1 + fabs(slope)), "input %d: %g, not %g", i, (double)back[i], slope);
    }
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    free(x);
}

Test(network, influence_is_smaller_than_the_theoretical_field_and_highest_in_the_middle) {
    conv_engine *engine = engine_with(2);
    plan_of_layers p = {0};
    for (int l = 0; l < 5; l++) {
        char name[4];
        snprintf(name, sizeof name, "%d", l);
        set(add_conv(&p, name, "Conv2d", l == 0 ? 1 : 4, 4, 3), "padding", int_value(1));
    }
    conv_network *network = network_of(engine, &p, shape_from(4, 1, 1, 21, 21));
    float *x = picture(441), *map = floats(441), *again = floats(441), before[8];
    run(network, x);
    memcpy(before, conv_network_output(network, 4), sizeof before);
    const int64_t middle[2] = {10, 10};
    cr_assert_eq(conv_network_influence(network, 4, middle, 1, 8, map, NULL), CONV_OK);
    cr_assert_eq(conv_network_influence(network, 4, middle, 1, 8, again, NULL), CONV_OK);
    cr_assert_eq(memcmp(map, again, 441 * sizeof *map), 0, "the same seeds");
    cr_assert_eq(memcmp(before, conv_network_output(network, 4), sizeof before), 0, "the network's own results stay");
    float centre = 0, rim = 0;
    for (int i = 0; i < 441; i++) {
        int dy = abs(i / 21 - 10), dx = abs(i % 21 - 10), away = dy > dx ? dy : dx;
        if (away > 5) cr_assert_eq(map[i], 0, "outside the theoretical field of 11 x 11");
        if (away <= 1) centre += map[i] / 9;
        if (away == 5) rim += map[i] / 40;
    }
    cr_assert_gt(rim, 0);
    cr_assert_gt(centre, 5 * rim, "bell-shaped: %g in the middle, %g at the rim", (double)centre, (double)rim);
    conv_network_destroy(network);
    conv_engine_destroy(engine);
    free(x), free(map), free(again);
}
