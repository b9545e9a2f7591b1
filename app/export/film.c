#include "film.h"

#include "app/system/memory.h"
#include "output.h"
#include "pipeline.h"

typedef struct showing {
    const film *film;
    void *context;
} showing;

static bool make_frame(void *context, void *worker, int64_t k, void *slot, failure *f) {
    showing *s = context;
    void **frame = slot;
    if (!*frame && !(*frame = memory_resize(NULL, s->film->frame_size, 1))) return fail_memory(f);
    return s->film->make(s->context, worker, k, *frame, f);
}

static bool put_frame(void *context, int64_t k, void *slot, failure *f) {
    showing *s = context;
    const export_plan *plan = s->film->plan;
    return s->film->put(s->context, k, *(void **)slot, f) && output_progress(plan, k + 1, plan->frame_last, f);
}

static void end_slot(void *slot) {
    memory_free(*(void **)slot);
}

bool film_write(const film *m, void *context, failure *f) {
    const export_plan *plan = m->plan;
    showing s = {m, context};
    file_writer out = {.fd = -1};
    if (!file_create(&out, plan->settings->output, f)) return false;
    bool ok = m->begin(context, &out, f);
    pipeline p = {.count = plan->frame_last,
                  .workers = plan->threads,
                  .worker_size = m->worker_size,
                  .slot_size = sizeof(void *),
                  .context = &s,
                  .produce = make_frame,
                  .consume = put_frame,
                  .end_worker = m->end_worker,
                  .end_slot = end_slot};
    if (ok && !pipeline_run(&p, f)) {
        m->abandon(context);
        ok = false;
    } else if (ok) {
        ok = m->end(context, f);
    }
    if (ok) return file_commit(&out, f);
    file_abandon(&out);
    return false;
}
