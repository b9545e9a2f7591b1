/* Pictures as tensors: PNG by libpng; JPEG, BMP and WebP through SDL2_image. */
#ifndef ARRAYS_PICTURE_H
#define ARRAYS_PICTURE_H

#include "array.h"

enum { PICTURE_MAX_SIDE = 16384, PICTURE_MAX_PIXELS = 1 << 26, PICTURE_MAX_BYTES = 1 << 28 };

/* Whether the first `size` bytes of a file (at least 12 are needed) are those of a picture that can be read. */
bool picture_known(const unsigned char *bytes, size_t size);

/* The picture's size from its header, before anything is decoded. */
bool picture_size(const unsigned char *bytes, size_t size, int64_t *width, int64_t *height);

/* A tensor (1, height, width) or (3, height, width) with values 0..1; grey is ITU-R 601 luma, as PyTorch's users get it
 * from PIL's "L". What is transparent lies on white. */
bool picture_read(const char *path, int channels, size_t limit, array *a, failure *f);
bool picture_peek(const char *path, int channels, conv_shape *shape, failure *f);

#endif
