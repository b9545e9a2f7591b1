/* A YAML text as a tree, and tables that say which keys a map may have. Every complaint names line and column.
 *
 *     static const yaml_key keys[] = {
 *         {.name = "id", .kind = YAML_TEXT, .offset = offsetof(lesson, id), .required = true}, ..., {0}};
 *     yaml_map maps[] = {{keys, lesson}};
 *     yaml_read_maps(tree, root, maps, 1, f);
 */
#ifndef DOCUMENT_YAML_TREE_H
#define DOCUMENT_YAML_TREE_H

#include "phrase.h"
#include <yaml.h>

typedef struct yaml_tree {
    yaml_document_t document;
    bool loaded;
    char path[512];     /* for messages */
    const char *base;   /* folder that file names are taken from; NULL: any path. The reader's */
    const char *assets; /* the assets folder; NULL: none */
} yaml_tree;

typedef const yaml_node_t *yaml_value;

/* `path` may be NULL. The text is copied into the tree. */
bool yaml_tree_read(yaml_tree *t, const char *text, size_t size, const char *path, failure *f);
void yaml_tree_destroy(yaml_tree *t);
yaml_value yaml_root(yaml_tree *t); /* NULL: the text is empty */

/* Fills *f, puts path, line and column of the value in, and returns false. Arguments as in fail(). */
bool yaml_fail(const yaml_tree *t, yaml_value at, failure *f, const char *format, const char *kinds, ...);
/* The same for a failure that something else filled already; a place it has inside the value is kept where the value is
 * one plain line. */
bool yaml_place(const yaml_tree *t, yaml_value at, failure *f);

/* A list's items, a map's pairs, a map's value by key (NULL: none), a scalar's text (NULL: no scalar). */
int yaml_count(yaml_value v);
yaml_value yaml_item(const yaml_tree *t, yaml_value list, int i);
yaml_value yaml_key_at(const yaml_tree *t, yaml_value map, int i);
yaml_value yaml_value_at(const yaml_tree *t, yaml_value map, int i);
yaml_value yaml_find(const yaml_tree *t, yaml_value map, const char *key);
const char *yaml_scalar(yaml_value v);
bool yaml_is_null(yaml_value v); /* an empty plain scalar, ~ or null */

/* Single values; what is wrong is said. */
bool yaml_expect_list(const yaml_tree *t, yaml_value v, failure *f);
bool yaml_expect_map(const yaml_tree *t, yaml_value v, failure *f);
bool yaml_read_text(const yaml_tree *t, yaml_value v, char **owned, failure *f); /* replaces *owned */
bool yaml_read_integer(const yaml_tree *t, yaml_value v, int64_t least, int64_t most, int64_t *value, failure *f);
bool yaml_read_real(const yaml_tree *t, yaml_value v, double *value, failure *f);
bool yaml_read_bool(const yaml_tree *t, yaml_value v, bool *value, failure *f);
bool yaml_read_phrase(const yaml_tree *t, yaml_value v, phrase *p,
                      failure *f); /* {en: ..., zh: ...}, or one text for all */

typedef enum yaml_kind {
    YAML_TEXT,    /* char *: owned */
    YAML_INTEGER, /* int64_t */
    YAML_BOOL,    /* bool */
    YAML_PHRASE,  /* phrase */
    YAML_CHOICE,  /* an enum (int): the index in `choices` */
    YAML_CUSTOM,  /* `read` does it; `into` is the whole structure */
    YAML_IGNORE   /* read elsewhere */
} yaml_kind;

typedef struct yaml_key {
    const char *name;
    yaml_kind kind;
    size_t offset;
    const char *const *choices; /* ended by NULL */
    bool (*read)(const yaml_tree *t, yaml_value v, void *into, failure *f);
    bool required;
} yaml_key;

/* One table and the structure that it fills. `other`, unless NULL, is asked about keys that no table has: *known =
 * false when it has no use for it. */
typedef struct yaml_map {
    const yaml_key *keys; /* ended by a row without a name */
    void *into;
} yaml_map;

/* Reads a map by tables, in the tables' order. Keys that stand in none of them are refused unless `other` takes them.
 */
typedef bool yaml_other(const yaml_tree *t, yaml_value key, yaml_value v, void *into, bool *known, failure *f);
bool yaml_read_maps(const yaml_tree *t, yaml_value v, const yaml_map *maps, int map_count, yaml_other *other,
                    void *other_into, failure *f);

#endif
