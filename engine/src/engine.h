/* An engine from the inside. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "conv/engine.h"
#include "pool.h"
#include <pthread.h>

struct conv_engine {
    conv_allocator allocator;
    pool *pool;
    pthread_mutex_t
        running; /* held by the thread whose plan runs: plans' workspaces and the pool are used by one at a time */
    unsigned cpu;
    size_t memory_limit;
};

#endif
