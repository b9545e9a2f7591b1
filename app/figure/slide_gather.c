/* Gather and copy: each step looks at some input cells and writes one output cell. */
#include "equivalent.h"
#include "recall.h"
#include "short_number.h"
#include "slide_samples.h"
#include "slide_sum.h"

#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INPUT_MOST = 4, PRODUCTS_MOST = 1024, STATE_MOST = 16384, THREADS_MOST = 9, BLOCKS = INPUT_MOST + 3 };

typedef struct gather {
    stage *s;
    int index;
    window w;
    const detail *detail;
    operand input[INPUT_MOST], weight, products, output;
    int inputs;
    bool weighted, multiplies, listed; /* listed: the products have a grid */
    float product[PRODUCTS_MOST];
    block blocks[BLOCKS];
    int count;
    block *kernel, *result;
    const int64_t *reads;
    offsets offsets;
    bool moved;                           /* sampling points are moved by offsets */
    plane_line result_line[BLOCK_PLANES]; /* from the sum to the cell that is written, as each plane has it */
} gather;

static bool tilted(const gather *g) {
    return g->s->document->style == STYLE_ISOMETRIC;
}

/* ---- what is shown ---- */

static void set_title(const gather *g, block *b, const operand *o) {
    b->role = o->role;
    operand_title(g->s, o, b->title, sizeof b->title);
}

static int64_t channels_of(const gather *g, const operand *o) {
    const conv_layout *l = g->w.layout;
    bool spatial = o->shape.rank == l->dims + 1 + (l->batched ? 1 : 0);
    if (!spatial || l->dims < 2) return o->planes; /* one dimension: channels are rows */
    return o->shape.size[o->shape.rank - l->dims - 1];
}

/* Cells beside the last window that no window reaches. */
static bool never_read(const gather *g) {
    if (!g->reads) return false;
    int64_t count = conv_shape_count(&g->input[0].shape);
    for (int64_t i = count - 1; i >= 0; i--)
        if (g->reads[i] == 0) return true;
    return false;
}

static void say_dilation(const gather *g, block *b) {
    const conv_layout *l = g->w.layout;
    int64_t most = 1;
    for (int i = 0; g->w.framed && i < l->dims; i++)
        if (l->axis[i].dilation > most) most = l->axis[i].dilation;
    char text[96];
    if (most <= 1) return;
    slide_remark(b, tr_format(g->s->language, text, sizeof text, N_("hatched: gaps of dilation {0}"), "d", most));
    slide_remark(b, tr(g->s->language, N_("they cost nothing")));
}

static void add_inputs(gather *g) {
    const window *w = &g->w;
    for (int i = 0; i < g->inputs; i++) {
        operand *o = &g->input[i];
        block *b = &g->blocks[g->count++];
        *b = (block){.gap = 14, .column = 0};
        set_title(g, b, o);
        int64_t channels = channels_of(g, o), first = w->group * w->in_group, many = w->in_group;
        if (w->layout->spec.op->kind != CONV_CONV && w->layout->spec.op->kind != CONV_DEFORM) first = w->channel;
        if (first >= channels) first = 0;
        if (many > channels - first) many = channels - first;
        slide_add_planes(g->s, b, o, channels, w->sample, first, first, many, g->detail);
        slide_rim_remark(g->s, b, o);
        say_dilation(g, b);
        if (g->s->inserted) slide_remark(b, tr(g->s->language, N_("pale: zeros put in")));
        if (never_read(g)) slide_remark(b, tr(g->s->language, N_("hatched: never read")));
    }
}

/* Filters in columns, their slices in lines, and the products of the current filter as the last column. */
static void add_kernel(gather *g) {
    operand *o = &g->weight;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 12, .column = 1, .foot = tilted(g) ? 36 : 46, .margin = tilted(g) ? SUM_ROOM : 0};
    g->kernel = b;
    set_title(g, b, o);
    const window *w = &g->w;
    bool deep = w->layout->dims == 3;
    int64_t filters = w->layout->out_channels, slices = w->layout->dims == 1 ? 1 : w->in_group;
    if (w->layout->dims == 0) filters = slices = 1;
    bool all = g->detail->filters && filters <= 6 && !deep && !tilted(g);
    bool products = g->listed && g->detail->products && !tilted(g);
    int64_t shown = slices < g->detail->channels ? slices : g->detail->channels, depth = o->slices;
    int64_t from = all ? 0 : w->channel, until = all ? filters : w->channel + 1;
    if (w->layout->dims == 0) from = 0, until = 1;
    for (int64_t c = 0; c < shown; c++) {
        for (int64_t f = from; f < until; f++)
            for (int64_t d = 0; d < depth; d++) {
                plane *p = block_add(b, o, f * slices + c, d);
                if (!p) return;
                p->fade = f == w->channel || w->layout->dims == 0 ? 0 : 0.75f;
                if (c == 0 && d == 0 && all && filters > 1 && w->layout->dims)
                    tr_format(g->s->language, p->label, sizeof p->label, N_("filter {0}"), "d", f);
            }
        if (products)
            for (int64_t d = 0; d < depth; d++) {
                plane *p = block_add(b, &g->products, c, d);
                if (!p) return;
                p->values = g->product;
                if (c == 0 && d == 0) snprintf(p->label, sizeof p->label, "%s", tr(g->s->language, N_("products")));
            }
    }
    b->across = (int)((until - from + (products ? 1 : 0)) * depth);
    b->swaps = !tilted(g);
    if (tilted(g) && depth > 1) block_pile(b, (int)depth, (float)g->s->document->slices_closed / 100);
    b->labels = products || (all && filters > 1 && w->layout->dims);
    char text[96];
    if (shown < slices)
        slide_remark(b, tr_format(g->s->language, text, sizeof text, N_("{0} of {1} slices"), "dd", shown, slices));
    if (w->layout->spec.flip) slide_remark(b, tr(g->s->language, N_("turned round")));
    if (!all && filters > 1 && w->layout->dims)
        slide_remark(b,
                     tr_format(g->s->language, text, sizeof text, N_("filter {0} of {1}"), "dd", w->channel, filters));
}

static void add_output(gather *g) {
    operand *o = &g->output;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 14, .column = 2};
    g->result = b;
    set_title(g, b, o);
    int64_t channels = channels_of(g, o), current = g->w.channel < channels ? g->w.channel : 0;
    slide_add_planes(g->s, b, o, channels, g->w.sample, current, 0, channels, g->detail);
}

static void add_blocks(gather *g, const detail *d) {
    g->detail = d;
    g->count = 0;
    g->kernel = NULL;
    add_inputs(g);
    if (g->weighted) add_kernel(g);
    if (g->moved) {
        offsets_block(g->s, &g->offsets, &g->blocks[g->count]);
        g->blocks[g->count++].column = 1;
    }
    add_output(g);
}

static float best_cell(const gather *g) {
    return (tilted(g) ? 74 : 66) * g->s->unit;
}

/* Side by side; kernel under the input; all in one column. Blocks: inputs, kernel, offsets, output. */
static float build(void *view, const detail *d, float most) {
    gather *g = view;
    signed char patterns[3][8] = {{0}};
    add_blocks(g, d);
    int last = g->count - 1;
    for (int i = g->inputs; i < last; i++) patterns[0][i] = 1;
    patterns[0][last] = last > g->inputs ? 2 : 1;
    patterns[1][last] = 1;
    bool one_only = last == g->inputs || (tilted(g) && (!g->kernel || g->kernel->count > 1));
    return arrange_best(g->s, g->blocks, g->count, tilted(g), g->s->area, most, patterns,
                        one_only    ? 1
                        : tilted(g) ? 2
                                    : 3);
}

static float choose(gather *g, float most) {
    return slide_choose(g->s, g, build, fminf(most, best_cell(g)));
}

/* ---- drawing ---- */

/* Upsampling mixes a few cells: each one's share. */
static void note_share(const gather *g, grid_cell *c, int which) {
    const window *w = &g->w;
    if (w->layout->spec.op->kind != CONV_UPSAMPLE || c->index < 0 || w->count < 2) return;
    for (int64_t i = 0; i < w->count && i < 16; i++) {
        if (w->taps[i].input != c->index || w->taps[i].which != which) continue;
        snprintf(c->note, sizeof c->note, "×");
        short_number(c->note + strlen("×"), (int)(sizeof c->note - strlen("×")), (double)w->taps[i].factor,
                     NUMBER_DIGITS);
        c->note_role = ROLE_OFFSET;
    }
}

static void paint_input(const stage *s, const plane *p, grid_cell *c, void *context) {
    const gather *g = context;
    const window *w = &g->w;
    bool dims1 = w->layout->dims == 1;
    if (s->inserted && !c->rim) {
        const int64_t at[3] = {p->slice, c->row, c->column};
        if (equivalent_inserted(s->inserted, w->layout->dims, at + 3 - w->layout->dims)) c->veil = 0.7f;
    }
    if (!c->rim && !s->inserted && g->reads && c->index >= 0 && g->reads[c->index] == 0) c->unread = true;
    if (!w->framed) {
        note_share(g, c, p->of->which);
        return;
    }
    int64_t channel = dims1 ? c->row : p->lead % (w->layout->in_channels > 0 ? w->layout->in_channels : 1);
    if (p->of->planes > 1 && w->layout->in_channels > 0 && p->lead / w->layout->in_channels != w->sample && !dims1)
        return;
    const conv_tap *t =
        window_covers(w, p->slice, c->row, c->column) ? window_tap(w, channel, p->slice, c->row, c->column) : NULL;
    if (!t && w->in_group == w->layout->in_channels && window_skips(w, p->slice, c->row, c->column)) c->unread = true;
    if (t && g->multiplies && !s->document->labels) {
        snprintf(c->note, sizeof c->note, "×");
        short_number(c->note + strlen("×"), (int)(sizeof c->note - strlen("×")), (double)t->factor, NUMBER_DIGITS);
        c->note_role = ROLE_WEIGHT;
    }
    if (!t && c->rim && c->index >= 0 && p->of->mode != CONV_ZEROS && p->of->mode != CONV_CONSTANT) {
        char letter[8], indices[32];
        operand_symbol(p->of, c->index, letter, indices, sizeof indices);
        snprintf(c->note, sizeof c->note, "%s%.12s", letter, indices);
        c->note_role = ROLE_INPUT;
    }
}

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

/* The line from the sum: behind the words, and over each plane on its way behind the numbers. */
static void lead_to_result(gather *g, point from) {
    const stage *s = g->s;
    float row, column, arrived = g->w.finished || !tilted(g) ? 0.8f : 0.35f;
    const plane *p = written_plane(g, &row, &column);
    if (!p || isnan(from.x)) return;
    const point to = plane_edge(p, row, column, from);
    const paint look = stage_stroke(s, color_faded(s->theme->roles[ROLE_OUTPUT].strong, arrived), 2);
    draw_line(s->list, from, to, look);
    for (int i = 0; i < g->result->count; i++) {
        plane_line *own = &g->result_line[i];
        own->look = look;
        if (plane_crossed(&g->result->planes[i], from, to, &own->from, &own->to)) g->result->planes[i].under = own;
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
    int64_t channels = channels_of(g, &g->input[0]);
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
    bool tilt = tilted(g);
    box b = plane_box(to);
    draw_line(g->s->list, corner[3], tilt ? plane_left(to) : (point){b.x, b.y}, look);
    draw_line(g->s->list, corner[tilt ? 1 : 2], tilt ? plane_right(to) : (point){b.x + b.width, b.y}, look);
}

static void draw_rays(gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    point to = toward(g);
    stage_tag(s, tag_none());
    if (w->framed && g->kernel) {
        int64_t slices = w->layout->dims == 1 ? 1 : w->in_group;
        for (int64_t c = 0; c < slices; c++) {
            int64_t first = w->layout->spec.op->kind == CONV_CONV ? w->group * w->in_group : 0;
            const plane *from = framed_plane(g, w->layout->dims == 1 ? 0 : first + c);
            const plane *kernel = block_find(g->kernel, &g->weight, w->channel * slices + c, g->weight.slices / 2);
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
    if (g->kernel && tilted(g) && w->framed) {
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

static void draw_frames(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    const block *b = &g->blocks[0];
    if (!w->framed) return;
    int64_t channels = channels_of(g, &g->input[0]);
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

static void outline_cell(const stage *s, const block *b, const operand *o, int64_t index, color c, float width) {
    int64_t lead, slice, row, column;
    operand_place(o, index, &lead, &slice, &row, &column);
    const plane *p = block_find(b, o, lead, slice);
    if (p) plane_outline(s, p, (float)row, (float)column, 1, 1, 0, stage_stroke(s, c, width));
}

/* The plane and cell that a framed tap reads, rim included; NULL when it is not shown. */
static const plane *tap_plane(const gather *g, const conv_tap *t, float *row, float *column) {
    const window *w = &g->w;
    int64_t channels = channels_of(g, &g->input[0]);
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
            outline_cell(s, &g->blocks[0], &g->input[0], w->taps[i].input, c, 3.4f);
    if (kind != CONV_UNFOLD || !w->count) return;
    if (w->taps[0].input >= 0) outline_cell(s, &g->blocks[0], &g->input[0], w->taps[0].input, c, 3);
    int64_t lead, slice, row, column;
    operand_place(&g->output, w->step, &lead, &slice, &row, &column);
    const plane *p = block_find(g->result, &g->output, lead, slice);
    if (p) plane_outline(s, p, 0, (float)column, (float)g->output.rows, 1, 0, stage_stroke(s, c, 1.8f));
}

/* The tap that is being multiplied, in input and kernel; all taps where no frame holds them together. */
static void draw_taps(const gather *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    color c = s->theme->roles[ROLE_WEIGHT].strong;
    if (!w->framed)
        for (int64_t i = 0; i < w->count && i < 512; i++) {
            const conv_tap *t = &w->taps[i];
            if (t->input >= 0 && t->which < g->inputs)
                outline_cell(s, &g->blocks[t->which], &g->input[t->which], t->input, s->theme->highlight, 2.4f);
        }
    outline_spread_taps(g);
    outline_special(g);
    if (!w->settled || w->done >= w->count) return;
    const conv_tap *t = &w->taps[w->done];
    if (g->kernel && t->weight >= 0) outline_cell(s, g->kernel, &g->weight, t->weight, c, 3);
    if (!w->framed) return;
    float row, column;
    const plane *p = tap_plane(g, t, &row, &column);
    if (!p) return;
    plane_outline(s, p, row, column, 1, 1, -s->unit, stage_stroke(s, c, 3));
}

static void draw_samples(const gather *g) {
    const block *b = &g->blocks[0];
    stage_tag(g->s, tag_none());
    int64_t channels = channels_of(g, &g->input[0]);
    for (int i = 0; i < b->count; i++)
        if (b->planes[i].lead / channels == g->w.sample)
            samples_draw(g->s, &g->w, &b->planes[i], b->planes[i].lead % channels);
}

/* The sampled input: cells, the sampling points, then the numbers. */
static void draw_sampled(gather *g) {
    block *b = &g->blocks[0];
    for (int i = 0; i < b->count; i++) b->planes[i].quiet = true;
    block_draw(g->s, b, paint_input, g);
    draw_samples(g);
    for (int i = 0; i < b->count; i++) b->planes[i].quiet = false, b->planes[i].inked = true;
    block_draw(g->s, b, paint_input, g);
}

/* True convolution reads the kernel back to front: before the first product it turns round, and stays so. */
static void turn_kernel(const gather *g) {
    const window *w = &g->w;
    if (!g->kernel || !w->layout->spec.flip) return;
    bool turning = w->step == 0 && !g->s->settings->reduced_motion;
    float angle = 3.14159265f * (turning ? eased(phase(w->progress, 0.02, 0.22)) : 1);
    float c = cosf(angle), n = sinf(angle);
    for (int i = 0; i < g->kernel->count; i++) {
        plane *p = &g->kernel->planes[i];
        if (p->of != &g->weight) continue;
        point middle = plane_at(p, (float)p->of->rows / 2, (float)p->of->columns / 2);
        if (!p->tilted) { /* as polygons; a tilted plane turns in its own plane */
            p->right = (point){p->right.x * c, p->right.x * n};
            p->down = (point){-p->down.y * n, p->down.y * c};
            p->tilted = true;
            p->upright = true;
        } else {
            point right = p->right, down = p->down;
            p->right = (point){right.x * c + down.x * n, right.y * c + down.y * n};
            p->down = (point){down.x * c - right.x * n, down.y * c - right.y * n};
        }
        point now = plane_at(p, (float)p->of->rows / 2, (float)p->of->columns / 2);
        p->origin = (point){p->origin.x + middle.x - now.x, p->origin.y + middle.y - now.y};
    }
}

/* In space the slices of the current filter wear a frame. */
static void frame_filter(const gather *g) {
    const stage *s = g->s;
    for (int i = 0; g->kernel && i < g->kernel->count; i++) {
        const plane *p = &g->kernel->planes[i];
        if (p->of != &g->weight || p->fade > 0) continue;
        plane_outline(s, p, 0, 0, (float)p->of->rows, (float)p->of->columns, 0.5f * s->unit,
                      stage_stroke(s, s->theme->roles[ROLE_WEIGHT].strong, 2));
    }
}

static void draw_all(gather *g, float size) {
    stage *s = g->s;
    bool tilt = tilted(g);
    arrange_place(s, g->blocks, g->count, tilt, s->area, size);
    turn_kernel(g);
    for (int i = 0; i < g->inputs; i++) arrange_numbers(s, &g->input[i], tilt, size);
    if (g->weighted) arrange_numbers(s, &g->weight, tilt, size);
    arrange_numbers(s, &g->output, tilt, size);
    arrange_numbers(s, &g->products, tilt, size);
    if (g->moved) arrange_numbers(s, &g->offsets.of, tilt, size);
    if (g->moved && g->offsets.masked) arrange_numbers(s, &g->offsets.mask, tilt, size);
    draw_rays(g);
    for (int i = 0; tilt && i < g->result->count; i++)
        if (g->result->planes[i].of == &g->output) g->result->planes[i].lit = g->w.step + 1;
    for (int b = 0; b < g->count; b++) {
        block_words(s, &g->blocks[b]);
        if (b == 0 && samples_shown(&g->w))
            draw_sampled(g);
        else
            block_draw(s, &g->blocks[b], b < g->inputs ? paint_input : NULL, g);
    }
    stage_tag(s, tag_none());
    draw_frames(g);
    if (tilt) frame_filter(g);
    draw_taps(g);
    outline_cell(s, g->result, &g->output, g->w.step, s->theme->highlight, 3);
    if (g->kernel && tilt && g->w.framed)
        sum_flow_node(s, &g->w, g->kernel, &g->weight);
    else if (g->kernel)
        sum_line(s, &g->w, g->kernel);
    slide_marks(s, g->index, g->blocks, g->count);
}

/* ---- what it is drawn from ---- */

static void read_products(gather *g) {
    const conv_layout *l = g->w.layout;
    conv_shape shape = l->weight;
    int64_t each = 1;
    for (int i = 1; i < shape.rank; i++) each *= shape.size[i];
    g->multiplies = g->weighted;
    if (!g->weighted || each > PRODUCTS_MOST || l->dims == 0) return;
    for (int i = 1; i < shape.rank; i++) shape.size[i - 1] = shape.size[i];
    shape.rank--;
    for (int64_t i = 0; i < each; i++) g->product[i] = NAN;
    const document *d = g->s->document;
    const int64_t shown =
        d->blank_output && !d->answers ? 0 : g->w.done; /* a worksheet's products are to be filled in */
    for (int64_t i = 0; i < shown; i++)
        if (g->w.taps[i].weight >= 0) g->product[g->w.taps[i].weight % each] = g->w.taps[i].product;
    g->products = g->weight;
    g->products.role = ROLE_NONE;
    g->products.shape = shape;
    g->products.planes = shape.rank > l->dims ? shape.size[0] : 1;
    g->products.values = g->product;
    g->products.symbols = false;
    g->products.scale = 0;
    g->listed = g->multiplies;
}

static const int64_t *read_counts(stage *s, int index) {
    scene_part *p = &s->scene->parts[index];
    int64_t count = conv_shape_count(&p->layout->input[0]);
    conv_kind kind = p->layout->spec.op->kind;
    if (count > 100000 || count < 1 || !(kind == CONV_CONV || kind == CONV_MAX_POOL || kind == CONV_AVG_POOL))
        return NULL;
    recall_key key = {RECALL_READS, index, p->focus, 0, 0};
    int64_t *counts = recall(s->scene, key);
    if (counts) return counts;
    counts = memory_zeroed((size_t)count, sizeof *counts);
    if (!counts) return NULL;
    if (conv_trace_reads(p->plan, 0, counts, NULL) != CONV_OK) {
        memory_free(counts);
        return NULL;
    }
    return recall_keep(s->scene, key, counts, NULL) ? counts : NULL;
}

/* The output as far as the steps went. A large one is its own first part: no copy is made for a frame. */
static bool show_state(gather *g) {
    stage *s = g->s;
    int64_t steps = g->w.step + (g->w.finished ? 1 : 0), known = slide_known(s);
    bool key = s->document->blank_output && s->document->answers;
    const float *state = NULL;
    if (conv_shape_count(&g->output.shape) > STATE_MOST)
        known = known < steps ? known : steps;
    else if (!(state = scene_state(s->scene, g->index, steps, s->failure)))
        return false;
    for (int i = 0; i < g->result->count; i++) {
        g->result->planes[i].known = key ? INT64_MAX : known;
        g->result->planes[i].values = key ? NULL : state;
    }
    return true;
}

float slide_gather(stage *s, int index, float most, bool draw) {
    gather *g = memory_zeroed(1, sizeof *g);
    if (!g) return -1;
    *g = (gather){.s = s, .index = index};
    float size = -1;
    if (!window_at(s, index, &g->w)) goto done;
    while (g->inputs < INPUT_MOST && operand_of(s, index, ROLE_INPUT, g->inputs, &g->input[g->inputs])) g->inputs++;
    g->weighted = g->w.layout->spec.op->kind != CONV_BATCH_NORM && operand_of(s, index, ROLE_WEIGHT, 0, &g->weight);
    if (!operand_of(s, index, ROLE_OUTPUT, 0, &g->output)) goto done;
    read_products(g);
    g->moved = offsets_read(s, &g->w, &g->offsets);
    g->reads = read_counts(s, index);
    size = choose(g, most);
    if (!draw) goto done;
    if (!show_state(g)) {
        size = -1;
        goto done;
    }
    draw_all(g, size);
done:
    memory_free(g);
    return size;
}
