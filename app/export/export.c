#include "export.h"

#include "app/language/language.h"
#include "app/system/memory.h"
#include "output.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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
        *digits = atoi(at + 1);
        return at;
    }
    return NULL;
}

bool export_format_of(const char *output, export_format *format, bool *sequence, failure *f) {
    const char *slash = strrchr(output, '/'), *name = slash ? slash + 1 : output, *dot = strrchr(name, '.');
    size_t length;
    int digits;
    const char *number = output_number(output, &length, &digits);
    *sequence = number != NULL;
    for (size_t k = 0; dot && k < sizeof extensions / sizeof extensions[0]; k++) {
        if (strcasecmp(dot, extensions[k].extension) != 0) continue;
        *format = extensions[k].format;
        if (*sequence && *format != EXPORT_PNG && *format != EXPORT_SVG)
            return fail(f, N_("A numbered sequence is .png or .svg; a {0} file holds all frames itself."), "s", dot);
        if (*sequence && (strchr(number, '/') || output_number(number + length, &length, &digits)))
            return fail(f, N_("The number of a frame stands once, in the file's name, as in frames/%04d.png."), "");
        return true;
    }
    return fail(f, N_("The output's name must end in .png, .svg, .pdf, .gif, .mp4 or .webm."), "");
}

bool export_is_animation(const export_settings *s) {
    export_format format;
    bool sequence;
    if (!export_format_of(s->output, &format, &sequence, NULL) || s->sheet[0] > 0) return false;
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
            return fail(f, N_("There are {0} steps, counted from 0: the range {1}:{2} lies outside."), "ddd", steps,
                        s->first_given ? s->first : first, s->last_given ? s->last : last);
        if (first >= last)
            return fail(f, N_("The range of steps {0}:{1} is empty: its end is exclusive, 3:4 is the fourth step."),
                        "dd", first, last);
    }
    if (first > steps) first = steps;
    if (last > steps) last = steps;
    plan->time.first = first;
    plan->time.last = last;
    return true;
}

static bool check_settings(const export_settings *s, export_plan *plan, failure *f) {
    if (!export_format_of(s->output, &plan->format, &plan->sequence, f)) return false;
    bool moving = plan->sequence || plan->format >= EXPORT_GIF, gif = plan->format == EXPORT_GIF;
    if (s->width < 1 || s->height < 1 || s->width > EXPORT_MOST_PIXELS || s->height > EXPORT_MOST_PIXELS)
        return fail(f, N_("A picture is 1 to {0} pixels wide and high, not {1} x {2}."), "ddd",
                    (int64_t)EXPORT_MOST_PIXELS, (int64_t)s->width, (int64_t)s->height);
    if (s->sheet[0] > 0 && (s->sheet[0] > EXPORT_MOST_SHEET || s->sheet[1] < 1 || s->sheet[1] > EXPORT_MOST_SHEET))
        return fail(f, N_("A sheet has 1 to {0} columns and rows."), "d", (int64_t)EXPORT_MOST_SHEET);
    if (s->sheet[0] > 0 && moving) return fail(f, N_("A sheet is a still picture: .png, .svg or .pdf."), "");
    if (s->shard[1] > 0 && !plan->sequence)
        return fail(f, N_("Only a numbered sequence, such as frames/%04d.png, can be rendered in shards."), "");
    if (s->shard[1] > 0 && (s->shard[0] < 1 || s->shard[0] > s->shard[1]))
        return fail(f, N_("Shards are counted from 1: {0}/{1} is none of them."), "dd", (int64_t)s->shard[0],
                    (int64_t)s->shard[1]);
    plan->fps = s->fps > 0 ? s->fps : gif ? 20 : 30;
    if (plan->fps > (gif ? 50 : 240))
        return fail(f,
                    gif ? N_("A GIF has at most 50 frames a second: its delays are hundredths of a second.")
                        : N_("At most 240 frames a second."),
                    "");
    if (plan->fps < 0.01) return fail(f, N_("At least one frame in 100 seconds."), "");
    if (s->transparent && plan->format >= EXPORT_MP4)
        return fail(f, N_("A video has no transparency: leave it out, or choose PNG, GIF, SVG or PDF."), "");
    return true;
}

/* What the frames cover together: the figure at its beginning, its end and between, with a margin. The same for every
 * part of a lesson, so that frames rendered apart fit together. */
static bool find_crop(export_plan *plan, painter *p, failure *f) {
    enum { SAMPLES = 9 };
    plan->crop = (box){0, 0, plan->width, plan->height};
    if (!plan->settings->crop) return true;
    bool still = !plan->sequence && plan->format < EXPORT_GIF && plan->settings->sheet[0] == 0;
    float left = INFINITY, top = INFINITY, right = -INFINITY, bottom = -INFINITY;
    for (int k = 0; k < SAMPLES; k++) {
        moment m =
            still ? export_still(plan) : timeline_at(&plan->time, timeline_duration(&plan->time) * k / (SAMPLES - 1));
        if (!painter_figure(p, m, f)) return false;
        box b = figure_bounds(&p->figure);
        if (b.width > 0 && b.height > 0) {
            left = fminf(left, b.x);
            top = fminf(top, b.y);
            right = fmaxf(right, b.x + b.width);
            bottom = fmaxf(bottom, b.y + b.height);
        }
        if (still) break;
    }
    if (!(right > left && bottom > top)) return true;
    float margin = 16;
    left = fmaxf(0, floorf(left - margin));
    top = fmaxf(0, floorf(top - margin));
    right = fminf(plan->width, ceilf(right + margin));
    bottom = fminf(plan->height, ceilf(bottom + margin));
    plan->crop = (box){left, top, right - left, bottom - top};
    return true;
}

static bool choose_pixels(export_plan *plan, failure *f) {
    const export_settings *s = plan->settings;
    bool sheet = s->sheet[0] > 0;
    double w = ceil((sheet ? s->width : (double)plan->crop.width) * plan->scale - 1e-6);
    double h = ceil((sheet ? s->height : (double)plan->crop.height) * plan->scale - 1e-6);
    if (!(w >= 1 && h >= 1 && w <= EXPORT_MOST_PIXELS && h <= EXPORT_MOST_PIXELS))
        return fail(f, N_("A picture is 1 to {0} pixels wide and high, not {1} x {2}."), "ddd",
                    (int64_t)EXPORT_MOST_PIXELS, (int64_t)w, (int64_t)h);
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
                    N_("This would be {0} frames, more than {1}: choose steps with --steps A:B, a shorter --step-time "
                       "or fewer --fps."),
                    "dd", frames, (int64_t)EXPORT_MOST_FRAMES);
    int64_t k = s->shard[1] > 0 ? s->shard[0] : 1, n = s->shard[1] > 0 ? s->shard[1] : 1;
    plan->frame_first = frames / n * (k - 1) + (frames % n) * (k - 1) / n;
    plan->frame_last = frames / n * k + (frames % n) * k / n;
    return true;
}

static bool make_plan(export_plan *plan, painter *p, failure *f) {
    const export_settings *s = plan->settings;
    if (!painter_open(p, plan, f)) return false;
    plan->steps = p->scene.steps;
    if (!choose_steps(plan, f)) return false;
    int64_t taps = 0;
    if (plan->time.last > plan->time.first && !scene_taps(&p->scene, 0, plan->time.first, &taps, NULL, f)) return false;
    plan->time = timeline_make(plan->time.first, plan->time.last, s->step_time, taps, s->reduced_motion);
    plan->width = (float)s->width;
    plan->height = (float)s->height;
    if (s->sheet[0] > 0) { /* drawn large enough for its type, then made smaller */
        float cell_width = plan->width / (float)s->sheet[0], cell_height = plan->height / (float)s->sheet[1];
        float grow = fmaxf(1, 800 / cell_width);
        plan->width = ceilf(cell_width * grow);
        plan->height = ceilf(cell_height * grow);
    }
    return find_crop(plan, p, f) && choose_pixels(plan, f) && choose_frames(plan, f);
}

bool output_progress(const export_plan *plan, int64_t done, int64_t total, failure *f) {
    const export_settings *s = plan->settings;
    if (!s->progress || s->progress(s->progress_context, done, total)) return true;
    return fail(f, N_("Stopped."), "");
}

static int worker_count(const export_settings *s) {
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = s->threads;
    options.allocator = memory_allocator();
    conv_engine *engine;
    if (conv_engine_create(&options, &engine, NULL) != CONV_OK) return 1;
    int count = conv_engine_threads(engine);
    conv_engine_destroy(engine);
    return count;
}

bool export_run(const export_settings *given, failure *f) {
    export_settings s = *given;
    export_plan plan = {.settings = &s, .typefaces = s.typefaces, .scale = s.scale > 0 ? s.scale : 1};
    bool gif = export_format_of(s.output, &plan.format, &plan.sequence, NULL) && plan.format == EXPORT_GIF;
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
    painter first = {0};
    bool ok = make_plan(&plan, &first, f);
    if (ok) {
        bool pages =
            plan.format == EXPORT_PDF && s.steps_given && s.sheet[0] == 0 && plan.time.last - plan.time.first > 1;
        ok = plan.sequence               ? output_sequence(&plan, &first, f)
             : plan.format == EXPORT_GIF ? output_gif(&plan, &first, f)
             : plan.format > EXPORT_GIF  ? output_video(&plan, &first, f)
             : pages                     ? output_pages(&plan, &first, f)
                                         : output_still(&plan, &first, f);
    }
    painter_close(&first);
    fonts_destroy(own);
    return ok;
}
