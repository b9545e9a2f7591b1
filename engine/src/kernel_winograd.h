/* Winograd's transforms (Lavin, Gray: Fast Algorithms for Convolutional Neural Networks, 2016) with the points 0, 1,
 * -1, 1/2, -2 and infinity (after Alam et al.: Winograd Convolution for Deep Neural Networks: Efficient Point
 * Selection, 2022).
 *
 * Six points serve F(5, 2), F(4, 3), F(3, 4) and F(2, 5): they share B; A differs in its length, G too. Four points (0,
 * 1, -1 and infinity) serve F(2, 3), whose transformed weights are fewer; five (without -2) F(4, 2), three (0, 1 and
 * infinity) F(2, 2), for planes that they divide better or whose weights weigh more. A kernel of three at stride 2 is
 * one of two taps on the even cells and one of a single tap on the odd ones, whose cells are components as they are:
 * F(4, 2) and four odd cells, nine components; F(2, 2) and two odd cells, five. An axis without a transform has one
 * point. One call transforms one tile of LANES channels. */
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

INLINE void winograd_b_four(const vec d[4], vec v[4]) {
    v[0] = v_sub(d[2], d[0]);
    v[1] = v_add(d[2], d[1]);
    v[2] = v_sub(d[2], d[1]);
    v[3] = v_sub(d[3], d[1]);
}

INLINE void winograd_b_five(const vec d[5], vec v[5]) {
    vec half = v_all(0.5f), minus_half = v_all(-0.5f);
    vec t = v_sub(d[3], d[1]), s = v_sub(d[1], d[2]);
    v[0] = v_fma(half, v_sub(d[0], d[2]), t);
    v[1] = v_fma(minus_half, s, d[3]);
    v[2] = v_fma(half, v_sub(s, v_add(d[2], d[2])), d[3]);
    v[3] = t;
    v[4] = v_fma(minus_half, t, v_sub(d[4], d[2]));
}

INLINE void winograd_b_three(const vec d[3], vec v[3]) {
    v[0] = v_sub(d[1], d[0]);
    v[1] = d[1];
    v[2] = v_sub(d[2], d[1]);
}

/* Cells of one axis of a tile, as many as components. */
INLINE int winograd_cells(int transform) {
    return transform == WINOGRAD_TWO_AND_ODD ? 5 : transform == WINOGRAD_FOUR_AND_ODD ? 9 : transform;
}

/* Components of one row or column. At stride 2 those of the even cells come first, then the odd cells. */
INLINE void winograd_components(const vec *d, vec *v, int transform) {
    if (transform == WINOGRAD_FOUR_AND_ODD) {
        vec even[5] = {d[0], d[2], d[4], d[6], d[8]};
        winograd_b_five(even, v);
        UNROLL for (int i = 0; i < 4; i++) v[5 + i] = d[2 * i + 1];
    } else if (transform == WINOGRAD_TWO_AND_ODD) {
        vec even[3] = {d[0], d[2], d[4]};
        winograd_b_three(even, v);
        UNROLL for (int i = 0; i < 2; i++) v[3 + i] = d[2 * i + 1];
    } else if (transform == 6) {
        winograd_b(d, v);
    } else if (transform == 5) {
        winograd_b_five(d, v);
    } else if (transform == 4) {
        winograd_b_four(d, v);
    } else if (transform == 3) {
        winograd_b_three(d, v);
    } else {
        v[0] = d[0];
    }
}

/* y = A^T m for the first `outputs` powers of the points, 1 to 5; infinity adds to the last. */
INLINE void winograd_a(const vec m[6], vec *y, int outputs) {
    static const float half[] = {1, 0.5f, 0.25f, 0.125f, 0.0625f}, two[] = {1, -2, 4, -8, 16};
    vec plus = v_add(m[1], m[2]), minus = v_sub(m[1], m[2]);
    y[0] = v_add(v_add(m[0], plus), v_add(m[3], m[4]));
    UNROLL for (int i = 1; i < outputs; i++) y[i] =
        v_fma(v_all(two[i]), m[4], v_fma(v_all(half[i]), m[3], i % 2 == 1 ? minus : plus));
    y[outputs - 1] = v_add(y[outputs - 1], m[5]);
}

INLINE void winograd_a_four(const vec m[4], vec y[2]) {
    y[0] = v_add(v_add(m[0], m[1]), m[2]);
    y[1] = v_add(v_sub(m[1], m[2]), m[3]);
}

INLINE void winograd_a_five(const vec m[5], vec y[4]) {
    vec plus = v_add(m[1], m[2]), minus = v_sub(m[1], m[2]);
    y[0] = v_add(v_add(m[0], plus), m[3]);
    y[1] = v_fma(v_all(0.5f), m[3], minus);
    y[2] = v_fma(v_all(0.25f), m[3], plus);
    y[3] = v_add(v_fma(v_all(0.125f), m[3], minus), m[4]);
}

INLINE void winograd_a_three(const vec m[3], vec y[2]) {
    y[0] = v_add(m[0], m[1]);
    y[1] = v_add(m[1], m[2]);
}

INLINE void winograd_values(const vec *m, vec *y, int transform, int outputs) {
    if (transform == WINOGRAD_FOUR_AND_ODD) {
        winograd_a_five(m, y);
        UNROLL for (int i = 0; i < 4; i++) y[i] = v_add(y[i], m[5 + i]);
    } else if (transform == WINOGRAD_TWO_AND_ODD) {
        winograd_a_three(m, y);
        UNROLL for (int i = 0; i < 2; i++) y[i] = v_add(y[i], m[3 + i]);
    } else if (transform == 6) {
        winograd_a(m, y, outputs);
    } else if (transform == 5) {
        winograd_a_five(m, y);
    } else if (transform == 4) {
        winograd_a_four(m, y);
    } else if (transform == 3) {
        winograd_a_three(m, y);
    } else {
        y[0] = m[0];
    }
}

INLINE void winograd_input_of(const float *pixels, int64_t row_step, int64_t column_step, int high, int wide, float *v,
                              int64_t component_step) {
    int rows = winograd_cells(high), columns = winograd_cells(wide);
    vec half[9][9];
    UNROLL for (int x = 0; x < columns; x++) {
        vec d[9], t[9];
        UNROLL for (int y = 0; y < rows; y++) d[y] = v_load(pixels + y * row_step + x * column_step);
        winograd_components(d, t, high);
        UNROLL for (int y = 0; y < rows; y++) half[y][x] = t[y];
    }
    UNROLL for (int y = 0; y < rows; y++) {
        vec t[9];
        winograd_components(half[y], t, wide);
        UNROLL for (int x = 0; x < columns; x++) v_store(v + (y * columns + x) * component_step, t[x]);
    }
}

/* Returns whether all outputs are finite. */
INLINE bool winograd_output_of(const winograd_tile *t, int high, int wide, int rows, int columns) {
    int cells_high = winograd_cells(high), cells_wide = winograd_cells(wide);
    vec half[5][9], vanishing = v_zero();
    UNROLL for (int x = 0; x < cells_wide; x++) {
        vec column[9], y[5];
        UNROLL for (int i = 0; i < cells_high; i++) column[i] =
            v_load(t->components + (i * cells_wide + x) * t->component_step);
        winograd_values(column, y, high, rows);
        UNROLL for (int i = 0; i < rows; i++) half[i][x] = y[i];
    }
    UNROLL for (int i = 0; i < rows; i++) {
        vec y[5];
        winograd_values(half[i], y, wide, columns);
        UNROLL for (int x = 0; x < columns; x++) {
            if (t->bias != NULL) y[x] = v_add(y[x], v_load(t->bias));
            vanishing = v_fma(y[x], v_zero(), vanishing); /* NaN from what is not finite */
            v_store(t->outputs + i * t->row_step + x * t->column_step, y[x]);
        }
    }
    return !v_has_nan(vanishing);
}

/* Transforms and outputs of a tile in both directions, each with how to make it: all that layers come to. */
#define WINOGRAD_INPUTS_OF(MAKE, transform) MAKE(1, transform) MAKE(transform, 1) MAKE(transform, transform)
#define WINOGRAD_INPUTS(MAKE)                                                                                          \
    MAKE(1, 1)                                                                                                         \
    WINOGRAD_INPUTS_OF(MAKE, 3)                                                                                        \
    WINOGRAD_INPUTS_OF(MAKE, 4)                                                                                        \
    WINOGRAD_INPUTS_OF(MAKE, 5)                                                                                        \
    WINOGRAD_INPUTS_OF(MAKE, 6)                                                                                        \
    WINOGRAD_INPUTS_OF(MAKE, 7)                                                                                        \
    WINOGRAD_INPUTS_OF(MAKE, 9)
#define WINOGRAD_OUTPUTS_OF(MAKE, transform, outputs)                                                                  \
    MAKE(1, transform, 1, outputs) MAKE(transform, 1, outputs, 1) MAKE(transform, transform, outputs, outputs)
#define WINOGRAD_UNEQUAL(MAKE, a, b) MAKE(6, 6, a, b) MAKE(6, 6, b, a)
#define WINOGRAD_OUTPUTS(MAKE)                                                                                         \
    MAKE(1, 1, 1, 1)                                                                                                   \
    WINOGRAD_OUTPUTS_OF(MAKE, 3, 2)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 4, 2)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 5, 4)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 6, 2)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 6, 3)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 6, 4)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 6, 5)                                                                                    \
    WINOGRAD_UNEQUAL(MAKE, 2, 3)                                                                                       \
    WINOGRAD_UNEQUAL(MAKE, 2, 4)                                                                                       \
    WINOGRAD_UNEQUAL(MAKE, 2, 5)                                                                                       \
    WINOGRAD_UNEQUAL(MAKE, 3, 4)                                                                                       \
    WINOGRAD_UNEQUAL(MAKE, 3, 5)                                                                                       \
    WINOGRAD_UNEQUAL(MAKE, 4, 5)                                                                                       \
    WINOGRAD_OUTPUTS_OF(MAKE, 7, 2)                                                                                    \
    WINOGRAD_OUTPUTS_OF(MAKE, 9, 4)

#define WINOGRAD_INPUT(high, wide)                                                                                     \
    static void winograd_input_##high##_##wide(const float *pixels, int64_t row_step, int64_t column_step, float *v,   \
                                               int64_t component_step) {                                               \
        winograd_input_of(pixels, row_step, column_step, high, wide, v, component_step);                               \
    }
WINOGRAD_INPUTS(WINOGRAD_INPUT)

static void kernel_winograd_input(const float *pixels, int64_t row_step, int64_t column_step, int high, int wide,
                                  float *v, int64_t component_step) {
#define WINOGRAD_INPUT_ENTRY(high, wide) [high][wide] = winograd_input_##high##_##wide,
    static void (*const functions[10][10])(const float *, int64_t, int64_t, float *,
                                           int64_t) = {WINOGRAD_INPUTS(WINOGRAD_INPUT_ENTRY)};
    functions[high][wide](pixels, row_step, column_step, v, component_step);
}

#define WINOGRAD_OUTPUT(high, wide, rows, columns)                                                                     \
    static bool winograd_output_##high##_##wide##_##rows##_##columns(const winograd_tile *t) {                         \
        return winograd_output_of(t, high, wide, rows, columns);                                                       \
    }
WINOGRAD_OUTPUTS(WINOGRAD_OUTPUT)

static bool kernel_winograd_output(const winograd_tile *t) {
#define WINOGRAD_OUTPUT_ENTRY(high, wide, rows, columns)                                                               \
    [high > wide ? high : wide][rows][columns] = winograd_output_##high##_##wide##_##rows##_##columns,
    static bool (*const functions[10][6][6])(const winograd_tile *) = {WINOGRAD_OUTPUTS(WINOGRAD_OUTPUT_ENTRY)};
    return functions[t->transform][t->rows][t->columns](t);
}

#endif
