/* The scale of the interface, 75% to 300%: what was folded can be reached, type follows, the picture keeps its room. */
#include "window_harness.h"
#include <math.h>

static harness *scaled(int width, int height, float scale, const char *id) {
    harness *h = start_sized(width, height);
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, id, 0, false, &f), "%s", f.error.message);
    h->w.settings.scale = scale;
    idle(h);
    playback_seek(&h->w, h->w.play.last);
    idle(h);
    idle(h);
    return h;
}

/* The largest type of the captions and the side of an input cell, in pixels. */
static float title_size(harness *h) {
    const display_list *l = h->w.seen;
    float most = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        if (l->items[i].kind == ITEM_TEXT && l->items[i].tag.kind == TAG_CAPTION) most = fmaxf(most, l->items[i].size);
    }
    return most;
}

static float cell_side(harness *h) {
    const display_list *l = h->w.seen;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind == ITEM_RECT && it->tag.kind == TAG_CELL && it->tag.role == ROLE_INPUT) return it->box.width;
    }
    return 0;
}

Test(scale, type_grows_with_it_and_cells_stay_readable) {
    static const struct {
        int width, height;
        float title_at_300, cell_at_300; /* pixels, at least */
    } cases[] = {{960, 600, 34, 24}, {1440, 900, 50, 40}, {1920, 1080, 55, 50}, {3840, 2160, 85, 100}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness *h = scaled(cases[i].width, cases[i].height, 1, "conv2d");
        float before = title_size(h);
        stop(h);
        h = scaled(cases[i].width, cases[i].height, 3, "conv2d");
        cr_expect_geq(title_size(h), fmaxf(before, cases[i].title_at_300), "%dx%d: the title is %g px, %g at 100%%",
                      cases[i].width, cases[i].height, (double)title_size(h), (double)before);
        cr_expect_geq(cell_side(h), cases[i].cell_at_300, "%dx%d: a cell is %g px", cases[i].width, cases[i].height,
                      (double)cell_side(h));
        stop(h);
    }
}

/* What a reader needs is there at every size and scale, as a control that is seen or as a row of a menu that is. */
static bool has(harness *h, const char *name) {
    const ui_control *c = ui_find(&h->w.ui, name);
    return c && c->visible;
}

static void all_within(harness *h, const char *what) {
    box window = {0, 0, (float)h->w.width, (float)h->w.height};
    for (size_t i = 0; i < h->w.ui.control_count; i++) {
        const ui_control *c = &h->w.ui.controls[i];
        if (!c->visible) continue;
        cr_expect(c->box.x >= window.x - 1 && c->box.y >= window.y - 1 && c->box.x + c->box.width <= window.width + 1 &&
                      c->box.y + c->box.height <= window.height + 1,
                  "%s: %s leaves the window", what, c->name);
        if (strcmp(c->name, "stage") == 0 || c->layer > 0) continue;
        for (size_t k = 0; k < i; k++) {
            const ui_control *o = &h->w.ui.controls[k];
            if (!o->visible || o->layer > 0 || strcmp(o->name, "stage") == 0) continue;
            if (strncmp(o->name, c->name, strlen(o->name)) == 0 || strncmp(o->name, c->name, strlen(c->name)) == 0)
                continue; /* a stepper and its ends */
            box both = ui_intersect(o->box, c->box);
            cr_expect_not(both.width > 1 && both.height > 1, "%s: %s lies on %s", what, c->name, o->name);
        }
    }
}

Test(scale, nothing_needed_is_out_of_reach) {
    static const int sizes[][2] = {{480, 320}, {960, 600}, {1280, 720}, {1440, 900}, {1920, 1080}, {3840, 2160}};
    static const float scales[] = {0.75f, 1, 1.25f, 1.5f, 1.75f, 2, 2.5f, 3};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (size_t k = 0; k < sizeof scales / sizeof *scales; k++) {
            if (scales[k] > 1 && sizes[i][0] < 960) continue;
            char what[64];
            harness *h = scaled(sizes[i][0], sizes[i][1], scales[k], "conv2d");
            snprintf(what, sizeof what, "%dx%d at %d%%", sizes[i][0], sizes[i][1], (int)(scales[k] * 100));
            all_within(h, what);
            cr_expect(has(h, "menu") && has(h, "expression") && has(h, "transport.play") && has(h, "transport.forward"),
                      "%s", what);
            cr_expect(has(h, "view.1") || has(h, "view"), "%s: no views", what);
            cr_expect(has(h, "inspector"), "%s: no way to the inspector", what);
            cr_expect(has(h, "page.next"), "%s: no next page", what);
            cr_expect(has(h, "search") || has(h, "open.lessons"), "%s: no way to the lessons", what);
            if (!has(h, "view.1")) {
                click(h, "view");
                cr_expect_eq(h->w.popup, POPUP_VIEW, "%s", what);
                all_within(h, what);
                press_key(h, KEY_DOWN, 0);
                press_key(h, KEY_ENTER, 0);
                cr_expect_eq(state_document(&h->w)->view, VIEW_MATRIX, "%s: the menu of views", what);
                press_key(h, '1', 0);
            }
            if (has(h, "open.lessons")) {
                click(h, "open.lessons");
                idle(h);
                all_within(h, what);
                cr_expect(has(h, "search"), "%s: lessons", what);
                press_key(h, KEY_ESCAPE, 0);
            }
            if (h->w.layout.inspector.width <= 0) click(h, "inspector");
            idle(h);
            all_within(h, what);
            cr_expect(has(h, "param.in_channels.plus"), "%s: inspector", what);
            stop(h);
        }
    }
}

/* A question is answered by mouse even where its card is taller than the room: it scrolls. */
Test(scale, questions_can_be_answered_in_the_least_room) {
    harness *h = scaled(960, 600, 3, "conv2d");
    press_key(h, 'q', 0);
    idle(h);
    cr_assert(h->w.predict.asking);
    int last = h->w.predict.answer.choice_count - 1;
    char name[UI_NAME_SIZE];
    snprintf(name, sizeof name, "choice.%d", last);
    for (int i = 0; i < 20 && h->w.ui.focus != ui_hash(name); i++) press_key(h, KEY_TAB, 0);
    idle(h);
    cr_expect(has(h, name), "Tab scrolls the choice into sight");
    press_key(h, KEY_ENTER, 0);
    cr_expect(h->w.predict.revealed);
    stop(h);
}
