/* Depthwise planes, as many channels at once as a vector has lanes: cells are turned into vectors of channels, laid
 * out with the padding around them, multiplied by vectors of weights, and turned back. */
#ifndef ENGINE_KERNEL_CHANNELS_H
#define ENGINE_KERNEL_CHANNELS_H

#include "kernels.h"
#include "simd.h"

enum { CHANNELS_COLUMNS = 8 }; /* of a block of sums, at most */

/* The cells of each channel to vectors in the room. What ends within a vector is done by the last whole one, cells
 * again that were done before, where there is one. */
INLINE void channels_fill_vector(const channels_call *c, int64_t first, bool whole) {
    vec block[LANES];
    lanes_mask there = v_first(c->plane - first);
    const float *from = c->input + first;
    UNROLL for (int i = 0; i < LANES; i++) {
        if (whole)
            block[i] = v_load(from + i * c->plane);
        else
            block[i] = i < c->channels ? v_load_part(from + i * c->plane, there) : v_zero();
    }
    v_transpose(block);
    UNROLL for (int j = 0; j < LANES; j++) {
        if (whole || first + j < c->plane) v_store(c->room + (int64_t)c->place[first + j] * LANES, block[j]);
    }
}

static void channels_fill(const channels_call *c) {
    bool whole = c->channels == LANES && c->plane >= LANES;
    for (int64_t i = 0; i < c->plane; i += LANES) {
        if (whole)
            channels_fill_vector(c, i + LANES <= c->plane ? i : c->plane - LANES, true);
        else
            channels_fill_vector(c, i, false);
    }
}

INLINE void channels_empty_vector(const channels_call *c, int64_t first, bool whole) {
    vec block[LANES];
    int64_t cells = c->rows * c->columns;
    lanes_mask there = v_first(cells - first);
    float *to = c->output + first;
    UNROLL for (int j = 0; j < LANES; j++) block[j] =
        whole || first + j < cells ? v_load(c->sums + (first + j) * LANES) : v_zero();
    v_transpose(block);
    UNROLL for (int i = 0; i < LANES; i++) {
        if (whole)
            v_store(to + i * cells, block[i]);
        else if (i < c->channels)
            v_store_part(to + i * cells, there, block[i]);
    }
}

static void channels_empty(const channels_call *c) {
    int64_t cells = c->rows * c->columns;
    bool whole = c->channels == LANES && cells >= LANES;
    for (int64_t i = 0; i < cells; i += LANES) {
        if (whole)
            channels_empty_vector(c, i + LANES <= cells ? i : cells - LANES, true);
        else
            channels_empty_vector(c, i, false);
    }
}

/* rows x columns outputs from output (row, column) on. */
INLINE void channels_block(const channels_call *c, int rows, int columns, int step, int64_t row, int64_t column) {
    vec sum[2][CHANNELS_COLUMNS];
    UNROLL for (int r = 0; r < rows; r++) {
        UNROLL for (int j = 0; j < columns; j++) sum[r][j] = v_zero();
    }
    const float *from = c->room + (row * c->stride * c->room_row + column * step) * LANES, *weight = c->weight;
    int64_t below = c->stride * c->room_row * LANES;
    for (int y = 0; y < c->kernel_rows; y++, from += c->dilation_rows * c->room_row * LANES) {
        const float *cell = from;
        for (int x = 0; x < c->kernel_columns; x++, cell += c->dilation_columns * LANES, weight += LANES) {
            vec w = v_load(weight);
            UNROLL for (int r = 0; r < rows; r++) {
                UNROLL for (int j = 0; j < columns; j++) sum[r][j] =
                    v_fma(v_load(cell + r * below + (int64_t)j * step * LANES), w, sum[r][j]);
            }
        }
    }
    UNROLL for (int r = 0; r < rows; r++) {
        float *to = c->sums + ((row + r) * c->columns + column) * LANES;
        UNROLL for (int j = 0; j < columns; j++)
            v_store(to + (int64_t)j * LANES, c->bias ? v_add(sum[r][j], v_load(weight)) : sum[r][j]);
    }
}

typedef void channels_walk(const channels_call *c);

/* All outputs in blocks of so many columns, the last of a row again where they end within one; two rows at a time
 * where the sums of both fit in the registers. */
#define CHANNELS_WALK(columns_, step_)                                                                                 \
    static void channels_walk_##columns_##_##step_(const channels_call *c) {                                           \
        enum { TOGETHER = (columns_) <= SUM_ROWS ? 2 : 1 };                                                            \
        for (int64_t row = 0; row < c->rows; row += TOGETHER)                                                          \
            for (int64_t i = 0; i < c->columns; i += (columns_)) {                                                     \
                int64_t column = i + (columns_) <= c->columns ? i : c->columns - (columns_);                           \
                if (c->rows - row >= TOGETHER) {                                                                       \
                    channels_block(c, TOGETHER, columns_, step_, row, column);                                         \
                } else {                                                                                               \
                    channels_block(c, 1, columns_, step_, row, column);                                                \
                }                                                                                                      \
            }                                                                                                          \
    }
#define CHANNELS_WALKS(step_)                                                                                          \
    CHANNELS_WALK(1, step_)                                                                                            \
    CHANNELS_WALK(2, step_)                                                                                            \
    CHANNELS_WALK(3, step_)                                                                                            \
    CHANNELS_WALK(4, step_)                                                                                            \
    CHANNELS_WALK(5, step_)                                                                                            \
    CHANNELS_WALK(6, step_)                                                                                            \
    CHANNELS_WALK(7, step_)                                                                                            \
    CHANNELS_WALK(8, step_)
CHANNELS_WALKS(1)
CHANNELS_WALKS(2)

static void kernel_channels(const channels_call *c) {
    static channels_walk *const walks[2][CHANNELS_COLUMNS] = {
        {channels_walk_1_1, channels_walk_2_1, channels_walk_3_1, channels_walk_4_1, channels_walk_5_1,
         channels_walk_6_1, channels_walk_7_1, channels_walk_8_1},
        {channels_walk_1_2, channels_walk_2_2, channels_walk_3_2, channels_walk_4_2, channels_walk_5_2,
         channels_walk_6_2, channels_walk_7_2, channels_walk_8_2}};
    channels_fill(c);
    int64_t blocks = (c->columns + CHANNELS_COLUMNS - 1) / CHANNELS_COLUMNS;
    walks[c->step - 1][(c->columns + blocks - 1) / blocks - 1](c);
    channels_empty(c);
}

#endif
