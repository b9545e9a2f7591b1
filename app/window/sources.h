/* The presets for inputs and weights, as menus. */
#ifndef WINDOW_SOURCES_H
#define WINDOW_SOURCES_H

#include "state.h"

int sources_count(role r);                             /* ROLE_INPUT or ROLE_WEIGHT */
const char *sources_label(role r, int i);              /* translatable; NULL: a line between groups */
bool sources_is(const window_state *w, role r, int i); /* the tensor is made so now */
const char *sources_words(const tensor_source *s);     /* translatable: how its numbers are made */
void sources_choose(window_state *w, role r, int i);

#endif
