/* Implicit GEMM without gathering the patches: how a layer is cut for it (windows_plan.c), how it is done (windows.c),
 * and how it leaves the padding out (windows_skip.c). */
#ifndef ENGINE_WINDOWS_H
#define ENGINE_WINDOWS_H

#include "algorithm.h"
#include "product.h"
#include "regions.h"
#include "split.h"

enum { MOST_SKIPPED_TAPS = 256 };

/* A tile: some panels of weights of one group for some register tiles of windows. */
typedef struct windows_layer {
    product m;
    int64_t groups, batch, channels;
    int64_t phases;
    int64_t size[CONV_MAX_SPATIAL]; /* cells of a plane that is read */
    int64_t low[CONV_MAX_SPATIAL];  /* the input cell that its first cell is */
    int64_t plane;                  /* floats from one to the next */
    bool padded;                    /* it is a copy: as far as windows reach */
    bool skips;                     /* nothing of the padding is read: windows lie by regions */
    int64_t height, count;          /* windows of a register tile, windows of all samples */
    int64_t depth_block;
    split panel, window, copy; /* panels; register tiles; planes to be copied */
    regions cuts;
} windows_layer;

extern const algorithm windows_algorithm, windows_transposed_algorithm;

/* Whether this is better than gathering. */
bool windows_suit(const conv_layout *layout, unsigned cpu);

windows_layer windows_make(const conv_layout *layout, unsigned cpu);

/* What is different from phase to phase. */
void windows_enter_phase(const conv_layout *layout, windows_layer *a, int64_t phase);

/* Milliseconds of a processor. */
double windows_cost(const conv_layout *layout, const windows_layer *a);

/* Channels of a block of the depth. */
int64_t windows_block_channels(const windows_layer *a);

/* Which tile it is: windows [first, last) of all samples, panels of a group. */
typedef struct windows_place {
    int64_t phase, group, first, last, panel_first, panel_last; /* by regions, only last - first means something */
    int64_t tile_first, tile_last;                              /* register tiles */
    int64_t packed;                                             /* of the phase: floats before it */
} windows_place;

/* Windows [first, last) of one sample: sums [window][channel] to outputs [channel][window]. */
void windows_turn(const windows_layer *a, const windows_place *at, int64_t first, int64_t last, const float *sums,
                  float *to, int64_t to_step);

/* The rest is of windows_skip.c, where a->skips. Taps of all regions. */
int64_t skipping_taps(const windows_layer *a);

/* For a block of the depth, where each region's taps lie, and after them their weights. */
void skipping_list_taps(const windows_layer *a, int32_t *to);

/* Where each window's first tap inside lies; how many windows there are goes to `at`. */
void skipping_list_windows(const windows_layer *a, windows_place *at, const float *from, const float **line);

/* One block of the depth by one panel of weights, region by region: call.c and the lines go on with the windows. */
void skipping_multiply(const windows_layer *a, const windows_place *at, const float *const *line, const int32_t *taps,
                       tile_call *call);

/* Row by row of a region's windows to the output. */
void skipping_put(const algorithm_job *job, const windows_layer *a, const windows_place *at, const float *sums);

/* What lies between the first and the last window of each axis; other regions' windows lie among them. */
void skipping_box(const conv_layout *layout, const windows_layer *a, const windows_place *at, conv_event *event);

#endif
