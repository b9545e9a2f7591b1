#include "app/document/scene_text.h"
#include "app/system/memory.h"
#include "copy.h"
#include "easel.h"
#include "keys.h"
#include "opening.h"
#include "panels.h"
#include "playback.h"
#include "predict.h"
#include "scale.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void wipe(window_state *w) {
    w->present.ink_count = 0;
}

static void forward(window_state *w) {
    wipe(w);
    if (w->predict.asking && w->predict.revealed)
        predict_go_on(w);
    else if (!predict_before_step(w))
        playback_step(w, 1);
}

static void back(window_state *w) {
    wipe(w);
    playback_step(w, -1);
}

static void turn_page(window_state *w, int by, bool play) {
    if (!w->lesson_open || w->page + by < 0 || w->page + by >= w->lesson.page_count) return;
    wipe(w);
    state_open_page(w, w->page + by);
    if (!play) playback_seek(w, w->play.last);
}

/* More steps than somebody clicks through: a picture has thousands. One click goes over them all. */
static bool is_long(const window_state *w) {
    enum { CLICKS_MOST = 100 };
    return w->play.last - w->play.first > CLICKS_MOST && !w->predict.on;
}

static void clicker_forward(window_state *w) {
    const bool more = w->lesson_open && w->page + 1 < w->lesson.page_count;
    const bool over = playback_at_end(w) && !w->play.playing && !w->predict.asking;
    if (w->predict.asking && !w->predict.revealed) {
        wipe(w);
        predict_show(w);
    } else if (over && more) {
        turn_page(w, 1, true);
    } else if (over && w->lesson_open) {
        state_notice(w, false, say(w, N_("The lesson ends here. Ctrl+PageDown opens the next one.")));
    } else if (is_long(w)) {
        wipe(w);
        playback_seek(w, w->play.last);
    } else {
        forward(w);
    }
}

static void clicker_back(window_state *w) {
    const bool begins = playback_done(w) <= w->play.first && w->play.at.progress <= 0;
    if (begins && w->page > 0) {
        turn_page(w, -1, false);
    } else if (is_long(w)) {
        wipe(w);
        playback_seek(w, w->play.first);
    } else {
        back(w);
    }
}

static void next_lesson(window_state *w, int by) {
    int at = -1;
    for (int i = 0; i < w->lessons.count; i++) {
        if (w->lesson_open && strcmp(w->lessons.entries[i].id, w->lesson.id) == 0) at = i;
    }
    int to = at < 0 ? 0 : at + by;
    failure f = {0};
    if (to < 0 || to >= w->lessons.count) return;
    if (!state_open_lesson(w, w->lessons.entries[to].id, 0, true, &f)) state_failure(w, &f);
}

static void speed(window_state *w, double factor) {
    static const double speeds[] = {0.125, 0.25, 0.5, 1, 2, 4, 8, 16};
    int count = (int)(sizeof speeds / sizeof *speeds), at = 0;
    for (int i = 1; i < count; i++) {
        if (fabs(log2(speeds[i] / w->settings.speed)) < fabs(log2(speeds[at] / w->settings.speed))) at = i;
    }
    at += factor > 1 ? 1 : -1;
    if (at >= 0 && at < count) w->settings.speed = speeds[at];
}

static void flip(window_state *w, change_kind kind, bool now) {
    change c = {.kind = kind, .number = now ? 0 : 1};
    state_change(w, &c, NULL);
}

static void style(window_state *w) {
    easel_style(w, (style_id)((state_document(w)->style + 1) % STYLE_COUNT));
}

static void fold(window_state *w, int panel) {
    if (w->present.on) return;
    bool *open = panel == 1 ? &w->settings.lessons_open : &w->settings.inspector_open;
    bool shown = panel == 1 ? w->layout.lessons.width > 0 : w->layout.inspector.width > 0;
    if (w->layout.narrow) {
        w->narrow_panel = shown ? 0 : panel;
        if (shown && panel == 2)
            *open = false;
        else if (!shown)
            *open = true;
    } else {
        *open = !*open;
    }
}

static void focus_control(window_state *w, const char *name) {
    ui_focus(&w->ui, ui_hash(name), true);
}

/* The first control of the next panel. */
static void next_panel(window_state *w) {
    static const char *const stops[] = {"expression", "search", "view", "stage", "transport.play", "inspector"};
    const ui *u = &w->ui;
    box boxes[] = {w->layout.bar,    w->layout.lessons,   w->layout.tabs,
                   w->layout.figure, w->layout.transport, w->layout.inspector};
    int count = (int)(sizeof stops / sizeof *stops), here = -1;
    for (size_t i = 0; i < u->control_count; i++) {
        if (u->controls[i].id != u->focus) continue;
        box b = u->controls[i].box;
        for (int k = 0; k < count; k++) {
            if (ui_inside(boxes[k], (point){b.x + b.width / 2, b.y + b.height / 2})) here = k;
        }
    }
    for (int step = 1; step <= count; step++) {
        box to = boxes[(here + step) % count];
        for (size_t i = 0; to.width > 0 && i < u->control_count; i++) {
            const ui_control *c = &u->controls[i];
            if (c->focusable && c->enabled &&
                ui_inside(to, (point){c->box.x + c->box.width / 2, c->box.y + c->box.height / 2})) {
                ui_focus(&w->ui, c->id, true);
                return;
            }
        }
    }
}

static void present(window_state *w) {
    w->present.on = !w->present.on;
    w->present.blank = w->present.spotlight = w->present.pen = false;
    wipe(w);
    w->easel.zoom = 1;
    w->easel.pan = (point){0, 0};
}

static void pin(window_state *w) {
    easel_pin(w);
}

/* Escape undoes the nearest thing first. */
static void cancel(window_state *w) {
    const document *d = state_document(w);
    if (w->popup)
        popup_close(w);
    else if (opening_name(w))
        opening_cancel(w);
    else if (w->present.blank)
        w->present.blank = false;
    else if (w->present.pen || w->present.ink_count)
        w->present.pen = false, wipe(w);
    else if (w->present.spotlight)
        w->present.spotlight = false;
    else if (w->predict.on)
        predict_toggle(w);
    else if (d->pinned_input >= 0 || d->pinned_output >= 0)
        w->easel.hover = (tag){0}, easel_pin(w);
    else if (w->easel.hover.kind != TAG_NONE)
        w->easel.hover = (tag){0};
    else if (w->present.on)
        present(w);
    else if (w->narrow_panel)
        w->narrow_panel = 0;
    else if (w->ui.focus)
        ui_focus(&w->ui, 0, false);
}

static void reset(window_state *w) {
    if (w->lesson_open) {
        state_open_page(w, w->page);
        state_notice(w, false, say(w, N_("The lesson is as it was at first. Undo brings your changes back.")));
    } else {
        playback_reset(w, false);
    }
}

static void next_theme(window_state *w) {
    w->settings.theme = (theme_id)((w->settings.theme + 1) % THEME_COUNT);
}

static void popup_at_stage(window_state *w, popup_id p) {
    if (w->popup == p)
        popup_close(w);
    else
        popup_open(w, p, (box){0});
}

static void games(window_state *w) {
    const ui_control *c = ui_find(&w->ui, "menu");
    popup_open(w, POPUP_GAMES, c ? c->box : w->layout.figure);
}

static void menu(window_state *w) {
    const ui_control *c = ui_find(&w->ui, "menu");
    popup_open(w, POPUP_MENU, c ? c->box : w->layout.figure);
}

static void undo(window_state *w, bool again) {
    if (!state_turn(w, again ? 1 : -1))
        state_notice(w, false, say(w, again ? N_("There is nothing to do again.") : N_("There is nothing to undo.")));
}

static void flip_curtain(window_state *w) {
    flip(w, CHANGE_CURTAIN, state_document(w)->curtain);
    if (state_document(w)->curtain)
        state_notice(w, false, say(w, N_("A curtain hides the result: C opens it.")));
    else
        w->notice[0] = 0;
}

/* What each action does. Those of one flag or one call stand here; the others above. */
static void run_lasting(window_state *w, action a) {
    settings *s = &w->settings;
    const document *d = state_document(w);
    presenting *p = &w->present;
    switch (a) {
    case ACTION_LOOP:
        s->loop = !s->loop;
        break;
    case ACTION_FASTER:
        speed(w, 2);
        break;
    case ACTION_SLOWER:
        speed(w, 0.5);
        break;
    case ACTION_LANGUAGE:
        s->language = s->language == LANGUAGE_EN ? LANGUAGE_ZH : LANGUAGE_EN;
        break;
    case ACTION_THEME:
        next_theme(w);
        break;
    case ACTION_LARGER:
        scale_step(w, 1);
        break;
    case ACTION_SMALLER:
        scale_step(w, -1);
        break;
    case ACTION_MOTION:
        s->reduced_motion = !s->reduced_motion;
        playback_fit(w);
        break;
    case ACTION_LESSONS_PANEL:
        fold(w, 1);
        break;
    case ACTION_INSPECTOR_PANEL:
        fold(w, 2);
        break;
    case ACTION_ISOMETRIC:
        style(w);
        break;
    case ACTION_LABELS:
        flip(w, CHANGE_LABELS, d->labels);
        break;
    case ACTION_COUNTS:
        flip(w, CHANGE_COUNTS, d->counts);
        break;
    case ACTION_ZERO_INSERTION:
        flip(w, CHANGE_ZERO_INSERTION, d->zero_insertion);
        break;
    case ACTION_CURTAIN:
        flip_curtain(w);
        break;
    case ACTION_BLANK:
        p->blank = !p->blank;
        break;
    case ACTION_SPOTLIGHT:
        p->spotlight = !p->spotlight;
        break;
    case ACTION_PEN:
        p->pen = !p->pen;
        break;
    case ACTION_ERASE:
        wipe(w);
        break;
    case ACTION_NOTES:
        p->notes = !p->notes;
        break;
    case ACTION_PRESENT:
        present(w);
        break;
    case ACTION_FULLSCREEN:
        w->effects.fullscreen = true;
        break;
    case ACTION_QUIT:
        w->effects.quit = true;
        break;
    default:
        break;
    }
}

static void run_going(window_state *w, action a) {
    box b = w->layout.figure;
    point middle = {b.x + b.width / 2, b.y + b.height / 2};
    switch (a) {
    case ACTION_PLAY:
        wipe(w);
        if (w->predict.asking)
            predict_go_on(w);
        else
            playback_toggle(w);
        break;
    case ACTION_FORWARD:
        forward(w);
        break;
    case ACTION_BACK:
        back(w);
        break;
    case ACTION_START:
        playback_seek(w, w->play.first);
        break;
    case ACTION_END:
        playback_seek(w, w->play.last);
        break;
    case ACTION_CLICKER_FORWARD:
        clicker_forward(w);
        break;
    case ACTION_CLICKER_BACK:
        clicker_back(w);
        break;
    case ACTION_NEXT_PAGE:
        turn_page(w, 1, true);
        break;
    case ACTION_PREVIOUS_PAGE:
        turn_page(w, -1, true);
        break;
    case ACTION_NEXT_LESSON:
        next_lesson(w, 1);
        break;
    case ACTION_PREVIOUS_LESSON:
        next_lesson(w, -1);
        break;
    case ACTION_RESET:
        reset(w);
        break;
    case ACTION_PREDICT:
        predict_toggle(w);
        break;
    case ACTION_ZOOM_IN:
        easel_zoom(w, 1.25f, middle);
        break;
    case ACTION_ZOOM_OUT:
        easel_zoom(w, 0.8f, middle);
        break;
    case ACTION_FIT:
        w->easel.zoom = 1, w->easel.pan = (point){0, 0};
        break;
    case ACTION_CELL_LEFT:
        easel_point(w, -1, 0);
        break;
    case ACTION_CELL_RIGHT:
        easel_point(w, 1, 0);
        break;
    case ACTION_CELL_UP:
        easel_point(w, 0, -1);
        break;
    case ACTION_CELL_DOWN:
        easel_point(w, 0, 1);
        break;
    case ACTION_EDIT_CELL:
        easel_edit(w);
        break;
    case ACTION_PIN:
        pin(w);
        break;
    default:
        break;
    }
}

void action_run(window_state *w, action a) {
    if (!w->scene_open && a != ACTION_QUIT && a != ACTION_HELP && a != ACTION_CANCEL) return;
    if (a >= ACTION_VIEW_SLIDE && a <= ACTION_VIEW_ENGINE) {
        easel_view(w, (view_id)(a - ACTION_VIEW_SLIDE));
        return;
    }
    switch (a) {
    case ACTION_EXPRESSION:
        if (w->present.on) present(w);
        focus_control(w, "expression");
        break;
    case ACTION_SEARCH:
        if (w->layout.lessons.width <= 0) fold(w, 1);
        focus_control(w, "search");
        break;
    case ACTION_NEXT_PANEL:
        next_panel(w);
        break;
    case ACTION_MENU:
        menu(w);
        break;
    case ACTION_HELP:
        popup_at_stage(w, POPUP_HELP);
        break;
    case ACTION_OPEN:
        popup_at_stage(w, POPUP_OPEN);
        break;
    case ACTION_SAVE:
        popup_at_stage(w, POPUP_SAVE);
        break;
    case ACTION_EXPORT:
        popup_at_stage(w, POPUP_EXPORT);
        break;
    case ACTION_GAMES:
        games(w);
        break;
    case ACTION_CANCEL:
        cancel(w);
        break;
    case ACTION_UNDO:
        undo(w, false);
        break;
    case ACTION_REDO:
        undo(w, true);
        break;
    case ACTION_COPY:
        copy_out(w, COPY_EXPRESSION);
        break;
    case ACTION_COPY_PYTORCH:
        copy_out(w, COPY_PYTORCH);
        break;
    case ACTION_COPY_NUMPY:
        copy_out(w, COPY_NUMPY);
        break;
    case ACTION_COPY_SCENE:
        copy_out(w, COPY_SCENE);
        break;
    case ACTION_PASTE:
        w->effects.paste = true;
        break;
    default:
        run_lasting(w, a);
        run_going(w, a);
        break;
    }
}
