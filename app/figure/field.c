/* The receptive field view: the layers as a stack of planes, the cone of one output cell through them, and beside it
 * how much each input cell really matters. */
#include "field_stack.h"

#include "app/system/memory.h"
#include "short_number.h"
#include "views.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_WIDTH = 240 };

/* ---- the stack ---- */

point level_at(const level *t, float slice, float row, float column) {
    return (point){t->origin.x + t->right.x * column + t->down.x * row + t->deep.x * slice,
                   t->origin.y + t->right.y * column + t->down.y * row + t->deep.y * slice};
}

static void level_quad(const stage *s, const level *t, float row, float column, float rows, float columns, paint look) {
    point corner[4] = {level_at(t, 0, row, column), level_at(t, 0, row, column + columns),
                       level_at(t, 0, row + rows, column + columns), level_at(t, 0, row + rows, column)};
    draw_polygon(s->list, corner, 4, look);
}

/* How wide a level is in halves of a tilted cell's width. */
static float width_of(const field_stack *v, const level *t) {
    return (float)(v->dims == 1 ? t->size[2] : t->size[1] + t->size[2]);
}

/* One cell size, wider when there is one axis only: a cell's width, or half of a tilted one's, as high as the levels'
 * distance allows. */
static float highest_cell(const field_stack *v, float step) {
    float high = 0;
    if (v->dims == 1) return fminf(34 * v->s->unit, step * 0.55f);
    for (int i = 0; i < v->count; i++) high = fmaxf(high, (float)(v->levels[i].size[1] + v->levels[i].size[2]));
    return step * 0.92f * 2 / high;
}

static float widest_level(const field_stack *v) {
    float most = 0;
    for (int i = 0; i < v->count; i++) most = fmaxf(most, width_of(v, &v->levels[i]));
    return most;
}

/* Levels from the bottom (input) to the top. */
static void place_levels(field_stack *v, box area) {
    const bool one = v->dims == 1;
    const float step = area.height / (float)v->count;
    const float side = fminf(area.width / widest_level(v), highest_cell(v, step));
    for (int i = 0; i < v->count; i++) {
        level *t = &v->levels[i];
        const float rows = (float)t->size[1], columns = (float)t->size[2];
        float y = area.y + area.height - ((float)i + 0.5f) * step, middle = area.x + area.width / 2;
        t->middle = y;
        t->room = step;
        if (one) {
            t->right = (point){side, 0};
            t->down = (point){0, side};
            t->origin = (point){middle - side * columns / 2, y - side / 2};
        } else {
            t->right = (point){side, side / 2};
            t->down = (point){-side, side / 2};
            t->origin = (point){middle - side * width_of(v, t) / 2 + side * rows, y - side * (rows + columns) / 4};
        }
    }
}

static role level_role(const field_stack *v, int i) {
    return v->levels[i].layer < 0 ? ROLE_INPUT : i + 1 == v->count ? ROLE_OUTPUT : ROLE_NONE;
}

bool level_joined(const level *t) {
    return t->first[0] <= t->last[0] && t->first[1] <= t->last[1] && t->first[2] <= t->last[2];
}

/* Clear cells to point at. */
static void draw_cells(const field_stack *v, const level *t) {
    const stage *s = v->s;
    tag mine = {.kind = TAG_CELL, .role = t->layer < 0 ? ROLE_INPUT : ROLE_OUTPUT, .part = v->index};
    mine.layer = t->layer < 0 ? 0 : t->layer;
    for (int64_t r = 0; r < t->size[1]; r++)
        for (int64_t c = 0; c < t->size[2]; c++) {
            mine.index = r * t->size[2] + c;
            stage_tag(s, mine);
            level_quad(s, t, (float)r, (float)c, 1, 1, (paint){0});
        }
}

static void draw_level(const field_stack *v, const level *t, role r) {
    const stage *s = v->s;
    const role_colors *c = &s->theme->roles[r == ROLE_NONE ? ROLE_OUTPUT : r];
    const float rows = (float)t->size[1], columns = (float)t->size[2];
    const int64_t cells = t->size[1] * t->size[2];
    const float side = v->dims == 1 ? t->right.x : t->right.x * 1.4f;
    const bool whole = cells > LEVEL_POINTED_MOST || side < 5; /* no cells of its own: the nearest one is pointed at */
    tag mine = {.kind = TAG_TENSOR, .role = r, .part = v->index, .layer = t->layer, .index = -1};
    if (whole) mine.index = wall_index(WALL_SLICE);
    stage_tag(s, mine);
    level_quad(s, t, 0, 0, rows, columns,
               (paint){.fill = color_faded(c->low, 0.93f), .stroke = c->line, .width = s->line});
    if (whole) stage_tag(s, tag_none());
    if (cells <= LEVEL_GRID_MOST && side >= 4) {
        paint thin = {.stroke = color_faded(c->line, 0.55f), .width = fmaxf(0.7f, s->line * 0.7f)};
        for (int64_t k = 1; k < t->size[2]; k++)
            draw_line(s->list, level_at(t, 0, 0, (float)k), level_at(t, 0, rows, (float)k), thin);
        for (int64_t k = 1; k < t->size[1]; k++)
            draw_line(s->list, level_at(t, 0, (float)k, 0), level_at(t, 0, (float)k, columns), thin);
    }
    if (level_joined(t))
        level_quad(s, t, (float)t->first[1], (float)t->first[2], (float)(t->last[1] - t->first[1] + 1),
                   (float)(t->last[2] - t->first[2] + 1),
                   (paint){.fill = color_faded(c->strong, 0.42f), .stroke = c->strong, .width = 2 * s->unit});
    if (!whole) draw_cells(v, t);
    stage_tag(s, tag_none());
}

/* The sides of the cone between two neighbouring levels. */
static void draw_cone(const field_stack *v, int i) {
    const stage *s = v->s;
    const level *both[2] = {&v->levels[i], &v->levels[i + 1]};
    paint look = stage_stroke(s, color_faded(s->theme->accent, 0.75f), 1.4f);
    if (!level_joined(both[0]) || !level_joined(both[1])) return;
    for (int k = 0; k < 4; k++) {
        const bool bottom = k >= 2, end = k == 1 || k == 2;
        if (v->dims == 1 && bottom) continue;
        point p[2];
        for (int n = 0; n < 2; n++) {
            const level *t = both[n];
            float row = (float)(bottom ? t->last[1] + 1 : t->first[1]) + (v->dims == 1 && n ? 1 : 0);
            p[n] = level_at(t, 0, row, (float)(end ? t->last[2] + 1 : t->first[2]));
        }
        draw_line(s->list, p[0], p[1], look);
    }
}

static void draw_stack(field_stack *v, box area) {
    const bool volumes = v->dims == 3;
    if (volumes)
        volume_place(v, area);
    else
        place_levels(v, area);
    for (int i = 0; i < v->count; i++) {
        (volumes ? volume_draw : draw_level)(v, &v->levels[i], level_role(v, i));
        if (i + 1 == v->count) break;
        if (volumes)
            volume_cone(v, &v->levels[i], &v->levels[i + 1]);
        else
            draw_cone(v, i);
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
static void level_name(const field_stack *v, int i, char *text, int size) {
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

enum { NUMBERS = 3, NUMBER_TEXT = 3 * NUMBER_NOTE };
static const char *const number_heads[NUMBERS] = {N_("size"), N_("jump"), N_("start")};

/* One number where all axes have the same, else one for each: "1×3×3". */
static void put_axes(char *text, size_t size, const double *values, int dims, const char *between) {
    int count = 1;
    size_t used = 0;
    for (int k = 1; k < dims && k < CONV_MAX_SPATIAL; k++)
        if (values[k] != values[0]) count = dims;
    for (int k = 0; k < count && k < CONV_MAX_SPATIAL && used < size; k++) {
        char number[NUMBER_NOTE];
        short_number(number, sizeof number, values[k], NUMBER_DIGITS);
        used += (size_t)snprintf(text + used, size - used, "%s%s", k ? between : "", number);
    }
}

/* Size, jump and start of the field of a layer's outputs. */
static bool read_numbers(const field_stack *v, int layer, char text[NUMBERS][NUMBER_TEXT]) {
    double values[NUMBERS][3] = {0};
    for (int k = 0; k < v->dims; k++) {
        conv_field f = conv_field_identity();
        if (layer >= 0 && conv_network_field(v->network, layer, k, &f, NULL) != CONV_OK) return false;
        values[0][k] = (double)f.size;
        values[1][k] = f.jump;
        values[2][k] = f.start;
    }
    for (int k = 0; k < NUMBERS; k++) put_axes(text[k], NUMBER_TEXT, values[k], v->dims, k ? ", " : "×");
    return true;
}

/* The words and numbers beside the stack, one row for each level, and the room they take. */
typedef struct level_table {
    char names[LEVELS_MOST][160], shapes[LEVELS_MOST][64], numbers[LEVELS_MOST][NUMBERS][NUMBER_TEXT];
    float size;                  /* of type */
    float columns[NUMBERS], all; /* pixels: of the numbers, each and together */
    float name_width, widest;    /* of the names as they are and as they would like to be */
} level_table;

static void read_table(const field_stack *v, level_table *t, float step) {
    const stage *s = v->s;
    const float u = s->unit;
    t->size = fminf(13 * u, step * 0.8f);
    t->widest = t->all = 0;
    for (int k = 0; k < NUMBERS; k++)
        t->columns[k] = stage_width(s, FACE_WORDS, TYPE_SMALL * u, tr(s->language, number_heads[k]));
    for (int i = 0; i < v->count; i++) {
        const level *l = &v->levels[i];
        level_name(v, i, t->names[i], sizeof t->names[i]);
        conv_shape_text(field_stack_shape(v, l->layer), t->shapes[i], sizeof t->shapes[i]);
        t->widest = fmaxf(t->widest, stage_width(s, FACE_MONO, t->size, t->names[i]));
        t->widest = fmaxf(t->widest, stage_width(s, FACE_MONO, t->size * 0.92f, t->shapes[i]));
        t->numbers[i][0][0] = 0;
        if (!read_numbers(v, l->layer, t->numbers[i])) continue;
        for (int k = 0; k < NUMBERS; k++)
            t->columns[k] = fmaxf(t->columns[k], stage_width(s, FACE_MONO, t->size * 1.1f, t->numbers[i][k]));
    }
    for (int k = 0; k < NUMBERS; k++) t->all += t->columns[k] += 14 * u;
    t->name_width = t->widest;
}

/* Name over shape where the row is high enough for both, else the name alone; a long name takes several lines. */
static void draw_row(const field_stack *v, const level_table *t, int i, float x, float y, float step) {
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

static void draw_table(const field_stack *v, const level_table *t, box area) {
    const stage *s = v->s;
    const float u = s->unit;
    float right = area.x + t->name_width;
    for (int k = 0; k < NUMBERS; k++) {
        right += t->columns[k];
        stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
        stage_text(s, right, area.y - 8 * u, ANCHOR_RIGHT, FACE_WORDS, TYPE_SMALL * u, s->theme->ink_soft,
                   tr(s->language, number_heads[k]));
        for (int i = 0; i < v->count; i++) {
            const level *l = &v->levels[i];
            stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
            if (k == 0) draw_row(v, t, i, area.x, l->middle, l->room);
            stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
            if (t->numbers[i][0][0])
                stage_text(s, right, l->middle, ANCHOR_RIGHT, FACE_MONO, t->size * 1.1f, s->theme->ink,
                           t->numbers[i][k]);
        }
    }
    stage_tag(s, tag_none());
}

/* Slices in as many columns as give the largest cells, each under a line of `label` pixels. */
static float heat_cell(const level *input, box area, float gap, float label, int64_t *across) {
    float best = 0;
    for (int64_t k = 1; k <= input->size[0]; k++) {
        const int64_t lines = (input->size[0] + k - 1) / k;
        float wide = (area.width - gap * (float)(k - 1)) / (float)(k * input->size[2]);
        float side = fminf(wide, (area.height - (gap + label) * (float)lines + gap) / (float)(lines * input->size[1]));
        if (side <= best) continue;
        best = side;
        *across = k;
    }
    return best;
}

static paint frame_look(const stage *s, int line) {
    const color pale = {255, 255, 255, 235};
    return line == 0 ? stage_stroke(s, pale, 4.4f) : stage_stroke(s, s->theme->roles[ROLE_INPUT].strong, 2.2f);
}

static void draw_heat(const field_stack *v, plane *p, int64_t slice) {
    const stage *s = v->s;
    const level *input = &v->levels[0];
    const int64_t cells = input->size[1] * input->size[2];
    stage_tag(s, (tag){.kind = TAG_TENSOR, .role = ROLE_INPUT, .part = v->index, .index = -1});
    for (int64_t r = 0; r < input->size[1] && cells <= LEVEL_GRID_MOST; r++)
        for (int64_t c = 0; c < input->size[2]; c++) {
            const int64_t at = (slice * input->size[1] + r) * input->size[2] + c;
            float heat = p->of->high > 0 ? v->influence[at] / p->of->high : 0;
            stage_tag(s, (tag){.kind = TAG_CELL, .role = ROLE_INPUT, .part = v->index, .index = at});
            plane_wash(s, p, (float)r, (float)c, 1, 1, (paint){.fill = theme_heat(heat)});
        }
    if (cells > LEVEL_GRID_MOST) plane_draw(s, p, NULL, NULL);
    stage_tag(s, tag_none());
    if (slice < v->rest_first[0] || slice > v->rest_last[0] || v->rest_first[2] > v->rest_last[2]) return;
    const float rows = (float)(v->rest_last[1] - v->rest_first[1] + 1);
    const float columns = (float)(v->rest_last[2] - v->rest_first[2] + 1);
    for (int line = 0; line < 2; line++) /* with a pale rim it is seen on the darkest and on the brightest heat */
        plane_outline(s, p, (float)v->rest_first[1], (float)v->rest_first[2], rows, columns, 0, frame_look(s, line));
}

/* "slice 1" over its map, or the number alone over a narrow one. */
static void name_slice(const stage *s, int64_t slice, point over, float width) {
    const float size = TYPE_SMALL * s->unit;
    char text[64];
    tr_format(s->language, text, sizeof text, N_("slice {0}"), "d", slice);
    if (!stage_fits(s, FACE_WORDS, size, text, width)) snprintf(text, sizeof text, "%lld", (long long)slice);
    if (!stage_fits(s, FACE_WORDS, size, text, width)) return;
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_text(s, over.x, over.y, ANCHOR_LEFT, FACE_WORDS, size, s->theme->ink_soft, text);
    stage_tag(s, tag_none());
}

/* Where the maps of the slices stand. */
typedef struct heat_room {
    float side, gap, label, head; /* a cell; between maps; the lines over a map and over all of them */
    int64_t across;
    int lines; /* that say what it is */
} heat_room;

#define HEAT_CELL 52.0f
enum { HEAT_SLICES = 64 };

static const char *heat_meaning(const stage *s) {
    return tr(s->language, N_("how much the cell changes with each input cell"));
}

#define KEY_ROOM 24.0f

/* What heat and frame mean: under the words over the maps. */
static void draw_key(const field_stack *v, point at, float width) {
    enum { SHADES = 16 };
    const stage *s = v->s;
    const float u = s->unit, size = TYPE_SMALL * u, shade = 5 * u, high = 9 * u;
    const char *most = tr(s->language, N_("most")), *frame = tr(s->language, N_("frame: the theoretical field"));
    const float none = stage_width(s, FACE_WORDS, size, "0") + 6 * u, bar = SHADES * shade;
    const float all = none + bar + 6 * u + stage_width(s, FACE_WORDS, size, most);
    if (all > width) return;
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_text(s, at.x, at.y, ANCHOR_LEFT, FACE_WORDS, size, s->theme->ink_soft, "0");
    for (int k = 0; k < SHADES; k++)
        draw_rect(s->list, (box){at.x + none + (float)k * shade, at.y - high / 2, shade + 0.5f, high}, 0,
                  (paint){.fill = theme_heat(((float)k + 0.5f) / SHADES)});
    stage_text(s, at.x + none + bar + 6 * u, at.y, ANCHOR_LEFT, FACE_WORDS, size, s->theme->ink_soft, most);
    const float mark = at.x + all + 22 * u, words = mark + 18 * u;
    if (v->rest_first[2] > v->rest_last[2] || words + stage_width(s, FACE_WORDS, size, frame) > at.x + width) return;
    draw_rect(s->list, (box){mark, at.y - 5 * u, 10 * u, 10 * u}, 2 * u, frame_look(s, 1));
    stage_text(s, words, at.y, ANCHOR_LEFT, FACE_WORDS, size, s->theme->ink_soft, frame);
}

static heat_room heat_measure(const field_stack *v, float width, float height) {
    const level *input = &v->levels[0];
    const float u = v->s->unit;
    text_line broken[4];
    heat_room r = {.gap = 8 * u, .across = 1};
    r.lines = text_break(v->s->fonts, FACE_WORDS, TYPE_SMALL * u, heat_meaning(v->s), width, broken, 4);
    r.head = (28 + TYPE_SMALL * 1.38f * (float)r.lines + KEY_ROOM) * u;
    r.label = input->size[0] > 1 ? TYPE_SMALL * 1.38f * u : 0;
    r.side = fminf(heat_cell(input, (box){0, 0, width, height - r.head}, r.gap, r.label, &r.across), HEAT_CELL * u);
    return r;
}

/* How wide the maps are and the words over them want to be, at most that. */
static float heat_width(const field_stack *v, float width, float height) {
    const heat_room r = heat_measure(v, width, height);
    const float maps = (float)r.across * (r.side * (float)v->levels[0].size[2] + r.gap) - r.gap;
    return fminf(width, fmaxf(maps, stage_width(v->s, FACE_WORDS, TYPE_SMALL * v->s->unit, heat_meaning(v->s)) + 1));
}

/* The input with the weight of each cell as heat, and the theoretical field's outline on it. */
static void draw_influence(const field_stack *v, box area) {
    const stage *s = v->s;
    const level *input = &v->levels[0];
    const float u = s->unit;
    const heat_room r = heat_measure(v, area.width, area.height);
    const float width = r.side * (float)input->size[2] + r.gap;
    const float pitch = r.label + r.side * (float)input->size[1] + r.gap;
    const float free = area.height - r.head - pitch * (float)((input->size[0] + r.across - 1) / r.across) + r.gap;
    const float top = floorf(area.y + r.head + fmaxf(0, free / 2));
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_text_fitted(s, area.x, top - r.head + 10 * u, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u, s->theme->ink,
                      tr(s->language, N_("effective field")), area.width);
    stage_tag(s, (tag){.kind = TAG_LABEL, .index = -1});
    stage_paragraph(s, (point){area.x, top - r.head + 21 * u}, area.width, FACE_WORDS, TYPE_SMALL * u,
                    s->theme->ink_soft, heat_meaning(s), r.lines);
    if (!v->awaited) draw_key(v, (point){area.x, top - (KEY_ROOM * 0.5f + 4) * u}, area.width);
    if (v->awaited) { /* in the middle of where it will be */
        stage_text_fitted(s, area.x + area.width / 2, area.y + (r.head + area.height) / 2, ANCHOR_MIDDLE, FACE_WORDS,
                          TYPE_LABEL * u, s->theme->ink_soft, tr(s->language, N_("measuring…")), area.width);
        return;
    }
    operand o;
    conv_shape shape = {.rank = 3, .size = {input->size[0], input->size[1], input->size[2]}};
    operand_plain(s, &o, ROLE_OUTPUT, v->index, &shape, v->influence);
    o.low = 0;
    o.pictured = true;
    o.layer = -1; /* no layer's output: nothing flies there */
    for (int64_t slice = 0; slice < input->size[0]; slice++) {
        plane p = {.of = &o, .lead = slice, .known = INT64_MAX, .right = {r.side, 0}, .down = {0, r.side}};
        p.origin = (point){floorf(area.x + width * (float)(slice % r.across)),
                           top + r.label + pitch * (float)(slice / r.across)};
        draw_heat(v, &p, slice);
        if (r.label > 0) name_slice(s, slice, (point){p.origin.x, p.origin.y - r.label / 2}, width - r.gap);
    }
}

/* How wide the stack would be if nothing stood beside it. */
static float wanted_width(const field_stack *v, float height) {
    return v->dims == 3 ? volume_width(v, height) : highest_cell(v, height / (float)v->count) * widest_level(v);
}

/* The words get the room they need as far as stack and heat map keep theirs. */
static void draw_all(field_stack *v) {
    stage *s = v->s;
    level_table table;
    box a = s->area;
    const float gap = 26 * s->unit, head = 24 * s->unit, high = a.height - head, step = high / (float)v->count;
    read_table(v, &table, step);
    const float least_map = 110 * s->unit;
    float free = a.width - 2 * gap - table.all;
    const bool heat = (v->influence || v->awaited) && v->levels[0].size[0] <= HEAT_SLICES && free > 2.6f * least_map &&
                      high > least_map;
    if (!heat) free += gap;
    float stack = !heat          ? fminf(free * 0.5f, wanted_width(v, high))
                  : v->dims == 3 ? fminf(free * 0.4f, wanted_width(v, high))
                                 : fminf(free * 0.3f, step * 2.2f);
    float map = heat ? fmaxf(free * 0.3f, fminf(free * 0.42f, high - 60 * s->unit)) : 0;
    if (heat) map = fmaxf(fminf(map, free - stack - table.widest), free * 0.34f); /* rather whole names */
    table.name_width = fminf(table.widest, free - stack - map);
    if (heat)
        map = heat_width(v, fminf(free - stack - table.name_width, fmaxf(high, 300 * s->unit)), high);
    else
        stack = fminf(free - table.name_width, wanted_width(v, high));
    if (s->scene->part_count == 1) a.x += (free - stack - table.name_width - map) / 2; /* several begin alike */
    draw_stack(v, (box){a.x, a.y + head, stack, high});
    draw_table(v, &table, (box){a.x + stack + gap, a.y + head, 0, high});
    const float right = a.x + stack + table.name_width + table.all + 2 * gap;
    if (heat) draw_influence(v, (box){right, a.y + head, map, high});
}

float field_picture(stage *s, int index, float most, bool draw) {
    field_stack *v = memory_zeroed(1, sizeof *v);
    if (!v) return -1;
    *v = (field_stack){.s = s, .index = index};
    (void)most;
    if (!draw) { /* several fields lie beside each other where words and numbers leave them their shape */
        const float side = fminf(fmaxf(s->area.width - WORDS_WIDTH * s->unit, 1), s->area.height);
        memory_free(v);
        return side;
    }
    if (!field_stack_read(v)) {
        stage_message(s, tr(s->language, N_("Only operations that slide along axes have a receptive field to draw.")));
        goto done;
    }
    v->influence = s->settings->measuring ? field_stack_known(v, &v->awaited) : field_stack_influence(v);
    v->awaited = v->awaited && !v->influence;
    draw_all(v);
done:
    memory_free(v);
    return 0;
}

/* Reads the stack of a part outside of a drawing; only what does not depend on the picture is to be asked of it. */
static bool read_part(field_stack *v, stage *s, const figure_settings *settings, scene *shown, int index) {
    *s = (stage){.scene = shown, .document = shown->document, .settings = settings};
    *v = (field_stack){.s = s, .index = index};
    return field_stack_read(v);
}

bool field_known(scene *s, int index) {
    figure_settings settings;
    stage around;
    field_stack v;
    bool makes;
    figure_defaults(&settings);
    return !read_part(&v, &around, &settings, s, index) || field_stack_known(&v, &makes) || !makes;
}

bool field_measure(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f) {
    figure_settings settings;
    stage around;
    field_stack v;
    bool makes;
    (void)engine; /* the network has its own */
    if (stopped(stop)) return false;
    figure_defaults(&settings);
    if (!read_part(&v, &around, &settings, s, index) || field_stack_known(&v, &makes) || !makes) return true;
    return field_stack_influence(&v) || fail_memory(f);
}
