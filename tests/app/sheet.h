/* The window laid out flat, for tests that look at it as a reader does: every region's items in the order of drawing,
 * in the window's pixels, each with what it is clipped to. And the judgement of its words: none is cut off, none lies
 * over another. */
#ifndef TESTS_SHEET_H
#define TESTS_SHEET_H

#include "window_harness.h"
#include <math.h>
#include <stdlib.h>

typedef struct mark {
    const display_list *list;
    const item *item;
    box box;  /* texts: their ink; else what the item covers */
    box clip; /* what it is seen through */
    region_id region;
    size_t order;
} mark;

typedef struct sheet {
    mark *texts, *covers; /* covers: opaque fills, which hide what was drawn before. Owned */
    size_t text_count, text_capacity, cover_count, cover_capacity, order;
} sheet;

static inline void sheet_destroy(sheet *s) {
    memory_free(s->texts);
    memory_free(s->covers);
    *s = (sheet){0};
}

static inline const char *mark_words(const mark *m) {
    return m->list->text + m->item->first;
}

/* Capitals over the baseline and a little under it, without the air of the line: lines may touch. */
static inline box ink_box(const item *it) {
    float left = it->anchor == ANCHOR_LEFT ? 0 : it->anchor == ANCHOR_MIDDLE ? 0.5f : 1;
    return (box){it->box.x - left * it->box.width, it->box.y - 0.72f * it->size, it->box.width, 0.78f * it->size};
}

static inline box moved(box b, point by) {
    return (box){b.x + by.x, b.y + by.y, b.width, b.height};
}

static inline void add_mark(mark **marks, size_t *count, size_t *capacity, mark m) {
    cr_assert(memory_reserve(marks, capacity, *count + 1, sizeof **marks));
    (*marks)[(*count)++] = m;
}

static inline bool is_cover(const item *it) {
    return (it->kind == ITEM_RECT && it->paint.fill.a == 255 && it->box.width > 3 && it->box.height > 3) ||
           it->kind == ITEM_PICTURE;
}

static inline void sheet_add(sheet *s, const display_list *l, region_id r, box window, point offset) {
    box clips[8];
    clips[0] = window;
    int depth = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        mark m = {l, it, {0, 0, 0, 0}, clips[depth], r, s->order++};
        if (it->kind == ITEM_CLIP) {
            cr_assert_lt(depth, 7);
            clips[depth + 1] = ui_intersect(clips[depth], moved(it->box, offset));
            depth++;
        } else if (it->kind == ITEM_UNCLIP) {
            cr_assert_gt(depth, 0);
            depth--;
        } else if (it->kind == ITEM_TEXT && it->count > 0) {
            m.box = moved(ink_box(it), offset);
            add_mark(&s->texts, &s->text_count, &s->text_capacity, m);
        } else if (is_cover(it)) {
            m.box = ui_intersect(moved(it->box, offset), clips[depth]);
            add_mark(&s->covers, &s->cover_count, &s->cover_capacity, m);
        }
    }
}

/* All regions as compose_draw shows them. */
static inline void sheet_take(sheet *s, const window_state *w) {
    const box window = {0, 0, (float)w->width, (float)w->height};
    s->text_count = s->cover_count = s->order = 0;
    for (int r = 0; r < REGION_COUNT; r++) {
        const struct region *shown = &w->regions[r];
        if (r == REGION_FIGURE)
            sheet_add(s, &shown->list, (region_id)r, shown->box, (point){shown->box.x, shown->box.y});
        else
            sheet_add(s, &shown->list, (region_id)r, window, (point){0, 0});
    }
}

static inline int mark_higher(const void *a, const void *b) {
    float p = ((const mark *)a)->box.y, q = ((const mark *)b)->box.y;
    return p < q ? -1 : p > q;
}

static inline bool box_holds(box outer, box inner, float slack) {
    return inner.x >= outer.x - slack && inner.y >= outer.y - slack &&
           inner.x + inner.width <= outer.x + outer.width + slack &&
           inner.y + inner.height <= outer.y + outer.height + slack;
}

static inline bool box_meets(box a, box b, float slack) {
    return a.x + slack < b.x + b.width && b.x + slack < a.x + a.width && a.y + slack < b.y + b.height &&
           b.y + slack < a.y + a.height;
}

/* Whether something opaque drawn after `from` and before `to` hides that place. */
static inline bool is_hidden(const sheet *s, box place, size_t from, size_t to) {
    for (size_t i = 0; i < s->cover_count; i++) {
        const mark *c = &s->covers[i];
        if (c->order > from && c->order < to && box_holds(c->box, place, 0.5f)) return true;
    }
    return false;
}

#endif
