#include "warming.h"

#include "app/surface/glyph.h"
#include "app/system/memory.h"
#include "app/system/thread.h"

#include <dirent.h>
#include <limits.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

struct warming {
    pthread_t thread;
    atomic_bool ended;
    const fonts *fonts;
    char *assets;        /* owned */
    file_mapping *files; /* of the assets; owned */
    size_t count, capacity;
};

static void keep_file(warming *w, const char *path) {
    if (!memory_reserve(&w->files, &w->capacity, w->count + 1, sizeof *w->files)) return;
    file_mapping *file = &w->files[w->count];
    if (!file_map(file, path, NULL)) return;
    w->count++;
    file_keep(file, &w->ended);
}

static void keep_folder(warming *w, const char *folder) {
    DIR *d = opendir(folder);
    if (!d) return;
    for (struct dirent *entry; !atomic_load(&w->ended) && (entry = readdir(d));) {
        char path[PATH_MAX];
        const int length = snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (entry->d_name[0] == '.' || length < 0 || (size_t)length >= sizeof path) continue;
        if (entry->d_type == DT_DIR)
            keep_folder(w, path);
        else
            keep_file(w, path);
    }
    closedir(d);
}

/* The program's own code and constants: dl_iterate_phdr names it first, and libraries are left to the system. */
static int keep_program(struct dl_phdr_info *program, size_t size, void *argument) {
    (void)size;
    const warming *w = argument;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < program->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &program->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
        const uintptr_t first = program->dlpi_addr + part->p_vaddr, aligned = first / page * page;
        file_keep(&(file_mapping){(const void *)aligned, first - aligned + part->p_memsz}, &w->ended);
    }
    return 1;
}

static void *work(void *argument) {
    warming *w = argument;
    dl_iterate_phdr(keep_program, w);
    keep_folder(w, w->assets);
    for (int k = 0; k < FONT_SOURCE_COUNT; k++) file_keep(font_source_bytes(w->fonts, k), &w->ended);
    return NULL;
}

static void destroy(warming *w) {
    for (size_t i = 0; i < w->count; i++) file_unmap(&w->files[i]);
    memory_free(w->files);
    memory_free(w->assets);
    memory_free(w);
}

warming *warming_begin(const fonts *f, const char *assets) {
    warming *w = memory_zeroed(1, sizeof *w);
    if (!w) return NULL;
    w->fonts = f;
    w->assets = memory_text(assets);
    if (w->assets && thread_begin(&w->thread, work, w)) return w;
    destroy(w);
    return NULL;
}

void warming_end(warming *w) {
    if (!w) return;
    atomic_store(&w->ended, true);
    pthread_join(w->thread, NULL);
    destroy(w);
}
