/* Copying rows into workspaces and from there: padded, thinned out, turned, interleaved, spread. */
#ifndef ENGINE_KERNEL_COPY_H
#define ENGINE_KERNEL_COPY_H

#include "simd.h"

/* A vector of cells of a row of `size` cells, from cell p on; those outside are 0. */
INLINE vec copy_load(const float *row, int64_t size, int64_t p) {
    if (p >= 0 && p + LANES <= size) return v_load(row + p);
    return p < size && p + LANES > 0 ? v_load_part(row + p, v_between(-p, size - p)) : v_zero();
}

INLINE void copy_adjacent(float *to, const float *row, int64_t size, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES) v_store(to + i, copy_load(row, size, first + i));
}

INLINE void copy_second(float *to, const float *row, int64_t size, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES) {
        int64_t p = first + 2 * i;
        v_store(to + i, v_even(copy_load(row, size, p), copy_load(row, size, p + LANES)));
    }
}

static void kernel_copy(float *to, const float *row, int64_t size, int64_t first, int64_t step, int64_t count) {
    if (step == 1) {
        copy_adjacent(to, row, size, first, count);
        return;
    }
    if (step == 2) {
        copy_second(to, row, size, first, count);
        return;
    }
    int64_t begin = first >= 0 ? 0 : (step - 1 - first) / step;
    int64_t end = first >= size ? 0 : (size - 1 - first) / step + 1;
    begin = begin < count ? begin : count;
    end = end < count ? end : count;
    end = end < begin ? begin : end;
    for (int64_t i = 0; i < begin; i++) to[i] = 0;
    for (int64_t i = begin; i < end; i++) to[i] = row[first + i * step];
    for (int64_t i = end; i < count; i++) to[i] = 0;
}

static void kernel_transpose(const float *from, int64_t from_step, int rows, int columns, float *to, int64_t to_step) {
    vec block[LANES];
    if (rows == LANES && columns == LANES) {
        UNROLL for (int i = 0; i < LANES; i++) block[i] = v_load(from + i * from_step);
        v_transpose(block);
        UNROLL for (int i = 0; i < LANES; i++) v_store(to + i * to_step, block[i]);
        return;
    }
    lanes_mask across = v_first(columns), down = v_first(rows);
    UNROLL for (int i = 0; i < LANES; i++) block[i] = i < rows ? v_load_part(from + i * from_step, across) : v_zero();
    v_transpose(block);
    UNROLL for (int i = 0; i < LANES; i++) {
        if (i < columns) v_store_part(to + i * to_step, down, block[i]);
    }
}

static void kernel_interleave(float *to, const float *even, const float *odd, int64_t count) {
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vec first, second;
        v_interleave(v_load(even + i), v_load(odd + i), &first, &second);
        v_store(to + 2 * i, first);
        v_store(to + 2 * i + LANES, second);
    }
    for (; i < count; i++) {
        to[2 * i] = even[i];
        to[2 * i + 1] = odd[i];
    }
}

static void kernel_spread(float *to, int64_t step, const float *from, int64_t count) {
    if (step != 2) {
        for (int64_t i = 0; i < count; i++) to[i * step] = from[i];
        return;
    }
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) v_store_second(to + 2 * i, v_load(from + i), LANES);
    if (i < count) v_store_second(to + 2 * i, v_load_part(from + i, v_first(count - i)), count - i);
}

#endif
