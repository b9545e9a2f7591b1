#include "field_stack.h"

#include "app/system/memory.h"
#include "recall.h"
#include <string.h>

enum { INFLUENCE_MOST = 65536, INFLUENCE_WORK = 40000000 };

/* Random networks that are averaged: few show more of chance than of the field, so as many as a moment allows. */
enum { DRAWS_LEAST = 24, DRAWS_MOST = 600, DRAWS_WORK = 48000000, DRAW_OVERHEAD = 20000 };

const conv_shape *field_stack_shape(const field_stack *v, int layer) {
    return layer < 0 ? &conv_network_layout(v->network, 0)->input[0] : &conv_network_layout(v->network, layer)->output;
}

/* Length of a spatial axis of a level, from 0. */
static int64_t axis_size(const field_stack *v, int layer, int axis) {
    const conv_shape *shape = field_stack_shape(v, layer);
    return shape->size[shape->rank - v->dims + axis];
}

/* The layers shown when there are more than fit: always the first and the last. */
static void choose_levels(field_stack *v) {
    int total = v->last + 2;
    v->count = total < LEVELS_MOST ? total : LEVELS_MOST;
    for (int i = 0; i < v->count; i++) {
        level *t = &v->levels[i];
        t->layer = (int)((int64_t)i * (total - 1) / (v->count > 1 ? v->count - 1 : 1)) - 1;
        for (int k = 0; k < 3; k++) t->size[k] = k < 3 - v->dims ? 1 : axis_size(v, t->layer, k - (3 - v->dims));
    }
}

static bool keeps_places(const conv_layout *l, int dims) {
    static const conv_kind others[] = {CONV_FLATTEN, CONV_LINEAR, CONV_UNFOLD, CONV_FOLD, CONV_PERMUTE};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (l->spec.op->kind == others[i]) return false;
    return (l->dims == 0 || l->dims == dims) && l->output.rank > dims;
}

/* The spatial position of an element of a level. */
static void place_of(const field_stack *v, int layer, int64_t index, int64_t *position) {
    int64_t at[CONV_MAX_DIMS];
    const conv_shape *shape = field_stack_shape(v, layer);
    conv_shape_position(shape, index, at);
    for (int i = 0; i < v->dims; i++) position[i] = at[shape->rank - v->dims + i];
}

/* The cell: what is pointed at, else what is pinned, else the middle of the top. */
static void choose_cell(field_stack *v) {
    const document *d = v->s->document;
    const tag *h = &v->s->settings->hover;
    const int focus = v->s->scene->parts[v->index].focus;
    for (int i = 0; i < v->dims; i++) v->at_rest[i] = axis_size(v, v->last, i) / 2;
    const bool own = v->last == focus && v->index == 0;
    if (own && d->pinned_output >= 0 && d->pinned_output < conv_shape_count(field_stack_shape(v, v->last)))
        place_of(v, v->last, d->pinned_output, v->at_rest);
    v->base = v->last;
    memcpy(v->position, v->at_rest, sizeof v->position);
    int layer = -2;
    int64_t index = -1;
    if (h->kind == TAG_CELL && h->part == v->index && (h->role == ROLE_INPUT || h->role == ROLE_OUTPUT)) {
        layer = h->role == ROLE_INPUT ? h->layer - 1 : h->layer;
        index = h->index;
    } else if (focus == 0 && v->index == 0 && d->pinned_input >= 0 && d->pinned_output < 0) {
        layer = -1;
        index = d->pinned_input;
    }
    if (layer < -1 || layer > v->last || index < 0 || index >= conv_shape_count(field_stack_shape(v, layer))) return;
    v->base = layer;
    place_of(v, layer, index, v->position);
}

static void note(field_stack *v, int layer, const int64_t first[3], const int64_t last[3]) {
    for (int i = 0; i < v->count; i++) {
        if (v->levels[i].layer != layer) continue;
        memcpy(v->levels[i].first, first, sizeof v->levels[i].first);
        memcpy(v->levels[i].last, last, sizeof v->levels[i].last);
    }
}

/* Chains the exact intervals from a layer down to the input. Layers without windows leave them as they are. */
static void reach_down(field_stack *v, int layer, const int64_t *position, int64_t first[3], int64_t last[3],
                       bool noted) {
    const int skip = 3 - v->dims;
    for (int k = 0; k < 3; k++) first[k] = last[k] = k < skip ? 0 : position[k - skip];
    for (; layer >= -1; layer--) {
        if (noted) note(v, layer, first, last);
        if (layer < 0) return;
        const conv_layout *l = conv_network_layout(v->network, layer);
        for (int i = 0; i < l->dims; i++)
            conv_layout_reach(l, i, first[skip + i], last[skip + i], &first[skip + i], &last[skip + i]);
    }
}

/* The output cells of a layer, along one axis, that depend on any of the input cells [first, last]. */
static void users(const conv_layout *l, int axis, int64_t size, int64_t *first, int64_t *last) {
    int64_t low = size, high = -1;
    for (int64_t o = 0; o < size; o++) {
        int64_t from, to;
        conv_layout_reach(l, axis, o, o, &from, &to);
        if (from > to || from > *last || to < *first) continue;
        if (o < low) low = o;
        high = o;
    }
    *first = low;
    *last = high;
}

/* The same upwards. */
static void reach_up(field_stack *v) {
    const int skip = 3 - v->dims;
    int64_t first[3] = {0}, last[3] = {0};
    for (int i = 0; i < v->dims; i++) first[skip + i] = last[skip + i] = v->position[i];
    for (int layer = v->base + 1; layer <= v->last; layer++) {
        const conv_layout *l = conv_network_layout(v->network, layer);
        for (int i = 0; i < l->dims; i++) users(l, i, axis_size(v, layer, i), &first[skip + i], &last[skip + i]);
        note(v, layer, first, last);
    }
}

level_wall field_stack_wall(const int64_t size[3], int wall) {
    const int64_t slices = size[0], rows = size[1], columns = size[2];
    if (wall == WALL_ROW) return (level_wall){(rows - 1) * columns, slices, columns, rows * columns, 1};
    if (wall == WALL_COLUMN) return (level_wall){columns - 1, slices, rows, rows * columns, columns};
    return (level_wall){0, rows, columns, columns, 1};
}

int field_stack_dims(const conv_network *network) {
    int dims = 0;
    for (int i = 0; dims == 0 && i < conv_network_count(network); i++) dims = conv_network_layout(network, i)->dims;
    return dims;
}

bool field_stack_read(field_stack *v) {
    const scene_part *p = &v->s->scene->parts[v->index];
    int64_t first[3], last[3];
    v->network = p->network;
    v->layers = conv_network_count(p->network);
    v->dims = field_stack_dims(p->network);
    v->last = -1;
    if (v->dims < 1 || v->dims > 3) return false;
    while (v->last + 1 < v->layers && keeps_places(conv_network_layout(p->network, v->last + 1), v->dims)) v->last++;
    if (v->last < 0 || field_stack_shape(v, -1)->rank <= v->dims) return false;
    if (p->focus < v->last && v->s->document->pinned_output >= 0) v->last = p->focus;
    choose_levels(v);
    choose_cell(v);
    reach_down(v, v->last, v->at_rest, v->rest_first, v->rest_last, false);
    reach_down(v, v->base, v->position, first, last, true);
    reach_up(v);
    return true;
}

/* Of the layers up to the last one shown: no draw runs further. -1: too much to say. */
static int64_t work_of_a_draw(const field_stack *v) {
    int64_t work = 0;
    for (int i = 0; i <= v->last; i++) {
        const int64_t more = conv_network_layout(v->network, i)->cost.multiply_adds;
        if (more < 0 || more > INFLUENCE_WORK) return -1;
        work += more;
    }
    return work <= INFLUENCE_WORK ? work : -1;
}

static int draws_for(int64_t work) {
    int64_t draws = DRAWS_WORK / (work + DRAW_OVERHEAD);
    return (int)(draws < DRAWS_LEAST ? DRAWS_LEAST : draws > DRAWS_MOST ? DRAWS_MOST : draws);
}

static recall_key key_of(const field_stack *v, int64_t *cells) {
    int64_t cell = 0;
    *cells = 1;
    for (int i = 0; i < v->dims; i++) {
        *cells *= axis_size(v, -1, i);
        cell = cell * axis_size(v, v->last, i) + v->at_rest[i];
    }
    return (recall_key){RECALL_INFLUENCE, v->index, v->last, cell, 0};
}

const float *field_stack_known(const field_stack *v, bool *makes) {
    int64_t cells;
    const recall_key key = key_of(v, &cells);
    *makes = v->dims > 1 && cells <= INFLUENCE_MOST && work_of_a_draw(v) >= 0;
    return *makes ? recall(v->s->scene, key) : NULL;
}

const float *field_stack_influence(const field_stack *v) {
    int64_t cells;
    const recall_key key = key_of(v, &cells);
    bool makes;
    const float *known = field_stack_known(v, &makes);
    if (known || !makes) return known;
    float *map = memory_zeroed((size_t)cells, sizeof *map);
    if (!map) return NULL;
    if (conv_network_influence(v->network, v->last, v->at_rest, 1, draws_for(work_of_a_draw(v)), map, NULL) !=
        CONV_OK) {
        memory_free(map);
        return NULL;
    }
    return recall_keep_flat(v->s->scene, key, map, (size_t)cells * sizeof *map) ? map : NULL;
}
