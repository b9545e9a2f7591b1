#include "easel.h"
#include "app/system/number.h"
#include "brush.h"
#include "measuring.h"
#include "playback.h"
#include "scale.h"
#include "zoom.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double view_seconds = 0.6;

void easel_reset(window_state *w) {
    easel *e = &w->easel;
    float brush = e->brush;
    uint64_t drag = e->drag;
    display_list before = e->before; /* its memory is kept */
    before.item_count = 0;
    *e = (easel){.zoom = 1, .brush = brush, .drag = drag + 1, .view_started = -1, .before = before};
}

bool easel_moves(const window_state *w) {
    return w->easel.view_started >= 0 && w->time - w->easel.view_started < view_seconds;
}

/* From the view and style that were before; `before` is empty then. */
static void begin_motion(window_state *w, view_id view, style_id style) {
    easel *e = &w->easel;
    e->view_from = view;
    e->style_from = style;
    e->before.item_count = 0;
    e->view_started = w->settings.reduced_motion ? -1 : w->time;
}

void easel_leave(window_state *w) {
    easel *e = &w->easel;
    const display_list *seen = w->seen;
    const document *d = state_document(w);
    begin_motion(w, d->view, d->style);
    if (w->settings.reduced_motion || !seen || seen->failed || seen->item_count == 0) return;
    display_list_clear(&e->before, seen->width, seen->height, seen->background);
    draw_list(&e->before, seen, (point){0, 0}, 1);
    if (e->before.failed) e->before.item_count = 0;
}

void easel_style(window_state *w, style_id style) {
    const style_id from = state_document(w)->style;
    change c = {.kind = CHANGE_STYLE, .number = (int64_t)style};
    if (state_change(w, &c, NULL)) begin_motion(w, state_document(w)->view, from);
}

void easel_view(window_state *w, view_id view) {
    document *d = state_document(w);
    if (d->view == view) return;
    view_id from = d->view;
    change c = {.kind = CHANGE_VIEW, .number = (int64_t)view, .together = UINT64_MAX - 1};
    if (!state_change(w, &c, NULL)) return;
    begin_motion(w, from, d->style);
    w->easel.hover = (tag){0};
    w->easel.zoom = 1;
    w->easel.pan = (point){0, 0};
}

/* ---- cells ---- */

bool easel_same(tag a, tag b) {
    return a.kind == b.kind && a.role == b.role && a.part == b.part && a.layer == b.layer && a.index == b.index;
}

static const item *item_of(const window_state *w, tag t) {
    const display_list *l = w->seen;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if ((it->kind == ITEM_RECT || it->kind == ITEM_POLYGON) && easel_same(it->tag, t)) return it;
    }
    return NULL;
}

/* Items may be polygons: their box. */
static box box_of(const window_state *w, const item *it) {
    const display_list *l = w->seen;
    if (it->kind != ITEM_POLYGON || it->count == 0) return it->box;
    point least = l->points[it->first], most = least;
    for (size_t i = 1; i < it->count; i++) {
        point p = l->points[it->first + i];
        least = (point){fminf(least.x, p.x), fminf(least.y, p.y)};
        most = (point){fmaxf(most.x, p.x), fmaxf(most.y, p.y)};
    }
    return box_make(least.x, least.y, most.x - least.x, most.y - least.y);
}

static const conv_shape *shape_of(window_state *w, tag t) {
    if (!w->scene_open || t.part < 0 || t.part >= w->scene.part_count) return NULL;
    const scene_part *p = &w->scene.parts[t.part];
    if (t.layer < 0 || t.layer >= conv_network_count(p->network)) return NULL;
    const conv_layout *layout = conv_network_layout(p->network, t.layer);
    switch (t.role) {
    case ROLE_INPUT:
        return &layout->input[0];
    case ROLE_WEIGHT:
        return &layout->weight;
    case ROLE_BIAS:
        return &layout->bias;
    case ROLE_OFFSET:
        return &layout->offset;
    case ROLE_MASK:
        return &layout->mask;
    case ROLE_OUTPUT:
        return &layout->output;
    default:
        return NULL;
    }
}

bool easel_value(window_state *w, tag t, float *value) {
    const conv_shape *shape = shape_of(w, t);
    if (!shape || t.kind != TAG_CELL || t.index < 0 || t.index >= conv_shape_count(shape) || shape->rank == 0)
        return false;
    scene_part *p = &w->scene.parts[t.part];
    conv_operands operands;
    conv_network_operands(p->network, t.layer, &operands);
    const float *numbers = NULL;
    switch (t.role) {
    case ROLE_INPUT:
        numbers = operands.input[0];
        break;
    case ROLE_WEIGHT:
        numbers = operands.weight;
        break;
    case ROLE_BIAS:
        numbers = operands.bias;
        break;
    case ROLE_OFFSET:
        numbers = operands.offset;
        break;
    case ROLE_MASK:
        numbers = operands.mask;
        break;
    case ROLE_OUTPUT:
        if (t.layer == p->focus && p->layout->flow != CONV_SCATTER) { /* done one by one: no copy of a large picture */
            *value = t.index < playback_done(w) ? p->output[t.index] : NAN;
            return true;
        }
        numbers = t.layer == p->focus ? scene_state(&w->scene, t.part, playback_done(w), NULL)
                                      : conv_network_output(p->network, t.layer);
        break;
    default:
        break;
    }
    if (!numbers) return false;
    *value = numbers[t.index];
    return true;
}

/* Weights of every layer, but only the network's own input. */
bool easel_can_edit(window_state *w, tag t) {
    float value;
    if (t.kind != TAG_CELL || t.role == ROLE_OUTPUT || t.role == ROLE_NONE || !easel_value(w, t, &value)) return false;
    const document *d = state_document(w);
    return t.role != ROLE_INPUT || d->parts[t.part].layers[t.layer].input[0] == CONV_FROM_INPUT;
}

void easel_where(window_state *w, tag t, char *text, int size) {
    static const char *const names[ROLE_COUNT] = {"",         N_("input"),  N_("weight"), N_("output"),
                                                  N_("bias"), N_("offset"), N_("mask")};
    const conv_shape *shape = shape_of(w, t);
    float value;
    text[0] = 0;
    if (!shape || !easel_value(w, t, &value)) return;
    int64_t position[CONV_MAX_DIMS];
    char at[160] = "", number[40];
    int used = 0;
    conv_shape_position(shape, t.index, position);
    for (int a = 0; a < shape->rank; a++) {
        used += snprintf(at + used, sizeof at - (size_t)used, "%s%lld", a ? ", " : "", (long long)position[a]);
    }
    if (isnan(value))
        snprintf(number, sizeof number, "%s", t.role == ROLE_OUTPUT ? "?" : "nan");
    else
        number_write(value, 6, number, sizeof number);
    snprintf(text, (size_t)size, "%s[%s] = %s", say(w, names[t.role]), at, number);
}

/* ---- typing ---- */

static void begin_editing(window_state *w, tag t) {
    float value;
    easel *e = &w->easel;
    if (!easel_can_edit(w, t) || !easel_value(w, t, &value)) return;
    e->editing = t;
    number_write_float(value, e->edit_text, sizeof e->edit_text);
    ui_focus(&w->ui, ui_hash("cell"), true); /* the number is selected: typing replaces it */
    w->ui.focus_found = true;
}

void easel_edit(window_state *w) {
    if (easel_can_edit(w, w->easel.hover))
        begin_editing(w, w->easel.hover);
    else if (w->easel.hover.kind == TAG_CELL)
        easel_pin(w);
}

static void typed(window_state *w, const char *text) {
    double value;
    easel *e = &w->easel;
    while (*text == ' ') text++;
    if (number_read_real(text, &value) && isfinite((float)value)) {
        e->brush = (float)value;
        brush_set(w, e->editing, (float)value, e->pixel > 0 ? ++e->drag : 0);
    } else {
        state_notice(w, true, say(w, N_("That is no number: type for example -1 or 0.5.")));
    }
}

static void cell_field(window_state *w) {
    easel *e = &w->easel;
    ui *u = &w->ui;
    if (e->editing.kind == TAG_NONE) return;
    const item *it = item_of(w, e->editing);
    box figure = w->layout.figure, at;
    if (e->pixel >= brush_least && figure_pixel(w->seen, &w->scene, e->editing, &at))
        at.x += figure.x, at.y += figure.y;
    else if (it)
        at = box_of(w, it), at.x += figure.x, at.y += figure.y;
    else
        at = box_make(figure.x + figure.width / 2, figure.y + figure.height / 2, 0, 0);
    const float words = ui_width(u, FACE_MONO, ui_px(u, 15), e->edit_text) + ui_px(u, 14);
    float width = fmaxf(fmaxf(at.width, ui_px(u, 72)), words),
          height = fmaxf(fminf(at.height, ui_px(u, 80)), ui_px(u, 30)); /* the cell and its mark are covered */
    at = box_make(at.x + (at.width - width) / 2, at.y + (at.height - height) / 2, width, height);
    display_list *list = u->list;
    u->list = &w->regions[REGION_OVERLAY].list;
    draw_rect(u->list, box_inset(at, -2, -2), ui_px(u, 4),
              (paint){.fill = u->theme->panel, .stroke = u->theme->focus, .width = ui_px(u, 2)});
    ui_answer did = ui_text_field(u, "cell", at, FACE_MONO, ui_px(u, 15), e->edit_text, NULL, false);
    u->list = list;
    if (did == UI_COMMITTED) typed(w, u->field.text);
    if (did == UI_COMMITTED || did == UI_CANCELLED) {
        bool by_key = u->event->kind == EVENT_KEY;
        e->editing = (tag){0};
        if (by_key) ui_focus(u, ui_hash("stage"), true), u->focus_found = true;
    }
}

/* ---- pins ---- */

void easel_pin(window_state *w) {
    const document *d = state_document(w);
    tag t = w->easel.hover;
    if (t.kind == TAG_CELL && t.layer != w->scene.parts[t.part].focus) return; /* another layer's cell */
    change c = {.kind = CHANGE_PIN_OUTPUT, .index = -1, .together = UINT64_MAX - 2};
    if (t.kind == TAG_CELL && t.role == ROLE_INPUT && d->pinned_input != t.index)
        c.kind = CHANGE_PIN_INPUT, c.index = t.index;
    else if (t.kind == TAG_CELL && t.role == ROLE_OUTPUT && d->pinned_output != t.index)
        c.index = t.index;
    if (c.index >= 0 || d->pinned_input >= 0 || d->pinned_output >= 0) state_change(w, &c, NULL);
}

/* ---- the mouse ---- */

tag easel_at(window_state *w, point at) {
    const display_list *l = w->seen;
    box b = w->layout.figure;
    point p = {at.x - b.x, at.y - b.y};
    tag found = {0};
    return w->scene_open && figure_at(l, &w->scene, p, &found) ? found : (tag){0};
}

static void click(window_state *w, tag t) {
    easel *e = &w->easel;
    const document *d = state_document(w);
    e->hover = t;
    e->by_keys = false;
    if (t.kind != TAG_CELL) {
        if (d->pinned_input >= 0 || d->pinned_output >= 0) easel_pin(w);
        return;
    }
    if (t.role == ROLE_OUTPUT)
        easel_pin(w);
    else if (t.role == ROLE_INPUT && d->pinned_input != t.index)
        easel_pin(w);
    if (t.role != ROLE_OUTPUT && (e->pixel >= brush_least || item_of(w, t))) begin_editing(w, t);
}

static void begin_drag(window_state *w) {
    easel *e = &w->easel;
    e->drag++;
    /* a drag over pixels too small to be met moves their picture */
    const bool drawn = e->pixel > 0 ? e->pixel >= brush_least : item_of(w, e->pressed) != NULL;
    if (drawn && easel_can_edit(w, e->pressed) && e->pressed.role == ROLE_INPUT) {
        e->grip = GRIP_PAINT;
        brush_begin(w);
    } else if (drawn && easel_can_edit(w, e->pressed)) {
        e->grip = GRIP_SCRUB;
    } else {
        e->grip = GRIP_PAN;
        e->pan_from = e->pan;
    }
}

static void drag(window_state *w, point at) {
    easel *e = &w->easel;
    ui *u = &w->ui;
    if (e->grip == GRIP_CLICK && hypotf(at.x - e->from.x, at.y - e->from.y) > ui_px(u, 5)) begin_drag(w);
    if (e->grip == GRIP_PAINT) {
        brush_move(w, at);
    } else if (e->grip == GRIP_SCRUB) { /* up is more */
        float fine = u->modifiers & MODIFIER_SHIFT ? 0.01f : 0.1f;
        float notches = roundf((e->from.y - at.y) / ui_px(u, 5));
        brush_set(w, e->pressed, roundf((e->value + notches * fine) / fine) * fine, e->drag);
    } else if (e->grip == GRIP_PAN) {
        e->pan = (point){e->pan_from.x + at.x - e->from.x, e->pan_from.y + at.y - e->from.y};
    }
}

static void draw_ink(window_state *w, const window_event *e, bool held) {
    presenting *p = &w->present;
    if (e->kind == EVENT_PRESS && p->ink_count > 0 && p->ink_count < PEN_POINTS)
        p->ink[p->ink_count++] = (point){NAN, NAN};
    if (!held || p->ink_count >= PEN_POINTS) return;
    point last = p->ink_count ? p->ink[p->ink_count - 1] : (point){NAN, NAN};
    if (isnan(last.x) || hypotf(last.x - e->at.x, last.y - e->at.y) >= 2) p->ink[p->ink_count++] = e->at;
}

static void mouse(window_state *w, ui_state s) {
    easel *e = &w->easel;
    ui *u = &w->ui;
    const window_event *event = u->event;
    bool moved = event->kind == EVENT_MOVE || event->kind == EVENT_PRESS;
    if (w->present.pen) {
        if (moved) draw_ink(w, event, s.held);
        return;
    }
    if (event->kind == EVENT_PRESS && s.held) {
        e->pressed = easel_at(w, event->at);
        e->pixel = brush_pixel(w, e->pressed, event->at);
        e->from = event->at;
        e->grip = GRIP_CLICK;
        if (!easel_value(w, e->pressed, &e->value)) e->value = 0;
    } else if (event->kind == EVENT_MOVE && s.held) {
        drag(w, event->at);
    } else if (event->kind == EVENT_RELEASE && event->button == BUTTON_LEFT) {
        if (e->grip == GRIP_CLICK && s.clicked) click(w, e->pressed);
        e->grip = GRIP_NONE;
    }
    if (!s.held && (event->kind == EVENT_MOVE || event->kind == EVENT_LEAVE)) {
        e->hover = s.hot ? easel_at(w, event->at) : (tag){0};
        e->by_keys = false;
    }
    if (event->kind == EVENT_WHEEL && s.hot && !u->event_used) {
        easel_zoom(w, powf(1.15f, event->wheel.y), event->at);
        u->event_used = true;
    }
}

void easel_pass(window_state *w) {
    ui *u = &w->ui;
    easel *e = &w->easel;
    box b = w->layout.figure;
    u->list = &w->regions[REGION_STAGE].list;
    if (b.width < 1 || b.height < 1) return;
    cell_field(w);
    bool enter = u->event->kind == EVENT_KEY && u->event->key == KEY_ENTER && u->event->modifiers == 0;
    bool used = u->event_used;
    ui_state s = ui_interact(u, "stage", b, true, true);
    u->list->current = (tag){0};
    if (enter && !used && s.clicked)
        easel_edit(w);
    else
        mouse(w, s);
    u->hand = s.hot && (e->hover.kind == TAG_CELL);
    if (s.focused && u->focus_seen && e->editing.kind == TAG_NONE) {
        display_list *list = u->list;
        u->list = &w->regions[REGION_OVERLAY].list;
        ui_focus_ring(u, box_inset(b, ui_px(u, 5), ui_px(u, 5)), ui_px(u, 6));
        u->list = list;
    }
}

/* ---- by keys ---- */

static tag first_cell(const window_state *w) {
    const display_list *l = w->seen;
    for (size_t i = 0; i < l->item_count; i++) {
        if (l->items[i].tag.kind == TAG_CELL && l->items[i].tag.role != ROLE_NONE) return l->items[i].tag;
    }
    return (tag){0};
}

/* The nearest cell in that direction, straight ones before slanting ones. */
void easel_point(window_state *w, int dx, int dy) {
    easel *e = &w->easel;
    const display_list *l = w->seen;
    const item *here = e->hover.kind == TAG_CELL ? item_of(w, e->hover) : NULL;
    e->by_keys = true;
    e->pixel = 0;
    if (!here) {
        e->hover = first_cell(w);
        return;
    }
    box from = box_of(w, here);
    float best = INFINITY, x = from.x + from.width / 2, y = from.y + from.height / 2;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->tag.kind != TAG_CELL || it->tag.role == ROLE_NONE ||
            (it->kind != ITEM_RECT && it->kind != ITEM_POLYGON) || easel_same(it->tag, e->hover))
            continue;
        box b = box_of(w, it);
        float ahead = (b.x + b.width / 2 - x) * (float)dx + (b.y + b.height / 2 - y) * (float)dy;
        float aside = fabsf(b.x + b.width / 2 - x) * (float)abs(dy) + fabsf(b.y + b.height / 2 - y) * (float)abs(dx);
        float far = ahead + 3 * aside;
        if (ahead > 1 && far < best) {
            best = far;
            e->hover = it->tag;
        }
    }
}

/* ---- drawing ---- */

figure_settings easel_settings(const window_state *w) {
    figure_settings s;
    figure_defaults(&s);
    s.width = w->layout.figure.width;
    s.height = w->layout.figure.height;
    s.scale = w->ui.scale * scale_wished(w) / scale_now(w);
    s.theme = w->settings.theme;
    s.language = w->settings.language;
    s.fonts = w->fonts;
    s.measuring = true;
    s.own_words = w->lesson_open && w->history.document.view != w->lesson.pages[w->page].document.view;
    s.reduced_motion = w->settings.reduced_motion;
    return s;
}

void easel_draw(window_state *w) {
    region *r = &w->regions[REGION_FIGURE];
    const theme *t = theme_get(w->settings.theme);
    r->box = w->layout.figure;
    w->seen = &r->list;
    display_list_clear(&r->list, r->box.width, r->box.height, t->background);
    if (!w->scene_open || r->box.width < 2 || r->box.height < 2) return;
    const easel *e = &w->easel;
    figure_settings s = easel_settings(w);
    s.moment = w->play.at;
    s.measuring = measuring_hopes(w);
    s.zoom = e->zoom;
    s.pan = e->pan;
    s.hover = e->editing.kind == TAG_NONE ? e->hover : e->editing;
    s.view_from = e->view_from;
    s.style_from = e->style_from;
    bool fits = e->before.width == s.width && e->before.height == s.height;
    s.before = e->before.item_count && fits ? &e->before : NULL;
    s.view_progress = easel_moves(w) ? (w->time - e->view_started) / view_seconds : 1;
    failure f = {0};
    bool drawn = figure_draw(&r->list, &w->scene, &s, &f);
    if (drawn && zoom_settle(w, &r->list)) { /* cells are whole pixels: what lay under the pointer goes back there */
        s.pan = e->pan;
        drawn = figure_draw(&r->list, &w->scene, &s, &f);
    }
    if (!drawn && f.error.format) state_failure(w, &f);
}
