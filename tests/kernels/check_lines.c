/* The checks of arithmetic along lines: blends, exponentials and what is made of them, the largest, sums. */
#include "check.h"
#include "elementwise.h"
#include <math.h>
#include <stdlib.h>

void check_blend(void) {
    int count = pick(1, 80);
    float outer = (float)pick(-100, 100) * 0.017f;
    guarded sum = take(count), cells = take(count), share = take(count);
    float *right = copy_of(&sum);
    for (int i = 0; i < count; i++) right[i] = fmaf(cells.at[i], outer * share.at[i], right[i]);
    tested->blend(sum.at, cells.at, share.at, outer, count);
    expect("blend", right, sum.at, count);
    free(right);
    give(&sum);
    give(&cells);
    give(&share);
}

void check_exponentials(void) {
    int count = pick(1, 80), step = pick(0, 1);
    guarded from = take(count), less = take(step == 0 ? 1 : count), to = take(count);
    float right[80];
    if (pick(0, 3) == 0) from.at[pick(0, count - 1)] = pick(0, 1) ? INFINITY : -INFINITY;
    for (int i = 0; i < count; i++) from.at[i] *= (float)pick(0, 60);
    for (int i = 0; i < count; i++) right[i] = exponential(from.at[i] - less.at[i * step]);
    tested->exponentials(to.at, from.at, less.at, step, count);
    expect("exponentials", right, to.at, count);
    give(&from);
    give(&less);
    give(&to);
}

void check_divide(void) {
    int count = pick(1, 80), step = pick(0, 1);
    guarded by = take(step == 0 ? 1 : count), to = take(count);
    float *right = copy_of(&to);
    for (int i = 0; i < count; i++) right[i] /= by.at[i * step];
    tested->divide(to.at, by.at, step, count);
    expect("divide", right, to.at, count);
    free(right);
    give(&by);
    give(&to);
}

void check_elementwise(void) {
    static const conv_kind kinds[] = {CONV_RELU, CONV_LEAKY_RELU, CONV_TANH,        CONV_SIGMOID,
                                      CONV_SILU, CONV_RELU6,      CONV_HARDSIGMOID, CONV_HARDSWISH};
    static const float ends[] = {INFINITY, -INFINITY, NAN, -0.0f, 0, -3, 3, 6, 1e-45f, -1e-45f, 3e38f, -3e38f};
    int count = pick(1, 80), kind = pick(0, 7);
    float slope = (float)pick(-10, 10) * 0.07f, right[80];
    guarded from = take(count), to = take(count);
    for (int i = 0; i < count; i++) from.at[i] = pick(0, 7) ? from.at[i] * (float)pick(0, 12) : ends[pick(0, 11)];
    for (int i = 0; i < count; i++) {
        float x = from.at[i];
        const float values[] = {relu(x),  leaky_relu(x, slope), tanhf(x),    sigmoid(x), silu(x),
                                relu6(x), hardsigmoid(x),       hardswish(x)};
        right[i] = values[kind];
    }
    tested->elementwise[kinds[kind]](to.at, from.at, slope, count);
    for (int i = 0; i < count; i++) /* the sign of a NaN is no number's */
        if (isnan(right[i]) && isnan(to.at[i])) right[i] = to.at[i] = 0;
    expect("elementwise", right, to.at, count);
    give(&from);
    give(&to);
}

void check_maximum(void) {
    int count = pick(1, 80);
    guarded from = take(count);
    float right = -INFINITY;
    for (int i = 0; i < count; i++) right = fmaxf(right, from.at[i]);
    float found = tested->maximum(from.at, count);
    expect("maximum", &right, &found, 1);
    from.at[pick(0, count - 1)] = NAN;
    if (!isnan(tested->maximum(from.at, count))) failures++;
    give(&from);
}

void check_line_sums(void) {
    int lines = pick(0, 2) == 0 ? tested->lanes : pick(1, tested->lanes), count = pick(1, 40),
        step = count + pick(0, 9);
    guarded from = take((lines - 1) * step + count), sum = take(lines);
    float *right = copy_of(&sum);
    for (int j = 0; j < lines; j++)
        for (int i = 0; i < count; i++) right[j] += from.at[j * step + i];
    tested->line_sums(sum.at, from.at, step, lines, count);
    expect("line_sums", right, sum.at, lines);
    free(right);
    give(&from);
    give(&sum);
}
