/* Lines along an axis, dashed or whole: what they cover of a pixel is a product of two lengths, and needs no path. */
#include "raster_state.h"

#include <math.h>

/* How much of the line's first `t` pixels is drawn. */
static float drawn(float t, float length, float dash, float period) {
    t = fmaxf(0, fminf(t, length));
    if (!(dash > 0 && dash < period)) return t;
    const float whole = floorf(t / period);
    return whole * dash + fminf(t - whole * period, dash);
}

/* Of the pixel [at, at + 1] along a line that begins at `from`. */
static float along(float at, float from, bool back, float length, float dash, float period) {
    const float a = back ? from - at - 1 : at - from, b = a + 1;
    return drawn(b, length, dash, period) - drawn(a, length, dash, period);
}

static float across(int at, float low, float high) {
    return fmaxf(0, fminf(high, (float)at + 1) - fmaxf(low, (float)at));
}

static uint8_t whole_alpha(float covered) {
    return (uint8_t)lrintf(255 * fminf(covered, 1));
}

static void draw_level(raster *r, raster_box b, point from, point to, float low, float high, float dash, float period,
                       const source *s) {
    const bool back = to.x < from.x;
    for (int x = b.left; x < b.right; x++)
        r->row[x - b.left] = whole_alpha(along((float)x, from.x, back, fabsf(to.x - from.x), dash, period));
    for (int y = b.top; y < b.bottom; y++) {
        const source faint = {scaled(s->color, whole_alpha(across(y, low, high))), s->lines, s->anchor};
        raster_blend(r, b.left, y, b.right - b.left, r->row, &faint);
    }
}

static void draw_upright(raster *r, raster_box b, point from, point to, float low, float high, float dash, float period,
                         const source *s) {
    const bool back = to.y < from.y;
    for (int y = b.top; y < b.bottom; y++) {
        const float covered = along((float)y, from.y, back, fabsf(to.y - from.y), dash, period);
        if (covered <= 0) continue;
        for (int x = b.left; x < b.right; x++) r->row[x - b.left] = whole_alpha(covered * across(x, low, high));
        raster_blend(r, b.left, y, b.right - b.left, r->row, s);
    }
}

void raster_straight(raster *r, point from, point to, float width, float dash, float gap, const source *s) {
    const bool level = from.y == to.y;
    const float middle = level ? from.y : from.x, low = middle - 0.5f * width, high = middle + 0.5f * width;
    const float least = level ? fminf(from.x, to.x) : fminf(from.y, to.y),
                most = level ? fmaxf(from.x, to.x) : fmaxf(from.y, to.y);
    const raster_box along_x = {raster_whole(floorf(least)), raster_whole(floorf(low)), raster_whole(ceilf(most)),
                                raster_whole(ceilf(high))};
    const raster_box along_y = {along_x.top, along_x.left, along_x.bottom, along_x.right};
    const raster_box b = raster_clip(level ? along_x : along_y, r->clip);
    if (b.right <= b.left || b.bottom <= b.top) return;
    (level ? draw_level : draw_upright)(r, b, from, to, low, high, dash, dash + gap, s);
}
