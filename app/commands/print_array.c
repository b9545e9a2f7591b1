#include "print_array.h"

#include "app/system/number.h"

#include <math.h>
#include <string.h>

enum { SHOWN_AT_ENDS = 3, WHOLE_UP_TO = 1000, LARGEST_AXIS = 2 * SHOWN_AT_ENDS, DIGITS = 6 };

typedef struct printer {
    FILE *stream;
    const conv_shape *shape;
    const float *numbers;
    bool shorten;
    int width;
} printer;

static void number_text(float value, char *text, size_t size) {
    if (isnan(value))
        snprintf(text, size, "nan");
    else
        number_write((double)value, DIGITS, text, size);
}

/* Calls for each index of an axis that is shown; -1 stands for the gap. */
static int64_t shown_index(const printer *p, int64_t size, int64_t k) {
    if (!p->shorten || size <= LARGEST_AXIS) return k;
    if (k < SHOWN_AT_ENDS) return k;
    return k == SHOWN_AT_ENDS ? -1 : size - LARGEST_AXIS - 1 + k;
}

static int64_t shown_count(const printer *p, int64_t size) {
    return !p->shorten || size <= LARGEST_AXIS ? size : LARGEST_AXIS + 1;
}

static void measure(printer *p, int axis, int64_t at) {
    char text[40];
    if (axis == p->shape->rank) {
        number_text(p->numbers[at], text, sizeof text);
        int length = (int)strlen(text);
        if (length > p->width) p->width = length;
        return;
    }
    const int64_t size = p->shape->size[axis];
    for (int64_t k = 0; k < shown_count(p, size); k++) {
        int64_t i = shown_index(p, size, k);
        if (i >= 0) measure(p, axis + 1, at * size + i);
    }
}

static void print_axis(const printer *p, int axis, int64_t at) {
    char text[40];
    if (axis == p->shape->rank) {
        number_text(p->numbers[at], text, sizeof text);
        fprintf(p->stream, "%*s", p->width, text);
        return;
    }
    const int64_t size = p->shape->size[axis];
    const bool innermost = axis + 1 == p->shape->rank;
    fputc('[', p->stream);
    for (int64_t k = 0; k < shown_count(p, size); k++) {
        int64_t i = shown_index(p, size, k);
        if (k > 0 && innermost) fputs(", ", p->stream);
        if (k > 0 && !innermost) {
            fputc(',', p->stream);
            for (int line = axis + 1; line < p->shape->rank; line++) fputc('\n', p->stream);
            fprintf(p->stream, "%*s", axis + 1, "");
        }
        if (i < 0)
            fputs("...", p->stream);
        else
            print_axis(p, axis + 1, at * size + i);
    }
    fputc(']', p->stream);
}

void print_array(FILE *stream, const conv_shape *shape, const float *numbers) {
    printer p = {
        .stream = stream, .shape = shape, .numbers = numbers, .shorten = conv_shape_count(shape) > WHOLE_UP_TO};
    measure(&p, 0, 0);
    print_axis(&p, 0, 0);
    fputc('\n', stream);
}

static void json_axis(json *j, const char *key, const conv_shape *shape, int axis, int64_t at, const float *numbers) {
    if (axis == shape->rank) {
        char text[40];
        double value;
        if (!isfinite(numbers[at])) {
            json_text(j, key, NULL);
            return;
        }
        /* The shortest text of the float32, not of its double. */
        number_read_real(number_write_float(numbers[at], text, sizeof text), &value);
        json_real(j, key, value);
        return;
    }
    if (axis + 1 == shape->rank)
        json_line_array(j, key);
    else
        json_array(j, key);
    for (int64_t i = 0; i < shape->size[axis]; i++)
        json_axis(j, NULL, shape, axis + 1, at * shape->size[axis] + i, numbers);
    json_close(j);
}

void json_numbers(json *j, const char *key, const conv_shape *shape, const float *numbers) {
    json_axis(j, key, shape, 0, 0, numbers);
}
