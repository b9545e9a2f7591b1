/* Zoom about a point. The picture is laid out anew at each size, with cells of whole pixels: so it grows only nearly
 * evenly, and what was under the pointer is looked for afterwards and put back there. */
#ifndef WINDOW_ZOOM_H
#define WINDOW_ZOOM_H

#include "state.h"

/* After the figure was drawn: true when the pan was corrected, and the figure is to be drawn again. */
bool zoom_settle(window_state *w, const display_list *drawn);

#endif
