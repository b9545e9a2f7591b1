/* The inspector's rows at the ends of what they can hold. */
#include "window_harness.h"

static conv_kind focused(harness *h) {
    const part *p = state_part(&h->w);
    return p->layers[p->focus].spec.op->kind;
}

/* The layers of a network have different parameters; Tanh has none. */
Test(window_inspector, layers_with_other_parameters_follow_each_other) {
    static const conv_kind kinds[] = {CONV_CONV, CONV_TANH, CONV_CONV, CONV_RELU};
    harness *h = start("nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Conv2d(2, 1, 3), nn.ReLU())");
    while (state_part(&h->w)->focus > 0) click(h, "layer.minus");
    for (int i = 0; i < 4; i++) {
        if (i > 0) click(h, "layer.plus");
        cr_assert_eq(state_part(&h->w)->focus, i);
        cr_expect_eq(focused(h), kinds[i]);
        cr_expect_eq(ui_find(&h->w.ui, "param.stride") != NULL, kinds[i] == CONV_CONV);
    }
    for (int i = 2; i >= 0; i--) {
        click(h, "layer.minus");
        cr_expect_eq(focused(h), kinds[i]);
    }
    stop(h);
}

/* A seed has no next one at either end. */
Test(window_inspector, seeds_end) {
    static const struct {
        uint64_t seed, after_plus, after_minus;
    } cases[] = {{0, 1, 0}, {1, 2, 0}, {INT64_MAX, INT64_MAX, INT64_MAX - 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int plus = 0; plus < 2; plus++) {
            harness *h = start("nn.Conv2d(1, 1, 3)");
            tensor_source s = {.kind = SOURCE_RANDOM, .seed = cases[i].seed};
            change c = {.kind = CHANGE_SOURCE, .role = ROLE_INPUT, .source = &s};
            cr_assert(state_change(&h->w, &c, NULL));
            idle(h);
            click(h, plus ? "seed.input.plus" : "seed.input.minus");
            cr_expect_eq(state_part(&h->w)->input.seed, plus ? cases[i].after_plus : cases[i].after_minus, "seed %llu",
                         (unsigned long long)cases[i].seed);
            stop(h);
        }
}

/* 10080 has 72 divisors: the last one is depthwise, the one before it is half of it. */
Test(window_inspector, groups_reach_depthwise_by_keys_for_many_divisors) {
    harness *h = start("nn.Conv2d(10080, 10080, 1, groups=10080, bias=False)");
    const ui_id slider = ui_hash("slider.groups");
    h->w.ui.focus = slider;
    press_key(h, KEY_DOWN, 0);
    cr_expect_eq(state_part(&h->w)->layers[0].spec.groups, 5040);
    cr_expect_eq(h->w.ui.focus, slider, "the next key is for the slider, too");
    press_key(h, KEY_UP, 0);
    cr_expect_eq(state_part(&h->w)->layers[0].spec.groups, 10080);
    press_key(h, KEY_UP, 0);
    cr_expect_eq(state_part(&h->w)->layers[0].spec.groups, 10080, "there is none behind it");
    stop(h);
}

/* What the curtain hides on the stage is not told beside it: neither the step's sum nor the cell that is pointed at. */
Test(window_inspector, the_curtain_hides_results_here_too) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const display_list *beside = &h->w.regions[REGION_INSPECTOR].list;
    type_into_cell(h, ROLE_INPUT, 24, "977"); /* a sum that stands nowhere else */
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 8, .real = 1};
    cr_assert(state_change(&h->w, &c, NULL));
    press_key(h, KEY_END, 0);
    const int64_t last = conv_shape_count(&h->w.scene.parts[0].layout->output) - 1;
    char sum[32], hover[32];
    snprintf(sum, sizeof sum, " = %g", (double)h->w.scene.parts[0].output[last]);
    snprintf(hover, sizeof hover, "] = %g", (double)h->w.scene.parts[0].output[last]);
    for (int curtain = 0; curtain < 2; curtain++) {
        if (curtain) press_key(h, 'c', 0);
        const point at = cell_at(h, ROLE_OUTPUT, last);
        move_to(h, at.x, at.y);
        idle(h);
        cr_expect_eq(shows_text(beside, sum), curtain == 0, "the sum");
        cr_expect_eq(shows_text(beside, hover), curtain == 0, "the cell");
        cr_expect_eq(h->w.notice[0] != 0, curtain == 1, "%s", h->w.notice);
    }
    press_key(h, 'c', 0);
    cr_expect(shows_text(beside, sum));
    cr_expect_eq(h->w.notice[0], 0);
    stop(h);
}

/* The inspector's lines in mono type that begin with the equals: how many. */
static int lone_results(harness *h) {
    const display_list *l = &h->w.regions[REGION_INSPECTOR].list;
    int count = 0;
    for (size_t i = 0; i < l->item_count; i++) {
        const item *it = &l->items[i];
        if (it->kind == ITEM_TEXT && l->text[it->first] == '=') count++;
    }
    return count;
}

Test(window_inspector, a_size_stands_beside_its_formula) {
    static const char *const layers[] = {"nn.ConvTranspose2d(1, 1, 3, stride=2)",
                                         "nn.ConvTranspose1d(1, 1, 3, stride=12, output_padding=11)",
                                         "nn.Conv2d(1, 1, 3, stride=2, padding=1, dilation=2)",
                                         "nn.Conv1d(1, 1, 3, stride=10, padding=10)",
                                         "nn.AvgPool2d(3, ceil_mode=True)",
                                         "nn.Unfold(2)",
                                         "nn.Fold((3, 3), 2)",
                                         "nn.Upsample(scale_factor=2)",
                                         "nn.MaxPool2d(2)"};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        harness *h = start(layers[i]);
        cr_expect_eq(lone_results(h), 0, "%s", layers[i]);
        stop(h);
    }
}

Test(window_inspector, a_long_formula_is_broken_as_late_as_it_can_be) {
    harness *h = start("nn.Conv2d(1, 1, 3, padding=1000)");
    cr_expect(shows_text(&h->w.regions[REGION_INSPECTOR].list, " + 2×1000 - 1×(3 - 1)"));
    stop(h);
}

/* Products of every width: somewhere the result alone would come onto a line of its own. */
Test(window_inspector, a_result_stands_beside_what_it_is_of) {
    static const char *const layers[] = {"nn.Conv2d(1, 1, 3, padding=1, bias=False)", "nn.Conv2d(1, 1, 2)",
                                         "nn.Conv2d(2, 1, 3)", "nn.MaxPool2d(3)", "nn.AvgPool2d(3)"};
    static const double values[] = {1, -2, 12, 0.5, -0.125, 100, -1234};
    for (size_t i = 0; i < sizeof layers / sizeof *layers; i++) {
        harness *h = start(layers[i]);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            tensor_source s = {.kind = SOURCE_CONSTANT, .value = values[v]};
            change c = {.kind = CHANGE_SOURCE, .role = ROLE_INPUT, .source = &s};
            cr_assert(state_change(&h->w, &c, NULL));
            press_key(h, KEY_HOME, 0);
            press_key(h, KEY_RIGHT, 0);
            wait_seconds(h, 3);
            cr_expect(shows_text(&h->w.regions[REGION_INSPECTOR].list, "="));
            cr_expect_eq(lone_results(h), 0, "%s of %g", layers[i], values[v]);
        }
        stop(h);
    }
}
