#include "regions.h"

#include "split.h"

/* The first whole number that is at least a / b, b > 0. */
static int64_t quotient_up(int64_t a, int64_t b) {
    return a > 0 ? divide_up(a, b) : -(-a / b);
}

/* Where window q begins and how far its taps reach decide which of them are inside; both only fall as q rises. */
static cut cut_from(const patch_axis *a, int64_t q) {
    int64_t start = q * a->step + a->base;
    cut c = {.first = q, .last = a->count};
    c.tap_first = start < 0 ? at_most(quotient_up(-start, a->dilation), a->taps) : 0;
    c.tap_last = at_most(at_least(quotient_up(a->size - start, a->dilation), 0), a->taps);
    /* The window that has one more tap in front, and the one that has one less behind. */
    if (c.tap_first > 0) {
        int64_t next = quotient_up(-(c.tap_first - 1) * a->dilation - a->base, a->step);
        c.last = at_most(c.last, at_least(next, q + 1));
    }
    if (c.tap_last > 0) {
        int64_t next = quotient_up(a->size - (c.tap_last - 1) * a->dilation - a->base, a->step);
        c.last = at_most(c.last, at_least(next, q + 1));
    }
    if (c.tap_last < c.tap_first) c.tap_last = c.tap_first;
    return c;
}

static int64_t products_of(const cut *c) {
    return (c->last - c->first) * (c->tap_last - c->tap_first);
}

/* The run with most products comes first: weights come into the cache while much is done with each. */
static void put_largest_first(cut *c, int count) {
    int largest = 0;
    for (int i = 1; i < count; i++)
        if (products_of(&c[i]) > products_of(&c[largest])) largest = i;
    if (largest == 0) return;
    cut first = c[0];
    c[0] = c[largest];
    c[largest] = first;
}

bool regions_of(const patches *p, int64_t batch, int tile_rows, regions *r) {
    r->count = 1;
    r->batch = batch;
    r->tile_rows = tile_rows;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const patch_axis *a = &p->axis[i];
        r->cuts[i] = 0;
        for (int64_t q = 0; q < a->count; q = r->cut[i][r->cuts[i]++].last) {
            if (r->cuts[i] == MOST_CUTS) return false;
            cut c = cut_from(a, q);
            bool whole = c.tap_first == 0 && c.tap_last == a->taps;
            if (!whole && a->mode != CONV_ZEROS) return false;
            r->cut[i][r->cuts[i]] = c;
        }
        put_largest_first(r->cut[i], r->cuts[i]);
        r->count *= r->cuts[i];
    }
    return r->count <= MOST_REGIONS;
}

region region_at(const regions *r, int index) {
    region found = {.windows = 1, .taps = 1};
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        const cut *c = &r->cut[i][index % r->cuts[i]];
        index /= r->cuts[i];
        found.axis[i] = *c;
        found.windows *= c->last - c->first;
        found.taps *= c->tap_last - c->tap_first;
    }
    return found;
}

void region_window(const region *r, int64_t window, int64_t at[CONV_MAX_SPATIAL]) {
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        int64_t count = r->axis[i].last - r->axis[i].first;
        at[i] = r->axis[i].first + window % count;
        window /= count;
    }
}

void region_taps(const region *r, const patches *p, int32_t *tap, int32_t *at) {
    const patch_axis *a = p->axis;
    const cut *c = r->axis;
    for (int64_t z = c[0].tap_first; z < c[0].tap_last; z++)
        for (int64_t y = c[1].tap_first; y < c[1].tap_last; y++)
            for (int64_t x = c[2].tap_first; x < c[2].tap_last; x++) {
                int64_t deep = (z - c[0].tap_first) * a[0].dilation, down = (y - c[1].tap_first) * a[1].dilation;
                *tap++ = (int32_t)((z * a[1].taps + y) * a[2].taps + x);
                *at++ = (int32_t)((deep * a[1].size + down) * a[2].size + (x - c[2].tap_first) * a[2].dilation);
            }
}

static int64_t region_tiles(const regions *r, const region *of) {
    return divide_up(of->windows * r->batch, r->tile_rows);
}

int64_t regions_tiles(const regions *r) {
    int64_t tiles = 0;
    for (int i = 0; i < r->count; i++) {
        region each = region_at(r, i);
        tiles += region_tiles(r, &each);
    }
    return tiles;
}

int64_t region_height(const regions *r, const region *of) {
    return at_least(divide_up(of->windows * r->batch, at_least(region_tiles(r, of), 1)), 1);
}

static void enter_region(const regions *r, int index, stretch *s) {
    s->index = index;
    s->region = region_at(r, index);
    s->tiles = region_tiles(r, &s->region);
}

bool next_stretch(const regions *r, int64_t tile_first, int64_t tile_last, stretch *s) {
    if (s->tiles == 0) {
        s->tile = tile_first;
        enter_region(r, 0, s);
    }
    if (s->tile >= tile_last) return false;
    while (s->tile >= s->tiles_before + s->tiles) {
        s->tiles_before += s->tiles;
        s->taps_before += s->region.taps;
        enter_region(r, s->index + 1, s);
    }
    int64_t count = s->region.windows * r->batch, height = region_height(r, &s->region);
    s->first = at_most((s->tile - s->tiles_before) * height, count);
    s->tile = at_most(tile_last, s->tiles_before + s->tiles);
    s->last = at_most((s->tile - s->tiles_before) * height, count);
    return true;
}

row_run first_run(const stretch *s) {
    row_run run = {.sample = s->first / s->region.windows, .left = s->last - s->first};
    region_window(&s->region, s->first % s->region.windows, run.at);
    run.count = at_most(s->region.axis[2].last - run.at[2], run.left);
    return run;
}

void next_run(const stretch *s, row_run *run) {
    const cut *c = s->region.axis;
    run->left -= run->count;
    run->at[2] = c[2].first;
    if (++run->at[1] == c[1].last) {
        run->at[1] = c[1].first;
        if (++run->at[0] == c[0].last) {
            run->at[0] = c[0].first;
            run->sample++;
        }
    }
    run->count = at_most(c[2].last - c[2].first, run->left);
}
