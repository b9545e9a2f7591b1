/* The program's allocations: all of them come through here, so that a test can let the n-th one fail. */
#ifndef SYSTEM_MEMORY_H
#define SYSTEM_MEMORY_H

#include "conv/engine.h"
#include <stdbool.h>
#include <stddef.h>

/* As realloc(memory, count * size), checked for overflow: NULL on failure, and memory is still there then. count 0
 * frees. */
void *memory_resize(void *memory, size_t count, size_t size);
void *memory_zeroed(size_t count, size_t size);
char *memory_text(const char *text); /* a copy; NULL on failure */
void memory_free(void *memory);

/* Makes room for `count` items of `size` bytes in *items, doubling. False on failure: *items is as it was. */
bool memory_reserve(void *items, size_t *capacity, size_t count, size_t size);

/* How many allocations were refused since the start, on all threads. What goes on with less when memory is short (a
 * picture without a part that is remembered elsewhere) is told apart from what is whole by looking before and after. */
long memory_refused(void);

/* Large blocks go back to the system as soon as they are freed, for a program that runs for hours: else they stay in
 * pieces between what lives longer, and it only grows. To be called before other threads begin. */
void memory_give_back(void);

/* For tests: lets the n-th allocation from now on fail once (0: never), and tells how many there were since.
 * Thread-safe. */
void memory_fail_at(long n);
long memory_count(void);

/* The same allocations in the engine's form. */
conv_allocator memory_allocator(void);

#endif
