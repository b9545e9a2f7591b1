/* Writes animated GIF (89a) over giflib, frame by frame: memory does not grow with their number. Only what changes is
 * stored, frames that look alike become one. */
#ifndef SURFACE_GIF_H
#define SURFACE_GIF_H

#include "app/system/file.h"
#include "raster.h"

enum { GIF_COLORS = 255, GIF_CLEAR = 255 }; /* the last index means: what was there before, or nothing */

/* At most 255 colours that stand for those of sample frames: exact when there are no more; else the most frequent ones
 * (fills and inks) exactly, and for the rest (edges of glyphs) the middles of boxes found by median cut. */
typedef struct gif_palette {
    int count;
    uint8_t rgb[GIF_COLORS][3];
} gif_palette;

typedef struct gif_histogram { /* colours and how often they occur */
    struct gif_entry {
        uint32_t rgb, count;
    } * entries; /* open addressing. Owned */
    size_t capacity, used;
} gif_histogram;

bool gif_histogram_add(gif_histogram *h, raster_target pixels, failure *f);
void gif_histogram_destroy(gif_histogram *h);
bool gif_palette_make(const gif_histogram *h, gif_palette *palette, failure *f);

/* Finds the nearest colours; remembers those it was asked for. One thread uses it at a time; what it finds does not
 * depend on what it was asked before. */
typedef struct gif_mapper {
    const gif_palette *palette;
    uint32_t *keys; /* rgb + 1; 0: free. Owned */
    uint8_t *found;
    size_t used;
} gif_mapper;

bool gif_mapper_create(gif_mapper *m, const gif_palette *palette, failure *f);
void gif_mapper_destroy(gif_mapper *m);

/* Writes the indices of the pixels in `part` (one byte each, rows of pixels.width). Those less than half opaque are
 * GIF_CLEAR. */
void gif_map(gif_mapper *m, raster_target pixels, raster_box part, uint8_t *indices);

typedef struct gif_writer gif_writer;

/* Begins a file that repeats for ever; `out` stays the caller's. transparent: frames have clear pixels. */
bool gif_begin(gif_writer **w, file_writer *out, int width, int height, const gif_palette *palette, bool transparent,
               failure *f);
/* One frame of that many hundredths of a second. Copies the indices. */
bool gif_frame(gif_writer *w, const uint8_t *indices, int hundredths, failure *f);
bool gif_end(gif_writer *w, failure *f); /* writes what is left, and frees */
void gif_abandon(gif_writer *w);         /* frees only; NULL is allowed */

#endif
