#include "parameter.h"
#include "app/system/number.h"
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_TRIES = 64 };

static const conv_spec *spec_of(const window_state *w, int layer) {
    return &w->history.document.parts[0].layers[layer].spec;
}

/* ---- text ---- */

static void scalar_text(const window_state *w, const conv_scalar *s, char *text, size_t size) {
    switch (s->kind) {
    case CONV_VALUE_NONE:
        snprintf(text, size, "None");
        break;
    case CONV_VALUE_BOOL:
        snprintf(text, size, "%s", say(w, s->integer ? N_("yes") : N_("no")));
        break;
    case CONV_VALUE_INT:
        snprintf(text, size, "%lld", (long long)s->integer);
        break;
    default:
        number_write(s->real, 6, text, size);
        break;
    }
}

static bool same_scalar(const conv_scalar *a, const conv_scalar *b) {
    return a->kind == b->kind && a->integer == b->integer && !(a->real < b->real) && !(a->real > b->real);
}

void parameter_text(const window_state *w, int layer, int param, char *text, int size) {
    conv_value v;
    conv_spec_get(spec_of(w, layer), param, &v);
    if (v.kind == CONV_VALUE_TEXT) {
        snprintf(text, (size_t)size, "%s", v.text);
    } else if (v.kind == CONV_VALUE_TUPLE) {
        bool alike = v.count > 0 && spec_of(w, layer)->op->params[param].type != CONV_PARAM_DIMS;
        for (int i = 1; i < v.count; i++) alike = alike && same_scalar(&v.item[0], &v.item[i]);
        int used = 0, count = alike ? 1 : v.count;
        text[0] = 0;
        for (int i = 0; i < count && used < size; i++) {
            char number[40];
            scalar_text(w, &v.item[i], number, sizeof number);
            used += snprintf(text + used, (size_t)(size - used), "%s%s", i ? ", " : "", number);
        }
    } else {
        const conv_scalar none = {.kind = CONV_VALUE_NONE};
        scalar_text(w, v.kind == CONV_VALUE_NONE ? &none : &v.scalar, text, (size_t)size);
    }
}

static bool scalar_read(const char *word, conv_scalar *s) {
    static const struct {
        const char *word;
        conv_value_kind kind;
        int64_t value;
    } words[] = {{"None", CONV_VALUE_NONE, 0},        {"True", CONV_VALUE_BOOL, 1},
                 {"False", CONV_VALUE_BOOL, 0},       {"yes", CONV_VALUE_BOOL, 1},
                 {"no", CONV_VALUE_BOOL, 0},          {"\xe6\x98\xaf", CONV_VALUE_BOOL, 1},
                 {"\xe5\x90\xa6", CONV_VALUE_BOOL, 0}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(word, words[i].word) == 0) {
            *s = (conv_scalar){words[i].kind, words[i].value, 0};
            return true;
        }
    }
    int64_t integer;
    double real;
    if (number_read_integer(word, &integer))
        *s = (conv_scalar){CONV_VALUE_INT, integer, (double)integer};
    else if (number_read_real(word, &real))
        *s = (conv_scalar){CONV_VALUE_REAL, 0, real};
    else
        return false;
    return true;
}

static void trim(char *word) {
    static const char around[] = " \t\n'\"()[]";
    size_t length = strlen(word);
    while (length && strchr(around, word[length - 1])) word[--length] = 0;
    size_t skip = strspn(word, around);
    memmove(word, word + skip, length - (skip < length ? skip : length) + 1);
}

bool parameter_read(const char *text, conv_value *value) {
    char words[256];
    *value = (conv_value){0};
    if (snprintf(words, sizeof words, "%s", text) >= (int)sizeof words) return false;
    bool several = strchr(words, ',') || strchr(words, '(') || strchr(words, '[') || strchr(words, 'x');
    if (several && !isdigit((unsigned char)words[strcspn(words, "x")]) &&
        strspn(words, "0123456789 x") == strlen(words)) {
        for (char *c = words; *c; c++) *c = *c == 'x' ? ',' : *c; /* 3x5 */
    }
    several = strchr(words, ',') || strchr(words, '(') || strchr(words, '[');
    trim(words);
    if (!*words) return false;
    if (!several) {
        conv_scalar s;
        if (scalar_read(words, &s)) {
            value->kind = s.kind;
            value->scalar = s;
        } else {
            value->kind = CONV_VALUE_TEXT;
            if (snprintf(value->text, sizeof value->text, "%s", words) >= (int)sizeof value->text) return false;
        }
        return true;
    }
    value->kind = CONV_VALUE_TUPLE;
    for (char *word = words, *next; word; word = next) {
        next = strchr(word, ',');
        if (next) *next++ = 0;
        trim(word);
        if (!*word && !next && value->count > 0) break; /* a trailing comma */
        if (value->count == CONV_MAX_DIMS || !scalar_read(word, &value->item[value->count])) return false;
        value->count++;
    }
    return true;
}

/* ---- changing ---- */

static bool set(window_state *w, int layer, int param, const conv_value *value, failure *why) {
    change c = {.kind = CHANGE_PARAMETER, .layer = layer, .number = param, .value = *value};
    return state_change(w, &c, why);
}

static void scalar_step(conv_scalar *s, int direction) {
    if (s->kind == CONV_VALUE_BOOL) {
        s->integer = !s->integer;
    } else if (s->kind == CONV_VALUE_REAL) {
        s->real =
            (double)(int64_t)((s->real + 0.1 * direction) * 1e6 + (s->real + 0.1 * direction < 0 ? -0.5 : 0.5)) / 1e6;
    } else {
        s->integer = (s->kind == CONV_VALUE_INT ? s->integer : 0) + direction;
        s->kind = CONV_VALUE_INT;
        s->real = (double)s->integer;
    }
}

/* The next order of the axes, as in a dictionary. */
static void next_order(conv_value *v, int direction) {
    int n = v->count, i = n - 2;
    int64_t sign = direction;
    while (i >= 0 && sign * v->item[i].integer >= sign * v->item[i + 1].integer) i--;
    if (i < 0) return;
    int k = n - 1;
    while (sign * v->item[k].integer <= sign * v->item[i].integer) k--;
    conv_scalar t = v->item[i];
    v->item[i] = v->item[k];
    v->item[k] = t;
    for (int a = i + 1, b = n - 1; a < b; a++, b--) {
        t = v->item[a];
        v->item[a] = v->item[b];
        v->item[b] = t;
    }
}

static bool next_choice(const conv_param *p, conv_value *v, int direction) {
    int count = 0, at = 0;
    while (p->choices && p->choices[count]) {
        if (strcmp(p->choices[count], v->text) == 0) at = count;
        count++;
    }
    if (count == 0) return false;
    at = (at + direction + count) % count;
    snprintf(v->text, sizeof v->text, "%s", p->choices[at]);
    v->kind = CONV_VALUE_TEXT;
    return true;
}

static bool next_value(const conv_param *p, conv_value *v, int direction) {
    if (p->type == CONV_PARAM_CHOICE) return next_choice(p, v, direction);
    if (p->type == CONV_PARAM_DIMS) {
        next_order(v, direction);
        return true;
    }
    if (v->kind == CONV_VALUE_TEXT) { /* 'same': back to numbers */
        *v = (conv_value){.kind = CONV_VALUE_INT,
                          .scalar = {CONV_VALUE_INT, direction > 0 ? 1 : 0, direction > 0 ? 1 : 0}};
        return true;
    }
    if (v->kind == CONV_VALUE_TUPLE) {
        for (int i = 0; i < v->count; i++) scalar_step(&v->item[i], direction);
        return true;
    }
    if (v->kind == CONV_VALUE_NONE) v->scalar = (conv_scalar){CONV_VALUE_INT, 0, 0};
    scalar_step(&v->scalar, direction);
    v->kind = v->scalar.kind;
    return true;
}

bool parameter_step(window_state *w, int layer, int param, int direction, failure *why) {
    const conv_param *p = &spec_of(w, layer)->op->params[param];
    conv_value v;
    failure first = {0}, f;
    conv_spec_get(spec_of(w, layer), param, &v);
    int tries = p->type == CONV_PARAM_BOOL ? 1 : p->type == CONV_PARAM_CHOICE ? 4 : MOST_TRIES;
    for (int i = 0; i < tries && next_value(p, &v, direction); i++) {
        f = (failure){0};
        if (set(w, layer, param, &v, &f)) {
            *why = first;
            return true;
        }
        if (i == 0) first = f;
        const conv_scalar *s = v.kind == CONV_VALUE_TUPLE ? &v.item[0] : &v.scalar;
        if (s->kind == CONV_VALUE_INT && s->integer < p->least && direction < 0) break;
    }
    *why = first;
    return false;
}

bool parameter_type(window_state *w, int layer, int param, const char *text, failure *why) {
    conv_value v;
    if (!parameter_read(text, &v)) return fail(why, N_("that is no value: type for example 3, or 3, 5"), "");
    return set(w, layer, param, &v, why);
}
