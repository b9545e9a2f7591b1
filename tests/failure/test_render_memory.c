/* Every allocation fails once while each kind of figure is drawn and written: the command says so and leaves nothing,
 * or the file is the whole one to the byte. (Leaks are found by the build with AddressSanitizer.) */
#include "commands.h"

#include "app/system/memory.h"

static const char *const commands[][COMMAND_WORDS] = {
    {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.png"},
    {"render", "nn.ConvTranspose2d(1, 1, 2)", "--size", "320x240", "--steps", "0:2", "--fps", "2", "-o", "out/p.gif"},
    {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.svg"},
    {"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.pdf"},
    {"render", "conv2d", "--size", "320x240", "-o", "out/p.png"},
};

/* All of the first ones, then ever fewer: a command's later allocations repeat its earlier ones. */
static long next_failure(long n, bool all) {
    return all || n < 150 ? n + 1 : n + 1 + n / 40;
}

static void name_of(const char *const *words, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; words[i] && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? " " : "", words[i]);
}

static long exhaust(const char *const *words, bool all) {
    char name[512], text[4096];
    name_of(words, name, sizeof name);
    long failed = 0;
    bool said;
    folder_clear("out", false);
    memory_fail_at(0);
    int status = command_quietly(words, &said, text, sizeof text);
    DEMAND(status == EXIT_DONE, "%s: status %d without any failure: %s", name, status, text);
    if (status != EXIT_DONE) return 0;
    uint64_t whole = folder_digest("out");
    for (long n = 1;; n = next_failure(n, all)) {
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
            DEMAND(folder_count("out") == 0, "%s: a file is left when allocation %ld fails", name, n);
        }
        if (failures > 20) return failed;
    }
}

int main(int argc, char **argv) {
    bool all = argc > 1 && strcmp(argv[1], "--all") == 0;
    scratch_enter();
    if (mkdir("out", 0700) != 0) return 1;
    long total = 0;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        long failed = exhaust(commands[i], all);
        printf("%6ld allocations failed: %s %s\n", failed, commands[i][0], commands[i][1] ? commands[i][1] : "");
        DEMAND(failed > 0, "%s allocates nothing: the hook is not in use", commands[i][0]);
        total += failed;
    }
    scratch_leave();
    printf("%ld allocations failed one by one\n", total);
    return failures ? 1 : 0;
}
