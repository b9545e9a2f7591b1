#include "document_yaml.h"

#include "app/system/memory.h"
#include "app/system/number.h"
#include "network_file.h"
#include "source_yaml.h"

#include <stdio.h>
#include <string.h>

const char *const document_view_names[] = {"slide", "matrix", "field", "cost", "engine", NULL};
const char *const document_style_names[] = {"flat", "isometric", NULL};

bool shape_read_yaml(const yaml_tree *t, yaml_value v, conv_shape *shape, failure *f) {
    if (!yaml_expect_list(t, v, f)) return false;
    conv_shape read = {.rank = yaml_count(v)};
    if (read.rank < 1 || read.rank > CONV_MAX_DIMS) {
        return yaml_fail(t, v, f, N_("a shape has 1 to {0} sizes"), "d", (int64_t)CONV_MAX_DIMS);
    }
    for (int a = 0; a < read.rank; a++) {
        if (!yaml_read_integer(t, yaml_item(t, v, a), 1, INT32_MAX, &read.size[a], f)) return false;
    }
    if (conv_shape_count(&read) < 0) return yaml_fail(t, v, f, N_("a tensor of this shape is too large"), "");
    *shape = read;
    return true;
}

/* ---- the tensors of a part ---- */

/* Which tensor a key names: "weight", "bias", ... of the shown layer, or "conv1.weight" as in a state_dict. */
typedef struct tensor_place {
    tensor_source *source;
    const conv_shape *shape;
} tensor_place;

static bool is_tensor_name(const char *name, const char **dot) {
    static const char *const words[] = {"weight", "bias", "offset", "mask"};
    const char *last = strrchr(name, '.');
    *dot = last;
    for (int i = 0; i < 4; i++) {
        if (strcmp(last ? last + 1 : name, words[i]) == 0) return true;
    }
    return false;
}

static bool find_tensor(const yaml_tree *t, yaml_value key, part *p, const conv_layout *layouts, tensor_place *place,
                        failure *f) {
    const char *name = yaml_scalar(key), *dot;
    is_tensor_name(name, &dot);
    int layer = dot ? -1 : p->focus;
    for (int i = 0; dot && i < p->layer_count; i++) {
        size_t length = (size_t)(dot - name);
        if (strlen(p->layers[i].name) == length && strncmp(p->layers[i].name, name, length) == 0) layer = i;
    }
    if (layer < 0) return yaml_fail(t, key, f, N_("there is no layer for \"{0}\""), "s", name);
    const conv_layout *l = &layouts[layer];
    switch (dot ? dot[1] : name[0]) {
    case 'w':
        *place = (tensor_place){&p->weights[layer], &l->weight};
        break;
    case 'b':
        *place = (tensor_place){&p->biases[layer], &l->bias};
        break;
    case 'o':
        *place = (tensor_place){&p->offsets[layer], &l->offset};
        break;
    default:
        *place = (tensor_place){&p->masks[layer], &l->mask};
        break;
    }
    if (place->shape->rank == 0)
        return yaml_fail(t, key, f, N_("{0} has no \"{1}\""), "ss", l->spec.op->name, dot ? dot + 1 : name);
    return true;
}

/* Literal numbers must be as many as the tensor has, or a part that is repeated (one kernel for all slices). */
static bool check_source(const yaml_tree *t, yaml_value at, const tensor_source *s, const conv_shape *shape,
                         const char *name, failure *f) {
    char text[128];
    const int64_t count = shape->rank ? conv_shape_count(shape) : 0;
    if (shape->rank && s->kind == SOURCE_NUMBERS && (s->count <= 0 || count % s->count != 0)) {
        return yaml_fail(t, at, f, N_("the {0} has {1} numbers, but its shape {2} needs {3}"), "sdsd", name, s->count,
                         conv_shape_text(shape, text, (int)sizeof text), count);
    }
    return true;
}

static bool read_tensor(const yaml_tree *t, yaml_value key, yaml_value v, part *p, const conv_layout *layouts,
                        failure *f) {
    tensor_place place = {&p->input, &p->input_shape};
    conv_shape brought;
    if (!find_tensor(t, key, p, layouts, &place, f)) return false;
    return source_read_yaml(t, v, place.source, &brought, f) && source_read_edits(t, v, place.source, place.shape, f) &&
           check_source(t, v, place.source, place.shape, yaml_scalar(key), f);
}

static bool check_sources(const yaml_tree *t, yaml_value v, const part *p, const conv_layout *layouts, failure *f) {
    if (!check_source(t, v, &p->input, &p->input_shape, "input", f)) return false;
    for (int i = 0; i < p->layer_count; i++) {
        if (!check_source(t, v, &p->weights[i], &layouts[i].weight, "weight", f) ||
            !check_source(t, v, &p->biases[i], &layouts[i].bias, "bias", f) ||
            !check_source(t, v, &p->offsets[i], &layouts[i].offset, "offset", f) ||
            !check_source(t, v, &p->masks[i], &layouts[i].mask, "mask", f)) {
            return false;
        }
    }
    return true;
}

/* ---- a part ---- */

static bool read_focus(const yaml_tree *t, yaml_value v, part *p, failure *f) {
    const char *name = yaml_scalar(v);
    for (int i = 0; name && i < p->layer_count; i++) {
        if (strcmp(p->layers[i].name, name) == 0) {
            p->focus = i;
            return true;
        }
    }
    int64_t index;
    if (name && !number_read_integer(name, &index))
        return yaml_fail(t, v, f, N_("there is no layer \"{0}\": the last one is \"{1}\""), "ss", name,
                         p->layers[p->layer_count - 1].name);
    if (!yaml_read_integer(t, v, 0, p->layer_count - 1, &index, f)) return false;
    p->focus = (int)index;
    return true;
}

/* A text in both languages that is owned; null takes it away. */
static bool read_texts(const yaml_tree *t, yaml_value v, char **en, char **zh, failure *f) {
    phrase words = {0};
    if (!yaml_is_null(v) && !yaml_read_phrase(t, v, &words, f)) return false;
    memory_free(*en);
    memory_free(*zh);
    *en = words.text[LANGUAGE_EN];
    *zh = words.text[LANGUAGE_ZH];
    return true;
}

/* Input and its shape: what is said, else what the source brings, else what stood before if it fits, else chosen. */
static bool read_input(const yaml_tree *t, yaml_value v, part *p, failure *f) {
    yaml_value shape = yaml_find(t, v, "shape"), input = yaml_find(t, v, "input");
    conv_shape brought = {0};
    if (input && !source_read_yaml(t, input, &p->input, &brought, f)) return false;
    bool said = shape != NULL;
    if (shape) {
        if (!shape_read_yaml(t, shape, &p->input_shape, f)) return false;
    } else if (brought.rank > 1 || (brought.rank == 1 && conv_shape_count(&p->input_shape) != brought.size[0])) {
        p->input_shape = brought;
        said = true;
    }
    yaml_value operation = yaml_find(t, v, "operation");
    yaml_value at = shape ? shape : input ? input : operation ? operation : v;
    bool literal = p->input.kind == SOURCE_NUMBERS; /* numbers that were typed for a shape do not fit another */
    if (!part_fit_input(p, !said && !literal, f)) {
        if (f) f->line = f->column = 0;
        return yaml_place(t, at, f);
    }
    return !input || source_read_edits(t, input, &p->input, &p->input_shape, f);
}

/* What stands in the place of an expression for layers that no expression can say: their names. */
static bool name_layers(const conv_layer *layers, int count, char *text, size_t size) {
    size_t used = 0;
    for (int i = 0; i < count; i++) {
        int n = snprintf(text + used, size - used, "%s%s", i ? " → " : "", layers[i].name);
        if (n < 0 || (size_t)n >= size - used) return false;
        used += (size_t)n;
    }
    return true;
}

static bool read_layers(const yaml_tree *t, yaml_value list, part *p, failure *f) {
    enum { NAMES = 1024 };
    conv_layer *layers;
    int count;
    char names[NAMES];
    if (!layers_read_yaml(t, list, &layers, &count, f)) return false;
    if (!name_layers(layers, count, names, sizeof names)) names[0] = 0;
    return part_set_layers(p, names, layers, count, f);
}

/* An archive with the tensors of all layers, by their names in a state_dict. */
static bool read_weights(const yaml_tree *t, yaml_value v, part *p, const conv_layout *layouts, failure *f) {
    const char *name = yaml_scalar(v);
    if (!name) return yaml_fail(t, v, f, N_("the name of an .npz file is expected here"), "");
    for (int i = 0; i < p->layer_count; i++) {
        const struct {
            const conv_shape *shape;
            tensor_source *source;
            const char *name;
        } rows[2] = {{&layouts[i].weight, &p->weights[i], "weight"}, {&layouts[i].bias, &p->biases[i], "bias"}};
        for (int k = 0; k < 2; k++) {
            char member[CONV_NAME_SIZE + 600];
            if (rows[k].shape->rank == 0) continue;
            snprintf(member, sizeof member, "%.500s:%s.%s", name, p->layers[i].name, rows[k].name);
            tensor_source_destroy(rows[k].source);
            rows[k].source->kind = SOURCE_FILE;
            if (!document_set_text(&rows[k].source->name, member, f)) return false;
        }
    }
    return true;
}

static bool read_operation(const yaml_tree *t, yaml_value v, part *p, failure *f) {
    yaml_value operation = yaml_find(t, v, "operation"), layers = yaml_find(t, v, "layers"),
               flip = yaml_find(t, v, "flip");
    if (operation && layers)
        return yaml_fail(t, layers, f, N_("either \"operation\" or \"layers\" can stand here, not both"), "");
    if (!operation && !layers && p->layer_count == 0) {
        return yaml_fail(t, v, f, N_("the key \"{0}\" is missing here"), "s", "operation");
    }
    if (layers && !read_layers(t, layers, p, f)) return false;
    if (operation) {
        const char *text = yaml_scalar(operation);
        if (!text) return yaml_fail(t, operation, f, N_("a text is expected here"), "");
        if (!part_set_expression(p, text, f)) return yaml_place(t, operation, f);
    }
    bool flipped = false;
    if (flip && !yaml_read_bool(t, flip, &flipped, f)) return false;
    for (int i = 0; flip && i < p->layer_count; i++) p->layers[i].spec.flip = flipped;
    return true;
}

static bool read_part(const yaml_tree *t, yaml_value v, part *p, failure *f) {
    yaml_value focus = yaml_find(t, v, "focus"), label = yaml_find(t, v, "label"), weights = yaml_find(t, v, "weights"),
               tokens = yaml_find(t, v, "tokens");
    if (!read_operation(t, v, p, f)) return false;
    if (focus && !read_focus(t, focus, p, f)) return false;
    if (label && !read_texts(t, label, &p->caption_en, &p->caption_zh, f)) return false;
    if (tokens && !read_texts(t, tokens, &p->tokens_en, &p->tokens_zh, f)) return false;
    if (!read_input(t, v, p, f)) return false;
    conv_layout *layouts;
    if (!part_layouts(p, &layouts, f)) return yaml_place(t, v, f);
    bool ok = !weights || read_weights(t, weights, p, layouts, f);
    for (int i = 0; ok && i < yaml_count(v); i++) {
        yaml_value key = yaml_key_at(t, v, i);
        const char *dot;
        if (is_tensor_name(yaml_scalar(key), &dot)) ok = read_tensor(t, key, yaml_value_at(t, v, i), p, layouts, f);
    }
    if (ok) ok = check_sources(t, v, p, layouts, f);
    memory_free(layouts);
    return ok;
}

/* ---- the document ---- */

static bool read_steps(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    document *d = into;
    const char *word = yaml_scalar(v);
    if (word && strcmp(word, "all") == 0) {
        document_play_all(d);
        return true;
    }
    if (!yaml_expect_list(t, v, f)) return false;
    if (yaml_count(v) != 2)
        return yaml_fail(
            t, v, f, N_("a range of steps is [first, end] or \"all\"; the step \"end\" is not played any more"), "");
    if (!yaml_read_integer(t, yaml_item(t, v, 0), 0, INT64_MAX, &d->first_step, f)) return false;
    if (!yaml_read_integer(t, yaml_item(t, v, 1), -1, INT64_MAX, &d->last_step, f)) return false;
    if (d->last_step >= 0 && d->last_step <= d->first_step) {
        return yaml_fail(t, v, f, N_("the range of steps is empty: it ends before it begins"), "");
    }
    return true;
}

static bool read_slices(const yaml_tree *t, yaml_value v, void *into, failure *f) {
    document *d = into;
    int64_t apart = 100;
    if (!yaml_read_integer(t, v, 0, 100, &apart, f)) return false;
    d->slices_closed = 100 - apart;
    return true;
}

static const yaml_key document_keys[] = {
    {.name = "parts", .kind = YAML_IGNORE},
    {.name = "view", .kind = YAML_CHOICE, .offset = offsetof(document, view), .choices = document_view_names},
    {.name = "style", .kind = YAML_CHOICE, .offset = offsetof(document, style), .choices = document_style_names},
    {.name = "labels", .kind = YAML_BOOL, .offset = offsetof(document, labels)},
    {.name = "counts", .kind = YAML_BOOL, .offset = offsetof(document, counts)},
    {.name = "zero_insertion", .kind = YAML_BOOL, .offset = offsetof(document, zero_insertion)},
    {.name = "slices_apart", .kind = YAML_CUSTOM, .read = read_slices},
    {.name = "blank_output", .kind = YAML_BOOL, .offset = offsetof(document, blank_output)},
    {.name = "answers", .kind = YAML_BOOL, .offset = offsetof(document, answers)},
    {.name = "curtain", .kind = YAML_BOOL, .offset = offsetof(document, curtain)},
    {.name = "steps", .kind = YAML_CUSTOM, .read = read_steps},
    {.name = "pin_output", .kind = YAML_IGNORE},
    {.name = "pin_input", .kind = YAML_IGNORE},
    {.name = "pin_weight", .kind = YAML_IGNORE},
    {0}};

static const yaml_key part_keys[] = {
    {.name = "layers", .kind = YAML_IGNORE},  {.name = "flip", .kind = YAML_IGNORE},
    {.name = "weights", .kind = YAML_IGNORE}, {.name = "operation", .kind = YAML_IGNORE},
    {.name = "shape", .kind = YAML_IGNORE},   {.name = "input", .kind = YAML_IGNORE},
    {.name = "weight", .kind = YAML_IGNORE},  {.name = "bias", .kind = YAML_IGNORE},
    {.name = "offset", .kind = YAML_IGNORE},  {.name = "mask", .kind = YAML_IGNORE},
    {.name = "focus", .kind = YAML_IGNORE},   {.name = "label", .kind = YAML_IGNORE},
    {.name = "tokens", .kind = YAML_IGNORE},  {0}};

/* Names of a state_dict are known to a part, and read there. */
static bool state_dict_key(const yaml_tree *t, yaml_value key, yaml_value v, void *into, bool *known, failure *f) {
    (void)t, (void)v, (void)into, (void)f;
    const char *dot;
    *known = is_tensor_name(yaml_scalar(key), &dot);
    return true;
}

static bool read_parts(const yaml_tree *t, yaml_value v, document *d, failure *f) {
    if (!yaml_expect_list(t, v, f)) return false;
    const int count = yaml_count(v);
    if (count < 1 || count > DOCUMENT_MAX_PARTS) {
        return yaml_fail(t, v, f, N_("there can be 1 to {0} operations side by side"), "d",
                         (int64_t)DOCUMENT_MAX_PARTS);
    }
    for (int i = 0; i < count; i++) {
        yaml_value each = yaml_item(t, v, i);
        const yaml_map map = {part_keys, NULL};
        if (!yaml_read_maps(t, each, &map, 1, state_dict_key, NULL, f)) return false;
        if (i >= d->part_count) d->part_count = i + 1;
        if (!read_part(t, each, &d->parts[i], f)) return false;
    }
    while (d->part_count > count) part_destroy(&d->parts[--d->part_count]);
    return true;
}

static yaml_value first_part_key(const yaml_tree *t, yaml_value v) {
    for (int i = 0; i < yaml_count(v); i++) {
        const char *name = yaml_scalar(yaml_key_at(t, v, i)), *dot;
        if (is_tensor_name(name, &dot)) return yaml_key_at(t, v, i);
        for (const yaml_key *k = part_keys; k->name; k++) {
            if (strcmp(k->name, name) == 0) return yaml_key_at(t, v, i);
        }
    }
    return NULL;
}

static bool read_pin(const yaml_tree *t, yaml_value v, const conv_shape *shape, int64_t *pin, failure *f) {
    return !v || yaml_is_null(v) || place_read_yaml(t, v, shape, pin, f);
}

/* A pinned cell of the first part. It goes when another operation comes and none is said. */
static bool read_pins(const yaml_tree *t, yaml_value v, document *d, bool parts_changed, failure *f) {
    yaml_value output = yaml_find(t, v, "pin_output"), input = yaml_find(t, v, "pin_input"),
               weight = yaml_find(t, v, "pin_weight");
    if (parts_changed || output || input || weight) document_unpin(d);
    if (!output && !input && !weight) return true;
    const part *p = &d->parts[0];
    conv_layout *layouts;
    if (!part_layouts(p, &layouts, f)) return yaml_place(t, v, f);
    const conv_layout *l = &layouts[p->focus];
    bool ok = read_pin(t, output, &l->output, &d->pinned_output, f) &&
              read_pin(t, input, &l->input[0], &d->pinned_input, f) &&
              read_pin(t, weight, &l->weight, &d->pinned_weight, f);
    memory_free(layouts);
    return ok;
}

bool document_read_keys(const yaml_tree *t, yaml_value v, document *d, const yaml_map *extra, int extra_count,
                        failure *f) {
    enum { MOST_EXTRA = 4 };
    yaml_map maps[MOST_EXTRA + 2];
    int count = 0;
    for (int i = 0; i < extra_count && i < MOST_EXTRA; i++) maps[count++] = extra[i];
    maps[count++] = (yaml_map){document_keys, d};
    maps[count++] = (yaml_map){part_keys, NULL};
    if (!yaml_read_maps(t, v, maps, count, state_dict_key, NULL, f)) return false;
    yaml_value parts = yaml_find(t, v, "parts"), own = first_part_key(t, v);
    if (parts && own) {
        return yaml_fail(t, own, f, N_("\"{0}\" belongs inside \"parts\" here, to one of the operations"), "s",
                         yaml_scalar(own));
    }
    if (own && d->part_count > 1) {
        if (!yaml_find(t, v, "operation") && !yaml_find(t, v, "layers")) {
            return yaml_fail(t, own, f, N_("there are several operations here: say with \"parts\" whose \"{0}\" it is"),
                             "s", yaml_scalar(own));
        }
        while (d->part_count > 1) part_destroy(&d->parts[--d->part_count]);
        document_set_text(&d->parts[0].caption_en, NULL, f);
        document_set_text(&d->parts[0].caption_zh, NULL, f);
    }
    if (parts && !read_parts(t, parts, d, f)) return false;
    if (!parts && (own || d->part_count == 0)) {
        if (d->part_count == 0) d->part_count = 1;
        if (!read_part(t, v, &d->parts[0], f)) return false;
    }
    return read_pins(t, v, d, parts || own, f);
}
