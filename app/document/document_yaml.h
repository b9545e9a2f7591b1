/* The keys of a document in YAML, which lesson pages, scenes, games and the clinic share. They are documented in
 * assets/lessons/README.md. */
#ifndef DOCUMENT_DOCUMENT_YAML_H
#define DOCUMENT_DOCUMENT_YAML_H

#include "document.h"
#include "yaml_tree.h"

enum { DOCUMENT_MAX_NUMBERS = 1 << 20 }; /* literal numbers of one tensor */

/* Changes *d by what the map says; what it does not say stays. `extra`: tables of the caller's own keys in the same
 * map. On failure *d is whole, but partly changed. */
bool document_read_keys(const yaml_tree *t, yaml_value v, document *d, const yaml_map *extra, int extra_count,
                        failure *f);

/* "[1, 5, 5]". */
bool shape_read_yaml(const yaml_tree *t, yaml_value v, conv_shape *shape, failure *f);

extern const char *const document_view_names[], *const document_style_names[];

/* The words of tensor sources: "ramp", "digit 3", "picture cat.png". */
typedef enum source_argument { SOURCE_ALONE, SOURCE_WITH_SEED, SOURCE_WITH_VALUE, SOURCE_WITH_NAME } source_argument;
typedef struct source_word {
    const char *word;
    source_kind kind;
    source_argument argument;
} source_word;
extern const source_word source_words[]; /* ended by a row without a word */

#endif
