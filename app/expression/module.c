/* Layers and sequences of layers. */
#include "app/system/memory.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

static bool layer_add(reader *r, const conv_spec *spec, const expression_place *place, const char *name,
                      const token *constructor) {
    expression *e = r->result;
    if (e->layer_count == CONV_MAX_LAYERS) {
        return refuse_token(r, constructor, N_("a network has at most {0} layers"), "d", (int64_t)CONV_MAX_LAYERS);
    }
    const size_t count = (size_t)e->layer_count + 1;
    if (!memory_reserve(&e->layers, &r->layer_capacity, count, sizeof *e->layers) ||
        !memory_reserve(&e->places, &r->place_capacity, count, sizeof *e->places)) {
        return fail_memory(r->failure);
    }
    e->places[e->layer_count] = *place;
    conv_layer *layer = &e->layers[e->layer_count++];
    *layer = (conv_layer){.spec = *spec, .input_count = 1, .indices_from = -1};
    snprintf(layer->name, sizeof layer->name, "%s", name);
    return true;
}

/* The name of a part of a module: "features" and "0" give "features.0". */
bool name_join(reader *r, const char *prefix, const char *part, char *name, const token *at) {
    int length = snprintf(name, CONV_NAME_SIZE, "%s%s%s", prefix, *prefix ? "." : "", part);
    if (length < CONV_NAME_SIZE) return true;
    return refuse_token(r, at, N_("this layer's name is longer than {0} bytes"), "d", (int64_t)CONV_NAME_SIZE - 1);
}

static bool module_read(reader *r, const char *name);

/* ("conv1", nn.Conv2d(...)) of an OrderedDict; `now` is behind the '('. */
static bool pair_read(reader *r, const char *prefix, int closing) {
    char part[CONV_NAME_SIZE], name[CONV_NAME_SIZE];
    if (r->now.kind != TOKEN_TEXT) return refuse_unexpected(r, "'name'");
    token_copy(&r->now, part, sizeof part);
    if (!name_join(r, prefix, part, name, &r->now)) return false;
    reader_step(r);
    if (!reader_expect(r, closing ? ',' : ':') || !module_read(r, name)) return false;
    if (!closing) return true;
    if (token_is_sign(&r->now, ',')) reader_step(r);
    return reader_expect(r, closing);
}

/* OrderedDict([...]) or {...}: `now` is behind the opening bracket; steps over `closing`. */
static bool pairs_read(reader *r, const char *prefix, int closing) {
    while (!token_is_sign(&r->now, closing)) {
        int pair_closing = 0;
        if (closing == ']') {
            if (!reader_expect(r, '(')) return false;
            pair_closing = ')';
        }
        if (!pair_read(r, prefix, pair_closing)) return false;
        if (token_is_sign(&r->now, closing)) break;
        if (!reader_expect(r, ',')) return false;
    }
    reader_step(r);
    return true;
}

/* "(0): " or "(conv1): " as print(model) writes before each part. */
static bool printed_ahead(const reader *r, token *name) {
    if (!token_is_sign(&r->now, '(')) return false;
    lexer ahead = r->lexer;
    *name = lexer_next(&ahead);
    token closing = lexer_next(&ahead), colon = lexer_next(&ahead);
    return (name->kind == TOKEN_NAME || name->kind == TOKEN_INTEGER) && token_is_sign(&closing, ')') &&
           token_is_sign(&colon, ':');
}

static bool printed_name(reader *r, char *part, size_t size) {
    token name;
    if (!printed_ahead(r, &name)) return false;
    token_copy(&name, part, size);
    for (int i = 0; i < 4; i++) reader_step(r);
    return true;
}

/* The parts of a sequence up to `closing`, which is stepped over. */
bool parts_read(reader *r, const char *prefix, int closing) {
    if (!reader_enter(r)) return false;
    for (int i = 0; !token_is_sign(&r->now, closing); i++) {
        char part[CONV_NAME_SIZE], name[CONV_NAME_SIZE];
        bool printed = printed_name(r, part, sizeof part);
        if (!printed) snprintf(part, sizeof part, "%d", i);
        if (token_is_sign(&r->now, '*') && i == 0) {
            reader_step(r);
            if (!reader_expect(r, '[') || !parts_read(r, prefix, ']')) return false;
        } else if (!name_join(r, prefix, part, name, &r->now) || !module_read(r, name)) {
            return false;
        }
        if (token_is_sign(&r->now, closing)) break;
        if (!printed && !reader_separate(r, closing)) return false;
    }
    r->nesting--;
    reader_step(r);
    return true;
}

/* What nn.Sequential( holds; steps over its ')'. */
static bool sequence_read(reader *r, const char *prefix) {
    const token opening = r->now;
    const int before = r->result->layer_count;
    token next = reader_peek(r);
    bool read;
    if (token_is(&r->now, "collections") && token_is_sign(&next, '.')) {
        reader_step(r);
        reader_step(r);
    }
    if (token_is(&r->now, "OrderedDict")) {
        reader_step(r);
        if (!reader_expect(r, '(')) return false;
        int closing = token_is_sign(&r->now, '{') ? '}' : ']';
        if (!reader_expect(r, closing == '}' ? '{' : '[')) return false;
        read = pairs_read(r, prefix, closing) && reader_expect(r, ')');
        if (read && token_is_sign(&r->now, ',')) reader_step(r);
        read = read && reader_expect(r, ')');
    } else {
        read = parts_read(r, prefix, ')');
    }
    if (!read) return false;
    if (r->result->layer_count == before) return refuse_token(r, &opening, N_("this sequence has no layers"), "");
    r->result->sequential = true;
    return true;
}

/* Methods after a constructor that change nothing here: .to("cuda"), .eval(). And a call: Conv2d(...)(x). */
static bool followers_skip(reader *r) {
    token name;
    for (;;) {
        if (token_is_sign(&r->now, '.')) {
            reader_step(r);
            if (r->now.kind != TOKEN_NAME) return refuse_unexpected(r, NULL);
            reader_note(r, &r->now);
            reader_step(r);
        }
        if (!token_is_sign(&r->now, '(') || printed_ahead(r, &name)) return true;
        reader_step(r);
        while (!token_is_sign(&r->now, ')')) {
            if (!value_skip(r)) return false;
            if (token_is_sign(&r->now, ','))
                reader_step(r);
            else if (!token_is_sign(&r->now, ')'))
                return refuse_unexpected(r, ")");
        }
        reader_step(r);
    }
}

bool path_read(reader *r, path *p) {
    p->count = 0;
    for (;;) {
        if (r->now.kind != TOKEN_NAME) return refuse_unexpected(r, NULL);
        if (p->count == MAX_PATH_PARTS) return refuse_unexpected(r, NULL);
        p->part[p->count++] = r->now;
        reader_step(r);
        if (!token_is_sign(&r->now, '.')) return true;
        reader_step(r);
    }
}

/* Where PyTorch keeps a name: what stands before the last dot, as text. */
static char *path_module(const path *p, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i + 1 < p->count; i++) {
        char part[48];
        int more = snprintf(text + used, size - used, "%s%s", i ? "." : "", token_copy(&p->part[i], part, sizeof part));
        if (more < 0 || used + (size_t)more >= size) break;
        used += (size_t)more;
    }
    return text;
}

/* Whether `module` is a way to write the module that the table names ("nn", "torchvision.ops"). */
static bool module_fits(const char *module, const char *home) {
    static const struct {
        const char *home, *written;
    } ways[] = {{"nn", "nn"},
                {"nn", "torch.nn"},
                {"torchvision.ops", "torchvision.ops"},
                {"torchvision.ops", "tv.ops"},
                {"torchvision.ops", "ops"}};
    if (!*module) return true;
    if (strcmp(home, "nn") == 0 && strncmp(module, "torch.nn.modules", 16) == 0) return true;
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if (strcmp(ways[i].home, home) == 0 && strcmp(ways[i].written, module) == 0) return true;
    }
    return false;
}

static bool refuse_unknown(reader *r, const path *p) {
    const token *t = &p->part[p->count - 1];
    char name[64], module[64];
    token_copy(t, name, sizeof name);
    path_module(p, module, sizeof module);
    if (strcmp(module, "F") == 0 || strcmp(module, "torch.nn.functional") == 0 ||
        strcmp(module, "nn.functional") == 0) {
        return refuse_token(
            r, t, N_("functions of torch.nn.functional are not layers: write the layer, such as nn.Conv2d(...)"), "");
    }
    const token next = reader_peek(r);
    if (token_is(t, "class") || token_is(t, "def"))
        return refuse_token(r, t, N_("Python code is not run here: paste its layers as nn.Sequential(...)"), "");
    if (token_is_sign(&r->now, '(') && token_is_sign(&next, '(')) /* as print(model) shows what is inside */
        return refuse_token(r, t, N_("how {0} joins its layers is not known here: paste them as nn.Sequential(...)"),
                            "s", name);
    const char *nearest = conv_op_nearest(name);
    if (nearest) return refuse_token(r, t, N_("there is no operation {0}: do you mean {1}?"), "ss", name, nearest);
    return refuse_token(r, t, N_("there is no operation {0}: write a layer such as nn.Conv2d(3, 8, 3)"), "s", name);
}

/* A constructor whose dotted name has been read. */
bool constructor_read(reader *r, const path *p, const char *name) {
    const token *t = &p->part[p->count - 1];
    char word[64], module[64];
    token_copy(t, word, sizeof word);
    path_module(p, module, sizeof module);
    bool sequence = strcmp(word, "Sequential") == 0;
    const conv_op *op = sequence ? NULL : conv_op_find(word);
    if (!sequence && !op) return refuse_unknown(r, p);
    const char *home = op ? op->module : "nn";
    if (!module_fits(module, home)) {
        return refuse_token(r, &p->part[0], N_("{0} is not in {1}: write {2}.{0}"), "sss", word, module,
                            *home ? home : "nn");
    }
    if (!token_is_sign(&r->now, '(')) return refuse_unexpected(r, "(");
    if (!reader_enter(r)) return false;
    reader_step(r);
    conv_spec spec;
    expression_place place;
    bool read = sequence ? sequence_read(r, name)
                         : arguments_read(r, op, &spec, t, &place) && layer_add(r, &spec, &place, name, t);
    if (!read) return false;
    r->nesting--;
    return followers_skip(r);
}

/* A layer or a sequence of them. */
static bool module_read(reader *r, const char *name) {
    path p;
    return path_read(r, &p) && constructor_read(r, &p, name);
}
