/* A network: shapes when it is made, plans and tensors when it first runs. */
#include "conv/network.h"
#include "engine.h"
#include "memory.h"
#include "refuse.h"
#include <math.h>
#include <string.h>

/* The tensors that a layer is given, in one block. */
enum { GIVEN = 6 };

typedef struct node {
    conv_layer layer;
    conv_layout layout;
    bool given;
    float *weights; /* the block of `operands` */
    conv_operands operands;
    conv_plan *plan;
    float *output;
    int64_t *indices; /* max pooling */
} node;

struct conv_network {
    conv_engine *engine;
    conv_shape input;
    int count;
    node *nodes;
    conv_algorithm algorithm; /* that the plans were made for */
    bool ran;
    float *input_copy;
};

static conv_status infer(conv_network *network, int index, conv_error *error) {
    node *n = &network->nodes[index];
    conv_shape inputs[CONV_MAX_INPUTS];
    if (n->layer.input_count < 1 || n->layer.input_count > CONV_MAX_INPUTS) {
        return refuse(error, CONV_BAD_ARGUMENT, "input", "layer {0} reads {1} inputs; 1 to {2} are possible",
                      word(n->layer.name), number(n->layer.input_count), number(CONV_MAX_INPUTS));
    }
    for (int k = 0; k < n->layer.input_count; k++) {
        const int from = n->layer.input[k];
        if (from != CONV_FROM_INPUT && (from < 0 || from >= index)) {
            return refuse(error, CONV_BAD_ARGUMENT, "input", "layer {0} reads a layer that does not stand before it",
                          word(n->layer.name));
        }
        inputs[k] = from == CONV_FROM_INPUT ? network->input : network->nodes[from].layout.output;
    }
    return conv_layout_infer(&n->layer.spec, inputs, n->layer.input_count, &n->layout, error);
}

conv_status conv_network_create(conv_engine *engine, const conv_layer *layers, int count, const conv_shape *input,
                                conv_network **network, conv_error *error) {
    *network = NULL;
    if (count < 1 || count > CONV_MAX_LAYERS) {
        return refuse(error, CONV_BAD_ARGUMENT, "layers", "a network has 1 to {0} layers, not {1}",
                      number(CONV_MAX_LAYERS), number(count));
    }
    conv_network *made = memory_take(&engine->allocator, 1, sizeof *made);
    node *nodes = memory_take(&engine->allocator, count, sizeof *nodes);
    if (made == NULL || nodes == NULL) {
        memory_give(&engine->allocator, made);
        memory_give(&engine->allocator, nodes);
        return refuse_memory(error);
    }
    *made = (conv_network){.engine = engine, .input = *input, .count = count, .nodes = nodes};
    memset(nodes, 0, (size_t)count * sizeof *nodes);
    conv_status status = CONV_OK;
    for (int i = 0; i < count && status == CONV_OK; i++) {
        nodes[i].layer = layers[i];
        nodes[i].layer.name[CONV_NAME_SIZE - 1] = 0;
        for (int k = 0; k < i && status == CONV_OK; k++) {
            if (strcmp(nodes[k].layer.name, nodes[i].layer.name) == 0) {
                status =
                    refuse(error, CONV_BAD_ARGUMENT, "name", "two layers are called {0}", word(nodes[i].layer.name));
            }
        }
        if (status == CONV_OK) status = infer(made, i, error);
    }
    if (status != CONV_OK) {
        conv_network_destroy(made);
        return status;
    }
    *network = made;
    return CONV_OK;
}

static void forget_plans(conv_network *network) {
    for (int i = 0; i < network->count; i++) {
        node *n = &network->nodes[i];
        conv_plan_destroy(n->plan);
        n->plan = NULL;
    }
    network->ran = false;
}

void conv_network_destroy(conv_network *network) {
    if (network == NULL) return;
    const conv_allocator *allocator = &network->engine->allocator;
    forget_plans(network);
    for (int i = 0; i < network->count; i++) {
        memory_give(allocator, network->nodes[i].weights);
        memory_give(allocator, network->nodes[i].output);
        memory_give(allocator, network->nodes[i].indices);
    }
    memory_give(allocator, network->input_copy);
    memory_give(allocator, network->nodes);
    memory_give(allocator, network);
}

int conv_network_count(const conv_network *network) {
    return network->count;
}

const conv_layer *conv_network_layer(const conv_network *network, int layer) {
    return &network->nodes[layer].layer;
}

const conv_layout *conv_network_layout(const conv_network *network, int layer) {
    return &network->nodes[layer].layout;
}

conv_cost conv_network_cost(const conv_network *network) {
    conv_cost sum = {0};
    for (int i = 0; i < network->count; i++) {
        const conv_cost *c = &network->nodes[i].layout.cost;
        sum.parameters += c->parameters;
        sum.multiply_adds = sum.multiply_adds < 0 || c->multiply_adds < 0 ? -1 : sum.multiply_adds + c->multiply_adds;
        sum.touching_data += c->touching_data;
    }
    return sum;
}

/* ---- tensors ---- */

typedef struct given {
    const conv_shape *shape;
    const float *from;
    const float **to;
    const char *name;
} given;

static void list_given(node *n, const conv_operands *from, given list[GIVEN]) {
    const conv_layout *l = &n->layout;
    list[0] = (given){&l->weight, from->weight, &n->operands.weight, "weight"};
    list[1] = (given){&l->bias, from->bias, &n->operands.bias, "bias"};
    list[2] = (given){&l->offset, from->offset, &n->operands.offset, "offset"};
    list[3] = (given){&l->mask, from->mask, &n->operands.mask, "mask"};
    list[4] = (given){&l->running, from->running_mean, &n->operands.running_mean, "running_mean"};
    list[5] = (given){&l->running, from->running_var, &n->operands.running_var, "running_var"};
}

conv_status conv_network_set_weights(conv_network *network, int layer, const conv_operands *operands,
                                     conv_error *error) {
    node *n = &network->nodes[layer];
    given list[GIVEN];
    list_given(n, operands, list);
    int64_t total = 0;
    for (int i = 0; i < GIVEN; i++) {
        if (list[i].shape->rank == 0) continue;
        if (list[i].from == NULL && list[i].shape != &n->layout.mask) {
            return refuse(error, CONV_BAD_ARGUMENT, list[i].name, "{0} needs its {1}, of shape {2}",
                          word(n->layout.spec.op->name), word(list[i].name), shape_word(list[i].shape));
        }
        if (list[i].from != NULL) total += conv_shape_count(list[i].shape);
    }
    float *block = memory_take(&network->engine->allocator, total, sizeof *block);
    if (block == NULL) return refuse_memory(error);
    float *to = block;
    for (int i = 0; i < GIVEN; i++) {
        *list[i].to = NULL;
        if (list[i].shape->rank == 0 || list[i].from == NULL) continue;
        const int64_t count = conv_shape_count(list[i].shape);
        memcpy(to, list[i].from, (size_t)count * sizeof *to);
        *list[i].to = to;
        to += count;
    }
    memory_give(&network->engine->allocator, n->weights);
    n->weights = block;
    n->given = true;
    return n->plan != NULL ? conv_plan_set_weights(n->plan, &n->operands, error) : CONV_OK;
}

/* SplitMix64's finaliser over (seed, layer, index): 24 bits, in [0, 1). */
static float draw(uint64_t seed, int layer, int64_t index) {
    uint64_t z = (seed + 1) * 0x9e3779b97f4a7c15u + (uint64_t)layer * 0xd1b54a32d192ed03u + (uint64_t)index;
    for (int round = 0; round < 2; round++) {
        z += 0x9e3779b97f4a7c15u;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
        z = (z ^ z >> 27) * 0x94d049bb133111ebu;
        z ^= z >> 31;
    }
    return (float)(z >> 40) * 0x1p-24f;
}

static conv_status draw_layer(conv_network *network, int layer, uint64_t seed, conv_error *error) {
    node *n = &network->nodes[layer];
    const conv_layout *l = &n->layout;
    const bool norm = l->running.rank > 0;
    int64_t count[GIVEN], total = 0, fan_in = 1;
    const conv_shape *const shapes[GIVEN] = {&l->weight, &l->bias, &l->offset, &l->mask, &l->running, &l->running};
    for (int i = 0; i < GIVEN; i++) {
        count[i] = shapes[i]->rank == 0 || shapes[i] == &l->mask ? 0 : conv_shape_count(shapes[i]);
        total += count[i];
    }
    for (int a = 1; a < l->weight.rank; a++) fan_in *= l->weight.size[a];
    float *block = memory_take(&network->engine->allocator, total, sizeof *block);
    if (block == NULL) return refuse_memory(error);
    const float bound = 1 / sqrtf((float)(fan_in > 0 ? fan_in : 1));
    float *tensors[GIVEN] = {0}, *to = block;
    for (int i = 0; i < GIVEN; i++) {
        if (count[i] == 0) continue;
        tensors[i] = to;
        for (int64_t k = 0; k < count[i]; k++) {
            const float uniform = (2 * draw(seed, layer, (int64_t)i << 40 | k) - 1) * bound;
            const float fixed = i == 5 || (norm && i == 0) ? 1 : 0;
            to[k] = norm || i > 1 ? fixed : uniform;
        }
        to += count[i];
    }
    const conv_operands drawn = {.weight = tensors[0],
                                 .bias = tensors[1],
                                 .offset = tensors[2],
                                 .mask = tensors[3],
                                 .running_mean = tensors[4],
                                 .running_var = tensors[5]};
    conv_status status = conv_network_set_weights(network, layer, &drawn, error);
    memory_give(&network->engine->allocator, block);
    return status;
}

conv_status conv_network_draw_weights(conv_network *network, uint64_t seed, conv_error *error) {
    for (int i = 0; i < network->count; i++) {
        if (network->nodes[i].given) continue;
        conv_status status = draw_layer(network, i, seed, error);
        if (status != CONV_OK) return status;
    }
    return CONV_OK;
}

/* ---- running ---- */

static bool needs_weights(const node *n) {
    return n->layout.weight.rank > 0 || n->layout.bias.rank > 0 || n->layout.offset.rank > 0 ||
           n->layout.running.rank > 0;
}

static conv_status prepare(conv_network *network, int i, conv_algorithm algorithm, conv_error *error) {
    node *n = &network->nodes[i];
    const conv_allocator *allocator = &network->engine->allocator;
    const int64_t outputs = conv_shape_count(&n->layout.output);
    if (needs_weights(n) && !n->given) {
        return refuse(error, CONV_BAD_ARGUMENT, "weight", "layer {0} has no weights yet", word(n->layer.name));
    }
    if (n->output == NULL) {
        n->output = memory_take(allocator, outputs, sizeof *n->output);
        if (n->output == NULL) return refuse_memory(error);
    }
    const conv_kind kind = n->layout.spec.op->kind;
    if (n->indices == NULL && (kind == CONV_MAX_POOL || kind == CONV_ADAPTIVE_MAX_POOL)) {
        n->indices = memory_take(allocator, outputs, sizeof *n->indices);
        if (n->indices == NULL) return refuse_memory(error);
    }
    if (n->plan != NULL) return CONV_OK;
    /* A layer that only one kind of algorithm can do takes that one. */
    const conv_plan_options options = {.algorithm = algorithm}, automatic = {.algorithm = CONV_AUTO};
    conv_status status = conv_plan_create(network->engine, &n->layout.spec, n->layout.input, n->layout.input_count,
                                          &n->operands, &options, &n->plan, error);
    if (status == CONV_UNSUPPORTED && algorithm != CONV_AUTO) {
        status = conv_plan_create(network->engine, &n->layout.spec, n->layout.input, n->layout.input_count,
                                  &n->operands, &automatic, &n->plan, error);
    }
    return status;
}

static conv_status keep_input(conv_network *network, const float *input, conv_error *error) {
    const int64_t count = conv_shape_count(&network->input);
    if (network->input_copy == NULL) {
        network->input_copy = memory_take(&network->engine->allocator, count, sizeof(float));
        if (network->input_copy == NULL) return refuse_memory(error);
    }
    if (input != network->input_copy) memcpy(network->input_copy, input, (size_t)count * sizeof(float));
    return CONV_OK;
}

conv_status conv_network_run(conv_network *network, const float *input, const conv_plan_options *options,
                             conv_error *error) {
    const conv_algorithm algorithm = options != NULL ? options->algorithm : CONV_AUTO;
    if (algorithm != network->algorithm) forget_plans(network);
    network->algorithm = algorithm;
    conv_status status = keep_input(network, input, error);
    for (int i = 0; i < network->count && status == CONV_OK; i++) status = prepare(network, i, algorithm, error);
    for (int i = 0; i < network->count && status == CONV_OK; i++) {
        node *n = &network->nodes[i];
        for (int k = 0; k < n->layer.input_count; k++) {
            const int from = n->layer.input[k];
            n->operands.input[k] = from == CONV_FROM_INPUT ? network->input_copy : network->nodes[from].output;
        }
        const int unpooled = n->layer.indices_from;
        if (n->layout.spec.op->kind == CONV_MAX_UNPOOL && unpooled >= 0 && unpooled < i)
            n->operands.indices = network->nodes[unpooled].indices;
        status = conv_plan_run(n->plan, &n->operands, n->output, n->indices, NULL, error);
    }
    network->ran = status == CONV_OK;
    return status;
}

const float *conv_network_output(const conv_network *network, int layer) {
    return network->ran ? network->nodes[layer].output : NULL;
}

conv_plan *conv_network_plan(conv_network *network, int layer) {
    return network->nodes[layer].plan;
}

void conv_network_operands(const conv_network *network, int layer, conv_operands *operands) {
    *operands = network->nodes[layer].operands;
}

/* ---- receptive fields ---- */

conv_status conv_network_field(const conv_network *network, int layer, int axis, conv_field *field, conv_error *error) {
    conv_field fields[CONV_MAX_LAYERS];
    if (axis < 0 || axis >= CONV_MAX_SPATIAL)
        return refuse(error, CONV_BAD_ARGUMENT, "axis", "there is no axis {0}", number(axis));
    if (layer < 0 || layer >= network->count)
        return refuse(error, CONV_BAD_ARGUMENT, "layer", "there is no layer {0}", number(layer));
    for (int i = 0; i <= layer; i++) {
        const node *n = &network->nodes[i];
        for (int k = 0; k < n->layer.input_count; k++) {
            const int from = n->layer.input[k];
            conv_field through = from == CONV_FROM_INPUT ? conv_field_identity() : fields[from];
            if (axis < n->layout.dims) through = conv_field_through(through, &n->layout, axis);
            if (k == 0 || through.size > fields[i].size) fields[i] = through;
        }
    }
    *field = fields[layer];
    return CONV_OK;
}
