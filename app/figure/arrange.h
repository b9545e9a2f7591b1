/* Blocks of planes and where they stand: one cell size for all of them, the largest that fits. */
#ifndef FIGURE_ARRANGE_H
#define FIGURE_ARRANGE_H

#include "plane.h"

enum { BLOCK_PLANES = 64 };

typedef struct block {
    plane planes[BLOCK_PLANES]; /* line by line */
    int count;
    int across;   /* planes in a line */
    bool wraps;   /* may be broken into lines as fits best */
    bool wide;    /* ... rather into few lines, of equal length where there are equal ones */
    bool swaps;   /* lines and columns may change places */
    bool labels;  /* planes have labels over them */
    int column;   /* blocks of one column of the picture stand one under the other */
    float gap;    /* between planes, in units */
    float closer; /* tilted: lines stand that part of a plane's height closer, 0..1 */
    float foot;   /* free room under it, in units */
    float margin; /* free room at its right, in units */
    role role;    /* the title's ink */
    char title[128];
    char remark[128]; /* under the title, small; "" for none */
    float words;      /* pixels that title and remark take, and the widest label; measured by arrange_fit */
    float label_words;
    box box;    /* placed: the planes and their labels */
    float top;  /* placed: where the title begins */
    bool pile;  /* lines are the slices of volumes: drawn from the bottom, their corners joined */
    bool taken; /* placed: labels have room of their own */
} block;

/* How the blocks of a picture stand: pictures side by side that show the same operation stand alike. */
enum { FORM_BLOCKS = 8 };
typedef struct arrangement_form {
    int count; /* of blocks; 0: not known */
    signed char column[FORM_BLOCKS];
    int planes[FORM_BLOCKS], across[FORM_BLOCKS];
} arrangement_form;

void arrange_note_form(arrangement_form *form, const block *blocks, int count);
bool arrange_same_form(const arrangement_form *a, const arrangement_form *b);
bool arrange_shows_as_much(const arrangement_form *a, const arrangement_form *b); /* as b, plane for plane */

/* Takes planes of as many in a block as the form has into its lines; they are no longer broken as fits best. */
void arrange_take_form(const arrangement_form *form, block *blocks, int count);

/* The largest cell, at most `most`, at which the blocks stand in `area`; chooses how they are broken into lines. */
float arrange_fit(const stage *s, block *blocks, int count, bool tilted, box area, float most);

/* Its parts: words measured (they do not depend on the cells), room over the planes, lines and columns of planes
 * exchanged. */
void arrange_measure(const stage *s, block *blocks, int count);
float block_head(const stage *s, const block *b);
void block_swap(block *b);

/* As arrange_fit, also trying the blocks in fewer columns: `patterns` are rows of `count` columns each, the first one
 * preferred. What was found is remembered with the scene. */
float arrange_best(const stage *s, block *blocks, int count, bool tilted, box area, float most,
                   const signed char (*patterns)[8], int pattern_count);
float arrange_search(const stage *s, block *blocks, int count, bool tilted, box area, float most,
                     const signed char (*patterns)[8], int pattern_count); /* tries, remembers nothing */

/* Places the planes for that cell, centred in the area, and fits the numbers of `operands` to the cells. */
void arrange_place(const stage *s, block *blocks, int count, bool tilted, box area, float cell);
void arrange_numbers(const stage *s, operand *o, bool tilted, float cell);

/* Draws all planes of the block. */
void block_draw(const stage *s, const block *b, painter *paint_cell, void *context);

/* Turns lines of `slices` planes into piles: one over the other, the volumes side by side. `closed`, 0..1: how far they
 * are pushed together into one block, whose lower slices have no numbers. */
void block_pile(block *b, int slices, float closed);

/* Title, remark and labels of a block. */
void block_words(const stage *s, const block *b);

/* Adds a plane of an operand; NULL when the block is full. */
plane *block_add(block *b, const operand *o, int64_t lead, int64_t slice);

/* The plane of a block that shows that lead and slice of the operand, or NULL. */
const plane *block_find(const block *b, const operand *o, int64_t lead, int64_t slice);

#endif
