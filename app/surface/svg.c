#include "svg.h"

#include "app/system/memory.h"
#include "hatch.h"
#include "png.h"
#include "svg_fonts.h"

#include <math.h>
#include <string.h>

static void put_paint(text_buffer *b, const char *name, color c) {
    if (c.a == 0) {
        buffer_put(b, " ");
        buffer_put(b, name);
        buffer_put(b, "=\"none\"");
        return;
    }
    static const char hex[] = "0123456789abcdef";
    char value[8] = {'#', hex[c.r >> 4], hex[c.r & 15], hex[c.g >> 4], hex[c.g & 15], hex[c.b >> 4], hex[c.b & 15], 0};
    buffer_put(b, " ");
    buffer_put(b, name);
    buffer_put(b, "=\"");
    buffer_put(b, value);
    buffer_put(b, "\"");
    if (c.a == 255) return;
    buffer_put(b, " ");
    buffer_put(b, name);
    buffer_put(b, "-opacity");
    buffer_number(b, "", c.a / 255.0);
}

static void put_stroke(text_buffer *b, const paint *p, float side) {
    if (p->stroke.a == 0 || p->width <= 0) return;
    put_paint(b, "stroke", p->stroke);
    buffer_number(b, " stroke-width", (double)p->width);
    if (p->dash <= 0 || p->gap <= 0) return;
    float dash = p->dash, gap = p->gap;
    if (side > 0) dash_fit(side, p->dash, p->gap, &dash, &gap);
    buffer_put(b, " stroke-dasharray=\"");
    buffer_real(b, (double)dash);
    buffer_put(b, " ");
    buffer_real(b, (double)gap);
    buffer_put(b, "\"");
    if (side > 0) buffer_number(b, " stroke-dashoffset", (double)dash / 2);
}

typedef struct hatch_path {
    text_buffer *buffer;
    bool any;
} hatch_path;

static void put_segment(void *context, segment s) {
    hatch_path *h = context;
    if (!h->any) buffer_put(h->buffer, "<path d=\"");
    h->any = true;
    buffer_put(h->buffer, "M");
    buffer_real(h->buffer, (double)s.from.x);
    buffer_put(h->buffer, " ");
    buffer_real(h->buffer, (double)s.from.y);
    buffer_put(h->buffer, "L");
    buffer_real(h->buffer, (double)s.to.x);
    buffer_put(h->buffer, " ");
    buffer_real(h->buffer, (double)s.to.y);
}

static void put_hatch(text_buffer *b, const display_list *l, const item *i) {
    enum { MOST_CORNERS = 256 };
    point corners[MOST_CORNERS];
    hatch_path h = {.buffer = b};
    hatch_lines(corners, hatch_outline(l, i, corners, MOST_CORNERS), put_segment, &h);
    if (!h.any) return;
    buffer_put(b, "\" fill=\"none\"");
    put_stroke(b, &(paint){.stroke = i->paint.hatch, .width = HATCH_WIDTH}, 0);
    buffer_put(b, "/>\n");
}

static void put_box(text_buffer *b, box r) {
    buffer_number(b, " x", (double)r.x);
    buffer_number(b, " y", (double)r.y);
    buffer_number(b, " width", (double)r.width);
    buffer_number(b, " height", (double)r.height);
}

/* The outline alone, with a fill, a stroke or both. */
static void put_outline(text_buffer *b, const display_list *l, const item *i, bool fill, bool stroke) {
    float side = 0;
    switch (i->kind) {
    case ITEM_RECT:
        buffer_put(b, "<rect");
        put_box(b, i->box);
        if (i->radius > 0)
            buffer_number(b, " rx", (double)i->radius);
        else
            side = i->box.width;
        if (side >= 2 && i->box.height >= 2 && fill && !stroke && i->paint.fill.a == 255)
            buffer_put(b, " shape-rendering=\"crispEdges\""); /* no seams between neighbours */
        break;
    case ITEM_CIRCLE:
        buffer_put(b, "<circle");
        buffer_number(b, " cx", (double)i->box.x);
        buffer_number(b, " cy", (double)i->box.y);
        buffer_number(b, " r", (double)i->radius);
        break;
    default:
        buffer_put(b, i->kind == ITEM_POLYGON ? "<polygon points=\"" : "<polyline points=\"");
        for (size_t k = 0; k < i->count; k++) {
            if (k) buffer_put(b, " ");
            buffer_real(b, (double)l->points[i->first + k].x);
            buffer_put(b, ",");
            buffer_real(b, (double)l->points[i->first + k].y);
        }
        buffer_put(b, "\"");
    }
    put_paint(b, "fill", fill ? i->paint.fill : (color){0});
    if (stroke) put_stroke(b, &i->paint, side);
    buffer_put(b, "/>\n");
}

static void put_shape(text_buffer *b, const display_list *l, const item *i) {
    const paint *p = &i->paint;
    bool hatch = p->hatch.a > 0, stroke = p->stroke.a > 0 && p->width > 0;
    if (!hatch) {
        if (p->fill.a || stroke) put_outline(b, l, i, true, stroke);
        return;
    }
    if (p->fill.a) put_outline(b, l, i, true, false);
    put_hatch(b, l, i);
    if (stroke) put_outline(b, l, i, false, true);
}

static bool put_picture(text_buffer *b, const display_list *l, const item *i, failure *f) {
    png_encoder *e;
    uint32_t *pixels = memory_resize(NULL, i->count, sizeof *pixels);
    if (!pixels) return fail_memory(f);
    if (!png_create(&e, f)) {
        memory_free(pixels);
        return false;
    }
    for (size_t k = 0; k < i->count; k++) {
        color c = l->pixels[i->first + k];
        uint32_t a = c.a;
        pixels[k] = a << 24 | (c.r * a + 127) / 255 << 16 | (c.g * a + 127) / 255 << 8 | (c.b * a + 127) / 255;
    }
    const uint8_t *data;
    size_t size;
    bool ok = png_encode(
        e, (raster_target){.pixels = pixels, .width = i->columns, .height = i->rows, .stride = i->columns * 4}, true,
        &data, &size, f);
    if (ok) {
        buffer_put(b, "<image preserveAspectRatio=\"none\"");
        put_box(b, i->box);
        if (!i->smooth) buffer_put(b, " style=\"image-rendering:pixelated\"");
        buffer_put(b, " xlink:href=\"data:image/png;base64,");
        buffer_base64(b, data, size);
        buffer_put(b, "\"/>\n");
    }
    png_destroy(e);
    memory_free(pixels);
    return ok;
}

/* The font of all of a text's glyphs; -1: they are of several. */
static int only_source(const display_list *l, const fonts *typefaces, const item *i) {
    glyph g;
    int source = -1;
    for (size_t at = 0; text_next(typefaces, i->face, l->text + i->first, i->count, &at, &g);) {
        if (source >= 0 && g.source != source) return -1;
        source = g.source;
    }
    return source;
}

static void put_class(text_buffer *b, int source) {
    char name[] = " class=\"f0\"";
    name[9] = (char)('0' + source);
    buffer_put(b, name);
}

static void put_glyph(text_buffer *b, const char *text, const glyph *g) {
    if (g->codepoint == 0xFFFD)
        buffer_put(b, "\xEF\xBF\xBD"); /* an invalid byte, too */
    else
        buffer_escaped(b, text + g->first, g->count);
}

/* One text element. It keeps its anchor, so that a number stays in the middle of its cell in a program that takes
 * another font; with a change of font it has a span for each, placed where the one measure says. */
static void put_text(text_buffer *b, const display_list *l, const fonts *typefaces, const item *i) {
    static const char *const anchors[] = {
        [ANCHOR_LEFT] = "", [ANCHOR_MIDDLE] = " text-anchor=\"middle\"", [ANCHOR_RIGHT] = " text-anchor=\"end\""};
    const char *text = l->text + i->first;
    int source = only_source(l, typefaces, i);
    bool spans = source < 0;
    double shift = i->anchor == ANCHOR_LEFT ? 0 : i->anchor == ANCHOR_MIDDLE ? 0.5 : 1;
    double x = (double)i->box.x - shift * (double)i->box.width;
    buffer_put(b, "<text xml:space=\"preserve\"");
    if (!spans) {
        put_class(b, source);
        buffer_number(b, " x", (double)i->box.x);
        buffer_put(b, anchors[i->anchor]);
    }
    buffer_number(b, " y", (double)i->box.y);
    buffer_number(b, " font-size", (double)i->size);
    put_paint(b, "fill", i->paint.fill);
    buffer_put(b, ">");
    glyph g;
    for (size_t at = 0; text_next(typefaces, i->face, text, i->count, &at, &g);) {
        if (spans && g.source != source) {
            if (source >= 0) buffer_put(b, "</tspan>");
            source = g.source;
            buffer_put(b, "<tspan");
            put_class(b, source);
            buffer_number(b, " x", x);
            buffer_put(b, ">");
        }
        put_glyph(b, text, &g);
        x += (double)(g.advance * i->size);
    }
    if (spans && source >= 0) buffer_put(b, "</tspan>");
    buffer_put(b, "</text>\n");
}

static bool put_items(text_buffer *b, const display_list *l, const fonts *typefaces, failure *f) {
    int clips = 0, open = 0;
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        switch (i->kind) {
        case ITEM_TEXT:
            put_text(b, l, typefaces, i);
            break;
        case ITEM_PICTURE:
            if (!put_picture(b, l, i, f)) return false;
            break;
        case ITEM_CLIP:
            buffer_put(b, "<clipPath");
            buffer_integer(b, " id=\"c", ++clips);
            buffer_put(b, "\"><rect");
            put_box(b, i->box);
            buffer_put(b, "/></clipPath>\n<g");
            buffer_integer(b, " clip-path=\"url(#c", clips);
            buffer_put(b, ")\">\n");
            open++;
            break;
        case ITEM_UNCLIP:
            if (open-- > 0) buffer_put(b, "</g>\n");
            break;
        default:
            put_shape(b, l, i);
        }
    }
    while (open-- > 0) buffer_put(b, "</g>\n");
    return true;
}

bool svg_write(const display_list *l, const fonts *typefaces, double scale, char **text, size_t *size, failure *f) {
    text_buffer b = {0};
    buffer_put(&b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" "
                   "xmlns:xlink=\"http://www.w3.org/1999/xlink\" version=\"1.1\"");
    buffer_number(&b, " width", (double)l->width * scale);
    buffer_number(&b, " height", (double)l->height * scale);
    buffer_put(&b, " viewBox=\"0 0 ");
    buffer_real(&b, (double)l->width);
    buffer_put(&b, " ");
    buffer_real(&b, (double)l->height);
    buffer_put(&b, "\">\n");
    bool ok = svg_fonts_write(&b, l, typefaces, f);
    if (ok && l->background.a) {
        buffer_put(&b, "<rect width=\"100%\" height=\"100%\"");
        put_paint(&b, "fill", l->background);
        buffer_put(&b, "/>\n");
    }
    ok = ok && put_items(&b, l, typefaces, f);
    buffer_put(&b, "</svg>\n");
    if (ok && b.failed) ok = fail_memory(f);
    if (!ok) {
        memory_free(b.text);
        return false;
    }
    *text = b.text;
    *size = b.count;
    return true;
}
