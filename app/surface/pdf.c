#include "pdf.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "glyph.h"
#include "hatch.h"

#include <cairo-ft.h>
#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <string.h>

struct pdf_writer {
    file_writer *out;
    const fonts *typefaces;
    cairo_surface_t *surface;
    cairo_t *cairo;
    cairo_font_face_t *faces[FONT_SOURCE_COUNT]; /* made when they are first used */
    failure failure;                             /* of the writing */
    bool failed;
};

static const double points_per_pixel = 0.75;

static cairo_status_t write_bytes(void *context, const unsigned char *data, unsigned length) {
    pdf_writer *w = context;
    if (!w->failed && !file_write(w->out, data, length, &w->failure)) w->failed = true;
    return w->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

bool pdf_begin(pdf_writer **created, file_writer *out, const fonts *typefaces, failure *f) {
    pdf_writer *w = *created = memory_zeroed(1, sizeof *w);
    if (!w) return fail_memory(f);
    w->out = out;
    w->typefaces = typefaces;
    w->surface = cairo_pdf_surface_create_for_stream(write_bytes, w, 100, 100);
    cairo_pdf_surface_set_metadata(w->surface, CAIRO_PDF_METADATA_CREATOR, "convscope");
    cairo_pdf_surface_set_metadata(w->surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    if (cairo_surface_status(w->surface) == CAIRO_STATUS_SUCCESS) return true;
    pdf_abandon(w);
    *created = NULL;
    return fail_memory(f);
}

static void set_color(cairo_t *c, color k) {
    cairo_set_source_rgba(c, k.r / 255.0, k.g / 255.0, k.b / 255.0, k.a / 255.0);
}

static void trace_rounded(cairo_t *c, box b, double r) {
    const double quarter = 1.5707963267948966, x = (double)b.x, y = (double)b.y, w = (double)b.width,
                 h = (double)b.height;
    cairo_new_sub_path(c);
    cairo_arc(c, x + w - r, y + r, r, -quarter, 0);
    cairo_arc(c, x + w - r, y + h - r, r, 0, quarter);
    cairo_arc(c, x + r, y + h - r, r, quarter, 2 * quarter);
    cairo_arc(c, x + r, y + r, r, 2 * quarter, 3 * quarter);
    cairo_close_path(c);
}

static void trace(cairo_t *c, const display_list *l, const item *i) {
    cairo_new_path(c);
    if (i->kind == ITEM_RECT && i->radius > 0) {
        trace_rounded(c, i->box, (double)i->radius);
    } else if (i->kind == ITEM_RECT) {
        cairo_rectangle(c, (double)i->box.x, (double)i->box.y, (double)i->box.width, (double)i->box.height);
    } else if (i->kind == ITEM_CIRCLE) {
        cairo_arc(c, (double)i->box.x, (double)i->box.y, (double)i->radius, 0, 6.283185307179586);
        cairo_close_path(c);
    } else {
        for (size_t k = 0; k < i->count; k++)
            cairo_line_to(c, (double)l->points[i->first + k].x, (double)l->points[i->first + k].y);
        if (i->kind == ITEM_POLYGON) cairo_close_path(c);
    }
}

static void put_segment(void *context, segment s) {
    cairo_move_to(context, (double)s.from.x, (double)s.from.y);
    cairo_line_to(context, (double)s.to.x, (double)s.to.y);
}

static void draw_hatch(cairo_t *c, const display_list *l, const item *i) {
    enum { MOST_CORNERS = 256 };
    point corners[MOST_CORNERS];
    cairo_new_path(c);
    hatch_lines(corners, hatch_outline(l, i, corners, MOST_CORNERS), put_segment, c);
    set_color(c, i->paint.hatch);
    cairo_set_line_width(c, (double)HATCH_WIDTH);
    cairo_set_dash(c, NULL, 0, 0);
    cairo_stroke(c);
}

static void draw_shape(cairo_t *c, const display_list *l, const item *i) {
    const paint *p = &i->paint;
    if (p->fill.a) {
        trace(c, l, i);
        set_color(c, p->fill);
        cairo_fill(c);
    }
    if (p->hatch.a) draw_hatch(c, l, i);
    if (p->stroke.a == 0 || p->width <= 0) return;
    trace(c, l, i);
    set_color(c, p->stroke);
    cairo_set_line_width(c, (double)p->width);
    cairo_set_dash(c, NULL, 0, 0);
    if (p->dash > 0 && p->gap > 0) {
        float dash = p->dash, gap = p->gap;
        bool upright = i->kind == ITEM_RECT && i->radius <= 0;
        if (upright) dash_fit(i->box.width, p->dash, p->gap, &dash, &gap);
        cairo_set_dash(c, (double[2]){(double)dash, (double)gap}, 2, upright ? (double)dash / 2 : 0);
    }
    cairo_stroke(c);
}

/* Cairo keeps the pattern, and opens the file when it draws. */
static cairo_font_face_t *face_of(pdf_writer *w, int source) {
    if (w->faces[source]) return w->faces[source];
    int index;
    const char *path = font_source_file(w->typefaces, source, &index);
    FcPattern *pattern = FcPatternCreate();
    if (!pattern) return NULL;
    FcPatternAddString(pattern, FC_FILE, (const FcChar8 *)path);
    FcPatternAddInteger(pattern, FC_INDEX, index);
    w->faces[source] = cairo_ft_font_face_create_for_pattern(pattern);
    FcPatternDestroy(pattern);
    return w->faces[source];
}

/* Glyphs of one font, from byte `at` on; the one measure places them. Moves *at and *x past them. */
static bool draw_run(pdf_writer *w, const item *i, const char *text, size_t *at, double *x) {
    enum { MOST = 256 };
    cairo_glyph_t glyphs[MOST];
    cairo_text_cluster_t clusters[MOST];
    char words[4 * MOST]; /* the run's text, invalid bytes replaced */
    size_t next = *at, length = 0;
    int count = 0, source = -1;
    glyph g;
    cairo_scaled_font_t *font = NULL;
    for (; count < MOST && text_next(w->typefaces, i->face, text, i->count, &next, &g); *at = next) {
        if (source >= 0 && g.source != source) break;
        if (source < 0) {
            source = g.source;
            cairo_set_font_face(w->cairo, face_of(w, source));
            cairo_set_font_size(w->cairo, (double)i->size);
            font = cairo_get_scaled_font(w->cairo);
        }
        bool valid = g.codepoint != 0xFFFD;
        const char *character = valid ? text + g.first : "\xEF\xBF\xBD";
        int bytes = valid ? (int)g.count : 3;
        memcpy(words + length, character, (size_t)bytes);
        length += (size_t)bytes;
        cairo_glyph_t *found = NULL;
        int found_count = 0;
        if (cairo_scaled_font_text_to_glyphs(font, 0, 0, character, bytes, &found, &found_count, NULL, NULL, NULL) !=
            CAIRO_STATUS_SUCCESS)
            return false;
        glyphs[count] = (cairo_glyph_t){found_count > 0 ? found[0].index : 0, *x, (double)i->box.y};
        clusters[count++] = (cairo_text_cluster_t){bytes, 1};
        cairo_glyph_free(found);
        *x += (double)(g.advance * i->size);
    }
    cairo_show_text_glyphs(w->cairo, words, (int)length, glyphs, count, clusters, count, 0);
    return true;
}

static bool draw_words(pdf_writer *w, const display_list *l, const item *i) {
    double shift = i->anchor == ANCHOR_LEFT ? 0 : i->anchor == ANCHOR_MIDDLE ? 0.5 : 1;
    double x = (double)i->box.x - shift * (double)i->box.width;
    set_color(w->cairo, i->paint.fill);
    for (size_t at = 0; at < i->count;)
        if (!draw_run(w, i, l->text + i->first, &at, &x)) return false;
    return true;
}

/* How many times a pixel is repeated along each axis. Programs smooth a picture as they enlarge it, whatever the file
 * says: with several for one of ours its edges stay. */
static int repeats(const item *i) {
    enum { MOST_SIDE = 1024, MOST_REPEATS = 8 };
    int longer = i->columns > i->rows ? i->columns : i->rows, most = MOST_SIDE / longer;
    return i->smooth || most < 1 ? 1 : most < MOST_REPEATS ? most : MOST_REPEATS;
}

static bool draw_pixels(cairo_t *c, const display_list *l, const item *i) {
    const int n = repeats(i), width = i->columns * n, height = i->rows * n;
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    if (cairo_surface_status(s) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(s);
        return false;
    }
    unsigned char *data = cairo_image_surface_get_data(s);
    int stride = cairo_image_surface_get_stride(s);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            color k = l->pixels[i->first + (size_t)(y / n) * (size_t)i->columns + (size_t)(x / n)];
            uint32_t a = k.a,
                     pixel = a << 24 | (k.r * a + 127) / 255 << 16 | (k.g * a + 127) / 255 << 8 | (k.b * a + 127) / 255;
            memcpy(data + (ptrdiff_t)y * stride + 4 * x, &pixel, 4);
        }
    }
    cairo_surface_mark_dirty(s);
    cairo_save(c);
    cairo_translate(c, (double)i->box.x, (double)i->box.y);
    cairo_scale(c, (double)i->box.width / width, (double)i->box.height / height);
    cairo_set_source_surface(c, s, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c), i->smooth ? CAIRO_FILTER_BILINEAR : CAIRO_FILTER_NEAREST);
    cairo_rectangle(c, 0, 0, width, height);
    cairo_fill(c);
    cairo_restore(c);
    cairo_surface_destroy(s);
    return true;
}

static bool draw_items(pdf_writer *w, const display_list *l) {
    cairo_t *c = w->cairo;
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        switch (i->kind) {
        case ITEM_CLIP:
            cairo_save(c);
            cairo_rectangle(c, (double)i->box.x, (double)i->box.y, (double)i->box.width, (double)i->box.height);
            cairo_clip(c);
            break;
        case ITEM_UNCLIP:
            cairo_restore(c);
            break;
        case ITEM_TEXT:
            if (!draw_words(w, l, i)) return false;
            break;
        case ITEM_PICTURE:
            if (!draw_pixels(c, l, i)) return false;
            break;
        default:
            draw_shape(c, l, i);
        }
    }
    return true;
}

static bool say(pdf_writer *w, cairo_status_t status, failure *f) {
    if (w->failed && f) *f = w->failure;
    if (w->failed) return false;
    if (status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_SUCCESS) return fail_memory(f);
    return fail(f, N_("the PDF could not be written: {0}"), "s", cairo_status_to_string(status));
}

bool pdf_page(pdf_writer *w, const display_list *l, double scale, failure *f) {
    double unit = points_per_pixel * scale;
    cairo_pdf_surface_set_size(w->surface, (double)l->width * unit, (double)l->height * unit);
    cairo_t *c = w->cairo = cairo_create(w->surface);
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(c, options);
    cairo_font_options_destroy(options);
    cairo_scale(c, unit, unit);
    if (l->background.a) {
        set_color(c, l->background);
        cairo_paint(c);
    }
    bool ok = draw_items(w, l);
    cairo_status_t status = cairo_status(c);
    cairo_destroy(c);
    w->cairo = NULL;
    ok = ok && status == CAIRO_STATUS_SUCCESS && !w->failed;
    if (ok) cairo_surface_show_page(w->surface);
    return ok || say(w, status, f);
}

bool pdf_end(pdf_writer *w, failure *f) {
    cairo_surface_finish(w->surface);
    cairo_status_t status = cairo_surface_status(w->surface);
    bool ok = (status == CAIRO_STATUS_SUCCESS && !w->failed) || say(w, status, f);
    pdf_abandon(w);
    return ok;
}

void pdf_abandon(pdf_writer *w) {
    if (!w) return;
    w->failed = true; /* nothing more is written */
    cairo_surface_destroy(w->surface);
    for (int k = 0; k < FONT_SOURCE_COUNT; k++)
        if (w->faces[k]) cairo_font_face_destroy(w->faces[k]);
    memory_free(w);
}
