/* Words beside a tensor's rows or over its columns: the tokens of a text, one for each step along its length. */
#ifndef FIGURE_TOKENS_H
#define FIGURE_TOKENS_H

#include "arrange.h"

/* Gives a block of planes the room that the words need. Planes whose rows and columns are not as many as the words get
 * none. Call when the planes stand in the block. */
void tokens_reserve(const stage *s, block *b);

/* Whether they stand over the columns, where a title would else come down to the cells. */
bool tokens_above(const stage *s, const block *b);

/* Writes them. Call when the block is placed. */
void tokens_draw(const stage *s, const block *b);

#endif
