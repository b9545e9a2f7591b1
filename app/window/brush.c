#include "brush.h"
#include "easel.h"
#include <math.h>

/* Of the window: inside the pixel of a picture? */
float brush_pixel(const window_state *w, tag t, point at) {
    box b, f = w->layout.figure;
    if (!w->scene_open || !figure_pixel(w->seen, &w->scene, t, &b)) return 0;
    const point p = {at.x - f.x - b.x, at.y - f.y - b.y};
    const float slack = 0.5f; /* it was found with other rounding */
    const bool in = p.x >= -slack && p.y >= -slack && p.x <= b.width + slack && p.y <= b.height + slack;
    return in ? fminf(b.width, b.height) : 0;
}

/* Elements between the channels of a colour picture's pixel; 0: it has one channel. */
static int64_t between_channels(const window_state *w, tag t) {
    enum { COLOURS = 3 };
    const scene_part *p = &w->scene.parts[t.part];
    const conv_shape *shape = &p->layout->input[0];
    if (w->easel.pixel <= 0 || t.role != ROLE_INPUT || shape->rank < 3) return 0;
    if (w->history.document.parts[t.part].input.kind != SOURCE_PICTURE) return 0;
    const int64_t plane = shape->size[shape->rank - 1] * shape->size[shape->rank - 2];
    return conv_shape_count(shape) == COLOURS * plane ? plane : 0;
}

static void set_one(window_state *w, tag t, float value, uint64_t together) {
    float before;
    if (easel_value(w, t, &before) && before == value) return;
    change c = {.kind = CHANGE_CELL,
                .part = t.part,
                .layer = t.layer,
                .role = t.role,
                .index = t.index,
                .real = value,
                .together = together};
    state_change(w, &c, NULL);
}

void brush_set(window_state *w, tag t, float value, uint64_t together) {
    const int64_t next = between_channels(w, t);
    const int64_t end = next ? conv_shape_count(&w->scene.parts[t.part].layout->input[0]) : t.index + 1;
    for (t.index = next ? t.index % next : t.index; t.index < end; t.index += next ? next : 1)
        set_one(w, t, value, together);
}

/* The least and the largest number of the tensor that a cell is of. */
static void find_extremes(window_state *w, tag t, float *low, float *high) {
    const int64_t count = conv_shape_count(&w->scene.parts[t.part].layout->input[0]);
    const float *values = w->scene.parts[t.part].operands.input[0];
    *low = INFINITY;
    *high = -INFINITY;
    for (int64_t i = 0; i < count; i++) {
        if (values[i] < *low) *low = values[i];
        if (values[i] > *high) *high = values[i];
    }
}

void brush_begin(window_state *w) {
    easel *e = &w->easel;
    e->painted = e->from;
    if (e->pixel <= 0) {
        if (e->value == e->brush) e->brush = e->brush == 0 ? 1 : 0;
    } else { /* a shade that is hard to tell from the pixel's gives way to black or white */
        const float told = 0.25f;
        float low, high;
        find_extremes(w, e->pressed, &low, &high);
        const bool hidden = fabsf(e->brush - e->value) < told * (high - low),
                   beyond = e->brush < low || e->brush > high;
        if (low < high && (hidden || beyond)) e->brush = e->value - low > high - e->value ? low : high;
    }
    brush_set(w, e->pressed, e->brush, e->drag);
}

static void touch(window_state *w, point at) {
    easel *e = &w->easel;
    tag t = easel_at(w, at);
    if (t.kind != TAG_CELL || t.role != ROLE_INPUT || !easel_can_edit(w, t)) return;
    if (e->pixel > 0 && brush_pixel(w, t, at) <= 0) return; /* a stroke over the picture stays on it */
    if (easel_same(e->hover, t)) return;
    e->hover = t;
    brush_set(w, t, e->brush, e->drag);
}

void brush_move(window_state *w, point at) {
    enum { PLACES_MOST = 96 };
    easel *e = &w->easel;
    const point from = e->painted;
    const float step = fmaxf(e->pixel, 1), far = hypotf(at.x - from.x, at.y - from.y);
    const int places = e->pixel > 0 ? (int)fminf(ceilf(far / step), PLACES_MOST) : 1;
    for (int k = 1; k <= places; k++) {
        const float share = (float)k / (float)places;
        touch(w, (point){from.x + (at.x - from.x) * share, from.y + (at.y - from.y) * share});
    }
    e->painted = at;
}
