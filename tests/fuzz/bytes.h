/* A fuzzer's bytes read as numbers, zero when they run out. */
#ifndef FUZZ_BYTES_H
#define FUZZ_BYTES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

typedef struct bytes {
    const uint8_t *data;
    size_t left;
} bytes;

static inline uint8_t bytes_one(bytes *b) {
    if (b->left == 0) return 0;
    b->left--;
    return *b->data++;
}

static inline uint64_t bytes_many(bytes *b, int count) {
    uint64_t value = 0;
    for (int i = 0; i < count; i++) value = value << 8 | bytes_one(b);
    return value;
}

/* Mostly small numbers, sometimes the ends of a range, sometimes anything. */
static inline int64_t bytes_size(bytes *b) {
    static const int64_t corners[] = {
        0,          -1,         INT64_MAX,     INT64_MIN,        INT32_MAX,        INT32_MIN,
        4294967296, 3037000500, INT64_MAX / 2, INT64_MAX / 3,    -INT64_MAX,       65536,
        1,          2,          INT64_MAX - 1, (int64_t)1 << 31, (int64_t)1 << 62, 100};
    uint8_t kind = bytes_one(b);
    if (kind < 200) return kind % 8;
    if (kind < 220) return bytes_one(b);
    if (kind < 245) return corners[bytes_one(b) % (sizeof corners / sizeof *corners)];
    return (int64_t)bytes_many(b, 8);
}

static inline double bytes_real(bytes *b) {
    static const double corners[] = {0.0, -0.0, 0.5, 2.0, 1.0 / 3.0, 1e300, -1e300, 1e-300, 1e18, 9.3e18, -1.0, 1e-5};
    uint8_t kind = bytes_one(b);
    if (kind < 100) return (double)(kind % 16) / 4.0;
    if (kind < 240) return corners[kind % (sizeof corners / sizeof *corners)];
    if (kind == 240) return (double)INFINITY;
    if (kind == 241) return (double)NAN;
    return (double)(int64_t)bytes_many(b, 8) / 65536.0;
}

#endif
