/* Gather and copy: each step looks at some input cells and writes one output cell. */
#include "slide_gather.h"
#include "equivalent.h"
#include "recall.h"
#include "short_number.h"

#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- what is shown ---- */

static void set_title(const gather *g, block *b, const operand *o) {
    b->role = o->role;
    operand_title(g->s, o, b->title, sizeof b->title);
}

int64_t gather_channels(const gather *g, const operand *o) {
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
        int64_t channels = gather_channels(g, o), first = w->group * w->in_group, many = w->in_group;
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
    const window *w = &g->w;
    const float room = g->s->scene->part_count > 1 && w->in_group == 1 ? SUM_ROOM_LEAST : SUM_ROOM;
    *b = (block){.gap = 12, .column = 1, .foot = gather_tilted(g) ? 36 : 46, .margin = gather_tilted(g) ? room : 0};
    g->kernel = b;
    set_title(g, b, o);
    bool deep = w->layout->dims == 3;
    int64_t filters = w->layout->out_channels, slices = w->layout->dims == 1 ? 1 : w->in_group;
    if (w->layout->dims == 0) filters = slices = 1;
    bool all = g->detail->filters && filters <= 6 && !deep && !gather_tilted(g);
    bool products = g->listed && g->detail->products && !gather_tilted(g);
    int64_t shown = slices < g->detail->channels ? slices : g->detail->channels, depth = o->slices;
    int64_t from = all ? 0 : w->channel, until = all ? filters : w->channel + 1;
    if (w->layout->dims == 0) from = 0, until = 1;
    for (int64_t c = 0; c < shown; c++) {
        for (int64_t f = from; f < until; f++)
            for (int64_t d = 0; d < depth; d++) {
                plane *p = block_add(b, o, f * slices + c, slide_kernel_slice(w->layout, depth, d));
                if (!p) return;
                p->fade = f == w->channel || w->layout->dims == 0 ? 0 : 0.75f;
                if (c == 0 && d == 0 && all && filters > 1 && w->layout->dims)
                    tr_format(g->s->language, p->label, sizeof p->label, N_("filter {0}"), "d", f);
            }
        if (products)
            for (int64_t d = 0; d < depth; d++) {
                plane *p = block_add(b, &g->products, c, slide_kernel_slice(w->layout, depth, d));
                if (!p) return;
                p->values = g->product;
                if (c == 0 && d == 0) snprintf(p->label, sizeof p->label, "%s", tr(g->s->language, N_("products")));
            }
    }
    b->across = (int)((until - from + (products ? 1 : 0)) * depth);
    b->swaps = !gather_tilted(g);
    if (gather_tilted(g) && depth > 1) block_pile(b, (int)depth, (float)g->s->document->slices_closed / 100);
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
    int64_t channels = gather_channels(g, o), current = g->w.channel < channels ? g->w.channel : 0;
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
    return (gather_tilted(g) ? 74 : 66) * g->s->unit;
}

/* Side by side; kernel under the input; all in one column: in space where several parts share the width. Blocks:
 * inputs, kernel, offsets, output. */
static float build(void *view, const detail *d, float most) {
    gather *g = view;
    signed char patterns[3][8] = {{0}};
    add_blocks(g, d);
    const int last = g->count - 1;
    const bool tilted = gather_tilted(g), narrow = g->s->area.width < 1.4f * g->s->area.height;
    const bool column = tilted && g->s->scene->part_count > 1 && g->w.layout->dims < 3;
    for (int i = g->inputs; i < last; i++) patterns[0][i] = 1;
    patterns[0][last] = g->goal ? 0 : last > g->inputs ? 2 : 1;
    int count = last <= g->inputs ? 1 : tilted ? 2 : 3;
    if (!column) patterns[1][last] = 1;
    if (column ? !narrow : tilted && g->kernel && g->kernel->count > 1) count = 1;
    for (int i = 0; i < g->count; i++) g->blocks[i].wide = column && count > 1;
    const arrangement_form *form = g->s->form;
    if (form && form->count == g->count) {
        memcpy(patterns[0], form->column, (size_t)g->count);
        count = 1;
        arrange_take_form(form, g->blocks, g->count);
    }
    const float side = arrange_best(g->s, g->blocks, g->count, tilted, g->s->area, most, patterns, count);
    if (g->s->made) arrange_note_form(g->s->made, g->blocks, g->count);
    return side;
}

static float choose(gather *g, float most) {
    return slide_choose(g->s, g, build, fminf(most, best_cell(g)));
}

/* ---- drawing ---- */

/* Upsampling mixes a few cells: each one's share. */
static void note_share(const gather *g, grid_cell *c, int which) {
    const window *w = &g->w;
    const conv_tap *only = NULL;
    if (w->layout->spec.op->kind != CONV_UPSAMPLE || c->index < 0 || w->count < 2) return;
    for (int64_t i = 0; i < w->count && i < 16; i++) {
        if (w->taps[i].input != c->index || w->taps[i].which != which) continue;
        if (only) return; /* at the border a cell is read more than once: the sum tells its shares */
        only = &w->taps[i];
    }
    if (!only) return;
    snprintf(c->note, sizeof c->note, "×");
    short_number(c->note + strlen("×"), (int)(sizeof c->note - strlen("×")), (double)only->factor, NUMBER_DIGITS);
    c->note_role = ROLE_OFFSET;
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
/* With labels a product is told by its factors; what padding reads has no symbol. */
static void paint_product(const stage *s, const plane *p, grid_cell *c, void *context) {
    const gather *g = context;
    const window *w = &g->w;
    const int64_t each = conv_shape_count(&g->products.shape);
    if (p->of != &g->products || !s->document->labels || c->index < 0 || isnan(g->product[c->index])) return;
    for (int64_t i = 0; i < w->done; i++) {
        const conv_tap *t = &w->taps[i];
        if (t->weight < 0 || t->weight % each != c->index || t->input < 0 || t->which >= g->inputs) continue;
        c->factors[0] = &g->input[t->which];
        c->factors[1] = &g->weight;
        c->factor[0] = t->input;
        c->factor[1] = t->weight;
        return;
    }
}

static void draw_samples(const gather *g) {
    const block *b = &g->blocks[0];
    stage_tag(g->s, tag_none());
    int64_t channels = gather_channels(g, &g->input[0]);
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

/* True convolution reads the kernel back to front: before the first product it turns round, and stays so. Each product
 * stands where its weight does. */
static void turn_kernel(const gather *g) {
    const window *w = &g->w;
    if (!g->kernel) return;
    const bool turning = w->step == 0 && !g->s->settings->reduced_motion;
    slide_turn_kernel(w->layout, g->kernel, &g->weight, turning ? eased(phase(w->progress, 0.02, 0.22)) : 1);
    slide_turn_kernel(w->layout, g->kernel, &g->products, 1);
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
    bool tilt = gather_tilted(g);
    arrange_place(s, g->blocks, g->count, tilt, s->area, size);
    turn_kernel(g);
    for (int i = 0; i < g->inputs; i++) arrange_numbers(s, &g->input[i], tilt, size);
    if (g->weighted) arrange_numbers(s, &g->weight, tilt, size);
    arrange_numbers(s, &g->output, tilt, size);
    arrange_numbers(s, &g->products, tilt, size);
    if (g->moved) arrange_numbers(s, &g->offsets.of, tilt, size);
    if (g->moved && g->offsets.masked) arrange_numbers(s, &g->offsets.mask, tilt, size);
    gather_rays(g);
    for (int i = 0; tilt && i < g->result->count; i++)
        if (g->result->planes[i].of == &g->output) g->result->planes[i].lit = g->w.step + 1;
    for (int b = 0; b < g->count; b++) {
        block_words(s, &g->blocks[b]);
        if (b == 0 && samples_shown(&g->w))
            draw_sampled(g);
        else
            block_draw(s, &g->blocks[b],
                       b < g->inputs                ? paint_input
                       : &g->blocks[b] == g->kernel ? paint_product
                                                    : NULL,
                       g);
    }
    stage_tag(s, tag_none());
    gather_frames(g);
    if (tilt) frame_filter(g);
    gather_taps(g);
    gather_outline(s, g->result, &g->output, g->w.step, s->theme->highlight, 3);
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
    bool key = g->goal || (s->document->blank_output && s->document->answers);
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
    g->goal = s->document->parts[index].goal;
    while (!g->goal && g->inputs < INPUT_MOST && operand_of(s, index, ROLE_INPUT, g->inputs, &g->input[g->inputs]))
        g->inputs++;
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
