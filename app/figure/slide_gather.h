/* What the files of the gathering slide share: the picture of one part under way. Private to them. */
#ifndef FIGURE_SLIDE_GATHER_H
#define FIGURE_SLIDE_GATHER_H

#include "slide_samples.h"
#include "slide_sum.h"

enum { INPUT_MOST = 4, PRODUCTS_MOST = 1024, STATE_MOST = 16384, BLOCKS = INPUT_MOST + 3 };

typedef struct gather {
    stage *s;
    int index;
    window w;
    const detail *detail;
    operand input[INPUT_MOST], weight, products, output;
    int inputs;
    bool goal;                         /* a game's: the output alone, whole from the start */
    bool weighted, multiplies, listed; /* listed: the products have a grid */
    float product[PRODUCTS_MOST];
    block blocks[BLOCKS];
    int count;
    block *kernel, *result;
    const int64_t *reads;
    offsets offsets;
    bool moved;                           /* sampling points are moved by offsets */
    plane_line result_line[BLOCK_PLANES]; /* from the sum to the cell that is written, as each plane has it */
} gather;

static inline bool gather_tilted(const gather *g) {
    return g->s->document->style == STYLE_ISOMETRIC;
}

/* Planes of an operand; in one dimension the channels are rows of one. */
int64_t gather_channels(const gather *g, const operand *o);

/* Lines and frames (gather_lines.c): from what is read over the kernel to what is written, behind the cells; around
 * the patch; around the taps. */
void gather_rays(gather *g);
void gather_frames(const gather *g);
void gather_taps(const gather *g);
void gather_outline(const stage *s, const block *b, const operand *o, int64_t index, color c, float width);

#endif
