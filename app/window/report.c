#include "report.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "opening.h"
#include "playback.h"
#include "scale.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NUMBERS = 256, LARGE_OUTPUT = 1 << 20 };

typedef struct json {
    char *bytes;
    size_t count, capacity;
    bool failed, comma;
} json;

static void add(json *j, const char *text) {
    size_t length = strlen(text);
    if (j->failed || !memory_reserve(&j->bytes, &j->capacity, j->count + length + 1, 1)) {
        j->failed = true;
        return;
    }
    memcpy(j->bytes + j->count, text, length + 1);
    j->count += length;
}

static void name(json *j, const char *key) {
    if (j->comma) add(j, ", ");
    j->comma = true;
    if (!key) return;
    add(j, "\"");
    add(j, key);
    add(j, "\": ");
}

static void text(json *j, const char *key, const char *value) {
    name(j, key);
    if (!value) {
        add(j, "null");
        return;
    }
    add(j, "\"");
    for (; *value; value++) {
        char one[8] = {*value, 0};
        if (*value == '"' || *value == '\\')
            snprintf(one, sizeof one, "\\%c", *value);
        else if ((unsigned char)*value < 0x20)
            snprintf(one, sizeof one, "\\u%04x", (unsigned)*value);
        add(j, one);
    }
    add(j, "\"");
}

static void number(json *j, const char *key, double value) {
    char digits[48];
    name(j, key);
    add(j, isfinite(value) ? number_write(value, 9, digits, sizeof digits) : "null");
}

static void truth(json *j, const char *key, bool value) {
    name(j, key);
    add(j, value ? "true" : "false");
}

static void begin(json *j, const char *key, const char *bracket) {
    name(j, key);
    add(j, bracket);
    j->comma = false;
}

static void shut(json *j, const char *bracket) {
    add(j, bracket);
    j->comma = true;
}

static void shape(json *j, const char *key, const conv_shape *s) {
    begin(j, key, "[");
    for (int a = 0; a < s->rank; a++) number(j, NULL, (double)s->size[a]);
    shut(j, "]");
}

static void numbers(json *j, const char *key, const float *values, const conv_shape *s) {
    int64_t count = values && s->rank ? conv_shape_count(s) : 0;
    begin(j, key, "[");
    for (int64_t i = 0; i < count && i < MOST_NUMBERS; i++) number(j, NULL, (double)values[i]);
    shut(j, "]");
}

static const char *const view_names[VIEW_COUNT] = {"slide", "matrix", "field", "cost", "engine"};
static const char *const popup_names[POPUP_COUNT] = {"none", "menu",   "input", "weight", "view",
                                                     "help", "export", "open",  "save",   "games"};
static const char *const role_names[ROLE_COUNT] = {"none", "input", "weight", "output", "bias", "offset", "mask"};

static void document_part(json *j, window_state *w) {
    const document *d = state_document(w);
    const playback *p = &w->play;
    text(j, "lesson", w->lesson_open ? w->lesson.id : NULL);
    number(j, "page", w->page);
    number(j, "pages", w->lesson_open ? w->lesson.page_count : 0);
    text(j, "expression", w->scene_open ? d->parts[0].expression : NULL);
    text(j, "view", view_names[d->view]);
    text(j, "style", d->style == STYLE_FLAT ? "flat" : "isometric");
    truth(j, "labels", d->labels);
    truth(j, "counts", d->counts);
    truth(j, "zero_insertion", d->zero_insertion);
    truth(j, "curtain", d->curtain);
    number(j, "pinned_output", (double)d->pinned_output);
    number(j, "pinned_input", (double)d->pinned_input);
    number(j, "step", (double)playback_done(w));
    number(j, "steps", w->scene_open ? (double)w->scene.steps : 0);
    number(j, "first", (double)p->first);
    number(j, "last", (double)p->last);
    if (!p->playing) number(j, "progress", p->at.progress);
    truth(j, "playing", p->playing);
    number(j, "undo", (double)w->history.past_count);
    number(j, "redo", (double)w->history.future_count);
}

static void settings_part(json *j, const window_state *w) {
    const settings *s = &w->settings;
    number(j, "speed", s->speed);
    truth(j, "loop", s->loop);
    text(j, "language", language_code(s->language));
    text(j, "theme", theme_get(s->theme)->name);
    number(j, "scale", (double)scale_now(w));
    truth(j, "reduced_motion", s->reduced_motion);
    number(j, "width", w->width);
    number(j, "height", w->height);
    truth(j, "lessons_panel", w->layout.lessons.width > 0);
    truth(j, "inspector_panel", w->layout.inspector.width > 0);
    truth(j, "presenting", w->present.on);
    truth(j, "blank", w->present.blank);
    truth(j, "spotlight", w->present.spotlight);
    truth(j, "pen", w->present.pen);
    number(j, "ink", w->present.ink_count);
    truth(j, "notes", w->present.notes);
}

static const char *control_name(const ui *u, ui_id id) {
    for (size_t i = 0; i < u->control_count; i++) {
        if (u->controls[i].id == id) return u->controls[i].name;
    }
    return NULL;
}

static void ui_part(json *j, const window_state *w) {
    const ui *u = &w->ui;
    text(j, "popup", popup_names[w->popup]);
    text(j, "focus", u->focus ? control_name(u, u->focus) : NULL);
    truth(j, "focus_seen", u->focus && u->focus_seen);
    text(j, "editing", u->field.id ? u->field.text : NULL);
    if (w->easel.hover.kind == TAG_CELL) {
        begin(j, "hover", "{");
        text(j, "role", role_names[w->easel.hover.role]);
        number(j, "index", (double)w->easel.hover.index);
        shut(j, "}");
    } else {
        text(j, "hover", NULL);
    }
    number(j, "zoom", (double)roundf(w->easel.zoom * 1000) / 1000);
    number(j, "pan_x", (double)w->easel.pan.x);
    number(j, "pan_y", (double)w->easel.pan.y);
    text(j, "notice", w->notice);
    text(j, "opening", opening_name(w));
    text(j, "error", w->expression_error);
    number(j, "error_column", w->expression_column);
    text(j, "refusal", w->refused ? w->refusal : "");
    text(j, "search", w->search);
}

static void predict_part(json *j, const window_state *w) {
    const prediction *p = &w->predict;
    if (!p->on) {
        text(j, "predict", NULL);
        return;
    }
    begin(j, "predict", "{");
    truth(j, "asking", p->asking);
    truth(j, "revealed", p->revealed);
    truth(j, "right", p->right);
    number(j, "score", p->score);
    number(j, "asked", p->asked);
    text(j, "answer", p->asking ? p->answer.right : "");
    number(j, "right_choice", p->answer.right_choice);
    shut(j, "}");
}

static void scene_part_of(json *j, window_state *w) {
    if (!w->scene_open) return;
    scene_part *s = &w->scene.parts[0];
    shape(j, "input_shape", &s->layout->input[0]);
    shape(j, "output_shape", &s->layout->output);
    numbers(j, "input", s->input, &s->layout->input[0]);
    numbers(j, "weight", s->operands.weight, &s->layout->weight);
    const bool large = conv_shape_count(&s->layout->output) > LARGE_OUTPUT; /* its state would be a copy of it */
    if (!w->play.playing && !large)
        numbers(j, "output", scene_state(&w->scene, 0, playback_done(w), NULL), &s->layout->output);
}

static void controls_part(json *j, const window_state *w) {
    const ui *u = &w->ui;
    begin(j, "controls", "[\n");
    for (size_t i = 0; i < u->control_count; i++) {
        const ui_control *c = &u->controls[i];
        if (!c->visible && !c->focusable) continue;
        begin(j, NULL, "{");
        text(j, "name", c->name);
        number(j, "x", (double)c->box.x);
        number(j, "y", (double)c->box.y);
        number(j, "width", (double)c->box.width);
        number(j, "height", (double)c->box.height);
        truth(j, "enabled", c->enabled);
        truth(j, "focusable", c->focusable);
        truth(j, "visible", c->visible);
        shut(j, "}\n");
    }
    shut(j, "]");
}

char *report_text(window_state *w) {
    json j = {0};
    add(&j, "{");
    document_part(&j, w);
    settings_part(&j, w);
    ui_part(&j, w);
    predict_part(&j, w);
    scene_part_of(&j, w);
    controls_part(&j, w);
    add(&j, "}\n");
    if (!j.failed) return j.bytes;
    memory_free(j.bytes);
    return NULL;
}
