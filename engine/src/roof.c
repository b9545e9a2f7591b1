/* What one core can do: the two lines of a roofline. */
#include "engine.h"
#include "kernels.h"
#include "memory.h"
#include "refuse.h"
#include <string.h>
#include <time.h>

/* Of this thread: what others take is not counted. */
static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* The register tile on operands that never leave the first-level cache. */
static double multiply_adds(const kernels *k) {
    enum { DEPTH = 128, TIMES = 200, CALLS = 50 };
    float a[DEPTH * TILE_ROWS] = {0}, b[DEPTH * TILE_VECTORS * MOST_LANES] = {0},
                    c[TILE_ROWS * TILE_VECTORS * MOST_LANES] = {0};
    tile_call t = {.rows = k->tile_rows, .columns = TILE_VECTORS * k->lanes, .depth = DEPTH, .a = a, .b = b, .c = c};
    t.a_step = TILE_ROWS;
    t.b_step = t.c_row = t.columns;
    double best = 0;
    for (int i = 0; i < TIMES; i++) {
        double begin = seconds();
        for (int n = 0; n < CALLS; n++) k->tile(&t);
        double spent = seconds() - begin, rate = CALLS * 2e-9 * t.rows * t.columns * DEPTH / spent;
        if (spent > 0 && rate > best) best = rate;
    }
    return best;
}

static double copying(char *from, char *to, size_t bytes, int times) {
    double best = 0;
    for (int i = 0; i < times; i++) {
        double begin = seconds();
        memcpy(to, from, bytes);
        double spent = seconds() - begin;
        from[i % 64] = to[i % 32]; /* or the copies are one */
        if (spent > 0 && 2e-9 * (double)bytes / spent > best) best = 2e-9 * (double)bytes / spent;
    }
    return best;
}

conv_status conv_engine_roof(conv_engine *engine, conv_roof *roof, conv_error *error) {
    const size_t near = (size_t)2 << 20, far = (size_t)48 << 20;
    char *block = memory_take(&engine->allocator, 2 * (int64_t)far, 1);
    if (block == NULL) return refuse_memory(error);
    pthread_mutex_lock(&engine->running);
    memset(block, 1, 2 * far);
    roof->gflops = multiply_adds(kernels_for(engine->cpu));
    roof->cache_copy = copying(block, block + near, near, 300);
    roof->memory_copy = copying(block, block + far, far, 10);
    pthread_mutex_unlock(&engine->running);
    memory_give(&engine->allocator, block);
    return CONV_OK;
}
