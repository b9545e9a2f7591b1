/* Receptive fields through networks. Every axis of every tensor is followed back to the axis of the network's input
 * that it goes along with: spatial axes keep their order, Permute changes it, Flatten and Linear lose it. */
#include "kind.h"
#include "network.h"
#include "refuse.h"

/* First spatial axis of the tensors of a layer whose layout has spatial axes of its own. */
static int first_spatial(const conv_layout *layout) {
    return (layout->batched ? 1 : 0) + 1;
}

static bool keeps_all_axes(conv_kind id) {
    static const bool keeps[CONV_KIND_COUNT] = {
        [CONV_RELU] = true,        [CONV_LEAKY_RELU] = true, [CONV_TANH] = true,
        [CONV_SIGMOID] = true,     [CONV_SILU] = true,       [CONV_RELU6] = true,
        [CONV_HARDSIGMOID] = true, [CONV_HARDSWISH] = true,  [CONV_BATCH_NORM] = true,
        [CONV_IDENTITY] = true,    [CONV_ADD] = true,        [CONV_CAT] = true,
        [CONV_SOFTMAX] = true,     [CONV_LINEAR] = true,     [CONV_CHANNEL_SHUFFLE] = true,
    };
    return keeps[id];
}

static int positive(int64_t dim, int rank) {
    return (int)(dim < 0 ? dim + rank : dim);
}

/* The input axis that output axis d of a layer goes along with; -1: none. */
static int input_axis(const conv_layout *layout, int d) {
    const conv_spec *spec = &layout->spec;
    int rank = layout->input[0].rank;
    conv_kind id = spec->op->kind;
    if (id == CONV_LINEAR || id == CONV_SOFTMAX || id == CONV_CAT) {
        int64_t dim = id == CONV_LINEAR ? -1 : spec->dim;
        bool lost = dim != CONV_DIM_NONE && d == positive(dim, rank);
        return lost ? -1 : d;
    }
    if (id == CONV_CHANNEL_SHUFFLE && d == 1) return -1;
    if (keeps_all_axes(id)) return d;
    if (id == CONV_PERMUTE) return positive(spec->dims[d], rank);
    if (id == CONV_FLATTEN) {
        int start = positive(spec->dim, rank), end = positive(spec->end_dim, rank);
        return d < start ? d : d == start && start < end ? -1 : d + end - start;
    }
    if (id == CONV_UNFOLD || id == CONV_FOLD) return layout->batched && d == 0 ? 0 : -1;
    return d;
}

/* Number of the spatial axis that tensor axis d of a sliding layer is, or -1. */
static int spatial_number(const conv_layout *layout, int d) {
    if (keeps_all_axes(layout->spec.op->kind) || layout->dims == 0) return -1;
    int number_of = d - first_spatial(layout);
    return number_of >= 0 && number_of < layout->dims && layout->spec.op->kind != CONV_UNFOLD &&
                   layout->spec.op->kind != CONV_FOLD
               ? number_of
               : -1;
}

static int origin_of_input(const conv_network *network, int layer, int i, int axis) {
    int from = network->nodes[layer].layer.input[i];
    return from == CONV_FROM_INPUT ? axis : network->nodes[from].origin[axis];
}

void network_trace_axes(conv_network *network) {
    const node *sliding = NULL;
    for (int l = 0; l < network->count; l++) {
        node *n = &network->nodes[l];
        for (int d = 0; d < n->layout.output.rank; d++) {
            int axis = input_axis(&n->layout, d);
            n->origin[d] = axis < 0 ? -1 : origin_of_input(network, l, 0, axis);
        }
        if (sliding != NULL || n->layer.spec.op->dims == 0 || n->layout.dims == 0) continue;
        sliding = n;
        network->spatial_count = n->layout.dims;
        for (int i = 0; i < n->layout.dims; i++)
            network->spatial[i] = origin_of_input(network, l, 0, n->layout.input[0].rank - n->layout.dims + i);
    }
    /* Without a kernel, the axes behind the second. */
    if (sliding != NULL) return;
    for (int d = 2; d < network->shape.rank && network->spatial_count < CONV_MAX_SPATIAL; d++)
        network->spatial[network->spatial_count++] = d;
}

int conv_network_spatial(const conv_network *network, int axes[CONV_MAX_SPATIAL]) {
    for (int i = 0; i < network->spatial_count; i++) axes[i] = network->spatial[i];
    return network->spatial_count;
}

/* The output axis of a layer that goes along with spatial axis `axis` of the input; -1 when it is lost. */
static int axis_along(const conv_network *network, int layer, int axis) {
    const node *n = &network->nodes[layer];
    for (int d = 0; d < n->layout.output.rank; d++)
        if (n->origin[d] == network->spatial[axis]) return d;
    return -1;
}

static conv_field whole_field(const conv_network *network, int axis) {
    int64_t cells = network->shape.size[network->spatial[axis]];
    return (conv_field){.size = cells, .span = (double)(cells - 1)};
}

static conv_field unite(conv_field a, conv_field b) {
    double a_end = a.start + a.span, b_end = b.start + b.span;
    conv_field both = a;
    both.start = a.start < b.start ? a.start : b.start;
    both.span = (a_end > b_end ? a_end : b_end) - both.start;
    both.jump = a.jump > b.jump ? a.jump : b.jump;
    both.size = a.size > b.size ? a.size : b.size;
    if ((double)both.size < both.span + 1) both.size = (int64_t)(both.span + 1);
    return both;
}

static conv_status check_axis(const conv_network *network, int layer, int axis, conv_error *error) {
    conv_status status = network_bad_layer(network, layer, error);
    if (status == CONV_OK && (axis < 0 || axis >= network->spatial_count))
        return refuse(error, CONV_BAD_ARGUMENT, "axis", "spatial axis {0} does not exist: there are {1}", number(axis),
                      number(network->spatial_count));
    return status;
}

conv_status conv_network_field(const conv_network *network, int layer, int axis, conv_field *field, conv_error *error) {
    conv_status status = check_axis(network, layer, axis, error);
    if (status != CONV_OK) return status;
    conv_field *fields = memory_take(network->allocator, layer + 1, sizeof *fields);
    if (fields == NULL) return refuse_memory(error);
    for (int l = 0; l <= layer; l++) {
        const node *n = &network->nodes[l];
        int along = axis_along(network, l, axis);
        if (along < 0) {
            fields[l] = whole_field(network, axis);
            continue;
        }
        for (int i = 0; i < n->layer.input_count; i++) {
            int from = n->layer.input[i];
            conv_field one = from == CONV_FROM_INPUT ? conv_field_identity() : fields[from];
            fields[l] = i == 0 ? one : unite(fields[l], one);
        }
        int sliding = spatial_number(&n->layout, along);
        if (sliding >= 0) fields[l] = conv_field_through(fields[l], &n->layout, sliding);
    }
    *field = fields[layer];
    memory_give(network->allocator, fields);
    return CONV_OK;
}

/* Cells of a tensor that are asked for, per axis; empty when first > last. */
typedef struct demand {
    int64_t first[CONV_MAX_DIMS], last[CONV_MAX_DIMS];
    bool any;
} demand;

static void add_demand(demand *to, const demand *more, int rank) {
    for (int d = 0; d < rank; d++)
        if (more->first[d] > more->last[d]) return;
    for (int d = 0; d < rank; d++) {
        if (!to->any || more->first[d] < to->first[d]) to->first[d] = more->first[d];
        if (!to->any || more->last[d] > to->last[d]) to->last[d] = more->last[d];
    }
    to->any = true;
}

/* What a layer asks of its input i so that it can give what it was asked for. */
static demand demand_of(const conv_layout *layout, const demand *asked, int i) {
    const conv_shape *input = &layout->input[i];
    demand need = {0};
    for (int d = 0; d < input->rank; d++) need.last[d] = input->size[d] - 1;
    for (int d = 0; d < layout->output.rank; d++) {
        int axis = input_axis(layout, d), sliding = spatial_number(layout, d);
        if (axis < 0 || axis >= input->rank) continue;
        bool channel = layout->dims > 0 && d == first_spatial(layout) - 1 && !keeps_all_axes(layout->spec.op->kind);
        if (sliding >= 0) {
            conv_layout_reach(layout, sliding, asked->first[d], asked->last[d], &need.first[axis], &need.last[axis]);
        } else if (!channel || layout->in_channels == layout->out_channels) {
            bool mixes = layout->weight.rank > 1 && channel;
            need.first[axis] = mixes ? 0 : asked->first[d];
            need.last[axis] = mixes ? input->size[axis] - 1 : asked->last[d];
        }
    }
    if (layout->spec.op->kind == CONV_CAT) {
        int dim = positive(layout->spec.dim, input->rank);
        int64_t before = 0;
        for (int k = 0; k < i; k++) before += layout->input[k].size[dim];
        int64_t first = asked->first[dim] - before, last = asked->last[dim] - before;
        need.first[dim] = first > 0 ? first : 0;
        need.last[dim] = last < input->size[dim] ? last : input->size[dim] - 1;
    }
    return need;
}

static demand position_demand(const conv_network *network, int layer, const int64_t *position) {
    const conv_shape *output = &network->nodes[layer].layout.output;
    demand asked = {.any = true};
    for (int d = 0; d < output->rank; d++) asked.last[d] = output->size[d] - 1;
    for (int i = 0; i < network->spatial_count; i++) {
        int along = axis_along(network, layer, i);
        if (along >= 0) asked.first[along] = asked.last[along] = position[i];
    }
    return asked;
}

conv_status conv_network_reach(const conv_network *network, int layer, const int64_t *position, int64_t *first,
                               int64_t *last, conv_error *error) {
    conv_status status = network_bad_layer(network, layer, error);
    if (status != CONV_OK) return status;
    for (int i = 0; i < network->spatial_count; i++) {
        int along = axis_along(network, layer, i);
        int64_t cells = along >= 0 ? network->nodes[layer].layout.output.size[along] : 0;
        if (along >= 0 && (position[i] < 0 || position[i] >= cells))
            return refuse(error, CONV_BAD_ARGUMENT, "position", "position {0} does not exist: there are {1}",
                          number(position[i]), number(cells));
    }
    demand *asked = memory_take(network->allocator, layer + 1, sizeof *asked), of_input = {0};
    if (asked == NULL) return refuse_memory(error);
    for (int l = 0; l <= layer; l++) asked[l] = (demand){0};
    asked[layer] = position_demand(network, layer, position);
    for (int l = layer; l >= 0; l--) {
        const node *n = &network->nodes[l];
        for (int i = 0; i < n->layer.input_count && asked[l].any; i++) {
            int from = n->layer.input[i];
            demand need = demand_of(&n->layout, &asked[l], i);
            add_demand(from == CONV_FROM_INPUT ? &of_input : &asked[from], &need, n->layout.input[i].rank);
        }
    }
    for (int i = 0; i < network->spatial_count; i++) {
        first[i] = of_input.any ? of_input.first[network->spatial[i]] : 0;
        last[i] = of_input.any ? of_input.last[network->spatial[i]] : -1;
    }
    memory_give(network->allocator, asked);
    return CONV_OK;
}
