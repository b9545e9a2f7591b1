/* What a figure remembers of its scene changes nothing: the same picture comes the second time, and after other sizes.
 */
#include "app/surface/raster.h"
#include "window_harness.h"

static void draw_at(harness *h, display_list *l, float width, float height, style_id style, float scale) {
    figure_settings s;
    failure f = {0};
    figure_defaults(&s);
    s.width = width;
    s.height = height;
    s.scale = scale;
    s.fonts = h->fonts;
    s.moment = (moment){1, 0.5};
    h->w.history.document.style = style;
    cr_assert(figure_draw(l, &h->w.scene, &s, &f), "%s", f.error.message);
}

static bool is_same(const display_list *a, const display_list *b) {
    raster_box d = raster_difference(a, b, 1);
    return a->item_count == b->item_count && (d.left >= d.right || d.top >= d.bottom);
}

static void draws_alike(const char *expression) {
    static const struct {
        float width, height, scale;
    } sizes[] = {{900, 700, 1}, {480, 360, 1}, {960, 288, 3}, {1920, 1000, 1}, {700, 1200, 2}};
    enum { SIZES = sizeof sizes / sizeof *sizes };
    static display_list first[SIZES][STYLE_COUNT], again;
    harness *h = start(expression);
    for (int i = 0; i < SIZES; i++) {
        for (int style = 0; style < STYLE_COUNT; style++)
            draw_at(h, &first[i][style], sizes[i].width, sizes[i].height, (style_id)style, sizes[i].scale);
    }
    for (int i = SIZES - 1; i >= 0; i--) {
        for (int style = 0; style < STYLE_COUNT; style++) {
            draw_at(h, &again, sizes[i].width, sizes[i].height, (style_id)style, sizes[i].scale);
            cr_expect(is_same(&first[i][style], &again), "%s in %gx%g, style %d, is drawn otherwise again", expression,
                      (double)sizes[i].width, (double)sizes[i].height, style);
        }
    }
    for (int i = 0; i < SIZES; i++) {
        for (int style = 0; style < STYLE_COUNT; style++) display_list_destroy(&first[i][style]);
    }
    display_list_destroy(&again);
    stop(h);
}

Test(memory, one_channel) {
    draws_alike("nn.Conv2d(1, 1, 3)");
}
Test(memory, many_channels) {
    draws_alike("nn.Conv2d(6, 8, 3, groups=2)");
}
Test(memory, square_matrix_of_slices) {
    draws_alike("nn.Conv2d(4, 4, 2)");
}
Test(memory, transposed) {
    draws_alike("nn.ConvTranspose2d(8, 6, 4, stride=2, padding=1)");
}
Test(memory, volume) {
    draws_alike("nn.Conv3d(2, 3, 2)");
}
Test(memory, one_axis) {
    draws_alike("nn.Conv1d(3, 4, 3)");
}

/* The document is copied at each change: nothing that is remembered may point into it. (AddressSanitizer sees it.) */
Test(memory, outlives_changes_of_the_document) {
    static const char *const lessons[] = {"cross-correlation", "dcgan", "transposed"};
    for (size_t i = 0; i < sizeof lessons / sizeof *lessons; i++) {
        harness *h = start_lesson(lessons[i]);
        h->w.settings.reduced_motion = true;
        for (int round = 0; round < 2; round++) {
            for (int view = VIEW_COUNT; view-- > 0;) {
                press_key(h, '1' + view, 0);
                press_key(h, 'y', 0);
                press_key(h, 'l', 0);
                cr_expect_gt(h->w.seen->item_count, 3u);
            }
        }
        stop(h);
    }
}
