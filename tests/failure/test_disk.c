/* Every system call that writes fails once, with a full disk and with a broken one: the command says so, the former
 * file is still whole, and nothing else is left in the folder. */
#include "commands.h"
#include "faults.h"
#include <SDL.h>

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

/* What the window keeps when it closes: settings and document. Each write fails once; it says so, and what was kept
 * before is whole. */
static long close_window(int error) {
    static const char *const words[] = {"open", "nn.Conv2d(1, 1, 3)", NULL};
    static const char *const kept[] = {"convscope/settings", "convscope/session"};
    char text[4096], before[2][4096] = {{0}}, after[4096];
    bool said;
    for (long n = 0;; n++) {
        SDL_FlushEvents(SDL_FIRSTEVENT, SDL_LASTEVENT);
        SDL_PushEvent(&(SDL_Event){.type = SDL_QUIT}); /* it closes after its first frames */
        fault_at(n, error);
        int status = command_quietly(words, &said, text, sizeof text);
        bool happened = n > 0 && fault_happened();
        fault_at(0, 0);
        for (int i = 0; i < 2; i++) {
            memset(after, 0, sizeof after);
            DEMAND(content(kept[i], after, sizeof after - 1) > 0, "%s is gone when write %ld fails", kept[i], n);
            if (n == 0) memcpy(before[i], after, sizeof after);
            DEMAND(strcmp(before[i], after) == 0, "%s is another one when write %ld fails", kept[i], n);
        }
        DEMAND(folder_count("convscope") == 2, "%d files are left when write %ld fails", folder_count("convscope"), n);
        if (n > 0 && !happened) return n - 1;
        DEMAND(status == (happened ? EXIT_COULD_NOT : EXIT_DONE), "the window: status %d when write %ld fails with %s",
               status, n, strerror(error));
        DEMAND(!happened || (said && strstr(text, "convscope") == text), "no sentence when write %ld fails: %s", n,
               text);
        if (failures > 20) return n;
    }
}

/* What the window writes beside that: it is said, when the window opens or at the latest when it closes. */
static void written_for_tests(const char *how, const char *file) {
    const char *const words[] = {"open", "nn.Conv2d(1, 1, 3)", "--fresh", how, file, NULL};
    char text[4096];
    bool said;
    SDL_PushEvent(&(SDL_Event){.type = SDL_QUIT});
    int status = command_quietly(words, &said, text, sizeof text);
    DEMAND(status == EXIT_COULD_NOT && said && strstr(text, file), "%s %s: status %d: %s", how, file, status, text);
}

int main(void) {
    scratch_enter();
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    if (SDL_InitSubSystem(SDL_INIT_EVENTS) != 0) return 1;
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
    for (size_t e = 0; e < sizeof errors / sizeof *errors; e++) {
        long failed = close_window(errors[e]);
        printf("%6ld failing system calls: closing the window\n", failed);
        DEMAND(failed > 0, "closing the window: no system call was seen");
        total += failed;
    }
    if (mkfifo("pipe", 0600) != 0) return 1;
    static const char *const unwritable[] = {"/dev/full", "absent/file", "out", "pipe"};
    for (size_t i = 0; i < sizeof unwritable / sizeof *unwritable; i++) {
        written_for_tests("--frames", unwritable[i]);
        written_for_tests("--state", unwritable[i]);
    }
    scratch_leave();
    printf("%ld system calls failed one by one\n", total);
    return failures ? 1 : 0;
}
