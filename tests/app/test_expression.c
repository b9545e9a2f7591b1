#include "app/expression/expression.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an expression means: one "name: constructor" for each layer, with line breaks between. */
static char *meaning(const expression *e, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int i = 0; i < e->layer_count; i++) {
        char spec[256];
        conv_spec_text(&e->layers[i].spec, spec, (int)sizeof spec);
        used += (size_t)snprintf(text + used, size - used, "%s%s: %s", i ? "\n" : "", e->layers[i].name, spec);
    }
    return text;
}

static const struct {
    const char *text, *means;
} accepted[] = {
    {"nn.Conv2d(3, 8, 3)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"torch.nn.Conv2d(3, 8, 3)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"Conv2d(3, 8, 3)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"torch.nn.modules.conv.Conv2d(3, 8, 3)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"  nn.Conv2d ( 3 ,8,\t3 , )  ", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(in_channels=3, out_channels=8, kernel_size=(3, 5))", "0: nn.Conv2d(3, 8, kernel_size=(3, 5))"},
    {"nn.Conv2d(3, 8, [3, 5], 2, 1)", "0: nn.Conv2d(3, 8, kernel_size=(3, 5), stride=2, padding=1)"},
    {"nn.Conv2d(3, 8, (3))", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, 8, 3, padding='same', padding_mode=\"reflect\")",
     "0: nn.Conv2d(3, 8, kernel_size=3, padding='same', padding_mode='reflect')"},
    {"nn.Conv2d(3, 8, 3, bias=False)", "0: nn.Conv2d(3, 8, kernel_size=3, bias=False)"},
    {"nn.Conv2d(3, 8, 3, device=None, dtype=torch.float32)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, 8, 3, device=torch.device('cuda', 0))", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, 8, 3).to('cuda').eval()", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, 8, 3)(torch.randn(1, 3, 8, 8))", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"self.conv1 = nn.Conv2d(3, 8, 3)", "conv1: nn.Conv2d(3, 8, kernel_size=3)"},
    {"self.conv1: nn.Module = nn.Conv2d(3, 8, 3)", "conv1: nn.Conv2d(3, 8, kernel_size=3)"},
    {"conv = nn.Conv2d(3, 8, 3);", "conv: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, 8, 3),", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"# a layer\nnn.Conv2d(\n    3,  # RGB\n    8,\n    kernel_size=3,\n)\n", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(3, \\\n 8, 3)", "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"nn.Conv2d(1_0, 0x10, 3)", "0: nn.Conv2d(10, 16, kernel_size=3)"},
    {"nn.Conv2d(0b10, 0o17, 3)", "0: nn.Conv2d(2, 15, kernel_size=3)"},
    {"nn.Conv2d(0B1_0, 0O1_7, 0X3)", "0: nn.Conv2d(2, 15, kernel_size=3)"},
    {"nn.Conv2d(2*3, 64//4, 7 - 4, padding=(3+1)//2 - 1)", "0: nn.Conv2d(6, 16, kernel_size=3, padding=1)"},
    {"nn.Conv2d(-7 // 2 + 7, 7 % 4, +3)", "0: nn.Conv2d(3, 3, kernel_size=3)"},
    {"\xEF\xBB\xBFnn.Conv2d\xEF\xBC\x88"
     "3\xEF\xBC\x8C 8\xEF\xBC\x8C\xE3\x80\x80"
     "3\xEF\xBC\x89",
     "0: nn.Conv2d(3, 8, kernel_size=3)"},
    {"import torch\nfrom torch import nn\nx = torch.randn(32, 64, 28, 28)\nconv = nn.Conv2d(64, 128, 3, groups=4)\n"
     "out = conv(x)\nprint(out.shape)\nw = conv.weight.data\n",
     "conv: nn.Conv2d(64, 128, kernel_size=3, groups=4)"},
    {">>> # With square kernels and equal stride\n>>> m = nn.Conv2d(16, 33, 3, stride=2)\n"
     ">>> m = nn.Conv2d(16, 33, (3, 5), stride=(2, 1),\n...               padding=(4, 2))\n"
     ">>> input = torch.randn(20, 16, 50, 100)\n>>> output = m(input)",
     "m: nn.Conv2d(16, 33, kernel_size=(3, 5), stride=(2, 1), padding=(4, 2))"},
    {"nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 1),)",
     "0: nn.Conv2d(3, 8, kernel_size=3)\n1: nn.Conv2d(8, 4, kernel_size=1)"},
    {"net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.Sequential(nn.Conv2d(8, 4, 1)))",
     "net.0: nn.Conv2d(3, 8, kernel_size=3)\nnet.1.0: nn.Conv2d(8, 4, kernel_size=1)"},
    {"nn.Sequential(*[nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 1)])",
     "0: nn.Conv2d(3, 8, kernel_size=3)\n1: nn.Conv2d(8, 4, kernel_size=1)"},
    {"nn.Sequential(collections.OrderedDict([('a', nn.Conv2d(3, 8, 3)), ('b', nn.Conv2d(8, 4, 1))]))",
     "a: nn.Conv2d(3, 8, kernel_size=3)\nb: nn.Conv2d(8, 4, kernel_size=1)"},
    {"nn.Sequential(OrderedDict({'a': nn.Conv2d(3, 8, 3)}))", "a: nn.Conv2d(3, 8, kernel_size=3)"},
    {"Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)",
     "0: nn.Conv2d(3, 8, kernel_size=3, padding='same')"},
    {"Sequential(\n  (0): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding_mode=reflect)\n"
     "  (tail): Sequential(\n    (0): Conv2d(8, 4, kernel_size=(1, 1), stride=(1, 1))\n  )\n)",
     "0: nn.Conv2d(3, 8, kernel_size=3, padding_mode='reflect')\ntail.0: nn.Conv2d(8, 4, kernel_size=1)"},
    {"self.a = nn.Conv2d(3, 8, 3)\nself.b = nn.Conv2d(8, 4, 1)",
     "a: nn.Conv2d(3, 8, kernel_size=3)\nb: nn.Conv2d(8, 4, kernel_size=1)"},
    {"[nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 1)]",
     "0: nn.Conv2d(3, 8, kernel_size=3)\n1: nn.Conv2d(8, 4, kernel_size=1)"},
    {"nn.LazyConv2d(8, 3)", "0: nn.LazyConv2d(8, kernel_size=3)"},
    {"nn.ConvTranspose2d(4, 2, 3, 2, 1, 1)",
     "0: nn.ConvTranspose2d(4, 2, kernel_size=3, stride=2, padding=1, output_padding=1)"},
};

Test(expression, means_what_python_means) {
    for (size_t i = 0; i < sizeof accepted / sizeof *accepted; i++) {
        expression e;
        failure f = {0};
        char text[1024];
        bool read = expression_read(accepted[i].text, &e, &f);
        cr_expect(read, "%s\nwas refused: %s (%d:%d)", accepted[i].text, f.error.message, f.line, f.column);
        if (!read) continue;
        cr_expect_str_eq(meaning(&e, text, sizeof text), accepted[i].means);
        expression_destroy(&e);
    }
}

static const struct {
    const char *text;
    int line, column;
    const char *says; /* a part of the sentence */
} refused[] = {
    {"nn.Conv2d(1, 1, 3, padding=0x)", 1, 29, "'x' cannot stand here"},
    {"", 1, 1, "no layer"},
    {"   \n# nothing\n", 3, 1, "no layer"},
    {"nn.Conv2s(3, 8, 3)", 1, 4, "Conv2d"},
    {"conv2d(3, 8, 3)", 1, 1, "Conv2d"},
    {"torch.nn.Konvolution(3)", 1, 10, "no operation"},
    {"class Net(nn.Module):\n    pass", 1, 1, "nn.Sequential"},
    {"BasicBlock(\n  (conv1): Conv2d(3, 8, kernel_size=(3, 3)))", 1, 1, "how BasicBlock joins"},
    {"F.conv2d(x, w)", 1, 3, "torch.nn.functional"},
    {"torchvision.ops.Conv2d(3, 8, 3)", 1, 1, "nn.Conv2d"},
    {"nn.Conv2d(3, 8)", 1, 15, "kernel_size"},
    {"nn.Conv2d()", 1, 11, "in_channels, out_channels, kernel_size"},
    {"nn.Conv2d(3, 8, 3, 1, 0, 1, 1, True, 'zeros', None, None, 7)", 1, 59, "at most"},
    {"nn.Conv2d(3, 8, 3, strid=2)", 1, 20, "stride"},
    {"nn.Conv2d(3, 8, 3, kernel_size=3)", 1, 20, "twice"},
    {"nn.Conv2d(3, 8, kernel_size=3, 2)", 1, 32, "name"},
    {"nn.Conv2d(3, 8, 'three')", 1, 17, ""},
    {"nn.Conv2d(3, 8, 3.5)", 1, 17, ""},
    {"nn.Conv2d(3, 8, 0)", 1, 17, ""},
    {"nn.Conv2d(3, 8, -3)", 1, 17, ""},
    {"nn.Conv2d(3, 8, 3, stride=0)", 1, 27, ""},
    {"nn.Conv2d(3, 8, (3, 3, 3))", 1, 17, ""},
    {"nn.Conv2d(3, 8, 3, groups=2)", 1, 27, ""},
    {"nn.Conv2d(4, 7, 3,\n          groups=2)", 2, 18, ""},
    {"nn.Conv2d(3, 8, 3, padding_mode='mirror')", 1, 33, ""},
    {"nn.Conv2d(3, 8, 3, stride=2, padding='same')", 1, 38, ""},
    {"nn.Conv2d(in_channels, 8, 3)", 1, 11, "is a name"},
    {"nn.Conv2d(int(3), 8, 3)", 1, 11, "not computed"},
    {"nn.Conv2d(3, 8, 3", 1, 18, "ends too early: ')' is missing"},
    {"nn.Conv2d(3, 8, 'same", 1, 17, "closing quote"},
    {"nn.Conv2d(3 8, 3)", 1, 13, "','"},
    {"nn.Conv2d(3, 8, 3))", 1, 19, "cannot stand here"},
    {"nn.Conv2d[3, 8, 3]", 1, 10, "'('"},
    {"nn.Conv2d(3, 8, 99999999999999999999)", 1, 17, "too large"},
    {"nn.Conv2d(3, 8, 0xffffffffffffffffff)", 1, 17, "too large"},
    {"nn.Conv2d(3, 8, 0x8000000000000000)", 1, 17, "too large"},
    {"nn.Conv2d(3, 8, 0b12)", 1, 20, "'2' cannot stand here"},
    {"nn.Conv2d(3, 8, 4611686018427387904 * 4)", 1, 37, "too large"},
    {"nn.LeakyReLU(1e999)", 1, 14, "too large"},
    {"nn.Conv2d(3, 8, 3 // 0)", 1, 19, "divides by zero"},
    {"nn.Conv2d(*sizes)", 1, 11, "unpacking"},
    {"nn.Conv2d(**sizes)", 1, 11, "unpacking"},
    {"nn.Sequential()", 1, 15, "no layers"},
    {"nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conf2d(8, 8, 3))", 1, 38, "Conv2d"},
    {"nn.Conv2d(3, 8, 3) nn.Conv2d(8, 8, 3)", 1, 20, "cannot stand here"},
    {"\xE5\xB1\x82 = nn.Conv2d(3, 8, kernel_siz=3)", 1, 21, "kernel_size"}, /* columns count characters */
    {"nn.Conv2d(3, 8, 3, padding=$)", 1, 28, "cannot stand here"},
    {"nn.Conv2d(3, 8, (1, (2, 3)))", 1, 21, "tuple"},
    {"nn.Conv2d(3, 8, (1, 2, 3, 4, 5, 6, 7, 8, 9))", 1, 42, "at most 8"},
};

Test(expression, points_at_what_is_wrong) {
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        expression e;
        failure f = {0};
        bool read = expression_read(refused[i].text, &e, &f);
        cr_expect(!read, "%s was accepted", refused[i].text);
        if (read) {
            expression_destroy(&e);
            continue;
        }
        cr_expect(f.line == refused[i].line && f.column == refused[i].column, "%s\nis blamed at %d:%d, not %d:%d: %s",
                  refused[i].text, f.line, f.column, refused[i].line, refused[i].column, f.error.message);
        cr_expect(strcasestr(f.error.message, refused[i].says) != NULL, "%s\nis answered with: %s", refused[i].text,
                  f.error.message);
        cr_expect(e.layers == NULL && e.places == NULL, "something is left of %s", refused[i].text);
    }
}

Test(expression, notes_what_has_no_effect) {
    expression e;
    cr_assert(expression_read("nn.Conv2d(3, 8, 3,\n  device='cpu', dtype=torch.half).cuda()", &e, NULL));
    cr_assert_eq(e.note_count, 3);
    cr_expect_str_eq(e.notes[0].name, "device");
    cr_expect_str_eq(e.notes[1].name, "dtype");
    cr_expect(e.notes[1].line == 2 && e.notes[1].column == 17, "%d:%d", e.notes[1].line, e.notes[1].column);
    cr_expect_str_eq(e.notes[2].name, "cuda");
    expression_destroy(&e);
}

Test(expression, links_layers_to_a_chain) {
    expression e;
    cr_assert(expression_read("nn.Sequential(nn.Conv2d(1, 2, 3), nn.Conv2d(2, 2, 3), nn.Conv2d(2, 1, 3))", &e, NULL));
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(e.layers[i].input_count, 1);
        cr_expect_eq(e.layers[i].input[0], i - 1);
        cr_expect_eq(e.layers[i].indices_from, -1);
    }
    cr_expect(e.sequential);
    expression_destroy(&e);
    cr_assert(expression_read("nn.Conv2d(1, 2, 3)", &e, NULL));
    cr_expect(!e.sequential);
    expression_destroy(&e);
}

Test(expression, blames_the_argument_that_an_engine_error_names) {
    expression e;
    failure f = {0};
    cr_assert(expression_read("nn.Conv2d(1, 2, 3,\n   padding=9, padding_mode='reflect')", &e, NULL));
    strcpy(f.error.parameter, "padding");
    cr_expect(!expression_blame(&e, 0, &f));
    cr_expect(f.line == 2 && f.column == 12, "%d:%d", f.line, f.column);
    strcpy(f.error.parameter, "input");
    expression_blame(&e, 0, &f);
    cr_expect(f.line == 1 && f.column == 4, "%d:%d", f.line, f.column);
    expression_destroy(&e);
}

/* Brackets that nest without end, and texts without end. */
Test(expression, bounds_what_it_reads) {
    enum { LENGTH = 200000 };
    static const char *const openings[] = {"nn.Sequential(", "(", "-", "[", "nn.Conv2d(3, 8, (", "("};
    for (size_t i = 0; i < sizeof openings / sizeof *openings; i++) {
        size_t one = strlen(openings[i]);
        char *text = malloc(LENGTH + 64);
        size_t used = (size_t)sprintf(text, "%s", i == 1 || i == 2 || i == 3 ? "nn.Conv2d(3, 8, " : "");
        while (used + one < LENGTH) {
            memcpy(text + used, openings[i], one);
            used += one;
        }
        text[used] = '\0';
        expression e;
        failure f = {0};
        cr_expect(!expression_read(text, &e, &f), "%.20s... was accepted", text);
        cr_expect(f.line == 1 && f.column > 0);
        free(text);
    }
    char *huge = malloc(EXPRESSION_MAX_BYTES + 2);
    memset(huge, ' ', EXPRESSION_MAX_BYTES + 1);
    huge[EXPRESSION_MAX_BYTES + 1] = '\0';
    expression e;
    cr_expect(!expression_read(huge, &e, NULL));
    free(huge);
}

Test(expression, refuses_more_layers_than_a_network_has) {
    char *text = malloc(400 * 24 + 32);
    size_t used = (size_t)sprintf(text, "nn.Sequential(");
    for (int i = 0; i < 300; i++) used += (size_t)sprintf(text + used, "nn.Conv2d(1, 1, 1), ");
    sprintf(text + used, ")");
    expression e;
    failure f = {0};
    cr_expect(!expression_read(text, &e, &f));
    cr_expect(strstr(f.error.message, "256"), "%s", f.error.message);
    free(text);
}

Test(expression, survives_every_prefix_and_every_byte_changed) {
    static const char text[] =
        "self.f = nn.Sequential(OrderedDict([('a', nn.Conv2d(3, 8, (3, 5), padding='same', bias=False))]))";
    char copy[sizeof text];
    for (size_t cut = 0; cut < sizeof text; cut++) {
        expression e;
        memcpy(copy, text, sizeof text);
        copy[cut] = '\0';
        if (expression_read(copy, &e, NULL)) expression_destroy(&e);
        for (int byte = 1; byte < 256; byte += 3) {
            memcpy(copy, text, sizeof text);
            if (cut + 1 < sizeof text) copy[cut] = (char)byte;
            if (expression_read(copy, &e, NULL)) expression_destroy(&e);
        }
    }
}

Test(expression, reports_every_allocation_that_fails) {
    static const char text[] = "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 4, 1))";
    for (long n = 1;; n++) {
        expression e;
        failure f = {0};
        memory_fail_at(n);
        bool read = expression_read(text, &e, &f);
        bool hit = memory_count() >= n;
        memory_fail_at(0);
        if (read) expression_destroy(&e);
        if (!hit) break;
        cr_expect(!read && f.error.status == CONV_NO_MEMORY, "allocation %ld: %s", n, f.error.message);
    }
}
