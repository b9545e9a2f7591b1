#include "layout.h"
#include <math.h>

/* In units of layout. */
static const float lessons_width = 224, inspector_width = 320, bar_height = 72, tabs_height = 44, pages_height = 38,
                   notes_height = 132, transport_height = 72, least_stage = 470, narrow_stage = 300,
                   compact_width = 600, compact_height = 330, compact_bar = 46, compact_stage = 200;

/* Of the height between the bars; longer notes scroll. */
static const float most_notes = 0.4f;

static float px(const layout_wishes *w, float units) {
    return roundf(units * w->scale);
}

static box cut_left(box *b, float width) {
    box cut = {b->x, b->y, fminf(width, b->width), b->height};
    b->x += cut.width;
    b->width -= cut.width;
    return cut;
}

static box cut_right(box *b, float width) {
    float w = fminf(width, b->width);
    b->width -= w;
    return (box){b->x + b->width, b->y, w, b->height};
}

static box cut_top(box *b, float height) {
    box cut = {b->x, b->y, b->width, fminf(height, b->height)};
    b->y += cut.height;
    b->height -= cut.height;
    return cut;
}

static box cut_bottom(box *b, float height) {
    float h = fminf(height, b->height);
    b->height -= h;
    return (box){b->x, b->y + b->height, b->width, h};
}

/* The question card under the figure, for that is what it asks about; where that would leave too little of it beside
 * it, in the inspector's place; or none, where it has to lie over the figure. */
static void cut_question(const layout_wishes *w, window_layout *l, box *rest) {
    const float least_height = 300, least_width = 300, beside = 300;
    if (w->question <= 0) return;
    if (rest->height - w->question >= px(w, least_height)) {
        l->question = cut_bottom(rest, roundf(w->question + px(w, 12)));
        return;
    }
    if (l->inspector.width > 0 && !l->compact) {
        l->question = l->inspector;
        l->inspector = (box){0, 0, 0, 0};
    } else if (rest->width >= px(w, beside + least_width)) {
        l->question = cut_right(rest, px(w, beside));
    }
    l->question_beside = l->question.width > 0;
}

/* A window too small for its scale: one bar above, one below; a panel takes all between them where it would leave too
 * little stage. */
static void make_compact(const layout_wishes *w, window_layout *l, box rest) {
    float units = w->width / w->scale, panel = fminf(inspector_width, units - compact_stage);
    if (panel < 230) panel = units;
    l->narrow = l->compact = true;
    l->bar = cut_top(&rest, px(w, compact_bar));
    l->transport = cut_bottom(&rest, px(w, compact_bar));
    if (w->narrow_panel == 1) l->lessons = cut_left(&rest, px(w, panel));
    if (w->narrow_panel == 2) l->inspector = cut_right(&rest, px(w, panel));
    if (w->notes) l->notes = cut_bottom(&rest, fminf(px(w, 88), roundf(rest.height * 0.5f)));
    cut_question(w, l, &rest);
    l->figure = rest;
}

window_layout layout_make(const layout_wishes *w) {
    window_layout l = {0};
    box rest = {0, 0, roundf(w->width), roundf(w->height)};
    if (w->presenting) {
        if (w->notes) l.notes = cut_bottom(&rest, fminf(px(w, notes_height), roundf(rest.height * most_notes)));
        cut_question(w, &l, &rest);
        l.figure = rest;
        return l;
    }
    if (w->width / w->scale < compact_width || w->height / w->scale < compact_height) {
        make_compact(w, &l, rest);
        return l;
    }
    float units = w->width / w->scale, lessons = lessons_width, inspector = inspector_width;
    if (units < 1100) lessons = 200, inspector = 284;
    bool show_lessons = w->lessons, show_inspector = w->inspector;
    l.narrow = units < lessons + inspector + least_stage;
    if (l.narrow) {
        show_lessons = w->narrow_panel == 1;
        show_inspector =
            w->narrow_panel == 2 || (w->narrow_panel == 0 && w->inspector && units >= inspector + least_stage);
        float most = fmaxf(units - narrow_stage, units * 0.5f);
        lessons = fminf(lessons, most);
        inspector = fminf(inspector, most);
    }
    bool low = w->height / w->scale < 520;
    if (show_lessons) l.lessons = cut_left(&rest, px(w, lessons));
    l.bar = cut_top(&rest, px(w, low ? 56 : bar_height));
    if (units < 1240)
        l.transport =
            cut_bottom(&rest, px(w, low ? 56 : transport_height)); /* under the inspector too: it needs the width */
    if (show_inspector) l.inspector = cut_right(&rest, px(w, inspector));
    if (units >= 1240) l.transport = cut_bottom(&rest, px(w, low ? 56 : transport_height));
    l.tabs = cut_top(&rest, px(w, low ? 36 : tabs_height));
    if (w->notes) l.notes = cut_bottom(&rest, px(w, low ? 88 : notes_height));
    if (w->pages) l.pages = cut_bottom(&rest, px(w, low ? 32 : pages_height));
    cut_question(w, &l, &rest);
    l.figure = rest;
    return l;
}
