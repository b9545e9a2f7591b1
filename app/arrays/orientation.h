/* How a camera was held: the orientation that a JPEG's Exif data tell (CIPA DC-008, tag 0x0112). */
#ifndef ARRAYS_ORIENTATION_H
#define ARRAYS_ORIENTATION_H

#include <stddef.h>
#include <stdint.h>

/* 1 to 8; 1 (as stored) when nothing is told. 5 to 8 swap width and height. */
int jpeg_orientation(const unsigned char *bytes, size_t size);

/* Turns a stored picture of RGBA pixels as it is to be seen. `from` and `to` do not overlap. */
void orientation_apply(int orientation, const uint32_t *from, int64_t width, int64_t height, uint32_t *to);

#endif
