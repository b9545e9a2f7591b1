/* A network: layers with named inputs. nn.Sequential is the case in which each layer reads the one before it. */
#ifndef CONV_NETWORK_H
#define CONV_NETWORK_H

#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CONV_NAME_SIZE = 64, CONV_MAX_LAYERS = 256, CONV_FROM_INPUT = -1 };

typedef struct conv_layer {
    char name[CONV_NAME_SIZE]; /* as in PyTorch's state_dict: "0", "conv1"; weights are NAME.weight, NAME.bias, ... */
    conv_spec spec;
    int input_count;
    int input[CONV_MAX_INPUTS]; /* indices of earlier layers, or CONV_FROM_INPUT */
    int indices_from; /* MaxUnpool: the MaxPool layer whose indices it takes; -1: they are given by set_weights */
} conv_layer;

typedef struct conv_network conv_network;

/* Copies the layers. Checks names, order and shapes for an input of that shape; makes no plan and no tensor. */
conv_status conv_network_create(conv_engine *engine, const conv_layer *layers, int count, const conv_shape *input,
                                conv_network **network, conv_error *error);
void conv_network_destroy(conv_network *network); /* NULL is allowed */

int conv_network_count(const conv_network *network);
const conv_layer *conv_network_layer(const conv_network *network, int layer);
const conv_layout *conv_network_layout(const conv_network *network, int layer);
conv_cost conv_network_cost(const conv_network *network);

/* Gives layer its tensors (weight, bias, running_*, offset, mask, indices; shapes from its layout). Copied. All must be
 * given before a run. */
conv_status conv_network_set_weights(conv_network *network, int layer, const conv_operands *operands,
                                     conv_error *error);

/* Draws every weight that was not given from a seed: uniform in +-1/sqrt(fan-in), as PyTorch's default initialisation
 * bounds it; the generator is ours and the same on every machine. running_mean 0, running_var 1. */
conv_status conv_network_draw_weights(conv_network *network, uint64_t seed, conv_error *error);

/* Runs all layers. Each layer's output stays readable until the next run. `options` as for plans; NULL: CONV_AUTO. */
conv_status conv_network_run(conv_network *network, const float *input, const conv_plan_options *options,
                             conv_error *error);
const float *conv_network_output(const conv_network *network,
                                 int layer); /* NULL before the first run. Owned by the network. */

/* The plan and the operands of a layer after a run: for traces and steps. Owned by the network. */
conv_plan *conv_network_plan(conv_network *network, int layer);
void conv_network_operands(const conv_network *network, int layer, conv_operands *operands);

/* The spatial axes of a network are those axes of its input that its first sliding layer slides along (followed back
 * through Permute). Writes which axes of the input they are, in order, and returns how many. */
int conv_network_spatial(const conv_network *network, int axes[CONV_MAX_SPATIAL]);

/* Theoretical receptive field of a layer along spatial axis `axis`, in cells of the network's input; of layers that
 * several paths reach, the union. Behind Flatten or Linear it is the whole axis. */
conv_status conv_network_field(const conv_network *network, int layer, int axis, conv_field *field, conv_error *error);

/* The hull of the input cells that one output cell of a layer depends on, clipped to the input; empty (first > last)
 * when there are none. `position`, `first` and `last` have one number for each spatial axis; positions along axes that
 * the layer has lost are not looked at. */
conv_status conv_network_reach(const conv_network *network, int layer, const int64_t *position, int64_t *first,
                               int64_t *last, conv_error *error);

/* Gradient of the network's input for a given gradient of a layer's output, by running the layers backward at the
 * values of the last run. Sizes: the network's input; that layer's output. Linear operations, ReLU-like ones and
 * poolings. */
conv_status conv_network_backward(conv_network *network, int layer, const float *output_gradient, float *input_gradient,
                                  conv_error *error);

/* Effective receptive field (Luo et al. 2016): |gradient| of one output position (all its channels, summed) with
 * respect to the input, averaged over `seeds` draws of weights and inputs beginning with `seed`, summed over input
 * channels. `influence` has the sizes of the spatial axes. The network's own weights and results are unchanged. */
conv_status conv_network_influence(conv_network *network, int layer, const int64_t *position, uint64_t seed, int seeds,
                                   float *influence, conv_error *error);

#ifdef __cplusplus
}
#endif

#endif
