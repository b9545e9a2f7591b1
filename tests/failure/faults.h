/* System calls that write, replaced for this program: the n-th one from now on fails once, with a chosen error. Output
 * to the terminal (0 to 2) is left alone. */
#ifndef FAILURE_FAULTS_H
#define FAILURE_FAULTS_H

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_long fault_calls, fault_failing;
static atomic_int fault_error;

/* n = 0: none. */
static void fault_at(long n, int error) {
    atomic_store(&fault_calls, 0);
    atomic_store(&fault_error, error);
    atomic_store(&fault_failing, n);
}

static bool fault_happens(int fd) {
    if (fd >= 0 && fd <= 2) return false;
    long failing = atomic_load(&fault_failing);
    if (failing == 0 || atomic_fetch_add(&fault_calls, 1) + 1 != failing) return false;
    errno = atomic_load(&fault_error);
    return true;
}

/* Whether the failure that was asked for has happened. */
static bool fault_happened(void) {
    return atomic_load(&fault_calls) >= atomic_load(&fault_failing);
}

ssize_t write(int fd, const void *data, size_t size) {
    if (fault_happens(fd)) {
        /* A full disk often takes the first half. */
        if (size < 2 || errno != ENOSPC) return -1;
        int code = errno;
        long half = syscall(SYS_write, fd, data, size / 2);
        atomic_fetch_add(&fault_failing, 1); /* and the rest fails */
        errno = code;
        return half;
    }
    return syscall(SYS_write, fd, data, size);
}

int fsync(int fd) {
    return fault_happens(fd) ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to) {
    return fault_happens(-1) ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_folder, const char *from, int to_folder, const char *to, int flags) {
    return fault_happens(-1) ? -1 : (int)syscall(SYS_linkat, from_folder, from, to_folder, to, flags);
}

#endif
