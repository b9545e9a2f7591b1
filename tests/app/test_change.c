/* Commands on a document: what each changes, what is refused and why, undo and redo. */
#include "app/document/change.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <string.h>

static document from(const char *expression) {
    document d;
    failure f = {0};
    cr_assert(document_from_expression(&d, expression, NULL, &f), "%s: %s", expression, f.error.message);
    return d;
}

static int param(const document *d, int layer, const char *name) {
    int index = conv_param_find(d->parts[0].layers[layer].spec.op, name);
    cr_assert(index >= 0, "no parameter %s", name);
    return index;
}

static conv_value integer(int64_t i) {
    return (conv_value){.kind = CONV_VALUE_INT, .scalar = {CONV_VALUE_INT, i, (double)i}};
}

static bool set(document *d, int layer, const char *name, conv_value value, failure *f) {
    change c = {.kind = CHANGE_PARAMETER, .layer = layer, .number = param(d, layer, name), .value = value};
    return document_change(d, &c, f);
}

Test(change, parameter_rewrites_the_expression) {
    document d = from("nn.Conv2d(1, 1, 3)");
    cr_assert(set(&d, 0, "stride", integer(2), NULL));
    cr_expect_eq(d.parts[0].layers[0].spec.stride[0], 2);
    cr_expect_eq(d.parts[0].layers[0].spec.stride[1], 2);
    cr_expect(strstr(d.parts[0].expression, "stride=2"), "%s", d.parts[0].expression);
    document_destroy(&d);
}

Test(change, refused_parameter_leaves_the_document_and_says_why) {
    document d = from("nn.Conv2d(4, 6, 3)");
    failure f = {0};
    cr_expect_not(set(&d, 0, "groups", integer(3), &f));
    cr_expect_neq(f.error.status, CONV_OK);
    cr_expect(strlen(f.error.message) > 10);
    cr_expect_eq(d.parts[0].layers[0].spec.groups, 1);
    cr_expect_not(set(&d, 0, "kernel_size", integer(0), &f));
    cr_expect_not(set(&d, 0, "kernel_size", integer(1000), &f), "a kernel larger than the input has no output");
    cr_expect_eq(d.parts[0].layers[0].spec.kernel_size[0], 3);
    document_destroy(&d);
}

Test(change, input_follows_in_channels) {
    document d = from("nn.Conv2d(1, 1, 3)");
    int rank = d.parts[0].input_shape.rank;
    cr_assert(set(&d, 0, "in_channels", integer(3), NULL));
    cr_expect_eq(d.parts[0].input_shape.size[rank - 3], 3);
    cr_expect_eq(d.parts[0].input_shape.rank, rank);
    document_destroy(&d);
}

Test(change, layers_that_would_not_fit_together_are_refused) {
    document d = from("nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))");
    failure f = {0};
    cr_expect_not(set(&d, 0, "out_channels", integer(5), &f));
    cr_expect(strlen(f.error.message) > 10);
    cr_assert(set(&d, 2, "out_channels", integer(3), &f), "%s", f.error.message);
    cr_expect(strstr(d.parts[0].expression, "nn.Sequential("), "%s", d.parts[0].expression);
    document_destroy(&d);
}

/* What is written is read again as the same layers. */
Test(change, text_of_layers_reads_back) {
    static const char *const cases[] = {"nn.Conv2d(3, 8, (3, 5), stride=2, padding=(1, 2), groups=1, bias=False)",
                                        "nn.ConvTranspose2d(2, 4, 3, stride=2, output_padding=1)",
                                        "nn.MaxPool2d(2)",
                                        "self.stem = nn.Conv2d(1, 2, 3)",
                                        "nn.Sequential(nn.Conv2d(1, 2, 3, padding='same'), nn.ReLU(), nn.MaxPool2d(2))",
                                        "nn.Sequential(OrderedDict([('a', nn.Conv2d(1, 2, 3)), ('b', nn.ReLU())]))"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        document d = from(cases[i]);
        char *text = layers_text(d.parts[0].layers, d.parts[0].layer_count);
        cr_assert_not_null(text);
        document again = from(text);
        cr_assert_eq(again.parts[0].layer_count, d.parts[0].layer_count, "%s", text);
        for (int k = 0; k < d.parts[0].layer_count; k++) {
            cr_expect_eq(memcmp(&again.parts[0].layers[k].spec, &d.parts[0].layers[k].spec, sizeof(conv_spec)), 0, "%s",
                         text);
            cr_expect_str_eq(again.parts[0].layers[k].name, d.parts[0].layers[k].name);
        }
        memory_free(text);
        document_destroy(&again);
        document_destroy(&d);
    }
}

static change cell(role r, int64_t index, float value, uint64_t together) {
    return (change){.kind = CHANGE_CELL, .role = r, .index = index, .real = value, .together = together};
}

Test(change, cells) {
    document d = from("nn.Conv2d(1, 1, 3)");
    failure f = {0};
    change good = cell(ROLE_WEIGHT, 4, 7, 0), outside = cell(ROLE_WEIGHT, 9, 1, 0), output = cell(ROLE_OUTPUT, 0, 1, 0);
    change bias = cell(ROLE_BIAS, 0, 2, 0), infinite = cell(ROLE_INPUT, 0, (float)(1e300 * 1e10), 0);
    cr_assert(document_change(&d, &good, &f));
    cr_expect_eq(d.parts[0].weights[0].edit_count, 1u);
    cr_expect_eq(d.parts[0].weights[0].edits[0].value, 7);
    cr_expect_not(document_change(&d, &outside, &f));
    cr_expect_not(document_change(&d, &output, &f));
    cr_expect_not(document_change(&d, &infinite, &f));
    cr_expect(document_change(&d, &bias, &f));
    document_destroy(&d);
}

Test(change, many_cells_at_once_or_none) {
    document d = from("nn.Conv2d(1, 1, 3)");
    failure f = {0};
    const tensor_edit edits[] = {{4, 7}, {5, 8}, {4, 9}, {9, 1}};
    change c = {.kind = CHANGE_CELLS, .role = ROLE_WEIGHT, .edits = edits, .number = 4};
    cr_expect_not(document_change(&d, &c, &f), "the last one is outside");
    cr_expect_eq(d.parts[0].weights[0].edit_count, 0u, "none was made");
    c.number = 3;
    cr_assert(document_change(&d, &c, &f));
    cr_assert_eq(d.parts[0].weights[0].edit_count, 2u);
    cr_expect_eq(d.parts[0].weights[0].edits[0].value, 9, "the later one counts");
    cr_expect_eq(d.parts[0].weights[0].edits[1].value, 8);
    document_destroy(&d);
}

Test(change, edits_stay_with_their_cell_when_the_kernel_grows) {
    document d = from("nn.Conv2d(1, 1, 3)");
    change c = cell(ROLE_WEIGHT, 5, 9, 0); /* row 1, column 2 */
    cr_assert(document_change(&d, &c, NULL));
    cr_assert(set(&d, 0, "kernel_size", integer(4), NULL));
    cr_assert_eq(d.parts[0].weights[0].edit_count, 1u);
    cr_expect_eq(d.parts[0].weights[0].edits[0].index, 1 * 4 + 2);
    cr_assert(set(&d, 0, "kernel_size", integer(2), NULL));
    cr_expect_eq(d.parts[0].weights[0].edit_count, 0u, "the cell is gone");
    document_destroy(&d);
}

Test(change, literal_numbers_stay_with_their_cell) {
    document d = from("nn.Conv2d(1, 1, 2)");
    float numbers[4] = {1, 2, 3, 4};
    tensor_source s = {.kind = SOURCE_NUMBERS, .numbers = numbers, .count = 4};
    change c = {.kind = CHANGE_SOURCE, .role = ROLE_WEIGHT, .source = &s};
    cr_assert(document_change(&d, &c, NULL));
    cr_assert(set(&d, 0, "kernel_size", integer(3), NULL));
    const tensor_source *w = &d.parts[0].weights[0];
    cr_assert_eq(w->count, 9);
    const float expected[9] = {1, 2, 0, 3, 4, 0, 0, 0, 0};
    for (int i = 0; i < 9; i++) cr_expect_eq(w->numbers[i], expected[i]);
    document_destroy(&d);
}

Test(change, expression_keeps_numbers_of_the_same_layers_only) {
    document d = from("nn.Conv2d(1, 1, 3)");
    change edit = cell(ROLE_WEIGHT, 0, 5, 0),
           same = {.kind = CHANGE_EXPRESSION, .text = "nn.Conv2d(1, 1, 3, padding=1)"};
    change other = {.kind = CHANGE_EXPRESSION, .text = "nn.ConvTranspose2d(2, 2, 3)"},
           wrong = {.kind = CHANGE_EXPRESSION, .text = "nn.Conv2d(1, 1)"};
    failure f = {0};
    cr_assert(document_set_text(&d.lesson, "conv2d", NULL));
    cr_assert(document_change(&d, &edit, NULL));
    cr_assert(document_change(&d, &same, NULL));
    cr_expect_eq(d.parts[0].weights[0].edit_count, 1u);
    cr_expect_str_eq(d.lesson, "conv2d");
    cr_expect_not(document_change(&d, &wrong, &f));
    cr_expect(f.column > 0);
    cr_assert(document_change(&d, &other, &f), "%s", f.error.message);
    cr_expect_eq(d.parts[0].weights[0].edit_count, 0u);
    cr_expect_null(d.lesson);
    document_destroy(&d);
}

Test(change, input_shape) {
    document d = from("nn.Conv2d(1, 1, 3)");
    failure f = {0};
    change c = {.kind = CHANGE_INPUT_SHAPE, .shape = d.parts[0].input_shape};
    int last = c.shape.rank - 1;
    c.shape.size[last] = 9;
    cr_assert(document_change(&d, &c, &f));
    cr_expect_eq(d.parts[0].input_shape.size[last], 9);
    c.shape.size[last] = 2;
    cr_expect_not(document_change(&d, &c, &f), "smaller than the kernel");
    cr_expect_eq(d.parts[0].input_shape.size[last], 9);
    document_destroy(&d);
}

/* ---- history ---- */

static int64_t stride(const history *h) {
    return h->document.parts[0].layers[0].spec.stride[0];
}

static void step(history *h, int64_t value) {
    change c = {.kind = CHANGE_PARAMETER, .number = param(&h->document, 0, "stride"), .value = integer(value)};
    cr_assert(history_change(h, &c, NULL, NULL, NULL));
}

Test(history, undo_and_redo) {
    history h;
    document d = from("nn.Conv2d(1, 1, 3)");
    history_open(&h, &d);
    cr_expect_not(history_undo(&h));
    step(&h, 2);
    step(&h, 3);
    cr_expect(history_undo(&h));
    cr_expect_eq(stride(&h), 2);
    cr_expect(history_undo(&h));
    cr_expect_eq(stride(&h), 1);
    cr_expect_not(history_undo(&h));
    cr_expect(history_redo(&h));
    cr_expect_eq(stride(&h), 2);
    step(&h, 1);
    cr_expect_not(history_redo(&h), "a new change forgets what was undone");
    cr_expect_eq(stride(&h), 1);
    history_close(&h);
}

Test(history, begins_anew_where_it_is) {
    history h;
    document d = from("nn.Conv2d(1, 1, 3)");
    history_open(&h, &d);
    step(&h, 2);
    step(&h, 3);
    cr_expect(history_undo(&h));
    history_begin_here(&h);
    cr_expect_not(history_undo(&h));
    cr_expect_not(history_redo(&h));
    cr_expect_eq(stride(&h), 2);
    step(&h, 3);
    cr_expect(history_undo(&h));
    cr_expect_eq(stride(&h), 2);
    history_close(&h);
}

Test(history, one_drag_is_one_undo) {
    history h;
    document d = from("nn.Conv2d(1, 1, 3)");
    history_open(&h, &d);
    for (int i = 0; i < 5; i++) {
        change c = cell(ROLE_INPUT, i, 8, 77);
        cr_assert(history_change(&h, &c, NULL, NULL, NULL));
    }
    change next = cell(ROLE_INPUT, 5, 8, 78);
    cr_assert(history_change(&h, &next, NULL, NULL, NULL));
    cr_expect_eq(h.past_count, 2u);
    history_undo(&h);
    cr_expect_eq(h.document.parts[0].input.edit_count, 5u);
    history_undo(&h);
    cr_expect_eq(h.document.parts[0].input.edit_count, 0u);
    history_close(&h);
}

static bool refuse(void *context, failure *f) {
    history *h = context;
    cr_expect_eq(stride(h), 2, "the changed document is in place when it is judged");
    return fail(f, "No.", "");
}

Test(history, a_change_that_is_not_accepted_never_was) {
    history h;
    document d = from("nn.Conv2d(1, 1, 3)");
    history_open(&h, &d);
    change c = {.kind = CHANGE_PARAMETER, .number = param(&h.document, 0, "stride"), .value = integer(2)};
    failure f = {0};
    cr_expect_not(history_change(&h, &c, refuse, &h, &f));
    cr_expect_eq(stride(&h), 1);
    cr_expect_eq(h.past_count, 0u);
    history_close(&h);
}

Test(history, forgets_the_oldest) {
    history h;
    document d = from("nn.Conv2d(1, 1, 3)");
    history_open(&h, &d);
    for (int i = 0; i < HISTORY_MOST + 20; i++) {
        change c = cell(ROLE_INPUT, 0, (float)i, 0);
        cr_assert(history_change(&h, &c, NULL, NULL, NULL));
    }
    cr_expect_eq(h.past_count, (size_t)HISTORY_MOST);
    history_close(&h);
}

/* Every allocation of a change may fail: the document is then as before. */
Test(history, out_of_memory) {
    history h;
    document d = from("nn.Conv2d(1, 2, 3)");
    history_open(&h, &d);
    change c = {.kind = CHANGE_PARAMETER, .number = param(&h.document, 0, "stride"), .value = integer(2)};
    bool done = false;
    for (long n = 1; n < 200 && !done; n++) {
        memory_fail_at(n);
        done = history_change(&h, &c, NULL, NULL, NULL);
        memory_fail_at(0);
        if (!done) cr_assert_eq(stride(&h), 1, "after failure of allocation %ld", n);
    }
    cr_expect(done);
    cr_expect_eq(stride(&h), 2);
    history_close(&h);
}
