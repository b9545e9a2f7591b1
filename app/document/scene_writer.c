/* Documents to YAML: only what differs from a plain scene is written. */
#include "app/expression/expression.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "document_yaml.h"
#include "scene_text.h"

#include <string.h>

typedef struct writer {
    char *text;
    size_t count, capacity;
    bool failed;
} writer;

static void put_bytes(writer *w, const char *bytes, size_t count) {
    if (w->failed || !memory_reserve(&w->text, &w->capacity, w->count + count + 1, 1)) {
        w->failed = true;
        return;
    }
    memcpy(w->text + w->count, bytes, count);
    w->count += count;
    w->text[w->count] = 0;
}

static void put(writer *w, const char *text) {
    put_bytes(w, text, strlen(text));
}

static void put_integer(writer *w, int64_t value) {
    char digits[24], *at = digits + sizeof digits - 1;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    *at = 0;
    do *--at = (char)('0' + rest % 10);
    while (rest /= 10);
    if (value < 0) *--at = '-';
    put(w, at);
}

static void put_number(writer *w, float value) {
    char text[40];
    put(w, number_write_float(value, text, sizeof text));
}

/* Between double quotes, where YAML takes any character escaped. */
static void put_quoted(writer *w, const char *text) {
    put(w, "\"");
    for (const char *c = text; *c; c++) {
        const char hex[] = "0123456789abcdef";
        if (*c == '"' || *c == '\\') {
            const char escaped[2] = {'\\', *c};
            put_bytes(w, escaped, 2);
        } else if ((unsigned char)*c < 32 || *c == 127) {
            const char escaped[4] = {'\\', 'x', hex[(unsigned char)*c >> 4], hex[*c & 15]};
            put_bytes(w, escaped, 4);
        } else {
            put_bytes(w, c, 1);
        }
    }
    put(w, "\"");
}

static void put_phrase(writer *w, const char *indent, const char *key, const char *en, const char *zh) {
    if (!en && !zh) return;
    put(w, indent);
    put(w, key);
    put(w, ": {");
    if (en) put(w, "en: "), put_quoted(w, en);
    if (en && zh) put(w, ", ");
    if (zh) put(w, "zh: "), put_quoted(w, zh);
    put(w, "}\n");
}

static void put_shape(writer *w, const conv_shape *shape) {
    put(w, "[");
    for (int a = 0; a < shape->rank; a++) {
        if (a) put(w, ", ");
        put_integer(w, shape->size[a]);
    }
    put(w, "]");
}

/* ---- tensors ---- */

static const source_word *word_of(source_kind kind) {
    for (const source_word *w = source_words; w->word; w++) {
        if (w->kind == kind) return w;
    }
    return NULL;
}

static void put_from(writer *w, const tensor_source *s) {
    if (s->kind == SOURCE_NUMBERS) {
        put(w, "[");
        for (int64_t i = 0; i < s->count; i++) {
            if (i) put(w, i % 16 ? ", " : ",\n      ");
            put_number(w, s->numbers[i]);
        }
        put(w, "]");
        return;
    }
    const source_word *word = word_of(s->kind);
    writer text = {0};
    put(&text, word->word);
    if (word->argument == SOURCE_WITH_SEED && s->seed)
        put(&text, " "), put_integer(&text, (int64_t)(s->seed & INT64_MAX));
    if (word->argument == SOURCE_WITH_VALUE) {
        char number[40];
        put(&text, " ");
        put(&text, number_write_double(s->value, number, sizeof number));
    }
    if (word->argument == SOURCE_WITH_NAME) put(&text, " "), put(&text, s->name ? s->name : "");
    if (text.failed)
        w->failed = true;
    else
        put_quoted(w, text.text);
    memory_free(text.text);
}

static bool worth_writing(const tensor_source *s) {
    return s->kind != SOURCE_DEFAULT || s->seed || s->edit_count;
}

static void put_source(writer *w, const tensor_source *s) {
    if (!s->colour && !s->edit_count) {
        put_from(w, s);
        return;
    }
    put(w, "{from: ");
    put_from(w, s);
    if (s->colour) put(w, ", colour: true");
    if (s->edit_count) {
        put(w, ", edits: [");
        for (size_t i = 0; i < s->edit_count; i++) {
            if (i) put(w, i % 8 ? ", " : ",\n      ");
            put(w, "[");
            put_integer(w, s->edits[i].index);
            put(w, ", ");
            put_number(w, s->edits[i].value);
            put(w, "]");
        }
        put(w, "]");
    }
    put(w, "}");
}

static void put_layer_source(writer *w, const part *p, int layer, const char *name, const tensor_source *s) {
    if (!worth_writing(s)) return;
    put(w, "    ");
    if (p->layer_count > 1) {
        writer key = {0};
        put(&key, p->layers[layer].name);
        put(&key, ".");
        put(&key, name);
        if (key.failed)
            w->failed = true;
        else
            put_quoted(w, key.text);
        memory_free(key.text);
    } else {
        put(w, name);
    }
    put(w, ": ");
    put_source(w, s);
    put(w, "\n");
}

/* Whether the expression says the layers: not when they came from a file, or read each other across. */
static bool expression_says(const part *p) {
    conv_layer *layers;
    int count;
    if (!p->expression || !expression_parse(p->expression, &layers, &count, NULL)) return false;
    bool same = count == p->layer_count;
    for (int i = 0; same && i < count; i++) {
        char a[1024], b[1024];
        conv_spec_text(&layers[i].spec, a, (int)sizeof a);
        conv_spec_text(&p->layers[i].spec, b, (int)sizeof b);
        same = strcmp(a, b) == 0 && strcmp(layers[i].name, p->layers[i].name) == 0;
    }
    memory_free(layers);
    return same;
}

static void put_layer(writer *w, const part *p, int i) {
    char code[1024];
    const conv_layer *l = &p->layers[i];
    conv_spec_text(&l->spec, code, (int)sizeof code);
    put(w, "      - {name: ");
    put_quoted(w, l->name);
    put(w, ", layer: ");
    put_quoted(w, code);
    put(w, ", from: [");
    for (int k = 0; k < l->input_count; k++) {
        if (k) put(w, ", ");
        put_quoted(w, l->input[k] == CONV_FROM_INPUT ? "input" : p->layers[l->input[k]].name);
    }
    put(w, "]");
    if (l->spec.op->kind == CONV_MAX_UNPOOL && l->indices_from >= 0) {
        put(w, ", indices: ");
        put_quoted(w, p->layers[l->indices_from].name);
    }
    put(w, "}\n");
}

static void put_part(writer *w, const part *p) {
    if (expression_says(p)) {
        put(w, "  - operation: ");
        put_quoted(w, p->expression);
        put(w, "\n");
    } else {
        put(w, "  - layers:\n");
        for (int i = 0; i < p->layer_count; i++) put_layer(w, p, i);
    }
    if (p->layer_count && p->layers[0].spec.flip) put(w, "    flip: true\n");
    put(w, "    shape: ");
    put_shape(w, &p->input_shape);
    put(w, "\n");
    if (worth_writing(&p->input)) {
        put(w, "    input: ");
        put_source(w, &p->input);
        put(w, "\n");
    }
    if (p->layer_count > 1) {
        put(w, "    focus: ");
        put_quoted(w, p->layers[p->focus].name);
        put(w, "\n");
    }
    put_phrase(w, "    ", "label", p->caption_en, p->caption_zh);
    put_phrase(w, "    ", "tokens", p->tokens_en, p->tokens_zh);
    /* A source that waits for a tensor which the layer does not have now is left out: reading would refuse it. */
    conv_layout *layouts = NULL;
    if (!part_layouts(p, &layouts, NULL)) layouts = NULL;
    for (int i = 0; i < p->layer_count; i++) {
        const conv_layout *l = layouts ? &layouts[i] : NULL;
        if (!l || l->weight.rank) put_layer_source(w, p, i, "weight", &p->weights[i]);
        if (!l || l->bias.rank) put_layer_source(w, p, i, "bias", &p->biases[i]);
        if (!l || l->offset.rank) put_layer_source(w, p, i, "offset", &p->offsets[i]);
        if (!l || l->mask.rank) put_layer_source(w, p, i, "mask", &p->masks[i]);
    }
    memory_free(layouts);
}

static void put_flag(writer *w, const char *key, bool value) {
    if (value) put(w, key), put(w, ": true\n");
}

bool scene_text_write(const document *d, char **text, failure *f) {
    writer w = {0};
    put(&w, "convscope: ");
    put_integer(&w, SCENE_VERSION);
    put(&w, "\n");
    if (d->lesson) {
        put(&w, "lesson: ");
        put_quoted(&w, d->lesson);
        put(&w, "\npage: ");
        put_integer(&w, d->page);
        put(&w, "\n");
    }
    put_phrase(&w, "", "title", d->title_en, d->title_zh);
    put_phrase(&w, "", "caption", d->caption_en, d->caption_zh);
    put(&w, "view: ");
    put(&w, document_view_names[d->view]);
    put(&w, "\nstyle: ");
    put(&w, document_style_names[d->style]);
    put(&w, "\n");
    put_flag(&w, "labels", d->labels);
    put_flag(&w, "counts", d->counts);
    put_flag(&w, "zero_insertion", d->zero_insertion);
    if (d->slices_closed) put(&w, "slices_apart: "), put_integer(&w, 100 - d->slices_closed), put(&w, "\n");
    put_flag(&w, "blank_output", d->blank_output);
    put_flag(&w, "answers", d->answers);
    put_flag(&w, "curtain", d->curtain);
    if (d->first_step != 0 || d->last_step != -1) {
        put(&w, "steps: [");
        put_integer(&w, d->first_step);
        put(&w, ", ");
        put_integer(&w, d->last_step);
        put(&w, "]\n");
    }
    if (d->pinned_output >= 0) put(&w, "pin_output: "), put_integer(&w, d->pinned_output), put(&w, "\n");
    if (d->pinned_input >= 0) put(&w, "pin_input: "), put_integer(&w, d->pinned_input), put(&w, "\n");
    if (d->pinned_weight >= 0) put(&w, "pin_weight: "), put_integer(&w, d->pinned_weight), put(&w, "\n");
    put(&w, "parts:\n");
    for (int i = 0; i < d->part_count; i++) put_part(&w, &d->parts[i]);
    if (w.failed) {
        memory_free(w.text);
        return fail_memory(f);
    }
    *text = w.text;
    return true;
}
