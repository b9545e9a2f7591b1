#include "expression.h"

#include "app/system/memory.h"
#include "reader.h"

#include <stdio.h>
#include <string.h>

enum { MAX_PATH_PARTS = 8 };

void reader_step(reader *r) {
    r->now = lexer_next(&r->lexer);
}

token reader_peek(const reader *r) {
    lexer ahead = r->lexer;
    return lexer_next(&ahead);
}

char *token_copy(const token *t, char *text, size_t size) {
    size_t length = t->length;
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)t->start[length] & 0xC0) == 0x80) length--;
    }
    memcpy(text, t->start, length);
    text[length] = '\0';
    return text;
}

bool (refuse_unexpected)(reader *r, const char *expected) {
    const token *t = &r->now;
    char found[48];
    token_copy(t, found, sizeof found);
    if (t->kind == TOKEN_OPEN_TEXT) return refuse_token(r, t, N_("this text has no closing quote"), "");
    if (t->kind == TOKEN_END || t->kind == TOKEN_NEWLINE) {
        if (expected) return refuse_token(r, t, N_("the expression ends too early: '{0}' is missing"), "s", expected);
        return refuse_token(r, t, N_("the expression ends too early"), "");
    }
    if (expected) return refuse_token(r, t, N_("'{0}' cannot stand here: '{1}' is missing"), "ss", found, expected);
    return refuse_token(r, t, N_("'{0}' cannot stand here"), "s", found);
}

bool reader_expect(reader *r, int sign) {
    const char expected[2] = {(char)sign, '\0'};
    if (!token_is_sign(&r->now, sign)) return refuse_unexpected(r, expected);
    reader_step(r);
    return true;
}

bool reader_enter(reader *r) {
    if (r->nesting == EXPRESSION_MAX_DEPTH) {
        return refuse_token(r, &r->now, N_("more than {0} brackets lie in each other"), "d",
                            (int64_t)EXPRESSION_MAX_DEPTH);
    }
    r->nesting++;
    return true;
}

static void note(reader *r, const token *t) {
    expression *e = r->result;
    if (e->note_count == (int)(sizeof e->notes / sizeof *e->notes)) return;
    expression_note *n = &e->notes[e->note_count++];
    token_copy(t, n->name, sizeof n->name);
    n->line = t->line;
    n->column = t->column;
}

/* Where the arguments of a constructor were written. */
typedef struct arguments {
    expression_place place;
    token closing;
} arguments;

static bool place_blame(const expression_place *place, const conv_op *op, failure *f) {
    if (!f) return false;
    int param = f->error.parameter[0] ? conv_param_find(op, f->error.parameter) : -1;
    if (param >= 0 && param < EXPRESSION_MAX_PARAMETERS && place->argument[param].line > 0) {
        return fail_at(f, place->argument[param].line, place->argument[param].column);
    }
    return fail_at(f, place->line, place->column);
}

bool expression_blame(const expression *e, int layer, failure *f) {
    return place_blame(&e->places[layer], e->layers[layer].spec.op, f);
}

/* Which parameter the argument that begins here is for; steps over "name=". */
static bool parameter_find(reader *r, const conv_op *op, int position, bool *named, int *param) {
    const token t = r->now;
    token next = reader_peek(r);
    char name[64];
    if (t.kind == TOKEN_NAME && token_is_sign(&next, '=')) {
        token_copy(&t, name, sizeof name);
        *param = conv_param_find(op, name);
        if (*param < 0) {
            const char *nearest = conv_param_nearest(op, name);
            if (!nearest) return refuse_token(r, &t, N_("{0} has no parameter {1}"), "ss", op->name, name);
            return refuse_token(r, &t, N_("{0} has no parameter {1}: do you mean {2}?"), "sss", op->name, name,
                                nearest);
        }
        *named = true;
        reader_step(r);
        reader_step(r);
        return true;
    }
    if (*named) return refuse_token(r, &t, N_("an argument without a name cannot follow one with a name"), "");
    if (position >= op->param_count) {
        return refuse_token(r, &t, N_("{0} takes at most {1} arguments"), "sd", op->name, (int64_t)op->param_count);
    }
    *param = position;
    return true;
}

static bool argument_read(reader *r, const conv_op *op, int param, conv_spec *spec, arguments *a,
                          const token *written) {
    const conv_param *p = &op->params[param];
    if (a->place.argument[param].line) return refuse_token(r, written, N_("{0} is given twice"), "s", p->name);
    a->place.argument[param].line = r->now.line;
    a->place.argument[param].column = r->now.column;
    if (p->type == CONV_PARAM_IGNORED) {
        if (strcmp(p->name, "device") == 0 || strcmp(p->name, "dtype") == 0) note(r, written);
        return value_skip(r);
    }
    conv_value value;
    if (!value_read(r, p, &value)) return false;
    conv_error error;
    if (conv_spec_set(spec, param, &value, &error) == CONV_OK) return true;
    fail_engine(r->failure, &error);
    return fail_at(r->failure, a->place.argument[param].line, a->place.argument[param].column);
}

static bool required_given(reader *r, const conv_op *op, const arguments *a) {
    char missing[96] = "";
    size_t used = 0;
    for (int i = 0; i < op->param_count; i++) {
        if (!op->params[i].required || a->place.argument[i].line) continue;
        int more = snprintf(missing + used, sizeof missing - used, "%s%s", used ? ", " : "", op->params[i].name);
        if (more > 0 && used + (size_t)more < sizeof missing) used += (size_t)more;
    }
    if (!used) return true;
    return refuse_token(r, &a->closing, N_("{0} still needs {1}"), "ss", op->name, missing);
}

/* The arguments of an operation: `now` is behind the '('. Steps over the ')'. */
static bool arguments_read(reader *r, const conv_op *op, conv_spec *spec, const token *constructor,
                           expression_place *place) {
    arguments a = {.place = {.line = constructor->line, .column = constructor->column}};
    bool named = false;
    conv_spec_init(spec, op);
    for (int position = 0; !token_is_sign(&r->now, ')'); position++) {
        const token written = r->now;
        int param = -1;
        if (!parameter_find(r, op, position, &named, &param)) return false;
        if (!argument_read(r, op, param, spec, &a, &written)) return false;
        if (token_is_sign(&r->now, ')')) break;
        if (!reader_expect(r, ',')) return false;
    }
    a.closing = r->now;
    if (!required_given(r, op, &a)) return false;
    reader_step(r);
    conv_error error;
    *place = a.place;
    if (conv_spec_check(spec, &error) == CONV_OK) return true;
    fail_engine(r->failure, &error);
    return place_blame(place, op, r->failure);
}

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
static bool name_join(reader *r, const char *prefix, const char *part, char *name, const token *at) {
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
static bool parts_read(reader *r, const char *prefix, int closing) {
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
        if (!printed && !reader_expect(r, ',')) return false;
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
            note(r, &r->now);
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

/* A dotted name. */
typedef struct path {
    token part[MAX_PATH_PARTS];
    int count;
} path;

static bool path_read(reader *r, path *p) {
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
    const char *nearest = conv_op_nearest(name);
    if (nearest) return refuse_token(r, t, N_("there is no operation {0}: do you mean {1}?"), "ss", name, nearest);
    return refuse_token(r, t, N_("there is no operation {0}: write a layer such as nn.Conv2d(3, 8, 3)"), "s", name);
}

/* A constructor whose dotted name has been read. */
static bool constructor_read(reader *r, const path *p, const char *name) {
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

static void statement_skip(reader *r) {
    while (r->now.kind != TOKEN_END && r->now.kind != TOKEN_NEWLINE) reader_step(r);
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

/* One line of the text: a layer, perhaps assigned to a name. */
static bool statement_read(reader *r, int number) {
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
        if (is_foreign(r, &p)) {
            statement_skip(r);
            return true;
        }
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
    if (r->now.kind != TOKEN_NAME) {
        statement_skip(r); /* x = 3 */
        return true;
    }
    if (!path_read(r, &p)) return false;
    if (is_foreign(r, &p)) {
        statement_skip(r);
        return true;
    }
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

static bool text_read(reader *r) {
    int number = 0;
    reader_step(r);
    while (r->now.kind != TOKEN_END) {
        if (r->now.kind == TOKEN_NEWLINE || token_is_sign(&r->now, ',')) {
            reader_step(r);
            continue;
        }
        int before = r->result->layer_count;
        if (!statement_read(r, number)) return false;
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

bool expression_read(const char *text, expression *e, failure *f) {
    *e = (expression){0};
    if (strlen(text) > EXPRESSION_MAX_BYTES) {
        return fail(f, N_("the expression is longer than {0} bytes"), "d", (int64_t)EXPRESSION_MAX_BYTES);
    }
    reader r = {.result = e, .failure = f};
    lexer_begin(&r.lexer, text);
    if (text_read(&r)) return true;
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
