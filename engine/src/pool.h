/* A persistent pool of pthreads that does tiles.
 *
 * Each core has a share of consecutive tiles and claims them one by one, then those that are left of the others'
 * shares, so that a slow core does fewer. The calling thread works too, as worker 0; worker indices are below
 * pool_threads() and no two workers at work have the same, so they may index arrays. Idle workers sleep on a condition
 * variable: they use no CPU. A worker that wakes when all tiles are claimed goes back to sleep, and nobody waits for
 * it: the calling thread waits only for tiles that are being worked on. */
#ifndef ENGINE_POOL_H
#define ENGINE_POOL_H

#include "conv/engine.h"

typedef struct pool pool;
typedef void pool_task(void *context, int64_t tile, int thread);

/* threads includes the caller: 1 creates no pthread. Threads that cannot be created are done without. NULL when out of
 * memory. */
pool *pool_create(int threads, const conv_allocator *allocator);
void pool_destroy(pool *p);
int pool_threads(const pool *p);

/* Runs task for every tile in [0, tiles) and returns when all are done. Sets default rounding and denormal handling on
 * every worker and restores the caller's. One call at a time: a second caller waits. */
void pool_run(pool *p, int64_t tiles, pool_task *task, void *context);

/* The same on the calling thread alone, as worker 0: for work so small that waking anybody costs more than it saves. */
void pool_run_alone(pool *p, int64_t tiles, pool_task *task, void *context);

#endif
