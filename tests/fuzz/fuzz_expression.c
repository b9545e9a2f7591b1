/* Any text as an expression: it is read or refused with a sentence and a place inside the text; what was read can be
 * written as Python code and read again, and says the same then. */
#include "app/expression/expression.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds, const char *what, const char *text) {
    if (holds) return;
    fprintf(stderr, "violated: %s\n  in %s\n", what, text);
    abort();
}

static void check_place(const failure *f, const char *text) {
    int lines = 1;
    for (const char *p = text; *p; p++) lines += *p == '\n';
    demand(f->error.message[0] != 0, "a refusal has a sentence", text);
    demand(f->line >= 0 && f->line <= lines, "the line is in the text", text);
    demand(f->line == 0 || (f->column >= 1 && f->column <= (int)strlen(text) + 1), "the column is in the text", text);
}

static void check_round_trip(const conv_layer *layer, const char *text) {
    char code[2048], again[2048];
    int length = conv_spec_text(&layer->spec, code, sizeof code);
    demand(length > 0 && length < (int)sizeof code, "a layer can be written", text);
    expression e;
    failure f = {0};
    if (!expression_read(code, &e, &f)) {
        fprintf(stderr, "%s\n%s\n", code, f.error.message);
        demand(false, "what was written can be read", text);
    }
    demand(e.layer_count == 1, "one layer stays one", text);
    conv_spec_text(&e.layers[0].spec, again, sizeof again);
    demand(strcmp(code, again) == 0, "what is read again says the same", text);
    expression_destroy(&e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    expression e;
    failure f = {0};
    if (expression_read(text, &e, &f)) {
        demand(e.layer_count > 0 && e.layer_count <= CONV_MAX_LAYERS, "there are layers", text);
        for (int i = 0; i < e.layer_count && i < 4; i++) check_round_trip(&e.layers[i], text);
        expression_destroy(&e);
    } else {
        check_place(&f, text);
    }
    free(text);
    return 0;
}
