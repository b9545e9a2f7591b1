#include "svg_fonts.h"

#include "app/language/language.h"
#include "app/system/memory.h"

#include <hb-subset.h>
#include <string.h>

typedef struct usage {
    hb_set_t *characters[FONT_SOURCE_COUNT];
} usage; /* NULL: the source is not used */

static const char *const weights[FONT_SOURCE_COUNT] = {
    [FACE_WORDS] = "400",   [FACE_WORDS_BOLD] = "600",   [FACE_MONO] = "400",   [FACE_MONO_BOLD] = "700",
    [FONT_CHINESE] = "400", [FONT_CHINESE_BOLD] = "700", [FONT_SYMBOLS] = "400"};

/* For programs that use installed fonts only, Inkscape among them: those of nearly the same widths, none wider. */
static const char similar_words[] = "','Helvetica Neue',Arial,'Liberation Sans',sans-serif",
                  similar_mono[] = "',Menlo,'DejaVu Sans Mono','Courier New','Liberation Mono',monospace";

static bool collect(const display_list *l, const fonts *typefaces, usage *u) {
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        if (i->kind != ITEM_TEXT) continue;
        glyph g;
        for (size_t at = 0; text_next(typefaces, i->face, l->text + i->first, i->count, &at, &g);) {
            if (!u->characters[g.source]) u->characters[g.source] = hb_set_create();
            if (!hb_set_allocation_successful(u->characters[g.source])) return false;
            hb_set_add(u->characters[g.source], g.codepoint);
        }
    }
    return true;
}

/* The font with those characters only. Without the tables of ligatures, and of kerning where we don't kern: the browser
 * then sets what we measured. */
static hb_blob_t *subset(hb_face_t *font, const hb_set_t *characters, bool kerned) {
    hb_subset_input_t *input = hb_subset_input_create_or_fail();
    if (!input) return NULL;
    hb_set_union(hb_subset_input_unicode_set(input), characters);
    static const char *const unwanted[] = {"GSUB", "BASE", "DSIG", "meta", "GPOS", "GDEF", "kern"};
    for (size_t k = 0; k < (kerned ? 4 : sizeof unwanted / sizeof unwanted[0]); k++)
        hb_set_add(hb_subset_input_set(input, HB_SUBSET_SETS_DROP_TABLE_TAG), hb_tag_from_string(unwanted[k], 4));
    hb_subset_input_set_flags(input, HB_SUBSET_FLAGS_NO_HINTING | HB_SUBSET_FLAGS_DESUBROUTINIZE);
    hb_face_t *small = hb_subset_or_fail(font, input);
    hb_subset_input_destroy(input);
    if (!small) return NULL;
    hb_blob_t *blob = hb_face_reference_blob(small);
    hb_face_destroy(small);
    return blob;
}

static bool put_font(text_buffer *b, const fonts *typefaces, int source, const hb_set_t *characters, failure *f) {
    int index;
    const char *path = font_source_file(typefaces, source, &index);
    hb_blob_t *file = hb_blob_create_from_file_or_fail(path);
    if (!file) {
        fail(f, N_("the font file cannot be read"), "");
        return fail_in(f, path);
    }
    hb_face_t *font = hb_face_create(file, (unsigned)index & 0xFFFF);
    hb_blob_t *blob = subset(font, characters, font_source_kerned(source));
    unsigned length = 0;
    const char *data = blob ? hb_blob_get_data(blob, &length) : NULL;
    char name[3] = {'f', (char)('0' + source), 0};
    if (length > 0) {
        buffer_put(b, "@font-face{font-family:convscope-");
        buffer_put(b, name);
        buffer_put(b, ";font-weight:");
        buffer_put(b, weights[source]);
        buffer_put(b, ";src:url(data:font/otf;base64,");
        buffer_base64(b, (const uint8_t *)data, length);
        buffer_put(b, ")}\n");
    }
    buffer_put(b, ".");
    buffer_put(b, name);
    buffer_put(b, "{font-family:convscope-");
    buffer_put(b, name);
    buffer_put(b, ",'");
    for (const char *c = font_source_family(typefaces, source); *c; c++)
        if (*c != '\'' && *c != '\\') buffer_escaped(b, c, 1);
    buffer_put(b, source == FACE_MONO || source == FACE_MONO_BOLD ? similar_mono : similar_words);
    buffer_put(b, ";font-weight:");
    buffer_put(b, weights[source]);
    if (!font_source_kerned(source)) buffer_put(b, ";font-kerning:none");
    buffer_put(b, "}\n");
    hb_blob_destroy(blob);
    hb_face_destroy(font);
    hb_blob_destroy(file);
    return true;
}

bool svg_fonts_write(text_buffer *b, const display_list *l, const fonts *typefaces, failure *f) {
    usage u = {{NULL}};
    bool ok = collect(l, typefaces, &u) || fail_memory(f), any = false;
    for (int k = 0; ok && k < FONT_SOURCE_COUNT; k++) {
        if (!u.characters[k]) continue;
        if (!any) buffer_put(b, "<style>\ntext{font-kerning:normal;font-variant-ligatures:none;white-space:pre}\n");
        any = true;
        ok = put_font(b, typefaces, k, u.characters[k], f);
    }
    if (any) buffer_put(b, "</style>\n");
    for (int k = 0; k < FONT_SOURCE_COUNT; k++)
        if (u.characters[k]) hb_set_destroy(u.characters[k]);
    return ok;
}
