#include "ui.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

static const float text_size = 14;

static color face_of(const ui *u, ui_state s, bool on) {
    if (s.held) return u->theme->control_active;
    if (s.hot) return u->theme->control_hover;
    return on ? u->theme->control_active : u->theme->control;
}

bool ui_button(ui *u, const char *name, box b, const button *look) {
    ui_state s = ui_interact(u, name, b, !look->disabled, true);
    const theme *t = u->theme;
    float radius = look->look == BUTTON_ROUND ? b.height / 2 : ui_px(u, 6);
    color ink = look->disabled ? t->ink_faint : look->on || s.hot ? t->ink : t->ink_soft;
    if (look->look == BUTTON_STRONG || look->look == BUTTON_ROUND) {
        color base = look->disabled ? t->ink_faint : t->accent;
        if (s.held)
            base = color_mix(base, t->panel, 0.25f);
        else if (s.hot)
            base = color_mix(base, t->panel, 0.12f);
        draw_rect(u->list, b, radius, paint_fill(base));
        ink = t->panel;
    } else if (look->look == BUTTON_FRAMED) {
        paint p = {.fill = face_of(u, s, look->on), .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))};
        draw_rect(u->list, b, radius, p);
        if (!look->disabled) ink = t->ink;
    } else if (s.hot || s.held || look->on) {
        draw_rect(u->list, b, radius, paint_fill(face_of(u, s, look->on)));
    }
    if (look->icon && look->label) {
        box inner = box_inset(b, ui_px(u, 8), 0);
        float side = ui_px(u, 16);
        box at = box_cut_left(&inner, side);
        at.y += (b.height - side) / 2;
        at.height = side;
        ui_icon(u, look->icon, at, ink);
        box_cut_left(&inner, ui_px(u, 6));
        ui_text(u, inner, ANCHOR_LEFT, FACE_WORDS, ui_px(u, text_size), ink, look->label);
    } else if (look->icon) {
        float side = look->look == BUTTON_ROUND ? b.height * 0.56f : fminf(ui_px(u, 20), b.height);
        ui_icon(u, look->icon, box_make(b.x + (b.width - side) / 2, b.y + (b.height - side) / 2, side, side), ink);
    } else if (look->label) {
        face f = look->look == BUTTON_STRONG ? FACE_WORDS_BOLD : FACE_WORDS;
        const float wide = ui_width(u, f, ui_px(u, text_size), look->label), inset = ui_px(u, 6);
        box words = box_inset(b, fmaxf(ui_px(u, 2), fminf(inset, (b.width - wide) / 2)), 0);
        ui_text(u, words, ANCHOR_MIDDLE, f, ui_px(u, text_size), ink, look->label);
    }
    if (s.focused && u->focus_seen) ui_focus_ring(u, b, radius);
    ui_tip(u, name, b, look->tip);
    u->list->current = (tag){0};
    return s.clicked;
}

bool ui_toggle(ui *u, const char *name, box b, const char *label, bool on) {
    ui_state s = ui_interact(u, name, b, true, true);
    const theme *t = u->theme;
    float height = ui_px(u, 18), width = ui_px(u, 32), knob = height / 2 - ui_px(u, 3);
    box track = {b.x + b.width - width, b.y + (b.height - height) / 2, width, height};
    box words = {b.x, b.y, b.width - width - ui_px(u, 8), b.height};
    if (label) ui_text(u, words, ANCHOR_LEFT, FACE_WORDS, ui_px(u, text_size), t->ink, label);
    color base = on ? t->accent : s.hot ? t->control_active : t->control_hover;
    draw_rect(u->list, track, height / 2,
              (paint){.fill = base, .stroke = on ? t->accent : t->ink_faint, .width = fmaxf(1, ui_px(u, 1))});
    float x = on ? track.x + track.width - height / 2 : track.x + height / 2;
    draw_circle(u->list, (point){x, track.y + height / 2}, knob, paint_fill(on ? t->panel : t->ink_soft));
    if (s.focused && u->focus_seen) ui_focus_ring(u, track, height / 2);
    u->list->current = (tag){0};
    return s.clicked;
}

bool ui_row(ui *u, const char *name, box b, const char *label, const char *detail, bool on, bool disabled) {
    ui_state s = ui_interact(u, name, b, !disabled, true);
    const theme *t = u->theme;
    if (on || s.hot || s.held)
        draw_rect(u->list, b, ui_px(u, 6), paint_fill(on || s.held ? t->control_active : t->control_hover));
    box inner = box_inset(b, ui_px(u, 10), 0);
    if (detail && *detail) {
        float width = ui_width(u, FACE_WORDS, ui_px(u, 12), detail);
        ui_text(u, box_cut_right(&inner, width), ANCHOR_RIGHT, FACE_WORDS, ui_px(u, 12),
                disabled ? t->ink_faint : t->ink_soft, detail);
        box_cut_right(&inner, ui_px(u, 12));
    }
    ui_text(u, inner, ANCHOR_LEFT, on ? FACE_WORDS_BOLD : FACE_WORDS, ui_px(u, text_size),
            disabled ? t->ink_faint : t->ink, label);
    if (ui_width(u, FACE_WORDS, ui_px(u, text_size), label) > inner.width) ui_tip(u, name, b, label);
    if (s.focused && u->focus_seen) ui_focus_ring(u, box_inset(b, ui_px(u, 2), ui_px(u, 2)), ui_px(u, 4));
    u->list->current = (tag){0};
    return s.clicked;
}

float ui_tabs_width(const ui *u, const char *const *labels, int count) {
    float total = 0;
    for (int i = 0; i < count; i++)
        total += ui_width(u, FACE_WORDS_BOLD, ui_px(u, text_size), labels[i]) + 2 * ui_px(u, 5);
    return total;
}

int ui_tabs(ui *u, const char *name, box b, const char *const *labels, int count, int chosen) {
    const theme *t = u->theme;
    float size = ui_px(u, text_size), x = b.x, pad = ui_px(u, 10), total = 0;
    int answer = 0;
    for (int i = 0; i < count; i++) total += ui_width(u, FACE_WORDS_BOLD, size, labels[i]) + 2 * pad;
    if (total > b.width) pad = fmaxf(ui_px(u, 5), pad - (total - b.width) / (2 * (float)count));
    for (int i = 0; i < count; i++) {
        char tab[UI_NAME_SIZE];
        snprintf(tab, sizeof tab, "%s.%d", name, i);
        box at = {x, b.y, ui_width(u, FACE_WORDS_BOLD, size, labels[i]) + 2 * pad, b.height};
        bool on = i == chosen;
        ui_state s = ui_interact(u, tab, at, true, on);
        if (s.clicked) answer = i + 1;
        if (s.focused && on) {
            if (ui_key(u, KEY_DOWN, 0))
                answer = (i + 1) % count + 1;
            else if (ui_key(u, KEY_UP, 0))
                answer = (i + count - 1) % count + 1;
        }
        if (s.hot && !on)
            draw_rect(u->list, box_inset(at, ui_px(u, 1), ui_px(u, 4)), ui_px(u, 6), paint_fill(t->control_hover));
        color ink = on || s.hot ? t->ink : t->ink_soft;
        ui_text(u, at, ANCHOR_MIDDLE, on ? FACE_WORDS_BOLD : FACE_WORDS, size, ink, labels[i]);
        if (on) {
            float line = fmaxf(2, ui_px(u, 2));
            draw_rect(u->list, box_make(at.x + pad / 2, b.y + b.height - line, at.width - pad, line), line / 2,
                      paint_fill(t->accent));
        }
        if (s.focused && u->focus_seen) ui_focus_ring(u, box_inset(at, ui_px(u, 2), ui_px(u, 5)), ui_px(u, 4));
        x += at.width;
    }
    u->list->current = (tag){0};
    if (answer) { /* the focus goes with the chosen tab */
        char tab[UI_NAME_SIZE];
        snprintf(tab, sizeof tab, "%s.%d", name, answer - 1);
        ui_focus(u, ui_hash(tab), u->focus_seen);
        u->focus_found = true;
    }
    return answer;
}

bool ui_slider(ui *u, const char *name, box b, double *value, int ticks, bool enabled) {
    ui_state s = ui_interact(u, name, b, enabled, true);
    const theme *t = u->theme;
    float knob = ui_px(u, 9), line = fmaxf(3, ui_px(u, 5)), middle = b.y + b.height / 2;
    float left = b.x + knob, width = b.width - 2 * knob;
    bool moved = false;
    if (s.held && width > 0) {
        double to = fmin(fmax((u->mouse.x - left) / width, 0), 1);
        moved = to != *value;
        *value = to;
    }
    if (s.focused) {
        double step = ui_key(u, KEY_UP, 0) ? 0.05 : ui_key(u, KEY_DOWN, 0) ? -0.05 : 0;
        if (step != 0) {
            *value = fmin(fmax(*value + step, 0), 1);
            moved = true;
        }
    }
    float x = left + width * (float)*value;
    draw_rect(u->list, box_make(left, middle - line / 2, width, line), line / 2, paint_fill(t->control_active));
    draw_rect(u->list, box_make(left, middle - line / 2, x - left, line), line / 2,
              paint_fill(enabled ? t->accent : t->ink_faint));
    if (ticks > 0 && width / (float)ticks >= ui_px(u, 5)) {
        for (int i = 0; i <= ticks; i++) {
            float tick = fmaxf(1, ui_px(u, 1)), at = roundf(left + width * (float)i / (float)ticks - tick / 2);
            draw_rect(u->list, box_make(at, roundf(middle + ui_px(u, 9)), tick, ui_px(u, 4)), 0,
                      paint_fill(at <= x + 0.5f ? t->ink_soft : t->ink_faint));
        }
    }
    paint p = {.fill = t->panel, .stroke = enabled ? t->accent : t->ink_faint, .width = fmaxf(2, ui_px(u, 2.5f))};
    draw_circle(u->list, (point){x, middle}, knob - ui_px(u, 1), p);
    if (s.focused && u->focus_seen) ui_focus_ring(u, box_make(x - knob, middle - knob, 2 * knob, 2 * knob), knob);
    u->list->current = (tag){0};
    return moved;
}

static int stepper_end(ui *u, const char *name, const char *end, box b, icon i) {
    char part[UI_NAME_SIZE];
    snprintf(part, sizeof part, "%.30s.%s", name, end);
    ui_state s = ui_interact(u, part, b, true, false);
    if (s.hot || s.held)
        draw_rect(u->list, box_inset(b, ui_px(u, 2), ui_px(u, 2)), ui_px(u, 5), paint_fill(face_of(u, s, false)));
    float side = ui_px(u, 14);
    ui_icon(u, i, box_make(b.x + (b.width - side) / 2, b.y + (b.height - side) / 2, side, side),
            s.hot ? u->theme->ink : u->theme->ink_soft);
    return s.clicked;
}

int ui_stepper(ui *u, const char *name, box b, const char *value, bool refused, ui_answer *answer) {
    const theme *t = u->theme;
    ui_id id = ui_hash(name);
    float end = fminf(ui_px(u, 28), b.width / 3);
    paint frame = {.fill = t->control,
                   .stroke = refused ? t->warning : t->panel_line,
                   .width = fmaxf(1, ui_px(u, refused ? 2 : 1))};
    u->list->current = (tag){0};
    draw_rect(u->list, b, ui_px(u, 7), frame);
    box middle = b;
    int step = 0;
    bool ring = u->focus == id && u->focus_seen;
    if (stepper_end(u, name, "minus", box_cut_left(&middle, end), ICON_MINUS)) step = -1;
    if (stepper_end(u, name, "plus", box_cut_right(&middle, end), ICON_PLUS)) step = 1;
    bool editing = u->field.id == id;
    if (u->focus == id && u->layer == u->top_layer) {
        if (ui_key(u, KEY_UP, 0))
            step = 1;
        else if (ui_key(u, KEY_DOWN, 0))
            step = -1;
        const window_event *e = u->event;
        if (!editing && !u->event_used && e->kind == EVENT_KEY && !(e->modifiers & (MODIFIER_CONTROL | MODIFIER_ALT)) &&
            ((e->key >= '0' && e->key <= '9') || e->key == '-' || e->key == '(')) { /* typing begins a new value */
            char start[2] = {(char)e->key, 0};
            ui_field_begin(u, id, start, false);
            u->field.changed = true;
            u->event_used = true;
            editing = true;
        }
    }
    *answer = UI_NOTHING;
    if (editing) {
        if (step)
            ui_field_end(u);
        else
            *answer = ui_text_field(u, name, middle, FACE_MONO, ui_px(u, text_size), value, NULL, false);
    }
    if (!editing || step) {
        ui_state s = ui_interact(u, name, middle, true, true);
        u->beam = u->beam || s.hot;
        if (s.clicked) ui_field_begin(u, id, value, true);
        ui_text(u, middle, ANCHOR_MIDDLE, FACE_MONO, ui_px(u, text_size), refused ? t->warning : t->ink, value);
        ui_tip(u, name, b, ui_width(u, FACE_MONO, ui_px(u, text_size), value) > middle.width ? value : NULL);
    }
    if (ring) ui_focus_ring(u, b, ui_px(u, 7));
    u->list->current = (tag){0};
    return step;
}
