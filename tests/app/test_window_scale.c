/* The scale of the interface, 75% to 300%: what was folded can be reached, type follows, the picture keeps its room. */
#include "app/window/scale.h"
#include "app/window/session.h"
#include "scratch.h"
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

/* Nobody has chosen: a large window's panels are as large a part of it as at full HD, those of a dense screen as large
 * to the eye, and no panel folds for it. */
Test(scale, is_suggested_by_window_and_screen) {
    static const struct {
        float width, height, per_inch, scale;
    } cases[] = {{1440, 900, 0, 1},       {1920, 1080, 96, 1},    {960, 600, 96, 1},    {2560, 1440, 109, 1.25f},
                 {3840, 2160, 0, 2},      {3840, 2160, 96, 2},    {3840, 2160, 160, 2}, {3840, 1080, 96, 1},
                 {5120, 2880, 218, 2.5f}, {1440, 900, 282, 1.1f}, {2560, 1600, 282, 2}, {1920, 1080, 157, 1.25f},
                 {1440, 900, 9000, 1},    {1440, 900, 20, 1},     {16384, 16384, 96, 3}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        cr_expect_float_eq(scale_suggested(cases[i].width, cases[i].height, cases[i].per_inch), cases[i].scale, 1e-6,
                           "%gx%g with %g to the inch: %g", (double)cases[i].width, (double)cases[i].height,
                           (double)cases[i].per_inch,
                           (double)scale_suggested(cases[i].width, cases[i].height, cases[i].per_inch));
    harness *h = scaled(1920, 1080, 0, "conv2d");
    const float title = title_size(h);
    const window_layout full = h->w.layout;
    send(h, (window_event){.kind = EVENT_RESIZE, .width = 3840, .height = 2160, .ratio = 1});
    idle(h);
    idle(h);
    cr_expect_eq(h->w.layout.lessons.width, 2 * full.lessons.width);
    cr_expect_eq(h->w.layout.inspector.width, 2 * full.inspector.width);
    cr_expect_float_eq(title_size(h), 2 * title, 0.1 * title, "the figure's words grow alike: %g, %g", (double)title,
                       (double)title_size(h));
    send(h, (window_event){.kind = EVENT_RESIZE, .width = 3840, .height = 2160, .ratio = 2});
    cr_expect_eq(h->w.layout.lessons.width, 2 * full.lessons.width, "pixels of a point count once");
    stop(h);
}

Test(scale, what_was_chosen_stays) {
    harness *h = scaled(3840, 2160, 0, "conv2d");
    press_key(h, '-', 0);
    cr_expect_eq(scale_now(&h->w), 1.75f);
    send(h, (window_event){.kind = EVENT_RESIZE, .width = 1440, .height = 900, .ratio = 1});
    cr_expect_eq(scale_now(&h->w), 1.75f, "whatever the window's size");
    send(h, (window_event){.kind = EVENT_RESIZE, .width = 3840, .height = 2160, .ratio = 1});
    press_key(h, '+', 0);
    cr_expect_eq(scale_now(&h->w), 2);
    send(h, (window_event){.kind = EVENT_RESIZE, .width = 1440, .height = 900, .ratio = 1});
    cr_expect_eq(scale_now(&h->w), 1, "back at what is suggested nothing is chosen any more");
    stop(h);
}

Test(scale, is_kept_for_the_next_start) {
    static const float chosen[] = {0, 1, 1.75f};
    scratch_begin("unused");
    cr_assert_eq(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    for (size_t i = 0; i < sizeof chosen / sizeof *chosen; i++) {
        settings kept, found;
        failure f = {0};
        settings_defaults(&kept);
        kept.scale = chosen[i];
        kept.width = 1440;
        kept.height = 900;
        cr_assert(settings_save(&kept, &f), "%s", f.error.message);
        settings_defaults(&found);
        found.scale = 3;
        settings_load(&found);
        cr_expect_eq(found.scale, chosen[i], "%g was kept as %g", (double)chosen[i], (double)found.scale);
    }
    scratch_end();
}
