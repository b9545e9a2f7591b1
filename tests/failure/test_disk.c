/* Every system call that writes fails once, with a full disk and with a broken one: the command says so, the former
 * file is still whole, and nothing else is left in the folder. */
#include "commands.h"
#include "faults.h"

typedef struct write_case {
    const char *words[COMMAND_WORDS];
    const char *target; /* the file, or one of them */
    int files;          /* how many when all went well; 0: one */
} write_case;

static const write_case cases[] = {
    {{"run", "nn.Conv2d(2, 3, 3)", "--input", "1,2,80,80", "--output", "out/y.npy"}, "out/y.npy", 1},
    {{"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.png"}, "out/p.png", 1},
    {{"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "--steps", "0:3", "--fps", "2", "-o", "out/p.gif"},
     "out/p.gif",
     1},
    {{"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.svg"}, "out/p.svg", 1},
    {{"render", "nn.Conv2d(1, 1, 3)", "--size", "320x240", "-o", "out/p.pdf"}, "out/p.pdf", 1},
};

static const int errors[] = {ENOSPC, EIO, EDQUOT};

static long content(const char *path, char *text, size_t size) {
    FILE *file = fopen(path, "rb");
    if (!file) return -1;
    size_t got = fread(text, 1, size, file);
    fclose(file);
    return (long)got;
}

static long fail_each(const write_case *c, int error, bool former) {
    char text[4096], before[64] = "the former file";
    bool said;
    for (long n = 1;; n++) {
        folder_clear("out", false);
        if (former) {
            FILE *file = fopen(c->target, "wb");
            if (!file) abort();
            fputs(before, file);
            fclose(file);
        }
        fault_at(n, error);
        int status = command_quietly(c->words, &said, text, sizeof text);
        bool happened = fault_happened();
        fault_at(0, 0);
        if (!happened) {
            DEMAND(status == EXIT_DONE, "%s: status %d with nothing failing: %s", c->target, status, text);
            DEMAND(folder_count("out") == c->files, "%s: %d files in the folder", c->target, folder_count("out"));
            return n - 1;
        }
        DEMAND(status == EXIT_COULD_NOT, "%s: status %d when write %ld fails with %s", c->target, status, n,
               strerror(error));
        DEMAND(said && strstr(text, "convscope") == text, "%s: no sentence when write %ld fails: %s", c->target, n,
               text);
        DEMAND(folder_count("out") == (former ? 1 : 0), "%s: %d files are left when write %ld fails", c->target,
               folder_count("out"), n);
        if (former) {
            char after[64] = {0};
            content(c->target, after, sizeof after - 1);
            DEMAND(strcmp(before, after) == 0, "%s: the former file is gone when write %ld fails", c->target, n);
        }
        if (failures > 20) return n;
    }
}

int main(void) {
    scratch_enter();
    if (mkdir("out", 0700) != 0) return 1;
    long total = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        long failed = 0;
        for (size_t e = 0; e < sizeof errors / sizeof *errors; e++)
            for (int former = 0; former < 2; former++) failed += fail_each(&cases[i], errors[e], former == 1);
        printf("%6ld failing system calls: %s\n", failed, cases[i].target);
        DEMAND(failed > 0, "%s: no system call was seen", cases[i].target);
        total += failed;
    }
    scratch_leave();
    printf("%ld system calls failed one by one\n", total);
    return failures ? 1 : 0;
}
