/* No word of the window's panels is cut off or lies on another, in both languages, at all sizes and scales. (The
 * figure's own words: test_figure_layout.) */
#include "window_harness.h"
#include <math.h>

enum { MOST_TEXTS = 1024 };

typedef struct words {
    box box;
    const char *text;
} words;

/* The texts that are seen whole, with their boxes. A text that its scroll area cuts at the rim is not judged. */
static int seen_texts(harness *h, const display_list *l, words *found) {
    box clips[8] = {{-1e6f, -1e6f, 2e6f, 2e6f}};
    int depth = 0, count = 0;
    for (size_t i = 0; i < l->item_count && count < MOST_TEXTS; i++) {
        const item *it = &l->items[i];
        if (it->kind == ITEM_CLIP && depth < 7) clips[depth + 1] = ui_intersect(clips[depth], it->box), depth++;
        if (it->kind == ITEM_UNCLIP && depth > 0) depth--;
        if (it->kind != ITEM_TEXT || it->count == 0) continue;
        const char *text = l->text + it->first;
        text_extent extent = text_measure(h->fonts, it->face, it->size, text, it->count);
        float left = it->anchor == ANCHOR_LEFT    ? it->box.x
                     : it->anchor == ANCHOR_RIGHT ? it->box.x - extent.width
                                                  : it->box.x - extent.width / 2;
        /* Ink, not line height: lines may touch. */
        box b = {left, it->box.y - extent.ascent * 0.72f, extent.width, extent.ascent * 0.78f};
        box shown = ui_intersect(b, clips[depth]);
        if (shown.height < b.height - 1) continue;
        found[count++] = (words){b, text};
    }
    return count;
}

static void judge(harness *h, const char *what) {
    static words found[MOST_TEXTS];
    for (int r = 0; r < REGION_COUNT; r++) {
        const struct region *part_of = &h->w.regions[r];
        if (r == REGION_FIGURE || r == REGION_OVERLAY || part_of->box.width <= 0) continue;
        int count = seen_texts(h, &part_of->list, found);
        for (int i = 0; i < count; i++) {
            box b = found[i].box;
            cr_expect_null(strstr(found[i].text, "\xe2\x80\xa6"), "%s: \"%s\" is cut", what, found[i].text);
            cr_expect(b.x >= part_of->box.x - 1 && b.x + b.width <= part_of->box.x + part_of->box.width + 1,
                      "%s: \"%s\" leaves its panel", what, found[i].text);
            for (int k = 0; k < i; k++) {
                box both = ui_intersect(b, found[k].box);
                cr_expect_not(both.width > 1.5f && both.height > 1.5f, "%s: \"%s\" lies on \"%s\"", what, found[i].text,
                              found[k].text);
            }
        }
    }
}

static void at_size(int width, int height) {
    static const float scales[] = {0.75f, 1, 1.5f, 2};
    static const char *const lessons[] = {"conv2d", "transposed", "grouped"};
    harness *h = start_sized(width, height);
    cr_assert(language_load(ASSETS, NULL));
    for (size_t k = 0; k < sizeof lessons / sizeof *lessons; k++) {
        failure f = {0};
        cr_assert(state_open_lesson(&h->w, lessons[k], 0, false, &f), "%s", f.error.message);
        for (int l = 0; l < LANGUAGE_COUNT; l++) {
            for (size_t s = 0; s < sizeof scales / sizeof *scales; s++) {
                char what[128];
                h->w.settings.language = (language)l;
                h->w.settings.scale = scales[s];
                idle(h);
                idle(h);
                snprintf(what, sizeof what, "%s, %s, %dx%d at %d%%", lessons[k], language_code(h->w.settings.language),
                         width, height, (int)(scales[s] * 100));
                judge(h, what);
            }
        }
    }
    stop(h);
}

Test(layout, least_size) {
    at_size(960, 600);
}
Test(layout, usual_size) {
    at_size(1440, 900);
}
Test(layout, full_hd) {
    at_size(1920, 1080);
}
