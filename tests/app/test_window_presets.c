/* Every preset of the inspector's two menus does what its row says, by mouse and by keyboard. */
#include "app/window/sources.h"
#include "window_harness.h"

#define CONV "nn.Conv2d(1, 1, 3)"

static const tensor_source *source_of(harness *h, role r) {
    const part *p = state_part(&h->w);
    return r == ROLE_INPUT ? &p->input : &p->weights[p->focus];
}

static const char *menu_of(role r) {
    return r == ROLE_INPUT ? "source.input" : "source.weight";
}

static int row_labelled(role r, const char *label) {
    for (int i = 0; i < sources_count(r); i++) {
        if (sources_label(r, i) && strcmp(sources_label(r, i), label) == 0) return i;
    }
    cr_assert_fail("there is no preset \"%s\"", label);
    return -1;
}

static void choose(harness *h, role r, const char *label) {
    char name[UI_NAME_SIZE];
    snprintf(name, sizeof name, "menu.%d", row_labelled(r, label));
    click(h, menu_of(r));
    cr_assert_eq(h->w.popup, r == ROLE_INPUT ? POPUP_INPUT : POPUP_WEIGHT);
    click(h, name);
    cr_assert_eq(h->w.popup, POPUP_NONE, "%s leaves the menu open", label);
}

static void each_by_mouse(role r) {
    harness *h = start(CONV);
    int chosen = 0;
    for (int i = 0; i < sources_count(r); i++) {
        const char *label = sources_label(r, i);
        if (!label || strstr(label, "file")) continue;
        choose(h, r, label);
        cr_expect(sources_is(&h->w, r, i), "\"%s\" is not what was chosen: %s", label, h->w.notice);
        cr_expect_not(h->w.notice_bad, "%s: %s", label, h->w.notice);
        cr_expect_eq(h->w.scene.parts[0].layout->input[0].rank, 3);
        chosen++;
    }
    cr_expect_geq(chosen, 12);
    stop(h);
}

Test(presets, every_input_by_mouse) {
    each_by_mouse(ROLE_INPUT);
}

Test(presets, every_weight_by_mouse) {
    each_by_mouse(ROLE_WEIGHT);
}

/* Tab to the button, Enter, Down to the row, Enter. */
static void by_keys(harness *h, role r, const char *label) {
    for (int i = 0; i < 200 && h->w.ui.focus != ui_hash(menu_of(r)); i++) press_key(h, KEY_TAB, 0);
    cr_assert_eq(h->w.ui.focus, ui_hash(menu_of(r)), "Tab does not reach %s", menu_of(r));
    press_key(h, KEY_ENTER, 0);
    char name[UI_NAME_SIZE];
    snprintf(name, sizeof name, "menu.%d", row_labelled(r, label));
    for (int i = 0; i < sources_count(r) && h->w.ui.focus != ui_hash(name); i++) press_key(h, KEY_DOWN, 0);
    cr_assert_eq(h->w.ui.focus, ui_hash(name), "Down does not reach %s", label);
    cr_expect(control(h, name)->visible, "%s is not scrolled into sight", label);
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.popup, POPUP_NONE);
    cr_expect_eq(h->w.ui.focus, ui_hash(menu_of(r)), "the focus comes back to its button");
}

Test(presets, by_keyboard) {
    harness *h = start(CONV);
    const float sobel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    by_keys(h, ROLE_WEIGHT, "Sobel, left to right");
    for (int i = 0; i < 9; i++) cr_expect_eq(h->w.scene.parts[0].operands.weight[i], sobel[i]);
    by_keys(h, ROLE_INPUT, "Picture: lighthouse");
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[1], 96);
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[2], 144);
    stop(h);
}

Test(presets, a_sample_picture_fills_the_channels_and_goes_again) {
    harness *h = start("nn.Conv2d(3, 4, 3)");
    choose(h, ROLE_INPUT, "Picture: lighthouse");
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[0], 3);
    cr_expect(source_of(h, ROLE_INPUT)->colour);
    choose(h, ROLE_INPUT, "Ramp");
    cr_expect_leq(h->w.scene.parts[0].layout->input[0].size[2], 16, "numbers that can be read");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[2], 144, "undo brings the picture back");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(source_of(h, ROLE_INPUT)->kind, SOURCE_DEFAULT);
    stop(h);
}

Test(presets, a_layer_of_other_dimensions_refuses_a_picture_and_says_so) {
    harness *h = start("nn.Conv1d(1, 1, 3)");
    choose(h, ROLE_INPUT, "Picture: night sky");
    cr_expect(h->w.notice_bad);
    cr_expect_eq(source_of(h, ROLE_INPUT)->kind, SOURCE_DEFAULT);
    stop(h);
}

Test(presets, random_numbers_have_a_seed_that_can_be_set) {
    harness *h = start(CONV);
    cr_expect_null(ui_find(&h->w.ui, "seed.input"));
    choose(h, ROLE_INPUT, "Random numbers, again");
    float first = h->w.scene.parts[0].input[0];
    uint64_t seed = source_of(h, ROLE_INPUT)->seed;
    click(h, "seed.input.plus");
    cr_expect_eq(source_of(h, ROLE_INPUT)->seed, seed + 1);
    cr_expect_neq(h->w.scene.parts[0].input[0], first);
    click(h, "seed.input.minus");
    cr_expect_eq(h->w.scene.parts[0].input[0], first, "the same seed gives the same numbers");
    click(h, "seed.input");
    press_key(h, 'a', MODIFIER_CONTROL);
    type_text(h, "42");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(source_of(h, ROLE_INPUT)->seed, 42);
    stop(h);
}

/* A page that plays the first step only: all of the picture is played. */
Test(presets, a_picture_on_a_lessons_page_is_played_to_its_end) {
    harness *h = start_lesson("conv2d");
    cr_assert_lt(h->w.play.last, h->w.scene.steps, "the page shows a part of the steps");
    choose(h, ROLE_INPUT, "Picture: night sky");
    cr_expect_eq(h->w.play.first, 0);
    cr_expect_eq(h->w.play.last, h->w.scene.steps);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_lt(h->w.play.last, h->w.scene.steps, "undone: the page's own again");
    window_event drop = {.kind = EVENT_DROP, .long_text = ASSETS "/pictures/lighthouse.png", .at = {500, 500}};
    send(h, drop);
    cr_expect_eq(h->w.play.last, h->w.scene.steps);
    stop(h);
}
