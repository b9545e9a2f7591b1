/* e^x in straight lines of float arithmetic: the same bits on every machine, whatever its C library, and many at once.
 *
 * x = n ln 2 + r with |r| <= ln 2 / 2; e^r by the polynomial of Cephes' expf (https://netlib.org/cephes/), ln 2 in two
 * parts; times 2^n in two factors, which reaches the denormal numbers. Within 1 unit in the last place; infinity beyond
 * FLT_MAX, 0 below the denormal numbers; NaN stays NaN. */
#ifndef ENGINE_EXPONENTIAL_H
#define ENGINE_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

/* The bits of 2^n. */
static inline float power_of_two(int32_t n) {
    uint32_t bits = (uint32_t)(n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power;
}

static inline float exponential(float x) {
    const float to_whole = 12582912.0f; /* 1.5 * 2^23: what is added to it is rounded to a whole number */
    float near = x < -104.0f ? -104.0f : x > 89.0f ? 89.0f : x;
    float shifted = near * 1.44269504f + to_whole, n = shifted - to_whole;
    float r = near - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    int32_t whole; /* the low bits of a number near `to_whole`: 2^22 above its power of two */
    memcpy(&whole, &shifted, sizeof whole);
    whole = (whole & 0x7fffff) - 0x400000;
    return p * power_of_two(whole >> 1) * power_of_two(whole - (whole >> 1));
}

#endif
