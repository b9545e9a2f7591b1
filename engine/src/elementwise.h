/* The activations: functions of one number, as PyTorch has them. NaN stays NaN, and -0 a -0 where it does there. */
#ifndef ENGINE_ELEMENTWISE_H
#define ENGINE_ELEMENTWISE_H

#include "exponential.h"
#include <math.h>

static inline float relu(float x) {
    return x < 0 ? 0 : x;
}

static inline float leaky_relu(float x, float slope) {
    float low = x * slope; /* whatever x is: so that many can be done at once */
    return x > 0 ? x : low;
}

static inline float relu6(float x) {
    float low = x < 0 ? 0 : x; /* not nested choices, nor one of `low`: gcc takes more steps */
    return x > 6 ? 6 : low;
}

static inline float hardsigmoid(float x) {
    return relu6(x + 3) / 6;
}

static inline float hardswish(float x) {
    return x * relu6(x + 3) / 6;
}

static inline float sigmoid(float x) {
    return 1 / (1 + exponential(-x));
}

static inline float silu(float x) {
    return x / (1 + exponential(-x));
}

#endif
