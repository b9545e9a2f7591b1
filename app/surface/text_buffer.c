#include "text_buffer.h"

#include "app/system/memory.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void buffer_bytes(text_buffer *b, const char *text, size_t count) {
    if (!memory_reserve(&b->text, &b->capacity, b->count + count + 1, 1)) {
        b->failed = true;
        return;
    }
    memcpy(b->text + b->count, text, count);
    b->count += count;
    b->text[b->count] = 0;
}

void buffer_put(text_buffer *b, const char *text) {
    buffer_bytes(b, text, strlen(text));
}

void buffer_integer(text_buffer *b, const char *before, int64_t value) {
    char digits[32];
    snprintf(digits, sizeof digits, "%" PRId64, value);
    buffer_put(b, before);
    buffer_put(b, digits);
}

void buffer_real(text_buffer *b, double value) {
    if (!(fabs(value) < 1e12)) value = 0;
    int64_t thousandths = llround(value * 1000);
    if (thousandths < 0) buffer_put(b, "-");
    uint64_t magnitude = (uint64_t)(thousandths < 0 ? -thousandths : thousandths);
    char digits[48];
    snprintf(digits, sizeof digits, "%" PRIu64 ".%03" PRIu64, magnitude / 1000, magnitude % 1000);
    size_t length = strlen(digits);
    while (digits[length - 1] == '0') length--;
    if (digits[length - 1] == '.') length--;
    buffer_bytes(b, digits, length);
}

void buffer_number(text_buffer *b, const char *name, double value) {
    buffer_put(b, name);
    buffer_put(b, "=\"");
    buffer_real(b, value);
    buffer_put(b, "\"");
}

void buffer_escaped(text_buffer *b, const char *text, size_t count) {
    for (size_t k = 0; k < count; k++) {
        unsigned char c = (unsigned char)text[k];
        if (c == '&')
            buffer_put(b, "&amp;");
        else if (c == '<')
            buffer_put(b, "&lt;");
        else if (c == '>')
            buffer_put(b, "&gt;");
        else if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            buffer_put(b, "\xEF\xBF\xBD");
        else
            buffer_bytes(b, text + k, 1);
    }
}

void buffer_base64(text_buffer *b, const uint8_t *data, size_t size) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t k = 0; k < size; k += 3) {
        uint32_t n = (uint32_t)data[k] << 16;
        if (k + 1 < size) n |= (uint32_t)data[k + 1] << 8;
        if (k + 2 < size) n |= data[k + 2];
        char four[4] = {letters[n >> 18], letters[n >> 12 & 63], k + 1 < size ? letters[n >> 6 & 63] : '=',
                        k + 2 < size ? letters[n & 63] : '='};
        buffer_bytes(b, four, 4);
    }
}
