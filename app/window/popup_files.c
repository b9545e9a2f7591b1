/* Opening and saving: a folder's files, and a line for the name. */
#include "app/document/scene_text.h"
#include "app/system/memory.h"
#include "panels.h"
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const shown_endings[] = {".convscope", ".yaml", ".yml",  ".png", ".jpg",
                                            ".jpeg",      ".bmp",  ".webp", ".npy", ".npz"};

static bool wanted(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof shown_endings / sizeof *shown_endings; i++) {
        size_t end = strlen(shown_endings[i]);
        if (length > end && strcasecmp(name + length - end, shown_endings[i]) == 0) return true;
    }
    return false;
}

static void forget_names(file_choice *c) {
    for (int i = 0; i < c->count; i++) memory_free(c->names[i]);
    c->count = 0;
}

static int by_name(const void *a, const void *b) {
    const char *x = *(char *const *)a, *y = *(char *const *)b;
    bool folder_x = x[strlen(x) - 1] == '/', folder_y = y[strlen(y) - 1] == '/';
    if (folder_x != folder_y) return folder_x ? -1 : 1;
    return strcasecmp(x, y);
}

static void list_folder(window_state *w, const char *folder) {
    file_choice *c = &w->files;
    DIR *dir = opendir(folder);
    if (!dir) {
        snprintf(c->message, sizeof c->message, "%s", say(w, N_("That folder cannot be read.")));
        return;
    }
    forget_names(c);
    char path[PATH_SIZE + 260];
    if (folder != c->folder) snprintf(c->folder, sizeof c->folder, "%s", folder);
    for (struct dirent *e; (e = readdir(dir)) && c->count < FILES_MOST;) {
        struct stat info;
        if (e->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "%s/%s", c->folder, e->d_name);
        if (stat(path, &info) != 0) continue;
        bool folder_entry = S_ISDIR(info.st_mode);
        if (!folder_entry && !(S_ISREG(info.st_mode) && wanted(e->d_name))) continue;
        snprintf(path, sizeof path, "%s%s", e->d_name, folder_entry ? "/" : "");
        c->names[c->count] = memory_text(path);
        if (c->names[c->count]) c->count++;
    }
    closedir(dir);
    qsort(c->names, (size_t)c->count, sizeof *c->names, by_name);
    c->message[0] = 0;
    c->scroll.offset = 0;
}

static void start(window_state *w) {
    file_choice *c = &w->files;
    if (!c->folder[0] && !getcwd(c->folder, sizeof c->folder)) snprintf(c->folder, sizeof c->folder, "/");
    list_folder(w, c->folder);
    c->message[0] = 0;
    if (w->popup == POPUP_SAVE && !c->name[0]) snprintf(c->name, sizeof c->name, "scene.yaml");
}

static void go_up(window_state *w) {
    char folder[PATH_SIZE];
    snprintf(folder, sizeof folder, "%s", w->files.folder);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder)
        *slash = 0;
    else
        folder[1] = 0;
    list_folder(w, folder);
}

static void go_into(window_state *w, const char *name) {
    char folder[PATH_SIZE];
    size_t length = strlen(name) - (name[strlen(name) - 1] == '/');
    bool root = strcmp(w->files.folder, "/") == 0;
    if (snprintf(folder, sizeof folder, "%s/%.*s", root ? "" : w->files.folder, (int)length, name) < (int)sizeof folder)
        list_folder(w, folder);
}

static void finish(window_state *w) {
    file_choice *c = &w->files;
    char path[PATH_SIZE + 260], text[NOTICE_SIZE];
    struct stat info;
    failure f = {0};
    if (!c->name[0]) return;
    if (c->name[0] == '/')
        snprintf(path, sizeof path, "%s", c->name);
    else
        snprintf(path, sizeof path, "%s/%s", c->folder, c->name);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
        list_folder(w, path);
        c->name[0] = 0;
        return;
    }
    bool save = w->popup == POPUP_SAVE;
    bool done =
        save ? scene_save(state_document(w), w->base[0] ? w->base : NULL, path, &f) : state_open_file(w, path, &f);
    if (!done) {
        failure_text(w->settings.language, &f, text, sizeof text);
        snprintf(c->message, sizeof c->message, "%s", text);
        return;
    }
    popup_close(w);
    if (!save) return;
    tr_format(w->settings.language, text, sizeof text, N_("Saved as {0}."), "s", c->name);
    state_notice(w, false, text);
}

static void take_name(window_state *w) {
    snprintf(w->files.name, sizeof w->files.name, "%.255s", w->ui.field.text);
}

static void list(window_state *w, box b) {
    ui *u = &w->ui;
    file_choice *c = &w->files;
    paint frame = {.fill = u->theme->control, .stroke = u->theme->panel_line, .width = fmaxf(1, ui_px(u, 1))};
    draw_rect(u->list, b, ui_px(u, 8), frame);
    box inner = box_inset(b, ui_px(u, 6), ui_px(u, 6));
    ui_scroll_begin(u, "files", inner, &c->scroll);
    float y = inner.y - c->scroll.offset, top = y, row = ui_px(u, 28);
    int chosen = -2;
    if (ui_row(u, "file.up", box_make(inner.x, y, inner.width - ui_px(u, 10), row), "..", say(w, N_("folder above")),
               false, false))
        chosen = -1;
    y += row;
    for (int i = 0; i < c->count; i++) {
        char name[UI_NAME_SIZE];
        snprintf(name, sizeof name, "file.%d", i);
        bool folder = c->names[i][strlen(c->names[i]) - 1] == '/', on = strcmp(c->names[i], c->name) == 0;
        if (ui_row(u, name, box_make(inner.x, y, inner.width - ui_px(u, 10), row), c->names[i],
                   folder ? say(w, N_("folder")) : NULL, on, false))
            chosen = i;
        y += row;
    }
    ui_scroll_end(u, inner, &c->scroll, y - top);
    if (chosen == -1)
        go_up(w);
    else if (chosen >= 0 && c->names[chosen][strlen(c->names[chosen]) - 1] == '/')
        go_into(w, c->names[chosen]);
    else if (chosen >= 0) {
        bool again = strcmp(c->name, c->names[chosen]) == 0 || u->event->kind == EVENT_KEY;
        snprintf(c->name, sizeof c->name, "%.255s", c->names[chosen]);
        if (u->field.id == ui_hash("file.name")) ui_field_end(u);
        if (again && w->popup == POPUP_OPEN) finish(w);
    }
    u->again |= chosen >= -1;
}

void popup_files(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    file_choice *c = &w->files;
    const bool fresh = w->popup_fresh;
    if (fresh) start(w);
    bool close, save = w->popup == POPUP_SAVE;
    box b =
        popup_dialog(w, say(w, save ? N_("Save the scene") : N_("Open a scene, picture or array")), 640, 560, &close);
    if (fresh) ui_focus(u, ui_hash("file.name"), true), u->focus_found = true; /* a name can be typed at once */
    if (b.height > ui_px(u, 150)) /* in a low window the list comes first */
        ui_text(u, box_cut_top(&b, ui_px(u, 24)), ANCHOR_LEFT, FACE_MONO, ui_px(u, 12.5f), t->ink_soft, c->folder);
    box foot = box_cut_bottom(&b, ui_px(u, 36));
    box_cut_bottom(&b, ui_px(u, 10));
    if (c->message[0]) {
        float height = ui_paragraph(u, (point){0, 0}, b.width, FACE_WORDS, ui_px(u, 13), t->warning, c->message, false);
        box line = box_cut_bottom(&b, height);
        ui_paragraph(u, (point){line.x, line.y}, b.width, FACE_WORDS, ui_px(u, 13), t->warning, c->message, true);
        box_cut_bottom(&b, ui_px(u, 8));
    }
    list(w, b);
    box go = box_cut_right(&foot, ui_px(u, 110));
    box_cut_right(&foot, ui_px(u, 10));
    ui_answer did =
        ui_text_field(u, "file.name", foot, FACE_WORDS, ui_px(u, 14), c->name, say(w, N_("File name")), true);
    if (did == UI_EDITED || did == UI_COMMITTED) take_name(w);
    if (did == UI_COMMITTED && u->event->kind == EVENT_KEY && u->event->key == KEY_ENTER) finish(w);
    close |= did == UI_CANCELLED && u->event->kind == EVENT_KEY && u->event->key == KEY_ESCAPE;
    const button look = {
        .label = say(w, save ? N_("Save") : N_("Open")), .look = BUTTON_STRONG, .disabled = !c->name[0]};
    if (w->popup != POPUP_NONE && ui_button(u, "file.go", go, &look)) finish(w);
    if (close) popup_close(w);
}
