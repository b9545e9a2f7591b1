#include "motion.h"
#include "app/system/memory.h"
#include "stage.h"
#include <stdlib.h>
#include <string.h>

/* A thing's items by their tags, sorted. Text and shapes of one cell are two things. */
typedef struct known {
    int32_t text, role, part, layer;
    int64_t index;
    size_t item;
} known;

static int compare(const void *a, const void *b) {
    const known *x = a, *y = b;
    if (x->text != y->text) return x->text < y->text ? -1 : 1;
    if (x->role != y->role) return x->role < y->role ? -1 : 1;
    if (x->part != y->part) return x->part < y->part ? -1 : 1;
    if (x->layer != y->layer) return x->layer < y->layer ? -1 : 1;
    if (x->index != y->index) return x->index < y->index ? -1 : 1;
    return 0;
}

static bool describe(const display_list *l, size_t at, known *k) {
    const item *i = &l->items[at];
    bool shape = i->kind == ITEM_RECT || i->kind == ITEM_POLYGON;
    if (i->tag.kind != TAG_CELL || !(shape || i->kind == ITEM_TEXT)) return false;
    *k = (known){i->kind == ITEM_TEXT, (int32_t)i->tag.role, i->tag.part, i->tag.layer, i->tag.index, at};
    return true;
}

/* The box of a shape; a polygon's is the one around it. */
static box shape_box(const display_list *l, const item *i) {
    if (i->kind == ITEM_RECT) return i->box;
    point low = l->points[i->first], high = low;
    for (size_t k = 1; k < i->count; k++) {
        point p = l->points[i->first + k];
        low = (point){p.x < low.x ? p.x : low.x, p.y < low.y ? p.y : low.y};
        high = (point){p.x > high.x ? p.x : high.x, p.y > high.y ? p.y : high.y};
    }
    return (box){low.x, low.y, high.x - low.x, high.y - low.y};
}

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

/* Copies an item of another list, fainter. */
static void append(display_list *l, const fonts *f, const display_list *from, const item *i, float alpha) {
    paint p = paint_faded(i->paint, alpha);
    l->current = i->tag;
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
    case ITEM_PICTURE: /* a picture has no alpha: it stays until the middle */
        if (alpha > 0.5f) draw_picture(l, i->box, from->pixels + i->first, i->columns, i->rows, i->smooth);
        break;
    case ITEM_CLIP:
        draw_clip(l, i->box);
        break;
    case ITEM_UNCLIP:
        draw_unclip(l);
        break;
    }
}

/* An item on its way from its place in the other picture. */
static void fly(display_list *l, const fonts *f, const display_list *from, const item *a, const display_list *to,
                const item *b, float t) {
    l->current = b->tag;
    if (b->kind == ITEM_TEXT) {
        point at = point_mixed((point){a->box.x, a->box.y}, (point){b->box.x, b->box.y}, t);
        draw_text(l, f, at, b->anchor, b->face, a->size + (b->size - a->size) * t,
                  color_mixed(a->paint.fill, b->paint.fill, t), to->text + b->first);
        return;
    }
    paint p = b->paint;
    p.fill = color_mixed(a->paint.fill, p.fill, t);
    p.stroke = color_mixed(a->paint.stroke, p.stroke, t);
    draw_rect(l, box_mixed(shape_box(from, a), shape_box(to, b), t), b->radius, p);
}

void motion_between(display_list *l, const fonts *f, const display_list *from, const display_list *to, float progress) {
    float t = eased(progress);
    known *table = memory_zeroed(from->item_count ? from->item_count : 1, sizeof *table);
    size_t count = 0;
    if (!table) {
        l->failed = true;
        return;
    }
    for (size_t i = 0; i < from->item_count; i++) {
        if (describe(from, i, &table[count]))
            count++;
        else
            append(l, f, from, &from->items[i], 1 - 2 * t);
    }
    qsort(table, count, sizeof *table, compare);
    for (size_t i = 0; i < to->item_count; i++) {
        known wanted;
        const known *found = NULL;
        if (describe(to, i, &wanted)) found = bsearch(&wanted, table, count, sizeof *table, compare);
        if (found && to->items[i].kind != ITEM_POLYGON)
            fly(l, f, from, &from->items[found->item], to, &to->items[i], t);
        else
            append(l, f, to, &to->items[i], found ? 1 : 2 * t - 1);
    }
    l->current = (tag){.kind = TAG_NONE, .index = -1};
    memory_free(table);
}
