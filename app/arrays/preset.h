/* Small pictures and kernels that come with the program, as numbers. */
#ifndef ARRAYS_PRESET_H
#define ARRAYS_PRESET_H

#include <stdbool.h>
#include <stdint.h>

enum { DIGIT_SIDE = 12 };

/* The pixel of a drawn digit 0..9: 0 (paper) to 1 (ink). */
float digit_pixel(int digit, int row, int column);

/* A named image kernel of that size: box, gaussian and identity in any size, the others 3x3, centred in zeros when the
 * size is larger and cut when it is smaller. False when there is no such name. */
bool image_kernel_fill(const char *name, int64_t height, int64_t width, float *numbers);
const char *image_kernel_name(int index); /* NULL at the end */

#endif
