/* The window's logic without a display: events in, state and display lists out. */
#include "app/window/frame_log.h"
#include "window_harness.h"
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONV "nn.Conv2d(1, 1, 3)"

static int64_t done(harness *h) {
    return playback_done(&h->w);
}

static const conv_spec *spec(harness *h) {
    return &state_part(&h->w)->layers[0].spec;
}

/* ---- playing ---- */

Test(playing, space_plays_and_pauses) {
    harness *h = start(CONV);
    cr_expect_not(h->w.play.playing);
    press_key(h, KEY_SPACE, 0);
    cr_expect(h->w.play.playing);
    cr_expect(h->w.effects.animate);
    press_key(h, KEY_SPACE, 0);
    cr_expect_not(h->w.play.playing);
    cr_expect_not(h->w.effects.animate, "a window in which nothing moves wants no frames");
    stop(h);
}

Test(playing, arrows_step_both_ways) {
    harness *h = start(CONV);
    for (int i = 1; i <= 3; i++) {
        press_key(h, KEY_RIGHT, 0);
        wait_seconds(h, 8);
        cr_expect_eq(done(h), i);
        cr_expect_not(h->w.play.playing);
    }
    press_key(h, KEY_LEFT, 0);
    cr_expect_eq(done(h), 2);
    press_key(h, KEY_END, 0);
    cr_expect_eq(done(h), 9);
    press_key(h, KEY_RIGHT, 0);
    cr_expect_eq(done(h), 9);
    press_key(h, KEY_HOME, 0);
    cr_expect_eq(done(h), 0);
    press_key(h, KEY_LEFT, 0);
    cr_expect_eq(done(h), 0);
    stop(h);
}

Test(playing, a_second_arrow_ends_the_step_under_way_and_begins_the_next) {
    harness *h = start(CONV);
    press_key(h, KEY_RIGHT, 0);
    press_key(h, KEY_RIGHT, 0);
    wait_seconds(h, 8);
    cr_expect_eq(done(h), 2);
    stop(h);
}

Test(playing, plays_to_the_end_and_begins_again_with_loop) {
    harness *h = start(CONV);
    press_key(h, KEY_SPACE, 0);
    for (int i = 0; i < 6000 && h->w.play.playing; i++) idle(h);
    cr_expect_eq(done(h), 9);
    cr_expect_not(h->w.play.playing);
    press_key(h, 'r', 0);
    press_key(h, KEY_SPACE, 0);
    bool again = false;
    for (int i = 0; i < 6000 && !again; i++) {
        int64_t before = done(h);
        idle(h);
        again = done(h) < before;
    }
    cr_expect(again);
    cr_expect(h->w.play.playing);
    stop(h);
}

Test(playing, reduced_motion_steps_at_once) {
    harness *h = start(CONV);
    press_key(h, 'm', 0);
    press_key(h, KEY_RIGHT, 0);
    cr_expect_eq(done(h), 1);
    cr_expect_not(h->w.play.playing);
    stop(h);
}

Test(playing, scrub_bar) {
    harness *h = start(CONV);
    box b = control(h, "transport.scrub")->box;
    press_at(h, b.x + b.width * 0.5f, b.y + b.height / 2);
    int64_t middle = done(h);
    cr_expect(middle == 4 || middle == 5, "%d", (int)middle);
    send(h, (window_event){.kind = EVENT_MOVE, .at = {b.x + b.width + 50, b.y}});
    release_at(h, b.x + b.width + 50, b.y);
    cr_expect_eq(done(h), 9);
    stop(h);
}

Test(playing, output_on_screen_is_the_engine_s_state) {
    harness *h = start(CONV);
    press_key(h, KEY_END, 0);
    const scene_part *p = &h->w.scene.parts[0];
    const float *state = scene_state(&h->w.scene, 0, 9, NULL);
    cr_assert_not_null(state);
    cr_expect_eq(memcmp(state, p->output, 9 * sizeof(float)), 0);
    stop(h);
}

/* ---- parameters ---- */

Test(inspector, plus_and_minus) {
    harness *h = start(CONV);
    click(h, "param.stride.plus");
    cr_expect_eq(spec(h)->stride[0], 2);
    click(h, "param.stride.minus");
    cr_expect_eq(spec(h)->stride[0], 1);
    click(h, "param.stride.minus");
    cr_expect_eq(spec(h)->stride[0], 1);
    cr_expect(h->w.refusal[0] != 0, "it says why");
    cr_expect(h->w.refused_still);
    cr_expect(shows_text(&h->w.regions[REGION_INSPECTOR].list, "stride"));
    stop(h);
}

Test(inspector, passes_over_values_that_do_not_divide) {
    harness *h = start("nn.Conv2d(4, 8, 3)");
    click(h, "param.groups.plus");
    cr_expect_eq(spec(h)->groups, 2);
    click(h, "param.groups.plus");
    cr_expect_eq(spec(h)->groups, 4, "3 does not divide 4");
    cr_expect(h->w.refusal[0] != 0);
    cr_expect_not(h->w.refused_still);
    click(h, "param.groups.plus");
    cr_expect_eq(spec(h)->groups, 4);
    cr_expect(h->w.refused_still);
    stop(h);
}

Test(inspector, groups_slide_from_standard_to_depthwise) {
    harness *h = start("nn.Conv2d(6, 12, 3)");
    box b = control(h, "slider.groups")->box;
    static const int64_t legal[] = {1, 2, 3, 6};
    press_at(h, b.x + 2, b.y + b.height / 2);
    cr_expect_eq(spec(h)->groups, 1);
    int64_t before = 1;
    for (int k = 0; k <= 40; k++) { /* dragged along: only numbers that divide both, each of them once */
        send(h, (window_event){.kind = EVENT_MOVE, .at = {b.x + b.width * (float)k / 40, b.y + b.height / 2}});
        const int64_t now = spec(h)->groups;
        cr_expect(now == 1 || now == 2 || now == 3 || now == 6, "groups=%d", (int)now);
        cr_expect_geq(now, before);
        before = now;
    }
    release_at(h, b.x + b.width, b.y + b.height / 2);
    cr_expect_eq(spec(h)->groups, legal[3]);
    cr_expect(easel_moves(&h->w), "the picture follows by motion");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(spec(h)->groups, 1, "one drag is undone at once");
    stop(h);
}

Test(inspector, slices_are_pulled_apart) {
    harness *h = start("nn.Conv3d(1, 1, 2)");
    cr_expect_null(ui_find(&h->w.ui, "slider.slices"), "flat slices stand beside each other");
    press_key(h, 'i', 0);
    box b = control(h, "slider.slices")->box;
    float low[2] = {0};
    for (int k = 0; k < 2; k++) { /* the last cell of the last slice comes up when they are pushed together */
        click_at(h, b.x + b.width * (k ? 0.02f : 0.98f), b.y + b.height / 2);
        wait_seconds(h, 1);
        const display_list *l = h->w.seen;
        const int64_t last = conv_shape_count(&h->w.scene.parts[0].layout->input[0]) - 1;
        for (size_t i = 0; i < l->item_count; i++)
            if (l->items[i].kind == ITEM_POLYGON && l->items[i].tag.kind == TAG_CELL &&
                l->items[i].tag.role == ROLE_INPUT) {
                if (l->items[i].tag.index == last) low[k] += l->points[l->items[i].first].y;
                if (l->items[i].tag.index == 0) low[k] -= l->points[l->items[i].first].y;
            }
    }
    cr_expect_lt(low[1], 0.75f * low[0], "closed %g, apart %g", (double)low[1], (double)low[0]);
    cr_expect_gt(h->w.history.document.slices_closed, 90);
    stop(h);
}

Test(inspector, every_parameter_has_a_stepper_that_works_by_keys) {
    harness *h = start("nn.Conv2d(2, 2, 3, padding=2)");
    const conv_op *op = spec(h)->op;
    for (int i = 0; i < op->param_count; i++) {
        if (op->params[i].type == CONV_PARAM_IGNORED) continue;
        char name[UI_NAME_SIZE], before[64], after[64];
        snprintf(name, sizeof name, "param.%s", op->params[i].name);
        ui_focus(&h->w.ui, control(h, name)->id, true);
        conv_spec old = *spec(h);
        snprintf(before, sizeof before, "%s", state_part(&h->w)->expression);
        press_key(h, KEY_UP, 0);
        if (memcmp(&old, spec(h), sizeof old) == 0) press_key(h, KEY_DOWN, 0);
        snprintf(after, sizeof after, "%s", state_part(&h->w)->expression);
        cr_expect(memcmp(&old, spec(h), sizeof old) != 0, "%s did not change", name);
        press_key(h, 'z', MODIFIER_CONTROL);
        cr_expect_eq(memcmp(&old, spec(h), sizeof old), 0, "%s: undone", name);
    }
    stop(h);
}

Test(inspector, typing_a_value) {
    harness *h = start(CONV);
    ui_focus(&h->w.ui, control(h, "param.kernel_size")->id, true);
    idle(h);
    press_key(h, '2', 0);
    type_text(h, ", 3");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(spec(h)->kernel_size[0], 2);
    cr_expect_eq(spec(h)->kernel_size[1], 3);
    click(h, "param.kernel_size");
    type_text(h, "99");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(spec(h)->kernel_size[0], 2, "refused");
    cr_expect(h->w.refused_still && h->w.refusal[0]);
    click(h, "param.padding");
    type_text(h, "same");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(spec(h)->padding_kind, CONV_PADDING_SAME);
    stop(h);
}

Test(inspector, input_size) {
    harness *h = start(CONV);
    int64_t before = state_part(&h->w)->input_shape.size[1];
    click(h, "input.size.plus");
    cr_expect_eq(state_part(&h->w)->input_shape.size[1], before + 1);
    cr_expect_eq(h->w.scene.parts[0].layout->output.size[1], before - 1);
    stop(h);
}

/* ---- cells ---- */

Test(cells, click_and_type) {
    harness *h = start(CONV);
    press_key(h, KEY_END, 0);
    float before = h->w.scene.parts[0].output[0];
    float old = h->w.scene.parts[0].input[0];
    point at = cell_at(h, ROLE_INPUT, 0);
    click_at(h, at.x, at.y);
    cr_expect_eq(h->w.easel.editing.role, ROLE_INPUT);
    type_text(h, "7.5");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.scene.parts[0].input[0], 7.5f);
    float weight = h->w.scene.parts[0].operands.weight[0];
    cr_expect_float_eq(h->w.scene.parts[0].output[0] - before, weight * (7.5f - old), 1e-4);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(h->w.scene.parts[0].input[0], old);
    cr_expect_eq(h->w.scene.parts[0].output[0], before);
    stop(h);
}

Test(cells, escape_leaves_the_number) {
    harness *h = start(CONV);
    float old = h->w.scene.parts[0].operands.weight[4];
    point at = cell_at(h, ROLE_WEIGHT, 4);
    click_at(h, at.x, at.y);
    type_text(h, "55");
    press_key(h, KEY_ESCAPE, 0);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[4], old);
    cr_expect_eq(h->w.easel.editing.kind, TAG_NONE);
    stop(h);
}

Test(cells, what_is_no_number_is_refused) {
    harness *h = start(CONV);
    point at = cell_at(h, ROLE_WEIGHT, 0);
    click_at(h, at.x, at.y);
    type_text(h, "abc");
    press_key(h, KEY_ENTER, 0);
    cr_expect(h->w.notice_bad && h->w.notice[0]);
    cr_expect_eq(h->w.history.past_count, 0u);
    stop(h);
}

Test(cells, drag_paints_and_is_undone_at_once) {
    harness *h = start(CONV);
    point a = cell_at(h, ROLE_INPUT, 0), b = cell_at(h, ROLE_INPUT, 1), c = cell_at(h, ROLE_INPUT, 2);
    float old[3];
    memcpy(old, h->w.scene.parts[0].input, sizeof old);
    press_at(h, a.x, a.y);
    send(h, (window_event){.kind = EVENT_MOVE, .at = {a.x + 10, a.y}});
    send(h, (window_event){.kind = EVENT_MOVE, .at = b});
    send(h, (window_event){.kind = EVENT_MOVE, .at = c});
    release_at(h, c.x, c.y);
    float brush = h->w.easel.brush;
    for (int i = 0; i < 3; i++) cr_expect_eq(h->w.scene.parts[0].input[i], brush);
    press_key(h, 'z', MODIFIER_CONTROL);
    for (int i = 0; i < 3; i++) cr_expect_eq(h->w.scene.parts[0].input[i], old[i]);
    stop(h);
}

Test(cells, drag_changes_a_weight) {
    harness *h = start(CONV);
    point a = cell_at(h, ROLE_WEIGHT, 4);
    float old = h->w.scene.parts[0].operands.weight[4];
    press_at(h, a.x, a.y);
    send(h, (window_event){.kind = EVENT_MOVE, .at = {a.x, a.y - 50}});
    release_at(h, a.x, a.y - 50);
    cr_expect_float_eq(h->w.scene.parts[0].operands.weight[4], old + 1, 1e-5);
    cr_expect_eq(h->w.history.past_count, 1u);
    stop(h);
}

Test(cells, hover_marks_and_click_pins) {
    harness *h = start(CONV);
    press_key(h, KEY_END, 0);
    point at = cell_at(h, ROLE_OUTPUT, 4);
    move_to(h, at.x, at.y);
    cr_expect_eq(h->w.easel.hover.role, ROLE_OUTPUT);
    cr_expect_eq(h->w.easel.hover.index, 4);
    cr_expect(shows_text(&h->w.regions[REGION_INSPECTOR].list, "[0, 1, 1] = "));
    click_at(h, at.x, at.y);
    cr_expect_eq(state_document(&h->w)->pinned_output, 4);
    click_at(h, at.x, at.y);
    cr_expect_eq(state_document(&h->w)->pinned_output, -1);
    stop(h);
}

Test(cells, by_keys_alone) {
    harness *h = start(CONV);
    press_key(h, KEY_RIGHT, MODIFIER_SHIFT);
    cr_expect_eq(h->w.easel.hover.kind, TAG_CELL);
    tag first = h->w.easel.hover;
    press_key(h, KEY_DOWN, MODIFIER_SHIFT);
    cr_expect_neq(h->w.easel.hover.index, first.index);
    press_key(h, KEY_F2, 0);
    type_text(h, "3");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.scene.parts[0].input[h->w.easel.hover.index], 3);
    stop(h);
}

Test(cells, wheel_zooms_and_0_fits) {
    harness *h = start(CONV);
    box f = h->w.layout.figure;
    move_to(h, f.x + f.width / 2, f.y + f.height / 2);
    send(h, (window_event){.kind = EVENT_WHEEL, .at = {f.x + f.width / 2, f.y + f.height / 2}, .wheel = {0, 2}});
    cr_expect_gt(h->w.easel.zoom, 1.2f);
    press_key(h, '0', 0);
    cr_expect_eq(h->w.easel.zoom, 1);
    stop(h);
}

Test(cells, dragging_the_ground_pans) {
    harness *h = start(CONV);
    box f = h->w.layout.figure;
    float x = f.x + 6, y = f.y + f.height - 6;
    press_at(h, x, y);
    send(h, (window_event){.kind = EVENT_MOVE, .at = {x + 40, y - 30}});
    release_at(h, x + 40, y - 30);
    cr_expect_float_eq(h->w.easel.pan.x, 40, 0.5);
    cr_expect_float_eq(h->w.easel.pan.y, -30, 0.5);
    stop(h);
}

/* ---- clipboard ---- */

Test(clipboard, copy_and_paste_an_expression) {
    harness *h = start(CONV);
    press_key(h, 'c', MODIFIER_CONTROL);
    cr_assert_not_null(h->w.effects.copy);
    cr_expect_str_eq(h->w.effects.copy, CONV);
    press_key(h, 'v', MODIFIER_CONTROL);
    cr_expect(h->w.effects.paste);
    send(h, (window_event){.kind = EVENT_CLIPBOARD,
                           .long_text = "self.up = nn.ConvTranspose2d(\n    1, 1, 2,\n    stride=2,  # doubles\n)"});
    cr_expect_eq(spec(h)->op->kind, CONV_TRANSPOSE);
    send(h, (window_event){.kind = EVENT_CLIPBOARD, .long_text = "nn.Nonsense(1)"});
    cr_expect(h->w.notice_bad);
    cr_expect_eq(spec(h)->op->kind, CONV_TRANSPOSE);
    stop(h);
}

Test(clipboard, pytorch_code_and_numpy) {
    harness *h = start(CONV);
    press_key(h, 'c', MODIFIER_CONTROL | MODIFIER_SHIFT);
    const char *code = h->w.effects.copy;
    cr_assert_not_null(code);
    cr_expect(strstr(code, "layer = nn.Conv2d(1, 1, "), "%s", code);
    cr_expect(strstr(code, "layer.weight.data = torch.tensor([[[["), "%s", code);
    cr_expect(strstr(code, "y = layer(x)"));
    action_run(&h->w, ACTION_COPY_NUMPY);
    cr_expect(strstr(h->w.effects.copy, "y = np.array([[["), "%s", h->w.effects.copy);
    stop(h);
}

Test(clipboard, scene_in_one_line_comes_back) {
    harness *h = start("nn.Conv2d(1, 1, 2, stride=2)");
    point at = cell_at(h, ROLE_WEIGHT, 0);
    click_at(h, at.x, at.y);
    type_text(h, "42");
    press_key(h, KEY_ENTER, 0);
    action_run(&h->w, ACTION_COPY_SCENE);
    char *line = memory_text(h->w.effects.copy);
    cr_assert_null(strchr(line, '\n'));
    type_expression(h, "nn.ReLU()");
    press_key(h, KEY_ENTER, 0);
    send(h, (window_event){.kind = EVENT_CLIPBOARD, .long_text = line});
    cr_expect_eq(spec(h)->stride[0], 2);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[0], 42);
    memory_free(line);
    stop(h);
}

/* ---- window ---- */

Test(window, language_switches_every_word_live) {
    harness *h = start(CONV);
    failure f = {0};
    cr_assert(language_load(BUILD_DIR, &f) || language_load(ASSETS, &f));
    press_key(h, 'l', 0);
    cr_expect_eq(h->w.settings.language, LANGUAGE_ZH);
    press_key(h, 'l', 0);
    cr_expect_eq(h->w.settings.language, LANGUAGE_EN);
    stop(h);
}

Test(window, themes_go_round) {
    harness *h = start(CONV);
    for (int i = 1; i <= THEME_COUNT; i++) {
        press_key(h, 't', 0);
        cr_expect_eq(h->w.settings.theme, (theme_id)(i % THEME_COUNT));
    }
    stop(h);
}

Test(window, scale_from_75_to_300) {
    harness *h = start(CONV);
    for (int i = 0; i < 20; i++) press_key(h, '+', 0);
    cr_expect_eq(h->w.settings.scale, 3);
    for (int i = 0; i < 20; i++) press_key(h, '-', 0);
    cr_expect_eq(h->w.settings.scale, 0.75f);
    stop(h);
}

Test(window, panels_fold) {
    harness *h = start(CONV);
    float before = h->w.layout.figure.width;
    press_key(h, KEY_F9, 0);
    press_key(h, KEY_F10, 0);
    cr_expect_eq(h->w.layout.lessons.width, 0);
    cr_expect_eq(h->w.layout.inspector.width, 0);
    cr_expect_gt(h->w.layout.figure.width, before + 400);
    press_key(h, KEY_F9, 0);
    press_key(h, KEY_F10, 0);
    cr_expect_eq(h->w.layout.figure.width, before);
    stop(h);
}

Test(window, presenter_mode_shows_the_figure_only) {
    harness *h = start(CONV);
    press_key(h, KEY_F5, 0);
    cr_expect_eq(h->w.layout.figure.width, 1440);
    cr_expect_eq(h->w.layout.figure.height, 900);
    press_key(h, KEY_PAGE_DOWN, 0);
    wait_seconds(h, 8);
    cr_expect_eq(done(h), 1, "a clicker steps");
    press_key(h, 'b', 0);
    cr_expect(h->w.present.blank);
    press_key(h, KEY_RIGHT, 0);
    cr_expect_not(h->w.present.blank);
    cr_expect_eq(done(h), 1, "the key that lights the screen does nothing else");
    press_key(h, KEY_ESCAPE, 0);
    cr_expect_not(h->w.present.on);
    stop(h);
}

Test(window, pen_draws_and_the_next_step_wipes) {
    harness *h = start(CONV);
    press_key(h, 'd', 0);
    box f = h->w.layout.figure;
    press_at(h, f.x + 100, f.y + 100);
    for (int i = 1; i < 5; i++)
        send(h, (window_event){.kind = EVENT_MOVE, .at = {f.x + 100 + (float)i * 20, f.y + 110}});
    release_at(h, f.x + 200, f.y + 110);
    cr_expect_gt(h->w.present.ink_count, 3);
    cr_expect_eq(h->w.history.past_count, 0u, "the pen edits nothing");
    press_key(h, KEY_RIGHT, 0);
    cr_expect_eq(h->w.present.ink_count, 0);
    stop(h);
}

Test(window, help_lists_every_key) {
    harness *h = start(CONV);
    press_key(h, '?', 0);
    cr_expect_eq(h->w.popup, POPUP_HELP);
    for (int i = 0; i < key_binding_count; i++) {
        if (!key_bindings[i].help) continue;
        cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, key_bindings[i].help), "%s", key_bindings[i].help);
    }
    press_key(h, KEY_SPACE, 0);
    cr_expect_not(h->w.play.playing, "keys of the window rest while the help is open");
    press_key(h, KEY_ESCAPE, 0);
    cr_expect_eq(h->w.popup, POPUP_NONE);
    stop(h);
}

Test(window, no_key_is_bound_twice) {
    for (int i = 0; i < key_binding_count; i++) {
        for (int k = i + 1; k < key_binding_count; k++) {
            cr_expect(key_bindings[i].key != key_bindings[k].key ||
                          key_bindings[i].modifiers != key_bindings[k].modifiers,
                      "%s and %s", key_bindings[i].shown, key_bindings[k].shown);
        }
    }
}

/* From any control Tab comes to every other. */
Test(window, tab_reaches_every_control) {
    harness *h = start_lesson("conv2d");
    bool seen[2048] = {false};
    size_t count = h->w.ui.control_count;
    cr_assert_lt(count, 2048u);
    for (size_t step = 0; step < count + 10; step++) {
        press_key(h, KEY_TAB, 0);
        cr_assert_neq(h->w.ui.focus, 0u);
        for (size_t i = 0; i < h->w.ui.control_count && i < 2048; i++)
            seen[i] = seen[i] || h->w.ui.controls[i].id == h->w.ui.focus;
    }
    for (size_t i = 0; i < h->w.ui.control_count; i++) {
        const ui_control *c = &h->w.ui.controls[i];
        cr_expect(seen[i] || !c->focusable || !c->enabled, "%s", c->name);
    }
    stop(h);
}

Test(window, tab_back_is_the_reverse) {
    harness *h = start(CONV);
    press_key(h, KEY_TAB, 0);
    press_key(h, KEY_TAB, 0);
    ui_id second = h->w.ui.focus;
    press_key(h, KEY_TAB, 0);
    press_key(h, KEY_TAB, MODIFIER_SHIFT);
    cr_expect_eq(h->w.ui.focus, second);
    stop(h);
}

Test(window, narrow_windows_keep_the_stage) {
    for (int width = 480; width <= 1440; width += 120) {
        harness *h = start_sized(width, 600);
        document d;
        cr_assert(document_from_expression(&d, CONV, NULL, NULL));
        cr_assert(state_open_document(&h->w, &d, false, NULL));
        document_destroy(&d);
        idle(h);
        cr_expect_geq(h->w.layout.figure.width, 240, "at %d", width);
        press_key(h, KEY_F9, 0);
        press_key(h, KEY_F10, 0);
        cr_expect_geq(h->w.layout.figure.width, 200, "at %d", width);
        stop(h);
    }
}

/* ---- lessons ---- */

Test(lessons, search_finds_and_enter_opens) {
    harness *h = start(CONV);
    press_key(h, 'f', MODIFIER_CONTROL);
    type_text(h, "STRIDE");
    press_key(h, KEY_ENTER, 0);
    cr_assert(h->w.lesson_open);
    cr_expect_str_eq(h->w.lesson.id, "stride");
    cr_expect(h->w.play.playing);
    stop(h);
}

Test(lessons, click_opens_and_undo_goes_back) {
    harness *h = start_lesson("conv2d");
    click(h, "lesson.padding");
    cr_expect_str_eq(h->w.lesson.id, "padding");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_str_eq(h->w.lesson.id, "conv2d");
    stop(h);
}

Test(lessons, every_lesson_opens_and_every_page_plays) {
    harness *h = start_lesson("conv2d");
    for (int i = 0; i < h->w.lessons.count; i++) {
        failure f = {0};
        const char *id = h->w.lessons.entries[i].id;
        cr_assert(state_open_lesson(&h->w, id, 0, true, &f), "%s: %s", id, f.error.message);
        for (int page = 0; page < h->w.lesson.page_count; page++) {
            cr_assert(state_open_page(&h->w, page), "%s, page %d", id, page);
            idle(h);
            idle(h);
            press_key(h, KEY_END, 0);
            cr_expect_eq(done(h), h->w.play.last, "%s, page %d", id, page);
            cr_expect_eq(h->w.notice_bad && h->w.notice[0], false, "%s, page %d: %s", id, page, h->w.notice);
        }
    }
    stop(h);
}

Test(lessons, clicker_goes_through_all_pages) {
    harness *h = start_lesson("stride");
    press_key(h, 'm', 0);
    int pages = h->w.lesson.page_count;
    for (int i = 0; i < 400 && h->w.page + 1 < pages; i++) {
        press_key(h, KEY_PAGE_DOWN, 0);
        if (h->w.play.playing) press_key(h, KEY_END, 0);
    }
    cr_expect_eq(h->w.page, pages - 1);
    for (int i = 0; i < 2000 && (h->w.page > 0 || done(h) > h->w.play.first); i++) press_key(h, KEY_PAGE_UP, 0);
    cr_expect_eq(h->w.page, 0);
    stop(h);
}

Test(lessons, reset_brings_the_page_back) {
    harness *h = start_lesson("conv2d");
    int64_t before = spec(h)->stride[0];
    click(h, "param.stride.plus");
    cr_expect_eq(spec(h)->stride[0], before + 1);
    press_key(h, 'r', MODIFIER_CONTROL);
    cr_expect_eq(spec(h)->stride[0], before);
    stop(h);
}

/* ---- views ---- */

Test(views, tabs_and_keys) {
    harness *h = start(CONV);
    press_key(h, '2', 0);
    cr_expect_eq(state_document(&h->w)->view, VIEW_MATRIX);
    cr_expect(h->w.effects.animate, "views change by motion");
    wait_seconds(h, 1);
    cr_expect_not(h->w.effects.animate);
    click(h, "view.0");
    cr_expect_eq(state_document(&h->w)->view, VIEW_SLIDE);
    press_key(h, 'i', 0);
    cr_expect_eq(state_document(&h->w)->style, STYLE_ISOMETRIC);
    stop(h);
}

/* A reader of the log that is slow is waited for: what is written into its pipe is not cut. */
Test(window, a_log_waits_for_its_reader) {
    char folder[] = "/tmp/window-log-XXXXXX";
    failure f = {0};
    frame_log l;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert(chdir(folder) == 0 && mkfifo("pipe", 0600) == 0);
    cr_expect_not(frame_log_open(&l, "pipe", &f), "nobody reads it");
    const int reader = open("pipe", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    cr_assert_geq(reader, 0);
    cr_assert(frame_log_open(&l, "pipe", &f), "%s", f.error.message);
    cr_expect_eq(fcntl(fileno(l.file), F_GETFL) & O_NONBLOCK, 0);
    cr_expect(frame_log_close(&l, &f), "%s", f.error.message);
    close(reader);
    unlink("pipe");
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}

/* A log begins anew: nothing of the one before stays behind it. */
Test(window, a_log_takes_the_place_of_the_one_before) {
    char folder[] = "/tmp/window-log-XXXXXX", text[64];
    failure f = {0};
    frame_log l;
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    for (int i = 0; i < 2; i++) {
        const window_event key = {.kind = EVENT_KEY, .key = i ? KEY_HOME : KEY_PAGE_DOWN};
        cr_assert(frame_log_open(&l, "log", &f), "%s", f.error.message);
        for (int frame = i; frame < 2; frame++) {
            frame_log_begin(&l, &key, 1);
            frame_log_drawing(&l);
            frame_log_end(&l, NULL, "slide");
        }
        cr_assert(frame_log_close(&l, &f), "%s", f.error.message);
    }
    FILE *log = fopen("log", "re");
    cr_assert_not_null(log);
    while (fgets(text, sizeof text, log)) cr_expect_null(strstr(text, "key:PageDown"), "%s", text);
    fclose(log);
    unlink("log");
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}
