#include "arrange.h"
#include "tokens.h"
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define TITLE_ROOM 25.0f
#define REMARK_ROOM 17.0f
#define REMARK_MOST 180.0f
#define LABEL_ROOM 18.0f
#define COLUMN_GAP 44.0f
#define COLUMN_GAP_MOST 110.0f
#define STACK_GAP 20.0f
enum { COLUMNS = 6 };

/* The part of a plane's height that slices stand closer when they are one block; from where lower ones show no numbers.
 */
#define CLOSED_MOST 0.84f
#define CLOSED_BARE 0.25f

plane *block_add(block *b, const operand *o, int64_t lead, int64_t slice) {
    if (b->count == BLOCK_PLANES) return NULL;
    plane *p = &b->planes[b->count++];
    *p = (plane){.of = o, .lead = lead, .slice = slice, .known = INT64_MAX};
    return p;
}

const plane *block_find(const block *b, const operand *o, int64_t lead, int64_t slice) {
    for (int i = 0; i < b->count; i++)
        if (b->planes[i].of == o && b->planes[i].lead == lead && b->planes[i].slice == slice) return &b->planes[i];
    return NULL;
}

static int lines_of(const block *b) {
    return b->across ? (b->count + b->across - 1) / b->across : 0;
}

/* Width and height of a plane of the block at cell 1, and how far row 0, column 0 lies from its left top. */
static void extent(const block *b, bool tilted, float *width, float *height, point *corner) {
    const operand *o = b->planes[0].of;
    float rows = (float)(o->rows + o->before[1] + o->after[1]);
    float columns = (float)(o->columns + o->before[2] + o->after[2]);
    if (tilted) { /* a column goes (1, 1/2), a row (-1, 1/2), in halves of a cell's width */
        *width = (rows + columns) / 2;
        *height = (rows + columns) / 4;
        *corner = (point){rows / 2 - ((float)o->before[1] - (float)o->before[2]) / 2,
                          ((float)o->before[1] + (float)o->before[2]) / 4};
    } else {
        *width = columns;
        *height = rows;
        *corner = (point){(float)o->before[2], (float)o->before[1]};
    }
}

float block_head(const stage *s, const block *b) {
    return ((b->title[0] ? TITLE_ROOM : 0) + (b->remark[0] ? REMARK_ROOM : 0)) * s->unit;
}

/* Words do not depend on the cells: measured once, and labels of tilted planes with them. */
void arrange_measure(const stage *s, block *blocks, int count) {
    for (int i = 0; i < count; i++) {
        block *b = &blocks[i];
        float title = stage_width(s, FACE_WORDS_BOLD, TYPE_LABEL * s->unit, b->title);
        float remark = stage_width(s, FACE_WORDS, TYPE_SMALL * s->unit, b->remark);
        b->words = fmaxf(1, fmaxf(title, fminf(remark, fminf(REMARK_MOST * s->unit, s->area.width * 0.28f))));
        b->label_words = 0;
        for (int k = 0; b->labels && k < b->count; k++)
            b->label_words =
                fmaxf(b->label_words, stage_width(s, FACE_WORDS, TYPE_SMALL * s->unit, b->planes[k].label));
    }
}

typedef struct size {
    float width, height, pitch; /* pitch: from line to line */
} size;

/* A tilted plane leaves its corners free: a short label stands there and takes no room of its own. */
static float label_room(const stage *s, const block *b, bool tilted, float side) {
    if (!b->labels) return 0;
    float width, height;
    point corner;
    if (!tilted) return LABEL_ROOM * s->unit;
    extent(b, tilted, &width, &height, &corner);
    return b->label_words / 2 + LABEL_ROOM * s->unit < corner.x * side / 2 ? 0 : LABEL_ROOM * s->unit;
}

static float own_pitch(const stage *s, const block *b, bool tilted, float side) {
    float width, height;
    point corner;
    extent(b, tilted, &width, &height, &corner);
    float gap = b->gap * s->unit;
    return height * side * (1 - b->closer) + label_room(s, b, tilted, side) + gap;
}

static size block_size(const stage *s, const block *b, bool tilted, float side, float pitch) {
    float width, height, u = s->unit;
    point corner;
    extent(b, tilted, &width, &height, &corner);
    int lines = lines_of(b);
    size r = {.pitch = fmaxf(pitch, own_pitch(s, b, tilted, side))};
    r.width = (float)b->across * width * side + (float)(b->across - 1) * b->gap * u;
    r.height = label_room(s, b, tilted, side) + height * side + (float)(lines - 1) * r.pitch;
    r.width = fmaxf(r.width, b->words) + b->margin * u;
    r.height += block_head(s, b) + b->foot * u;
    return r;
}

/* Blocks with the same number of lines, each alone in its column, stand line beside line. */
static void common_pitches(const stage *s, const block *blocks, int count, bool tilted, float side, float *pitch) {
    for (int i = 0; i < count; i++) {
        pitch[i] = 0;
        for (int k = 0; k < count; k++)
            if (lines_of(&blocks[k]) == lines_of(&blocks[i]) && lines_of(&blocks[i]) > 1)
                pitch[i] = fmaxf(pitch[i], own_pitch(s, &blocks[k], tilted, side));
    }
}

typedef struct room {
    float width, height; /* of all */
    float column_width[COLUMNS], column_height[COLUMNS];
    int columns;
} room;

static room needed(const stage *s, const block *blocks, int count, bool tilted, float side) {
    room r = {0};
    float pitch[16];
    common_pitches(s, blocks, count, tilted, side, pitch);
    for (int i = 0; i < count; i++) {
        size z = block_size(s, &blocks[i], tilted, side, pitch[i]);
        int c = blocks[i].column;
        r.column_width[c] = fmaxf(r.column_width[c], z.width);
        r.column_height[c] += z.height + (r.column_height[c] > 0 ? STACK_GAP * s->unit : 0);
        if (c + 1 > r.columns) r.columns = c + 1;
    }
    for (int c = 0; c < r.columns; c++) {
        r.width += r.column_width[c] + (c ? COLUMN_GAP * s->unit : 0);
        r.height = fmaxf(r.height, r.column_height[c]);
    }
    return r;
}

static bool fits(const stage *s, const block *blocks, int count, bool tilted, box area, float side) {
    room r = needed(s, blocks, count, tilted, side);
    return r.width <= area.width && r.height <= area.height;
}

static float largest(const stage *s, const block *blocks, int count, bool tilted, box area, float most) {
    float low = 0, high = most;
    for (int i = 0; i < 18; i++) {
        float middle = i == 0 ? most : (low + high) / 2;
        room r = needed(s, blocks, count, tilted, middle);
        if (r.width <= area.width && r.height <= area.height)
            low = middle;
        else
            high = middle;
        if (low >= most) break;
    }
    return low;
}

/* Swaps lines and columns of the matrix of planes. */
void block_swap(block *b) {
    plane swapped[BLOCK_PLANES] = {0};
    int lines = lines_of(b), at = 0;
    for (int column = 0; column < b->across; column++)
        for (int line = 0; line < lines; line++) swapped[at++] = b->planes[line * b->across + column];
    memcpy(b->planes, swapped, (size_t)at * sizeof *swapped);
    b->across = lines;
}

void block_pile(block *b, int slices, float closed) {
    b->across = slices;
    if (lines_of(b) * b->across == b->count) block_swap(b);
    b->pile = true;
    b->wraps = b->swaps = false;
    b->closer = slices > 8 ? 0.5f : slices > 5 ? 0.3f : 0;
    b->closer += (CLOSED_MOST - b->closer) * closed;
    b->gap = 6 * (1 - closed);
    for (int i = b->across; closed > CLOSED_BARE && i < b->count; i++) b->planes[i].bare = true;
}

void block_draw(const stage *s, const block *b, painter *paint_cell, void *context) {
    if (b->pile) { /* the corners of neighbouring slices, behind them */
        color line = color_faded(s->theme->roles[b->role].line, 0.8f);
        paint look = {.stroke = line, .width = s->line, .dash = 3 * s->unit, .gap = 3 * s->unit};
        for (int i = 0; i + b->across < b->count; i++) {
            const plane *above = &b->planes[i], *below = &b->planes[i + b->across];
            draw_line(s->list, plane_left(above), plane_left(below), look);
            draw_line(s->list, plane_right(above), plane_right(below), look);
        }
    }
    for (int k = 0; k < b->count; k++) {
        int i = b->pile ? b->count - 1 - k : k; /* an upper slice lies over the lower one */
        plane_draw(s, &b->planes[i], paint_cell, context);
    }
}

static int variants(const block *b) {
    if (b->wraps && b->count > 0) return b->wide || b->count < 12 ? b->count : 12;
    if (b->wraps) return 1;
    return b->swaps && lines_of(b) * b->across == b->count && b->count > 1 ? 2 : 1;
}

static void set_variant(block *b, int variant) {
    if (!b->wraps) return;
    b->across = b->wide ? b->count - variant : variant + 1;
    while (b->wide && b->count % 2 == 0 && b->count % b->across) b->across--;
}

float arrange_fit(const stage *s, block *blocks, int count, bool tilted, box area, float most) {
    int total = 1, best = 0;
    float best_cell = -1;
    bool swapped[16] = {0};
    arrange_measure(s, blocks, count);
    for (int i = 0; i < count; i++) total *= variants(&blocks[i]);
    for (int round = 0; round <= total; round++) { /* the last round sets the best again */
        int v = round < total ? round : best;
        for (int i = 0; i < count; i++) {
            int n = variants(&blocks[i]), mine = v % n;
            v /= n;
            set_variant(&blocks[i], mine);
            if (!blocks[i].wraps && n == 2 && swapped[i] != (mine == 1)) {
                block_swap(&blocks[i]);
                swapped[i] = !swapped[i];
            }
        }
        if (round == total) break;
        if (best_cell > 0 &&
            (best_cell >= most || !fits(s, blocks, count, tilted, area, fminf(most, best_cell * 1.03f))))
            continue;
        float side = largest(s, blocks, count, tilted, area, most);
        if (side > best_cell * 1.03f || best_cell < 0) {
            best_cell = side;
            best = round;
        }
    }
    return best_cell;
}

static void set_columns(block *blocks, int count, const signed char *columns) {
    for (int i = 0; i < count; i++) blocks[i].column = (int)columns[i];
}

float arrange_search(const stage *s, block *blocks, int count, bool tilted, box area, float most,
                     const signed char (*patterns)[8], int pattern_count) {
    float best_side = 0;
    int best = 0;
    const bool several = s->scene->part_count > 1; /* `most` is what the others can have: none lowers it for all */
    const float better = several && area.width < 0.8f * area.height ? 1.08f : 1.25f; /* times as large to be worth it */
    const float enough = most * (several ? 0.999f : 0.8f); /* side by side is easier to read */
    for (int i = 0; i < pattern_count; i++) {
        set_columns(blocks, count, patterns[i]);
        float side = arrange_fit(s, blocks, count, tilted, area, most);
        if (i == 0 || side > best_side * better || (side >= enough && best_side < enough)) {
            best_side = side;
            best = i;
        }
        if (best_side >= enough) break;
    }
    set_columns(blocks, count, patterns[best]);
    return arrange_fit(s, blocks, count, tilted, area, most);
}

void arrange_note_form(arrangement_form *form, const block *blocks, int count) {
    *form = (arrangement_form){.count = count <= FORM_BLOCKS ? count : 0};
    for (int i = 0; i < form->count; i++) {
        form->column[i] = (signed char)blocks[i].column;
        form->planes[i] = blocks[i].count;
        form->across[i] = blocks[i].across;
    }
}

bool arrange_same_form(const arrangement_form *a, const arrangement_form *b) {
    if (a->count != b->count) return false;
    for (int i = 0; i < a->count; i++)
        if (a->column[i] != b->column[i] || (a->planes[i] == b->planes[i] && a->across[i] != b->across[i]))
            return false;
    return true;
}

bool arrange_shows_as_much(const arrangement_form *a, const arrangement_form *b) {
    bool as_much = a->count == b->count;
    for (int i = 0; i < a->count && as_much; i++) as_much = a->planes[i] >= b->planes[i];
    return as_much;
}

void arrange_take_form(const arrangement_form *form, block *blocks, int count) {
    for (int i = 0; i < count && i < form->count; i++) {
        block *b = &blocks[i];
        if (b->count != form->planes[i] || b->pile) continue;
        if (b->wraps) {
            b->across = form->across[i];
            b->wraps = false;
        } else if (b->swaps) {
            if (b->across != form->across[i] && lines_of(b) == form->across[i]) block_swap(b);
            b->swaps = false;
        }
    }
}

static void place_block(const stage *s, block *b, bool tilted, float side, point at, size z) {
    float width, height, u = s->unit;
    point corner;
    extent(b, tilted, &width, &height, &corner);
    b->top = at.y;
    b->taken = label_room(s, b, tilted, side) > 0;
    float top = at.y + block_head(s, b), label = label_room(s, b, tilted, side);
    b->box = (box){at.x, top, (float)b->across * width * side + (float)(b->across - 1) * b->gap * u,
                   z.height - block_head(s, b) - b->foot * u};
    for (int i = 0; i < b->count; i++) {
        plane *p = &b->planes[i];
        float x = at.x + (float)(i % b->across) * (width * side + b->gap * u);
        float y = top + label + (float)(i / b->across) * z.pitch;
        p->tilted = tilted;
        p->right = tilted ? (point){side / 2, side / 4} : (point){side, 0};
        p->down = tilted ? (point){-side / 2, side / 4} : (point){0, side};
        p->origin = (point){floorf(x + corner.x * side), floorf(y + corner.y * side)};
    }
}

/* Where each column begins: the middles of their grids lie on one line where there is room, whatever words stand over
 * and under them. */
static void column_tops(const stage *s, const block *blocks, int count, bool tilted, float side, box area,
                        const room *r, float *top) {
    float middle[COLUMNS], low = -INFINITY, high = INFINITY;
    for (int c = 0; c < r->columns; c++) {
        int inside = 0, last = 0;
        for (int i = 0; i < count; i++)
            if (blocks[i].column == c) inside++, last = i;
        middle[c] = r->column_height[c] / 2;
        if (inside == 1) {
            const block *b = &blocks[last];
            float above = block_head(s, b) + label_room(s, b, tilted, side);
            middle[c] += (above - b->foot * s->unit) / 2;
        }
        low = fmaxf(low, area.y + middle[c]);
        high = fminf(high, area.y + area.height - (r->column_height[c] - middle[c]));
    }
    float highest = INFINITY;
    for (int c = 0; c < r->columns; c++) {
        top[c] =
            low <= high ? (low + high) / 2 - middle[c] : area.y + fmaxf(0, (area.height - r->column_height[c]) / 2);
        highest = fminf(highest, top[c]);
    }
    const bool stacked = r->columns < count && s->scene->part_count > 1; /* the parts beside it begin as high */
    for (int c = 0; stacked && c < r->columns; c++) top[c] -= highest - area.y;
}

void arrange_place(const stage *s, block *blocks, int count, bool tilted, box area, float side) {
    float pitch[16], x, u = s->unit;
    room r = needed(s, blocks, count, tilted, side);
    common_pitches(s, blocks, count, tilted, side, pitch);
    float spare = area.width - r.width, gap = COLUMN_GAP * u;
    if (r.columns > 1) {
        float more = fminf((COLUMN_GAP_MOST - COLUMN_GAP) * u, fmaxf(0, spare) / (float)r.columns);
        gap += more;
        spare -= more * (float)(r.columns - 1);
    }
    x = area.x + fmaxf(0, spare / 2);
    float top[COLUMNS];
    column_tops(s, blocks, count, tilted, side, area, &r, top);
    for (int c = 0; c < r.columns; c++) {
        float y = top[c];
        for (int i = 0; i < count; i++) {
            if (blocks[i].column != c) continue;
            size z = block_size(s, &blocks[i], tilted, side, pitch[i]);
            float inset = (r.column_width[c] - z.width) / 2;
            place_block(s, &blocks[i], tilted, side, (point){x + inset, y}, z);
            y += z.height + STACK_GAP * u;
        }
        x += r.column_width[c] + gap;
    }
}

void arrange_numbers(const stage *s, operand *o, bool tilted, float side) {
    if (tilted)
        operand_fit(s, o, side * 0.62f, side * 0.4f, fminf(side * 0.29f, 22 * s->unit));
    else
        operand_fit(s, o, side * 0.88f, side * 0.8f, fmaxf(side * 0.36f, fminf(10 * s->unit, side * 0.5f)));
}

static bool cut_at_last(char *text, const char *mark) {
    char *last = NULL;
    for (char *c = strstr(text, mark); c; c = strstr(c + 1, mark)) last = c;
    if (last) *last = 0;
    return last != NULL;
}

/* A remark's clauses stand between dots: the last ones are left out where there is no room, then what follows a comma.
 */
static void remark_words(const stage *s, point at, const char *remark, float width) {
    char text[128];
    snprintf(text, sizeof text, "%s", remark);
    while (!stage_fits(s, FACE_WORDS, TYPE_SMALL * s->unit, text, width)) {
        if (!cut_at_last(text, " · ") && !cut_at_last(text, ", ") && !cut_at_last(text, "，")) return;
    }
    stage_words_ground(s, at, FACE_WORDS, TYPE_SMALL * s->unit, text);
    stage_text_fitted(s, at.x, at.y, ANCHOR_LEFT, FACE_WORDS, TYPE_SMALL * s->unit, s->theme->ink_soft, text, width);
}

/* "sample 0, channel 1" is "0, 1" where there is little room. */
static void numbers_alone(const char *label, char *text, size_t capacity) {
    size_t used = 0;
    for (const char *c = label; *c;) {
        size_t digits = strspn(c, "0123456789");
        if (digits && used + digits + 3 < capacity)
            used += (size_t)snprintf(text + used, capacity - used, "%s%.*s", used ? ", " : "", (int)digits, c);
        c += digits ? digits : 1;
    }
    text[used] = 0;
}

static bool is_numbered(const char *label) {
    return strpbrk(label, "0123456789") != NULL;
}

/* The labels over the planes: numbers alone for all of them where one does not fit. A word without a number may reach
 * into the gap behind the block. */
static void plane_words(const stage *s, const block *b) {
    const float u = s->unit, above = (b->taken ? -0.6f : 0.5f) * LABEL_ROOM * u;
    bool whole = true;
    for (int i = 0; i < b->count; i++) {
        const plane *p = &b->planes[i];
        float width = plane_box(p).width + b->gap * u * 0.3f;
        whole = whole && (!is_numbered(p->label) || stage_fits(s, FACE_WORDS, TYPE_SMALL * u, p->label, width));
    }
    for (int i = 0; i < b->count; i++) {
        const plane *p = &b->planes[i];
        const bool numbered = is_numbered(p->label), last = i + 1 == b->count || (i + 1) % b->across == 0;
        box place = plane_box(p);
        char label[sizeof p->label];
        float width = place.width + (last && !numbered ? COLUMN_GAP * 0.6f : b->gap * 0.3f) * u;
        if (!p->label[0] || (b->pile && p->bare)) continue; /* slices that lie under others */
        if (numbered && !whole)
            numbers_alone(p->label, label, sizeof label);
        else
            snprintf(label, sizeof label, "%s", p->label);
        if (!stage_fits(s, FACE_WORDS, TYPE_SMALL * u, label, width)) continue;
        stage_words_ground(s, (point){place.x, place.y + above}, FACE_WORDS, TYPE_SMALL * u, label);
        stage_text_fitted(s, place.x, place.y + above, ANCHOR_LEFT, FACE_WORDS, TYPE_SMALL * u,
                          p->fade > 0 ? s->theme->ink_soft : s->theme->ink, label, width);
    }
}

/* Where the first plane has no label, the title stands right over it, if it is no wider. */
static float title_drop(const stage *s, const block *b) {
    if (!b->taken || b->count == 0 || b->planes[0].label[0] || tokens_above(s, b)) return 0;
    float width = stage_width(s, FACE_WORDS_BOLD, TYPE_LABEL * s->unit, b->title);
    if (b->remark[0]) width = fmaxf(width, stage_width(s, FACE_WORDS, TYPE_SMALL * s->unit, b->remark));
    return width <= plane_box(&b->planes[0]).width ? LABEL_ROOM * s->unit : 0;
}

void block_words(const stage *s, const block *b) {
    float u = s->unit, y = b->top;
    tag before = s->list->current;
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = b->role, .index = -1});
    y += title_drop(s, b);
    if (b->title[0]) {
        stage_words_ground(s, (point){b->box.x, y + TITLE_ROOM * u * 0.4f}, FACE_WORDS_BOLD, TYPE_LABEL * u, b->title);
        stage_text(s, b->box.x, y + TITLE_ROOM * u * 0.4f, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u,
                   stage_ink(s, b->role), b->title);
        y += TITLE_ROOM * u;
    }
    if (b->remark[0])
        remark_words(
            s, (point){b->box.x, y + REMARK_ROOM * u * 0.3f}, b->remark,
            fminf(fmaxf(b->box.width, b->words) + COLUMN_GAP * 0.8f * u, s->area.x + s->area.width - b->box.x));
    if (b->labels) plane_words(s, b);
    tokens_draw(s, b);
    stage_tag(s, before);
}
