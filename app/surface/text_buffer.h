/* Text that grows, for writers of text formats. Numbers don't depend on the locale. */
#ifndef SURFACE_TEXT_BUFFER_H
#define SURFACE_TEXT_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct text_buffer {
    char *text; /* ended by a zero. The user frees it (memory_free) */
    size_t count, capacity;
    bool failed; /* out of memory: text is missing */
} text_buffer;

void buffer_put(text_buffer *b, const char *text);
void buffer_bytes(text_buffer *b, const char *text, size_t count);
void buffer_real(text_buffer *b, double value);                     /* to a thousandth; no trailing zeros */
void buffer_number(text_buffer *b, const char *name, double value); /* name="value" */
void buffer_integer(text_buffer *b, const char *before, int64_t value);
void buffer_escaped(text_buffer *b, const char *text, size_t count); /* for XML; what XML cannot hold is U+FFFD */
void buffer_base64(text_buffer *b, const uint8_t *data, size_t size);

#endif
