/* Sets of known figures that render writes into a folder. */
#ifndef COMMANDS_RENDER_SET_H
#define COMMANDS_RENDER_SET_H

#include "app/export/export.h"

bool render_set_known(const char *name);

/* The cases of "A guide to convolution arithmetic for deep learning" (Dumoulin and Visin 2016) with our numbers and
 * captions, in isometric style as GIFs, or as `settings` says: its format, theme, language, size and the like.
 * `prepare`: called with each document before it is drawn; NULL: nothing to do. */
bool render_set_write(const export_settings *settings, const char *folder, void (*prepare)(const void *, document *),
                      const void *context, failure *f);

#endif
