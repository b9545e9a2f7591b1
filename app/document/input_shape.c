/* Which input shape shows an operation: small, yet with enough steps to watch. */
#include "app/system/memory.h"
#include "document.h"

enum { ENOUGH_STEPS = 9, LAZY_CHANNELS = 2, LARGEST_TRIED = 256 };

int part_natural_focus(const part *p) {
    for (int i = 0; i < p->layer_count; i++) {
        conv_kind kind = p->layers[i].spec.op->kind;
        if (kind == CONV_CONV || kind == CONV_TRANSPOSE || kind == CONV_DEFORM) return i;
    }
    for (int i = 0; i < p->layer_count; i++) {
        if (p->layers[i].spec.op->flow != CONV_COPY) return i;
    }
    return 0;
}

/* Whether the layers take this input. */
static bool shape_fits(const part *p, const conv_shape *shape, conv_layout *layouts, conv_error *error) {
    for (int i = 0; i < p->layer_count; i++) {
        const conv_layer *layer = &p->layers[i];
        conv_shape inputs[CONV_MAX_INPUTS];
        for (int k = 0; k < layer->input_count; k++) {
            int from = layer->input[k];
            inputs[k] = from == CONV_FROM_INPUT ? *shape : layouts[from].output;
        }
        if (conv_layout_infer(&layer->spec, inputs, layer->input_count, &layouts[i], error) != CONV_OK) return false;
    }
    return true;
}

/* How well the steps of a layer show what it does: 0 too few, 1 enough, 2 enough places for the kernel too. */
static int shows(const conv_layout *layout) {
    if (layout->steps < ENOUGH_STEPS) return 0;
    int64_t windows = 1;
    for (int a = 0; a < layout->dims; a++) {
        windows *= layout->flow == CONV_SCATTER ? layout->axis[a].in : layout->axis[a].out;
    }
    return layout->dims == 0 || windows >= ENOUGH_STEPS ? 2 : 1;
}

/* Channels of the network's input: what the first layer that names them wants. */
static int64_t wanted_channels(const part *p) {
    const conv_spec *first = &p->layers[0].spec;
    if (first->op->kind == CONV_FOLD) {
        int64_t kernel = 1;
        for (int a = 0; a < first->op->dims; a++) kernel *= first->kernel_size[a] ? first->kernel_size[a] : 1;
        return kernel;
    }
    if (first->op->kind == CONV_PIXEL_SHUFFLE) return first->shuffle_factor * first->shuffle_factor;
    for (int i = 0; i < p->layer_count; i++) {
        const conv_spec *spec = &p->layers[i].spec;
        if (spec->op->lazy) return LAZY_CHANNELS;
        if (spec->in_channels > 0) return spec->in_channels;
    }
    return 0; /* any */
}

static int spatial_axes(const part *p) {
    for (int i = 0; i < p->layer_count; i++) {
        const conv_spec *spec = &p->layers[i].spec;
        if (spec->op->kind == CONV_FOLD) return 1;
        if (spec->op->kind == CONV_LINEAR && i == 0) return 0;
        if (spec->op->kind == CONV_PERMUTE && i == 0) return spec->dims_count > 1 ? spec->dims_count - 1 : 0;
        if (spec->op->dims > 0) return spec->op->dims;
    }
    return 2;
}

/* Tries growing pictures with that batch (0: unbatched) and these channels; keeps the first of the best in *chosen. */
static void try_sizes(const part *p, int64_t batch, int64_t channels, conv_layout *layouts, conv_shape *chosen,
                      int *best, conv_error *error) {
    const int axes = spatial_axes(p);
    for (int64_t size = 3; size <= LARGEST_TRIED && *best < 2; size++) {
        conv_shape shape = {0};
        if (batch) shape.size[shape.rank++] = batch;
        shape.size[shape.rank++] = channels;
        for (int a = 0; a < axes; a++) shape.size[shape.rank++] = size;
        conv_error why = {0};
        if (shape_fits(p, &shape, layouts, &why)) {
            int score = shows(&layouts[p->focus]);
            if (score > *best) {
                *best = score;
                *chosen = shape;
            }
        } else if (error->status == CONV_OK) {
            *error = why;
        }
        if (axes == 0) break;
    }
}

static bool choose_shape(const part *p, conv_layout *layouts, conv_shape *chosen, conv_error *error) {
    const int64_t wanted = wanted_channels(p);
    static const int64_t any_channels[] = {1, 3, ENOUGH_STEPS};
    int best = -1;
    for (int64_t batch = 0; batch <= ENOUGH_STEPS && best < 1; batch++) {
        if (wanted) {
            try_sizes(p, batch, wanted, layouts, chosen, &best, error);
            continue;
        }
        for (size_t i = 0; i < sizeof any_channels / sizeof *any_channels && best < 1; i++) {
            try_sizes(p, batch, any_channels[i], layouts, chosen, &best, error);
        }
    }
    return best >= 0;
}

bool part_layouts(const part *p, conv_layout **layouts, failure *f) {
    *layouts = NULL;
    if (p->layer_count == 0) return fail(f, N_("there is no layer to show"), "");
    conv_layout *made = memory_zeroed((size_t)p->layer_count, sizeof *made);
    if (!made) return fail_memory(f);
    conv_error error;
    if (!shape_fits(p, &p->input_shape, made, &error)) {
        memory_free(made);
        return fail_engine(f, &error);
    }
    *layouts = made;
    return true;
}

bool part_fit_input(part *p, bool choose, failure *f) {
    if (p->layer_count == 0) return fail(f, N_("there is no layer to show"), "");
    conv_layout *layouts = memory_zeroed((size_t)p->layer_count, sizeof *layouts);
    if (!layouts) return fail_memory(f);
    conv_error error = {0};
    bool ok = p->input_shape.rank > 0 && shape_fits(p, &p->input_shape, layouts, &error);
    if (!ok && choose) {
        conv_shape shape = {0};
        const int64_t channels = wanted_channels(p);
        if (channels > INT32_MAX) { /* scenes have no such shapes */
            memory_free(layouts);
            return fail(f, N_("{0} is out of range: {1} to {2} are allowed"), "ddd", channels, (int64_t)1,
                        (int64_t)INT32_MAX);
        }
        ok = choose_shape(p, layouts, &shape, &error);
        if (ok) p->input_shape = shape;
    }
    memory_free(layouts);
    return ok || fail_engine(f, &error);
}
