/* A strip of padded input rows in a workspace. */
#ifndef ENGINE_STRIP_H
#define ENGINE_STRIP_H

#include "kernels.h"

enum { STRIP_TAPS = ROWS_TAPS, STRIP_REACH = 1 << 12 };

typedef struct strip {
    int64_t planes;     /* input channels times taps of the third axis, in chain order */
    int64_t columns;    /* outputs in a row of the strip, at most */
    int64_t segment;    /* floats of the columns with one remainder modulo the stride */
    int64_t row, plane; /* floats of a row and of a plane */
    int64_t rows;       /* rows of a plane */
    int segments;
    int32_t remainder[STRIP_TAPS]; /* of each segment: its first column */
    int32_t tap[STRIP_TAPS];       /* where each kernel column lies in a row */
} strip;

/* Rows for `lines` output rows of `columns` outputs. False: the kernel has too many columns or reaches too far. */
bool strip_of(const patches *p, int64_t lines, int64_t columns, strip *s);

/* What a strip was filled with: the first output row and column, the plane along the third axis. */
typedef struct strip_place {
    int64_t z, y, x, lines, columns;
} strip_place;

/* Copies what the outputs at `place` read; input is that of the group. */
void strip_fill(const strip *s, const patches *p, const kernels *k, const float *input, const strip_place *place,
                float *to);

#endif
