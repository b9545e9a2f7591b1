/* Saving a scene survives a kill at any moment: afterwards the file is the old scene or the new one, whole. A child saves two scenes in turn
 * as fast as it can, and is killed in the middle of it, again and again. */
#include "app/document/scene_text.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "commands.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 300, KILLS_OF_ALL = 5000, LONGEST_US = 3000 };

static document scenes[2];
static char *texts[2];

static void save_for_ever(int ready) {
    failure f;
    for (int k = 0;; k ^= 1) {
        if (!scene_save(&scenes[k], NULL, "place/scene.yaml", &f)) _exit(3);
        if (ready >= 0) {
            if (write(ready, "", 1) != 1) _exit(4);
            close(ready);
            ready = -1;
        }
    }
}

static void kill_once(long microseconds) {
    int ready[2];
    char byte;
    if (pipe(ready) != 0) abort();
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
        close(ready[0]);
        save_for_ever(ready[1]);
    }
    close(ready[1]);
    DEMAND(read(ready[0], &byte, 1) == 1, "the child saves");
    close(ready[0]);
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    DEMAND(WIFSIGNALED(status), "the child was killed in the middle of its work: status %d", status);
}

static int check_file(void) {
    char *text = NULL;
    size_t size = 0;
    failure f = {0};
    bool loaded = file_load("place/scene.yaml", 1 << 20, &text, &size, &f);
    DEMAND(loaded, "the file is there: %s", f.error.message);
    if (!loaded) return -1;
    int which = strcmp(text, texts[0]) == 0 ? 0 : strcmp(text, texts[1]) == 0 ? 1 : -1;
    DEMAND(which >= 0, "the file is one of the two scenes, not %zu other bytes", size);
    memory_free(text);
    document d;
    loaded = scene_load("place/scene.yaml", &d, &f);
    DEMAND(loaded, "the scene can be opened: %s", f.error.message);
    if (loaded) document_destroy(&d);
    return which;
}

int main(int argc, char **argv) {
    static const char *const expressions[2] = {"nn.Conv2d(1, 1, 3)", "nn.Sequential(nn.ConvTranspose2d(1, 2, 3, stride=2), nn.ReLU())"};
    int kills = argc > 1 && strcmp(argv[1], "--all") == 0 ? KILLS_OF_ALL : KILLS, seen[2] = {0};
    failure f = {0};
    scratch_enter();
    if (mkdir("place", 0700) != 0) return 1;
    for (int k = 0; k < 2; k++) {
        bool made = document_from_expression(&scenes[k], expressions[k], NULL, &f) && scene_text_write(&scenes[k], &texts[k], &f);
        DEMAND(made, "a scene is made: %s", f.error.message);
        if (!made) return 1;
    }
    unsigned seed = 1;
    for (int i = 0; i < kills && failures < 10; i++) {
        seed = seed * 1664525u + 1013904223u;
        kill_once((long)(seed >> 8) % LONGEST_US);
        int which = check_file();
        if (which >= 0) seen[which]++;
    }
    DEMAND(seen[0] > 0 && seen[1] > 0, "kills met both scenes: %d and %d", seen[0], seen[1]);
    for (int k = 0; k < 2; k++) {
        document_destroy(&scenes[k]);
        memory_free(texts[k]);
    }
    scratch_leave();
    printf("%d kills while saving: %d times the one scene, %d times the other, never half\n", kills, seen[0], seen[1]);
    return failures ? 1 : 0;
}
