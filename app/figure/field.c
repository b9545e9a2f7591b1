/* The receptive field view: the layers as a stack of planes, the cone of one output cell through them, and beside it
 * how much each input cell really matters. */
#include "app/system/memory.h"
#include "recall.h"
#include "short_number.h"
#include "views.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEVELS_MOST = 10, GRID_MOST = 2500, INFLUENCE_MOST = 65536, INFLUENCE_WORK = 40000000 };

/* Random networks that are averaged: few show more of chance than of the field, so as many as a moment allows. */
enum { DRAWS_LEAST = 24, DRAWS_MOST = 600, DRAWS_WORK = 24000000, DRAW_OVERHEAD = 20000 };

typedef struct level {
    int layer; /* whose output it is; -1: the network's input */
    int64_t rows, columns;
    int64_t first[2], last[2]; /* what the cell depends on here: rows, columns */
    point origin, right, down;
} level;

typedef struct field_view {
    stage *s;
    int index, layers, last;
    conv_network *network;
    level levels[LEVELS_MOST];
    int count;
    bool one; /* one spatial axis: strips instead of planes */
    int64_t position[CONV_MAX_SPATIAL];
    const float *influence; /* of the input, or NULL */
} field_view;

static void plane_size(const conv_shape *shape, bool one, int64_t *rows, int64_t *columns) {
    *columns = shape->size[shape->rank - 1];
    *rows = one || shape->rank < 2 ? 1 : shape->size[shape->rank - 2];
}

/* The layers shown when there are more than fit: always the first and the last. */
static void choose_levels(field_view *v) {
    int total = v->last + 2;
    v->count = total < LEVELS_MOST ? total : LEVELS_MOST;
    for (int i = 0; i < v->count; i++)
        v->levels[i].layer = (int)((int64_t)i * (total - 1) / (v->count > 1 ? v->count - 1 : 1)) - 1;
}

static bool spatial(const conv_layout *l) {
    return l->dims == 1 || l->dims == 2;
}

/* The spatial layers from the input on; the cell is the pinned one of the last of them, or its middle. */
static bool read_levels(field_view *v) {
    const scene_part *p = &v->s->scene->parts[v->index];
    v->network = p->network;
    v->layers = conv_network_count(p->network);
    const conv_layout *first = conv_network_layout(p->network, 0);
    v->one = first->dims == 1;
    v->last = -1;
    for (int i = 0; i < v->layers; i++) {
        const conv_layout *l = conv_network_layout(p->network, i);
        int rank = l->output.rank;
        if (l->dims > 0 && !(spatial(l) && (l->dims == 1) == v->one)) break;
        if (l->spec.op->kind == CONV_FLATTEN || l->spec.op->kind == CONV_LINEAR || l->spec.op->kind == CONV_UNFOLD ||
            l->spec.op->kind == CONV_FOLD || l->spec.op->kind == CONV_PERMUTE || rank < (v->one ? 2 : 3))
            break;
        v->last = i;
    }
    if (v->last < 0) return false;
    if (p->focus < v->last && v->s->document->pinned_output >= 0) v->last = p->focus;
    choose_levels(v);
    const conv_layout *end = conv_network_layout(p->network, v->last);
    int dims = v->one ? 1 : 2, lead = end->output.rank - dims;
    int64_t at[CONV_MAX_DIMS], pinned = v->s->document->pinned_output;
    if (pinned >= 0 && pinned < conv_shape_count(&end->output) && v->last == p->focus)
        conv_shape_position(&end->output, pinned, at);
    else
        for (int i = 0; i < dims; i++) at[lead + i] = end->output.size[lead + i] / 2;
    for (int i = 0; i < dims; i++) v->position[i] = at[lead + i];
    return true;
}

/* Chains the exact intervals from the last layer back. Layers without windows leave them as they are. */
static void read_reach(field_view *v) {
    int dims = v->one ? 1 : 2, row = v->one ? 1 : 0;
    int64_t first[2] = {0, 0}, last[2] = {0, 0};
    for (int i = 0; i < dims; i++) first[row + i] = last[row + i] = v->position[i];
    int next = v->count - 1;
    for (int layer = v->last; layer >= -1; layer--) {
        while (next >= 0 && v->levels[next].layer == layer) {
            level *t = &v->levels[next--];
            memcpy(t->first, first, sizeof first);
            memcpy(t->last, last, sizeof last);
            const conv_shape *shape = layer < 0 ? &conv_network_layout(v->network, 0)->input[0]
                                                : &conv_network_layout(v->network, layer)->output;
            plane_size(shape, v->one, &t->rows, &t->columns);
        }
        if (layer < 0) break;
        const conv_layout *l = conv_network_layout(v->network, layer);
        for (int i = 0; i < l->dims && l->dims == dims; i++) {
            int64_t from, to;
            conv_layout_reach(l, i, first[row + i], last[row + i], &from, &to);
            first[row + i] = from;
            last[row + i] = to;
        }
    }
}

static int draws_for(conv_cost cost) {
    int64_t draws = DRAWS_WORK / (cost.multiply_adds + DRAW_OVERHEAD);
    return (int)(draws < DRAWS_LEAST ? DRAWS_LEAST : draws > DRAWS_MOST ? DRAWS_MOST : draws);
}

static const float *read_influence(field_view *v) {
    stage *s = v->s;
    const level *input = &v->levels[0];
    int64_t cells = input->rows * input->columns;
    conv_cost cost = conv_network_cost(v->network);
    if (cells > INFLUENCE_MOST || cost.multiply_adds < 0 || cost.multiply_adds > INFLUENCE_WORK) return NULL;
    recall_key key = {RECALL_INFLUENCE, v->index, v->last, v->position[0], v->one ? 0 : v->position[1]};
    float *map = recall(s->scene, key);
    if (map) return map;
    if (!(map = memory_zeroed((size_t)cells, sizeof *map))) return NULL;
    if (conv_network_influence(v->network, v->last, v->position, 1, draws_for(cost), map, NULL) != CONV_OK) {
        memory_free(map);
        return NULL;
    }
    return recall_keep(s->scene, key, map, NULL) ? map : NULL;
}

/* ---- the stack ---- */

static point level_at(const level *t, float row, float column) {
    return (point){t->origin.x + t->right.x * column + t->down.x * row,
                   t->origin.y + t->right.y * column + t->down.y * row};
}

static void level_quad(const stage *s, const level *t, float row, float column, float rows, float columns, paint look) {
    point corner[4] = {level_at(t, row, column), level_at(t, row, column + columns),
                       level_at(t, row + rows, column + columns), level_at(t, row + rows, column)};
    draw_polygon(s->list, corner, 4, look);
}

/* Levels from the bottom (input) to the top; one cell size, wider when there is one axis only. */
static void place_levels(field_view *v, box area) {
    float most = 0, high = 0;
    for (int i = 0; i < v->count; i++) {
        const level *t = &v->levels[i];
        most = fmaxf(most, (float)(v->one ? t->columns : t->rows + t->columns));
        high = fmaxf(high, (float)(v->one ? 1 : t->rows + t->columns));
    }
    float u = v->s->unit, step = area.height / (float)v->count, side = area.width / most;
    if (v->one)
        side = fminf(side, fminf(34 * u, step * 0.55f));
    else
        side = fminf(side, step * 0.92f * 2 / high); /* half of a tilted cell's width */
    for (int i = 0; i < v->count; i++) {
        level *t = &v->levels[i];
        float y = area.y + area.height - ((float)i + 0.5f) * step, middle = area.x + area.width / 2;
        if (v->one) {
            t->right = (point){side, 0};
            t->down = (point){0, side};
            t->origin = (point){middle - side * (float)t->columns / 2, y - side / 2};
        } else {
            t->right = (point){side, side / 2};
            t->down = (point){-side, side / 2};
            t->origin = (point){middle + side * (float)(t->rows - t->columns) / 2,
                                y - side * (float)(t->rows + t->columns) / 4};
        }
    }
}

static role level_role(const field_view *v, int i) {
    return v->levels[i].layer < 0 ? ROLE_INPUT : i + 1 == v->count ? ROLE_OUTPUT : ROLE_NONE;
}

static void draw_level(const field_view *v, int i) {
    const stage *s = v->s;
    const level *t = &v->levels[i];
    role r = level_role(v, i);
    const role_colors *c = &s->theme->roles[r == ROLE_NONE ? ROLE_OUTPUT : r];
    float rows = (float)t->rows, columns = (float)t->columns;
    stage_tag(s, (tag){.kind = TAG_TENSOR, .role = r, .part = v->index, .layer = t->layer, .index = -1});
    level_quad(s, t, 0, 0, rows, columns,
               (paint){.fill = color_faded(c->low, 0.93f), .stroke = c->line, .width = s->line});
    float side = v->one ? t->right.x : t->right.x * 1.4f;
    if (t->rows * t->columns <= GRID_MOST && side >= 4) {
        paint thin = {.stroke = color_faded(c->line, 0.55f), .width = fmaxf(0.7f, s->line * 0.7f)};
        for (int64_t k = 1; k < t->columns; k++)
            draw_line(s->list, level_at(t, 0, (float)k), level_at(t, rows, (float)k), thin);
        for (int64_t k = 1; k < t->rows; k++)
            draw_line(s->list, level_at(t, (float)k, 0), level_at(t, (float)k, columns), thin);
    }
    if (t->first[0] > t->last[0] || t->first[1] > t->last[1]) return;
    level_quad(s, t, (float)t->first[0], (float)t->first[1], (float)(t->last[0] - t->first[0] + 1),
               (float)(t->last[1] - t->first[1] + 1),
               (paint){.fill = color_faded(c->strong, 0.42f), .stroke = c->strong, .width = 2 * s->unit});
    stage_tag(s, tag_none());
}

/* The sides of the cone between two neighbouring levels. */
static void draw_cone(const field_view *v, int i) {
    const stage *s = v->s;
    const level *a = &v->levels[i], *b = &v->levels[i + 1];
    paint look = stage_stroke(s, color_faded(s->theme->accent, 0.75f), 1.4f);
    if (a->first[1] > a->last[1] || b->first[1] > b->last[1]) return;
    for (int k = 0; k < 4; k++) {
        bool bottom = k >= 2, end = k == 1 || k == 2;
        if (v->one && bottom) continue;
        float ra = (float)(bottom ? a->last[0] + 1 : a->first[0]), rb = (float)(bottom ? b->last[0] + 1 : b->first[0]);
        float ca = (float)(end ? a->last[1] + 1 : a->first[1]), cb = (float)(end ? b->last[1] + 1 : b->first[1]);
        if (v->one) rb += 1;
        draw_line(s->list, level_at(a, ra, ca), level_at(b, rb, cb), look);
    }
}

/* ---- the numbers ---- */

/* What does not change the field is left out: channels are read from the shape. */
static bool tells_reach(const char *argument) {
    static const char *const silent[] = {"bias=", "groups=", "padding_mode="};
    if (!strchr(argument, '=')) return false;
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++) {
        if (!strncmp(argument, silent[i], strlen(silent[i]))) return false;
    }
    return true;
}

/* "Conv2d 3, stride 2" from "nn.Conv2d(8, 4, kernel_size=3, stride=2)" */
static void level_name(const field_view *v, int i, char *text, int size) {
    const level *t = &v->levels[i];
    char spec[160], argument[160];
    if (t->layer < 0) {
        snprintf(text, (size_t)size, "%s", tr(v->s->language, N_("input")));
        return;
    }
    conv_spec_text(&conv_network_layout(v->network, t->layer)->spec, spec, sizeof spec);
    const char *from = strncmp(spec, "nn.", 3) ? spec : spec + 3;
    int used = snprintf(text, (size_t)size, "%.*s", (int)strcspn(from, "("), from), said = 0;
    from += strcspn(from, "(");
    while (*from && *from != ')' && used < size) {
        int depth = 0;
        size_t length = 0;
        for (from += strspn(from, "(, "); from[length] && (depth > 0 || !strchr(",)", from[length])); length++)
            depth += from[length] == '(' ? 1 : from[length] == ')' ? -1 : 0;
        snprintf(argument, sizeof argument, "%.*s", (int)length, from);
        from += length;
        if (!tells_reach(argument)) continue;
        const size_t name = strcspn(argument, "=");
        const bool kernel = !strncmp(argument, "kernel_size=", 12);
        used += snprintf(text + used, (size_t)(size - used), "%s%.*s%s%s", said++ ? ", " : " ", kernel ? 0 : (int)name,
                         argument, kernel ? "" : " ", argument + name + 1);
    }
}

static void put_real(char *text, int size, double value) {
    short_number(text, size, value, NUMBER_DIGITS);
}

enum { NUMBERS = 3 };
static const char *const number_heads[NUMBERS] = {N_("size"), N_("jump"), N_("start")};

/* The words and numbers beside the stack, one row for each level, and the room they take. */
typedef struct level_table {
    char names[LEVELS_MOST][160], shapes[LEVELS_MOST][64], numbers[LEVELS_MOST][NUMBERS][NUMBER_NOTE];
    float size;                       /* of type */
    float column, name_width, widest; /* pixels: of a number, of the names as they are and as they would like to be */
} level_table;

static void read_table(const field_view *v, level_table *t, float step) {
    const stage *s = v->s;
    const float u = s->unit;
    t->size = fminf(13 * u, step * 0.8f);
    t->column = t->widest = 0;
    for (int k = 0; k < NUMBERS; k++)
        t->column = fmaxf(t->column, stage_width(s, FACE_WORDS, TYPE_SMALL * u, tr(s->language, number_heads[k])));
    for (int i = 0; i < v->count; i++) {
        const level *l = &v->levels[i];
        conv_field f = conv_field_identity();
        level_name(v, i, t->names[i], sizeof t->names[i]);
        conv_shape_text(l->layer < 0 ? &conv_network_layout(v->network, 0)->input[0]
                                     : &conv_network_layout(v->network, l->layer)->output,
                        t->shapes[i], sizeof t->shapes[i]);
        t->widest = fmaxf(t->widest, stage_width(s, FACE_MONO, t->size, t->names[i]));
        t->widest = fmaxf(t->widest, stage_width(s, FACE_MONO, t->size * 0.92f, t->shapes[i]));
        t->numbers[i][0][0] = 0;
        if (l->layer >= 0 && conv_network_field(v->network, l->layer, v->one ? 0 : 1, &f, NULL) != CONV_OK) continue;
        const double values[NUMBERS] = {(double)f.size, f.jump, f.start};
        for (int k = 0; k < NUMBERS; k++) {
            put_real(t->numbers[i][k], sizeof t->numbers[i][k], values[k]);
            t->column = fmaxf(t->column, stage_width(s, FACE_MONO, t->size * 1.1f, t->numbers[i][k]));
        }
    }
    t->column += 14 * u;
    t->name_width = t->widest;
}

/* Name over shape where the row is high enough for both, else the name alone; a long name takes several lines. */
static void draw_row(const field_view *v, const level_table *t, int i, float x, float y, float step) {
    const stage *s = v->s;
    const float line = t->size * 1.38f;
    const color ink = stage_ink(s, level_role(v, i));
    int lines = (int)(step / line), needed;
    text_line broken[8];
    needed = text_break(s->fonts, FACE_MONO, t->size, t->names[i], t->name_width, broken, 8);
    const bool shape = lines > needed && stage_fits(s, FACE_MONO, t->size * 0.92f, t->shapes[i], t->name_width);
    if (lines < 1) lines = 1;
    if (needed > lines) needed = lines;
    float top = y - line * (float)(needed + (shape ? 1 : 0)) / 2;
    stage_paragraph(s, (point){x, top}, t->name_width, FACE_MONO, t->size, ink, t->names[i], needed);
    if (shape)
        stage_text_fitted(s, x, top + line * ((float)needed + 0.5f), ANCHOR_LEFT, FACE_MONO, t->size * 0.92f,
                          s->theme->ink_soft, t->shapes[i], t->name_width);
}

static void draw_table(const field_view *v, const level_table *t, box area) {
    const stage *s = v->s;
    const float u = s->unit, step = area.height / (float)v->count;
    for (int k = 0; k < NUMBERS; k++) {
        stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
        float right = area.x + t->name_width + t->column * (float)(k + 1);
        stage_text(s, right, area.y - 8 * u, ANCHOR_RIGHT, FACE_WORDS, TYPE_SMALL * u, s->theme->ink_soft,
                   tr(s->language, number_heads[k]));
        for (int i = 0; i < v->count; i++) {
            float y = area.y + area.height - ((float)i + 0.5f) * step;
            stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
            if (k == 0) draw_row(v, t, i, area.x, y, step);
            stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
            if (t->numbers[i][0][0])
                stage_text(s, right, y, ANCHOR_RIGHT, FACE_MONO, t->size * 1.1f, s->theme->ink, t->numbers[i][k]);
        }
    }
    stage_tag(s, tag_none());
}

/* The input with the weight of each cell as heat, and the theoretical field's outline on it. */
static void draw_influence(const field_view *v, box area) {
    const stage *s = v->s;
    const level *input = &v->levels[0];
    const char *meaning = tr(s->language, N_("how much the cell changes with each input cell"));
    text_line broken[4];
    float u = s->unit;
    const int lines = text_break(s->fonts, FACE_WORDS, TYPE_SMALL * u, meaning, area.width, broken, 4);
    const float head = (28 + TYPE_SMALL * 1.38f * (float)lines) * u;
    operand o;
    conv_shape shape = {.rank = 2, .size = {input->rows, input->columns}};
    operand_plain(s, &o, ROLE_OUTPUT, v->index, &shape, v->influence);
    o.low = 0;
    o.layer = -1; /* no layer's output: nothing flies there */
    float side = fminf(area.width / (float)input->columns, (area.height - head) / (float)input->rows);
    side = fminf(side, 40 * u);
    plane p = {.of = &o, .known = INT64_MAX, .right = {side, 0}, .down = {0, side}};
    float height = side * (float)input->rows;
    p.origin = (point){floorf(area.x), floorf(area.y + head + fmaxf(0, (area.height - head - height) / 2))};
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_text_fitted(s, area.x, p.origin.y - head + 10 * u, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u,
                      s->theme->ink, tr(s->language, N_("effective field")), area.width);
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_paragraph(s, (point){area.x, p.origin.y - head + 21 * u}, area.width, FACE_WORDS, TYPE_SMALL * u,
                    s->theme->ink_soft, meaning, lines);
    stage_tag(s, (tag){.kind = TAG_TENSOR, .role = ROLE_INPUT, .part = v->index, .index = -1});
    for (int64_t r = 0; r < input->rows && input->rows * input->columns <= GRID_MOST; r++)
        for (int64_t c = 0; c < input->columns; c++) {
            float heat = o.high > 0 ? v->influence[r * input->columns + c] / o.high : 0;
            plane_wash(s, &p, (float)r, (float)c, 1, 1, (paint){.fill = theme_heat(heat)});
        }
    if (input->rows * input->columns > GRID_MOST) plane_draw(s, &p, NULL, NULL);
    stage_tag(s, tag_none());
    if (input->first[1] <= input->last[1])
        plane_outline(s, &p, (float)input->first[0], (float)input->first[1],
                      (float)(input->last[0] - input->first[0] + 1), (float)(input->last[1] - input->first[1] + 1), 0,
                      stage_stroke(s, s->theme->roles[ROLE_INPUT].strong, 2.4f));
}

/* The words get the room they need as far as stack and heat map keep theirs. */
static void draw_all(field_view *v) {
    stage *s = v->s;
    level_table table;
    box a = s->area;
    const float gap = 26 * s->unit, head = 24 * s->unit, high = a.height - head, step = high / (float)v->count;
    read_table(v, &table, step);
    const float least_map = 110 * s->unit;
    float free = a.width - 2 * gap - NUMBERS * table.column;
    const bool heat = v->influence && !v->one && free > 2.6f * least_map && high > least_map;
    if (!heat) free += gap;
    float stack = heat ? fminf(free * 0.3f, step * 2.2f) : free * 0.5f;
    float map = heat ? fmaxf(free * 0.3f, fminf(free * 0.42f, high - 60 * s->unit)) : 0;
    table.name_width = fminf(table.widest, free - stack - map);
    if (heat)
        map = fminf(free - stack - table.name_width, fmaxf(high, 230 * s->unit));
    else
        stack = free - table.name_width;
    a.x += heat ? (free - stack - table.name_width - map) / 2 : 0;
    place_levels(v, (box){a.x, a.y + head, stack, high});
    for (int i = 0; i < v->count; i++) {
        draw_level(v, i);
        if (i + 1 < v->count) draw_cone(v, i);
    }
    draw_table(v, &table, (box){a.x + stack + gap, a.y + head, 0, high});
    const float right = a.x + stack + table.name_width + NUMBERS * table.column + 2 * gap;
    if (heat) draw_influence(v, (box){right, a.y + head, map, high});
}

float field_picture(stage *s, int index, float most, bool draw) {
    field_view *v = memory_zeroed(1, sizeof *v);
    if (!v) return -1;
    *v = (field_view){.s = s, .index = index};
    (void)most;
    if (!draw) { /* several fields lie beside each other where they keep their shape */
        const float side = fminf(s->area.width * 0.5f, s->area.height);
        memory_free(v);
        return side;
    }
    if (!read_levels(v)) {
        stage_message(
            s, tr(s->language, N_("Only operations that slide along one or two axes have a receptive field to draw.")));
        goto done;
    }
    read_reach(v);
    v->influence = v->one ? NULL : read_influence(v);
    draw_all(v);
done:
    memory_free(v);
    return 0;
}
