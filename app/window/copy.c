#include "copy.h"
#include "app/document/scene_text.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MOST_NUMBERS = 4096 }; /* larger tensors are better saved than pasted */

typedef struct text {
    char *bytes;
    size_t count, capacity;
    bool failed;
} text;

static void add(text *t, const char *words) {
    size_t length = strlen(words);
    if (t->failed || !memory_reserve(&t->bytes, &t->capacity, t->count + length + 1, 1)) {
        t->failed = true;
        return;
    }
    memcpy(t->bytes + t->count, words, length + 1);
    t->count += length;
}

static void add_number(text *t, float value) {
    char number[48] = "";
    if (isnan(value))
        add(t, "float('nan')");
    else if (isinf(value))
        add(t, value > 0 ? "float('inf')" : "-float('inf')");
    else
        add(t, number_write_float(value, number, sizeof number));
    if (isfinite(value) && !strpbrk(number, ".e")) add(t, ".");
}

/* Nested lists, one row of the last axis on a line. */
static void add_list(text *t, const conv_shape *shape, const float *numbers, int axis, int64_t first, int64_t count,
                     int indent) {
    add(t, "[");
    int64_t size = shape->size[axis], each = size ? count / size : 0;
    for (int64_t i = 0; i < size; i++) {
        if (i && axis + 1 < shape->rank) {
            add(t, ",\n");
            for (int k = 0; k < indent + axis + 1; k++) add(t, " ");
        } else if (i) {
            add(t, ", ");
        }
        if (axis + 1 == shape->rank)
            add_number(t, numbers[first + i]);
        else
            add_list(t, shape, numbers, axis + 1, first + i * each, each, indent);
    }
    add(t, "]");
}

static bool add_array(text *t, const char *name, const char *make, const char *type, const conv_shape *shape,
                      const float *numbers, failure *f) {
    int64_t count = conv_shape_count(shape);
    if (!numbers || shape->rank == 0) return true;
    if (count > MOST_NUMBERS) {
        return fail(f, N_("{0} has {1} numbers, too many to paste: save them with convscope run"), "sd", name, count);
    }
    char head[160];
    int indent = snprintf(head, sizeof head, "%s = %s(", name, make);
    add(t, head);
    add_list(t, shape, numbers, 0, 0, count, indent);
    snprintf(head, sizeof head, ", dtype=%s)\n", type);
    add(t, head);
    return true;
}

static bool add_tensors(window_state *w, text *t, const char *make, const char *type, const char *dot, failure *f) {
    const scene_part *p = &w->scene.parts[0];
    int count = conv_network_count(p->network);
    bool ok = add_array(t, "x", make, type, &state_part(w)->input_shape, p->network_input, f);
    for (int i = 0; ok && i < count; i++) {
        const conv_layout *l = conv_network_layout(p->network, i);
        conv_operands o;
        char name[96], layer[80] = "";
        conv_network_operands(p->network, i, &o);
        if (count > 1) snprintf(layer, sizeof layer, "[%d]", i);
        const struct {
            const char *name;
            const conv_shape *shape;
            const float *numbers;
        } rows[] = {{"weight", &l->weight, o.weight},
                    {"bias", &l->bias, o.bias},
                    {"offset", &l->offset, o.offset},
                    {"mask", &l->mask, o.mask}};
        for (size_t k = 0; ok && k < sizeof rows / sizeof *rows; k++) {
            if (!rows[k].numbers || rows[k].shape->rank == 0) continue;
            if (*dot && k < 2)
                snprintf(name, sizeof name, "layer%s.%s.data", layer, rows[k].name);
            else if (count > 1)
                snprintf(name, sizeof name, "%s%d", rows[k].name, i);
            else
                snprintf(name, sizeof name, "%s", rows[k].name);
            ok = add_array(t, name, make, type, rows[k].shape, rows[k].numbers, f);
        }
    }
    return ok;
}

static char *finished(text *t, bool ok, failure *f) {
    if (t->failed) ok = fail_memory(f);
    if (ok) return t->bytes;
    memory_free(t->bytes);
    return NULL;
}

/* Runs as it is in Python with PyTorch, and gives the output that is shown. */
static char *pytorch_text(window_state *w, failure *f) {
    text t = {0};
    const part *p = state_part(w);
    const scene_part *s = &w->scene.parts[0];
    char *code = layers_text(p->layers, p->layer_count);
    bool deform = false;
    for (int i = 0; i < p->layer_count; i++) deform = deform || p->layers[i].spec.op->kind == CONV_DEFORM;
    add(&t,
        deform ? "import torch\nimport torchvision\nfrom torch import nn\n" : "import torch\nfrom torch import nn\n");
    if (code && strstr(code, "OrderedDict")) add(&t, "from collections import OrderedDict\n");
    add(&t, "\nlayer = ");
    const char *constructor = code ? strstr(code, " = ") : NULL;
    add(&t, !code ? "" : constructor && strncmp(code, "self.", 5) == 0 ? constructor + 3 : code);
    add(&t, "\n");
    if (!code) t.failed = true;
    memory_free(code);
    bool ok = add_tensors(w, &t, "torch.tensor", "torch.float32", ".", f);
    bool masked = deform && s->operands.mask;
    add(&t, !deform ? "y = layer(x)\n" : masked ? "y = layer(x, offset, mask)\n" : "y = layer(x, offset)\n");
    add(&t, "print(y.shape, y, sep=\"\\n\")\n");
    return finished(&t, ok, f);
}

static char *numpy_text(window_state *w, failure *f) {
    text t = {0};
    const scene_part *s = &w->scene.parts[0];
    add(&t, "import numpy as np\n\n");
    bool ok = add_tensors(w, &t, "np.array", "np.float32", "", f);
    ok = ok && add_array(&t, "y", "np.array", "np.float32", &s->layout->output, s->output, f);
    return finished(&t, ok, f);
}

char *copy_text(window_state *w, copy_kind kind, failure *f) {
    char *copy = NULL;
    switch (kind) {
    case COPY_EXPRESSION:
        copy = memory_text(state_part(w)->expression);
        if (!copy) fail_memory(f);
        break;
    case COPY_PYTORCH:
        copy = pytorch_text(w, f);
        break;
    case COPY_NUMPY:
        copy = numpy_text(w, f);
        break;
    case COPY_SCENE:
        if (!scene_line_write(state_document(w), &copy, f)) copy = NULL;
        break;
    default:
        break;
    }
    return copy;
}

void copy_out(window_state *w, copy_kind kind) {
    static const char *const said[COPY_KIND_COUNT] = {N_("The expression is copied."),
                                                      N_("The PyTorch code is copied."), N_("The arrays are copied."),
                                                      N_("The scene is copied: one line to paste anywhere.")};
    failure f = {0};
    if (!w->scene_open) return;
    char *copy = copy_text(w, kind, &f);
    if (!copy) {
        state_failure(w, &f);
        return;
    }
    memory_free(w->clipboard);
    w->clipboard = copy;
    w->effects.copy = copy;
    state_notice(w, false, say(w, said[kind]));
}
