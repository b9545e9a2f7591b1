#include "measuring.h"
#include "app/figure/figure.h"
#include "app/system/memory.h"
#include "app/system/thread.h"
#include <stdatomic.h>

struct measuring {
    pthread_t thread;
    bool threaded;
    atomic_bool stop, finished;
    document document;
    view_id view;
    uint64_t revision; /* of the window's scene when it began, */
    uint64_t changes;  /* ... and of its history */
    int threads;
    conv_engine *engine; /* this and what follows are the thread's until it has finished */
    scene scene;
    bool ok;
    failure failure;
};

static bool measure(measuring *m) {
    conv_engine_options options;
    conv_error error;
    conv_engine_defaults(&options);
    options.threads = m->threads;
    options.allocator = memory_allocator();
    if (conv_engine_create(&options, &m->engine, &error) != CONV_OK) return fail_engine(&m->failure, &error);
    return scene_open(&m->scene, &m->document, m->engine, NULL, &m->failure) &&
           figure_prepare_on(&m->scene, m->view, m->engine, &m->stop, &m->failure);
}

static void *work(void *argument) {
    measuring *m = argument;
    m->ok = measure(m);
    atomic_store(&m->finished, true);
    return NULL;
}

/* That this could not be done is said once: until the document changes or another view is shown. */
static void give_up(window_state *w, view_id view, const failure *f) {
    w->easel.unmeasured = view;
    w->easel.unmeasured_for = w->history.revision + 1;
    if (f->error.format) state_failure(w, f);
}

bool measuring_hopes(const window_state *w) {
    const easel *e = &w->easel;
    return e->unmeasured != w->history.document.view || e->unmeasured_for != w->history.revision + 1;
}

static void begin(window_state *w, view_id view) {
    failure f = {0};
    measuring *m = memory_zeroed(1, sizeof *m);
    if (!m || !document_copy(&m->document, state_document(w), &f)) {
        if (!m) fail_memory(&f);
        memory_free(m);
        give_up(w, view, &f);
        return;
    }
    m->view = view;
    m->revision = w->scene.revision;
    m->changes = w->history.revision;
    m->threads = conv_engine_threads(w->engine);
    w->measuring = m;
    m->threaded = thread_begin(&m->thread, work, m);
    if (!m->threaded) work(m);
}

void measuring_wait(window_state *w) {
    measuring *m = w->measuring;
    if (!m || !m->threaded) return;
    pthread_join(m->thread, NULL);
    m->threaded = false;
}

static void end(window_state *w) {
    measuring *m = w->measuring;
    measuring_wait(w);
    if (m->scene.document) scene_close(&m->scene);
    conv_engine_destroy(m->engine);
    document_destroy(&m->document);
    memory_free(m);
    w->measuring = NULL;
}

void measuring_stop(window_state *w) {
    if (!w->measuring) return;
    atomic_store(&w->measuring->stop, true);
    end(w);
}

/* Puts what was measured into the scene, if that still shows the same results. */
static void take(window_state *w) {
    measuring *m = w->measuring;
    failure f = {0};
    measuring_wait(w);
    const bool still = m->revision == w->scene.revision;
    const bool ok = still && m->ok && figure_carry(&w->scene, &m->scene, &f);
    if (m->changes == w->history.revision && !(ok && figure_prepared(&w->scene, m->view)))
        give_up(w, m->view, m->ok ? &f : &m->failure);
    end(w);
}

void measuring_tick(window_state *w) {
    const double look_again = 0.03;
    if (!w->scene_open) return;
    if (w->measuring && atomic_load(&w->measuring->finished)) take(w);
    const view_id view = state_document(w)->view;
    if (!w->measuring && measuring_hopes(w) && !figure_prepared(&w->scene, view)) {
        begin(w, view);
        if (w->measuring && !w->measuring->threaded) take(w);
    }
    if (!w->measuring) return;
    /* What is measured for a document that is no more need not go on. */
    if (w->measuring->revision != w->scene.revision) atomic_store(&w->measuring->stop, true);
    if (w->effects.wake_at == 0 || w->time + look_again < w->effects.wake_at) w->effects.wake_at = w->time + look_again;
}
