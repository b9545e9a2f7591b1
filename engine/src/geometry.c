#include "geometry.h"

#include "split.h"

int64_t conv_axis_extent(const conv_axis *axis) {
    return axis->dilation * (axis->kernel - 1) + 1;
}

int64_t conv_axis_tap(const conv_axis *axis, int64_t window, int64_t tap) {
    return axis_tap(axis, window, tap);
}

int64_t conv_axis_source(conv_padding_mode mode, int64_t size, int64_t p) {
    if (p >= 0 && p < size) return p;
    if (size <= 0) return -1;
    switch (mode) {
    case CONV_REFLECT: {
        if (size == 1) return 0;
        int64_t period = 2 * (size - 1), at = p % period;
        if (at < 0) at += period;
        return at < size ? at : period - at;
    }
    case CONV_REPLICATE:
        return p < 0 ? 0 : size - 1;
    case CONV_CIRCULAR: {
        int64_t at = p % size;
        return at < 0 ? at + size : at;
    }
    default:
        return -1;
    }
}

conv_axis axis_neutral(int64_t size) {
    return (conv_axis){.in = size, .out = size, .kernel = 1, .stride = 1, .dilation = 1, .mode = CONV_ZEROS};
}

static int64_t floor_divide(int64_t a, int64_t b) {
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

static int64_t clamp(int64_t value, int64_t low, int64_t high) {
    return value < low ? low : value > high ? high : value;
}

static void each_reader_of(const conv_axis *axis, int64_t p, axis_visit *visit, void *context) {
    for (int64_t tap = 0; tap < axis->kernel; tap++) {
        int64_t window = axis_window(axis, axis->out, p, tap);
        if (window >= 0) visit(context, p, window, tap);
    }
}

void axis_each_reader(const conv_axis *axis, int64_t cell, axis_visit *visit, void *context) {
    bool copies = axis->mode == CONV_REFLECT || axis->mode == CONV_REPLICATE || axis->mode == CONV_CIRCULAR;
    if (copies)
        for (int64_t p = -axis->pad_before; p < 0; p++)
            if (axis_source(axis, p) == cell) each_reader_of(axis, p, visit, context);
    each_reader_of(axis, cell, visit, context);
    if (copies)
        for (int64_t p = axis->in; p < axis->in + axis->pad_after; p++)
            if (axis_source(axis, p) == cell) each_reader_of(axis, p, visit, context);
}

static void count_reader(void *context, int64_t p, int64_t window, int64_t tap) {
    (void)p, (void)window, (void)tap;
    ++*(int64_t *)context;
}

int64_t axis_reads(const conv_axis *axis, int64_t cell) {
    int64_t count = 0;
    axis_each_reader(axis, cell, count_reader, &count);
    return count;
}

int64_t axis_lands(const conv_axis *axis, int64_t cell) {
    int64_t count = 0;
    for (int64_t tap = 0; tap < axis->kernel; tap++) count += axis_window(axis, axis->in, cell, tap) >= 0;
    return count;
}

int64_t axis_kept(const conv_axis *axis, int64_t window) {
    int64_t count = 0;
    for (int64_t tap = 0; tap < axis->kernel; tap++) {
        int64_t p = axis_tap(axis, window, tap);
        count += p >= 0 && p < axis->out;
    }
    return count;
}

/* Sum of floor((a * i + b) / m) for i in [0, n), all >= 0, by Euclid's algorithm. */
static __int128 floor_sum(__int128 n, __int128 m, __int128 a, __int128 b) {
    __int128 sum = 0;
    while (n > 0) {
        sum += n * (n - 1) / 2 * (a / m) + n * (b / m);
        a %= m;
        b %= m;
        __int128 top = a * n + b;
        if (top < m) break;
        n = top / m;
        b = top % m;
        __int128 swap = m;
        m = a;
        a = swap;
    }
    return sum;
}

/* Pairs (window, tap) with window * stride + tap * dilation < bound. */
static __int128 pairs_below(const conv_axis *axis, int64_t windows, __int128 bound) {
    if (bound <= 0) return 0;
    __int128 s = axis->stride, d = axis->dilation, k = axis->kernel, n = windows;
    /* Taps below `full` have all their windows below the bound, taps from `none` on have no window. */
    __int128 rest = bound - 1 - (n - 1) * s;
    __int128 full = rest < 0 ? 0 : rest / d + 1;
    __int128 none = (bound - 1) / d + 1;
    if (full > k) full = k;
    if (none > k) none = k;
    /* In between, tap t has floor((bound - 1 - t * d) / s) + 1 windows; summed from the last tap backwards. */
    __int128 count = none - full;
    if (count <= 0) return full * n;
    return full * n + floor_sum(count, s, d, bound - 1 - (none - 1) * d) + count;
}

int64_t axis_inside(const conv_axis *axis, int64_t windows, int64_t size) {
    if (windows <= 0 || size <= 0) return 0;
    __int128 pairs =
        pairs_below(axis, windows, (__int128)axis->pad_before + size) - pairs_below(axis, windows, axis->pad_before);
    return pairs > INT64_MAX ? -1 : (int64_t)pairs;
}

int64_t greatest_divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

int64_t axes_inputs(const conv_axis *axis) {
    return axis[0].in * axis[1].in * axis[2].in;
}

int64_t axes_outputs(const conv_axis *axis) {
    return axis[0].out * axis[1].out * axis[2].out;
}

int64_t axes_taps(const conv_axis *axis) {
    return axis[0].kernel * axis[1].kernel * axis[2].kernel;
}

static void widen(int64_t cell, int64_t *first, int64_t *last) {
    if (cell < 0) return;
    if (cell < *first) *first = cell;
    if (cell > *last) *last = cell;
}

static int64_t ceil_divide(int64_t a, int64_t b) {
    return -floor_divide(-a, b);
}

/* The cells themselves, not their copies in the padding. A tap's first window inside the input reads one of the first
 * `stride` cells, which one recurs from tap to tap, unless that is already the first window of all; likewise at the
 * end. So few taps count, however many there are. */
static void reach_inside(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last) {
    const int64_t s = axis->stride, d = axis->dilation, round = s / greatest_divisor(s, d);
    const int64_t low = axis->pad_before, high = axis->pad_before + axis->in - 1, end = axis->kernel - 1;
    /* Taps that have a window inside; `all`: the first whose windows all begin inside, or the last whose all end so. */
    int64_t tap = at_least(ceil_divide(low - out_last * s, d), 0),
            all = at_least(ceil_divide(low - out_first * s, d), 0);
    for (int64_t most = at_most(at_most(all, end), tap + round - 1); tap <= most; tap++) {
        int64_t p = at_least(ceil_divide(low - tap * d, s), out_first) * s + tap * d - low;
        if (p < axis->in) widen(p, first, last);
    }
    if (all <= end && out_first * s + all * d <= high) widen(out_first * s + all * d - low, first, last);
    tap = at_most(floor_divide(high - out_first * s, d), end);
    all = at_most(floor_divide(high - out_last * s, d), end);
    for (int64_t least = at_least(at_least(all, 0), tap - round + 1); tap >= least; tap--) {
        int64_t p = at_most(floor_divide(high - tap * d, s), out_last) * s + tap * d - low;
        if (p >= 0) widen(p, first, last);
    }
    if (all >= 0 && out_last * s + all * d >= low) widen(out_last * s + all * d - low, first, last);
}

/* What the padding copies. */
static void reach_copies(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last) {
    for (int64_t tap = 0; tap < axis->kernel; tap++) {
        /* Windows from `begin` to `end` have this tap inside the input; those before and behind have it in the padding.
         */
        int64_t at = tap * axis->dilation - axis->pad_before;
        int64_t begin = clamp(-floor_divide(at, axis->stride), out_first, out_last + 1);
        int64_t end = clamp(floor_divide(axis->in - 1 - at, axis->stride), out_first - 1, out_last);
        for (int64_t w = out_first; w < begin; w++) widen(axis_source(axis, axis_tap(axis, w, tap)), first, last);
        for (int64_t w = end + 1 > begin ? end + 1 : begin; w <= out_last; w++)
            widen(axis_source(axis, axis_tap(axis, w, tap)), first, last);
    }
}

void axis_reach_gather(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last) {
    *first = INT64_MAX;
    *last = -1;
    if (out_first <= out_last) {
        reach_inside(axis, out_first, out_last, first, last);
        const bool whole = *first == 0 && *last == axis->in - 1;
        if (!whole && axis->mode != CONV_ZEROS && axis->mode != CONV_CONSTANT)
            reach_copies(axis, out_first, out_last, first, last);
    }
    if (*last < 0) *first = 0;
}

/* Whether a stamp lands on a cell repeats from window to window, where its ends do not matter. */
void axis_reach_scatter(const conv_axis *axis, int64_t out_first, int64_t out_last, int64_t *first, int64_t *last) {
    const int64_t s = axis->stride, d = axis->dilation, round = d / greatest_divisor(s, d);
    const int64_t low = out_first + axis->pad_before, high = out_last + axis->pad_before;
    const int64_t begin = at_least(ceil_divide(low - (axis->kernel - 1) * d, s), 0);
    const int64_t end = at_most(floor_divide(high, s), axis->in - 1);
    *first = INT64_MAX;
    *last = -1;
    for (int64_t w = begin, most = at_most(end, begin + round - 1); w <= most && *last < 0; w++)
        if (ceil_divide(low - w * s, d) <= floor_divide(high - w * s, d)) widen(w, first, last);
    for (int64_t w = end, least = at_least(begin, end - round + 1); w >= least && *last >= 0; w--) {
        if (ceil_divide(low - w * s, d) > floor_divide(high - w * s, d)) continue;
        widen(w, first, last);
        break;
    }
    if (*last < 0) *first = 0;
}
