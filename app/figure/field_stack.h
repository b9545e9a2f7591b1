/* The layers of a network as levels, and what one of their cells is joined to: below, all it depends on; above, all
 * that depends on it. */
#ifndef FIGURE_FIELD_STACK_H
#define FIGURE_FIELD_STACK_H

#include "stage.h"

enum { LEVELS_MOST = 10 };

/* Always three axes: slices, rows, columns; the first ones are 1 long where the layers have fewer. */
typedef struct level {
    int layer; /* whose output it is; -1: the network's input */
    int64_t size[3];
    int64_t first[3], last[3]; /* what the cell is joined to here; empty when first > last */
    point origin, right, down; /* of the first slice: one column, one row */
    float pitch;               /* from slice to slice, to the right */
} level;

typedef struct field_stack {
    stage *s;
    int index, layers, last; /* last: the layer on top */
    int dims;                /* spatial axes of all layers */
    conv_network *network;
    level levels[LEVELS_MOST]; /* from the bottom */
    int count;
    int base;                            /* the layer whose cell it is; -1: the input */
    int64_t position[CONV_MAX_SPATIAL];  /* of that cell */
    int64_t at_rest[CONV_MAX_SPATIAL];   /* of the top layer's cell when nothing is pointed at */
    int64_t rest_first[3], rest_last[3]; /* what that one depends on in the input */
    const float *influence;              /* of the input on it, or NULL */
    bool awaited;                        /* ... since it is made elsewhere and not there yet */
} field_stack;

/* Where the cells of a slice are too many or too small to be drawn one by one, its tag's index tells the first of them,
 * so that what is pointed at can be found; below -1, as no element's own index is. Its own inverse. */
static inline int64_t slice_index(int64_t first) {
    return -2 - first;
}

/* Spatial axes of a network's layers: those of the first that has any. */
int field_stack_dims(const conv_network *network);

/* False where no layer slides along one to three axes. */
bool field_stack_read(field_stack *v);

/* How much each input cell matters to the cell at rest, where it is remembered; else NULL, and *makes says whether it
 * can be made: one axis has no map, and of large networks it would take too long. */
const float *field_stack_known(const field_stack *v, bool *makes);

/* The same, made where it can be. */
const float *field_stack_influence(const field_stack *v);

/* The shape that a level shows. */
const conv_shape *field_stack_shape(const field_stack *v, int layer);

#endif
