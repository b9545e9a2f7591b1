/* A figure drawn for a test to look into: a scene of an expression, the settings, the list. */
#ifndef TESTS_SHOWN_H
#define TESTS_SHOWN_H

#include "app/figure/figure.h"
#include "app/figure/short_number.h"
#include "app/figure/stage.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct shown {
    document document;
    scene scene;
    figure_settings set;
    display_list list;
} shown;

static fonts *typefaces;
static conv_engine *engine;

static inline void shown_begin(void) {
    cr_assert(fonts_create(&typefaces, NULL));
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
}

static inline void shown_end(void) {
    conv_engine_destroy(engine);
    fonts_destroy(typefaces);
}

static inline void show(shown *v, const char *expression, const conv_shape *input) {
    failure f = {0};
    memset(v, 0, sizeof *v);
    cr_assert(document_from_expression(&v->document, expression, input, &f), "%s: %s", expression, f.error.message);
    cr_assert(scene_open(&v->scene, &v->document, engine, NULL, &f), "%s: %s", expression, f.error.message);
    figure_defaults(&v->set);
    v->set.fonts = typefaces;
    v->set.width = 1600;
    v->set.height = 1000;
}

static inline void draw(shown *v, int64_t step, double progress) {
    failure f = {0};
    v->set.moment = (moment){step, progress};
    cr_assert(figure_draw(&v->list, &v->scene, &v->set, &f), "%s", f.error.message);
}

static inline void hide(shown *v) {
    display_list_destroy(&v->list);
    scene_close(&v->scene);
    document_destroy(&v->document);
}

/* The first text of a cell, or NULL. */
static inline const char *cell_text(const shown *v, role r, int64_t index) {
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        if (t->kind == ITEM_TEXT && t->tag.kind == TAG_CELL && t->tag.role == r && t->tag.index == index)
            return v->list.text + t->first;
    }
    return NULL;
}

static inline int count_texts(const shown *v, tag_kind kind, role r, const char *beginning) {
    int count = 0;
    for (size_t i = 0; i < v->list.item_count; i++) {
        const item *t = &v->list.items[i];
        count += t->kind == ITEM_TEXT && t->tag.kind == kind && t->tag.role == r &&
                 !strncmp(v->list.text + t->first, beginning, strlen(beginning));
    }
    return count;
}

static inline void check_cells(const shown *v, role r, const float *values, int64_t count, int64_t known,
                               const char *what) {
    for (int64_t i = 0; i < count; i++) {
        const char *text = cell_text(v, r, i);
        char number[NUMBER_SIZE];
        short_number(number, sizeof number, (double)values[i], NUMBER_DIGITS);
        if (i < known)
            cr_expect(text && !strcmp(text, number), "%s: cell %lld shows %s, the engine has %s", what, (long long)i,
                      text ? text : "nothing", number);
        else
            cr_expect_null(text, "%s: cell %lld shows %s before its step", what, (long long)i, text);
    }
}

static inline stage stage_on(shown *v, failure *f) {
    return (stage){.list = &v->list,
                   .scene = &v->scene,
                   .document = &v->document,
                   .settings = &v->set,
                   .theme = theme_get(THEME_LIGHT),
                   .fonts = typefaces,
                   .failure = f,
                   .moment = v->set.moment,
                   .unit = 1};
}

#endif
