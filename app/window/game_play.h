/* Games and the bug clinic in the window. A round is a document whose `lesson` says "game:ID:ROUND": so it can be
 * undone, saved and come back like any other; the engine judges it whenever its results changed. */
#ifndef WINDOW_GAME_PLAY_H
#define WINDOW_GAME_PLAY_H

#include "state.h"

/* The rows of the games' menu and of the lessons' panel: headings, rounds, cases of the clinic; first a hint, while a
 * round is open. Reads the files when first asked; 0 rows when they cannot be read. */
int game_play_rows(window_state *w);
const char *game_play_label(window_state *w, int row); /* in the reader's language; NULL: a line */
const char *game_play_words(window_state *w, int row, language l, char *text,
                            int size); /* the label in that language; returns text */
bool game_play_heading(const window_state *w, int row);
bool game_play_playable(const window_state *w, int row); /* a round or a case */
bool game_play_current(window_state *w, int row);        /* it is what is open */
bool game_play_solved(const window_state *w, int row);
void game_play_choose(window_state *w, int row);

/* After a pass: judges the round that is open, if its results changed, and says how it stands. */
void game_play_tick(window_state *w);
void game_play_end(window_state *w);

#endif
