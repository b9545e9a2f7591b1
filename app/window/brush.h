/* Numbers set by hand: typed into a cell, or painted over cells and pixels. Every stroke is undone at once. */
#ifndef WINDOW_BRUSH_H
#define WINDOW_BRUSH_H

#include "state.h"

/* Where several share a pixel of the window, they can be pointed at but not painted. */
static const float brush_least = 1;

/* The side of the pixel of a picture at that point of the window that shows cell t; 0: there is none. */
float brush_pixel(const window_state *w, tag t, point at);

/* Sets the number of a cell; where a colour picture was pressed, of the pixel's three channels. Changes with the same
 * `together` are undone at once; 0: each by itself. */
void brush_set(window_state *w, tag t, float value, uint64_t together);

void brush_begin(window_state *w);          /* at the cell that was pressed, so that painting shows */
void brush_move(window_state *w, point at); /* ... and on, through all pixels on the way */

#endif
