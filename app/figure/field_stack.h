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
    int64_t first[3], last[3];       /* what the cell is joined to here; empty when first > last */
    point origin, right, down, deep; /* of the first slice: one column, one row, one slice */
    float middle, room;              /* pixels: where it stands, and what it has of the height */
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

/* The walls of a level that are seen: the first slice, and of a volume its last row and its last column. */
enum { WALL_SLICE, WALL_ROW, WALL_COLUMN, LEVEL_WALLS };

/* How the cells of a wall lie in the tensor's channel: from the first one so many down and across, so far apart. */
typedef struct level_wall {
    int64_t first, tall, wide, down, across;
} level_wall;
level_wall field_stack_wall(const int64_t size[3], int wall);

/* Where the cells of a wall are too many or too small to be drawn one by one, its tag's index tells the wall, so that
 * what is pointed at can be found; below -1, as no element's own index is. Its own inverse. */
static inline int64_t wall_index(int64_t wall) {
    return -2 - wall;
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

/* Volumes: the levels as boxes in `area`, one cell size for all, each with as much of the height as it needs. */
void volume_place(field_stack *v, box area);

/* How wide the widest of them is where they are as high as that. */
float volume_width(const field_stack *v, float height);

/* The box of a level with the part of it that the cell is joined to, and the cone from there to the next level. */
void volume_draw(const field_stack *v, const level *t, role r);
void volume_cone(const field_stack *v, const level *below, const level *above);

/* A level's corner of a cell; whether any of it is joined to the cell. */
point level_at(const level *t, float slice, float row, float column);
bool level_joined(const level *t);

/* Cells too many for a grid, and for being pointed at one by one. */
enum { LEVEL_GRID_MOST = 2500, LEVEL_POINTED_MOST = 1200 };

/* The shape that a level shows. */
const conv_shape *field_stack_shape(const field_stack *v, int layer);

#endif
