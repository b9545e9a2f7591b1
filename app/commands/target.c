#include "target.h"

#include "app/arrays/source.h"
#include "app/document/network_file.h"
#include "app/document/scene_text.h"
#include "app/expression/expression.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool give_file(tensor_source *s, const char *path, failure *f) {
    tensor_source_destroy(s);
    s->kind = SOURCE_FILE;
    return document_set_text(&s->name, path, f);
}

/* Channels that the part's layers want of a picture. */
static bool wants_colour(const part *p) {
    for (int i = 0; i < p->layer_count; i++) {
        const conv_spec *spec = &p->layers[i].spec;
        if (spec->in_channels > 0 && !spec->op->lazy) return spec->in_channels == 3;
    }
    return true;
}

static bool give_input(part *p, const char *input, failure *f) {
    if (!input) return true;
    if (shape_looks(input) && access(input, F_OK) != 0) return shape_read(input, &p->input_shape, f);
    if (!give_file(&p->input, input, f)) return false;
    if (array_is_picture(input)) {
        p->input.kind = SOURCE_PICTURE;
        p->input.colour = wants_colour(p);
    }
    return source_shape(&p->input, NULL, NULL, &p->input_shape, f);
}

/* A picture under small random numbers shows nothing: an edge kernel does. */
static bool give_kernel(part *p, const target_options *o, failure *f) {
    const bool picture = p->input.kind == SOURCE_PICTURE;
    const conv_kind kind = p->layers[p->focus].spec.op->kind;
    const char *name = o->kernel ? o->kernel : picture && kind == CONV_CONV && !o->tensors[0] ? "sobel-x" : NULL;
    if (!name) return true;
    tensor_source *weight = &p->weights[p->focus];
    tensor_source_destroy(weight);
    weight->kind = SOURCE_KERNEL;
    if (!document_set_text(&weight->name, name, f)) return false;
    for (int i = 0; source_kernel_name(i); i++) {
        if (strcmp(source_kernel_name(i), name) == 0) return true;
    }
    return fail(f, N_("there is no image kernel called {0}"), "s", name);
}

static void give_seed(part *p, int64_t seed) {
    p->input.seed = (uint64_t)seed;
    for (int i = 0; i < p->layer_count; i++) {
        p->weights[i].seed = (uint64_t)seed;
        p->biases[i].seed = (uint64_t)seed;
        p->offsets[i].seed = (uint64_t)seed;
        p->masks[i].seed = (uint64_t)seed;
    }
}

static bool give_tensors(part *p, const target_options *o, failure *f) {
    tensor_source *const sources[4] = {&p->weights[p->focus], &p->biases[p->focus], &p->offsets[p->focus],
                                       &p->masks[p->focus]};
    if (o->seed_given) give_seed(p, o->seed);
    for (int i = 0; o->flip && i < p->layer_count; i++) p->layers[i].spec.flip = true;
    if (!give_input(p, o->input, f)) return false;
    for (int i = 0; i < 4; i++) {
        if (o->tensors[i] && !give_file(sources[i], o->tensors[i], f)) return false;
    }
    return give_kernel(p, o, f) && part_fit_input(p, p->input_shape.rank == 0, f);
}

bool target_given(const target_options *o) {
    return o->input || o->tensors[0] || o->tensors[1] || o->tensors[2] || o->tensors[3] || o->kernel || o->seed_given ||
           o->flip;
}

static bool open_expression(target *t, const char *text, const target_options *o, failure *f) {
    const conv_shape any = {0};
    return document_from_expression(&t->document, text, &any, f) && give_tensors(&t->document.parts[0], o, f);
}

static bool open_network(target *t, const char *path, const target_options *o, failure *f) {
    expression e;
    part p = {0};
    if (!network_file_read(path, &e, &p.input_shape, f)) return false;
    conv_layer *layers = e.layers;
    int count = e.layer_count;
    e.layers = NULL;
    expression_destroy(&e);
    bool ok = part_set_layers(&p, path, layers, count, f);
    if (ok) p.focus = part_natural_focus(&p);
    ok = ok && give_tensors(&p, o, f);
    if (!ok) {
        part_destroy(&p);
        return false;
    }
    t->document.parts[0] = p;
    t->document.part_count = 1;
    return true;
}

/* Which kind of file: a lesson has pages, a network has layers at its top, all else is a scene. */
typedef enum file_kind { FILE_SCENE, FILE_LESSON, FILE_NETWORK } file_kind;

static bool has_key(const char *text, const char *key) {
    const size_t length = strlen(key);
    if (strncmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3; /* a byte order mark */
    for (const char *line = text; line; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ':') return true;
    }
    return false;
}

static bool kind_of_file(const char *path, file_kind *kind, failure *f) {
    char *text;
    size_t size;
    if (!file_load(path, SCENE_MAX_BYTES, &text, &size, f)) return false;
    *kind = has_key(text, "pages") ? FILE_LESSON : has_key(text, "layers") ? FILE_NETWORK : FILE_SCENE;
    memory_free(text);
    return true;
}

static bool open_lesson(target *t, const char *path, const target_options *o, failure *f) {
    if (target_given(o))
        return fail(f, N_("a lesson brings its own tensors: --input and its kin are for expressions"), "");
    t->is_lesson = lesson_load(path, &t->lesson, f);
    if (!t->is_lesson) return false;
    lesson_folder(&t->lesson, t->base, sizeof t->base);
    t->has_base = true;
    return true;
}

/* A picture alone is shown under the layer that the window gives a picture dropped on nothing. */
static bool open_picture(target *t, const char *path, const target_options *o, failure *f) {
    target_options with = *o;
    if (o->input)
        return fail(f, N_("a picture is an input itself: leave --input out, or type a layer in its place"), "");
    with.input = path;
    return open_expression(t, "nn.Conv2d(1, 1, 3, padding=1, bias=False)", &with, f);
}

static bool open_file(target *t, const char *path, const target_options *o, failure *f) {
    file_kind kind;
    if (array_is_picture(path)) return open_picture(t, path, o, f);
    if (array_is_numbers(path)) {
        fail(f, N_("an array is an input: type a layer and give the array as --input"), "");
        return fail_in(f, path);
    }
    if (!kind_of_file(path, &kind, f)) return false;
    if (kind == FILE_LESSON) return open_lesson(t, path, o, f);
    if (kind == FILE_NETWORK) return open_network(t, path, o, f);
    if (target_given(o))
        return fail(f, N_("a scene brings its own tensors: --input and its kin are for expressions"), "");
    if (!scene_load(path, &t->document, f)) return false;
    scene_folder(path, t->base, sizeof t->base);
    t->has_base = true;
    return true;
}

/* A lesson's id, or the name of a file. */
static bool open_name(target *t, const command_line *line, const char *name, const target_options *o, failure *f) {
    lesson_list list = {0};
    if (strpbrk(name, "/.") || !line->assets[0]) return open_file(t, name, o, f);
    if (!lesson_list_load(line->assets, &list, f)) return false;
    const lesson_entry *entry = lesson_list_find(&list, name);
    bool ok = false;
    if (entry) {
        ok = open_lesson(t, entry->path, o, f);
    } else if (access(name, F_OK) == 0) {
        ok = open_file(t, name, o, f);
    } else {
        const char **ids = memory_resize(NULL, (size_t)list.count + 1, sizeof *ids);
        for (int i = 0; ids && i < list.count; i++) ids[i] = list.entries[i].id;
        const char *nearest = ids ? options_nearest(name, ids, list.count) : NULL;
        if (nearest)
            fail(f, N_("there is no lesson or file {0}: do you mean {1}?"), "ss", name, nearest);
        else
            fail(f, N_("there is no lesson or file {0}: 'convscope lessons' lists the lessons"), "s", name);
        memory_free(ids);
    }
    lesson_list_destroy(&list);
    return ok;
}

exit_status target_open(target *t, const command_line *line, const char *text, const target_options *o) {
    failure f;
    memset(t, 0, sizeof *t);
    document_init(&t->document);
    const bool one_line = scene_line_looks(text);
    const bool is_expression = !one_line && expression_looks(text);
    bool ok;
    if (one_line)
        ok = scene_line_read(text, NULL, &t->document, &f);
    else if (is_expression)
        ok = open_expression(t, text, o, &f);
    else
        ok = open_name(t, line, text, o, &f);
    return ok ? EXIT_DONE : command_fail(line, &f, is_expression ? text : NULL);
}

void target_close(target *t) {
    if (t->is_lesson) lesson_destroy(&t->lesson);
    document_destroy(&t->document);
    memset(t, 0, sizeof *t);
}
