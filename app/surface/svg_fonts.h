/* The fonts of an SVG: the glyphs that its texts use, embedded. */
#ifndef SURFACE_SVG_FONTS_H
#define SURFACE_SVG_FONTS_H

#include "app/system/failure.h"
#include "glyph.h"
#include "text_buffer.h"

/* Writes the style element: a class f0, f1, ... for each font source in use, with its subset. */
bool svg_fonts_write(text_buffer *b, const display_list *l, const fonts *typefaces, failure *f);

#endif
