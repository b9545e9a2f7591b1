/* An operand as planes of cells: the last two axes are rows and columns, a 3-D operation's depth makes slices, the
 * other axes make planes. Where the operation pads, the planes have a rim. */
#ifndef FIGURE_OPERAND_H
#define FIGURE_OPERAND_H

#include "stage.h"

typedef struct operand {
    role role;
    int part, layer, which;
    conv_shape shape;
    const float *values; /* NULL: not known */
    int64_t planes;      /* axes before the slices: samples and channels */
    int64_t slices, rows, columns;
    int64_t before[3], after[3]; /* rim in slices, rows, columns */
    conv_padding_mode mode;      /* what the rim reads */
    float constant;
    bool cut;               /* scatter: the rim is what padding cuts off */
    const float *rim;       /* cut: the values with the rim, or NULL */
    float low, high, scale; /* of all values; scale is the largest magnitude */
    bool photo;             /* pictured as a photograph: grey, or RGB where there are three planes */
    bool pictured;          /* shown as a picture however large its cells are */
    int kept;               /* axes at the end that a symbol always names */
    bool symbols;           /* x_ij instead of numbers */
    bool addends;           /* added to what is there: each number wears its sign, a plus too */
    int digits;             /* of the numbers in cells; 0: they do not fit */
    float size;             /* of the type in cells */
} operand;

/* The operand of a part in that role; false when the operation has none. `which`: among several inputs. */
bool operand_of(const stage *s, int index, role r, int which, operand *o);

/* An operand that stands alone: no rim. Ranges are taken from `values`. */
void operand_plain(const stage *s, operand *o, role r, int index, const conv_shape *shape, const float *values);

/* Flat index of a real cell. */
int64_t operand_index(const operand *o, int64_t plane, int64_t slice, int64_t row, int64_t column);

/* The plane, slice, row and column of an element. */
void operand_place(const operand *o, int64_t index, int64_t *plane, int64_t *slice, int64_t *row, int64_t *column);

/* The element that a cell of the rim reads, or -1 where it reads a constant. Real cells read themselves. */
int64_t operand_source(const operand *o, int64_t plane, int64_t slice, int64_t row, int64_t column);

/* Chooses digits and size of the numbers for cells that leave them width x height pixels. `best`: the size where there
 * is room. */
void operand_fit(const stage *s, operand *o, float width, float height, float best);

/* Writes the cell's symbol: the letter to *letter, its indices to `indices`. */
void operand_symbol(const operand *o, int64_t index, char letter[8], char *indices, int size);

/* "input 3 × 5 × 5" in the reader's language; the batch axis is left out when there is one sample. */
void operand_title(const stage *s, const operand *o, char *text, int size);

#endif
