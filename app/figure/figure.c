#include "figure.h"
#include "app/system/memory.h"
#include "slide_sum.h"
#include "stage.h"
#include "views.h"
#include <math.h>
#include <string.h>

void figure_defaults(figure_settings *settings) {
    *settings = (figure_settings){
        .width = 1280,
        .height = 720,
        .scale = 1,
        .captions = true,
        .zoom = 1,
        .hover = {.kind = TAG_NONE, .index = -1},
        .view_progress = 1,
    };
}

/* Which picture a view has of a part; the slide's depends on how its work flows. */
static picture *const view_pictures[VIEW_COUNT] = {
    [VIEW_MATRIX] = matrix_picture,
    [VIEW_FIELD] = field_picture,
    [VIEW_COST] = cost_picture,
    [VIEW_ENGINE] = engine_picture,
};

static picture *find_picture(const stage *s, view_id view, int index) {
    if (view_pictures[view]) return view_pictures[view];
    if (slide_is_photo(s, index)) return slide_photo;
    return s->scene->parts[index].layout->flow == CONV_SCATTER ? slide_scatter : slide_gather;
}

bool figure_prepare(scene *s, view_id view, failure *f) {
    bool ok = true;
    for (int i = 0; ok && i < s->part_count; i++) {
        if (view == VIEW_COST) ok = cost_measure(s, i, f);
        if (view == VIEW_ENGINE) ok = engine_record(s, i, f);
    }
    return ok;
}

/* Type and gaps grow with the picture, so that a full screen can be read from the last row. */
static float unit_for(const figure_settings *settings) {
    float fit = fminf(settings->width / 1100, settings->height / 740);
    return settings->scale * fminf(3, fmaxf(0.84f, fit));
}

static void set_up(stage *s, display_list *l, scene *shown, const figure_settings *settings, failure *f) {
    *s = (stage){
        .list = l,
        .scene = shown,
        .document = shown->document,
        .settings = settings,
        .theme = theme_get(settings->theme),
        .fonts = settings->fonts,
        .failure = f,
        .language = settings->language,
        .moment = settings->moment,
        .unit = unit_for(settings),
    };
    s->line = fmaxf(1, floorf(s->unit + 0.3f));
    float margin = fminf(48, fmaxf(20, settings->width * 0.028f)) * s->unit;
    s->area = (box){margin, margin * 0.8f, settings->width - 2 * margin, settings->height - margin * 1.5f};
}

/* The part's place: parts stand side by side, or one under the other where that gives larger cells. */
static box part_area(const stage *s, box all, int index, int count, bool stacked) {
    float gap = 36 * s->unit;
    if (stacked) {
        float height = (all.height - gap * (float)(count - 1)) / (float)count;
        return (box){all.x, all.y + (float)index * (height + gap), all.width, height};
    }
    float width = (all.width - gap * (float)(count - 1)) / (float)count;
    return (box){all.x + (float)index * (width + gap), all.y, width, all.height};
}

/* A part's own words over it; takes their room. */
static void part_head(stage *s, int index) {
    const part *p = &s->document->parts[index];
    const char *caption = s->language == LANGUAGE_ZH && p->caption_zh ? p->caption_zh : p->caption_en;
    if (!caption) caption = p->expression;
    if (!caption) return;
    float u = s->unit, height = 26 * u;
    stage_tag(s, (tag){.kind = TAG_CAPTION, .part = index});
    stage_text_fitted(s, s->area.x, s->area.y + 9 * u, ANCHOR_LEFT,
                      caption == p->expression ? FACE_MONO : FACE_WORDS_BOLD, TYPE_LABEL * u, s->theme->ink, caption,
                      s->area.width);
    stage_tag(s, tag_none());
    s->area.y += height;
    s->area.height -= height;
}

/* One cell size for all parts: the least of what each can take. */
static float common_cell(stage *s, box all, int count, bool stacked, view_id view) {
    float least = INFINITY;
    for (int i = 0; i < count; i++) {
        s->area = part_area(s, all, i, count, stacked);
        s->area.y += count > 1 ? 26 * s->unit : 0;
        s->area.height -= count > 1 ? 26 * s->unit : 0;
        float cell = find_picture(s, view, i)(s, i, 1e6f, false);
        if (cell < 0) return -1;
        least = fminf(least, cell);
    }
    return least;
}

static bool draw_parts(stage *s, view_id view) {
    box all = s->area;
    int count = s->scene->part_count;
    bool foot = count == 1 && view == VIEW_SLIDE && s->settings->captions;
    if (foot) sum_foot_reserve(s);
    box whole = all;
    all = s->area;
    bool stacked = false;
    float cell = common_cell(s, all, count, false, view);
    if (count > 1) {
        float other = common_cell(s, all, count, true, view);
        stacked = other > cell * 1.1f;
        cell = fmaxf(cell, other);
    }
    if (cell < 0) return false;
    for (int i = 0; i < count; i++) {
        s->area = part_area(s, all, i, count, stacked);
        if (count > 1) part_head(s, i);
        if (find_picture(s, view, i)(s, i, cell, true) < 0) return false;
    }
    if (foot) sum_foot(s, 0, whole);
    return true;
}

bool figure_draw(display_list *l, scene *shown, const figure_settings *settings, failure *f) {
    stage s;
    set_up(&s, l, shown, settings, f);
    color background = s.theme->background;
    if (settings->transparent) background.a = 0;
    display_list_clear(l, settings->width, settings->height, background);
    stage_tag(&s, tag_none());
    if (settings->captions) stage_head(&s);
    bool zoomed = settings->zoom != 1 || settings->pan.x != 0 || settings->pan.y != 0;
    if (zoomed) {
        box clip = {0, s.area.y - 8 * s.unit, settings->width, settings->height - s.area.y + 8 * s.unit};
        point middle = {s.area.x + s.area.width / 2, s.area.y + s.area.height / 2};
        draw_clip(l, clip);
        s.unit *= settings->zoom;
        s.area.width *= settings->zoom;
        s.area.height *= settings->zoom;
        s.area.x = middle.x - s.area.width / 2 + settings->pan.x;
        s.area.y = middle.y - s.area.height / 2 + settings->pan.y;
    }
    bool drawn = draw_parts(&s, shown->document->view);
    if (zoomed) draw_unclip(l);
    if (l->failed) return fail(f, N_("Out of memory."), "");
    return drawn;
}

static void cover(box *all, bool *any, box b) {
    if (!*any) {
        *all = b;
        *any = true;
        return;
    }
    float right = fmaxf(all->x + all->width, b.x + b.width), bottom = fmaxf(all->y + all->height, b.y + b.height);
    all->x = fminf(all->x, b.x);
    all->y = fminf(all->y, b.y);
    all->width = right - all->x;
    all->height = bottom - all->y;
}

/* TEXT keeps its anchor point: where the glyphs begin follows from the anchor. */
static box item_box(const display_list *l, const item *i) {
    box b = i->box;
    switch (i->kind) {
    case ITEM_TEXT:
        b.x -= i->anchor == ANCHOR_MIDDLE ? b.width / 2 : i->anchor == ANCHOR_RIGHT ? b.width : 0;
        b.y -= b.height * 0.8f;
        return b;
    case ITEM_CIRCLE:
        return (box){b.x - i->radius, b.y - i->radius, 2 * i->radius, 2 * i->radius};
    case ITEM_POLYGON:
    case ITEM_POLYLINE:
        b = (box){l->points[i->first].x, l->points[i->first].y, 0, 0};
        for (size_t k = 1; k < i->count; k++) {
            bool any = true;
            cover(&b, &any, (box){l->points[i->first + k].x, l->points[i->first + k].y, 0, 0});
        }
        return b;
    default:
        return b;
    }
}

box figure_bounds(const display_list *l) {
    box all = {0, 0, l->width, l->height};
    bool any = false;
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        if (i->kind == ITEM_CLIP || i->kind == ITEM_UNCLIP) continue;
        box b = item_box(l, i);
        float half = i->paint.stroke.a ? i->paint.width / 2 : 0;
        cover(&all, &any, (box){b.x - half, b.y - half, b.width + 2 * half, b.height + 2 * half});
    }
    float right = fminf(l->width, all.x + all.width), bottom = fminf(l->height, all.y + all.height);
    all.x = fmaxf(0, all.x);
    all.y = fmaxf(0, all.y);
    all.width = right - all.x;
    all.height = bottom - all.y;
    return all;
}
