/* An engine: a persistent pool of pthreads, the instruction sets it may use, and the memory it may take.
 *
 * There is no global state: engines are independent, and several may work at once in one process. One engine runs
 * one plan at a time; a second thread that uses the same engine waits. The library never prints, exits, aborts or
 * forks. */
#ifndef CONV_ENGINE_H
#define CONV_ENGINE_H

#include "error.h"
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Instruction sets, as a mask. Plain C is always there. */
enum { CONV_CPU_PLAIN = 0, CONV_CPU_AVX2 = 1, CONV_CPU_AVX512 = 2, CONV_CPU_NEON = 4, CONV_CPU_ALL = 0x7fffffff };

/* All memory of the library comes through this. `resize` follows realloc's contract for alignment max_align_t;
 * size 0 frees. May be called on any thread. */
typedef struct conv_allocator {
    void *(*resize)(void *context, void *memory, size_t size);
    void *context;
} conv_allocator;

typedef struct conv_engine_options {
    int threads;         /* 0: the cores this process may use (affinity, cgroup). At most 256. */
    unsigned cpu_mask;   /* instruction sets allowed; CONV_CPU_ALL by default. Also narrowed by the environment variable
                            CONV_CPU_MASK */
    size_t memory_limit; /* bytes one plan may need (tensors, packed weights, workspace); 0: half of this machine's or
                            cgroup's memory */
    conv_allocator allocator; /* resize NULL: realloc and free */
} conv_engine_options;

typedef struct conv_engine conv_engine;

/* Fills options with the defaults. */
void conv_engine_defaults(conv_engine_options *options);

/* Creates an engine; options may be NULL. Threads that cannot be created are done without: the engine then has fewer.
 */
conv_status conv_engine_create(const conv_engine_options *options, conv_engine **engine, conv_error *error);
void conv_engine_destroy(conv_engine *engine); /* NULL is allowed. All its plans must have been destroyed. */

int conv_engine_threads(const conv_engine *engine);
unsigned conv_engine_cpu(const conv_engine *engine); /* sets in use */
const char *conv_cpu_name(unsigned cpu);             /* of the best set in a mask: "AVX-512", "AVX2", "NEON", "C" */
size_t conv_engine_memory_limit(const conv_engine *engine);
const char *conv_version(void);

/* What one core of this machine was seen to do at best. */
typedef struct conv_roof {
    double gflops;                  /* fused multiply-adds, two operations each, of the engine's instruction set */
    double cache_copy, memory_copy; /* GB/s of copying 2 MiB and 48 MiB, read and written bytes together */
} conv_roof;

/* Measures it on the calling thread, in about a tenth of a second. Takes 96 MiB for that time. CONV_NO_MEMORY: it could
 * not. */
conv_status conv_engine_roof(conv_engine *engine, conv_roof *roof, conv_error *error);

#ifdef __cplusplus
}
#endif

#endif
