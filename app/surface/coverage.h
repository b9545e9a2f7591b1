/* Exact area coverage of polygons, band by band: each edge leaves in every pixel it crosses the area it covers there,
 * and a running sum along the row turns these into coverage (as in Raph Levien's font-rs). Pieces that turn the same
 * way add up. */
#ifndef SURFACE_COVERAGE_H
#define SURFACE_COVERAGE_H

#include "app/figure/display_list.h"

enum { COVERAGE_BAND = 32 }; /* rows at a time */

typedef struct coverage {
    int left, top, right, bottom; /* the pixels that are wanted now */
    int band;                     /* first row of the band */
    int width;                    /* room in a row */
    int32_t *sums; /* COVERAGE_BAND rows of width + 2; zero between uses; 65536 is a whole pixel. Owned */
    int first[COVERAGE_BAND], last[COVERAGE_BAND]; /* columns touched, in each row */
} coverage;

/* Makes room for rows of that many pixels. */
bool coverage_reserve(coverage *c, int width);
void coverage_destroy(coverage *c);

/* Begins the band of rows that starts at `top`. */
void coverage_begin(coverage *c, int left, int top, int right, int bottom);
void coverage_edge(coverage *c, point from, point to);

/* Takes one row out: *x and the returned count say which pixels, `alpha` (room for the row) receives 0..255. */
int coverage_take(coverage *c, int row, int *x, uint8_t *alpha);

#endif
