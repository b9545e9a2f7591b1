/* What the parts of the rasteriser share. */
#ifndef SURFACE_RASTER_STATE_H
#define SURFACE_RASTER_STATE_H

#include "coverage.h"
#include "glyph.h"
#include "hatch.h"
#include "raster.h"
#include <math.h>

enum { HATCH_MOST = 256, CLIP_MOST = 64, GLYPH_SLOTS = 4096 };

typedef struct glyph_entry {
    uint64_t key; /* 0: free */
    glyph_mask mask;
} glyph_entry;

/* Diagonal lines: their coverage depends on x + y alone. */
typedef struct hatch {
    int period; /* device pixels */
    uint8_t alpha[HATCH_MOST];
} hatch;

struct raster {
    const fonts *typefaces;
    coverage cover;
    uint8_t *row; /* coverage of one row. Owned */
    point *path;  /* points of the shape being drawn. Owned */
    size_t path_count, path_capacity;
    glyph_entry glyphs[GLYPH_SLOTS];
    int glyph_count;
    hatch hatch;
    bool failed; /* out of memory */
    /* The drawing under way. */
    raster_target target;
    float scale;
    raster_box clip;
};

/* What colours a pixel: premultiplied colour; with `lines` only where the hatch covers, anchored at x0 + y0. */
typedef struct source {
    uint32_t color;
    const hatch *lines;
    int anchor;
} source;

static inline uint32_t *raster_row(const raster *r, int y) {
    return (uint32_t *)(void *)((char *)r->target.pixels + (ptrdiff_t)y * r->target.stride);
}

/* c * a / 255 on all four channels, rounded exactly. */
static inline uint32_t scaled(uint32_t c, uint32_t a) {
    uint32_t rb = (c & 0x00FF00FFu) * a + 0x00800080u, ag = ((c >> 8) & 0x00FF00FFu) * a + 0x00800080u;
    rb = ((rb + ((rb >> 8) & 0x00FF00FFu)) >> 8) & 0x00FF00FFu;
    ag = (ag + ((ag >> 8) & 0x00FF00FFu)) & 0xFF00FF00u;
    return rb | ag;
}

static inline uint32_t over(uint32_t below, uint32_t above) {
    return above + scaled(below, 255 - (above >> 24));
}

static inline uint32_t premultiplied(color c) {
    return scaled(0xFF000000u | (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b, c.a);
}

/* Blends `count` pixels from (x, y), inside the clip; alpha NULL: all covered. */
void raster_blend(const raster *r, int x, int y, int count, const uint8_t *alpha, const source *s);

raster_box raster_clip(raster_box a, raster_box b);

/* Items by kind. Coordinates are the list's. */
void raster_rect(raster *r, const item *i);
void raster_shape(raster *r, const display_list *l, const item *i);
void raster_text(raster *r, const display_list *l, const item *i);
void raster_picture(raster *r, const display_list *l, const item *i);

/* A line along the x or the y axis with flat ends, in device pixels; dashed where `gap` is more than 0. */
void raster_straight(raster *r, point from, point to, float width, float dash, float gap, const source *s);

/* A coordinate as a whole number that an int holds: far outside every picture is far enough. */
static inline int raster_whole(float x) {
    return (int)fmaxf(-1e8f, fminf(1e8f, x));
}

#endif
