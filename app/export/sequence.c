/* Stills and numbered sequences. */
#include "app/language/language.h"
#include "app/surface/svg.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "output.h"
#include "pipeline.h"

#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool output_name(const char *pattern, int64_t frame, char *name, size_t size) {
    size_t length;
    int digits;
    const char *number = output_number(pattern, &length, &digits);
    int needed = number ? snprintf(name, size, "%.*s%0*lld%s", (int)(number - pattern), pattern, digits,
                                   (long long)frame, number + length)
                        : snprintf(name, size, "%s", pattern);
    return needed > 0 && (size_t)needed < size;
}

bool output_encode(painter *p, moment m, char **data, size_t *size, failure *f) {
    *data = NULL;
    if (p->plan->format == EXPORT_SVG)
        return painter_list(p, m, f) && svg_write(&p->list, p->plan->typefaces, p->plan->scale, data, size, f);
    const uint8_t *bytes;
    if (!p->png && !png_create(&p->png, f)) return false;
    if (!painter_draw(p, m, f) || !png_encode(p->png, p->target, p->plan->settings->transparent, &bytes, size, f))
        return false;
    *data = memory_resize(NULL, *size, 1);
    if (!*data) return fail_memory(f);
    memcpy(*data, bytes, *size);
    return true;
}

bool output_still(const export_plan *plan, painter *first, failure *f) {
    char *data = NULL;
    size_t size;
    bool ok = output_encode(first, export_still(plan), &data, &size, f) && output_progress(plan, 0, 1, f) &&
              file_store(plan->settings->output, data, size, f);
    memory_free(data);
    return ok && output_progress(plan, 1, 1, f);
}

typedef struct sequence {
    const export_plan *plan;
    _Atomic uint8_t *written; /* a bit for each frame: a failure takes them back */
    bool stopped;             /* on request: whole frames stay */
} sequence;

static bool write_frame(void *context, void *worker, int64_t k, void *slot, failure *f) {
    (void)slot;
    sequence *s = context;
    painter *p = worker;
    char name[PATH_MAX], *data = NULL;
    size_t size;
    int64_t frame = s->plan->frame_first + k;
    if (!painter_open(p, s->plan, f)) return false;
    if (!output_name(s->plan->settings->output, frame, name, sizeof name))
        return fail(f, N_("the name of frame {0} is too long"), "d", frame);
    file_writer w = {.fd = -1};
    bool ok = output_encode(p, export_moment(s->plan, frame), &data, &size, f) && file_create(&w, name, f);
    w.brief = true;
    if (ok && !file_write(&w, data, size, f)) {
        file_abandon(&w);
        ok = false;
    }
    ok = ok && file_commit(&w, f);
    memory_free(data);
    if (ok) atomic_fetch_or(&s->written[k / 8], (uint8_t)(1u << (k % 8)));
    return ok;
}

static bool count_frame(void *context, int64_t k, void *slot, failure *f) {
    (void)slot;
    sequence *s = context;
    s->stopped = !output_progress(s->plan, k + 1, s->plan->frame_last - s->plan->frame_first, f);
    return !s->stopped;
}

static void end_painter(void *worker) {
    painter_close(worker);
}

bool output_sequence(const export_plan *plan, painter *first, failure *f) {
    painter_close(first); /* the workers have their own */
    int64_t count = plan->frame_last - plan->frame_first;
    sequence s = {.plan = plan, .written = memory_zeroed((size_t)count / 8 + 1, 1)};
    if (!s.written) return fail_memory(f);
    pipeline p = {.count = count,
                  .workers = plan->threads,
                  .worker_size = sizeof(painter),
                  .context = &s,
                  .produce = write_frame,
                  .consume = count_frame,
                  .end_worker = end_painter};
    bool ok = output_progress(plan, 0, count, f) && pipeline_run(&p, f);
    for (int64_t k = 0; !ok && !s.stopped && k < count; k++) {
        char name[PATH_MAX];
        if ((atomic_load(&s.written[k / 8]) >> (k % 8) & 1) &&
            output_name(plan->settings->output, plan->frame_first + k, name, sizeof name))
            unlink(name);
    }
    memory_free((void *)s.written);
    return ok;
}
