/* Gather and copy: the lines from what is read over the kernel to what is written, the frames around patch and taps. */
#include "slide_gather.h"

#include <math.h>

enum { THREADS_MOST = 9 };

/* The plane with the output cell of the step, or NULL where it is not shown. */
static plane *written_plane(const gather *g, float *row, float *column) {
    const operand *o = &g->output;
    int64_t lead, slice, r, c;
    operand_place(o, g->w.step, &lead, &slice, &r, &c);
    *row = (float)r;
    *column = (float)c;
    for (int i = 0; i < g->result->count; i++) {
        plane *p = &g->result->planes[i];
        if (p->of == o && p->lead == lead && p->slice == slice) return p;
    }
    return NULL;
}

static point toward(const gather *g) {
    float row, column;
    const plane *p = written_plane(g, &row, &column);
    return p ? plane_middle(p, row, column) : (point){NAN, NAN};
}

/* Whether a line over the plane would pass through the number of a cell: beside a number it reads as a minus. */
static bool strikes_numbers(const plane *p, point from, point to) {
    enum { LOOKS = 48 };
    const operand *o = p->of;
    const float wide = plane_cell(p) * (p->tilted ? 0.26f : 0.42f), high = plane_cell(p) * (p->tilted ? 0.16f : 0.3f);
    point enters, leaves;
    if (!o->digits || p->bare || !plane_crossed(p, from, to, &enters, &leaves)) return false;
    for (int i = 0; i < LOOKS; i++) {
        const point at = point_mixed(enters, leaves, ((float)i + 0.5f) / LOOKS);
        float row, column;
        if (!plane_place(p, at, &row, &column)) return false;
        const int64_t r = (int64_t)floorf(row), c = (int64_t)floorf(column);
        if (r < 0 || c < 0 || r >= o->rows || c >= o->columns) continue;
        const point middle = plane_middle(p, (float)r, (float)c);
        if (fabsf(at.x - middle.x) > wide || fabsf(at.y - middle.y) > high) continue;
        const int64_t index = operand_index(o, p->lead, p->slice, r, c);
        if (index < p->known && !isnan((p->values ? p->values : o->values)[index])) return true;
    }
    return false;
}

/* The shortest way to a cell that strikes no number of its plane: to the end of one of the lines around the cell, then
 * along that line to the cell. False: there is none from here. */
static bool way_between(const plane *p, float row, float column, point from, point *turn, point *to) {
    enum { DOWN = 1, LAST = 2, BEHIND = 4, WAYS = 8 }; /* along a column; from its last end; behind the cell */
    float least = INFINITY, from_row, from_column;
    if (!plane_place(p, from, &from_row, &from_column)) return false;
    for (int way = 0; way < WAYS; way++) {
        const bool down = way & DOWN, last = way & LAST;
        const float line = (down ? column : row) + (way & BEHIND ? 1 : 0);
        const float end = last ? (float)(down ? p->of->rows : p->of->columns) : 0;
        const float cell = (down ? row : column) + (last ? 1 : 0); /* the side of the cell that is nearer to that end */
        const float begin = down ? from_row : from_column;
        if (last ? begin < end : begin > end) continue; /* it would cross the plane */
        const point e = down ? plane_at(p, end, line) : plane_at(p, line, end);
        const point c = down ? plane_at(p, cell, line) : plane_at(p, line, cell);
        const float length = hypotf(e.x - from.x, e.y - from.y) + hypotf(c.x - e.x, c.y - e.y);
        if (length >= least) continue;
        least = length;
        *turn = e;
        *to = c;
    }
    return least < INFINITY;
}

/* The line from the sum: behind the words, and over each plane on its way behind the numbers. */
static void lead_to_result(gather *g, point from) {
    const stage *s = g->s;
    float row, column, arrived = g->w.finished || !gather_tilted(g) ? 0.8f : 0.35f;
    const plane *p = written_plane(g, &row, &column);
    if (!p || isnan(from.x)) return;
    point to = plane_edge(p, row, column, from), end = to;
    const bool turns = strikes_numbers(p, from, to) && way_between(p, row, column, from, &to, &end);
    const paint look = stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, arrived), 2);
    draw_line(s->list, from, to, look);
    for (int i = 0; i < g->result->count; i++) {
        plane_line *own = &g->result_line[i];
        plane *other = &g->result->planes[i];
        *own = (plane_line){to, end, look};
        if ((turns && other == p) || plane_crossed(other, from, to, &own->from, &own->to)) other->under = own;
    }
}

/* In depth the lines join the middles of window and kernel. */
static int64_t middle_slice(const gather *g) {
    const conv_axis *a = &g->w.layout->axis[0];
    return (int64_t)lroundf(g->w.first[0]) + a->kernel / 2 * a->dilation;
}

/* The input plane that the lines start from: the last of the group's that is shown. */
static const plane *framed_plane(const gather *g, int64_t channel) {
    const window *w = &g->w;
    int64_t channels = gather_channels(g, &g->input[0]);
    int64_t lead = w->layout->dims == 1 ? w->sample : w->sample * channels + channel;
    return block_find(&g->blocks[0], &g->input[0], lead, w->layout->dims == 3 ? middle_slice(g) : 0);
}

/* A line from each cell that is read to the cell that is written. */
static void draw_threads(const gather *g, point to) {
    const stage *s = g->s;
    paint look = stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.5f), 1.6f);
    for (int64_t i = 0; i < g->w.count && g->w.count <= THREADS_MOST; i++) {
        const conv_tap *t = &g->w.taps[i];
        int64_t lead, slice, row, column;
        if (t->input < 0 || t->which >= g->inputs) continue;
        operand_place(&g->input[t->which], t->input, &lead, &slice, &row, &column);
        const plane *p = block_find(&g->blocks[t->which], &g->input[t->which], lead, slice);
        if (p) draw_line(s->list, plane_middle(p, (float)row, (float)column), to, look);
    }
}

static void rays_down(const gather *g, const point corner[4], const plane *to) {
    paint look = stage_stroke(g->s, color_faded(g->s->theme->roles[ROLE_WEIGHT].strong, 0.5f), 1.6f);
    bool tilt = gather_tilted(g);
    box b = plane_box(to);
    draw_line(g->s->list, corner[3], tilt ? plane_left(to) : (point){b.x, b.y}, look);
    draw_line(g->s->list, corner[tilt ? 1 : 2], tilt ? plane_right(to) : (point){b.x + b.width, b.y}, look);
}

/* In space all slices of a filter may stand under the input: lines to the first one from the outermost windows that are
 * nearest. False: it does not stand so. */
static bool funnel_down(const gather *g) {
    const window *w = &g->w;
    const block *b = &g->blocks[0];
    const plane *to = block_find(g->kernel, &g->weight, w->channel * w->in_group, 0), *least = NULL, *most = NULL;
    if (!gather_tilted(g) || !to || w->layout->dims != 2 || w->in_group < 2) return false;
    if (plane_box(to).y < b->box.y + b->box.height * 0.9f) return false;
    for (int64_t c = 0; c < w->in_group; c++) {
        const plane *p = framed_plane(g, w->group * w->in_group + c);
        if (!p) continue;
        if (!least || p->origin.y > least->origin.y + 1) least = most = p; /* a lower line */
        if (p->origin.y < least->origin.y - 1) continue;
        if (p->origin.x < least->origin.x) least = p;
        if (p->origin.x > most->origin.x) most = p;
    }
    if (!least) return true;
    const paint look = stage_stroke(g->s, color_faded(g->s->theme->roles[ROLE_WEIGHT].strong, 0.5f), 1.6f);
    point left[4], right[4];
    window_corners(w, least, left);
    window_corners(w, most, right);
    draw_line(g->s->list, left[3], plane_left(to), look);
    draw_line(g->s->list, right[1], plane_right(to), look);
    return true;
}

void gather_rays(gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    point to = toward(g);
    stage_tag(s, tag_none());
    if (w->framed && g->kernel && !funnel_down(g)) {
        const int64_t slices = w->layout->dims == 1 ? 1 : w->in_group, depth = g->weight.slices;
        /* Piled slices are met in their middle; those beside each other would be crossed on the way there. */
        const int64_t met = slide_kernel_slice(w->layout, depth, gather_tilted(g) ? depth / 2 : 0);
        for (int64_t c = 0; c < slices; c++) {
            int64_t first = w->layout->spec.op->kind == CONV_CONV ? w->group * w->in_group : 0;
            const plane *from = framed_plane(g, w->layout->dims == 1 ? 0 : first + c);
            const plane *kernel = block_find(g->kernel, &g->weight, w->channel * slices + c, met);
            if (!from || !kernel) continue;
            point corner[4];
            window_corners(w, from, corner);
            box b = plane_box(kernel);
            box above = plane_box(from);
            if (b.y > above.y + above.height * 0.9f) { /* the kernel stands under the input */
                if (from == &g->blocks[0].planes[g->blocks[0].count - 1]) rays_down(g, corner, kernel);
                continue;
            }
            if ((from - g->blocks[0].planes + 1) % g->blocks[0].across) continue; /* behind other planes */
            color ray = s->theme->roles[ROLE_WEIGHT].strong;
            paint look = stage_stroke(s, color_faded(ray, 0.5f), 1.6f);
            if (from->tilted) {
                draw_line(s->list, corner[1], plane_back(kernel), look);
                draw_line(s->list, corner[2], plane_left(kernel), look);
            } else {
                slide_rays(s, corner[1], corner[2], b, ray);
            }
        }
    }
    if (isnan(to.x) || !w->settled) return;
    if (g->kernel && gather_tilted(g) && w->framed) {
        sum_flow_lines(s, w, g->kernel, &g->weight);
        lead_to_result(g, sum_flow_end(s, g->kernel));
    } else if (g->kernel) {
        lead_to_result(g, sum_end(s, w, g->kernel, to));
    } else if (w->framed) {
        const plane *p = framed_plane(g, w->channel);
        if (!p) return;
        point corner[4];
        window_corners(w, p, corner);
        paint look = stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, 0.45f), 1.6f);
        draw_line(s->list, corner[1], to, look);
        draw_line(s->list, corner[2], to, look);
    } else {
        draw_threads(g, to);
    }
}

void gather_frames(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    const block *b = &g->blocks[0];
    if (!w->framed) return;
    int64_t channels = gather_channels(g, &g->input[0]);
    bool grouped = w->layout->spec.op->kind == CONV_CONV || w->layout->spec.op->kind == CONV_DEFORM;
    int64_t first = grouped ? w->group * w->in_group : w->channel, last = first + (grouped ? w->in_group : 1);
    for (int i = 0; i < b->count; i++) {
        const plane *p = &b->planes[i];
        int64_t sample = p->lead / channels, channel = p->lead % channels;
        if (w->layout->dims == 1) sample = p->lead, channel = first;
        if (sample != w->sample || channel < first || channel >= last) continue;
        if (w->layout->dims == 3) {
            float offset = (float)p->slice - w->first[0];
            int64_t dilation = w->layout->axis[0].dilation;
            if (offset < -0.5f || offset > w->size[0] - 0.5f || (int64_t)lroundf(offset) % dilation) continue;
        }
        window_frame(s, w, p, s->theme->highlight, 2.8f);
    }
}

void gather_outline(const stage *s, const block *b, const operand *o, int64_t index, color c, float width) {
    int64_t lead, slice, row, column;
    operand_place(o, index, &lead, &slice, &row, &column);
    const plane *p = block_find(b, o, lead, slice);
    if (p) plane_outline(s, p, (float)row, (float)column, 1, 1, 0, stage_stroke(s, c, width));
}

/* The plane and cell that a framed tap reads, rim included; NULL when it is not shown. */
static const plane *tap_plane(const gather *g, const conv_tap *t, float *row, float *column) {
    const window *w = &g->w;
    int64_t channels = gather_channels(g, &g->input[0]);
    bool one = w->layout->dims == 1, deep = w->layout->dims == 3;
    *row = one ? (float)t->channel : (float)t->position[deep ? 1 : 0];
    *column = (float)t->position[one ? 0 : deep ? 2 : 1];
    return block_find(&g->blocks[0], &g->input[0], one ? w->sample : w->sample * channels + t->channel,
                      deep ? t->position[0] : 0);
}

/* Where dilation spreads the taps, each one is outlined. */
static void outline_spread_taps(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    bool spread = false;
    for (int i = 0; i < w->layout->dims; i++)
        spread |= w->layout->axis[i].dilation > 1 && w->layout->axis[i].kernel > 1;
    if (!spread || !w->settled || !w->framed) return;
    for (int64_t i = 0; i < w->count; i++) {
        float row, column;
        const plane *p = tap_plane(g, &w->taps[i], &row, &column);
        if (p)
            plane_outline(s, p, row, column, 1, 1, -0.5f * s->unit,
                          stage_stroke(s, s->theme->roles[ROLE_WEIGHT].strong, 1.5f));
    }
}

/* Max pooling's winner; the one cell that a copy reads; the column that unfolding writes. */
static void outline_special(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    color c = s->theme->roles[ROLE_OUTPUT].strong;
    conv_kind kind = w->layout->spec.op->kind;
    if (!w->settled) return;
    for (int64_t i = 0; i < w->count; i++)
        if (w->taps[i].chosen && w->taps[i].input >= 0 && w->done == w->count)
            gather_outline(s, &g->blocks[0], &g->input[0], w->taps[i].input, c, 3.4f);
    if (kind != CONV_UNFOLD || !w->count) return;
    if (w->taps[0].input >= 0) gather_outline(s, &g->blocks[0], &g->input[0], w->taps[0].input, c, 3);
    int64_t lead, slice, row, column;
    operand_place(&g->output, w->step, &lead, &slice, &row, &column);
    const plane *p = block_find(g->result, &g->output, lead, slice);
    if (p) plane_outline(s, p, 0, (float)column, (float)g->output.rows, 1, 0, stage_stroke(s, c, 1.8f));
}

/* The tap that is being multiplied, in input and kernel; all taps where no frame holds them together. */
void gather_taps(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    color c = s->theme->roles[ROLE_WEIGHT].strong;
    if (!w->framed)
        for (int64_t i = 0; i < w->count && i < 512; i++) {
            const conv_tap *t = &w->taps[i];
            if (t->input >= 0 && t->which < g->inputs)
                gather_outline(s, &g->blocks[t->which], &g->input[t->which], t->input, s->theme->highlight, 2.4f);
        }
    outline_spread_taps(g);
    outline_special(g);
    if (!w->settled || w->done >= w->count) return;
    const conv_tap *t = &w->taps[w->done];
    if (g->kernel && t->weight >= 0) gather_outline(s, g->kernel, &g->weight, t->weight, c, 3);
    if (!w->framed) return;
    float row, column;
    const plane *p = tap_plane(g, t, &row, &column);
    if (!p) return;
    plane_outline(s, p, row, column, 1, 1, -s->unit, stage_stroke(s, c, 3));
}
