#include "coverage.h"

#include "app/system/memory.h"

#include <math.h>
#include <string.h>

enum { ONE = 1 << 16 }; /* a whole pixel: whole numbers, so that the sums don't depend on where a clip begins */

bool coverage_reserve(coverage *c, int width) {
    if (width <= c->width) return true;
    int32_t *sums = memory_zeroed((size_t)COVERAGE_BAND * ((size_t)width + 2), sizeof *sums);
    if (!sums) return false;
    memory_free(c->sums);
    c->sums = sums;
    c->width = width;
    return true;
}

void coverage_destroy(coverage *c) {
    memory_free(c->sums);
    *c = (coverage){0};
}

void coverage_begin(coverage *c, int left, int top, int right, int bottom) {
    c->left = left;
    c->top = top;
    c->right = right;
    c->bottom = bottom < top + COVERAGE_BAND ? bottom : top + COVERAGE_BAND;
    for (int k = 0; k < COVERAGE_BAND; k++) {
        c->first[k] = right - left + 1;
        c->last[k] = -1;
    }
}

/* Rounded to the nearest, halves away from zero. */
static inline int32_t fixed(float v) {
    v *= ONE;
    return (int32_t)(v < 0 ? v - 0.5f : v + 0.5f);
}

/* What the running sum is at pixel x, for the part of an edge inside one row from x0 to x1 (x0 <= x1) that is `cover`
 * rows high: the area of the pixel that lies right of it. */
static inline int32_t area_at(int x, float x0, float x1, float cover) {
    float left = (float)x, right = left + 1;
    if (right <= x0) return 0;
    if (left >= x1) return fixed(cover);
    if (x0 >= left && x1 <= right) return fixed(cover * (right - 0.5f * (x0 + x1)));
    float slope = cover / (x1 - x0), begin = x0 > left ? x0 : left, end = x1 < right ? x1 : right;
    return fixed(slope * ((begin - x0) + (end - begin) * (right - 0.5f * (begin + end))));
}

static inline void add_row(coverage *c, int row, float x0, float x1, float cover) {
    if (x0 > x1) {
        float swap = x0;
        x0 = x1;
        x1 = swap;
    }
    if (!(x0 < (float)c->right)) { /* all of it lies behind: what began before goes on to the border */
        c->last[row] = c->right - c->left;
        return;
    }
    int first = x0 > (float)c->left ? (int)x0 : c->left, last = c->right;
    if (x1 < (float)c->right) last = x1 > (float)c->left ? (int)x1 : c->left; /* far outside is no int */
    int32_t *sums = c->sums + (size_t)row * ((size_t)c->width + 2), before = 0;
    for (int x = first; x <= last; x++) {
        int32_t area = area_at(x, x0, x1, cover);
        sums[x - c->left] += area - before;
        before = area;
    }
    if (last < c->right) sums[last + 1 - c->left] += fixed(cover) - before;
    if (first - c->left < c->first[row]) c->first[row] = first - c->left;
    if (last + 1 - c->left > c->last[row]) c->last[row] = last + 1 - c->left;
}

void coverage_edge(coverage *c, point from, point to) {
    float sign = 1;
    if (from.y > to.y) {
        point swap = from;
        from = to;
        to = swap;
        sign = -1;
    }
    float top = (float)c->top, bottom = (float)c->bottom;
    if (!(to.y > top) || !(from.y < bottom) || from.y == to.y) return;
    float slope = (to.x - from.x) / (to.y - from.y), end = to.y < bottom ? to.y : bottom;
    float y = from.y > top ? from.y : top, x = from.x + (y - from.y) * slope;
    for (int row = (int)y - c->top; y < end; row++) {
        float below = (float)(c->top + row + 1);
        if (below > end) below = end;
        float next = from.x + (below - from.y) * slope;
        add_row(c, row, x, next, sign * (below - y));
        x = next;
        y = below;
    }
}

int coverage_take(coverage *c, int row, int *x, uint8_t *alpha) {
    int first = c->first[row], end = c->last[row] + 1, columns = c->right - c->left;
    if (end <= first) return 0;
    int32_t *sums = c->sums + (size_t)row * ((size_t)c->width + 2), sum = 0;
    int wanted = end < columns ? end : columns;
    uint8_t shown = 0;
    for (int k = first; k < wanted; k++) {
        if (sums[k] != 0) { /* inside and outside nothing changes */
            sum += sums[k];
            int32_t area = sum < 0 ? -sum : sum;
            shown = (uint8_t)(((area < ONE ? area : ONE) * 255 + ONE / 2) >> 16);
        }
        alpha[k - first] = shown;
    }
    memset(sums + first, 0, (size_t)(end - first) * sizeof *sums);
    *x = c->left + first;
    return wanted - first;
}
