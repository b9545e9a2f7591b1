#include "memory.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

static atomic_long allocations;
static atomic_long failing; /* 0: none */
static atomic_long refused;

void memory_fail_at(long n) {
    atomic_store(&allocations, 0);
    atomic_store(&failing, n);
}

long memory_count(void) {
    return atomic_load(&allocations);
}

long memory_refused(void) {
    return atomic_load(&refused);
}

/* Large blocks in large pages, as NumPy has them: a 1080p picture read by a 3x3 kernel goes 1.4 times as fast. Only a
 * hint. */
static void prefer_large_pages(void *block, size_t bytes) {
    enum { LARGE = 4 << 20, PAGE = 4096 };
    if (bytes < LARGE) return;
    const size_t ahead = (PAGE - (uintptr_t)block % PAGE) % PAGE;
    (void)madvise((char *)block + ahead, (bytes - ahead) / PAGE * PAGE, MADV_HUGEPAGE);
}

void memory_give_back(void) {
#ifdef __GLIBC__
    enum { LARGE = 128 << 10 };
    mallopt(M_MMAP_THRESHOLD, LARGE); /* said once it no longer grows with the largest block that was freed */
#endif
}

static void *resize(void *memory, size_t bytes) {
    if (bytes == 0) {
        free(memory);
        return NULL;
    }
    long n = atomic_fetch_add(&allocations, 1) + 1;
    void *block = n == atomic_load(&failing) ? NULL : realloc(memory, bytes);
    if (block)
        prefer_large_pages(block, bytes);
    else
        atomic_fetch_add(&refused, 1);
    return block;
}

void *memory_resize(void *memory, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) return NULL;
    return resize(memory, count * size);
}

void *memory_zeroed(size_t count, size_t size) {
    void *memory = memory_resize(NULL, count, size);
    if (memory) memset(memory, 0, count * size);
    return memory;
}

char *memory_text(const char *text) {
    size_t size = strlen(text) + 1;
    char *copy = resize(NULL, size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

void memory_free(void *memory) {
    free(memory);
}

bool memory_reserve(void *items, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity) return true;
    size_t wanted = *capacity ? *capacity : 16;
    while (wanted < count) {
        if (wanted > SIZE_MAX / 2) return false;
        wanted *= 2;
    }
    void *old;
    memcpy(&old, items, sizeof old);
    void *grown = memory_resize(old, wanted, size);
    if (!grown) return false;
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}

static void *engine_resize(void *context, void *memory, size_t size) {
    (void)context;
    return resize(memory, size);
}

conv_allocator memory_allocator(void) {
    return (conv_allocator){.resize = engine_resize};
}
