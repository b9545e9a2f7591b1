/* Games and the bug clinic in the window. A round is a document whose `lesson` says "game:ID:ROUND": so it can be
 * undone, saved and come back like any other; the engine judges it whenever its results changed. */
#ifndef WINDOW_GAME_PLAY_H
#define WINDOW_GAME_PLAY_H

#include "state.h"

/* The rows of the games' menu: rounds, a line, cases of the clinic. Reads the files when first asked; 0 rows when they
 * cannot be read. */
int game_play_rows(window_state *w);
const char *game_play_label(window_state *w, int row); /* in the reader's language; NULL: a line */
bool game_play_solved(const window_state *w, int row);
void game_play_choose(window_state *w, int row);

/* After a pass: judges the round that is open, if its results changed, and says how it stands. */
void game_play_tick(window_state *w);
void game_play_end(window_state *w);

#endif
