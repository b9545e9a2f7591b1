/* The window without a display: events in, state and display lists out. Each Criterion test runs in a process of its
 * own. */
#ifndef TESTS_WINDOW_HARNESS_H
#define TESTS_WINDOW_HARNESS_H

#include "app/language/language.h"
#include "app/system/memory.h"
#include "app/window/easel.h"
#include "app/window/frame.h"
#include "app/window/keys.h"
#include "app/window/measuring.h"
#include "app/window/panels.h"
#include "app/window/playback.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ASSETS SOURCE_DIR "/assets"

/* How much of a large table a test takes, by CONVSCOPE_EXTENT in the environment: "few" (builds with sanitizers),
 * thinned out as it stands, "all" (tests/check --long). */
typedef enum extent { EXTENT_FEW, EXTENT_THIN, EXTENT_ALL } extent;

static inline extent test_extent(void) {
    const char *wish = getenv("CONVSCOPE_EXTENT");
    return !wish                      ? EXTENT_THIN
           : strcmp(wish, "all") == 0 ? EXTENT_ALL
           : strcmp(wish, "few") == 0 ? EXTENT_FEW
                                      : EXTENT_THIN;
}

typedef struct harness {
    window_state w;
    fonts *fonts;
    conv_engine *engine;
    double time;
} harness;

static inline void frame(harness *h, const window_event *events, int count, double seconds) {
    h->time += seconds;
    window_update(&h->w, events, count, h->time);
    while (h->w.measuring) { /* what is measured beside the window is there when a test looks */
        measuring_wait(&h->w);
        window_update(&h->w, NULL, 0, h->time);
    }
}

static inline void idle(harness *h) {
    frame(h, NULL, 0, 1.0 / 60);
}

static inline void wait_seconds(harness *h, double seconds) {
    for (double t = 0; t < seconds; t += 1.0 / 60) idle(h);
}

static inline void send(harness *h, window_event e) {
    frame(h, &e, 1, 1.0 / 60);
}

static inline void press_key(harness *h, int key, unsigned modifiers) {
    send(h, (window_event){.kind = EVENT_KEY, .key = key, .modifiers = modifiers});
}

static inline void type_text(harness *h, const char *text) {
    window_event e = {.kind = EVENT_TEXT};
    snprintf(e.text, sizeof e.text, "%s", text);
    send(h, e);
}

static inline void move_to(harness *h, float x, float y) {
    send(h, (window_event){.kind = EVENT_MOVE, .at = {x, y}});
}

static inline void press_at(harness *h, float x, float y) {
    move_to(h, x, y);
    send(h, (window_event){.kind = EVENT_PRESS, .button = BUTTON_LEFT, .clicks = 1, .at = {x, y}});
}

static inline void release_at(harness *h, float x, float y) {
    send(h, (window_event){.kind = EVENT_RELEASE, .button = BUTTON_LEFT, .at = {x, y}});
}

static inline void click_at(harness *h, float x, float y) {
    press_at(h, x, y);
    release_at(h, x, y);
}

static inline const ui_control *control(harness *h, const char *name) {
    const ui_control *c = ui_find(&h->w.ui, name);
    cr_assert_not_null(c, "there is no control %s", name);
    return c;
}

static inline void click(harness *h, const char *name) {
    box b = control(h, name)->box;
    click_at(h, b.x + b.width / 2, b.y + b.height / 2);
}

/* The middle of a cell, in the window. */
static inline point cell_at(harness *h, role r, int64_t index) {
    const display_list *l = h->w.seen;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind == ITEM_RECT && it->tag.kind == TAG_CELL && it->tag.role == r && it->tag.index == index) {
            box f = h->w.layout.figure;
            return (point){f.x + it->box.x + it->box.width / 2, f.y + it->box.y + it->box.height / 2};
        }
    }
    cr_assert_fail("cell %d of role %d is not drawn", (int)index, (int)r);
    return (point){0, 0};
}

/* Clicks a cell and types its number. */
static inline void type_into_cell(harness *h, role r, int64_t index, const char *text) {
    const point at = cell_at(h, r, index);
    click_at(h, at.x, at.y);
    type_text(h, text);
    press_key(h, KEY_ENTER, 0);
}

/* Into the field of the expression, in place of what stands there. */
static inline void type_expression(harness *h, const char *text) {
    press_key(h, 'l', MODIFIER_CONTROL);
    press_key(h, 'a', MODIFIER_CONTROL);
    type_text(h, text);
}

static inline bool shows_text(const display_list *l, const char *text) {
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind == ITEM_TEXT && strstr(l->text + it->first, text)) return true;
    }
    return false;
}

static inline harness *start_sized(int width, int height) {
    harness *h = memory_zeroed(1, sizeof *h);
    failure f = {0};
    conv_error error;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    cr_assert_not_null(h);
    cr_assert(fonts_create(&h->fonts, &f), "%s", f.error.message);
    cr_assert_eq(conv_engine_create(&options, &h->engine, &error), CONV_OK);
    cr_assert(window_begin(&h->w, h->fonts, h->engine, ASSETS, &f), "%s", f.error.message);
    h->time = 1;
    window_event size = {.kind = EVENT_RESIZE, .width = width, .height = height, .ratio = 1};
    window_update(&h->w, &size, 1, h->time);
    return h;
}

static inline harness *start(const char *expression) {
    harness *h = start_sized(1440, 900);
    document d;
    failure f = {0};
    cr_assert(document_from_expression(&d, expression, NULL, &f), "%s", f.error.message);
    cr_assert(state_open_document(&h->w, &d, false, &f), "%s", f.error.message);
    document_destroy(&d);
    idle(h);
    return h;
}

static inline harness *start_lesson(const char *id) {
    harness *h = start_sized(1440, 900);
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, id, 0, false, &f), "%s: %s", id, f.error.message);
    idle(h);
    return h;
}

static inline void stop(harness *h) {
    window_end(&h->w);
    conv_engine_destroy(h->engine);
    fonts_destroy(h->fonts);
    memory_free(h);
}

#endif
