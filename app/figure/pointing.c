/* What is under the pointer. */
#include "field_stack.h"

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

/* The cell of a level's wall that is nearest, place in 0..1. */
static void nearest(tag *found, int layer, const level_wall *f, float down, float across) {
    const float row = fmaxf(0, fminf(floorf(down * (float)f->tall), (float)(f->tall - 1)));
    const float column = fmaxf(0, fminf(floorf(across * (float)f->wide), (float)(f->wide - 1)));
    *found = (tag){.kind = TAG_CELL, .role = layer < 0 ? ROLE_INPUT : ROLE_OUTPUT, .part = found->part};
    found->layer = layer < 0 ? 0 : layer;
    found->index = f->first + (int64_t)row * f->down + (int64_t)column * f->across;
}

/* A wall that is drawn without its cells, and a map of the input's cells drawn as a picture. */
static bool on_level(const display_list *l, const item *i, const scene *s, point at, tag *found) {
    const tag t = i->tag;
    if (s->document->view != VIEW_FIELD || t.kind != TAG_TENSOR || t.part < 0 || t.part >= s->part_count) return false;
    const conv_network *network = s->parts[t.part].network;
    const int dims = field_stack_dims(network);
    if (t.layer >= conv_network_count(network) || dims < 1) return false;
    const conv_shape *of =
        t.layer < 0 ? &conv_network_layout(network, 0)->input[0] : &conv_network_layout(network, t.layer)->output;
    if (of->rank < dims) return false;
    int64_t size[3] = {1, 1, 1};
    for (int k = 0; k < dims && k < 3; k++) size[2 - k] = of->size[of->rank - 1 - k];
    if ((i->kind == ITEM_PICTURE || i->kind == ITEM_RECT) && t.layer < 0 && t.index >= 0) {
        level_wall map = field_stack_wall(size, WALL_SLICE);
        map.first = t.index;
        nearest(found, -1, &map, (at.y - i->box.y) / i->box.height, (at.x - i->box.x) / i->box.width);
        return true;
    }
    if (i->kind != ITEM_POLYGON || i->count != 4 || t.index > wall_index(0) || t.index <= wall_index(LEVEL_WALLS))
        return false;
    const level_wall wall = field_stack_wall(size, (int)wall_index(t.index));
    const point *p = &l->points[i->first], d = {at.x - p[0].x, at.y - p[0].y};
    const point right = {p[1].x - p[0].x, p[1].y - p[0].y}, down = {p[3].x - p[0].x, p[3].y - p[0].y};
    const float area = right.x * down.y - right.y * down.x;
    if (area == 0) return false;
    nearest(found, t.layer, &wall, (right.x * d.y - right.y * d.x) / area, (d.x * down.y - d.y * down.x) / area);
    return true;
}

bool figure_at(const display_list *l, const scene *s, point at, tag *found) {
    const item *i = display_list_at(l, at, TAG_CELL);
    if (!i) i = display_list_at(l, at, TAG_NONE);
    if (!i) return false;
    *found = i->tag;
    if (i->tag.kind == TAG_TENSOR && !pixel_at(i, s, at, found)) on_level(l, i, s, at, found);
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
