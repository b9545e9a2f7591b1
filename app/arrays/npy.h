/* NumPy's .npy files (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).
 * Read: versions 1 to 3, every real dtype (bool, int8..int64, uint8..uint64, float16, 32, 64 and x86's longdouble),
 * both byte orders, C and Fortran order. Written: version 1, float32 or int64, C order. Objects (pickles) are never
 * loaded. */
#ifndef ARRAYS_NPY_H
#define ARRAYS_NPY_H

#include "array.h"

/* Where bytes come from. `left` bytes are still to come at most: what a header promises beyond is refused before
 * anything is allocated. */
typedef struct byte_stream {
    bool (*read)(void *context, void *data, size_t size, failure *f); /* exactly `size` bytes, or it fails */
    void *context;
    int64_t left;
    const char *path; /* for messages */
} byte_stream;

/* `exact`: an array of integers fills a->integers too. */
bool npy_decode(byte_stream *in, size_t limit, bool exact, array *a, failure *f);
bool npy_decode_shape(byte_stream *in, conv_shape *shape, failure *f);

bool npy_read(const char *path, size_t limit, bool exact, array *a, failure *f);
bool npy_peek(const char *path, conv_shape *shape, failure *f);

bool npy_write(const char *path, const conv_shape *shape, const float *data, failure *f);
bool npy_write_integers(const char *path, const conv_shape *shape, const int64_t *data, failure *f);

#endif
