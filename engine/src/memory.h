/* Memory through the engine's allocator, with sizes checked. */
#ifndef ENGINE_MEMORY_H
#define ENGINE_MEMORY_H

#include "conv/engine.h"

/* The allocator of an engine's options: realloc and free when it has none. */
conv_allocator allocator_chosen(const conv_allocator *wanted);

/* Memory that is not cleared; NULL when there is none or the size overflows. Zero bytes give a block too. */
void *memory_take(const conv_allocator *allocator, int64_t count, size_t size);
void memory_give(const conv_allocator *allocator, void *memory);

/* The same, aligned to 64 bytes (a cache line, an AVX-512 register). Given back by memory_give_aligned only. */
void *memory_take_aligned(const conv_allocator *allocator, size_t size);
void memory_give_aligned(const conv_allocator *allocator, void *memory);

#endif
