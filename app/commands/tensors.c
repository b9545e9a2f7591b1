#include "tensors.h"

#include "app/arrays/npy.h"
#include "app/arrays/npz.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>

enum { WEIGHT, BIAS, RUNNING_MEAN, RUNNING_VAR, OFFSET = TENSOR_OFFSET, MASK, INDICES };

static const struct {
    const char *name; /* in a state_dict */
    const char *option;
    bool learned;   /* belongs to the state_dict */
    float fallback; /* when others of the layer are given and this one is not */
} rows[TENSOR_COUNT] = {
    [WEIGHT] = {"weight", "weight", true, 1},
    [BIAS] = {"bias", "bias", true, 0},
    [RUNNING_MEAN] = {"running_mean", "running-mean", true, 0},
    [RUNNING_VAR] = {"running_var", "running-var", true, 1},
    [OFFSET] = {"offset", "offset", false, 0},
    [MASK] = {"mask", "mask", false, 1},
    [INDICES] = {"indices", "indices", false, 0},
};

/* The shape that a layer wants of a tensor; rank 0: it has none. */
static conv_shape wanted_shape(const conv_layout *l, int t) {
    switch (t) {
    case WEIGHT:
        return l->weight;
    case BIAS:
        return l->bias;
    case OFFSET:
        return l->offset;
    case MASK:
        return l->mask;
    case INDICES:
        return l->spec.op->kind == CONV_MAX_UNPOOL ? l->input[0] : (conv_shape){0};
    default:
        return l->running;
    }
}

/* The tensors of one layer, as far as they were given. */
typedef struct layer_tensors {
    array tensor[TENSOR_COUNT];
    bool given[TENSOR_COUNT];
} layer_tensors;

static conv_operands layer_tensors_operands(const layer_tensors *t) {
    return (conv_operands){.weight = t->tensor[WEIGHT].data,
                           .bias = t->tensor[BIAS].data,
                           .running_mean = t->tensor[RUNNING_MEAN].data,
                           .running_var = t->tensor[RUNNING_VAR].data,
                           .offset = t->tensor[OFFSET].data,
                           .mask = t->tensor[MASK].data,
                           .indices = t->tensor[INDICES].integers};
}

static void layer_tensors_destroy(layer_tensors *t) {
    for (int i = 0; i < TENSOR_COUNT; i++) array_destroy(&t->tensor[i]);
    *t = (layer_tensors){0};
}

static bool check_shape(const conv_layout *l, int t, const conv_shape *has, const char *path, failure *f) {
    char a[96], b[96];
    conv_shape wants = wanted_shape(l, t);
    if (conv_shape_equal(&wants, has)) return true;
    conv_shape_text(has, a, (int)sizeof a);
    conv_shape_text(&wants, b, (int)sizeof b);
    fail(f, N_("the {0} has the shape {1}; this {2} needs {3}"), "ssss", rows[t].name, a, l->spec.op->name, b);
    return fail_in(f, path);
}

/* The shape is checked before the numbers are read. */
static bool read_single(const subject *s, const conv_layout *l, int t, const char *path, layer_tensors *into,
                        failure *f) {
    conv_shape shape;
    if (!array_peek(path, 1, &shape, f) || !check_shape(l, t, &shape, path, f)) return false;
    const size_t limit = conv_engine_memory_limit(s->engine);
    array *a = &into->tensor[t];
    bool ok = t == INDICES ? npy_read(path, limit, true, a, f) : array_read(path, 1, limit, a, f);
    if (!ok || !check_shape(l, t, &a->shape, path, f)) return false;
    if (t == INDICES && !a->integers) {
        fail(f, N_("the indices must be whole numbers (int64)"), "");
        return fail_in(f, path);
    }
    into->given[t] = true;
    return true;
}

/* The layer that a single file is for: the only one that takes such a tensor. */
static int layer_for(const subject *s, int t) {
    int found = -1;
    for (int i = 0; i < conv_network_count(s->network); i++) {
        if (wanted_shape(conv_network_layout(s->network, i), t).rank == 0) continue;
        if (found >= 0) return -2;
        found = i;
    }
    return found;
}

static bool read_singles(const subject *s, const tensor_options *o, int layer, layer_tensors *into, failure *f) {
    for (int t = 0; t < TENSOR_COUNT; t++) {
        if (!o->single[t]) continue;
        int wanted = layer_for(s, t);
        if (wanted == -1)
            return fail(f, N_("--{0} is given, but no layer here has such a tensor"), "s", rows[t].option);
        if (wanted == -2) return fail(f, N_("--{0} could be for several layers: use --weights"), "s", rows[t].option);
        if (wanted != layer) continue;
        if (!read_single(s, conv_network_layout(s->network, layer), t, o->single[t], into, f)) return false;
    }
    return true;
}

/* A tensor's entry: under the layer's whole name; without what stands before the first dot ("features.0" saved from
 * `features` alone); and a layer that is alone by the tensor's name itself. */
static bundle_entry *find_entry(const subject *s, bundle *b, const char *layer, const char *tensor) {
    char name[CONV_NAME_SIZE + 32];
    snprintf(name, sizeof name, "%s.%s", layer, tensor);
    bundle_entry *entry = bundle_find(b, name);
    const char *dot = strchr(name, '.');
    if (!entry && dot && strchr(dot + 1, '.')) entry = bundle_find(b, dot + 1);
    if (!entry && conv_network_count(s->network) == 1) entry = bundle_find(b, tensor);
    return entry;
}

static bool read_from_bundle(const subject *s, bundle *b, const char *path, int layer, layer_tensors *into,
                             failure *f) {
    const conv_layout *l = conv_network_layout(s->network, layer);
    const char *name = conv_network_layer(s->network, layer)->name;
    for (int t = 0; t < INDICES; t++) {
        conv_shape shape = wanted_shape(l, t);
        if (shape.rank == 0 || into->given[t]) continue;
        bundle_entry *entry = find_entry(s, b, name, rows[t].name);
        if (!entry && rows[t].learned) {
            fail(f, N_("there is no array {0}.{1}"), "ss", name, rows[t].name);
            return fail_in(f, path);
        }
        if (!entry) continue;
        if (!bundle_peek(b, entry, &shape, f) || !check_shape(l, t, &shape, path, f)) return false;
        if (!bundle_read(b, entry, conv_engine_memory_limit(s->engine), &into->tensor[t], f)) return false;
        if (!check_shape(l, t, &into->tensor[t].shape, path, f)) return false;
        into->given[t] = true;
    }
    return true;
}

/* What belongs to no state_dict cannot be drawn either. `linked`: the indices come from a pooling of the network. */
static bool require(const conv_layout *l, const layer_tensors *given, bool linked, failure *f) {
    char text[96];
    for (int t = 0; t < TENSOR_COUNT; t++) {
        conv_shape shape = wanted_shape(l, t);
        if (rows[t].learned || t == MASK || (t == INDICES && linked) || shape.rank == 0 || given->given[t]) continue;
        conv_shape_text(&shape, text, (int)sizeof text);
        return fail(f, N_("{0} needs --{1} FILE, of shape {2}"), "sss", l->spec.op->name, rows[t].option, text);
    }
    return true;
}

/* What goes with tensors that were given and is not given itself. */
static bool complete(const command_line *line, const subject *s, const conv_layout *l, layer_tensors *into,
                     failure *f) {
    for (int t = 0; t < TENSOR_COUNT; t++) {
        conv_shape shape = wanted_shape(l, t);
        if (!rows[t].learned || shape.rank == 0 || into->given[t]) continue;
        if (!array_create(&into->tensor[t], &shape, conv_engine_memory_limit(s->engine), f)) return false;
        int64_t count = conv_shape_count(&shape);
        for (int64_t i = 0; i < count; i++) into->tensor[t].data[i] = rows[t].fallback;
        if (t == BIAS) command_note(line, N_("no --bias is given: the bias is taken as 0"), "");
        into->given[t] = true;
    }
    return true;
}

/* Whether the weight itself, or what stands for it, was given: then nothing of the layer is drawn. */
static bool learned_given(const conv_layout *l, const layer_tensors *t) {
    bool norm = l->running.rank > 0;
    return t->given[WEIGHT] || (norm && (t->given[BIAS] || t->given[RUNNING_MEAN] || t->given[RUNNING_VAR]));
}

static bool give_layer(const command_line *line, const subject *s, const tensor_options *o, bundle *b, int layer,
                       layer_tensors *into, failure *f) {
    const conv_layout *l = conv_network_layout(s->network, layer);
    if (!read_singles(s, o, layer, into, f)) return false;
    if (b && !read_from_bundle(s, b, o->weights, layer, into, f)) return false;
    if (!require(l, into, conv_network_layer(s->network, layer)->indices_from >= 0, f)) return false;
    if (learned_given(l, into) && !complete(line, s, l, into, f)) return false;
    if (l->weight.rank > 0 && !into->given[WEIGHT]) {
        command_note(line, N_("no weight is given for {0}: it is drawn from seed {1}"), "sd", l->spec.op->name,
                     (int64_t)s->seed);
    }
    return true;
}

static bool set_layer(const subject *s, int layer, const layer_tensors *t, failure *f) {
    bool any = false;
    conv_error error;
    for (int i = 0; i < TENSOR_COUNT; i++) any = any || t->given[i];
    if (!any) return true;
    conv_operands operands = layer_tensors_operands(t);
    return conv_network_set_weights(s->network, layer, &operands, &error) == CONV_OK || fail_engine(f, &error);
}

static void note_unused(const command_line *line, const bundle *b) {
    for (size_t i = 0; i < b->count; i++) {
        const char *name = b->entries[i].name;
        const char *last = strrchr(name, '.');
        if (b->entries[i].used || strcmp(last ? last + 1 : name, "num_batches_tracked") == 0) continue;
        command_note(line, N_("the array {0} is not used"), "s", name);
    }
}

/* Opens what holds the tensors of all layers: --weights, or --weight when it names a folder or an .npz of several
 * arrays or for several layers. Then it is `all` that says so. */
static bool open_bundle(const subject *s, const tensor_options *o, bundle *b, tensor_options *all, failure *f) {
    *all = *o;
    const char *weight = o->single[WEIGHT];
    if (!o->weights && weight && bundle_looks(weight)) {
        if (!bundle_open(b, weight, f)) return false;
        if (b->count == 1 && !b->folder && conv_network_count(s->network) == 1) {
            bundle_close(b);
            *b = (bundle){.archive.fd = -1};
            return true;
        }
        all->weights = weight;
        all->single[WEIGHT] = NULL;
        return true;
    }
    return !o->weights || bundle_open(b, o->weights, f);
}

bool tensors_give(const command_line *line, const subject *s, const tensor_options *given, failure *f) {
    bundle b = {.archive.fd = -1};
    const int count = conv_network_count(s->network);
    tensor_options o;
    if (!open_bundle(s, given, &b, &o, f)) return false;
    bool ok = true;
    for (int i = 0; ok && i < count; i++) {
        layer_tensors tensors = {0};
        ok = give_layer(line, s, &o, o.weights ? &b : NULL, i, &tensors, f) && set_layer(s, i, &tensors, f);
        layer_tensors_destroy(&tensors);
    }
    if (ok && o.weights) note_unused(line, &b);
    bundle_close(&b);
    return ok;
}
