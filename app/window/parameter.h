/* The parameters of a layer as the inspector shows and changes them: everything comes from the engine's table of
 * operations. */
#ifndef WINDOW_PARAMETER_H
#define WINDOW_PARAMETER_H

#include "state.h"

/* A parameter's value as text: "3", "3, 5", "same", "yes". Booleans in the reader's language. */
void parameter_text(const window_state *w, int layer, int param, char *text, int size);

/* The next value in that direction that the engine takes. When some were passed over, or none is left, *why says what
 * spoke against the nearest. False: none. */
bool parameter_step(window_state *w, int layer, int param, int direction, failure *why);

/* A value that was typed, as in Python; "yes" and "no" in words too. */
bool parameter_type(window_state *w, int layer, int param, const char *text, failure *why);

/* Text to a Python value: 3, 1.5, True, None, 'same', same, (1, 2), 1, 2. */
bool parameter_read(const char *text, conv_value *value);

#endif
