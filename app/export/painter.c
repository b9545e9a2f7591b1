#include "painter.h"

#include "app/document/lesson.h"
#include "app/language/language.h"
#include "app/system/memory.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

bool painter_open(painter *p, const export_plan *plan, failure *f) {
    if (p->open) return true;
    p->plan = plan;
    const export_settings *s = plan->settings;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1; /* the frames are what runs in parallel */
    options.allocator = memory_allocator();
    conv_error error = {0};
    if (conv_engine_create(&options, &p->engine, &error) != CONV_OK) return fail_engine(f, &error);
    if (!scene_open(&p->scene, s->document, p->engine, s->base, f)) {
        conv_engine_destroy(p->engine);
        p->engine = NULL;
        return false;
    }
    p->open = true;
    return !plan->recorded || figure_carry(&p->scene, plan->recorded, f);
}

void painter_close(painter *p) {
    if (p->open) scene_close(&p->scene);
    conv_engine_destroy(p->engine);
    display_list_destroy(&p->figure);
    display_list_destroy(&p->list);
    display_list_destroy(&p->before);
    raster_destroy(p->raster);
    png_destroy(p->png);
    memory_free(p->target.pixels);
    *p = (painter){0};
}

/* Pixels and what draws them; only made for those who need them. */
static bool prepare_pixels(painter *p, failure *f) {
    if (p->target.pixels) return true;
    const export_plan *plan = p->plan;
    if (!p->raster && !raster_create(&p->raster, plan->typefaces, f)) return false;
    void *pixels = memory_resize(NULL, (size_t)plan->pixel_width * (size_t)plan->pixel_height, 4);
    if (!pixels) return fail_memory(f);
    p->target = (raster_target){
        .pixels = pixels, .width = plan->pixel_width, .height = plan->pixel_height, .stride = plan->pixel_width * 4};
    return true;
}

static color background_of(const export_settings *s) {
    const color none = {0};
    return s->transparent ? none : theme_get(s->theme)->background;
}

bool painter_figure(painter *p, moment m, failure *f) {
    const export_settings *s = p->plan->settings;
    figure_settings look;
    figure_defaults(&look);
    look.width = p->plan->width;
    look.height = p->plan->height;
    look.theme = s->theme;
    look.language = s->language;
    look.fonts = p->plan->typefaces;
    look.moment = m;
    look.captions = !s->no_caption && !p->plan->sheet; /* a sheet has one heading for all */
    look.reduced_motion = s->reduced_motion;
    look.transparent = s->transparent;
    failure said = {0};
    if (!figure_draw(&p->figure, &p->scene, &look, &said)) {
        if (said.error.message[0] == 0) return fail_memory(f); /* the list itself ran out */
        if (f) *f = said;
        return false;
    }
    if (p->figure.failed) return fail_memory(f);
    p->figure.background = background_of(s);
    return true;
}

/* Which step the k-th picture of a sheet shows: each in turn, or evenly spread from the first to the last. */
static int64_t sheet_step(const export_plan *plan, int k, int count) {
    int64_t steps = plan->time.last - plan->time.first;
    if (steps <= count) return plan->time.first + k;
    return plan->time.first + (int64_t)llround((double)(steps - 1) * k / (count > 1 ? count - 1 : 1));
}

/* The document's title without the mark-up of roles; else the first part's expression. */
static face heading(painter *p, char *text, int size, failure *f) {
    const document *d = p->plan->settings->document;
    language l = p->plan->settings->language;
    const char *title = l == LANGUAGE_ZH && d->title_zh ? d->title_zh : d->title_en;
    char filled[512];
    if (!title || !lesson_fill(title, &p->scene, export_still(p->plan), l, filled, sizeof filled, f)) {
        snprintf(text, (size_t)size, "%s", d->parts[0].expression ? d->parts[0].expression : "");
        return FACE_MONO;
    }
    int count = 0;
    for (const char *c = filled; *c && count + 1 < size; c++) {
        const char *bar = c[0] == '[' && c[1] == '[' ? strchr(c, '|') : NULL;
        if (bar)
            c = bar;
        else if (c[0] == ']' && c[1] == ']')
            c++;
        else
            text[count++] = *c;
    }
    text[count] = 0;
    return FACE_WORDS_BOLD;
}

/* The heading on top; returns the height it takes. */
static float draw_heading(painter *p, failure *f) {
    const export_settings *s = p->plan->settings;
    float size = fmaxf(10, fminf(28, (float)s->height * 0.028f)), width = (float)s->width - 2 * size;
    char text[512];
    if (s->no_caption) return 0;
    face which = heading(p, text, sizeof text, f);
    float measured = text_measure(p->plan->typefaces, which, size, text, strlen(text)).width;
    if (measured > width) size *= width / measured;
    p->list.current = (tag){.kind = TAG_CAPTION};
    draw_text(&p->list, p->plan->typefaces, (point){0.5f * (float)s->width, size * 1.7f}, ANCHOR_MIDDLE, which, size,
              theme_get(s->theme)->ink, text);
    return size * 2.2f;
}

static bool draw_sheet(painter *p, failure *f) {
    const export_plan *plan = p->plan;
    const export_settings *s = plan->settings;
    const theme *t = theme_get(s->theme);
    int columns = s->sheet[0], rows = s->sheet[1], count = columns * rows;
    int64_t steps = plan->time.last - plan->time.first;
    display_list_clear(&p->list, (float)s->width, (float)s->height, background_of(s));
    float head = draw_heading(p, f);
    float cell_width = (float)s->width / (float)columns, cell_height = ((float)s->height - head) / (float)rows;
    float label = fmaxf(7, fminf(16, cell_height * 0.06f)), room = label * 2;
    float fit = fminf((cell_width - 2 * label) / plan->crop.width, (cell_height - room) / plan->crop.height);
    for (int k = 0; k < count && k < steps && fit > 0; k++) {
        int64_t step = sheet_step(plan, k, count);
        if (!painter_figure(p, (moment){step, 1}, f)) return false;
        float x = (float)(k % columns) * cell_width, y = head + (float)(k / columns) * cell_height;
        box in = {x + 0.5f * (cell_width - fit * plan->crop.width),
                  y + room + 0.5f * (cell_height - room - fit * plan->crop.height), fit * plan->crop.width,
                  fit * plan->crop.height};
        char text[96];
        tr_format(s->language, text, sizeof text, N_("step {0} of {1}"), "dd", step + 1, plan->steps);
        p->list.current = (tag){.kind = TAG_LABEL};
        draw_text(&p->list, plan->typefaces, (point){in.x + fit * 16, in.y - label * 0.4f}, ANCHOR_LEFT, FACE_WORDS,
                  label, t->ink_soft, text);
        draw_clip(&p->list, in);
        draw_list(&p->list, &p->figure, (point){in.x - fit * plan->crop.x, in.y - fit * plan->crop.y}, fit);
        draw_unclip(&p->list);
    }
    return !p->list.failed || fail_memory(f);
}

bool painter_list(painter *p, moment m, failure *f) {
    const export_plan *plan = p->plan;
    if (plan->sheet) return draw_sheet(p, f);
    if (!painter_figure(p, m, f)) return false;
    if (plan->crop.width == plan->width && plan->crop.height == plan->height) { /* not cropped: no copy */
        display_list swap = p->list;
        p->list = p->figure;
        p->figure = swap;
        return true;
    }
    display_list_clear(&p->list, plan->crop.width, plan->crop.height, p->figure.background);
    draw_list(&p->list, &p->figure, (point){-plan->crop.x, -plan->crop.y}, 1);
    return !p->list.failed || fail_memory(f);
}

bool painter_draw(painter *p, moment m, failure *f) {
    if (!prepare_pixels(p, f) || !painter_list(p, m, f)) return false;
    float scale = (float)p->plan->scale;
    p->changed = (raster_box){0, 0, p->target.width, p->target.height};
    if (p->drawn) {
        p->changed = raster_difference(&p->before, &p->list, scale);
        if (p->changed.right > p->target.width) p->changed.right = p->target.width;
        if (p->changed.bottom > p->target.height) p->changed.bottom = p->target.height;
    }
    if (p->changed.right > p->changed.left && p->changed.bottom > p->changed.top &&
        !raster_draw(p->raster, &p->list, scale, p->target, &p->changed, f))
        return false;
    display_list swap = p->before;
    p->before = p->list;
    p->list = swap;
    p->drawn = true;
    return true;
}

moment export_moment(const export_plan *plan, int64_t frame) {
    return timeline_frame(&plan->time, plan->fps, frame);
}

moment export_still(const export_plan *plan) {
    return (moment){plan->time.last > plan->time.first ? plan->time.last - 1 : plan->time.first, 1};
}
