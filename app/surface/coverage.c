#include "coverage.h"

#include "app/system/memory.h"

#include <math.h>
#include <string.h>

bool coverage_reserve(coverage *c, int width) {
    if (width <= c->width) return true;
    float *sums = memory_zeroed((size_t)COVERAGE_BAND * ((size_t)width + 2), sizeof *sums);
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

/* The part of an edge inside one row: from x0 to x1 (in pixels from the left border), `cover` rows high, signed. */
static void add_row(coverage *c, int row, float x0, float x1, float cover) {
    float limit = (float)(c->right - c->left);
    x0 = fmaxf(0, fminf(limit, x0));
    x1 = fmaxf(0, fminf(limit, x1));
    if (x0 > x1) {
        float swap = x0;
        x0 = x1;
        x1 = swap;
    }
    float *sums = c->sums + (size_t)row * ((size_t)c->width + 2);
    int first = (int)x0, last = (int)x1;
    if (first < c->first[row]) c->first[row] = first;
    if (last + 1 > c->last[row]) c->last[row] = last + 1;
    if (first == last) { /* within one pixel: what lies right of the edge's middle */
        float right = 1 - (0.5f * (x0 + x1) - (float)first);
        sums[first] += cover * right;
        sums[first + 1] += cover * (1 - right);
        return;
    }
    float slope = cover / (x1 - x0); /* cover gained for each pixel to the right */
    float a = (float)(first + 1) - x0;
    float before = 0.5f * a * a * slope; /* area left behind in the pixel */
    sums[first] += before;
    float spent = before;
    for (int x = first + 1; x < last; x++) {
        float area = slope * ((float)x + 0.5f - x0);
        sums[x] += area - spent;
        spent = area;
    }
    float b = x1 - (float)last, area = slope * ((float)last - x0 + b * (1 - 0.5f * b));
    sums[last] += area - spent;
    sums[last + 1] += cover - area;
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
    if (to.y <= top || from.y >= bottom || from.y == to.y) return;
    float slope = (to.x - from.x) / (to.y - from.y);
    float y = fmaxf(from.y, top), end = fminf(to.y, bottom);
    float x = from.x + (y - from.y) * slope - (float)c->left;
    for (int row = (int)y - c->top; y < end; row++) {
        float below = fminf((float)(c->top + row + 1), end);
        float next = x + (below - y) * slope;
        add_row(c, row, x, next, sign * (below - y));
        x = next;
        y = below;
    }
}

int coverage_take(coverage *c, int row, int *x, uint8_t *alpha) {
    int first = c->first[row], end = c->last[row] + 1, columns = c->right - c->left;
    if (end <= first) return 0;
    float *sums = c->sums + (size_t)row * ((size_t)c->width + 2), sum = 0;
    int wanted = end < columns ? end : columns;
    for (int k = first; k < wanted; k++) {
        sum += sums[k];
        alpha[k - first] = (uint8_t)(fminf(fabsf(sum), 1) * 255 + 0.5f);
    }
    memset(sums + first, 0, (size_t)(end - first) * sizeof *sums);
    *x = c->left + first;
    return wanted - first;
}
