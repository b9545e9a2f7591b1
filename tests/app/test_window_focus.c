/* By keyboard alone: Tab comes to every control of every view, panel and dialog, in the order in which they are read,
 * and where the focus is can be seen. */
#include "app/window/predict.h"
#include "window_harness.h"
#include <math.h>

enum { MOST = 512 };

static bool has_ring(harness *h) {
    const color focus = theme_get(h->w.settings.theme)->focus;
    for (int r = 0; r < REGION_COUNT; r++) {
        const display_list *l = &h->w.regions[r].list;
        for (size_t i = 0; i < l->item_count; i++) {
            const paint *p = &l->items[i].paint;
            if (p->width > 1 && memcmp(&p->stroke, &focus, sizeof focus) == 0) return true;
        }
    }
    return false;
}

/* All that can have the focus and has not had it yet is come to by Tab; Shift+Tab goes the same way back. */
static void tab_through(harness *h, const char *what) {
    char seen[MOST][UI_NAME_SIZE];
    ui_id way[MOST];
    int count = 0, steps = 0;
    idle(h);
    idle(h);
    for (; steps < MOST; steps++) {
        press_key(h, KEY_TAB, 0);
        ui_id focus = h->w.ui.focus;
        cr_assert_neq(focus, 0u, "%s: Tab loses the focus", what);
        if (steps && focus == way[0]) break;
        way[steps] = focus;
        cr_expect(h->w.ui.focus_seen && has_ring(h), "%s: nothing shows that control %u has the focus", what, focus);
        for (size_t i = 0; i < h->w.ui.control_count; i++) {
            const ui_control *c = &h->w.ui.controls[i];
            if (c->id != focus) continue;
            cr_expect(c->visible, "%s: %s has the focus out of sight", what, c->name);
            memcpy(seen[count++], c->name, UI_NAME_SIZE);
            break;
        }
    }
    cr_assert_lt(steps, MOST, "%s: Tab does not come round", what);
    for (size_t i = 0; i < h->w.ui.control_count; i++) {
        const ui_control *c = &h->w.ui.controls[i];
        bool found = !c->focusable || !c->enabled || c->layer < h->w.ui.top_layer;
        for (int k = 0; k < count && !found; k++) found = strcmp(seen[k], c->name) == 0;
        cr_expect(found, "%s: Tab does not come to %s", what, c->name);
    }
    for (int k = steps - 1; k >= 0; k--) {
        press_key(h, KEY_TAB, MODIFIER_SHIFT);
        cr_expect_eq(h->w.ui.focus, way[k], "%s: Shift+Tab takes another way", what);
    }
}

Test(focus, all_views) {
    for (int view = 0; view < VIEW_COUNT; view++) {
        char what[32];
        harness *h = start_lesson("depthwise-separable");
        press_key(h, '1' + view, 0);
        if (view) press_key(h, KEY_F9, 0); /* the lessons are the same beside all of them */
        snprintf(what, sizeof what, "view %d", view + 1);
        tab_through(h, what);
        stop(h);
    }
}

Test(focus, all_themes) {
    for (int t = 0; t < THEME_COUNT; t++) {
        harness *h = start_lesson("conv2d");
        h->w.settings.theme = (theme_id)t;
        h->w.settings.lessons_open = false;
        tab_through(h, theme_get((theme_id)t)->name);
        stop(h);
    }
}

Test(focus, all_menus_and_dialogs) {
    for (int p = POPUP_NONE + 1; p < POPUP_COUNT; p++) {
        char what[32];
        harness *h = start_lesson("conv2d");
        press_key(h, KEY_F9, 0);
        popup_open(&h->w, (popup_id)p, h->w.layout.bar);
        snprintf(what, sizeof what, "popup %d", p);
        tab_through(h, what);
        press_key(h, KEY_ESCAPE, 0);
        if (h->w.popup) press_key(h, KEY_ESCAPE, 0); /* the first one left the field */
        cr_expect_eq(h->w.popup, POPUP_NONE, "%s: Escape closes it", what);
        stop(h);
    }
}

Test(focus, questions_notes_and_presenting) {
    harness *h = start_lesson("conv2d");
    press_key(h, KEY_F9, 0);
    press_key(h, 'n', 0);
    tab_through(h, "notes");
    press_key(h, 'q', 0);
    cr_assert(h->w.predict.asking);
    tab_through(h, "a question");
    predict_choose(&h->w, 0);
    tab_through(h, "an answer");
    press_key(h, KEY_ESCAPE, 0);
    press_key(h, KEY_ESCAPE, 0);
    press_key(h, KEY_F5, 0);
    cr_assert(h->w.present.on);
    tab_through(h, "presenting");
    stop(h);
}

Test(focus, small_windows) {
    for (int panel = 0; panel < 3; panel++) {
        char what[32];
        harness *h = start_sized(960, 600);
        failure f = {0};
        cr_assert(state_open_lesson(&h->w, "conv2d", 0, false, &f));
        h->w.settings.scale = 3;
        h->w.narrow_panel = panel;
        snprintf(what, sizeof what, "300%%, panel %d", panel);
        tab_through(h, what);
        stop(h);
    }
}

/* From left to right and from top to bottom: expression, lessons, tabs, stage, transport, inspector. */
Test(focus, panels_come_in_a_sensible_order) {
    static const char *const order[] = {"expression", "search",         "view.0",
                                        "stage",      "transport.play", "param.in_channels"};
    harness *h = start_lesson("conv2d");
    int at[6] = {-1, -1, -1, -1, -1, -1};
    for (int i = 0; i < MOST; i++) {
        press_key(h, KEY_TAB, 0);
        for (int k = 0; k < 6; k++) {
            if (h->w.ui.focus == ui_hash(order[k]) && at[k] < 0) at[k] = i;
        }
    }
    for (int k = 0; k < 6; k++) {
        cr_expect_geq(at[k], 0, "Tab does not come to %s", order[k]);
        if (k) cr_expect_gt(at[k], at[k - 1], "%s comes before %s", order[k], order[k - 1]);
    }
    stop(h);
}

/* The first arrow on the scrub bar is not the last one. */
Test(focus, the_scrub_bar_keeps_the_focus_when_it_steps) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    const ui_id bar = ui_hash("transport.scrub");
    playback_seek(&h->w, 0);
    h->w.ui.focus = bar;
    for (int k = 1; k <= 3; k++) {
        press_key(h, KEY_UP, 0);
        cr_expect_eq(playback_done(&h->w), k);
        cr_expect_eq(h->w.ui.focus, bar);
    }
    press_key(h, KEY_DOWN, 0);
    cr_expect_eq(playback_done(&h->w), 2);
    stop(h);
}
