#include "zoom.h"
#include "easel.h"
#include <math.h>

static const float least_zoom = 0.25f, most_zoom = 24;

static bool find_cell(const display_list *l, tag t, box *found) {
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if ((it->kind != ITEM_RECT && it->kind != ITEM_POLYGON) || !easel_same(it->tag, t)) continue;
        *found = item_bounds(l, it);
        return found->width > 0 && found->height > 0;
    }
    return false;
}

/* The same place of the same cell as long as the pointer rests. */
static void take_anchor(window_state *w, point about) {
    zoom_anchor *a = &w->easel.anchor;
    box b, f = w->layout.figure;
    if (a->cell.kind == TAG_CELL && a->at.x == about.x && a->at.y == about.y) {
        a->fresh = true;
        return;
    }
    *a = (zoom_anchor){.cell = easel_at(w, about), .at = about, .fresh = true};
    if (a->cell.kind != TAG_CELL || !find_cell(w->seen, a->cell, &b)) {
        a->cell = (tag){0};
        return;
    }
    a->across = (about.x - f.x - b.x) / b.width;
    a->down = (about.y - f.y - b.y) / b.height;
}

void easel_zoom(window_state *w, float factor, point about) {
    easel *e = &w->easel;
    float before = e->zoom, after = fminf(fmaxf(before * factor, least_zoom), most_zoom);
    if (fabsf(after - 1) < 0.01f) after = 1;
    float k = after / before;
    box b = w->layout.figure;
    point m = {about.x - b.x - b.width / 2, about.y - b.y - b.height / 2};
    take_anchor(w, about);
    e->pan = (point){m.x * (1 - k) + e->pan.x * k, m.y * (1 - k) + e->pan.y * k};
    e->zoom = after;
}

bool zoom_settle(window_state *w, const display_list *drawn) {
    zoom_anchor *a = &w->easel.anchor;
    box b, f = w->layout.figure;
    if (!a->fresh) return false;
    a->fresh = false;
    if (a->cell.kind != TAG_CELL || !find_cell(drawn, a->cell, &b)) return false;
    point off = {a->at.x - f.x - b.x - a->across * b.width, a->at.y - f.y - b.y - a->down * b.height};
    if (hypotf(off.x, off.y) < 0.5f) return false;
    w->easel.pan = (point){w->easel.pan.x + off.x, w->easel.pan.y + off.y};
    return true;
}
