/* The animation as a video: drawn on all cores, handed to the encoder in order. */
#include "app/surface/video.h"
#include "app/system/memory.h"
#include "output.h"
#include "pipeline.h"

#include <string.h>

typedef struct video_run {
    const export_plan *plan;
    video_writer *writer;
} video_run;

static size_t frame_size(const export_plan *plan) {
    return (size_t)plan->pixel_width * (size_t)plan->pixel_height * 4;
}

static bool make_frame(void *context, void *worker, int64_t k, void *slot, failure *f) {
    video_run *run = context;
    painter *p = worker;
    void **copy = slot;
    if (!painter_open(p, run->plan, f) || !painter_draw(p, export_moment(run->plan, k), f)) return false;
    if (!*copy && !(*copy = memory_resize(NULL, frame_size(run->plan), 1))) return fail_memory(f);
    memcpy(*copy, p->target.pixels, frame_size(run->plan));
    return true;
}

static bool put_frame(void *context, int64_t k, void *slot, failure *f) {
    video_run *run = context;
    return video_frame(run->writer, *(void **)slot, frame_size(run->plan), f) &&
           output_progress(run->plan, k + 1, run->plan->frame_last, f);
}

static void end_worker(void *worker) {
    painter_close(worker);
}

static void end_slot(void *slot) {
    memory_free(*(void **)slot);
}

bool output_video(const export_plan *plan, painter *first, failure *f) {
    video_run run = {.plan = plan};
    file_writer out = {.fd = -1};
    painter_close(first);
    if (!output_progress(plan, 0, plan->frame_last, f) || !file_create(&out, plan->settings->output, f)) return false;
    bool ok = video_begin(&run.writer, &out, plan->format == EXPORT_MP4 ? VIDEO_MP4 : VIDEO_WEBM, plan->pixel_width,
                          plan->pixel_height, plan->fps, f);
    pipeline p = {.count = plan->frame_last,
                  .workers = plan->threads,
                  .worker_size = sizeof(painter),
                  .slot_size = sizeof(void *),
                  .context = &run,
                  .produce = make_frame,
                  .consume = put_frame,
                  .end_worker = end_worker,
                  .end_slot = end_slot};
    if (ok && !pipeline_run(&p, f)) {
        video_abandon(run.writer);
        ok = false;
    } else if (ok) {
        ok = video_end(run.writer, f);
    }
    if (ok) return file_commit(&out, f);
    file_abandon(&out);
    return false;
}
