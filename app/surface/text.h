/* Fonts and the one text-measuring function: unhinted, SDL2_ttf. Every surface places glyphs where it says.
 * A character that a face lacks is taken from the CJK font (the Simplified Chinese face of the collection, by
 * fontconfig's index). */
#ifndef SURFACE_TEXT_H
#define SURFACE_TEXT_H

#include "app/figure/display_list.h"
#include "app/system/failure.h"

typedef struct fonts fonts;

typedef struct text_extent {
    float width, ascent, descent;
} text_extent; /* ascent and descent of the face at that size */

/* Opens the fonts that fontconfig finds for the families we want (and its nearest ones where they are missing). The
 * Chinese font is opened when it is first needed. */
bool fonts_create(fonts **f, failure *error);
void fonts_destroy(fonts *f);

/* Thread-safe. Widths scale linearly with size: measured once at a large size. */
text_extent text_measure(const fonts *f, face face, float size, const char *text, size_t length);

/* The face's file and index in its collection, for embedding; `chinese` for the CJK one. */
const char *fonts_file(const fonts *f, face face, bool chinese, int *index);

/* Breaks text into lines no wider than width, by Unicode's rules (UAX 14). Writes up to capacity lines (byte offset and
 * length); returns how many are needed. */
typedef struct text_line {
    size_t first, length;
    float width;
} text_line;
int text_break(const fonts *f, face face, float size, const char *text, float width, text_line *lines, int capacity);

#endif
