#include "session.h"
#include "app/document/scene_text.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "opening.h"
#include "playback.h"
#include "saver.h"
#include "scale.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double autosave_after = 2;

void settings_defaults(settings *s) {
    *s = (settings){.lessons_open = true, .inspector_open = true, .speed = 1};
}

/* $NAME/convscope/FILE, or ~/FALLBACK/convscope/FILE. */
static bool place(const char *name, const char *fallback, const char *file, char *path, size_t size) {
    const char *root = getenv(name), *home = getenv("HOME");
    char folder[PATH_SIZE - 64];
    int length;
    if (root && root[0] == '/')
        length = snprintf(folder, sizeof folder, "%s/convscope", root);
    else if (home && home[0] == '/')
        length = snprintf(folder, sizeof folder, "%s/%s/convscope", home, fallback);
    else
        return false;
    if (length < 0 || (size_t)length >= sizeof folder) return false;
    return snprintf(path, size, "%s/%s", folder, file) < (int)size;
}

static bool settings_path(char *path, size_t size) {
    return place("XDG_CONFIG_HOME", ".config", "settings", path, size);
}

static bool session_path(const char *file, char *path, size_t size) {
    return place("XDG_STATE_HOME", ".local/state", file, path, size);
}

/* ---- settings: one "name value" on a line ---- */

static void set_bool(bool *to, const char *value) {
    if (strcmp(value, "yes") == 0)
        *to = true;
    else if (strcmp(value, "no") == 0)
        *to = false;
}

static void take_setting(settings *s, const char *name, const char *value) {
    double number = 0;
    bool real = number_read_real(value, &number);
    if (strcmp(name, "language") == 0)
        language_find(value, &s->language);
    else if (strcmp(name, "theme") == 0)
        theme_find(value, &s->theme);
    else if (strcmp(name, "scale") == 0)
        s->scale = real && number >= (double)SCALE_LEAST && number <= (double)SCALE_MOST ? (float)number : 0;
    else if (strcmp(name, "reduced_motion") == 0)
        set_bool(&s->reduced_motion, value);
    else if (strcmp(name, "lessons") == 0)
        set_bool(&s->lessons_open, value);
    else if (strcmp(name, "inspector") == 0)
        set_bool(&s->inspector_open, value);
    else if (strcmp(name, "speed") == 0 && real && number >= 0.125 && number <= 16)
        s->speed = number;
    else if (strcmp(name, "loop") == 0)
        set_bool(&s->loop, value);
    else if (strcmp(name, "width") == 0 && real && number >= 320 && number <= 16384)
        s->width = (int)number;
    else if (strcmp(name, "height") == 0 && real && number >= 240 && number <= 16384)
        s->height = (int)number;
}

void settings_load(settings *s) {
    enum { LARGEST = 65536 };
    char path[PATH_SIZE], *text = NULL;
    size_t size = 0;
    if (!settings_path(path, sizeof path) || !file_load(path, LARGEST, &text, &size, NULL)) return;
    for (char *line = text, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        char *value = strchr(line, ' ');
        if (value) *value++ = 0, take_setting(s, line, value);
    }
    memory_free(text);
}

static bool settings_text(const settings *s, kept_file *k, failure *f) {
    enum { MOST = 1024 };
    char scale[32], speed[32];
    if (!settings_path(k->path, sizeof k->path))
        return fail(f, N_("there is no home folder to keep the settings in"), "");
    k->text = memory_resize(NULL, MOST, 1);
    if (!k->text) return fail_memory(f);
    k->size = (size_t)snprintf(
        k->text, MOST,
        "language %s\ntheme %s\nscale %s\nreduced_motion %s\nlessons %s\ninspector %s\nspeed %s\nloop "
        "%s\nwidth %d\nheight %d\n",
        language_code(s->language), theme_get(s->theme)->name,
        s->scale > 0 ? number_write(s->scale, 6, scale, sizeof scale) : "auto", s->reduced_motion ? "yes" : "no",
        s->lessons_open ? "yes" : "no", s->inspector_open ? "yes" : "no",
        number_write(s->speed, 6, speed, sizeof speed), s->loop ? "yes" : "no", s->width, s->height);
    return true;
}

bool settings_save(const settings *s, failure *f) {
    kept_file k = {0};
    return settings_text(s, &k, f) && kept_file_store(&k, f);
}

/* ---- the document: first line the folder its names are taken from, then the scene ---- */

bool session_load(window_state *w, bool play) {
    char path[PATH_SIZE], bad[PATH_SIZE], *text = NULL;
    size_t size = 0;
    if (!session_path("session", path, sizeof path) || !file_load(path, SCENE_MAX_BYTES, &text, &size, NULL))
        return false;
    document d;
    char *line_end = memchr(text, '\n', size);
    bool ok = strncmp(text, "# base:", 7) == 0 && line_end;
    if (ok) {
        *line_end = 0;
        snprintf(w->base, sizeof w->base, "%s", text + 7);
        const char *body = line_end + 1;
        ok = scene_text_read(body, size - (size_t)(body - text), path, w->base[0] ? w->base : NULL, &d, NULL);
    }
    if (ok) {
        ok = state_resume(w, &d, play, NULL);
        document_destroy(&d);
    }
    memory_free(text);
    if (!ok) {
        w->base[0] = 0;
        failure f = {0};
        if (session_path("session.bad", bad, sizeof bad) && rename(path, bad) != 0) {
            fail_system(&f, path, errno);
            state_failure(w, &f); /* the next autosave will take its place */
        }
    }
    return ok;
}

static bool session_text(const window_state *w, kept_file *k, failure *f) {
    char head[PATH_SIZE + 16], *text = NULL;
    if (!session_path("session", k->path, sizeof k->path))
        return fail(f, N_("there is no home folder to keep the settings in"), "");
    if (!scene_text_write(&w->history.document, &text, f)) return false;
    int length = snprintf(head, sizeof head, "# base:%s\n", w->base);
    k->size = (size_t)length + strlen(text);
    k->text = memory_resize(NULL, k->size + 1, 1);
    if (k->text) snprintf(k->text, k->size + 1, "%s%s", head, text);
    memory_free(text);
    return k->text || fail_memory(f);
}

bool session_save(window_state *w, failure *f) {
    kept_file k = {0};
    saver_end(&w->saver, NULL);          /* an older state must not come after this one */
    if (opening_resumes(w)) return true; /* it is kept already */
    return !w->scene_open || (session_text(w, &k, f) && kept_file_store(&k, f));
}

static void wake(window_state *w, double at) {
    if (w->effects.wake_at == 0 || at < w->effects.wake_at) w->effects.wake_at = at;
}

static void save_beside(window_state *w, bool with_settings) {
    kept_file files[SAVER_FILES] = {0};
    failure f = {0};
    bool ok = !w->scene_open || session_text(w, &files[0], &f);
    ok = ok && (!with_settings || settings_text(&w->settings, &files[1], &f));
    if (!ok) memory_free(files[0].text);
    if (!ok || !saver_begin(&w->saver, files, SAVER_FILES, &f)) state_failure(w, &f);
}

void session_tick(window_state *w) {
    const double look_again = 0.25;
    if (!w->remember || opening_resumes(w)) return;
    if (w->saver && !saver_busy(w->saver)) {
        failure f = {0};
        if (!saver_end(&w->saver, &f)) state_failure(w, &f);
    }
    if (w->dirty && w->dirty_since == 0) w->dirty_since = w->time; /* opened before the first frame had a time */
    bool settled = memcmp(&w->settings, &w->saved_settings, sizeof w->settings) == 0;
    if (!settled && !w->dirty) w->dirty = true, w->dirty_since = w->time;
    if (w->dirty && !w->saver && w->time - w->dirty_since >= autosave_after) {
        w->dirty = false;
        w->saved_settings = w->settings;
        save_beside(w, !settled);
    }
    if (w->dirty && w->time - w->dirty_since < autosave_after) wake(w, w->dirty_since + autosave_after);
    if (w->saver) wake(w, w->time + look_again);
}

void session_end(window_state *w) {
    saver_end(&w->saver, NULL);
}
