/* Colours as people with colour blindness see them. */
#ifndef TESTS_SIGHT_H
#define TESTS_SIGHT_H

#include "app/figure/theme.h"
#include <math.h>

enum { SIGHTS = 3 };
static const char *const sight_names[SIGHTS] = {"full sight", "deuteranopia", "protanopia"};

static inline double to_linear(uint8_t c) {
    double v = c / 255.0;
    return v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
}

static inline uint8_t from_linear(double v) {
    v = fmax(0, fmin(1, v));
    return (uint8_t)lrint(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055));
}

/* Severity 1.0 of Machado, Oliveira and Fernandes: A Physiologically-based Model for Simulation of Color Vision
 * Deficiency (2009), on linear sRGB. */
static inline color seen(color c, int sight) {
    static const double sights[SIGHTS][3][3] = {
        {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
        {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
        {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    };
    double rgb[3] = {to_linear(c.r), to_linear(c.g), to_linear(c.b)}, out[3];
    for (int k = 0; k < 3; k++)
        out[k] = sights[sight][k][0] * rgb[0] + sights[sight][k][1] * rgb[1] + sights[sight][k][2] * rgb[2];
    return (color){from_linear(out[0]), from_linear(out[1]), from_linear(out[2]), 255};
}

#endif
