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

static bool matches(const lesson_entry *e, const char *search) {
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

static const char *in(const window_state *w, const phrase *p) {
    const char *text = p->text[w->settings.language];
    return text && *text ? text : p->text[LANGUAGE_EN] ? p->text[LANGUAGE_EN] : "";
}

static void open_entry(window_state *w, const lesson_entry *e) {
    failure f = {0};
    if (!state_open_lesson(w, e->id, 0, true, &f)) state_failure(w, &f);
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
static bool lesson_row(window_state *w, const char *name, box *b, const char *title, bool on) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    float size = ui_px(u, 14), inset = ui_px(u, 10), width = b->width - 2 * inset, line = roundf(size * 1.45f);
    face type = on ? FACE_WORDS_BOLD : FACE_WORDS;
    float tall = ui_paragraph(u, (point){0, 0}, width, FACE_WORDS_BOLD, size, t->ink, title, false);
    if (tall > line * 1.5f) b->height += tall - line;
    ui_state s = ui_interact(u, name, *b, true, true);
    if (on || s.hot || s.held)
        draw_rect(u->list, *b, ui_px(u, 6), paint_fill(on || s.held ? t->control_active : t->control_hover));
    float own = ui_paragraph(u, (point){0, 0}, width, type, size, t->ink, title, false);
    ui_paragraph(u, (point){b->x + inset, roundf(b->y + (b->height - own) / 2)}, width, type, size, t->ink, title,
                 true);
    if (s.focused && u->focus_seen) ui_focus_ring(u, box_inset(*b, ui_px(u, 2), ui_px(u, 2)), ui_px(u, 4));
    u->list->current = (tag){0};
    return s.clicked;
}

static float rows(window_state *w, box b, float y) {
    ui *u = &w->ui;
    const float row = ui_px(u, 29), head = ui_px(u, 30);
    const char *chapter = "";
    int shown[512], count = 0;
    for (int i = 0; i < w->lessons.count && count < 512; i++) {
        if (matches(&w->lessons.entries[i], w->search)) shown[count++] = i;
    }
    char names[3][UI_NAME_SIZE] = {{0}};
    for (int k = 0; k < count; k++) {
        const lesson_entry *e = &w->lessons.entries[shown[k]];
        if (strcmp(e->chapter, chapter) != 0) {
            chapter = e->chapter;
            y += k ? ui_px(u, 6) : 0;
            u->list->current = (tag){.kind = TAG_LABEL};
            ui_text(u, box_make(b.x + ui_px(u, 20), y, b.width - ui_px(u, 36), head), ANCHOR_LEFT, FACE_WORDS_BOLD,
                    ui_px(u, 12.5f), u->theme->ink_soft, in(w, &e->chapter_title));
            y += head;
        }
        snprintf(names[1], UI_NAME_SIZE, "lesson.%.30s", e->id);
        if (k) snprintf(names[0], UI_NAME_SIZE, "lesson.%.30s", w->lessons.entries[shown[k - 1]].id);
        if (k + 1 < count) snprintf(names[2], UI_NAME_SIZE, "lesson.%.30s", w->lessons.entries[shown[k + 1]].id);
        bool on = w->lesson_open && strcmp(w->lesson.id, e->id) == 0;
        move_along(w, names[1], k ? names[0] : NULL, k + 1 < count ? names[2] : NULL);
        box at = {b.x + ui_px(u, 10), y, b.width - ui_px(u, 20), row};
        if (lesson_row(w, names[1], &at, in(w, &e->title), on)) open_entry(w, e);
        y += at.height;
    }
    if (count == 0) {
        float width = b.width - ui_px(u, 40);
        y += ui_paragraph(u, (point){b.x + ui_px(u, 20), y}, width, FACE_WORDS, ui_px(u, 13), u->theme->ink_soft,
                          say(w, N_("No lesson has these words.")), true);
    }
    return y;
}

void panel_lessons(window_state *w) {
    ui *u = &w->ui;
    box b = w->layout.lessons;
    panel_begin(w, REGION_LESSONS, b, u->theme->panel);
    if (b.width <= 0) return;
    float line = ui_px(u, 1) < 1 ? 1 : ui_px(u, 1);
    draw_rect(u->list, box_make(b.x + b.width - line, b.y, line, b.height), 0, paint_fill(u->theme->panel_line));
    box head = box_cut_top(&b, ui_px(u, 58));
    box_cut_left(&head, ui_px(u, 20));
    box fold = box_cut_right(&head, ui_px(u, 40));
    ui_text(u, head, ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 19), u->theme->ink, "convscope");
    box field = box_inset(box_cut_top(&b, ui_px(u, 34)), ui_px(u, 15), 0);
    ui_answer did =
        ui_text_field(u, "search", field, FACE_WORDS, ui_px(u, 13.5f), w->search, say(w, N_("Search lessons")), true);
    if (did == UI_EDITED || did == UI_COMMITTED) {
        size_t length = strnlen(u->field.text, sizeof w->search - 1);
        while (length && ((unsigned char)u->field.text[length] & 0xc0) == 0x80) length--;
        memcpy(w->search, u->field.text, length);
        w->search[length] = 0;
    }
    if (did == UI_COMMITTED && u->event->kind == EVENT_KEY &&
        u->event->key == KEY_ENTER) { /* the first that is found */
        for (int i = 0; i < w->lessons.count; i++) {
            if (matches(&w->lessons.entries[i], w->search)) {
                open_entry(w, &w->lessons.entries[i]);
                break;
            }
        }
    } else if (did == UI_CANCELLED && u->event->kind == EVENT_KEY && u->event->key == KEY_ESCAPE) {
        w->search[0] = 0;
    }
    box_cut_top(&b, ui_px(u, 10));
    ui_scroll_begin(u, "lessons", b, &w->scroll_lessons);
    float top = b.y - w->scroll_lessons.offset, end = rows(w, b, top);
    ui_scroll_end(u, b, &w->scroll_lessons, end - top + ui_px(u, 16));
    char tip[UI_TIP_SIZE];
    snprintf(tip, sizeof tip, "%s (F9)", say(w, N_("Fold the lessons")));
    const button look = {.icon = ICON_PANEL_LEFT, .tip = tip};
    if (ui_button(u, "fold.lessons", box_make(fold.x, fold.y + ui_px(u, 14), ui_px(u, 30), ui_px(u, 30)), &look)) {
        w->settings.lessons_open = w->layout.narrow && w->settings.lessons_open;
        w->narrow_panel = 0;
    }
    u->list->current = (tag){0};
}
