/* The export dialog: its file and the one that its command line makes are the same, byte for byte. */
#include "window_harness.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/window-export-XXXXXX";

static void in_new_folder(void) {
    cr_assert_not_null(mkdtemp(folder));
    cr_assert_eq(chdir(folder), 0);
    cr_assert_eq(setenv("PATH", BUILD_DIR ":/usr/bin:/bin", 1), 0);
    cr_assert_eq(setenv("LC_ALL", "C", 1), 0);
}

/* Exports with the dialog's buttons pressed one after the other; then runs the command that it shows. */
static void check_same(harness *h, const char *what, const char *file, const char *const *buttons) {
    char command[4096], first[64];
    press_key(h, 'e', MODIFIER_CONTROL);
    cr_assert_eq(h->w.popup, POPUP_EXPORT, "%s", what);
    idle(h);
    snprintf(h->w.exporting.path, sizeof h->w.exporting.path, "%s", file);
    idle(h);
    for (; *buttons; buttons++) click(h, *buttons);
    click(h, "export.copy");
    cr_assert_not_null(h->w.clipboard, "%s: no command", what);
    snprintf(command, sizeof command, "%s 2>said.txt", h->w.clipboard);
    click(h, "export.go");
    for (int k = 0; k < 60000 && h->w.exporting.job; k++) {
        usleep(2000);
        idle(h);
    }
    cr_assert_null(h->w.exporting.job, "%s: it does not end", what);
    cr_assert_not(h->w.exporting.bad, "%s: %s", what, h->w.exporting.message);
    snprintf(first, sizeof first, "first-%s", file);
    cr_assert_eq(rename(file, first), 0, "%s: no file", what);
    cr_expect_eq(system(command), 0, "%s: %s", what, command);
    char compare[256];
    snprintf(compare, sizeof compare, "cmp %s %s", first, file);
    cr_expect_eq(system(compare), 0, "%s: other bytes by %s", what, command);
    unlink(file);
    unlink(first);
    press_key(h, KEY_ESCAPE, 0);
    cr_assert_eq(h->w.popup, POPUP_NONE);
}

static const char *const nothing[] = {NULL};

Test(window_export, every_choice_is_in_the_command) {
    static const struct {
        const char *what, *file, *buttons[4];
    } cases[] = {
        {"a GIF as it comes", "a.gif", {"export.size.0"}},
        {"a picture", "a.png", {NULL}},
        {"this step", "a.svg", {"export.steps.1"}},
        {"a sheet without caption", "a.pdf", {"export.steps.2", "export.plain"}},
        {"all steps, print", "b.pdf", {"export.steps.0", "export.theme.2"}},
        {"clear and tight", "b.png", {"export.transparent", "export.crop", "export.theme.3"}},
    };
    harness *h = start("nn.Conv2d(1, 1, 2)");
    in_new_folder();
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++)
        check_same(h, cases[k].what, cases[k].file, cases[k].buttons);
    stop(h);
}

Test(window_export, an_edited_layer_is_told_in_full) {
    harness *h = start("nn.ConvTranspose2d(1, 1, 2, stride=2)");
    in_new_folder();
    type_into_cell(h, ROLE_WEIGHT, 3, "13");
    check_same(h, "an edited weight", "a.svg", nothing);
    failure f = {0};
    cr_assert(language_load(ASSETS, &f), "%s", f.error.message);
    h->w.settings.language = LANGUAGE_ZH;
    check_same(h, "in Chinese", "b.svg", nothing);
    stop(h);
}

Test(window_export, a_shape_of_ones_own_is_named) {
    harness *h = start_sized(1440, 900);
    document d;
    failure f = {0};
    const conv_shape shape = {.rank = 3, .size = {1, 9, 8}};
    cr_assert(document_from_expression(&d, "nn.Conv2d(1, 2, 3)", &shape, &f), "%s", f.error.message);
    d.style = STYLE_ISOMETRIC;
    d.labels = true;
    cr_assert(state_open_document(&h->w, &d, false, &f), "%s", f.error.message);
    document_destroy(&d);
    idle(h);
    in_new_folder();
    check_same(h, "an input's shape", "a.svg", nothing);
    cr_expect(strstr(h->w.clipboard, "--input 1,9,8"), "%s", h->w.clipboard);
    cr_expect(strstr(h->w.clipboard, "--style isometric --labels"), "%s", h->w.clipboard);
    stop(h);
}

Test(window_export, a_lesson_is_named_by_id_and_page_until_it_is_changed) {
    harness *h = start_lesson("conv2d");
    failure f = {0};
    in_new_folder();
    check_same(h, "the first page", "a.svg", nothing);
    cr_expect(strstr(h->w.clipboard, "render conv2d --page 1"), "%s", h->w.clipboard);
    cr_assert(state_open_lesson(&h->w, "conv2d", 2, false, &f));
    idle(h);
    check_same(h, "the third page", "a.svg", nothing);
    cr_expect(strstr(h->w.clipboard, "render conv2d --page 3"), "%s", h->w.clipboard);
    change c = {.kind = CHANGE_CELL, .role = ROLE_INPUT, .index = 0, .real = 7};
    cr_assert(state_change(&h->w, &c, NULL));
    idle(h);
    check_same(h, "a changed page", "a.svg", nothing);
    cr_expect_null(strstr(h->w.clipboard, "--page"), "%s", h->w.clipboard);
    stop(h);
}
