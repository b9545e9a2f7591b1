#include "keys.h"
#include "panels.h"
#include <math.h>

/* A key's row: long words take several lines. */
static float row_height(window_state *w, const key_binding *k, float width) {
    ui *u = &w->ui;
    const float key_width = ui_px(u, 118), row = ui_px(u, 25);
    float words = ui_paragraph(u, (point){0, 0}, width - key_width, FACE_WORDS, ui_px(u, 13.5f), u->theme->ink,
                               say(w, k->help), false);
    return words > row ? words + ui_px(u, 5) : row;
}

static float group_height(window_state *w, int group, float width) {
    float height = ui_px(&w->ui, 34);
    for (int i = 0; i < key_binding_count; i++) {
        const key_binding *k = &key_bindings[i];
        if ((int)k->group == group && k->help) height += row_height(w, k, width);
    }
    return height;
}

static float draw_group(window_state *w, int group, box b) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    float y = b.y, key_width = ui_px(u, 118), row = ui_px(u, 25);
    ui_text(u, box_make(b.x, y, b.width, ui_px(u, 28)), ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 12.5f), t->ink_soft,
            say(w, key_group_names[group]));
    y += ui_px(u, 28);
    for (int i = 0; i < key_binding_count; i++) {
        const key_binding *k = &key_bindings[i];
        if ((int)k->group != group || !k->help) continue;
        float width = ui_width(u, FACE_MONO, ui_px(u, 12), k->shown) + ui_px(u, 12);
        box cap = {b.x, y + ui_px(u, 2), fminf(width, key_width), row - ui_px(u, 4)};
        draw_rect(u->list, cap, ui_px(u, 4),
                  (paint){.fill = t->control, .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))});
        ui_text(u, cap, ANCHOR_MIDDLE, FACE_MONO, ui_px(u, 12), t->ink, k->shown);
        const float high = row_height(w, k, b.width);
        ui_paragraph(u, (point){b.x + key_width, y + (high > row ? ui_px(u, 3) : ui_px(u, 2.5f))}, b.width - key_width,
                     FACE_WORDS, ui_px(u, 13.5f), t->ink, say(w, k->help), true);
        y += high;
    }
    return y + ui_px(u, 6) - b.y;
}

void popup_help(window_state *w) {
    ui *u = &w->ui;
    bool close;
    box b = popup_dialog(w, say(w, N_("Keys and mouse")), 1080, 860, &close);
    ui_scroll_begin(u, "help.scroll", b, &w->scroll_popup);
    float gap = ui_px(u, 28);
    int columns = b.width >= ui_px(u, 860) ? 2 : 1;
    float width = (b.width - gap * (float)(columns - 1) - ui_px(u, 10)) / (float)columns, total = 0, filled = 0,
          tallest = 0;
    for (int g = 0; g < GROUP_COUNT; g++) total += group_height(w, g, width);
    float top = b.y - w->scroll_popup.offset;
    int column = 0;
    u->list->current = (tag){.kind = TAG_LABEL};
    for (int g = 0; g < GROUP_COUNT; g++) {
        if (column + 1 < columns && filled + group_height(w, g, width) / 2 > total / (float)columns)
            column++, filled = 0;
        filled += draw_group(w, g, box_make(b.x + (width + gap) * (float)column, top + filled, width, 0));
        tallest = fmaxf(tallest, filled);
    }
    const char *mouse = N_("Point at a cell to see what it reads or who uses it; click pins it. Click an input or a "
                           "weight to type a number. "
                           "Drag over the input to paint, drag a weight up or down to change it. The wheel zooms, "
                           "dragging the ground moves the picture. "
                           "Tab goes through all controls, Enter presses, Up and Down change a value.");
    tallest += ui_px(u, 8);
    tallest += ui_paragraph(u, (point){b.x, top + tallest}, b.width - ui_px(u, 12), FACE_WORDS, ui_px(u, 13.5f),
                            u->theme->ink, say(w, mouse), true);
    /* The list is read by keys too. */
    if (ui_key(u, KEY_DOWN, 0)) w->scroll_popup.offset += ui_px(u, 60), u->again = true;
    if (ui_key(u, KEY_UP, 0)) w->scroll_popup.offset -= ui_px(u, 60), u->again = true;
    ui_scroll_end(u, b, &w->scroll_popup, tallest + ui_px(u, 8));
    if (close) popup_close(w);
}
