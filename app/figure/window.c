#include "window.h"
#include <math.h>

/* The parts of a step: the frame travels, the products appear, the result lands. */
#define TRAVEL_END (MOMENT_ARRIVED - 0.01)
#define TAPS_BEGIN (MOMENT_ARRIVED + 0.01)
#define TAPS_END 0.86
#define LANDS 0.9

static bool scatters(const window *w) {
    return w->layout->flow == CONV_SCATTER;
}

/* Sample, channel and window of a step. */
static void place(const window *w, int64_t step, int64_t *sample, int64_t *channel, int64_t *position) {
    const conv_layout *l = w->layout;
    const conv_shape *shape = scatters(w) ? &l->input[0] : &l->output;
    int64_t at[CONV_MAX_DIMS];
    conv_shape_position(shape, step, at);
    int spatial = l->dims, lead = shape->rank - spatial;
    *sample = *channel = 0;
    if (l->spec.op->kind == CONV_UNFOLD ||
        l->spec.op->kind == CONV_FOLD) { /* (N, C k k, L): L counts the windows in C order */
        int64_t left = at[shape->rank - 1];
        bool folds = scatters(w);
        for (int i = spatial - 1; i >= 0; i--) {
            int64_t stops = folds ? l->axis[i].in : l->axis[i].out;
            position[i] = stops ? left % stops : 0;
            left = stops ? left / stops : 0;
        }
        int64_t kernel = 1;
        for (int i = 0; i < spatial; i++) kernel *= l->axis[i].kernel;
        *channel = at[shape->rank - 2] / kernel;
        if (l->batched) *sample = at[0];
        return;
    }
    for (int i = 0; i < spatial; i++) position[i] = at[lead + i];
    if (lead >= 1) *channel = at[lead - 1];
    if (lead >= 2) *sample = at[lead - 2];
}

static bool slides(conv_kind kind) {
    return kind == CONV_CONV || kind == CONV_TRANSPOSE || kind == CONV_DEFORM || kind == CONV_UNFOLD ||
           kind == CONV_FOLD || kind == CONV_MAX_POOL || kind == CONV_AVG_POOL;
}

static void set_frame(const stage *s, window *w) {
    const conv_layout *l = w->layout;
    int64_t sample, channel, before[CONV_MAX_SPATIAL] = {0};
    float way = 1;
    w->first[0] = w->first[1] = 0;
    w->size[0] = w->size[1] = 1;
    if (w->step > 0 && !s->settings->reduced_motion) {
        way = eased(phase(w->progress, 0, TRAVEL_END));
        place(w, w->step - 1, &sample, &channel, before);
    }
    for (int i = 0; i < l->dims; i++) {
        const conv_axis *a = &l->axis[i];
        int at = 3 - l->dims + i;
        float here = (float)conv_axis_tap(a, w->position[i], 0);
        float there = way < 1 ? (float)conv_axis_tap(a, before[i], 0) : here;
        w->first[at] = there + (here - there) * way;
        w->size[at] = (float)conv_axis_extent(a);
    }
    if (l->dims == 1) { /* rows are channels: the frame spans those of the group */
        int64_t channels = scatters(w) ? w->out_group : w->in_group;
        bool whole = l->spec.op->kind == CONV_CONV || l->spec.op->kind == CONV_TRANSPOSE;
        w->first[1] = (float)(whole ? w->group * channels : w->channel);
        w->size[1] = (float)(whole ? channels : 1);
    }
    w->settled = way >= 1;
}

bool window_at(stage *s, int index, window *w) {
    const scene_part *p = &s->scene->parts[index];
    const conv_layout *l = p->layout;
    *w = (window){.part = index, .layout = l, .step = s->moment.step, .progress = s->moment.progress};
    if (w->step >= l->steps) {
        w->step = l->steps - 1;
        w->progress = 1;
    }
    if (w->step < 0) w->step = 0;
    const conv_kind kind = l->spec.op->kind;
    const conv_shape *stepped = scatters(w) ? &l->input[0] : &l->output;
    w->bias_step = scatters(w) && w->step >= conv_shape_count(stepped);
    w->framed = slides(kind) && !w->bias_step;
    int64_t groups = l->spec.groups > 0 ? l->spec.groups : 1;
    w->in_group = kind == CONV_CONV || kind == CONV_TRANSPOSE || kind == CONV_DEFORM ? l->in_channels / groups : 1;
    w->out_group = kind == CONV_CONV || kind == CONV_TRANSPOSE || kind == CONV_DEFORM ? l->out_channels / groups : 1;
    if (w->in_group < 1) w->in_group = 1;
    if (w->out_group < 1) w->out_group = 1;
    if (!w->bias_step) place(w, w->step, &w->sample, &w->channel, w->position);
    w->group = w->channel / (scatters(w) ? w->in_group : w->out_group);
    if (w->framed)
        set_frame(s, w);
    else
        w->settled = true;
    w->taps = scene_taps(s->scene, index, w->step, &w->count, &w->result, s->failure);
    if (!w->taps && w->count) return false;
    if (!w->taps) w->count = 0;
    w->done = (int64_t)floor((double)phase(w->progress, TAPS_BEGIN, TAPS_END) * (double)w->count + 1e-6);
    w->finished = w->progress >= LANDS;
    if (w->finished) w->done = w->count;
    return true;
}

static bool tap_is(const window *w, const conv_tap *t, int64_t channel, const int64_t at[3]) {
    int dims = w->layout->dims;
    if (t->channel != channel) return false;
    for (int i = 0; i < dims; i++)
        if (t->position[i] != at[3 - dims + i]) return false;
    return true;
}

const conv_tap *window_tap(const window *w, int64_t channel, int64_t slice, int64_t row, int64_t column) {
    const conv_layout *l = w->layout;
    int64_t at[3] = {slice, row, column}, guess = 0;
    if (l->dims == 1) channel = row;
    bool summed = !scatters(w) && w->in_group > 1;
    if (summed || scatters(w)) guess = channel % (scatters(w) ? w->out_group : w->in_group);
    for (int i = 0; i < l->dims; i++) { /* where it stands if all taps are there in chain order */
        const conv_axis *a = &l->axis[i];
        int64_t offset = at[3 - l->dims + i] - conv_axis_tap(a, w->position[i], 0);
        if (offset < 0 || offset % a->dilation || offset / a->dilation >= a->kernel) return NULL;
        guess = guess * a->kernel + offset / a->dilation;
    }
    if (guess < w->count && tap_is(w, &w->taps[guess], channel, at)) return &w->taps[guess];
    for (int64_t i = 0; i < w->count; i++)
        if (tap_is(w, &w->taps[i], channel, at)) return &w->taps[i];
    return NULL;
}

bool window_covers(const window *w, int64_t slice, int64_t row, int64_t column) {
    const int64_t at[3] = {slice, row, column};
    if (!w->framed || !w->settled) return false;
    for (int i = 3 - w->layout->dims; i < 3; i++) {
        float offset = (float)at[i] - w->first[i];
        if (offset < 0 || offset >= w->size[i]) return false;
    }
    return true;
}

bool window_skips(const window *w, int64_t slice, int64_t row, int64_t column) {
    if (!window_covers(w, slice, row, column)) return false;
    const int64_t at[3] = {slice, row, column};
    for (int i = 0; i < w->layout->dims; i++) {
        int64_t offset = at[3 - w->layout->dims + i] - (int64_t)lroundf(w->first[3 - w->layout->dims + i]);
        if (offset % w->layout->axis[i].dilation) return true;
    }
    return false;
}

void window_frame(const stage *s, const window *w, const plane *p, color c, float width) {
    if (!w->framed) return;
    const tag before = s->list->current; /* its own, so that it is found again when the picture changes */
    stage_tag(s,
              (tag){.kind = TAG_TENSOR, .role = p->of->role, .part = p->of->part, .layer = p->of->layer, .index = -2});
    paint back = stage_stroke(s, s->theme->background, width + 2.5f);
    back.stroke = color_faded(back.stroke, 0.75f);
    plane_outline(s, p, w->first[1], w->first[2], w->size[1], w->size[2], s->unit, back);
    plane_outline(s, p, w->first[1], w->first[2], w->size[1], w->size[2], s->unit, stage_stroke(s, c, width));
    stage_tag(s, before);
}

void window_corners(const window *w, const plane *p, point corner[4]) {
    float row = w->first[1], column = w->first[2];
    corner[0] = plane_at(p, row, column);
    corner[1] = plane_at(p, row, column + w->size[2]);
    corner[2] = plane_at(p, row + w->size[1], column + w->size[2]);
    corner[3] = plane_at(p, row + w->size[1], column);
}
