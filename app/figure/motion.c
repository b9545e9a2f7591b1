#include "motion.h"
#include "app/system/memory.h"
#include "stage.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What of an item flies: shapes to shapes, words to words. */
typedef enum flight { FLIES_SHAPE, FLIES_TEXT, FLIES_PICTURE, FLIES_LINE, FLIES_CLIP, FLIES_NOT } flight;

/* A thing's items by their tags, sorted; those of one thing in the order in which they are drawn. */
typedef struct known {
    int32_t what, kind, role, part, layer;
    int64_t index;
    size_t item;
} known;

static int compare_things(const known *x, const known *y) {
    if (x->what != y->what) return x->what < y->what ? -1 : 1;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    if (x->role != y->role) return x->role < y->role ? -1 : 1;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    if (x->layer != y->layer) return x->layer < y->layer ? -1 : 1;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    return 0;
}

static int compare(const void *a, const void *b) {
    const known *x = a, *y = b;
    int order = compare_things(x, y);
    return order ? order : x->item < y->item ? -1 : x->item > y->item;
}

static flight flight_of(const item *i) {
    switch (i->kind) {
    case ITEM_RECT:
        return FLIES_SHAPE;
    case ITEM_POLYGON:
        return i->count == 4 ? FLIES_SHAPE : FLIES_NOT;
    case ITEM_TEXT:
        return FLIES_TEXT;
    case ITEM_PICTURE:
        return FLIES_PICTURE;
    case ITEM_POLYLINE:
        return i->count == 2 ? FLIES_LINE : FLIES_NOT;
    case ITEM_CLIP:
        return FLIES_CLIP;
    default:
        return FLIES_NOT;
    }
}

/* Words are the same thing where they say the same. */
static int64_t words_hash(const char *text) {
    uint64_t h = 1469598103934665603u;
    for (; *text; text++) h = (h ^ (uint8_t)*text) * 1099511628211u;
    return (int64_t)h;
}

static bool describe(const display_list *l, size_t at, known *k) {
    const item *i = &l->items[at];
    const tag *t = &i->tag;
    const flight what = flight_of(i);
    const bool words = t->kind == TAG_LABEL && what == FLIES_TEXT;
    if (what == FLIES_NOT || !(t->kind == TAG_CELL || t->kind == TAG_PADDING || t->kind == TAG_TENSOR || words))
        return false;
    *k = (known){(int32_t)what, (int32_t)t->kind, (int32_t)t->role, t->part, t->layer, t->index, at};
    if (words) k->index = words_hash(l->text + i->first);
    return true;
}

/* ---- pairs ---- */

enum { FADES = -1 };

typedef struct pairs {
    int64_t *source; /* of each item of the new picture: the old one's item that it comes from, or FADES */
    int64_t *target; /* of each item of the old one: where it goes, or FADES */
    bool *follows;   /* of each item of the old one: the new one draws itself there; this one fades on the way */
} pairs;

static size_t describe_all(const display_list *l, known *table, int64_t *pair) {
    size_t count = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        pair[i] = FADES;
        count += describe(l, i, &table[count]);
    }
    qsort(table, count, sizeof *table, compare);
    return count;
}

static size_t run_of(const known *table, size_t count, size_t first) {
    size_t last = first + 1;
    while (last < count && compare_things(&table[first], &table[last]) == 0) last++;
    return last;
}

/* The first of a thing's items comes from the first, the second from the second; what is left over comes from the last
 * one, or goes to it. */
static void pair_up(const known *a, size_t a_count, const known *b, size_t b_count, pairs *p) {
    size_t i = 0, j = 0;
    while (i < a_count && j < b_count) {
        int order = compare_things(&a[i], &b[j]);
        if (order < 0) {
            i++;
        } else if (order > 0) {
            j++;
        } else {
            size_t i_last = run_of(a, a_count, i), j_last = run_of(b, b_count, j), n = i_last - i, m = j_last - j;
            for (size_t k = 0; k < m; k++) p->source[b[j + k].item] = (int64_t)a[i + (k < n ? k : n - 1)].item;
            for (size_t k = 0; k < n; k++) p->target[a[i + k].item] = (int64_t)b[j + (k < m ? k : m - 1)].item;
            for (size_t k = m; k < n; k++) p->follows[a[i + k].item] = true;
            i = i_last;
            j = j_last;
        }
    }
}

static bool find_pairs(const display_list *from, const display_list *to, pairs *p) {
    size_t a = from->item_count, b = to->item_count, most = a > b ? a : b;
    known *table = memory_zeroed(most ? 2 * most : 1, sizeof *table);
    p->source = memory_zeroed(b ? b : 1, sizeof *p->source);
    p->target = memory_zeroed(a ? a : 1, sizeof *p->target);
    p->follows = memory_zeroed(a ? a : 1, sizeof *p->follows);
    bool ok = table && p->source && p->target && p->follows;
    if (ok) {
        size_t a_count = describe_all(from, table, p->target);
        size_t b_count = describe_all(to, table + most, p->source);
        pair_up(table, a_count, table + most, b_count, p);
    }
    memory_free(table);
    return ok;
}

/* ---- drawing ---- */

static box box_mixed(box a, box b, float t) {
    return (box){a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t, a.width + (b.width - a.width) * t,
                 a.height + (b.height - a.height) * t};
}

static paint paint_faded(paint p, float alpha) {
    p.fill = color_faded(p.fill, alpha);
    p.stroke = color_faded(p.stroke, alpha);
    p.hatch = color_faded(p.hatch, alpha);
    return p;
}

/* No colour has no hue either. */
static color tint_mixed(color a, color b, float t) {
    if (!a.a) a = color_faded(b, 0);
    if (!b.a) b = color_faded(a, 0);
    return color_mixed(a, b, t);
}

static paint paint_mixed(paint a, paint b, float t) {
    paint p = b;
    p.fill = tint_mixed(a.fill, b.fill, t);
    p.stroke = tint_mixed(a.stroke, b.stroke, t);
    p.hatch = tint_mixed(a.hatch, b.hatch, t);
    p.width = a.width + (b.width - a.width) * t;
    return p;
}

static void add_picture(display_list *l, box b, const display_list *from, const item *i, float alpha) {
    size_t first = l->pixel_count;
    if (alpha <= 0) return;
    draw_picture(l, b, from->pixels + i->first, i->columns, i->rows, i->smooth);
    if (alpha >= 1 || l->failed) return;
    for (size_t k = first; k < l->pixel_count; k++) l->pixels[k].a = (uint8_t)lroundf((float)l->pixels[k].a * alpha);
}

/* Copies an item of another list, fainter. */
static void append(display_list *l, const fonts *f, const display_list *from, const item *i, float alpha) {
    alpha = fminf(1, fmaxf(0, alpha));
    paint p = paint_faded(i->paint, alpha);
    l->current = i->tag;
    if (alpha <= 0 && i->kind != ITEM_CLIP && i->kind != ITEM_UNCLIP) return;
    switch (i->kind) {
    case ITEM_RECT:
        draw_rect(l, i->box, i->radius, p);
        break;
    case ITEM_CIRCLE:
        draw_circle(l, (point){i->box.x, i->box.y}, i->radius, p);
        break;
    case ITEM_POLYGON:
        draw_polygon(l, from->points + i->first, (int)i->count, p);
        break;
    case ITEM_POLYLINE:
        draw_polyline(l, from->points + i->first, (int)i->count, p);
        break;
    case ITEM_TEXT:
        draw_text(l, f, (point){i->box.x, i->box.y}, i->anchor, i->face, i->size, p.fill, from->text + i->first);
        break;
    case ITEM_PICTURE:
        add_picture(l, i->box, from, i, alpha);
        break;
    case ITEM_CLIP:
        draw_clip(l, i->box);
        break;
    case ITEM_UNCLIP:
        draw_unclip(l);
        break;
    }
}

/* The four corners of a shape, in one order: left top, right top, right bottom, left bottom as it lies flat. */
static void corners_of(const display_list *l, const item *i, point corner[4]) {
    if (i->kind == ITEM_POLYGON) {
        memcpy(corner, l->points + i->first, 4 * sizeof *corner);
        return;
    }
    const box b = i->box;
    corner[0] = (point){b.x, b.y};
    corner[1] = (point){b.x + b.width, b.y};
    corner[2] = (point){b.x + b.width, b.y + b.height};
    corner[3] = (point){b.x, b.y + b.height};
}

/* A flat square becomes a tilted one corner by corner. */
static void fly_shape(display_list *l, const display_list *from, const item *a, const display_list *to, const item *b,
                      paint p, float t) {
    if (a->kind == ITEM_RECT && b->kind == ITEM_RECT) {
        draw_rect(l, box_mixed(a->box, b->box, t), b->radius, p);
        return;
    }
    point one[4], other[4];
    corners_of(from, a, one);
    corners_of(to, b, other);
    for (int k = 0; k < 4; k++) one[k] = point_mixed(one[k], other[k], t);
    draw_polygon(l, one, 4, p);
}

static void fly_text(display_list *l, const fonts *f, const display_list *from, const item *a, const display_list *to,
                     const item *b, float t, float alpha) {
    const char *before = from->text + a->first, *after = to->text + b->first;
    point at = point_mixed((point){a->box.x, a->box.y}, (point){b->box.x, b->box.y}, t);
    float size = a->size + (b->size - a->size) * t;
    color ink = color_faded(color_mixed(a->paint.fill, b->paint.fill, t), alpha);
    if (strcmp(before, after) == 0) {
        draw_text(l, f, at, b->anchor, b->face, size, ink, after);
        return;
    }
    float gone = fminf(1, 2 * t), come = fmaxf(0, 2 * t - 1); /* one number gives way to another */
    if (gone < 1) draw_text(l, f, at, a->anchor, a->face, size, color_faded(ink, 1 - gone), before);
    if (come > 0) draw_text(l, f, at, b->anchor, b->face, size, color_faded(ink, come), after);
}

/* An item on its way from its place in the one picture to its place in the other; `alpha` of it is seen. */
static void fly(display_list *l, const fonts *f, const display_list *from, const item *a, const display_list *to,
                const item *b, float t, float alpha) {
    l->current = b->tag;
    paint p = paint_faded(paint_mixed(a->paint, b->paint, t), alpha);
    switch (flight_of(b)) {
    case FLIES_SHAPE:
        fly_shape(l, from, a, to, b, p, t);
        break;
    case FLIES_TEXT:
        fly_text(l, f, from, a, to, b, t, alpha);
        break;
    case FLIES_PICTURE:
        add_picture(l, box_mixed(a->box, b->box, t), to, b, alpha);
        add_picture(l, box_mixed(a->box, b->box, t), from, a, (1 - t) * alpha);
        break;
    case FLIES_LINE: {
        const point *one = from->points + a->first, *other = to->points + b->first;
        draw_line(l, point_mixed(one[0], other[0], t), point_mixed(one[1], other[1], t), p);
        break;
    }
    case FLIES_CLIP:
        draw_clip(l, box_mixed(a->box, b->box, t));
        break;
    case FLIES_NOT:
        break;
    }
}

/* The first half lies as the old picture does: what comes after something lies over it. */
static void draw_leaving(display_list *l, const fonts *f, const display_list *from, const display_list *to,
                         const pairs *p, float t) {
    for (size_t i = 0; i < from->item_count; i++) {
        const item *a = &from->items[i];
        if (p->target[i] == FADES)
            append(l, f, from, a, 1 - 2 * t);
        else
            fly(l, f, from, a, to, &to->items[p->target[i]], t, p->follows[i] ? 1 - t : 1);
    }
    for (size_t i = 0; i < to->item_count; i++) {
        const item *b = &to->items[i];
        if (p->source[i] >= 0 && b->kind != ITEM_CLIP && p->target[p->source[i]] != (int64_t)i)
            fly(l, f, from, &from->items[p->source[i]], to, b, t, 1);
    }
}

/* The second half lies as the new one. */
static void draw_arriving(display_list *l, const fonts *f, const display_list *from, const display_list *to,
                          const pairs *p, float t) {
    for (size_t i = 0; i < from->item_count; i++)
        if (p->follows[i] && from->items[i].kind != ITEM_CLIP)
            fly(l, f, from, &from->items[i], to, &to->items[p->target[i]], t, 1 - t);
    for (size_t i = 0; i < to->item_count; i++) {
        const item *b = &to->items[i];
        if (p->source[i] >= 0)
            fly(l, f, from, &from->items[p->source[i]], to, b, t, 1);
        else
            append(l, f, to, b, 2 * t - 1);
    }
}

void motion_between(display_list *l, const fonts *f, const display_list *from, const display_list *to, float progress) {
    float t = eased(progress);
    pairs p = {0};
    if (!find_pairs(from, to, &p))
        l->failed = true;
    else if (t < 0.5f)
        draw_leaving(l, f, from, to, &p, t);
    else
        draw_arriving(l, f, from, to, &p, t);
    l->current = (tag){.kind = TAG_NONE, .index = -1};
    memory_free(p.source);
    memory_free(p.target);
    memory_free(p.follows);
}
