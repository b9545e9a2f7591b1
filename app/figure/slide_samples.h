/* Sampling between cells: deformable convolution's offsets and bilinear upsampling. */
#ifndef FIGURE_SLIDE_SAMPLES_H
#define FIGURE_SLIDE_SAMPLES_H

#include "slide.h"

enum { OFFSETS_MOST = 128 };

/* The offsets (dy, dx) of one output position in the shape of the kernel, and the mask when there is one. */
typedef struct offsets {
    operand of, mask;
    float value[2 * OFFSETS_MOST], weight[OFFSETS_MOST];
    bool masked;
} offsets;

/* Reads the offsets of the window's position. False when the operation has none. */
bool offsets_read(const stage *s, const window *w, offsets *o);

/* A block of them. */
void offsets_block(const stage *s, offsets *o, block *b);

/* Whether this moment has sampling points to show. */
bool samples_shown(const window *w);

/* Arrows from where a tap would have looked to where it samples; for the tap under way the four cells it mixes.
 * The way to a place beyond the stage ends at its edge. */
void samples_draw(const stage *s, const window *w, const plane *p, int64_t channel);

#endif
