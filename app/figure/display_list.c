#include "display_list.h"

#include "app/surface/text.h"
#include "app/system/memory.h"

#include <math.h>
#include <string.h>

/* A large array that was mostly empty goes back: one crowded picture is not remembered for ever. */
static void release(void *items, size_t *capacity, size_t count, size_t size) {
    enum { LARGE = 256 << 10 };
    void *array;
    if (*capacity * size < LARGE || count > *capacity / 4) return;
    memcpy(&array, items, sizeof array);
    memory_free(array);
    memset(items, 0, sizeof array);
    *capacity = 0;
}

void display_list_clear(display_list *l, float width, float height, color background) {
    if (l->item_count > 0) { /* else it was cleared before, and tells nothing */
        release(&l->items, &l->item_capacity, l->item_count, sizeof *l->items);
        release(&l->points, &l->point_capacity, l->point_count, sizeof *l->points);
        release(&l->text, &l->text_capacity, l->text_count, 1);
        release(&l->pixels, &l->pixel_capacity, l->pixel_count, sizeof *l->pixels);
    }
    l->width = width;
    l->height = height;
    l->background = background;
    l->current = (tag){0};
    l->item_count = l->point_count = l->text_count = l->pixel_count = 0;
    l->failed = false;
}

void display_list_destroy(display_list *l) {
    memory_free(l->items);
    memory_free(l->points);
    memory_free(l->text);
    memory_free(l->pixels);
    *l = (display_list){0};
}

/* A new item at the end, or NULL: the list has failed then. */
static item *add(display_list *l, item_kind kind, paint p) {
    if (!memory_reserve(&l->items, &l->item_capacity, l->item_count + 1, sizeof *l->items)) {
        l->failed = true;
        return NULL;
    }
    item *i = &l->items[l->item_count++];
    *i = (item){.kind = kind, .tag = l->current, .paint = p};
    return i;
}

void draw_rect(display_list *l, box b, float radius, paint p) {
    item *i = add(l, ITEM_RECT, p);
    if (!i) return;
    i->box = b;
    i->radius = fmaxf(0, fminf(radius, 0.5f * fminf(b.width, b.height)));
}

void draw_circle(display_list *l, point centre, float radius, paint p) {
    item *i = add(l, ITEM_CIRCLE, p);
    if (!i) return;
    i->box = (box){centre.x, centre.y, 0, 0};
    i->radius = radius;
}

static void add_points(display_list *l, item_kind kind, const point *points, int count, paint p) {
    if (count <= 0) return;
    size_t n = (size_t)count, first = l->point_count;
    if (!memory_reserve(&l->points, &l->point_capacity, first + n, sizeof *l->points)) {
        l->failed = true;
        return;
    }
    item *i = add(l, kind, p);
    if (!i) return;
    memcpy(l->points + first, points, n * sizeof *points);
    l->point_count += n;
    i->first = first;
    i->count = n;
}

void draw_line(display_list *l, point from, point to, paint p) {
    draw_polyline(l, (point[2]){from, to}, 2, p);
}

void draw_polyline(display_list *l, const point *points, int count, paint p) {
    p.fill = p.hatch = (color){0};
    add_points(l, ITEM_POLYLINE, points, count, p);
}

void draw_polygon(display_list *l, const point *points, int count, paint p) {
    add_points(l, ITEM_POLYGON, points, count, p);
}

float draw_text(display_list *l, const fonts *typefaces, point at, anchor a, face f, float size, color c,
                const char *text) {
    size_t length = strlen(text), first = l->text_count;
    if (length == 0) return 0;
    text_extent extent = text_measure(typefaces, f, size, text, length);
    if (!memory_reserve(&l->text, &l->text_capacity, first + length + 1, 1)) {
        l->failed = true;
        return extent.width;
    }
    item *i = add(l, ITEM_TEXT, (paint){.fill = c});
    if (!i) return extent.width;
    memcpy(l->text + first, text, length + 1);
    l->text_count += length + 1;
    i->first = first;
    i->count = length;
    i->box = (box){at.x, at.y, extent.width, extent.ascent + extent.descent};
    i->face = f;
    i->size = size;
    i->anchor = a;
    return extent.width;
}

void draw_picture(display_list *l, box b, const color *pixels, int columns, int rows, bool smooth) {
    if (columns <= 0 || rows <= 0) return;
    size_t n = (size_t)columns * (size_t)rows, first = l->pixel_count;
    if (!memory_reserve(&l->pixels, &l->pixel_capacity, first + n, sizeof *l->pixels)) {
        l->failed = true;
        return;
    }
    item *i = add(l, ITEM_PICTURE, (paint){0});
    if (!i) return;
    memcpy(l->pixels + first, pixels, n * sizeof *pixels);
    l->pixel_count += n;
    i->box = b;
    i->first = first;
    i->count = n;
    i->columns = columns;
    i->rows = rows;
    i->smooth = smooth;
}

void draw_clip(display_list *l, box b) {
    item *i = add(l, ITEM_CLIP, (paint){0});
    if (i) i->box = b;
}

void draw_unclip(display_list *l) {
    add(l, ITEM_UNCLIP, (paint){0});
}

void draw_list(display_list *l, const display_list *from, point offset, float scale) {
    size_t points = l->point_count, text = l->text_count, pixels = l->pixel_count;
    if (!memory_reserve(&l->items, &l->item_capacity, l->item_count + from->item_count, sizeof *l->items) ||
        !memory_reserve(&l->points, &l->point_capacity, points + from->point_count, sizeof *l->points) ||
        !memory_reserve(&l->text, &l->text_capacity, text + from->text_count, 1) ||
        !memory_reserve(&l->pixels, &l->pixel_capacity, pixels + from->pixel_count, sizeof *l->pixels)) {
        l->failed = true;
        return;
    }
    for (size_t k = 0; k < from->point_count; k++)
        l->points[points + k] = (point){offset.x + from->points[k].x * scale, offset.y + from->points[k].y * scale};
    if (from->text_count) memcpy(l->text + text, from->text, from->text_count);
    if (from->pixel_count) memcpy(l->pixels + pixels, from->pixels, from->pixel_count * sizeof *l->pixels);
    l->point_count += from->point_count;
    l->text_count += from->text_count;
    l->pixel_count += from->pixel_count;
    for (size_t k = 0; k < from->item_count; k++) {
        item i = from->items[k];
        i.box =
            (box){offset.x + i.box.x * scale, offset.y + i.box.y * scale, i.box.width * scale, i.box.height * scale};
        i.radius *= scale;
        i.size *= scale;
        i.paint.width *= scale;
        i.paint.dash *= scale;
        i.paint.gap *= scale;
        i.first += i.kind == ITEM_TEXT ? text : i.kind == ITEM_PICTURE ? pixels : points;
        l->items[l->item_count++] = i;
    }
    l->failed |= from->failed;
}

box item_bounds(const display_list *l, const item *i) {
    float grow = i->paint.stroke.a ? 0.5f * i->paint.width : 0;
    box b = i->box;
    switch (i->kind) {
    case ITEM_TEXT: {
        /* Four fifths of a line lie above the baseline in every face we use, within a few percent. */
        float left = i->anchor == ANCHOR_LEFT ? 0 : i->anchor == ANCHOR_MIDDLE ? 0.5f : 1.0f;
        return (box){b.x - left * b.width, b.y - 0.8f * b.height, b.width, b.height};
    }
    case ITEM_CIRCLE:
        b = (box){b.x - i->radius, b.y - i->radius, 2 * i->radius, 2 * i->radius};
        break;
    case ITEM_POLYGON:
    case ITEM_POLYLINE: {
        const point *p = l->points + i->first;
        float left = p->x, right = p->x, top = p->y, bottom = p->y;
        for (size_t k = 1; k < i->count; k++) {
            left = fminf(left, p[k].x);
            right = fmaxf(right, p[k].x);
            top = fminf(top, p[k].y);
            bottom = fmaxf(bottom, p[k].y);
        }
        b = (box){left, top, right - left, bottom - top};
        break;
    }
    default:
        break;
    }
    return (box){b.x - grow, b.y - grow, b.width + 2 * grow, b.height + 2 * grow};
}

static bool inside(box b, point at) {
    return at.x >= b.x && at.y >= b.y && at.x < b.x + b.width && at.y < b.y + b.height;
}

static bool inside_polygon(const point *p, size_t count, point at) {
    bool in = false;
    for (size_t k = 0, last = count - 1; k < count; last = k++) {
        if ((p[k].y > at.y) == (p[last].y > at.y)) continue;
        float x = p[k].x + (at.y - p[k].y) / (p[last].y - p[k].y) * (p[last].x - p[k].x);
        if (at.x < x) in = !in;
    }
    return in;
}

static bool near_segment(point a, point b, point at, float reach) {
    float dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
    float t = length > 0 ? ((at.x - a.x) * dx + (at.y - a.y) * dy) / length : 0;
    t = fmaxf(0, fminf(1, t));
    return hypotf(a.x + t * dx - at.x, a.y + t * dy - at.y) <= reach;
}

static bool hit(const display_list *l, const item *i, point at) {
    enum { POINTER_REACH = 3 }; /* pixels: a thin line can be pointed at */
    const bool drawn_by_points = i->kind == ITEM_POLYGON || i->kind == ITEM_POLYLINE;
    const point *p = drawn_by_points && i->count > 0 ? l->points + i->first : NULL; /* a text's `first` is a letter */
    switch (i->kind) {
    case ITEM_CIRCLE:
        return hypotf(at.x - i->box.x, at.y - i->box.y) <= i->radius;
    case ITEM_POLYGON:
        return inside_polygon(p, i->count, at);
    case ITEM_POLYLINE:
        for (size_t k = 1; k < i->count; k++)
            if (near_segment(p[k - 1], p[k], at, fmaxf(POINTER_REACH, 0.5f * i->paint.width))) return true;
        return false;
    case ITEM_CLIP:
    case ITEM_UNCLIP:
        return false;
    case ITEM_TEXT:
        return inside(item_bounds(l, i), at);
    default:
        return inside(i->box, at);
    }
}

const item *display_list_at(const display_list *l, point at, tag_kind kind) {
    const item *found = NULL;
    size_t hidden = 0; /* how many of the clips that are open hide the point; they nest, so the inner ones count too */
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        if (i->kind == ITEM_CLIP) {
            if (hidden || !inside(i->box, at)) hidden++;
        } else if (i->kind == ITEM_UNCLIP) {
            if (hidden) hidden--;
        } else if (!hidden && i->tag.kind != TAG_NONE && (kind == TAG_NONE || i->tag.kind == kind) && hit(l, i, at)) {
            found = i;
        }
    }
    return found;
}

static bool same_color(color a, color b) {
    return a.r == b.r && a.g == b.g && a.b == b.b && a.a == b.a;
}

static bool same_paint(const paint *a, const paint *b) {
    return same_color(a->fill, b->fill) && same_color(a->stroke, b->stroke) && a->width == b->width &&
           a->dash == b->dash && a->gap == b->gap && same_color(a->hatch, b->hatch);
}

static bool same_box(box a, box b) {
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

bool item_equal(const display_list *a, const item *i, const display_list *b, const item *j) {
    if (i->kind != j->kind || i->count != j->count || !same_paint(&i->paint, &j->paint) || !same_box(i->box, j->box))
        return false;
    switch (i->kind) {
    case ITEM_TEXT:
        return i->face == j->face && i->size == j->size && i->anchor == j->anchor &&
               memcmp(a->text + i->first, b->text + j->first, i->count) == 0;
    case ITEM_PICTURE:
        return i->columns == j->columns && i->rows == j->rows && i->smooth == j->smooth &&
               memcmp(a->pixels + i->first, b->pixels + j->first, i->count * sizeof(color)) == 0;
    case ITEM_POLYGON:
    case ITEM_POLYLINE:
        for (size_t k = 0; k < i->count; k++) {
            point p = a->points[i->first + k], q = b->points[j->first + k];
            if (p.x != q.x || p.y != q.y) return false;
        }
        return true;
    default:
        return i->radius == j->radius;
    }
}

bool display_list_equal(const display_list *a, const display_list *b) {
    if (a->failed || b->failed || a->width != b->width || a->height != b->height || a->item_count != b->item_count ||
        !same_color(a->background, b->background))
        return false;
    for (size_t k = 0; k < a->item_count; k++)
        if (!item_equal(a, &a->items[k], b, &b->items[k])) return false;
    return true;
}
