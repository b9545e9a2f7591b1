#include "figure.h"
#include "app/system/memory.h"
#include "equivalent.h"
#include "motion.h"
#include "recall.h"
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

/* What views measure before they are drawn. */
typedef struct measured_view {
    bool (*measure)(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f);
    bool (*known)(scene *s, int index);
    bool whole; /* all parts at once, under the first one's name */
} measured_view;

static const measured_view measured_views[VIEW_COUNT] = {
    [VIEW_FIELD] = {field_measure, field_known, false},
    [VIEW_COST] = {cost_measure, cost_known, true},
    [VIEW_ENGINE] = {engine_record, engine_known, false},
};

bool figure_prepare(scene *s, view_id view, failure *f) {
    return figure_prepare_on(s, view, s->engine, NULL, f);
}

bool figure_prepare_on(scene *s, view_id view, conv_engine *engine, const atomic_bool *stop, failure *f) {
    const measured_view *m = &measured_views[view];
    bool ok = true;
    for (int i = 0; ok && m->measure && i < (m->whole ? 1 : s->part_count); i++) ok = m->measure(s, i, engine, stop, f);
    return ok;
}

bool figure_prepared(scene *s, view_id view) {
    const measured_view *m = &measured_views[view];
    bool all = true;
    for (int i = 0; all && m->measure && i < (m->whole ? 1 : s->part_count); i++) all = m->known(s, i);
    return all;
}

bool figure_carry(scene *to, scene *from, failure *f) {
    recall_key key;
    size_t size;
    const void *data;
    for (int k = 0; (data = recall_flat(from, k, &key, &size)); k++) {
        void *copy = memory_resize(NULL, 1, size);
        if (!copy) return fail_memory(f);
        memcpy(copy, data, size);
        if (!recall_keep_flat(to, key, copy, size)) return fail_memory(f);
    }
    return true;
}

#define SCALE_MOST 1.35f
#define WORDS_MOST 1.2f
#define CELL_ENOUGH 7.0f
#define CELL_READABLE 26.0f

/* Type and gaps grow with the picture, so that a full screen can be read from the last row. */
static float own_unit(const figure_settings *settings) {
    return fminf(3, fmaxf(0.84f, fminf(settings->width / 1100, settings->height / 740)));
}

/* They grow with the reader's scale too, as far as the picture keeps its room; the words about it may go further. */
static float unit_for(const figure_settings *settings) {
    float own = own_unit(settings);
    return fminf(settings->scale * own, fmaxf(own, 1) * SCALE_MOST);
}

static float words_for(const figure_settings *settings) {
    return fmaxf(unit_for(settings), settings->scale * fminf(own_unit(settings), WORDS_MOST));
}

/* With type of that size: where the head and the picture go. */
static void place_stage(stage *s, float unit) {
    const figure_settings *settings = s->settings;
    float margin = fminf(48, fmaxf(20, settings->width * 0.028f)) * unit;
    s->unit = unit;
    s->words = words_for(settings) * unit / unit_for(settings);
    s->line = fmaxf(1, floorf(unit + 0.3f));
    s->area = (box){margin, margin * 0.8f, settings->width - 2 * margin, settings->height - margin * 1.5f};
    s->beside = false;
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
    };
    place_stage(s, unit_for(settings));
}

/* The part's place: parts stand side by side, or in fewer columns where that gives larger cells. */
static box part_area(const stage *s, box all, int index, int count, int columns) {
    const float gap = 36 * s->unit;
    const int lines = (count + columns - 1) / columns;
    const float width = (all.width - gap * (float)(columns - 1)) / (float)columns;
    const float height = (all.height - gap * (float)(lines - 1)) / (float)lines;
    return (box){all.x + (float)(index % columns) * (width + gap), all.y + (float)(index / columns) * (height + gap),
                 width, height};
}

/* What stands side by side: the parts of the document, or a transposed convolution and its equivalent. */
typedef struct place {
    stage stage;
    int index;
    const char *caption; /* NULL: none */
    face face;
} place;

enum { PLACES_MOST = DOCUMENT_MAX_PARTS, PLACE_HEAD = 28 };

static int find_places(stage *s, view_id view, place places[PLACES_MOST]) {
    int count = s->scene->part_count;
    for (int i = 0; i < count; i++) {
        const part *p = &s->document->parts[i];
        const char *own = s->language == LANGUAGE_ZH && p->caption_zh ? p->caption_zh : p->caption_en;
        places[i] = (place){*s, i, own ? own : p->expression, own ? FACE_WORDS_BOLD : FACE_MONO};
    }
    if (count > 1 && view != VIEW_COST) return count;
    places[0].caption = NULL;
    if (view == VIEW_COST) return 1; /* it sets the parts beside each other itself */
    equivalent *e = s->document->zero_insertion && view == VIEW_SLIDE ? equivalent_of(s, 0) : NULL;
    if (!e) return count;
    places[0].caption = tr(s->language, N_("as stamps that add up"));
    places[0].face = FACE_WORDS_BOLD;
    places[1] = (place){equivalent_stage(s, 0, e), 0, tr(s->language, N_("as zeros put in, then the flipped kernel")),
                        FACE_WORDS_BOLD};
    return 2;
}

/* The place's own words over it; takes their room. */
static void place_head(stage *s, const place *p, bool draw) {
    float u = s->unit;
    if (!p->caption) return;
    if (draw) {
        stage_tag(s, (tag){.kind = TAG_CAPTION, .part = p->index});
        stage_text_fitted(s, s->area.x, s->area.y + 9 * u, ANCHOR_LEFT, p->face, TYPE_LABEL * u, s->theme->ink,
                          p->caption, s->area.width);
        stage_tag(s, tag_none());
    }
    s->area.y += PLACE_HEAD * u;
    s->area.height -= PLACE_HEAD * u;
}

/* The least of what each place can take, none more than `most`. */
static float least_cell(place *places, int count, box all, int columns, view_id view, float most) {
    float least = most;
    for (int i = 0; i < count; i++) {
        stage *s = &places[i].stage;
        s->area = part_area(s, all, i, count, columns);
        place_head(s, &places[i], false);
        float side = find_picture(s, view, places[i].index)(s, places[i].index, most, false);
        if (side < 0) return -1;
        least = fminf(least, side);
    }
    return least;
}

/* One cell size for all. With less of it a picture may take another arrangement, and still less: until all agree. */
static float common_cell(place *places, int count, box all, int columns, view_id view) {
    enum { ROUNDS = 5 };
    float least = least_cell(places, count, all, columns, view, 1e6f);
    for (int k = 0; k < ROUNDS && count > 1 && least > 0; k++) {
        float next = least_cell(places, count, all, columns, view, least);
        if (next < 0 || next >= least * 0.9995f) return next < 0 ? next : least;
        least = next;
    }
    return least;
}

/* How the parts share s->area. */
typedef struct sharing {
    place places[PLACES_MOST];
    int count;
    box whole, all; /* with and without the foot's room */
    bool foot;
    int columns;
    float side;                         /* of a cell; < 0: it cannot be drawn */
    arrangement_form form[PLACES_MOST]; /* of each part */
} sharing;

static void share(stage *s, view_id view, sharing *h) {
    h->foot = s->scene->part_count == 1 && view == VIEW_SLIDE && s->settings->captions && !s->beside;
    h->whole = s->area;
    if (h->foot) sum_foot_reserve(s);
    h->all = s->area;
    s->area = h->whole;
    h->count = find_places(s, view, h->places);
    h->columns = h->count;
    h->side = common_cell(h->places, h->count, h->all, h->columns, view);
    /* Side by side is what captions speak of; but narrow places leave photographs no room for the kernel. */
    const float better = view == VIEW_SLIDE && slide_is_photo(s, 0) ? 1.15f : 1.5f;
    for (int columns = h->count > 3 ? 2 : 1; columns >= 1 && h->count > 1; columns--) {
        const float other = common_cell(h->places, h->count, h->all, columns, view);
        if (other <= h->side * better) continue;
        h->side = other;
        h->columns = columns;
    }
}

/* A word of the caption that names a role lights its cells; the slide view frames their planes itself. */
static void light_cells(const stage *s) {
    const tag *h = &s->settings->hover;
    const size_t count = s->list->item_count;
    if (h->kind != TAG_CAPTION || h->role == ROLE_NONE) return;
    const paint look = stage_stroke(s, s->theme->roles[h->role].strong, 2);
    stage_tag(s, tag_none());
    for (size_t i = 0; i < count; i++) { /* drawing moves the list's memory */
        const item it = s->list->items[i];
        if ((it.tag.kind != TAG_CELL && it.tag.kind != TAG_TENSOR) || it.tag.role != h->role) continue;
        if (it.kind == ITEM_RECT) draw_rect(s->list, it.box, 0, look);
        if (it.kind != ITEM_POLYGON || it.count != 4) continue;
        const point *p = &s->list->points[it.first], corner[4] = {p[0], p[1], p[2], p[3]};
        draw_polygon(s->list, corner, 4, look);
    }
}

/* How each part is arranged with cells of that size; false: not all of them can say. */
static bool note_forms(sharing *h, view_id view, arrangement_form form[PLACES_MOST]) {
    for (int i = 0; i < h->count; i++) {
        stage *s = &h->places[i].stage;
        form[i] = (arrangement_form){0};
        s->made = &form[i];
        s->area = part_area(s, h->all, i, h->count, h->columns);
        place_head(s, &h->places[i], false);
        const float side = find_picture(s, view, h->places[i].index)(s, h->places[i].index, h->side, false);
        s->made = NULL;
        if (side < 0 || form[i].count == 0 || form[i].count != form[0].count) return false;
    }
    return true;
}

static void take_form(sharing *h, const arrangement_form *form) {
    for (int i = 0; i < h->count; i++) h->places[i].stage.form = form;
}

/* Parts of one form can be compared at a glance: one part's, if with it the cells of all stay nearly as large and show
 * as much. */
static void share_form(view_id view, sharing *h) {
    const float before = h->side, enough = 0.97f * before;
    arrangement_form made[PLACES_MOST];
    bool alike = true;
    if (view != VIEW_SLIDE || h->count < 2 || before <= 0 || !note_forms(h, view, h->form)) return;
    for (int i = 1; i < h->count; i++) alike = alike && arrange_same_form(&h->form[i], &h->form[0]);
    for (int k = 0; k < h->count && !alike; k++) {
        take_form(h, &h->form[k]);
        h->side = common_cell(h->places, h->count, h->all, h->columns, view);
        bool whole = h->side >= enough && note_forms(h, view, made);
        for (int i = 0; i < h->count && whole; i++) whole = arrange_shows_as_much(&made[i], &h->form[i]);
        if (whole) return;
    }
    take_form(h, NULL);
    h->side = before;
}

static bool draw_parts(stage *s, view_id view) {
    sharing h = {0};
    for (int tries = 0; tries < 4; tries++) { /* where even the words leave no room, type gives way */
        share(s, view, &h);
        if (h.side < 0 || h.side >= CELL_ENOUGH || view != VIEW_SLIDE || slide_is_photo(s, 0)) break;
        s->unit *= 0.8f;
    }
    if (h.side < 0) return false;
    share_form(view, &h);
    for (int i = 0; i < h.count; i++) {
        stage *own = &h.places[i].stage;
        own->area = part_area(own, h.all, i, h.count, h.columns);
        place_head(own, &h.places[i], true);
        if (find_picture(own, view, h.places[i].index)(own, h.places[i].index, h.side, true) < 0) return false;
    }
    if (view == VIEW_MATRIX || view == VIEW_FIELD) light_cells(s);
    if (h.foot && slide_is_photo(s, 0)) s->moment = slide_photo_moment(s, 0);
    if (h.foot) sum_foot(s, 0, h.whole);
    return true;
}

/* The side of a cell when type has that size; 0 where the words leave the picture too low a strip. Title and caption
 * are drawn to see how much room they take. */
static float side_at(stage *s, float unit) {
    const float least_height = 130;
    sharing h = {0};
    display_list_clear(s->list, s->settings->width, s->settings->height, s->list->background);
    place_stage(s, unit);
    if (s->settings->captions) stage_head(s);
    stage measured = *s;
    share(&measured, s->document->view, &h);
    return h.side > 0 && h.all.height < least_height * unit ? 0 : h.side;
}

/* Title and caption, as large as the reader wants; but where cells would become too small for their numbers, type gives
 * way down to its usual size: the numbers are what the picture is about. */
static void draw_head(stage *s) {
    const float wanted = s->unit, least = fminf(wanted, own_unit(s->settings)), step = 0.93f;
    const float side = side_at(s, wanted), readable = slide_is_photo(s, 0) ? INFINITY : CELL_READABLE;
    if (least >= wanted || side < 0 || side >= readable || s->document->view != VIEW_SLIDE) return;
    const float goal = fminf(readable, 0.9f * side_at(s, least));
    float unit = wanted;
    while (unit > least) {
        if (side_at(s, unit) >= goal) return;
        unit *= step;
    }
    side_at(s, least);
}

/* The picture in another view or style. */
static bool draw_aside(const stage *s, display_list *aside, view_id view, style_id style) {
    stage own = *s;
    document other = *s->document;
    other.view = view;
    other.style = style;
    own.document = &other;
    own.list = aside;
    const figure_settings *set = s->settings;
    const bool another = view != s->document->view || style != s->document->style;
    if (another && set->zoom == 1 && set->pan.x == 0 && set->pan.y == 0) { /* with type of its own size */
        place_stage(&own, unit_for(set));
        draw_head(&own);
    }
    display_list_clear(aside, s->list->width, s->list->height, s->list->background);
    stage_tag(&own, tag_none());
    return draw_parts(&own, view) && !aside->failed;
}

/* A picture without its head: title and caption come first, and change at once. */
static display_list without_head(const display_list *l) {
    display_list rest = *l;
    while (rest.item_count && rest.items->tag.kind == TAG_CAPTION) {
        rest.items++;
        rest.item_count--;
    }
    return rest;
}

/* While the picture changes both of them are drawn aside, and what they share flies. */
static bool draw_motion(stage *s) {
    const figure_settings *set = s->settings;
    display_list from, to;
    memset(&from, 0, sizeof from);
    memset(&to, 0, sizeof to);
    bool ok = draw_aside(s, &to, s->document->view, s->document->style);
    if (ok && !set->before) ok = draw_aside(s, &from, set->view_from, set->style_from);
    const display_list before = set->before ? without_head(set->before) : from;
    if (ok) motion_between(s->list, s->fonts, &before, &to, (float)set->view_progress);
    display_list_destroy(&from);
    display_list_destroy(&to);
    return ok;
}

/* Whether another picture is on its way to this one. */
static bool moves(const figure_settings *set, const document *d) {
    if (set->view_progress >= 1 || set->reduced_motion) return false;
    return set->before || set->view_from != d->view || set->style_from != d->style;
}

bool figure_draw(display_list *l, scene *shown, const figure_settings *settings, failure *f) {
    stage s = {0};
    long refused = memory_refused();
    failure own = {0}; /* a picture that ran out of memory may leave no words */
    set_up(&s, l, shown, settings, &own);
    color background = s.theme->background;
    if (settings->transparent) background.a = 0;
    display_list_clear(l, settings->width, settings->height, background);
    stage_tag(&s, tag_none());
    draw_head(&s);
    bool zoomed = settings->zoom != 1 || settings->pan.x != 0 || settings->pan.y != 0;
    if (zoomed) {
        box clip = {0, s.area.y - 8 * s.unit, settings->width, settings->height - s.area.y + 8 * s.unit};
        if (s.beside) clip = (box){s.area.x - 8 * s.unit, 0, settings->width - s.area.x + 8 * s.unit, settings->height};
        point middle = {settings->width / 2, settings->height / 2}; /* of the whole: the window reckons with it */
        draw_clip(l, clip);
        s.unit *= settings->zoom;
        s.area.x = middle.x + (s.area.x - middle.x) * settings->zoom + settings->pan.x;
        s.area.y = middle.y + (s.area.y - middle.y) * settings->zoom + settings->pan.y;
        s.area.width *= settings->zoom;
        s.area.height *= settings->zoom;
    }
    bool drawn = moves(settings, shown->document) ? draw_motion(&s) : draw_parts(&s, shown->document->view);
    if (zoomed) draw_unclip(l);
    bool short_of = l->failed || memory_refused() != refused; /* a picture may lack something then */
    if (drawn && !short_of) return true;
    if (!own.error.format || short_of) return fail_memory(f);
    if (f) *f = own;
    return false;
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

box figure_bounds(const display_list *l) {
    box all = {0, 0, l->width, l->height};
    bool any = false;
    for (size_t k = 0; k < l->item_count; k++) {
        const item *i = &l->items[k];
        if (i->kind == ITEM_CLIP || i->kind == ITEM_UNCLIP) continue;
        cover(&all, &any, item_bounds(l, i));
    }
    float right = fminf(l->width, all.x + all.width), bottom = fminf(l->height, all.y + all.height);
    all.x = fmaxf(0, all.x);
    all.y = fmaxf(0, all.y);
    all.width = right - all.x;
    all.height = bottom - all.y;
    return all;
}
