/* Linear upsampling: a tap of each output of a row, whose cells lie beside each other by then. */
#ifndef ENGINE_KERNEL_BLEND_H
#define ENGINE_KERNEL_BLEND_H

#include "simd.h"

static void kernel_blend(float *sum, const float *cells, const float *share, float outer, int64_t count) {
    vec all = v_all(outer);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(sum + i, v_fma(v_load(cells + i), v_mul(all, v_load(share + i)), v_load(sum + i)));
    if (i == count) return;
    lanes_mask m = v_first(count - i);
    vec factor = v_mul(all, v_load_part(share + i, m));
    v_store_part(sum + i, m, v_fma(v_load_part(cells + i, m), factor, v_load_part(sum + i, m)));
}

#endif
