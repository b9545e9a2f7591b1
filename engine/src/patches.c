#include "patches.h"

#include "geometry.h"

void axes_aligned(const conv_layout *layout, conv_axis axis[CONV_MAX_SPATIAL]) {
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        int from = i - (CONV_MAX_SPATIAL - layout->dims);
        axis[i] = layout->axis[from >= 0 ? from : layout->dims + i];
    }
}

static void finish(const conv_layout *layout, const conv_axis axis[CONV_MAX_SPATIAL], patches *p) {
    int64_t taps = 1;
    p->channels = layout->in_channels / layout->spec.groups;
    p->outputs = layout->out_channels / layout->spec.groups;
    p->variants = p->plane = p->output_plane = p->pixels = p->taps = 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        p->kernel[i] = axis[i].kernel;
        p->plane *= axis[i].in;
        p->output_plane *= axis[i].out;
        p->pixels *= p->axis[i].count;
        p->taps *= p->axis[i].taps;
        p->variants *= p->axis[i].variants;
        taps *= axis[i].kernel;
    }
    p->depth = p->channels * p->taps;
    bool transposed = layout->spec.op->kind == CONV_TRANSPOSE;
    p->weight_output = transposed ? taps : p->channels * taps;
    p->weight_channel = transposed ? p->outputs * taps : taps;
    p->weight_group = p->outputs * p->channels * taps;
    p->outputs *= p->variants;
}

bool patch_axis_is_input(const patch_axis *a) {
    return a->taps == 1 && a->step == 1 && a->base == 0 && a->count == a->size;
}

/* Where each window reads its own cell only, rows follow each other without a seam. */
static void flatten(patches *p) {
    for (int i = 0; i < CONV_MAX_SPATIAL; i++)
        if (!patch_axis_is_input(&p->axis[i])) return;
    patch_axis *row = &p->axis[CONV_MAX_SPATIAL - 1];
    for (int i = 0; i < CONV_MAX_SPATIAL - 1; i++) {
        row->size *= p->axis[i].size;
        row->count *= p->axis[i].count;
        p->axis[i].size = p->axis[i].count = 1;
    }
}

patches patches_of_convolution(const conv_layout *layout) {
    patches p = {0};
    conv_axis axis[CONV_MAX_SPATIAL];
    axes_aligned(layout, axis);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const conv_axis *a = &axis[i];
        p.axis[i] = (patch_axis){.count = a->out,
                                 .size = a->in,
                                 .taps = a->kernel,
                                 .step = a->stride,
                                 .base = axis_tap(a, 0, 0),
                                 .dilation = a->dilation,
                                 .mode = a->mode,
                                 .weight_first = layout->spec.flip ? a->kernel - 1 : 0,
                                 .weight_step = layout->spec.flip ? -1 : 1,
                                 .output_step = 1,
                                 .variants = 1};
    }
    finish(layout, axis, &p);
    flatten(&p);
    return p;
}

static int64_t divisor(int64_t a, int64_t b) {
    while (b != 0) {
        int64_t r = a % b;
        a = b;
        b = r;
    }
    return a;
}

/* Output cells phase, phase + stride, ... of one axis. Of the taps that meet them every (stride / gcd)-th lands on a
 * window; the chain has them from the earliest window on, and that is the last tap. */
static patch_axis phase_axis(const conv_axis *a, int64_t phase, bool flip) {
    int64_t gcd = divisor(a->stride, a->dilation), every = a->stride / gcd;
    patch_axis p = {.count = (a->out - phase + a->stride - 1) / a->stride,
                    .size = a->in,
                    .step = 1,
                    .dilation = a->dilation / gcd,
                    .mode = CONV_ZEROS,
                    .output_first = phase,
                    .output_step = a->stride};
    for (int64_t k = a->kernel - 1; k >= 0 && k >= a->kernel - every; k--) {
        int64_t distance = phase + a->pad_before - k * a->dilation;
        if (distance % a->stride != 0) continue;
        p.base = distance / a->stride;
        p.taps = k / every + 1;
        p.weight_first = flip ? a->kernel - 1 - k : k;
        p.weight_step = flip ? every : -every;
        break;
    }
    if (p.count < 0) p.count = 0;
    return p;
}

/* The axes of a transposed convolution. A single input cell makes a single stamp, whatever the stride: where nothing is
 * cut off, as if the next one began where it ends. */
static void stamped_axes(const conv_layout *layout, conv_axis axis[CONV_MAX_SPATIAL]) {
    axes_aligned(layout, axis);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        conv_axis *a = &axis[i];
        if (a->in == 1 && a->dilation == 1 && a->pad_before == 0 && a->out == a->kernel) a->stride = a->kernel;
    }
}

/* Every phase takes one tap, that of its own number, from the same window. */
static bool phases_are_variants(const conv_axis *a) {
    return a->kernel == a->stride && a->dilation == 1 && a->pad_before == 0 && a->out % a->stride == 0 &&
           a->stride <= 16;
}

static int64_t axis_phases(const conv_axis *a) {
    return phases_are_variants(a) ? 1 : a->stride < a->out ? a->stride : a->out;
}

int64_t patches_phases(const conv_layout *layout) {
    int64_t phases = 1;
    conv_axis axis[CONV_MAX_SPATIAL];
    stamped_axes(layout, axis);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) phases *= axis_phases(&axis[i]);
    return phases;
}

patches patches_of_phase(const conv_layout *layout, int64_t phase) {
    patches p = {0};
    conv_axis axis[CONV_MAX_SPATIAL];
    stamped_axes(layout, axis);
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        int64_t phases = axis_phases(&axis[i]);
        p.axis[i] = phase_axis(&axis[i], phase % phases, layout->spec.flip);
        p.axis[i].variants = phases_are_variants(&axis[i]) ? axis[i].stride : 1;
        phase /= phases;
    }
    finish(layout, axis, &p);
    return p;
}

void patches_variant_place(const patches *p, int64_t variant, int64_t place[CONV_MAX_SPATIAL]) {
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        place[i] = variant % p->axis[i].variants;
        variant /= p->axis[i].variants;
    }
}

/* The first variant's only tap is weight_first: 0, or the last one where the kernel is flipped. */
int64_t patches_variant_weight(const patches *p, int64_t variant) {
    int64_t place[CONV_MAX_SPATIAL], at = 0;
    patches_variant_place(p, variant, place);
    for (int i = 0; i < CONV_MAX_SPATIAL; i++)
        at = at * p->kernel[i] + (p->axis[i].weight_first > 0 ? -place[i] : place[i]);
    return at;
}
