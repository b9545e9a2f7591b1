#include "state.h"
#include "app/arrays/source.h"
#include "app/document/scene_text.h"
#include "app/expression/expression.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "easel.h"
#include "opening.h"
#include "playback.h"
#include "predict.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

void state_notice(window_state *w, bool bad, const char *text) {
    snprintf(w->notice, sizeof w->notice, "%s", text);
    w->notice_bad = bad;
    w->notice_until = w->time + (bad ? 8 : 4);
}

void state_failure(window_state *w, const failure *f) {
    char text[NOTICE_SIZE - 256], line[NOTICE_SIZE];
    failure_text(w->settings.language, f, text, sizeof text);
    const char *name = strrchr(f->path, '/');
    if (f->path[0])
        snprintf(line, sizeof line, "%.200s: %s", name ? name + 1 : f->path, text);
    else
        snprintf(line, sizeof line, "%s", text);
    state_notice(w, true, line);
}

static const char *base_of(const window_state *w) {
    return w->base[0] ? w->base : NULL;
}

static bool accept(void *context, failure *f) {
    window_state *w = context;
    return !w->scene_open || scene_update(&w->scene, f);
}

static void after_change(window_state *w) {
    playback_fit(w);
    if (!w->dirty) w->dirty = true, w->dirty_since = w->time;
}

bool state_change(window_state *w, const change *c, failure *why) {
    failure own = {0}, *f = why ? why : &own;
    uint64_t results = w->scene.revision;
    if (!history_change(&w->history, c, accept, w, f)) {
        if (!why) state_failure(w, f);
        return false;
    }
    after_change(w);
    if (opening_turns(w)) opening_cancel(w); /* that was a turn from what is no more */
    if (c->kind == CHANGE_EXPRESSION || c->kind == CHANGE_PARAMETER || c->kind == CHANGE_INPUT_SHAPE ||
        c->kind == CHANGE_FOCUS || c->kind == CHANGE_ZERO_INSERTION)
        easel_leave(w);
    w->touched = true;
    if (w->notice_bad) w->notice[0] = 0;                                     /* what went wrong before is mended */
    if (w->predict.asking && w->scene.revision != results) predict_leave(w); /* asked about what is no more */
    return true;
}

static bool is_lesson(const window_state *w, const char *id) {
    return w->lesson_open && id && strcmp(w->lesson.id, id) == 0;
}

/* Loads the lesson that the document says it is of, so that its pages can be turned. */
static void find_lesson(window_state *w) {
    const document *d = state_document(w);
    if (is_lesson(w, d->lesson)) {
        w->page = d->page;
        return;
    }
    if (w->lesson_open) lesson_destroy(&w->lesson);
    w->lesson_open = false;
    w->page = 0;
    const lesson_entry *entry = d->lesson ? lesson_list_find(&w->lessons, d->lesson) : NULL;
    if (!entry) return;
    w->lesson_open = lesson_load(entry->path, &w->lesson, NULL);
    if (w->lesson_open) w->page = d->page < w->lesson.page_count ? d->page : 0;
}

/* Where the document's files are: it may be another folder than before an undo. */
static void know_folder(window_state *w) {
    const char *folder = state_document(w)->folder;
    snprintf(w->base, sizeof w->base, "%s", folder ? folder : "");
}

/* Brings the scene to a document that came back. */
static void refresh(window_state *w) {
    failure f = {0};
    if (w->scene_open && !scene_update(&w->scene, &f)) state_failure(w, &f);
    know_folder(w);
    find_lesson(w);
    w->refused = 0;
    after_change(w);
}

static void look_anew(window_state *w, bool play) {
    easel_reset(w);
    w->touched = false;
    w->refused = 0;
    w->expression_error[0] = 0;
    w->present.ink_count = 0;
    playback_reset(w, play);
    if (!w->dirty) w->dirty = true, w->dirty_since = w->time;
    if (w->predict.on) predict_leave(w);
}

static bool open_first(window_state *w, document *taken, failure *f) {
    history_open(&w->history, taken);
    w->scene_open = scene_open(&w->scene, &w->history.document, w->engine, NULL, f);
    if (!w->scene_open) history_close(&w->history);
    return w->scene_open;
}

/* A scene that was made beside the window, and the window that it comes to. */
typedef struct arrival {
    window_state *w;
    scene *made;
} arrival;

static bool accept_made(void *context, failure *f) {
    const arrival *a = context;
    a->made->document = state_document(a->w);
    if (!scene_update(a->made, f)) return false;
    scene_take(&a->w->scene, a->made);
    return true;
}

/* Another document takes the place of the one that is shown. `made`: its scene, when that was made beside the window.
 */
static bool put_in(window_state *w, document *own, scene *made, bool play, failure *f) {
    change c = {.kind = CHANGE_DOCUMENT, .document = own};
    arrival a = {w, made};
    bool ok = !w->scene_open ? open_first(w, own, f)
              : made         ? history_change(&w->history, &c, accept_made, &a, f)
                             : history_change(&w->history, &c, accept, w, f);
    if (!ok) return false;
    opening_cancel(w);
    know_folder(w);
    find_lesson(w);
    look_anew(w, play);
    return true;
}

/* The document takes its folder along: so it can be undone, whatever was open before. */
static bool open_in(window_state *w, const document *d, const char *base, bool play, failure *f) {
    document own;
    if (!document_copy(&own, d, f)) return false;
    bool ok = document_set_text(&own.folder, *base ? base : NULL, f) && put_in(w, &own, NULL, play, f);
    document_destroy(&own);
    return ok;
}

static bool arrive_document(window_state *w, const opening *o, scene *made, failure *f) {
    document own;
    if (!document_copy(&own, opening_document(o), f)) return false;
    bool ok = put_in(w, &own, made, opening_wished(o)->play, f);
    document_destroy(&own);
    return ok;
}

/* As open_in; beside the window when it takes longer than a frame. */
static bool open_beside(window_state *w, const document *d, const char *base, failure *f) {
    const opening_wish wish = {.arrive = arrive_document, .play = true};
    document own;
    if (!document_copy(&own, d, f)) return false;
    bool ok = document_set_text(&own.folder, *base ? base : NULL, f) &&
              (opening_begin(w, &own, &wish) || put_in(w, &own, NULL, true, f));
    document_destroy(&own);
    return ok;
}

/* ---- back and forth in the history ---- */

static void turn(window_state *w, int turns, scene *made) {
    bool ok = true;
    for (; ok && turns < 0; turns++) ok = history_undo(&w->history);
    for (; ok && turns > 0; turns--) ok = history_redo(&w->history);
    if (made && scene_shows(made, state_document(w))) {
        made->document = state_document(w);
        scene_take(&w->scene, made);
    }
    refresh(w);
}

static bool arrive_turn(window_state *w, const opening *o, scene *made, failure *f) {
    (void)f;
    turn(w, opening_wished(o)->turns, made);
    return true;
}

bool state_turn(window_state *w, int by) {
    const history *h = &w->history;
    const int pending = opening_turns(w), turns = pending + by;
    /* What is being opened is the last thing that was done. */
    if (by < 0 && opening_name(w) && pending == 0 && !opening_resumes(w)) {
        opening_cancel(w);
        return true;
    }
    const size_t wanted = (size_t)(turns < 0 ? -turns : turns);
    if (wanted > (turns < 0 ? h->past_count : h->future_count)) return false;
    opening_cancel(w);
    if (turns == 0) return true;
    const opening_wish wish = {.arrive = arrive_turn, .turns = turns};
    const document *to = turns < 0 ? &h->past[h->past_count - wanted] : &h->future[h->future_count - wanted];
    if (!opening_begin(w, to, &wish)) turn(w, turns, NULL);
    return true;
}

bool state_open_document(window_state *w, const document *d, bool play, failure *f) {
    return open_in(w, d, w->base, play, f);
}

/* ---- what was open last time ---- */

/* Its large inputs become small numbers. */
static bool keep_place(const window_state *w, document *d, failure *f) {
    bool ok = true;
    for (int i = 0; ok && i < d->part_count; i++) {
        if (!opening_is_large(w, d, i)) continue;
        tensor_source_destroy(&d->parts[i].input);
        d->parts[i].input_shape = (conv_shape){0};
        ok = part_fit_input(&d->parts[i], true, f);
    }
    document_unpin(d);
    return ok;
}

/* What the reader changed meanwhile stays, with the inputs that were waited for. */
static bool join_inputs(document *shown, const document *last, failure *f) {
    bool ok = true;
    for (int i = 0; ok && i < shown->part_count && i < last->part_count; i++) {
        part *to = &shown->parts[i];
        tensor_source input;
        ok = tensor_source_copy(&input, &last->parts[i].input, f);
        if (!ok) break;
        tensor_source_destroy(&to->input);
        to->input = input;
        to->input_shape = last->parts[i].input_shape;
        ok = part_fit_input(to, false, f);
    }
    document_unpin(shown);
    return ok;
}

static bool arrive_resumed(window_state *w, const opening *o, scene *made, failure *f) {
    opening_wish wish = *opening_wished(o);
    const bool touched = w->touched;
    document own;
    if (!document_copy(&own, touched ? state_document(w) : opening_document(o), f)) return false;
    bool ok = (!touched || join_inputs(&own, opening_document(o), f)) &&
              document_set_text(&own.folder, opening_document(o)->folder, f);
    if (ok && touched && !scene_shows(made, &own)) made = NULL;
    ok = ok && ((!made && opening_begin(w, &own, &wish)) || put_in(w, &own, made, wish.play, f));
    document_destroy(&own);
    if (ok && !touched) history_begin_here(&w->history);
    return ok;
}

bool state_resume(window_state *w, const document *d, bool play, failure *f) {
    const opening_wish wish = {.arrive = arrive_resumed, .play = play, .resumes = true};
    document own, small;
    if (!document_copy(&own, d, f)) return false;
    bool ok = document_set_text(&own.folder, w->base[0] ? w->base : NULL, f);
    if (!ok || !opening_takes_long(w, &own)) {
        ok = ok && put_in(w, &own, NULL, play, f);
    } else if ((ok = document_copy(&small, &own, f))) {
        ok = keep_place(w, &small, f) && put_in(w, &small, NULL, false, f);
        document_destroy(&small);
        w->dirty = false;
        if (ok && !opening_begin(w, &own, &wish)) {
            ok = put_in(w, &own, NULL, play, f);
            history_begin_here(&w->history);
        }
    }
    document_destroy(&own);
    return ok;
}

static bool open_lesson_page(window_state *w, int page, bool play, failure *f) {
    char folder[PATH_SIZE];
    if (page < 0 || page >= w->lesson.page_count) page = 0;
    lesson_folder(&w->lesson, folder, sizeof folder);
    return open_in(w, &w->lesson.pages[page].document, folder, play, f);
}

bool state_open_lesson_file(window_state *w, const char *path, int page, bool play, failure *f) {
    lesson fresh, former = w->lesson;
    bool had = w->lesson_open;
    if (!lesson_load(path, &fresh, f)) return false;
    w->lesson = fresh;
    w->lesson_open = true;
    if (!open_lesson_page(w, page, play, f)) {
        lesson_destroy(&w->lesson);
        w->lesson = former;
        w->lesson_open = had;
        return false;
    }
    if (had) lesson_destroy(&former);
    return true;
}

bool state_open_lesson(window_state *w, const char *id, int page, bool play, failure *f) {
    const lesson_entry *entry = lesson_list_find(&w->lessons, id);
    if (!entry) return fail(f, N_("there is no lesson {0}"), "s", id);
    if (is_lesson(w, id)) return open_lesson_page(w, page, play, f);
    return state_open_lesson_file(w, entry->path, page, play, f);
}

bool state_open_page(window_state *w, int page) {
    if (!w->lesson_open || page < 0 || page >= w->lesson.page_count) return false;
    failure f = {0};
    char folder[PATH_SIZE];
    lesson_folder(&w->lesson, folder, sizeof folder);
    if (open_in(w, &w->lesson.pages[page].document, folder, true, &f)) {
        easel_leave(w);
        return true;
    }
    state_failure(w, &f);
    return false;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), size = strlen(end);
    return length >= size && strcasecmp(text + length - size, end) == 0;
}

/* A copy of what is shown; of an ordinary layer where nothing is. */
static bool copy_shown(window_state *w, document *d, failure *f) {
    if (w->scene_open) return document_copy(d, state_document(w), f);
    return document_from_expression(d, "nn.Conv2d(1, 1, 3, padding=1, bias=False)", NULL, f);
}

static bool arrive_input(window_state *w, const opening *o, scene *made, failure *f);

/* A picture or an array becomes the input of what is shown: with its own size, cut to the channels that the layer
 * takes. `made`: what was made of that beside the window; NULL: nothing yet. */
static bool open_input(window_state *w, const char *path, scene *made, failure *f) {
    bool numbers = ends_with(path, ".npy") || ends_with(path, ".npz");
    document d;
    if (!copy_shown(w, &d, f)) return false;
    const int64_t channels = d.parts[0].layers[0].spec.in_channels;
    tensor_source source = {
        .kind = numbers ? SOURCE_FILE : SOURCE_PICTURE, .name = (char *)path, .colour = channels == 3};
    part *to = &d.parts[0];
    tensor_source copy;
    bool ok = scene_free_names(&d, base_of(w), f) && tensor_source_copy(&copy, &source, f);
    if (ok) {
        tensor_source_destroy(&to->input);
        to->input = copy;
        ok = source_shape(&to->input, NULL, w->assets, &to->input_shape, f) && part_fit_input(to, false, f);
    }
    document_unpin(&d);
    document_play_all(&d); /* a lesson page's range was of the former input */
    const opening_wish wish = {.arrive = arrive_input, .path = path, .play = true};
    ok = ok && document_set_text(&d.folder, NULL, f); /* absolute paths: no folder */
    if (made && ok && !scene_shows(made, &d)) made = NULL;
    ok = ok && ((!made && opening_begin(w, &d, &wish)) || put_in(w, &d, made, true, f));
    document_destroy(&d);
    return ok;
}

/* What the reader changed meanwhile stays; when it changed the results they are made once more. */
static bool arrive_input(window_state *w, const opening *o, scene *made, failure *f) {
    return open_input(w, opening_wished(o)->path, made, f);
}

/* A scene that is none may be a lesson: then its own error counts, else the scene's. */
static bool is_lesson_file(const char *path) {
    lesson l;
    if (!lesson_load(path, &l, NULL)) return false;
    lesson_destroy(&l);
    return true;
}

bool state_open_file(window_state *w, const char *path, failure *f) {
    static const char *const inputs[] = {".png", ".jpg", ".jpeg", ".bmp", ".webp",
                                         ".npy", ".npz", ".gif",  ".pgm", ".ppm"};
    struct stat info;
    if (stat(path, &info) != 0) {
        fail(f, N_("there is no such file"), "");
        if (f) snprintf(f->path, sizeof f->path, "%s", path);
        return false;
    }
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        if (ends_with(path, inputs[i])) return open_input(w, path, NULL, f);
    }
    document d;
    if (!scene_load(path, &d, f)) return is_lesson_file(path) && state_open_lesson_file(w, path, 0, true, f);
    char folder[PATH_SIZE];
    scene_folder(path, folder, sizeof folder);
    bool ok = open_beside(w, &d, folder, f);
    document_destroy(&d);
    return ok;
}

/* Pasted code: of its statements the layers are read, and stay as they are written. */
static bool read_code(document *d, const char *text, failure *f) {
    expression e;
    if (!expression_read(text, &e, f)) return false;
    const size_t begin = e.others ? e.begin : 0, end = e.others ? e.end : strlen(text);
    expression_destroy(&e);
    char *layers = memory_resize(NULL, end - begin + 1, 1);
    if (!layers) return fail_memory(f);
    memcpy(layers, text + begin, end - begin);
    layers[end - begin] = 0;
    bool ok = document_from_expression(d, layers, NULL, f);
    memory_free(layers);
    return ok;
}

bool state_open_text(window_state *w, const char *text, failure *f) {
    document d;
    bool read;
    while (*text == ' ' || *text == '\n' || *text == '\t' || *text == '\r') text++;
    if (scene_line_looks(text))
        read = scene_line_read(text, base_of(w), &d, f);
    else if (strchr(text, '('))
        read = read_code(&d, text, f);
    else if (lesson_list_find(&w->lessons, text))
        return state_open_lesson(w, text, 0, true, f);
    else
        read = scene_text_read(text, strlen(text), NULL, base_of(w), &d, f);
    if (!read) return false;
    bool ok = open_beside(w, &d, w->base, f);
    document_destroy(&d);
    return ok;
}
