#include "ui.h"
#include "app/system/memory.h"
#include <math.h>
#include <string.h>

ui_id ui_hash(const char *name) {
    uint32_t hash = 2166136261u; /* FNV-1a */
    for (; *name; name++) hash = (hash ^ (uint8_t)*name) * 16777619u;
    return hash ? hash : 1;
}

void ui_destroy(ui *u) {
    memory_free(u->controls);
    memory_free(u->before);
    memory_free(u->breaks);
    u->controls = u->before = NULL;
    u->breaks = NULL;
    u->control_count = u->control_capacity = u->before_count = u->before_capacity = 0;
}

bool ui_inside(box b, point p) {
    return p.x >= b.x && p.x < b.x + b.width && p.y >= b.y && p.y < b.y + b.height;
}

box ui_intersect(box a, box b) {
    float left = fmaxf(a.x, b.x), top = fmaxf(a.y, b.y);
    float right = fminf(a.x + a.width, b.x + b.width), bottom = fminf(a.y + a.height, b.y + b.height);
    return (box){left, top, fmaxf(0, right - left), fmaxf(0, bottom - top)};
}

void ui_focus(ui *u, ui_id id, bool seen) {
    u->focus = id;
    u->focus_seen = seen;
    u->focus_moved = true;
    u->again = true;
}

void ui_set_layer(ui *u, int layer) {
    u->layer = layer;
    if (layer > u->next_top_layer) u->next_top_layer = layer;
}

static void take_event(ui *u, const window_event *e) {
    u->modifiers = e->modifiers;
    if (e->kind == EVENT_KEY || e->kind == EVENT_PRESS) u->by_keys = e->kind == EVENT_KEY;
    switch (e->kind) {
    case EVENT_PRESS:
        u->mouse = e->at;
        u->mouse_inside = true;
        if (e->button == BUTTON_LEFT) {
            u->mouse_down = true;
            u->pressed_at = e->at;
        }
        break;
    case EVENT_MOVE:
    case EVENT_WHEEL:
    case EVENT_RELEASE:
        u->mouse = e->at;
        u->mouse_inside = true;
        break;
    case EVENT_LEAVE:
        u->mouse_inside = false;
        break;
    case EVENT_COMPOSE:
        if (!e->text[0]) u->field.composed[0] = 0; /* given up, wherever the focus is now */
        break;
    default:
        break;
    }
}

void ui_step_focus(ui *u, bool back) {
    size_t count = u->before_count, here = count;
    for (size_t i = 0; i < count; i++) {
        if (u->before[i].id == u->focus) here = i;
    }
    for (size_t step = 1; step <= count; step++) {
        size_t i;
        if (here == count)
            i = back ? count - step : step - 1;
        else
            i = back ? (here + 2 * count - step) % count : (here + step) % count;
        const ui_control *c = &u->before[i];
        if (c->focusable && c->enabled && c->layer == u->top_layer) {
            ui_focus(u, c->id, true);
            return;
        }
    }
}

void ui_begin(ui *u, const window_event *e, double time) {
    u->event = e;
    u->event_used = false;
    u->time = time;
    u->layer = 0;
    u->next_top_layer = 0;
    u->hot_before = u->hot;
    u->hot = 0;
    u->hand = u->beam = false;
    u->tip_wanted = false;
    u->wants_text = false;
    u->copied = NULL;
    u->wants_paste = false;
    u->focus_found = false;
    u->again = false;
    u->clip = (box){-1e6f, -1e6f, 2e6f, 2e6f};
    u->scroll_id = 0;
    u->focus_moved = false;
    take_event(u, e);

    ui_control *controls = u->before;
    size_t capacity = u->before_capacity;
    u->before = u->controls;
    u->before_count = u->control_count;
    u->before_capacity = u->control_capacity;
    u->controls = controls;
    u->control_capacity = capacity;
    u->control_count = 0;

    if (e->kind == EVENT_KEY && e->key == KEY_TAB && !(e->modifiers & (MODIFIER_CONTROL | MODIFIER_ALT))) {
        ui_step_focus(u, (e->modifiers & MODIFIER_SHIFT) != 0);
        u->event_used = true;
    }
}

static void end_tip(ui *u) {
    const double delay = 0.5;
    if (u->hot != u->hot_before) u->hot_since = u->time;
    if (!u->tip_wanted || u->active) return;
    if (u->time - u->hot_since < delay) {
        if (u->wake_at == 0 || u->hot_since + delay < u->wake_at) u->wake_at = u->hot_since + delay;
        u->tip_wanted = false;
    }
}

void ui_end(ui *u) {
    if (u->event->kind == EVENT_PRESS && !u->event_used && u->focus) ui_focus(u, 0, false);
    if (u->event->kind == EVENT_RELEASE && u->event->button == BUTTON_LEFT) {
        u->mouse_down = false;
        u->active = 0;
    }
    if (u->focus && !u->focus_found) u->focus = 0;
    bool field_there = false;
    for (size_t i = 0; i < u->control_count; i++) field_there |= u->controls[i].id == u->field.id;
    if (u->field.id && !field_there) ui_field_end(u);
    if (u->next_top_layer != u->top_layer) {
        u->top_layer = u->next_top_layer;
        u->again = true;
    }
    end_tip(u);
}

bool ui_points(const ui *u, box b) {
    return u->mouse_inside && u->layer == u->top_layer && ui_inside(ui_intersect(b, u->clip), u->mouse);
}

bool ui_key(ui *u, int key, unsigned modifiers) {
    if (u->event_used || u->event->kind != EVENT_KEY || u->event->key != key || u->event->modifiers != modifiers ||
        u->layer != u->top_layer) {
        return false;
    }
    u->event_used = true;
    return true;
}

static void add_control(ui *u, ui_id id, const char *name, box b, bool enabled, bool focusable) {
    if (!memory_reserve(&u->controls, &u->control_capacity, u->control_count + 1, sizeof *u->controls)) {
        u->failed = true;
        return;
    }
    ui_control *c = &u->controls[u->control_count++];
    *c = (ui_control){
        .id = id, .box = ui_intersect(b, u->clip), .enabled = enabled, .focusable = focusable, .layer = u->layer};
    c->visible = c->box.width > 1 && c->box.height > 1;
    size_t length = strnlen(name, UI_NAME_SIZE - 1);
    memcpy(c->name, name, length);
    c->name[length] = 0;
}

ui_state ui_interact(ui *u, const char *name, box b, bool enabled, bool focusable) {
    ui_id id = ui_hash(name);
    ui_state state = {0};
    add_control(u, id, name, b, enabled, focusable);
    u->list->current = (tag){.kind = TAG_CONTROL, .index = (int64_t)id};
    bool pointed = ui_points(u, b);
    if (pointed && (!u->active || u->active == id)) {
        u->hot = id;
        state.hot = enabled;
        u->hand = u->hand || enabled;
    }
    if (!enabled) return state;
    const window_event *e = u->event;
    if (e->kind == EVENT_PRESS && e->button == BUTTON_LEFT && pointed && !u->event_used) {
        u->active = id;
        u->event_used = true;
        if (focusable)
            ui_focus(u, id, false);
        else if (u->focus)
            ui_focus(u, 0, false);
    }
    state.held = u->active == id;
    if (e->kind == EVENT_RELEASE && e->button == BUTTON_LEFT && state.held) {
        state.clicked = pointed;
        u->event_used = true;
    }
    if (u->focus == id) {
        state.focused = true;
        u->focus_found = true;
        u->focus_box = b;
        u->focus_scroll = u->scroll_id;
        if (ui_key(u, KEY_ENTER, 0)) {
            state.clicked = true;
            u->focus_seen = true;
        }
    }
    return state;
}

const ui_control *ui_find(const ui *u, const char *name) {
    ui_id id = ui_hash(name);
    for (size_t i = 0; i < u->control_count; i++) {
        if (u->controls[i].id == id) return &u->controls[i];
    }
    return NULL;
}

float ui_width(const ui *u, face f, float size, const char *text) {
    return text_measure(u->fonts, f, size, text, strlen(text)).width;
}

/* The longest start of `text` that fits with an ellipsis, at a whole character. */
static void shorten(const ui *u, face f, float size, float width, const char *text, char *out, size_t capacity) {
    static const char dots[] = "\xe2\x80\xa6";
    size_t length = strnlen(text, capacity - sizeof dots);
    while (length > 0) {
        do length--;
        while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80);
        memcpy(out, text, length);
        memcpy(out + length, dots, sizeof dots);
        if (ui_width(u, f, size, out) <= width) return;
    }
    memcpy(out, dots, sizeof dots);
}

void ui_text(ui *u, box b, anchor a, face f, float size, color c, const char *text) {
    const float least = 0.78f; /* of its size: rather smaller than cut */
    char cut[512];
    text_extent extent = text_measure(u->fonts, f, size, text, strlen(text));
    if (extent.width > b.width + 0.5f && extent.width * least <= b.width) {
        size *= b.width / extent.width;
        extent = text_measure(u->fonts, f, size, text, strlen(text));
    }
    if (extent.width > b.width + 0.5f) {
        shorten(u, f, size, b.width, text, cut, sizeof cut);
        text = cut;
    }
    float x = a == ANCHOR_LEFT ? b.x : a == ANCHOR_RIGHT ? b.x + b.width : b.x + b.width / 2;
    float y = roundf(b.y + (b.height + extent.ascent - extent.descent) / 2);
    draw_text(u->list, u->fonts, (point){x, y}, a, f, size, c, text);
}

static uint64_t mixed(uint64_t key, const void *data, size_t size) { /* FNV-1a of 64 bits */
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++) key = (key ^ bytes[i]) * 1099511628211u;
    return key;
}

/* As text_break, remembered where it is short. */
static int break_lines(ui *u, face f, float size, const char *text, float width, text_line *lines, int most) {
    const size_t length = strlen(text);
    const int which = (int)f;
    uint64_t key = mixed(14695981039346656037u, text, length);
    key = mixed(mixed(mixed(key, &which, sizeof which), &size, sizeof size), &width, sizeof width) | 1;
    if (!u->breaks) u->breaks = memory_zeroed(UI_BREAKS, sizeof *u->breaks);
    ui_break *b = u->breaks ? &u->breaks[key / 2 % UI_BREAKS] : NULL;
    if (b && b->key == key && b->length == length) {
        memcpy(lines, b->lines, (size_t)b->count * sizeof *lines);
        return b->count;
    }
    const int count = text_break(u->fonts, f, size, text, width, lines, most);
    if (b && count <= UI_BREAK_LINES) {
        *b = (ui_break){.key = key, .length = length, .count = count};
        memcpy(b->lines, lines, (size_t)count * sizeof *lines);
    }
    return count;
}

float ui_paragraph(ui *u, point at, float width, face f, float size, color c, const char *text, bool draw) {
    enum { MAX_LINES = 48 };
    text_line lines[MAX_LINES];
    int count = break_lines(u, f, size, text, width, lines, MAX_LINES);
    if (count > MAX_LINES) count = MAX_LINES;
    float line_height = roundf(size * 1.45f);
    if (!draw) return line_height * (float)count;
    text_extent extent = text_measure(u->fonts, f, size, "x", 1);
    for (int i = 0; i < count; i++) {
        char line[1024];
        size_t length = lines[i].length < sizeof line ? lines[i].length : sizeof line - 1;
        memcpy(line, text + lines[i].first, length);
        line[length] = 0;
        float y = at.y + line_height * (float)i + (line_height + extent.ascent - extent.descent) / 2;
        draw_text(u->list, u->fonts, (point){at.x, roundf(y)}, ANCHOR_LEFT, f, size, c, line);
    }
    return line_height * (float)count;
}

void ui_tip(ui *u, const char *name, box b, const char *text) {
    if (!text || !*text || u->hot != ui_hash(name)) return;
    u->tip_wanted = true;
    u->tip_box = b;
    size_t length = strnlen(text, sizeof u->tip - 1);
    while (length > 0 && ((uint8_t)text[length] & 0xc0) == 0x80) length--;
    memcpy(u->tip, text, length);
    u->tip[length] = 0;
}

void ui_focus_ring(ui *u, box b, float radius) {
    float gap = ui_px(u, 2);
    draw_rect(u->list, box_inset(b, -gap, -gap), radius + gap, paint_line(u->theme->focus, fmaxf(2, ui_px(u, 2))));
}

void ui_scroll_begin(ui *u, const char *name, box b, ui_scroll *s) {
    u->scroll_id = ui_hash(name);
    u->clip = ui_intersect(u->clip, b);
    float most = fmaxf(0, s->content - b.height);
    s->offset = fminf(fmaxf(s->offset, 0), most);
    draw_clip(u->list, b);
}

static void scroll_thumb(ui *u, box b, ui_scroll *s) {
    float width = ui_px(u, 6), height = fmaxf(ui_px(u, 24), b.height * b.height / s->content);
    float range = b.height - height, most = s->content - b.height;
    box thumb = {b.x + b.width - width - ui_px(u, 2), b.y + (most > 0 ? range * s->offset / most : 0), width, height};
    box reach = {thumb.x - ui_px(u, 4), thumb.y, thumb.width + ui_px(u, 6), thumb.height};
    bool over = ui_points(u, reach);
    if (u->event->kind == EVENT_PRESS && over && !u->event_used) {
        s->dragging = true;
        s->drag_from = u->mouse.y - thumb.y;
        u->event_used = true;
    }
    if (!u->mouse_down) s->dragging = false;
    if (s->dragging && range > 0) {
        s->offset = fminf(fmaxf((u->mouse.y - s->drag_from - b.y) / range * most, 0), most);
        u->again |= u->event->kind == EVENT_MOVE;
    }
    color c = color_fade(u->theme->ink_faint, over || s->dragging ? 0.9f : 0.45f);
    u->list->current = (tag){0};
    draw_rect(u->list, thumb, width / 2, paint_fill(c));
}

void ui_scroll_end(ui *u, box b, ui_scroll *s, float content) {
    s->content = content;
    float most = fmaxf(0, content - b.height);
    if (u->event->kind == EVENT_WHEEL && !u->event_used && ui_points(u, b) && most > 0) {
        s->offset = fminf(fmaxf(s->offset - u->event->wheel.y * ui_px(u, 48), 0), most);
        u->event_used = true;
        u->again = true;
    }
    if (u->focus_moved && u->focus_found && u->focus_scroll == u->scroll_id) {
        float margin = ui_px(u, 24), top = u->focus_box.y - b.y, bottom = top + u->focus_box.height;
        float move = 0;
        if (bottom + margin > b.height) move = bottom + margin - b.height;
        if (top - move < margin) move = top - margin;
        float offset = fminf(fmaxf(s->offset + move, 0), most);
        u->again |= offset != s->offset;
        s->offset = offset;
    }
    if (most > 0.5f) scroll_thumb(u, b, s);
    draw_unclip(u->list);
    u->clip = (box){-1e6f, -1e6f, 2e6f, 2e6f};
    u->scroll_id = 0;
}

box box_cut_left(box *b, float width) {
    box cut = {b->x, b->y, fminf(width, b->width), b->height};
    b->x += cut.width;
    b->width -= cut.width;
    return cut;
}

box box_cut_right(box *b, float width) {
    float w = fminf(width, b->width);
    b->width -= w;
    return (box){b->x + b->width, b->y, w, b->height};
}

box box_cut_top(box *b, float height) {
    box cut = {b->x, b->y, b->width, fminf(height, b->height)};
    b->y += cut.height;
    b->height -= cut.height;
    return cut;
}

box box_cut_bottom(box *b, float height) {
    float h = fminf(height, b->height);
    b->height -= h;
    return (box){b->x, b->y + b->height, b->width, h};
}

color color_fade(color c, float alpha) {
    c.a = (uint8_t)((float)c.a * alpha);
    return c;
}
