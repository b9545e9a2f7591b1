/* A network from the inside. */
#ifndef ENGINE_NETWORK_H
#define ENGINE_NETWORK_H

#include "conv/network.h"
#include "memory.h"

/* A layer with what belongs to it. */
typedef struct node {
    conv_layer layer;
    conv_layout layout;
    conv_plan *plan;       /* made at the first run */
    conv_algorithm wanted; /* what it was made for */
    conv_operands weights; /* given or drawn; copies in `block` */
    float *block;
    bool given; /* by conv_network_set_weights */
    float *output;
    int64_t *indices; /* max pooling: when a MaxUnpool takes them; MaxUnpool: those that were given */
    bool indices_wanted;
    int origin[CONV_MAX_DIMS]; /* each output axis: the axis of the network's input that it goes along with, or -1 */
} node;

struct conv_network {
    conv_engine *engine;
    const conv_allocator *allocator;
    conv_shape shape;  /* of the input */
    int spatial_count; /* axes of the input that kernels slide along */
    int spatial[CONV_MAX_SPATIAL];
    float *input; /* copy of the last run's */
    bool ran;
    int count;
    node *nodes;
};

/* Shape of what a layer reads as its input i, and the values of the last run. */
const conv_shape *network_input_shape(const conv_network *network, int layer, int i);
const float *network_input(const conv_network *network, int layer, int i);

/* Fills in origins and the input's spatial axes. */
void network_trace_axes(conv_network *network);

/* Draws the weights of one layer: a stream of its own from the seed and the layer's number. */
conv_status network_draw_layer(conv_network *network, int layer, uint64_t seed, conv_error *error);

/* A number in [0, 1) from a seed and a counter: the same on every machine. */
float network_random(uint64_t seed, uint64_t counter);

conv_status network_bad_layer(const conv_network *network, int layer, conv_error *error);

#endif
