/* What goes to the clipboard: the layer as an expression, as PyTorch code, its tensors as NumPy arrays, the scene in
 * one line. */
#ifndef WINDOW_COPY_H
#define WINDOW_COPY_H

#include "state.h"

typedef enum copy_kind { COPY_EXPRESSION, COPY_PYTORCH, COPY_NUMPY, COPY_SCENE, COPY_KIND_COUNT } copy_kind;

/* Puts the text into effects.copy and says so. */
void copy_out(window_state *w, copy_kind kind);

/* The text itself; the caller frees it (memory_free). NULL fills *f. */
char *copy_text(window_state *w, copy_kind kind, failure *f);

#endif
