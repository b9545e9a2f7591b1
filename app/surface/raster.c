#include "raster_state.h"

#include "app/system/memory.h"

#include <math.h>
#include <string.h>

bool raster_create(raster **created, const fonts *typefaces, failure *f) {
    raster *r = *created = memory_zeroed(1, sizeof *r);
    if (!r) return fail_memory(f);
    r->typefaces = typefaces;
    return true;
}

static void forget_glyphs(raster *r) {
    for (int k = 0; k < GLYPH_SLOTS; k++) memory_free(r->glyphs[k].mask.coverage);
    memset(r->glyphs, 0, sizeof r->glyphs);
    r->glyph_count = 0;
}

void raster_destroy(raster *r) {
    if (!r) return;
    forget_glyphs(r);
    coverage_destroy(&r->cover);
    memory_free(r->row);
    memory_free(r->path);
    memory_free(r);
}

raster_box raster_clip(raster_box a, raster_box b) {
    raster_box c = {a.left > b.left ? a.left : b.left, a.top > b.top ? a.top : b.top,
                    a.right < b.right ? a.right : b.right, a.bottom < b.bottom ? a.bottom : b.bottom};
    if (c.right < c.left) c.right = c.left;
    if (c.bottom < c.top) c.bottom = c.top;
    return c;
}

void raster_blend(const raster *r, int x, int y, int count, const uint8_t *alpha, const source *s) {
    uint32_t *pixels = raster_row(r, y) + x;
    if (s->lines) {
        int period = s->lines->period, k = (x + y - s->anchor) % period;
        if (k < 0) k += period;
        for (int i = 0; i < count; i++) {
            uint32_t a = s->lines->alpha[k];
            if (alpha) a = a * alpha[i] / 255;
            if (a) pixels[i] = over(pixels[i], scaled(s->color, a));
            if (++k == period) k = 0;
        }
    } else if (!alpha) {
        if (s->color >> 24 == 255)
            for (int i = 0; i < count; i++) pixels[i] = s->color;
        else
            for (int i = 0; i < count; i++) pixels[i] = over(pixels[i], s->color);
    } else {
        bool opaque = s->color >> 24 == 255;
        for (int i = 0; i < count; i++) {
            if (alpha[i] == 255 && opaque)
                pixels[i] = s->color;
            else if (alpha[i])
                pixels[i] = over(pixels[i], scaled(s->color, alpha[i]));
        }
    }
}

/* A pixel sees the lines through x + y from k to k + 2, most of it in the middle (a triangle); lines are `thick` of
 * `period`. */
static void make_hatch(hatch *h, float scale) {
    enum { SAMPLES = 64 };
    int period = (int)lrintf(HATCH_SPACING * scale);
    h->period = period < 3 ? 3 : period > HATCH_MOST ? HATCH_MOST : period;
    float thick = fmaxf(HATCH_THICK * scale, 1);
    for (int k = 0; k < h->period; k++) {
        float sum = 0;
        for (int j = 0; j < SAMPLES; j++) {
            float t = 2 * ((float)j + 0.5f) / SAMPLES, weight = t < 1 ? t : 2 - t;
            if (fmodf((float)k + t, (float)h->period) < thick) sum += weight;
        }
        h->alpha[k] = (uint8_t)lrintf(255 * sum / (SAMPLES / 2.0f));
    }
}

static raster_box device_box(box b, float scale) {
    return (raster_box){raster_whole(floorf(b.x * scale)), raster_whole(floorf(b.y * scale)),
                        raster_whole(ceilf((b.x + b.width) * scale)), raster_whole(ceilf((b.y + b.height) * scale))};
}

static raster_box snapped_box(box b, float scale) {
    return (raster_box){raster_whole(rintf(b.x * scale)), raster_whole(rintf(b.y * scale)),
                        raster_whole(rintf((b.x + b.width) * scale)), raster_whole(rintf((b.y + b.height) * scale))};
}

/* Room around an item's box that its pixels may use: snapping, antialiasing, overhanging glyphs, miters. */
static raster_box reach(const display_list *l, const item *i, float scale) {
    raster_box b = device_box(item_bounds(l, i), scale);
    int room = 2;
    if (i->kind == ITEM_TEXT) room += raster_whole(fminf(1e6f, ceilf(0.5f * i->size * scale)));
    if (i->kind == ITEM_POLYGON || i->kind == ITEM_POLYLINE)
        room += raster_whole(fminf(1e6f, ceilf(2 * i->paint.width * scale)));
    return (raster_box){b.left - room, b.top - room, b.right + room, b.bottom + room};
}

static bool is_empty(raster_box b) {
    return b.left >= b.right || b.top >= b.bottom;
}

static void draw_item(raster *r, const display_list *l, const item *i) {
    switch (i->kind) {
    case ITEM_RECT:
        raster_rect(r, i);
        break;
    case ITEM_TEXT:
        raster_text(r, l, i);
        break;
    case ITEM_PICTURE:
        raster_picture(r, l, i);
        break;
    default:
        raster_shape(r, l, i);
    }
}

bool raster_draw(raster *r, const display_list *l, float scale, raster_target target, const raster_box *part,
                 failure *f) {
    raster_box whole = {0, 0, target.width, target.height};
    r->target = target;
    r->failed = l->failed;
    r->clip = part ? raster_clip(whole, *part) : whole;
    if (is_empty(r->clip)) return true;
    if (r->scale != scale || r->hatch.period == 0) make_hatch(&r->hatch, scale);
    r->scale = scale;
    if (r->glyph_count > GLYPH_SLOTS * 3 / 4) forget_glyphs(r);
    if (r->cover.width < target.width) {
        uint8_t *row = memory_resize(r->row, (size_t)target.width, 1);
        if (!row) return fail_memory(f);
        r->row = row;
        if (!coverage_reserve(&r->cover, target.width)) return fail_memory(f);
    }
    uint32_t ground = premultiplied(l->background);
    for (int y = r->clip.top; y < r->clip.bottom && !target.keep; y++) {
        uint32_t *row = raster_row(r, y);
        for (int x = r->clip.left; x < r->clip.right; x++) row[x] = ground;
    }
    raster_box outer[CLIP_MOST];
    int depth = 0;
    for (size_t k = 0; k < l->item_count && !r->failed; k++) {
        const item *i = &l->items[k];
        if (i->kind == ITEM_CLIP) {
            if (depth < CLIP_MOST) outer[depth] = r->clip;
            if (depth++ < CLIP_MOST) r->clip = raster_clip(r->clip, snapped_box(i->box, scale));
        } else if (i->kind == ITEM_UNCLIP) {
            if (depth > 0 && --depth < CLIP_MOST) r->clip = outer[depth];
        } else if (!is_empty(raster_clip(r->clip, reach(l, i, scale)))) {
            draw_item(r, l, i);
        }
    }
    return !r->failed || fail_memory(f);
}

static raster_box united(raster_box a, raster_box b) {
    if (is_empty(a)) return b;
    if (is_empty(b)) return a;
    return (raster_box){a.left < b.left ? a.left : b.left, a.top < b.top ? a.top : b.top,
                        a.right > b.right ? a.right : b.right, a.bottom > b.bottom ? a.bottom : b.bottom};
}

static bool is_clip(const item *i) {
    return i->kind == ITEM_CLIP || i->kind == ITEM_UNCLIP;
}

raster_box raster_difference(const display_list *before, const display_list *after, float scale) {
    raster_box whole = device_box((box){0, 0, after->width, after->height}, scale), changed = {0};
    color a = before->background, b = after->background;
    if (before->width != after->width || before->height != after->height || a.r != b.r || a.g != b.g || a.b != b.b ||
        a.a != b.a)
        return whole;
    size_t most = before->item_count > after->item_count ? before->item_count : after->item_count;
    for (size_t k = 0; k < most; k++) {
        const item *i = k < before->item_count ? &before->items[k] : NULL;
        const item *j = k < after->item_count ? &after->items[k] : NULL;
        if (i && j && item_equal(before, i, after, j)) continue;
        if ((i && is_clip(i)) || (j && is_clip(j))) return whole; /* everything in it may show or hide */
        if (i) changed = united(changed, reach(before, i, scale));
        if (j) changed = united(changed, reach(after, j, scale));
    }
    return raster_clip(whole, changed);
}
