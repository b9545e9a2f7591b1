/* Symbols in cells: a letter with its indices, x_11, and the product of two, x_11·w_00. */
#ifndef FIGURE_SYMBOL_H
#define FIGURE_SYMBOL_H

#include "operand.h"

/* Around `middle`, at most `room` wide; nothing where it would be too small to read. */
void symbol_draw(const stage *s, const operand *o, point middle, int64_t index, float size, float room, color ink);

/* On one line, or where that would be too small on two that take `high` together. False: there is no room, nothing is
 * drawn. */
bool symbol_product(const stage *s, const operand *const of[2], const int64_t index[2], point middle, float size,
                    float room, float high, color ink);

#endif
