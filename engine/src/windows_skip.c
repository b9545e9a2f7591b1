/* Where padding is left out: windows of one region (regions.h) after those of another, each region with its own taps.
 */
#include "windows.h"

#include "geometry.h"
#include "kind.h"
#include "phases.h"

int64_t skipping_taps(const windows_layer *a) {
    int64_t taps = 0;
    for (int i = 0; i < a->cuts.count; i++) taps += region_at(&a->cuts, i).taps;
    return taps;
}

void skipping_list_taps(const windows_layer *a, int32_t *to) {
    const patches *p = &a->m.patches;
    for (int i = 0; i < a->cuts.count; i++) {
        region r = region_at(&a->cuts, i);
        int32_t tap[MOST_SKIPPED_TAPS], at[MOST_SKIPPED_TAPS];
        int64_t listed = r.taps * windows_block_channels(a);
        region_taps(&r, p, tap, at);
        for (int64_t k = 0; k < listed; k++) {
            int64_t channel = k / r.taps;
            to[k] = (int32_t)(channel * a->plane + at[k % r.taps]);
            to[listed + k] = (int32_t)((channel * p->taps + tap[k % r.taps]) * a->m.weight_width);
        }
        to += 2 * listed;
    }
}

void skipping_list_windows(const windows_layer *a, windows_place *at, const float *from, const float **line) {
    at->first = at->last = 0;
    const patches *p = &a->m.patches;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        const cut *c = s.region.axis;
        at->last += s.last - s.first;
        for (row_run r = first_run(&s); r.count > 0; next_run(&s, &r)) {
            int64_t cell = 0, step = p->axis[2].step;
            for (int i = 0; i < CONV_MAX_SPATIAL && s.region.taps > 0; i++) {
                const patch_axis *x = &p->axis[i];
                cell = cell * x->size + r.at[i] * x->step + x->base + c[i].tap_first * x->dilation;
            }
            if (s.region.taps == 0) step = 0;
            const float *first = from + (r.sample * a->channels + at->group * p->channels) * a->plane + cell;
            for (int64_t i = 0; i < r.count; i++) *line++ = first + i * step;
        }
    }
}

void skipping_multiply(const windows_layer *a, const windows_place *at, const float *const *line, const int32_t *taps,
                       tile_call *call) {
    int64_t channels = call->depth / a->m.patches.taps;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        int64_t listed = s.region.taps * windows_block_channels(a), height = region_height(&a->cuts, &s.region);
        call->a_at = taps + 2 * s.taps_before * windows_block_channels(a);
        call->b_at = call->a_at + listed;
        call->depth = channels * s.region.taps;
        for (int64_t q = s.first; q < s.last; q += call->rows) {
            call->rows = (int)at_most(height, s.last - q);
            call->a_line = line;
            a->m.kernels->tile(call);
            line += call->rows;
            call->c += call->rows * call->c_row;
        }
    }
}

/* Outputs of windows that reach into the padding: the chain has there what was left out, a product with 0. That is the
 * same sum but where phases.c says. */
static void mend(const algorithm_job *job, const float *sums, int64_t channels, int64_t step, int64_t cell,
                 int64_t pixels, int *vanish) {
    const conv_layout *layout = job->layout;
    const float *facts = job->packed;
    int64_t sample = cell / pixels / layout->out_channels;
    for (int64_t c = 0; c < channels; c++) {
        if (facts[1] != 0 && sums[c] != 0) continue;
        if (facts[1] != 0 && *vanish < 0)
            *vanish = phases_vanish(layout, job->operands->input[0] + sample * layout->in_channels * step, facts[0]);
        if (facts[1] != 0 && *vanish == 0) continue;
        int64_t at = cell + c * pixels;
        kind_of(layout->spec.op)->outputs(layout, job->operands, at, at + 1, job->output, NULL);
    }
}

void skipping_put(const algorithm_job *job, const windows_layer *a, const windows_place *at, const float *sums) {
    const patches *p = &a->m.patches;
    int64_t step = (at->panel_last - at->panel_first) * a->m.weight_width, seen = -1;
    int64_t first = at->panel_first * a->m.weight_width,
            channels = at_most(at->panel_last * a->m.weight_width, p->outputs) - first;
    int vanish = -1;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        for (row_run r = first_run(&s); r.count > 0; sums += r.count * step, next_run(&s, &r)) {
            int64_t cell = (r.at[0] * p->axis[1].count + r.at[1]) * p->axis[2].count + r.at[2];
            cell += ((r.sample * a->groups + at->group) * p->outputs + first) * p->pixels;
            windows_turn(a, at, 0, r.count, sums, job->output + cell, p->pixels);
            if (s.region.taps == p->taps) continue;
            if (r.sample != seen) vanish = -1;
            seen = r.sample;
            for (int64_t i = 0; i < r.count; i++)
                mend(job, sums + i * step, channels, a->plane, cell + i, p->pixels, &vanish);
        }
    }
}

void skipping_box(const conv_layout *layout, const windows_layer *a, const windows_place *at, conv_event *event) {
    event->channel_first = at->group * a->m.patches.outputs + at->panel_first * a->m.weight_width;
    event->channel_last =
        at->group * a->m.patches.outputs + at_most(at->panel_last * a->m.weight_width, a->m.patches.outputs);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = layout->axis[i].out;
        event->last[i] = 0;
    }
    event->batch = a->batch;
    for (stretch s = {0}; next_stretch(&a->cuts, at->tile_first, at->tile_last, &s);) {
        event->batch = at_most(event->batch, s.first / s.region.windows);
        event->batch_last = at_least(event->batch_last, divide_up(s.last, s.region.windows));
        for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
            int from = CONV_MAX_SPATIAL - layout->dims + i;
            event->first[i] = i < layout->dims ? at_most(event->first[i], s.region.axis[from].first) : 0;
            event->last[i] = i < layout->dims ? at_least(event->last[i], s.region.axis[from].last) : 1;
        }
    }
}
