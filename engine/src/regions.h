/* Windows of a convolution that have the same taps inside the input: those of each axis are a few runs, those of all
 * axes boxes of windows. What lies in the padding need then be neither stored nor multiplied: with a dilation of 12 on
 * 33 x 33 cells that is 43% of the products, at a stride of 2 on 14 x 14 9%. */
#ifndef ENGINE_REGIONS_H
#define ENGINE_REGIONS_H

#include "patches.h"

enum { MOST_CUTS = 16, MOST_REGIONS = 128 };

/* Windows of an axis, and their taps inside the input: perhaps none. */
typedef struct cut {
    int64_t first, last, tap_first, tap_last;
} cut;

typedef struct regions {
    cut cut[CONV_MAX_SPATIAL][MOST_CUTS];
    int cuts[CONV_MAX_SPATIAL];
    int count;
    int64_t batch;
    int tile_rows; /* windows of a register tile, at most */
} regions;

/* False: the padding is not zeros, or there are too many. */
bool regions_of(const patches *p, int64_t batch, int tile_rows, regions *r);

/* One of them, its windows numbered in their order. */
typedef struct region {
    cut axis[CONV_MAX_SPATIAL];
    int64_t windows, taps;
} region;

region region_at(const regions *r, int index);

/* Where a region's window is along each axis. */
void region_window(const region *r, int64_t window, int64_t at[CONV_MAX_SPATIAL]);

/* Its taps, ascending, of a window's `p->taps`; and where they lie from the first of them, in planes whose rows are so
 * long. */
void region_taps(const region *r, const patches *p, int32_t *tap, int32_t *at);

/* Windows of all samples are cut in register tiles, region by region; those of a region are equal but for the last. */
int64_t regions_tiles(const regions *r);

/* Windows of its tiles; at least one. */
int64_t region_height(const regions *r, const region *of);

/* Some windows of a region, of all samples: those of a sample after those of the one before. */
typedef struct stretch {
    region region;
    int64_t first, last;
    int index;                                      /* of the region */
    int64_t tile, tiles, tiles_before, taps_before; /* register tiles: the next, the region's; those of all before */
} stretch;

/* The next region of which some windows are in tiles [tile_first, tile_last). Begin with {0}. */
bool next_stretch(const regions *r, int64_t tile_first, int64_t tile_last, stretch *s);

/* Windows of a stretch that lie side by side; none: it is at its end. */
typedef struct row_run {
    int64_t sample, at[CONV_MAX_SPATIAL], count;
    int64_t left; /* windows of the stretch, these included */
} row_run;

row_run first_run(const stretch *s);
void next_run(const stretch *s, row_run *run);

#endif
