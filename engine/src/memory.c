#include "memory.h"
#include <stdlib.h>

enum { ALIGNMENT = 64 };

static void *plain_resize(void *context, void *memory, size_t size) {
    (void)context;
    if (size > 0) return realloc(memory, size);
    free(memory);
    return NULL;
}

conv_allocator allocator_chosen(const conv_allocator *wanted) {
    return wanted != NULL && wanted->resize != NULL ? *wanted : (conv_allocator){.resize = plain_resize};
}

void *memory_take(const conv_allocator *allocator, int64_t count, size_t size) {
    size_t bytes;
    if (count < 0 || __builtin_mul_overflow((size_t)count, size, &bytes) || bytes > PTRDIFF_MAX) return NULL;
    return allocator->resize(allocator->context, NULL, bytes > 0 ? bytes : 1);
}

void memory_give(const conv_allocator *allocator, void *memory) {
    if (memory != NULL) allocator->resize(allocator->context, memory, 0);
}

/* The block's own address stands right before the aligned one. */
void *memory_take_aligned(const conv_allocator *allocator, size_t size) {
    if (size > PTRDIFF_MAX - ALIGNMENT - sizeof(void *)) return NULL;
    char *block = memory_take(allocator, 1, size + ALIGNMENT + sizeof(void *));
    if (block == NULL) return NULL;
    uintptr_t past = (uintptr_t)block + sizeof(void *);
    char *aligned = block + sizeof(void *) + (ALIGNMENT - past % ALIGNMENT) % ALIGNMENT;
    ((void **)(void *)aligned)[-1] = block;
    return aligned;
}

void memory_give_aligned(const conv_allocator *allocator, void *memory) {
    if (memory != NULL) memory_give(allocator, ((void **)memory)[-1]);
}
