/* Winograd's transforms with the points 0, 1, -1, 1/2, -2 and infinity (Lavin, Gray: Fast Algorithms for Convolutional
 * Neural Networks, 2016; the points after Alam et al.: Winograd Convolution for Deep Neural Networks: Efficient Point
 * Selection, 2022).
 *
 * Six points serve F(4, 3), four outputs of a kernel of three, and F(2, 5): they share B; only A and G differ.
 * An axis whose kernel is 1 has one point. One call transforms one tile of LANES channels. */
#ifndef ENGINE_KERNEL_WINOGRAD_H
#define ENGINE_KERNEL_WINOGRAD_H

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

INLINE void winograd_input_of(const float *pixels, int64_t row_step, int64_t column_step, int rows, int columns,
                              float *v, int64_t component_step) {
    vec half[6][6];
    UNROLL for (int x = 0; x < columns; x++) {
        vec d[6], t[6];
        UNROLL for (int y = 0; y < rows; y++) d[y] = v_load(pixels + y * row_step + x * column_step);
        if (rows == 6) {
            winograd_b(d, t);
        } else {
            t[0] = d[0];
        }
        UNROLL for (int y = 0; y < rows; y++) half[y][x] = t[y];
    }
    UNROLL for (int y = 0; y < rows; y++) {
        vec t[6];
        if (columns == 6) {
            winograd_b(half[y], t);
        } else {
            t[0] = half[y][0];
        }
        UNROLL for (int x = 0; x < columns; x++) v_store(v + (y * columns + x) * component_step, t[x]);
    }
}

INLINE void winograd_output_of(const float *m, int64_t component_step, int rows, int columns, float *out,
                               int64_t row_step, int64_t column_step) {
    int high = rows == 1 ? 1 : 6, wide = columns == 1 ? 1 : 6;
    vec half[4][6];
    UNROLL for (int x = 0; x < wide; x++) {
        vec t[6], y[4];
        UNROLL for (int i = 0; i < high; i++) t[i] = v_load(m + (i * wide + x) * component_step);
        if (high == 6) {
            winograd_a(t, y, rows);
        } else {
            y[0] = t[0];
        }
        UNROLL for (int i = 0; i < rows; i++) half[i][x] = y[i];
    }
    UNROLL for (int i = 0; i < rows; i++) {
        vec y[4];
        if (wide == 6) {
            winograd_a(half[i], y, columns);
        } else {
            y[0] = half[i][0];
        }
        UNROLL for (int x = 0; x < columns; x++) v_store(out + i * row_step + x * column_step, y[x]);
    }
}

static void kernel_winograd_input(const float *pixels, int64_t row_step, int64_t column_step, int rows, int columns,
                                  float *v, int64_t component_step) {
    if (rows == 6 && columns == 6) {
        winograd_input_of(pixels, row_step, column_step, 6, 6, v, component_step);
    } else if (rows == 6) {
        winograd_input_of(pixels, row_step, column_step, 6, 1, v, component_step);
    } else {
        winograd_input_of(pixels, row_step, column_step, 1, 6, v, component_step);
    }
}

static void kernel_winograd_output(const float *m, int64_t component_step, int rows, int columns, float *y,
                                   int64_t row_step, int64_t column_step) {
#define OUTPUT_CASE(r, c)                                                                                              \
    case 8 * (r) + (c):                                                                                                \
        winograd_output_of(m, component_step, r, c, y, row_step, column_step);                                         \
        return;
    switch (8 * rows + columns) {
        OUTPUT_CASE(4, 4)
        OUTPUT_CASE(4, 2)
        OUTPUT_CASE(2, 4)
        OUTPUT_CASE(2, 2)
        OUTPUT_CASE(1, 4)
        OUTPUT_CASE(1, 2)
        OUTPUT_CASE(4, 1)
        OUTPUT_CASE(2, 1)
    default:
        return;
    }
#undef OUTPUT_CASE
}

#endif
