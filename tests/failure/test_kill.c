/* Saving survives a kill at any moment: afterwards the file is the old one or the new one, whole. A child saves two
 * states in turn as fast as it can, and is killed in the middle of it, again and again: a scene, the settings and the
 * autosave, each as on a file system where a file can be without a name (O_TMPFILE) and as on one where it cannot. What
 * kills leave behind then is swept away later. */
#include "app/document/scene_text.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "app/window/session.h"
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

enum { KILLS = 100, KILLS_OF_ALL = 2000, LONGEST_US = 3000 };

static bool all_named; /* no file is without a name */

int open(const char *path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    int mode = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(list, int) : 0;
    va_end(list);
    if (all_named && (flags & O_TMPFILE) == O_TMPFILE) {
        errno = EOPNOTSUPP;
        return -1;
    }
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static document documents[2];
static settings wishes[2];
static window_state window;

static bool save_scene(int k, failure *f) {
    return scene_save(&documents[k], NULL, "place/scene.yaml", f);
}

static bool save_settings(int k, failure *f) {
    return settings_save(&wishes[k], f);
}

static bool save_session(int k, failure *f) {
    window.scene_open = true;
    window.history.document = documents[k];
    return session_save(&window, f);
}

static const struct subject {
    const char *name, *folder, *path;
    bool (*save)(int k, failure *f);
} subjects[] = {
    {"scene", "place", "place/scene.yaml", save_scene},
    {"settings", "convscope", "convscope/settings", save_settings},
    {"autosave", "convscope", "convscope/session", save_session},
};

static void save_for_ever(const struct subject *s, int ready) {
    failure f;
    for (int k = 0;; k ^= 1) {
        if (!s->save(k, &f)) _exit(3);
        if (ready >= 0) {
            if (write(ready, "", 1) != 1) _exit(4);
            close(ready);
            ready = -1;
        }
    }
}

static void kill_once(const struct subject *s, long microseconds) {
    int ready[2];
    char byte;
    if (pipe(ready) != 0) abort();
    pid_t child = fork();
    if (child < 0) abort();
    if (child == 0) {
        close(ready[0]);
        save_for_ever(s, ready[1]);
    }
    close(ready[1]);
    DEMAND(read(ready[0], &byte, 1) == 1, "%s: the child saves", s->name);
    close(ready[0]);
    nanosleep(&(struct timespec){.tv_nsec = microseconds * 1000}, NULL);
    kill(child, SIGKILL);
    int status = 0;
    waitpid(child, &status, 0);
    DEMAND(WIFSIGNALED(status), "%s: the child was killed in the middle of its work: status %d", s->name, status);
}

static char *text_of(const struct subject *s) {
    char *text = NULL;
    size_t size = 0;
    failure f = {0};
    bool loaded = file_load(s->path, 1 << 20, &text, &size, &f);
    DEMAND(loaded, "%s: the file is there: %s", s->name, f.error.message);
    return text;
}

/* Makes all files of the folder two hours old, and counts those that are none of the three. */
static int age_strays(const char *folder) {
    DIR *d = opendir(folder);
    int strays = 0;
    if (!d) return -1;
    const struct timespec before[2] = {{.tv_sec = time(NULL) - 7200}, {.tv_sec = time(NULL) - 7200}};
    for (struct dirent *e; (e = readdir(d));) {
        if (strncmp(e->d_name, ".convscope-", 11) != 0) continue;
        strays++;
        utimensat(dirfd(d), e->d_name, before, 0);
    }
    closedir(d);
    return strays;
}

/* What is not ours, or may still be written, stays. */
static void check_sweep(const struct subject *s) {
    static const char *const keeps[] = {".convscope-notes", ".convscope-12-x", ".convscope-999999999-0",
                                        "convscope-1-1"};
    char path[256];
    failure f = {0};
    int strays = age_strays(s->folder);
    for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++) { /* the third has a stale name, but is young */
        snprintf(path, sizeof path, "%s/%s", s->folder, keeps[i]);
        int fd = open(path, O_CREAT | O_WRONLY, 0600);
        DEMAND(fd >= 0, "%s is made", path);
        close(fd);
    }
    DEMAND(s->save(0, &f), "%s: saved after the kills: %s", s->name, f.error.message);
    for (size_t i = 0; i < sizeof keeps / sizeof *keeps; i++) {
        snprintf(path, sizeof path, "%s/%s", s->folder, keeps[i]);
        DEMAND(access(path, F_OK) == 0, "%s: %s is not swept away", s->name, keeps[i]);
        unlink(path);
    }
    int left = age_strays(s->folder);
    DEMAND(left == 0, "%s: %d of %d temporary files are left after the next save", s->name, left, strays);
    printf("  %d temporary files left by kills, swept away by the next save\n", strays);
}

static void check(const struct subject *s, int kills) {
    char *texts[2];
    int seen[2] = {0};
    failure f = {0};
    for (int k = 0; k < 2; k++) {
        bool saved = s->save(k, &f);
        DEMAND(saved, "%s: saved: %s", s->name, f.error.message);
        texts[k] = saved ? text_of(s) : NULL;
        if (!texts[k]) return;
    }
    DEMAND(strcmp(texts[0], texts[1]) != 0, "%s: the two differ", s->name);
    unsigned seed = 1;
    for (int i = 0; i < kills && failures < 10; i++) {
        seed = seed * 1664525u + 1013904223u;
        kill_once(s, (long)(seed >> 8) % LONGEST_US);
        char *now = text_of(s);
        int which = !now ? -1 : strcmp(now, texts[0]) == 0 ? 0 : strcmp(now, texts[1]) == 0 ? 1 : -1;
        DEMAND(which >= 0, "%s: the file is one of the two, nothing else", s->name);
        if (which >= 0) seen[which]++;
        memory_free(now);
    }
    DEMAND(seen[0] > 0 && seen[1] > 0, "%s: kills met both: %d and %d", s->name, seen[0], seen[1]);
    printf("%d kills while saving the %s%s: %d times the one, %d times the other, never half\n", kills, s->name,
           all_named ? ", without unnamed files" : "", seen[0], seen[1]);
    check_sweep(s);
    memory_free(texts[0]);
    memory_free(texts[1]);
}

/* What was saved last comes back. */
static void check_loads(void) {
    document d;
    failure f = {0};
    settings s;
    bool loaded = scene_load("place/scene.yaml", &d, &f);
    DEMAND(loaded, "the scene can be opened: %s", f.error.message);
    if (loaded) document_destroy(&d);
    settings_defaults(&s);
    settings_load(&s);
    DEMAND(s.theme == wishes[0].theme && s.width == wishes[0].width, "the settings can be read");
}

int main(int argc, char **argv) {
    static const char *const expressions[2] = {"nn.Conv2d(1, 1, 3)",
                                               "nn.Sequential(nn.ConvTranspose2d(1, 2, 3, stride=2), nn.ReLU())"};
    int kills = argc > 1 && strcmp(argv[1], "--all") == 0 ? KILLS_OF_ALL : KILLS;
    failure f = {0};
    scratch_enter();
    if (mkdir("place", 0700) != 0 || mkdir("convscope", 0700) != 0) return 1;
    for (int k = 0; k < 2; k++) {
        bool made = document_from_expression(&documents[k], expressions[k], NULL, &f);
        DEMAND(made, "a scene is made: %s", f.error.message);
        if (!made) return 1;
        settings_defaults(&wishes[k]);
        wishes[k].theme = k ? THEME_DARK : THEME_LIGHT;
        wishes[k].width = 800 + k;
    }
    for (int named = 0; named < 2; named++) {
        all_named = named;
        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) check(&subjects[i], kills);
    }
    check_loads();
    for (int k = 0; k < 2; k++) document_destroy(&documents[k]);
    scratch_leave();
    return failures ? 1 : 0;
}
