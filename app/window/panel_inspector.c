#include "app/arrays/source.h"
#include "app/system/number.h"
#include "easel.h"
#include "panels.h"
#include "parameter.h"
#include "playback.h"
#include "predict.h"
#include "sources.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Where the next row goes. */
typedef struct flow {
    float x, y, width;
} flow;

static box row(flow *f, float height) {
    box b = {f->x, f->y, f->width, height};
    f->y += height;
    return b;
}

static void heading(window_state *w, flow *f, const char *text, bool line) {
    ui *u = &w->ui;
    if (line) {
        f->y += ui_px(u, 10);
        draw_rect(u->list, box_make(f->x, f->y, f->width, fmaxf(1, ui_px(u, 1))), 0, paint_fill(u->theme->panel_line));
        f->y += ui_px(u, 8);
    }
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, row(f, ui_px(u, 28)), ANCHOR_LEFT, FACE_WORDS_BOLD, ui_px(u, 12.5f), u->theme->ink_soft, text);
    u->list->current = (tag){0};
}

static void words(window_state *w, flow *f, face type, float size, color c, const char *text) {
    ui *u = &w->ui;
    u->list->current = (tag){.kind = TAG_LABEL};
    f->y += ui_paragraph(u, (point){f->x, f->y}, f->width, type, ui_px(u, size), c, text, true);
    u->list->current = (tag){0};
}

/* The next place where a sum may be broken: before a sign that stands between spaces; NULL: none. */
static const char *next_break(const char *text) {
    for (const char *at = strchr(text + 1, ' '); at; at = strchr(at + 1, ' '))
        if (at[1] && at[2] == ' ' && strchr("+-/=", at[1])) return at;
    return NULL;
}

/* As "%s%.*s", with spaces that do not break around the equals. */
static void glue(char *to, size_t size, const char *line, const char *text, const char *equals, size_t length) {
    const size_t before = (size_t)(equals - text), skipped = before + strlen(" = ");
    snprintf(to, size, "%s%.*s\xc2\xa0=\xc2\xa0%.*s", line, (int)before, text, (int)(length - skipped), text + skipped);
}

/* A sum: broken before a sign, so that products stay whole and the result stands beside the last one. */
static void sum(window_state *w, flow *f, float size, color c, const char *text) {
    ui *u = &w->ui;
    char line[1024] = "", longer[1024];
    while (*text) {
        const char *next = next_break(text), *equals = next && strncmp(next, " = ", 3) == 0 ? next : NULL;
        if (equals) next = next_break(equals);
        size_t length = next ? (size_t)(next - text) : strlen(text);
        if (equals)
            glue(longer, sizeof longer, line, text, equals, length);
        else
            snprintf(longer, sizeof longer, "%s%.*s", line, (int)length, text);
        if (*line && ui_width(u, FACE_MONO, ui_px(u, size), longer) > f->width) {
            words(w, f, FACE_MONO, size, c, line);
            *line = 0;
            text++; /* without the space */
            continue;
        }
        snprintf(line, sizeof line, "%s", longer);
        text += length;
    }
    if (*line) words(w, f, FACE_MONO, size, c, line);
}

static void refuse(window_state *w, const char *name, const failure *why, bool still) {
    char text[REFUSAL_SIZE - 64];
    w->refused = 0;
    if (!why->error.format) return;
    failure_text(w->settings.language, why, text, sizeof text);
    snprintf(w->refusal, sizeof w->refusal, "%s", text);
    w->refused = ui_hash(name);
    w->refused_still = still;
}

/* Why a value was refused, under its row. */
static void refusal(window_state *w, flow *f, const char *name) {
    if (w->refused != ui_hash(name)) return;
    words(w, f, FACE_WORDS, 12.5f, w->refused_still ? w->ui.theme->warning : w->ui.theme->ink_soft, w->refusal);
    f->y += ui_px(&w->ui, 4);
}

static int stepper_row(window_state *w, flow *f, const char *name, const char *label, face type, const char *value,
                       ui_answer *did) {
    ui *u = &w->ui;
    box b = row(f, ui_px(u, 35));
    float wide = fminf(ui_px(u, 128), f->width * 0.5f),
          label_width = ui_width(u, type, ui_px(u, 13.5f), label) + ui_px(u, 10);
    if (f->width - wide < label_width) wide = fmaxf(ui_px(u, 92), f->width - label_width); /* the name is read first */
    box at = box_cut_right(&b, wide);
    box_cut_right(&b, ui_px(u, 8));
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, b, ANCHOR_LEFT, type, ui_px(u, 13.5f), u->theme->ink, label);
    u->list->current = (tag){0};
    return ui_stepper(u, name, box_inset(at, 0, ui_px(u, 2.5f)), value, w->refused == ui_hash(name) && w->refused_still,
                      did);
}

static void parameter_row(window_state *w, flow *f, int layer, int param) {
    const conv_param *p = &state_part(w)->layers[layer].spec.op->params[param];
    char name[UI_NAME_SIZE], value[96];
    if (p->type == CONV_PARAM_IGNORED) return;
    snprintf(name, sizeof name, "param.%.24s", p->name);
    parameter_text(w, layer, param, value, sizeof value);
    ui_answer did;
    failure why = {0};
    int by = stepper_row(w, f, name, p->name, FACE_MONO, value, &did);
    if (by) {
        bool done = parameter_step(w, layer, param, by, &why);
        refuse(w, name, &why, !done);
        w->ui.again = true;
    } else if (did == UI_COMMITTED) {
        bool done = strcmp(w->ui.field.text, value) == 0 || parameter_type(w, layer, param, w->ui.field.text, &why);
        refuse(w, name, &why, !done);
        w->ui.again = true;
    }
    refusal(w, f, name);
}

static void layer_row(window_state *w, flow *f) {
    const part *p = state_part(w);
    if (p->layer_count < 2) return;
    char value[160], number[32];
    const conv_layer *layer = &p->layers[p->focus];
    snprintf(number, sizeof number, "%d/%d", p->focus + 1, p->layer_count);
    snprintf(value, sizeof value, "%s  %s", say(w, N_("layer")), layer->spec.op->name);
    if (ui_width(&w->ui, FACE_WORDS, ui_px(&w->ui, 13.5f), value) > f->width - ui_px(&w->ui, 104)) /* the name alone */
        snprintf(value, sizeof value, "%s", layer->spec.op->name);
    ui_answer did;
    int by = stepper_row(w, f, "layer", value, FACE_WORDS, number, &did);
    int64_t to = p->focus + by, typed;
    if (did == UI_COMMITTED && number_read_integer(w->ui.field.text, &typed)) to = typed - 1;
    if (to != p->focus && to >= 0 && to < p->layer_count) {
        change c = {.kind = CHANGE_FOCUS, .number = to};
        state_change(w, &c, NULL);
        playback_reset(w, false);
        w->refused = 0;
    }
}

/* ---- the input's size, and where numbers come from ---- */

static int spatial_first(const window_state *w) {
    const part *p = &w->history.document.parts[0];
    int dims = p->layers[0].spec.op->dims, rank = p->input_shape.rank;
    return dims > 0 && dims < rank ? rank - dims : rank > 2 ? rank - 2 : rank > 0 ? rank - 1 : 0;
}

static void set_input(window_state *w, const conv_shape *shape) {
    failure why = {0};
    change c = {.kind = CHANGE_INPUT_SHAPE, .shape = *shape};
    bool done = state_change(w, &c, &why);
    refuse(w, "input.size", &why, !done);
    w->ui.again = true;
}

static void type_input(window_state *w, const char *text) {
    conv_value v;
    conv_shape shape = state_part(w)->input_shape;
    int first = spatial_first(w), spatial = shape.rank - first;
    if (!parameter_read(text, &v)) return;
    int count = v.kind == CONV_VALUE_TUPLE ? v.count : 1;
    if (count != 1 && count != spatial) {
        shape.rank = count;
        first = 0;
    }
    for (int a = first; a < shape.rank; a++) {
        const conv_scalar *s = v.kind == CONV_VALUE_TUPLE ? &v.item[count == 1 ? 0 : a - first] : &v.scalar;
        if (s->kind != CONV_VALUE_INT) return;
        shape.size[a] = s->integer;
    }
    set_input(w, &shape);
}

static void input_row(window_state *w, flow *f) {
    const part *p = state_part(w);
    conv_shape shape = p->input_shape;
    if (p->input.kind == SOURCE_PICTURE || p->input.kind == SOURCE_FILE || shape.rank == 0) return;
    char value[256];
    int used = 0, first = spatial_first(w);
    for (int a = first; a < shape.rank && used < (int)sizeof value; a++) {
        used += snprintf(value + used, sizeof value - (size_t)used, "%s%lld", a > first ? ", " : "",
                         (long long)shape.size[a]);
    }
    ui_answer did;
    int by = stepper_row(w, f, "input.size", say(w, N_("input size")), FACE_WORDS, value, &did);
    if (by) {
        for (int a = first; a < shape.rank; a++) shape.size[a] += by;
        set_input(w, &shape);
    } else if (did == UI_COMMITTED) {
        type_input(w, w->ui.field.text);
    }
    refusal(w, f, "input.size");
}

static void source_row(window_state *w, flow *f, const char *name, const char *label, const tensor_source *s,
                       popup_id p) {
    ui *u = &w->ui;
    box b = row(f, ui_px(u, 35));
    box at = box_inset(box_cut_right(&b, fminf(ui_px(u, 128), f->width * 0.5f)), 0, ui_px(u, 2.5f));
    u->list->current = (tag){.kind = TAG_LABEL};
    ui_text(u, b, ANCHOR_LEFT, FACE_WORDS, ui_px(u, 13.5f), u->theme->ink, label);
    const button look = {.label = say(w, sources_words(s)),
                         .look = BUTTON_FRAMED,
                         .on = w->popup == p,
                         .tip = say(w, N_("Choose how its numbers are made"))};
    if (ui_button(u, name, at, &look)) popup_open(w, p, at);
}

/* Numbers drawn from a seed: the same seed gives the same numbers everywhere. */
static void seed_row(window_state *w, flow *f, role r, const char *name) {
    const part *p = state_part(w);
    const tensor_source *s = r == ROLE_INPUT ? &p->input : &p->weights[p->focus];
    if (s->kind != SOURCE_RANDOM) return;
    char value[32];
    snprintf(value, sizeof value, "%llu", (unsigned long long)s->seed);
    ui_answer did;
    int by = stepper_row(w, f, name, say(w, N_("seed")), FACE_WORDS, value, &did);
    if ((by < 0 && s->seed == 0) || (by > 0 && s->seed >= INT64_MAX)) by = 0; /* what a scene can hold */
    int64_t seed = (int64_t)s->seed + by, typed;
    if (did == UI_COMMITTED && number_read_integer(w->ui.field.text, &typed)) seed = typed;
    if (seed < 0 || (uint64_t)seed == s->seed) return;
    tensor_source fresh = {.kind = SOURCE_RANDOM, .seed = (uint64_t)seed};
    change c = {.kind = CHANGE_SOURCE, .role = r, .layer = p->focus, .source = &fresh};
    state_change(w, &c, NULL);
    w->ui.again = true;
}

static void parameters(window_state *w, flow *f) {
    const part *p = state_part(w);
    heading(w, f, say(w, N_("Parameters")), false);
    layer_row(w, f);
    const conv_op *op = p->layers[p->focus].spec.op; /* after the row above: it may have gone to another layer */
    for (int i = 0; i < op->param_count; i++) {
        parameter_row(w, f, p->focus, i);
        if (!slider_rows_groups_fit(w, i)) continue;
        box said = row(f, ui_px(&w->ui, 16)), track = row(f, ui_px(&w->ui, 30));
        slider_rows_groups(w, said, track, p->focus, i);
    }
    if (slider_rows_slices_fit(w)) {
        box said = row(f, ui_px(&w->ui, 20)), track = row(f, ui_px(&w->ui, 30));
        slider_rows_slices(w, said, track);
    }
    input_row(w, f);
    source_row(w, f, "source.input", say(w, N_("input numbers")), &p->input, POPUP_INPUT);
    seed_row(w, f, ROLE_INPUT, "seed.input");
    const conv_layout *l = w->scene.parts[0].layout;
    if (l->weight.rank == 0) return;
    source_row(w, f, "source.weight", say(w, N_("weights")), &p->weights[p->focus], POPUP_WEIGHT);
    seed_row(w, f, ROLE_WEIGHT, "seed.weight");
}

/* ---- what follows from them ---- */

static void output_size(window_state *w, flow *f) {
    ui *u = &w->ui;
    const scene_part *s = &w->scene.parts[0];
    const conv_layout *l = s->layout;
    heading(w, f, say(w, N_("Output size")), true);
    if (predict_hides_shape(w)) {
        words(w, f, FACE_MONO, 13, u->theme->ink_soft, "?");
        return;
    }
    char before[420], text[420], shapes[640], out[160];
    before[0] = 0;
    for (int a = 0; a < l->dims; a++) {
        conv_layout_formula(l, a, text, sizeof text);
        if (strncmp(text, before, sizeof before - 1) == 0) continue; /* the same along every axis */
        sum(w, f, 12.5f, u->theme->ink, text);
        snprintf(before, sizeof before, "%s", text);
    }
    conv_shape_text(&l->input[0], text, 160);
    snprintf(shapes, sizeof shapes, "%s \xe2\x86\x92 %s", text, conv_shape_text(&l->output, out, sizeof out));
    words(w, f, FACE_MONO, 12.5f, u->theme->ink, shapes);
}

static void this_step(window_state *w, flow *f) {
    ui *u = &w->ui;
    const document *d = state_document(w);
    heading(w, f, say(w, N_("This step")), true);
    float top = f->y;
    char text[1024], where[256];
    char *figure = figure_arithmetic(&w->scene, 0, w->play.at, d->labels, text, sizeof text);
    const bool covered = figure_hides_result(d);
    if (figure && (w->play.at.progress < 1 || covered)) { /* the result is not there yet, or not to be seen */
        char *last = NULL;
        for (char *at = strstr(figure, " = "); at; at = strstr(at + 3, " = ")) last = at;
        if (last) snprintf(last, sizeof text - (size_t)(last - text), " = ?");
    }
    bool hidden = w->predict.asking && !w->predict.revealed;
    if (hidden)
        words(w, f, FACE_MONO, 13, u->theme->ink_soft, "?");
    else if (figure && *figure)
        sum(w, f, 12.5f, u->theme->ink, figure);
    easel_where(w, w->easel.hover, where, sizeof where);
    bool secret = (hidden || covered) && w->easel.hover.role == ROLE_OUTPUT;
    if (*where && !secret && w->easel.hover.role < ROLE_COUNT) {
        words(w, f, FACE_MONO, 12.5f, u->theme->roles[w->easel.hover.role].ink, where);
    }
    f->y = fmaxf(f->y, top + ui_px(u, 58)); /* what follows does not jump */
}

static void cost(window_state *w, flow *f) {
    ui *u = &w->ui;
    const scene_part *s = &w->scene.parts[0];
    const conv_layout *l = s->layout;
    language lang = w->settings.language;
    heading(w, f, say(w, N_("Cost")), true);
    if (predict_hides_shape(w)) {
        words(w, f, FACE_MONO, 13, u->theme->ink_soft, "?");
        return;
    }
    char text[320], number[40], other[40];
    int64_t biases = l->bias.rank ? conv_shape_count(&l->bias) : 0, weights = l->cost.parameters - biases;
    number_write_grouped(weights, number, sizeof number);
    number_write_grouped(biases, other, sizeof other);
    if (l->cost.parameters == 0)
        snprintf(text, sizeof text, "%s", say(w, N_("no parameters")));
    else if (weights == 1 && biases <= 1)
        snprintf(text, sizeof text, "%s",
                 biases ? say(w, N_("one weight and one bias")) : say(w, N_("one weight, no bias")));
    else if (biases == 1)
        tr_format(lang, text, sizeof text, N_("{0} weights and one bias"), "s", number);
    else if (biases)
        tr_format(lang, text, sizeof text, N_("{0} weights and {1} biases"), "ss", number, other);
    else
        tr_format(lang, text, sizeof text, N_("{0} weights, no bias"), "s", number);
    words(w, f, FACE_WORDS, 13, u->theme->ink, text);
    if (l->cost.multiply_adds > 0) {
        number_write_grouped(l->cost.multiply_adds, number, sizeof number);
        number_write_grouped(l->cost.touching_data, other, sizeof other);
        tr_format(lang, text, sizeof text, N_("{0} multiply-adds, {1} of them on real data"), "ss", number, other);
        words(w, f, FACE_WORDS, 13, u->theme->ink, text);
    }
    int used = 0;
    char field[120] = "";
    for (int a = 0; a < l->dims; a++) {
        conv_field of;
        if (conv_network_field(s->network, s->focus, a, &of, NULL) != CONV_OK) return;
        used +=
            snprintf(field + used, sizeof field - (size_t)used, "%s%lld", a ? " \xc3\x97 " : "", (long long)of.size);
    }
    if (l->dims == 0) return;
    tr_format(lang, text, sizeof text, N_("receptive field {0}"), "s", field);
    words(w, f, FACE_WORDS, 13, u->theme->ink, text);
}

static void tries(window_state *w, flow *f) {
    ui *u = &w->ui;
    if (!w->lesson_open || w->lesson.try_count == 0) return;
    heading(w, f, say(w, N_("Try")), true);
    for (int i = 0; i < w->lesson.try_count; i++) {
        const char *text = w->lesson.tries[i].text[w->settings.language];
        if (!text) continue;
        words(w, f, FACE_WORDS, 13, u->theme->ink, text);
        f->y += ui_px(u, 6);
    }
}

void panel_inspector(window_state *w) {
    ui *u = &w->ui;
    const theme *t = u->theme;
    box b = w->layout.inspector;
    panel_begin(w, REGION_INSPECTOR, b, t->panel);
    if (b.width <= 0 || !w->scene_open) return;
    float line = fmaxf(1, ui_px(u, 1));
    draw_rect(u->list, box_make(b.x, b.y, line, b.height), 0, paint_fill(t->panel_line));
    box area = {b.x + line, b.y, b.width - line, b.height};
    ui_scroll_begin(u, "inspector", area, &w->scroll_inspector);
    float top = area.y - w->scroll_inspector.offset;
    flow f = {area.x + ui_px(u, 18), top + ui_px(u, 10), area.width - ui_px(u, 36)};
    parameters(w, &f);
    output_size(w, &f);
    this_step(w, &f);
    cost(w, &f);
    tries(w, &f);
    ui_scroll_end(u, area, &w->scroll_inspector, f.y - top + ui_px(u, 20));
}
