/* The same blocks in the same area are set alike: in the next frame they need not be tried again. */
#include "app/system/memory.h"
#include "arrange.h"
#include "recall.h"
#include <string.h>

enum { REMEMBERED = 160, REMEMBERED_BLOCKS = 8, REMEMBERED_PATTERNS = 4 };

/* All that arrange_search reads of a block. */
typedef struct block_key {
    int64_t rows, columns, before[2], after[2];
    int count, across, flags;
    float gap, closer, foot, margin, words, label_words, heads;
} block_key;

typedef struct arrangement_key {
    block_key blocks[REMEMBERED_BLOCKS];
    int count, tilted;
    float unit, width, height, most;
    signed char patterns[REMEMBERED_PATTERNS][8];
    int pattern_count;
} arrangement_key;

typedef struct arrangement {
    arrangement_key key;
    int across[REMEMBERED_BLOCKS], column[REMEMBERED_BLOCKS];
    bool swapped[REMEMBERED_BLOCKS];
    float side;
} arrangement;

typedef struct arrangements {
    arrangement slots[REMEMBERED];
    int next, used;
} arrangements;

static void make_key(const stage *s, const block *blocks, int count, bool tilted, box area, float most,
                     const signed char (*patterns)[8], int pattern_count, arrangement_key *k) {
    memset(k, 0, sizeof *k); /* it is compared byte by byte */
    for (int i = 0; i < count; i++) {
        const block *b = &blocks[i];
        const operand *o = b->planes[0].of;
        block_key *to = &k->blocks[i];
        if (b->count) {
            to->rows = o->rows;
            to->columns = o->columns;
            for (int a = 0; a < 2; a++) to->before[a] = o->before[a + 1], to->after[a] = o->after[a + 1];
        }
        to->count = b->count;
        to->across = b->across;
        to->flags = b->wraps | b->swaps << 1 | b->labels << 2 | b->pile << 3 | b->wide << 4;
        to->gap = b->gap;
        to->closer = b->closer;
        to->foot = b->foot;
        to->margin = b->margin;
        to->words = b->words;
        to->label_words = b->label_words;
        to->heads = block_head(s, b);
    }
    k->count = count;
    k->tilted = tilted;
    k->unit = s->unit;
    k->width = area.width;
    k->height = area.height;
    k->most = most;
    k->pattern_count = pattern_count;
    for (int i = 0; i < pattern_count; i++) memcpy(k->patterns[i], patterns[i], (size_t)count);
}

static arrangements *remembered(const stage *s) {
    const recall_key key = {.kind = RECALL_ARRANGEMENTS};
    arrangements *all = recall(s->scene, key);
    if (all) return all;
    all = memory_zeroed(1, sizeof *all);
    return all && recall_keep(s->scene, key, all, NULL) ? all : NULL;
}

static const arrangement *find_arrangement(const arrangements *all, const arrangement_key *key) {
    for (int i = 0; i < all->used; i++)
        if (memcmp(&all->slots[i].key, key, sizeof *key) == 0) return &all->slots[i];
    return NULL;
}

static float set_again(const arrangement *a, block *blocks, int count) {
    for (int i = 0; i < count; i++) {
        if (a->swapped[i]) block_swap(&blocks[i]);
        blocks[i].across = a->across[i];
        blocks[i].column = a->column[i];
    }
    return a->side;
}

float arrange_best(const stage *s, block *blocks, int count, bool tilted, box area, float most,
                   const signed char (*patterns)[8], int pattern_count) {
    arrangement fresh = {0};
    plane second[REMEMBERED_BLOCKS];
    bool small = count <= REMEMBERED_BLOCKS && pattern_count <= REMEMBERED_PATTERNS;
    arrangements *all = small ? remembered(s) : NULL;
    if (!all) return arrange_search(s, blocks, count, tilted, area, most, patterns, pattern_count);
    arrange_measure(s, blocks, count);
    make_key(s, blocks, count, tilted, area, most, patterns, pattern_count, &fresh.key);
    const arrangement *before = find_arrangement(all, &fresh.key);
    if (before) return set_again(before, blocks, count);
    for (int i = 0; i < count; i++) second[i] = blocks[i].planes[1];
    fresh.side = arrange_search(s, blocks, count, tilted, area, most, patterns, pattern_count);
    for (int i = 0; i < count; i++) {
        const block *b = &blocks[i];
        const plane *p = &b->planes[1];
        bool moved =
            b->count > 1 && (p->of != second[i].of || p->lead != second[i].lead || p->slice != second[i].slice);
        fresh.across[i] = b->across;
        fresh.column[i] = b->column;
        fresh.swapped[i] = moved || (b->swaps && !b->wraps && b->across != fresh.key.blocks[i].across);
    }
    all->slots[all->next] = fresh;
    all->next = (all->next + 1) % REMEMBERED;
    if (all->used < REMEMBERED) all->used++;
    return fresh.side;
}
