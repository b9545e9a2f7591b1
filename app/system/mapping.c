#include "mapping.h"

#include "app/language/language.h"
#include "file.h"

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

bool file_map(file_mapping *m, const char *path, failure *f) {
    *m = (file_mapping){0};
    file_reader r;
    if (!file_open(&r, path, f)) return false;
    bool ok = r.size > 0 && (uint64_t)r.size <= SIZE_MAX / 2;
    if (ok) {
        void *bytes = mmap(NULL, (size_t)r.size, PROT_READ, MAP_PRIVATE, r.fd, 0);
        ok = bytes != MAP_FAILED;
        if (ok)
            *m = (file_mapping){bytes, (size_t)r.size};
        else
            fail_system(f, path, errno);
    } else {
        fail(f, N_("the file is cut short: it ends after {0} bytes"), "d", r.size);
        fail_in(f, path);
    }
    file_close(&r);
    return ok;
}

void file_unmap(file_mapping *m) {
    if (m->bytes) munmap((void *)m->bytes, m->size);
    *m = (file_mapping){0};
}

void file_keep(const file_mapping *m, const atomic_bool *ended) {
#ifdef MADV_POPULATE_READ
    enum { PIECE = 1 << 20 };
    for (size_t at = 0; at < m->size && !atomic_load(ended); at += PIECE) {
        const size_t left = m->size - at;
        if (madvise((char *)m->bytes + at, left < PIECE ? left : PIECE, MADV_POPULATE_READ) != 0) return;
    }
#else
    (void)m;
    (void)ended;
#endif
}
