/* Brings the window's regions onto the screen's pixels, drawing only what changed since the last time. */
#ifndef WINDOW_COMPOSE_H
#define WINDOW_COMPOSE_H

#include "app/surface/raster.h"
#include "state.h"

typedef struct shown_region {
    display_list list; /* as it stands on the screen. Owned */
    box box;
    bool valid;
} shown_region;

typedef struct composer {
    raster *raster;
    shown_region shown[REGION_COUNT];
    int width, height; /* of the screen then */
    bool all;          /* everything must be drawn anew */
} composer;

bool compose_open(composer *c, const fonts *type, failure *f);
void compose_close(composer *c);
void compose_all(composer *c); /* the screen lost its picture */

/* Draws what changed; its places go to `boxes` (room for REGION_COUNT), their number is returned. Takes the lists of
 * w's regions and gives those that were shown before for use again. The pixels are the same as if everything had been
 * drawn. */
int compose_draw(composer *c, window_state *w, raster_target screen, raster_box *boxes);

#endif
