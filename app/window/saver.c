#include "saver.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "app/system/thread.h"
#include <stdatomic.h>
#include <string.h>
#include <sys/stat.h>

struct saver {
    pthread_t thread;
    kept_file files[SAVER_FILES];
    int count;
    atomic_bool done;
    bool ok; /* this and failure are the thread's until it is done */
    failure failure;
};

/* Those that are there already, and those that cannot be made, are left to the file. */
static void make_folders(char *path) {
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0700);
        *slash = '/';
    }
}

bool kept_file_store(kept_file *k, failure *f) {
    if (k->text) {
        make_folders(k->path);
        file_sweep(k->path);
    }
    bool ok = !k->text || file_store(k->path, k->text, k->size, f);
    memory_free(k->text);
    k->text = NULL;
    return ok;
}

static bool store_all(kept_file *files, int count, failure *f) {
    bool ok = true;
    for (int i = 0; i < count; i++) {
        failure own = {0};
        if (kept_file_store(&files[i], &own)) continue;
        if (ok && f) *f = own;
        ok = false;
    }
    return ok;
}

static void *work(void *argument) {
    saver *s = argument;
    s->ok = store_all(s->files, s->count, &s->failure);
    atomic_store(&s->done, true);
    return NULL;
}

bool saver_begin(saver **s, const kept_file *files, int count, failure *f) {
    kept_file own[SAVER_FILES];
    saver *made = memory_zeroed(1, sizeof *made);
    memcpy(made ? made->files : own, files, sizeof *files * (size_t)count);
    if (made) {
        made->count = count;
        if (thread_begin(&made->thread, work, made)) {
            *s = made;
            return true;
        }
    }
    bool ok = store_all(made ? made->files : own, count, f);
    memory_free(made);
    return ok;
}

bool saver_busy(saver *s) {
    return s && !atomic_load(&s->done);
}

bool saver_end(saver **s, failure *f) {
    if (!*s) return true;
    pthread_join((*s)->thread, NULL);
    bool ok = (*s)->ok;
    if (!ok && f) *f = (*s)->failure;
    memory_free(*s);
    *s = NULL;
    return ok;
}
