/* The one rasteriser: a display list drawn into pixels, antialiased. The window, PNG, GIF and video show what it draws.
 *
 * The same list, scale and fonts give the same bits; drawing in parts gives the bits of the whole. Edges of upright
 * rectangles and their lines lie on whole device pixels, so that grids are crisp and neighbours share an edge;
 * everything else has exact area coverage. Baselines lie on whole rows; glyphs on quarters of a column. */
#ifndef SURFACE_RASTER_H
#define SURFACE_RASTER_H

#include "app/figure/display_list.h"
#include "app/system/failure.h"

/* Pixels in memory: 32 bits each, alpha in the highest byte, then red, green, blue; colours multiplied by alpha
 * (SDL_PIXELFORMAT_ARGB8888, CAIRO_FORMAT_ARGB32). */
typedef struct raster_target {
    void *pixels;
    int width, height;
    int stride; /* bytes from row to row */
    bool keep;  /* what is there shows through: the list's background is not drawn */
} raster_target;

typedef struct raster_box {
    int left, top, right, bottom;
} raster_box; /* device pixels; right and bottom exclusive */

/* Scratch memory and the glyphs drawn before. One thread uses it at a time; several may share `fonts`. */
typedef struct raster raster;

struct fonts;
bool raster_create(raster **r, const struct fonts *typefaces, failure *f);
void raster_destroy(raster *r); /* NULL is allowed */

/* Draws the list, background and all, at `scale` device pixels for each of its own. With `part` only those pixels
 * change. */
bool raster_draw(raster *r, const display_list *l, float scale, raster_target target, const raster_box *part,
                 failure *f);

/* The device pixels that may differ between the pictures of two lists at that scale (empty: none), for redrawing only
 * these. */
raster_box raster_difference(const display_list *before, const display_list *after, float scale);

#endif
