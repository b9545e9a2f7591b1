/* What {names} in captions stand for: a table of numbers that are read from the engine. assets/lessons/README.md
 * documents them. */
#ifndef DOCUMENT_PLACEHOLDER_H
#define DOCUMENT_PLACEHOLDER_H

#include "lesson.h"

/* What a name was asked for: a layer of a part, an axis, a place in a tensor. */
typedef struct placeholder_query {
    scene *scene;
    moment moment;
    int part, layer;
    const conv_layout *layout; /* of that layer */
    int axis;                  /* from the letter after the name; 0 where the row takes none */
    int place_count;           /* numbers in square brackets */
    int64_t place[CONV_MAX_DIMS];
} placeholder_query;

typedef struct placeholder_value {
    double number;
    char text[256];
} placeholder_value;

typedef enum placeholder_kind {
    PLACEHOLDER_COUNT, /* a whole number or a ratio: may stand in sums, products and quotients */
    PLACEHOLDER_VALUE, /* a number of a tensor: stands alone */
    PLACEHOLDER_TEXT
} placeholder_kind;

/* Where a row's number stands. */
typedef enum placeholder_from {
    FROM_LAYOUT, /* an int64_t of conv_layout at `offset` */
    FROM_AXIS,   /* an int64_t of conv_axis at `offset`: the name takes a letter, unless all axes agree */
    FROM_SHAPE,  /* a conv_shape of conv_layout at `offset` */
    FROM_CALL,   /* `read` */
    FROM_AXIS_CALL
} placeholder_from;

typedef struct placeholder {
    const char *name;
    placeholder_kind kind;
    placeholder_from from;
    size_t offset;
    bool (*read)(const placeholder_query *q, placeholder_value *v, failure *f);
    bool places; /* takes [...] */
} placeholder;

extern const placeholder placeholders[]; /* ended by a row without a name */

#endif
