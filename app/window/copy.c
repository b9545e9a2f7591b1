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

/* ---- PyTorch code: runs as it is, and gives the output that is shown ---- */

/* What the layers ask of the code beside their constructors. */
typedef struct habits {
    bool chain;       /* each layer takes what the one before it gives: nn.Sequential does that */
    bool named;       /* ... and its parts can have the layers' names */
    bool lazy;        /* has no weights before it has seen an input */
    bool evaluate;    /* works in another way while it is trained */
    bool batch;       /* PyTorch's circular padding takes batches only, and the input is none */
    bool torchvision; /* some layers are from there */
    bool deformable;
    bool indices; /* the last layer gives its indices, too */
} habits;

static bool gives_indices(const part *p, int i) {
    bool asked = p->layers[i].spec.return_indices;
    for (int k = i + 1; k < p->layer_count; k++) asked = asked || p->layers[k].indices_from == i;
    return asked;
}

/* A stranger's network may call its layers anything: what is no name in Python, where `besides` may be in it, is not
 * written into code. */
static bool is_name(const char *name, const char *besides) {
    size_t length = 0;
    for (; name[length]; length++) {
        const unsigned char c = (unsigned char)name[length], letter = c | 0x20;
        const bool known = (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '_' || c >= 0x80;
        if (!known && !strchr(besides, c)) return false;
    }
    return length > 0;
}

static habits find_habits(window_state *w) {
    const part *p = state_part(w);
    habits h = {.chain = true, .named = true};
    for (int i = 0; i < p->layer_count; i++) {
        const conv_layer *l = &p->layers[i];
        const conv_kind kind = l->spec.op->kind;
        const conv_layout *layout = conv_network_layout(w->scene.parts[0].network, i);
        const bool last = i + 1 == p->layer_count, deformable = kind == CONV_DEFORM;
        const bool next = l->input_count == 1 && l->input[0] == (i ? i - 1 : CONV_FROM_INPUT) && kind != CONV_CAT &&
                          kind != CONV_ADD && (kind != CONV_MAX_UNPOOL || l->indices_from < 0);
        h.chain = h.chain && next && (last || !gives_indices(p, i)) && (p->layer_count == 1 || !deformable);
        h.named = h.named && is_name(l->name, "");
        h.lazy = h.lazy || l->spec.op->lazy;
        h.evaluate = h.evaluate || kind == CONV_BATCH_NORM || strncmp(l->spec.op->name, "Dropout", 7) == 0;
        h.batch = h.batch || (kind == CONV_CONV && l->spec.padding_mode == CONV_CIRCULAR &&
                              layout->input[0].rank == layout->dims + 1);
        h.torchvision = h.torchvision || strncmp(l->spec.op->module, "torchvision", 11) == 0;
        h.deformable = h.deformable || deformable;
        if (last) h.indices = gives_indices(p, i);
    }
    return h;
}

static void add_constructor(text *t, const part *p, int i) {
    enum { LAYER_BYTES = 512 };
    char code[LAYER_BYTES];
    conv_spec spec = p->layers[i].spec;
    spec.return_indices = gives_indices(p, i);
    conv_spec_text(&spec, code, sizeof code);
    add(t, *spec.op->module ? code : "nn.Identity()");
}

static void add_named(text *t, const part *p) {
    char *code = layers_text(p->layers, p->layer_count);
    if (code && strstr(code, "OrderedDict")) add(t, "from collections import OrderedDict\n");
    add(t, "\nlayer = ");
    add(t, code ? code : "");
    add(t, "\n");
    if (!code) t->failed = true;
    memory_free(code);
}

/* One layer on a line; what PyTorch has no layer for is written where it is used. */
static void add_lines(text *t, const part *p, bool chain) {
    add(t, chain ? "\nlayer = nn.Sequential(\n" : "\nlayer = nn.ModuleList([\n");
    for (int i = 0; i < p->layer_count; i++) {
        const char *name = p->layers[i].name;
        add(t, "    ");
        add_constructor(t, p, i);
        add(t, ",");
        if (is_name(name, ".-/ ")) add(t, "  # "), add(t, name);
        add(t, "\n");
    }
    add(t, chain ? ")\n" : "])\n");
}

static void add_layers(text *t, const part *p, const habits *h) {
    if (h->chain && p->layer_count == 1) {
        add(t, "\nlayer = ");
        add_constructor(t, p, 0);
        add(t, "\n");
    } else if (h->chain && h->named) {
        add_named(t, p);
    } else {
        add_lines(t, p, h->chain);
    }
}

/* What a layer takes: y3, or x. */
static void add_taken(text *t, const habits *h, int from) {
    char name[32];
    snprintf(name, sizeof name, "y%d", from);
    add(t, from != CONV_FROM_INPUT ? name : h->batch ? "x[None]" : "x");
}

static void add_calls(text *t, const part *p, const habits *h) {
    for (int i = 0; i < p->layer_count; i++) {
        const conv_layer *l = &p->layers[i];
        const conv_kind kind = l->spec.op->kind;
        const bool joins = kind == CONV_CAT || kind == CONV_ADD;
        char words[96];
        snprintf(words, sizeof words, gives_indices(p, i) ? "y%d, indices%d = " : "y%d = ", i, i);
        add(t, words);
        snprintf(words, sizeof words, "layer[%d](", i);
        add(t, kind == CONV_CAT ? "torch.cat((" : kind == CONV_ADD ? "" : words);
        for (int k = 0; k < l->input_count; k++) {
            if (k) add(t, kind == CONV_ADD ? " + " : ", ");
            add_taken(t, h, l->input[k]);
        }
        snprintf(words, sizeof words, "), dim=%lld)", (long long)l->spec.dim + (h->batch && l->spec.dim >= 0));
        if (kind == CONV_CAT) add(t, words);
        snprintf(words, sizeof words, ", indices%d", l->indices_from);
        if (kind == CONV_MAX_UNPOOL && l->indices_from >= 0) add(t, words);
        snprintf(words, sizeof words, ", offset%d", i);
        if (kind == CONV_DEFORM) add(t, words);
        add(t, joins ? "\n" : ")\n");
    }
    char last[48];
    snprintf(last, sizeof last, h->batch ? "y = y%d[0]\n" : "y = y%d\n", p->layer_count - 1);
    add(t, last);
}

static void add_run(text *t, const part *p, const habits *h, bool masked) {
    if (!h->chain) {
        add_calls(t, p, h);
        return;
    }
    add(t, h->indices ? "y, indices = " : "y = ");
    add(t, !h->deformable ? h->batch ? "layer(x[None])[0]\n" : "layer(x)\n"
           : masked       ? "layer(x, offset, mask)\n"
                          : "layer(x, offset)\n");
}

/* How a library writes its arrays. */
typedef struct writing {
    const char *make, *type;
    const habits *layers; /* which take them as parameters; NULL: arrays alone */
} writing;

/* `flipped`: along that many of the last axes. */
static bool add_array(text *t, const writing *how, const char *name, const conv_shape *shape, const float *numbers,
                      int flipped, failure *f) {
    int64_t count = conv_shape_count(shape);
    if (!numbers || shape->rank == 0) return true;
    if (count > MOST_NUMBERS) {
        return fail(f, N_("{0} has {1} numbers, too many to paste: save them with convscope run"), "sd", name, count);
    }
    char head[160];
    int indent = snprintf(head, sizeof head, "%s = %s(", name, how->make);
    add(t, head);
    add_list(t, shape, numbers, 0, 0, count, indent);
    static const char *const flips[] = {"", ".flip(-1)", ".flip(-2, -1)", ".flip(-3, -2, -1)"};
    snprintf(head, sizeof head, ", dtype=%s)%s\n", how->type, flips[flipped]);
    add(t, head);
    return true;
}

static bool add_operands(text *t, const writing *how, const conv_layout *l, const conv_operands *o, const char *place,
                         const char *number, failure *f) {
    const struct {
        const char *name;
        const conv_shape *shape;
        const float *numbers;
    } rows[] = {{"weight", &l->weight, o->weight},
                {"bias", &l->bias, o->bias},
                {"offset", &l->offset, o->offset},
                {"mask", &l->mask, o->mask}};
    bool ok = true;
    for (size_t k = 0; ok && k < sizeof rows / sizeof *rows; k++) {
        if (!rows[k].numbers || rows[k].shape->rank == 0) continue;
        char name[96];
        if (how->layers && k < 2)
            snprintf(name, sizeof name, "layer%s.%s.data", place, rows[k].name);
        else
            snprintf(name, sizeof name, "%s%s", rows[k].name, number);
        ok = add_array(t, how, name, rows[k].shape, rows[k].numbers,
                       how->layers && k == 0 && l->spec.flip ? l->dims : 0, f);
    }
    return ok;
}

static bool add_tensors(window_state *w, text *t, const writing *how, failure *f) {
    const scene_part *p = &w->scene.parts[0];
    const int count = conv_network_count(p->network);
    bool ok = add_array(t, how, "x", &state_part(w)->input_shape, p->network_input, 0, f);
    if (how->layers && how->layers->lazy) {
        add(t, "# a lazy layer has weights once it has seen an input\n");
        add_run(t, state_part(w), how->layers, false);
    }
    for (int i = 0; ok && i < count; i++) {
        char place[48] = "", number[32] = "";
        conv_operands o;
        conv_network_operands(p->network, i, &o);
        if (count > 1) {
            snprintf(place, sizeof place, "[%d]", i);
            snprintf(number, sizeof number, "%d", i);
        }
        ok = add_operands(t, how, conv_network_layout(p->network, i), &o, place, number, f);
    }
    return ok;
}

static char *finished(text *t, bool ok, failure *f) {
    if (t->failed) ok = fail_memory(f);
    if (ok) return t->bytes;
    memory_free(t->bytes);
    return NULL;
}

static char *pytorch_text(window_state *w, failure *f) {
    text t = {0};
    const part *p = state_part(w);
    const habits h = find_habits(w);
    const bool masked = w->scene.parts[0].operands.mask != NULL;
    add(&t, h.torchvision ? "import torch\nimport torchvision\nfrom torch import nn\n"
                          : "import torch\nfrom torch import nn\n");
    add_layers(&t, p, &h);
    if (h.evaluate) add(&t, "layer.eval()\n");
    const writing how = {"torch.tensor", "torch.float32", &h};
    bool ok = add_tensors(w, &t, &how, f);
    add_run(&t, p, &h, masked);
    add(&t, "print(y.shape, y, sep=\"\\n\")\n");
    return finished(&t, ok, f);
}

static char *numpy_text(window_state *w, failure *f) {
    text t = {0};
    const scene_part *s = &w->scene.parts[0];
    add(&t, "import numpy as np\n\n");
    const writing how = {"np.array", "np.float32", NULL};
    bool ok = add_tensors(w, &t, &how, f);
    ok = ok && add_array(&t, &how, "y", &s->layout->output, s->output, 0, f);
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
