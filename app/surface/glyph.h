/* Glyphs, for the surfaces: which glyph stands where in a text, and its coverage mask. */
#ifndef SURFACE_GLYPH_H
#define SURFACE_GLYPH_H

#include "app/system/mapping.h"
#include "text.h"

/* The font files behind the faces: the faces themselves, then what fills in for characters they lack. */
typedef enum font_source { FONT_CHINESE = FACE_COUNT, FONT_CHINESE_BOLD, FONT_SYMBOLS, FONT_SOURCE_COUNT } font_source;

typedef struct glyph {
    uint32_t codepoint;
    int source;          /* face or font_source */
    float advance;       /* in ems: times the font's size it is pixels; kerning towards the next glyph included */
    float kerning;       /* that part of it */
    size_t first, count; /* its bytes in the text */
} glyph;

/* Walks through a text: reads the glyph at byte *at and moves *at past it. False at the end. Quotation marks, dashes
 * and ellipses beside Chinese are Chinese ones. Invalid bytes are U+FFFD. Thread-safe. */
bool text_next(const fonts *f, face face, const char *text, size_t length, size_t *at, glyph *g);

/* File, index in its collection (named instance in the upper 16 bits) and family name of a source; "" when there is
 * none. */
const char *font_source_file(const fonts *f, int source, int *index);
const char *font_source_family(const fonts *f, int source);
const file_mapping *font_source_bytes(const fonts *f, int source); /* as long as the fonts; may be empty */

/* Its pairs are kerned: those of the faces for words are. */
bool font_source_kerned(int source);

enum { GLYPH_PHASES = 4 }; /* horizontal positions within a pixel */

/* Coverage of a glyph, `left` and `top` in pixels from the pen on the baseline (top is positive above it). */
typedef struct glyph_mask {
    int left, top, width, height;
    uint8_t *coverage; /* width * height; NULL for a blank. Owned by the caller: memory_free */
} glyph_mask;

/* Rasterises a glyph at `size` pixels with the pen at phase / GLYPH_PHASES of a pixel. False: out of memory.
 * Thread-safe. */
bool glyph_rasterise(const fonts *f, const glyph *g, float size, int phase, glyph_mask *mask);

#endif
