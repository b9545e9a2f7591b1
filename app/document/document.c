#include "document.h"

#include "app/expression/expression.h"
#include "app/system/memory.h"

#include <string.h>

static bool no_memory(failure *f) {
    return fail_memory(f);
}

bool document_set_text(char **owned, const char *text, failure *f) {
    char *copy = NULL;
    if (text) {
        copy = memory_text(text);
        if (!copy) return no_memory(f);
    }
    memory_free(*owned);
    *owned = copy;
    return true;
}

void tensor_source_destroy(tensor_source *s) {
    memory_free(s->name);
    memory_free(s->numbers);
    memory_free(s->edits);
    *s = (tensor_source){0};
}

static bool copy_array(void *to, const void *from, size_t count, size_t size) {
    void *copy = NULL;
    if (count) {
        copy = memory_resize(NULL, count, size);
        if (!copy) return false;
        memcpy(copy, from, count * size);
    }
    memcpy(to, &copy, sizeof copy);
    return true;
}

bool tensor_source_copy(tensor_source *to, const tensor_source *from, failure *f) {
    *to = *from;
    to->name = NULL;
    to->numbers = NULL;
    to->edits = NULL;
    to->edit_capacity = from->edit_count;
    bool ok = document_set_text(&to->name, from->name, f) &&
              (copy_array(&to->numbers, from->numbers, (size_t)from->count, sizeof *from->numbers) || no_memory(f)) &&
              (copy_array(&to->edits, from->edits, from->edit_count, sizeof *from->edits) || no_memory(f));
    if (!ok) tensor_source_destroy(to);
    return ok;
}

bool tensor_source_edit(tensor_source *s, int64_t index, float value, failure *f) {
    for (size_t i = 0; i < s->edit_count; i++) {
        if (s->edits[i].index == index) {
            s->edits[i].value = value;
            return true;
        }
    }
    if (!memory_reserve(&s->edits, &s->edit_capacity, s->edit_count + 1, sizeof *s->edits)) return no_memory(f);
    s->edits[s->edit_count++] = (tensor_edit){index, value};
    return true;
}

/* The four arrays of sources that a part has, one source for each layer. */
enum { SOURCE_ARRAYS = 4 };

static tensor_source **source_array(part *p, int which) {
    tensor_source **const arrays[SOURCE_ARRAYS] = {&p->weights, &p->biases, &p->offsets, &p->masks};
    return arrays[which];
}

void part_destroy(part *p) {
    for (int which = 0; which < SOURCE_ARRAYS; which++) {
        tensor_source **array = source_array(p, which);
        for (int i = 0; *array && i < p->layer_count; i++) tensor_source_destroy(&(*array)[i]);
        memory_free(*array);
    }
    tensor_source_destroy(&p->input);
    memory_free(p->expression);
    memory_free(p->layers);
    memory_free(p->caption_en);
    memory_free(p->caption_zh);
    memory_free(p->tokens_en);
    memory_free(p->tokens_zh);
    *p = (part){0};
}

/* New arrays of sources for `layers`; those of the first `keep` layers are copied from `from`. */
static bool make_sources(part *p, int layers, const part *from, int keep, failure *f) {
    for (int which = 0; which < SOURCE_ARRAYS; which++) {
        tensor_source *array = memory_zeroed((size_t)layers, sizeof *array);
        if (!array) return no_memory(f);
        *source_array(p, which) = array;
        const tensor_source *old = keep ? *source_array((part *)from, which) : NULL;
        for (int i = 0; i < keep; i++) {
            if (!tensor_source_copy(&array[i], &old[i], f)) return false;
        }
    }
    return true;
}

bool part_copy(part *to, const part *from, failure *f) {
    *to = *from;
    to->expression = to->caption_en = to->caption_zh = to->tokens_en = to->tokens_zh = NULL;
    to->layers = NULL;
    to->input = (tensor_source){0};
    to->weights = to->biases = to->offsets = to->masks = NULL;
    bool ok =
        document_set_text(&to->expression, from->expression, f) &&
        document_set_text(&to->caption_en, from->caption_en, f) &&
        document_set_text(&to->caption_zh, from->caption_zh, f) &&
        document_set_text(&to->tokens_en, from->tokens_en, f) &&
        document_set_text(&to->tokens_zh, from->tokens_zh, f) &&
        (copy_array(&to->layers, from->layers, (size_t)from->layer_count, sizeof *from->layers) || no_memory(f)) &&
        tensor_source_copy(&to->input, &from->input, f) &&
        (from->layer_count == 0 || make_sources(to, from->layer_count, from, from->layer_count, f));
    if (!ok) part_destroy(to);
    return ok;
}

void document_init(document *d) {
    *d = (document){.pinned_output = -1, .pinned_input = -1, .pinned_weight = -1, .last_step = -1};
}

void document_unpin(document *d) {
    d->pinned_input = d->pinned_output = d->pinned_weight = -1;
}

void document_play_all(document *d) {
    d->first_step = 0;
    d->last_step = -1;
}

void document_destroy(document *d) {
    for (int i = 0; i < d->part_count; i++) part_destroy(&d->parts[i]);
    memory_free(d->title_en);
    memory_free(d->title_zh);
    memory_free(d->caption_en);
    memory_free(d->caption_zh);
    memory_free(d->lesson);
    memory_free(d->folder);
    document_init(d);
}

bool document_copy(document *to, const document *from, failure *f) {
    *to = *from;
    memset(to->parts, 0, sizeof to->parts);
    to->part_count = 0;
    to->title_en = to->title_zh = to->caption_en = to->caption_zh = to->lesson = to->folder = NULL;
    bool ok = document_set_text(&to->title_en, from->title_en, f) &&
              document_set_text(&to->title_zh, from->title_zh, f) &&
              document_set_text(&to->caption_en, from->caption_en, f) &&
              document_set_text(&to->caption_zh, from->caption_zh, f) &&
              document_set_text(&to->lesson, from->lesson, f) && document_set_text(&to->folder, from->folder, f);
    for (int i = 0; ok && i < from->part_count; i++) {
        ok = part_copy(&to->parts[i], &from->parts[i], f);
        if (ok) to->part_count++;
    }
    if (!ok) document_destroy(to);
    return ok;
}

static size_t text_size(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

static size_t source_size(const tensor_source *s) {
    return text_size(s->name) + (s->numbers ? (size_t)s->count * sizeof *s->numbers : 0) +
           s->edit_capacity * sizeof *s->edits;
}

static size_t part_size(const part *p) {
    const tensor_source *const kinds[] = {p->weights, p->biases, p->offsets, p->masks};
    const size_t layers = (size_t)p->layer_count;
    size_t size = text_size(p->expression) + text_size(p->caption_en) + text_size(p->caption_zh) +
                  text_size(p->tokens_en) + text_size(p->tokens_zh) + source_size(&p->input) +
                  layers * (sizeof *p->layers + sizeof kinds / sizeof *kinds * sizeof **kinds);
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++)
        for (size_t i = 0; kinds[k] && i < layers; i++) size += source_size(&kinds[k][i]);
    return size;
}

size_t document_size(const document *d) {
    size_t size = sizeof *d + text_size(d->title_en) + text_size(d->title_zh) + text_size(d->caption_en) +
                  text_size(d->caption_zh) + text_size(d->lesson) + text_size(d->folder);
    for (int i = 0; i < d->part_count; i++) size += part_size(&d->parts[i]);
    return size;
}

bool part_set_layers(part *p, const char *text, conv_layer *layers, int layer_count, failure *f) {
    part fresh = {.layers = layers, .layer_count = layer_count};
    int keep = p->layer_count < layer_count ? p->layer_count : layer_count;
    if (!document_set_text(&fresh.expression, text, f) || !make_sources(&fresh, layer_count, p, keep, f)) {
        part_destroy(&fresh);
        return false;
    }
    fresh.input_shape = p->input_shape;
    fresh.input = p->input;
    fresh.caption_en = p->caption_en;
    fresh.caption_zh = p->caption_zh;
    fresh.tokens_en = p->tokens_en;
    fresh.tokens_zh = p->tokens_zh;
    p->input = (tensor_source){0};
    p->caption_en = p->caption_zh = p->tokens_en = p->tokens_zh = NULL;
    fresh.focus = p->layer_count == layer_count ? p->focus : part_natural_focus(&fresh);
    part_destroy(p);
    *p = fresh;
    return true;
}

bool part_set_expression(part *p, const char *text, failure *f) {
    conv_layer *layers = NULL;
    int count = 0;
    if (!expression_parse(text, &layers, &count, f)) return false;
    return part_set_layers(p, text, layers, count, f);
}

bool document_from_expression(document *d, const char *text, const conv_shape *input, failure *f) {
    document_init(d);
    part *p = &d->parts[0];
    d->part_count = 1;
    bool ok = part_set_expression(p, text, f);
    if (ok && input) p->input_shape = *input;
    if (ok) ok = part_fit_input(p, p->input_shape.rank == 0, f);
    if (!ok) document_destroy(d);
    return ok;
}
