#include "conv/tensor.h"
#include <inttypes.h>
#include <stdio.h>

int64_t conv_shape_count(const conv_shape *shape) {
    int64_t count = 1;
    bool zero = false;
    for (int i = 0; i < shape->rank; i++) {
        if (shape->size[i] < 0) return -1;
        zero = zero || shape->size[i] == 0;
    }
    if (zero) return 0;
    for (int i = 0; i < shape->rank; i++)
        if (__builtin_mul_overflow(count, shape->size[i], &count)) return -1;
    return count;
}

bool conv_shape_equal(const conv_shape *a, const conv_shape *b) {
    if (a->rank != b->rank) return false;
    for (int i = 0; i < a->rank; i++)
        if (a->size[i] != b->size[i]) return false;
    return true;
}

char *conv_shape_text(const conv_shape *shape, char *text, int size) {
    if (size <= 0) return text;
    int length = snprintf(text, (size_t)size, "(");
    for (int i = 0; i < shape->rank && length < size; i++)
        length += snprintf(text + length, (size_t)(size - length), i == 0 ? "%" PRId64 : ", %" PRId64, shape->size[i]);
    if (length < size) snprintf(text + length, (size_t)(size - length), shape->rank == 1 ? ",)" : ")");
    return text;
}

int64_t conv_shape_index(const conv_shape *shape, const int64_t *position) {
    int64_t index = 0;
    for (int i = 0; i < shape->rank; i++) index = index * shape->size[i] + position[i];
    return index;
}

void conv_shape_position(const conv_shape *shape, int64_t index, int64_t *position) {
    for (int i = shape->rank - 1; i >= 0; i--) {
        position[i] = index % shape->size[i];
        index /= shape->size[i];
    }
}
