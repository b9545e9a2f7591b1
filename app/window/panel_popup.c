/* Menus, and what all popups have in common. */
#include "app/arrays/source.h"
#include "game_play.h"
#include "keys.h"
#include "panels.h"
#include "playback.h"
#include "sources.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

void popup_open(window_state *w, popup_id p, box beside) {
    if (w->popup == POPUP_NONE) w->popup_from = w->ui.focus;
    w->popup = p;
    w->ui.field.composed[0] = 0;
    w->popup_anchor = beside;
    w->popup_fresh = true;
    w->scroll_popup = (ui_scroll){0};
    w->ui.again = true;
}

void popup_close(window_state *w) {
    if (w->popup == POPUP_NONE) return;
    w->popup = POPUP_NONE;
    w->popup_focus = w->popup_from; /* where the reader was, once the popup is gone */
    w->ui.again = true;
}

/* ---- menus ---- */

typedef struct menu_row {
    const char *label; /* translatable; NULL: a line between groups */
    action action;
    bool ticked, disabled;
    const char *detail;
} menu_row;

enum { MENU_ROWS = 40 };

static int main_menu(window_state *w, menu_row *rows) {
    const document *d = state_document(w);
    const settings *s = &w->settings;
    static char scale[16];
    snprintf(scale, sizeof scale, "%d%%", (int)lroundf(s->scale * 100));
    const menu_row all[] = {
        {N_("Open..."), ACTION_OPEN, false, false, NULL},
        {N_("Save scene..."), ACTION_SAVE, false, false, NULL},
        {N_("Export picture or film..."), ACTION_EXPORT, false, false, NULL},
        {N_("Games and bug clinic..."), ACTION_GAMES, false, false, NULL},
        {NULL, ACTION_NONE, false, false, NULL},
        {N_("Undo"), ACTION_UNDO, false, w->history.past_count == 0, NULL},
        {N_("Do again"), ACTION_REDO, false, w->history.future_count == 0, NULL},
        {N_("Copy the expression"), ACTION_COPY, false, false, NULL},
        {N_("Copy as PyTorch code"), ACTION_COPY_PYTORCH, false, false, NULL},
        {N_("Copy as NumPy arrays"), ACTION_COPY_NUMPY, false, false, NULL},
        {N_("Copy the scene as one line"), ACTION_COPY_SCENE, false, false, NULL},
        {N_("Paste an expression or scene"), ACTION_PASTE, false, false, NULL},
        {NULL, ACTION_NONE, false, false, NULL},
        {N_("Count overlaps and reads"), ACTION_COUNTS, d->counts, false, NULL},
        {N_("Zero insertion beside a transposed convolution"), ACTION_ZERO_INSERTION, d->zero_insertion, false, NULL},
        {N_("Curtain over the result"), ACTION_CURTAIN, d->curtain, false, NULL},
        {N_("Teacher's notes"), ACTION_NOTES, w->present.notes, !w->lesson_open, NULL},
        {N_("Reset the lesson"), ACTION_RESET, false, !w->lesson_open, NULL},
        {N_("Full screen"), ACTION_FULLSCREEN, false, false, NULL},
        {NULL, ACTION_NONE, false, false, NULL},
        {N_("Theme"), ACTION_THEME, false, false, NULL},
        {N_("Larger interface"), ACTION_LARGER, false, s->scale >= 3, scale},
        {N_("Smaller interface"), ACTION_SMALLER, false, s->scale <= 0.75f, scale},
        {N_("Reduced motion"), ACTION_MOTION, s->reduced_motion, false, NULL},
        {NULL, ACTION_NONE, false, false, NULL},
        {N_("Quit"), ACTION_QUIT, false, false, NULL},
    };
    int count = (int)(sizeof all / sizeof *all);
    memcpy(rows, all, sizeof all);
    return count;
}

static void choose_action(window_state *w, const menu_row *r) {
    /* Switches stay open, so that their effect is seen. */
    bool stays = r->action == ACTION_THEME || r->action == ACTION_LARGER || r->action == ACTION_SMALLER ||
                 r->action == ACTION_UNDO || r->action == ACTION_REDO;
    if (!stays) popup_close(w);
    action_run(w, r->action);
}

static int games_menu(window_state *w, menu_row *rows) {
    int count = game_play_rows(w);
    if (count > MENU_ROWS) count = MENU_ROWS;
    for (int i = 0; i < count; i++)
        rows[i] = (menu_row){.label = game_play_label(w, i), .ticked = game_play_solved(w, i)};
    return count;
}

static int menu_rows(window_state *w, menu_row *rows) {
    if (w->popup == POPUP_MENU) return main_menu(w, rows);
    if (w->popup == POPUP_GAMES) return games_menu(w, rows);
    int count = sources_count(w->popup == POPUP_INPUT ? ROLE_INPUT : ROLE_WEIGHT);
    if (count > MENU_ROWS) count = MENU_ROWS;
    for (int i = 0; i < count; i++) {
        rows[i] = (menu_row){.label = sources_label(w->popup == POPUP_INPUT ? ROLE_INPUT : ROLE_WEIGHT, i)};
    }
    return count;
}

static box menu_place(window_state *w, const menu_row *rows, int count, float *height) {
    ui *u = &w->ui;
    float widest = ui_px(u, 150), row = ui_px(u, 30), line = ui_px(u, 11);
    *height = 2 * ui_px(u, 6);
    for (int i = 0; i < count; i++) {
        *height += rows[i].label ? row : line;
        if (!rows[i].label) continue;
        float width = ui_width(u, FACE_WORDS_BOLD, ui_px(u, 14), say(w, rows[i].label)) + ui_px(u, 62);
        const char *key = rows[i].action ? key_shown(rows[i].action) : "";
        if (*key || rows[i].detail)
            width += ui_width(u, FACE_WORDS, ui_px(u, 12), *key ? key : rows[i].detail) + ui_px(u, 30);
        widest = fmaxf(widest, width);
    }
    float margin = ui_px(u, 8), most = (float)w->height - 2 * margin, tall = fminf(*height, most);
    box a = w->popup_anchor, b = {0, 0, fminf(widest, (float)w->width - 2 * margin), tall};
    b.x = fmaxf(margin, fminf(a.x + a.width - b.width, (float)w->width - b.width - margin));
    b.y = a.y + a.height + ui_px(u, 4);
    if (b.y + tall > (float)w->height - margin) b.y = fmaxf(margin, (float)w->height - margin - tall);
    return b;
}

static void menu(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    menu_row rows[MENU_ROWS];
    int count = menu_rows(w, rows);
    float height;
    box b = menu_place(w, rows, count, &height);
    popup_card(w, b);
    if (u->event->kind == EVENT_PRESS && !ui_inside(b, u->event->at) && !u->event_used) {
        u->event_used = true;
        popup_close(w);
    }
    if (ui_key(u, KEY_DOWN, 0)) ui_step_focus(u, false), u->focus_found = true;
    if (ui_key(u, KEY_UP, 0)) ui_step_focus(u, true), u->focus_found = true;
    box inner = box_inset(b, ui_px(u, 6), ui_px(u, 6));
    ui_scroll_begin(u, "popup", inner, &w->scroll_popup);
    float y = inner.y - w->scroll_popup.offset, top = y;
    for (int i = 0; i < count; i++) {
        if (!rows[i].label) {
            draw_rect(
                u->list,
                box_make(inner.x + ui_px(u, 8), y + ui_px(u, 5), inner.width - ui_px(u, 16), fmaxf(1, ui_px(u, 1))), 0,
                paint_fill(t->panel_line));
            y += ui_px(u, 11);
            continue;
        }
        char name[UI_NAME_SIZE];
        snprintf(name, sizeof name, "menu.%d", i);
        box at = {inner.x, y, inner.width, ui_px(u, 30)};
        const char *detail = rows[i].detail;
        if (rows[i].action == ACTION_THEME)
            detail = say(w, theme_words(w->settings.theme));
        else if (!detail && rows[i].action)
            detail = key_shown(rows[i].action);
        if (w->popup_fresh && i == 0) ui_focus(u, ui_hash(name), u->focus_seen || u->event->kind == EVENT_KEY);
        box words = at;
        box tick = box_cut_left(&words, ui_px(u, 20));
        bool clicked = ui_row(u, name, at, "", NULL, false, rows[i].disabled);
        u->list->current = (tag){.kind = TAG_CONTROL, .index = (int64_t)ui_hash(name)};
        box_cut_right(&words, ui_px(u, 10));
        box_cut_left(&words, ui_px(u, 8));
        if (detail && *detail) {
            float width = ui_width(u, FACE_WORDS, ui_px(u, 12), detail) + 1;
            ui_text(u, box_cut_right(&words, width), ANCHOR_RIGHT, FACE_WORDS, ui_px(u, 12),
                    rows[i].disabled ? t->ink_faint : t->ink_soft, detail);
            box_cut_right(&words, ui_px(u, 10));
        }
        ui_text(u, words, ANCHOR_LEFT, FACE_WORDS, ui_px(u, 14), rows[i].disabled ? t->ink_faint : t->ink,
                say(w, rows[i].label));
        if (rows[i].ticked)
            ui_icon(u, ICON_CHECK, box_make(tick.x + ui_px(u, 6), y + ui_px(u, 7), ui_px(u, 16), ui_px(u, 16)), t->ink);
        u->list->current = (tag){0};
        if (clicked && rows[i].action)
            choose_action(w, &rows[i]);
        else if (clicked && w->popup == POPUP_GAMES) {
            popup_close(w);
            game_play_choose(w, i);
        } else if (clicked) {
            role r = w->popup == POPUP_INPUT ? ROLE_INPUT : ROLE_WEIGHT;
            popup_close(w);
            sources_choose(w, r, i);
        }
        y += ui_px(u, 30);
    }
    ui_scroll_end(u, inner, &w->scroll_popup, y - top);
    w->popup_fresh = false;
}

const char *theme_words(theme_id t) {
    static const char *const words[THEME_COUNT] = {[THEME_LIGHT] = N_("Light"),
                                                   [THEME_DARK] = N_("Dark"),
                                                   [THEME_PRINT] = N_("Print"),
                                                   [THEME_CONTRAST] = N_("High contrast")};
    return words[t];
}

/* ---- all popups ---- */

void popup_card(window_state *w, box b) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    u->list->current = (tag){0};
    for (int i = 7; i >= 1; i--) { /* a soft shadow */
        float grow = ui_px(u, 1.6f) * (float)i;
        draw_rect(u->list, box_make(b.x - grow, b.y - grow + ui_px(u, 4), b.width + 2 * grow, b.height + 2 * grow),
                  ui_px(u, 10) + grow, paint_fill((color){0, 0, 0, 6}));
    }
    draw_rect(u->list, b, ui_px(u, 10),
              (paint){.fill = t->panel, .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))});
}

box popup_dialog(window_state *w, const char *title, float width, float height, bool *close) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    draw_rect(u->list, box_make(0, 0, (float)w->width, (float)w->height), 0, paint_fill((color){0, 0, 0, 90}));
    float margin = ui_px(u, 12), wide = fminf(ui_px(u, width), (float)w->width - 2 * margin),
          tall = fminf(ui_px(u, height), (float)w->height - 2 * margin);
    box b = {roundf(((float)w->width - wide) / 2), roundf(((float)w->height - tall) / 2), wide, tall};
    u->list->current = (tag){0};
    draw_rect(u->list, b, ui_px(u, 12),
              (paint){.fill = t->panel, .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))});
    *close = u->event->kind == EVENT_PRESS && !ui_inside(b, u->event->at) && !u->event_used;
    box inner = box_inset(b, ui_px(u, 22), ui_px(u, 16));
    box head = box_cut_top(&inner, ui_px(u, 34)), cross = box_cut_right(&head, ui_px(u, 32));
    const button look = {.icon = ICON_CLOSE, .tip = say(w, N_("Close (Esc)"))};
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, head, ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 18), t->ink, title);
    if (ui_button(u, "close", box_make(cross.x, cross.y, ui_px(u, 32), ui_px(u, 32)), &look)) *close = true;
    if (w->popup_fresh)
        ui_focus(u, ui_hash("close"), u->event->kind == EVENT_KEY || u->focus_seen), u->focus_found = true;
    w->popup_fresh = false;
    box_cut_top(&inner, ui_px(u, 8));
    return inner;
}

void panel_popup(window_state *w) {
    ui *u = &w->ui;
    u->list = &w->regions[REGION_OVERLAY].list;
    if (w->popup == POPUP_NONE) {
        if (w->popup_focus) ui_focus(u, w->popup_focus, u->focus_seen), u->focus_found = true;
        w->popup_focus = 0;
        return;
    }
    ui_set_layer(u, 1);
    switch (w->popup) {
    case POPUP_HELP:
        popup_help(w);
        break;
    case POPUP_EXPORT:
        popup_export(w);
        break;
    case POPUP_OPEN:
    case POPUP_SAVE:
        popup_files(w);
        break;
    default:
        menu(w);
        break;
    }
    u->list->current = (tag){0};
    ui_set_layer(u, 0);
}
