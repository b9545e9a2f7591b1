/* Copying rows into workspaces: padded, thinned out, turned, interleaved. */
#ifndef ENGINE_KERNEL_COPY_H
#define ENGINE_KERNEL_COPY_H

#include "simd.h"

/* Every second cell: whole vectors while both that are read lie inside, then one by one. */
static int64_t copy_second(float *to, const float *row, int64_t size, int64_t first, int64_t begin, int64_t end) {
    int64_t i = begin;
    for (; i + LANES <= end && first + 2 * (i + LANES) <= size; i += LANES) {
        const float *p = row + first + 2 * i;
        v_store(to + i, v_even(v_load(p), v_load(p + LANES)));
    }
    return i;
}

/* Neighbouring cells. Lanes before the row and behind it read 0. */
INLINE void copy_adjacent(float *to, const float *row, int64_t size, int64_t first, int64_t count) {
    for (int64_t i = 0; i < count; i += LANES) {
        int64_t p = first + i;
        if (p >= 0 && p + LANES <= size) {
            v_store(to + i, v_load(row + p));
        } else if (p >= 0) {
            v_store(to + i, p < size ? v_load_part(row + p, v_first(size - p)) : v_zero());
        } else {
            v_store(to + i, v_zero());
            for (int64_t j = -p; j < LANES && p + j < size; j++) to[i + j] = row[p + j];
        }
    }
}

static void kernel_copy(float *to, const float *row, int64_t size, int64_t first, int64_t step, int64_t count) {
    if (step == 1) {
        copy_adjacent(to, row, size, first, count);
        return;
    }
    int64_t begin = first >= 0 ? 0 : (step - 1 - first) / step;
    int64_t end = first >= size ? 0 : (size - 1 - first) / step + 1;
    if (begin > count) begin = count;
    if (end > count) end = count;
    if (end < begin) end = begin;
    for (int64_t i = 0; i < begin; i++) to[i] = 0;
    int64_t i = begin;
    if (step == 2) i = copy_second(to, row, size, first, begin, end);
    for (; i < end; i++) to[i] = row[first + i * step];
    for (; i < count; i++) to[i] = 0;
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

#endif
