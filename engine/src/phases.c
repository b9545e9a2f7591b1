#include "phases.h"

#include "cost.h"
#include "geometry.h"
#include "kind.h"
#include "product.h"
#include "split.h"
#include "windows.h"
#include <math.h>

/* At the rim, where a window hangs over the edge, the product reads 0 for cells that are not there, and the chain has
 * no such taps. That is the same sum unless a weight is not finite, or the sum so far is -0, which only a product too
 * small to be represented leaves behind. What is not sure to be the same is computed again by the reference. */
typedef struct weight_facts {
    float smallest; /* magnitude of the smallest weight other than 0 */
    float finite;   /* 1: all are */
} weight_facts;

enum { FACTS = MOST_LANES, LARGEST_PATCHES = 8 };

typedef struct phases {
    product m;
    int64_t groups, batch, count; /* count: phases */
    split weight, patch;          /* of every phase: the first one is the largest */
} phases;

static phases phases_of(const conv_layout *layout, unsigned cpu) {
    patches p = patches_of_phase(layout, 0);
    phases a = {.m = product_of(&p, kernels_for(cpu)), .groups = layout->spec.groups, .batch = layout->batch};
    a.count = patches_phases(layout);
    /* Every tile reads all weights of its phase: fewer tiles than elsewhere. */
    int64_t tiles = divide_up(tiles_for((double)layout->cost.multiply_adds, a.m.kernels->lanes), 2);
    int64_t each = divide_up(tiles, at_least(a.groups * a.batch * a.count, 1));
    a.patch = split_in(p.pixels, each, LARGEST_PATCHES * TILE_VECTORS * a.m.kernels->lanes);
    a.weight = split_in(p.outputs, divide_up(each, at_least(a.patch.parts, 1)), p.outputs);
    return a;
}

static product phase_product(const conv_layout *layout, unsigned cpu, int64_t phase) {
    patches p = patches_of_phase(layout, phase);
    return product_of(&p, kernels_for(cpu));
}

/* Floats of one phase's weights, all groups. */
static int64_t phase_floats(const phases *a, const product *m) {
    return product_packed(m) * a->groups;
}

static bool can(const conv_layout *layout, unsigned cpu) {
    return layout->spec.op->kind == CONV_TRANSPOSE && patches_phases(layout) <= MOST_PHASES &&
           !windows_suit(layout, cpu);
}

/* Panels of a range of windows or channels that begins and ends anywhere. */
static int64_t panels_over(int64_t count, int64_t width) {
    return count / width + 2;
}

/* The parts of a thread's workspace, for the largest of all phases. */
typedef struct rooms {
    int64_t sums, gathered, outputs;
} rooms;

static rooms rooms_of(const conv_layout *layout, unsigned cpu, const phases *a) {
    rooms r = {0};
    for (int64_t phase = 0; phase < a->count; phase++) {
        product m = phase_product(layout, cpu, phase);
        int64_t patch_panels = panels_over(a->patch.size, m.patch_width),
                weight_panels = panels_over(a->weight.size, m.weight_width);
        r.sums = at_least(r.sums, product_sum_floats(&m, patch_panels, weight_panels));
        r.gathered = at_least(r.gathered, product_patch_floats(&m, patch_panels));
        r.outputs = at_least(r.outputs, patch_panels * m.patch_width * weight_panels * m.weight_width);
    }
    r.sums = divide_up(r.sums, MOST_LANES) * MOST_LANES;
    r.gathered = divide_up(r.gathered, MOST_LANES) * MOST_LANES;
    return r;
}

/* What packed weights begin with, behind their facts: how the layer is cut. Found out by each tile, for all phases, it
 * would take half the time of 64 phases of 2x2 taps (kernel of 16, stride of 8). */
typedef struct head {
    phases phases;
    rooms rooms;
    struct head_phase {
        product product;
        int64_t packed; /* floats before its weights */
    } phase[];
} head;

static int64_t head_floats(const phases *a) {
    size_t bytes = sizeof(head) + (size_t)a->count * sizeof(struct head_phase);
    return FACTS + divide_up((int64_t)bytes, MOST_LANES * (int64_t)sizeof(float)) * MOST_LANES;
}

static const head *head_of(const algorithm_job *job) {
    return (const head *)(const void *)((const float *)job->packed + FACTS);
}

static bool needs(const conv_layout *layout, unsigned cpu, algorithm_needs *n) {
    phases a = phases_of(layout, cpu);
    rooms r = rooms_of(layout, cpu, &a);
    *n = (algorithm_needs){.phases = 1};
    int64_t floats = head_floats(&a);
    for (int64_t phase = 0; phase < a.count; phase++) {
        product m = phase_product(layout, cpu, phase);
        floats += phase_floats(&a, &m);
    }
    n->packed = (size_t)floats * sizeof(float);
    n->per_thread = (size_t)(r.sums + r.gathered + r.outputs + MOST_LANES) * sizeof(float);
    n->tiles[0] = a.batch * a.groups * a.count * a.weight.parts * a.patch.parts;
    return true;
}

static weight_facts facts_of(const float *weight, int64_t count) {
    weight_facts facts = {INFINITY, 1};
    for (int64_t i = 0; i < count; i++) {
        float size = fabsf(weight[i]);
        if (!(size < INFINITY)) facts.finite = 0;
        if (size > 0 && size < facts.smallest) facts.smallest = size;
    }
    return facts;
}

void phases_facts(const conv_layout *layout, const conv_operands *operands, float *facts) {
    weight_facts found = facts_of(operands->weight, conv_shape_count(&layout->weight));
    facts[0] = found.smallest;
    facts[1] = found.finite;
}

static void pack(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed) {
    phases a = phases_of(layout, cpu);
    float *to = packed;
    phases_facts(layout, operands, to);
    head *h = (head *)(void *)(to + FACTS);
    h->phases = a;
    h->rooms = rooms_of(layout, cpu, &a);
    to += head_floats(&a);
    for (int64_t phase = 0; phase < a.count; phase++) {
        product m = phase_product(layout, cpu, phase);
        h->phase[phase] = (struct head_phase){.product = m, .packed = to - (float *)packed};
        const patches *p = &m.patches;
        int64_t filters = p->outputs / p->variants;
        for (int64_t g = 0; g < a.groups; g++, to += product_packed(&m))
            product_pack(&m, operands->weight + g * p->weight_group,
                         operands->bias != NULL ? operands->bias + g * filters : NULL, to);
    }
}

static phase_place place_of(const phases *a, const product *m, int64_t tile) {
    phase_place p = {0};
    int64_t weight = tile % a->weight.parts;
    tile /= a->weight.parts;
    int64_t patch = tile % a->patch.parts;
    tile /= a->patch.parts;
    tile /= a->count;
    p.group = tile % a->groups;
    p.batch = tile / a->groups;
    /* A panel belongs to the tile in whose range it begins. */
    p.weight_first = divide_up(split_first(&a->weight, weight), m->weight_width);
    p.weight_last = at_most(divide_up(split_last(&a->weight, weight), m->weight_width), m->weight_panels);
    p.patch_first = divide_up(split_first(&a->patch, patch), m->patch_width);
    p.patch_last = at_most(divide_up(split_last(&a->patch, patch), m->patch_width), m->patch_panels);
    return p;
}

static int64_t phase_of(const phases *a, int64_t tile) {
    /* The last phase has the most taps where they differ: it comes first, so that no thread is left with it. */
    return a->count - 1 - tile / a->weight.parts / a->patch.parts % a->count;
}

/* A tile's outputs on their way from the workspace to where they belong. */
typedef struct spread {
    const algorithm_job *job;
    const product *m;
    const phase_place *at;
    const float *sums;
    int64_t step; /* from one channel to the next */
    weight_facts facts;
    conv_axis out[CONV_MAX_SPATIAL];
    bool scanned, tiny; /* the sample holds inputs so small that products vanish */
} spread;

bool phases_vanish(const conv_layout *layout, const float *sample, float smallest) {
    int64_t count = layout->in_channels * axes_inputs(layout->axis);
    float least = INFINITY;
    for (int64_t i = 0; i < count; i++) {
        float size = fabsf(sample[i]);
        if (size > 0 && size < least) least = size;
    }
    return !((double)least * (double)smallest >= 0x1p-149);
}

static bool holds_tiny(spread *s) {
    if (s->scanned) return s->tiny;
    int64_t sample = s->at->batch * s->job->layout->in_channels * s->m->patches.plane;
    s->scanned = true;
    s->tiny = phases_vanish(s->job->layout, s->job->operands->input[0] + sample, s->facts.smallest);
    return s->tiny;
}

static void mend(spread *s, int64_t cell) {
    const conv_layout *layout = s->job->layout;
    kind_of(layout->spec.op)->outputs(layout, s->job->operands, cell, cell + 1, s->job->output, NULL);
}

static bool inside(const patch_axis *a, int64_t q) {
    return q + a->base >= 0 && q + a->base + (a->taps - 1) * a->dilation < a->size;
}

/* Outputs of windows that hang over the edge: those that may differ from the chain are done again. */
static void check_rim(spread *s, int64_t cell, const float *row, int64_t q, int64_t count, bool row_inside) {
    const patch_axis *x = &s->m->patches.axis[2];
    for (int64_t i = 0; i < count; i++) {
        if (row_inside && inside(x, q + i)) {
            int64_t last = x->size - x->base - (x->taps - 1) * x->dilation; /* first window behind that is outside */
            if (last > q + i) i = last - q - 1;
            continue;
        }
        if (s->facts.finite == 0 || (row[i] == 0 && holds_tiny(s))) mend(s, cell + i * x->output_step);
    }
}

/* Windows [first, last) of one channel, given as variant and filter. */
static void spread_channel(spread *s, int64_t filter, const int64_t shift[CONV_MAX_SPATIAL], const float *from,
                           int64_t first, int64_t last) {
    const patches *p = &s->m->patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int64_t step = ax->output_step, x = 0, y = 0, z = 0;
    int64_t plane = (s->at->batch * s->job->layout->out_channels + filter) * p->output_plane;
    if (first > 0) {
        x = first % ax->count;
        y = first / ax->count % ay->count;
        z = first / ax->count / ay->count;
    }
    for (int64_t q = first; q < last;) {
        int64_t count = at_most(ax->count - x, last - q);
        int64_t cell = plane +
                       ((az->output_first + shift[0] + z * az->output_step) * s->out[1].out + ay->output_first +
                        shift[1] + y * ay->output_step) *
                           s->out[2].out +
                       ax->output_first + shift[2] + x * step;
        float *to = s->job->output + cell;
        s->m->kernels->spread(to, step, from, count);
        bool row_inside = inside(az, z) && inside(ay, y);
        if (!row_inside || !inside(ax, x) || !inside(ax, x + count - 1)) check_rim(s, cell, from, x, count, row_inside);
        from += count;
        q += count;
        x = 0;
        if (++y == ay->count) y = 0, z++;
    }
}

/* A single window of one tap, which lies inside: one output for each filter of each variant. */
static void spread_window(const spread *s, int64_t channel, int64_t last_channel) {
    const patches *p = &s->m->patches;
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int64_t filters = p->outputs / p->variants, shift[CONV_MAX_SPATIAL];
    float *to =
        s->job->output + (s->at->batch * s->job->layout->out_channels + s->at->group * filters) * p->output_plane;
    for (const float *from = s->sums; channel < last_channel;) {
        int64_t filter = channel % filters, count = at_most(filters - filter, last_channel - channel);
        patches_variant_place(p, channel / filters, shift);
        int64_t cell = ((az->output_first + shift[0]) * s->out[1].out + ay->output_first + shift[1]) * s->out[2].out +
                       ax->output_first + shift[2];
        for (int64_t i = 0; i < count; i++, from += s->step) to[(filter + i) * p->output_plane + cell] = *from;
        channel += count;
    }
}

static void spread_tile(spread *s) {
    const product *m = s->m;
    int64_t last_channel = at_most(s->at->weight_last * m->weight_width, m->patches.outputs);
    int64_t first = s->at->patch_first * m->patch_width,
            last = at_most(s->at->patch_last * m->patch_width, m->patches.pixels);
    axes_aligned(s->job->layout, s->out);
    int64_t filters = m->patches.outputs / m->patches.variants, shift[CONV_MAX_SPATIAL] = {0};
    int64_t channel = s->at->weight_first * m->weight_width, variant = channel / filters, filter = channel % filters;
    const float *from = s->sums;
    const patch_axis *axis = m->patches.axis;
    if (m->patches.pixels == 1 && m->patches.taps == 1 && inside(&axis[0], 0) && inside(&axis[1], 0) &&
        inside(&axis[2], 0)) {
        spread_window(s, channel, last_channel);
        return;
    }
    patches_variant_place(&m->patches, variant, shift);
    for (; channel < last_channel; channel++, from += s->step) {
        spread_channel(s, s->at->group * filters + filter, shift, from, first, last);
        if (++filter < filters) continue;
        filter = 0;
        patches_variant_place(&m->patches, ++variant, shift);
    }
}

void phases_spread(const algorithm_job *job, const product *m, const phase_place *at, const float *facts,
                   const float *outputs, int64_t step) {
    spread s = {.job = job, .m = m, .at = at, .sums = outputs, .step = step, .facts = {facts[0], facts[1]}};
    spread_tile(&s);
}

static void tile(const algorithm_job *job, int phase, int64_t index, int thread) {
    (void)phase;
    const head *h = head_of(job);
    const phases *a = &h->phases;
    const struct head_phase *own = &h->phase[phase_of(a, index)];
    const product *m = &own->product;
    phase_place at = place_of(a, m, index);
    if (at.weight_first >= at.weight_last || at.patch_first >= at.patch_last) return;
    const patches *p = &m->patches;
    const rooms *r = &h->rooms;
    const float *packed = (const float *)job->packed + own->packed;
    float *room = (float *)(void *)(job->per_thread + (size_t)thread * job->needs->per_thread);
    int64_t step = (at.patch_last - at.patch_first) * m->patch_width;
    product_tile t = {.packed = packed + at.group * product_packed(m),
                      .input = job->operands->input[0] + (at.batch * a->groups + at.group) * p->channels * p->plane,
                      .bias = job->operands->bias != NULL,
                      .patch_first = at.patch_first,
                      .patch_last = at.patch_last,
                      .weight_first = at.weight_first,
                      .weight_last = at.weight_last,
                      .gathered = room + r->sums,
                      .sums = room,
                      .output = room + r->sums + r->gathered,
                      .output_step = step};
    t.output_base = at.weight_first * m->weight_width * step + at.patch_first * m->patch_width;
    product_run(m, &t);
    phases_spread(job, m, &at, job->packed, t.output, step);
}

/* The rows between the first and the last that the tile writes; other phases' rows lie among them. */
void phases_box(const conv_layout *layout, const product *m, const phase_place *at, conv_event *event) {
    int64_t filters = m->patches.outputs / m->patches.variants;
    event->batch = at->batch;
    bool whole = m->patches.variants > 1;
    event->channel_first = at->group * filters + (whole ? 0 : at->weight_first * m->weight_width);
    event->channel_last = at->group * filters + (whole ? filters : at_most(at->weight_last * m->weight_width, filters));
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        event->first[i] = 0;
        event->last[i] = layout->axis[i].out;
    }
    int first_axis = CONV_MAX_SPATIAL - layout->dims;
    const patch_axis *rows = &m->patches.axis[first_axis];
    int64_t row = m->patches.pixels / at_least(rows->count, 1);
    int64_t first = at->patch_first * m->patch_width,
            last = at_most(at->patch_last * m->patch_width, m->patches.pixels);
    if (last <= first) {
        event->last[0] = 0;
        return;
    }
    event->first[0] = rows->output_first + first / row * rows->output_step;
    event->last[0] =
        at_most(rows->output_first + (last - 1) / row * rows->output_step + rows->variants, layout->axis[0].out);
}

static void box(const conv_layout *layout, unsigned cpu, int phase, int64_t index, conv_event *event) {
    (void)phase;
    phases a = phases_of(layout, cpu);
    product m = phase_product(layout, cpu, phase_of(&a, index));
    phase_place at = place_of(&a, &m, index);
    phases_box(layout, &m, &at, event);
}

/* The products of all phases, gathering for each, and putting outputs one by one where they belong. */
double phases_spreading(const conv_layout *layout) {
    return 0.8 * (double)conv_shape_count(&layout->output);
}

double phases_gathered_cost(const conv_layout *layout, unsigned cpu) {
    phases a = phases_of(layout, cpu);
    double cycles = 0;
    for (int64_t phase = 0; phase < a.count; phase++) {
        product m = phase_product(layout, cpu, phase);
        const patches *p = &m.patches;
        double multiply = (double)p->pixels * (double)p->outputs * (double)p->depth / cost_rate(m.kernels);
        double rows = (double)(m.turned ? m.patch_width : m.weight_width), idle = rows < 4 ? 4 / rows : 1.1;
        cycles +=
            idle * multiply + cost_moves(m.kernels, (double)p->depth * (double)p->pixels) * (double)a.weight.parts;
    }
    return cost_milliseconds(cycles * (double)a.groups * (double)a.batch + phases_spreading(layout));
}

const algorithm phases_algorithm = {.id = CONV_PHASES,
                                    .can = can,
                                    .cost = phases_gathered_cost,
                                    .needs = needs,
                                    .pack = pack,
                                    .tile = tile,
                                    .box = box};
