/* Pictures change by motion: they begin as the old one, end as the new one, and never jump on the way. */
#include "app/surface/raster.h"
#include "shown.h"
#include <stdlib.h>

enum { WIDTH = 480, HEIGHT = 300, FRAMES = 32, PIXELS = WIDTH * HEIGHT };

/* Edges of a flying polygon do not lie on whole pixels, as those of a rectangle do. */
#define EDGES 0.08

static raster *painter;

static void set_up(void) {
    shown_begin();
    cr_assert(raster_create(&painter, typefaces, NULL));
}

static void tear_down(void) {
    raster_destroy(painter);
    shown_end();
}

TestSuite(figure_motion, .init = set_up, .fini = tear_down);

static void show_small(shown *v, const char *expression, const conv_shape *input) {
    failure f = {0};
    show(v, expression, input);
    for (int view = 0; view < VIEW_COUNT; view++) cr_assert(figure_prepare(&v->scene, (view_id)view, &f));
    v->set.width = WIDTH;
    v->set.height = HEIGHT;
    v->set.captions = false; /* words change at once */
    v->set.moment = (moment){2, 1};
}

static void paint_of(shown *v, uint32_t *pixels) {
    failure f = {0};
    cr_assert(figure_draw(&v->list, &v->scene, &v->set, &f), "%s", f.error.message);
    cr_assert(raster_draw(painter, &v->list, 1, (raster_target){pixels, WIDTH, HEIGHT, WIDTH * 4, false}, NULL, NULL));
}

/* Mean difference of all channels, 0..255. */
static double apart(const uint32_t *a, const uint32_t *b) {
    double sum = 0;
    for (int i = 0; i < PIXELS; i++)
        for (int shift = 0; shift < 24; shift += 8) sum += abs((int)(a[i] >> shift & 255) - (int)(b[i] >> shift & 255));
    return sum / (3.0 * PIXELS);
}

/* The way from the settled picture `first` to the document's: no frame may be far from the one before it. Returns the
 * longest stride over the distance of the two pictures. */
static void check_way(shown *v, const uint32_t *first, const char *what) {
    static uint32_t last[PIXELS], now[PIXELS], before[PIXELS];
    v->set.view_progress = 1;
    paint_of(v, last);
    double whole = apart(first, last), longest = 0;
    for (int k = 0; k <= FRAMES; k++) {
        v->set.view_progress = k == FRAMES ? 0.9999 : k / (double)FRAMES;
        paint_of(v, now);
        if (k == 0)
            cr_expect_lt(apart(first, now), EDGES * whole + 0.2, "%s: begins %.2f of %.2f elsewhere", what,
                         apart(first, now), whole);
        else
            longest = fmax(longest, apart(before, now));
        memcpy(before, now, sizeof now);
    }
    cr_expect_lt(apart(last, now), EDGES * whole + 0.2, "%s: ends %.2f of %.2f elsewhere", what, apart(last, now),
                 whole);
    cr_expect_lt(longest, 0.45 * whole + 0.2, "%s: jumps by %.2f of %.2f", what, longest, whole);
    cr_expect_gt(whole, 0.2, "%s: nothing changes", what);
}

static void check_pairs(const char *expression, const conv_shape *input) {
    static uint32_t first[PIXELS];
    shown v;
    show_small(&v, expression, input);
    for (int from = 0; from < VIEW_COUNT; from++)
        for (int to = 0; to < VIEW_COUNT; to++) {
            char what[200];
            if (from == to) continue;
            snprintf(what, sizeof what, "%s, view %d to %d", expression, from, to);
            v.set.view_progress = 1;
            v.document.view = (view_id)from;
            paint_of(&v, first);
            v.document.view = (view_id)to;
            v.set.view_from = (view_id)from;
            check_way(&v, first, what);
        }
    hide(&v);
}

Test(figure_motion, no_view_is_cut_to_another) {
    check_pairs("nn.Conv2d(1, 1, 3, padding=1)", &(conv_shape){3, {1, 5, 5}});
    check_pairs("nn.ConvTranspose2d(1, 1, 2, stride=2)", &(conv_shape){3, {1, 3, 3}});
    check_pairs("nn.Conv2d(1, 2, 5)", &(conv_shape){3, {1, 60, 60}});
}

Test(figure_motion, flat_cells_become_tilted_ones_and_back) {
    static uint32_t first[PIXELS];
    static const char *const cases[] = {"nn.Conv2d(2, 2, 3, padding=1)", "nn.ConvTranspose2d(1, 1, 3, stride=2)",
                                        "nn.Conv3d(1, 1, 2)", "nn.MaxPool2d(2)"};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        shown v;
        show_small(&v, cases[k], NULL);
        for (int to = 0; to < STYLE_COUNT; to++) {
            v.set.view_progress = 1;
            v.document.style = (style_id)!to;
            paint_of(&v, first);
            v.document.style = (style_id)to;
            v.set.style_from = (style_id)!to;
            check_way(&v, first, cases[k]);
        }
        hide(&v);
    }
}

/* Where the corner of a cell is that is nearest to the top, or NAN. */
static point cell_at(const shown *v, role r, int64_t index) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->tag.kind != TAG_CELL || t->tag.role != r || t->tag.index != index) continue;
        if (t->kind == ITEM_RECT) return (point){t->box.x, t->box.y};
        if (t->kind == ITEM_POLYGON) return v->list.points[t->first];
    }
    return (point){NAN, NAN};
}

Test(figure_motion, a_flat_cell_is_half_way_a_cell_between) {
    shown v;
    failure f = {0};
    show_small(&v, "nn.Conv2d(1, 1, 3)", NULL);
    point at[3];
    v.document.style = STYLE_ISOMETRIC;
    for (int k = 0; k < 3; k++) {
        v.set.view_progress = k / 2.0;
        cr_assert(figure_draw(&v.list, &v.scene, &v.set, &f));
        at[k] = cell_at(&v, ROLE_INPUT, 7);
    }
    cr_expect_float_eq(at[1].x, (at[0].x + at[2].x) / 2, 0.01f);
    cr_expect_float_eq(at[1].y, (at[0].y + at[2].y) / 2, 0.01f);
    cr_expect(fabsf(at[0].x - at[2].x) + fabsf(at[0].y - at[2].y) > 5);
    hide(&v);
}

/* Places of the matrix's entries, in the order in which they are drawn. */
static int entries_of(const shown *v, point *places, int64_t *weights, int most) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count && count < most; i++) {
        const item *t = &v->list.items[i];
        if (t->kind != ITEM_RECT || t->tag.kind != TAG_CELL || t->tag.role != ROLE_WEIGHT) continue;
        weights[count] = t->tag.index;
        places[count++] = (point){t->box.x, t->box.y};
    }
    return count;
}

/* The entries' rows and columns from their places: how many cells they are from the first of all. */
static void in_cells(point *places, int count, float cell) {
    point least = places[0];
    for (int i = 0; i < count; i++) least = (point){fminf(least.x, places[i].x), fminf(least.y, places[i].y)};
    for (int i = 0; i < count; i++)
        places[i] = (point){roundf((places[i].x - least.x) / cell), roundf((places[i].y - least.y) / cell)};
}

Test(figure_motion, c_turns_into_its_transpose) {
    enum { MOST = 64 };
    shown v;
    failure f = {0};
    point first[MOST], last[MOST], c[MOST];
    int64_t weights[MOST], others[MOST];
    show_small(&v, "nn.ConvTranspose2d(1, 1, 3, bias=False)", &(conv_shape){3, {1, 2, 2}});
    v.document.view = VIEW_MATRIX;
    v.set.moment = (moment){0, 0};
    cr_assert(figure_draw(&v.list, &v.scene, &v.set, &f));
    int count = entries_of(&v, first, weights, MOST);
    float cell = 0;
    for (size_t i = 0; i < v.list.item_count; i++)
        if (v.list.items[i].kind == ITEM_RECT && v.list.items[i].tag.role == ROLE_WEIGHT &&
            v.list.items[i].tag.kind == TAG_CELL)
            cell = v.list.items[i].box.width;
    cr_assert_eq(count, 36);
    v.set.moment = (moment){0, 1};
    cr_assert(figure_draw(&v.list, &v.scene, &v.set, &f));
    cr_assert_eq(entries_of(&v, last, others, MOST), count);
    in_cells(first, count, cell);
    in_cells(last, count, cell);
    for (int i = 0; i < count; i++) { /* each entry has gone to its mirrored place */
        cr_expect_eq(weights[i], others[i]);
        cr_expect(first[i].x == last[i].y && first[i].y == last[i].x, "entry %d: (%g, %g) has gone to (%g, %g)", i,
                  (double)first[i].x, (double)first[i].y, (double)last[i].x, (double)last[i].y);
    }
    v.set.reduced_motion = true; /* then it has always been there */
    v.set.moment = (moment){0, 0};
    cr_assert(figure_draw(&v.list, &v.scene, &v.set, &f));
    entries_of(&v, c, others, MOST);
    in_cells(c, count, cell);
    cr_expect(c[count - 1].x == last[count - 1].x && c[count - 1].y == last[count - 1].y);
    hide(&v);
}

/* A convolution's matrix, then its partner's: each entry flies to its mirrored place. */
Test(figure_motion, a_convolution_turns_into_its_partner) {
    enum { MOST = 64 };
    shown a, b;
    failure f = {0};
    point first[MOST], last[MOST], way[MOST];
    int64_t weights[MOST], others[MOST];
    show_small(&a, "nn.Conv2d(1, 1, 3, bias=False)", &(conv_shape){3, {1, 4, 4}});
    show_small(&b, "nn.ConvTranspose2d(1, 1, 3, bias=False)", &(conv_shape){3, {1, 2, 2}});
    a.document.view = b.document.view = VIEW_MATRIX;
    cr_assert(figure_draw(&a.list, &a.scene, &a.set, &f));
    cr_assert(figure_draw(&b.list, &b.scene, &b.set, &f));
    int count = entries_of(&a, first, weights, MOST);
    cr_assert_eq(count, entries_of(&b, last, others, MOST));
    b.set.before = &a.list;
    b.set.view_progress = 0;
    cr_assert(figure_draw(&b.list, &b.scene, &b.set, &f));
    cr_assert_eq(entries_of(&b, way, others, MOST), count);
    for (int i = 0; i < count; i++) { /* drawn in the order of the transpose, at the places of C */
        bool found = false;
        for (int k = 0; k < count; k++)
            found |= weights[k] == others[i] && fabsf(first[k].x - way[i].x) + fabsf(first[k].y - way[i].y) < 0.01f;
        cr_expect(found, "entry %d does not come from an entry of C of its weight", i);
    }
    hide(&a);
    hide(&b);
}

Test(figure_motion, reduced_motion_cuts) {
    shown v, settled;
    failure f = {0};
    show_small(&v, "nn.Conv2d(1, 1, 3)", NULL);
    show_small(&settled, "nn.Conv2d(1, 1, 3)", NULL);
    v.document.view = settled.document.view = VIEW_MATRIX;
    v.set.reduced_motion = settled.set.reduced_motion = true;
    v.set.view_progress = 0.3;
    cr_assert(figure_draw(&v.list, &v.scene, &v.set, &f));
    cr_assert(figure_draw(&settled.list, &settled.scene, &settled.set, &f));
    cr_expect(display_list_equal(&v.list, &settled.list));
    hide(&v);
    hide(&settled);
}

Test(figure_motion, memory_that_runs_out_on_the_way_is_survived) {
    for (long n = 1; n < 60; n++) {
        shown v;
        failure f = {0};
        show_small(&v, "nn.Conv2d(1, 1, 2)", NULL);
        v.document.view = VIEW_MATRIX;
        v.set.view_progress = 0.5;
        memory_fail_at(n);
        bool drawn = figure_draw(&v.list, &v.scene, &v.set, &f);
        memory_fail_at(0);
        cr_expect(drawn || f.error.format || v.list.failed, "allocation %ld", n);
        cr_expect(figure_draw(&v.list, &v.scene, &v.set, &f), "the next frame is whole again");
        hide(&v);
    }
}
