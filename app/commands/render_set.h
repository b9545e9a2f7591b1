/* Sets of known figures that render writes into a folder. */
#ifndef COMMANDS_RENDER_SET_H
#define COMMANDS_RENDER_SET_H

#include "app/export/export.h"

bool render_set_known(const char *name);

/* The cases of "A guide to convolution arithmetic for deep learning" (Dumoulin and Visin 2016) with our numbers and
 * captions, as GIFs in isometric style; `settings` gives theme, language, size and the like. */
bool render_set_write(const export_settings *settings, const char *folder, failure *f);

#endif
