/* The matrix view: the operation as a sparse matrix on the flattened input. The input lies over the columns, the output
 * beside the rows, so that each entry stands under what it multiplies and beside what it adds to. */
#include "app/system/memory.h"
#include "recall.h"
#include "short_number.h"
#include "views.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ENTRIES_MOST = 400000, CELLS_MOST = 6000, PIXELS_MOST = 1024 };

/* The part of the first step in which C turns into its transpose. */
#define TURN_BEGIN 0.04
#define TURN_END 0.72

typedef struct matrix_view {
    stage *s;
    int index;
    window w;
    const conv_matrix *matrix;
    operand input, output, entries;
    int64_t rows, columns; /* of one sample */
    int64_t row, column;   /* that the step works on; -1: none */
    point origin;
    float cell;
    float turn;        /* a transposed convolution: how far C has become its transpose; 1: settled */
    point origin_of_c; /* where C stands before that */
} matrix_view;

/* A matrix, or why there is none: to find out that it would be too large takes as long as to make one. */
typedef struct kept_matrix {
    conv_matrix matrix;
    conv_status status;
    conv_error error;
} kept_matrix;

static void matrix_destroy(void *data) {
    kept_matrix *k = data;
    if (k->status == CONV_OK) conv_matrix_destroy(&k->matrix);
    memory_free(k);
}

static const conv_matrix *matrix_of(stage *s, int index, conv_error *error) {
    scene_part *p = &s->scene->parts[index];
    recall_key key = {RECALL_MATRIX, index, p->focus, 0, 0};
    kept_matrix *k = recall(s->scene, key);
    if (!k) {
        if (!(k = memory_zeroed(1, sizeof *k))) return NULL;
        k->status = conv_matrix_create(p->plan, &p->operands, ENTRIES_MOST, &k->matrix, &k->error);
        if (k->status == CONV_NO_MEMORY) {
            *error = k->error;
            memory_free(k);
            return NULL;
        }
        if (!recall_keep(s->scene, key, k, matrix_destroy)) return NULL;
    }
    *error = k->error;
    return k->status == CONV_OK ? &k->matrix : NULL;
}

static point at(const matrix_view *v, int64_t row, int64_t column) {
    return (point){v->origin.x + (float)column * v->cell, v->origin.y + (float)row * v->cell};
}

/* ---- from C to its transpose ---- */

static point vector_of(float length, float angle) {
    const float across = cosf(angle), down = sinf(angle);
    return (point){length * across, length * down};
}

#define QUARTER 1.5707963f

/* The rows of C leave one after another, and swing down to become columns. */
static point entry_at(const matrix_view *v, int64_t row, int64_t column) {
    if (v->turn >= 1) return at(v, row, column);
    float begin = 0.6f * (float)column / (float)v->columns;
    float t = eased(phase((double)v->turn, (double)begin, (double)begin + 0.4));
    point c = {v->origin_of_c.x, v->origin_of_c.y + (float)column * v->cell};
    point first = point_mixed(c, at(v, 0, column), t), along = vector_of((float)row * v->cell, t * QUARTER);
    return (point){first.x + along.x, first.y + along.y};
}

/* What stood beside the rows goes over the columns, and the other way round. */
static void turn_vectors(const matrix_view *v, plane *x, plane *y, float gap) {
    if (v->turn >= 1) return;
    float t = eased(v->turn), width = (float)v->rows * v->cell;
    point beside = {v->origin_of_c.x + width + gap + v->cell, v->origin_of_c.y};
    point over = {v->origin_of_c.x, v->origin_of_c.y - gap};
    plane *planes[2] = {x, y};
    point from[2] = {beside, over};
    for (int i = 0; i < 2; i++) {
        plane *p = planes[i];
        float angle = (i ? -QUARTER : QUARTER) * (1 - t);
        p->origin = point_mixed(from[i], p->origin, t);
        p->right = vector_of(v->cell, angle);
        p->down = vector_of(v->cell, angle + QUARTER);
        p->tilted = p->upright = true;
    }
}

/* ---- the entries ---- */

typedef struct dots {
    int columns, rows;
    color *pixels;
} dots;

static void dots_destroy(void *data) {
    dots *d = data;
    memory_free(d->pixels);
    memory_free(d);
}

/* 1.25 to 2.5 dots for each of `size` pixels: of more thin bands pale, of fewer they are broken. A power of two, which
 * a window that is dragged larger keeps for long. */
static int dots_for(int64_t cells, float size) {
    int most = 128;
    while (most < PIXELS_MOST && (float)most < 1.25f * size) most *= 2;
    return (int)(cells < most ? cells : most);
}

/* A large matrix as a pattern of dots: a pixel is inked when an entry falls on it. */
static const dots *pattern(const matrix_view *v, box whole) {
    stage *s = v->s;
    const int columns = dots_for(v->columns, whole.width), rows = dots_for(v->rows, whole.height);
    recall_key key = {RECALL_PICTURE, v->index, (int64_t)(intptr_t)v->matrix, (int64_t)columns << 32 | rows,
                      (int64_t)s->settings->theme};
    dots *d = recall(s->scene, key);
    if (d) return d;
    if (!(d = memory_zeroed(1, sizeof *d))) return NULL;
    d->columns = columns;
    d->rows = rows;
    d->pixels = memory_zeroed((size_t)d->columns * (size_t)d->rows, sizeof *d->pixels);
    if (!d->pixels) {
        memory_free(d);
        return NULL;
    }
    for (int64_t r = 0; r < v->rows; r++)
        for (int64_t e = v->matrix->row_begin[r]; e < v->matrix->row_begin[r + 1]; e++) {
            int64_t x = v->matrix->column[e] * d->columns / v->columns, y = r * d->rows / v->rows;
            color ink;
            color fill = theme_cell(s->theme, ROLE_WEIGHT, v->matrix->value[e], v->entries.scale, &ink).fill;
            d->pixels[(size_t)y * (size_t)d->columns + (size_t)x] =
                color_mixed(fill, s->theme->roles[ROLE_WEIGHT].strong, 0.35f);
        }
    return recall_keep(s->scene, key, d, dots_destroy) ? d : NULL;
}

/* Where padding copies cells, taps of one row may fall on one column: the first of them stands for all, with the value
 * that the engine gives for the column alone. */
static bool repeats(const conv_matrix *m, int64_t row, int64_t e, bool earlier) {
    int64_t from = earlier ? m->row_begin[row] : e + 1, until = earlier ? e : m->row_begin[row + 1];
    for (int64_t i = from; i < until; i++)
        if (m->column[i] == m->column[e]) return true;
    return false;
}

static float column_value(const matrix_view *v, int64_t row, int64_t e) {
    const conv_matrix *m = v->matrix;
    float *x = memory_zeroed((size_t)m->columns, sizeof *x), *y = memory_zeroed((size_t)m->rows, sizeof *y);
    float value = m->value[e];
    if (x && y) {
        x[m->column[e]] = 1;
        conv_matrix_apply(m, x, y);
        value = y[row];
    }
    memory_free(x);
    memory_free(y);
    return value;
}

static void draw_entry(const matrix_view *v, int64_t row, int64_t e) {
    const stage *s = v->s;
    const conv_matrix *m = v->matrix;
    if (repeats(m, row, e, true)) return;
    bool several = repeats(m, row, e, false);
    float value = several ? column_value(v, row, e) : m->value[e];
    bool lit = row == v->row || m->column[e] == v->column;
    point p = entry_at(v, row, m->column[e]);
    color ink;
    paint look = theme_cell(s->theme, ROLE_WEIGHT, value, v->entries.scale, &ink);
    float keep = lit || (v->row < 0 && v->column < 0) ? 1 : 0.55f;
    look.fill = color_mixed(s->theme->panel, look.fill, keep);
    ink = theme_ink_on(s->theme, color_mixed(s->theme->panel, ink, 0.45f + 0.55f * keep), look.fill, look.hatch);
    look.stroke = color_faded(s->theme->roles[ROLE_WEIGHT].line, keep);
    look.width = s->line;
    if (v->cell < 10) look.hatch.a = 0;
    if (v->cell < 6) look.stroke.a = 0;
    stage_tag(s, (tag){.kind = m->weight[e] >= 0 ? TAG_CELL : TAG_NONE,
                       .role = ROLE_WEIGHT,
                       .part = v->index,
                       .layer = v->input.layer,
                       .index = m->weight[e]});
    draw_rect(s->list, (box){p.x, p.y, v->cell, v->cell}, 0, look);
    if (!v->entries.digits) return;
    char text[40];
    if (v->input.symbols && m->weight[e] >= 0) {
        char letter[8], indices[32];
        operand o = {.role = ROLE_WEIGHT, .shape = v->w.layout->weight, .kept = v->w.layout->dims};
        operand_symbol(&o, m->weight[e], letter, indices, sizeof indices);
        snprintf(text, sizeof text, "%s%.16s%s", letter, indices, several ? "+…" : "");
    } else {
        short_number(text, sizeof text, (double)value, v->entries.digits);
    }
    stage_text_fitted(s, p.x + v->cell / 2, p.y + v->cell / 2, ANCHOR_MIDDLE, FACE_MONO, v->entries.size, ink, text,
                      v->cell * 0.94f);
}

/* Lines where channels begin, in rows and columns: the blocks. */
static void draw_blocks(const matrix_view *v) {
    const stage *s = v->s;
    const conv_layout *l = v->w.layout;
    int64_t across = l->in_channels > 1 ? v->columns / l->in_channels : 0;
    int64_t down = l->out_channels > 1 ? v->rows / l->out_channels : 0;
    for (int64_t c = across; across && c < v->columns; c += across)
        draw_line(s->list, at(v, 0, c), at(v, v->rows, c),
                  stage_stroke(s, color_faded(s->theme->roles[ROLE_INPUT].strong, 0.7f), 1.6f));
    for (int64_t r = down; down && r < v->rows; r += down)
        draw_line(s->list, at(v, r, 0), at(v, r, v->columns),
                  stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.7f), 1.6f));
}

static box box_of(const matrix_view *v) {
    float t = eased(v->turn), columns = (float)v->columns, rows = (float)v->rows;
    point o = point_mixed(v->origin_of_c, v->origin, t);
    return (box){o.x, o.y, (rows + (columns - rows) * t) * v->cell, (columns + (rows - columns) * t) * v->cell};
}

static void draw_grid(const matrix_view *v) {
    const stage *s = v->s;
    box whole = box_of(v);
    stage_tag(s, (tag){.kind = TAG_TENSOR, .role = ROLE_WEIGHT, .part = v->index, .index = -1});
    draw_rect(s->list, whole, 0, (paint){.fill = s->theme->panel});
    paint thin = {.stroke = color_faded(s->theme->panel_line, 0.9f), .width = s->line};
    if (v->cell >= 7 && v->turn >= 1) {
        for (int64_t c = 1; c < v->columns; c++) draw_line(s->list, at(v, 0, c), at(v, v->rows, c), thin);
        for (int64_t r = 1; r < v->rows; r++) draw_line(s->list, at(v, r, 0), at(v, r, v->columns), thin);
    }
}

/* Too many entries, or too small: no cells. */
static bool is_pattern(const matrix_view *v) {
    return v->matrix->entries > CELLS_MOST || v->cell < 3;
}

static void draw_matrix(const matrix_view *v) {
    const stage *s = v->s;
    box whole = box_of(v);
    draw_grid(v);
    if (is_pattern(v)) {
        const dots *d = pattern(v, whole);
        if (d) draw_picture(s->list, whole, d->pixels, d->columns, d->rows, false);
    } else {
        for (int64_t r = 0; r < v->rows; r++)
            for (int64_t e = v->matrix->row_begin[r]; e < v->matrix->row_begin[r + 1]; e++) draw_entry(v, r, e);
    }
    stage_tag(s, tag_none());
    if (v->turn >= 1) draw_blocks(v);
    draw_rect(s->list, whole, 0, (paint){.stroke = s->theme->roles[ROLE_WEIGHT].line, .width = 1.5f * s->unit});
    float least = fmaxf(v->cell, 3 * s->unit);
    paint look = stage_stroke(s, s->theme->highlight, 2.6f);
    if (v->row >= 0) {
        point p = at(v, v->row, 0);
        draw_rect(s->list, (box){p.x, p.y, whole.width, least}, 2 * s->unit, look);
    }
    if (v->column >= 0) {
        point p = at(v, 0, v->column);
        draw_rect(s->list, (box){p.x, p.y, least, whole.height}, 2 * s->unit, look);
    }
}

/* ---- the vectors ---- */

static void outline(const matrix_view *v, const plane *p, int64_t row, int64_t column, color c, float width) {
    plane_outline(v->s, p, (float)row, (float)column, 1, 1, 0, stage_stroke(v->s, c, width));
}

/* A vector's letter before its first cell, wherever it is. */
static void draw_letter(const stage *s, const plane *p, role r, const char *letter) {
    point along = p->of->columns > 1 ? p->right : p->down, middle = plane_middle(p, 0, 0);
    float cell = fmaxf(1, plane_cell(p)), away = (cell / 2 + 14 * s->unit) / cell;
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = r, .index = -1});
    stage_text(s, middle.x - along.x * away, middle.y - along.y * away, ANCHOR_MIDDLE, FACE_WORDS_BOLD,
               TYPE_LABEL * s->unit, stage_ink(s, r), letter);
    stage_tag(s, tag_none());
}

static void draw_vectors(matrix_view *v, const float *state) {
    stage *s = v->s;
    float gap = 14 * s->unit;
    plane x = {.of = &v->input, .known = INT64_MAX, .right = {v->cell, 0}, .down = {0, v->cell}};
    x.origin = (point){v->origin.x, v->origin.y - gap - v->cell};
    plane y = {.of = &v->output, .known = slide_known(s), .values = state, .right = {v->cell, 0}, .down = {0, v->cell}};
    y.origin = (point){v->origin.x + (float)v->columns * v->cell + gap, v->origin.y};
    turn_vectors(v, &x, &y, gap);
    plane_draw(s, &x, NULL, NULL);
    plane_draw(s, &y, NULL, NULL);
    stage_tag(s, tag_none());
    if (v->turn < 1) {
        draw_letter(s, &x, ROLE_INPUT, "x");
        draw_letter(s, &y, ROLE_OUTPUT, "y");
        return;
    }
    if (v->row >= 0) {
        outline(v, &y, v->row, 0, s->theme->highlight, 2.8f);
        for (int64_t e = v->matrix->row_begin[v->row]; e < v->matrix->row_begin[v->row + 1] && v->cell > 5; e++)
            outline(v, &x, 0, v->matrix->column[e], s->theme->roles[ROLE_INPUT].strong, 2);
    }
    if (v->column >= 0) outline(v, &x, 0, v->column, s->theme->highlight, 2.8f);
    float u = s->unit;
    char text[96];
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_INPUT, .index = -1});
    tr_format(s->language, text, sizeof text, N_("input x, flattened: {0}"), "d", v->columns);
    const float room = fminf(fmaxf(200 * u, v->cell * (float)v->columns),
                             fmaxf(s->area.x + s->area.width, y.origin.x) - x.origin.x - 12 * u);
    if (!stage_fits(s, FACE_WORDS_BOLD, TYPE_LABEL * u, text, room)) snprintf(text, sizeof text, "x");
    stage_text_fitted(s, x.origin.x, x.origin.y - 14 * u, ANCHOR_LEFT, FACE_WORDS_BOLD, TYPE_LABEL * u,
                      stage_ink(s, ROLE_INPUT), text, room);
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_OUTPUT, .index = -1});
    stage_text(s, y.origin.x + v->cell / 2, v->origin.y - 14 * u, ANCHOR_MIDDLE, FACE_WORDS_BOLD, TYPE_LABEL * u,
               stage_ink(s, ROLE_OUTPUT), "y");
    stage_tag(s, tag_none());
}

static void draw_words(const matrix_view *v) {
    const stage *s = v->s;
    float u = s->unit, y = box_of(v).y + box_of(v).height + 20 * u;
    const float x = fmaxf(s->area.x, fminf(box_of(v).x, s->area.x + s->area.width * 0.4f)); /* under the matrix */
    const float room = s->area.x + s->area.width - x;
    const conv_layout *l = v->w.layout;
    char text[200], more[160];
    const char *formula = l->bias.rank ? "y = C x + b" : "y = C x";
    if (l->flow == CONV_SCATTER) formula = l->bias.rank ? "y = Cᵀ x + b" : "y = Cᵀ x";
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_WEIGHT, .index = -1});
    if (v->turn < 1) {
        tr_format(s->language, more, sizeof more,
                  N_("C of the convolution, {0} rows × {1} columns: its rows become the columns of Cᵀ"), "dd",
                  v->columns, v->rows);
        stage_text_fitted(s, s->area.x, s->area.y + s->area.height - 10 * u, ANCHOR_LEFT, FACE_WORDS, TYPE_LABEL * u,
                          s->theme->ink, more, s->area.width);
        stage_tag(s, tag_none());
        return;
    }
    snprintf(text, sizeof text, "%s    ", formula);
    if (l->weight.rank)
        tr_format(s->language, more, sizeof more, N_("{0} rows × {1} columns, {2} entries from {3} weights"), "dddd",
                  v->rows, v->columns, v->matrix->entries, conv_shape_count(&l->weight));
    else
        tr_format(s->language, more, sizeof more, N_("{0} rows × {1} columns, {2} entries, no weights"), "ddd", v->rows,
                  v->columns, v->matrix->entries);
    float width = stage_text(s, x, y, ANCHOR_LEFT, FACE_MONO_BOLD, TYPE_LABEL * u, s->theme->ink, text);
    if (!stage_fits(s, FACE_WORDS, TYPE_LABEL * u, more, room - width))
        snprintf(more, sizeof more, "%lld × %lld", (long long)v->rows, (long long)v->columns);
    if (!stage_fits(s, FACE_WORDS, TYPE_LABEL * u, more, room - width)) more[0] = 0;
    stage_text_fitted(s, x + width, y, ANCHOR_LEFT, FACE_WORDS, TYPE_LABEL * u, s->theme->ink_soft, more, room - width);
    stage_tag(s, tag_none());
}

static bool read_view(matrix_view *v) {
    stage *s = v->s;
    const scene_part *p = &s->scene->parts[v->index];
    const conv_layout *l = p->layout;
    v->rows = v->matrix->rows;
    v->columns = v->matrix->columns;
    conv_shape x = {.rank = 2, .size = {1, v->columns}}, y = {.rank = 2, .size = {v->rows, 1}};
    conv_shape c = {.rank = 1, .size = {v->matrix->entries}};
    operand_plain(s, &v->input, ROLE_INPUT, v->index, &x, p->input);
    operand_plain(s, &v->output, ROLE_OUTPUT, v->index, &y, p->output);
    operand_plain(s, &v->entries, ROLE_WEIGHT, v->index, &c, v->matrix->value);
    bool scatter = l->flow == CONV_SCATTER;
    int64_t size = scatter ? v->columns : v->rows, step = v->w.bias_step ? -1 : v->w.step % size;
    v->row = scatter ? -1 : step;
    v->column = scatter ? step : -1;
    bool first = l->spec.op->kind == CONV_TRANSPOSE && v->w.step == 0 && !v->w.bias_step;
    v->turn = first && !s->settings->reduced_motion ? phase(v->w.progress, TURN_BEGIN, TURN_END) : 1;
    if (v->turn < 1) v->column = -1; /* the step is marked when its matrix stands */
    return true;
}

/* Matrix and vectors, centred under the words. */
static point place_in(const stage *s, float cell, float rows, float columns, float foot) {
    float u = s->unit, width = cell * (columns + 1) + 14 * u, height = cell * (rows + 1) + 14 * u;
    return (point){
        floorf(s->area.x + (s->area.width - width) / 2),
        floorf(s->area.y + 24 * u + fmaxf(0, (s->area.height - height - foot - 24 * u) / 2) + cell + 14 * u)};
}

static float fitted_cell(const stage *s, float rows, float columns, float head, float foot) {
    return fminf((s->area.width - 34 * s->unit) / (columns + 1), (s->area.height - head - foot) / (rows + 1));
}

float matrix_picture(stage *s, int index, float most, bool draw) {
    matrix_view *v = memory_zeroed(1, sizeof *v);
    conv_error error = {0};
    if (!v) return -1;
    *v = (matrix_view){.s = s, .index = index};
    float size = -1;
    if (!window_at(s, index, &v->w)) goto done;
    v->matrix = matrix_of(s, index, &error);
    if (!v->matrix) {
        failure f = {.error = error};
        char text[512];
        if (draw) stage_message(s, failure_text(s->language, &f, text, sizeof text));
        size = 0;
        goto done;
    }
    if (!read_view(v)) goto done;
    float u = s->unit, head = 50 * u, foot = 44 * u, rows = (float)v->rows, columns = (float)v->columns;
    size = fitted_cell(s, rows, columns, head, foot);
    if (v->w.layout->spec.op->kind == CONV_TRANSPOSE) /* C finds room as well */
        size = fminf(size, fitted_cell(s, columns, rows, head, foot));
    size = fminf(most > 0 ? most : size, fminf(size, 58 * u));
    if (!draw) goto done;
    v->cell = size >= 8 ? floorf(size) : size;
    v->origin = place_in(s, v->cell, rows, columns, foot);
    v->origin_of_c = place_in(s, v->cell, columns, rows, foot);
    if (is_pattern(v)) v->turn = 1;
    arrange_numbers(s, &v->input, false, v->cell);
    arrange_numbers(s, &v->output, false, v->cell);
    arrange_numbers(s, &v->entries, false, v->cell);
    int64_t steps = v->w.step + (v->w.finished ? 1 : 0);
    const float *state = scene_state(s->scene, index, steps, s->failure);
    if (!state) {
        size = -1;
        goto done;
    }
    draw_matrix(v);
    draw_vectors(v, state);
    draw_words(v);
done:
    memory_free(v);
    return size;
}
