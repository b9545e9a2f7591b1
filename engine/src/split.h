/* How work is cut into tiles: by the layer and the instruction set alone. */
#ifndef ENGINE_SPLIT_H
#define ENGINE_SPLIT_H

#include <stdint.h>

static inline int64_t divide_up(int64_t a, int64_t b) {
    return (a + b - 1) / b;
}

static inline int64_t at_most(int64_t a, int64_t b) {
    return a < b ? a : b;
}

static inline int64_t at_least(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/* `count` things in ranges of equal size (the last may be smaller). */
typedef struct split {
    int64_t count, size, parts;
} split;

/* In about `parts` ranges, none larger than `largest`. */
static inline split split_in(int64_t count, int64_t parts, int64_t largest) {
    split s = {.count = count};
    parts = at_least(at_most(parts, count), 1);
    s.size = at_least(at_most(divide_up(count, parts), largest), 1);
    s.parts = divide_up(count, s.size);
    return s;
}

static inline int64_t split_first(const split *s, int64_t part) {
    return part * s->size;
}

static inline int64_t split_last(const split *s, int64_t part) {
    return at_most((part + 1) * s->size, s->count);
}

/* Tiles that are worth it for so many multiply-adds: enough for an even load, none so small that claiming it counts. */
static inline int64_t tiles_for(double multiply_adds, int lanes) {
    double tiles = multiply_adds / (16000.0 * lanes);
    return tiles < 1 ? 1 : tiles > 32 ? 32 : (int64_t)tiles;
}

#endif
