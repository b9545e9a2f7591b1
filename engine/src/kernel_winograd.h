/* Winograd's transforms with the points 0, 1, -1, 1/2, -2 and infinity (Lavin, Gray: Fast Algorithms for Convolutional
 * Neural Networks, 2016; the points after Alam et al.: Winograd Convolution for Deep Neural Networks: Efficient Point
 * Selection, 2022).
 *
 * Six points serve F(4, 3), four outputs of a kernel of three, and F(2, 5): they share B; only A and G differ.
 * A kernel of three at stride 2 is one of two taps on the even cells, F(4, 2) with the points 0, 1, -1, 1/2 and
 * infinity, and one of a single tap on the odd ones, whose four cells are components as they are: nine components.
 * An axis whose kernel is 1 has one point. One call transforms one tile of LANES channels. */
#ifndef ENGINE_KERNEL_WINOGRAD_H
#define ENGINE_KERNEL_WINOGRAD_H

#include "kernels.h"
#include "simd.h"

/* v = B^T d. Each row of B^T holds the coefficients of the product of (x - p) over all other points. */
INLINE void winograd_b(const vec d[6], vec v[6]) {
    vec one_half = v_all(1.5f);
    vec t = v_sub(d[4], d[2]), s = v_sub(d[3], d[1]);
    v[0] = v_fma(one_half, s, v_add(v_sub(d[0], d[2]), t));
    v[1] = v_fma(one_half, v_add(d[2], d[3]), v_add(t, s));
    v[2] = v_fma(one_half, v_sub(d[3], d[2]), v_sub(t, s));
    v[3] = v_fma(v_all(2), s, t);
    v[4] = v_fma(v_all(-0.5f), s, t);
    v[5] = v_fma(one_half, t, v_sub(v_sub(d[5], d[3]), s));
}

INLINE void winograd_b_strided(const vec d[9], vec v[9]) {
    vec half = v_all(0.5f), minus_half = v_all(-0.5f);
    vec t = v_sub(d[6], d[2]), s = v_sub(d[2], d[4]);
    v[0] = v_fma(half, v_sub(d[0], d[4]), t);
    v[1] = v_fma(minus_half, s, d[6]);
    v[2] = v_fma(half, v_sub(s, v_add(d[4], d[4])), d[6]);
    v[3] = t;
    v[4] = v_fma(minus_half, t, v_sub(d[8], d[4]));
    UNROLL for (int i = 0; i < 4; i++) v[5 + i] = d[2 * i + 1];
}

/* Components of one row or column of 1, 6 or 9 cells. */
INLINE void winograd_components(const vec *d, vec *v, int cells) {
    if (cells == 9) {
        winograd_b_strided(d, v);
    } else if (cells == 6) {
        winograd_b(d, v);
    } else {
        v[0] = d[0];
    }
}

/* y = A^T m for the first `outputs` powers of the points, 4 or 2. */
INLINE void winograd_a(const vec m[6], vec *y, int outputs) {
    vec plus = v_add(m[1], m[2]), minus = v_sub(m[1], m[2]);
    y[0] = v_add(v_add(m[0], plus), v_add(m[3], m[4]));
    vec y1 = v_fma(v_all(-2), m[4], v_fma(v_all(0.5f), m[3], minus));
    if (outputs == 2) {
        y[1] = v_add(y1, m[5]);
        return;
    }
    y[1] = y1;
    y[2] = v_fma(v_all(4), m[4], v_fma(v_all(0.25f), m[3], plus));
    y[3] = v_add(v_fma(v_all(-8), m[4], v_fma(v_all(0.125f), m[3], minus)), m[5]);
}

INLINE void winograd_a_strided(const vec m[9], vec y[4]) {
    vec plus = v_add(m[1], m[2]), minus = v_sub(m[1], m[2]);
    y[0] = v_add(v_add(m[0], plus), v_add(m[3], m[5]));
    y[1] = v_add(v_fma(v_all(0.5f), m[3], minus), m[6]);
    y[2] = v_add(v_fma(v_all(0.25f), m[3], plus), m[7]);
    y[3] = v_add(v_fma(v_all(0.125f), m[3], minus), v_add(m[4], m[8]));
}

INLINE void winograd_values(const vec *m, vec *y, int points, int outputs) {
    if (points == 9) {
        winograd_a_strided(m, y);
    } else if (points == 6) {
        winograd_a(m, y, outputs);
    } else {
        y[0] = m[0];
    }
}

INLINE void winograd_input_of(const float *pixels, int64_t row_step, int64_t column_step, int rows, int columns,
                              float *v, int64_t component_step) {
    vec half[9][9];
    UNROLL for (int x = 0; x < columns; x++) {
        vec d[9], t[9];
        UNROLL for (int y = 0; y < rows; y++) d[y] = v_load(pixels + y * row_step + x * column_step);
        winograd_components(d, t, rows);
        UNROLL for (int y = 0; y < rows; y++) half[y][x] = t[y];
    }
    UNROLL for (int y = 0; y < rows; y++) {
        vec t[9];
        winograd_components(half[y], t, columns);
        UNROLL for (int x = 0; x < columns; x++) v_store(v + (y * columns + x) * component_step, t[x]);
    }
}

/* Returns whether all outputs are finite. */
INLINE bool winograd_output_of(const winograd_tile *t, int rows, int columns, int points) {
    int high = rows == 1 ? 1 : points, wide = columns == 1 ? 1 : points;
    vec half[4][9], vanishing = v_zero();
    UNROLL for (int x = 0; x < wide; x++) {
        vec column[9], y[4];
        UNROLL for (int i = 0; i < high; i++) column[i] = v_load(t->components + (i * wide + x) * t->component_step);
        winograd_values(column, y, high, rows);
        UNROLL for (int i = 0; i < rows; i++) half[i][x] = y[i];
    }
    UNROLL for (int i = 0; i < rows; i++) {
        vec y[4];
        winograd_values(half[i], y, wide, columns);
        UNROLL for (int x = 0; x < columns; x++) {
            if (t->bias != NULL) y[x] = v_add(y[x], v_load(t->bias));
            vanishing = v_fma(y[x], v_zero(), vanishing); /* NaN from what is not finite */
            v_store(t->outputs + i * t->row_step + x * t->column_step, y[x]);
        }
    }
    return !v_has_nan(vanishing);
}

#define WINOGRAD_INPUT(rows, columns)                                                                                  \
    static void winograd_input_##rows##_##columns(const float *pixels, int64_t row_step, int64_t column_step,          \
                                                  float *v, int64_t component_step) {                                  \
        winograd_input_of(pixels, row_step, column_step, rows, columns, v, component_step);                            \
    }
WINOGRAD_INPUT(1, 6)
WINOGRAD_INPUT(1, 9)
WINOGRAD_INPUT(6, 1)
WINOGRAD_INPUT(6, 6)
WINOGRAD_INPUT(9, 1)
WINOGRAD_INPUT(9, 9)

static void kernel_winograd_input(const float *pixels, int64_t row_step, int64_t column_step, int rows, int columns,
                                  float *v, int64_t component_step) {
    static void (*const functions[3][3])(const float *, int64_t, int64_t, float *,
                                         int64_t) = {{NULL, winograd_input_1_6, winograd_input_1_9},
                                                     {winograd_input_6_1, winograd_input_6_6, NULL},
                                                     {winograd_input_9_1, NULL, winograd_input_9_9}};
    functions[rows / 4][columns / 4](pixels, row_step, column_step, v, component_step);
}

#define WINOGRAD_OUTPUT(rows, columns, points)                                                                         \
    static bool winograd_output_##rows##_##columns##_##points(const winograd_tile *t) {                                \
        return winograd_output_of(t, rows, columns, points);                                                           \
    }
WINOGRAD_OUTPUT(1, 2, 6)
WINOGRAD_OUTPUT(1, 4, 6)
WINOGRAD_OUTPUT(2, 1, 6)
WINOGRAD_OUTPUT(2, 2, 6)
WINOGRAD_OUTPUT(2, 4, 6)
WINOGRAD_OUTPUT(4, 1, 6)
WINOGRAD_OUTPUT(4, 2, 6)
WINOGRAD_OUTPUT(4, 4, 6)
WINOGRAD_OUTPUT(1, 4, 9)
WINOGRAD_OUTPUT(4, 1, 9)
WINOGRAD_OUTPUT(4, 4, 9)

static bool kernel_winograd_output(const winograd_tile *t, int rows, int columns) {
    static bool (*const functions[2][3][3])(const winograd_tile *) = {
        {{NULL, winograd_output_1_2_6, winograd_output_1_4_6},
         {winograd_output_2_1_6, winograd_output_2_2_6, winograd_output_2_4_6},
         {winograd_output_4_1_6, winograd_output_4_2_6, winograd_output_4_4_6}},
        {{NULL, NULL, winograd_output_1_4_9},
         {NULL, NULL, NULL},
         {winograd_output_4_1_9, NULL, winograd_output_4_4_9}}};
    return functions[t->strided][rows / 2][columns / 2](t);
}

#endif
