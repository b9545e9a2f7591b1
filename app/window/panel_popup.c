/* What all popups have in common. */
#include "panels.h"
#include <math.h>

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
    if (w->popup_fresh) ui_focus(u, ui_hash("close"), u->focus_seen || u->by_keys), u->focus_found = true;
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
        popup_menu(w);
        break;
    }
    u->list->current = (tag){0};
    ui_set_layer(u, 0);
}
