/* The lines of a text: each a layer, perhaps assigned to a name. */
#include "expression.h"

#include "app/system/memory.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

static bool statement_skip(reader *r, bool *skipped) {
    while (r->now.kind != TOKEN_END && r->now.kind != TOKEN_NEWLINE) reader_step(r);
    *skipped = true;
    return true;
}

/* Lines that come along when code is pasted and say nothing about the layers. */
static bool is_foreign(const reader *r, const path *p) {
    static const char *const words[] = {"print", "import", "from"};
    const token *first = &p->part[0], *last = &p->part[p->count - 1];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (p->count == 1 && token_is(first, words[i])) return true;
    }
    /* torch.randn(...), out.shape, and calls of layers that have names: lower case where a class would be. */
    bool capital = last->start[0] >= 'A' && last->start[0] <= 'Z';
    bool torch = token_is(first, "torch") && p->count == 2;
    bool known = false;
    for (int i = 0; i < r->result->layer_count; i++) {
        const char *name = r->result->layers[i].name;
        size_t length = strcspn(name, ".");
        const token *t = token_is(first, "self") && p->count > 1 ? &p->part[1] : first;
        known = known || (length == t->length && strncmp(name, t->start, length) == 0);
    }
    return !capital && (torch || known);
}

/* Takes away the layers of an earlier statement with that name: as in Python, the later one counts. */
static void name_forget(expression *e, const char *name) {
    size_t length = strlen(name);
    int kept = 0;
    for (int i = 0; i < e->layer_count; i++) {
        const char *other = e->layers[i].name;
        bool same = strncmp(other, name, length) == 0 && (other[length] == '\0' || other[length] == '.');
        if (same) continue;
        e->places[kept] = e->places[i];
        e->layers[kept++] = e->layers[i];
    }
    e->layer_count = kept;
}

/* "self.conv1" gives "conv1". */
static bool target_name(reader *r, const path *p, char *name) {
    name[0] = '\0';
    for (int i = 0; i < p->count; i++) {
        char part[CONV_NAME_SIZE], whole[CONV_NAME_SIZE];
        if (i == 0 && p->count > 1 && token_is(&p->part[0], "self")) continue;
        token_copy(&p->part[i], part, sizeof part);
        if (!name_join(r, name, part, whole, &p->part[i])) return false;
        memcpy(name, whole, sizeof whole);
    }
    return true;
}

/* One line of the text: a layer, perhaps assigned to a name. `skipped`: it is something else. */
static bool statement_read(reader *r, int number, bool *skipped) {
    char name[CONV_NAME_SIZE];
    path p;
    snprintf(name, sizeof name, "%d", number);
    if (token_is_sign(&r->now, '[')) {
        reader_step(r);
        r->result->sequential = true;
        return parts_read(r, "", ']');
    }
    if (!path_read(r, &p)) return false;
    if (token_is_sign(&r->now, ':')) { /* an annotation */
        while (r->now.kind != TOKEN_END && r->now.kind != TOKEN_NEWLINE && !token_is_sign(&r->now, '=')) reader_step(r);
    }
    if (!token_is_sign(&r->now, '=')) {
        if (is_foreign(r, &p)) return statement_skip(r, skipped);
        /* A sequence alone is the network itself: its parts are called "0", "1". */
        bool network = token_is(&p.part[p.count - 1], "Sequential") && r->result->layer_count == 0;
        return constructor_read(r, &p, network ? "" : name);
    }
    if (!target_name(r, &p, name)) return false;
    reader_step(r);
    if (token_is_sign(&r->now, '[')) {
        reader_step(r);
        return parts_read(r, name, ']');
    }
    if (r->now.kind != TOKEN_NAME) return statement_skip(r, skipped); /* x = 3 */
    if (!path_read(r, &p)) return false;
    if (is_foreign(r, &p)) return statement_skip(r, skipped);
    name_forget(r->result, name);
    return constructor_read(r, &p, name);
}

/* Joins the layers to a chain; a MaxUnpool takes the indices of the last MaxPool that has not given its own yet. */
static void link_layers(expression *e) {
    int open[CONV_MAX_LAYERS], open_count = 0;
    for (int i = 0; i < e->layer_count; i++) {
        conv_layer *layer = &e->layers[i];
        layer->input[0] = i == 0 ? CONV_FROM_INPUT : i - 1;
        layer->indices_from = -1;
        if (layer->spec.op->kind == CONV_MAX_POOL) open[open_count++] = i;
        if (layer->spec.op->kind == CONV_MAX_UNPOOL && open_count > 0) layer->indices_from = open[--open_count];
    }
}

static bool text_read(reader *r, const char *text) {
    int number = 0;
    reader_step(r);
    while (r->now.kind != TOKEN_END) {
        if (r->now.kind == TOKEN_NEWLINE || token_is_sign(&r->now, ',')) {
            reader_step(r);
            continue;
        }
        int before = r->result->layer_count;
        const char *begin = r->now.start;
        bool skipped = false;
        if (!statement_read(r, number, &skipped)) return false;
        if (!skipped && number == 0) r->result->begin = (size_t)(begin - text);
        if (!skipped) r->result->end = (size_t)(r->now.start - text);
        r->result->others |= skipped;
        number += r->result->layer_count > before;
        if (r->now.kind != TOKEN_END && r->now.kind != TOKEN_NEWLINE && !token_is_sign(&r->now, ',')) {
            return refuse_unexpected(r, NULL);
        }
    }
    if (r->result->layer_count == 0) {
        return refuse_token(r, &r->now, N_("there is no layer here: write one such as nn.Conv2d(3, 8, 3)"), "");
    }
    r->result->sequential = r->result->sequential || r->result->layer_count > 1;
    link_layers(r->result);
    return true;
}

bool expression_looks(const char *text) {
    static const char *const beginnings[] = {"/", "./", "../"};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++)
        if (strncmp(text, beginnings[i], strlen(beginnings[i])) == 0) return false;
    return strchr(text, '(') != NULL;
}

bool expression_read(const char *text, expression *e, failure *f) {
    *e = (expression){0};
    if (strlen(text) > EXPRESSION_MAX_BYTES) {
        return fail(f, N_("the expression is longer than {0} bytes"), "d", (int64_t)EXPRESSION_MAX_BYTES);
    }
    reader r = {.result = e, .failure = f};
    lexer_begin(&r.lexer, text);
    if (text_read(&r, text)) return true;
    expression_destroy(e);
    return false;
}

void expression_destroy(expression *e) {
    memory_free(e->layers);
    memory_free(e->places);
    *e = (expression){0};
}

bool expression_parse(const char *text, conv_layer **layers, int *count, failure *f) {
    expression e;
    if (!expression_read(text, &e, f)) return false;
    memory_free(e.places);
    *layers = e.layers;
    *count = e.layer_count;
    return true;
}
