/* A plane: a grid of an operand's cells, lying flat on the paper or tilted in space, and the marks on it. */
#ifndef FIGURE_PLANE_H
#define FIGURE_PLANE_H

#include "operand.h"

/* A line that ends on a plane: it runs over the cells and behind their numbers. */
typedef struct plane_line {
    point from, to;
    paint look;
} plane_line;

typedef struct plane {
    const operand *of;
    int64_t lead, slice; /* which plane; slices from -before */
    point origin;        /* corner of row 0, column 0 */
    point right, down;   /* one column, one row, in pixels */
    const float *values; /* instead of the operand's; whole tensor */
    int64_t known;       /* elements from this flat index on are blank */
    float fade;          /* 0: as it is; towards 1: set back behind others */
    bool bare;           /* no numbers, except in the cell that is being written */
    bool quiet;          /* none at all: they follow */
    bool tilted;
    bool upright;            /* tilted only because it turns: its cells are as wide as flat ones */
    bool inked;              /* numbers alone: the cells were drawn before */
    const plane_line *under; /* behind the numbers, or NULL */
    int64_t lit;             /* the cell that is being written wears its role's colour: its index + 1; 0: none */
    char label[48];          /* over it */
} plane;

/* One cell while it is drawn; a painter may change it. */
typedef struct grid_cell {
    int64_t row, column; /* from -before */
    int64_t index;       /* of a real cell, and of the cell that a cell of the rim copies; -1: a constant */
    bool rim;
    bool known;
    float value;
    char note[NUMBER_NOTE]; /* small, below the number */
    role note_role;
    int64_t dots;              /* counted in the corner */
    float veil;                /* 0..1: set back */
    bool unread;               /* nothing reads it: hatched */
    const operand *factors[2]; /* in symbols it is the product of two elements of these; NULL: it is not */
    int64_t factor[2];
} grid_cell;

/* Lets a picture change a cell before it is drawn. */
typedef void painter(const stage *s, const plane *p, grid_cell *c, void *context);

point plane_at(const plane *p, float row, float column);
point plane_middle(const plane *p, float row, float column); /* of that cell */
/* Where a line from a point to that cell's middle reaches the cell. */
point plane_edge(const plane *p, float row, float column, point from);
/* Where a point lies on the plane, in rows and columns; false: the plane is seen from its edge. */
bool plane_place(const plane *p, point at, float *row, float *column);
box plane_box(const plane *p); /* rim included */
/* Corners of a tilted plane, rim included: where its rows end, where its columns end, and the one at the back. While
 * the plane turns they stay where they are at rest. */
point plane_left(const plane *p);
point plane_right(const plane *p);
point plane_back(const plane *p);
/* The part of a line that lies on the plane; false: it passes by. */
bool plane_crossed(const plane *p, point from, point to, point *enters, point *leaves);
float plane_cell(const plane *p); /* pixels of a column */

/* Turns a plane without a rim in its own plane about its middle, its numbers upright: 1 is half a turn. */
void plane_turn(plane *p, float turned);

/* Draws all cells. With `paint_cell` NULL every cell is as its operand says. */
void plane_draw(const stage *s, const plane *p, painter *paint_cell, void *context);

/* Outlines rows [row, row + rows) and columns, in fractions of cells, `grow` pixels outside. */
void plane_outline(const stage *s, const plane *p, float row, float column, float rows, float columns, float grow,
                   paint stroke);

/* Lays a colour over cells. */
void plane_wash(const stage *s, const plane *p, float row, float column, float rows, float columns, paint fill);

#endif
