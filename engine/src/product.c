#include "product.h"

#include "split.h"

enum {
    DEPTH_BLOCK = 256, /* a panel of patches of this depth stays in the first-level cache */
    SLACK = MOST_LANES /* what packing writes behind a panel */
};

/* Useful share of the lanes. */
static double filled(int64_t count, int64_t lanes) {
    return count == 0 ? 1 : (double)count / (double)(divide_up(count, lanes) * lanes);
}

/* Count in panels of equal width, at most `most` wide. */
static int64_t even_width(int64_t count, int64_t most) {
    return count == 0 ? 1 : divide_up(count, divide_up(count, most));
}

product product_of(const patches *p, const kernels *k) {
    product m = {.kernels = k, .patches = *p};
    int64_t vector = TILE_VECTORS * k->lanes;
    m.turned = filled(p->outputs, k->lanes) > 1.03 * filled(p->pixels, k->lanes);
    m.in_place = m.turned && p->pixels == p->axis[2].count;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) m.in_place = m.in_place && patch_axis_is_input(&p->axis[i]);
    m.weight_width =
        m.turned ? at_most(vector, divide_up(p->outputs, k->lanes) * k->lanes) : even_width(p->outputs, k->tile_rows);
    m.patch_width =
        m.turned ? even_width(p->pixels, k->tile_rows) : at_most(vector, divide_up(p->pixels, k->lanes) * k->lanes);
    if (m.patch_width == 0) m.patch_width = 1;
    m.weight_panels = divide_up(p->outputs, m.weight_width);
    m.patch_panels = divide_up(p->pixels, m.patch_width);
    m.depth_block = p->depth <= DEPTH_BLOCK * 3 / 2 ? p->depth : even_width(p->depth, DEPTH_BLOCK);
    /* Whole channels where that is near: they are gathered faster. */
    if (p->taps > 1 && p->taps <= DEPTH_BLOCK / 4) m.depth_block = divide_up(m.depth_block, p->taps) * p->taps;
    /* Weights that pass by once are read in the order they lie in: 1280 to 1000 channels of one cell take 0.058 ms for
     * 0.065. */
    if (m.in_place && m.patch_panels == 1) m.depth_block = p->depth;
    if (m.depth_block == 0) m.depth_block = 1;
    return m;
}

int64_t product_bias_floats(const product *m) {
    return m->weight_panels * m->weight_width + MOST_LANES;
}

int64_t product_packed(const product *m) {
    return product_bias_floats(m) + m->weight_panels * m->weight_width * m->patches.depth + MOST_LANES;
}

/* Kernel positions of the taps of one window, in chain order. */
static int64_t tap_weight(const patches *p, int64_t t) {
    int64_t at[CONV_MAX_SPATIAL];
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        at[i] = p->axis[i].weight_first + t % p->axis[i].taps * p->axis[i].weight_step;
        t /= p->axis[i].taps;
    }
    return (at[0] * p->kernel[1] + at[1]) * p->kernel[2] + at[2];
}

void product_pack(const product *m, const float *weight, const float *bias, float *packed) {
    const patches *p = &m->patches;
    int64_t padded = m->weight_panels * m->weight_width, width = m->weight_width, filters = p->outputs / p->variants;
    for (int64_t i = 0; i < product_bias_floats(m); i++)
        packed[i] = bias != NULL && i < p->outputs ? bias[i % filters] : 0;
    packed += product_bias_floats(m);
    for (int64_t t = 0; t < p->taps; t++) {
        const float *from = weight + tap_weight(p, t);
        for (int64_t o = 0; o < padded; o++) {
            const float *filter = from + o % filters * p->weight_output + patches_variant_weight(p, o / filters);
            float *to = packed + (o / width * p->depth + t) * width + o % width;
            for (int64_t c = 0; c < p->channels; c++, to += p->taps * width)
                *to = o < p->outputs ? filter[c * p->weight_channel] : 0;
        }
    }
}

/* Panels of all depth blocks lie one after the other, a block's panels together. */
static int64_t panel_floats(const product *m) {
    return m->patch_width * m->depth_block + SLACK;
}

int64_t product_patch_floats(const product *m, int64_t patch_panels) {
    return m->in_place ? 0 : panel_floats(m) * patch_panels;
}

int64_t product_sum_floats(const product *m, int64_t patch_panels, int64_t weight_panels) {
    return m->turned ? patch_panels * m->patch_width * weight_panels * m->weight_width : 0;
}

enum { GATHERED_TOGETHER = 4 }; /* panels */

static void gather(const product *m, const float *input, int64_t panel, int64_t panels, int64_t k_first, int64_t k_last,
                   float *to) {
    if (k_first == k_last) return;
    int64_t first = panel * m->patch_width, count = at_most(panels * m->patch_width, m->patches.pixels - first);
    m->kernels->pack(&m->patches, input, first, count, k_first, k_last, to, m->patch_width, panel_floats(m));
}

void product_gather(const product *m, const float *input, int64_t panel, float *gathered) {
    int64_t depth = m->patches.depth;
    for (int64_t k = 0; k < depth; k += m->depth_block, gathered += m->patch_panels * panel_floats(m))
        gather(m, input, panel, 1, k, at_most(k + m->depth_block, depth), gathered + panel * panel_floats(m));
}

static void gather_tile(const product *m, const product_tile *t, int64_t k_first, int64_t k_last) {
    /* Rows shorter than a vector make many runs: then panel by panel. */
    int64_t together = m->patches.axis[2].count >= m->kernels->lanes ? GATHERED_TOGETHER : 1;
    for (int64_t q = t->patch_first; q < t->patch_last; q += together)
        gather(m, t->input, q, at_most(together, t->patch_last - q), k_first, k_last,
               t->gathered + (q - t->patch_first) * panel_floats(m));
}

/* One register tile: panel w of the weights with panel q of the patches over a block of the depth. */
typedef struct block {
    int64_t k_first, k_last;
    const float *gathered; /* panels of the block, from panel gathered_first on */
    int64_t gathered_first;
} block;

static void multiply(const product *m, const product_tile *t, const block *b, int64_t w, int64_t q) {
    const patches *p = &m->patches;
    int64_t channel = w * m->weight_width, window = q * m->patch_width;
    int64_t channels = at_most(m->weight_width, p->outputs - channel),
            windows = at_most(m->patch_width, p->pixels - window);
    const float *weight = t->packed + product_bias_floats(m) + (channel * p->depth + b->k_first * m->weight_width);
    const float *bias = t->bias && b->k_last == p->depth ? t->packed + channel : NULL;
    const float *patch = m->in_place ? t->input + b->k_first * p->pixels + window
                                     : b->gathered + (q - b->gathered_first) * panel_floats(m);
    tile_call call = {.depth = b->k_last - b->k_first, .start = b->k_first > 0 ? TILE_GO_ON : TILE_FRESH};
    if (m->turned) {
        int64_t panels = t->weight_last - t->weight_first;
        call.rows = (int)windows;
        call.columns = (int)channels;
        call.a = patch;
        call.a_step = m->in_place ? p->pixels : m->patch_width;
        call.b = weight;
        call.b_step = m->weight_width;
        call.c_row = panels * m->weight_width;
        call.c = t->sums + (q - t->patch_first) * m->patch_width * call.c_row + (w - t->weight_first) * m->weight_width;
        call.column_bias = bias;
    } else {
        call.rows = (int)channels;
        call.columns = (int)windows;
        call.a = weight;
        call.a_step = m->weight_width;
        call.b = patch;
        call.b_step = m->patch_width;
        call.c = t->output + (channel * t->output_step + window - t->output_base);
        call.c_row = t->output_step;
        call.row_bias = bias;
    }
    m->kernels->tile(&call);
}

/* The panel that lies along the lanes is the larger one: it is kept in the first-level cache while the others pass. */
static void multiply_all(const product *m, const product_tile *t, const block *b) {
    if (m->turned) {
        for (int64_t w = t->weight_first; w < t->weight_last; w++)
            for (int64_t q = t->patch_first; q < t->patch_last; q++) multiply(m, t, b, w, q);
    } else {
        for (int64_t q = t->patch_first; q < t->patch_last; q++)
            for (int64_t w = t->weight_first; w < t->weight_last; w++) multiply(m, t, b, w, q);
    }
}

/* Sums [window][channel] to outputs [channel][window]. */
static void turn_back(const product *m, const product_tile *t) {
    const patches *p = &m->patches;
    int64_t first_window = t->patch_first * m->patch_width,
            last_window = at_most(t->patch_last * m->patch_width, p->pixels);
    int64_t first_channel = t->weight_first * m->weight_width,
            last_channel = at_most(t->weight_last * m->weight_width, p->outputs);
    int64_t lanes = m->kernels->lanes, step = (t->weight_last - t->weight_first) * m->weight_width;
    for (int64_t c = first_channel; c < last_channel; c += lanes)
        for (int64_t q = first_window; q < last_window; q += lanes)
            m->kernels->transpose(t->sums + (q - first_window) * step + c - first_channel, step,
                                  (int)at_most(lanes, last_window - q), (int)at_most(lanes, last_channel - c),
                                  t->output + (c * t->output_step + q - t->output_base), t->output_step);
}

void product_run(const product *m, const product_tile *t) {
    int64_t depth = m->patches.depth;
    const float *gathered = t->gathered;
    block b = {0};
    do {
        b.k_last = at_most(b.k_first + m->depth_block, depth);
        if (m->in_place) {
            b.gathered = NULL;
        } else if (t->ready) {
            b.gathered = gathered;
            gathered += m->patch_panels * panel_floats(m);
        } else {
            gather_tile(m, t, b.k_first, b.k_last);
            b.gathered = t->gathered;
            b.gathered_first = t->patch_first;
        }
        multiply_all(m, t, &b);
        b.k_first = b.k_last;
    } while (b.k_first < depth);
    if (m->turned) turn_back(m, t);
}
