/* The levels of a network of volumes: glass boxes, in each of them the box that the cell is joined to. */
#include "field_stack.h"

#include <math.h>

/* A cell's height over half its width, and how many times as high as a slice is wide a level may become. */
#define CELL_RISE 1.12f
#define RISE_MOST 1.6f
#define CELL_MOST 30.0f

/* Pixels between levels, and of the height for the words beside one, in units. */
#define LEVEL_GAP 24.0f
#define LEVEL_ROOM 44.0f

/* A slice's height over half a cell's width: very deep volumes are pressed together, all alike. */
static float rise(const field_stack *v) {
    float wide = 1, deep = 1;
    for (int i = 0; i < v->count; i++) {
        wide = fmaxf(wide, (float)(v->levels[i].size[1] + v->levels[i].size[2]));
        deep = fmaxf(deep, (float)v->levels[i].size[0]);
    }
    return fminf(CELL_RISE, RISE_MOST * wide / deep);
}

static float tall(const field_stack *v, const level *t) {
    return (float)(t->size[1] + t->size[2]) / 2 + rise(v) * (float)t->size[0];
}

static float room_of(const field_stack *v, const level *t, float side, float height) {
    const float least = fminf(LEVEL_ROOM * v->s->unit, height / (float)v->count);
    return fmaxf(least, side * tall(v, t) + fminf(LEVEL_GAP * v->s->unit, least * 0.5f));
}

static float needed(const field_stack *v, float side, float height) {
    float sum = 0;
    for (int i = 0; i < v->count; i++) sum += room_of(v, &v->levels[i], side, height);
    return sum;
}

static float largest(const field_stack *v, float height) {
    float low = 0, high = CELL_MOST * v->s->unit;
    for (int i = 0; i < 24; i++) {
        const float side = (low + high) / 2;
        *(needed(v, side, height) <= height ? &low : &high) = side;
    }
    return low;
}

static float widest(const field_stack *v) {
    float most = 1;
    for (int i = 0; i < v->count; i++) most = fmaxf(most, (float)(v->levels[i].size[1] + v->levels[i].size[2]));
    return most;
}

float volume_width(const field_stack *v, float height) {
    return largest(v, height) * widest(v);
}

void volume_place(field_stack *v, box area) {
    const float side = fminf(largest(v, area.height), area.width / widest(v));
    const float spare = (area.height - needed(v, side, area.height)) / (float)v->count;
    float bottom = area.y + area.height;
    for (int i = 0; i < v->count; i++) {
        level *t = &v->levels[i];
        const float rows = (float)t->size[1], columns = (float)t->size[2];
        t->room = room_of(v, t, side, area.height) + spare;
        t->middle = bottom - t->room / 2;
        t->right = (point){side, side / 2};
        t->down = (point){-side, side / 2};
        t->deep = (point){0, side * rise(v)};
        t->origin = (point){area.x + area.width / 2 + side * (rows - columns) / 2, t->middle - side * tall(v, t) / 2};
        bottom -= t->room;
    }
}

/* ---- boxes ---- */

/* Cells [first, last] of a level. */
typedef struct solid {
    const level *of;
    float first[3], end[3];
} solid;

static solid solid_of(const level *t, const int64_t first[3], const int64_t last[3]) {
    solid b = {.of = t};
    for (int k = 0; k < 3; k++) b.first[k] = (float)first[k], b.end[k] = (float)(last[k] + 1);
    return b;
}

/* A place on a wall, in cells down and across it. */
static point wall_at(const solid *b, int wall, float down, float across) {
    if (wall == WALL_ROW) return level_at(b->of, b->first[0] + down, b->end[1], b->first[2] + across);
    if (wall == WALL_COLUMN) return level_at(b->of, b->first[0] + down, b->first[1] + across, b->end[2]);
    return level_at(b->of, b->first[0], b->first[1] + down, b->first[2] + across);
}

static float wall_tall(const solid *b, int wall) {
    return wall == WALL_SLICE ? b->end[1] - b->first[1] : b->end[0] - b->first[0];
}

static float wall_wide(const solid *b, int wall) {
    return wall == WALL_COLUMN ? b->end[1] - b->first[1] : b->end[2] - b->first[2];
}

static void wall_quad(const stage *s, const solid *b, int wall, float down, float across, float high, float wide,
                      paint look) {
    point corner[4] = {wall_at(b, wall, down, across), wall_at(b, wall, down, across + wide),
                       wall_at(b, wall, down + high, across + wide), wall_at(b, wall, down + high, across)};
    draw_polygon(s->list, corner, 4, look);
}

static void wall_grid(const stage *s, const solid *b, int wall, paint thin) {
    const float high = wall_tall(b, wall), wide = wall_wide(b, wall);
    for (int k = 1; (float)k < wide; k++)
        draw_line(s->list, wall_at(b, wall, 0, (float)k), wall_at(b, wall, high, (float)k), thin);
    for (int k = 1; (float)k < high; k++)
        draw_line(s->list, wall_at(b, wall, (float)k, 0), wall_at(b, wall, (float)k, wide), thin);
}

/* The three edges that a solid box hides. */
static void hidden_edges(const stage *s, const solid *b, paint look) {
    const point back = level_at(b->of, b->end[0], b->first[1], b->first[2]);
    draw_line(s->list, back, level_at(b->of, b->first[0], b->first[1], b->first[2]), look);
    draw_line(s->list, back, level_at(b->of, b->end[0], b->end[1], b->first[2]), look);
    draw_line(s->list, back, level_at(b->of, b->end[0], b->first[1], b->end[2]), look);
}

/* Clear cells to point at. */
static void point_cells(const field_stack *v, const solid *b, int wall) {
    const level *t = b->of;
    const level_wall f = field_stack_wall(t->size, wall);
    tag mine = {.kind = TAG_CELL, .role = t->layer < 0 ? ROLE_INPUT : ROLE_OUTPUT, .part = v->index};
    mine.layer = t->layer < 0 ? 0 : t->layer;
    for (int64_t r = 0; r < f.tall; r++)
        for (int64_t c = 0; c < f.wide; c++) {
            mine.index = f.first + r * f.down + c * f.across;
            stage_tag(v->s, mine);
            wall_quad(v->s, b, wall, (float)r, (float)c, 1, 1, (paint){0});
        }
}

void volume_draw(const field_stack *v, const level *t, role r) {
    const stage *s = v->s;
    const role_colors *c = &s->theme->roles[r == ROLE_NONE ? ROLE_OUTPUT : r];
    const int64_t start[3] = {0}, stop[3] = {t->size[0] - 1, t->size[1] - 1, t->size[2] - 1};
    const int64_t cells = t->size[0] * t->size[1] + t->size[1] * t->size[2] + t->size[0] * t->size[2];
    const float side = fminf(t->right.x * 1.2f, t->deep.y);
    const bool whole = cells > LEVEL_POINTED_MOST || side < 5, grid = cells <= LEVEL_GRID_MOST && side >= 4;
    const solid all = solid_of(t, start, stop);
    const paint thin = {.stroke = color_faded(c->line, 0.5f), .width = fmaxf(0.7f, s->line * 0.7f)};
    const paint edge = {.stroke = c->line, .width = s->line};
    stage_tag(s, tag_none());
    hidden_edges(s, &all, thin);
    if (level_joined(t)) {
        const solid in = solid_of(t, t->first, t->last);
        const paint lines = {.stroke = color_faded(c->strong, 0.55f), .width = thin.width};
        for (int wall = 0; wall < LEVEL_WALLS; wall++) {
            static const float shades[LEVEL_WALLS] = {0.34f, 0.5f, 0.66f};
            const paint look = {
                .fill = color_mixed(c->low, c->strong, shades[wall]), .stroke = c->strong, .width = 2 * s->unit};
            wall_quad(s, &in, wall, 0, 0, wall_tall(&in, wall), wall_wide(&in, wall), look);
            if (grid) wall_grid(s, &in, wall, lines);
        }
    }
    for (int wall = 0; wall < LEVEL_WALLS; wall++) {
        static const float glass[LEVEL_WALLS] = {0.28f, 0.36f, 0.44f};
        const float high = wall_tall(&all, wall), wide = wall_wide(&all, wall);
        tag mine = {.kind = TAG_TENSOR, .role = r, .part = v->index, .layer = t->layer, .index = -1};
        if (whole) mine.index = wall_index(wall);
        stage_tag(s, mine);
        wall_quad(s, &all, wall, 0, 0, high, wide,
                  (paint){.fill = color_faded(c->low, glass[wall]), .stroke = edge.stroke, .width = edge.width});
        if (whole) stage_tag(s, tag_none());
        if (grid) wall_grid(s, &all, wall, thin);
        if (!whole) point_cells(v, &all, wall);
    }
    stage_tag(s, tag_none());
}

void volume_cone(const field_stack *v, const level *below, const level *above) {
    const stage *s = v->s;
    const level *both[2] = {below, above};
    const paint look = stage_stroke(s, color_faded(s->theme->accent, 0.75f), 1.4f);
    point p[3][2]; /* left, front, right; the lower box's upper wall and the upper box's lower one */
    if (!level_joined(below) || !level_joined(above)) return;
    for (int n = 0; n < 2; n++) {
        const level *t = both[n];
        const float slice = (float)(n ? t->last[0] + 1 : t->first[0]);
        const float row = (float)(t->last[1] + 1), column = (float)(t->last[2] + 1);
        p[0][n] = level_at(t, slice, row, (float)t->first[2]);
        p[1][n] = level_at(t, slice, row, column);
        p[2][n] = level_at(t, slice, (float)t->first[1], column);
    }
    for (int k = 0; k < 2; k++) {
        const point side[4] = {p[k][0], p[k][1], p[k + 1][1], p[k + 1][0]};
        draw_polygon(s->list, side, 4, (paint){.fill = color_faded(s->theme->accent, k ? 0.1f : 0.06f)});
    }
    for (int k = 0; k < 3; k++) draw_line(s->list, p[k][0], p[k][1], look);
}
