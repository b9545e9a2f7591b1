/* Words of a caption wear the colour of the role they name, and pointing at them lights its cells, in both languages.
 */
#include "window_harness.h"
#include <math.h>

static bool same_rgb(color a, color b) {
    return a.r == b.r && a.g == b.g && a.b == b.b;
}

/* Frames of full strength in a role's colour, and what they hold together. */
static int frames_of(const window_state *w, role r, box *all) {
    const display_list *l = w->seen;
    const color c = theme_get(w->settings.theme)->roles[r].strong;
    int count = 0;
    float left = INFINITY, top = INFINITY, right = -INFINITY, foot = -INFINITY;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *t = &l->items[i];
        const box b = item_bounds(l, t);
        if ((t->kind != ITEM_RECT && t->kind != ITEM_POLYGON) || t->paint.fill.a || t->paint.stroke.a != 255 ||
            !same_rgb(t->paint.stroke, c) || t->paint.width < 1.5f)
            continue;
        count++;
        left = fminf(left, b.x), right = fmaxf(right, b.x + b.width);
        top = fminf(top, b.y), foot = fmaxf(foot, b.y + b.height);
    }
    *all = (box){left, top, right - left, foot - top};
    return count;
}

/* What the cells and pictures of a role cover; false: none is drawn. */
static bool cells_of(const window_state *w, role r, box *all) {
    const display_list *l = w->seen;
    float left = INFINITY, top = INFINITY, right = -INFINITY, foot = -INFINITY;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *t = &l->items[i];
        const bool cell = t->tag.kind == TAG_CELL || (t->tag.kind == TAG_TENSOR && t->kind == ITEM_PICTURE);
        if (!cell || t->tag.role != r || t->kind == ITEM_TEXT || t->kind == ITEM_CIRCLE) continue;
        const box b = item_bounds(l, t);
        left = fminf(left, b.x), right = fmaxf(right, b.x + b.width);
        top = fminf(top, b.y), foot = fmaxf(foot, b.y + b.height);
    }
    *all = (box){left, top, right - left, foot - top};
    return left < right;
}

/* The middle of the k-th word that names a role, in the window. */
static bool word_at(const window_state *w, int k, role *r, point *at) {
    const display_list *l = w->seen;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *t = &l->items[i];
        if (t->kind != ITEM_TEXT || t->tag.kind != TAG_CAPTION || t->tag.role == ROLE_NONE || k-- > 0) continue;
        *r = t->tag.role;
        cr_expect(same_rgb(t->paint.fill, theme_get(w->settings.theme)->roles[*r].ink), "a word's colour");
        *at = (point){w->layout.figure.x + t->box.x + t->box.width / 2, w->layout.figure.y + t->box.y - t->size * 0.3f};
        return true;
    }
    return false;
}

/* Points at every word of the page; returns at how many. */
static int point_at_words(harness *h, const char *what) {
    window_state *w = &h->w;
    int pointed = 0;
    role r;
    point at;
    for (int k = 0; word_at(w, k, &r, &at); k++) {
        box lit, cells;
        move_to(h, w->layout.figure.x + 2, w->layout.figure.y + 2); /* on the ground */
        idle(h);
        const int before = frames_of(w, r, &lit);
        const bool drawn = cells_of(w, r, &cells);
        move_to(h, at.x, at.y);
        idle(h);
        cr_expect(w->easel.hover.kind == TAG_CAPTION && w->easel.hover.role == r, "%s: word %d is not met", what, k);
        const int more = frames_of(w, r, &lit) - before;
        pointed++;
        if (!drawn) continue; /* a bias has no cells */
        cr_expect_gt(more, 0, "%s: word %d lights nothing", what, k);
        if (before == 0)
            cr_expect(lit.x < cells.x + 1 && lit.x + lit.width > cells.x + cells.width - 1 && lit.y < cells.y + 1 &&
                          lit.y + lit.height > cells.y + cells.height - 1,
                      "%s: word %d does not light all its cells", what, k);
    }
    return pointed;
}

Test(window_captions, pointing_at_a_word_lights_its_cells) {
    harness *h = start_sized(1440, 900);
    window_state *w = &h->w;
    cr_assert(language_load(ASSETS, NULL));
    w->settings.reduced_motion = true;
    const int every = test_extent() == EXTENT_ALL ? 1 : test_extent() == EXTENT_FEW ? 9 : 3;
    int words[LANGUAGE_COUNT] = {0};
    for (int i = 0; i < w->lessons.count; i += every) {
        failure f = {0};
        cr_assert(state_open_lesson(w, w->lessons.entries[i].id, 0, false, &f), "%s", f.error.message);
        for (int p = 0; p < w->lesson.page_count; p++) {
            cr_assert(state_open_page(w, p));
            const view_id view = state_document(w)->view;
            if (view == VIEW_COST || view == VIEW_ENGINE) continue; /* bars, not cells */
            playback_seek(w, w->play.last);
            for (int l = 0; l < LANGUAGE_COUNT; l++) {
                char what[160];
                w->settings.language = (language)l;
                idle(h);
                snprintf(what, sizeof what, "%s, page %d, %s", w->lesson.id, p + 1, language_code((language)l));
                words[l] += point_at_words(h, what);
            }
        }
    }
    for (int l = 0; l < LANGUAGE_COUNT; l++) cr_expect_gt(words[l], 10, "only %d words in language %d", words[l], l);
    stop(h);
}

/* Not by hue alone: a line under each word, as wide as it, in all themes. */
Test(window_captions, words_of_a_role_are_underlined) {
    harness *h = start_sized(1440, 900);
    window_state *w = &h->w;
    failure f = {0};
    cr_assert(language_load(ASSETS, NULL));
    cr_assert(state_open_lesson(w, "transposed", 0, false, &f), "%s", f.error.message);
    for (int k = 0; k < THEME_COUNT * LANGUAGE_COUNT; k++) {
        int words = 0, lines = 0;
        w->settings.theme = (theme_id)(k % THEME_COUNT);
        w->settings.language = (language)(k / THEME_COUNT);
        idle(h);
        const display_list *l = w->seen;
        for (size_t i = 0; i < l->item_count; i++) {
            const item *t = &l->items[i];
            if (t->tag.kind != TAG_CAPTION || t->tag.role == ROLE_NONE || t->kind != ITEM_TEXT) continue;
            words++;
            for (size_t n = i + 1; n < l->item_count && n < i + 3; n++) {
                const item *u = &l->items[n];
                const point *p = &l->points[u->first];
                lines += u->kind == ITEM_POLYLINE && u->tag.role == t->tag.role && fabsf(p[0].x - t->box.x) < 1 &&
                         fabsf(p[1].x - p[0].x - t->box.width) < 1.5f && p[0].y > t->box.y;
            }
        }
        cr_expect_geq(words, 3);
        cr_expect_eq(lines, words, "%s, %s: %d of %d words", theme_get(w->settings.theme)->name,
                     language_code(w->settings.language), lines, words);
    }
    stop(h);
}
