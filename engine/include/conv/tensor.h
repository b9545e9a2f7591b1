/* Shapes, and where a position lies in a tensor. All tensors are float32, contiguous, last axis fastest
 * (NumPy's C order), and belong to the caller. */
#ifndef CONV_TENSOR_H
#define CONV_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    CONV_MAX_DIMS = 8,    /* axes of a tensor */
    CONV_MAX_SPATIAL = 3, /* axes that a kernel slides along */
    CONV_MAX_INPUTS = 8   /* inputs of one operation (concatenation, addition) */
};

typedef struct conv_shape {
    int rank;                    /* number of axes, 0..CONV_MAX_DIMS; 0 also marks an operand that is absent */
    int64_t size[CONV_MAX_DIMS]; /* sizes of the axes, outermost first */
} conv_shape;

/* Number of elements; -1 when a size is negative or the product does not fit in 63 bits. A rank of 0 has 1. */
int64_t conv_shape_count(const conv_shape *shape);

bool conv_shape_equal(const conv_shape *a, const conv_shape *b);

/* Writes "(1, 3, 28, 28)"; one axis is "(5,)", as Python writes it. Returns text. */
char *conv_shape_text(const conv_shape *shape, char *text, int size);

/* Flat index of a position and back. The position must lie inside the shape. */
int64_t conv_shape_index(const conv_shape *shape, const int64_t *position);
void conv_shape_position(const conv_shape *shape, int64_t index, int64_t *position);

#ifdef __cplusplus
}
#endif

#endif
