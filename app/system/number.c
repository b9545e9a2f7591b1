#include "number.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Runs with the C locale on this thread only. glibc's "C" locale is a constant: nothing is allocated. */
typedef struct c_locale {
    locale_t plain, former;
} c_locale;

static c_locale c_locale_enter(void) {
    c_locale l = {.plain = newlocale(LC_ALL_MASK, "C", (locale_t)0)};
    l.former = uselocale(l.plain);
    return l;
}

static void c_locale_leave(c_locale l) {
    uselocale(l.former);
    if (l.plain) freelocale(l.plain);
}

bool number_read_integer(const char *text, int64_t *value) {
    const char *digits = text + (*text == '-' || *text == '+');
    if (*digits < '0' || *digits > '9') return false;
    char *end;
    errno = 0;
    long long read = strtoll(text, &end, 10);
    if (*end || errno) return false;
    *value = read;
    return true;
}

bool number_read_real(const char *text, double *value) {
    if (!*text || strspn(text, " \t\n\v\f\r") > 0 || strpbrk(text, "xXpP")) return false;
    c_locale l = c_locale_enter();
    char *end;
    double read = strtod(text, &end);
    c_locale_leave(l);
    if (*end) return false;
    *value = read;
    return true;
}

char *number_write(double value, int digits, char *text, size_t size) {
    c_locale l = c_locale_enter();
    snprintf(text, size, "%.*g", digits, value);
    c_locale_leave(l);
    return text;
}

char *number_write_float(float value, char *text, size_t size) {
    for (int digits = 1; digits <= 9; digits++) {
        number_write((double)value, digits, text, size);
        double back;
        if (!isfinite(value) || (number_read_real(text, &back) && (float)back == value)) break;
    }
    return text;
}

char *number_write_double(double value, char *text, size_t size) {
    for (int digits = 1; digits <= 17; digits++) {
        number_write(value, digits, text, size);
        double back;
        if (!isfinite(value) || (number_read_real(text, &back) && back == value)) break;
    }
    return text;
}

char *number_write_grouped(int64_t value, char *text, size_t size) {
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%" PRId64, value);
    size_t used = 0;
    for (int i = 0; i < length && used + 1 < size; i++) {
        int left = length - i;
        bool first = i == 0 || (i == 1 && digits[0] == '-');
        if (!first && left % 3 == 0 && used + 2 < size) text[used++] = ',';
        text[used++] = digits[i];
    }
    if (size) text[used] = '\0';
    return text;
}
