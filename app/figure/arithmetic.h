/* The arithmetic of a step as text, read from its trace. Private to this folder: others use figure_arithmetic. */
#ifndef FIGURE_ARITHMETIC_H
#define FIGURE_ARITHMETIC_H

#include "window.h"

/* Writes the step's arithmetic in at most `most` characters, shortened in the middle. `until`: terms from that one on
 * are left open, as is the result unless `finished`. *split receives how many bytes are done. Returns text. */
char *arithmetic_text(const stage *s, const window *w, bool labels, int most, char *text, int size, int *split);

/* A symbol in a line of text, an element of a tensor in that role: x with its indices as subscripts. */
void arithmetic_symbol(char *text, int size, const conv_layout *l, const conv_shape *shape, role r, int64_t index);

#endif
