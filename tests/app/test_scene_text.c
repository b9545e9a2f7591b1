/* Scenes as text: what is written is read again; strangers' text is refused in words. */
#include "app/document/lesson.h"
#include "app/document/scene_text.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void use_assets(void) {
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
}

TestSuite(scene_text, .init = use_assets);

static char *written(const document *d) {
    char *text;
    failure f = {0};
    cr_assert(scene_text_write(d, &text, &f), "%s", f.error.message);
    return text;
}

static void expect_same(const document *a, const document *b) {
    char *x = written(a), *y = written(b);
    cr_expect_str_eq(x, y);
    memory_free(x);
    memory_free(y);
}

static void make(document *d) {
    failure f = {0};
    cr_assert(document_from_expression(d, "nn.Conv2d(1, 2, 3, padding=1)", NULL, &f));
    d->view = VIEW_MATRIX;
    d->style = STYLE_ISOMETRIC;
    d->labels = d->curtain = true;
    d->slices_closed = 35;
    d->first_step = 2;
    d->last_step = 7;
    d->pinned_output = 3;
    d->title_en = memory_text("A \"quoted\" title: {out_h}, tab\t, back\\slash");
    d->title_zh = memory_text("标题");
    part *p = &d->parts[0];
    p->tokens_en = memory_text("not very good");
    p->tokens_zh = memory_text("不 太 好");
    p->input.kind = SOURCE_RANDOM;
    p->input.seed = 77;
    p->weights[0].kind = SOURCE_NUMBERS;
    p->weights[0].count = 18;
    p->weights[0].numbers = memory_zeroed(18, sizeof(float));
    for (int i = 0; i < 18; i++) p->weights[0].numbers[i] = (float)i / 7 - 1;
    cr_assert(tensor_source_edit(&p->input, 4, 0.1f, &f));
    cr_assert(tensor_source_edit(&p->biases[0], 1, -3e-20f, &f));
}

Test(scene_text, what_is_written_is_read_again) {
    document d, again;
    failure f = {0};
    make(&d);
    char *text = written(&d);
    cr_assert(scene_text_read(text, strlen(text), NULL, NULL, &again, &f), "%d:%d: %s\n%s", f.line, f.column,
              f.error.message, text);
    expect_same(&d, &again);
    cr_expect_eq(again.parts[0].weights[0].numbers[5], d.parts[0].weights[0].numbers[5]);
    cr_expect_eq(again.parts[0].biases[0].edits[0].value, -3e-20f);
    cr_expect_str_eq(again.title_en, d.title_en);
    cr_expect_eq(again.slices_closed, 35);
    cr_expect_str_eq(again.parts[0].tokens_en, "not very good");
    cr_expect_str_eq(again.parts[0].tokens_zh, "不 太 好");
    memory_free(text);
    document_destroy(&d);
    document_destroy(&again);
}

Test(scene_text, one_line_is_read_again_also_when_a_chat_broke_it) {
    document d, again;
    failure f = {0};
    char *line;
    make(&d);
    cr_assert(scene_line_write(&d, &line, &f));
    for (const char *c = strchr(line, ':') + 1; *c; c++) {
        cr_assert((*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z') || *c == '-' ||
                      *c == '_',
                  "%c", *c);
    }
    cr_assert(scene_line_read(line, NULL, &again, &f), "%s", f.error.message);
    expect_same(&d, &again);
    document_destroy(&again);
    const size_t length = strlen(line);
    char *broken = calloc(length + 8, 1);
    snprintf(broken, length + 8, "  %.30s\n  %s\n", line, line + 30);
    cr_assert(scene_line_looks(broken));
    cr_assert(scene_line_read(broken, NULL, &again, &f), "%s", f.error.message);
    expect_same(&d, &again);
    document_destroy(&again);
    free(broken);
    for (size_t cut = 1; cut < length; cut += 1 + length / 50) {
        char *part_of = strdup(line);
        part_of[length - cut] = 0;
        cr_expect_not(scene_line_read(part_of, NULL, &again, &f), "%zu letters fewer were accepted", cut);
        free(part_of);
    }
    memory_free(line);
    document_destroy(&d);
}

Test(scene_text, every_lesson_page_survives_as_a_scene) {
    lesson_list list;
    failure f = {0};
    cr_assert(lesson_list_load(SOURCE_DIR "/assets", &list, &f));
    for (int i = 0; i < list.count; i++) {
        lesson l;
        cr_assert(lesson_load(list.entries[i].path, &l, &f));
        for (int p = 0; p < l.page_count; p++) {
            document again;
            char *text = written(&l.pages[p].document);
            bool ok = scene_text_read(text, strlen(text), NULL, SOURCE_DIR "/assets/lessons", &again, &f);
            cr_assert(ok, "%s, page %d, %d:%d: %s\n%s", l.id, p + 1, f.line, f.column, f.error.message, text);
            expect_same(&l.pages[p].document, &again);
            memory_free(text);
            document_destroy(&again);
        }
        lesson_destroy(&l);
    }
    lesson_list_destroy(&list);
}

static const struct {
    const char *text, *message;
} wrong[] = {
    {"", "the scene is empty"},
    {"convscope: 1\n", "the key \"operation\" is missing here"},
    {"convscope: 2\noperation: nn.Conv2d(1, 1, 3)\n", "this scene is of version 2"},
    {"operation: nn.Conv2d(1, 1, 3)\n", "the key \"convscope\" is missing here"},
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\nshape: [1, 4000000000, 5]\n", "out of range"},
    {"convscope: 1\noperation: nn.BatchNorm2d(6000060000)\n", "out of range"}, /* and so what is chosen */
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\nshape: [2000000000, 2000000000, 2000000000]\n", "too large"},
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\ninput: file ../secret.npy\n", ""},
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\ninput: picture /etc/passwd\n", ""},
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\npin_output: [0, 9, 9]\n", "out of range"},
    {"convscope: 1\nparts: [{operation: nn.Conv2d(1, 1, 3)}, {operation: nn.Conv2d(1, 1, 3)}, {operation: nn.Conv2d(1, "
     "1, 3)}, "
     "{operation: nn.Conv2d(1, 1, 3)}, {operation: nn.Conv2d(1, 1, 3)}]\n",
     ""},
    {"&a [*a]\n", "keys with values are expected here"},
    {"convscope: &a {x: *a}\n", ""},
    {"\xff\xfe\x01", ""},
    {"convscope: 1\noperation: nn.ReLU()\ntitle: \"a \\e[31m b\"\n", "a control character"},
    {"convscope: 1\noperation: nn.ReLU()\ntitle: \"a \\x7f b\"\n", "a control character"},
    {"convscope: 1\noperation: nn.Conv2d(1, 1, 3)\nweight: [.nan, 1, 1, 1, 1, 1, 1, 1, x]\n",
     "a number is expected here"},
};

Test(scene_text, wrong_text_is_refused_in_words) {
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        document d;
        failure f = {0};
        cr_expect_not(scene_text_read(wrong[i].text, strlen(wrong[i].text), NULL, "/tmp", &d, &f), "accepted: %s",
                      wrong[i].text);
        cr_expect(f.error.message[0], "no word about %s", wrong[i].text);
        cr_expect(strstr(f.error.message, wrong[i].message), "\"%s\" instead of \"%s\"", f.error.message,
                  wrong[i].message);
        cr_expect_eq(d.part_count, 0);
    }
}

static const struct {
    const char *head, *unit, *message;
    int line, column; /* of the first that is too many; 0: of none */
} endless[] = {
    {"convscope: 1\ninput: ", "[", "brackets lie in each other", 2, 71},
    {"convscope: 1\ninput: ", "{a: ", "brackets lie in each other", 2, 260},
    {"convscope: 1\ninput:\n  ", "- ", "brackets lie in each other", 3, 129},
    {"convscope: 1\ninput: [", "&a x,", "&names", 2, 329},
    {"convscope: 1\ninput: [", "&a [],", "&names", 2, 393},
    {"convscope: 1\ninput: [", "&a {},", "&names", 2, 393},
    {"", "%TAG !a! x\n", "lines with %TAG are not read", 0, 0},
    {"# a remark\n", "%TAG !a! x\n", "lines with %TAG are not read", 0, 0},
    {"#\r", "%TAG !a! x\r", "lines with %TAG are not read", 0, 0},
    {"#\xC2\x85", "%TAG !a! x\xC2\x85", "lines with %TAG are not read", 0, 0},
    {"#\xE2\x80\xA8", "%TAG !a! x\xE2\x80\xA8", "lines with %TAG are not read", 0, 0},
    {"#\xE2\x80\xA9", "%TAG !a! x\xE2\x80\xA9", "lines with %TAG are not read", 0, 0},
};

/* As large as a scene may be, of what libyaml takes the square of: hours, were they not counted. */
Test(scene_text, endless_text_is_refused_before_it_is_read, .timeout = 60) {
    char *text = memory_zeroed(SCENE_MAX_BYTES, 1);
    cr_assert_not_null(text);
    for (size_t i = 0; i < sizeof endless / sizeof *endless; i++) {
        size_t length = strlen(endless[i].head);
        memcpy(text, endless[i].head, length);
        for (size_t k = 0, of = strlen(endless[i].unit); length < SCENE_MAX_BYTES; k++, length++)
            text[length] = endless[i].unit[k % of];
        document d;
        failure f = {0};
        cr_expect_not(scene_text_read(text, length, "endless.yaml", "/tmp", &d, &f));
        cr_expect(strstr(f.error.message, endless[i].message), "%s", f.error.message);
        cr_expect_str_eq(f.path, "endless.yaml", "%s", f.error.message);
        cr_expect(f.line == endless[i].line && f.column == endless[i].column, "%d:%d: %s", f.line, f.column,
                  f.error.message);
    }
    memory_free(text);
}

/* What is counted is what is open, and what is told is not what a text quotes. */
Test(scene_text, many_brackets_side_by_side_are_read) {
    char text[4096] = "convscope: 1\ntitle: \"%TAG in a text, 1 é ×\"\nparts:\n";
    for (int i = 0; i < 3; i++)
        strcat(text,
               "  - {operation: \"nn.Conv2d(1, 1, 3)\", shape: [1, 3, 3], weight: {from: 1, edits: [[0, 1], [1, 1], "
               "[2, 1], [3, 1], [4, 1], [5, 1], [6, 1], [7, 1], [8, 1], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1], "
               "[5, 1], [6, 1], [7, 1], [8, 1], [0, 1], [1, 1], [2, 1], [3, 1], [4, 1]]}}\n");
    document d;
    failure f = {0};
    cr_assert(scene_text_read(text, strlen(text), NULL, "/tmp", &d, &f), "%d:%d: %s", f.line, f.column,
              f.error.message);
    cr_expect_eq(d.part_count, 3);
    document_destroy(&d);
}

Test(scene_text, a_byte_order_mark_is_no_part_of_it) {
    static const char text[] = "\xEF\xBB\xBF"
                               "convscope: 1\noperation: nn.ReLU()\n";
    document d;
    failure f = {0};
    cr_assert(scene_text_read(text, sizeof text - 1, NULL, "/tmp", &d, &f), "%s", f.error.message);
    document_destroy(&d);
}

/* Any byte of a scene changed, or the text cut anywhere: read or refused, never worse. */
Test(scene_text, damaged_text_does_no_harm) {
    document d;
    make(&d);
    char *text = written(&d);
    const size_t length = strlen(text);
    uint32_t draw = 1;
    for (int round = 0; round < 600; round++) {
        char *damaged = strdup(text);
        document again;
        failure f = {0};
        draw = draw * 1664525u + 1013904223u;
        const size_t at = (draw >> 8) % length;
        if (round % 3 == 0)
            damaged[at] = 0;
        else
            damaged[at] = (char)(draw >> 24);
        if (scene_text_read(damaged, strlen(damaged), NULL, "/tmp", &again, &f))
            document_destroy(&again);
        else
            cr_expect(f.error.message[0]);
        free(damaged);
    }
    memory_free(text);
    document_destroy(&d);
}

Test(scene_text, a_scene_keeps_to_its_own_folder) {
    char folder[] = "/tmp/convscope-scene-XXXXXX", path[256], inside[256], outside[256];
    document d, again;
    failure f = {0};
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.scene.yaml", folder);
    snprintf(inside, sizeof inside, "%s/night.png", folder);
    snprintf(outside, sizeof outside, SOURCE_DIR "/assets/pictures/night.png");
    char command[700];
    snprintf(command, sizeof command, "cp '%s' '%s'", outside, inside);
    cr_assert_eq(system(command), 0);
    make(&d);
    tensor_source_destroy(&d.parts[0].input);
    d.parts[0].input.kind = SOURCE_PICTURE;
    d.parts[0].input.name = memory_text(outside);
    cr_expect_not(scene_save(&d, NULL, path, &f));
    cr_expect(strstr(f.error.message, "own folder"), "%s", f.error.message);
    cr_expect_neq(access(path, F_OK), 0, "a refused scene was written");
    cr_assert(document_set_text(&d.parts[0].input.name, inside, &f));
    cr_assert(scene_save(&d, NULL, path, &f), "%s", f.error.message);
    cr_assert(scene_load(path, &again, &f), "%s", f.error.message);
    cr_expect_str_eq(again.parts[0].input.name, "night.png");
    document_destroy(&again);
    document_destroy(&d);
    unlink(path);
    unlink(inside);
    rmdir(folder);
}
