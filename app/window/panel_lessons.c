#include "game_play.h"
#include "panels.h"
#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

void panel_begin(window_state *w, region_id id, box b, color background) {
    ui *u = &w->ui;
    region *r = &w->regions[id];
    r->box = b;
    display_list_clear(&r->list, (float)w->width, (float)w->height, (color){0});
    u->list = &r->list;
    u->list->current = (tag){0};
    if (b.width > 0 && b.height > 0) draw_rect(u->list, b, 0, paint_fill(background));
}

/* Letter case does not matter in English; every word typed must be there. */
static bool holds(const char *text, const char *word, size_t length) {
    for (; *text; text++) {
        size_t i = 0;
        while (i < length && text[i] && tolower((unsigned char)text[i]) == tolower((unsigned char)word[i])) i++;
        if (i == length) return true;
    }
    return length == 0;
}

static const char *in(const window_state *w, const phrase *p) {
    const char *text = p->text[w->settings.language];
    return text && *text ? text : p->text[LANGUAGE_EN] ? p->text[LANGUAGE_EN] : "";
}

static bool entry_matches(const lesson_entry *e, const char *search) {
    while (*search) {
        while (*search == ' ') search++;
        size_t length = strcspn(search, " ");
        bool found = holds(e->id, search, length);
        for (int l = 0; l < LANGUAGE_COUNT; l++) {
            found = found || (e->title.text[l] && holds(e->title.text[l], search, length)) ||
                    (e->chapter_title.text[l] && holds(e->chapter_title.text[l], search, length));
        }
        if (!found) return false;
        search += length;
    }
    return true;
}

static bool game_matches(window_state *w, int row, int heading, const char *search) {
    char words[2 * LANGUAGE_COUNT][256];
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        game_play_words(w, row, (language)l, words[2 * l], (int)sizeof words[0]);
        game_play_words(w, heading, (language)l, words[2 * l + 1], (int)sizeof words[0]);
    }
    while (*search) {
        while (*search == ' ') search++;
        size_t length = strcspn(search, " ");
        bool found = false;
        for (int i = 0; i < 2 * LANGUAGE_COUNT; i++) found = found || holds(words[i], search, length);
        if (!found) return false;
        search += length;
    }
    return true;
}

/* What the list shows: lessons by chapter, then games, then the bug clinic. */
typedef struct listing {
    const lesson_entry *entry; /* NULL: a row of the games */
    int game;
    const char *heading;
} listing;

enum { LISTED_MOST = 512 };

static int find_listed(window_state *w, listing *listed, int most) {
    int count = 0, heading = 0, games;
    for (int i = 0; i < w->lessons.count && count < most; i++) {
        const lesson_entry *e = &w->lessons.entries[i];
        if (entry_matches(e, w->search)) listed[count++] = (listing){.entry = e, .heading = in(w, &e->chapter_title)};
    }
    games = game_play_rows(w);
    for (int i = 0; i < games && count < most; i++) {
        if (game_play_heading(w, i)) heading = i;
        if (!game_play_playable(w, i) || !game_matches(w, i, heading, w->search)) continue;
        listed[count++] = (listing){.game = i, .heading = game_play_label(w, heading)};
    }
    return count;
}

static void open_listed(window_state *w, const listing *one) {
    failure f = {0};
    if (!one->entry)
        game_play_choose(w, one->game);
    else if (!state_open_lesson(w, one->entry->id, 0, true, &f))
        state_failure(w, &f);
    if (w->layout.narrow) w->narrow_panel = 0;
}

/* Up and Down go along the list while one of its rows has the focus. */
static void move_along(window_state *w, const char *row, const char *before, const char *after) {
    ui *u = &w->ui;
    if (u->focus != ui_hash(row)) return;
    if (after && ui_key(u, KEY_DOWN, 0))
        ui_focus(u, ui_hash(after), true), u->focus_found = true;
    else if (before && ui_key(u, KEY_UP, 0))
        ui_focus(u, ui_hash(before), true), u->focus_found = true;
}

/* A long title takes two lines: nothing is cut off. */
static bool lesson_row(window_state *w, const char *name, box *b, const char *title, bool on, bool solved) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    float size = ui_px(u, 14), inset = ui_px(u, 10), width = b->width - 2 * inset - (solved ? ui_px(u, 18) : 0),
          line = roundf(size * 1.45f);
    face type = on ? FACE_WORDS_BOLD : FACE_WORDS;
    float tall = ui_paragraph(u, (point){0, 0}, width, FACE_WORDS_BOLD, size, t->ink, title, false);
    if (tall > line * 1.5f) b->height += tall - line;
    ui_state s = ui_interact(u, name, *b, true, true);
    if (on || s.hot || s.held)
        draw_rect(u->list, *b, ui_px(u, 6), paint_fill(on || s.held ? t->control_active : t->control_hover));
    float own = ui_paragraph(u, (point){0, 0}, width, type, size, t->ink, title, false);
    ui_paragraph(u, (point){b->x + inset, roundf(b->y + (b->height - own) / 2)}, width, type, size, t->ink, title,
                 true);
    float side = ui_px(u, 16);
    if (solved)
        ui_icon(u, ICON_CHECK, box_make(b->x + b->width - inset - side, b->y + (b->height - side) / 2, side, side),
                t->good);
    if (s.focused && u->focus_seen) ui_focus_ring(u, box_inset(*b, ui_px(u, 2), ui_px(u, 2)), ui_px(u, 4));
    u->list->current = (tag){0};
    return s.clicked;
}

static void row_name(const listing *one, char *name) {
    if (one->entry)
        snprintf(name, UI_NAME_SIZE, "lesson.%.30s", one->entry->id);
    else
        snprintf(name, UI_NAME_SIZE, "game.%d", one->game);
}

static float heading_row(window_state *w, box b, float y, const char *text) {
    ui *u = &w->ui;
    const float head = ui_px(u, 30);
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, box_make(b.x + ui_px(u, 20), y, b.width - ui_px(u, 36), head), ANCHOR_LEFT, FACE_WORDS_BOLD,
            ui_px(u, 12.5f), u->theme->ink_soft, text);
    return y + head;
}

static float rows(window_state *w, box b, float y) {
    ui *u = &w->ui;
    const listing *chosen = NULL;
    listing listed[LISTED_MOST];
    int count = find_listed(w, listed, LISTED_MOST);
    const char *heading = "";
    char names[3][UI_NAME_SIZE] = {{0}};
    for (int k = 0; k < count; k++) {
        const listing *one = &listed[k];
        if (strcmp(one->heading, heading) != 0) {
            heading = one->heading;
            y = heading_row(w, b, y + (k ? ui_px(u, 6) : 0), heading);
        }
        row_name(one, names[1]);
        if (k) row_name(&listed[k - 1], names[0]);
        if (k + 1 < count) row_name(&listed[k + 1], names[2]);
        bool on =
            one->entry ? w->lesson_open && strcmp(w->lesson.id, one->entry->id) == 0 : game_play_current(w, one->game);
        move_along(w, names[1], k ? names[0] : NULL, k + 1 < count ? names[2] : NULL);
        box at = {b.x + ui_px(u, 10), y, b.width - ui_px(u, 20), ui_px(u, 29)};
        const char *title = one->entry ? in(w, &one->entry->title) : game_play_label(w, one->game);
        if (lesson_row(w, names[1], &at, title, on, !one->entry && game_play_solved(w, one->game))) chosen = one;
        y += at.height;
    }
    if (count == 0) {
        float width = b.width - ui_px(u, 40);
        y += ui_paragraph(u, (point){b.x + ui_px(u, 20), y}, width, FACE_WORDS, ui_px(u, 13), u->theme->ink_soft,
                          say(w, N_("No lesson has these words.")), true);
    }
    if (chosen) open_listed(w, chosen);
    return y;
}

/* Enter in the search field opens the first that is found. */
static void open_first(window_state *w) {
    listing first;
    if (find_listed(w, &first, 1) > 0) open_listed(w, &first);
}

static void search_field(window_state *w, box field) {
    ui *u = &w->ui;
    ui_answer did =
        ui_text_field(u, "search", field, FACE_WORDS, ui_px(u, 13.5f), w->search, say(w, N_("Search lessons")), true);
    if (did == UI_EDITED || did == UI_COMMITTED) {
        size_t length = strnlen(u->field.text, sizeof w->search - 1);
        while (length && ((unsigned char)u->field.text[length] & 0xc0) == 0x80) length--;
        memcpy(w->search, u->field.text, length);
        w->search[length] = 0;
        w->scroll_lessons.offset = 0;
    }
    bool by_key = u->event->kind == EVENT_KEY;
    if (did == UI_COMMITTED && by_key && u->event->key == KEY_ENTER)
        open_first(w);
    else if (did == UI_CANCELLED && by_key && u->event->key == KEY_ESCAPE)
        w->search[0] = 0;
}

/* The program's name, and the button that folds the panel. */
static void panel_head(window_state *w, box head) {
    ui *u = &w->ui;
    char tip[UI_TIP_SIZE];
    box_cut_left(&head, ui_px(u, 20));
    box fold = box_cut_right(&head, ui_px(u, 40));
    ui_text(u, head, ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 19), u->theme->ink, "convscope");
    snprintf(tip, sizeof tip, "%s (F9)", say(w, N_("Fold the lessons")));
    const button look = {.icon = ICON_PANEL_LEFT, .tip = tip};
    if (!ui_button(u, "fold.lessons", box_make(fold.x, fold.y + ui_px(u, 14), ui_px(u, 30), ui_px(u, 30)), &look))
        return;
    w->settings.lessons_open = w->layout.narrow && w->settings.lessons_open;
    w->narrow_panel = 0;
}

void panel_lessons(window_state *w) {
    ui *u = &w->ui;
    box b = w->layout.lessons;
    panel_begin(w, REGION_LESSONS, b, u->theme->panel);
    if (b.width <= 0) return;
    float line = ui_px(u, 1) < 1 ? 1 : ui_px(u, 1);
    draw_rect(u->list, box_make(b.x + b.width - line, b.y, line, b.height), 0, paint_fill(u->theme->panel_line));
    if (w->layout.compact) /* the bar above has the button */
        box_cut_top(&b, ui_px(u, 8));
    else
        panel_head(w, box_cut_top(&b, ui_px(u, 58)));
    search_field(w, box_inset(box_cut_top(&b, ui_px(u, 34)), ui_px(u, 15), 0));
    box_cut_top(&b, ui_px(u, 10));
    ui_scroll_begin(u, "lessons", b, &w->scroll_lessons);
    float top = b.y - w->scroll_lessons.offset, end = rows(w, b, top);
    ui_scroll_end(u, b, &w->scroll_lessons, end - top + ui_px(u, 16));
    u->list->current = (tag){0};
}
