/* What is copied: PyTorch code that would run as it is. Each row was run with PyTorch and gave the output shown. */
#include "app/document/scene_text.h"
#include "app/window/copy.h"
#include "window_harness.h"

static char *copied(harness *h, copy_kind kind) {
    failure f = {0};
    char *text = copy_text(&h->w, kind, &f);
    cr_assert_not_null(text, "%s", f.error.message);
    return text;
}

static int times(const char *text, const char *words) {
    int count = 0;
    for (const char *at = strstr(text, words); at; at = strstr(at + 1, words)) count++;
    return count;
}

/* A sequence of layers, and what stands in the code (at most once, but for `twice`) and what does not. */
Test(copy, code_calls_each_layer_as_pytorch_wants_it) {
    static const struct {
        const char *expression, *has[3], *twice, *lacks;
    } cases[] = {
        {"nn.Conv2d(1, 1, 3)",
         {"layer = nn.Conv2d(1, 1, kernel_size=3)\n", "layer.weight.data = ", "y = layer(x)\n"},
         NULL,
         "eval"},
        {"nn.LazyConv2d(2, 3)", {"layer.weight.data = "}, "y = layer(x)\n", "eval"},
        {"nn.Sequential(nn.LazyConv2d(2, 3), nn.ReLU())", {"layer[0].weight.data = "}, "y = layer(x)\n", NULL},
        {"nn.Conv2d(1, 1, 3, padding=1, padding_mode='circular')", {"y = layer(x[None])[0]\n"}, NULL, "layer(x)"},
        {"nn.Conv2d(1, 1, 3, padding=1, padding_mode='reflect')", {"y = layer(x)\n"}, NULL, "[None]"},
        {"nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.ReLU())",
         {"layer.eval()\n", "y = layer(x)\n"},
         NULL,
         "ModuleList"},
        {"nn.Sequential(nn.Dropout(0.5), nn.ReLU())", {"layer.eval()\n"}, NULL, NULL},
        {"nn.MaxPool2d(2, return_indices=True)", {"y, indices = layer(x)\n"}, NULL, "ModuleList"},
        {"nn.Sequential(nn.MaxPool2d(2, return_indices=True), nn.ReLU())",
         {"nn.ModuleList", "y0, indices0 = layer[0](x)\ny1 = layer[1](y0)\ny = y1\n"},
         NULL,
         "nn.Sequential"},
        {"self.a = nn.Conv2d(1, 2, 3)\nself.b = nn.ReLU()",
         {"from collections import OrderedDict\n",
          "layer = nn.Sequential(OrderedDict([(\"a\", nn.Conv2d(1, 2, kernel_size=3)), (\"b\", nn.ReLU())]))\n"},
         NULL,
         "#"},
        {"self.a = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())\nself.b = nn.ReLU()",
         {"layer = nn.Sequential(\n    nn.Conv2d(1, 2, kernel_size=3),  # a.0\n    nn.ReLU(),  # a.1\n",
          "y = layer(x)\n"},
         NULL,
         "OrderedDict"},
        {"torchvision.ops.Permute((0, 2, 1))", {"import torchvision\n", "y = layer(x)\n"}, NULL, NULL},
        {"torchvision.ops.DeformConv2d(1, 1, 3)",
         {"import torchvision\n", "offset = ", "y = layer(x, offset)\n"},
         NULL,
         "nn.ModuleList"},
        {"nn.Sequential(nn.Conv2d(1, 2, 3), torchvision.ops.DeformConv2d(2, 1, 3))",
         {"offset1 = ", "y1 = layer[1](y0, offset1)\n", "layer[1].weight.data = "},
         NULL,
         "nn.Sequential"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness *h = start(cases[i].expression);
        char *code = copied(h, COPY_PYTORCH);
        for (int k = 0; k < 3 && cases[i].has[k]; k++)
            cr_expect_eq(times(code, cases[i].has[k]), 1, "%s: %s in\n%s", cases[i].expression, cases[i].has[k], code);
        if (cases[i].twice) cr_expect_eq(times(code, cases[i].twice), 2, "%s:\n%s", cases[i].expression, code);
        if (cases[i].lacks) cr_expect_null(strstr(code, cases[i].lacks), "%s:\n%s", cases[i].expression, code);
        memory_free(code);
        stop(h);
    }
}

/* What a layer is called in a stranger's scene does not run. */
Test(copy, names_do_not_become_code) {
    static const char *const cases[] = {
        "nn.Sequential(OrderedDict([('a\", harm(), \"', nn.ReLU()), ('b', nn.ReLU())]))",
        "nn.Sequential(OrderedDict([('a\rharm()', nn.ReLU()), ('b', nn.ReLU())]))",
        "nn.Sequential(OrderedDict([('a = harm(); b', nn.ReLU())]))"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness *h = start(cases[i]);
        char *code = copied(h, COPY_PYTORCH);
        cr_expect_null(strstr(code, "harm"), "%s", code);
        cr_expect(strstr(code, "layer = nn."), "%s", code);
        memory_free(code);
        stop(h);
    }
}

/* A lazy layer has no weights to set before its first input. */
Test(copy, lazy_layers_see_their_input_first) {
    harness *h = start("nn.LazyConvTranspose2d(1, 2)");
    char *code = copied(h, COPY_PYTORCH);
    const char *run = strstr(code, "y = layer(x)\n"), *set = strstr(code, "layer.weight.data = ");
    cr_assert(run && set, "%s", code);
    cr_expect_lt(run, set, "%s", code);
    memory_free(code);
    stop(h);
}

static void open_page(harness *h, const char *id, int page) {
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, id, page, false, &f), "%s: %s", id, f.error.message);
    idle(h);
}

/* Branches, and indices that another layer takes: what nn.Sequential cannot say. */
Test(copy, branches_are_called_one_by_one) {
    harness *h = start_lesson("unet");
    char *code = copied(h, COPY_PYTORCH);
    cr_expect(strstr(code, "    nn.Identity(),  # cat2\n"), "%s", code);
    cr_expect(strstr(code, "y9 = torch.cat((y4, y8), dim=1)\ny10 = layer[10](y9)\n"), "%s", code);
    cr_expect_null(strstr(code, "Cat("), "%s", code);
    memory_free(code);
    open_page(h, "fcn", 0);
    code = copied(h, COPY_PYTORCH);
    cr_expect_null(strstr(code, "Add("), "%s", code);
    cr_expect(strstr(code, " + y"), "%s", code);
    memory_free(code);
    open_page(h, "unpooling", 0);
    code = copied(h, COPY_PYTORCH);
    cr_expect(strstr(code, "nn.MaxPool2d(kernel_size=2, return_indices=True),  # pool\n"), "%s", code);
    cr_expect(strstr(code, "y2, indices2 = layer[2](y1)\ny3 = layer[3](y2, indices2)\n"), "%s", code);
    memory_free(code);
    stop(h);
}

/* PyTorch does not flip a kernel: its weights are. */
Test(copy, a_true_convolution_flips_its_weights) {
    harness *h = start_lesson("cross-correlation");
    bool found = false;
    for (int i = 0; i < h->w.lesson.page_count; i++) {
        open_page(h, "cross-correlation", i);
        const bool flip = state_part(&h->w)->layers[0].spec.flip;
        char *code = copied(h, COPY_PYTORCH), *arrays = copied(h, COPY_NUMPY);
        cr_expect_eq(strstr(code, "dtype=torch.float32).flip(-2, -1)\ny = layer(x)\n") != NULL, flip, "%s", code);
        cr_expect_null(strstr(arrays, "flip"), "the array is what is shown");
        found = found || flip;
        memory_free(code);
        memory_free(arrays);
    }
    cr_expect(found);
    stop(h);
}

static harness *start_scene(const char *keys) {
    document d;
    failure f = {0};
    char text[512];
    snprintf(text, sizeof text, "convscope: 1\n%s", keys);
    cr_assert(scene_text_read(text, strlen(text), NULL, "/tmp", &d, &f), "%s%s", text, f.error.message);
    harness *h = start_sized(1440, 900);
    cr_assert(state_open_document(&h->w, &d, false, &f), "%s%s", text, f.error.message);
    document_destroy(&d);
    return h;
}

/* What an expression does not say: joins, branches, batches, masks, flipped kernels. */
Test(copy, code_of_scenes_runs_as_it_is) {
    static const struct {
        const char *scene, *has, *lacks;
    } cases[] = {
        {"shape: [2, 1, 5, 5]\noperation: nn.Conv2d(1, 1, 3, padding=1, padding_mode='circular')\n", "y = layer(x)\n",
         "[None]"},
        {"shape: [1, 4, 4]\nlayers:\n"
         "  - {name: a, layer: \"nn.Conv2d(1, 1, 3, padding=1, padding_mode='circular')\"}\n"
         "  - {name: b, layer: Cat(dim=0), from: [a, input]}\nfocus: b\n",
         "y0 = layer[0](x[None])\ny1 = torch.cat((y0, x[None]), dim=1)\ny = y1[0]\n", "layer[0](x)"},
        {"shape: [1, 4, 4]\nlayers:\n"
         "  - {name: a, layer: \"nn.Conv2d(1, 1, 3, padding=1)\"}\n"
         "  - {name: b, layer: Cat(dim=0), from: [a, input]}\nfocus: b\n",
         "y0 = layer[0](x)\ny1 = torch.cat((y0, x), dim=0)\ny = y1\n", "[None]"},
        {"shape: [1, 4, 4]\nlayers:\n  - {name: a, layer: nn.ReLU()}\n  - {name: b, layer: nn.Tanh(), from: input}\n"
         "focus: b\n",
         "y0 = layer[0](x)\ny1 = layer[1](x)\ny = y1\n", "nn.Sequential"},
        {"shape: [1, 4, 4]\noperation: nn.Conv2d(1, 2, 3)\nflip: true\nbias: [1, 2]\n",
         "layer.bias.data = torch.tensor([1., 2.], dtype=torch.float32)\n", NULL},
        {"shape: [1, 1, 4, 4]\noperation: torchvision.ops.DeformConv2d(1, 1, 3)\nmask: {from: 1}\n",
         "y = layer(x, offset, mask)\n", "layer(x, offset)\n"},
        {"shape: [1, 4, 4]\noperation: nn.Sequential(OrderedDict([('a', nn.Conv2d(1, 1, 3)), ('b', nn.ReLU())]))\n",
         "from collections import OrderedDict\n\nlayer = nn.Sequential(OrderedDict(", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        harness *h = start_scene(cases[i].scene);
        char *code = copied(h, COPY_PYTORCH);
        cr_expect_eq(times(code, cases[i].has), 1, "%s:\n%s", cases[i].scene, code);
        if (cases[i].lacks) cr_expect_null(strstr(code, cases[i].lacks), "%s:\n%s", cases[i].scene, code);
        memory_free(code);
        stop(h);
    }
}

/* Python has no words for what an overflow leaves. */
Test(copy, numbers_that_are_none_are_made) {
    static const struct {
        const char *focus, *has;
    } cases[] = {{"a", "y = np.array([[float('inf')],\n              [-float('inf')]], dtype=np.float32)\n"},
                 {"b", "y = np.array([[float('nan')]], dtype=np.float32)\n"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        snprintf(text, sizeof text,
                 "shape: [1, 1]\ninput: [3e38]\nlayers:\n"
                 "  - {name: a, layer: \"nn.Conv1d(1, 2, 1, bias=False)\"}\n"
                 "  - {name: b, layer: \"nn.Conv1d(2, 1, 1, bias=False)\"}\n"
                 "\"a.weight\": [10, -10]\n\"b.weight\": [1, 1]\nfocus: %s\n",
                 cases[i].focus);
        harness *h = start_scene(text);
        char *code = copied(h, COPY_NUMPY);
        cr_expect(strstr(code, cases[i].has), "%s", code);
        memory_free(code);
        stop(h);
    }
}

/* More numbers than anybody wants to paste are refused in words, whatever they are for. */
Test(copy, large_tensors_are_not_copied) {
    static const copy_kind kinds[] = {COPY_PYTORCH, COPY_NUMPY};
    harness *h = start("nn.Linear(64, 65)");
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        failure f = {0};
        cr_expect_null(copy_text(&h->w, kinds[i], &f));
        cr_expect(strstr(f.error.message, "4160 numbers"), "%s", f.error.message);
    }
    stop(h);
}

/* The code that was copied, pasted: the layer is read, and the field holds the layer alone. */
Test(copy, code_is_pasted_without_its_other_lines) {
    static const struct {
        const char *text, *expression;
    } cases[] = {
        {"import torch\nfrom torch import nn\n\nlayer = nn.Conv2d(1, 1, 2)\nx = torch.tensor([[[1., 2.]]])\ny = "
         "layer(x)\n",
         "layer = nn.Conv2d(1, 1, 2)"},
        {"import torch\nself.a = nn.Conv2d(1, 2, 3)\nself.b = nn.ReLU()\nprint(1)",
         "self.a = nn.Conv2d(1, 2, 3)\nself.b = nn.ReLU()"},
        {"x = 3\nnn.Conv2d(1, 2, 3)", "nn.Conv2d(1, 2, 3)"},
        {"x = 3\na = nn.Conv2d(1, 1, 3)\na = nn.Conv2d(1, 2, 5)\nprint(1)",
         "a = nn.Conv2d(1, 1, 3)\na = nn.Conv2d(1, 2, 5)"},
        {"nn.Conv2d(1, 1,\n          3)  # as typed", "nn.Conv2d(1, 1,\n          3)  # as typed"},
    };
    harness *h = start("nn.Conv1d(1, 1, 3)");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        send(h, (window_event){.kind = EVENT_CLIPBOARD, .long_text = cases[i].text});
        cr_expect_str_eq(state_part(&h->w)->expression, cases[i].expression, "%s", h->w.notice);
    }
    type_expression(h, "nn.LazyConv2d(1, 2)");
    press_key(h, KEY_ENTER, 0);
    char *code = copied(h, COPY_PYTORCH);
    send(h, (window_event){.kind = EVENT_CLIPBOARD, .long_text = code});
    cr_expect_str_eq(state_part(&h->w)->expression, "layer = nn.LazyConv2d(1, kernel_size=2)", "%s", h->w.notice);
    memory_free(code);
    stop(h);
}
