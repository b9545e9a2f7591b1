/* Pictures: hard cells, bilinear where they grow, the mean of what a pixel covers where they shrink. */
#include "raster_state.h"

#include <math.h>

typedef struct mapping { /* device pixel to source position along one axis */
    float first, step;
    int size;
} mapping;

static mapping map_axis(float begin, float extent, int size) {
    float step = (float)size / extent;
    return (mapping){(0.5f - begin) * step, step, size};
}

static int clamped(int k, int size) {
    return k < 0 ? 0 : k >= size ? size - 1 : k;
}

static uint32_t bilinear(const color *p, mapping mx, mapping my, float x, float y) {
    float u = x - 0.5f, v = y - 0.5f, fu = floorf(u), fv = floorf(v);
    int x0 = clamped((int)fu, mx.size), x1 = clamped((int)fu + 1, mx.size);
    int y0 = clamped((int)fv, my.size), y1 = clamped((int)fv + 1, my.size);
    uint32_t a = (uint32_t)((u - fu) * 256), b = (uint32_t)((v - fv) * 256);
    uint32_t weight[4] = {(256 - a) * (256 - b), a * (256 - b), (256 - a) * b, a * b}; /* 65536 in all */
    const color *c[4] = {p + (ptrdiff_t)y0 * mx.size + x0, p + (ptrdiff_t)y0 * mx.size + x1,
                         p + (ptrdiff_t)y1 * mx.size + x0, p + (ptrdiff_t)y1 * mx.size + x1};
    uint32_t sum[4] = {0};
    for (int k = 0; k < 4; k++) {
        uint32_t alpha = weight[k] * c[k]->a / 255;
        sum[0] += alpha * c[k]->r;
        sum[1] += alpha * c[k]->g;
        sum[2] += alpha * c[k]->b;
        sum[3] += weight[k] * c[k]->a;
    }
    return (sum[3] >> 16) << 24 | (sum[0] >> 16) << 16 | (sum[1] >> 16) << 8 | sum[2] >> 16;
}

/* The mean of the source pixels whose middles lie in the device pixel. */
static uint32_t mean(const color *p, mapping mx, mapping my, float x, float y) {
    int left = clamped((int)lrintf(x - 0.5f * mx.step), mx.size),
        right = clamped((int)lrintf(x + 0.5f * mx.step) - 1, mx.size);
    int top = clamped((int)lrintf(y - 0.5f * my.step), my.size),
        bottom = clamped((int)lrintf(y + 0.5f * my.step) - 1, my.size);
    if (right < left) right = left;
    if (bottom < top) bottom = top;
    uint64_t red = 0, green = 0, blue = 0, alpha = 0,
             count = (uint64_t)(right - left + 1) * (uint64_t)(bottom - top + 1);
    for (int row = top; row <= bottom; row++) {
        const color *c = p + (ptrdiff_t)row * mx.size;
        for (int k = left; k <= right; k++) {
            red += (uint32_t)c[k].r * c[k].a;
            green += (uint32_t)c[k].g * c[k].a;
            blue += (uint32_t)c[k].b * c[k].a;
            alpha += c[k].a;
        }
    }
    uint64_t whole = 255 * count, half = whole / 2;
    return (uint32_t)((alpha + count / 2) / count) << 24 | (uint32_t)((red + half) / whole) << 16 |
           (uint32_t)((green + half) / whole) << 8 | (uint32_t)((blue + half) / whole);
}

void raster_picture(raster *r, const display_list *l, const item *i) {
    float x0 = i->box.x * r->scale, y0 = i->box.y * r->scale, width = i->box.width * r->scale,
          height = i->box.height * r->scale;
    if (!(fabsf(x0) < 1e6f && fabsf(y0) < 1e6f && width > 0 && height > 0 && width < 1e6f && height < 1e6f)) return;
    raster_box b = {(int)lrintf(x0), (int)lrintf(y0), (int)lrintf(x0 + width), (int)lrintf(y0 + height)};
    b = raster_clip(b, r->clip);
    mapping mx = map_axis(x0, width, i->columns), my = map_axis(y0, height, i->rows);
    bool shrinks = mx.step > 1 || my.step > 1;
    const color *p = l->pixels + i->first;
    for (int row = b.top; row < b.bottom; row++) {
        uint32_t *pixels = raster_row(r, row);
        float y = my.first + (float)row * my.step;
        const color *line = p + (ptrdiff_t)clamped((int)floorf(y), my.size) * i->columns;
        for (int column = b.left; column < b.right; column++) {
            float x = mx.first + (float)column * mx.step;
            uint32_t above = shrinks     ? mean(p, mx, my, x, y)
                             : i->smooth ? bilinear(p, mx, my, x, y)
                                         : premultiplied(line[clamped((int)floorf(x), mx.size)]);
            pixels[column] = above >> 24 == 255 ? above : over(pixels[column], above);
        }
    }
}
