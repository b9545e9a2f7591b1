#include "app/system/file.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64], path[128];

static void begin(void) {
    strcpy(folder, "/tmp/convscope-file-XXXXXX");
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/target", folder);
}

static void end(void) {
    char command[160];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(file, .init = begin, .fini = end);

static int entries(void) {
    int count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));) count += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    return count;
}

static bool holds(const char *file, const char *expected) {
    char *data;
    size_t size;
    if (!file_load(file, 1 << 20, &data, &size, NULL)) return false;
    bool same = size == strlen(expected) && memcmp(data, expected, size) == 0 && data[size] == '\0';
    memory_free(data);
    return same;
}

Test(file, stores_and_loads) {
    cr_assert(file_store(path, "first", 5, NULL));
    cr_expect(holds(path, "first"));
    cr_assert(file_store(path, "", 0, NULL));
    cr_expect(holds(path, ""));
    cr_expect_eq(entries(), 1);
}

Test(file, writes_more_than_its_buffer) {
    enum { SIZE = 300000 };
    static char text[SIZE + 1];
    file_writer w;
    for (int i = 0; i < SIZE; i++) text[i] = (char)('a' + i % 26);
    cr_assert(file_create(&w, path, NULL));
    for (int i = 0; i < SIZE; i += 7777)
        cr_assert(file_write(&w, text + i, (size_t)(SIZE - i < 7777 ? SIZE - i : 7777), NULL));
    cr_assert(file_commit(&w, NULL));
    cr_expect(holds(path, text));
}

Test(file, leaves_the_former_file_until_it_commits) {
    file_writer w;
    cr_assert(file_store(path, "old", 3, NULL));
    cr_assert(file_create(&w, path, NULL));
    cr_assert(file_write(&w, "new", 3, NULL));
    cr_assert(file_flush(&w, NULL));
    cr_expect(holds(path, "old"));
    cr_assert(file_commit(&w, NULL));
    cr_expect(holds(path, "new"));
    cr_assert(file_create(&w, path, NULL));
    cr_assert(file_write(&w, "never", 5, NULL));
    file_abandon(&w);
    cr_expect(holds(path, "new"));
    cr_expect_eq(entries(), 1);
    file_abandon(&w); /* again, and a zeroed one */
    file_abandon(&(file_writer){0});
    cr_expect(fcntl(0, F_GETFD) != -1 || errno != EBADF, "standard input was closed");
}

Test(file, keeps_the_targets_mode_and_follows_its_link) {
    char link_path[160];
    struct stat s;
    snprintf(link_path, sizeof link_path, "%s/link", folder);
    cr_assert(file_store(path, "old", 3, NULL));
    cr_assert_eq(chmod(path, 0640), 0);
    cr_assert_eq(symlink("target", link_path), 0);
    cr_assert(file_store(link_path, "new", 3, NULL));
    cr_expect(holds(path, "new"));
    cr_assert_eq(lstat(link_path, &s), 0);
    cr_expect(S_ISLNK(s.st_mode), "the link was replaced");
    cr_assert_eq(stat(path, &s), 0);
    cr_expect_eq(s.st_mode & 07777, 0640);
}

Test(file, writes_devices_and_pipes_directly) {
    struct stat s;
    failure f = {0};
    cr_assert(file_store("/dev/null", "gone", 4, &f), "%s", f.error.message);
    cr_assert_eq(stat("/dev/null", &s), 0);
    cr_expect(S_ISCHR(s.st_mode), "/dev/null was replaced");
    cr_expect(!file_store("/dev/full", "much", 4, &f));
    cr_expect(strstr(f.error.message, "full"), "%s", f.error.message);
    cr_assert_eq(mkfifo(path, 0600), 0);
    pid_t reader = fork();
    if (reader == 0) {
        char text[16] = "";
        int fd = open(path, O_RDONLY);
        ssize_t got = read(fd, text, sizeof text - 1);
        _exit(got == 6 && strcmp(text, "piped!") == 0 ? 0 : 1);
    }
    cr_assert(file_store(path, "piped!", 6, &f), "%s", f.error.message);
    int status;
    cr_assert_eq(waitpid(reader, &status, 0), reader);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    cr_assert_eq(lstat(path, &s), 0);
    cr_expect(S_ISFIFO(s.st_mode), "the pipe was replaced");
}

Test(file, refuses_targets_that_cannot_be) {
    static const struct {
        const char *name, *says;
    } cases[] = {{"", "empty"},
                 {"%s", "a folder"},
                 {"%s/no/file", "does not exist"},
                 {"%s/target/x", "not a folder"},
                 {"%s/dangling", "leads nowhere"},
                 {"%s/loop", "circle"}};
    char name[160];
    cr_assert(file_store(path, "x", 1, NULL));
    snprintf(name, sizeof name, "%s/dangling", folder);
    cr_assert_eq(symlink("nowhere", name), 0);
    snprintf(name, sizeof name, "%s/loop", folder);
    cr_assert_eq(symlink("loop", name), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        failure f = {0};
        snprintf(name, sizeof name, cases[i].name, folder);
        cr_expect(!file_store(name, "x", 1, &f), "%s was written", name);
        cr_expect(strstr(f.error.message, cases[i].says), "%s: %s", name, f.error.message);
    }
    cr_expect_eq(entries(), 3);
}

Test(file, refuses_what_is_too_long_or_no_regular_file) {
    char *data;
    size_t size;
    failure f = {0};
    cr_assert(file_store(path, "12345", 5, NULL));
    cr_expect(!file_load(path, 4, &data, &size, &f));
    cr_expect(strstr(f.error.message, "5 bytes"), "%s", f.error.message);
    cr_expect(!file_load(folder, 100, &data, &size, &f));
    cr_expect(!file_load("/dev/zero", 100, &data, &size, &f));
    cr_expect(!file_load("", 100, &data, &size, &f));
}

Test(file, notices_a_file_that_shrinks_while_it_is_read) {
    file_reader r;
    char data[8];
    failure f = {0};
    cr_assert(file_store(path, "12345678", 8, NULL));
    cr_assert(file_open(&r, path, NULL));
    cr_assert(file_read(&r, data, 2, NULL));
    cr_assert_eq(truncate(path, 4), 0);
    cr_expect(!file_read(&r, data, 6, &f));
    cr_expect(strstr(f.error.message, "cut short"), "%s", f.error.message);
    file_close(&r);
}

Test(file, names_stay_inside_their_folder) {
    static const char *const out[] = {"",          "/etc/passwd", "..",      "../x",
                                      "a/../../x", "./..",        "way-out", "way-out/passwd"};
    char name[4096], link_path[160];
    failure f = {0};
    cr_assert(file_store(path, "x", 1, NULL));
    snprintf(link_path, sizeof link_path, "%s/way-out", folder);
    cr_assert_eq(symlink("/etc", link_path), 0);
    for (size_t i = 0; i < sizeof out / sizeof *out; i++) {
        cr_expect(!file_inside(folder, out[i], name, sizeof name, &f), "%s was followed", out[i]);
    }
    cr_expect(file_inside(folder, "target", name, sizeof name, &f), "%s", f.error.message);
    cr_expect(file_inside(folder, "./target", name, sizeof name, &f), "%s", f.error.message);
    cr_expect(!file_inside(folder, "missing", name, sizeof name, &f));
}

/* A writer that is killed at any moment leaves the old file or the new one, and nothing beside it where the system has
 * unnamed files. */
Test(file, survives_being_killed) {
    enum { SIZE = 1 << 18, ROUNDS = 60 };
    static char old[SIZE + 1], new[SIZE + 1];
    memset(old, 'o', SIZE);
    memset(new, 'n', SIZE);
    cr_assert(file_store(path, old, SIZE, NULL));
    for (int round = 0; round < ROUNDS; round++) {
        pid_t writer = fork();
        if (writer == 0) {
            for (int i = 0;; i++) {
                file_writer w;
                if (!file_create(&w, path, NULL)) _exit(1);
                for (int part = 0; part < 8; part++) {
                    if (!file_write(&w, (i % 2 ? old : new) + part * (SIZE / 8), SIZE / 8, NULL)) _exit(1);
                }
                if (!file_commit(&w, NULL)) _exit(1);
            }
        }
        usleep((useconds_t)(500 + round * 131));
        kill(writer, SIGKILL);
        waitpid(writer, NULL, 0);
        cr_expect(holds(path, old) || holds(path, new), "round %d: half a file", round);
    }
}

Test(file, reports_every_allocation_that_fails) {
    for (long n = 1;; n++) {
        failure f = {0};
        memory_fail_at(n);
        bool stored = file_store(path, "text", 4, &f);
        bool hit = memory_count() >= n;
        memory_fail_at(0);
        if (!hit) break;
        cr_expect(!stored && f.error.status == CONV_NO_MEMORY, "allocation %ld: %s", n, f.error.message);
        cr_expect_eq(entries(), 0, "allocation %ld: something is left", n);
    }
}
