/* Building an error in one line:
 *     return refuse(error, CONV_BAD_SHAPE, "groups", "in_channels ({0}) must be divisible by groups ({1})", number(a),
 * number(b)); */
#ifndef ENGINE_REFUSE_H
#define ENGINE_REFUSE_H

#include "conv/error.h"
#include "conv/tensor.h"

conv_arg number(int64_t value);
conv_arg real(double value);
conv_arg word(const char *text);
conv_arg shape_word(const conv_shape *shape);
conv_arg bytes_word(double bytes); /* "2.5 GiB" */

/* Fills *error, unless NULL, and returns status. `format` must be a string constant. */
conv_status refuse_with(conv_error *error, conv_status status, const char *parameter, const char *format,
                        const conv_arg *args, int count);

/* The first element keeps the array from being empty. */
#define refuse(error, status, parameter, format, ...)                                                                  \
    refuse_with(error, status, parameter, format, &((const conv_arg[]){{.integer = 0}, __VA_ARGS__})[1],               \
                (int)(sizeof((const conv_arg[]){{.integer = 0}, __VA_ARGS__}) / sizeof(conv_arg)) - 1)

conv_status refuse_memory(conv_error *error);

/* Writes the shortest decimal that reads back as value, with a point in every locale. */
void real_text(double value, char *text, int size);

#endif
