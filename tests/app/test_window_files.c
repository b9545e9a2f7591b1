/* Files that come to the window: pictures, arrays, scenes, lessons of one's own, and what is none of them. */
#include "app/document/scene_text.h"
#include "window_harness.h"
#include <stdlib.h>
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
    point at = cell_at(h, ROLE_WEIGHT, 3);
    click_at(h, at.x, at.y);
    type_text(h, "13");
    press_key(h, KEY_ENTER, 0);
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
