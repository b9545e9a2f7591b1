#include "equivalent.h"
#include "app/system/memory.h"
#include "recall.h"
#include <stdio.h>

enum { EQUIVALENT_MOST = 4096 };

static void equivalent_destroy(void *data) {
    equivalent *e = data;
    scene_close(&e->scene);
    document_destroy(&e->document);
    memory_free(e);
}

bool equivalent_inserted(const equivalent *e, int dims, const int64_t *position) {
    for (int i = 0; i < dims; i++) {
        int64_t at = position[i] + e->cropped[i];
        if (at % e->stride[i] || at / e->stride[i] >= e->cells[i]) return true;
    }
    return false;
}

/* The convolution's parameters and input shape. Padding is d (k - 1) - p; where that is negative the input is cropped
 * instead. */
static bool equivalent_spec(const conv_layout *l, equivalent *e, conv_spec *spec, conv_shape *input) {
    static const char *const names[] = {"Conv1d", "Conv2d", "Conv3d"};
    *spec = l->spec;
    spec->op = conv_op_find(names[l->dims - 1]);
    spec->padding_kind = CONV_PADDING_NUMBERS;
    *input = l->input[0];
    for (int i = 0; i < l->dims; i++) {
        int64_t around = l->spec.dilation[i] * (l->spec.kernel_size[i] - 1) - l->spec.padding[i];
        e->stride[i] = l->spec.stride[i];
        e->cells[i] = l->axis[i].in;
        e->cropped[i] = around < 0 ? -around : 0;
        spec->stride[i] = 1;
        spec->padding[i] = around > 0 ? around : 0;
        spec->output_padding[i] = 0;
        int64_t size = (l->axis[i].in - 1) * l->spec.stride[i] + 1 + l->spec.output_padding[i] - 2 * e->cropped[i];
        if (size < 1) return false;
        input->size[input->rank - l->dims + i] = size;
    }
    return spec->op && conv_shape_count(input) <= EQUIVALENT_MOST && conv_shape_count(&l->weight) <= EQUIVALENT_MOST;
}

static bool take_numbers(tensor_source *source, int64_t count) {
    source->numbers = memory_zeroed((size_t)count, sizeof *source->numbers);
    source->kind = SOURCE_NUMBERS;
    source->count = count;
    return source->numbers != NULL;
}

/* Puts each input cell at its place among zeros. */
static void fill_input(const conv_layout *l, const equivalent *e, const float *from, const conv_shape *shape,
                       float *to) {
    int64_t count = conv_shape_count(&l->input[0]), at[CONV_MAX_DIMS];
    int lead = shape->rank - l->dims;
    for (int64_t i = 0; i < count; i++) {
        conv_shape_position(&l->input[0], i, at);
        bool inside = true;
        for (int k = 0; k < l->dims; k++) {
            at[lead + k] = at[lead + k] * e->stride[k] - e->cropped[k];
            inside = inside && at[lead + k] >= 0 && at[lead + k] < shape->size[lead + k];
        }
        if (inside) to[conv_shape_index(shape, at)] = from[i];
    }
}

/* (C_in, C_out/g, k...) becomes (C_out, C_in/g, k...), each slice read back to front. */
static void fill_weight(const conv_layout *l, const conv_shape *shape, const float *from, float *to) {
    int64_t count = conv_shape_count(&l->weight), at[CONV_MAX_DIMS];
    int64_t in_group = l->in_channels / l->spec.groups, out_group = l->out_channels / l->spec.groups;
    for (int64_t i = 0; i < count; i++) {
        conv_shape_position(&l->weight, i, at);
        int64_t in = at[0], out = at[1], group = in / in_group;
        at[0] = group * out_group + out;
        at[1] = in % in_group;
        for (int k = 0; k < l->dims; k++) at[2 + k] = l->weight.size[2 + k] - 1 - at[2 + k];
        to[conv_shape_index(shape, at)] = from[i];
    }
}

static bool fill_tensors(const scene_part *p, equivalent *e, const conv_shape *input) {
    const conv_layout *l = p->layout;
    part *made = &e->document.parts[0];
    conv_shape weight = l->weight;
    weight.size[0] = l->out_channels;
    weight.size[1] = l->in_channels / l->spec.groups;
    if (!take_numbers(&made->input, conv_shape_count(input))) return false;
    if (!take_numbers(&made->weights[0], conv_shape_count(&weight))) return false;
    fill_input(l, e, p->operands.input[0], input, made->input.numbers);
    fill_weight(l, &weight, p->operands.weight, made->weights[0].numbers);
    if (!l->bias.rank || !p->operands.bias) return true;
    if (!take_numbers(&made->biases[0], l->out_channels)) return false;
    for (int64_t i = 0; i < l->out_channels; i++) made->biases[0].numbers[i] = p->operands.bias[i];
    return true;
}

static equivalent *make(stage *s, int index) {
    const scene_part *p = &s->scene->parts[index];
    const conv_layout *l = p->layout;
    conv_spec spec;
    conv_shape input;
    char text[256];
    if (l->spec.op->kind != CONV_TRANSPOSE) return NULL;
    equivalent *e = memory_zeroed(1, sizeof *e);
    if (!e) return NULL;
    document_init(&e->document);
    bool ok = equivalent_spec(l, e, &spec, &input) && conv_spec_text(&spec, text, sizeof text) < (int)sizeof text;
    failure ignored;
    if (ok) {
        document_destroy(&e->document);
        ok = document_from_expression(&e->document, text, &input, &ignored);
        if (!ok) document_init(&e->document);
    }
    ok = ok && fill_tensors(p, e, &input) && scene_open(&e->scene, &e->document, s->scene->engine, NULL, &ignored);
    if (ok) return e;
    document_destroy(&e->document);
    memory_free(e);
    return NULL;
}

equivalent *equivalent_of(stage *s, int index) {
    recall_key key = {RECALL_EQUIVALENT, index, s->scene->parts[index].focus, 0, 0};
    equivalent *e = recall(s->scene, key);
    if (e) return e;
    e = make(s, index);
    return e && recall_keep(s->scene, key, e, equivalent_destroy) ? e : NULL;
}

stage equivalent_stage(const stage *s, int index, equivalent *e) {
    stage own = *s;
    const document *d = s->document;
    e->document.style = d->style;
    e->document.labels = d->labels;
    e->document.blank_output = d->blank_output;
    e->document.answers = d->answers;
    e->document.curtain = d->curtain;
    e->settings = *s->settings;
    e->settings.hover = tag_none();
    own.settings = &e->settings;
    own.scene = &e->scene;
    own.document = &e->document;
    own.inserted = e;
    int64_t theirs = s->scene->parts[index].layout->steps, mine = e->scene.steps;
    double done = theirs > 0 ? ((double)s->moment.step + s->moment.progress) / (double)theirs * (double)mine : 0;
    own.moment.step = (int64_t)done < mine ? (int64_t)done : mine - 1;
    own.moment.progress = (int64_t)done < mine ? done - (double)own.moment.step : 1;
    return own;
}
