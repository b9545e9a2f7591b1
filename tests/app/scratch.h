/* A folder of a test's own, with one file in it. */
#ifndef TESTS_SCRATCH_H
#define TESTS_SCRATCH_H

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64], path[128];

/* Without waiting for the disk: file_store would, and some file systems do when a file is cut to nothing first. */
static inline void put_file(const char *name, const void *bytes, size_t size) {
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    cr_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0);
    cr_assert_eq(close(fd), 0);
}

static inline void scratch_begin(const char *file) {
    snprintf(folder, sizeof folder, "/tmp/convscope-test-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/%s", folder, file);
}

static inline void scratch_end(void) {
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

#endif
