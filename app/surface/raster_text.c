#include "raster_state.h"

#include <math.h>

/* The glyph's mask, drawn now or before. Sizes are remembered to an eighth of a pixel. */
static const glyph_mask *mask_of(raster *r, const glyph *g, int eighths, int phase) {
    uint64_t key =
        1 | (uint64_t)phase << 1 | (uint64_t)g->source << 3 | (uint64_t)g->codepoint << 6 | (uint64_t)eighths << 27;
    size_t slot = (size_t)((key * 0x9E3779B97F4A7C15u) >> 40) % GLYPH_SLOTS;
    while (r->glyphs[slot].key != 0) {
        if (r->glyphs[slot].key == key) return &r->glyphs[slot].mask;
        slot = (slot + 1) % GLYPH_SLOTS;
    }
    if (r->glyph_count >= GLYPH_SLOTS - 1) return NULL;
    if (!glyph_rasterise(r->typefaces, g, (float)eighths / 8, phase, &r->glyphs[slot].mask)) {
        r->failed = true;
        return NULL;
    }
    r->glyphs[slot].key = key;
    r->glyph_count++;
    return &r->glyphs[slot].mask;
}

static void draw_mask(const raster *r, const glyph_mask *m, int x, int y, const source *s) {
    raster_box b = {x + m->left, y - m->top, x + m->left + m->width, y - m->top + m->height};
    raster_box in = raster_clip(b, r->clip);
    if (in.right <= in.left) return;
    for (int row = in.top; row < in.bottom; row++) {
        const uint8_t *alpha = m->coverage + (size_t)(row - b.top) * (size_t)m->width + (in.left - b.left);
        raster_blend(r, in.left, row, in.right - in.left, alpha, s);
    }
}

void raster_text(raster *r, const display_list *l, const item *i) {
    float size = i->size * r->scale;
    float shift = i->anchor == ANCHOR_LEFT ? 0 : i->anchor == ANCHOR_MIDDLE ? 0.5f : 1.0f;
    float x = (i->box.x - shift * i->box.width) * r->scale, y = i->box.y * r->scale;
    if (!(fabsf(x) < 1e6f && fabsf(y) < 1e6f && size > 0 && size < 4096) || i->paint.fill.a == 0) return;
    source s = {premultiplied(i->paint.fill), NULL, 0};
    int row = (int)lrintf(y), eighths = (int)lrintf(size * 8);
    glyph g;
    for (size_t at = 0; x < 1e6f && text_next(r->typefaces, i->face, l->text + i->first, i->count, &at, &g);) {
        int quarter = (int)floorf(x * GLYPH_PHASES + 0.5f);
        int phase = quarter & (GLYPH_PHASES - 1), column = (quarter - phase) / GLYPH_PHASES;
        const glyph_mask *m = mask_of(r, &g, eighths, phase);
        if (m && m->coverage) draw_mask(r, m, column, row, &s);
        x += g.advance * size;
    }
}
