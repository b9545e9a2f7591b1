#include "slide_samples.h"
#include <math.h>
#include <stdio.h>

bool offsets_read(const stage *s, const window *w, offsets *o) {
    const conv_layout *l = w->layout;
    const conv_operands *from = &s->scene->parts[w->part].operands;
    int64_t taps = l->dims == 2 ? l->axis[0].kernel * l->axis[1].kernel : 0;
    if (l->spec.op->kind != CONV_DEFORM || !from->offset || taps < 1 || taps > OFFSETS_MOST) return false;
    int64_t cells = l->axis[0].out * l->axis[1].out, cell = w->position[0] * l->axis[1].out + w->position[1];
    int64_t planes = conv_shape_count(&l->offset) / (cells * l->batch);
    for (int64_t t = 0; t < taps; t++)
        for (int64_t d = 0; d < 2; d++)
            o->value[d * taps + t] = from->offset[(w->sample * planes + 2 * t + d) * cells + cell];
    conv_shape shape = {.rank = 3, .size = {2, l->axis[0].kernel, l->axis[1].kernel}};
    operand_plain(s, &o->of, ROLE_OFFSET, w->part, &shape, o->value);
    o->of.symbols = false;
    o->masked = from->mask != NULL && l->mask.rank;
    if (!o->masked) return true;
    planes = conv_shape_count(&l->mask) / (cells * l->batch);
    for (int64_t t = 0; t < taps; t++) o->weight[t] = from->mask[(w->sample * planes + t) * cells + cell];
    shape = (conv_shape){.rank = 3, .size = {1, l->axis[0].kernel, l->axis[1].kernel}};
    operand_plain(s, &o->mask, ROLE_MASK, w->part, &shape, o->weight);
    o->mask.symbols = false;
    return true;
}

void offsets_block(const stage *s, offsets *o, block *b) {
    *b = (block){.gap = 12, .labels = true, .role = ROLE_OFFSET, .swaps = true};
    snprintf(b->title, sizeof b->title, "%s", tr(s->language, N_("offsets of this position")));
    for (int64_t d = 0; d < 2; d++) {
        plane *p = block_add(b, &o->of, d, 0);
        if (p) snprintf(p->label, sizeof p->label, "%s", d ? "dx" : "dy");
    }
    plane *p = o->masked ? block_add(b, &o->mask, 0, 0) : NULL;
    if (p) snprintf(p->label, sizeof p->label, "%s", tr(s->language, N_("mask")));
    b->across = b->count;
}

static void arrow(const stage *s, point from, point to, paint look) {
    float dx = to.x - from.x, dy = to.y - from.y, length = hypotf(dx, dy), head = 7 * s->unit;
    draw_line(s->list, from, to, look);
    if (length < head) return;
    dx /= length;
    dy /= length;
    point tip[3] = {to,
                    {to.x - dx * head - dy * head * 0.5f, to.y - dy * head + dx * head * 0.5f},
                    {to.x - dx * head + dy * head * 0.5f, to.y - dy * head - dx * head * 0.5f}};
    draw_polygon(s->list, tip, 3, (paint){.fill = look.stroke});
}

static void outline_samples(const stage *s, const conv_tap *t, const plane *p) {
    int64_t cells = p->of->rows * p->of->columns;
    for (int k = 0; k < 4; k++) {
        if (t->sample[k] < 0 || t->sample_weight[k] == 0) continue;
        int64_t cell = t->sample[k] % cells;
        float row = (float)(cell / p->of->columns), column = (float)(cell % p->of->columns);
        plane_outline(
            s, p, row, column, 1, 1, -s->unit,
            stage_stroke(s, color_faded(s->theme->roles[ROLE_OFFSET].strong, 0.35f + 0.65f * t->sample_weight[k]),
                         2.4f));
    }
}

bool samples_shown(const window *w) {
    const conv_kind kind = w->layout->spec.op->kind;
    return w->settled && (kind == CONV_DEFORM || kind == CONV_UPSAMPLE);
}

static bool is_whole(float place) {
    return fabsf(place - roundf(place)) < 1e-4f;
}

/* Round a cell that is read just as it is: it leaves room for the number. It lies in its plane. */
static void ring(const stage *s, const plane *p, point middle, float size, paint look) {
    enum { CORNERS = 24 };
    point corner[CORNERS];
    for (int i = 0; i < CORNERS; i++) {
        const float turn = 2 * 3.14159265f * (float)i / CORNERS, x = size * cosf(turn), y = size * sinf(turn);
        corner[i] = (point){middle.x + p->right.x * x + p->down.x * y, middle.y + p->right.y * x + p->down.y * y};
    }
    draw_polygon(s->list, corner, CORNERS, look);
}

/* Where the way from a place to the ring's middle reaches the ring. */
static point ring_edge(const plane *p, point middle, point from, float size) {
    const point d = {from.x - middle.x, from.y - middle.y};
    const float area = p->right.x * p->down.y - p->right.y * p->down.x;
    if (area == 0) return middle;
    const float away = hypotf(d.x * p->down.y - d.y * p->down.x, p->right.x * d.y - p->right.y * d.x) / fabsf(area);
    return away > size ? point_mixed(middle, from, size / away) : from;
}

/* The part of the way to a place that lies within the stage, 1 for all of it. */
static float way_within(box area, point from, point to) {
    const point d = {to.x - from.x, to.y - from.y};
    float share = 1;
    if (to.x < area.x) share = fminf(share, (area.x - from.x) / d.x);
    if (to.y < area.y) share = fminf(share, (area.y - from.y) / d.y);
    if (to.x > area.x + area.width) share = fminf(share, (area.x + area.width - from.x) / d.x);
    if (to.y > area.y + area.height) share = fminf(share, (area.y + area.height - from.y) / d.y);
    return fmaxf(share, 0);
}

void samples_draw(const stage *s, const window *w, const plane *p, int64_t channel) {
    conv_kind kind = w->layout->spec.op->kind;
    if (!samples_shown(w)) return;
    color c = s->theme->roles[ROLE_OFFSET].strong;
    int first = w->layout->dims >= 2 ? w->layout->dims - 2 : 0;
    for (int64_t i = 0; i < w->count; i++) {
        const conv_tap *t = &w->taps[i];
        if (kind == CONV_UPSAMPLE && (i || w->layout->dims < 2)) break;
        if (kind == CONV_DEFORM && t->channel != channel) continue;
        point to = plane_middle(p, t->location[first], t->location[first + 1]);
        const bool current = i == w->done, cell = is_whole(t->location[first]) && is_whole(t->location[first + 1]);
        const float dot = (current ? 5.5f : 4) * s->unit, reach = cell ? 0.3f : dot / fmaxf(plane_cell(p), 1);
        if (kind == CONV_DEFORM) {
            const point from = plane_middle(p, (float)t->position[0], (float)t->position[1]);
            const float within = way_within(s->area, from, to);
            arrow(s, from, within < 1 ? point_mixed(from, to, within) : ring_edge(p, to, from, reach),
                  stage_stroke(s, color_faded(c, current || w->finished ? 1 : 0.6f), current ? 2.6f : 1.6f));
            if (current) outline_samples(s, t, p);
            if (within < 1) continue; /* the arrow says where it went: it is far outside */
        }
        if (cell)
            ring(s, p, to, reach, stage_stroke(s, c, current ? 3 : 1.8f));
        else
            draw_circle(s->list, to, dot, (paint){.fill = c, .stroke = s->theme->background, .width = 1.2f * s->unit});
    }
}
