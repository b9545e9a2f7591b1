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

enum { PLACES_MOST = 96, CELLS_MOST = 3 * PLACES_MOST };

/* What one move of the mouse sets: one change of the document, so that the layers run once. */
typedef struct stroke {
    tag of; /* a cell of its tensor */
    tensor_edit edits[CELLS_MOST];
    int count;
    uint64_t together;
} stroke;

static void stroke_end(window_state *w, stroke *k) {
    if (k->count == 0) return;
    const change c = {.kind = CHANGE_CELLS,
                      .part = k->of.part,
                      .layer = k->of.layer,
                      .role = k->of.role,
                      .edits = k->edits,
                      .number = k->count,
                      .together = k->together};
    state_change(w, &c, NULL);
    k->count = 0;
}

static void set_one(window_state *w, stroke *k, tag t, float value) {
    float before;
    if (easel_value(w, t, &before) && before == value) return;
    if (k->count == CELLS_MOST || k->of.part != t.part || k->of.layer != t.layer || k->of.role != t.role)
        stroke_end(w, k);
    k->of = t;
    k->edits[k->count++] = (tensor_edit){t.index, value};
}

/* A colour picture's pixel is its three channels. */
static void set_pixel(window_state *w, stroke *k, tag t, float value) {
    const int64_t next = between_channels(w, t);
    const int64_t end = next ? conv_shape_count(&w->scene.parts[t.part].layout->input[0]) : t.index + 1;
    for (t.index = next ? t.index % next : t.index; t.index < end; t.index += next ? next : 1) set_one(w, k, t, value);
}

void brush_set(window_state *w, tag t, float value, uint64_t together) {
    stroke k = {.together = together};
    set_pixel(w, &k, t, value);
    stroke_end(w, &k);
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

static void touch(window_state *w, stroke *k, point at) {
    easel *e = &w->easel;
    tag t = easel_at(w, at);
    if (t.kind != TAG_CELL || t.role != ROLE_INPUT || !easel_can_edit(w, t)) return;
    if (e->pixel > 0 && brush_pixel(w, t, at) <= 0) return; /* a stroke over the picture stays on it */
    if (easel_same(e->hover, t)) return;
    e->hover = t;
    set_pixel(w, k, t, e->brush);
}

void brush_move(window_state *w, point at) {
    easel *e = &w->easel;
    const point from = e->painted;
    const float step = fmaxf(e->pixel, 1), far = hypotf(at.x - from.x, at.y - from.y);
    const int places = e->pixel > 0 ? (int)fminf(ceilf(far / step), PLACES_MOST) : 1;
    stroke k = {.together = e->drag};
    for (int i = 1; i <= places; i++) {
        const float share = (float)i / (float)places;
        touch(w, &k, (point){from.x + (at.x - from.x) * share, from.y + (at.y - from.y) * share});
    }
    stroke_end(w, &k);
    e->painted = at;
}
