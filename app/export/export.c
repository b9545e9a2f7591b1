#include "export.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

static const struct {
    const char *extension;
    export_format format;
} extensions[] = {{".png", EXPORT_PNG}, {".svg", EXPORT_SVG}, {".pdf", EXPORT_PDF},
                  {".gif", EXPORT_GIF}, {".mp4", EXPORT_MP4}, {".webm", EXPORT_WEBM}};

const char *output_number(const char *pattern, size_t *length, int *digits) {
    for (const char *at = strchr(pattern, '%'); at; at = strchr(at + 1, '%')) {
        size_t k = 1;
        while (at[k] >= '0' && at[k] <= '9') k++;
        if (at[k] != 'd' || k > 3) continue;
        *length = k + 1;
        *digits = 0; /* two of them at most */
        for (size_t i = 1; i < k; i++) *digits = *digits * 10 + (at[i] - '0');
        return at;
    }
    return NULL;
}

const char *export_format_name(export_format format) {
    for (size_t k = 0; k < sizeof extensions / sizeof extensions[0]; k++)
        if (extensions[k].format == format) return extensions[k].extension + 1;
    return "";
}

static bool format_by_name(const export_settings *s, export_format *format, failure *f) {
    const char *slash = strrchr(s->output, '/'), *dot = strrchr(slash ? slash + 1 : s->output, '.');
    for (size_t k = 0; dot && k < sizeof extensions / sizeof extensions[0]; k++) {
        if (strcasecmp(dot, extensions[k].extension) != 0) continue;
        *format = extensions[k].format;
        return true;
    }
    struct stat about;
    *format = EXPORT_PNG;
    if (!dot && stat(s->output, &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode)) return true;
    return fail(
        f, N_("the output's name must end in .png, .svg, .pdf, .gif, .mp4 or .webm, or --format must say what it is"),
        "");
}

bool export_format_of(const export_settings *s, export_format *format, bool *sequence, failure *f) {
    size_t length = 0, again;
    int digits;
    const char *number = output_number(s->output, &length, &digits);
    *sequence = number != NULL;
    if (s->format_given)
        *format = s->format;
    else if (!format_by_name(s, format, f))
        return false;
    if (*sequence && *format != EXPORT_PNG && *format != EXPORT_SVG)
        return fail(f, N_("a numbered sequence is .png or .svg; a {0} file holds all frames itself"), "s",
                    export_format_name(*format));
    if (number && (strchr(number, '/') || output_number(number + length, &again, &digits)))
        return fail(f, N_("the number of a frame stands once, in the file's name, as in frames/%04d.png"), "");
    return true;
}

bool export_is_animation(const export_settings *s) {
    export_format format;
    bool sequence;
    if (!export_format_of(s, &format, &sequence, NULL)) return false;
    return sequence || format == EXPORT_GIF || format == EXPORT_MP4 || format == EXPORT_WEBM;
}

/* Python's slice, but an end that lies outside is refused. */
static bool choose_steps(export_plan *plan, failure *f) {
    const export_settings *s = plan->settings;
    const document *d = s->document;
    int64_t steps = plan->steps, first = d->first_step, last = d->last_step < 0 ? steps : d->last_step;
    if (s->steps_given) {
        first = s->first_given ? s->first : 0;
        last = s->last_given ? s->last : steps;
        if (first < 0) first += steps;
        if (last < 0) last += steps;
        if (first < 0 || first >= steps || last < 0 || last > steps)
            return fail(f, N_("there are {0} steps, counted from 0: the range {1}:{2} lies outside"), "ddd", steps,
                        s->first_given ? s->first : first, s->last_given ? s->last : last);
        if (first >= last)
            return fail(f, N_("the range of steps {0}:{1} is empty: its end is exclusive, 3:4 is the fourth step"),
                        "dd", first, last);
    }
    if (first > steps) first = steps;
    if (last > steps) last = steps;
    plan->time.first = first;
    plan->time.last = last;
    return true;
}

static bool check_settings(const export_settings *s, export_plan *plan, failure *f) {
    if (!export_format_of(s, &plan->format, &plan->sequence, f)) return false;
    bool moving = plan->sequence || plan->format >= EXPORT_GIF, gif = plan->format == EXPORT_GIF;
    if (s->width < 1 || s->height < 1 || s->width > EXPORT_MOST_PIXELS || s->height > EXPORT_MOST_PIXELS)
        return fail(f, N_("a picture is 1 to {0} pixels wide and high, not {1} x {2}"), "ddd",
                    (int64_t)EXPORT_MOST_PIXELS, (int64_t)s->width, (int64_t)s->height);
    if (s->sheet[0] > 0 && (s->sheet[0] > EXPORT_MOST_SHEET || s->sheet[1] < 1 || s->sheet[1] > EXPORT_MOST_SHEET))
        return fail(f, N_("a sheet has 1 to {0} columns and rows"), "d", (int64_t)EXPORT_MOST_SHEET);
    if (s->sheet[0] > 0 && moving) return fail(f, N_("a sheet is a still picture: .png, .svg or .pdf"), "");
    if (s->shard[1] > 0 && !plan->sequence)
        return fail(f, N_("only a numbered sequence, such as frames/%04d.png, can be rendered in shards"), "");
    if (s->shard[1] > 0 && (s->shard[0] < 1 || s->shard[0] > s->shard[1]))
        return fail(f, N_("shards are counted from 1: {0}/{1} is none of them"), "dd", (int64_t)s->shard[0],
                    (int64_t)s->shard[1]);
    plan->sheet = s->sheet[0] > 0;
    plan->fps = s->fps > 0 ? s->fps : gif ? 20 : 30;
    if (plan->fps > (gif ? 50 : 240))
        return fail(f,
                    gif ? N_("a GIF has at most 50 frames a second: its delays are hundredths of a second")
                        : N_("at most 240 frames a second"),
                    "");
    if (plan->fps < 0.01) return fail(f, N_("at least one frame in 100 seconds"), "");
    if (s->transparent && plan->format >= EXPORT_MP4)
        return fail(f, N_("a video has no transparency: leave it out, or choose PNG, GIF, SVG or PDF"), "");
    return true;
}

static void cover(box *all, box b) {
    if (b.width <= 0 || b.height <= 0) return;
    float right = fmaxf(all->x + all->width, b.x + b.width), bottom = fmaxf(all->y + all->height, b.y + b.height);
    if (all->width <= 0) {
        *all = b;
        return;
    }
    all->x = fminf(all->x, b.x);
    all->y = fminf(all->y, b.y);
    all->width = right - all->x;
    all->height = bottom - all->y;
}

/* What the frames cover together: a still, or the animation at its beginning, its end and between; with a margin. */
static bool find_crop(export_plan *plan, painter *p, failure *f) {
    enum { SAMPLES = 9 };
    plan->crop = (box){0, 0, plan->width, plan->height};
    if (!plan->settings->crop && !plan->sheet) return true;
    bool still = !plan->sequence && plan->format < EXPORT_GIF && !plan->sheet;
    box all = {0};
    for (int k = 0; k < (still ? 1 : SAMPLES); k++) {
        double when = timeline_duration(&plan->time) * k / (SAMPLES - 1);
        moment m = still ? export_still(plan) : timeline_at(&plan->time, when);
        if (!painter_figure(p, m, f)) return false;
        cover(&all, figure_bounds(&p->figure));
    }
    if (all.width <= 0 || all.height <= 0) return true;
    const float margin = 16;
    float left = fmaxf(0, floorf(all.x - margin)), top = fmaxf(0, floorf(all.y - margin));
    float right = fminf(plan->width, ceilf(all.x + all.width + margin));
    float bottom = fminf(plan->height, ceilf(all.y + all.height + margin));
    plan->crop = (box){left, top, right - left, bottom - top};
    return true;
}

static bool choose_pixels(export_plan *plan, failure *f) {
    const export_settings *s = plan->settings;
    double given = s->scale > 0 ? s->scale : 1;
    bool cropped = plan->crop.width != plan->width || plan->crop.height != plan->height;
    double w = cropped && !plan->sheet ? (double)plan->crop.width * plan->scale : s->width * given;
    double h = cropped && !plan->sheet ? (double)plan->crop.height * plan->scale : s->height * given;
    w = ceil(w - 1e-3);
    h = ceil(h - 1e-3);
    if (!(w >= 1 && h >= 1 && w <= EXPORT_MOST_PIXELS && h <= EXPORT_MOST_PIXELS))
        return fail(f, N_("a picture is 1 to {0} pixels wide and high, not {1} x {2}"), "ddd",
                    (int64_t)EXPORT_MOST_PIXELS, (int64_t)w, (int64_t)h);
    bool drawn = plan->format != EXPORT_SVG && plan->format != EXPORT_PDF;
    if (drawn && w * h > EXPORT_MOST_AREA)
        return fail(f, N_("a picture has at most {0} pixels in all, not {1} x {2}"), "ddd", (int64_t)EXPORT_MOST_AREA,
                    (int64_t)w, (int64_t)h);
    plan->pixel_width = (int)w;
    plan->pixel_height = (int)h;
    if (plan->format >= EXPORT_MP4) { /* their chroma is halved: the ground goes on for an odd column or row */
        plan->pixel_width += plan->pixel_width & 1;
        plan->pixel_height += plan->pixel_height & 1;
    }
    return true;
}

static bool choose_frames(export_plan *plan, failure *f) {
    const export_settings *s = plan->settings;
    int64_t frames = timeline_frames(&plan->time, plan->fps);
    if (export_is_animation(s) && !s->steps_given && frames > EXPORT_MOST_FRAMES)
        return fail(f,
                    N_("this would be {0} frames, more than {1}: choose steps with --steps A:B, a shorter --step-time "
                       "or fewer --fps"),
                    "dd", frames, (int64_t)EXPORT_MOST_FRAMES);
    int64_t k = s->shard[1] > 0 ? s->shard[0] : 1, n = s->shard[1] > 0 ? s->shard[1] : 1;
    plan->frame_first = frames / n * (k - 1) + (frames % n) * (k - 1) / n;
    plan->frame_last = frames / n * k + (frames % n) * k / n;
    return true;
}

/* Small pictures are laid out larger and then made smaller: below this size type has no room. */
static void choose_layout(export_plan *plan) {
    const float least_width = 640, least_height = 420, least_cell = 800;
    const export_settings *s = plan->settings;
    float width = (float)s->width, height = (float)s->height, grow;
    if (plan->sheet) {
        width /= (float)s->sheet[0];
        height /= (float)s->sheet[1];
        grow = fmaxf(1, least_cell / width);
    } else {
        grow = fmaxf(1, fmaxf(least_width / width, least_height / height));
        plan->scale /= (double)grow;
    }
    plan->width = ceilf(width * grow - 1e-3f);
    plan->height = ceilf(height * grow - 1e-3f);
}

static bool make_plan(export_plan *plan, painter *p, failure *f) {
    const export_settings *s = plan->settings;
    if (!painter_open(p, plan, f)) return false;
    plan->steps = p->scene.steps;
    if (!choose_steps(plan, f)) return false;
    int64_t taps = 0;
    if (plan->time.last > plan->time.first && !scene_taps(&p->scene, 0, plan->time.first, &taps, NULL, f)) return false;
    plan->time = timeline_make(plan->time.first, plan->time.last, s->step_time, taps, s->reduced_motion);
    choose_layout(plan);
    return find_crop(plan, p, f) && choose_pixels(plan, f) && choose_frames(plan, f);
}

bool output_progress(const export_plan *plan, int64_t done, int64_t total, failure *f) {
    const export_settings *s = plan->settings;
    if (!s->progress || s->progress(s->progress_context, done, total)) return true;
    return fail(f, N_("stopped"), "");
}

bool export_measures(const export_settings *s) {
    return s->document->view == VIEW_COST || s->document->view == VIEW_ENGINE;
}

static conv_engine *whole_engine(const export_settings *s) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = s->threads;
    options.allocator = memory_allocator();
    conv_engine *engine;
    return conv_engine_create(&options, &engine, NULL) == CONV_OK ? engine : NULL;
}

static int worker_count(const export_settings *s) {
    conv_engine *engine = whole_engine(s);
    if (!engine) return 1;
    int count = conv_engine_threads(engine);
    conv_engine_destroy(engine);
    return count;
}

/* A view that shows measurements: they are made once, with all threads, and every worker shows them. */
static bool measure(export_plan *plan, painter *recorder, failure *f) {
    view_id view = plan->settings->document->view;
    if (!export_measures(plan->settings)) return true;
    conv_engine *engine = whole_engine(plan->settings);
    if (!engine) return fail_memory(f);
    bool ok = painter_open(recorder, plan, f) && figure_prepare_on(&recorder->scene, view, engine, NULL, f);
    conv_engine_destroy(engine);
    plan->recorded = ok ? &recorder->scene : NULL;
    return ok;
}

bool export_run(const export_settings *given, failure *f) {
    export_settings s = *given;
    export_plan plan = {.settings = &s, .typefaces = s.typefaces, .scale = s.scale > 0 ? s.scale : 1};
    bool gif = export_format_of(&s, &plan.format, &plan.sequence, NULL) && plan.format == EXPORT_GIF;
    if (s.width == 0 && s.height == 0) {
        s.width = gif ? 640 : 1280;
        s.height = gif ? 480 : 720;
    }
    if (!check_settings(&s, &plan, f)) return false;
    fonts *own = NULL;
    if (!plan.typefaces) {
        if (!fonts_create(&own, f)) return false;
        plan.typefaces = own;
    }
    plan.threads = worker_count(&s);
    painter first = {0}, recorder = {0};
    bool ok = measure(&plan, &recorder, f) && make_plan(&plan, &first, f);
    if (ok) {
        bool pages = plan.format == EXPORT_PDF;
        ok = plan.sequence               ? output_sequence(&plan, &first, f)
             : plan.format == EXPORT_GIF ? output_gif(&plan, &first, f)
             : plan.format > EXPORT_GIF  ? output_video(&plan, &first, f)
             : pages                     ? output_pages(&plan, &first, f)
                                         : output_still(&plan, &first, f);
    }
    painter_close(&first);
    painter_close(&recorder);
    fonts_destroy(own);
    return ok;
}
