/* Few channels: output rows computed straight from input rows. See rows_call.
 *
 * Each output's taps still come in chain order, plane, kernel row, kernel column: input rows are walked downwards, and
 * an output row takes from each the one kernel row that falls on it.
 *
 * Input rows are read where they lie: copying them into a padded strip first took as long as the products (grey 3x3
 * picture: 1.8 ms with a strip, depthwise 5x5 of stride 2: 0.16). */
#ifndef ENGINE_KERNEL_ROWS_H
#define ENGINE_KERNEL_ROWS_H

#include "kernels.h"
#include "simd.h"

enum { MOST_SUMS = 8 }; /* rows times outputs of one block */

/* Where a block begins. */
typedef struct rows_place {
    int output;
    int64_t row, column;
    const lanes_mask *inside; /* of the vectors loaded for each tap, in turn: cells that lie in the row */
} rows_place;

/* Whether vectors of `columns` columns from `column` on reach beyond the row; then says where. */
INLINE bool rows_edge(const rows_call *c, int64_t column, int vectors, lanes_mask *inside) {
    int64_t at = c->first + column * c->step;
    int loads = vectors * c->step;
    if (at + c->tap[0] >= 0 && at + c->tap[c->kernel_columns - 1] + (int64_t)loads * LANES <= c->size) return false;
    for (int t = 0; t < c->kernel_columns; t++)
        for (int i = 0; i < loads; i++) {
            int64_t from = at + c->tap[t] + (int64_t)i * LANES;
            *inside++ = v_between(-from, c->size - from);
        }
    return true;
}

/* One vector of cells, or every second of two. */
INLINE vec rows_load(const float *p, int step, bool edge, const lanes_mask *inside) {
    vec first = edge ? v_load_part(p, inside[0]) : v_load(p);
    if (step == 1) return first;
    return v_even(first, edge ? v_load_part(p + LANES, inside[1]) : v_load(p + LANES));
}

INLINE void rows_store(const rows_call *c, int outputs, int rows, int vectors, vec sum[MOST_SUMS][2],
                       const rows_place *at) {
    UNROLL for (int m = 0; m < outputs; m++) {
        UNROLL for (int o = 0; o < rows; o++) {
            float *to = c->output + (at->output + m) * c->output_plane + (at->row + o) * c->output_row + at->column;
            UNROLL for (int j = 0; j < vectors; j++) {
                vec y = sum[m * rows + o][j];
                if (c->bias != NULL) y = v_add(y, v_all(c->bias[at->output + m]));
                int64_t left = c->columns - at->column - j * LANES;
                if (left >= LANES) {
                    v_store(to + j * LANES, y);
                } else {
                    v_store_part(to + j * LANES, v_first(left), y);
                }
            }
        }
    }
}

/* A block of `outputs` channels x `rows` rows x `vectors` vectors. What is constant in a call of this function is
 * unrolled. */
INLINE void rows_block(const rows_call *c, int outputs, int rows, int vectors, bool edge, const rows_place *at,
                       int high, int wide, int step) {
    vec sum[MOST_SUMS][2];
    UNROLL for (int i = 0; i < outputs * rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = v_zero();
    }
    const float *const *line = c->line + at->row * step;
    const float *weight = c->weight + at->output * c->weight_step;
    int64_t column = c->first + at->column * step, area = (int64_t)high * wide;
    for (int p = 0; p < c->planes; p++) {
        UNROLL for (int r = 0; r < (rows - 1) * step + high; r++) {
            const float *row = line[r] + column;
            for (int t = 0; t < wide; t++) {
                vec x[2];
                UNROLL for (int j = 0; j < vectors; j++) x[j] =
                    rows_load(row + c->tap[t] + j * step * LANES, step, edge, at->inside + (t * vectors + j) * step);
                UNROLL for (int o = 0; o < rows; o++) {
                    int k = r - o * step;
                    if (k < 0 || k >= high) continue;
                    UNROLL for (int m = 0; m < outputs; m++) {
                        vec w = v_all(weight[m * c->weight_step + k * wide + t]);
                        UNROLL for (int j = 0; j < vectors; j++) sum[m * rows + o][j] =
                            v_fma(x[j], w, sum[m * rows + o][j]);
                    }
                }
            }
        }
        line += c->plane_rows;
        weight += area;
    }
    rows_store(c, outputs, rows, vectors, sum, at);
}

/* Any kernel: rows that have nothing in common but the weights, so that one's sums need not wait for their own. */
INLINE void rows_any(const rows_call *c, int outputs, int rows, int vectors, bool edge, const rows_place *at,
                     int step) {
    vec sum[MOST_SUMS][2];
    UNROLL for (int i = 0; i < outputs * rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = v_zero();
    }
    const float *const *line = c->line + at->row * c->stride;
    const float *weight = c->weight + at->output * c->weight_step;
    int64_t column = c->first + at->column * step;
    for (int p = 0; p < c->planes; p++, line += c->plane_rows)
        for (int k = 0; k < c->kernel_rows; k++)
            for (int t = 0; t < c->kernel_columns; t++, weight++) {
                vec w[MOST_SUMS];
                UNROLL for (int m = 0; m < outputs; m++) w[m] = v_all(weight[m * c->weight_step]);
                UNROLL for (int o = 0; o < rows; o++) {
                    const float *from = line[o * c->stride + k * c->dilation] + column + c->tap[t];
                    vec x[2];
                    UNROLL for (int j = 0; j < vectors; j++) x[j] =
                        rows_load(from + j * step * LANES, step, edge, at->inside + (t * vectors + j) * step);
                    UNROLL for (int m = 0; m < outputs; m++) {
                        UNROLL for (int j = 0; j < vectors; j++) sum[m * rows + o][j] =
                            v_fma(x[j], w[m], sum[m * rows + o][j]);
                    }
                }
            }
    rows_store(c, outputs, rows, vectors, sum, at);
}

/* Any kernel at stride 1: several rows of one output. Rows at either end of the block serve fewer of them. */
INLINE void rows_tall(const rows_call *c, int outputs, int rows, int vectors, bool edge, const rows_place *at,
                      int step) {
    (void)outputs;
    vec sum[MOST_SUMS][2];
    UNROLL for (int o = 0; o < rows; o++) {
        UNROLL for (int j = 0; j < vectors; j++) sum[o][j] = v_zero();
    }
    const float *const *line = c->line + at->row;
    const float *weight = c->weight + at->output * c->weight_step;
    int64_t column = c->first + at->column * step;
    int high = c->kernel_rows, wide = c->kernel_columns;
    for (int p = 0; p < c->planes; p++, line += c->plane_rows, weight += high * wide)
        for (int r = 0; r < rows - 1 + high; r++) {
            const float *row = line[r] + column;
            for (int t = 0; t < wide; t++) {
                vec x[2];
                UNROLL for (int j = 0; j < vectors; j++) x[j] =
                    rows_load(row + c->tap[t] + j * step * LANES, step, edge, at->inside + (t * vectors + j) * step);
                UNROLL for (int o = 0; o < rows; o++) {
                    if (r < o || r - o >= high) continue;
                    vec w = v_all(weight[(r - o) * wide + t]);
                    UNROLL for (int j = 0; j < vectors; j++) sum[o][j] = v_fma(x[j], w, sum[o][j]);
                }
            }
        }
    rows_store(c, 1, rows, vectors, sum, at);
}

/* Where a block of rows from `row` on begins: the last rows are done together again rather than one by one. */
INLINE int64_t rows_begin(const rows_call *c, int64_t row, int together) {
    int64_t over = row + together - c->rows;
    return over > 0 && over < together - 1 && c->rows >= together ? row - over : row;
}

#define ROWS_EITHER(BLOCK, outputs, rows, vectors, ...)                                                                \
    if (edge) {                                                                                                        \
        BLOCK(c, outputs, rows, vectors, true, &at, __VA_ARGS__);                                                      \
    } else {                                                                                                           \
        BLOCK(c, outputs, rows, vectors, false, &at, __VA_ARGS__);                                                     \
    }
/* All rows of all columns of some outputs: `together` rows at a time while there are so many, then one at a time.
 * Narrow planes go column by column, so that what lies outside is worked out once for each. */
#define ROWS_WALK(name, outputs, together, BLOCK, ...)                                                                 \
    static void name(const rows_call *c, int first) {                                                                  \
        enum { WIDTH = 2 * LANES };                                                                                    \
        lanes_mask inside[ROWS_TAPS * 4];                                                                              \
        rows_place at = {.output = first, .column = -1, .inside = inside};                                             \
        int64_t across = c->columns <= 4 * WIDTH ? WIDTH : c->columns;                                                 \
        bool two = false, edge = false;                                                                                \
        for (int64_t left = 0; left < c->columns; left += across)                                                      \
            for (at.row = 0; at.row < c->rows;) {                                                                      \
                at.row = rows_begin(c, at.row, together);                                                              \
                bool several = c->rows - at.row >= (together);                                                         \
                for (int64_t column = left; column < left + across && column < c->columns; column += WIDTH) {          \
                    if (column != at.column) {                                                                         \
                        at.column = column;                                                                            \
                        two = c->columns - column > LANES;                                                             \
                        edge = rows_edge(c, column, two ? 2 : 1, inside);                                              \
                    }                                                                                                  \
                    if (several && two) {                                                                              \
                        ROWS_EITHER(BLOCK, outputs, together, 2, __VA_ARGS__)                                          \
                    } else if (several) {                                                                              \
                        ROWS_EITHER(BLOCK, outputs, together, 1, __VA_ARGS__)                                          \
                    } else if (two) {                                                                                  \
                        ROWS_EITHER(BLOCK, outputs, 1, 2, __VA_ARGS__)                                                 \
                    } else {                                                                                           \
                        ROWS_EITHER(BLOCK, outputs, 1, 1, __VA_ARGS__)                                                 \
                    }                                                                                                  \
                }                                                                                                      \
                at.row += several ? (together) : 1;                                                                    \
            }                                                                                                          \
    }

#define ROWS_SIZED(name, size, step)                                                                                   \
    ROWS_WALK(name##_one, 1, 4, rows_block, size, size, step)                                                          \
    ROWS_WALK(name##_four, 4, SUM_ROWS / 4, rows_block, size, size, step)

ROWS_SIZED(rows_3_1, 3, 1)
ROWS_SIZED(rows_3_2, 3, 2)
ROWS_SIZED(rows_5_1, 5, 1)
ROWS_SIZED(rows_5_2, 5, 2)
ROWS_SIZED(rows_7_1, 7, 1)
ROWS_WALK(rows_any_1_one, 1, 4, rows_any, 1)
ROWS_WALK(rows_any_1_four, 4, 1, rows_any, 1)
ROWS_WALK(rows_any_1_tall, 1, 4, rows_tall, 1)
ROWS_WALK(rows_any_2_one, 1, 4, rows_any, 2)
ROWS_WALK(rows_any_2_four, 4, 1, rows_any, 2)

static void kernel_rows(const rows_call *c) {
    static const struct {
        int size, step;
        void (*one)(const rows_call *, int), (*four)(const rows_call *, int);
    } sized[] = {{3, 1, rows_3_1_one, rows_3_1_four},
                 {3, 2, rows_3_2_one, rows_3_2_four},
                 {5, 1, rows_5_1_one, rows_5_1_four},
                 {5, 2, rows_5_2_one, rows_5_2_four},
                 {7, 1, rows_7_1_one, rows_7_1_four}};
    void (*one)(const rows_call *, int) = c->step == 1 ? rows_any_1_one : rows_any_2_one;
    void (*four)(const rows_call *, int) = c->step == 1 ? rows_any_1_four : rows_any_2_four;
    if (c->step == 1 && c->stride == 1 && c->dilation == 1 && c->kernel_rows > 1) one = rows_any_1_tall;
    for (size_t i = 0; i < sizeof sized / sizeof *sized; i++) {
        if (c->kernel_rows != sized[i].size || c->kernel_columns != sized[i].size || c->stride != sized[i].step)
            continue;
        if (c->dilation != 1 || c->step != c->stride) continue;
        one = sized[i].one;
        four = sized[i].four;
    }
    int first = 0;
    for (; first + 4 <= c->outputs; first += 4) four(c, first);
    for (; first < c->outputs; first++) one(c, first);
}

#endif
