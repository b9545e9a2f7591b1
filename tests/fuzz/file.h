/* A fuzzer's bytes as a file in the working folder (tests/fuzz/run gives each fuzzer a scratch folder). */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

static inline void fuzz_file(const char *name, const uint8_t *data, size_t size) {
    int fd = open(name, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    if (fd < 0) abort();
    while (size > 0) {
        ssize_t done = write(fd, data, size);
        if (done <= 0) abort();
        data += done;
        size -= (size_t)done;
    }
    close(fd);
}

#endif
