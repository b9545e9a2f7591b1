#include "app/document/network_file.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool read(const char *text, expression *e, conv_shape *shape, failure *f) {
    return network_text_read(text, strlen(text), "net.yaml", e, shape, f);
}

Test(network_file, names_layers_and_joins_them) {
    static const char text[] = "title: a small U\n"
                               "input: [1, 1, 8, 8]\n"
                               "layers:\n"
                               "  - {name: down, layer: \"nn.Conv2d(1, 4, 3, padding=1)\"}\n"
                               "  - layer: nn.MaxPool2d(2)\n"
                               "  - {name: unpool, layer: nn.MaxUnpool2d(2), indices: 1}\n"
                               "  - {name: join, layer: Cat(dim=1), from: [unpool, down, input]}\n"
                               "  - name: again\n"
                               "    layer: nn.ReLU()\n"
                               "    from: down\n";
    expression e;
    conv_shape shape;
    failure f = {0};
    cr_assert(read(text, &e, &shape, &f), "%d:%d %s", f.line, f.column, f.error.message);
    cr_assert_eq(e.layer_count, 5);
    cr_expect(shape.rank == 4 && shape.size[3] == 8);
    cr_expect_str_eq(e.layers[1].name, "1");
    cr_expect(e.layers[0].input[0] == CONV_FROM_INPUT && e.layers[1].input[0] == 0 && e.layers[2].indices_from == 1);
    cr_expect(e.layers[3].input_count == 3 && e.layers[3].input[0] == 2 && e.layers[3].input[1] == 0 &&
              e.layers[3].input[2] == CONV_FROM_INPUT);
    cr_expect_eq(e.layers[4].input[0], 0);
    cr_expect(e.sequential);
    expression_destroy(&e);
}

Test(network_file, the_networks_that_come_along_run) {
    static const struct {
        const char *path;
        conv_shape output;
    } cases[] = {{SOURCE_DIR "/assets/networks/unet.yaml", {.rank = 4, .size = {1, 2, 32, 32}}},
                 {SOURCE_DIR "/assets/networks/fcn.yaml", {.rank = 4, .size = {1, 5, 32, 32}}},
                 {SOURCE_DIR "/assets/networks/dcgan.yaml", {.rank = 4, .size = {1, 3, 32, 32}}},
                 {SOURCE_DIR "/assets/networks/segnet.yaml", {.rank = 4, .size = {1, 1, 16, 16}}}};
    conv_engine *engine;
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expression e;
        conv_shape shape;
        failure f = {0};
        conv_error error = {0};
        conv_network *network;
        cr_assert(network_file_read(cases[i].path, &e, &shape, &f), "%s: %s", cases[i].path, f.error.message);
        cr_assert_eq(conv_network_create(engine, e.layers, e.layer_count, &shape, &network, &error), CONV_OK, "%s: %s",
                     cases[i].path, error.message);
        cr_expect(conv_shape_equal(&conv_network_layout(network, e.layer_count - 1)->output, &cases[i].output), "%s",
                  cases[i].path);
        float *input = calloc((size_t)conv_shape_count(&shape), sizeof *input);
        cr_expect_eq(conv_network_draw_weights(network, 1, &error), CONV_OK);
        cr_expect_eq(conv_network_run(network, input, NULL, &error), CONV_OK, "%s: %s", cases[i].path, error.message);
        free(input);
        conv_network_destroy(network);
        expression_destroy(&e);
    }
    conv_engine_destroy(engine);
}

Test(network_file, says_what_is_wrong_and_where) {
    static const struct {
        const char *text;
        int line;
        const char *says;
    } cases[] = {
        {"", 0, "empty"},
        {"layers: []\n", 1, "1 to 256"},
        {"input: [1, 1, 8, 8]\n", 1, "layers"},
        {"layers:\n  - nn.ReLU()\n", 2, ""},
        {"layers:\n  - {name: a}\n", 2, "constructor"},
        {"layers:\n  - {layer: nn.Relu()}\n", 2, "ReLU"},
        {"layers:\n  - layer: nn.ReLU()\n    form: a\n", 3, "form"},
        {"layers:\n  - layer: nn.ReLU()\n    from: later\n  - {name: later, layer: nn.ReLU()}\n", 3, "later"},
        {"layers:\n  - {name: a, layer: nn.ReLU()}\n  - {name: a, layer: nn.ReLU()}\n", 3, "two layers a"},
        {"layers:\n  - {name: input, layer: nn.ReLU()}\n", 2, "name"},
        {"layers:\n  - {layer: \"nn.Sequential(nn.ReLU(), nn.ReLU())\"}\n", 2, "not a sequence"},
        {"layers:\n  - {layer: Cat(dim=0), from: [input, input, input, input, input, input, input, input, input]}\n", 2,
         "1 to 8"},
        {"layers:\n  - {layer: nn.ReLU()\n", 3, ""},
        {"input: [1, -2]\nlayers:\n  - {layer: nn.ReLU()}\n", 1, ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expression e;
        conv_shape shape;
        failure f = {0};
        cr_expect(!read(cases[i].text, &e, &shape, &f), "%s was read", cases[i].text);
        cr_expect(f.line == cases[i].line, "%s: line %d: %s", cases[i].text, f.line, f.error.message);
        cr_expect(strstr(f.error.message, cases[i].says), "%s: %s", cases[i].text, f.error.message);
    }
}
