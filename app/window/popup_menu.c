/* The menus: their rows are tables of actions, presets or games. */
#include "game_play.h"
#include "keys.h"
#include "panels.h"
#include "scale.h"
#include "sources.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct menu_row {
    const char *label; /* translatable; NULL: a line between groups */
    action action;
    bool heading, ticked, disabled;
    const char *detail;
} menu_row;

enum { MENU_ROWS = 80 };

typedef enum menu_when { ALWAYS, COMPACT } menu_when; /* COMPACT: only where the window is too small for its button */

typedef struct menu_entry {
    const char *label; /* NULL: a line */
    action action;
    menu_when when;
} menu_entry;

static const menu_entry main_entries[] = {
    {N_("Open..."), ACTION_OPEN, ALWAYS},
    {N_("Save scene..."), ACTION_SAVE, ALWAYS},
    {N_("Export picture or film..."), ACTION_EXPORT, ALWAYS},
    {N_("Games and bug clinic..."), ACTION_GAMES, ALWAYS},
    {NULL, ACTION_NONE, ALWAYS},
    {N_("Undo"), ACTION_UNDO, ALWAYS},
    {N_("Do again"), ACTION_REDO, ALWAYS},
    {N_("Copy the expression"), ACTION_COPY, ALWAYS},
    {N_("Copy as PyTorch code"), ACTION_COPY_PYTORCH, ALWAYS},
    {N_("Copy as NumPy arrays"), ACTION_COPY_NUMPY, ALWAYS},
    {N_("Copy the scene as one line"), ACTION_COPY_SCENE, ALWAYS},
    {N_("Paste an expression or scene"), ACTION_PASTE, ALWAYS},
    {NULL, ACTION_NONE, COMPACT},
    {N_("Next page"), ACTION_NEXT_PAGE, COMPACT},
    {N_("Previous page"), ACTION_PREVIOUS_PAGE, COMPACT},
    {N_("To the start"), ACTION_START, COMPACT},
    {N_("To the end"), ACTION_END, COMPACT},
    {N_("Faster"), ACTION_FASTER, COMPACT},
    {N_("Slower"), ACTION_SLOWER, COMPACT},
    {N_("Repeat at the end"), ACTION_LOOP, COMPACT},
    {NULL, ACTION_NONE, ALWAYS},
    {N_("Predict, then reveal"), ACTION_PREDICT, ALWAYS},
    {N_("Curtain over the result"), ACTION_CURTAIN, ALWAYS},
    {N_("Spotlight at the pointer"), ACTION_SPOTLIGHT, ALWAYS},
    {N_("Draw with the pen"), ACTION_PEN, ALWAYS},
    {N_("Teacher's notes"), ACTION_NOTES, ALWAYS},
    {N_("Reset the lesson"), ACTION_RESET, ALWAYS},
    {N_("Presenter mode"), ACTION_PRESENT, ALWAYS},
    {N_("Full screen"), ACTION_FULLSCREEN, ALWAYS},
    {NULL, ACTION_NONE, ALWAYS},
    {N_("Count overlaps and reads"), ACTION_COUNTS, ALWAYS},
    {N_("Zero insertion beside a transposed convolution"), ACTION_ZERO_INSERTION, ALWAYS},
    {NULL, ACTION_NONE, ALWAYS},
    {N_("Language: English or Chinese"), ACTION_LANGUAGE, COMPACT},
    {N_("Theme"), ACTION_THEME, ALWAYS},
    {N_("Larger interface"), ACTION_LARGER, ALWAYS},
    {N_("Smaller interface"), ACTION_SMALLER, ALWAYS},
    {N_("Reduced motion"), ACTION_MOTION, ALWAYS},
    {N_("Keys and help"), ACTION_HELP, ALWAYS},
    {NULL, ACTION_NONE, ALWAYS},
    {N_("Quit"), ACTION_QUIT, ALWAYS},
};

static const menu_entry view_entries[] = {
    {N_("Slide"), ACTION_VIEW_SLIDE, ALWAYS},
    {N_("Matrix"), ACTION_VIEW_MATRIX, ALWAYS},
    {N_("Receptive field"), ACTION_VIEW_FIELD, ALWAYS},
    {N_("Cost"), ACTION_VIEW_COST, ALWAYS},
    {N_("Engine"), ACTION_VIEW_ENGINE, ALWAYS},
    {NULL, ACTION_NONE, COMPACT},
    {N_("Isometric"), ACTION_ISOMETRIC, COMPACT},
    {N_("Symbols instead of numbers"), ACTION_LABELS, COMPACT},
    {N_("Predict, then reveal"), ACTION_PREDICT, COMPACT},
    {N_("Presenter mode"), ACTION_PRESENT, COMPACT},
};

/* What an action's row shows: whether it is on, whether it can be chosen now. */
static bool is_on(const window_state *w, action a) {
    const document *d = &w->history.document;
    switch (a) {
    case ACTION_LOOP:
        return w->settings.loop;
    case ACTION_COUNTS:
        return d->counts;
    case ACTION_ZERO_INSERTION:
        return d->zero_insertion;
    case ACTION_CURTAIN:
        return d->curtain;
    case ACTION_LABELS:
        return d->labels;
    case ACTION_ISOMETRIC:
        return d->style == STYLE_ISOMETRIC;
    case ACTION_PREDICT:
        return w->predict.on;
    case ACTION_SPOTLIGHT:
        return w->present.spotlight;
    case ACTION_PEN:
        return w->present.pen;
    case ACTION_NOTES:
        return w->present.notes;
    case ACTION_PRESENT:
        return w->present.on;
    case ACTION_MOTION:
        return w->settings.reduced_motion;
    default:
        return a >= ACTION_VIEW_SLIDE && a <= ACTION_VIEW_ENGINE && d->view == (view_id)(a - ACTION_VIEW_SLIDE);
    }
}

static bool is_refused(const window_state *w, action a) {
    switch (a) {
    case ACTION_UNDO:
        return w->history.past_count == 0;
    case ACTION_REDO:
        return w->history.future_count == 0;
    case ACTION_NOTES:
    case ACTION_RESET:
        return !w->lesson_open;
    case ACTION_NEXT_PAGE:
        return !w->lesson_open || w->page + 1 >= w->lesson.page_count;
    case ACTION_PREVIOUS_PAGE:
        return !w->lesson_open || w->page == 0;
    case ACTION_LARGER:
        return scale_now(w) >= SCALE_MOST;
    case ACTION_SMALLER:
        return scale_now(w) <= SCALE_LEAST;
    default:
        return false;
    }
}

static int action_rows(const window_state *w, const menu_entry *entries, size_t count, menu_row *rows) {
    int used = 0;
    for (size_t i = 0; i < count; i++) {
        const menu_entry *e = &entries[i];
        if (e->when == COMPACT && !w->layout.compact) continue;
        rows[used++] = (menu_row){.label = e->label,
                                  .action = e->action,
                                  .ticked = is_on(w, e->action),
                                  .disabled = is_refused(w, e->action)};
    }
    return used;
}

static int main_menu(window_state *w, menu_row *rows) {
    static char scale[16];
    int count = action_rows(w, main_entries, sizeof main_entries / sizeof *main_entries, rows);
    snprintf(scale, sizeof scale, "%d%%", (int)lroundf(scale_now(w) * 100));
    for (int i = 0; i < count; i++) {
        if (rows[i].action == ACTION_LARGER || rows[i].action == ACTION_SMALLER) rows[i].detail = scale;
        if (rows[i].action == ACTION_THEME) rows[i].detail = say(w, theme_words(w->settings.theme));
    }
    return count;
}

static int view_menu(window_state *w, menu_row *rows) {
    return action_rows(w, view_entries, sizeof view_entries / sizeof *view_entries, rows);
}

static int games_menu(window_state *w, menu_row *rows) {
    int count = game_play_rows(w);
    if (count > MENU_ROWS) count = MENU_ROWS;
    for (int i = 0; i < count; i++)
        rows[i] = (menu_row){
            .label = game_play_label(w, i), .heading = game_play_heading(w, i), .ticked = game_play_solved(w, i)};
    return count;
}

static int preset_menu(window_state *w, menu_row *rows) {
    role r = w->popup == POPUP_INPUT ? ROLE_INPUT : ROLE_WEIGHT;
    int count = sources_count(r);
    if (count > MENU_ROWS) count = MENU_ROWS;
    for (int i = 0; i < count; i++) rows[i] = (menu_row){.label = sources_label(r, i), .ticked = sources_is(w, r, i)};
    return count;
}

static int menu_rows(window_state *w, menu_row *rows) {
    switch (w->popup) {
    case POPUP_MENU:
        return main_menu(w, rows);
    case POPUP_VIEW:
        return view_menu(w, rows);
    case POPUP_GAMES:
        return games_menu(w, rows);
    default:
        return preset_menu(w, rows);
    }
}

static void choose_action(window_state *w, action a) {
    /* Switches stay open, so that their effect is seen. */
    bool stays = a == ACTION_THEME || a == ACTION_LARGER || a == ACTION_SMALLER || a == ACTION_UNDO ||
                 a == ACTION_REDO || a == ACTION_FASTER || a == ACTION_SLOWER || a == ACTION_LANGUAGE;
    if (!stays) popup_close(w);
    action_run(w, a);
}

static void choose(window_state *w, const menu_row *r, int i) {
    role to = w->popup == POPUP_INPUT ? ROLE_INPUT : ROLE_WEIGHT;
    bool game = w->popup == POPUP_GAMES;
    if (r->action) {
        choose_action(w, r->action);
        return;
    }
    popup_close(w);
    if (game)
        game_play_choose(w, i);
    else
        sources_choose(w, to, i);
}

static float row_height(const ui *u, const menu_row *r) {
    return ui_px(u, !r->label ? 11 : r->heading ? 28 : 30);
}

static const char *detail_of(const menu_row *r) {
    return r->detail ? r->detail : r->action ? key_shown(r->action) : "";
}

static box menu_place(window_state *w, const menu_row *rows, int count, float *height) {
    ui *u = &w->ui;
    float widest = ui_px(u, 150);
    *height = 2 * ui_px(u, 6);
    for (int i = 0; i < count; i++) {
        *height += row_height(u, &rows[i]);
        if (!rows[i].label) continue;
        float width = ui_width(u, FACE_WORDS_BOLD, ui_px(u, 14), say(w, rows[i].label)) + ui_px(u, 62);
        const char *detail = detail_of(&rows[i]);
        if (*detail) width += ui_width(u, FACE_WORDS, ui_px(u, 12), detail) + ui_px(u, 30);
        widest = fmaxf(widest, width);
    }
    float margin = ui_px(u, 8), most = (float)w->height - 2 * margin, tall = fminf(*height, most);
    box a = w->popup_anchor, b = {0, 0, fminf(widest, (float)w->width - 2 * margin), tall};
    b.x = fmaxf(margin, fminf(a.x + a.width - b.width, (float)w->width - b.width - margin));
    b.y = a.y + a.height + ui_px(u, 4);
    if (b.y + tall > (float)w->height - margin) b.y = fmaxf(margin, (float)w->height - margin - tall);
    return b;
}

static void line_or_heading(window_state *w, const menu_row *r, box at) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    if (!r->label) {
        draw_rect(u->list,
                  box_make(at.x + ui_px(u, 8), at.y + ui_px(u, 5), at.width - ui_px(u, 16), fmaxf(1, ui_px(u, 1))), 0,
                  paint_fill(t->panel_line));
        return;
    }
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, box_inset(at, ui_px(u, 10), 0), ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 12.5f), t->ink_soft,
            say(w, r->label));
    u->list->current = (tag){0};
}

/* True when it is chosen. */
static bool choice_row(window_state *w, const menu_row *r, const char *name, box at) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box words = at, tick = box_cut_left(&words, ui_px(u, 20));
    bool clicked = ui_row(u, name, at, "", NULL, false, r->disabled);
    const char *detail = detail_of(r), *label = say(w, r->label);
    u->list->current = (tag){.kind = TAG_CONTROL, .index = (int64_t)ui_hash(name)};
    box_cut_right(&words, ui_px(u, 10));
    box_cut_left(&words, ui_px(u, 8));
    float own = ui_width(u, FACE_WORDS, ui_px(u, 14), label);
    if (*detail) {
        float width = ui_width(u, FACE_WORDS, ui_px(u, 12), detail) + 1;
        if (own + width + ui_px(u, 10) <= words.width) { /* in a small window the words go first */
            ui_text(u, box_cut_right(&words, width), ANCHOR_RIGHT, FACE_WORDS, ui_px(u, 12),
                    r->disabled ? t->ink_faint : t->ink_soft, detail);
            box_cut_right(&words, ui_px(u, 10));
        }
    }
    float size = ui_px(u, 14) * fminf(1, fmaxf(0.7f, words.width / fmaxf(own, 1)));
    ui_text(u, words, ANCHOR_LEFT, FACE_WORDS, size, r->disabled ? t->ink_faint : t->ink, label);
    if (r->ticked)
        ui_icon(u, ICON_CHECK, box_make(tick.x + ui_px(u, 6), at.y + ui_px(u, 7), ui_px(u, 16), ui_px(u, 16)), t->ink);
    u->list->current = (tag){0};
    return clicked;
}

void popup_menu(window_state *w) {
    ui *u = &w->ui;
    menu_row rows[MENU_ROWS];
    int count = menu_rows(w, rows), first = 0;
    float height;
    box b = menu_place(w, rows, count, &height);
    popup_card(w, b);
    if (u->event->kind == EVENT_PRESS && !ui_inside(b, u->event->at) && !u->event_used) {
        u->event_used = true;
        popup_close(w);
    }
    if (ui_key(u, KEY_DOWN, 0)) ui_step_focus(u, false), u->focus_found = true;
    if (ui_key(u, KEY_UP, 0)) ui_step_focus(u, true), u->focus_found = true;
    while (first < count && (!rows[first].label || rows[first].heading || rows[first].disabled)) first++;
    box inner = box_inset(b, ui_px(u, 6), ui_px(u, 6));
    ui_scroll_begin(u, "popup", inner, &w->scroll_popup);
    float y = inner.y - w->scroll_popup.offset, top = y;
    for (int i = 0; i < count; i++) {
        char name[UI_NAME_SIZE];
        box at = {inner.x, y, inner.width, row_height(u, &rows[i])};
        y += at.height;
        if (!rows[i].label || rows[i].heading) {
            line_or_heading(w, &rows[i], at);
            continue;
        }
        snprintf(name, sizeof name, "menu.%d", i);
        if (w->popup_fresh && i == first) ui_focus(u, ui_hash(name), u->focus_seen || u->event->kind == EVENT_KEY);
        if (choice_row(w, &rows[i], name, at)) choose(w, &rows[i], i);
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
