#include "engine.h"
#include "machine.h"
#include "memory.h"
#include "refuse.h"

enum { MOST_THREADS = 256 };

void conv_engine_defaults(conv_engine_options *options) {
    *options = (conv_engine_options){.cpu_mask = CONV_CPU_ALL};
}

conv_status conv_engine_create(const conv_engine_options *options, conv_engine **engine, conv_error *error) {
    conv_engine_options wanted;
    conv_engine_defaults(&wanted);
    if (options != NULL) wanted = *options;
    if (wanted.threads < 0 || wanted.threads > MOST_THREADS)
        return refuse(error, CONV_BAD_ARGUMENT, "threads", "threads must be from {0} to {1}, not {2}", number(0),
                      number(MOST_THREADS), number(wanted.threads));
    conv_allocator allocator = allocator_chosen(&wanted.allocator);
    conv_engine *made = memory_take(&allocator, 1, sizeof *made);
    if (made == NULL) return refuse_memory(error);
    int threads = wanted.threads > 0 ? wanted.threads : machine_threads();
    *made = (conv_engine){.allocator = allocator, .cpu = machine_cpu() & wanted.cpu_mask};
    made->memory_limit = wanted.memory_limit > 0 ? wanted.memory_limit : machine_memory() / 2;
    if (pthread_mutex_init(&made->running, NULL) != 0) goto no_mutex;
    made->pool = pool_create(threads < MOST_THREADS ? threads : MOST_THREADS, &made->allocator);
    if (made->pool == NULL) goto no_pool;
    *engine = made;
    return CONV_OK;
no_pool:
    pthread_mutex_destroy(&made->running);
no_mutex:
    memory_give(&allocator, made);
    return refuse_memory(error);
}

void conv_engine_destroy(conv_engine *engine) {
    if (engine == NULL) return;
    pool_destroy(engine->pool);
    pthread_mutex_destroy(&engine->running);
    conv_allocator allocator = engine->allocator;
    memory_give(&allocator, engine);
}

int conv_engine_threads(const conv_engine *engine) {
    return pool_threads(engine->pool);
}

unsigned conv_engine_cpu(const conv_engine *engine) {
    return engine->cpu;
}

size_t conv_engine_memory_limit(const conv_engine *engine) {
    return engine->memory_limit;
}

const char *conv_cpu_name(unsigned cpu) {
    return cpu & CONV_CPU_AVX512 ? "AVX-512" : cpu & CONV_CPU_AVX2 ? "AVX2" : cpu & CONV_CPU_NEON ? "NEON" : "C";
}

const char *conv_version(void) {
    return CONV_VERSION;
}
