/* The figure in the window: pointing at cells, typing into them, painting, dragging weights, zoom and pan. */
#ifndef WINDOW_EASEL_H
#define WINDOW_EASEL_H

#include "state.h"

void easel_pass(window_state *w);                  /* what the reader does to it in this pass */
void easel_draw(window_state *w);                  /* the figure, into its region's list */
void easel_reset(window_state *w);                 /* another document: fitted, nothing pointed at */
void easel_point(window_state *w, int dx, int dy); /* by keys: the next cell in that direction */
void easel_edit(window_state *w);                  /* types into the cell that is pointed at */
void easel_pin(window_state *w);
void easel_zoom(window_state *w, float factor, point about); /* about: pixels of the window */
void easel_view(window_state *w, view_id view);
void easel_style(window_state *w, style_id style);
void easel_leave(window_state *w);       /* the document changed: its picture begins as the one that is seen now */
tag easel_at(window_state *w, point at); /* what is drawn at that pixel of the window */
bool easel_same(tag a, tag b);
/* How a settled figure is drawn in the window as it is: nothing pointed at, not zoomed, at its first moment. */
figure_settings easel_settings(const window_state *w);

bool easel_value(window_state *w, tag t, float *value); /* the number of a cell, read from the engine's tensors */
bool easel_can_edit(window_state *w, tag t);            /* the reader may set that number */
void easel_where(window_state *w, tag t, char *text, int size); /* "input[0, 1, 2] = 3" */
bool easel_moves(const window_state *w);                        /* a view is changing */

#endif
