/* Memory runs out at every allocation of every command, one after the other: the command says so or does without,
 * nothing is half-written, and (under the sanitizers) nothing leaks. */
#include "app/arrays/npy.h"
#include "app/commands/command.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <SDL.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { MAX_WORDS = 16, MOST_ROUNDS = 400 };

static bool every_one;
static char folder[] = "/tmp/convscope-memory-XXXXXX";

/* Commands with their words split at '|'. OUT is the file that must be whole or absent. */
static const struct {
    const char *words;
    int rounds; /* at most so many allocations are tried, spread over all of them */
} cases[] = {
    {"explain|nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.ConvTranspose2d(8, 2, 2, 2))|--input|1,3,12,12",
     MOST_ROUNDS},
    {"explain|nn.LazyConv2d(4, 3)|--json", MOST_ROUNDS},
    {"explain|" SOURCE_DIR "/assets/networks/unet.yaml", MOST_ROUNDS},
    {"run|nn.Conv2d(2, 3, 3, padding=1)|--input|x.npy|--weight|w.npy|--output|OUT", MOST_ROUNDS},
    {"run|nn.Sequential(nn.Conv2d(2, 3, 3), nn.MaxPool2d(2))|--input|2,9,9|--threads|2|-o|OUT", MOST_ROUNDS},
    {"run|nn.MaxPool2d(2)|--input|x.npy|--return-indices|OUT", MOST_ROUNDS},
    {"bench|nn.Conv2d(2, 3, 3)|--input|1,2,8,8|--runs|1|--seconds|0.001|--json", 150},
    {"lessons", 700},
    {"lessons|--check|" SOURCE_DIR "/assets/lessons/pooling.yaml", 150},
    {"render|nn.Conv2d(1, 1, 3)|--size|320x240|-o|OUT.png", 25},
    {"open|nn.Conv2d(2, 3, 3)|--input|x.npy", 60},
    {"open|pooling|--fresh", 40},
    {"run|--help", 20},
};

/* The window closes after its first frames: it finds that it was asked to. */
static void ask_to_close(void) {
    SDL_FlushEvents(SDL_FIRSTEVENT, SDL_LASTEVENT);
    SDL_PushEvent(&(SDL_Event){.type = SDL_QUIT});
}

static exit_status run(const char *words, const char *out) {
    char text[1024], *argv[MAX_WORDS + 2];
    int argc = 0;
    snprintf(text, sizeof text, "%s", words);
    argv[argc++] = text + strlen(text); /* the program's name does not matter */
    for (char *word = strtok(text, "|"); word && argc < MAX_WORDS; word = strtok(NULL, "|")) {
        argv[argc++] = strncmp(word, "OUT", 3) == 0 ? (char *)(uintptr_t)out : word;
    }
    argv[argc] = NULL;
    ask_to_close();
    return command_main(argc, argv);
}

static bool same_file(const char *path, const char *bytes, size_t size) {
    char *now;
    size_t length;
    if (!file_load(path, 1 << 24, &now, &length, NULL)) return false;
    bool same = length == size && memcmp(now, bytes, size) == 0;
    memory_free(now);
    return same;
}

/* Returns how many things went wrong. */
static int check(const char *words, int rounds, FILE *report) {
    const char *out = strstr(words, "OUT.png") ? "out.png" : "out.npy";
    char *whole = NULL;
    size_t size = 0;
    int wrong = 0;
    memory_fail_at(0);
    if (run(words, out) != EXIT_DONE) {
        fprintf(stderr, "FAILED: %s fails with all memory there\n", words);
        return 1;
    }
    const long all = memory_count();
    if (strstr(words, "OUT") && !file_load(out, 1 << 24, &whole, &size, NULL)) wrong++;
    const long step = every_one ? 1 : all / rounds + 1;
    for (long n = 1; n <= all + 1; n += step) {
        unlink(out);
        memory_fail_at(n);
        exit_status status = run(words, out);
        memory_fail_at(0);
        bool left = access(out, F_OK) == 0;
        bool good = status == EXIT_DONE ? !whole || same_file(out, whole, size) : status == EXIT_COULD_NOT && !left;
        if (!good) {
            fprintf(stderr, "FAILED: %s: allocation %ld of %ld: status %d%s\n", words, n, all, (int)status,
                    left ? ", a file is left" : "");
            wrong++;
        }
    }
    fprintf(report, "%s: %ld allocations, every %ld. failed once: %s\n", wrong ? "FAILED" : "ok", all, step, words);
    memory_free(whole);
    return wrong;
}

int main(int argc, char **argv) {
    every_one = argc > 1 && strcmp(argv[1], "--all") == 0;
    const conv_shape shape = {.rank = 3, .size = {2, 8, 8}}, weight = {.rank = 4, .size = {3, 2, 3, 3}};
    float numbers[128];
    for (int i = 0; i < 128; i++) numbers[i] = (float)(i % 7) - 3;
    if (!mkdtemp(folder) || chdir(folder) != 0) return 1;
    if (!npy_write("x.npy", &shape, numbers, NULL) || !npy_write("w.npy", &weight, numbers, NULL)) return 1;
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    setenv("LC_ALL", "C", 1);
    setenv("XDG_CONFIG_HOME", folder, 1);
    setenv("XDG_STATE_HOME", folder, 1);
    setenv("SDL_VIDEODRIVER", "dummy", 1);
    if (SDL_InitSubSystem(SDL_INIT_EVENTS) != 0) return 1;
    /* What the commands say goes to files, what this test says to the terminal. */
    FILE *report = fdopen(dup(STDERR_FILENO), "w");
    if (!report || !freopen("said.txt", "w", stderr) || !freopen("printed.txt", "w", stdout)) return 1;
    int wrong = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wrong += check(cases[i].words, cases[i].rounds, report);
    }
    fflush(stderr);
    if (wrong) {
        char *said;
        size_t size;
        if (file_load("said.txt", 1 << 24, &said, &size, NULL)) {
            for (char *line = strtok(said, "\n"); line; line = strtok(NULL, "\n")) {
                if (strncmp(line, "FAILED", 6) == 0) fprintf(report, "%s\n", line);
            }
            memory_free(said);
        }
    }
    fclose(report);
    if (chdir("/") == 0) {
        char clean[96];
        snprintf(clean, sizeof clean, "rm -rf '%s'", folder);
        if (system(clean) != 0) wrong++;
    }
    return wrong != 0;
}
