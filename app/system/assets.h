/* Where the program's data lies: lessons, translations, pictures. Found from any working directory. */
#ifndef SYSTEM_ASSETS_H
#define SYSTEM_ASSETS_H

#include "failure.h"
#include <stddef.h>

/* The assets folder: the environment variable CONVSCOPE_ASSETS; else beside or above the program's own file (assets,
 * ../assets,
 * ../share/convscope); else the one it was built from. Fails when there is none. */
bool assets_find(char *folder, size_t size, failure *f);

/* The folder that the running program's file lies in. */
bool assets_program_folder(char *folder, size_t size);

#endif
