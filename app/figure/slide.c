#include "slide.h"
#include "app/system/memory.h"
#include "tokens.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const detail details[] = {
    {true, true, true, 24},    {false, true, true, 24},  {false, true, false, 24}, {false, false, true, 12},
    {false, false, false, 12}, {false, false, true, 6},  {false, false, false, 6}, {false, false, true, 4},
    {false, false, false, 4},  {false, false, false, 3}, {false, false, false, 2}, {false, false, false, 1},
};
enum { DETAILS = sizeof details / sizeof *details };

/* Rather less beside it than cells that cannot be read, and rather small cells than channels left out. */
static const struct {
    float cell; /* units */
    int last;   /* details from the first to this one may be chosen for it */
} bargains[] = {{36, 2}, {28, 4}, {21, 6}, {15, 8}, {10, 9}, {5, DETAILS - 1}, {0, DETAILS - 1}};

float slide_choose(const stage *s, void *view, slide_builder *build, float most) {
    float found[DETAILS];
    for (int i = 0; i < DETAILS; i++) found[i] = -1;
    for (size_t k = 0; k < sizeof bargains / sizeof *bargains; k++)
        for (int i = 0; i <= bargains[k].last; i++) {
            bool fresh = found[i] < 0;
            if (fresh) found[i] = build(view, &details[i], most);
            if (found[i] < fminf(most * 0.99f, bargains[k].cell * s->unit) || found[i] <= 0) continue;
            return fresh ? found[i] : build(view, &details[i], most);
        }
    return 0;
}

void slide_remark(block *b, const char *text) {
    size_t length = strlen(b->remark);
    snprintf(b->remark + length, sizeof b->remark - length, "%s%s", length ? " · " : "", text);
}

static const char *const rim_words[] = {
    [CONV_ZEROS] = N_("dashed: padding reads 0"),
    [CONV_REFLECT] = N_("dashed: padding mirrors the input"),
    [CONV_REPLICATE] = N_("dashed: padding repeats the border"),
    [CONV_CIRCULAR] = N_("dashed: padding goes on at the other side"),
};

static bool has_rim(const operand *o) {
    for (int i = 0; i < 3; i++)
        if (o->before[i] || o->after[i]) return true;
    return false;
}

void slide_rim_remark(const stage *s, block *b, const operand *o) {
    if (!has_rim(o)) return;
    if (o->cut)
        slide_remark(b, tr(s->language, N_("dashed: cut off by padding")));
    else if (o->mode == CONV_CONSTANT && o->constant == 0)
        slide_remark(b, tr(s->language, rim_words[CONV_ZEROS]));
    else if (isinf(o->constant))
        slide_remark(b, tr(s->language, N_("dashed: padding reads minus infinity")));
    else if (o->mode <= CONV_CIRCULAR)
        slide_remark(b, tr(s->language, rim_words[o->mode]));
}

/* The first of `most` of `total` such that `current` is among them; pages stay put while current moves inside one. */
static int64_t page_of(int64_t total, int64_t most, int64_t current) {
    if (total <= most) return 0;
    int64_t first = current / most * most;
    return first + most > total ? total - most : first;
}

static void label_plane(const stage *s, const operand *o, plane *p, int64_t channels, bool samples) {
    char *at = p->label;
    size_t room = sizeof p->label;
    int64_t sample = p->lead / channels, channel = p->lead % channels;
    *at = 0;
    if (o->kept == 1 && o->role != ROLE_WEIGHT) { /* the rows are the channels: more planes are samples */
        sample = p->lead;
        channels = 1;
        samples = o->planes > 1;
    }
    if (samples) tr_format(s->language, at, (int)room, N_("sample {0}"), "d", sample);
    if (channels > 1) {
        size_t used = strlen(p->label);
        if (used) used += (size_t)snprintf(at + used, room - used, ", ");
        if (used < room) tr_format(s->language, at + used, (int)(room - used), N_("channel {0}"), "d", channel);
    }
    if (o->slices + o->before[0] + o->after[0] > 1) {
        size_t used = strlen(p->label);
        if (used) used += (size_t)snprintf(at + used, room - used, ", ");
        if (used < room) tr_format(s->language, at + used, (int)(room - used), N_("slice {0}"), "d", p->slice);
    }
}

void slide_add_planes(const stage *s, block *b, operand *o, int64_t channels, int64_t sample, int64_t current,
                      int64_t group_first, int64_t group_count, const detail *d) {
    const bool rows = o->kept == 1 && o->role != ROLE_WEIGHT; /* the channels are rows: the planes are samples */
    if (rows) {
        group_first = 0;
        group_count = channels = o->planes;
        current = sample < o->planes ? sample : 0;
        sample = 0;
    }
    int64_t samples = channels ? o->planes / channels : 1, slices = o->slices + o->before[0] + o->after[0];
    int64_t most = d->channels / (slices > 4 ? slices / 4 : 1);
    if (most < 1) most = 1;
    int64_t first = channels <= most ? 0 : group_first + page_of(group_count, most, current - group_first);
    int64_t count = channels < most ? channels : most;
    if (first + count > channels) first = channels - count;
    int64_t sample_first = 0, sample_count = samples;
    if (sample >= samples) sample = 0; /* rows of a plane are samples where no axis is one of space */
    if (!d->samples || samples * count * slices > BLOCK_PLANES) {
        sample_first = sample;
        sample_count = 1;
    }
    while (count * slices > BLOCK_PLANES && slices > 1) slices--;
    for (int64_t n = sample_first; n < sample_first + sample_count; n++)
        for (int64_t c = first; c < first + count; c++)
            for (int64_t d0 = 0; d0 < slices; d0++) {
                plane *p = block_add(b, o, n * channels + c, d0 - o->before[0]);
                if (!p) return;
                label_plane(s, o, p, channels, sample_count > 1);
            }
    if (b->count && b->planes[0].label[0]) b->labels = true;
    tokens_reserve(s, b);
    b->across = (int)(slices > 1 ? slices : sample_count > 1 ? count : 1);
    b->wraps = (slices == 1 && sample_count == 1) || (slices > 1 && count * sample_count == 1);
    b->swaps = !b->wraps;
    if (s->document->style == STYLE_ISOMETRIC) {
        b->wraps = b->wraps && slices == 1 && count > (s->scene->part_count > 1 ? 2 : 4);
        b->swaps = false;
        if (slices > 1) block_pile(b, (int)slices, (float)s->document->slices_closed / 100);
    }
    char text[96];
    if (count < channels && rows)
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("sample {0} of {1}"), "dd", current, channels));
    else if (count < channels && count == 1) {
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("channel {0} of {1}"), "dd", first, channels));
        if (b->count == 1) { /* that says it */
            b->labels = false;
            b->planes[0].label[0] = 0;
        }
    } else if (count < channels)
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("channels {0} to {1} of {2}"), "ddd", first,
                                  first + count - 1, channels));
    if (sample_count < samples)
        slide_remark(b, tr_format(s->language, text, sizeof text, N_("sample {0} of {1}"), "dd", sample, samples));
}

int64_t slide_kernel_slice(const conv_layout *l, int64_t slices, int64_t place) {
    return l->spec.flip ? slices - 1 - place : place;
}

void slide_turn_kernel(const conv_layout *l, block *b, const operand *o, float turned) {
    for (int i = 0; l->spec.flip && i < b->count; i++)
        if (b->planes[i].of == o) plane_turn(&b->planes[i], turned);
}

void slide_rays(const stage *s, point top, point bottom, box to, color c) {
    paint look = stage_stroke(s, color_faded(c, 0.55f), 1.6f);
    draw_line(s->list, top, (point){to.x, to.y}, look);
    draw_line(s->list, bottom, (point){to.x, to.y + to.height}, look);
}

bool figure_hides_result(const document *d) {
    return d->curtain || (d->blank_output && !d->answers);
}

int64_t slide_known(const stage *s) {
    return figure_hides_result(s->document) ? 0 : INT64_MAX;
}

/* ---- marks ---- */

static void mark_cell(const stage *s, const block *blocks, int count, role r, int64_t index, int which, color c,
                      bool strong) {
    for (int b = 0; b < count; b++) {
        if (!blocks[b].count) continue;
        const operand *o = blocks[b].planes[0].of;
        if (o->role != r || o->which != which) continue;
        int64_t lead, slice, row, column;
        operand_place(o, index, &lead, &slice, &row, &column);
        const plane *p = block_find(&blocks[b], o, lead, slice);
        if (!p) continue;
        float inset = -1.5f * s->unit;
        plane_outline(s, p, (float)row, (float)column, 1, 1, strong ? s->unit : inset,
                      stage_stroke(s, c, strong ? 3 : 2));
    }
}

enum { MARK_MOST = 4096 };

/* Arrows above and below a cell: it can be dragged up and down. */
static void mark_arrows(const stage *s, const plane *p, float row, float column) {
    const point middle = plane_middle(p, row, column);
    const float reach = 0.5f * plane_cell(p) * (p->tilted ? 0.5f : 1), high = 7 * s->unit, wide = 6.5f * s->unit;
    for (int way = -1; way <= 1; way += 2) {
        const float base = middle.y + (float)way * (reach + 3 * s->unit);
        const point arrow[] = {{middle.x - wide, base}, {middle.x + wide, base}, {middle.x, base + (float)way * high}};
        draw_polygon(s->list, arrow, 3, (paint){.fill = s->theme->roles[ROLE_WEIGHT].strong});
    }
}

void slide_invitation(const stage *s, int index, const block *blocks, int count) {
    const int64_t weight = s->document->pinned_weight;
    if (index != 0 || weight < 0 || weight >= conv_shape_count(&s->scene->parts[index].layout->weight)) return;
    mark_cell(s, blocks, count, ROLE_WEIGHT, weight, 0, s->theme->roles[ROLE_WEIGHT].strong, true);
    for (int b = 0; b < count; b++) {
        if (!blocks[b].count || blocks[b].planes[0].of->role != ROLE_WEIGHT) continue;
        int64_t lead, slice, row, column;
        operand_place(blocks[b].planes[0].of, weight, &lead, &slice, &row, &column);
        const plane *p = block_find(&blocks[b], blocks[b].planes[0].of, lead, slice);
        if (p) mark_arrows(s, p, (float)row, (float)column);
    }
}

/* An output cell sees input cells; an input cell is used by output cells. */
static void mark_field(stage *s, int index, const block *blocks, int count, role r, int64_t cell, int which) {
    scene_part *p = &s->scene->parts[index];
    color c = s->theme->roles[r].strong; /* the colour of the cell that is pointed at */
    int64_t found = 0;
    conv_error error;
    conv_tap *taps = memory_zeroed(MARK_MOST, sizeof *taps);
    if (!taps) return;
    conv_status status;
    if (r == ROLE_OUTPUT)
        status = conv_trace_output(p->plan, &p->operands, cell, taps, MARK_MOST, &found, NULL, &error);
    else
        status = conv_trace_input(p->plan, &p->operands, which, cell, taps, MARK_MOST, &found, &error);
    if (found > MARK_MOST) found = MARK_MOST;
    int64_t before = -1;
    for (int64_t i = 0; status == CONV_OK && i < found; i++) {
        int64_t other = r == ROLE_OUTPUT ? taps[i].input : taps[i].output;
        if (other < 0 || other == before) continue;
        before = other;
        mark_cell(s, blocks, count, r == ROLE_OUTPUT ? ROLE_INPUT : ROLE_OUTPUT, other,
                  r == ROLE_OUTPUT ? taps[i].which : 0, c, false);
    }
    memory_free(taps);
    mark_cell(s, blocks, count, r, cell, which, c, true);
}

/* A weight is joined to what it meets in this step: the cell it is multiplied with, the cell it stamps. */
static void mark_weight(stage *s, int index, const block *blocks, int count, int64_t weight) {
    window w;
    if (window_at(s, index, &w) && w.settled)
        for (int64_t i = 0; i < w.count; i++) {
            const bool scatters = w.layout->flow == CONV_SCATTER;
            const int64_t other = scatters ? w.taps[i].output : w.taps[i].input;
            if (w.taps[i].weight == weight && other >= 0)
                mark_cell(s, blocks, count, scatters ? ROLE_OUTPUT : ROLE_INPUT, other, 0,
                          s->theme->roles[ROLE_WEIGHT].strong, false);
        }
    mark_cell(s, blocks, count, ROLE_WEIGHT, weight, 0, s->theme->accent, true);
}

void slide_light(const stage *s, const plane *p) {
    const tag *h = &s->settings->hover;
    if (h->kind != TAG_CAPTION || h->role == ROLE_NONE || p->of->role != h->role) return;
    plane_outline(s, p, 0, 0, (float)p->of->rows, (float)p->of->columns, 3 * s->unit,
                  stage_stroke(s, s->theme->roles[h->role].strong, 3));
}

void slide_marks(stage *s, int index, const block *blocks, int count) {
    const scene_part *p = &s->scene->parts[index];
    const document *d = s->document;
    const tag *h = &s->settings->hover;
    tag before = s->list->current;
    stage_tag(s, tag_none());
    int64_t outputs = conv_shape_count(&p->layout->output), inputs = conv_shape_count(&p->layout->input[0]);
    if (d->pinned_output >= 0 && d->pinned_output < outputs)
        mark_field(s, index, blocks, count, ROLE_OUTPUT, d->pinned_output, 0);
    if (d->pinned_input >= 0 && d->pinned_input < inputs)
        mark_field(s, index, blocks, count, ROLE_INPUT, d->pinned_input, 0);
    if (h->kind == TAG_CELL && h->part == index && h->index >= 0) {
        if (h->role == ROLE_OUTPUT && h->index < outputs) mark_field(s, index, blocks, count, ROLE_OUTPUT, h->index, 0);
        if (h->role == ROLE_INPUT && h->index < inputs) mark_field(s, index, blocks, count, ROLE_INPUT, h->index, 0);
        if (h->role == ROLE_WEIGHT && h->index < conv_shape_count(&p->layout->weight))
            mark_weight(s, index, blocks, count, h->index);
    }
    slide_invitation(s, index, blocks, count);
    for (int b = 0; b < count; b++)
        for (int i = 0; i < blocks[b].count; i++) slide_light(s, &blocks[b].planes[i]);
    stage_tag(s, before);
}
