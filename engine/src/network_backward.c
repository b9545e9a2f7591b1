/* Gradients through networks, and the effective receptive field. */
#include "conv/analysis.h"
#include "network.h"
#include "refuse.h"
#include <math.h>
#include <string.h>

/* The gradient of each layer's output, and of the input in front: begun at 0, added to by every layer that reads it. */
typedef struct gradients {
    const conv_network *network;
    float *of[CONV_MAX_LAYERS + 1]; /* [0]: the input; [l + 1]: layer l; NULL: none came */
} gradients;

static const conv_shape *shape_at(const conv_network *network, int at) {
    return at == 0 ? &network->shape : &network->nodes[at - 1].layout.output;
}

static void release(gradients *g) {
    for (int i = 0; i <= g->network->count; i++) memory_give(g->network->allocator, g->of[i]);
}

static conv_status add_gradient(gradients *g, int at, const float *more, conv_error *error) {
    int64_t count = conv_shape_count(shape_at(g->network, at));
    bool first = g->of[at] == NULL;
    if (first) g->of[at] = memory_take(g->network->allocator, count, sizeof(float));
    if (g->of[at] == NULL) return refuse_memory(error);
    for (int64_t i = 0; i < count; i++) g->of[at][i] = first ? more[i] : g->of[at][i] + more[i];
    return CONV_OK;
}

static conv_status back_through(conv_network *network, gradients *g, int layer, conv_error *error) {
    node *n = &network->nodes[layer];
    float *parts[CONV_MAX_INPUTS] = {0};
    conv_operands operands;
    conv_status status = CONV_OK;
    conv_network_operands(network, layer, &operands);
    for (int i = 0; i < n->layer.input_count; i++) {
        parts[i] = memory_take(network->allocator, conv_shape_count(&n->layout.input[i]), sizeof(float));
        if (parts[i] == NULL) status = refuse_memory(error);
    }
    if (status == CONV_OK) status = conv_plan_backward(n->plan, &operands, g->of[layer + 1], parts, error);
    for (int i = 0; i < n->layer.input_count; i++) {
        if (status == CONV_OK) status = add_gradient(g, n->layer.input[i] + 1, parts[i], error);
        memory_give(network->allocator, parts[i]);
    }
    return status;
}

conv_status conv_network_backward(conv_network *network, int layer, const float *output_gradient, float *input_gradient,
                                  conv_error *error) {
    conv_status status = network_bad_layer(network, layer, error);
    if (status != CONV_OK) return status;
    if (!network->ran) return refuse(error, CONV_BAD_ARGUMENT, "", "run the network before asking for gradients");
    gradients *g = memory_take(network->allocator, 1, sizeof *g);
    if (g == NULL) return refuse_memory(error);
    *g = (gradients){.network = network};
    status = add_gradient(g, layer + 1, output_gradient, error);
    for (int l = layer; l >= 0 && status == CONV_OK; l--)
        if (g->of[l + 1] != NULL) status = back_through(network, g, l, error);
    size_t bytes = (size_t)conv_shape_count(&network->shape) * sizeof(float);
    if (status == CONV_OK && g->of[0] != NULL) memcpy(input_gradient, g->of[0], bytes);
    if (status == CONV_OK && g->of[0] == NULL) memset(input_gradient, 0, bytes);
    release(g);
    memory_give(network->allocator, g);
    return status;
}

/* Whether an output element belongs to the position asked for: in the first sample, all channels. */
static bool at_position(const conv_network *network, int layer, const int64_t *position, int64_t output) {
    const node *n = &network->nodes[layer];
    int64_t at[CONV_MAX_DIMS];
    conv_shape_position(&n->layout.output, output, at);
    for (int d = 0; d < n->layout.output.rank; d++)
        for (int i = 0; i < network->spatial_count; i++)
            if (n->origin[d] == network->spatial[i] && at[d] != position[i]) return false;
    return true;
}

/* Adds |gradient| onto the map over the input's spatial axes. */
static void add_influence(const conv_network *network, const float *gradient, float share, float *influence) {
    int64_t count = conv_shape_count(&network->shape), at[CONV_MAX_DIMS];
    for (int64_t i = 0; i < count; i++) {
        if (gradient[i] == 0) continue;
        conv_shape_position(&network->shape, i, at);
        int64_t cell = 0;
        for (int s = 0; s < network->spatial_count; s++)
            cell = cell * network->shape.size[network->spatial[s]] + at[network->spatial[s]];
        influence[cell] += fabsf(gradient[i]) * share;
    }
}

/* Buffers of one draw. */
typedef struct draw {
    float *input, *output_gradient, *input_gradient;
} draw;

static conv_status one_draw(conv_network *copy, int layer, uint64_t seed, draw *d, conv_error *error) {
    int64_t inputs = conv_shape_count(&copy->shape);
    conv_status status = CONV_OK;
    for (int l = 0; l < copy->count && status == CONV_OK; l++) status = network_draw_layer(copy, l, seed, error);
    /* Uniform, with variance 1. */
    for (int64_t i = 0; i < inputs; i++) d->input[i] = (2 * network_random(~seed, (uint64_t)i) - 1) * 1.7320508f;
    if (status == CONV_OK) status = conv_network_run(copy, d->input, NULL, error);
    if (status == CONV_OK) status = conv_network_backward(copy, layer, d->output_gradient, d->input_gradient, error);
    return status;
}

static conv_status all_draws(conv_network *copy, int layer, const int64_t *position, uint64_t seed, int seeds,
                             float *influence, conv_error *error) {
    int64_t inputs = conv_shape_count(&copy->shape), outputs = conv_shape_count(&copy->nodes[layer].layout.output),
            cells = 1;
    const conv_allocator *allocator = copy->allocator;
    for (int s = 0; s < copy->spatial_count; s++) cells *= copy->shape.size[copy->spatial[s]];
    memset(influence, 0, (size_t)cells * sizeof *influence);
    draw d = {.input = memory_take(allocator, inputs, sizeof(float)),
              .output_gradient = memory_take(allocator, outputs, sizeof(float)),
              .input_gradient = memory_take(allocator, inputs, sizeof(float))};
    bool got = d.input != NULL && d.output_gradient != NULL && d.input_gradient != NULL;
    conv_status status = CONV_OK;
    if (!got) status = refuse_memory(error);
    for (int64_t o = 0; got && o < outputs; o++) d.output_gradient[o] = at_position(copy, layer, position, o) ? 1 : 0;
    for (int i = 0; got && i < seeds && status == CONV_OK; i++) {
        status = one_draw(copy, layer, seed + (uint64_t)i, &d, error);
        if (status == CONV_OK) add_influence(copy, d.input_gradient, 1 / (float)seeds, influence);
    }
    memory_give(allocator, d.input);
    memory_give(allocator, d.output_gradient);
    memory_give(allocator, d.input_gradient);
    return status;
}

conv_status conv_network_influence(conv_network *network, int layer, const int64_t *position, uint64_t seed, int seeds,
                                   float *influence, conv_error *error) {
    conv_status status = network_bad_layer(network, layer, error);
    if (status != CONV_OK) return status;
    if (seeds < 1)
        return refuse(error, CONV_BAD_ARGUMENT, "seeds", "seeds must be at least {0}, not {1}", number(1),
                      number(seeds));
    const int count = layer + 1; /* what comes after it has no part in its gradient */
    conv_layer *layers = memory_take(network->allocator, count, sizeof *layers);
    if (layers == NULL) return refuse_memory(error);
    for (int i = 0; i < count; i++) layers[i] = network->nodes[i].layer;
    conv_network *copy = NULL;
    status = conv_network_create(network->engine, layers, count, &network->shape, &copy, error);
    memory_give(network->allocator, layers);
    if (status == CONV_OK) status = all_draws(copy, layer, position, seed, seeds, influence, error);
    conv_network_destroy(copy);
    return status;
}
