/* The text field: selection, clipboard, words, input-method composition. One is edited at a time; its text stands in
 * ui.field. */
#include "ui.h"
#include <ctype.h>
#include <math.h>
#include <string.h>

static int before(const char *text, int at) {
    if (at <= 0) return 0;
    do at--;
    while (at > 0 && ((uint8_t)text[at] & 0xc0) == 0x80);
    return at;
}

static int after(const char *text, int length, int at) {
    if (at >= length) return length;
    do at++;
    while (at < length && ((uint8_t)text[at] & 0xc0) == 0x80);
    return at;
}

static bool in_word(char c) {
    return isalnum((unsigned char)c) || c == '_' || (uint8_t)c >= 0x80;
}

static int word_before(const ui_field *f, int at) {
    while (at > 0 && !in_word(f->text[at - 1])) at--;
    while (at > 0 && in_word(f->text[at - 1])) at--;
    return at;
}

static int word_after(const ui_field *f, int at) {
    while (at < f->length && !in_word(f->text[at])) at++;
    while (at < f->length && in_word(f->text[at])) at++;
    return at;
}

void ui_field_begin(ui *u, ui_id id, const char *text, bool select_all) {
    ui_field *f = &u->field;
    f->id = id;
    f->length = (int)strnlen(text, UI_FIELD_SIZE - 1);
    if (text[f->length]) f->length = before(text, after(text, UI_FIELD_SIZE - 1, f->length));
    memmove(f->text, text, (size_t)f->length);
    f->text[f->length] = 0;
    f->cursor = f->length;
    f->anchor = select_all ? 0 : f->length;
    f->scroll = 0;
    f->composed[0] = 0;
    f->changed = false;
    u->again = true;
}

void ui_field_end(ui *u) {
    u->field.id = 0;
    u->field.composed[0] = 0;
    u->again = true;
}

static void insert(ui_field *f, const char *text) {
    int first = f->cursor < f->anchor ? f->cursor : f->anchor, last = f->cursor < f->anchor ? f->anchor : f->cursor;
    int kept = f->length - (last - first), room = UI_FIELD_SIZE - 1 - kept;
    int length = (int)strnlen(text, (size_t)room + 1);
    if (length > room) return; /* a text that does not fit is refused whole */
    memmove(f->text + first + length, f->text + last, (size_t)(f->length - last));
    memcpy(f->text + first, text, (size_t)length);
    f->length = kept + length;
    f->text[f->length] = 0;
    f->cursor = f->anchor = first + length;
    f->changed = true;
}

static void copy(ui *u) {
    const ui_field *f = &u->field;
    int first = f->cursor < f->anchor ? f->cursor : f->anchor, last = f->cursor < f->anchor ? f->anchor : f->cursor;
    if (first == last) return;
    memcpy(u->copy_buffer, f->text + first, (size_t)(last - first));
    u->copy_buffer[last - first] = 0;
    u->copied = u->copy_buffer;
}

static void move(ui_field *f, int to, unsigned modifiers) {
    f->cursor = to;
    if (!(modifiers & MODIFIER_SHIFT)) f->anchor = to;
}

static bool erase(ui_field *f, int to) {
    if (f->cursor == f->anchor) f->anchor = to;
    bool any = f->cursor != f->anchor;
    insert(f, "");
    return any;
}

/* By a character or a word: moving, or erasing what lies between. A selection is left at its end, or erased. */
static bool travel_key(ui *u, int key, bool words, bool *edited) {
    ui_field *f = &u->field;
    const bool select = (u->modifiers & MODIFIER_SHIFT) != 0, leaves = !words && !select && f->cursor != f->anchor;
    const int first = f->cursor < f->anchor ? f->cursor : f->anchor, last = f->cursor + f->anchor - first;
    const int back = words ? word_before(f, f->cursor) : before(f->text, f->cursor);
    const int on = words ? word_after(f, f->cursor) : after(f->text, f->length, f->cursor);
    switch (key) {
    case KEY_LEFT:
        move(f, leaves ? first : back, u->modifiers);
        return true;
    case KEY_RIGHT:
        move(f, leaves ? last : on, u->modifiers);
        return true;
    case KEY_BACKSPACE:
        *edited = erase(f, back);
        return true;
    case KEY_DELETE:
        *edited = erase(f, on);
        return true;
    default:
        return false;
    }
}

/* Whether the key meant something to the field; *edited when the text changed. */
static bool control_key(ui *u, int key, bool *edited) {
    ui_field *f = &u->field;
    switch (key) {
    case 'a':
        f->anchor = 0, f->cursor = f->length;
        return true;
    case 'c':
        copy(u);
        return true;
    case 'x':
        copy(u);
        *edited = f->cursor != f->anchor;
        if (*edited) insert(f, "");
        return true;
    case 'v':
        u->wants_paste = true;
        return true;
    default:
        return travel_key(u, key, true, edited);
    }
}

static bool plain_key(ui *u, int key, bool *edited) {
    ui_field *f = &u->field;
    switch (key) {
    case KEY_HOME:
        move(f, 0, u->modifiers);
        return true;
    case KEY_END:
        move(f, f->length, u->modifiers);
        return true;
    default: /* characters come again as text */
        return travel_key(u, key, false, edited) || (key >= KEY_SPACE && key < KEY_DELETE);
    }
}

static ui_answer take_key(ui *u) {
    bool edited = false;
    int key = u->event->key;
    if (u->field.composed[0]) { /* the input method has the keys */
        u->event_used = true;
        return UI_NOTHING;
    }
    if (key == KEY_ENTER && !(u->modifiers & MODIFIER_CONTROL)) {
        u->event_used = true;
        return UI_COMMITTED;
    }
    if (key == KEY_ESCAPE) {
        u->event_used = true;
        return UI_CANCELLED;
    }
    if (u->modifiers & MODIFIER_ALT) return UI_NOTHING;
    bool used = u->modifiers & MODIFIER_CONTROL ? control_key(u, key, &edited) : plain_key(u, key, &edited);
    if (used) u->event_used = true;
    return edited ? UI_EDITED : UI_NOTHING;
}

static ui_answer take_event(ui *u) {
    const window_event *e = u->event;
    ui_field *f = &u->field;
    if (u->event_used) return UI_NOTHING;
    switch (e->kind) {
    case EVENT_KEY:
        return take_key(u);
    case EVENT_TEXT:
        f->composed[0] = 0;
        insert(f, e->text);
        u->event_used = true;
        return UI_EDITED;
    case EVENT_COMPOSE:
        memcpy(f->composed, e->text, sizeof f->composed);
        f->composed[sizeof f->composed - 1] = 0;
        u->event_used = true;
        return UI_NOTHING;
    case EVENT_CLIPBOARD:
        insert(f, e->long_text);
        u->event_used = true;
        return UI_EDITED;
    default:
        return UI_NOTHING;
    }
}

static float offset_of(const ui *u, face f, float size, const char *text, int at) {
    return text_measure(u->fonts, f, size, text, (size_t)at).width;
}

static int at_offset(const ui *u, face f, float size, float x) {
    const ui_field *field = &u->field;
    int at = 0;
    float here = 0;
    while (at < field->length) {
        int next = after(field->text, field->length, at);
        float there = offset_of(u, f, size, field->text, next);
        if (x < (here + there) / 2) break;
        at = next;
        here = there;
    }
    return at;
}

/* Line breaks of a pasted text are shown as spaces. */
static void draw_line_of(ui *u, point at, face f, float size, color c, const char *text, int length) {
    char line[UI_FIELD_SIZE];
    for (int i = 0; i < length; i++) line[i] = text[i] == '\n' || text[i] == '\r' || text[i] == '\t' ? ' ' : text[i];
    line[length] = 0;
    if (length) draw_text(u->list, u->fonts, at, ANCHOR_LEFT, f, size, c, line);
}

static void draw_editing(ui *u, box inner, face f, float size) {
    ui_field *field = &u->field;
    const theme *t = u->theme;
    text_extent extent = text_measure(u->fonts, f, size, "x", 1);
    float y = roundf(inner.y + (inner.height + extent.ascent - extent.descent) / 2);
    float cursor = offset_of(u, f, size, field->text, field->cursor);
    int composed = (int)strlen(field->composed);
    float composed_width = offset_of(u, f, size, field->composed, composed), width = fmaxf(1, ui_px(u, 2));
    float total = offset_of(u, f, size, field->text, field->length) + composed_width;
    field->scroll = fminf(field->scroll, cursor);
    field->scroll = fmaxf(field->scroll, cursor + composed_width + width - inner.width);
    field->scroll = fmaxf(0, fminf(field->scroll, total + width - inner.width));
    float left = inner.x - field->scroll, top = y - extent.ascent, height = extent.ascent + extent.descent;
    u->field_x = left;
    draw_clip(u->list, box_make(inner.x - 1, inner.y, inner.width + 2, inner.height));
    if (field->cursor != field->anchor) {
        float other = offset_of(u, f, size, field->text, field->anchor);
        box selection = {left + fminf(cursor, other), top, fabsf(cursor - other), height};
        draw_rect(u->list, selection, 0, paint_fill(color_mix(t->control_active, t->focus, 0.25f)));
    }
    draw_line_of(u, (point){left, y}, f, size, t->ink, field->text, field->cursor);
    if (composed) {
        draw_line_of(u, (point){left + cursor, y}, f, size, t->ink, field->composed, composed);
        float line = y + extent.descent * 0.5f;
        draw_line(u->list, (point){left + cursor, line}, (point){left + cursor + composed_width, line},
                  paint_line(t->ink, fmaxf(1, ui_px(u, 1))));
    }
    draw_line_of(u, (point){left + cursor + composed_width, y}, f, size, t->ink, field->text + field->cursor,
                 field->length - field->cursor);
    draw_rect(u->list, box_make(left + cursor + composed_width, top, width, height), 0, paint_fill(t->focus));
    draw_unclip(u->list);
    u->text_box = box_make(left + cursor, top, composed_width + width, height);
}

static void point_at_text(ui *u, ui_state s, box inner, face f, float size) {
    ui_field *field = &u->field;
    const window_event *e = u->event;
    if (!s.held) return;
    int at = at_offset(u, f, size, u->mouse.x - inner.x + field->scroll);
    if (e->kind == EVENT_PRESS && e->clicks >= 3) {
        field->anchor = 0, field->cursor = field->length;
    } else if (e->kind == EVENT_PRESS && e->clicks == 2) {
        field->anchor = word_before(field, after(field->text, field->length, at)),
        field->cursor = word_after(field, field->anchor);
    } else if (e->kind == EVENT_PRESS) {
        field->cursor = at;
        if (!(u->modifiers & MODIFIER_SHIFT)) field->anchor = at;
    } else if (e->kind == EVENT_MOVE) {
        field->cursor = at;
    }
}

ui_answer ui_text_field(ui *u, const char *name, box b, face f, float size, const char *value, const char *hint,
                        bool framed) {
    const theme *t = u->theme;
    ui_id id = ui_hash(name);
    ui_answer answer = UI_NOTHING;
    box inner = framed ? box_inset(b, ui_px(u, 12), 0) : box_inset(b, ui_px(u, 3), 0);
    if (u->field.id == id && u->focus == id && u->layer == u->top_layer) answer = take_event(u);
    ui_state s = ui_interact(u, name, b, true, true);
    u->beam = u->beam || s.hot;
    u->list->current = (tag){.kind = TAG_CONTROL, .index = (int64_t)id};
    if (u->field.id == id && !s.focused) { /* left for another place */
        answer = u->field.changed ? UI_COMMITTED : UI_CANCELLED;
    } else if (s.focused && u->field.id != id && answer == UI_NOTHING) {
        if (u->field.id == 0) ui_field_begin(u, id, value, u->focus_seen);
        u->again = true; /* else the field that was left answers first */
    }
    if (framed) {
        color line = s.focused ? t->focus : s.hot ? t->ink_faint : t->panel_line;
        float width = fmaxf(1, ui_px(u, s.focused ? 2 : 1));
        draw_rect(u->list, b, ui_px(u, 8), (paint){.fill = t->control, .stroke = line, .width = width});
    }
    if (u->field.id == id && s.focused) {
        point_at_text(u, s, inner, f, size);
        draw_editing(u, inner, f, size);
        u->wants_text = true;
    } else {
        u->field_x = inner.x;
        bool empty = !value || !*value;
        char line[512];
        size_t length = empty ? 0 : strnlen(value, sizeof line - 1);
        for (size_t i = 0; i < length; i++) line[i] = value[i] == '\n' || value[i] == '\t' ? ' ' : value[i];
        line[length] = 0;
        if (empty && hint)
            ui_text(u, inner, ANCHOR_LEFT, FACE_WORDS, size, t->ink_soft, hint);
        else
            ui_text(u, inner, framed ? ANCHOR_LEFT : ANCHOR_MIDDLE, f, size, t->ink, line);
    }
    if (answer == UI_COMMITTED || answer == UI_CANCELLED) {
        if (u->focus == id && u->event->kind == EVENT_KEY && u->event->key != KEY_TAB) ui_focus(u, 0, false);
        ui_field_end(u);
    }
    u->list->current = (tag){0};
    return answer;
}
