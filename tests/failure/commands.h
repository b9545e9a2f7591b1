/* Commands run inside the test's own process, in a scratch folder, with what they say caught. */
#ifndef FAILURE_COMMANDS_H
#define FAILURE_COMMANDS_H

#include "app/commands/command.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COMMAND_WORDS = 24 };

static int failures;

#define DEMAND(holds, ...)                                                                                             \
    do {                                                                                                               \
        if (!(holds)) {                                                                                                \
            fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                                            \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            failures++;                                                                                                \
        }                                                                                                              \
    } while (0)

static char scratch[64];

/* Makes a scratch folder and goes there. */
static inline void scratch_enter(void) {
    snprintf(scratch, sizeof scratch, "/tmp/convscope-test-XXXXXX");
    if (!mkdtemp(scratch) || chdir(scratch) != 0) abort();
    setenv("XDG_CONFIG_HOME", scratch, 1);
    setenv("XDG_STATE_HOME", scratch, 1);
    setenv("XDG_DATA_HOME", scratch, 1);
    setenv("LC_ALL", "C", 1);
}

/* Removes the files of a folder, and (whole) the folder. */
static inline void folder_clear(const char *folder, bool whole) {
    DIR *d = opendir(folder);
    if (!d) return;
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        char path[1024];
        struct stat s;
        int length = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (length < 0 || length >= (int)sizeof path) continue;
        if (lstat(path, &s) == 0 && S_ISDIR(s.st_mode))
            folder_clear(path, true);
        else
            unlink(path);
    }
    closedir(d);
    if (whole) rmdir(folder);
}

static inline int folder_count(const char *folder) {
    DIR *d = opendir(folder);
    int count = 0;
    if (!d) return -1;
    for (struct dirent *e; (e = readdir(d));) count += strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0;
    closedir(d);
    return count;
}

/* A digest (FNV-1a) of the files of a folder, names and all; the order does not matter. */
static inline uint64_t folder_digest(const char *folder) {
    DIR *d = opendir(folder);
    uint64_t sum = 0;
    if (!d) return 0;
    for (struct dirent *e; (e = readdir(d));) {
        char path[1024];
        int length = snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (length < 0 || length >= (int)sizeof path || e->d_name[0] == '.') continue;
        uint64_t digest = 14695981039346656037u;
        for (int i = 0; i < length; i++) digest = (digest ^ (uint8_t)path[i]) * 1099511628211u;
        FILE *file = fopen(path, "rb");
        for (int c; file && (c = fgetc(file)) != EOF;) digest = (digest ^ (uint8_t)c) * 1099511628211u;
        if (file) fclose(file);
        sum += digest;
    }
    closedir(d);
    return sum;
}

static inline void scratch_leave(void) {
    if (chdir("/") != 0) abort();
    folder_clear(scratch, true);
}

/* Runs "convscope WORDS..." with stdout and stderr in files outside the scratch folder; *said: whether stderr has a
 * whole line. */
static inline int command_quietly(const char *const *words, bool *said, char *text, size_t size) {
    char *argv[COMMAND_WORDS + 2] = {(char *)"convscope"};
    int argc = 1;
    for (; words[argc - 1]; argc++) argv[argc] = (char *)words[argc - 1];
    fflush(stdout);
    fflush(stderr);
    FILE *heard = tmpfile();
    if (!heard) abort();
    int out = dup(1), err = dup(2), sink = open("/dev/null", O_WRONLY);
    dup2(sink, 1);
    dup2(fileno(heard), 2);
    int status = (int)command_main(argc, argv);
    fflush(stdout);
    fflush(stderr);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    close(sink);
    rewind(heard);
    size_t got = fread(text, 1, size - 1, heard);
    fclose(heard);
    text[got] = '\0';
    *said = got > 0 && text[got - 1] == '\n';
    return status;
}

#endif
