/* Gathers what windows read into a panel of a matrix product: one row for each tap, one column for each window. */
#ifndef ENGINE_KERNEL_PACK_H
#define ENGINE_KERNEL_PACK_H

#include "kernel_copy.h"
#include "patches.h"

/* Windows of a panel that lie in one row. */
typedef struct pack_run {
    int64_t z, y, x; /* of the first window, times step, plus base */
    int64_t at, count;
    const float *row;
} pack_run;

enum { MOST_RUNS = 64 };

static int pack_split(const patches *p, int64_t first, int64_t count, int64_t width, int64_t panel_step,
                      pack_run *runs) {
    const patch_axis *z = &p->axis[0], *y = &p->axis[1], *x = &p->axis[2];
    int n = 0;
    for (int64_t at = 0; at < count; n++) {
        int64_t q = first + at, column = q % x->count, line = q / x->count;
        pack_run *r = &runs[n];
        int64_t left = count - at < width - at % width ? count - at : width - at % width;
        r->at = at / width * panel_step + at % width;
        r->count = x->count - column < left ? x->count - column : left;
        r->x = column * x->step + x->base;
        r->y = line % y->count * y->step + y->base;
        r->z = line / y->count * z->step + z->base;
        at += r->count;
    }
    return n;
}

/* The row of a plane on which a kernel row falls; NULL: in padding that reads 0. */
INLINE const float *pack_row(const patches *p, const float *plane, int64_t z, int64_t y) {
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1];
    if (z < 0 || z >= az->size) z = conv_axis_source(az->mode, az->size, z);
    if (y < 0 || y >= ay->size) y = conv_axis_source(ay->mode, ay->size, y);
    return z < 0 || y < 0 ? NULL : plane + (z * ay->size + y) * p->axis[2].size;
}

/* Cells of one row where some lie in padding that copies cells. */
static void pack_mapped(const patch_axis *x, float *to, const float *row, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        int64_t at = first + i * x->step;
        if (at < 0 || at >= x->size) at = conv_axis_source(x->mode, x->size, at);
        to[i] = at < 0 ? 0 : row[at];
    }
}

INLINE void pack_cells(const patch_axis *x, float *to, const float *row, int64_t first, int64_t count) {
    if (row == NULL) {
        for (int64_t i = 0; i < count; i += LANES) v_store(to + i, v_zero());
        return;
    }
    bool inside = first >= 0 && first + (count - 1) * x->step < x->size;
    if (!inside && x->mode != CONV_ZEROS) {
        pack_mapped(x, to, row, first, count);
    } else if (x->step == 1) {
        copy_adjacent(to, row, x->size, first, count);
    } else if (x->step == 2) {
        copy_second(to, row, x->size, first, count);
    } else {
        kernel_copy(to, row, x->size, first, x->step, count);
    }
}

/* What one vector of a panel is loaded from. It is the same in every input channel, so it is worked out once for a
 * panel. */
typedef struct pack_piece {
    int32_t at, from;               /* within the rows of a channel in the panel, and within its plane */
    lanes_mask inside, inside_next; /* cells that are there; a step of 2 loads two vectors */
} pack_piece;

enum { MOST_PIECES = 320 };

/* The pieces of all taps; -1: too many, or not to be had by masks. */
static int pack_pieces(const patches *p, const pack_run *runs, int n, int64_t width, pack_piece *pieces) {
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int count = 0;
    if (ax->mode != CONV_ZEROS || ax->step > 2 || p->plane > INT32_MAX / 2 || p->taps * width > INT32_MAX / 2)
        return -1;
    for (int64_t tap = 0; tap < p->taps; tap++) {
        int64_t kx = tap % ax->taps, ky = tap / ax->taps % ay->taps, kz = tap / ax->taps / ay->taps;
        for (int r = 0; r < n; r++) {
            int64_t z = runs[r].z + kz * az->dilation, y = runs[r].y + ky * ay->dilation;
            int64_t row = z < 0 || z >= az->size || y < 0 || y >= ay->size ? -1 : (z * ay->size + y) * ax->size;
            for (int64_t i = 0; i < runs[r].count; i += LANES) {
                if (count == MOST_PIECES) return -1;
                int64_t x = runs[r].x + kx * ax->dilation + i * ax->step, size = row < 0 ? 0 : ax->size;
                bool any = row >= 0 && x < size && x + 2 * LANES > 0;
                pieces[count++] =
                    (pack_piece){.at = (int32_t)(tap * width + runs[r].at + i),
                                 .from = any ? (int32_t)(row + x) : 0,
                                 .inside = any ? v_between(-x, size - x) : v_first(0),
                                 .inside_next = any ? v_between(-x - LANES, size - x - LANES) : v_first(0)};
            }
        }
    }
    return count;
}

INLINE void pack_channels(const float *plane, int64_t plane_step, int64_t channels, const pack_piece *pieces, int count,
                          bool second, float *to, int64_t to_step) {
    for (; channels > 0; channels--, plane += plane_step, to += to_step)
        for (int i = 0; i < count; i++) {
            const pack_piece *piece = &pieces[i];
            __builtin_prefetch(plane + 2 * plane_step + piece->from);
            vec v = v_load_part(plane + piece->from, piece->inside);
            if (second) v = v_even(v, v_load_part(plane + piece->from + LANES, piece->inside_next));
            v_store(to + piece->at, v);
        }
}

/* One tap after the other: any range of taps, any padding. */
static void pack_taps(const patches *p, const float *input, pack_run *runs, int n, int64_t k_first, int64_t k_last,
                      float *to, int64_t width) {
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int64_t kx = k_first % ax->taps, line = k_first / ax->taps;
    int64_t ky = line % ay->taps, kz = line / ay->taps % az->taps;
    const float *plane = input + k_first / p->taps * p->plane;
    for (int64_t k = k_first; k < k_last;) {
        for (int i = 0; i < n; i++)
            runs[i].row = pack_row(p, plane, runs[i].z + kz * az->dilation, runs[i].y + ky * ay->dilation);
        for (; kx < ax->taps && k < k_last; kx++, k++, to += width)
            for (int i = 0; i < n; i++)
                pack_cells(ax, to + runs[i].at, runs[i].row, runs[i].x + kx * ax->dilation, runs[i].count);
        kx = 0;
        if (++ky < ay->taps) continue;
        ky = 0;
        if (++kz < az->taps) continue;
        kz = 0;
        plane += p->plane;
    }
}

/* Taps [k_first, k_last) of windows [first, first + count) into panels of rows of `width` floats, panel_step floats
 * apart. Rows are written in order, in whole vectors, so that up to LANES - 1 floats behind the last one are written
 * too. Several panels at once read more of each input row while it is at hand. */
static void kernel_pack(const patches *p, const float *input, int64_t first, int64_t count, int64_t k_first,
                        int64_t k_last, float *to, int64_t width, int64_t panel_step) {
    pack_run runs[MOST_RUNS];
    pack_piece pieces[MOST_PIECES];
    bool whole_channels = k_first % p->taps == 0 && k_last % p->taps == 0;
    int n = pack_split(p, first, count, width, panel_step, runs), vectors = -1;
    if (whole_channels) vectors = pack_pieces(p, runs, n, width, pieces);
    if (vectors < 0 && count > width) {
        for (; count > 0; first += width, count -= width, to += panel_step)
            kernel_pack(p, input, first, count < width ? count : width, k_first, k_last, to, width, panel_step);
    } else if (vectors < 0) {
        pack_taps(p, input, runs, n, k_first, k_last, to, width);
    } else {
        const float *plane = input + k_first / p->taps * p->plane;
        int64_t channels = (k_last - k_first) / p->taps;
        if (p->axis[2].step == 1)
            pack_channels(plane, p->plane, channels, pieces, vectors, false, to, p->taps * width);
        else
            pack_channels(plane, p->plane, channels, pieces, vectors, true, to, p->taps * width);
    }
}

#endif
