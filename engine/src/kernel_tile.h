/* The register tile of all matrix products here: TILE_ROWS x TILE_VECTORS accumulators. See tile_call.
 *
 * Measured on Zen 4 (AVX-512, 117 GFLOP/s a core at best): 8 x 2 vectors 116.5, 12 x 2 116.6, 14 x 2 116.4: the small
 * tile loses nothing and divides the usual channel counts. Nor did assembly seem worth it: both compilers keep all
 * accumulators in registers. Fetching the weights of the next call ahead, where they come from the third-level cache or
 * from memory: 10 to 25% of Winograd's layers of 256 and more channels. */
#ifndef ENGINE_KERNEL_TILE_H
#define ENGINE_KERNEL_TILE_H

#include "kernels.h"
#include "simd.h"

INLINE void tile_load(const tile_call *t, int rows, int vectors, vec sum[TILE_ROWS][TILE_VECTORS], lanes_mask last) {
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors; j++) {
            const float *c = t->c + i * t->c_row + j * LANES;
            sum[i][j] = t->start != TILE_GO_ON ? v_zero() : j < vectors - 1 ? v_load(c) : v_load_part(c, last);
        }
    }
}

INLINE void tile_store(const tile_call *t, int rows, int vectors, vec sum[TILE_ROWS][TILE_VECTORS], lanes_mask last) {
    if (t->start == TILE_ADD) {
        UNROLL for (int i = 0; i < rows; i++) {
            UNROLL for (int j = 0; j < vectors; j++) {
                const float *c = t->c + i * t->c_row + j * LANES;
                sum[i][j] = v_add(sum[i][j], j < vectors - 1 ? v_load(c) : v_load_part(c, last));
            }
        }
    }
    if (t->row_bias != NULL) {
        UNROLL for (int i = 0; i < rows; i++) {
            vec bias = v_all(t->row_bias[i]);
            UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = v_add(sum[i][j], bias);
        }
    }
    if (t->column_bias != NULL) {
        UNROLL for (int j = 0; j < vectors; j++) {
            vec bias = v_load(t->column_bias + j * LANES);
            UNROLL for (int i = 0; i < rows; i++) sum[i][j] = v_add(sum[i][j], bias);
        }
    }
    if (t->columns == vectors * LANES) {
        UNROLL for (int i = 0; i < rows; i++) {
            UNROLL for (int j = 0; j < vectors; j++) v_store(t->c + i * t->c_row + j * LANES, sum[i][j]);
        }
        return;
    }
    UNROLL for (int i = 0; i < rows; i++) {
        UNROLL for (int j = 0; j < vectors - 1; j++) v_store(t->c + i * t->c_row + j * LANES, sum[i][j]);
        v_store_part(t->c + i * t->c_row + (vectors - 1) * LANES, last, sum[i][vectors - 1]);
    }
}

/* Where the operands' rows lie: see tile_call. */
enum { A_IN_ROWS, A_PACKED, A_LISTED, B_LISTED, BOTH_LISTED, OPERAND_FORMS };

INLINE void tile_of(const tile_call *t, int rows, int vectors, int form) {
    vec sum[TILE_ROWS][TILE_VECTORS];
    lanes_mask last = v_first(t->columns - (vectors - 1) * LANES);
    tile_load(t, rows, vectors, sum, last);
    const float *a = t->a, *b = t->b;
    int64_t a_step = form == A_IN_ROWS ? 1 : t->a_step, a_row = form == A_IN_ROWS ? t->a_row : 1, b_step = t->b_step;
    const float *a_line[TILE_ROWS];
    bool a_listed = form == A_LISTED || form == BOTH_LISTED, b_listed = form == B_LISTED || form == BOTH_LISTED;
    UNROLL for (int i = 0; i < rows; i++) a_line[i] = a_listed ? t->a_line[i] : NULL;
    const float *ahead = t->ahead != NULL ? t->ahead : b;
    for (int64_t k = 0; k < t->depth; k++) {
        if (form == A_IN_ROWS) {
            UNROLL for (int j = 0; j < vectors; j++) __builtin_prefetch(ahead + j * LANES);
            ahead += b_step;
        }
        int64_t a_at = a_listed ? t->a_at[k] : 0;
        const float *line = b_listed ? b + t->b_at[k] : b;
        vec x[TILE_VECTORS];
        UNROLL for (int j = 0; j < vectors; j++) x[j] = v_load(line + j * LANES);
        UNROLL for (int i = 0; i < rows; i++) {
            vec w = v_all(a_listed ? a_line[i][a_at] : a[i * a_row]);
            UNROLL for (int j = 0; j < vectors; j++) sum[i][j] = v_fma(x[j], w, sum[i][j]);
        }
        if (!a_listed) a += a_step;
        if (!b_listed) b += b_step;
    }
    tile_store(t, rows, vectors, sum, last);
}

#define TILE_FUNCTION(rows, vectors, form)                                                                             \
    static void tile_##rows##_##vectors##_##form(const tile_call *t) {                                                 \
        tile_of(t, rows, vectors, form);                                                                               \
    }
#define TILE_FUNCTIONS(rows)                                                                                           \
    TILE_FUNCTION(rows, 1, A_IN_ROWS)                                                                                  \
    TILE_FUNCTION(rows, 1, A_PACKED)                                                                                   \
    TILE_FUNCTION(rows, 1, A_LISTED)                                                                                   \
    TILE_FUNCTION(rows, 1, B_LISTED)                                                                                   \
    TILE_FUNCTION(rows, 1, BOTH_LISTED)                                                                                \
    TILE_FUNCTION(rows, 2, A_IN_ROWS)                                                                                  \
    TILE_FUNCTION(rows, 2, A_PACKED)                                                                                   \
    TILE_FUNCTION(rows, 2, A_LISTED)                                                                                   \
    TILE_FUNCTION(rows, 2, B_LISTED)                                                                                   \
    TILE_FUNCTION(rows, 2, BOTH_LISTED)
TILE_FUNCTIONS(1)
TILE_FUNCTIONS(2)
TILE_FUNCTIONS(3)
TILE_FUNCTIONS(4)
TILE_FUNCTIONS(5)
TILE_FUNCTIONS(6)
TILE_FUNCTIONS(7)
TILE_FUNCTIONS(8)
#define TILE_FORMS(rows, vectors)                                                                                      \
    {                                                                                                                  \
        tile_##rows##_##vectors##_A_IN_ROWS, tile_##rows##_##vectors##_A_PACKED, tile_##rows##_##vectors##_A_LISTED,   \
            tile_##rows##_##vectors##_B_LISTED, tile_##rows##_##vectors##_BOTH_LISTED                                  \
    }
#define TILE_NAMES(rows)                                                                                               \
    { TILE_FORMS(rows, 1), TILE_FORMS(rows, 2) }

static void kernel_tile(const tile_call *t) {
    static void (*const functions[TILE_ROWS][TILE_VECTORS][OPERAND_FORMS])(const tile_call *) = {
        TILE_NAMES(1), TILE_NAMES(2), TILE_NAMES(3), TILE_NAMES(4),
        TILE_NAMES(5), TILE_NAMES(6), TILE_NAMES(7), TILE_NAMES(8)};
    int form = t->b_at != NULL     ? (t->a_line != NULL ? BOTH_LISTED : B_LISTED)
               : t->a_line != NULL ? A_LISTED
               : t->a_row == 0     ? A_PACKED
                                   : A_IN_ROWS;
    functions[t->rows - 1][t->columns > LANES][form](t);
}

#endif
