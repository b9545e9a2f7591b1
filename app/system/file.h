/* Files of strangers, and files that must never be half-written. */
#ifndef SYSTEM_FILE_H
#define SYSTEM_FILE_H

#include "failure.h"
#include <stddef.h>
#include <stdint.h>

/* Reading. Only regular files: a folder, a FIFO, a device or a socket is refused at once, without waiting. */
typedef struct file_reader {
    int fd;
    int64_t size; /* when it was opened */
    int64_t position;
    char path[512]; /* for messages; cut at the front when longer */
} file_reader;

bool file_open(file_reader *r, const char *path, failure *f);
bool file_read(file_reader *r, void *data, size_t size, failure *f); /* exactly; fails when the file is shorter */
bool file_seek(file_reader *r, int64_t position, failure *f);
void file_close(file_reader *r);

/* A whole file of at most `limit` bytes, with a zero after the last one. The caller frees it (memory_free). */
bool file_load(const char *path, size_t limit, char **data, size_t *size, failure *f);

/* Joins a folder and a relative name. Refuses an absolute name and one that climbs out of the folder ("..", also by a
 * link). */
bool file_inside(const char *folder, const char *name, char *path, size_t size, failure *f);

/* Writing: into a temporary file in the same folder, which file_commit puts in the target's place in one step (also
 * after a kill -9 the target is the old file or the new one). A target that exists and is no regular file (a pipe,
 * /dev/null) is written directly. A symbolic link is followed. */
typedef struct file_writer {
    int fd;
    bool direct;     /* no temporary file */
    bool failed;     /* an earlier write failed: the commit will too */
    bool brief;      /* set before the commit: don't wait for the disk (one of thousands of frames) */
    char *target;    /* owned */
    char *temporary; /* name of the temporary file; NULL while it has none. Owned */
    char *buffer;    /* owned */
    size_t buffered;
} file_writer;

bool file_create(file_writer *w, const char *path, failure *f);
bool file_write(file_writer *w, const void *data, size_t size, failure *f); /* buffered */
bool file_flush(file_writer *w, failure *f);  /* what is buffered goes to w->fd, for those who write there themselves */
bool file_commit(file_writer *w, failure *f); /* ends the writer, also when it fails: nothing is left behind then */
void file_abandon(file_writer *w); /* ends it and leaves nothing behind; allowed after either, and on a zeroed writer */

/* Removes from the folder of `path` what killed processes left there: temporary files of this user whose process is
 * gone and that are an hour old. For files that are saved now and then; a folder of thousands is read as a whole. */
void file_sweep(const char *path);

/* All at once. */
bool file_store(const char *path, const void *data, size_t size, failure *f);

#endif
