/* Writes SVG 1.1: shapes, real text elements whose words are the list's, and the fonts' used glyphs embedded (subset by
 * HarfBuzz, as WOFF-less OpenType in @font-face). Where embedded fonts are not read (Inkscape, librsvg) the families'
 * names stand beside them. Nothing in the file depends on time or machine but the fonts. */
#ifndef SURFACE_SVG_H
#define SURFACE_SVG_H

#include "app/figure/display_list.h"
#include "app/system/failure.h"
#include "text.h"

/* The list as a document; `scale` is the nominal size of its pixels. *text (of *size bytes, and a zero) belongs to the
 * caller: memory_free. */
bool svg_write(const display_list *l, const fonts *typefaces, double scale, char **text, size_t *size, failure *f);

#endif
