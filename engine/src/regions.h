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
} regions;

/* False: the padding is not zeros, or there are too many. */
bool regions_of(const patches *p, regions *r);

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

#endif
