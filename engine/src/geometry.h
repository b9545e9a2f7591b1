/* The arithmetic of one axis: where taps land, and how often a cell is met. */
#ifndef ENGINE_GEOMETRY_H
#define ENGINE_GEOMETRY_H

#include "conv/layout.h"

/* An axis that nothing slides along: one window of one tap for each cell. */
conv_axis axis_neutral(int64_t size);

static inline int64_t axis_tap(const conv_axis *axis, int64_t window, int64_t tap) {
    return window * axis->stride + tap * axis->dilation - axis->pad_before;
}

/* The input cell that a gathering tap reads: -1 for a constant. */
static inline int64_t axis_source(const conv_axis *axis, int64_t p) {
    return p >= 0 && p < axis->in ? p : conv_axis_source(axis->mode, axis->in, p);
}

/* The window whose tap lands on padded coordinate p; -1 if none of the `windows` does. */
static inline int64_t axis_window(const conv_axis *axis, int64_t windows, int64_t p, int64_t tap) {
    int64_t distance = p + axis->pad_before - tap * axis->dilation;
    if (distance < 0 || distance % axis->stride != 0) return -1;
    int64_t window = distance / axis->stride;
    return window < windows ? window : -1;
}

/* Gathering: how many taps of all windows read input cell `cell`, itself or as its copy in the padding. */
int64_t axis_reads(const conv_axis *axis, int64_t cell);

/* Gathering: calls visit for each tap that reads the cell, with padded coordinate, window and tap. */
typedef void axis_visit(void *context, int64_t p, int64_t window, int64_t tap);
void axis_each_reader(const conv_axis *axis, int64_t cell, axis_visit *visit, void *context);

/* Scattering: how many windows have a tap that lands on output cell `cell`. */
int64_t axis_lands(const conv_axis *axis, int64_t cell);

/* Scattering: how many taps of a window land inside the output. */
int64_t axis_kept(const conv_axis *axis, int64_t window);

/* Pairs of window and tap with 0 <= padded coordinate < size, for `windows` windows: in time that does not depend on
 * the sizes. -1 when the count does not fit in 63 bits. */
int64_t axis_inside(const conv_axis *axis, int64_t windows, int64_t size);

/* Cells of an axis in C order, as index and position within the three axes. */
static inline void axes_position(const conv_axis *axis, bool output, int64_t index,
                                 int64_t position[CONV_MAX_SPATIAL]) {
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        int64_t size = output ? axis[i].out : axis[i].in;
        position[i] = index % size;
        index /= size;
    }
}

int64_t greatest_divisor(int64_t a, int64_t b);

/* Number of cells of a plane or volume, and of taps of a kernel. */
int64_t axes_inputs(const conv_axis *axis);
int64_t axes_outputs(const conv_axis *axis);
int64_t axes_taps(const conv_axis *axis);

/* The hull of the input cells that windows [first, last] read (gather), or whose stamps land on cells [first, last]
 * (scatter). */
void axis_reach_gather(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last);
void axis_reach_scatter(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last);

#endif
