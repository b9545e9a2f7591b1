/* Files that come to the window: pictures, arrays, scenes, lessons of one's own, and what is none of them. */
#include "app/arrays/npy.h"
#include "app/document/scene_text.h"
#include "window_harness.h"
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void drop(harness *h, const char *path) {
    send(h, (window_event){.kind = EVENT_DROP, .long_text = path, .at = {500, 500}});
}

static char folder[] = "/tmp/window-files-XXXXXX";

static void in_new_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
}

Test(files, a_picture_becomes_the_input) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    drop(h, ASSETS "/pictures/lighthouse.png");
    cr_expect_eq(state_part(&h->w)->input.kind, SOURCE_PICTURE, "%s", h->w.notice);
    const conv_layout *l = h->w.scene.parts[0].layout;
    cr_expect_gt(l->input[0].size[l->input[0].rank - 1], 20);
    click(h, "source.input");
    press_key(h, KEY_ENTER, 0); /* small numbers again */
    cr_expect_eq(state_part(&h->w)->input.kind, SOURCE_DEFAULT);
    cr_expect_lt(state_part(&h->w)->input_shape.size[1], 20);
    stop(h);
}

Test(files, a_picture_opens_where_nothing_is_shown) {
    harness *h = start_sized(1280, 800);
    cr_assert_not(h->w.scene_open);
    drop(h, ASSETS "/pictures/lighthouse.png");
    cr_assert(h->w.scene_open, "%s", h->w.notice);
    const part *p = &state_document(&h->w)->parts[0];
    cr_expect_eq(p->input.kind, SOURCE_PICTURE);
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[0], 1, "grey");
    idle(h);
    stop(h);
}

Test(files, a_picture_that_does_not_fit_is_refused_and_nothing_changes) {
    harness *h = start("nn.Conv2d(5, 1, 3)");
    drop(h, ASSETS "/pictures/lighthouse.png");
    cr_expect(h->w.notice_bad && h->w.notice[0]);
    cr_expect_eq(state_part(&h->w)->input.kind, SOURCE_DEFAULT);
    stop(h);
}

Test(files, what_is_missing_or_unknown_is_told) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    drop(h, "/nowhere/at/all.png");
    cr_expect(h->w.notice_bad && h->w.notice[0]);
    h->w.notice[0] = 0;
    drop(h, ASSETS "/translations/zh.po");
    cr_expect(h->w.notice_bad && h->w.notice[0]);
    cr_expect_str_eq(state_part(&h->w)->expression, "nn.Conv2d(1, 1, 3)");
    stop(h);
}

Test(files, saved_scenes_open_again) {
    harness *h = start("nn.ConvTranspose2d(1, 1, 2, stride=2)");
    in_new_folder();
    type_into_cell(h, ROLE_WEIGHT, 3, "13");
    press_key(h, 's', MODIFIER_CONTROL);
    cr_assert_eq(h->w.popup, POPUP_SAVE);
    click(h, "file.name");
    press_key(h, 'a', MODIFIER_CONTROL);
    type_text(h, "mine.yaml");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.popup, POPUP_NONE, "%s", h->w.files.message);
    cr_assert_eq(access("mine.yaml", R_OK), 0);
    send(h, (window_event){.kind = EVENT_CLIPBOARD, .long_text = "nn.ReLU()"});
    drop(h, "mine.yaml");
    cr_expect_eq(state_part(&h->w)->layers[0].spec.op->kind, CONV_TRANSPOSE, "%s", h->w.notice);
    cr_expect_eq(h->w.scene.parts[0].operands.weight[3], 13);
    stop(h);
    cr_expect_eq(unlink("mine.yaml"), 0);
    cr_expect(chdir("/") == 0 && rmdir(folder) == 0);
}

Test(files, a_lesson_of_one_s_own_has_its_pages) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    drop(h, ASSETS "/lessons/stride.yaml");
    cr_assert(h->w.lesson_open, "%s", h->w.notice);
    cr_expect_gt(h->w.lesson.page_count, 1);
    press_key(h, ']', 0);
    cr_expect_eq(h->w.page, 1);
    stop(h);
}

/* ---- undo goes through all of it ---- */

static void write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    cr_assert_eq(fclose(file), 0);
}

static void copy_picture(const char *from, const char *to) {
    char bytes[1 << 16];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    cr_assert(in && out);
    size_t size = fread(bytes, 1, sizeof bytes, in);
    cr_assert_eq(fwrite(bytes, 1, size, out), size);
    fclose(in);
    cr_assert_eq(fclose(out), 0);
}

static void undo(harness *h) {
    press_key(h, 'z', MODIFIER_CONTROL);
}

/* Two folders hold files of one name: each document means its own. */
Test(files, undo_and_redo_survive_opening_scenes_of_other_folders) {
    static const char text[] =
        "convscope: 1\noperation: nn.Conv2d(1, 1, 3)\nshape: [1, 40, 60]\ninput: picture own.png\n";
    harness *h = start("nn.Conv2d(1, 1, 2)");
    in_new_folder();
    cr_assert(mkdir("one", 0700) == 0 && mkdir("two", 0700) == 0);
    copy_picture(ASSETS "/pictures/lighthouse.png", "one/own.png");
    copy_picture(ASSETS "/pictures/night.png", "two/own.png");
    write_text("one/a.yaml", text);
    write_text("two/a.yaml", text);

    point at = cell_at(h, ROLE_WEIGHT, 0);
    click_at(h, at.x, at.y);
    type_text(h, "9");
    press_key(h, KEY_ENTER, 0);
    drop(h, "one/a.yaml");
    cr_assert_not(h->w.notice_bad, "%s", h->w.notice);
    float first = h->w.scene.parts[0].input[0];
    int64_t width = h->w.scene.parts[0].layout->input[0].size[2];
    drop(h, "two/a.yaml");
    cr_assert_not(h->w.notice_bad, "%s", h->w.notice);
    int64_t other_width = h->w.scene.parts[0].layout->input[0].size[2];
    float other = h->w.scene.parts[0].input[0];
    cr_assert(width != other_width || first != other, "the pictures differ");
    failure f = {0};
    cr_assert(state_open_lesson(&h->w, "stride", 0, false, &f));
    drop(h, ASSETS "/pictures/night.png");

    undo(h);
    cr_expect(h->w.lesson_open);
    cr_expect_str_eq(h->w.lesson.id, "stride");
    undo(h);
    cr_expect_not(h->w.lesson_open);
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[2], other_width, "%s", h->w.notice);
    undo(h);
    cr_expect_eq(h->w.scene.parts[0].layout->input[0].size[2], width, "the file is looked for in its own folder: %s",
                 h->w.notice);
    cr_expect_eq(h->w.scene.parts[0].input[0], first);
    undo(h);
    cr_expect_str_eq(state_part(&h->w)->expression, "nn.Conv2d(1, 1, 2)");
    cr_expect_eq(h->w.scene.parts[0].operands.weight[0], 9, "what was done before the scenes were opened is there");
    undo(h);
    cr_expect_neq(h->w.scene.parts[0].operands.weight[0], 9);
    for (int i = 0; i < 5; i++) press_key(h, 'y', MODIFIER_CONTROL);
    cr_expect_eq(state_part(&h->w)->input.kind, SOURCE_PICTURE);
    cr_expect_eq(h->w.history.future_count, 0);
    undo(h);
    undo(h);
    cr_expect_eq(h->w.scene.parts[0].input[0], other, "redo looks in its folder too");
    cr_expect_not(h->w.notice_bad, "%s", h->w.notice);
    stop(h);
    const char *const files[] = {"one/own.png", "two/own.png", "one/a.yaml", "two/a.yaml"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) cr_expect_eq(unlink(files[i]), 0);
    cr_expect(rmdir("one") == 0 && rmdir("two") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
}

/* A picture dropped on a lesson whose weights are files of the lesson's folder keeps them. */
Test(files, a_dropped_picture_keeps_the_weights_that_are_files) {
    harness *h = start_lesson("digits");
    conv_operands before, after;
    conv_network_operands(h->w.scene.parts[0].network, 0, &before);
    float weight = before.weight[0];
    const conv_shape shape = {4, {1, 1, 12, 12}};
    float numbers[144] = {[17] = 0.375f};
    in_new_folder();
    cr_assert(npy_write("digit.npy", &shape, numbers, NULL));
    drop(h, "digit.npy");
    cr_expect_not(h->w.notice_bad, "%s", h->w.notice);
    cr_expect_eq(h->w.scene.parts[0].network_input[17], 0.375f);
    conv_network_operands(h->w.scene.parts[0].network, 0, &after);
    cr_expect_eq(after.weight[0], weight);
    undo(h);
    cr_expect_neq(h->w.scene.parts[0].network_input[17], 0.375f);
    cr_expect_str_eq(h->w.lesson.id, "digits");
    stop(h);
    cr_expect(unlink("digit.npy") == 0 && chdir("/") == 0 && rmdir(folder) == 0);
}

/* Ctrl+S, a name, Enter: nothing else is asked of the keyboard. */
Test(files, names_are_typed_at_once, .init = in_new_folder) {
    harness *h = start("nn.Conv2d(1, 1, 3)");
    press_key(h, 's', MODIFIER_CONTROL);
    cr_assert_eq(h->w.popup, POPUP_SAVE);
    cr_expect_eq(h->w.ui.focus, ui_hash("file.name"));
    cr_expect(h->w.ui.focus_seen);
    type_text(h, "mine.yaml"); /* in place of the name that stood there */
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.popup, POPUP_NONE);
    cr_expect_eq(access("mine.yaml", F_OK), 0, "%s", h->w.notice);
    type_into_cell(h, ROLE_WEIGHT, 0, "7");
    press_key(h, 'o', MODIFIER_CONTROL);
    type_text(h, "mine.yaml");
    press_key(h, KEY_ENTER, 0);
    cr_expect_eq(h->w.popup, POPUP_NONE);
    cr_expect_neq(h->w.scene.parts[0].operands.weight[0], 7);
    static const int keys[] = {'s', 'o', 'e'};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        press_key(h, keys[i], MODIFIER_CONTROL);
        cr_expect_neq(h->w.popup, POPUP_NONE);
        cr_expect(h->w.ui.focus_seen, "Ctrl+%c: where the keys go is seen", keys[i]);
        press_key(h, KEY_ESCAPE, 0);
        cr_expect_eq(h->w.popup, POPUP_NONE, "one Esc closes what Ctrl+%c opened", keys[i]);
    }
    stop(h);
    unlink("mine.yaml");
    cr_assert_eq(chdir("/"), 0);
    rmdir(folder);
}
