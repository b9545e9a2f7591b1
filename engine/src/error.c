#include "refuse.h"
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

conv_arg number(int64_t value) {
    return (conv_arg){.kind = CONV_ARG_INT, .integer = value};
}

conv_arg real(double value) {
    return (conv_arg){.kind = CONV_ARG_REAL, .real = value};
}

/* Copies at most size - 1 bytes, cut at a whole UTF-8 character. Returns the bytes copied. */
static int copy_characters(char *to, int size, const char *from) {
    int length = 0;
    while (length < size - 1 && from[length] != '\0') length++;
    if (from[length] != '\0')
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80) length--;
    memcpy(to, from, (size_t)length);
    to[length] = '\0';
    return length;
}

conv_arg word(const char *text) {
    conv_arg arg = {.kind = CONV_ARG_TEXT};
    copy_characters(arg.text, (int)sizeof arg.text, text);
    return arg;
}

conv_arg shape_word(const conv_shape *shape) {
    conv_arg arg = {.kind = CONV_ARG_TEXT};
    conv_shape_text(shape, arg.text, (int)sizeof arg.text);
    return arg;
}

conv_arg bytes_word(double bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    int unit = 0;
    while (bytes >= 1024 && unit < 6) {
        bytes /= 1024;
        unit++;
    }
    char digits[40];
    real_text(unit == 0 ? floor(bytes) : floor(bytes * 10 + 0.5) / 10, digits, (int)sizeof digits);
    conv_arg arg = {.kind = CONV_ARG_TEXT};
    snprintf(arg.text, sizeof arg.text, "%s %s", digits, units[unit]);
    return arg;
}

void real_text(double value, char *text, int size) {
    char digits[64];
    int precision = 0;
    do snprintf(digits, sizeof digits, "%.*e", precision, value);
    while (strtod(digits, NULL) != value && ++precision < 17);
    /* As Python does, exponents only where the number is very small or very large. */
    double magnitude = fabs(value);
    const char *exponent = strchr(digits, 'e');
    if (magnitude >= 1e-4 && magnitude < 1e16 && exponent != NULL) {
        int decimals = precision - (int)strtol(exponent + 1, NULL, 10);
        snprintf(digits, sizeof digits, "%.*f", decimals > 0 ? decimals : 0, value);
    } else if (magnitude <= 0) {
        snprintf(digits, sizeof digits, signbit(value) ? "-0" : "0");
    }
    /* The locale's decimal point, of one or more bytes, becomes '.'. */
    int length = 0;
    for (const char *c = digits; *c != '\0' && length < size - 1; c++) {
        if (strchr("0123456789+-einfa", *c) != NULL)
            text[length++] = *c;
        else if (length > 0 && text[length - 1] != '.')
            text[length++] = '.';
    }
    text[length] = '\0';
}

static void arg_text(const conv_arg *arg, char *text, int size) {
    if (arg->kind == CONV_ARG_INT)
        snprintf(text, (size_t)size, "%" PRId64, arg->integer);
    else if (arg->kind == CONV_ARG_REAL)
        real_text(arg->real, text, size);
    else
        copy_characters(text, size, arg->text);
}

void conv_format(char *text, int size, const char *format, const conv_arg *args, int arg_count) {
    if (size <= 0) return;
    int length = 0;
    const char *c = format;
    while (*c != '\0' && length < size - 1) {
        char filled[96];
        if (c[0] == '{' && c[1] >= '0' && c[1] <= '9' && c[2] == '}' && c[1] - '0' < arg_count) {
            arg_text(&args[c[1] - '0'], filled, (int)sizeof filled);
            c += 3;
        } else {
            /* One whole character, so that a cut never splits it. */
            int bytes = 1;
            while (bytes < 4 && ((unsigned char)c[bytes] & 0xC0) == 0x80) bytes++;
            memcpy(filled, c, (size_t)bytes);
            filled[bytes] = '\0';
            c += bytes;
        }
        int written = copy_characters(text + length, size - length, filled);
        length += written;
        if (filled[written] != '\0') break;
    }
    text[length] = '\0';
}

conv_status refuse_with(conv_error *error, conv_status status, const char *parameter, const char *format,
                        const conv_arg *args, int count) {
    if (error == NULL) return status;
    error->status = status;
    copy_characters(error->parameter, (int)sizeof error->parameter, parameter);
    error->format = format;
    error->arg_count = count < CONV_MAX_ARGS ? count : CONV_MAX_ARGS;
    for (int i = 0; i < error->arg_count; i++) error->args[i] = args[i];
    conv_format(error->message, (int)sizeof error->message, format, error->args, error->arg_count);
    return status;
}

conv_status refuse_memory(conv_error *error) {
    return refuse(error, CONV_NO_MEMORY, "", "out of memory: close other programs or use a smaller input");
}
