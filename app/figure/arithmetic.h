/* The arithmetic of a step as text, read from its trace. Private to this folder: others use figure_arithmetic. */
#ifndef FIGURE_ARITHMETIC_H
#define FIGURE_ARITHMETIC_H

#include "window.h"

/* Writes the step's arithmetic in at most `most` characters, shortened in the middle. `until`: terms from that one on
 * are left open, as is the result unless `finished`. *split receives how many bytes are done. Returns text. */
char *arithmetic_text(const stage *s, const window *w, bool labels, int most, char *text, int size, int *split);

#endif
