/* Files that are written while the window goes on: a disk that is slow to answer must not stop the picture. */
#ifndef WINDOW_SAVER_H
#define WINDOW_SAVER_H

#include "app/system/failure.h"
#include "state.h"

typedef struct kept_file {
    char path[PATH_SIZE];
    char *text; /* NULL: nothing is to be written. Owned */
    size_t size;
} kept_file;

/* Makes the folders of its path, writes it in one step and gives its text back; done when there is nothing to write. */
bool kept_file_store(kept_file *k, failure *f);

enum { SAVER_FILES = 2 };

typedef struct saver saver;

/* Begins to write the files on a thread of its own; their texts are taken over. Where no thread can be had they are
 * written at once. *s must be NULL; it stays so when everything is done already. False: what was written at once could
 * not be. */
bool saver_begin(saver **s, const kept_file *files, int count, failure *f);

/* Whether it is still at work. */
bool saver_busy(saver *s);

/* Waits for the end; *s becomes NULL. False: a file could not be written. */
bool saver_end(saver **s, failure *f);

#endif
