#include "subject.h"

#include "app/arrays/source.h"
#include "app/document/network_file.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Channels of a picture: what the first layer that names its channels wants; 3 when none does. */
static int picture_channels(const expression *e) {
    for (int i = 0; i < e->layer_count; i++) {
        const conv_spec *spec = &e->layers[i].spec;
        if (spec->in_channels > 0 && !spec->op->lazy) return spec->in_channels == 3 ? 3 : 1;
    }
    return 3;
}

/* What is no expression is a file's name, unless there is no such file. */
static bool read_layers(subject *s, const char *text, failure *f) {
    if (!expression_looks(text) && access(text, F_OK) == 0)
        return network_file_read(text, &s->expression, &s->shape, f);
    s->text = text;
    return expression_read(text, &s->expression, f);
}

static bool choose_shape(subject *s, failure *f) {
    const size_t count = (size_t)s->expression.layer_count;
    conv_layer *copy = memory_resize(NULL, count, sizeof *copy);
    if (!copy) return fail_memory(f);
    memcpy(copy, s->expression.layers, count * sizeof *copy);
    part p = {0};
    bool ok = part_set_layers(&p, s->text ? s->text : "", copy, (int)count, f) && part_fit_input(&p, true, f);
    s->shape = p.input_shape;
    part_destroy(&p);
    return ok;
}

static bool find_shape(subject *s, const char *input, failure *f) {
    s->channels = picture_channels(&s->expression);
    if (!input) return s->shape.rank > 0 || choose_shape(s, f);
    if (shape_looks(input) && access(input, F_OK) != 0) return shape_read(input, &s->shape, f);
    s->input_path = input;
    return array_peek(input, s->channels, &s->shape, f);
}

static bool find_algorithm(subject *s, const char *name, failure *f) {
    s->plan.algorithm = CONV_AUTO;
    if (!name || conv_algorithm_find(name, &s->plan.algorithm)) return true;
    char all[96] = "";
    size_t used = 0;
    for (int a = 0; a < CONV_ALGORITHM_COUNT; a++) {
        int more =
            snprintf(all + used, sizeof all - used, "%s%s", used ? ", " : "", conv_algorithm_name((conv_algorithm)a));
        if (more < 0 || used + (size_t)more >= sizeof all) break;
        used += (size_t)more;
    }
    return fail(f, N_("--{0} takes one of {1}, not {2}"), "sss", "algorithm", all, name);
}

/* Which layer the shapes do not fit, -1 when it is none of them. */
static int layer_at_fault(const subject *s) {
    const expression *e = &s->expression;
    conv_layout *layouts = memory_zeroed((size_t)e->layer_count, sizeof *layouts);
    int fault = -1;
    for (int i = 0; layouts && fault < 0 && i < e->layer_count; i++) {
        const conv_layer *layer = &e->layers[i];
        conv_shape inputs[CONV_MAX_INPUTS];
        for (int k = 0; k < layer->input_count; k++) {
            inputs[k] = layer->input[k] == CONV_FROM_INPUT ? s->shape : layouts[layer->input[k]].output;
        }
        if (conv_layout_infer(&layer->spec, inputs, layer->input_count, &layouts[i], NULL) != CONV_OK) fault = i;
    }
    memory_free(layouts);
    return fault;
}

static bool make_network(subject *s, const command_line *line, int64_t memory, failure *f) {
    conv_engine_options options;
    conv_error error;
    conv_engine_defaults(&options);
    options.threads = line->threads;
    options.memory_limit = (size_t)memory;
    options.allocator = memory_allocator();
    if (conv_engine_create(&options, &s->engine, &error) != CONV_OK) return fail_engine(f, &error);
    const expression *e = &s->expression;
    if (conv_network_create(s->engine, e->layers, e->layer_count, &s->shape, &s->network, &error) == CONV_OK)
        return true;
    fail_engine(f, &error);
    int fault = s->text && e->places ? layer_at_fault(s) : -1;
    return fault >= 0 ? expression_blame(e, fault, f) : false;
}

/* torchvision has no parameter for the offset groups: it takes them from the offset's channels. What does not divide is
 * left to the shape check, which names both shapes. */
static bool find_offset_groups(subject *s, const char *path, failure *f) {
    conv_shape shape;
    if (!path) return true;
    if (!array_peek(path, 1, &shape, f)) return false;
    for (int i = 0; i < s->expression.layer_count; i++) {
        conv_spec *spec = &s->expression.layers[i].spec;
        if (spec->op->kind != CONV_DEFORM || shape.rank != 4) continue;
        int64_t taps = spec->kernel_size[0] <= shape.size[1] && spec->kernel_size[1] <= shape.size[1]
                           ? 2 * spec->kernel_size[0] * spec->kernel_size[1]
                           : 0;
        if (taps > 0 && shape.size[1] >= taps && shape.size[1] % taps == 0) spec->offset_groups = shape.size[1] / taps;
    }
    return true;
}

bool subject_plan(const subject *s, const conv_layout *l, conv_plan **plan, failure *f) {
    conv_error error;
    conv_plan_options asked = s->plan;
    conv_status status = conv_plan_create(s->engine, &l->spec, l->input, l->input_count, NULL, &asked, plan, &error);
    if (status == CONV_UNSUPPORTED && conv_network_count(s->network) > 1) {
        asked.algorithm = conv_algorithm_is_chain(asked.algorithm) ? CONV_CHAIN : CONV_AUTO;
        status = conv_plan_create(s->engine, &l->spec, l->input, l->input_count, NULL, &asked, plan, &error);
    }
    return status == CONV_OK || fail_engine(f, &error);
}

/* What a plan would refuse (an algorithm that cannot do the layer, too much memory) is refused before the data are
 * read. */
static bool check_plans(const subject *s, failure *f) {
    for (int i = 0; i < conv_network_count(s->network); i++) {
        conv_plan *plan;
        if (!subject_plan(s, conv_network_layout(s->network, i), &plan, f)) return false;
        conv_plan_destroy(plan);
    }
    return true;
}

static void say_notes(const command_line *line, const expression *e) {
    for (int i = 0; i < e->note_count; i++) {
        command_note(line, N_("{0} has no effect here: everything is computed in float32 on this processor"), "s",
                     e->notes[i].name);
    }
}

exit_status subject_open(subject *s, const command_line *line, const subject_options *options) {
    failure f;
    *s = (subject){.seed = (uint64_t)options->seed};
    if (!find_algorithm(s, options->algorithm, &f)) return command_misuse(line, &f);
    if (!read_layers(s, line->arguments[0], &f)) return command_fail(line, &f, s->text);
    say_notes(line, &s->expression);
    for (int i = 0; options->flip && i < s->expression.layer_count; i++) s->expression.layers[i].spec.flip = true;
    if (!find_shape(s, options->input, &f) || !find_offset_groups(s, options->offset, &f)) {
        return command_fail(line, &f, NULL);
    }
    if (!make_network(s, line, options->memory, &f)) return command_fail(line, &f, s->text);
    if (!check_plans(s, &f)) return command_fail(line, &f, NULL);
    return EXIT_DONE;
}

void subject_close(subject *s) {
    conv_network_destroy(s->network);
    conv_engine_destroy(s->engine);
    expression_destroy(&s->expression);
    *s = (subject){0};
}

bool subject_input(const subject *s, array *a, failure *f) {
    const size_t limit = conv_engine_memory_limit(s->engine);
    if (s->input_path) {
        if (!array_read(s->input_path, s->channels, limit, a, f)) return false;
        if (conv_shape_equal(&a->shape, &s->shape)) return true;
        array_destroy(a);
        fail(f, N_("the file changed while it was read"), "");
        return fail_in(f, s->input_path);
    }
    const tensor_source source = {.kind = SOURCE_DEFAULT, .seed = s->seed};
    return array_create(a, &s->shape, limit, f) &&
           source_fill(&source, source_input_use(conv_network_layer(s->network, 0)->spec.op), &s->shape, NULL, NULL,
                       a->data, f);
}

char *subject_layer_text(const conv_layout *layout, char *text, int size) {
    conv_spec spec = layout->spec;
    if (spec.op->lazy && strncmp(spec.op->name, "Lazy", 4) == 0) {
        const conv_op *plain = conv_op_find(spec.op->name + 4);
        if (plain) spec.op = plain;
    }
    conv_spec_text(&spec, text, size);
    return text;
}
