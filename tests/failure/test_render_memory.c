/* Every allocation fails once while each kind of figure is drawn and written: the command says so and leaves nothing,
 * or the file is the whole one to the byte. (Leaks are found by the build with AddressSanitizer.) */
#include "commands.h"

#include "app/system/file.h"
#include "app/system/memory.h"

static const struct {
    int rounds; /* of the short form, spread over all allocations; 0: all of the first ones, then ever fewer */
    bool many;  /* writes several files, each whole or not at all; else a failure leaves none */
    const char *words[COMMAND_WORDS];
} commands[] = {
    {0, false, {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.png"}},
    {0,
     false,
     {"render", "nn.ConvTranspose2d(1, 1, 2)", "--size", "320x240", "--steps", "0:2", "--fps", "2", "-o", "out/p.gif"}},
    {0, false, {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.svg"}},
    {0, false, {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.pdf"}},
    {0, false, {"render", "conv2d", "--size", "320x240", "-o", "out/p.png"}},
    {24,
     false,
     {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "--steps", "0:2", "--fps", "2", "-o", "out/p.mp4"}},
    {8,
     false,
     {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "--steps", "0:2", "--fps", "2", "-o", "out/p.webm"}},
    {24, true, {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "--steps", "0:3", "-o", "out/%02d.png"}},
    {16, true, {"render", "--set", "conv-arithmetic", "--size", "320x240", "--format", "png", "-o", "out"}},
};

/* A command's later allocations repeat its earlier ones. */
static long next_failure(long n, bool all, int rounds, long count) {
    if (all) return n + 1;
    if (rounds) return n + 1 + count / rounds;
    return n < 150 ? n + 1 : n + 1 + n / 40;
}

/* Whether every file there is the whole one. */
static bool all_whole(void) {
    DIR *d = opendir("out");
    bool same = d != NULL;
    for (struct dirent *e; d && (e = readdir(d));) {
        char left[512], whole[512], *a = NULL, *b = NULL;
        size_t left_size = 0, whole_size = 0;
        if (e->d_name[0] == '.') continue;
        snprintf(left, sizeof left, "out/%s", e->d_name);
        snprintf(whole, sizeof whole, "whole/%s", e->d_name);
        same = same && file_load(left, 1 << 24, &a, &left_size, NULL) &&
               file_load(whole, 1 << 24, &b, &whole_size, NULL) && left_size == whole_size &&
               memcmp(a, b, whole_size) == 0;
        memory_free(a);
        memory_free(b);
    }
    if (d) closedir(d);
    return same;
}

static void name_of(const char *const *words, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; words[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", words[i]);
}

static long exhaust(const char *const *words, int rounds, bool many, bool all) {
    char name[512], text[4096];
    name_of(words, name, sizeof name);
    long failed = 0;
    bool said;
    folder_clear("out", false);
    memory_fail_at(0);
    int status = command_quietly(words, &said, text, sizeof text);
    DEMAND(status == EXIT_DONE, "%s: status %d without any failure: %s", name, status, text);
    if (status != EXIT_DONE) return 0;
    const uint64_t whole = folder_digest("out");
    const long count = memory_count();
    folder_clear("whole", true);
    if (rename("out", "whole") != 0 || mkdir("out", 0700) != 0) abort();
    for (long n = 1;; n = next_failure(n, all, rounds, count)) {
        folder_clear("out", false);
        memory_fail_at(n);
        status = command_quietly(words, &said, text, sizeof text);
        bool reached = memory_count() >= n;
        memory_fail_at(0);
        if (!reached) return failed;
        failed++;
        DEMAND(status == EXIT_DONE || status == EXIT_COULD_NOT, "%s: status %d when allocation %ld fails: %s", name,
               status, n, text);
        if (status == EXIT_DONE) {
            DEMAND(folder_digest("out") == whole, "%s: done, but with other files, when allocation %ld fails", name, n);
        } else {
            DEMAND(said, "%s: nothing is said when allocation %ld fails", name, n);
            const bool clean = many ? all_whole() : folder_count("out") == 0;
            DEMAND(clean, "%s: a file is left when allocation %ld fails", name, n);
        }
        if (failures > 20) return failed;
    }
}

/* usage: [--all [WORD]]   every allocation, of the commands that have that word */
int main(int argc, char **argv) {
    bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    scratch_enter();
    if (mkdir("out", 0700) != 0) return 1;
    long total = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        const char *const *words = commands[i].words;
        char name[512];
        name_of(words, name, sizeof name);
        if (argc > 2 && !strstr(name, argv[2])) continue;
        long failed = exhaust(words, commands[i].rounds, commands[i].many, all);
        printf("%6ld allocations failed: %s\n", failed, name);
        DEMAND(failed > 0, "%s allocates nothing: the hook is not in use", name);
        total += failed;
    }
    scratch_leave();
    printf("%ld allocations failed one by one\n", total);
    return failures ? 1 : 0;
}
