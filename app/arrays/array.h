/* A tensor that the program owns, and how it comes from a file. */
#ifndef ARRAYS_ARRAY_H
#define ARRAYS_ARRAY_H

#include "app/system/failure.h"
#include "conv/tensor.h"

typedef struct array {
    conv_shape shape;  /* rank 0: one number */
    float *data;       /* conv_shape_count(shape) numbers, C order. Owned */
    int64_t *integers; /* the same exactly, where they were asked for and the file held integers; else NULL. Owned */
} array;

/* Room for a tensor; refused when it needs more than `limit` bytes (0: half of this machine's memory). The numbers are
 * not set. */
bool array_create(array *a, const conv_shape *shape, size_t limit, failure *f);
void array_destroy(array *a); /* zeroed arrays are allowed */

/* A file by its first bytes: .npy, an .npz that holds one array, or a picture (`channels` 1: grey, 3: RGB). */
bool array_read(const char *path, int channels, size_t limit, array *a, failure *f);

/* The shape that array_read would give, from the file's first bytes: nothing large is read. */
bool array_peek(const char *path, int channels, conv_shape *shape, failure *f);

/* Whether a file is a picture (by its first bytes; false also when it cannot be read). */
bool array_is_picture(const char *path);

/* The same of .npy and .npz files. */
bool array_is_numbers(const char *path);

/* Whether the text is meant as a shape, "1,3,28,28" or "(1, 3, 28, 28)", not as a file's name; and the shape it says.
 */
bool shape_looks(const char *text);
bool shape_read(const char *text, conv_shape *shape, failure *f);

#endif
