#include "orientation.h"

#include <stdbool.h>
#include <string.h>

enum { MARKER_APP1 = 0xE1, MARKER_SCAN = 0xDA, TAG_ORIENTATION = 0x0112, TYPE_SHORT = 3, ENTRY_BYTES = 12 };

/* A TIFF block: numbers in its own byte order. */
typedef struct tiff {
    const unsigned char *bytes;
    size_t size;
    bool big;
} tiff;

/* The number of `size` bytes at a place; 0 outside of the block. */
static uint32_t number_at(const tiff *t, size_t at, size_t size) {
    uint32_t value = 0;
    if (at > t->size || size > t->size - at) return 0;
    for (size_t i = 0; i < size; i++) value = value << 8 | t->bytes[at + (t->big ? i : size - 1 - i)];
    return value;
}

static int tiff_orientation(const unsigned char *bytes, size_t size) {
    tiff t = {bytes, size, size > 0 && bytes[0] == 'M'};
    if (size < 8 || (memcmp(bytes, "II*\0", 4) != 0 && memcmp(bytes, "MM\0*", 4) != 0)) return 1;
    const size_t directory = number_at(&t, 4, 4);
    const size_t count = number_at(&t, directory, 2);
    for (size_t i = 0; i < count && i < 256; i++) {
        const size_t entry = directory + 2 + i * ENTRY_BYTES;
        if (number_at(&t, entry, 2) != TAG_ORIENTATION || number_at(&t, entry + 2, 2) != TYPE_SHORT) continue;
        const uint32_t value = number_at(&t, entry + 8, 2);
        return value >= 1 && value <= 8 ? (int)value : 1;
    }
    return 1;
}

int jpeg_orientation(const unsigned char *bytes, size_t size) {
    for (size_t at = 2; at + 4 <= size && bytes[at] == 0xFF && bytes[at + 1] != MARKER_SCAN;) {
        const size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        if (length < 2 || length > size - at - 2) return 1;
        const unsigned char *segment = bytes + at + 4;
        if (bytes[at + 1] == MARKER_APP1 && length >= 8 && memcmp(segment, "Exif\0\0", 6) == 0) {
            return tiff_orientation(segment + 6, length - 8);
        }
        at += 2 + length;
    }
    return 1;
}

void orientation_apply(int orientation, const uint32_t *from, int64_t width, int64_t height, uint32_t *to) {
    const bool transposed = orientation >= 5;
    const bool up =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7; /* rows from the bottom */
    const bool left = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    const int64_t rows = transposed ? width : height, columns = transposed ? height : width;
    for (int64_t y = 0; y < rows; y++) {
        for (int64_t x = 0; x < columns; x++) {
            int64_t row = transposed ? x : y, column = transposed ? y : x;
            if (up) row = height - 1 - row;
            if (left) column = width - 1 - column;
            to[y * columns + x] = from[row * width + column];
        }
    }
}
