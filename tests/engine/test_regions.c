/* Windows cut by which of their taps are inside the input: against walking through all windows and taps, for any range
 * of register tiles. */
#include "layer.h"
#include "random_spec.h"
#include "regions.h"

enum { MOST_WINDOWS = 12 };

static patches random_patches(random_state *r) {
    patches p = {.taps = 1, .pixels = 1};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        bool used = i > 0 || random_int(r, 0, 3) == 0;
        p.axis[i] = (patch_axis){.count = used ? random_int(r, 1, MOST_WINDOWS) : 1,
                                 .size = used ? random_int(r, 1, 14) : 1,
                                 .taps = used ? random_int(r, 1, 4) : 1,
                                 .step = used ? random_int(r, 1, 3) : 1,
                                 .base = used ? -random_int(r, 0, 9) : 0,
                                 .dilation = used ? random_int(r, 1, 6) : 1};
        p.taps *= p.axis[i].taps;
        p.pixels *= p.axis[i].count;
    }
    return p;
}

/* Its taps inside are those of the cut, on every axis; unless some axis has none, when there is none at all. */
static void check_window(const patches *p, const region *of, const int64_t at[CONV_MAX_SPATIAL]) {
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        const patch_axis *a = &p->axis[i];
        const cut *c = &of->axis[i];
        cr_assert(at[i] >= c->first && at[i] < c->last);
        for (int64_t t = 0; t < a->taps; t++) {
            int64_t cell = at[i] * a->step + a->base + t * a->dilation;
            bool inside = cell >= 0 && cell < a->size;
            cr_assert_eq(inside, t >= c->tap_first && t < c->tap_last, "axis %d, window %d, tap %d", i, (int)at[i],
                         (int)t);
        }
    }
}

/* Every window of every sample is in one run of one stretch of one part, and stretches of a part are its windows. */
static void check_parts(const patches *p, const regions *cuts, int64_t part) {
    static int seen[3 * MOST_WINDOWS * MOST_WINDOWS * MOST_WINDOWS];
    memset(seen, 0, sizeof seen);
    int64_t tiles = regions_tiles(cuts), all = p->pixels * cuts->batch;
    for (int64_t first = 0; first < tiles; first += part) {
        int64_t last = first + part < tiles ? first + part : tiles, windows = 0;
        for (stretch s = {0}; next_stretch(cuts, first, last, &s);) {
            int64_t before = 0;
            for (int i = 0; i < s.index; i++) before += region_at(cuts, i).taps;
            cr_assert_eq(s.taps_before, before);
            cr_assert_lt(s.first, s.last);
            cr_assert_leq(region_height(cuts, &s.region), cuts->tile_rows);
            windows += s.last - s.first;
            for (row_run run = first_run(&s); run.count > 0; next_run(&s, &run))
                for (int64_t n = 0; n < run.count; n++) {
                    int64_t at[CONV_MAX_SPATIAL] = {run.at[0], run.at[1], run.at[2] + n};
                    check_window(p, &s.region, at);
                    int64_t q = (at[0] * p->axis[1].count + at[1]) * p->axis[2].count + at[2];
                    seen[run.sample * p->pixels + q]++;
                }
        }
        cr_assert_leq(windows, (last - first) * cuts->tile_rows, "room for the sums of a part");
    }
    for (int64_t q = 0; q < all; q++) cr_assert_eq(seen[q], 1);
}

Test(regions, every_window_once_with_its_taps) {
    random_state r = {21};
    int cut_up = 0;
    for (int n = 0; n < 3000; n++) {
        patches p = random_patches(&r);
        regions cuts;
        int64_t batch = random_int(&r, 1, 3);
        int rows = random_int(&r, 4, 8);
        if (!regions_of(&p, batch, rows, &cuts)) continue;
        cut_up += cuts.count > 1;
        check_parts(&p, &cuts, random_int(&r, 1, 20));
    }
    cr_assert_gt(cut_up, 1000);
}

Test(regions, padding_that_is_not_zeros_is_not_left_out) {
    patches p = {0};
    regions cuts;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++)
        p.axis[i] = (patch_axis){.count = 5, .size = 5, .taps = 3, .step = 1, .base = -1, .dilation = 1};
    cr_assert(regions_of(&p, 1, 8, &cuts));
    cr_assert_eq(cuts.count, 27);
    p.axis[1].mode = CONV_REFLECT;
    cr_assert_not(regions_of(&p, 1, 8, &cuts));
}
