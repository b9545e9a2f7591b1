/* What is under the pointer. */
#include "figure.h"

#include <math.h>

/* The tensor that an item is a picture of, a plane of it over the item's box; NULL: none. */
static const conv_shape *pictured(const item *i, const scene *s) {
    const tag t = i->tag;
    const bool shape = i->kind == ITEM_PICTURE || i->kind == ITEM_RECT;
    if (t.kind != TAG_TENSOR || !shape || t.index < 0 || t.part < 0 || t.part >= s->part_count) return NULL;
    const scene_part *p = &s->parts[t.part];
    if (s->document->view != VIEW_SLIDE || t.layer != p->focus) return NULL;
    if (t.role != ROLE_INPUT && t.role != ROLE_OUTPUT) return NULL;
    const conv_shape *of = t.role == ROLE_INPUT ? &p->layout->input[0] : &p->layout->output;
    return of->rank < 2 ? NULL : of;
}

/* The element of a tensor's plane, drawn as a picture over that box. */
static bool pixel_at(const item *i, const scene *s, point at, tag *found) {
    const tag t = i->tag;
    const conv_shape *of = pictured(i, s);
    if (!of) return false;
    const int64_t rows = of->size[of->rank - 2], columns = of->size[of->rank - 1];
    const int64_t row = (int64_t)floorf((at.y - i->box.y) / i->box.height * (float)rows);
    const int64_t column = (int64_t)floorf((at.x - i->box.x) / i->box.width * (float)columns);
    if (row < 0 || column < 0 || row >= rows || column >= columns) return false;
    const int64_t index = t.index + row * columns + column;
    if (index >= conv_shape_count(of)) return false;
    *found = t;
    found->kind = TAG_CELL;
    found->index = index;
    return true;
}

bool figure_at(const display_list *l, const scene *s, point at, tag *found) {
    const item *i = display_list_at(l, at, TAG_CELL);
    if (!i) i = display_list_at(l, at, TAG_NONE);
    if (!i) return false;
    *found = i->tag;
    if (i->tag.kind == TAG_TENSOR) pixel_at(i, s, at, found);
    return true;
}

bool figure_pixel(const display_list *l, const scene *s, tag cell, box *pixel) {
    for (size_t k = 0; cell.kind == TAG_CELL && k < l->item_count; k++) {
        const item *i = &l->items[k];
        const conv_shape *of = i->kind == ITEM_PICTURE ? pictured(i, s) : NULL;
        if (!of || i->tag.role != cell.role || i->tag.part != cell.part || i->tag.layer != cell.layer) continue;
        const int64_t rows = of->size[of->rank - 2], columns = of->size[of->rank - 1], at = cell.index - i->tag.index;
        if (at < 0 || at >= rows * columns) continue;
        const float wide = i->box.width / (float)columns, high = i->box.height / (float)rows;
        *pixel = (box){i->box.x + (float)(at % columns) * wide, i->box.y + (float)(at / columns) * high, wide, high};
        return true;
    }
    return false;
}
