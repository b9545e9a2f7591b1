/* What one core of this machine can do: the two lines of a roofline. */
#ifndef TESTS_BENCH_ROOF_H
#define TESTS_BENCH_ROOF_H

#include "kernels.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct roof {
    double gflops;                  /* fused multiply-adds of registers and first-level cache, two operations each */
    double cache_copy, memory_copy; /* GB/s, read and written bytes together, of 4 MiB and of 96 MiB */
} roof;

static inline double roof_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The register tile on operands that never leave the first-level cache. */
static inline double roof_gflops(const kernels *k) {
    enum { DEPTH = 128 };
    static float a[DEPTH * TILE_ROWS], b[DEPTH * TILE_VECTORS * MOST_LANES], c[TILE_ROWS * TILE_VECTORS * MOST_LANES];
    tile_call t = {.rows = k->tile_rows, .columns = TILE_VECTORS * k->lanes, .depth = DEPTH, .a = a, .b = b, .c = c};
    t.a_step = TILE_ROWS;
    t.b_step = t.c_row = t.columns;
    double best = 0;
    for (int i = 0; i < 200; i++) {
        double begin = roof_seconds();
        for (int n = 0; n < 50; n++) k->tile(&t);
        double rate = 50 * 2e-9 * t.rows * t.columns * DEPTH / (roof_seconds() - begin);
        if (rate > best) best = rate;
    }
    return best;
}

static inline double roof_copy(size_t bytes, int times) {
    char *from = malloc(bytes), *to = malloc(bytes);
    double best = 0;
    if (from != NULL && to != NULL) {
        memset(from, 1, bytes);
        memset(to, 2, bytes);
        for (int i = 0; i < times; i++) {
            double begin = roof_seconds();
            memcpy(to, from, bytes);
            double rate = 2e-9 * (double)bytes / (roof_seconds() - begin);
            from[i % 64] = to[i % 32]; /* or the copies are one */
            if (rate > best) best = rate;
        }
    }
    free(from);
    free(to);
    return best;
}

static inline roof roof_measure(const kernels *k) {
    return (roof){roof_gflops(k), roof_copy((size_t)2 << 20, 300), roof_copy((size_t)48 << 20, 10)};
}

#endif
