#include "hatch.h"

#include <math.h>
#include <stdlib.h>

int hatch_outline(const display_list *l, const item *i, point *corners, int capacity) {
    box b = i->box;
    int count = 0;
    switch (i->kind) {
    case ITEM_RECT: {
        const point p[4] = {{b.x, b.y}, {b.x + b.width, b.y}, {b.x + b.width, b.y + b.height}, {b.x, b.y + b.height}};
        for (; count < 4 && count < capacity; count++) corners[count] = p[count];
        break;
    }
    case ITEM_CIRCLE:
        for (; count < 32 && count < capacity; count++) {
            float angle = (float)count * 0.19634954f;
            corners[count] = (point){b.x + i->radius * cosf(angle), b.y + i->radius * sinf(angle)};
        }
        break;
    case ITEM_POLYGON:
        for (; count < capacity && (size_t)count < i->count; count++)
            corners[count] = l->points[i->first + (size_t)count];
        break;
    default:
        break;
    }
    return count;
}

static int by_x(const void *a, const void *b) {
    float p = ((const point *)a)->x, q = ((const point *)b)->x;
    return p < q ? -1 : p > q;
}

void hatch_lines(const point *corners, int count, void (*put)(void *context, segment s), void *context) {
    enum { MOST_CROSSINGS = 64, MOST_LINES = 4096 };
    if (count < 3) return;
    float left = INFINITY, top = INFINITY, least = INFINITY, most = -INFINITY;
    for (int k = 0; k < count; k++) {
        float sum = corners[k].x + corners[k].y;
        left = fminf(left, corners[k].x);
        top = fminf(top, corners[k].y);
        least = fminf(least, sum);
        most = fmaxf(most, sum);
    }
    float begin = left + top + 0.5f * HATCH_THICK;
    begin += ceilf((least - begin) / HATCH_SPACING) * HATCH_SPACING;
    if (!(most - begin < HATCH_SPACING * MOST_LINES)) return;
    const int lines = most > begin ? (int)ceilf((most - begin) / HATCH_SPACING) : 0;
    for (int line = 0; line < lines; line++) {
        float sum = begin + (float)line * HATCH_SPACING;
        point crossings[MOST_CROSSINGS];
        int n = 0;
        for (int k = 0; k < count; k++) {
            point a = corners[k], b = corners[(k + 1) % count];
            float u = a.x + a.y - sum, v = b.x + b.y - sum;
            if ((u < 0) == (v < 0) || n == MOST_CROSSINGS) continue;
            float t = u / (u - v);
            crossings[n++] = (point){a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)};
        }
        qsort(crossings, (size_t)n, sizeof *crossings, by_x);
        for (int k = 0; k + 1 < n; k += 2) put(context, (segment){crossings[k], crossings[k + 1]});
    }
}

void dash_fit(float side, float dash, float gap, float *fitted_dash, float *fitted_gap) {
    float count = fmaxf(1, rintf(side / (dash + gap))), stretch = side / count / (dash + gap);
    *fitted_dash = dash * stretch;
    *fitted_gap = gap * stretch;
}
