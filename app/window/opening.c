#include "opening.h"
#include "app/arrays/source.h"
#include "app/system/memory.h"
#include "app/system/thread.h"
#include "easel.h"
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { LARGE = 1 << 20 }; /* numbers of an input; fewer are read within a frame */

struct opening {
    pthread_t thread;
    bool begun; /* the thread */
    bool told;  /* a frame says that it is being opened: however fast it was, it arrives after that */
    atomic_bool stop, finished;
    opening_wish wish;
    char path[PATH_SIZE], name[256];
    document document;
    uint64_t revision; /* of the scene that it makes */
    figure_settings settings;
    conv_engine *engine; /* this and what follows are the thread's until it has finished */
    scene scene;
    bool ok;
    failure failure;
};

/* ---- on the thread ---- */

/* Drawn once, so that the pictures of its tensors are there: in the middle, where all of them are seen. */
static void draw_once(opening *o) {
    display_list list;
    memset(&list, 0, sizeof list);
    o->settings.moment = (moment){o->scene.steps / 2, 0.5};
    figure_draw(&list, &o->scene, &o->settings, NULL);
    display_list_destroy(&list);
}

static bool make(opening *o) {
    if (atomic_load(&o->stop) || !scene_open(&o->scene, &o->document, o->engine, NULL, &o->failure)) return false;
    o->scene.own = o->engine;
    o->engine = NULL;
    o->scene.revision = o->revision;
    if (!atomic_load(&o->stop)) draw_once(o);
    return true;
}

static void *work(void *argument) {
    opening *o = argument;
    o->ok = make(o);
    atomic_store(&o->finished, true);
    return NULL;
}

/* ---- in the window ---- */

static void wait_for(opening *o) {
    if (o->begun) pthread_join(o->thread, NULL);
    o->begun = false;
}

static void destroy(opening *o) {
    wait_for(o);
    if (o->scene.document) scene_close(&o->scene);
    conv_engine_destroy(o->engine);
    document_destroy(&o->document);
    memory_free(o);
}

/* Its input is a large file that is not shown already. What cannot be read is small: it is told at once. */
bool opening_is_large(const window_state *w, const document *d, int index) {
    const tensor_source *s = &d->parts[index].input;
    conv_shape shape;
    return (s->kind == SOURCE_PICTURE || s->kind == SOURCE_FILE) && s->name && scene_makes_input(&w->scene, d, index) &&
           source_shape(s, d->folder, w->assets, &shape, NULL) && conv_shape_count(&shape) >= LARGE;
}

/* The name of the first such file; NULL: there is none. */
static const char *large_file(const window_state *w, const document *d) {
    for (int i = 0; i < d->part_count; i++) {
        if (opening_is_large(w, d, i)) return d->parts[i].input.name;
    }
    return NULL;
}

bool opening_takes_long(const window_state *w, const document *d) {
    return large_file(w, d) != NULL;
}

static conv_engine *engine_like(conv_engine *other) {
    conv_engine *engine = NULL;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = conv_engine_threads(other);
    options.allocator = memory_allocator();
    return conv_engine_create(&options, &engine, NULL) == CONV_OK ? engine : NULL;
}

static opening *opening_create(window_state *w, const document *d, const opening_wish *wish, const char *file) {
    opening *o = memory_zeroed(1, sizeof *o);
    if (!o || !document_copy(&o->document, d, NULL)) {
        memory_free(o);
        return NULL;
    }
    const char *slash = strrchr(file, '/');
    snprintf(o->name, sizeof o->name, "%s", slash ? slash + 1 : file);
    snprintf(o->path, sizeof o->path, "%s", wish->path ? wish->path : "");
    o->wish = *wish;
    if (wish->path) o->wish.path = o->path;
    o->revision = w->scene.revision + 1;
    o->settings = easel_settings(w);
    o->engine = engine_like(w->scene.engine);
    if (o->engine) return o;
    destroy(o);
    return NULL;
}

/* One thread at a time: pictures that nobody waits for any more must not fill the memory together. */
static bool begin(window_state *w, opening *o) {
    if (!w->abandoned) o->begun = thread_begin(&o->thread, work, o);
    return w->abandoned || o->begun;
}

bool opening_begin(window_state *w, const document *d, const opening_wish *wish) {
    const char *file = w->scene_open ? large_file(w, d) : NULL;
    opening *o = file ? opening_create(w, d, wish, file) : NULL;
    if (!o) return false;
    opening_cancel(w);
    if (!begin(w, o)) {
        destroy(o);
        return false;
    }
    w->opening = o;
    w->notice[0] = 0;
    return true;
}

const document *opening_document(const opening *o) {
    return &o->document;
}

const opening_wish *opening_wished(const opening *o) {
    return &o->wish;
}

const char *opening_name(const window_state *w) {
    return w->opening ? w->opening->name : NULL;
}

int opening_turns(const window_state *w) {
    return w->opening ? w->opening->wish.turns : 0;
}

bool opening_resumes(const window_state *w) {
    return w->opening && w->opening->wish.resumes;
}

static bool busy(opening *o) {
    return o && o->begun && !atomic_load(&o->finished);
}

bool opening_busy(const window_state *w) {
    return busy(w->opening) || busy(w->abandoned);
}

void opening_cancel(window_state *w) {
    opening *o = w->opening;
    w->opening = NULL;
    if (!o) return;
    atomic_store(&o->stop, true);
    if (o->begun)
        w->abandoned = o; /* begun means that there was none */
    else
        destroy(o);
}

void opening_wait(window_state *w) {
    if (w->abandoned) {
        destroy(w->abandoned);
        w->abandoned = NULL;
    }
    opening *o = w->opening;
    if (o && !o->begun && !atomic_load(&o->finished) && !begin(w, o)) work(o);
    if (o) wait_for(o);
}

void opening_stop(window_state *w) {
    opening_cancel(w);
    if (w->abandoned) destroy(w->abandoned);
    w->abandoned = NULL;
}

static void arrive(window_state *w) {
    opening *o = w->opening;
    failure f = {0};
    w->opening = NULL; /* what arrives may begin to open something else */
    wait_for(o);
    if (!o->ok)
        state_failure(w, &o->failure);
    else if (!o->wish.arrive(w, o, &o->scene, &f))
        state_failure(w, &f);
    destroy(o);
}

void opening_tick(window_state *w) {
    const double look_again = 0.03;
    if (w->abandoned && atomic_load(&w->abandoned->finished)) {
        destroy(w->abandoned);
        w->abandoned = NULL;
    }
    opening *o = w->opening;
    if (o && !o->begun && !atomic_load(&o->finished) && !begin(w, o)) work(o); /* the window waits then */
    if (o && atomic_load(&o->finished) && (o->told || !o->begun))
        arrive(w);
    else if (o)
        o->told = true;
    if (!w->opening && !w->abandoned) return;
    if (w->effects.wake_at == 0 || w->time + look_again < w->effects.wake_at) w->effects.wake_at = w->time + look_again;
}
