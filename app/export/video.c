/* The animation as a video: drawn on all cores, handed to the encoder in order. */
#include "app/surface/video.h"
#include "film.h"
#include "output.h"

#include <string.h>

typedef struct video_run {
    const export_plan *plan;
    video_writer *writer;
} video_run;

static size_t frame_size(const export_plan *plan) {
    return (size_t)plan->pixel_width * (size_t)plan->pixel_height * 4;
}

static bool begin(void *context, file_writer *out, failure *f) {
    video_run *run = context;
    const export_plan *plan = run->plan;
    return video_begin(&run->writer, out, plan->format == EXPORT_MP4 ? VIDEO_MP4 : VIDEO_WEBM, plan->pixel_width,
                       plan->pixel_height, plan->fps, f);
}

static bool make_frame(void *context, void *worker, int64_t k, void *frame, failure *f) {
    video_run *run = context;
    painter *p = worker;
    if (!painter_open(p, run->plan, f) || !painter_draw(p, export_moment(run->plan, k), f)) return false;
    memcpy(frame, p->target.pixels, frame_size(run->plan));
    return true;
}

static void end_worker(void *worker) {
    painter_close(worker);
}

static bool put_frame(void *context, int64_t k, const void *frame, failure *f) {
    (void)k;
    video_run *run = context;
    return video_frame(run->writer, frame, frame_size(run->plan), f);
}

static bool end(void *context, failure *f) {
    return video_end(((video_run *)context)->writer, f);
}

static void abandon(void *context) {
    video_abandon(((video_run *)context)->writer);
}

bool output_video(const export_plan *plan, painter *first, failure *f) {
    video_run run = {.plan = plan};
    const film m = {.plan = plan,
                    .frame_size = frame_size(plan),
                    .worker_size = sizeof(painter),
                    .begin = begin,
                    .make = make_frame,
                    .end_worker = end_worker,
                    .put = put_frame,
                    .end = end,
                    .abandon = abandon};
    painter_close(first);
    return output_progress(plan, 0, plan->frame_last, f) && film_write(&m, &run, f);
}
