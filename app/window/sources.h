/* The presets for inputs and weights, as menus. */
#ifndef WINDOW_SOURCES_H
#define WINDOW_SOURCES_H

#include "state.h"

int sources_count(role r);                /* ROLE_INPUT or ROLE_WEIGHT */
const char *sources_label(role r, int i); /* translatable */
void sources_choose(window_state *w, role r, int i);

#endif
