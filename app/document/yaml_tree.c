#include "yaml_tree.h"

#include "app/system/memory.h"
#include "app/system/number.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    YAML_MAX_KEYS = 512, /* of one map: looking for doubles takes the square of it */
    YAML_MAX_DEPTH = 64, /* ... and libyaml that of open brackets, */
    YAML_MAX_NAMES = 64  /* ... of &names, and of %TAG lines: 200 kB of "[" took it minutes */
};

/* ---- the tree ---- */

static void put_path(failure *f, const char *path) {
    if (f) snprintf(f->path, sizeof f->path, "%s", path);
}

static void put_place(failure *f, yaml_mark_t mark) {
    if (!f) return;
    f->line = (int)mark.line + 1;
    f->column = (int)mark.column + 1;
}

/* libyaml's complaints, in plain words where people meet them. */
static bool parser_failure(const yaml_tree *t, const yaml_parser_t *parser, failure *f) {
    const char *problem = parser->problem ? parser->problem : "";
    if (parser->error == YAML_MEMORY_ERROR) return fail_memory(f);
    if (parser->error == YAML_READER_ERROR) {
        fail(f, N_("the text is not valid UTF-8 (at byte {0})"), "d", (int64_t)parser->problem_offset);
        put_path(f, t->path);
        return false;
    }
    if (strstr(problem, "found character that cannot start any token")) {
        fail(f,
             N_("a tab or a special character stands where a value should begin: indent with spaces, and put such text "
                "in quotes"),
             "");
    } else if (strstr(problem, "mapping values are not allowed")) {
        fail(f, N_("a colon inside a text: put the text in quotes"), "");
    } else if (strstr(problem, "could not find expected ':'")) {
        fail(f, N_("a key without a colon after it, or a text that is not indented"), "");
    } else if (strstr(problem, "did not find expected key") || strstr(problem, "did not find expected '-' indicator")) {
        fail(f, N_("this line is not indented like the lines before it"), "");
    } else if (strstr(problem, "expected ',' or") || strstr(problem, "did not find expected node content")) {
        fail(f, N_("before this place a comma is missing, or a quote or a bracket is not closed"), "");
    } else if (strstr(problem, "unexpected end of stream")) {
        fail(f, N_("the file ends inside a text: a quote is not closed"), "");
    } else if (strstr(problem, "undefined alias")) {
        fail(f, N_("there is no &name for this *name"), "");
    } else {
        fail(f, N_("this is not YAML: {0}"), "s", problem);
    }
    put_place(f, parser->problem_mark);
    put_path(f, t->path);
    return false;
}

/* Whether some character only steers a terminal or a printer; tabs and ends of lines do not count. */
static bool has_control(const char *text) {
    for (; *text; text++) {
        const unsigned char c = (unsigned char)*text, next = (unsigned char)text[1];
        if ((c < 0x20 && !strchr("\t\n\r", c)) || c == 0x7F || (c == 0xC2 && next < 0xA0)) return true;
    }
    return false;
}

/* Texts are C strings from here on: a zero byte would hide what follows it. On a terminal control characters would do
 * what a stranger likes. */
static bool texts_are_plain(const yaml_tree *t, failure *f) {
    for (yaml_value v = t->document.nodes.start; v < t->document.nodes.top; v++) {
        if (v->type != YAML_SCALAR_NODE) continue;
        const char *text = (const char *)v->data.scalar.value;
        if (strlen(text) != v->data.scalar.length)
            return yaml_fail(t, v, f, N_("there is a zero byte in this text"), "");
        if (has_control(text)) return yaml_fail(t, v, f, N_("there is a control character in this text"), "");
    }
    return true;
}

/* Whether a line begins there, by YAML's line ends. */
static bool begins_line(const char *text, const char *at) {
    static const char *const ends[] = {"\n", "\r", "\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"};
    if (at == text) return true;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        const size_t length = strlen(ends[i]);
        if ((size_t)(at - text) >= length && memcmp(at - length, ends[i], length) == 0) return true;
    }
    return false;
}

static bool has_tag_line(const char *text, size_t size) {
    static const char tag[] = "%TAG";
    const size_t length = sizeof tag - 1;
    const char *end = text + size;
    for (const char *at = text; (at = memchr(at, '%', (size_t)(end - at))); at++)
        if ((size_t)(end - at) >= length && memcmp(at, tag, length) == 0 && begins_line(text, at)) return true;
    return false;
}

/* Looks at the file's events one by one before all of it is read, and ends at the first that is too many. What is no
 * YAML is left to the reading. */
static bool is_bounded(const yaml_tree *t, yaml_parser_t *parser, failure *f) {
    int depth = 0, names = 0;
    bool ok = true, more = true;
    while (ok && more) {
        yaml_event_t e;
        if (!yaml_parser_parse(parser, &e)) return true;
        const bool list = e.type == YAML_SEQUENCE_START_EVENT, map = e.type == YAML_MAPPING_START_EVENT;
        depth += list || map;
        depth -= e.type == YAML_SEQUENCE_END_EVENT || e.type == YAML_MAPPING_END_EVENT;
        names += (list && e.data.sequence_start.anchor) || (map && e.data.mapping_start.anchor) ||
                 (e.type == YAML_SCALAR_EVENT && e.data.scalar.anchor);
        more = e.type != YAML_STREAM_END_EVENT;
        if (depth > YAML_MAX_DEPTH)
            ok = fail(f, N_("more than {0} brackets lie in each other"), "d", (int64_t)YAML_MAX_DEPTH);
        else if (names > YAML_MAX_NAMES)
            ok = fail(f, N_("more than {0} &names stand here"), "d", (int64_t)YAML_MAX_NAMES);
        if (!ok && f) put_place(f, e.start_mark), put_path(f, t->path);
        yaml_event_delete(&e);
    }
    return ok;
}

static bool begin_parser(yaml_parser_t *parser, const char *text, size_t size, failure *f) {
    if (!yaml_parser_initialize(parser)) return fail_memory(f);
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)text, size);
    return true;
}

static bool look_first(const yaml_tree *t, const char *text, size_t size, failure *f) {
    yaml_parser_t parser;
    if (has_tag_line(text, size)) {
        fail(f, N_("lines with %TAG are not read"), "");
        put_path(f, t->path);
        return false;
    }
    if (!begin_parser(&parser, text, size, f)) return false;
    bool ok = is_bounded(t, &parser, f);
    yaml_parser_delete(&parser);
    return ok;
}

bool yaml_tree_read(yaml_tree *t, const char *text, size_t size, const char *path, failure *f) {
    *t = (yaml_tree){0};
    snprintf(t->path, sizeof t->path, "%s", path ? path : "");
    const size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* some editors begin with it */
    text += mark;
    size -= mark;
    yaml_parser_t parser;
    if (!look_first(t, text, size, f) || !begin_parser(&parser, text, size, f)) return false;
    t->loaded = yaml_parser_load(&parser, &t->document) == 1;
    bool ok = t->loaded || parser_failure(t, &parser, f);
    yaml_parser_delete(&parser);
    if (ok && !texts_are_plain(t, f)) {
        yaml_tree_destroy(t);
        return false;
    }
    return ok;
}

void yaml_tree_destroy(yaml_tree *t) {
    if (t->loaded) yaml_document_delete(&t->document);
    *t = (yaml_tree){0};
}

yaml_value yaml_root(yaml_tree *t) {
    return t->loaded ? yaml_document_get_root_node(&t->document) : NULL;
}

/* libyaml reads a node without changing the document, but asks for a pointer to a changeable one. */
static yaml_value node(const yaml_tree *t, int index) {
    return t->document.nodes.start + index - 1;
}

/* ---- complaints ---- */

bool yaml_place(const yaml_tree *t, yaml_value at, failure *f) {
    if (!f) return false;
    const bool plain = at && at->type == YAML_SCALAR_NODE && at->start_mark.line == at->end_mark.line;
    const int inside = plain && f->line == 1 && f->column > 0 ? f->column - 1 : 0;
    const int quote = plain && at->data.scalar.style != YAML_PLAIN_SCALAR_STYLE ? 1 : 0;
    if (at) {
        put_place(f, at->start_mark);
        f->column += inside ? inside + quote : 0;
    }
    put_path(f, t->path);
    return false;
}

bool yaml_fail(const yaml_tree *t, yaml_value at, failure *f, const char *format, const char *kinds, ...) {
    if (!f) return false;
    *f = (failure){0};
    f->error.status = CONV_BAD_ARGUMENT;
    f->error.format = format;
    va_list arguments;
    va_start(arguments, kinds);
    for (int i = 0; i < CONV_MAX_ARGS && kinds[i]; i++) {
        conv_arg *arg = &f->error.args[f->error.arg_count++];
        if (kinds[i] == 'd') {
            arg->kind = CONV_ARG_INT;
            arg->integer = va_arg(arguments, int64_t);
        } else if (kinds[i] == 'g') {
            arg->kind = CONV_ARG_REAL;
            arg->real = va_arg(arguments, double);
        } else {
            arg->kind = CONV_ARG_TEXT;
            snprintf(arg->text, sizeof arg->text, "%s", va_arg(arguments, const char *));
        }
    }
    va_end(arguments);
    conv_format(f->error.message, (int)sizeof f->error.message, format, f->error.args, f->error.arg_count);
    return yaml_place(t, at, f);
}

/* ---- walking ---- */

int yaml_count(yaml_value v) {
    if (v->type == YAML_SEQUENCE_NODE) return (int)(v->data.sequence.items.top - v->data.sequence.items.start);
    if (v->type == YAML_MAPPING_NODE) return (int)(v->data.mapping.pairs.top - v->data.mapping.pairs.start);
    return 0;
}

yaml_value yaml_item(const yaml_tree *t, yaml_value list, int i) {
    return node(t, list->data.sequence.items.start[i]);
}

yaml_value yaml_key_at(const yaml_tree *t, yaml_value map, int i) {
    return node(t, map->data.mapping.pairs.start[i].key);
}

yaml_value yaml_value_at(const yaml_tree *t, yaml_value map, int i) {
    return node(t, map->data.mapping.pairs.start[i].value);
}

const char *yaml_scalar(yaml_value v) {
    return v->type == YAML_SCALAR_NODE ? (const char *)v->data.scalar.value : NULL;
}

bool yaml_is_null(yaml_value v) {
    const char *text = yaml_scalar(v);
    if (!text || v->data.scalar.style != YAML_PLAIN_SCALAR_STYLE) return false;
    return text[0] == 0 || strcmp(text, "~") == 0 || strcmp(text, "null") == 0;
}

yaml_value yaml_find(const yaml_tree *t, yaml_value map, const char *key) {
    if (map->type != YAML_MAPPING_NODE) return NULL;
    for (int i = 0; i < yaml_count(map); i++) {
        const char *name = yaml_scalar(yaml_key_at(t, map, i));
        if (name && strcmp(name, key) == 0) return yaml_value_at(t, map, i);
    }
    return NULL;
}

/* ---- single values ---- */

bool yaml_expect_list(const yaml_tree *t, yaml_value v, failure *f) {
    return v->type == YAML_SEQUENCE_NODE ||
           yaml_fail(t, v, f, N_("a list is expected here: [..., ...], or lines that begin with \"- \""), "");
}

bool yaml_expect_map(const yaml_tree *t, yaml_value v, failure *f) {
    return v->type == YAML_MAPPING_NODE ||
           yaml_fail(t, v, f, N_("keys with values are expected here: \"key: value\""), "");
}

bool yaml_read_text(const yaml_tree *t, yaml_value v, char **owned, failure *f) {
    const char *text = yaml_scalar(v);
    if (!text) return yaml_fail(t, v, f, N_("a text is expected here"), "");
    char *copy = memory_text(text);
    if (!copy) return fail_memory(f);
    memory_free(*owned);
    *owned = copy;
    return true;
}

bool yaml_read_integer(const yaml_tree *t, yaml_value v, int64_t least, int64_t most, int64_t *value, failure *f) {
    const char *text = yaml_scalar(v);
    if (!text || !number_read_integer(text, value)) {
        return yaml_fail(t, v, f, N_("a whole number is expected here, not \"{0}\""), "s", text ? text : "[...]");
    }
    if (*value < least || *value > most) {
        return yaml_fail(t, v, f, N_("{0} is out of range: {1} to {2} are allowed"), "ddd", *value, least, most);
    }
    return true;
}

bool yaml_read_real(const yaml_tree *t, yaml_value v, double *value, failure *f) {
    const char *text = yaml_scalar(v);
    if (!text || !number_read_real(text, value)) {
        return yaml_fail(t, v, f, N_("a number is expected here, not \"{0}\""), "s", text ? text : "[...]");
    }
    return true;
}

bool yaml_read_bool(const yaml_tree *t, yaml_value v, bool *value, failure *f) {
    const char *text = yaml_scalar(v);
    static const char *const words[] = {"false", "no", "off", "true", "yes", "on"};
    for (int i = 0; text && i < 6; i++) {
        if (strcmp(text, words[i]) == 0) {
            *value = i >= 3;
            return true;
        }
    }
    return yaml_fail(t, v, f, N_("true or false is expected here, not \"{0}\""), "s", text ? text : "[...]");
}

bool yaml_read_phrase(const yaml_tree *t, yaml_value v, phrase *p, failure *f) {
    phrase fresh = {0};
    bool ok = true;
    if (yaml_scalar(v)) {
        for (int l = 0; ok && l < LANGUAGE_COUNT; l++) {
            ok = yaml_read_text(t, v, &fresh.text[l], f);
            fresh.line[l] = (int)v->start_mark.line + 1;
        }
    } else {
        ok = yaml_expect_map(t, v, f);
        for (int i = 0; ok && i < yaml_count(v); i++) {
            yaml_value key = yaml_key_at(t, v, i);
            language l = LANGUAGE_EN;
            const char *code = yaml_scalar(key);
            ok = (code && language_find(code, &l)) ||
                 yaml_fail(t, key, f, N_("\"{0}\" is no language here: en and zh are"), "s", code ? code : "[...]");
            yaml_value said = yaml_value_at(t, v, i);
            if (ok) ok = yaml_read_text(t, said, &fresh.text[l], f);
            if (ok) fresh.line[l] = (int)said->start_mark.line + 1;
        }
    }
    if (!ok) {
        phrase_destroy(&fresh);
        return false;
    }
    phrase_destroy(p);
    *p = fresh;
    return true;
}

/* ---- maps by tables ---- */

static bool read_choice(const yaml_tree *t, yaml_value v, const char *const *choices, int *value, failure *f) {
    const char *text = yaml_scalar(v);
    char all[256] = "";
    for (int i = 0; choices[i]; i++) {
        if (text && strcmp(text, choices[i]) == 0) {
            *value = i;
            return true;
        }
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", i ? ", " : "", choices[i]);
    }
    return yaml_fail(t, v, f, N_("\"{0}\" is none of these: {1}"), "ss", text ? text : "[...]", all);
}

static bool read_key(const yaml_tree *t, const yaml_key *key, yaml_value v, void *into, failure *f) {
    void *member = into ? (char *)into + key->offset : NULL; /* custom keys may need no place */
    if (!member && key->kind != YAML_CUSTOM) return true;
    switch (key->kind) {
    case YAML_TEXT:
        return yaml_read_text(t, v, member, f);
    case YAML_INTEGER:
        return yaml_read_integer(t, v, INT64_MIN, INT64_MAX, member, f);
    case YAML_BOOL:
        return yaml_read_bool(t, v, member, f);
    case YAML_PHRASE:
        return yaml_read_phrase(t, v, member, f);
    case YAML_CHOICE: {
        int value;
        if (!read_choice(t, v, key->choices, &value, f)) return false;
        memcpy(member, &value, sizeof value);
        return true;
    }
    case YAML_CUSTOM:
        return key->read(t, v, into, f);
    case YAML_IGNORE:
        break;
    }
    return true;
}

static const yaml_key *find_key(const yaml_map *maps, int map_count, const char *name) {
    for (int m = 0; m < map_count; m++) {
        for (const yaml_key *k = maps[m].keys; k->name; k++) {
            if (strcmp(k->name, name) == 0) return k;
        }
    }
    return NULL;
}

static bool unknown_key(const yaml_tree *t, yaml_value key, const yaml_map *maps, int map_count, failure *f) {
    char all[sizeof((conv_arg *)0)->text] = "";
    for (int m = 0; m < map_count; m++) {
        for (const yaml_key *k = maps[m].keys; k->name; k++) {
            size_t used = strlen(all);
            if (used + strlen(k->name) + 6 < sizeof all) {
                snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", k->name);
            } else if (strcmp(all + used - 3, "...") != 0) {
                snprintf(all + used, sizeof all - used, ", ...");
            }
        }
    }
    return yaml_fail(t, key, f, N_("there is no key \"{0}\" here: there are {1}"), "ss", yaml_scalar(key), all);
}

static bool check_keys(const yaml_tree *t, yaml_value v, const yaml_map *maps, int map_count, yaml_other *other,
                       void *other_into, failure *f) {
    if (yaml_count(v) > YAML_MAX_KEYS)
        return yaml_fail(t, v, f, N_("more than {0} keys stand here"), "d", (int64_t)YAML_MAX_KEYS);
    for (int i = 0; i < yaml_count(v); i++) {
        yaml_value key = yaml_key_at(t, v, i);
        const char *name = yaml_scalar(key);
        if (!name) return yaml_fail(t, key, f, N_("a key must be a word"), "");
        if (yaml_find(t, v, name) != yaml_value_at(t, v, i)) {
            return yaml_fail(t, key, f, N_("the key \"{0}\" stands here twice"), "s", name);
        }
        bool known = find_key(maps, map_count, name) != NULL;
        if (!known && other && !other(t, key, yaml_value_at(t, v, i), other_into, &known, f)) return false;
        if (!known) return unknown_key(t, key, maps, map_count, f);
    }
    return true;
}

bool yaml_read_maps(const yaml_tree *t, yaml_value v, const yaml_map *maps, int map_count, yaml_other *other,
                    void *other_into, failure *f) {
    if (!yaml_expect_map(t, v, f)) return false;
    if (!other && !check_keys(t, v, maps, map_count, NULL, NULL, f)) return false;
    for (int m = 0; m < map_count; m++) {
        for (const yaml_key *k = maps[m].keys; k->name; k++) {
            yaml_value value = yaml_find(t, v, k->name);
            if (!value && k->required) return yaml_fail(t, v, f, N_("the key \"{0}\" is missing here"), "s", k->name);
            if (value && !read_key(t, k, value, maps[m].into, f)) return false;
        }
    }
    return !other || check_keys(t, v, maps, map_count, other, other_into, f);
}
