#include "source_yaml.h"

#include "app/arrays/source.h"
#include "app/system/memory.h"
#include "app/system/number.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const source_word source_words[] = {{"default", SOURCE_DEFAULT, SOURCE_WITH_SEED},
                                    {"ramp", SOURCE_RAMP, SOURCE_ALONE},
                                    {"impulse", SOURCE_IMPULSE, SOURCE_ALONE},
                                    {"checkerboard", SOURCE_CHECKERBOARD, SOURCE_ALONE},
                                    {"random", SOURCE_RANDOM, SOURCE_WITH_SEED},
                                    {"digit", SOURCE_DIGIT, SOURCE_WITH_VALUE},
                                    {"constant", SOURCE_CONSTANT, SOURCE_WITH_VALUE},
                                    {"picture", SOURCE_PICTURE, SOURCE_WITH_NAME},
                                    {"file", SOURCE_FILE, SOURCE_WITH_NAME},
                                    {"kernel", SOURCE_KERNEL, SOURCE_WITH_NAME},
                                    {NULL, SOURCE_DEFAULT, SOURCE_ALONE}};

static bool no_memory(failure *f) {
    return fail_memory(f);
}

/* ---- "digit 3" ---- */

static bool read_argument(const yaml_tree *t, yaml_value v, const source_word *word, const char *rest, tensor_source *s,
                          failure *f) {
    double value = 0;
    int64_t seed = 0;
    switch (word->argument) {
    case SOURCE_ALONE:
        return *rest == 0 ||
               yaml_fail(t, v, f, N_("\"{0}\" stands alone: \"{1}\" is too much"), "ss", word->word, rest);
    case SOURCE_WITH_SEED:
        if (*rest == 0) return true;
        if (!number_read_integer(rest, &seed) || seed < 0) {
            return yaml_fail(t, v, f, N_("after \"{0}\" a seed may stand, a whole number: not \"{1}\""), "ss",
                             word->word, rest);
        }
        s->seed = (uint64_t)seed;
        return true;
    case SOURCE_WITH_VALUE:
        if (!number_read_real(rest, &value) || !isfinite(value)) {
            return yaml_fail(t, v, f, N_("after \"{0}\" a number is expected, not \"{1}\""), "ss", word->word, rest);
        }
        s->value = value;
        return true;
    case SOURCE_WITH_NAME:
        if (*rest == 0) return yaml_fail(t, v, f, N_("after \"{0}\" a name is expected"), "s", word->word);
        s->name = memory_text(rest);
        return s->name || no_memory(f);
    }
    return true;
}

static bool read_word(const yaml_tree *t, yaml_value v, tensor_source *s, failure *f) {
    const char *text = yaml_scalar(v);
    double number;
    if (number_read_real(text, &number) && isfinite(number)) {
        s->kind = SOURCE_CONSTANT;
        s->value = number;
        return true;
    }
    size_t length = strcspn(text, " ");
    const char *rest = text + length + strspn(text + length, " ");
    for (const source_word *w = source_words; w->word; w++) {
        if (strlen(w->word) == length && strncmp(w->word, text, length) == 0) {
            s->kind = w->kind;
            return read_argument(t, v, w, rest, s, f);
        }
    }
    char all[96] = "";
    for (const source_word *w = source_words; w->word; w++) {
        size_t used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", w->word);
    }
    return yaml_fail(t, v, f, N_("\"{0}\" is no source of numbers: there are {1}, or a list of numbers"), "ss", text,
                     all);
}

/* ---- lists ---- */

typedef struct number_list {
    float *numbers;
    size_t capacity;
    int64_t count;
    conv_shape shape;
} number_list;

/* `depth` axes have been entered. Every list of one depth must have the same length. */
static bool read_list(const yaml_tree *t, yaml_value v, number_list *l, int depth, failure *f) {
    if (yaml_scalar(v)) {
        double value;
        if (depth != l->shape.rank)
            return yaml_fail(t, v, f, N_("a number stands here where its neighbours are lists"), "");
        if (!yaml_read_real(t, v, &value, f)) return false;
        if (l->count >= DOCUMENT_MAX_NUMBERS)
            return yaml_fail(t, v, f, N_("more than {0} numbers: use a .npy file"), "d", (int64_t)DOCUMENT_MAX_NUMBERS);
        if (!memory_reserve(&l->numbers, &l->capacity, (size_t)l->count + 1, sizeof *l->numbers)) return no_memory(f);
        l->numbers[l->count++] = (float)value;
        return true;
    }
    if (!yaml_expect_list(t, v, f)) return false;
    const int count = yaml_count(v);
    if (count == 0) return yaml_fail(t, v, f, N_("an empty list stands here"), "");
    if (depth == l->shape.rank) {
        if (l->count > 0) return yaml_fail(t, v, f, N_("a list stands here where its neighbours are numbers"), "");
        if (depth == CONV_MAX_DIMS)
            return yaml_fail(t, v, f, N_("lists stand inside each other more than {0} deep"), "d",
                             (int64_t)CONV_MAX_DIMS);
        l->shape.size[l->shape.rank++] = count;
    } else if (l->shape.size[depth] != count) {
        return yaml_fail(t, v, f, N_("this list has {0} items, the one before it {1}"), "dd", (int64_t)count,
                         l->shape.size[depth]);
    }
    for (int i = 0; i < count; i++) {
        if (!read_list(t, yaml_item(t, v, i), l, depth + 1, f)) return false;
    }
    return true;
}

static bool read_numbers(const yaml_tree *t, yaml_value v, tensor_source *s, conv_shape *brought, failure *f) {
    number_list l = {0};
    if (!read_list(t, v, &l, 0, f)) {
        memory_free(l.numbers);
        return false;
    }
    s->kind = SOURCE_NUMBERS;
    s->numbers = l.numbers;
    s->count = l.count;
    *brought = l.shape;
    return true;
}

/* ---- maps ---- */

static bool read_from(const yaml_tree *t, yaml_value v, tensor_source *s, conv_shape *brought, failure *f) {
    if (v->type == YAML_SEQUENCE_NODE) return read_numbers(t, v, s, brought, f);
    if (!yaml_scalar(v))
        return yaml_fail(t, v, f, N_("a source of numbers is expected here: a word, a number or a list"), "");
    return read_word(t, v, s, f);
}

static const yaml_key source_keys[] = {{.name = "from", .kind = YAML_IGNORE, .required = true},
                                       {.name = "colour", .kind = YAML_BOOL, .offset = offsetof(tensor_source, colour)},
                                       {.name = "edits", .kind = YAML_IGNORE},
                                       {0}};

/* A file that cannot be read; the name of one that is missing is said. */
static bool unread(const yaml_tree *t, yaml_value v, const tensor_source *s, const failure *why, failure *f) {
    if (f) *f = *why;
    if (strcmp(why->error.message, "there is no such file or folder") != 0) return yaml_place(t, v, f);
    if (s->kind == SOURCE_PICTURE)
        return yaml_fail(t, v, f, N_("there is no picture {0}, neither among the samples nor beside this file"), "s",
                         s->name);
    return yaml_fail(t, v, f, N_("there is no file {0} beside this one"), "s", s->name);
}

bool source_read_yaml(const yaml_tree *t, yaml_value v, tensor_source *s, conv_shape *brought, failure *f) {
    tensor_source fresh = {0};
    *brought = (conv_shape){0};
    bool ok = true;
    if (v->type == YAML_MAPPING_NODE) {
        const yaml_map map = {source_keys, &fresh};
        ok = yaml_read_maps(t, v, &map, 1, NULL, NULL, f) && read_from(t, yaml_find(t, v, "from"), &fresh, brought, f);
    } else {
        ok = read_from(t, v, &fresh, brought, f);
    }
    if (ok && (fresh.kind == SOURCE_PICTURE || fresh.kind == SOURCE_FILE)) {
        failure own = {0};
        ok = source_shape(&fresh, t->base, t->assets, brought, &own) || unread(t, v, &fresh, &own, f);
    }
    if (!ok) {
        tensor_source_destroy(&fresh);
        return false;
    }
    tensor_source_destroy(s);
    *s = fresh;
    return true;
}

/* ---- edits ---- */

bool place_read_yaml(const yaml_tree *t, yaml_value v, const conv_shape *shape, int64_t *index, failure *f) {
    char text[128];
    if (yaml_scalar(v))
        return yaml_read_integer(t, v, 0, INT64_MAX, index, f); /* outside: waits for the shape to come back */
    if (!yaml_expect_list(t, v, f)) return false;
    if (yaml_count(v) != shape->rank) {
        return yaml_fail(t, v, f, N_("{0} numbers are expected here, one for each axis of {1}"), "ds",
                         (int64_t)shape->rank, conv_shape_text(shape, text, (int)sizeof text));
    }
    int64_t position[CONV_MAX_DIMS] = {0};
    for (int a = 0; a < shape->rank; a++) {
        if (!yaml_read_integer(t, yaml_item(t, v, a), 0, shape->size[a] - 1, &position[a], f)) return false;
    }
    *index = conv_shape_index(shape, position);
    return true;
}

bool source_read_edits(const yaml_tree *t, yaml_value v, tensor_source *s, const conv_shape *shape, failure *f) {
    yaml_value edits = yaml_find(t, v, "edits");
    if (!edits) return true;
    if (!yaml_expect_list(t, edits, f)) return false;
    if (yaml_count(edits) > DOCUMENT_MAX_NUMBERS)
        return yaml_fail(t, edits, f, N_("more than {0} edits"), "d", (int64_t)DOCUMENT_MAX_NUMBERS);
    for (int i = 0; i < yaml_count(edits); i++) {
        yaml_value edit = yaml_item(t, edits, i);
        tensor_edit e;
        double value;
        if (edit->type != YAML_SEQUENCE_NODE || yaml_count(edit) != 2) {
            return yaml_fail(t, edit, f, N_("an edit is a place and a number: [[0, 1, 2], 5]"), "");
        }
        if (!place_read_yaml(t, yaml_item(t, edit, 0), shape, &e.index, f)) return false;
        if (!yaml_read_real(t, yaml_item(t, edit, 1), &value, f)) return false;
        e.value = (float)value;
        if (!memory_reserve(&s->edits, &s->edit_capacity, s->edit_count + 1, sizeof *s->edits)) return no_memory(f);
        s->edits[s->edit_count++] = e;
    }
    return true;
}
