/* The hatch of negative cells as line segments, for vector surfaces; and how a dashed rectangle's dashes are stretched.
 * The rasteriser draws the same pattern by pixels. */
#ifndef SURFACE_HATCH_H
#define SURFACE_HATCH_H

#include "app/figure/display_list.h"

#define HATCH_SPACING 8.0f /* pixels from line to line, measured along x */
#define HATCH_THICK 1.4f   /* of a line, measured along x */
#define HATCH_WIDTH 0.99f  /* the same across the line: / sqrt 2 */

typedef struct segment {
    point from, to;
} segment;

/* The outline that is hatched: the item's corners, a circle as 32 of them. Returns how many; at most `capacity`. */
int hatch_outline(const display_list *l, const item *i, point *corners, int capacity);

/* The middle lines of the hatch inside an outline. Calls `put` for each segment. */
void hatch_lines(const point *corners, int count, void (*put)(void *context, segment s), void *context);

/* Dash and gap of a rectangle's side, stretched so that each corner lies in the middle of a dash. */
void dash_fit(float side, float dash, float gap, float *fitted_dash, float *fitted_gap);

#endif
