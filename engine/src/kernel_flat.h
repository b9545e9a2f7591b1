/* Depthwise planes narrower than a vector, each as one long row: a tap reads the cells `shift` farther on, and lanes
 * whose tap falls beyond an end of their row read 0. */
#ifndef ENGINE_KERNEL_FLAT_H
#define ENGINE_KERNEL_FLAT_H

#include "kernels.h"
#include "simd.h"

enum { FLAT_VECTORS = 4 }; /* as many sums as an addition takes cycles */

INLINE void flat_vectors(const flat_call *c, int vectors, int64_t first, const float *plane, const float *weight,
                         float *output) {
    vec sum[FLAT_VECTORS];
    UNROLL for (int j = 0; j < vectors; j++) sum[j] = v_zero();
    const uint32_t *inside = c->inside + first;
    for (int t = 0; t < c->taps; t++, inside += c->vectors) {
        vec w = v_all(weight[t]);
        const float *from = plane + first * LANES + c->shift[t];
        UNROLL for (int j = 0; j < vectors; j++) sum[j] = v_fma(v_load_lanes(from + j * LANES, inside[j]), w, sum[j]);
    }
    UNROLL for (int j = 0; j < vectors; j++) {
        vec y = c->bias ? v_add(sum[j], v_all(weight[c->taps])) : sum[j];
        int64_t at = (first + j) * LANES;
        if (at + LANES <= c->cells)
            v_store(output + at, y);
        else
            v_store_part(output + at, v_first(c->cells - at), y);
    }
}

static void kernel_flat(const flat_call *c) {
    const float *plane = c->plane, *weight = c->weight;
    float *output = c->output;
    for (int64_t p = 0; p < c->planes; p++, plane += c->plane_step, output += c->cells, weight += c->taps + 1) {
        int64_t v = 0;
        for (; v + FLAT_VECTORS <= c->vectors; v += FLAT_VECTORS)
            flat_vectors(c, FLAT_VECTORS, v, plane, weight, output);
        int64_t left = c->vectors - v;
        if (left == 3) flat_vectors(c, 3, v, plane, weight, output);
        if (left == 2) flat_vectors(c, 2, v, plane, weight, output);
        if (left == 1) flat_vectors(c, 1, v, plane, weight, output);
    }
}

#endif
