/* Lessons: every one in the assets folder, and what is said about wrong ones. */
#include "app/document/lesson.h"
#include "app/document/question.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static conv_engine *engine;
static lesson_list list;

static void open_assets(void) {
    failure f = {0};
    setenv("CONVSCOPE_ASSETS", SOURCE_DIR "/assets", 1);
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 2;
    cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
    cr_assert(lesson_list_load(SOURCE_DIR "/assets", &list, &f), "%s:%d: %s", f.path, f.line, f.error.message);
}

static void close_assets(void) {
    lesson_list_destroy(&list);
    conv_engine_destroy(engine);
}

TestSuite(lesson, .init = open_assets, .fini = close_assets);

static lesson load(int i) {
    lesson l;
    failure f = {0};
    bool ok = lesson_load(list.entries[i].path, &l, &f);
    cr_assert(ok, "%s:%d:%d: %s", f.path, f.line, f.column, f.error.message);
    return l;
}

Test(lesson, there_are_enough_with_ids_of_their_own) {
    static const char *const promised[] = {"first-look", "conv2d",          "stride", "padding", "dilated",
                                           "transposed", "receptive-field", "conv1d", "conv3d",  "three-kinds-of-axis",
                                           "grouped",    "depthwise",       "unfold", "fold",    "lazy",
                                           "text",       "deformable",      "unet",   "dcgan",   "digits",
                                           "threads"};
    cr_assert_geq(list.count, 45);
    cr_expect_str_eq(list.entries[0].id, "first-look");
    for (size_t i = 0; i < sizeof promised / sizeof *promised; i++)
        cr_expect(lesson_list_find(&list, promised[i]), "no lesson %s", promised[i]);
    for (int i = 0; i < list.count; i++) {
        const lesson_entry *e = &list.entries[i];
        for (int k = 0; k < i; k++) cr_expect_str_neq(e->id, list.entries[k].id);
        if (i && strcmp(e->chapter, list.entries[i - 1].chapter) != 0) {
            for (int k = 0; k < i; k++)
                cr_expect_str_neq(e->chapter, list.entries[k].chapter, "chapter %s stands twice", e->chapter);
        }
        cr_expect_geq(e->pages, 3, "%s has %d pages", e->id, e->pages);
        cr_expect_leq(e->pages, 8, "%s has %d pages", e->id, e->pages);
    }
}

/* The state after every step is the engine's; the last one is the full run; every text can be filled. */
Test(lesson, every_page_plays_to_its_end_and_back) {
    for (int i = 0; i < list.count; i++) {
        lesson l = load(i);
        failure f = {0};
        bool ok = lesson_check(&l, engine, &f);
        cr_expect(ok, "%s:%d: %s", l.id, f.line, f.error.message);
        lesson_destroy(&l);
    }
}

static int characters(const char *text) {
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void check_phrase(const lesson *l, const phrase *p, const char *what, int most_en, int most_zh) {
    for (language g = 0; g < LANGUAGE_COUNT; g++) {
        const char *text = p->text[g];
        cr_assert(text && *text, "%s: %s is missing in %s", l->id, what, language_code(g));
        cr_expect_leq(characters(text), g == LANGUAGE_ZH ? most_zh : most_en, "%s: too long for a projector: %s", l->id,
                      text);
    }
}

Test(lesson, everything_is_said_in_both_languages_and_short) {
    enum { TITLE = 64, TITLE_ZH = 60, TEXT = 2000 };
    for (int i = 0; i < list.count; i++) {
        lesson l = load(i);
        int notes = 0;
        check_phrase(&l, &l.title, "title", TITLE, TITLE_ZH);
        for (int p = 0; p < l.page_count; p++) {
            check_phrase(&l, &l.pages[p].title, "page title", TITLE, TITLE_ZH);
            check_phrase(&l, &l.pages[p].caption, "caption", TEXT, TEXT);
            notes += l.pages[p].notes.text[LANGUAGE_EN] != NULL;
            if (l.pages[p].notes.text[LANGUAGE_EN]) check_phrase(&l, &l.pages[p].notes, "notes", TEXT, TEXT);
            const char *zh = l.pages[p].title.text[LANGUAGE_ZH];
            const size_t length = strlen(zh);
            cr_expect(length < 3 || strcmp(zh + length - 3, "。") != 0, "%s: a Chinese title ends with a full stop: %s",
                      l.id, zh);
        }
        cr_expect_geq(notes, 1, "%s has no teacher's notes", l.id);
        cr_expect_geq(l.try_count, 1, "%s has nothing to try", l.id);
        for (int k = 0; k < l.try_count; k++) check_phrase(&l, &l.tries[k], "try", TEXT, TEXT);
        cr_expect_geq(l.reference_count, 1, "%s has no reference", l.id);
        for (int k = 0; k < l.reference_count; k++) check_phrase(&l, &l.references[k], "reference", TEXT, TEXT);
        lesson_destroy(&l);
    }
}

static int letters_wide(const char *text) {
    int n = 0;
    for (; *text; text++) n += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : (unsigned char)*text >= 0xe3 ? 2 : 1;
    return n;
}

/* What is left of a caption when it is filled must fit two lines of a projector. */
Test(lesson, filled_captions_fit_two_lines) {
    enum { MOST = 190 }; /* in Latin letters; a Chinese character takes the place of two */
    for (int i = 0; i < list.count; i++) {
        lesson l = load(i);
        char folder[512];
        lesson_folder(&l, folder, sizeof folder);
        for (int p = 0; p < l.page_count; p++) {
            const document *d = &l.pages[p].document;
            scene s;
            failure f = {0};
            cr_assert(scene_open(&s, d, engine, folder, &f), "%s: %s", l.id, f.error.message);
            for (language g = 0; g < LANGUAGE_COUNT; g++) {
                char text[2048], plain[2048];
                const moment m = {d->first_step, 1};
                bool ok = lesson_fill(l.pages[p].caption.text[g], &s, m, g, text, sizeof text, &f);
                cr_assert(ok, "%s, page %d: %s", l.id, p + 1, f.error.message);
                size_t used = 0;
                for (const char *c = text; *c; c++) {
                    if (strncmp(c, "[[", 2) == 0)
                        c = strchr(c, '|');
                    else if (strncmp(c, "]]", 2) == 0)
                        c++;
                    else
                        plain[used++] = *c;
                }
                plain[used] = 0;
                cr_expect_leq(letters_wide(plain), MOST, "%s, page %d: %s", l.id, p + 1, plain);
            }
            scene_close(&s);
        }
        lesson_destroy(&l);
    }
}

/* ---- no number is typed that the document does not have ---- */

typedef struct number_set {
    int64_t numbers[512];
    int count;
} number_set;

static void collect(number_set *set, const char *text) {
    for (const char *c = text; *c;) {
        if (!isdigit((unsigned char)*c)) {
            c++;
            continue;
        }
        char *end;
        int64_t n = strtoll(c, &end, 10);
        if (set->count < 512) set->numbers[set->count++] = n;
        c = end;
    }
}

static bool has(const number_set *set, int64_t n) {
    for (int i = 0; i < set->count; i++) {
        if (set->numbers[i] == n) return true;
    }
    return n <= 2;
}

/* A typed number is one of the operation's own parameters, 0, 1 or 2, an angle, a year, or part of a name such as
 * Conv2d. */
static void check_typed_numbers(const lesson *l, int page, const char *text, const number_set *set) {
    const char *const joined = "_=.'";
    for (const char *c = text; *c;) {
        if (*c == '{') {
            c = strchr(c, '}') + 1;
            continue;
        }
        const char *start = c;
        bool letters = false;
        while (isalnum((unsigned char)*c) || (*c && strchr(joined, *c))) {
            letters = letters || isalpha((unsigned char)*c);
            c++;
        }
        if (c == start) {
            c++;
            continue;
        }
        if (!isdigit((unsigned char)*start) || letters) continue;
        const int64_t n = strtoll(start, NULL, 10);
        const bool known = has(set, n) || strncmp(c, "°", 2) == 0 || (n >= 1950 && n <= 2030);
        cr_expect(known, "%s, page %d: %lld is typed in \"%s\"", l->id, page + 1, (long long)n, text);
    }
}

Test(lesson, captions_name_only_numbers_that_the_document_has) {
    for (int i = 0; i < list.count; i++) {
        lesson l = load(i);
        for (int p = 0; p < l.page_count; p++) {
            number_set set = {0};
            const document *d = &l.pages[p].document;
            for (int k = 0; k < d->part_count; k++) {
                for (int layer = 0; layer < d->parts[k].layer_count; layer++) {
                    char code[512];
                    conv_spec_text(&d->parts[k].layers[layer].spec, code, sizeof code);
                    collect(&set, code);
                }
            }
            for (language g = 0; g < LANGUAGE_COUNT; g++) check_typed_numbers(&l, p, l.pages[p].caption.text[g], &set);
        }
        lesson_destroy(&l);
    }
}

/* ---- questions ---- */

Test(lesson, every_question_has_the_engines_answer) {
    for (int i = 0; i < list.count; i++) {
        lesson l = load(i);
        char folder[512];
        scene s;
        failure f = {0};
        answer a;
        lesson_folder(&l, folder, sizeof folder);
        cr_assert_neq(l.question.kind, QUESTION_NONE, "%s asks nothing", l.id);
        cr_assert(scene_open(&s, &l.pages[l.question.page].document, engine, folder, &f), "%s: %s", l.id,
                  f.error.message);
        bool ok = question_answer(&l.question, &s, &a, &f);
        cr_assert(ok, "%s: %s", l.id, f.error.message);
        cr_expect(question_check(&a, a.right), "%s refuses its own answer %s", l.id, a.right);
        cr_expect_geq(a.choice_count, 3, "%s offers %d choices", l.id, a.choice_count);
        for (int k = 0; k < a.choice_count; k++) {
            cr_expect_eq(question_check(&a, a.choices[k].text), k == a.right_choice, "%s: choice %s, right is %s", l.id,
                         a.choices[k].text, a.right);
            cr_expect_eq(a.choices[k].reason == NULL, k == a.right_choice, "%s: choice %s", l.id, a.choices[k].text);
        }
        if (l.question.kind == QUESTION_SHAPE) {
            char text[64];
            conv_shape_text(&s.parts[0].layout->output, text, sizeof text);
            cr_expect_str_eq(a.right, text, "%s", l.id);
        }
        scene_close(&s);
        lesson_destroy(&l);
    }
}

/* ---- wrong lessons ---- */

#define GOOD_PAGE "  - {title: t, caption: c, operation: \"nn.Conv2d(1, 1, 3)\"}\n"

static const struct {
    const char *text, *message;
    int line;
} wrong[] = {
    {"id: a\nchapter: basics\ntitle: t\n", "the key \"pages\" is missing here", 1},
    {"id: A b\nchapter: basics\ntitle: t\npages:\n" GOOD_PAGE,
     "an id has lower-case letters, digits and hyphens: not \"A b\"", 1},
    {"id: a\nchapter: basics\ntitle: t\npages:\n" GOOD_PAGE "colour: red\n", "there is no key \"colour\" here", 6},
    {"id: a\nid: b\nchapter: basics\ntitle: t\npages:\n" GOOD_PAGE, "the key \"id\" stands here twice", 2},
    {"id: a\nchapter: basics\ntitle: {en: t, fr: u}\npages:\n" GOOD_PAGE, "\"fr\" is no language here: en and zh are",
     3},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - {title: t, caption: c, operation: \"nn.Conv2d(1, 1)\"}\n",
     "kernel_size", 5},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - {title: t, caption: c, operation: \"nn.Conv2d(1, 1, 3)\", shape: "
     "[3, 5, 5]}\n",
     "channel", 5},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "weight: [1, 2]\n",
     "the weight has 2 numbers, but its shape (1, 1, 3, 3) needs 9", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "input: [[[1, 2], [3]]]\n",
     "this list has 1 items, the one before it 2", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "view: side\n",
     "\"side\" is none of these: slide, matrix, field, cost, engine", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "steps: [4, 2]\n",
     "the range of steps is empty: it ends before it begins", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n\t- title: t\n", "indent with spaces", 5},
    {"id: a\nchapter: basics\ntitle: t: u\npages:\n" GOOD_PAGE, "a colon inside a text: put the text in quotes", 3},
    {"id: a\nchapter: basics\ntitle: t\npages:\n" GOOD_PAGE "question: {kind: shape, page: 3}\n",
     "there is no page 3: the lesson has 1", 6},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "focus: conv9\n",
     "there is no layer \"conv9\"", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "input: picture moon\n",
     "there is no picture moon", 8},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: c\n    operation: nn.Conv2d(1, 1, 3)\n    "
     "weight: file w.npy\n",
     "there is no file w.npy beside this one", 8},
    {"id: a\nchapter: basics\ntitle: {en: \"t, zh: \"u\"}\npages:\n" GOOD_PAGE, "a quote or a bracket is not closed",
     3},
    {"id: a\nchapter: basics\ntitle: t\npages:\n  - {title: t, caption: c, operation: \"nn.Conv2d(1, 1, 3)\", input: "
     "[[[1, "
     "2, 3], [4, 5, 6], [7, 8, 9]]]}\n  - {title: t, caption: c, operation: \"nn.Conv2d(1, 1, 7)\"}\n",
     "the kernel spans 7 cells", 6},
    {"", "the lesson is empty", 0},
};

static bool load_text(const char *text, lesson *l, failure *f) {
    char path[] = "/tmp/convscope-lesson-XXXXXX";
    int fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    bool ok = lesson_load(path, l, f);
    unlink(path);
    return ok;
}

Test(lesson, a_wrong_lesson_is_told_in_plain_words_with_its_line) {
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        lesson l;
        failure f = {0};
        cr_expect_not(load_text(wrong[i].text, &l, &f), "accepted: %s", wrong[i].text);
        cr_expect(strstr(f.error.message, wrong[i].message), "\"%s\" instead of \"%s\"", f.error.message,
                  wrong[i].message);
        cr_expect_eq(f.line, wrong[i].line, "line %d instead of %d: %s", f.line, wrong[i].line, f.error.message);
    }
}

static const struct {
    const char *caption, *message;
} wrong_captions[] = {
    {"{nonsense}", "there is no placeholder \"nonsense\""},
    {"{out_h", "a { is not closed"},
    {"out_h}", "a } stands alone"},
    {"{x[0,9]}", "there is no such place in a tensor of shape (1, 5, 5)"},
    {"{x[0,0] + 1}", "only counts can be added"},
    {"{out_h@2}", "there is no operation 2: there are 1"},
    {"{out_h@/conv9}", "there is no layer \"conv9\""},
    {"{macs / 0}", "divides by zero"},
    {"{out_h 3}", "is too much in a placeholder"},
    {"{out_d}", "names an axis that this operation does not have"},
    {"{mask}", "this operation has no such tensor"},
    {"[[inptu|words]]", "not of \"inptu\""},
    {"[[input|words", "with | and ]]"},
};

Test(lesson, a_wrong_placeholder_is_told) {
    for (size_t i = 0; i < sizeof wrong_captions / sizeof *wrong_captions; i++) {
        char text[512];
        lesson l;
        failure f = {0};
        snprintf(text, sizeof text,
                 "id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    caption: \"%s\"\n    operation: "
                 "nn.Conv2d(1, 1, 3)\n",
                 wrong_captions[i].caption);
        cr_assert(load_text(text, &l, &f), "%s", f.error.message);
        cr_expect_not(lesson_check(&l, engine, &f), "accepted: %s", wrong_captions[i].caption);
        cr_expect(strstr(f.error.message, wrong_captions[i].message), "\"%s\" instead of \"%s\"", f.error.message,
                  wrong_captions[i].message);
        cr_expect_eq(f.line, 6, "the caption's line, not %d", f.line);
        lesson_destroy(&l);
    }
}

/* Of two languages, of notes, of things to try and of the question: the line that has to be mended. */
Test(lesson, a_wrong_text_is_told_with_its_own_line) {
    static const struct {
        const char *text;
        int line;
    } cases[] = {
        {"    caption:\n      en: c\n      zh: \"{nonsense}\"\n", 9},
        {"    caption: c\n    notes: \"{nonsense}\"\n", 8},
        {"    caption: c\ntries:\n  - t\n  - en: u\n    zh: \"{nonsense}\"\n", 11},
        {"    caption: c\nquestion:\n  kind: shape\n  ask: \"{nonsense}\"\n", 10},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[512];
        lesson l;
        failure f = {0};
        snprintf(text, sizeof text,
                 "id: a\nchapter: basics\ntitle: t\npages:\n  - title: t\n    operation: nn.Conv2d(1, 1, 3)\n%s",
                 cases[i].text);
        cr_assert(load_text(text, &l, &f), "%s", f.error.message);
        cr_expect_not(lesson_check(&l, engine, &f), "accepted: %s", text);
        cr_expect_eq(f.line, cases[i].line, "line %d instead of %d", f.line, cases[i].line);
        lesson_destroy(&l);
    }
}

Test(lesson, a_question_that_does_not_fit_is_told) {
    lesson l;
    failure f = {0};
    cr_assert(load_text("id: a\nchapter: basics\ntitle: t\npages:\n" GOOD_PAGE "question: {kind: overlap}\n", &l, &f));
    cr_expect_not(lesson_check(&l, engine, &f));
    cr_expect(strstr(f.error.message, "does not fit"), "%s", f.error.message);
    cr_expect_eq(f.line, 5);
    lesson_destroy(&l);
}

Test(lesson, placeholders_say_what_the_engine_has) {
    static const struct {
        const char *caption, *filled;
    } rows[] = {{"{in} {out} {weight}", "(2, 6, 5) (4, 2, 2) (4, 1, 3, 2)"},
                {"{c_in} {c_out} {groups} {group_in} {group_out}", "2 4 2 1 2"},
                {"{k_h} {k_w} {s} {k_area} {padded_h}", "3 2 2 6 6"},
                {"{params} = {weights} + {biases}", "28 = 24 + 4"},
                {"{macs} {macs / out_count}", "96 6"},
                {"{x[0,0]} {x[0,1]} {x[1,0,0]}", "0 1 30"},
                {"{taps} {tap_x[0]}x{tap_w[0]}", "6 0x1"},
                {"{(k_h + 1)^2 * 2 - 1}", "31"},
                {"{1000 * 1000}", "1,000,000"},
                {"{10 / 3} {10 / 3:2}", "3.333 3.3"},
                {"{{x}} [[input|x]]", "{x} [[input|x]]"},
                {"{out[0]} {weight[3]}", "4 2"},
                {"{never_read} {reads[0,0]}", "20 2"}};
    document d;
    failure f = {0};
    cr_assert(document_from_expression(&d, "nn.Conv2d(2, 4, (3, 2), stride=2, groups=2)",
                                       &(conv_shape){.rank = 3, .size = {2, 6, 5}}, &f));
    d.parts[0].input.kind = SOURCE_RAMP;
    d.parts[0].weights[0].kind = SOURCE_CONSTANT;
    d.parts[0].weights[0].value = 1;
    scene s;
    cr_assert(scene_open(&s, &d, engine, NULL, &f), "%s", f.error.message);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        cr_assert(lesson_fill(rows[i].caption, &s, (moment){0, 1}, LANGUAGE_EN, text, sizeof text, &f), "%s: %s",
                  rows[i].caption, f.error.message);
        cr_expect_str_eq(text, rows[i].filled, "%s gives \"%s\", not \"%s\"", rows[i].caption, text, rows[i].filled);
    }
    scene_close(&s);
    document_destroy(&d);
}

/* The n-th allocation fails, for every n: a failure is told, nothing is lost, and the next try works. */
Test(lesson, running_out_of_memory_is_told) {
    const char *path = lesson_list_find(&list, "small-objects")->path;
    bool loaded = false;
    for (long n = 1; !loaded && n < 20000; n += n < 200 ? 1 : 7) {
        lesson l;
        failure f = {0};
        memory_fail_at(n);
        loaded = lesson_load(path, &l, &f);
        const bool struck = memory_count() >= n;
        memory_fail_at(0);
        if (!loaded) cr_assert(f.error.message[0], "no word about allocation %ld", n);
        if (loaded) lesson_destroy(&l);
        loaded = loaded && !struck;
    }
    cr_expect(loaded);
    for (long n = 1; n < 120; n++) {
        lesson_list again;
        memory_fail_at(n);
        bool ok = lesson_list_load(SOURCE_DIR "/assets", &again, NULL);
        memory_fail_at(0);
        if (ok) lesson_list_destroy(&again);
    }
}
