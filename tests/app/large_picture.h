/* A picture that takes longer than a frame to open: an uncompressed grey-brown BMP of more than a million pixels. */
#ifndef TESTS_LARGE_PICTURE_H
#define TESTS_LARGE_PICTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGE_WIDTH = 1200, LARGE_HEIGHT = 900, LARGE_HEAD = 54 };

static inline void large_number(unsigned char *at, uint32_t value) {
    for (int i = 0; i < 4; i++) at[i] = (unsigned char)(value >> 8 * i);
}

/* `rows` of its rows are there; fewer than LARGE_HEIGHT: it is damaged. */
static inline bool large_picture(const char *path, int rows, unsigned seed) {
    const size_t row = 3 * (size_t)LARGE_WIDTH, size = LARGE_HEAD + row * (size_t)rows;
    unsigned char *bytes = calloc(size, 1);
    FILE *file = bytes ? fopen(path, "wb") : NULL;
    if (!file) {
        free(bytes);
        return false;
    }
    memcpy(bytes, "BM", 2);
    large_number(bytes + 2, (uint32_t)(LARGE_HEAD + row * LARGE_HEIGHT));
    large_number(bytes + 10, LARGE_HEAD);
    large_number(bytes + 14, 40);
    large_number(bytes + 18, LARGE_WIDTH);
    large_number(bytes + 22, LARGE_HEIGHT);
    bytes[26] = 1;
    bytes[28] = 24;
    for (size_t i = LARGE_HEAD; i < size; i++) {
        seed = seed * 1664525u + 1013904223u;
        bytes[i] = (unsigned char)(seed >> 24);
    }
    const bool ok = fwrite(bytes, 1, size, file) == size;
    free(bytes);
    return fclose(file) == 0 && ok;
}

#endif
