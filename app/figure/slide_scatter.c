/* Scatter: each input value stamps the kernel, scaled, onto the output. */
#include "rim.h"
#include "short_number.h"
#include "slide.h"

#include "app/system/memory.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { BLOCKS = 3, RAYS_MOST = 4 };

typedef struct scatter {
    stage *s;
    int index;
    window w;
    const detail *detail;
    operand input, weight, output;
    bool weighted, folds;
    block blocks[BLOCKS];
    int count;
    block *kernel, *result;
    const float *state; /* before this step's stamp */
} scatter;

static bool tilted(const scatter *g) {
    return g->s->document->style == STYLE_ISOMETRIC;
}

static void add_input(scatter *g) {
    const conv_layout *l = g->w.layout;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 14, .column = 0, .role = ROLE_INPUT};
    operand_title(g->s, &g->input, b->title, sizeof b->title);
    int64_t channels = l->dims < 2 || g->folds ? 1 : l->in_channels;
    int64_t lead = channels > 1 ? g->w.channel : 0, first = lead / g->w.in_group * g->w.in_group;
    slide_add_planes(g->s, b, &g->input, channels, g->w.sample, lead, first, channels - first, g->detail);
}

/* The slices that the current input channel stamps: one for each output channel of its group. */
static void add_kernel(scatter *g) {
    const window *w = &g->w;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 12, .column = 0, .foot = 30, .role = ROLE_WEIGHT};
    if (tilted(g)) b->column = 1;
    g->kernel = b;
    operand_title(g->s, &g->weight, b->title, sizeof b->title);
    int64_t each = w->layout->dims == 1 ? 1 : w->out_group, depth = g->weight.slices;
    int64_t shown = each < g->detail->channels ? each : g->detail->channels;
    for (int64_t c = 0; c < shown; c++)
        for (int64_t d = 0; d < depth; d++) {
            plane *p = block_add(b, &g->weight, w->channel * each + c, slide_kernel_slice(w->layout, depth, d));
            if (!p) return;
            if (each > 1)
                tr_format(g->s->language, p->label, sizeof p->label, N_("to channel {0}"), "d",
                          w->group * w->out_group + c);
        }
    b->across = (int)depth;
    b->wraps = depth == 1;
    b->swaps = !b->wraps;
    if (tilted(g) && depth > 1) block_pile(b, (int)depth, (float)g->s->document->slices_closed / 100);
    b->labels = each > 1;
    char text[96];
    if (w->layout->spec.flip) slide_remark(b, tr(g->s->language, N_("turned round")));
    if (w->layout->in_channels > 1)
        slide_remark(b, tr_format(g->s->language, text, sizeof text, N_("of input channel {0}"), "d", w->channel));
}

static bool grows(const conv_layout *l) {
    bool any = false;
    for (int i = 0; l->spec.op->kind == CONV_TRANSPOSE && i < l->dims; i++) any |= l->spec.output_padding[i] > 0;
    return any;
}

static void add_output(scatter *g) {
    const conv_layout *l = g->w.layout;
    block *b = &g->blocks[g->count++];
    *b = (block){.gap = 14, .column = tilted(g) && g->weighted ? 2 : 1, .role = ROLE_OUTPUT};
    g->result = b;
    operand_title(g->s, &g->output, b->title, sizeof b->title);
    int64_t channels = l->dims < 2 ? 1
                       : g->folds  ? g->output.shape.size[g->output.shape.rank - l->dims - 1]
                                   : l->out_channels;
    int64_t first = g->folds ? (g->w.channel < channels ? g->w.channel : 0) : g->w.group * g->w.out_group;
    if (l->dims < 2) first = 0;
    slide_add_planes(g->s, b, &g->output, channels, g->w.sample, first, 0, channels, g->detail);
    slide_rim_remark(g->s, b, &g->output);
    if (grows(l)) slide_remark(b, tr(g->s->language, N_("violet dashes: output_padding")));
}

static void add_blocks(scatter *g, const detail *d) {
    g->detail = d;
    g->count = 0;
    g->kernel = NULL;
    add_input(g);
    if (g->weighted) add_kernel(g);
    add_output(g);
}

static float build(void *view, const detail *d, float most) {
    scatter *g = view;
    add_blocks(g, d);
    static const signed char two[3][8] = {{0, 1}, {0, 0}}, three[3][8] = {{0, 0, 1}, {0, 1, 2}, {0, 0, 0}};
    static const signed char space[2][8] = {{0, 1, 2}, {0, 0, 1}};
    bool tilt = tilted(g);
    return arrange_best(g->s, g->blocks, g->count, tilt, g->s->area, most,
                        tilt && g->weighted ? space
                        : g->weighted       ? three
                                            : two,
                        tilt          ? 1
                        : g->weighted ? 3
                                      : 2);
}

static float choose(scatter *g, float most) {
    return slide_choose(g->s, g, build, fminf(most, (tilted(g) ? 74 : 66) * g->s->unit));
}

/* How many stamps have landed on a padded position, counted from the geometry: whole channels and rows before, then
 * this one. */
static int64_t stamps_at(const scatter *g, const int64_t at[3]) {
    const window *w = &g->w;
    const conv_layout *l = w->layout;
    int64_t all = 1, before = 0;
    for (int i = 0; i < l->dims; i++) {
        const conv_axis *a = &l->axis[i];
        int64_t every = 0, earlier = 0, here = 0;
        for (int64_t k = 0; k < a->kernel; k++) {
            int64_t offset = at[3 - l->dims + i] - conv_axis_tap(a, 0, k);
            if (offset < 0 || offset % a->stride || offset / a->stride >= a->in) continue;
            int64_t stop = offset / a->stride;
            every++;
            earlier += w->bias_step || stop < w->position[i];
            here += !w->bias_step && stop == w->position[i];
        }
        /* stops earlier along the outer axes count every stop of the inner ones */
        before = before * every;
        before += all * earlier;
        all *= here;
        if (i + 1 == l->dims) before += w->finished ? all : 0;
    }
    return before;
}

/* Of one output channel: every earlier input channel of the group stamped all stops. */
static int64_t stamps_of_channels(const scatter *g, const int64_t at[3]) {
    const window *w = &g->w;
    const conv_layout *l = w->layout;
    int64_t all = 1;
    for (int i = 0; i < l->dims; i++) {
        const conv_axis *a = &l->axis[i];
        int64_t every = 0;
        for (int64_t k = 0; k < a->kernel; k++) {
            int64_t offset = at[3 - l->dims + i] - conv_axis_tap(a, 0, k);
            if (offset >= 0 && offset % a->stride == 0 && offset / a->stride < a->in) every++;
        }
        all *= every;
    }
    return w->bias_step ? all * (w->in_group - 1) : all * (w->channel % w->in_group);
}

static void paint_output(const stage *s, const plane *p, grid_cell *c, void *context) {
    const scatter *g = context;
    const window *w = &g->w;
    const conv_layout *l = w->layout;
    int64_t channels = l->dims < 2 ? 1 : g->folds ? g->output.planes : l->out_channels;
    int64_t sample = l->dims < 2 ? p->lead : p->lead / channels, channel = l->dims < 2 ? c->row : p->lead % channels;
    if (slide_known(s) == 0) {
        c->known = false;
        c->value = c->rim ? NAN : c->value;
        return;
    }
    int64_t at[3] = {p->slice, c->row, c->column};
    bool mine = sample == w->sample && (g->folds || channel / w->out_group == w->group);
    int64_t stamps = mine ? stamps_at(g, at) + stamps_of_channels(g, at) : 0;
    if (c->rim && stamps == 0) c->value = NAN; /* nothing landed there yet */
    if (s->document->counts && !g->folds) c->dots = stamps;
    if (w->bias_step || !w->settled || sample != w->sample) return;
    if (!window_covers(w, p->slice, c->row, c->column)) return;
    const conv_tap *t = window_tap(w, channel, p->slice, c->row, c->column);
    if (!t) {
        if (mine && window_skips(w, p->slice, c->row, c->column)) c->veil = 0.6f;
        return;
    }
    if (t - w->taps >= w->done) return;
    if (!c->rim) {
        c->value = t->sum;
        c->known = true;
    }
    if (s->document->labels) return;
    c->note[0] = t->product < 0 ? '-' : '+';
    short_number(c->note + 1, (int)sizeof c->note - 1, fabs((double)t->product), NUMBER_DIGITS);
    c->note_role = ROLE_WEIGHT;
}

static const plane *input_plane(const scatter *g, int64_t *row, int64_t *column) {
    int64_t lead, slice;
    if (g->w.bias_step) return NULL;
    operand_place(&g->input, g->w.step, &lead, &slice, row, column);
    return block_find(&g->blocks[0], &g->input, lead, slice);
}

static const plane *stamped_plane(const scatter *g, int64_t channel) {
    const window *w = &g->w;
    int64_t lead = w->layout->dims < 2 ? w->sample : w->sample * w->layout->out_channels + channel;
    if (g->folds) lead = w->channel;
    return block_find(g->result, &g->output, lead, w->layout->dims == 3 ? (int64_t)lroundf(w->first[0]) : 0);
}

/* The output stands under the kernel. */
static bool under(const plane *kernel, const plane *to) {
    box a = plane_box(kernel), b = plane_box(to);
    return (!kernel->tilted || kernel->upright) && b.y >= a.y + a.height;
}

static void draw_rays(const scatter *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    int64_t row, column, each = w->layout->dims == 1 ? 1 : w->out_group;
    const plane *from = input_plane(g, &row, &column);
    if (!w->framed || !from) return;
    const int64_t first = slide_kernel_slice(w->layout, g->weight.slices, 0);
    if (each > RAYS_MOST) each = 1; /* a bundle says no more than one pair */
    paint look = stage_stroke(s, color_faded(s->theme->roles[ROLE_WEIGHT].strong, 0.55f), 1.8f);
    for (int64_t c = 0; c < each; c++) {
        const plane *to = stamped_plane(g, w->group * w->out_group + c);
        const plane *kernel = g->kernel ? block_find(g->kernel, &g->weight, w->channel * each + c, first) : NULL;
        if (!to) continue;
        point corner[4];
        window_corners(w, to, corner);
        if (!kernel) {
            point middle = plane_middle(from, (float)row, (float)column);
            draw_line(s->list, middle, corner[0], look);
            draw_line(s->list, middle, corner[3], look);
            continue;
        }
        const operand *k = &g->weight;
        if (under(kernel, to)) {
            draw_line(s->list, plane_at(kernel, (float)k->rows, 0), corner[0], look);
            draw_line(s->list, plane_at(kernel, (float)k->rows, (float)k->columns), corner[1], look);
            continue;
        }
        point a = plane_at(kernel, 0, (float)k->columns), b = plane_at(kernel, (float)k->rows, (float)k->columns);
        draw_line(s->list, a, corner[0], look);
        draw_line(s->list, b, kernel->tilted ? corner[2] : corner[3], look);
    }
}

/* "5 × K" between the input and the kernel. */
static void draw_formula(const scatter *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    if (!g->kernel || w->bias_step || !w->settled) return;
    char value[NUMBER_SIZE], text[STAGE_TEXT];
    if (s->document->labels) {
        char letter[8], indices[32];
        operand_symbol(&g->input, w->step, letter, indices, sizeof indices);
        snprintf(value, sizeof value, "%s%.12s", letter, indices);
    } else {
        short_number(value, sizeof value, (double)g->input.values[w->step], NUMBER_DIGITS);
    }
    snprintf(text, sizeof text, "%s × K = %s", value, tr(s->language, N_("the stamp")));
    const block *b = g->kernel;
    stage_tag(s, (tag){.kind = TAG_LABEL, .role = ROLE_WEIGHT, .part = g->index, .index = -1});
    point at = {b->box.x, b->box.y + b->box.height + 16 * s->unit};
    if (under(&b->planes[0], &g->result->planes[0]))
        at = (point){b->box.x + b->box.width + 14 * s->unit, b->box.y + b->box.height / 2};
    float width = fmaxf(b->box.width, 170 * s->unit), left = g->result->box.x - 8 * s->unit;
    width = fminf(width, (left > at.x ? left : s->area.x + s->area.width) - at.x); /* not onto the output */
    if (!stage_fits(s, FACE_MONO, 15 * s->unit, text, width)) snprintf(text, sizeof text, "%s × K", value);
    stage_text_fitted(s, at.x, at.y, ANCHOR_LEFT, FACE_MONO, 15 * s->unit, s->theme->ink, text, width);
    stage_tag(s, tag_none());
}

static void draw_stamps(const scatter *g) {
    const stage *s = g->s;
    const window *w = &g->w;
    int64_t row, column, channels = g->folds ? 1 : w->layout->dims < 2 ? 1 : w->out_group;
    const plane *from = input_plane(g, &row, &column);
    if (from) plane_outline(s, from, (float)row, (float)column, 1, 1, 0, stage_stroke(s, s->theme->highlight, 3.2f));
    for (int64_t c = 0; w->framed && c < channels; c++)
        for (int i = 0; i < g->result->count; i++) {
            const plane *p = &g->result->planes[i], *first = stamped_plane(g, w->group * w->out_group + c);
            if (!first || p->lead != first->lead) continue;
            if (w->layout->dims == 3) {
                float offset = (float)p->slice - w->first[0];
                if (offset < -0.5f || offset > w->size[0] - 0.5f ||
                    (int64_t)lroundf(offset) % w->layout->axis[0].dilation)
                    continue;
            }
            window_frame(s, w, p, s->theme->roles[ROLE_WEIGHT].strong, 3.4f);
        }
    if (!w->settled || w->done >= w->count || !g->kernel) return;
    const conv_tap *t = &w->taps[w->done];
    int64_t lead, slice, r, k;
    if (t->weight < 0) return;
    operand_place(&g->weight, t->weight, &lead, &slice, &r, &k);
    const plane *p = block_find(g->kernel, &g->weight, lead, slice);
    if (p) plane_outline(s, p, (float)r, (float)k, 1, 1, 0, stage_stroke(s, s->theme->highlight, 3));
}

/* The rows and columns that output_padding gives back or adds. */
static void draw_growth(const scatter *g) {
    const stage *s = g->s;
    const conv_layout *l = g->w.layout;
    if (!grows(l)) return;
    paint look = stage_stroke(s, s->theme->roles[ROLE_BIAS].strong, 2);
    look.dash = 6 * s->unit;
    look.gap = 4 * s->unit;
    const operand *o = &g->output;
    float columns = (float)l->spec.output_padding[l->dims - 1];
    float rows = l->dims >= 2 ? (float)l->spec.output_padding[l->dims - 2] : 0;
    for (int i = 0; i < g->result->count; i++) {
        const plane *p = &g->result->planes[i];
        if (p->slice < 0 || p->slice >= o->slices) continue;
        if (rows > 0) plane_outline(s, p, (float)o->rows - rows, 0, rows, (float)o->columns, -2 * s->unit, look);
        if (columns > 0)
            plane_outline(s, p, 0, (float)o->columns - columns, (float)o->rows, columns, -2 * s->unit, look);
    }
}

static void draw_all(scatter *g, float size) {
    stage *s = g->s;
    bool tilt = tilted(g);
    arrange_place(s, g->blocks, g->count, tilt, s->area, size);
    arrange_numbers(s, &g->input, tilt, size);
    if (g->weighted) arrange_numbers(s, &g->weight, tilt, size);
    arrange_numbers(s, &g->output, tilt, size);
    stage_tag(s, tag_none());
    draw_rays(g);
    if (g->kernel) slide_turn_kernel(g->w.layout, g->kernel, &g->weight, 1);
    for (int b = 0; b < g->count; b++) {
        block_words(s, &g->blocks[b]);
        block_draw(s, &g->blocks[b], &g->blocks[b] == g->result ? paint_output : NULL, g);
    }
    stage_tag(s, tag_none());
    draw_growth(g);
    draw_stamps(g);
    draw_formula(g);
    slide_marks(s, g->index, g->blocks, g->count);
}

static bool show_state(scatter *g) {
    stage *s = g->s;
    int64_t steps = g->w.step + (g->w.finished ? 1 : 0);
    bool key = s->document->blank_output && s->document->answers;
    g->state = scene_state(s->scene, g->index, steps, s->failure);
    if (!g->state) return false;
    for (int i = 0; i < g->result->count && !key; i++) g->result->planes[i].values = g->state;
    g->output.rim = rim_state(s, g->index, steps);
    return true;
}

float slide_scatter(stage *s, int index, float most, bool draw) {
    scatter *g = memory_zeroed(1, sizeof *g);
    if (!g) return -1;
    *g = (scatter){.s = s, .index = index};
    float size = -1;
    if (!window_at(s, index, &g->w)) goto done;
    g->folds = g->w.layout->spec.op->kind != CONV_TRANSPOSE;
    if (!operand_of(s, index, ROLE_INPUT, 0, &g->input) || !operand_of(s, index, ROLE_OUTPUT, 0, &g->output)) goto done;
    g->weighted = operand_of(s, index, ROLE_WEIGHT, 0, &g->weight);
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
