/* Writing in one step: all of a file, or nothing of it. */
#include "app/language/language.h"
#include "file.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 16, NAME_TRIES = 1000, PIPE_WAIT_MS = 5000 };

static bool give_up(file_writer *w) {
    file_abandon(w);
    return false;
}

/* A pipe has no reader yet for a moment when both ends are started together. */
static int open_directly(const char *path) {
    for (int waited = 0;; waited += 10) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
        if (fd >= 0) {
            int flags = fcntl(fd, F_GETFL);
            if (flags >= 0) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
            return fd;
        }
        if (errno != ENXIO || waited >= PIPE_WAIT_MS) return -1;
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
}

/* The i-th name to try for a temporary file beside the target. */
static bool temporary_name(const file_writer *w, int i, char *name, size_t size) {
    const char *slash = strrchr(w->target, '/');
    int folder = slash ? (int)(slash - w->target) + 1 : 0;
    int length = snprintf(name, size, "%.*s.convscope-%ld-%d", folder, w->target, (long)getpid(), i);
    if (length > 0 && (size_t)length < size) return true;
    errno = ENAMETOOLONG;
    return false;
}

/* Gives the unnamed file (from: its name in /proc) a name, or creates a named one (from NULL). */
static bool take_name(file_writer *w, const char *from) {
    char name[PATH_MAX];
    for (int i = 0; i < NAME_TRIES && temporary_name(w, i, name, sizeof name); i++) {
        bool made;
        if (from) {
            made = linkat(AT_FDCWD, from, AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
        } else {
            w->fd = open(name, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0666);
            made = w->fd >= 0;
        }
        if (made) {
            w->temporary = memory_text(name);
            if (w->temporary) return true;
            unlink(name);
            if (!from) {
                close(w->fd);
                w->fd = -1;
            }
            errno = ENOMEM;
            return false;
        }
        if (errno != EEXIST) return false;
    }
    return false;
}

/* A file without a name where the system has such: then even a kill leaves nothing behind. */
static bool open_temporary(file_writer *w) {
#ifdef O_TMPFILE
    char folder[PATH_MAX];
    const char *slash = strrchr(w->target, '/');
    if (!slash)
        snprintf(folder, sizeof folder, ".");
    else
        snprintf(folder, sizeof folder, "%.*s", slash == w->target ? 1 : (int)(slash - w->target), w->target);
    w->fd = open(folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
    if (w->fd >= 0) return true;
    if (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL) return false;
#endif
    return take_name(w, NULL);
}

static bool name_temporary(file_writer *w) {
    if (w->temporary) return true;
    char from[64];
    snprintf(from, sizeof from, "/proc/self/fd/%d", w->fd);
    return take_name(w, from);
}

bool file_create(file_writer *w, const char *path, failure *f) {
    *w = (file_writer){.fd = -1};
    if (!*path) return fail(f, N_("the file name is empty"), "");
    struct stat s, link;
    bool exists = stat(path, &s) == 0;
    if (!exists && errno != ENOENT) return fail_system(f, path, errno);
    if (!exists && lstat(path, &link) == 0) {
        fail(f, N_("this is a symbolic link that leads nowhere"), "");
        return fail_in(f, path);
    }
    if (exists && S_ISDIR(s.st_mode)) return fail_system(f, path, EISDIR);
    if (exists && access(path, W_OK) != 0) return fail_system(f, path, errno);
    char real[PATH_MAX];
    w->direct = exists && !S_ISREG(s.st_mode);
    bool resolve = exists && !w->direct;
    if (resolve && !realpath(path, real)) return fail_system(f, path, errno);
    w->target = memory_text(resolve ? real : path);
    w->buffer = memory_resize(NULL, BUFFER_BYTES, 1);
    if (!w->target || !w->buffer) {
        fail_memory(f);
        return give_up(w);
    }
    if (w->direct)
        w->fd = open_directly(path);
    else if (open_temporary(w) && exists && fchmod(w->fd, s.st_mode & 07777) != 0)
        errno = 0; /* the mode is a courtesy */
    if (w->fd < 0) {
        if (errno == ENOENT) {
            fail(f, N_("its folder does not exist: make it first"), "");
            fail_in(f, path);
        } else {
            fail_system(f, path, errno);
        }
        return give_up(w);
    }
    return true;
}

static bool write_all(file_writer *w, const char *data, size_t size, failure *f) {
    while (size > 0) {
        ssize_t done = write(w->fd, data, size < (size_t)1 << 24 ? size : (size_t)1 << 24);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            w->failed = true;
            return fail_system(f, w->target, errno);
        }
        data += done;
        size -= (size_t)done;
    }
    return true;
}

bool file_flush(file_writer *w, failure *f) {
    size_t size = w->buffered;
    w->buffered = 0;
    return write_all(w, w->buffer, size, f);
}

bool file_write(file_writer *w, const void *data, size_t size, failure *f) {
    if (size > BUFFER_BYTES - w->buffered && !file_flush(w, f)) return false;
    if (size >= BUFFER_BYTES) return write_all(w, data, size, f);
    memcpy(w->buffer + w->buffered, data, size);
    w->buffered += size;
    return true;
}

/* The data reach the disk before the name does: after a power cut the target is whole too. */
static bool put_in_place(file_writer *w) {
    if (!w->brief && fsync(w->fd) != 0 && errno != EINVAL && errno != EROFS) return false;
    return name_temporary(w) && rename(w->temporary, w->target) == 0;
}

bool file_commit(file_writer *w, failure *f) {
    bool ok = !w->failed;
    if (!ok) {
        fail(f, N_("the file could not be written"), "");
        fail_in(f, w->target);
    }
    ok = ok && file_flush(w, f);
    if (ok && !w->direct && !put_in_place(w)) ok = fail_system(f, w->target, errno);
    if (ok && !w->direct) {
        memory_free(w->temporary);
        w->temporary = NULL;
    }
    int fd = w->fd;
    w->fd = -1;
    if (fd >= 0 && close(fd) != 0 && ok) ok = fail_system(f, w->target, errno);
    file_abandon(w);
    return ok;
}

void file_abandon(file_writer *w) {
    /* A zeroed writer was never opened; its descriptor 0 is not ours. */
    if (w->target && w->fd >= 0) close(w->fd);
    if (w->temporary) unlink(w->temporary);
    memory_free(w->temporary);
    memory_free(w->target);
    memory_free(w->buffer);
    *w = (file_writer){.fd = -1};
}

bool file_store(const char *path, const void *data, size_t size, failure *f) {
    file_writer w;
    if (!file_create(&w, path, f)) return false;
    if (!file_write(&w, data, size, f)) {
        file_abandon(&w);
        return false;
    }
    return file_commit(&w, f);
}
