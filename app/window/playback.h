/* Playing, stepping and scrubbing through the steps of the page. */
#ifndef WINDOW_PLAYBACK_H
#define WINDOW_PLAYBACK_H

#include "state.h"

void playback_reset(window_state *w, bool play); /* to the beginning of the range */
void playback_fit(window_state *w); /* after the document changed: keeps the place as far as it is still there */
bool playback_tick(window_state *w, double seconds); /* true while something moves */
void playback_toggle(window_state *w);
void playback_step(window_state *w, int direction);
void playback_seek(window_state *w, int64_t done);   /* so many steps done */
void playback_before(window_state *w, int64_t step); /* that step is about to begin: the kernel is at its place */
int64_t playback_done(const window_state *w);        /* steps that are done */
bool playback_at_end(const window_state *w);

#endif
