/* A tensor that the program owns. */
#ifndef ARRAYS_ARRAY_H
#define ARRAYS_ARRAY_H

#include "app/system/failure.h"
#include "conv/tensor.h"

typedef struct array {
    conv_shape shape;
    float *data;       /* conv_shape_count(shape) numbers, C order. Owned */
    int64_t *integers; /* the same exactly, when the file held integers and they were asked for; else NULL. Owned */
} array;

/* Room for a tensor; refused when it needs more than `limit` bytes (0: half of the memory this process may use). The
 * numbers are not set. */
bool array_create(array *a, const conv_shape *shape, size_t limit, failure *f);
void array_destroy(array *a); /* zeroed arrays are allowed */

/* A file by its ending and first bytes: .npy, an .npz with one array, or a picture (`channels` 1: grey, 3: RGB, 0: as
 * the picture is). */
bool array_read(const char *path, int channels, size_t limit, array *a, failure *f);

/* Whether the text looks like a shape, "1,3,28,28" or "(1, 3, 28, 28)", and not like a file's name; and the shape it
 * says. */
bool shape_looks(const char *text);
bool shape_read(const char *text, conv_shape *shape, failure *f);

#endif
