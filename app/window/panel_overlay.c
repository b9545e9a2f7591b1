/* What lies over everything: the pen's strokes, the spotlight, the blank screen, a passing sentence, tips. */
#include "opening.h"
#include "panels.h"
#include <math.h>
#include <string.h>

static void strokes(window_state *w) {
    ui *u = &w->ui;
    const presenting *p = &w->present;
    color c = u->theme->warning;
    for (int first = 0; first < p->ink_count;) {
        int last = first;
        while (last < p->ink_count && !isnan(p->ink[last].x)) last++;
        if (last - first > 1)
            draw_polyline(u->list, p->ink + first, last - first, paint_line(c, ui_px(u, 4)));
        else if (last - first == 1)
            draw_circle(u->list, p->ink[first], ui_px(u, 2.5f), paint_fill(c));
        first = last + 1;
    }
}

/* Everything but a circle round the pointer is dimmed. One polygon goes round the window and, over a seam without
 * width, back round the circle: of several ones the edges would be seen between them. */
static void spotlight(window_state *w) {
    enum { SIDES = 96 };
    ui *u = &w->ui;
    float radius = ui_px(u, 110);
    point at = u->mouse_inside ? u->mouse : (point){(float)w->width / 2, (float)w->height / 2};
    float left = fminf(0, at.x - radius - 1), right = fmaxf((float)w->width, at.x + radius + 1);
    float top = fminf(0, at.y - radius - 1), bottom = fmaxf((float)w->height, at.y + radius + 1);
    point around[SIDES + 7] = {{right, at.y}, {right, bottom}, {left, bottom},
                               {left, top},   {right, top},    {right, at.y}};
    for (int i = 0; i <= SIDES; i++) {
        float angle = -6.2831853f * (float)(i % SIDES) / SIDES;
        around[6 + i] = (point){at.x + radius * cosf(angle), at.y + radius * sinf(angle)};
    }
    draw_polygon(u->list, around, SIDES + 7, paint_fill((color){0, 0, 0, 170}));
    draw_circle(u->list, at, radius, paint_line(u->theme->highlight, ui_px(u, 2)));
}

void panel_presenting(window_state *w) {
    ui *u = &w->ui;
    u->list = &w->regions[REGION_OVERLAY].list;
    u->list->current = (tag){0};
    if (w->present.blank) {
        draw_rect(u->list, box_make(0, 0, (float)w->width, (float)w->height), 0, paint_fill((color){0, 0, 0, 255}));
        return;
    }
    if (w->present.spotlight) spotlight(w);
    if (w->present.ink_count) strokes(w);
}

static void tip(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    if (!u->tip_wanted || u->time - u->hot_since < 0.5 || u->active) return;
    float size = ui_px(u, 12.5f), pad = ui_px(u, 8), most = fminf(ui_px(u, 320), (float)w->width - 4 * pad);
    float width = fminf(ui_width(u, FACE_WORDS, size, u->tip), most),
          height = ui_paragraph(u, (point){0, 0}, width + 1, FACE_WORDS, size, t->ink, u->tip, false);
    box b = {u->tip_box.x + u->tip_box.width / 2 - width / 2 - pad, u->tip_box.y + u->tip_box.height + ui_px(u, 6),
             width + 2 * pad, height + ui_px(u, 8)};
    if (b.y + b.height > (float)w->height - pad) b.y = u->tip_box.y - b.height - ui_px(u, 6);
    b.x = fmaxf(pad, fminf(b.x, (float)w->width - b.width - pad));
    b = box_make(roundf(b.x), roundf(b.y), roundf(b.width), roundf(b.height));
    u->list->current = (tag){.kind = TAG_LABEL};
    draw_rect(u->list, b, ui_px(u, 5), paint_fill(t->ink));
    ui_paragraph(u, (point){b.x + pad, b.y + ui_px(u, 4)}, width + 1, FACE_WORDS, size, t->panel, u->tip, true);
}

/* A sentence at the foot of the stage, in its middle; a quiet one stands aside, in softer words. */
static void sentence(window_state *w, const char *text, bool bad, bool quiet) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box around = w->layout.figure.width > 0 ? w->layout.figure : box_make(0, 0, (float)w->width, (float)w->height);
    float size = ui_px(u, quiet ? 13 : 14), pad = ui_px(u, 14), most = fminf(ui_px(u, 560), around.width - 4 * pad);
    float width = fminf(ui_width(u, FACE_WORDS, size, text), most),
          height = ui_paragraph(u, (point){0, 0}, width + 1, FACE_WORDS, size, t->ink, text, false);
    while (height > around.height - 2 * pad && size > 10) { /* all of it is to be read, however low the window */
        size *= 0.92f;
        height = ui_paragraph(u, (point){0, 0}, width + 1, FACE_WORDS, size, t->ink, text, false);
    }
    const float left = quiet ? around.width - width - 3 * pad : (around.width - width) / 2 - pad;
    box b = {roundf(around.x + left), roundf(around.y + around.height - height - 2 * pad), roundf(width + 2 * pad),
             roundf(height + ui_px(u, 16))};
    u->list->current = (tag){.kind = TAG_LABEL};
    color line = bad ? t->warning : t->panel_line;
    draw_rect(u->list, b, ui_px(u, 9),
              (paint){.fill = t->panel, .stroke = line, .width = fmaxf(1, ui_px(u, bad ? 2 : 1))});
    ui_paragraph(u, (point){b.x + pad, b.y + ui_px(u, 8)}, width + 1, FACE_WORDS, size, quiet ? t->ink_soft : t->ink,
                 text, true);
}

void panel_notice(window_state *w) {
    ui *u = &w->ui;
    u->list = &w->regions[REGION_OVERLAY].list;
    if (w->notice[0] && w->time >= w->notice_until) w->notice[0] = 0;
    const char *opens = opening_name(w);
    if (w->notice[0]) {
        sentence(w, w->notice, w->notice_bad, false);
    } else if (opens) {
        char text[NOTICE_SIZE];
        sentence(w, tr_format(w->settings.language, text, sizeof text, N_("opening {0}…"), "s", opens), false, true);
    }
    tip(w);
    u->list->current = (tag){0};
}
