#include "frame.h"
#include "app/system/memory.h"
#include "easel.h"
#include "game_play.h"
#include "keys.h"
#include "measuring.h"
#include "opening.h"
#include "panels.h"
#include "playback.h"
#include "predict.h"
#include "scale.h"
#include "session.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const float presenting_scale = 1.25f;                        /* large type, to be read from the last row, */
static const float presenting_width = 400, presenting_height = 250; /* ... where it leaves the stage these units */
static const double longest_tick = 0.1; /* after a pause of the program the picture goes on where it was */

bool window_begin(window_state *w, const fonts *type, conv_engine *engine, const char *assets, failure *f) {
    memset(w, 0, sizeof *w);
    w->fonts = type;
    w->engine = engine;
    w->assets = assets;
    w->ratio = 1;
    w->easel.brush = 1;
    w->predict.chosen = -1;
    settings_defaults(&w->settings);
    document_init(&w->history.document);
    easel_reset(w);
    w->seen = &w->regions[REGION_FIGURE].list;
    return lesson_list_load(assets, &w->lessons, f);
}

void window_stop(window_state *w) {
    session_end(w);
    measuring_stop(w);
    exporting_stop(&w->exporting);
    game_play_end(w);
}

void window_end(window_state *w) {
    window_stop(w);
    opening_stop(w);
    if (w->scene_open) {
        scene_close(&w->scene);
        history_close(&w->history);
    }
    if (w->lesson_open) lesson_destroy(&w->lesson);
    lesson_list_destroy(&w->lessons);
    for (int i = 0; i < w->files.count; i++) memory_free(w->files.names[i]);
    for (int i = 0; i < REGION_COUNT; i++) display_list_destroy(&w->regions[i].list);
    display_list_destroy(&w->easel.before);
    memory_free(w->clipboard);
    ui_destroy(&w->ui);
    memset(w, 0, sizeof *w);
}

static void make_layout(window_state *w) {
    layout_wishes wishes = {
        .width = (float)w->width,
        .height = (float)w->height,
        .scale = w->ui.scale,
        .lessons = w->settings.lessons_open,
        .inspector = w->settings.inspector_open,
        .narrow_panel = w->narrow_panel,
        .presenting = w->present.on,
        .pages = w->lesson_open && w->lesson.page_count > 1,
        .notes = w->present.notes && w->lesson_open,
    };
    w->layout = layout_make(&wishes);
    if (!w->predict.asking || predict_hides_shape(w)) return;
    wishes.question = prediction_height(w, w->layout.figure.width);
    w->layout = layout_make(&wishes);
}

/* Things that happen to the window as a whole. */
static void take_event(window_state *w, const window_event *e) {
    failure f = {0};
    switch (e->kind) {
    case EVENT_RESIZE:
        w->width = e->width;
        w->height = e->height;
        w->ratio = e->ratio > 0 ? e->ratio : 1;
        w->per_inch = e->per_inch;
        if (!e->lasting) break;
        w->settings.width = (int)((float)e->width / w->ratio);
        w->settings.height = (int)((float)e->height / w->ratio);
        break;
    case EVENT_DROP:
        popup_close(w);
        if (!state_open_file(w, e->long_text, &f)) state_failure(w, &f);
        break;
    case EVENT_QUIT:
        w->effects.quit = true;
        break;
    default:
        break;
    }
}

static void dispatch(window_state *w, const window_event *e) {
    failure f = {0};
    if (w->ui.event_used) return;
    if (e->kind == EVENT_CLIPBOARD && !w->popup) {
        if (!state_open_text(w, e->long_text, &f)) state_failure(w, &f);
        return;
    }
    if (e->kind != EVENT_KEY) return;
    if (w->present.blank && e->key != 'b' && e->key != KEY_ESCAPE) { /* any key lights the screen again */
        w->present.blank = false;
        return;
    }
    const key_binding *b = key_find(e->key, e->modifiers);
    if (b && (!w->popup || b->everywhere)) action_run(w, b->action);
}

/* Pixels for each unit of layout. */
static float type_scale(const window_state *w) {
    const float scale = scale_now(w) * w->ratio;
    const float room = fminf((float)w->width / presenting_width, (float)w->height / presenting_height);
    return w->present.on ? fmaxf(scale, fminf(scale * presenting_scale, room)) : scale;
}

static void pass(window_state *w, const window_event *e) {
    ui *u = &w->ui;
    take_event(w, e);
    u->fonts = w->fonts;
    u->theme = theme_get(w->settings.theme);
    u->language = w->settings.language;
    u->scale = type_scale(w);
    make_layout(w);
    display_list_clear(&w->regions[REGION_OVERLAY].list, (float)w->width, (float)w->height, (color){0});
    w->regions[REGION_OVERLAY].box = box_make(0, 0, (float)w->width, (float)w->height);
    ui_begin(u, e, w->time);
    panel_begin(w, REGION_STAGE, box_make(0, 0, 0, 0), u->theme->background);
    if (w->present.blank) {
        panel_presenting(w);
        ui_end(u);
        dispatch(w, e);
        return;
    }
    panel_prediction(w); /* its keys go before all others */
    panel_expression(w);
    panel_lessons(w);
    panel_tabs(w);
    easel_pass(w);
    panel_pages(w);
    panel_notes(w);
    panel_transport(w);
    panel_inspector(w);
    panel_presenting(w);
    panel_popup(w);
    panel_notice(w);
    ui_end(u);
    dispatch(w, e);
}

static void settle(window_state *w) {
    const window_event none = {.kind = EVENT_NONE};
    for (int i = 0; i < 4 && w->ui.again; i++) pass(w, &none);
}

static void wish(window_state *w) {
    effects *e = &w->effects;
    const ui *u = &w->ui;
    double at[] = {u->wake_at, w->notice_until > w->time ? w->notice_until : 0, w->exporting.job ? w->time + 0.1 : 0};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        if (at[i] > w->time && (e->wake_at == 0 || at[i] < e->wake_at)) e->wake_at = at[i];
    }
    e->animate = w->play.playing || easel_moves(w);
    e->text_input = u->wants_text;
    e->text_box = u->text_box;
    e->cursor = w->easel.grip == GRIP_PAN ? 3 : w->easel.grip == GRIP_SCRUB ? 4 : u->beam ? 2 : u->hand ? 1 : 0;
}

void window_update(window_state *w, const window_event *events, int count, double time) {
    const window_event none = {.kind = EVENT_NONE};
    double passed = w->time > 0 ? fmin(time - w->time, longest_tick) : 0;
    w->time = time;
    w->effects = (effects){0};
    w->ui.wake_at = 0;
    exporting_tick(w);
    if (w->scene_open && passed > 0) playback_tick(w, passed);
    for (int i = 0; i < count; i++) {
        bool overtaken = events[i].kind == EVENT_MOVE && i + 1 < count && events[i + 1].kind == EVENT_MOVE;
        if (overtaken && !w->present.pen) continue;
        pass(w, &events[i]);
        if (w->ui.copied && w->ui.copied[0]) {
            memory_free(w->clipboard);
            w->clipboard = memory_text(w->ui.copied);
            w->effects.copy = w->clipboard;
        }
        w->effects.paste |= w->ui.wants_paste;
        settle(w);
    }
    opening_tick(w);
    game_play_tick(w);
    pass(w, &none);
    settle(w);
    measuring_tick(w);
    easel_draw(w);
    session_tick(w);
    wish(w);
}
