/* Maxima, sums, exponentials, quotients and activations of lines of numbers, each sum a chain: lines lie across the
 * vectors. */
#ifndef ENGINE_KERNEL_LINES_H
#define ENGINE_KERNEL_LINES_H

#include "elementwise.h"
#include "simd.h"

static void kernel_exponentials(float *to, const float *from, const float *less, int less_step, int64_t count) {
    if (less_step == 0) {
        float all = less[0];
        for (int64_t i = 0; i < count; i++) to[i] = exponential(from[i] - all);
        return;
    }
    for (int64_t i = 0; i < count; i++) to[i] = exponential(from[i] - less[i]);
}

static void kernel_divide(float *to, const float *by, int by_step, int64_t count) {
    if (by_step == 0) {
        float all = by[0];
        for (int64_t i = 0; i < count; i++) to[i] /= all;
        return;
    }
    for (int64_t i = 0; i < count; i++) to[i] /= by[i];
}

#define KERNEL_ELEMENTWISE(name, value)                                                                                \
    static void kernel_##name(float *to, const float *from, float slope, int64_t count) {                              \
        (void)slope;                                                                                                   \
        for (int64_t i = 0; i < count; i++) to[i] = value;                                                             \
    }
KERNEL_ELEMENTWISE(relu, relu(from[i]))
KERNEL_ELEMENTWISE(leaky_relu, leaky_relu(from[i], slope))
KERNEL_ELEMENTWISE(tanh, tanhf(from[i]))
KERNEL_ELEMENTWISE(sigmoid, sigmoid(from[i]))
KERNEL_ELEMENTWISE(silu, silu(from[i]))
KERNEL_ELEMENTWISE(relu6, relu6(from[i]))
KERNEL_ELEMENTWISE(hardsigmoid, hardsigmoid(from[i]))
KERNEL_ELEMENTWISE(hardswish, hardswish(from[i]))

static float kernel_maximum(const float *from, int64_t count) {
    vec most = v_all(-INFINITY);
    bool nan = false;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vec x = v_load(from + i);
        nan |= v_has_nan(x);
        most = v_max(most, x);
    }
    float lanes[LANES], maximum = -INFINITY;
    v_store(lanes, most);
    for (int j = 0; j < LANES; j++) maximum = lanes[j] > maximum ? lanes[j] : maximum;
    for (; i < count; i++) {
        nan |= from[i] != from[i];
        maximum = from[i] > maximum ? from[i] : maximum;
    }
    return nan ? NAN : maximum;
}

static void kernel_line_sums(float *sum, const float *from, int64_t step, int lines, int64_t count) {
    vec block[LANES], total = v_load_part(sum, v_first(lines));
    int64_t i = 0;
    if (lines == LANES)
        for (; i + LANES <= count; i += LANES) {
            UNROLL for (int j = 0; j < LANES; j++) block[j] = v_load(from + j * step + i);
            v_transpose(block);
            UNROLL for (int j = 0; j < LANES; j++) total = v_add(total, block[j]);
        }
    for (; i < count; i += LANES) {
        lanes_mask there = v_first(count - i);
        UNROLL for (int j = 0; j < LANES; j++) block[j] =
            j < lines ? v_load_part(from + j * step + i, there) : v_zero();
        v_transpose(block);
        UNROLL for (int j = 0; j < LANES; j++) {
            if (i + j < count) total = v_add(total, block[j]);
        }
    }
    v_store_part(sum, v_first(lines), total);
}

#endif
