#include "compose.h"
#include <math.h>
#include <string.h>

bool compose_open(composer *c, const fonts *type, failure *f) {
    *c = (composer){.all = true};
    return raster_create(&c->raster, type, f);
}

void compose_close(composer *c) {
    for (int i = 0; i < REGION_COUNT; i++) display_list_destroy(&c->shown[i].list);
    raster_destroy(c->raster);
    *c = (composer){0};
}

void compose_all(composer *c) {
    c->all = true;
}

static raster_box to_box(box b) {
    return (raster_box){(int)floorf(b.x), (int)floorf(b.y), (int)ceilf(b.x + b.width), (int)ceilf(b.y + b.height)};
}

static raster_box join(raster_box a, raster_box b) {
    return (raster_box){a.left < b.left ? a.left : b.left, a.top < b.top ? a.top : b.top,
                        a.right > b.right ? a.right : b.right, a.bottom > b.bottom ? a.bottom : b.bottom};
}

static raster_box cut(raster_box a, raster_box b) {
    return (raster_box){a.left > b.left ? a.left : b.left, a.top > b.top ? a.top : b.top,
                        a.right < b.right ? a.right : b.right, a.bottom < b.bottom ? a.bottom : b.bottom};
}

static bool is_empty(raster_box b) {
    return b.left >= b.right || b.top >= b.bottom;
}

static bool is_same(box a, box b) {
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

/* The pixels of the window that a region changes. */
static raster_box changed(const composer *c, const region *now, const shown_region *before, bool figure) {
    raster_box whole = {0, 0, c->width, c->height};
    if (c->all || !before->valid) return figure ? cut(to_box(now->box), whole) : whole;
    if (!is_same(now->box, before->box) ||
        (figure && memcmp(&now->list.background, &before->list.background, sizeof(color)) != 0)) {
        return cut(join(to_box(now->box), to_box(before->box)), whole);
    }
    raster_box b = raster_difference(&before->list, &now->list, 1);
    if (figure && !is_empty(b)) {
        int x = (int)now->box.x, y = (int)now->box.y;
        b = cut((raster_box){b.left + x, b.top + y, b.right + x, b.bottom + y}, to_box(now->box));
    }
    return cut(b, whole);
}

static bool draw_part(composer *c, const window_state *w, raster_target screen, raster_box dirty) {
    for (int i = 0; i < REGION_COUNT; i++) {
        const region *r = &w->regions[i];
        bool figure = i == REGION_FIGURE;
        if (r->list.failed || r->list.item_count + (figure ? 1 : 0) == 0) continue;
        raster_target target = {screen.pixels, screen.width, screen.height, screen.stride, true};
        raster_box inside = dirty;
        if (figure) { /* a window into the window */
            raster_box at = cut(to_box(r->box), (raster_box){0, 0, c->width, c->height});
            inside = cut(dirty, at);
            if (is_empty(inside)) continue;
            target = (raster_target){(char *)screen.pixels + at.top * screen.stride + at.left * 4, at.right - at.left,
                                     at.bottom - at.top, screen.stride, false};
            inside = (raster_box){inside.left - at.left, inside.top - at.top, inside.right - at.left,
                                  inside.bottom - at.top};
        }
        if (!raster_draw(c->raster, &r->list, 1, target, &inside, NULL)) return false;
    }
    return true;
}

/* Joins boxes that overlap: no pixel is drawn twice. */
static int settle_boxes(raster_box *boxes, int count) {
    for (int i = 0; i < count; i++) {
        for (int k = i + 1; k < count; k++) {
            if (is_empty(boxes[k]) || (!is_empty(boxes[i]) && !is_empty(cut(boxes[i], boxes[k])))) {
                if (!is_empty(boxes[k])) boxes[i] = join(boxes[i], boxes[k]), i = -1;
                boxes[k] = boxes[--count];
                if (i < 0) break;
                k--;
            }
        }
    }
    return count;
}

int compose_draw(composer *c, window_state *w, raster_target screen, raster_box *boxes) {
    int count = 0;
    if (screen.width != c->width || screen.height != c->height) c->all = true;
    c->width = screen.width;
    c->height = screen.height;
    for (int i = 0; i < REGION_COUNT; i++) {
        boxes[count] = changed(c, &w->regions[i], &c->shown[i], i == REGION_FIGURE);
        if (!is_empty(boxes[count])) count++;
    }
    count = settle_boxes(boxes, count);
    for (int i = 0; i < count; i++) {
        if (!draw_part(c, w, screen, boxes[i])) return 0; /* out of memory: what was shown stays, and is tried again */
    }
    for (int i = 0; i < REGION_COUNT; i++) { /* the lists change places: the one on the screen is kept */
        display_list list = c->shown[i].list;
        c->shown[i] = (shown_region){w->regions[i].list, w->regions[i].box, true};
        w->regions[i].list = list;
    }
    w->seen = &c->shown[REGION_FIGURE].list;
    c->all = false;
    return count;
}
