#include "network_file.h"

#include "app/system/file.h"
#include "app/system/memory.h"
#include "document_yaml.h"

#include <stdio.h>
#include <string.h>

/* The layers read so far. */
typedef struct layer_list {
    conv_layer *layers;
    int count;
} layer_list;

/* The layer above of that name; "input" is the network's input. */
static bool find_layer(const yaml_tree *t, yaml_value v, const layer_list *list, int *index, failure *f) {
    const char *name = yaml_scalar(v);
    if (!name) return yaml_fail(t, v, f, N_("the name of a layer is expected here"), "");
    if (strcmp(name, "input") == 0) {
        *index = CONV_FROM_INPUT;
        return true;
    }
    for (int i = 0; i < list->count; i++) {
        if (strcmp(list->layers[i].name, name) != 0) continue;
        *index = i;
        return true;
    }
    return yaml_fail(t, v, f, N_("there is no layer {0} above this one"), "s", name);
}

static bool read_inputs(const yaml_tree *t, yaml_value v, const layer_list *list, conv_layer *layer, failure *f) {
    layer->input_count = 1;
    layer->input[0] = list->count > 0 ? list->count - 1 : CONV_FROM_INPUT;
    if (!v) return true;
    if (yaml_scalar(v)) return find_layer(t, v, list, &layer->input[0], f);
    if (!yaml_expect_list(t, v, f)) return false;
    layer->input_count = yaml_count(v);
    if (layer->input_count < 1 || layer->input_count > CONV_MAX_INPUTS) {
        return yaml_fail(t, v, f, N_("a layer reads 1 to {0} others"), "d", (int64_t)CONV_MAX_INPUTS);
    }
    for (int i = 0; i < layer->input_count; i++) {
        if (!find_layer(t, yaml_item(t, v, i), list, &layer->input[i], f)) return false;
    }
    return true;
}

static bool read_name(const yaml_tree *t, yaml_value entry, const layer_list *list, conv_layer *layer, failure *f) {
    yaml_value v = yaml_find(t, entry, "name");
    const char *name = v ? yaml_scalar(v) : NULL;
    if (!v) {
        snprintf(layer->name, sizeof layer->name, "%d", list->count);
    } else if (!name || !*name || strcmp(name, "input") == 0) {
        return yaml_fail(t, v, f, N_("the name of a layer is expected here"), "");
    } else if (strlen(name) >= sizeof layer->name) {
        return yaml_fail(t, v, f, N_("this layer's name is longer than {0} bytes"), "d",
                         (int64_t)sizeof layer->name - 1);
    } else {
        memcpy(layer->name, name, strlen(name) + 1);
    }
    for (int i = 0; i < list->count; i++) {
        if (strcmp(list->layers[i].name, layer->name) == 0) {
            return yaml_fail(t, v ? v : entry, f, N_("there are two layers {0}"), "s", layer->name);
        }
    }
    return true;
}

static bool read_constructor(const yaml_tree *t, yaml_value entry, conv_layer *layer, failure *f) {
    yaml_value v = yaml_find(t, entry, "layer");
    if (!v || !yaml_scalar(v)) return yaml_fail(t, entry, f, N_("a layer needs \"layer\", its constructor"), "");
    expression e;
    if (!expression_read(yaml_scalar(v), &e, f)) return yaml_place(t, v, f);
    bool single = e.layer_count == 1;
    if (single) layer->spec = e.layers[0].spec;
    expression_destroy(&e);
    return single || yaml_fail(t, v, f, N_("one layer is expected here, not a sequence"), "");
}

static bool read_layer(const yaml_tree *t, yaml_value entry, layer_list *list, failure *f) {
    static const yaml_key keys[] = {{.name = "name", .kind = YAML_IGNORE},
                                    {.name = "layer", .kind = YAML_IGNORE},
                                    {.name = "from", .kind = YAML_IGNORE},
                                    {.name = "indices", .kind = YAML_IGNORE},
                                    {0}};
    conv_layer layer = {.indices_from = -1};
    const yaml_map map = {keys, &layer};
    if (!yaml_expect_map(t, entry, f) || !yaml_read_maps(t, entry, &map, 1, NULL, NULL, f)) return false;
    if (!read_name(t, entry, list, &layer, f) || !read_constructor(t, entry, &layer, f)) return false;
    if (!read_inputs(t, yaml_find(t, entry, "from"), list, &layer, f)) return false;
    yaml_value indices = yaml_find(t, entry, "indices");
    if (indices && !find_layer(t, indices, list, &layer.indices_from, f)) return false;
    list->layers[list->count++] = layer;
    return true;
}

bool layers_read_yaml(const yaml_tree *t, yaml_value v, conv_layer **layers, int *count, failure *f) {
    if (!yaml_expect_list(t, v, f)) return false;
    const int items = yaml_count(v);
    if (items < 1 || items > CONV_MAX_LAYERS) {
        return yaml_fail(t, v, f, N_("a network has 1 to {0} layers"), "d", (int64_t)CONV_MAX_LAYERS);
    }
    layer_list list = {.layers = memory_zeroed((size_t)items, sizeof *list.layers)};
    if (!list.layers) return fail_memory(f);
    for (int i = 0; i < items; i++) {
        if (read_layer(t, yaml_item(t, v, i), &list, f)) continue;
        memory_free(list.layers);
        return false;
    }
    *layers = list.layers;
    *count = list.count;
    return true;
}

static bool read_network(yaml_tree *t, expression *e, conv_shape *shape, failure *f) {
    static const yaml_key keys[] = {{.name = "input", .kind = YAML_IGNORE},
                                    {.name = "title", .kind = YAML_IGNORE},
                                    {.name = "layers", .kind = YAML_IGNORE, .required = true},
                                    {0}};
    const yaml_map map = {keys, e};
    yaml_value root = yaml_root(t);
    if (!root) return fail(f, N_("the file is empty"), "");
    if (!yaml_expect_map(t, root, f) || !yaml_read_maps(t, root, &map, 1, NULL, NULL, f)) return false;
    yaml_value input = yaml_find(t, root, "input");
    if (input && !shape_read_yaml(t, input, shape, f)) return false;
    e->sequential = true;
    return layers_read_yaml(t, yaml_find(t, root, "layers"), &e->layers, &e->layer_count, f);
}

bool network_text_read(const char *text, size_t size, const char *path, expression *e, conv_shape *shape, failure *f) {
    yaml_tree tree;
    *e = (expression){0};
    *shape = (conv_shape){0};
    if (!yaml_tree_read(&tree, text, size, path, f)) return false;
    bool ok = read_network(&tree, e, shape, f);
    yaml_tree_destroy(&tree);
    if (!ok) expression_destroy(e);
    return ok;
}

bool network_file_read(const char *path, expression *e, conv_shape *shape, failure *f) {
    char *text;
    size_t size;
    *e = (expression){0};
    if (!file_load(path, NETWORK_FILE_MAX_BYTES, &text, &size, f)) return false;
    bool ok = network_text_read(text, size, path, e, shape, f);
    memory_free(text);
    return ok;
}
