/* The animation as GIF: drawn and matched to the palette on all cores, written in order. */
#include "app/surface/gif.h"
#include "app/system/memory.h"
#include "film.h"
#include "output.h"

#include <math.h>
#include <string.h>

typedef struct gif_run {
    const export_plan *plan;
    gif_palette palette;
    gif_writer *writer;
} gif_run;

typedef struct gif_worker {
    painter painter;
    gif_mapper mapper;
    uint8_t *indices; /* of what the painter shows. Owned */
} gif_worker;

/* Colours from frames spread over the animation. */
static bool choose_palette(gif_run *run, painter *p, failure *f) {
    enum { SAMPLES = 12 };
    const export_plan *plan = run->plan;
    int64_t frames = plan->frame_last;
    gif_histogram h = {0};
    bool ok = true;
    for (int64_t k = 0; ok && k < SAMPLES; k++) {
        int64_t frame = (frames - 1) * k / (SAMPLES - 1);
        if (k > 0 && frame == (frames - 1) * (k - 1) / (SAMPLES - 1)) continue;
        ok = painter_draw(p, export_moment(plan, frame), f) && gif_histogram_add(&h, p->target, f);
    }
    ok = ok && gif_palette_make(&h, &run->palette, f);
    gif_histogram_destroy(&h);
    return ok;
}

static bool begin(void *context, file_writer *out, failure *f) {
    gif_run *run = context;
    const export_plan *plan = run->plan;
    return gif_begin(&run->writer, out, plan->pixel_width, plan->pixel_height, &run->palette,
                     plan->settings->transparent, f);
}

static bool make_frame(void *context, void *state, int64_t k, void *frame, failure *f) {
    gif_run *run = context;
    gif_worker *w = state;
    const export_plan *plan = run->plan;
    size_t size = (size_t)plan->pixel_width * (size_t)plan->pixel_height;
    if (!painter_open(&w->painter, plan, f) || !painter_draw(&w->painter, export_moment(plan, k), f)) return false;
    if (!w->indices && !(w->indices = memory_zeroed(size, 1))) return fail_memory(f);
    if (!w->mapper.keys && !gif_mapper_create(&w->mapper, &run->palette, f)) return false;
    gif_map(&w->mapper, w->painter.target, w->painter.changed, w->indices);
    memcpy(frame, w->indices, size);
    return true;
}

static void end_worker(void *state) {
    gif_worker *w = state;
    painter_close(&w->painter);
    gif_mapper_destroy(&w->mapper);
    memory_free(w->indices);
}

/* Hundredths of a second; the fractions that 30 frames a second leave are spread over the frames. */
static bool put_frame(void *context, int64_t k, const void *frame, failure *f) {
    gif_run *run = context;
    double fps = run->plan->fps;
    int delay = (int)(llround((double)(k + 1) * 100 / fps) - llround((double)k * 100 / fps));
    return gif_frame(run->writer, frame, delay, f);
}

static bool end(void *context, failure *f) {
    return gif_end(((gif_run *)context)->writer, f);
}

static void abandon(void *context) {
    gif_abandon(((gif_run *)context)->writer);
}

bool output_gif(const export_plan *plan, painter *first, failure *f) {
    gif_run run = {.plan = plan};
    const film m = {.plan = plan,
                    .frame_size = (size_t)plan->pixel_width * (size_t)plan->pixel_height,
                    .worker_size = sizeof(gif_worker),
                    .begin = begin,
                    .make = make_frame,
                    .end_worker = end_worker,
                    .put = put_frame,
                    .end = end,
                    .abandon = abandon};
    if (!output_progress(plan, 0, plan->frame_last, f) || !choose_palette(&run, first, f)) return false;
    painter_close(first);
    return film_write(&m, &run, f);
}
