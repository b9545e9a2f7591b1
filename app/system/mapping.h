/* Files mapped into memory, for what is looked up here and there at any time, such as a font's glyphs. */
#ifndef SYSTEM_MAPPING_H
#define SYSTEM_MAPPING_H

#include "failure.h"
#include <stdatomic.h>
#include <stddef.h>

typedef struct file_mapping {
    const void *bytes; /* read-only; NULL: nothing is mapped */
    size_t size;
} file_mapping;

/* A regular file that is not empty. It is not to be shortened in place while it is mapped (what replaces a file, as
 * packages do, is harmless): reading behind its new end would end the program. */
bool file_map(file_mapping *m, const char *path, failure *f);
void file_unmap(file_mapping *m); /* allowed on a zeroed one */

/* Reads all of it and keeps it: mapped pages that were read stay in memory when the system empties its file cache, for
 * read() of the same file too. Waits for the disk, so it belongs on a thread of its own; ends early once *ended. Does
 * nothing before Linux 5.14. A file that was shortened does no harm here. */
void file_keep(const file_mapping *m, const atomic_bool *ended);

#endif
