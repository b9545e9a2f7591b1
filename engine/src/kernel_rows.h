/* Few channels: output rows computed straight from input rows. See rows_call.
 *
 * Each output's taps still come in chain order, plane, kernel row, kernel column: input rows are walked downwards, and
 * an output row takes from each the one kernel row that falls on it. */
#ifndef ENGINE_KERNEL_ROWS_H
#define ENGINE_KERNEL_ROWS_H

#include "kernels.h"
#include "simd.h"

enum { MOST_SUMS = 8 }; /* rows times outputs of one block */

/* A block of `outputs` channels x `rows` rows x `vectors` vectors. What is constant in a call of this function is
 * unrolled. */
INLINE void rows_block(const rows_call *c, int outputs, int rows, int vectors, int high, int wide, int stride,
                       int64_t first_output, int64_t row, int64_t column) {
    vec sum[MOST_SUMS][2];
    UNROLL for (int i = 0; i < outputs * rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = v_zero();
    }
    const float *plane = c->input + row * stride * c->row_step + column;
    const float *weight = c->weight + first_output * c->weight_step;
    int64_t area = (int64_t)high * wide;
    for (int p = 0; p < c->planes; p++) {
        const float *line = plane;
        UNROLL for (int r = 0; r < (rows - 1) * stride + high; r++) {
            for (int t = 0; t < wide; t++) {
                vec x[2];
                UNROLL for (int j = 0; j < vectors; j++) x[j] = v_load(line + c->tap[t] + j * LANES);
                UNROLL for (int o = 0; o < rows; o++) {
                    int k = r - o * stride;
                    if (k < 0 || k >= high) continue;
                    UNROLL for (int m = 0; m < outputs; m++) {
                        vec w = v_all(weight[m * c->weight_step + k * wide + t]);
                        UNROLL for (int j = 0; j < vectors; j++) sum[m * rows + o][j] =
                            v_fma(x[j], w, sum[m * rows + o][j]);
                    }
                }
            }
            line += c->row_step;
        }
        plane += c->plane_step;
        weight += area;
    }
    UNROLL for (int m = 0; m < outputs; m++) {
        UNROLL for (int o = 0; o < rows; o++) {
            float *to = c->output + (first_output + m) * c->output_plane + (row + o) * c->output_row + column;
            UNROLL for (int j = 0; j < vectors; j++) {
                vec y = sum[m * rows + o][j];
                if (c->bias != NULL) y = v_add(y, v_all(c->bias[first_output + m]));
                int64_t left = c->columns - column - j * LANES;
                if (left >= LANES) {
                    v_store(to + j * LANES, y);
                } else {
                    v_store_part(to + j * LANES, v_first(left), y);
                }
            }
        }
    }
}

/* Any kernel: one output row at a time. */
INLINE void rows_any(const rows_call *c, int outputs, int rows, int vectors, int64_t first_output, int64_t row,
                     int64_t column) {
    (void)rows;
    vec sum[4][2];
    UNROLL for (int m = 0; m < outputs; m++) {
        UNROLL for (int j = 0; j < vectors; j++) sum[m][j] = v_zero();
    }
    const float *plane = c->input + row * c->stride * c->row_step + column;
    const float *weight = c->weight + first_output * c->weight_step;
    for (int p = 0; p < c->planes; p++) {
        const float *line = plane;
        for (int k = 0; k < c->kernel_rows; k++) {
            for (int t = 0; t < c->kernel_columns; t++) {
                vec x[2];
                UNROLL for (int j = 0; j < vectors; j++) x[j] = v_load(line + c->tap[t] + j * LANES);
                UNROLL for (int m = 0; m < outputs; m++) {
                    vec w = v_all(weight[m * c->weight_step]);
                    UNROLL for (int j = 0; j < vectors; j++) sum[m][j] = v_fma(x[j], w, sum[m][j]);
                }
                weight++;
            }
            line += c->dilation * c->row_step;
        }
        plane += c->plane_step;
    }
    UNROLL for (int m = 0; m < outputs; m++) {
        float *to = c->output + (first_output + m) * c->output_plane + row * c->output_row + column;
        UNROLL for (int j = 0; j < vectors; j++) {
            vec y = sum[m][j];
            if (c->bias != NULL) y = v_add(y, v_all(c->bias[first_output + m]));
            v_store_part(to + j * LANES, v_first(c->columns - column - j * LANES), y);
        }
    }
}

/* All rows of all columns of some outputs: `rows` rows at a time while there are so many, then one at a time. */
#define ROWS_WALK(outputs, together, BLOCK, ...)                                                                       \
    for (int64_t row = 0; row < c->rows;) {                                                                            \
        bool several = c->rows - row >= (together);                                                                    \
        for (int64_t column = 0; column < c->columns; column += 2 * LANES) {                                           \
            bool two = c->columns - column > LANES;                                                                    \
            if (several && two) {                                                                                      \
                BLOCK(c, outputs, together, 2, __VA_ARGS__ first, row, column);                                        \
            } else if (several) {                                                                                      \
                BLOCK(c, outputs, together, 1, __VA_ARGS__ first, row, column);                                        \
            } else if (two) {                                                                                          \
                BLOCK(c, outputs, 1, 2, __VA_ARGS__ first, row, column);                                               \
            } else {                                                                                                   \
                BLOCK(c, outputs, 1, 1, __VA_ARGS__ first, row, column);                                               \
            }                                                                                                          \
        }                                                                                                              \
        row += several ? (together) : 1;                                                                               \
    }

#define ROWS_SIZED(name, size, stride)                                                                                 \
    static void name##_one(const rows_call *c, int64_t first) {                                                        \
        ROWS_WALK(1, 4, rows_block, size, size, stride, )                                                              \
    }                                                                                                                  \
    static void name##_four(const rows_call *c, int64_t first) {                                                       \
        ROWS_WALK(4, SUM_ROWS / 4, rows_block, size, size, stride, )                                                   \
    }

ROWS_SIZED(rows_3_1, 3, 1)
ROWS_SIZED(rows_3_2, 3, 2)
ROWS_SIZED(rows_5_1, 5, 1)
ROWS_SIZED(rows_5_2, 5, 2)
ROWS_SIZED(rows_7_1, 7, 1)

static void rows_any_one(const rows_call *c, int64_t first) {
    ROWS_WALK(1, 1, rows_any, )
}
static void rows_any_four(const rows_call *c, int64_t first) {
    ROWS_WALK(4, 1, rows_any, )
}

static void kernel_rows(const rows_call *c) {
    static const struct {
        int size, stride;
        void (*one)(const rows_call *, int64_t), (*four)(const rows_call *, int64_t);
    } sized[] = {{3, 1, rows_3_1_one, rows_3_1_four},
                 {3, 2, rows_3_2_one, rows_3_2_four},
                 {5, 1, rows_5_1_one, rows_5_1_four},
                 {5, 2, rows_5_2_one, rows_5_2_four},
                 {7, 1, rows_7_1_one, rows_7_1_four}};
    void (*one)(const rows_call *, int64_t) = rows_any_one, (*four)(const rows_call *, int64_t) = rows_any_four;
    for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
        if (c->kernel_rows != sized[i].size || c->kernel_columns != sized[i].size || c->stride != sized[i].stride)
            continue;
        if (c->dilation != 1) continue;
        one = sized[i].one;
        four = sized[i].four;
    }
    int first = 0;
    for (; first + 4 <= c->outputs; first += 4) four(c, first);
    for (; first < c->outputs; first++) one(c, first);
}

#endif
