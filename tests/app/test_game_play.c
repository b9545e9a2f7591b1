/* Games and the bug clinic in the window, without a display. */
#include "app/window/game_play.h"
#include "app/window/playback.h"
#include "window_harness.h"

static int row_named(harness *h, const char *label) {
    int count = game_play_rows(&h->w);
    for (int i = 0; i < count; i++) {
        const char *text = game_play_label(&h->w, i);
        if (text && strstr(text, label)) return i;
    }
    cr_assert_fail("there is no row %s", label);
    return -1;
}

static void set_weight(harness *h, int64_t index, float value) {
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = index, .real = value};
    cr_assert(state_change(&h->w, &c, NULL), "%s", h->w.notice);
    idle(h);
}

Test(game_play, the_menu_lists_games_and_cases) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    action_run(&h->w, ACTION_GAMES);
    idle(h);
    cr_expect_eq(h->w.popup, POPUP_GAMES);
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "Games"));
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "Bug clinic"));
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "Find the kernel"));
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "Reach 14"));
    cr_expect(shows_text(&h->w.regions[REGION_OVERLAY].list, "The input has another number of channels"));
    click(h, "menu.1"); /* below the heading */
    cr_expect_eq(h->w.popup, POPUP_NONE);
    cr_expect_str_eq(state_document(&h->w)->lesson, "game:find-kernel:1");
    stop(h);
}

Test(game_play, the_kernel_is_found_weight_by_weight) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    game_play_choose(&h->w, row_named(h, "Find the kernel · 1"));
    idle(h);
    cr_expect_eq(state_document(&h->w)->part_count, 2, "the goal stands beside it");
    set_weight(h, 0, 1);
    cr_expect(strstr(h->w.notice, "output cells agree"), "%s", h->w.notice);
    set_weight(h, 0, 0);
    set_weight(h, 2, 1);
    cr_expect(strstr(h->w.notice, "Solved!"), "%s", h->w.notice);
    cr_expect(game_play_solved(&h->w, row_named(h, "Find the kernel · 1")));
    cr_expect_not(game_play_solved(&h->w, row_named(h, "Find the kernel · 2")));
    stop(h);
}

/* The goal is there to be compared with: nothing of it has to be played first, and nothing stands beside it. */
Test(game_play, the_goal_shows_its_numbers_alone_from_the_start) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    for (int style = 0; style < 2; style++) {
        game_play_choose(&h->w, row_named(h, "Find the kernel · 3"));
        idle(h);
        if (style) press_key(h, 'i', 0);
        wait_seconds(h, 2);
        cr_assert_eq(playback_done(&h->w), 0);
        const display_list *l = h->w.seen;
        int inputs = 0, numbers = 0;
        for (size_t i = 0; i < l->item_count; i++) {
            const item *it = &l->items[i];
            if (it->tag.kind != TAG_CELL || it->tag.part != 1) continue;
            inputs += it->tag.role == ROLE_INPUT;
            numbers += it->tag.role == ROLE_OUTPUT && it->kind == ITEM_TEXT;
        }
        cr_expect_eq(inputs, 0, "style %d: %d items of an input", style, inputs);
        cr_expect_eq(numbers, 9, "style %d: %d numbers of 9", style, numbers);
    }
    stop(h);
}

Test(game_play, a_shape_is_reached_by_typing) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    game_play_choose(&h->w, row_named(h, "Reach 14 × 14 · 1"));
    idle(h);
    document d;
    failure f = {0};
    cr_assert(document_copy(&d, state_document(&h->w), &f));
    cr_assert(part_set_expression(&d.parts[0], "nn.Conv2d(1, 1, 3, stride=2, padding=1, bias=False)", &f));
    change c = {.kind = CHANGE_DOCUMENT, .document = &d};
    cr_assert(state_change(&h->w, &c, &f), "%s", f.error.message);
    idle(h);
    cr_expect(strstr(h->w.notice, "Solved!"), "%s", h->w.notice);
    document_destroy(&d);
    stop(h);
}

Test(game_play, the_field_game_counts_what_is_typed) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    game_play_choose(&h->w, row_named(h, "A receptive field of 31"));
    idle(h);
    change c = {.kind = CHANGE_EXPRESSION,
                .text = "nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, dilation=14, bias=False))"};
    cr_assert(state_change(&h->w, &c, NULL), "%s", h->w.notice);
    idle(h);
    cr_expect(strstr(h->w.notice, "Field 31 × 31"), "%s", h->w.notice);
    cr_expect(strstr(h->w.notice, "18 parameters"), "%s", h->w.notice);
    cr_expect_null(strstr(h->w.notice, "Solved!"));
    c.text = "nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, dilation=3, bias=False), nn.Conv2d(1, "
             "1, 3, dilation=11, bias=False))";
    cr_assert(state_change(&h->w, &c, NULL), "%s", h->w.notice);
    idle(h);
    cr_expect_null(strstr(h->w.notice, "Solved!"), "%s", h->w.notice);
    c.text = "nn.Sequential(nn.Conv2d(1, 1, 3, bias=False), nn.Conv2d(1, 1, 3, dilation=3, bias=False), nn.Conv2d(1, "
             "1, 3, dilation=9, bias=False), nn.Conv2d(1, 1, 5, bias=False))";
    cr_assert(state_change(&h->w, &c, NULL), "%s", h->w.notice);
    idle(h);
    cr_expect(strstr(h->w.notice, "Solved!"), "%s", h->w.notice);
    cr_expect(strstr(h->w.notice, "20"), "%s", h->w.notice);
    stop(h);
}

Test(game_play, a_hint_is_given_in_the_readers_language) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    h->w.settings.language = LANGUAGE_ZH;
    game_play_choose(&h->w, row_named(h, "感受野 31"));
    idle(h);
    cr_assert_gt(game_play_rows(&h->w), 2);
    cr_expect_null(game_play_label(&h->w, 1), "a line follows the hint");
    game_play_choose(&h->w, 0);
    cr_expect(strstr(h->w.notice, "卷积核"), "%s", h->w.notice);
    stop(h);
}

Test(game_play, every_case_and_round_opens) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    int count = game_play_rows(&h->w), opened = 0;
    for (int i = 0; i < count; i++) {
        failure f = {0};
        cr_assert(state_open_text(&h->w, "nn.Conv2d(1, 1, 3)", &f));
        cr_assert_eq(game_play_rows(&h->w), count);
        if (!game_play_label(&h->w, i)) continue;
        h->w.notice_bad = false;
        h->w.notice[0] = 0;
        game_play_choose(&h->w, i);
        idle(h);
        cr_expect_not(h->w.notice_bad, "row %d: %s", i, h->w.notice);
        opened++;
    }
    cr_expect_geq(opened, 17);
    stop(h);
}

Test(game_play, games_and_cases_stand_in_the_list_of_lessons) {
    harness *h = start_lesson("conv2d");
    press_key(h, 'f', MODIFIER_CONTROL);
    type_text(h, "clinic channel axis");
    cr_expect(shows_text(&h->w.regions[REGION_LESSONS].list, "Bug clinic"));
    cr_expect(shows_text(&h->w.regions[REGION_LESSONS].list, "A picture without a channel"));
    cr_expect_not(shows_text(&h->w.regions[REGION_LESSONS].list, "Find the kernel"));
    press_key(h, KEY_ENTER, 0);
    cr_expect_str_eq(state_document(&h->w)->lesson, "clinic:no-channel-axis");
    press_key(h, 'f', MODIFIER_CONTROL);
    press_key(h, 'a', MODIFIER_CONTROL);
    type_text(h, "\xe6\x89\xbe\xe5\x87\xba\xe5\x8d\xb7\xe7\xa7\xaf\xe6\xa0\xb8 2"); /* the Chinese title finds it in
                                                                                       English too */
    press_key(h, KEY_ENTER, 0);
    cr_expect_str_eq(state_document(&h->w)->lesson, "game:find-kernel:2");
    idle(h);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_str_eq(state_document(&h->w)->lesson, "clinic:no-channel-axis", "opening a game can be undone");
    stop(h);
}
