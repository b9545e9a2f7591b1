#include "short_number.h"
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* scaled / 10^decimals without trailing zeros. */
static void fixed(char *text, int size, bool negative, int64_t scaled, int decimals) {
    while (decimals > 0 && scaled % 10 == 0) {
        scaled /= 10;
        decimals--;
    }
    int64_t unit = 1;
    if (decimals > 18) decimals = 18;
    for (int i = 0; i < decimals; i++) unit *= 10;
    const char *sign = negative && scaled ? "-" : "";
    int length = decimals ? snprintf(text, (size_t)size, "%s%lld.%0*lld", sign, (long long)(scaled / unit), decimals,
                                     (long long)(scaled % unit))
                          : snprintf(text, (size_t)size, "%s%lld", sign, (long long)scaled);
    if (length < 0) text[0] = 0;
}

int short_number(char *text, int size, double value, int digits) {
    text[0] = 0;
    if (isnan(value)) return 0;
    if (isinf(value)) {
        snprintf(text, (size_t)size, "%s∞", value < 0 ? "-" : "");
        return value < 0 ? 2 : 1;
    }
    double magnitude = fabs(value);
    bool negative = value < 0;
    if (magnitude == floor(magnitude) && magnitude < 100000) {
        fixed(text, size, negative, (int64_t)magnitude, 0);
        return (int)strlen(text);
    }
    int exponent = (int)floor(log10(magnitude));
    int64_t limit = 1;
    for (int i = 0; i < digits; i++) limit *= 10;
    int64_t scaled = llround(magnitude * pow(10, digits - 1 - exponent));
    if (scaled >= limit) {
        scaled = llround(magnitude * pow(10, digits - 2 - exponent));
        exponent++;
    }
    int decimals = digits - 1 - exponent;
    if (exponent >= 5 || exponent < -3) {
        fixed(text, size, negative, scaled, digits - 1);
        size_t length = strlen(text);
        snprintf(text + length, (size_t)size - length, "e%d", exponent);
    } else if (decimals <= 0) {
        fixed(text, size, negative, llround(magnitude), 0);
    } else {
        fixed(text, size, negative, scaled, decimals);
    }
    return (int)strlen(text);
}
