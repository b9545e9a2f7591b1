/* Winograd's transforms with the points 0, 1, -1, 1/2, -2 and infinity (Lavin, Gray: Fast Algorithms for Convolutional
 * Neural Networks, 2016; the points after Alam et al.: Winograd Convolution for Deep Neural Networks: Efficient Point
 * Selection, 2022).
 *
 * Six points serve F(4, 3), four outputs of a kernel of three, and F(2, 5): they share B; only A and G differ.
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

/* Returns whether all outputs are finite. */
INLINE bool winograd_output_of(const winograd_tile *t, int rows, int columns) {
    int high = rows == 1 ? 1 : 6, wide = columns == 1 ? 1 : 6;
    vec half[4][6], vanishing = v_zero();
    UNROLL for (int x = 0; x < wide; x++) {
        vec column[6], y[4];
        UNROLL for (int i = 0; i < high; i++) column[i] = v_load(t->components + (i * wide + x) * t->component_step);
        if (high == 6) {
            winograd_a(column, y, rows);
        } else {
            y[0] = column[0];
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
        UNROLL for (int x = 0; x < columns; x++) {
            if (t->bias != NULL) y[x] = v_add(y[x], v_load(t->bias));
            vanishing = v_fma(y[x], v_zero(), vanishing); /* NaN from what is not finite */
            v_store(t->outputs + i * t->row_step + x * t->column_step, y[x]);
        }
    }
    return !v_has_nan(vanishing);
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

#define WINOGRAD_OUTPUT(rows, columns)                                                                                 \
    static bool winograd_output_##rows##_##columns(const winograd_tile *t) {                                           \
        return winograd_output_of(t, rows, columns);                                                                   \
    }
WINOGRAD_OUTPUT(1, 2)
WINOGRAD_OUTPUT(1, 4)
WINOGRAD_OUTPUT(2, 1)
WINOGRAD_OUTPUT(2, 2)
WINOGRAD_OUTPUT(2, 4)
WINOGRAD_OUTPUT(4, 1)
WINOGRAD_OUTPUT(4, 2)
WINOGRAD_OUTPUT(4, 4)

static bool kernel_winograd_output(const winograd_tile *t, int rows, int columns) {
    static bool (*const functions[3][3])(const winograd_tile *) = {
        {NULL, winograd_output_1_2, winograd_output_1_4},
        {winograd_output_2_1, winograd_output_2_2, winograd_output_2_4},
        {winograd_output_4_1, winograd_output_4_2, winograd_output_4_4}};
    return functions[rows / 2][columns / 2](t);
}

#endif
