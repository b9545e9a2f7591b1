/* What a kill may leave where a file cannot be without a name, or between its name and its place. */
#include "file.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* ".convscope-PID-N", as file_writer.c names them; 0: it is none. */
static long owner_of(const char *name) {
    static const char begin[] = ".convscope-";
    if (strncmp(name, begin, sizeof begin - 1) != 0) return 0;
    char *end;
    const char *digits = name + sizeof begin - 1;
    if (!isdigit((unsigned char)*digits)) return 0;
    errno = 0;
    long pid = strtol(digits, &end, 10);
    if (errno || pid <= 0 || pid > INT_MAX || *end != '-' || !isdigit((unsigned char)end[1])) return 0;
    for (end++; isdigit((unsigned char)*end);) end++;
    return *end ? 0 : pid;
}

/* Its process is gone, and nobody has written to it for an hour: it may be another machine's, in a shared folder. */
static bool is_stale(int folder, const char *name, long pid) {
    const time_t long_ago = 3600;
    struct stat s;
    if (pid == getpid() || kill((pid_t)pid, 0) == 0 || errno != ESRCH) return false;
    return fstatat(folder, name, &s, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(s.st_mode) && s.st_uid == geteuid() &&
           time(NULL) - s.st_mtime > long_ago;
}

void file_sweep(const char *path) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash ? (int)(slash - path) + 1 : 0;
    if (length >= (int)sizeof folder) return;
    snprintf(folder, sizeof folder, "%.*s", length ? length : 1, length ? path : ".");
    DIR *d = opendir(folder);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) {
        long pid = owner_of(e->d_name);
        if (pid && is_stale(dirfd(d), e->d_name, pid)) unlinkat(dirfd(d), e->d_name, 0);
    }
    closedir(d);
}
