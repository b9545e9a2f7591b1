/* What lasts from one start to the next: settings ($XDG_CONFIG_HOME/convscope/settings) and the open document
 * ($XDG_STATE_HOME/convscope/session), both text, written in one step. */
#ifndef WINDOW_SESSION_H
#define WINDOW_SESSION_H

#include "state.h"

void settings_defaults(settings *s);

/* Reads the settings file over *s; a missing file or bad lines change nothing. */
void settings_load(settings *s);
bool settings_save(const settings *s, failure *f);

/* Restores the autosave: false when there is none, or it cannot be read (then it is kept beside as session.bad). */
bool session_load(window_state *w, bool play);
bool session_save(window_state *w, failure *f);

/* Saves when something changed more than two seconds ago; the disk is waited for on another thread. */
void session_tick(window_state *w);
void session_end(window_state *w); /* waits for what is being saved */

#endif
