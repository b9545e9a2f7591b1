/* The export dialog: what the render command offers, and the command line that does the same. The work is done on a
 * thread of its own. */
#include "app/export/export.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "app/system/thread.h"
#include "copy.h"
#include "panels.h"
#include "playback.h"
#include <limits.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_job {
    pthread_t thread;
    bool threaded;
    export_settings settings;
    document document;
    char base[PATH_SIZE], path[PATH_SIZE];
    atomic_llong done, total;
    atomic_bool stop, finished;
    bool ok;
    failure failure;
};

static const struct {
    const char *label;
    int width, height;
} sizes[] = {{"640\xc3\x97"
              "480",
              640, 480},
             {"1280\xc3\x97"
              "720",
              1280, 720},
             {"1920\xc3\x97"
              "1080",
              1920, 1080},
             {"3840\xc3\x97"
              "2160",
              3840, 2160}};
static const char *const endings[] = {".png", ".gif", ".svg", ".pdf", ".mp4", ".webm"};
static const char *const ending_labels[] = {"PNG", "GIF", "SVG", "PDF", "MP4", "WebM"};
enum { SIZES = sizeof sizes / sizeof *sizes, ENDINGS = sizeof endings / sizeof *endings };
enum { STEPS_ALL, STEPS_THIS, STEPS_SHEET };
static const int sheet[2] = {4, 3};

static bool progress(void *context, int64_t done, int64_t total) {
    export_job *j = context;
    atomic_store(&j->done, done);
    atomic_store(&j->total, total);
    return !atomic_load(&j->stop);
}

static void *work(void *context) {
    export_job *j = context;
    j->ok = export_run(&j->settings, &j->failure);
    atomic_store(&j->finished, true);
    return NULL;
}

void exporting_stop(exporting *e) {
    export_job *j = e->job;
    if (!j) return;
    atomic_store(&j->stop, true);
    if (j->threaded) pthread_join(j->thread, NULL);
    document_destroy(&j->document);
    memory_free(j);
    e->job = NULL;
}

/* The settings that the dialog says; texts are borrowed from it. */
static export_settings chosen(const window_state *w) {
    const exporting *e = &w->exporting;
    export_settings s = {.document = &w->history.document,
                         .base = w->base[0] ? w->base : NULL,
                         .output = e->path,
                         .language = w->settings.language,
                         .theme = e->theme,
                         .width = sizes[e->size].width,
                         .height = sizes[e->size].height,
                         .transparent = e->transparent,
                         .no_caption = e->plain,
                         .crop = e->crop,
                         .reduced_motion = w->settings.reduced_motion,
                         .typefaces = w->fonts};
    int64_t done = playback_done(w);
    if (e->steps == STEPS_THIS) {
        s.steps_given = s.first_given = s.last_given = true;
        s.first = done > 0 ? done - 1 : 0;
        s.last = s.first + 1;
    } else if (e->steps == STEPS_SHEET) {
        s.sheet[0] = sheet[0];
        s.sheet[1] = sheet[1];
    }
    return s;
}

static void start_work(window_state *w) {
    exporting *e = &w->exporting;
    export_job *j = memory_zeroed(1, sizeof *j);
    failure f = {0};
    if (!j || !document_copy(&j->document, state_document(w), &f)) {
        if (!j) fail_memory(&f);
        memory_free(j);
        failure_text(w->settings.language, &f, e->message, sizeof e->message);
        e->bad = true;
        return;
    }
    j->settings = chosen(w);
    snprintf(j->path, sizeof j->path, "%s", e->path);
    snprintf(j->base, sizeof j->base, "%s", w->base);
    j->settings.document = &j->document;
    j->settings.output = j->path;
    j->settings.base = j->base[0] ? j->base : NULL;
    j->settings.progress = progress;
    j->settings.progress_context = j;
    e->job = j;
    e->message[0] = 0;
    j->threaded = thread_begin(&j->thread, work, j);
    if (!j->threaded) work(j); /* the window waits then */
}

void exporting_tick(window_state *w) {
    exporting *e = &w->exporting;
    export_job *j = e->job;
    if (!j || !atomic_load(&j->finished)) return;
    const bool stopped = atomic_load(&j->stop) && !j->ok;
    e->bad = !j->ok && !stopped;
    char whole[PATH_MAX]; /* where it is, whatever folder the program was started in */
    if (stopped)
        snprintf(e->message, sizeof e->message, "%s", say(w, N_("Stopped: nothing was written.")));
    else if (j->ok)
        tr_format(w->settings.language, e->message, sizeof e->message, N_("Written: {0}"), "s",
                  realpath(j->path, whole) ? whole : j->path);
    else
        failure_text(w->settings.language, &j->failure, e->message, sizeof e->message);
    exporting_stop(e);
    if (w->popup != POPUP_EXPORT) state_notice(w, e->bad, e->message);
}

static int ending_of(const char *path) {
    size_t length = strlen(path);
    for (int i = 0; i < ENDINGS; i++) {
        size_t end = strlen(endings[i]);
        if (length >= end && strcmp(path + length - end, endings[i]) == 0) return i;
    }
    return -1;
}

static void set_ending(exporting *e, int ending) {
    char *dot = strrchr(e->path, '.'), *slash = strrchr(e->path, '/');
    size_t length = dot && (!slash || dot > slash) ? (size_t)(dot - e->path) : strlen(e->path);
    if (length + 6 < sizeof e->path) snprintf(e->path + length, sizeof e->path - length, "%s", endings[ending]);
}

/* What the dialog begins with: the document cannot change while it is open. */
static void look_at_document(window_state *w) {
    exporting *e = &w->exporting;
    failure f = {0};
    const lesson_entry *listed = w->lesson_open ? lesson_list_find(&w->lessons, w->lesson.id) : NULL;
    const char *name = !w->lesson_open                                       ? NULL
                       : listed && strcmp(listed->path, w->lesson.path) == 0 ? w->lesson.id
                                                                             : w->lesson.path;
    e->message[0] = 0;
    if (!export_subject_find(state_document(w), w->lesson_open ? &w->lesson : NULL, name, &e->subject, &f))
        failure_text(w->settings.language, &f, e->message, sizeof e->message), e->bad = true;
    if (e->path[0]) return;
    e->theme = w->settings.theme;
    snprintf(e->path, sizeof e->path, "%s.gif", w->lesson_open ? w->lesson.id : "convscope");
    e->size = 1;
}

static box labelled(window_state *w, box *b, const char *label) {
    ui *u = &w->ui;
    box row = box_cut_top(b, ui_px(u, 34));
    box_cut_top(b, ui_px(u, 10));
    float width = fminf(ui_px(u, 96), row.width * 0.3f);
    ui_text(u, box_cut_left(&row, width), ANCHOR_LEFT, FACE_WORDS, ui_px(u, 13.5f), u->theme->ink_soft, label);
    return row;
}

static float widest(const ui *u, const char *const *labels, int count) {
    float width = 0;
    for (int i = 0; i < count; i++) width = fmaxf(width, ui_width(u, FACE_WORDS, ui_px(u, 14), labels[i]));
    return width;
}

/* How many things of that width fit in a row, in rows of equal length. */
static int in_a_row(float room, float width, float gap, int count) {
    int most = (int)((room + gap) / (width + gap));
    if (most >= count) return count;
    int rows = (count + (most > 1 ? most : 1) - 1) / (most > 1 ? most : 1);
    return (count + rows - 1) / rows;
}

/* Choices in a row, or in several where they are too wide; the new index. */
static int choices(window_state *w, box *b, const char *title, const char *name, const char *const *labels, int count,
                   int now) {
    ui *u = &w->ui;
    box row = labelled(w, b, title);
    const float gap = ui_px(u, 6), needed = widest(u, labels, count) + ui_px(u, 20);
    const int columns = in_a_row(row.width, needed, gap, count);
    float each = (row.width - gap * (float)(columns - 1)) / (float)columns;
    each = fminf(each, fmaxf(needed, ui_px(u, 120)));
    for (int i = 0; i < count; i++) {
        char id[UI_NAME_SIZE];
        if (i > 0 && i % columns == 0) row = labelled(w, b, "");
        snprintf(id, sizeof id, "%.24s.%d", name, i);
        const button look = {.label = labels[i], .look = i == now ? BUTTON_STRONG : BUTTON_FRAMED};
        if (ui_button(u, id, box_cut_left(&row, each), &look)) now = i;
        box_cut_left(&row, gap);
    }
    return now;
}

static void toggles(window_state *w, box *b) {
    enum { COUNT = 3 };
    ui *u = &w->ui;
    exporting *e = &w->exporting;
    const char *const names[COUNT] = {"export.transparent", "export.plain", "export.crop"};
    const char *const labels[COUNT] = {say(w, N_("No ground")), say(w, N_("No caption")),
                                       say(w, N_("Tight to the figure"))};
    bool *const on[COUNT] = {&e->transparent, &e->plain, &e->crop};
    box row = labelled(w, b, "");
    const float gap = ui_px(u, 24), needed = widest(u, labels, COUNT) + ui_px(u, 46);
    const int columns = in_a_row(row.width, needed, gap, COUNT);
    const float each = (row.width - gap * (float)(columns - 1)) / (float)columns;
    for (int i = 0; i < COUNT; i++) {
        if (i > 0 && i % columns == 0) row = labelled(w, b, "");
        if (ui_toggle(u, names[i], box_cut_left(&row, each), labels[i], *on[i])) *on[i] = !*on[i];
        box_cut_left(&row, gap);
    }
}

static void command_line(window_state *w, box *b) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    char line[EXPORT_SUBJECT_SIZE + PATH_SIZE + 512];
    export_settings s = chosen(w);
    const export_subject *subject = &w->exporting.subject;
    export_command(&s, subject, line, sizeof line);
    box head = box_cut_top(b, ui_px(u, 30));
    const button copy = {.label = say(w, N_("Copy")), .look = BUTTON_FRAMED};
    if (ui_button(u, "export.copy", box_cut_right(&head, ui_px(u, 84)), &copy)) {
        memory_free(w->clipboard);
        w->clipboard = memory_text(line);
        w->effects.copy = w->clipboard;
    }
    ui_text(u, head, ANCHOR_LEFT, FACE_WORDS, ui_px(u, 13.5f), t->ink_soft,
            say(w, subject->unsaved ? N_("The same as a command, once the scene is saved as scene.yaml:")
                                    : N_("The same as a command:")));
    box_cut_top(b, ui_px(u, 6));
    float pad = ui_px(u, 10),
          height = ui_paragraph(u, (point){0, 0}, b->width - 2 * pad, FACE_MONO, ui_px(u, 12.5f), t->ink, line, false);
    box card = box_cut_top(b, height + 2 * pad);
    draw_rect(u->list, card, ui_px(u, 8),
              (paint){.fill = t->control, .stroke = t->panel_line, .width = fmaxf(1, ui_px(u, 1))});
    ui_paragraph(u, (point){card.x + pad, card.y + pad}, card.width - 2 * pad, FACE_MONO, ui_px(u, 12.5f), t->ink, line,
                 true);
    box_cut_top(b, ui_px(u, 10));
}

static void go_row(window_state *w, box foot) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    exporting *e = &w->exporting;
    box go = box_cut_right(&foot, ui_px(u, 120));
    box_cut_right(&foot, ui_px(u, 12));
    if (e->job) {
        double total = (double)atomic_load(&e->job->total),
               part_done = total > 0 ? (double)atomic_load(&e->job->done) / total : 0;
        box bar = {foot.x, foot.y + foot.height / 2 - ui_px(u, 3), foot.width, ui_px(u, 6)};
        draw_rect(u->list, bar, ui_px(u, 3), paint_fill(t->control_active));
        draw_rect(u->list, box_make(bar.x, bar.y, bar.width * (float)part_done, bar.height), ui_px(u, 3),
                  paint_fill(t->accent));
        /* It ends after the frame that it is at; the window does not wait for that. */
        const button stop = {
            .label = say(w, N_("Stop")), .look = BUTTON_FRAMED, .disabled = atomic_load(&e->job->stop)};
        if (ui_button(u, "export.stop", go, &stop)) atomic_store(&e->job->stop, true);
        return;
    }
    if (e->message[0]) {
        float height = ui_paragraph(u, (point){0, 0}, foot.width, FACE_WORDS, ui_px(u, 13), t->ink, e->message, false);
        ui_paragraph(u, (point){foot.x, foot.y + (foot.height - height) / 2}, foot.width, FACE_WORDS, ui_px(u, 13),
                     e->bad ? t->warning : t->good, e->message, true);
    }
    const button look = {.label = say(w, N_("Export")), .look = BUTTON_STRONG, .disabled = !e->path[0]};
    if (ui_button(u, "export.go", go, &look)) start_work(w);
}

void popup_export(window_state *w) {
    ui *u = &w->ui;
    exporting *e = &w->exporting;
    bool close;
    if (w->popup_fresh) look_at_document(w);
    box b = popup_dialog(w, say(w, N_("Export a picture or film")), 680, 560, &close);
    box foot = box_cut_bottom(&b, ui_px(u, 38)), area = b;
    ui_scroll_begin(u, "export.scroll", area, &w->scroll_popup);
    b.y -= w->scroll_popup.offset;
    b.height = 1e5f;
    b.width -= ui_px(u, 10);
    float top = b.y;
    box row = labelled(w, &b, say(w, N_("File")));
    ui_answer did =
        ui_text_field(u, "export.path", row, FACE_WORDS, ui_px(u, 14), e->path, say(w, N_("File name")), true);
    if (did == UI_EDITED || did == UI_COMMITTED)
        snprintf(e->path, sizeof e->path, "%.*s", (int)sizeof e->path - 1, u->field.text);
    int was = ending_of(e->path),
        ending = choices(w, &b, say(w, N_("Format")), "export.format", ending_labels, ENDINGS, was);
    if (ending != was) set_ending(e, ending);
    const char *size_labels[SIZES];
    for (int i = 0; i < SIZES; i++) size_labels[i] = sizes[i].label;
    e->size = choices(w, &b, say(w, N_("Size")), "export.size", size_labels, SIZES, e->size);
    const char *steps[] = {say(w, N_("All steps")), say(w, N_("This step")), say(w, N_("Contact sheet"))};
    e->steps = choices(w, &b, say(w, N_("Steps")), "export.steps", steps, 3, e->steps);
    const char *themes[THEME_COUNT];
    for (int i = 0; i < THEME_COUNT; i++) themes[i] = say(w, theme_words((theme_id)i));
    e->theme = (theme_id)choices(w, &b, say(w, N_("Theme")), "export.theme", themes, THEME_COUNT, (int)e->theme);
    toggles(w, &b);
    command_line(w, &b);
    ui_scroll_end(u, area, &w->scroll_popup, b.y - top);
    go_row(w, foot);
    if (close) popup_close(w);
}
