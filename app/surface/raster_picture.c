/* Pictures: hard cells, bilinear where they grow, the mean of what a pixel covers where they shrink. */
#include "raster_state.h"

#include "app/system/memory.h"

#include <math.h>
#include <string.h>

/* The source pixels that one device column or row shows: first to last; bilinear: `last` has weight of 256. */
typedef struct span {
    int first, last;
    uint32_t weight;
} span;

typedef enum mapping { MAP_HARD, MAP_SMOOTH, MAP_MEAN } mapping;

static int clamped(int k, int size) {
    return k < 0 ? 0 : k >= size ? size - 1 : k;
}

/* Of the device pixel at `at`, of a picture of `size` pixels that begins at `begin` and is `extent` long. */
static span span_at(int at, float begin, float extent, int size, mapping map) {
    float step = (float)size / extent, middle = ((float)at + 0.5f - begin) * step;
    if (map == MAP_HARD) {
        int k = clamped((int)floorf(middle), size);
        return (span){k, k, 0};
    }
    if (map == MAP_SMOOTH) {
        float left = floorf(middle - 0.5f);
        return (span){clamped((int)left, size), clamped((int)left + 1, size), (uint32_t)((middle - 0.5f - left) * 256)};
    }
    int first = clamped((int)floorf(middle - 0.5f * step + 0.5f), size);
    int last = clamped((int)floorf(middle + 0.5f * step + 0.5f) - 1, size);
    return (span){first, last < first ? first : last, 0};
}

static inline uint32_t pack(color c) {
    uint32_t v = (uint32_t)c.a << 24 | (uint32_t)c.r << 16 | (uint32_t)c.g << 8 | c.b;
    return c.a == 255 ? v : premultiplied(c);
}

static inline uint32_t mix(uint32_t a, uint32_t b, uint32_t weight) {
    uint32_t rb = (a & 0xFF00FF) * (256 - weight) + (b & 0xFF00FF) * weight;
    uint32_t ag = (a >> 8 & 0xFF00FF) * (256 - weight) + (b >> 8 & 0xFF00FF) * weight;
    return (rb >> 8 & 0xFF00FF) | (ag & 0xFF00FF00);
}

static uint32_t mean(const color *picture, int columns, span across, span down) {
    uint32_t red = 0, green = 0, blue = 0, alpha = 0;
    uint32_t count = (uint32_t)(across.last - across.first + 1) * (uint32_t)(down.last - down.first + 1),
             half = count / 2;
    for (int row = down.first; row <= down.last; row++) {
        const color *line = picture + (ptrdiff_t)row * columns;
        for (int k = across.first; k <= across.last; k++) {
            uint32_t v = pack(line[k]);
            alpha += v >> 24;
            red += v >> 16 & 255;
            green += v >> 8 & 255;
            blue += v & 255;
        }
    }
    return (alpha + half) / count << 24 | (red + half) / count << 16 | (green + half) / count << 8 |
           (blue + half) / count;
}

static void draw_row(uint32_t *pixels, int count, const color *picture, int columns, const span *across, span down,
                     mapping map) {
    const color *upper = picture + (ptrdiff_t)down.first * columns, *lower = picture + (ptrdiff_t)down.last * columns;
    for (int k = 0; k < count; k++) {
        span s = across[k];
        uint32_t above;
        if (map == MAP_HARD)
            above = pack(upper[s.first]);
        else if (map == MAP_MEAN)
            above = mean(picture, columns, s, down);
        else
            above = mix(mix(pack(upper[s.first]), pack(upper[s.last]), s.weight),
                        mix(pack(lower[s.first]), pack(lower[s.last]), s.weight), down.weight);
        pixels[k] = above >> 24 == 255 ? above : over(pixels[k], above);
    }
}

void raster_picture(raster *r, const display_list *l, const item *i) {
    float x0 = i->box.x * r->scale, y0 = i->box.y * r->scale, width = i->box.width * r->scale,
          height = i->box.height * r->scale;
    if (!(fabsf(x0) < 1e6f && fabsf(y0) < 1e6f && width > 0 && height > 0 && width < 1e6f && height < 1e6f)) return;
    raster_box b = {(int)lrintf(x0), (int)lrintf(y0), (int)lrintf(x0 + width), (int)lrintf(y0 + height)};
    b = raster_clip(b, r->clip);
    int count = b.right - b.left;
    if (count <= 0 || b.bottom <= b.top) return;
    /* A pixel shows the mean of at most 2^24 others: their sums fit. */
    bool shrinks = (float)i->columns > width || (float)i->rows > height;
    bool exact = fabsf((float)i->columns - width) < 0.01f && fabsf((float)i->rows - height) < 0.01f;
    mapping map = exact                           ? MAP_HARD
                  : shrinks && i->count < 1 << 24 ? MAP_MEAN
                  : i->smooth && !shrinks         ? MAP_SMOOTH
                                                  : MAP_HARD;
    span *across = memory_resize(NULL, (size_t)count, sizeof *across);
    if (!across) {
        r->failed = true;
        return;
    }
    for (int k = 0; k < count; k++) across[k] = span_at(b.left + k, x0, width, i->columns, map);
    for (int row = b.top; row < b.bottom; row++) {
        span down = span_at(row, y0, height, i->rows, map);
        draw_row(raster_row(r, row) + b.left, count, l->pixels + i->first, i->columns, across, down, map);
    }
    memory_free(across);
}
