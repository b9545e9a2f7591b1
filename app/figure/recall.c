#include "recall.h"
#include "app/system/memory.h"
#include <string.h>

enum { RECALL_MOST = 64 };

typedef struct entry {
    recall_key key;
    void *data;
    void (*destroy)(void *);
    uint64_t used;
    size_t flat; /* bytes of what can be carried to another scene; 0: it cannot */
} entry;

typedef struct memory {
    uint64_t revision, clock;
    entry entries[RECALL_MOST];
    int count;
} memory;

static void drop(entry *e) {
    if (e->destroy)
        e->destroy(e->data);
    else
        memory_free(e->data);
    e->data = NULL;
}

static void forget(void *data) {
    memory *m = data;
    if (!m) return;
    for (int i = 0; i < m->count; i++) drop(&m->entries[i]);
    memory_free(m);
}

static bool same(recall_key a, recall_key b) {
    return a.kind == b.kind && a.part == b.part && a.a == b.a && a.b == b.b && a.c == b.c;
}

static memory *current(scene *s) {
    memory *m = s->figure_memory;
    if (m && m->revision != s->revision) {
        for (int i = 0; i < m->count; i++) drop(&m->entries[i]);
        m->count = 0;
        m->revision = s->revision;
    }
    return m;
}

void *recall(scene *s, recall_key key) {
    memory *m = current(s);
    if (!m) return NULL;
    for (int i = 0; i < m->count; i++) {
        if (!same(m->entries[i].key, key)) continue;
        m->entries[i].used = ++m->clock;
        return m->entries[i].data;
    }
    return NULL;
}

bool recall_keep(scene *s, recall_key key, void *data, void (*destroy)(void *)) {
    entry e = {key, data, destroy, 0, 0};
    memory *m = current(s);
    if (!m && (m = memory_zeroed(1, sizeof *m))) {
        m->revision = s->revision;
        s->figure_memory = m;
        s->figure_forget = forget;
    }
    if (!m) {
        drop(&e);
        return false;
    }
    e.used = ++m->clock;
    entry *place = NULL;
    for (int i = 0; i < m->count && !place; i++)
        if (same(m->entries[i].key, key)) place = &m->entries[i];
    if (!place && m->count == RECALL_MOST) {
        place = m->entries;
        for (int i = 1; i < m->count; i++)
            if (m->entries[i].used < place->used) place = &m->entries[i];
    }
    if (place)
        drop(place);
    else
        place = &m->entries[m->count++];
    *place = e;
    return true;
}

bool recall_keep_flat(scene *s, recall_key key, void *data, size_t size) {
    if (!recall_keep(s, key, data, NULL)) return false;
    memory *m = s->figure_memory;
    for (int i = 0; i < m->count; i++)
        if (same(m->entries[i].key, key)) m->entries[i].flat = size;
    return true;
}

const void *recall_flat(scene *s, int k, recall_key *key, size_t *size) {
    memory *m = current(s);
    for (int i = 0; m && i < m->count; i++) {
        if (!m->entries[i].flat || k-- > 0) continue;
        *key = m->entries[i].key;
        *size = m->entries[i].flat;
        return m->entries[i].data;
    }
    return NULL;
}
