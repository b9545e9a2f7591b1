/* What stands round the figure: the expression on top, the tabs of the views, the pages of the lesson, the teacher's
 * notes. */
#include "easel.h"
#include "keys.h"
#include "panels.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- the expression ---- */

/* Said under the field; columns count within their line, and the field shows one. */
static void say_error(window_state *w, const failure *f, const char *text) {
    failure_text(w->settings.language, f, w->expression_error, sizeof w->expression_error);
    w->expression_column = f->column > 0 ? f->column : 0;
    for (int line = 1; line < f->line; line++) {
        const char *end = strchr(text, '\n');
        if (!end) break;
        for (const char *c = text; c <= end; c++) w->expression_column += ((unsigned char)*c & 0xc0) != 0x80;
        text = end + 1;
    }
}

static void check_typed(window_state *w, const char *text) {
    document d;
    failure f = {0};
    w->expression_error[0] = 0;
    w->expression_column = 0;
    if (document_from_expression(&d, text, NULL, &f))
        document_destroy(&d);
    else
        say_error(w, &f, text);
}

/* After Enter what was refused can be mended where it was typed; who goes elsewhere gets a notice. */
static void apply_expression(window_state *w, const ui_field *typed) {
    ui *u = &w->ui;
    failure f = {0};
    const char *now = state_part(w)->expression;
    w->expression_error[0] = 0;
    if (strcmp(typed->text, now ? now : "") == 0) return;
    change c = {.kind = CHANGE_EXPRESSION, .text = typed->text};
    if (state_change(w, &c, &f)) return;
    if (u->event->kind != EVENT_KEY || u->event->key == KEY_TAB) {
        state_failure(w, &f);
        return;
    }
    u->field = *typed;
    ui_focus(u, typed->id, true);
    say_error(w, &f, typed->text);
}

/* The wrong place under its column, and the sentence. */
static void show_error(window_state *w, box field) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    if (!w->expression_error[0] || u->field.id != ui_hash("expression")) return;
    float size = ui_px(u, 16), x = field.x + ui_px(u, 16);
    if (w->expression_column > 0) {
        const char *text = u->field.text, *at = text;
        for (int k = 1; k < w->expression_column && *at; k++) {
            at++;
            while (((unsigned char)*at & 0xc0) == 0x80) at++;
        }
        float left = u->field_x + text_measure(u->fonts, FACE_MONO, size, text, (size_t)(at - text)).width;
        float width = ui_width(u, FACE_MONO, size, "m"), foot = field.y + field.height - ui_px(u, 9), h = ui_px(u, 5);
        if (left >= field.x && left + width < field.x + field.width) {
            point caret[3] = {{left, foot + h}, {left + width / 2, foot}, {left + width, foot + h}};
            draw_polyline(u->list, caret, 3, paint_line(t->warning, ui_px(u, 2)));
        }
    }
    float pad = ui_px(u, 12), text_width = field.width - 2 * pad,
          height = ui_paragraph(u, (point){0, 0}, text_width, FACE_WORDS, ui_px(u, 13.5f), t->ink, w->expression_error,
                                false);
    box card = {field.x, field.y + field.height + ui_px(u, 4), field.width, height + 2 * ui_px(u, 8)};
    const box *tabs = &w->layout.tabs; /* covered whole: half of their words would show */
    if (tabs->height > 0) card.height = fmaxf(card.height, tabs->y + tabs->height - card.y);
    display_list *list = u->list;
    u->list = &w->regions[REGION_OVERLAY].list;
    u->list->current = (tag){.kind = TAG_LABEL};
    draw_rect(u->list, card, ui_px(u, 8), (paint){.fill = t->panel, .stroke = t->warning, .width = ui_px(u, 1.5f)});
    ui_paragraph(u, (point){x - ui_px(u, 4), card.y + (card.height - height) / 2}, text_width, FACE_WORDS,
                 ui_px(u, 13.5f), t->ink, w->expression_error, true);
    u->list->current = (tag){0};
    u->list = list;
}

enum { EXPRESSION_LINES = 6 };

/* The last one is cut when there are more than fit. */
static void expression_lines(ui *u, box b, float size, const char *text, const text_line *lines, int count, bool all) {
    const float high = roundf(size * 1.24f);
    box line = {b.x, roundf(b.y + (b.height - high * (float)count) / 2), b.width, high};
    for (int i = 0; i < count; i++, line.y += high) {
        char words[1024];
        size_t length = i + 1 == count && !all ? strlen(text + lines[i].first) : lines[i].length;
        if (length >= sizeof words) length = sizeof words - 1;
        memcpy(words, text + lines[i].first, length);
        words[length] = 0;
        ui_text(u, line, ANCHOR_LEFT, FACE_MONO, size, u->theme->ink, words);
    }
}

/* On one line where it fits, in smaller type on several where it does not. */
static void show_expression(ui *u, box b, const char *text) {
    static const float sizes[] = {16, 13, 11.5f, 10, 9}; /* units */
    const int last = (int)(sizeof sizes / sizeof *sizes) - 1;
    char shown[1024]; /* several lines are shown as one */
    text_line lines[EXPRESSION_LINES];
    snprintf(shown, sizeof shown, "%s", text);
    for (char *c = shown; *c; c++) *c = *c == '\n' || *c == '\r' || *c == '\t' ? ' ' : *c;
    for (int i = 0; i <= last; i++) {
        const float size = sizes[i] * u->scale;
        int room = (int)(b.height / roundf(size * 1.24f));
        int count = text_break(u->fonts, FACE_MONO, size, shown, b.width, lines, EXPRESSION_LINES);
        if (room > EXPRESSION_LINES) room = EXPRESSION_LINES;
        if (i == 0 && room > 1) room = 1;
        if (count > room && i < last) continue;
        expression_lines(u, b, size, shown, lines, count < room ? count : room, count <= room);
        return;
    }
}

/* The buttons right of the expression are placed from the right. */
static box tool_place(window_state *w, box *tools, float width) {
    float side = ui_px(&w->ui, 32), y = tools->y + (tools->height - side) / 2;
    return box_make(box_cut_right(tools, width).x, y, width, side);
}

static bool bar_button(window_state *w, box *tools, const char *name, icon i, bool on, const char *words, action key,
                       box *place) {
    char tip[UI_TIP_SIZE];
    const char *shown = key_shown(key);
    snprintf(tip, sizeof tip, *shown ? "%s (%s)" : "%s", words, shown);
    const button look = {.icon = i, .on = on, .tip = tip};
    *place = tool_place(w, tools, ui_px(&w->ui, 32));
    return ui_button(&w->ui, name, *place, &look);
}

static void bar_tools(window_state *w, box tools) {
    ui *u = &w->ui;
    box place, menu_place;
    box_cut_right(&tools, ui_px(u, 8));
    bool menu =
        bar_button(w, &tools, "menu", ICON_MENU, w->popup == POPUP_MENU, say(w, N_("Menu")), ACTION_MENU, &menu_place);
    bool help = false, language_chosen = false, inspector = false, view = false;
    if (w->layout.compact) {
        inspector = bar_button(w, &tools, "inspector", ICON_PANEL_RIGHT, w->layout.inspector.width > 0,
                               say(w, action_help(ACTION_INSPECTOR_PANEL)), ACTION_INSPECTOR_PANEL, &place);
        view = bar_button(w, &tools, "view", ICON_EYE, w->popup == POPUP_VIEW, say(w, N_("View")), ACTION_NONE, &place);
    } else {
        help = bar_button(w, &tools, "help", ICON_HELP, false, say(w, N_("Keys and help")), ACTION_HELP, &place);
        const button look = {.label = w->settings.language == LANGUAGE_EN ? "EN / \xe4\xb8\xad\xe6\x96\x87"
                                                                          : "\xe4\xb8\xad\xe6\x96\x87 / EN",
                             .tip = say(w, N_("Language (L)"))};
        language_chosen = ui_button(u, "language", tool_place(w, &tools, ui_px(u, 84)), &look);
    }
    if (language_chosen) action_run(w, ACTION_LANGUAGE);
    if (help) action_run(w, ACTION_HELP);
    if (inspector) action_run(w, ACTION_INSPECTOR_PANEL);
    if (view) popup_open(w, POPUP_VIEW, place);
    if (menu) popup_open(w, POPUP_MENU, menu_place);
}

/* The field that the expression is typed into. */
static void expression_field(window_state *w, box words, bool editing) {
    ui *u = &w->ui;
    const part *p = state_part(w);
    ui_answer did = UI_NOTHING;
    const ui_field typed = u->field;
    if (editing) {
        did = ui_text_field(u, "expression", words, FACE_MONO, ui_px(u, 16), p->expression, NULL, false);
    } else {
        ui_state s = ui_interact(u, "expression", words, true, true);
        u->beam = u->beam || s.hot;
        show_expression(u, words, p->expression ? p->expression : "");
        if (s.focused && u->field.id == 0)
            ui_field_begin(u, ui_hash("expression"), p->expression ? p->expression : "", u->focus_seen);
        ui_tip(u, "expression", words, say(w, N_("Type a PyTorch layer, then Enter (Ctrl+L)")));
        u->list->current = (tag){0};
    }
    if (did == UI_EDITED) check_typed(w, u->field.text);
    if (did == UI_COMMITTED && w->scene_open) apply_expression(w, &typed);
    if (did == UI_CANCELLED) w->expression_error[0] = 0;
}

void panel_expression(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.bar;
    bool compact = w->layout.compact;
    panel_begin(w, REGION_BAR, b, t->background);
    if (b.width <= 0) return;
    box field = box_inset(b, ui_px(u, compact ? 8 : 18), ui_px(u, compact ? 5 : b.height > ui_px(u, 60) ? 14 : 8));
    if (w->layout.lessons.width <= 0 || compact) {
        box open = box_cut_left(&field, ui_px(u, 36));
        const button look = {
            .icon = ICON_PANEL_LEFT, .on = w->layout.lessons.width > 0, .tip = say(w, N_("Lessons (F9)"))};
        if (ui_button(u, "open.lessons",
                      box_inset(box_cut_left(&open, ui_px(u, 32)), 0, (field.height - ui_px(u, 32)) / 2), &look)) {
            action_run(w, ACTION_LESSONS_PANEL);
        }
        box_cut_left(&field, ui_px(u, compact ? 2 : 6));
    }
    box frame = field;
    bool editing = u->focus == ui_hash("expression") || u->field.id == ui_hash("expression");
    color line = editing ? t->focus : t->panel_line;
    draw_rect(u->list, frame, ui_px(u, 9),
              (paint){.fill = t->panel, .stroke = line, .width = editing ? ui_px(u, 2) : ui_px(u, 1)});
    box tools = box_cut_right(&field, ui_px(u, compact ? 108 : 160));
    box_cut_left(&field, ui_px(u, compact ? 10 : 16));
    box words = field;
    expression_field(w, words, editing);
    show_error(w, frame);
    bar_tools(w, tools);
}

/* ---- views ---- */

typedef struct tab_tool {
    const char *name;
    icon icon;
    const char *label;
    action action;
    bool on;
} tab_tool;

static void tab_button(window_state *w, const tab_tool *tool, box at) {
    ui *u = &w->ui;
    char tip[UI_TIP_SIZE];
    snprintf(tip, sizeof tip, "%s (%s)", say(w, action_help(tool->action)), key_shown(tool->action));
    bool indexed = tool->action == ACTION_LABELS; /* x with its indices */
    const button look = {.icon = tool->icon, .label = tool->icon ? NULL : tool->label, .on = tool->on, .tip = tip};
    if (ui_button(u, tool->name, at, &look)) action_run(w, tool->action);
    if (!indexed) return;
    ui_text(u, box_make(at.x + at.width * 0.66f, at.y + at.height * 0.24f, at.width * 0.4f, at.height), ANCHOR_LEFT,
            FACE_WORDS, ui_px(u, 9), u->theme->ink_soft, "ij");
}

/* All views as one button, where there is no room for tabs. */
static void view_button(window_state *w, box b, const char *label) {
    ui *u = &w->ui;
    float width = fminf(b.width, ui_width(u, FACE_WORDS_BOLD, ui_px(u, 14), label) + ui_px(u, 42)), side = ui_px(u, 16);
    box at = {b.x, b.y + (b.height - ui_px(u, 30)) / 2, width, ui_px(u, 30)}, words = at;
    const button look = {.look = BUTTON_FRAMED, .on = w->popup == POPUP_VIEW, .tip = say(w, N_("View"))};
    bool pressed = ui_button(u, "view", at, &look);
    box_cut_left(&words, ui_px(u, 10));
    box_cut_right(&words, side + ui_px(u, 10));
    ui_text(u, words, ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 14), u->theme->ink, label);
    ui_icon(u, ICON_DOWN, box_make(at.x + at.width - side - ui_px(u, 8), at.y + (at.height - side) / 2, side, side),
            u->theme->ink_soft);
    if (pressed) popup_open(w, POPUP_VIEW, at);
}

void panel_tabs(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.tabs;
    panel_begin(w, REGION_STAGE, b, t->background);
    w->regions[REGION_STAGE].box = b;
    if (b.width <= 0) return;
    const char *labels[VIEW_COUNT] = {say(w, N_("Slide")), say(w, N_("Matrix")), say(w, N_("Receptive field")),
                                      say(w, N_("Cost")), say(w, N_("Engine"))};
    float line = ui_px(u, 1) < 1 ? 1 : ui_px(u, 1);
    box inner = box_inset(b, ui_px(u, 16), 0);
    draw_rect(u->list, box_make(inner.x, b.y + b.height - line, inner.width, line), 0, paint_fill(t->panel_line));
    const document *d = state_document(w);
    const tab_tool tools[] = {
        {"style", d->style == STYLE_FLAT ? ICON_CUBE : ICON_GRID, NULL, ACTION_ISOMETRIC, false},
        {"labels", ICON_NONE, "x", ACTION_LABELS, d->labels},
        {"predict", ICON_NONE, "?=", ACTION_PREDICT, w->predict.on},
        {"present", ICON_SCREEN, NULL, ACTION_PRESENT, false},
        {"inspector", ICON_PANEL_RIGHT, NULL, ACTION_INSPECTOR_PANEL, w->layout.inspector.width > 0},
    };
    int count = (int)(sizeof tools / sizeof *tools);
    float side = ui_px(u, 30), gap = ui_px(u, 2);
    box right = box_cut_right(&inner, (side + gap) * (float)count);
    box_cut_right(&inner, ui_px(u, 6));
    if (ui_tabs_width(u, labels, VIEW_COUNT) > inner.width) {
        view_button(w, inner, labels[d->view]);
    } else {
        int chosen = ui_tabs(u, "view", inner, labels, VIEW_COUNT, (int)d->view);
        if (chosen) easel_view(w, (view_id)(chosen - 1));
    }
    for (int i = 0; i < count; i++) {
        box at = box_cut_left(&right, side + gap);
        tab_button(w, &tools[i], box_make(at.x, b.y + (b.height - side) / 2, side, side));
    }
}

/* ---- pages ---- */

void panel_pages(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.pages;
    if (b.width <= 0) return;
    u->list = &w->regions[REGION_STAGE].list;
    region *r = &w->regions[REGION_STAGE];
    r->box = w->layout.tabs.width > 0 ? box_make(b.x, w->layout.tabs.y, b.width, b.y + b.height - w->layout.tabs.y) : b;
    draw_rect(u->list, b, 0, paint_fill(t->background));
    int count = w->lesson.page_count;
    float side = ui_px(u, 28), dot = ui_px(u, 18);
    if (dot * (float)count > b.width - 3 * side) dot = (b.width - 3 * side) / (float)count;
    float width = dot * (float)count + 2 * side, x = b.x + (b.width - width) / 2, y = b.y + (b.height - side) / 2;
    const button back = {.icon = ICON_LEFT, .disabled = w->page == 0, .tip = say(w, N_("Previous page ([)"))};
    if (ui_button(u, "page.back", box_make(x, y, side, side), &back)) action_run(w, ACTION_PREVIOUS_PAGE);
    for (int i = 0; i < count; i++) {
        char name[UI_NAME_SIZE], tip[UI_TIP_SIZE], number[16];
        snprintf(name, sizeof name, "page.%d", i);
        box at = box_make(x + side + dot * (float)i, y, dot, side);
        ui_state s = ui_interact(u, name, at, true, false);
        float radius = i == w->page ? ui_px(u, 5) : ui_px(u, 3.5f);
        color c = i == w->page ? t->accent : s.hot ? t->ink_soft : t->ink_faint;
        draw_circle(u->list, (point){at.x + at.width / 2, at.y + at.height / 2}, radius, paint_fill(c));
        snprintf(number, sizeof number, "%d", i + 1);
        tr_format(w->settings.language, tip, sizeof tip, N_("Page {0}"), "s", number);
        ui_tip(u, name, at, tip);
        if (s.clicked) state_open_page(w, i);
    }
    const button next = {.icon = ICON_RIGHT, .disabled = w->page + 1 >= count, .tip = say(w, N_("Next page (])"))};
    if (ui_button(u, "page.next", box_make(x + side + dot * (float)count, y, side, side), &next))
        action_run(w, ACTION_NEXT_PAGE);
    u->list->current = (tag){0};
}

void panel_notes(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.notes;
    if (b.width <= 0 || !w->lesson_open) return;
    u->list = &w->regions[REGION_OVERLAY].list;
    draw_rect(u->list, b, 0, paint_fill(t->panel));
    draw_rect(u->list, box_make(b.x, b.y, b.width, ui_px(u, 1)), 0, paint_fill(t->panel_line));
    const char *notes = w->lesson.pages[w->page].notes.text[w->settings.language];
    box inner = box_inset(b, ui_px(u, 22), ui_px(u, 10));
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, box_cut_top(&inner, ui_px(u, 22)), ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 12.5f), t->ink_soft,
            say(w, N_("Teacher's notes")));
    box area = inner;
    ui_scroll_begin(u, "notes", area, &w->scroll_notes);
    float height =
        ui_paragraph(u, (point){inner.x, inner.y - w->scroll_notes.offset}, inner.width - ui_px(u, 12), FACE_WORDS,
                     ui_px(u, 14), t->ink, notes && *notes ? notes : say(w, N_("This page has no notes.")), true);
    ui_scroll_end(u, area, &w->scroll_notes, height);
    u->list->current = (tag){0};
}
