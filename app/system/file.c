#include "file.h"

#include "app/language/language.h"
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void keep_path(char *to, size_t size, const char *path) {
    size_t length = strlen(path);
    snprintf(to, size, "%s", length < size ? path : path + length - size + 1);
}

bool file_open(file_reader *r, const char *path, failure *f) {
    *r = (file_reader){.fd = -1};
    keep_path(r->path, sizeof r->path, path);
    /* Non-blocking: opening a FIFO must not wait for its writer. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return fail_system(f, path, errno);
    struct stat s;
    if (fstat(fd, &s) != 0) {
        int code = errno;
        close(fd);
        return fail_system(f, path, code);
    }
    if (!S_ISREG(s.st_mode)) {
        close(fd);
        if (S_ISDIR(s.st_mode)) return fail_system(f, path, EISDIR);
        fail(f, N_("this is not a regular file (a pipe, a device or a socket)"), "");
        return fail_in(f, path);
    }
    r->fd = fd;
    r->size = s.st_size;
    return true;
}

bool file_read(file_reader *r, void *data, size_t size, failure *f) {
    char *to = data;
    while (size > 0) {
        ssize_t got = read(r->fd, to, size < (size_t)1 << 24 ? size : (size_t)1 << 24);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail_system(f, r->path, errno);
        if (got == 0) {
            fail(f, N_("the file is cut short: it ends after {0} bytes"), "d", r->position);
            return fail_in(f, r->path);
        }
        to += got;
        size -= (size_t)got;
        r->position += got;
    }
    return true;
}

bool file_seek(file_reader *r, int64_t position, failure *f) {
    if (position < 0 || position > r->size) {
        fail(f, N_("the file is cut short: it ends after {0} bytes"), "d", r->size);
        return fail_in(f, r->path);
    }
    if (lseek(r->fd, position, SEEK_SET) < 0) return fail_system(f, r->path, errno);
    r->position = position;
    return true;
}

void file_close(file_reader *r) {
    if (r->fd >= 0) close(r->fd);
    r->fd = -1;
}

bool file_load(const char *path, size_t limit, char **data, size_t *size, failure *f) {
    file_reader r;
    if (!file_open(&r, path, f)) return false;
    bool ok = false;
    char *bytes = NULL;
    if ((uint64_t)r.size > limit) {
        fail(f, N_("the file has {0} bytes; at most {1} are read"), "dd", r.size, (int64_t)limit);
        fail_in(f, path);
    } else if (!(bytes = memory_resize(NULL, (size_t)r.size + 1, 1))) {
        fail_memory(f);
        fail_in(f, path);
    } else {
        ok = file_read(&r, bytes, (size_t)r.size, f);
    }
    *size = (size_t)r.size;
    file_close(&r);
    if (!ok) {
        memory_free(bytes);
        return false;
    }
    bytes[*size] = '\0';
    *data = bytes;
    return true;
}

static bool climbs(const char *name) {
    for (const char *part = name; part; part = strchr(part, '/')) {
        if (*part == '/') part++;
        if (part[0] == '.' && part[1] == '.' && (part[2] == '/' || part[2] == '\0')) return true;
    }
    return false;
}

/* Whether `real` is the folder or lies in it. */
static bool lies_in(const char *real, const char *folder) {
    size_t length = strlen(folder);
    if (length == 1 && folder[0] == '/') return true;
    return strncmp(real, folder, length) == 0 && (real[length] == '/' || real[length] == '\0');
}

bool file_inside(const char *folder, const char *name, char *path, size_t size, failure *f) {
    if (!*name || *name == '/' || climbs(name)) {
        return fail(f, N_("the file name {0} leaves its folder: only names inside it are followed"), "s", name);
    }
    int length = snprintf(path, size, "%s/%s", folder, name);
    if (length < 0 || (size_t)length >= size) return fail_system(f, name, ENAMETOOLONG);
    char real_folder[PATH_MAX], real[PATH_MAX];
    if (!realpath(folder, real_folder)) return fail_system(f, folder, errno);
    if (!realpath(path, real)) return fail_system(f, path, errno);
    if (!lies_in(real, real_folder)) {
        return fail(f, N_("the file name {0} leaves its folder: only names inside it are followed"), "s", name);
    }
    return true;
}
