#include "plane.h"
#include "app/system/memory.h"
#include "recall.h"
#include "short_number.h"
#include "symbol.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Cells smaller than this (units) become a picture. */
#define CELL_LEAST 4.0f
enum { PICTURE_MOST = 2048, TILTED_MOST = 900 };

point plane_at(const plane *p, float row, float column) {
    return (point){p->origin.x + p->right.x * column + p->down.x * row,
                   p->origin.y + p->right.y * column + p->down.y * row};
}

point plane_middle(const plane *p, float row, float column) {
    return plane_at(p, row + 0.5f, column + 0.5f);
}

bool plane_place(const plane *p, point at, float *row, float *column) {
    const float area = p->right.x * p->down.y - p->right.y * p->down.x;
    const point d = {at.x - p->origin.x, at.y - p->origin.y};
    if (area == 0) return false;
    *row = (p->right.x * d.y - p->right.y * d.x) / area;
    *column = (d.x * p->down.y - d.y * p->down.x) / area;
    return true;
}

point plane_edge(const plane *p, float row, float column, point from) {
    const point middle = plane_middle(p, row, column);
    float from_row, from_column;
    if (!plane_place(p, from, &from_row, &from_column)) return middle;
    float most = fmaxf(fabsf(from_column - column - 0.5f), fabsf(from_row - row - 0.5f));
    return most > 0.5f ? point_mixed(middle, from, 0.5f / most) : middle;
}

/* A cell's width where it lies flat, half of it where it is tilted. */
static float unit_of(const plane *p) {
    if (p->upright) return hypotf(p->right.x, p->right.y);
    return p->tilted ? hypotf(p->right.x, p->right.y) * 0.894f : p->right.x;
}

float plane_cell(const plane *p) {
    return p->tilted && !p->upright ? 2 * unit_of(p) : unit_of(p);
}

box plane_box(const plane *p) {
    const operand *o = p->of;
    float rows[2] = {(float)-o->before[1], (float)(o->rows + o->after[1])};
    float columns[2] = {(float)-o->before[2], (float)(o->columns + o->after[2])};
    point low = plane_at(p, rows[0], columns[0]), high = low;
    for (int i = 1; i < 4; i++) {
        point c = plane_at(p, rows[i & 1], columns[i >> 1]);
        low = (point){fminf(low.x, c.x), fminf(low.y, c.y)};
        high = (point){fmaxf(high.x, c.x), fmaxf(high.y, c.y)};
    }
    return (box){low.x, low.y, high.x - low.x, high.y - low.y};
}

/* Rows as a part of rows and columns together: a tilted plane's left corner lies that far down its box. */
static float rows_part(const plane *p) {
    const operand *o = p->of;
    float rows = (float)(o->rows + o->before[1] + o->after[1]);
    float columns = (float)(o->columns + o->before[2] + o->after[2]);
    return rows + columns > 0 ? rows / (rows + columns) : 0.5f;
}

point plane_left(const plane *p) {
    box b = plane_box(p);
    return (point){b.x, b.y + b.height * rows_part(p)};
}

point plane_right(const plane *p) {
    box b = plane_box(p);
    return (point){b.x + b.width, b.y + b.height * (1 - rows_part(p))};
}

point plane_back(const plane *p) {
    box b = plane_box(p);
    return (point){b.x + b.width * rows_part(p), b.y};
}

bool plane_crossed(const plane *p, point from, point to, point *enters, point *leaves) {
    const operand *o = p->of;
    const float least[2] = {(float)-o->before[1], (float)-o->before[2]};
    const float most[2] = {(float)(o->rows + o->after[1]), (float)(o->columns + o->after[2])};
    float at[2][2], first = 0, last = 1; /* row and column of both ends; the part of the line that is inside */
    if (!plane_place(p, from, &at[0][0], &at[0][1]) || !plane_place(p, to, &at[1][0], &at[1][1])) return false;
    for (int k = 0; k < 2; k++) {
        const float step = at[1][k] - at[0][k];
        if (step == 0 && (at[0][k] < least[k] || at[0][k] > most[k])) return false;
        if (step == 0) continue;
        const float low = (least[k] - at[0][k]) / step, high = (most[k] - at[0][k]) / step;
        first = fmaxf(first, fminf(low, high));
        last = fminf(last, fmaxf(low, high));
    }
    if (first >= last) return false;
    *enters = point_mixed(from, to, first);
    *leaves = point_mixed(from, to, last);
    return true;
}

void plane_turn(plane *p, float turned) {
    const float angle = 3.14159265f * turned, c = cosf(angle), n = sinf(angle);
    const point middle = plane_at(p, (float)p->of->rows / 2, (float)p->of->columns / 2);
    if (!p->tilted) { /* as polygons; a tilted plane turns in its own plane */
        p->right = (point){p->right.x * c, p->right.x * n};
        p->down = (point){-p->down.y * n, p->down.y * c};
        p->tilted = true;
        p->upright = true;
    } else {
        const point right = p->right, down = p->down;
        p->right = (point){right.x * c + down.x * n, right.y * c + down.y * n};
        p->down = (point){down.x * c - right.x * n, down.y * c - right.y * n};
    }
    const point now = plane_at(p, (float)p->of->rows / 2, (float)p->of->columns / 2);
    p->origin = (point){p->origin.x + middle.x - now.x, p->origin.y + middle.y - now.y};
}

/* A quadrilateral of the plane: a rectangle where the plane lies flat. */
static void draw_quad(const stage *s, const plane *p, float row, float column, float rows, float columns, float grow,
                      float radius, paint look) {
    if (!p->tilted) {
        point a = plane_at(p, row, column);
        box b = {a.x - grow, a.y - grow, p->right.x * columns + 2 * grow, p->down.y * rows + 2 * grow};
        draw_rect(s->list, b, radius, look);
        return;
    }
    point corner[4] = {plane_at(p, row, column), plane_at(p, row, column + columns),
                       plane_at(p, row + rows, column + columns), plane_at(p, row + rows, column)};
    corner[0].y -= grow;
    corner[1].x += grow * 2;
    corner[2].y += grow;
    corner[3].x -= grow * 2;
    draw_polygon(s->list, corner, 4, look);
}

void plane_outline(const stage *s, const plane *p, float row, float column, float rows, float columns, float grow,
                   paint stroke) {
    draw_quad(s, p, row, column, rows, columns, grow, 2 * s->unit, stroke);
}

void plane_wash(const stage *s, const plane *p, float row, float column, float rows, float columns, paint fill) {
    draw_quad(s, p, row, column, rows, columns, 0, 0, fill);
}

/* ---- one cell ---- */

static void draw_dots(const stage *s, const plane *p, const grid_cell *c, const paint *ground) {
    float unit = p->right.x, radius = fmaxf(1.3f, unit * 0.042f);
    color ink = theme_ink_on(s->theme, s->theme->roles[ROLE_WEIGHT].ink, ground->fill, ground->hatch);
    point at = plane_at(p, (float)c->row, (float)c->column + 1);
    at.x -= unit * 0.12f;
    at.y += unit * 0.13f;
    if (c->dots > 5) {
        char text[NUMBER_SIZE];
        short_number(text, sizeof text, (double)c->dots, NUMBER_DIGITS);
        stage_text(s, at.x + radius, at.y + radius, ANCHOR_RIGHT, FACE_MONO, fmaxf(7, unit * 0.19f), ink, text);
        return;
    }
    for (int64_t i = 0; i < c->dots; i++)
        draw_circle(s->list, (point){at.x - (float)i * radius * 2.8f, at.y}, radius, (paint){.fill = ink});
}

/* Does a line cross a box? */
static bool crosses(const plane_line *l, box b) {
    const float from[2] = {l->from.x, l->from.y}, step[2] = {l->to.x - l->from.x, l->to.y - l->from.y};
    const float least[2] = {b.x, b.y}, most[2] = {b.x + b.width, b.y + b.height};
    float first = 0, last = 1;
    for (int k = 0; k < 2; k++) {
        if (step[k] == 0 && (from[k] < least[k] || from[k] > most[k])) return false;
        if (step[k] == 0) continue;
        const float low = (least[k] - from[k]) / step[k], high = (most[k] - from[k]) / step[k];
        first = fmaxf(first, fminf(low, high));
        last = fminf(last, fmaxf(low, high));
    }
    return first < last;
}

/* The line behind the numbers stops at this one: else it would strike it out. */
static void part_line(const stage *s, const plane *p, point middle, float width, float size, const paint *ground) {
    const box b = {middle.x - width / 2 - 2 * s->unit, middle.y - size * 0.52f, width + 4 * s->unit, size * 1.04f};
    if (!p->under || !p->inked || !crosses(p->under, b)) return;
    const tag before = s->list->current;
    stage_tag(s, tag_none());
    draw_rect(s->list, b, 2 * s->unit, (paint){.fill = ground->fill});
    stage_tag(s, before);
}

/* `ground` is what the number stands on. */
static void draw_number(const stage *s, const plane *p, const grid_cell *c, color ink, const paint *ground) {
    const operand *o = p->of;
    if (!o->digits || p->quiet || (p->bare && !(p->lit > 0 && p->lit == c->index + 1))) return;
    point middle = plane_middle(p, (float)c->row, (float)c->column);
    float size = o->size, down = p->tilted ? p->right.y * 2 : p->down.y;
    bool note = c->note[0] && !p->tilted && down >= 30;
    char text[NUMBER_SIZE];
    if (note || c->dots) middle.y -= note ? down * 0.1f : 0;
    if (c->dots && !p->tilted) middle.y += down * 0.05f;
    const float high = p->tilted ? 0 : down * 0.86f;
    if (c->factors[0] && symbol_product(s, c->factors, c->factor, middle, size, p->right.x * 0.88f, high, ink)) return;
    if (o->symbols && c->index >= 0 && !(c->rim && o->cut)) {
        part_line(s, p, middle, size * 1.9f, size, ground);
        symbol_draw(s, o, middle, c->index, size, o->size * 1.9f, ink);
    } else {
        const bool plus = o->addends && c->value >= 0;
        const float room = fmaxf(8, unit_of(p) * (p->tilted && !p->upright ? 1.3f : 0.94f));
        text[0] = '+';
        for (int digits = o->digits; digits > 0; digits--) { /* rather fewer digits than cut ones */
            if (!short_number(text + 1, sizeof text - 1, (double)c->value, digits)) break;
            if (!stage_fits(s, FACE_MONO, size, text + !plus, room)) continue;
            part_line(s, p, middle, stage_width(s, FACE_MONO, size, text + !plus), size, ground);
            stage_text_fitted(s, middle.x, middle.y, ANCHOR_MIDDLE, FACE_MONO, size, ink, text + !plus, room);
            break;
        }
    }
    if (!note) return;
    float small = fmaxf(8, fminf(down * 0.21f, size * 0.75f));
    if (!stage_fits(s, FACE_MONO_BOLD, small, c->note, p->right.x * 0.94f)) return;
    if (c->note_role != ROLE_NONE)
        ink = theme_ink_on(s->theme, stage_ink(s, c->note_role), ground->fill, ground->hatch);
    stage_text_fitted(s, middle.x, middle.y + size * 0.5f + small * 0.62f, ANCHOR_MIDDLE, FACE_MONO_BOLD, small, ink,
                      c->note, p->right.x * 0.94f);
}

/* The grid of the rim: each line once, dashed; the real cells lie over it. Nothing behind it shows through. */
static void draw_rim_grid(const stage *s, const plane *p) {
    const operand *o = p->of;
    float unit = plane_cell(p), keep = 1 - p->fade * 0.65f;
    float top = (float)-o->before[1], bottom = (float)(o->rows + o->after[1]);
    float left = (float)-o->before[2], right = (float)(o->columns + o->after[2]);
    paint look = {.stroke = color_faded(s->theme->padding_line, keep),
                  .width = fmaxf(1, s->line * 0.9f),
                  .dash = fmaxf(2, unit * 0.08f),
                  .gap = fmaxf(1.5f, unit * 0.06f)};
    stage_tag(s, (tag){.kind = TAG_TENSOR, .role = o->role, .part = o->part, .layer = o->layer, .index = p->lead});
    draw_quad(s, p, top, left, bottom - top, right - left, 0, 0, (paint){.fill = s->theme->background});
    for (int64_t row = -o->before[1]; row <= o->rows + o->after[1]; row++)
        draw_line(s->list, plane_at(p, (float)row, left), plane_at(p, (float)row, right), look);
    for (int64_t column = -o->before[2]; column <= o->columns + o->after[2]; column++)
        draw_line(s->list, plane_at(p, top, (float)column), plane_at(p, bottom, (float)column), look);
}

/* The number alone, and a clear box to point at: the lines are the grid's. */
static void draw_rim_cell(const stage *s, const plane *p, const grid_cell *c) {
    float keep = (1 - p->fade * 0.65f) * (1 - c->veil * 0.7f);
    if (!p->inked) draw_quad(s, p, (float)c->row, (float)c->column, 1, 1, 0, 0, (paint){0});
    const paint ground = {.fill = s->theme->background};
    const color ink = color_mixed(s->theme->background, s->theme->padding_ink, keep);
    draw_number(s, p, c, theme_ink_on(s->theme, ink, ground.fill, ground.hatch), &ground);
}

static void draw_real_cell(const stage *s, const plane *p, const grid_cell *c) {
    const operand *o = p->of;
    color ink = s->theme->ink;
    paint look = {.fill = s->theme->panel};
    if (c->known) look = theme_cell(s->theme, o->role, c->value, o->scale, &ink);
    if (c->unread) look = theme_unread(s->theme, o->role, &ink);
    float keep = (1 - p->fade * 0.7f) * (1 - c->veil * 0.75f);
    if (!c->known || c->unread) look.stroke = s->theme->roles[o->role].line;
    look.width = s->line;
    if (keep < 1) {
        look.fill = color_mixed(s->theme->background, look.fill, keep);
        look.hatch = color_faded(look.hatch, keep);
        look.stroke = color_faded(look.stroke, keep);
        ink = color_mixed(s->theme->background, ink, 0.35f + 0.65f * keep);
        if (o->digits) ink = theme_ink_on(s->theme, ink, look.fill, look.hatch); /* paler, but never too pale to read */
    }
    if (plane_cell(p) < 13 * s->unit) look.hatch.a = 0; /* too fine to be told apart */
    if (p->tilted && !p->upright && c->known) {         /* parted by gaps, not by lines */
        look.stroke = s->theme->background;
        look.width = fminf(1.5f * s->unit, plane_cell(p) * 0.05f);
    }
    if (c->known && p->lit > 0 && p->lit == c->index + 1) {
        look = (paint){.fill = s->theme->roles[o->role].ink}; /* bright in the dark, deep in the light */
        ink = theme_on(s->theme, look.fill);
    }
    if (!p->inked) draw_quad(s, p, (float)c->row, (float)c->column, 1, 1, 0, 0, look);
    if (c->known) draw_number(s, p, c, ink, &look);
    if (c->dots && plane_cell(p) >= 20 && !p->tilted && !p->quiet) draw_dots(s, p, c, &look);
}

static tag cell_tag(const operand *o, const grid_cell *c) {
    tag t = {.kind = TAG_CELL, .role = o->role, .part = o->part, .layer = o->layer, .index = c->index};
    if (c->rim) {
        t.kind = TAG_PADDING;
        t.index = (c->row + 32768) * 65536 + c->column + 32768;
    }
    return t;
}

/* The cell as its operand has it. A cut rim reads the values before the cut. */
static void read_cell(const plane *p, int64_t row, int64_t column, grid_cell *c) {
    const operand *o = p->of;
    *c = (grid_cell){.row = row, .column = column, .index = -1, .known = true};
    c->rim = row < 0 || column < 0 || row >= o->rows || column >= o->columns || p->slice < 0 || p->slice >= o->slices;
    if (c->rim && o->cut) {
        int64_t rows = o->rows + o->before[1] + o->after[1], columns = o->columns + o->before[2] + o->after[2];
        int64_t slices = o->slices + o->before[0] + o->after[0];
        int64_t at = ((p->lead * slices + p->slice + o->before[0]) * rows + row + o->before[1]) * columns + column +
                     o->before[2];
        c->value = o->rim ? o->rim[at] : NAN;
        return;
    }
    c->index =
        c->rim ? operand_source(o, p->lead, p->slice, row, column) : operand_index(o, p->lead, p->slice, row, column);
    const float *values = p->values ? p->values : o->values;
    c->value = c->index >= 0 ? values[c->index] : o->constant;
    if (!c->rim) c->known = c->index < p->known && !isnan(c->value);
}

/* ---- whole planes ---- */

typedef struct pixels {
    int columns, rows;
    int64_t steps; /* of the state that they show */
    color *at;
} pixels;

static void pixels_destroy(void *data) {
    pixels *p = data;
    memory_free(p->at);
    memory_free(p);
}

static uint8_t level(const operand *o, float value) {
    float white = o->scale > 1.5f ? 255 : 1;
    return (uint8_t)lroundf(fminf(1, fmaxf(0, value / white)) * 255);
}

static color pixel_color(const stage *s, const operand *o, float value) {
    if (isnan(value)) return s->theme->panel;
    if (o->photo) {
        uint8_t v = level(o, value);
        return (color){v, v, v, 255};
    }
    if (o->role == ROLE_OUTPUT || o->pictured) {
        float span = o->high - o->low;
        return theme_heat(span > 0 ? (value - o->low) / span : 0.5f);
    }
    color ink;
    return theme_cell(s->theme, o->role, value, o->scale, &ink).fill;
}

/* The colours of a tensor's values, made once: a picture has millions of them. */
enum { SHADES = 2048 };
typedef struct shades {
    color at[SHADES];
    float low, steps; /* of a value: (value - low) * steps */
} shades;

static void make_shades(const stage *s, const operand *o, shades *made) {
    bool span = o->role == ROLE_OUTPUT && !o->photo;
    float low = span ? o->low : -o->scale, high = span ? o->high : o->scale;
    if (o->photo) low = 0, high = o->scale > 1.5f ? 255 : 1;
    made->low = low;
    made->steps = high > low ? (float)SHADES / (high - low) : 0;
    for (int i = 0; i < SHADES; i++) { /* the middle of each step: none of them stands on both sides of zero */
        made->at[i] = pixel_color(s, o, low + ((float)i + 0.5f) * (high - low) / (float)SHADES);
    }
}

static color shade_of(const stage *s, const shades *made, float value) {
    if (isnan(value)) return s->theme->panel;
    float at = (value - made->low) * made->steps;
    return made->at[at >= (float)SHADES ? SHADES - 1 : at > 0 ? (int)at : 0];
}

static color element_color(const stage *s, const operand *o, const shades *made, const float *values, int64_t at) {
    if (!o->photo || o->planes != 3) return shade_of(s, made, values[at]);
    int64_t step = o->rows * o->columns;
    return (color){level(o, values[at]), level(o, values[at + step]), level(o, values[at + 2 * step]), 255};
}

/* Mean colour of a few elements spread over the ones that a pixel covers. */
static color covered_color(const stage *s, const operand *o, const shades *made, const float *values, int64_t row,
                           int64_t rows, int64_t column, int64_t columns) {
    unsigned sum[3] = {0}, count = 0;
    int64_t down = rows > 3 ? rows / 3 : 1, right = columns > 3 ? columns / 3 : 1;
    for (int64_t y = 0; y < rows; y += down)
        for (int64_t x = 0; x < columns; x += right) {
            color c = element_color(s, o, made, values, (row + y) * o->columns + column + x);
            sum[0] += c.r;
            sum[1] += c.g;
            sum[2] += c.b;
            count++;
        }
    return (color){(uint8_t)(sum[0] / count), (uint8_t)(sum[1] / count), (uint8_t)(sum[2] / count), 255};
}

static void fill_pixels(const stage *s, const operand *o, const float *values, pixels *px) {
    shades made;
    make_shades(s, o, &made);
    for (int y = 0; y < px->rows; y++)
        for (int x = 0; x < px->columns; x++) {
            int64_t row = (int64_t)y * o->rows / px->rows, column = (int64_t)x * o->columns / px->columns;
            int64_t rows = (int64_t)(y + 1) * o->rows / px->rows - row;
            int64_t columns = (int64_t)(x + 1) * o->columns / px->columns - column;
            px->at[(size_t)y * (size_t)px->columns + (size_t)x] =
                covered_color(s, o, &made, values, row, rows > 0 ? rows : 1, column, columns > 0 ? columns : 1);
        }
}

enum { STEPS_ALL = -1, STEPS_UNKNOWN = -2 };

/* After how many steps the plane's values stand so. */
static int64_t plane_steps(const stage *s, const plane *p) {
    const scene_part *of = &s->scene->parts[p->of->part];
    return !p->values ? STEPS_ALL : p->values == of->state ? of->state_steps : STEPS_UNKNOWN;
}

/* The plane as a picture with about a pixel for each pixel of the stage: made once, kept with the scene. */
static const pixels *plane_pixels(const stage *s, const plane *p) {
    const operand *o = p->of;
    const float *values = p->values ? p->values : o->values;
    int64_t first = operand_index(o, p->lead, p->slice, 0, 0);
    float wide = fminf((float)o->columns, fmaxf(1, ceilf(p->right.x * (float)o->columns)));
    float high = fminf((float)o->rows, fmaxf(1, ceilf(p->down.y * (float)o->rows)));
    int columns = (int)fminf(wide, PICTURE_MOST), rows = (int)fminf(high, PICTURE_MOST);
    recall_key key = {RECALL_PICTURE, o->part * THEME_COUNT + (int)s->settings->theme, (int64_t)(intptr_t)values, first,
                      (int64_t)columns * PICTURE_MOST * 2 + rows};
    const int64_t steps = plane_steps(s, p);
    pixels *kept = recall(s->scene, key);
    if (kept && kept->steps == steps && steps != STEPS_UNKNOWN) return kept;
    if (!(kept = memory_zeroed(1, sizeof *kept))) return NULL;
    *kept = (pixels){columns, rows, steps, NULL};
    kept->at = memory_resize(NULL, (size_t)columns * (size_t)rows, sizeof *kept->at);
    if (!kept->at) {
        memory_free(kept);
        return NULL;
    }
    fill_pixels(s, o, values + first, kept);
    return recall_keep(s->scene, key, kept, pixels_destroy) ? kept : NULL;
}

/* Of the whole plane: its first element's index. */
static tag plane_tag(const plane *p) {
    const operand *o = p->of;
    return (tag){.kind = TAG_TENSOR,
                 .role = o->role,
                 .part = o->part,
                 .layer = o->layer,
                 .index = operand_index(o, p->lead, p->slice, 0, 0)};
}

static void draw_pictured(const stage *s, const plane *p) {
    const operand *o = p->of;
    bool whole = p->known >= operand_index(o, p->lead, p->slice, o->rows, 0);
    bool none = p->known <= operand_index(o, p->lead, p->slice, 0, 0);
    point a = plane_at(p, 0, 0);
    box b = {a.x, a.y, p->right.x * (float)o->columns, p->down.y * (float)o->rows};
    paint frame = {.stroke = s->theme->roles[o->role].line, .width = s->line};
    if (o->before[1] || o->before[2]) {
        paint rim = {.stroke = s->theme->padding_line, .width = s->line, .dash = 4, .gap = 3};
        stage_tag(s, tag_none());
        draw_rect(s->list, plane_box(p), 0, rim);
    }
    stage_tag(s, plane_tag(p));
    draw_rect(s->list, b, 0, (paint){.fill = s->theme->panel});
    const pixels *px = none ? NULL : plane_pixels(s, p);
    if (px && p->right.x < 1) { /* pixel for pixel */
        b.width = (float)px->columns;
        b.height = (float)px->rows;
    }
    if (px) {
        box shown = b;
        if (!whole) { /* whole rows, then the part of the row that is done */
            int64_t done = p->known - operand_index(o, p->lead, p->slice, 0, 0), row = done / o->columns;
            shown.height = p->down.y * (float)row;
            box rest = {b.x, b.y + shown.height, p->right.x * (float)(done % o->columns), p->down.y};
            if (rest.width > 0 && p->down.y >= 1.5f) {
                draw_clip(s->list, rest);
                draw_picture(s->list, b, px->at, px->columns, px->rows, false);
                draw_unclip(s->list);
            }
        }
        draw_clip(s->list, shown);
        draw_picture(s->list, b, px->at, px->columns, px->rows, false);
        draw_unclip(s->list);
    }
    if (p->fade > 0) draw_rect(s->list, b, 0, (paint){.fill = color_faded(s->theme->background, p->fade * 0.7f)});
    draw_rect(s->list, b, 0, frame);
}

/* A tilted plane of too many cells: one cell stands for a few. */
static void draw_coarse(const stage *s, const plane *p) {
    operand coarse = *p->of;
    plane q = *p;
    int64_t step = 1;
    while ((coarse.rows / step) * (coarse.columns / step) > TILTED_MOST) step++;
    for (int64_t row = 0; row < coarse.rows; row += step)
        for (int64_t column = 0; column < coarse.columns; column += step) {
            grid_cell c;
            read_cell(p, row, column, &c);
            paint look = {.fill = c.known ? pixel_color(s, &coarse, c.value) : s->theme->panel};
            float rows = fminf((float)step, (float)(coarse.rows - row));
            float columns = fminf((float)step, (float)(coarse.columns - column));
            draw_quad(s, &q, (float)row, (float)column, rows, columns, 0, 0, look);
        }
    paint frame = {.stroke = s->theme->roles[coarse.role].line, .width = s->line};
    draw_quad(s, &q, 0, 0, (float)coarse.rows, (float)coarse.columns, 0, 0, frame);
}

void plane_draw(const stage *s, const plane *p, painter *paint_cell, void *context) {
    const operand *o = p->of;
    tag before = s->list->current;
    bool real = p->slice >= 0 && p->slice < o->slices;
    bool many = o->rows * o->columns > (p->tilted ? 4 * TILTED_MOST : 6000);
    if (real && (many || (o->pictured && !p->tilted) || plane_cell(p) < CELL_LEAST * s->unit)) {
        if (p->tilted)
            draw_coarse(s, p);
        else
            draw_pictured(s, p);
        stage_tag(s, before);
        return;
    }
    if (p->under && !p->inked) { /* cells, the line, then the numbers */
        plane cells = *p, numbers = *p;
        cells.quiet = numbers.inked = true;
        cells.under = NULL;
        plane_draw(s, &cells, paint_cell, context);
        stage_tag(s, tag_none());
        draw_line(s->list, p->under->from, p->under->to, p->under->look);
        plane_draw(s, &numbers, paint_cell, context);
        stage_tag(s, before);
        return;
    }
    bool rimmed = !real || o->before[1] || o->before[2] || o->after[1] || o->after[2];
    if (rimmed && !p->inked) draw_rim_grid(s, p);
    for (int pass = 0; pass < 2; pass++) /* the rim first: a real cell's line lies over a dashed one */
        for (int64_t row = -o->before[1]; row < o->rows + o->after[1]; row++)
            for (int64_t column = -o->before[2]; column < o->columns + o->after[2]; column++) {
                bool rim = !real || row < 0 || column < 0 || row >= o->rows || column >= o->columns;
                if (rim != (pass == 0)) continue;
                grid_cell c;
                read_cell(p, row, column, &c);
                if (paint_cell) paint_cell(s, p, &c, context);
                stage_tag(s, s->inserted ? tag_none() : cell_tag(o, &c));
                if (rim)
                    draw_rim_cell(s, p, &c);
                else
                    draw_real_cell(s, p, &c);
            }
    stage_tag(s, before);
}
