/* Networks: layers joined by name, run one after the other. */
#include "network.h"
#include "engine.h"
#include "refuse.h"
#include <string.h>

const conv_shape *network_input_shape(const conv_network *network, int layer, int i) {
    int from = network->nodes[layer].layer.input[i];
    return from == CONV_FROM_INPUT ? &network->shape : &network->nodes[from].layout.output;
}

const float *network_input(const conv_network *network, int layer, int i) {
    int from = network->nodes[layer].layer.input[i];
    return from == CONV_FROM_INPUT ? network->input : network->nodes[from].output;
}

conv_status network_bad_layer(const conv_network *network, int layer, conv_error *error) {
    if (layer >= 0 && layer < network->count) return CONV_OK;
    return refuse(error, CONV_BAD_ARGUMENT, "layer", "layer {0} does not exist: there are {1}", number(layer),
                  number(network->count));
}

static conv_status check_names(const conv_network *network, int at, conv_error *error) {
    const conv_layer *layer = &network->nodes[at].layer;
    if (layer->name[0] == '\0' || memchr(layer->name, '\0', sizeof layer->name) == NULL)
        return refuse(error, CONV_BAD_ARGUMENT, "name", "layer {0} needs a name of 1 to {1} letters", number(at),
                      number(CONV_NAME_SIZE - 1));
    for (int i = 0; i < at; i++)
        if (strcmp(network->nodes[i].layer.name, layer->name) == 0)
            return refuse(error, CONV_BAD_ARGUMENT, "name", "two layers are named '{0}': rename one",
                          word(layer->name));
    return CONV_OK;
}

static conv_status check_links(const conv_network *network, int at, conv_error *error) {
    const conv_layer *layer = &network->nodes[at].layer;
    if (layer->input_count < 1 || layer->input_count > CONV_MAX_INPUTS)
        return refuse(error, CONV_BAD_ARGUMENT, "inputs", "layer '{0}' needs 1 to {1} inputs", word(layer->name),
                      number(CONV_MAX_INPUTS));
    for (int i = 0; i < layer->input_count; i++)
        if (layer->input[i] < CONV_FROM_INPUT || layer->input[i] >= at)
            return refuse(error, CONV_BAD_ARGUMENT, "inputs", "layer '{0}' can only read the input or layers before it",
                          word(layer->name));
    if (layer->spec.op->kind != CONV_MAX_UNPOOL) return CONV_OK;
    int from = layer->indices_from;
    if (from == -1) return CONV_OK; /* they come with conv_network_set_weights */
    conv_kind kind = from >= 0 && from < at ? network->nodes[from].layer.spec.op->kind : CONV_KIND_COUNT;
    if (kind != CONV_MAX_POOL && kind != CONV_ADAPTIVE_MAX_POOL)
        return refuse(error, CONV_BAD_ARGUMENT, "indices", "layer '{0}' needs the indices of a max pooling before it",
                      word(layer->name));
    return CONV_OK;
}

/* What a layer that takes any shape is told of its input: how many axes are spatial there. */
static int spatial_dims(const conv_network *network, int from) {
    if (from == CONV_FROM_INPUT) return 0;
    const node *n = &network->nodes[from];
    bool own = n->layer.spec.op->dims > 0 || n->layer.spec.op->kind == CONV_UPSAMPLE;
    return own || n->layer.spec.pointwise_dims > 0 ? n->layout.dims : 0;
}

static conv_status infer_layer(conv_network *network, int at, conv_error *error) {
    node *n = &network->nodes[at];
    conv_shape inputs[CONV_MAX_INPUTS];
    for (int i = 0; i < n->layer.input_count; i++) inputs[i] = *network_input_shape(network, at, i);
    if (n->layer.spec.pointwise_dims == 0) n->layer.spec.pointwise_dims = spatial_dims(network, n->layer.input[0]);
    conv_status status = conv_layout_infer(&n->layer.spec, inputs, n->layer.input_count, &n->layout, error);
    if (status != CONV_OK || n->layer.spec.op->kind != CONV_MAX_UNPOOL || n->layer.indices_from < 0) return status;
    node *source = &network->nodes[n->layer.indices_from];
    if (!conv_shape_equal(&source->layout.output, &inputs[0]))
        return refuse(error, CONV_BAD_SHAPE, "indices",
                      "'{0}' has an input of shape {1}, but the indices of '{2}' have {3}", word(n->layer.name),
                      shape_word(&inputs[0]), word(source->layer.name), shape_word(&source->layout.output));
    source->indices_wanted = true;
    return CONV_OK;
}

conv_status conv_network_create(conv_engine *engine, const conv_layer *layers, int count, const conv_shape *input,
                                conv_network **network, conv_error *error) {
    if (count < 1 || count > CONV_MAX_LAYERS)
        return refuse(error, CONV_BAD_ARGUMENT, "layers", "a network has 1 to {0} layers, not {1}",
                      number(CONV_MAX_LAYERS), number(count));
    conv_network *made = memory_take(&engine->allocator, 1, sizeof *made);
    if (made == NULL) return refuse_memory(error);
    *made = (conv_network){.engine = engine, .allocator = &engine->allocator, .shape = *input};
    made->nodes = memory_take(&engine->allocator, count, sizeof *made->nodes);
    if (made->nodes == NULL) {
        conv_network_destroy(made);
        return refuse_memory(error);
    }
    conv_status status = CONV_OK;
    for (int i = 0; i < count && status == CONV_OK; i++) {
        made->nodes[i] = (node){.layer = layers[i]};
        made->count = i + 1;
        status = check_names(made, i, error);
        if (status == CONV_OK) status = check_links(made, i, error);
        if (status == CONV_OK) status = infer_layer(made, i, error);
    }
    if (status != CONV_OK) {
        conv_network_destroy(made);
        return status;
    }
    network_trace_axes(made);
    *network = made;
    return CONV_OK;
}

void conv_network_destroy(conv_network *network) {
    if (network == NULL) return;
    const conv_allocator *allocator = network->allocator;
    for (int i = 0; i < network->count; i++) {
        conv_plan_destroy(network->nodes[i].plan);
        memory_give(allocator, network->nodes[i].block);
        memory_give(allocator, network->nodes[i].output);
        memory_give(allocator, network->nodes[i].indices);
    }
    memory_give(allocator, network->nodes);
    memory_give(allocator, network->input);
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

static void add_counts(int64_t *sum, int64_t count) {
    if (*sum < 0 || count < 0 || __builtin_add_overflow(*sum, count, sum)) *sum = -1;
}

conv_cost conv_network_cost(const conv_network *network) {
    conv_cost sum = {0};
    for (int i = 0; i < network->count; i++) {
        const conv_cost *cost = &network->nodes[i].layout.cost;
        add_counts(&sum.parameters, cost->parameters);
        add_counts(&sum.multiply_adds, cost->multiply_adds);
        add_counts(&sum.touching_data, cost->touching_data);
    }
    return sum;
}

/* All outputs stay in memory together. */
static conv_status check_memory(const conv_network *network, conv_error *error) {
    double bytes = (double)conv_shape_count(&network->shape) * sizeof(float);
    for (int i = 0; i < network->count; i++) {
        const node *n = &network->nodes[i];
        double outputs = (double)conv_shape_count(&n->layout.output);
        bytes += outputs * sizeof(float) + (n->indices_wanted ? outputs * sizeof(int64_t) : 0);
    }
    if (bytes <= (double)network->engine->memory_limit) return CONV_OK;
    return refuse(error, CONV_TOO_LARGE, "input",
                  "the network would need {0} of memory, and the limit is {1}: use a smaller input", bytes_word(bytes),
                  bytes_word((double)network->engine->memory_limit));
}

void conv_network_operands(const conv_network *network, int layer, conv_operands *operands) {
    const node *n = &network->nodes[layer];
    *operands = n->weights;
    for (int i = 0; i < n->layer.input_count; i++) operands->input[i] = network_input(network, layer, i);
    const int from = n->layer.indices_from;
    if (n->layer.spec.op->kind == CONV_MAX_UNPOOL)
        operands->indices = from < 0 ? n->indices : network->nodes[from].indices;
}

static conv_status prepare(conv_network *network, int layer, const conv_plan_options *options, conv_error *error) {
    node *n = &network->nodes[layer];
    conv_algorithm wanted = options != NULL ? options->algorithm : CONV_AUTO;
    int64_t outputs = conv_shape_count(&n->layout.output);
    if (n->output == NULL) n->output = memory_take(network->allocator, outputs, sizeof *n->output);
    if (n->indices_wanted && n->indices == NULL)
        n->indices = memory_take(network->allocator, outputs, sizeof *n->indices);
    if (n->output == NULL || (n->indices_wanted && n->indices == NULL)) return refuse_memory(error);
    if (n->plan != NULL && n->wanted == wanted) return CONV_OK;
    conv_plan_destroy(n->plan);
    n->plan = NULL;
    n->wanted = wanted;
    conv_shape inputs[CONV_MAX_INPUTS];
    for (int i = 0; i < n->layer.input_count; i++) inputs[i] = *network_input_shape(network, layer, i);
    conv_plan_options asked = {.algorithm = wanted};
    conv_status status = conv_plan_create(network->engine, &n->layout.spec, inputs, n->layer.input_count, &n->weights,
                                          &asked, &n->plan, error);
    if (status != CONV_UNSUPPORTED || wanted == CONV_AUTO) return status;
    /* An algorithm that this layer has no use for: it takes one of its own. */
    asked.algorithm = conv_algorithm_is_chain(wanted) ? CONV_CHAIN : CONV_AUTO;
    return conv_plan_create(network->engine, &n->layout.spec, inputs, n->layer.input_count, &n->weights, &asked,
                            &n->plan, error);
}

conv_status conv_network_run(conv_network *network, const float *input, const conv_plan_options *options,
                             conv_error *error) {
    int64_t count = conv_shape_count(&network->shape);
    conv_status status = check_memory(network, error);
    if (status != CONV_OK) return status;
    if (network->input == NULL) network->input = memory_take(network->allocator, count, sizeof *network->input);
    if (network->input == NULL) return refuse_memory(error);
    if (count > 0) memmove(network->input, input, (size_t)count * sizeof *input);
    network->ran = false;
    for (int i = 0; i < network->count && status == CONV_OK; i++) {
        node *n = &network->nodes[i];
        conv_operands operands;
        status = prepare(network, i, options, error);
        if (status != CONV_OK) break;
        conv_network_operands(network, i, &operands);
        status = conv_plan_run(n->plan, &operands, n->output, n->indices_wanted ? n->indices : NULL, NULL, error);
    }
    network->ran = status == CONV_OK;
    return status;
}

const float *conv_network_output(const conv_network *network, int layer) {
    return network->ran ? network->nodes[layer].output : NULL;
}

conv_plan *conv_network_plan(conv_network *network, int layer) {
    return network->ran ? network->nodes[layer].plan : NULL;
}
