#include "app/system/number.h"
#include "keys.h"
#include "panels.h"
#include "playback.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static void tool(window_state *w, box *rest, const char *name, icon i, action a, bool on, bool disabled) {
    ui *u = &w->ui;
    float side = ui_px(u, 34);
    box at = box_cut_left(rest, side);
    char tip[UI_TIP_SIZE];
    snprintf(tip, sizeof tip, "%s (%s)", say(w, action_help(a)), key_shown(a));
    const button look = {.icon = i, .on = on, .disabled = disabled, .tip = tip};
    if (ui_button(u, name, box_make(at.x, at.y + (at.height - side) / 2, side, side), &look)) action_run(w, a);
    box_cut_left(rest, ui_px(u, 2));
}

static void play_button(window_state *w, box *rest) {
    ui *u = &w->ui;
    float side = ui_px(u, w->layout.compact ? 36 : 42);
    box_cut_left(rest, ui_px(u, 4));
    box at = box_cut_left(rest, side);
    bool playing = w->play.playing && !w->play.one_step;
    char tip[UI_TIP_SIZE];
    snprintf(tip, sizeof tip, "%s (%s)", say(w, playing ? N_("Pause") : N_("Play")), key_shown(ACTION_PLAY));
    const button look = {.icon = playing ? ICON_PAUSE : ICON_PLAY, .look = BUTTON_ROUND, .tip = tip};
    if (ui_button(u, "transport.play", box_make(at.x, at.y + (at.height - side) / 2, side, side), &look))
        action_run(w, ACTION_PLAY);
    box_cut_left(rest, ui_px(u, 6));
}

static void speed_text(const window_state *w, char *text, size_t size) {
    char number[32];
    snprintf(text, size, "%s\xc3\x97", number_write(w->settings.speed, 3, number, sizeof number));
}

static void count_text(const window_state *w, char *text, int size) {
    char done[32], all[32];
    number_write_grouped(playback_done(w), done, sizeof done);
    number_write_grouped(w->play.last, all, sizeof all);
    tr_format(w->settings.language, text, size, N_("after {0} of {1}"), "ss", done, all);
}

static void scrub(window_state *w, box b) {
    ui *u = &w->ui;
    playback *p = &w->play;
    int64_t range = p->last - p->first;
    double at = range > 0 ? ((double)(p->at.step - p->first) + p->at.progress) / (double)range : 0,
           value = fmin(fmax(at, 0), 1);
    int ticks = range > 0 && range <= 100 ? (int)range : 0;
    ui_id id = ui_hash("transport.scrub");
    int by = u->focus == id ? ui_key(u, KEY_UP, 0) - ui_key(u, KEY_DOWN, 0) : 0;
    if (by) playback_seek(w, playback_done(w) + by);
    if (ui_slider(u, "transport.scrub", b, &value, ticks, range > 0)) { /* on every pass, or it loses the focus */
        playback_seek(w, p->first + llround(value * (double)range));
        w->present.ink_count = 0;
        u->again = true;
    }
}

static void speed_stepper(window_state *w, box at) {
    ui *u = &w->ui;
    char speed[40];
    ui_answer did = UI_NOTHING;
    double typed;
    speed_text(w, speed, sizeof speed);
    int by = ui_stepper(u, "transport.speed", at, speed, false, &did);
    if (by) action_run(w, by > 0 ? ACTION_FASTER : ACTION_SLOWER);
    if (did == UI_COMMITTED) {
        u->field.text[strspn(u->field.text, "0123456789.")] = 0;
        if (number_read_real(u->field.text, &typed) && typed > 0) w->settings.speed = fmin(fmax(typed, 0.125), 16);
    }
    ui_tip(u, "transport.speed", at, say(w, N_("Speed (, and .)")));
}

static void step_count(window_state *w, box *rest) {
    ui *u = &w->ui;
    char steps[96], widest[96], all[32];
    count_text(w, steps, sizeof steps);
    number_write_grouped(w->play.last, all, sizeof all);
    tr_format(w->settings.language, widest, sizeof widest, N_("after {0} of {1}"), "ss", all, all);
    float width = ui_width(u, FACE_WORDS, ui_px(u, 14), widest) + ui_px(u, 4);
    if (rest->width - width <= ui_px(u, 90)) return;
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, box_cut_right(rest, width), ANCHOR_LEFT, FACE_WORDS, ui_px(u, 14), u->theme->ink, steps);
    u->list->current = (tag){0};
    box_cut_right(rest, ui_px(u, 12));
}

void panel_transport(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.transport;
    panel_begin(w, REGION_TRANSPORT, b, t->panel);
    if (b.width <= 0) return;
    float line = fmaxf(1, ui_px(u, 1));
    bool compact = w->layout.compact, pages = compact && w->lesson_open && w->lesson.page_count > 1;
    bool roomy = !compact || b.width >= ui_px(u, 560);
    draw_rect(u->list, box_make(b.x, b.y, b.width, line), 0, paint_fill(t->panel_line));
    box rest = box_inset(b, ui_px(u, compact ? 8 : 14), 0);
    bool at_start = playback_done(w) <= w->play.first && w->play.at.progress <= 0, at_end = playback_at_end(w);
    if (pages) tool(w, &rest, "page.back", ICON_LEFT, ACTION_PREVIOUS_PAGE, false, w->page == 0);
    if (roomy) tool(w, &rest, "transport.start", ICON_START, ACTION_START, false, at_start);
    tool(w, &rest, "transport.back", ICON_BACK, ACTION_BACK, false, at_start);
    play_button(w, &rest);
    tool(w, &rest, "transport.forward", ICON_STEP, ACTION_FORWARD, false, at_end);
    if (roomy) tool(w, &rest, "transport.end", ICON_END, ACTION_END, false, at_end);
    if (pages) tool(w, &rest, "page.next", ICON_RIGHT, ACTION_NEXT_PAGE, false, w->page + 1 >= w->lesson.page_count);
    if (!compact) tool(w, &rest, "transport.loop", ICON_LOOP, ACTION_LOOP, w->settings.loop, false);
    if (!compact) {
        box at = box_cut_right(&rest, ui_px(u, 104));
        speed_stepper(w, box_make(at.x, at.y + (at.height - ui_px(u, 32)) / 2, at.width, ui_px(u, 32)));
        box_cut_right(&rest, ui_px(u, 12));
    }
    step_count(w, &rest);
    box_cut_left(&rest, ui_px(u, 8));
    if (rest.width > ui_px(u, 40)) scrub(w, rest);
}
