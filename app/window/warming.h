/* Everything that a frame may read is read before: the program itself, the fonts, lessons and pictures are mapped
 * and touched on a thread beside the window, and so they stay in memory when the system empties its file cache in the
 * midst of a class. Where no thread or no memory can be had, frames read from the disk what they need. */
#ifndef WINDOW_WARMING_H
#define WINDOW_WARMING_H

#include "app/surface/text.h"

typedef struct warming warming;

/* The fonts must outlive it; the name of the assets folder is copied. NULL: there is no warming. */
warming *warming_begin(const fonts *f, const char *assets);

/* Waits for at most one piece of a file. NULL is allowed. */
void warming_end(warming *w);

#endif
