#include "change.h"
#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool no_memory(failure *f) {
    return fail_memory(f);
}

/* ---- text ---- */

static bool is_number(const char *name) {
    if (!*name) return true;
    for (; *name; name++) {
        if (*name < '0' || *name > '9') return false;
    }
    return true;
}

char *layers_text(const conv_layer *layers, int count) {
    enum { LAYER_BYTES = 512 };
    size_t size = (size_t)count * (LAYER_BYTES + CONV_NAME_SIZE + 16) + 64, used = 0;
    char *text = memory_resize(NULL, size, 1);
    if (!text) return NULL;
    bool named = false;
    for (int i = 0; i < count; i++) named = named || !is_number(layers[i].name);
    if (count == 1) {
        if (named) used = (size_t)snprintf(text, size, "self.%s = ", layers[0].name);
        conv_spec_text(&layers[0].spec, text + used, (int)(size - used));
        return text;
    }
    used = (size_t)snprintf(text, size, named ? "nn.Sequential(OrderedDict([" : "nn.Sequential(");
    for (int i = 0; i < count; i++) {
        if (i) used += (size_t)snprintf(text + used, size - used, ", ");
        if (named) used += (size_t)snprintf(text + used, size - used, "(\"%s\", ", layers[i].name);
        int length = conv_spec_text(&layers[i].spec, text + used, LAYER_BYTES);
        used += (size_t)(length < LAYER_BYTES ? length : LAYER_BYTES - 1);
        if (named) used += (size_t)snprintf(text + used, size - used, ")");
    }
    snprintf(text + used, size - used, named ? "]))" : ")");
    return text;
}

/* ---- tensors that keep their numbers while shapes change ---- */

typedef struct tensor_shapes {
    conv_shape input, weight, bias, offset, mask;
} tensor_shapes;

/* The shapes of all layers' tensors; NULL when there is no memory or the layers do not fit together. The caller frees
 * it. */
static tensor_shapes *part_shapes(const part *p) {
    size_t count = (size_t)p->layer_count;
    conv_layout *layouts = memory_zeroed(count, sizeof *layouts);
    tensor_shapes *shapes = memory_zeroed(count, sizeof *shapes);
    bool ok = layouts && shapes;
    for (size_t i = 0; ok && i < count; i++) {
        conv_shape inputs[CONV_MAX_INPUTS];
        const conv_layer *layer = &p->layers[i];
        for (int k = 0; k < layer->input_count; k++) {
            inputs[k] = layer->input[k] == CONV_FROM_INPUT ? p->input_shape : layouts[layer->input[k]].output;
        }
        ok = conv_layout_infer(&layer->spec, inputs, layer->input_count, &layouts[i], NULL) == CONV_OK;
        if (ok)
            shapes[i] =
                (tensor_shapes){p->input_shape, layouts[i].weight, layouts[i].bias, layouts[i].offset, layouts[i].mask};
    }
    memory_free(layouts);
    if (!ok) memory_free(shapes);
    return ok ? shapes : NULL;
}

/* The place of an element after the shape changed; -1: it is gone. */
static int64_t moved_index(const conv_shape *from, const conv_shape *to, int64_t index) {
    if (from->rank != to->rank || index >= conv_shape_count(from)) return -1;
    int64_t position[CONV_MAX_DIMS];
    conv_shape_position(from, index, position);
    for (int a = 0; a < from->rank; a++) {
        if (position[a] >= to->size[a]) return -1;
    }
    return conv_shape_index(to, position);
}

static bool fit_source(tensor_source *s, const conv_shape *from, const conv_shape *to, failure *f) {
    if (conv_shape_equal(from, to)) return true;
    size_t kept = 0;
    for (size_t i = 0; i < s->edit_count; i++) {
        int64_t index = moved_index(from, to, s->edits[i].index);
        if (index >= 0) s->edits[kept++] = (tensor_edit){index, s->edits[i].value};
    }
    s->edit_count = kept;
    if (s->kind != SOURCE_NUMBERS) return true;
    int64_t count = conv_shape_count(to);
    float *numbers =
        to->rank && from->rank == to->rank && count > 0 ? memory_zeroed((size_t)count, sizeof *numbers) : NULL;
    if (!numbers) { /* another kind of tensor */
        tensor_source_destroy(s);
        return true;
    }
    for (int64_t i = 0; i < s->count; i++) {
        int64_t index = moved_index(from, to, i);
        if (index >= 0) numbers[index] = s->numbers[i];
    }
    memory_free(s->numbers);
    s->numbers = numbers;
    s->count = count;
    (void)f;
    return true;
}

static bool fit_sources(part *p, const tensor_shapes *before, int count, failure *f) {
    if (!before) return true;
    tensor_shapes *after = part_shapes(p);
    if (!after) return no_memory(f);
    bool ok = fit_source(&p->input, &before[0].input, &after[0].input, f);
    for (int i = 0; ok && i < p->layer_count && i < count; i++) {
        ok = fit_source(&p->weights[i], &before[i].weight, &after[i].weight, f) &&
             fit_source(&p->biases[i], &before[i].bias, &after[i].bias, f) &&
             fit_source(&p->offsets[i], &before[i].offset, &after[i].offset, f) &&
             fit_source(&p->masks[i], &before[i].mask, &after[i].mask, f);
    }
    memory_free(after);
    return ok;
}

/* ---- the changes, on a document that is thrown away when one fails ---- */

static bool get_part(document *d, const change *c, part **p, failure *f) {
    if (c->part < 0 || c->part >= d->part_count) return fail(f, N_("there is no part {0}"), "d", (int64_t)c->part);
    *p = &d->parts[c->part];
    if (c->layer < 0 || c->layer >= (*p)->layer_count)
        return fail(f, N_("there is no layer {0}"), "d", (int64_t)c->layer);
    return true;
}

static bool same_layers(const part *p, const conv_op *const *ops, int count) {
    if (p->layer_count != count) return false;
    for (int i = 0; i < count; i++) {
        if (p->layers[i].spec.op != ops[i]) return false;
    }
    return true;
}

static bool forget_lesson(document *d, failure *f) {
    document_play_all(d);
    d->page = 0;
    d->blank_output = d->answers = d->curtain = false;
    return document_set_text(&d->lesson, NULL, f) && document_set_text(&d->title_en, NULL, f) &&
           document_set_text(&d->title_zh, NULL, f) && document_set_text(&d->caption_en, NULL, f) &&
           document_set_text(&d->caption_zh, NULL, f);
}

static bool change_expression(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    int count = p->layer_count;
    const conv_op *ops[CONV_MAX_LAYERS];
    for (int i = 0; i < count; i++) ops[i] = p->layers[i].spec.op;
    tensor_shapes *before = part_shapes(p);
    bool ok = part_set_expression(p, c->text, f);
    bool same = ok && same_layers(p, ops, count);
    if (ok && !same) { /* a new subject: new numbers */
        for (int i = 0; i < p->layer_count; i++) {
            tensor_source_destroy(&p->weights[i]);
            tensor_source_destroy(&p->biases[i]);
            tensor_source_destroy(&p->offsets[i]);
            tensor_source_destroy(&p->masks[i]);
        }
        if (p->input.kind != SOURCE_PICTURE && p->input.kind != SOURCE_FILE) tensor_source_destroy(&p->input);
        const bool game =
            d->lesson && strncmp(d->lesson, "game:", 5) == 0; /* there the expression is the player's move */
        ok = game || forget_lesson(d, f);
    }
    bool fits = ok && part_fit_input(p, false, NULL);
    if (ok && !fits) {
        p->input_shape = (conv_shape){0};
        ok = part_fit_input(p, true, f);
        if (ok && (p->input.kind == SOURCE_FILE || p->input.kind == SOURCE_PICTURE)) tensor_source_destroy(&p->input);
    }
    if (ok && same) ok = fit_sources(p, before, count, f);
    memory_free(before);
    document_unpin(d);
    return ok;
}

/* Gives the input as many channels as the first layer now wants. */
static void follow_channels(part *p) {
    const conv_spec *spec = &p->layers[0].spec;
    conv_shape *shape = &p->input_shape;
    int axis = shape->rank == spec->op->dims + 2 ? 1 : shape->rank == spec->op->dims + 1 ? 0 : -1;
    if (axis >= 0 && spec->in_channels > 0) shape->size[axis] = spec->in_channels;
}

static bool change_parameter(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    size_t count = (size_t)p->layer_count;
    conv_error error = {0};
    conv_layer *layers = memory_resize(NULL, count, sizeof *layers);
    if (!layers) return no_memory(f);
    memcpy(layers, p->layers, count * sizeof *layers);
    conv_spec *spec = &layers[c->layer].spec;
    if (c->number < 0 || c->number >= spec->op->param_count ||
        conv_spec_set(spec, (int)c->number, &c->value, &error) != CONV_OK || conv_spec_check(spec, &error) != CONV_OK) {
        memory_free(layers);
        return error.status == CONV_OK ? fail(f, N_("there is no such parameter"), "") : fail_engine(f, &error);
    }
    tensor_shapes *before = part_shapes(p);
    char *text = layers_text(layers, (int)count);
    if (!text) {
        memory_free(layers);
        memory_free(before);
        return no_memory(f);
    }
    bool ok = part_set_layers(p, text, layers, (int)count, f); /* takes the layers */
    memory_free(text);
    if (ok && c->layer == 0) follow_channels(p);
    ok = ok && part_fit_input(p, false, f) && fit_sources(p, before, (int)count, f);
    memory_free(before);
    document_unpin(d);
    return ok;
}

static bool change_input_shape(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    tensor_shapes *before = part_shapes(p);
    p->input_shape = c->shape;
    bool ok = part_fit_input(p, false, f) && fit_sources(p, before, p->layer_count, f);
    memory_free(before);
    document_unpin(d);
    return ok;
}

static tensor_source *source_of(part *p, role r, int layer) {
    switch (r) {
    case ROLE_INPUT:
        return &p->input;
    case ROLE_WEIGHT:
        return &p->weights[layer];
    case ROLE_BIAS:
        return &p->biases[layer];
    case ROLE_OFFSET:
        return &p->offsets[layer];
    case ROLE_MASK:
        return &p->masks[layer];
    default:
        return NULL;
    }
}

static bool change_cells(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    tensor_source *s = source_of(p, c->role, c->layer);
    if (!s) return fail(f, N_("an output is computed: change the input or the weights"), "");
    for (int64_t i = 0; i < c->number; i++)
        if (!isfinite(c->edits[i].value)) return fail(f, N_("a cell holds a finite number"), "");
    tensor_shapes *shapes = part_shapes(p);
    if (!shapes) return no_memory(f);
    const tensor_shapes *own = &shapes[c->layer];
    const conv_shape *const shape[ROLE_COUNT] = {[ROLE_INPUT] = &own->input,
                                                 [ROLE_WEIGHT] = &own->weight,
                                                 [ROLE_BIAS] = &own->bias,
                                                 [ROLE_OFFSET] = &own->offset,
                                                 [ROLE_MASK] = &own->mask};
    int64_t size = conv_shape_count(shape[c->role]);
    memory_free(shapes);
    for (int64_t i = 0; i < c->number; i++) {
        const tensor_edit *e = &c->edits[i];
        if (e->index < 0 || e->index >= size) return fail(f, N_("there is no such cell"), "");
        if (!tensor_source_edit(s, e->index, e->value, f)) return false;
    }
    return true;
}

static bool change_cell(document *d, const change *c, failure *f) {
    const tensor_edit one = {c->index, c->real};
    change all = *c;
    all.edits = &one;
    all.number = 1;
    return change_cells(d, &all, f);
}

static bool change_source(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    tensor_source *s = source_of(p, c->role, c->layer), fresh;
    if (!s) return fail(f, N_("an output is computed: change the input or the weights"), "");
    if (!tensor_source_copy(&fresh, c->source, f)) return false;
    tensor_source_destroy(s);
    *s = fresh;
    return true;
}

static bool change_focus(document *d, const change *c, failure *f) {
    part *p = NULL;
    if (!get_part(d, c, &p, f)) return false;
    if (c->number < 0 || c->number >= p->layer_count) return fail(f, N_("there is no layer {0}"), "d", c->number);
    p->focus = (int)c->number;
    document_play_all(d);
    document_unpin(d);
    return true;
}

static bool change_view(document *d, const change *c, failure *f) {
    if (c->number < 0 || c->number >= VIEW_COUNT) return fail(f, N_("there is no such view"), "");
    d->view = (view_id)c->number;
    return true;
}

static bool change_style(document *d, const change *c, failure *f) {
    if (c->number < 0 || c->number >= STYLE_COUNT) return fail(f, N_("there is no such view"), "");
    d->style = (style_id)c->number;
    return true;
}

static bool change_labels(document *d, const change *c, failure *f) {
    (void)f;
    d->labels = c->number != 0;
    return true;
}

static bool change_counts(document *d, const change *c, failure *f) {
    (void)f;
    d->counts = c->number != 0;
    return true;
}

static bool change_zero_insertion(document *d, const change *c, failure *f) {
    (void)f;
    d->zero_insertion = c->number != 0;
    return true;
}

static bool change_slices(document *d, const change *c, failure *f) {
    if (c->number < 0 || c->number > 100) return fail(f, N_("slices stand apart by 0 to 100 percent"), "");
    d->slices_closed = c->number;
    return true;
}

static bool change_curtain(document *d, const change *c, failure *f) {
    (void)f;
    d->curtain = c->number != 0;
    return true;
}

static bool change_pin_output(document *d, const change *c, failure *f) {
    (void)f;
    d->pinned_output = c->index;
    d->pinned_input = -1;
    return true;
}

static bool change_pin_input(document *d, const change *c, failure *f) {
    (void)f;
    d->pinned_input = c->index;
    d->pinned_output = -1;
    return true;
}

static bool change_document(document *d, const change *c, failure *f) {
    document fresh;
    if (!document_copy(&fresh, c->document, f)) return false;
    document_destroy(d);
    *d = fresh;
    return true;
}

static bool (*const changes[CHANGE_KIND_COUNT])(document *, const change *, failure *) = {
    [CHANGE_EXPRESSION] = change_expression,
    [CHANGE_PARAMETER] = change_parameter,
    [CHANGE_INPUT_SHAPE] = change_input_shape,
    [CHANGE_CELL] = change_cell,
    [CHANGE_CELLS] = change_cells,
    [CHANGE_SOURCE] = change_source,
    [CHANGE_FOCUS] = change_focus,
    [CHANGE_VIEW] = change_view,
    [CHANGE_STYLE] = change_style,
    [CHANGE_LABELS] = change_labels,
    [CHANGE_COUNTS] = change_counts,
    [CHANGE_ZERO_INSERTION] = change_zero_insertion,
    [CHANGE_SLICES] = change_slices,
    [CHANGE_CURTAIN] = change_curtain,
    [CHANGE_PIN_OUTPUT] = change_pin_output,
    [CHANGE_PIN_INPUT] = change_pin_input,
    [CHANGE_DOCUMENT] = change_document,
};

static bool changed_copy(const document *d, const change *c, document *copy, failure *f) {
    if (!document_copy(copy, d, f)) return false;
    if (changes[c->kind](copy, c, f)) return true;
    document_destroy(copy);
    return false;
}

bool document_change(document *d, const change *c, failure *f) {
    document copy;
    if (!changed_copy(d, c, &copy, f)) return false;
    document_destroy(d);
    *d = copy;
    return true;
}

/* ---- history ---- */

void history_open(history *h, document *taken) {
    *h = (history){.document = *taken};
    document_init(taken);
}

static void forget(document *documents, size_t *count) {
    for (size_t i = 0; i < *count; i++) document_destroy(&documents[i]);
    *count = 0;
}

void history_begin_here(history *h) {
    forget(h->past, &h->past_count);
    forget(h->future, &h->future_count);
    h->together = 0;
}

void history_close(history *h) {
    forget(h->past, &h->past_count);
    forget(h->future, &h->future_count);
    memory_free(h->past);
    memory_free(h->future);
    document_destroy(&h->document);
    *h = (history){0};
    document_init(&h->document);
}

/* Lets go of the oldest until there is room for one more. */
static void forget_oldest(history *h, size_t size) {
    size_t bytes = size, gone = 0;
    for (size_t i = 0; i < h->past_count; i++) bytes += document_size(&h->past[i]);
    while (gone < h->past_count && (h->past_count - gone >= HISTORY_MOST || bytes > HISTORY_BYTES)) {
        bytes -= document_size(&h->past[gone]);
        document_destroy(&h->past[gone++]);
    }
    if (gone == 0) return;
    h->past_count -= gone;
    memmove(h->past, h->past + gone, h->past_count * sizeof *h->past);
}

bool history_change(history *h, const change *c, bool (*accept)(void *context, failure *f), void *context, failure *f) {
    document former = h->document, fresh;
    bool join = c->together != 0 && c->together == h->together && h->past_count > 0;
    if (!join && !memory_reserve(&h->past, &h->past_capacity, h->past_count + 1, sizeof *h->past)) return no_memory(f);
    if (!changed_copy(&former, c, &fresh, f)) return false;
    h->document = fresh;
    if (accept && !accept(context, f)) {
        h->document = former;
        document_destroy(&fresh);
        return false;
    }
    if (join) {
        document_destroy(&former);
    } else {
        forget_oldest(h, document_size(&former));
        h->past[h->past_count++] = former;
    }
    forget(h->future, &h->future_count);
    h->together = c->together;
    h->revision++;
    return true;
}

static bool turn(history *h, document *from, size_t *from_count, document **to, size_t *to_count, size_t *to_capacity) {
    if (*from_count == 0 || !memory_reserve(to, to_capacity, *to_count + 1, sizeof **to)) return false;
    (*to)[(*to_count)++] = h->document;
    h->document = from[--*from_count];
    h->together = 0;
    h->revision++;
    return true;
}

bool history_undo(history *h) {
    return turn(h, h->past, &h->past_count, &h->future, &h->future_count, &h->future_capacity);
}

bool history_redo(history *h) {
    return turn(h, h->future, &h->future_count, &h->past, &h->past_count, &h->past_capacity);
}
