/* Large pictures open beside the window: it goes on meanwhile, and what comes is what would have come at once. */
#include "app/window/opening.h"
#include "app/window/session.h"
#include "large_picture.h"
#include "tests/failure/creation.h"
#include "window_harness.h"
#include <unistd.h>

static char folder[] = "/tmp/window-opening-XXXXXX";

static void in_new_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert(large_picture("large.bmp", LARGE_HEIGHT, 1) && large_picture("other.bmp", LARGE_HEIGHT, 2) &&
              large_picture("damaged.bmp", 5, 3));
}

static void leave(void) {
    static const char *const files[] = {"large.bmp", "other.bmp", "damaged.bmp", "scene.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) unlink(files[i]);
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}

TestSuite(opening, .init = in_new_folder, .fini = leave);

static void drop(harness *h, const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    send(h, (window_event){.kind = EVENT_DROP, .long_text = path, .at = {500, 500}});
}

static void arrive(harness *h) {
    opening_wait(&h->w);
    idle(h);
    cr_assert_null(opening_name(&h->w));
}

static int64_t width_shown(harness *h) {
    return h->w.scene.parts[0].layout->input[0].size[2];
}

/* The results are those of a scene that is made of the document now. */
static void expect_results(harness *h) {
    scene s;
    failure f = {0};
    cr_assert(scene_open(&s, state_document(&h->w), h->engine, NULL, &f), "%s", f.error.message);
    const int64_t count = conv_shape_count(&s.parts[0].layout->output);
    cr_assert_eq(count, conv_shape_count(&h->w.scene.parts[0].layout->output));
    cr_expect(memcmp(s.parts[0].output, h->w.scene.parts[0].output, (size_t)count * sizeof(float)) == 0);
    scene_close(&s);
}

static bool says(harness *h, const char *text) {
    return shows_text(&h->w.regions[REGION_OVERLAY].list, text);
}

Test(opening, the_window_goes_on_until_the_picture_is_there) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const int64_t before = width_shown(h);
    drop(h, "large.bmp");
    cr_assert_not_null(opening_name(&h->w), "%s", h->w.notice);
    cr_expect_str_eq(opening_name(&h->w), "large.bmp");
    cr_expect(says(h, "opening large.bmp…"));
    cr_expect_eq(width_shown(h), before);
    cr_expect_gt(h->w.effects.wake_at, 0, "nobody looks again");
    cr_assert(language_load(ASSETS, NULL));
    press_key(h, 'l', 0);
    cr_expect(!opening_name(&h->w) || says(h, "正在打开 large.bmp…"));
    arrive(h);
    cr_expect_not(says(h, "opening"));
    cr_expect_eq(width_shown(h), LARGE_WIDTH, "%s", h->w.notice);
    cr_expect_eq(state_part(&h->w)->input.kind, SOURCE_PICTURE);
    cr_expect_eq(h->w.history.past_count, 1);
    cr_expect(h->w.play.playing);
    cr_expect(h->w.dirty, "it is not saved");
    expect_results(h);
    stop(h);
}

/* A thread that has ended before the first frame: what it made comes on the second. */
Test(opening, a_frame_says_it_first_however_fast_it_was) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const int64_t before = width_shown(h);
    char path[128];
    failure f = {0};
    snprintf(path, sizeof path, "%s/large.bmp", folder);
    cr_assert(state_open_file(&h->w, path, &f), "%s", f.error.message);
    while (opening_busy(&h->w)) usleep(1000);
    idle(h);
    cr_expect_not_null(opening_name(&h->w));
    cr_expect(says(h, "opening large.bmp"));
    cr_expect_eq(width_shown(h), before);
    arrive(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    stop(h);
}

Test(opening, small_pictures_and_the_first_one_open_at_once) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    drop(h, "large.bmp");
    send(h, (window_event){.kind = EVENT_DROP, .long_text = ASSETS "/pictures/lighthouse.png", .at = {500, 500}});
    cr_expect_null(opening_name(&h->w), "what was being opened is given up");
    cr_expect_eq(width_shown(h), 144);
    opening_wait(&h->w);
    idle(h);
    cr_expect_eq(width_shown(h), 144);
    stop(h);
    h = start_sized(1280, 800);
    drop(h, "large.bmp");
    cr_assert(h->w.scene_open);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    stop(h);
}

Test(opening, what_is_changed_meanwhile_stays) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    drop(h, "large.bmp");
    opening_wait(&h->w); /* it is there, and not seen yet */
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 4, .real = 13};
    cr_assert(state_change(&h->w, &c, NULL));
    idle(h);
    cr_expect_not_null(opening_name(&h->w), "it is made once more, with the changed weight");
    arrive(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[4], 13);
    expect_results(h);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_lt(width_shown(h), 20);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[4], 13);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_neq(h->w.scene.parts[0].operands.weight[4], 13);
    stop(h);
}

Test(opening, another_view_meanwhile_needs_no_second_time) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    drop(h, "large.bmp");
    opening_wait(&h->w);
    change c = {.kind = CHANGE_LABELS, .number = 1};
    cr_assert(state_change(&h->w, &c, NULL));
    idle(h);
    cr_expect_null(opening_name(&h->w));
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect(state_document(&h->w)->labels);
    stop(h);
}

Test(opening, undo_and_redo_come_beside_the_window_too) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const int64_t small = width_shown(h);
    drop(h, "large.bmp");
    arrive(h);
    drop(h, "other.bmp");
    arrive(h);
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_eq(opening_turns(&h->w), -1, "the first picture comes back");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_null(opening_name(&h->w), "two back nothing is large");
    cr_expect_eq(width_shown(h), small);
    cr_expect_eq(h->w.history.future_count, 2);
    press_key(h, 'z', MODIFIER_CONTROL | MODIFIER_SHIFT);
    cr_expect_eq(opening_turns(&h->w), 1);
    press_key(h, 'z', MODIFIER_CONTROL | MODIFIER_SHIFT);
    cr_expect_eq(opening_turns(&h->w), 2);
    press_key(h, 'z', MODIFIER_CONTROL | MODIFIER_SHIFT);
    cr_expect_eq(opening_turns(&h->w), 2, "there are no three");
    cr_expect_eq(width_shown(h), small);
    arrive(h);
    cr_expect_eq(h->w.history.past_count, 2);
    cr_expect(strstr(state_part(&h->w)->input.name, "other.bmp"));
    expect_results(h);
    press_key(h, 'z', MODIFIER_CONTROL);
    arrive(h);
    cr_expect(strstr(state_part(&h->w)->input.name, "large.bmp"));
    expect_results(h);
    press_key(h, 'z', MODIFIER_CONTROL | MODIFIER_SHIFT);
    cr_expect_eq(opening_turns(&h->w), 1);
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 4, .real = 13};
    cr_assert(state_change(&h->w, &c, NULL));
    cr_expect_null(opening_name(&h->w), "nothing is left to do again");
    stop(h);
}

Test(opening, it_is_given_up_for_something_else) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const int64_t small = width_shown(h);
    drop(h, "large.bmp");
    press_key(h, KEY_ESCAPE, 0);
    cr_expect_null(opening_name(&h->w));
    drop(h, "large.bmp");
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_null(opening_name(&h->w), "undone before it came");
    cr_expect_eq(width_shown(h), small);
    drop(h, "large.bmp");
    drop(h, "other.bmp");
    drop(h, "large.bmp");
    drop(h, "other.bmp");
    cr_expect_str_eq(opening_name(&h->w), "other.bmp");
    arrive(h);
    cr_expect(strstr(state_part(&h->w)->input.name, "other.bmp"));
    cr_expect_eq(h->w.history.past_count, 1);
    expect_results(h);
    drop(h, "large.bmp");
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "stride", 0, false, &f));
    cr_expect_null(opening_name(&h->w));
    opening_wait(&h->w);
    idle(h);
    cr_expect_str_eq(state_document(&h->w)->lesson, "stride");
    drop(h, "large.bmp");
    stop(h); /* the window closes meanwhile */
}

Test(opening, a_damaged_picture_is_told_and_nothing_changes) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    const int64_t small = width_shown(h);
    drop(h, "damaged.bmp");
    arrive(h);
    cr_expect(h->w.notice_bad);
    cr_expect(strstr(h->w.notice, "damaged.bmp: the picture is damaged"), "%s", h->w.notice);
    cr_expect_eq(width_shown(h), small);
    cr_expect_eq(h->w.history.past_count, 0);
    stop(h);
}

Test(opening, without_a_thread_it_is_opened_at_once) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    creation_fail_at(1, true);
    drop(h, "large.bmp");
    cr_expect_null(opening_name(&h->w));
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_eq(h->w.history.past_count, 1);
    creation_fail_at(0, false);
    press_key(h, 'z', MODIFIER_CONTROL);
    drop(h, "large.bmp");
    drop(h, "other.bmp"); /* waits for the first one's thread to end */
    creation_fail_at(1, true);
    arrive(h);
    cr_expect(strstr(state_part(&h->w)->input.name, "other.bmp"));
    expect_results(h);
    creation_fail_at(0, false);
    stop(h);
}

Test(opening, scenes_with_a_large_picture_take_their_time_too) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    FILE *file = fopen("scene.yaml", "w");
    cr_assert_not_null(file);
    fputs("convscope: 1\noperation: nn.AvgPool2d(3)\ninput: {from: picture large.bmp}\n", file);
    fclose(file);
    drop(h, "scene.yaml");
    cr_assert_not_null(opening_name(&h->w), "%s", h->w.notice);
    arrive(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_str_eq(state_part(&h->w)->expression, "nn.AvgPool2d(3)");
    expect_results(h);
    stop(h);
}

Test(opening, the_autosave_has_what_is_shown) {
    cr_assert_eq(setenv("XDG_STATE_HOME", folder, 1), 0);
    cr_assert_eq(setenv("XDG_CONFIG_HOME", folder, 1), 0);
    failure f = {0};
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    drop(h, "large.bmp");
    cr_assert(session_save(&h->w, &f), "%s", f.error.message);
    arrive(h);
    harness *next = start_sized(1280, 800);
    cr_assert(session_load(&next->w, false));
    cr_expect_lt(width_shown(next), 20, "it was saved while the picture was being opened");
    cr_assert(session_save(&h->w, &f), "%s", f.error.message);
    stop(next);
    next = start_sized(1280, 800);
    cr_assert(session_load(&next->w, false));
    arrive(next);
    cr_expect_eq(width_shown(next), LARGE_WIDTH);
    stop(next);
    stop(h);
    unlink("convscope/session");
    rmdir("convscope");
}

/* ---- what was open last time ---- */

static void keep_here(void) {
    cr_assert_eq(setenv("XDG_STATE_HOME", folder, 1), 0);
    cr_assert_eq(setenv("XDG_CONFIG_HOME", folder, 1), 0);
}

static void forget_here(void) {
    unlink("convscope/session");
    unlink("convscope/session.bad");
    unlink("convscope/settings");
    rmdir("convscope");
}

/* Leaves a session with the large picture and a weight of 13. */
static void leave_session(void) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    failure f = {0};
    drop(h, "large.bmp");
    arrive(h);
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 4, .real = 13};
    cr_assert(state_change(&h->w, &c, NULL));
    cr_assert(session_save(&h->w, &f), "%s", f.error.message);
    stop(h);
}

Test(opening, last_times_large_picture_comes_after_the_first_frame) {
    keep_here();
    leave_session();
    harness *h = start_sized(1280, 800);
    cr_assert(session_load(&h->w, true));
    cr_assert_not_null(opening_name(&h->w), "the first frame would wait for it");
    cr_expect(opening_resumes(&h->w));
    idle(h);
    cr_assert(h->w.scene_open);
    cr_expect_lt(width_shown(h), 20, "small numbers meanwhile");
    cr_expect_eq(h->w.scene.parts[0].operands.weight[4], 13, "the layer's own weights");
    cr_expect(says(h, "opening large.bmp"));
    press_key(h, 'z', MODIFIER_CONTROL);
    cr_expect_not_null(opening_name(&h->w), "that is nothing to be undone");
    arrive(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_eq(h->w.history.past_count, 0, "what kept its place is no past");
    cr_expect(h->w.play.playing);
    expect_results(h);
    stop(h);
    forget_here();
}

Test(opening, a_session_that_is_not_there_yet_is_kept) {
    keep_here();
    leave_session();
    failure f = {0};
    harness *h = start_sized(1280, 800);
    h->w.remember = true;
    cr_assert(session_load(&h->w, false));
    wait_seconds(h, 0.1);
    h->time += 10; /* the autosave's time comes, too */
    if (opening_name(&h->w)) session_tick(&h->w);
    cr_assert(session_save(&h->w, &f), "%s", f.error.message);
    stop(h); /* closed before it came, or just then */
    h = start_sized(1280, 800);
    cr_assert(session_load(&h->w, false));
    opening_wait(&h->w);
    idle(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH, "it comes at the next start");
    stop(h);
    forget_here();
}

/* Not even what the reader changes meanwhile lets the small numbers be kept in the picture's place. */
Test(opening, small_numbers_are_not_kept_for_next_time) {
    keep_here();
    leave_session();
    harness *h = start_sized(1280, 800);
    h->w.remember = true;
    cr_assert(session_load(&h->w, false));
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 0, .real = 7};
    cr_assert(state_change(&h->w, &c, NULL));
    h->w.dirty = true;
    for (int i = 0; i < 2; i++) { /* the autosave's time comes */
        h->w.time += 10;
        session_tick(&h->w);
    }
    session_end(&h->w);
    stop(h);
    h = start_sized(1280, 800);
    cr_assert(session_load(&h->w, false));
    opening_wait(&h->w);
    idle(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    stop(h);
    forget_here();
}

Test(opening, what_is_changed_before_last_times_picture_comes_stays) {
    keep_here();
    leave_session();
    harness *h = start_sized(1280, 800);
    cr_assert(session_load(&h->w, false));
    opening_wait(&h->w);
    change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 0, .real = 7};
    cr_assert(state_change(&h->w, &c, NULL));
    idle(h);
    cr_expect_not_null(opening_name(&h->w), "it is made once more, with the changed weight");
    cr_expect(opening_resumes(&h->w));
    arrive(h);
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[0], 7);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[4], 13);
    expect_results(h);
    stop(h);
    forget_here();
}

Test(opening, last_times_picture_comes_at_once_without_a_thread) {
    keep_here();
    leave_session();
    harness *h = start_sized(1280, 800);
    creation_fail_at(1, true);
    cr_assert(session_load(&h->w, false));
    creation_fail_at(0, false);
    cr_expect_null(opening_name(&h->w));
    cr_expect_eq(width_shown(h), LARGE_WIDTH);
    cr_expect_eq(h->w.history.past_count, 0);
    stop(h);
    cr_assert(large_picture("large.bmp", 5, 1));
    h = start_sized(1280, 800);
    cr_assert(session_load(&h->w, false));
    arrive(h);
    cr_expect(h->w.notice_bad && strstr(h->w.notice, "large.bmp"), "%s", h->w.notice);
    cr_assert(h->w.scene_open);
    cr_expect_lt(width_shown(h), 20, "the layer on small numbers");
    stop(h);
    cr_expect_eq(access("convscope/session", F_OK), 0, "it is there for another try");
    forget_here();
}

/* What ends before the window does, and what need not. */
Test(opening, the_window_can_stop_while_a_picture_is_being_opened) {
    harness *h = start("nn.Conv2d(1, 1, 3, bias=False)");
    cr_expect_not(opening_busy(&h->w));
    drop(h, "large.bmp");
    window_stop(&h->w);
    cr_expect_not_null(opening_name(&h->w), "it is not waited for");
    opening_wait(&h->w);
    cr_expect_not(opening_busy(&h->w));
    stop(h);
}
