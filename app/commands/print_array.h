/* Arrays as text: for a person as NumPy prints them, and nested JSON arrays. */
#ifndef COMMANDS_PRINT_ARRAY_H
#define COMMANDS_PRINT_ARRAY_H

#include "app/system/json.h"

/* Long axes are shortened in the middle. */
void print_array(FILE *stream, const conv_shape *shape, const float *numbers);

void json_numbers(json *j, const char *key, const conv_shape *shape, const float *numbers);

#endif
