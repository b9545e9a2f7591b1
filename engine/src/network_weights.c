/* The weights of a network's layers: given, or drawn from a seed. */
#include "network.h"
#include "refuse.h"
#include <math.h>
#include <string.h>

/* An operand that a layer may have. */
typedef struct slot {
    const conv_shape *shape;
    const float *from;
    const float **to;
    const char *name;
    bool optional;
} slot;

enum { SLOTS = 6 };

static void list_slots(node *n, const conv_operands *from, slot slots[SLOTS]) {
    const conv_layout *l = &n->layout;
    slots[0] = (slot){&l->weight, from->weight, &n->weights.weight, "weight", false};
    slots[1] = (slot){&l->bias, from->bias, &n->weights.bias, "bias", false};
    slots[2] = (slot){&l->running, from->running_mean, &n->weights.running_mean, "running_mean", false};
    slots[3] = (slot){&l->running, from->running_var, &n->weights.running_var, "running_var", false};
    slots[4] = (slot){&l->offset, from->offset, &n->weights.offset, "offset", false};
    slots[5] = (slot){&l->mask, from->mask, &n->weights.mask, "mask", true};
}

static int64_t slot_count(const slot *s) {
    return s->shape->rank == 0 ? 0 : conv_shape_count(s->shape);
}

static conv_status take_block(conv_network *network, node *n, const slot *slots, conv_error *error) {
    int64_t total = 0;
    for (int i = 0; i < SLOTS; i++) total += slot_count(&slots[i]);
    conv_plan_destroy(n->plan);
    n->plan = NULL;
    if (n->block == NULL) n->block = memory_take(network->allocator, total, sizeof *n->block);
    return n->block != NULL ? CONV_OK : refuse_memory(error);
}

/* The indices of a MaxUnpool that no pooling of the network gives. */
static conv_status keep_indices(conv_network *network, node *n, const int64_t *indices, conv_error *error) {
    if (n->layer.spec.op->kind != CONV_MAX_UNPOOL || n->layer.indices_from >= 0 || indices == NULL) return CONV_OK;
    const int64_t count = conv_shape_count(&n->layout.input[0]);
    if (n->indices == NULL) n->indices = memory_take(network->allocator, count, sizeof *n->indices);
    if (n->indices == NULL) return refuse_memory(error);
    if (count > 0) memmove(n->indices, indices, (size_t)count * sizeof *indices);
    return CONV_OK;
}

conv_status conv_network_set_weights(conv_network *network, int layer, const conv_operands *operands,
                                     conv_error *error) {
    conv_status status = network_bad_layer(network, layer, error);
    if (status != CONV_OK) return status;
    node *n = &network->nodes[layer];
    slot slots[SLOTS];
    list_slots(n, operands, slots);
    for (int i = 0; i < SLOTS; i++)
        if (slots[i].shape->rank > 0 && slots[i].from == NULL && !slots[i].optional)
            return refuse(error, CONV_BAD_ARGUMENT, slots[i].name, "layer '{0}' needs its {1}, of shape {2}",
                          word(n->layer.name), word(slots[i].name), shape_word(slots[i].shape));
    status = keep_indices(network, n, operands->indices, error);
    if (status == CONV_OK) status = take_block(network, n, slots, error);
    if (status != CONV_OK) return status;
    float *to = n->block;
    for (int i = 0; i < SLOTS; i++) {
        int64_t count = slot_count(&slots[i]);
        *slots[i].to = NULL;
        if (count == 0 || slots[i].from == NULL) continue;
        memmove(to, slots[i].from, (size_t)count * sizeof *to);
        *slots[i].to = to;
        to += count;
    }
    n->given = true;
    return CONV_OK;
}

/* Steele, Lea and Flood: Fast Splittable Pseudorandom Number Generators, 2014 (its finaliser, by David Stafford). */
static uint64_t mix(uint64_t x) {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

float network_random(uint64_t seed, uint64_t counter) {
    return (float)(mix(mix(seed) ^ counter) >> 40) / 16777216.0f;
}

/* PyTorch bounds weights and biases by 1 / sqrt(fan-in), fan-in being the weight's second axis times its kernel. */
static float bound_of(const conv_layout *layout) {
    const conv_shape *weight = &layout->weight;
    if (weight->rank < 2) return 1;
    double fan_in = (double)conv_shape_count(weight) / (double)weight->size[0];
    return (float)(1 / sqrt(fan_in));
}

/* BatchNorm begins at the identity: gamma 1, beta 0, mean 0, variance 1. Offsets stay within one cell; a mask is not
 * drawn. */
static void draw_slot(const node *n, const slot *s, float *to, uint64_t stream, uint64_t first) {
    int64_t count = slot_count(s);
    bool norm = n->layer.spec.op->kind == CONV_BATCH_NORM;
    float fixed = strcmp(s->name, "weight") == 0 || strcmp(s->name, "running_var") == 0 ? 1 : 0;
    float bound = s->shape == &n->layout.offset ? 1 : bound_of(&n->layout);
    for (int64_t i = 0; i < count; i++)
        to[i] = norm ? fixed : (2 * network_random(stream, first + (uint64_t)i) - 1) * bound;
}

conv_status network_draw_layer(conv_network *network, int layer, uint64_t seed, conv_error *error) {
    node *n = &network->nodes[layer];
    const conv_operands none = {0};
    slot slots[SLOTS];
    list_slots(n, &none, slots);
    conv_status status = take_block(network, n, slots, error);
    if (status != CONV_OK) return status;
    uint64_t stream = mix(seed) + (uint64_t)layer;
    float *to = n->block;
    for (int i = 0; i < SLOTS; i++) {
        *slots[i].to = NULL;
        if (slots[i].optional || slots[i].shape->rank == 0) continue;
        draw_slot(n, &slots[i], to, stream, (uint64_t)(to - n->block));
        *slots[i].to = to;
        to += slot_count(&slots[i]);
    }
    return CONV_OK;
}

conv_status conv_network_draw_weights(conv_network *network, uint64_t seed, conv_error *error) {
    conv_status status = CONV_OK;
    for (int i = 0; i < network->count && status == CONV_OK; i++)
        if (!network->nodes[i].given) status = network_draw_layer(network, i, seed, error);
    return status;
}
