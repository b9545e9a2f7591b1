/* How much closer two glyphs of a font stand, by its GPOS table through HarfBuzz. Every surface gets it as part of a
 * glyph's advance. */
#ifndef SURFACE_KERNING_H
#define SURFACE_KERNING_H

#include "app/system/mapping.h"
#include <stdint.h>

typedef struct kerning kerning;

/* Opens the font in a file, which has to outlive it; `index` as fontconfig gives it. One that cannot be read kerns
 * nothing. NULL: out of memory. */
kerning *kerning_create(const file_mapping *file, int index);
void kerning_destroy(kerning *k); /* NULL is allowed */

/* In ems, mostly negative; 0 beside a space. Remembered. Thread-safe. */
float kerning_between(kerning *k, uint32_t left, uint32_t right);

#endif
