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

enum { MOST_RUNS = 32 };

static int pack_split(const patches *p, int64_t first, int64_t count, pack_run *runs) {
    const patch_axis *z = &p->axis[0], *y = &p->axis[1], *x = &p->axis[2];
    int n = 0;
    for (int64_t at = 0; at < count; n++) {
        int64_t q = first + at, column = q % x->count, line = q / x->count;
        pack_run *r = &runs[n];
        r->at = at;
        r->count = x->count - column < count - at ? x->count - column : count - at;
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
    } else {
        kernel_copy(to, row, x->size, first, x->step, count);
    }
}

/* Taps [k_first, k_last) of windows [first, first + count) into rows of `width` floats. Rows are written in order, in
 * whole vectors, so that up to LANES - 1 floats behind the last one are written too. */
static void kernel_pack(const patches *p, const float *input, int64_t first, int64_t count, int64_t k_first,
                        int64_t k_last, float *to, int64_t width) {
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    pack_run runs[MOST_RUNS];
    int n = pack_split(p, first, count, runs);
    int64_t kx = k_first % ax->taps, line = k_first / ax->taps;
    int64_t ky = line % ay->taps, kz = line / ay->taps % az->taps;
    const float *plane = input + k_first / p->taps * p->plane;
    for (int64_t k = k_first; k < k_last;) {
        for (int i = 0; i < n; i++)
            runs[i].row = pack_row(p, plane, runs[i].z + kz * az->dilation, runs[i].y + ky * ay->dilation);
        for (; kx < ax->taps && k < k_last; kx++, k++) {
            for (int i = 0; i < n; i++)
                pack_cells(ax, to + runs[i].at, runs[i].row, runs[i].x + kx * ax->dilation, runs[i].count);
            to += width;
        }
        kx = 0;
        if (++ky < ay->taps) continue;
        ky = 0;
        if (++kz < az->taps) continue;
        kz = 0;
        plane += p->plane;
    }
}

#endif
