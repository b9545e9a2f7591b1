/* Scenes: what is shown after each step is the engine's, and a change replaces only what it must. */
#include "app/document/scene.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static conv_engine *engine;

static void open_engine(void) {
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    cr_assert_eq(conv_engine_create(NULL, &engine, NULL), CONV_OK);
}

static void close_engine(void) {
    conv_engine_destroy(engine);
}

TestSuite(scene, .init = open_engine, .fini = close_engine);

static void make(document *d, const char *expression) {
    failure f = {0};
    cr_assert(document_from_expression(d, expression, NULL, &f), "%s: %s", expression, f.error.message);
}

static const char *const expressions[] = {
    "nn.Conv2d(2, 3, 3, stride=2, padding=1)",
    "nn.Conv1d(2, 2, 3)",
    "nn.ConvTranspose2d(2, 2, 3, stride=2, padding=1, output_padding=1)",
    "nn.ConvTranspose2d(1, 1, 2, stride=3, bias=False)",
    "nn.ConvTranspose1d(1, 2, 3, dilation=2)",
    "nn.Fold((4, 4), 2)",
    "nn.Unfold(2)",
    "nn.MaxPool2d(2)",
    "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.ConvTranspose2d(2, 1, 2, stride=2))",
};

/* The same steps done by the engine in one go. */
static void expect_state(scene *s, int64_t steps, const char *what) {
    scene_part *p = &s->parts[0];
    failure f = {0};
    const int64_t outputs = conv_shape_count(&p->layout->output);
    const float *state = scene_state(s, 0, steps, &f);
    cr_assert(state, "%s: %s", what, f.error.message);
    float *wanted = calloc((size_t)outputs, sizeof *wanted);
    for (int64_t i = 0; i < outputs; i++) wanted[i] = 0;
    if (steps > 0) cr_assert_eq(conv_plan_run_steps(p->plan, &p->operands, 0, steps, wanted, NULL), CONV_OK);
    for (int64_t i = 0; i < outputs; i++) {
        const bool gathered = p->layout->flow != CONV_SCATTER;
        if (gathered && i >= steps) {
            cr_assert(isnan(state[i]), "%s: cell %lld is shown before its step", what, (long long)i);
        } else if (isnan(state[i])) {
            cr_assert(!gathered && wanted[i] == 0 && steps < p->layout->steps, "%s: cell %lld is missing", what,
                      (long long)i);
        } else {
            cr_assert_eq(memcmp(&state[i], &wanted[i], sizeof(float)), 0, "%s: cell %lld is %g, not %g", what,
                         (long long)i, (double)state[i], (double)wanted[i]);
        }
    }
    free(wanted);
}

Test(scene, every_state_is_the_engines_forward_and_backward) {
    for (size_t i = 0; i < sizeof expressions / sizeof *expressions; i++) {
        document d;
        scene s;
        failure f = {0};
        make(&d, expressions[i]);
        for (int focus = 0; focus < d.parts[0].layer_count; focus++) {
            d.parts[0].focus = focus;
            cr_assert(scene_open(&s, &d, engine, NULL, &f), "%s: %s", expressions[i], f.error.message);
            for (int64_t step = 0; step <= s.steps; step++) expect_state(&s, step, expressions[i]);
            for (int64_t step = s.steps; step >= 0; step--) expect_state(&s, step, expressions[i]);
            uint32_t jump = 12345;
            for (int k = 0; k < 40; k++) {
                jump = jump * 1664525u + 1013904223u;
                expect_state(&s, (int64_t)(jump >> 8) % (s.steps + 1), expressions[i]);
            }
            const float *state = scene_state(&s, 0, s.steps, &f);
            const size_t bytes = (size_t)conv_shape_count(&s.parts[0].layout->output) * sizeof(float);
            cr_expect_eq(memcmp(state, s.parts[0].output, bytes), 0, "%s does not end at its full run", expressions[i]);
            scene_close(&s);
        }
        document_destroy(&d);
    }
}

Test(scene, cells_that_no_stamp_reached_yet_are_told_from_zeros) {
    document d;
    scene s;
    failure f = {0};
    make(&d, "nn.ConvTranspose2d(1, 1, 2, stride=2, bias=False)");
    d.parts[0].input = (tensor_source){.kind = SOURCE_CONSTANT, .value = 0};
    cr_assert(scene_open(&s, &d, engine, NULL, &f));
    const float *state = scene_state(&s, 0, 1, &f);
    cr_expect_eq(state[0], 0.0f);
    cr_expect(isnan(state[2]));
    scene_close(&s);
    document_destroy(&d);
}

Test(scene, taps_add_up_to_the_output) {
    document d;
    scene s;
    failure f = {0};
    make(&d, "nn.Conv2d(2, 2, 3, padding=1)");
    cr_assert(scene_open(&s, &d, engine, NULL, &f));
    for (int64_t step = 0; step < s.steps; step++) {
        int64_t count;
        float result;
        const conv_tap *taps = scene_taps(&s, 0, step, &count, &result, &f);
        cr_assert(taps);
        cr_expect_eq(count, 18);
        cr_expect_eq(memcmp(&result, &s.parts[0].output[step], sizeof result), 0, "step %lld", (long long)step);
    }
    int64_t count;
    cr_expect_null(scene_taps(&s, 0, s.steps, &count, NULL, &f));
    cr_expect_null(scene_taps(&s, 1, 0, &count, NULL, &f));
    scene_close(&s);
    document_destroy(&d);
}

Test(scene, an_edit_changes_the_result_and_a_refused_change_leaves_it) {
    document d;
    scene s;
    failure f = {0};
    make(&d, "nn.Conv2d(1, 1, 3, bias=False)");
    cr_assert(scene_open(&s, &d, engine, NULL, &f));
    const uint64_t revision = s.revision;
    const float before = s.parts[0].output[0], weight = s.parts[0].operands.weight[0], x = s.parts[0].input[0];
    cr_assert(scene_update(&s, &f));
    cr_expect_eq(s.revision, revision, "nothing changed");
    cr_assert(tensor_source_edit(&d.parts[0].input, 0, x + 1, &f));
    cr_assert(scene_update(&s, &f));
    cr_expect_neq(s.revision, revision);
    cr_expect_eq(s.parts[0].output[0], before + weight);
    cr_assert(tensor_source_edit(&d.parts[0].input, 0, x, &f));
    cr_expect_eq(d.parts[0].input.edit_count, 1, "a second edit of one place replaces the first");
    cr_assert(scene_update(&s, &f));
    cr_expect_eq(s.parts[0].output[0], before);
    const float *shown = s.parts[0].output;
    d.parts[0].input_shape.size[1] = 1;
    cr_expect_not(scene_update(&s, &f));
    cr_expect_eq(s.parts[0].output, shown);
    cr_expect_eq(s.parts[0].output[0], before);
    cr_expect_geq(s.parts[0].layout->input[0].size[1], 3);
    scene_close(&s);
    document_destroy(&d);
}

Test(scene, another_layer_in_focus_needs_no_new_run) {
    document d;
    scene s;
    failure f = {0};
    make(&d, "nn.Sequential(nn.Conv2d(1, 1, 3), nn.MaxPool2d(2))");
    cr_assert(scene_open(&s, &d, engine, NULL, &f));
    conv_network *network = s.parts[0].network;
    cr_assert(scene_state(&s, 0, s.steps, &f));
    d.parts[0].focus = 1;
    cr_assert(scene_update(&s, &f));
    cr_expect_eq(s.parts[0].network, network);
    cr_expect_eq(s.steps, conv_network_layout(network, 1)->steps);
    expect_state(&s, s.steps, "the other layer");
    scene_close(&s);
    document_destroy(&d);
}

Test(scene, several_operations_run_side_by_side) {
    document d, other;
    scene s;
    failure f = {0};
    make(&d, "nn.Conv2d(1, 1, 3)");
    make(&other, "nn.ConvTranspose2d(1, 1, 3, stride=2)");
    cr_assert(part_copy(&d.parts[1], &other.parts[0], &f));
    d.part_count = 2;
    cr_assert(scene_open(&s, &d, engine, NULL, &f));
    cr_expect_eq(s.part_count, 2);
    cr_expect_eq(s.steps, s.parts[1].layout->steps > s.parts[0].layout->steps ? s.parts[1].layout->steps
                                                                              : s.parts[0].layout->steps);
    const float *kept = s.parts[0].output;
    cr_assert(tensor_source_edit(&d.parts[1].input, 0, 9, &f));
    cr_assert(scene_update(&s, &f));
    cr_expect_eq(s.parts[0].output, kept, "the first operation did not change");
    part_destroy(&d.parts[1]);
    d.part_count = 1;
    cr_assert(scene_update(&s, &f));
    cr_expect_eq(s.part_count, 1);
    scene_close(&s);
    document_destroy(&d);
    document_destroy(&other);
}

Test(scene, drawn_weights_of_a_deep_network_can_be_edited) {
    document d;
    scene s;
    failure f = {0};
    make(&d, "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Conv2d(2, 2, 3), nn.ReLU(), nn.Conv2d(2, 1, 1))");
    cr_assert(scene_open(&s, &d, engine, NULL, &f), "%s", f.error.message);
    conv_operands before;
    conv_network_operands(s.parts[0].network, 2, &before);
    const float first = before.weight[0], second = before.weight[1];
    cr_assert(tensor_source_edit(&d.parts[0].weights[2], 0, 5, &f));
    cr_assert(scene_update(&s, &f), "%s", f.error.message);
    conv_operands after;
    conv_network_operands(s.parts[0].network, 2, &after);
    cr_expect_neq(first, 5.0f);
    cr_expect_eq(after.weight[0], 5.0f);
    cr_expect_eq(after.weight[1], second);
    scene_close(&s);
    document_destroy(&d);
}

/* The n-th allocation fails, for every n: nothing is lost, and the scene goes on as it was. */
Test(scene, running_out_of_memory_is_an_error_like_any_other) {
    document d;
    failure f = {0};
    make(&d, "nn.ConvTranspose2d(1, 1, 2, stride=2)");
    for (long n = 1; n < 400; n++) {
        scene s;
        memory_fail_at(n);
        bool ok = scene_open(&s, &d, engine, NULL, &f);
        if (ok) ok = scene_state(&s, 0, 3, &f) && scene_state(&s, 0, 1, &f);
        const bool all = memory_count() < n;
        memory_fail_at(0);
        if (s.part_count) {
            const float *state = scene_state(&s, 0, s.steps, &f);
            cr_assert(state, "after allocation %ld failed: %s", n, f.error.message);
            scene_close(&s);
        }
        if (all) {
            cr_expect(ok);
            break;
        }
        cr_expect(!ok || n > 1);
    }
    document_destroy(&d);
}
