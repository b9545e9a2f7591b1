/* The formulas of output sizes, with names or with numbers put in. */
#ifndef ENGINE_FORMULA_H
#define ENGINE_FORMULA_H

#include "conv/layout.h"

/* Windows that slide: convolution, pooling, Unfold's windows. */
void formula_slide(const conv_layout *layout, int axis, bool symbols, char *text, int size);

/* Transposed convolution and MaxUnpool. */
void formula_transposed(const conv_layout *layout, int axis, bool symbols, char *text, int size);

#endif
