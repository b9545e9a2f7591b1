#include "scene.h"

#include "app/arrays/source.h"
#include "app/system/assets.h"
#include "app/system/memory.h"

#include <string.h>

enum {
    SMALL_NETWORK = 3
}; /* layers up to which default weights are small integers; beyond it the values would explode */

static bool no_memory(failure *f) {
    return fail_memory(f);
}

static void forget_steps(scene_part *p) {
    memory_free(p->state);
    memory_free(p->stamps);
    memory_free(p->checkpoints);
    memory_free(p->written_at);
    memory_free(p->taps);
    p->state = p->stamps = p->checkpoints = NULL;
    p->written_at = NULL;
    p->taps = NULL;
    p->state_steps = p->checkpoint_every = p->checkpoint_count = 0;
    p->tap_capacity = p->tap_count = 0;
    p->tap_step = -1;
}

static void close_part(scene_part *p) {
    forget_steps(p);
    conv_network_destroy(p->network);
    part_destroy(&p->shown);
    memory_free(p->network_input);
    memory_free(p->folder);
    *p = (scene_part){.tap_step = -1};
}

/* ---- tensors ---- */

static const char *folder_for(const scene *s, const document *d) {
    return d->folder ? d->folder : s->base;
}

static const char *folder_of(const scene *s) {
    return folder_for(s, s->document);
}

static bool fill_tensor(const scene *s, const tensor_source *source, source_use use, const conv_shape *shape,
                        float **numbers, failure *f) {
    int64_t count = conv_shape_count(shape);
    if (count < 0 || (uint64_t)count > SIZE_MAX / sizeof(float)) return fail(f, N_("a tensor is too large"), "");
    *numbers = memory_resize(NULL, count ? (size_t)count : 1, sizeof **numbers);
    if (!*numbers) return no_memory(f);
    return source_fill(source, use, shape, folder_of(s), s->assets, *numbers, f);
}

static bool plain_default(const tensor_source *source) {
    return source->kind == SOURCE_DEFAULT && source->edit_count == 0;
}

/* In a deep network a layer whose tensors nobody chose is drawn by the engine, as PyTorch initialises it. */
static bool is_drawn(const part *p, int i) {
    return p->layer_count > SMALL_NETWORK && p->weights[i].kind == SOURCE_DEFAULT &&
           p->biases[i].kind == SOURCE_DEFAULT && p->offsets[i].kind == SOURCE_DEFAULT &&
           p->masks[i].kind == SOURCE_DEFAULT;
}

enum operand {
    OPERAND_WEIGHT,
    OPERAND_BIAS,
    OPERAND_OFFSET,
    OPERAND_MASK,
    OPERAND_MEAN,
    OPERAND_VARIANCE,
    OPERAND_COUNT
};

typedef struct operand_row {
    conv_shape shape;
    const tensor_source *source;
    source_use use;
} operand_row;

static void operand_rows(const part *p, int i, const conv_layout *layout, operand_row rows[OPERAND_COUNT]) {
    static const tensor_source zero = {.kind = SOURCE_CONSTANT, .value = 0},
                               one = {.kind = SOURCE_CONSTANT, .value = 1};
    const bool norm = layout->spec.op->kind == CONV_BATCH_NORM;
    const bool deep = p->layer_count > SMALL_NETWORK;
    rows[OPERAND_WEIGHT] = (operand_row){layout->weight, &p->weights[i], norm ? SOURCE_FOR_GAMMA : SOURCE_FOR_WEIGHT};
    rows[OPERAND_BIAS] = (operand_row){layout->bias, &p->biases[i], norm ? SOURCE_FOR_MEAN : SOURCE_FOR_BIAS};
    if (deep && plain_default(rows[OPERAND_BIAS].source)) rows[OPERAND_BIAS].source = &zero;
    rows[OPERAND_OFFSET] = (operand_row){layout->offset, &p->offsets[i], SOURCE_FOR_OFFSET};
    rows[OPERAND_MASK] = (operand_row){layout->mask, &p->masks[i], SOURCE_FOR_MASK};
    if (plain_default(&p->masks[i])) rows[OPERAND_MASK].shape.rank = 0; /* v1 until a mask is given */
    rows[OPERAND_MEAN] = (operand_row){layout->running, &zero, SOURCE_FOR_MEAN};
    rows[OPERAND_VARIANCE] = (operand_row){layout->running, &one, SOURCE_FOR_GAMMA};
}

static bool set_operands(conv_network *network, int i, float *const numbers[OPERAND_COUNT], failure *f) {
    const conv_operands operands = {.weight = numbers[OPERAND_WEIGHT],
                                    .bias = numbers[OPERAND_BIAS],
                                    .offset = numbers[OPERAND_OFFSET],
                                    .mask = numbers[OPERAND_MASK],
                                    .running_mean = numbers[OPERAND_MEAN],
                                    .running_var = numbers[OPERAND_VARIANCE]};
    conv_error error;
    return conv_network_set_weights(network, i, &operands, &error) == CONV_OK || fail_engine(f, &error);
}

static bool set_layer(const scene *s, const part *p, conv_network *network, int i, failure *f) {
    operand_row rows[OPERAND_COUNT];
    operand_rows(p, i, conv_network_layout(network, i), rows);
    float *numbers[OPERAND_COUNT] = {0};
    bool ok = true, any = false;
    for (int k = 0; ok && k < OPERAND_COUNT; k++) {
        if (rows[k].shape.rank == 0) continue;
        ok = fill_tensor(s, rows[k].source, rows[k].use, &rows[k].shape, &numbers[k], f);
        any = true;
    }
    if (ok && any) ok = set_operands(network, i, numbers, f);
    for (int k = 0; k < OPERAND_COUNT; k++) memory_free(numbers[k]);
    return ok;
}

/* Puts the edits of a drawn layer onto what the engine drew. */
static bool edit_layer(const part *p, conv_network *network, int i, failure *f) {
    operand_row rows[OPERAND_COUNT];
    operand_rows(p, i, conv_network_layout(network, i), rows);
    conv_operands drawn;
    conv_network_operands(network, i, &drawn);
    const float *const from[OPERAND_COUNT] = {drawn.weight, drawn.bias,         drawn.offset,
                                              drawn.mask,   drawn.running_mean, drawn.running_var};
    float *numbers[OPERAND_COUNT] = {0};
    bool ok = true;
    for (int k = 0; ok && k < OPERAND_COUNT; k++) {
        if (rows[k].shape.rank == 0 || !from[k]) continue;
        int64_t count = conv_shape_count(&rows[k].shape);
        numbers[k] = memory_resize(NULL, (size_t)count, sizeof(float));
        if (!numbers[k]) {
            ok = no_memory(f);
            break;
        }
        memcpy(numbers[k], from[k], (size_t)count * sizeof(float));
        for (size_t e = 0; e < rows[k].source->edit_count; e++) {
            tensor_edit edit = rows[k].source->edits[e];
            if (edit.index >= 0 && edit.index < count) numbers[k][edit.index] = edit.value;
        }
    }
    if (ok) ok = set_operands(network, i, numbers, f);
    for (int k = 0; k < OPERAND_COUNT; k++) memory_free(numbers[k]);
    return ok;
}

/* ---- a part made real ---- */

static bool run_network(scene_part *fresh, failure *f) {
    const conv_plan_options chain = {.algorithm = CONV_CHAIN};
    conv_error error;
    return conv_network_run(fresh->network, fresh->network_input, &chain, &error) == CONV_OK || fail_engine(f, &error);
}

static void point_at_focus(scene_part *p) {
    p->focus = p->shown.focus;
    p->layout = conv_network_layout(p->network, p->focus);
    p->plan = conv_network_plan(p->network, p->focus);
    conv_network_operands(p->network, p->focus, &p->operands);
    p->input = p->operands.input[0];
    p->output = conv_network_output(p->network, p->focus);
}

static bool make_part(const scene *s, const part *p, scene_part *fresh, float *input, failure *f) {
    if (p->layer_count == 0) return fail(f, N_("there is no layer to show"), "");
    if (p->focus < 0 || p->focus >= p->layer_count) {
        return fail(f, N_("there is no layer {0}: the last one is {1}"), "dd", (int64_t)p->focus,
                    (int64_t)(p->layer_count - 1));
    }
    if (!part_copy(&fresh->shown, p, f) || !document_set_text(&fresh->folder, folder_of(s), f)) return false;
    conv_error error;
    if (conv_network_create(s->engine, p->layers, p->layer_count, &p->input_shape, &fresh->network, &error) !=
        CONV_OK) {
        return fail_engine(f, &error);
    }
    fresh->network_input = input;
    if (!input &&
        !fill_tensor(s, &p->input, source_input_use(p->layers[0].spec.op), &p->input_shape, &fresh->network_input, f)) {
        return false;
    }
    bool draw = false, edit = false;
    for (int i = 0; i < p->layer_count; i++) {
        bool drawn = is_drawn(p, i);
        draw = draw || drawn;
        edit = edit || (drawn && (p->weights[i].edit_count || p->biases[i].edit_count));
        if (!drawn && !set_layer(s, p, fresh->network, i, f)) return false;
    }
    if (draw && conv_network_draw_weights(fresh->network, p->weights[0].seed, &error) != CONV_OK)
        return fail_engine(f, &error);
    if (!run_network(fresh, f)) return false;
    if (edit) {
        for (int i = 0; i < p->layer_count; i++) {
            bool edited = is_drawn(p, i) && (p->weights[i].edit_count || p->biases[i].edit_count);
            if (edited && !edit_layer(p, fresh->network, i, f)) return false;
        }
        if (!run_network(fresh, f)) return false;
    }
    point_at_focus(fresh);
    return true;
}

/* ---- what changed ---- */

static bool same_text(const char *a, const char *b) {
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_source(const tensor_source *a, const tensor_source *b) {
    if (a->kind != b->kind || a->seed != b->seed || a->colour != b->colour || a->count != b->count ||
        a->edit_count != b->edit_count || memcmp(&a->value, &b->value, sizeof a->value) != 0 ||
        !same_text(a->name, b->name)) {
        return false;
    }
    if (a->count && memcmp(a->numbers, b->numbers, (size_t)a->count * sizeof *a->numbers) != 0) return false;
    for (size_t i = 0; i < a->edit_count; i++) {
        if (a->edits[i].index != b->edits[i].index) return false;
        if (memcmp(&a->edits[i].value, &b->edits[i].value, sizeof(float)) != 0) return false;
    }
    return true;
}

static bool is_file(const tensor_source *s) {
    return (s->kind == SOURCE_PICTURE || s->kind == SOURCE_FILE) && s->name && s->name[0] != '/';
}

/* Names of files mean the same where they are taken from the same folder. */
static bool same_files(const char *folder, const scene_part *old, const part *p) {
    bool any = is_file(&p->input);
    for (int i = 0; i < p->layer_count; i++)
        any = any || is_file(&p->weights[i]) || is_file(&p->biases[i]) || is_file(&p->offsets[i]) ||
              is_file(&p->masks[i]);
    return !any || same_text(old->folder, folder);
}

static bool same_results(const part *a, const part *b) {
    if (a->layer_count != b->layer_count || !conv_shape_equal(&a->input_shape, &b->input_shape)) return false;
    if (memcmp(a->layers, b->layers, (size_t)a->layer_count * sizeof *a->layers) != 0) return false;
    if (!same_source(&a->input, &b->input)) return false;
    for (int i = 0; i < a->layer_count; i++) {
        if (!same_source(&a->weights[i], &b->weights[i]) || !same_source(&a->biases[i], &b->biases[i]) ||
            !same_source(&a->offsets[i], &b->offsets[i]) || !same_source(&a->masks[i], &b->masks[i])) {
            return false;
        }
    }
    return true;
}

static bool same_input(const part *a, const part *b) {
    return conv_shape_equal(&a->input_shape, &b->input_shape) && same_source(&a->input, &b->input) &&
           source_input_use(a->layers[0].spec.op) == source_input_use(b->layers[0].spec.op);
}

bool scene_makes_input(const scene *s, const document *d, int index) {
    const scene_part *p = &s->parts[index];
    return index >= s->part_count || !same_files(folder_for(s, d), p, &d->parts[index]) ||
           !same_input(&p->shown, &d->parts[index]);
}

bool scene_shows(const scene *s, const document *d) {
    bool all = s->part_count == d->part_count;
    for (int i = 0; all && i < d->part_count; i++)
        all =
            same_files(folder_for(s, d), &s->parts[i], &d->parts[i]) && same_results(&s->parts[i].shown, &d->parts[i]);
    return all;
}

/* ---- scenes ---- */

bool scene_open(scene *s, const document *d, conv_engine *engine, const char *base, failure *f) {
    *s = (scene){.document = d, .engine = engine};
    for (int i = 0; i < DOCUMENT_MAX_PARTS; i++) s->parts[i].tap_step = -1;
    char assets[1024];
    bool ok = document_set_text(&s->base, base, f);
    if (ok && assets_find(assets, sizeof assets, NULL)) ok = document_set_text(&s->assets, assets, f);
    if (ok) ok = scene_update(s, f);
    if (!ok) scene_close(s);
    return ok;
}

void scene_close(scene *s) {
    for (int i = 0; i < DOCUMENT_MAX_PARTS; i++) close_part(&s->parts[i]);
    if (s->figure_forget) s->figure_forget(s->figure_memory);
    memory_free(s->base);
    memory_free(s->assets);
    conv_engine_destroy(s->own);
    *s = (scene){0};
}

void scene_take(scene *s, scene *made) {
    scene former = *s;
    *s = *made;
    *made = (scene){0};
    s->document = former.document;
    if (s->revision <= former.revision) s->revision = former.revision + 1;
    scene_close(&former);
}

static void replace_part(scene_part *p, scene_part *fresh, bool input_moved) {
    if (input_moved) p->network_input = NULL;
    close_part(p);
    *p = *fresh;
}

/* Makes the parts that changed beside the old ones, and only then puts them in place. */
bool scene_update(scene *s, failure *f) {
    const document *d = s->document;
    if (d->part_count <= 0) return fail(f, N_("there is nothing to show"), "");
    scene_part fresh[DOCUMENT_MAX_PARTS];
    bool made[DOCUMENT_MAX_PARTS] = {0}, moved[DOCUMENT_MAX_PARTS] = {0};
    bool ok = true;
    for (int i = 0; ok && i < d->part_count; i++) {
        scene_part *p = &s->parts[i];
        const bool old = i < s->part_count;
        const bool files = old && same_files(folder_of(s), p, &d->parts[i]);
        if (files && same_results(&p->shown, &d->parts[i])) {
            ok = d->parts[i].focus >= 0 && d->parts[i].focus < d->parts[i].layer_count;
            if (!ok) fail(f, N_("there is no layer {0}"), "d", (int64_t)d->parts[i].focus);
            continue;
        }
        fresh[i] = (scene_part){.tap_step = -1};
        made[i] = true;
        moved[i] = files && same_input(&p->shown, &d->parts[i]);
        ok = make_part(s, &d->parts[i], &fresh[i], moved[i] ? p->network_input : NULL, f);
    }
    for (int i = 0; i < d->part_count; i++) {
        if (made[i] && ok) replace_part(&s->parts[i], &fresh[i], moved[i]);
        if (made[i] && !ok) {
            if (moved[i]) fresh[i].network_input = NULL;
            close_part(&fresh[i]);
        }
    }
    if (!ok) return false;
    bool changed = d->part_count != s->part_count;
    for (int i = 0; i < d->part_count; i++) changed = changed || made[i];
    for (int i = d->part_count; i < s->part_count; i++) close_part(&s->parts[i]);
    s->part_count = d->part_count;
    s->steps = 0;
    for (int i = 0; i < s->part_count; i++) {
        scene_part *p = &s->parts[i];
        if (p->shown.focus != d->parts[i].focus) {
            p->shown.focus = d->parts[i].focus;
            forget_steps(p);
            point_at_focus(p);
            changed = true;
        }
        if (p->layout->steps > s->steps) s->steps = p->layout->steps;
    }
    if (changed) s->revision++;
    return true;
}
