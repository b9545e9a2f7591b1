/* Export as the dialog and the command use it: what it refuses, how it is stopped, the command line it names. */
#include "app/export/export.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path[128];
static document shown;
static fonts *typefaces;

static void set_up(void) {
    snprintf(folder, sizeof folder, "/tmp/convscope-export-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    conv_shape shape = {.rank = 3, .size = {1, 5, 5}};
    failure f;
    cr_assert(document_from_expression(&shown, "nn.Conv2d(1, 1, 3)", &shape, &f), "%s", f.error.message);
    cr_assert(fonts_create(&typefaces, NULL));
}

static void clean_up(void) {
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    cr_assert_eq(system(command), 0);
    document_destroy(&shown);
    fonts_destroy(typefaces);
}

TestSuite(export, .init = set_up, .fini = clean_up);

static export_settings settings(const char *name) {
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return (export_settings){
        .document = &shown, .output = path, .width = 120, .height = 90, .fps = 5, .threads = 2, .typefaces = typefaces};
}

static int files_in_folder(void) {
    int count = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e = readdir(d); e; e = readdir(d)) count += e->d_name[0] != '.' || strlen(e->d_name) > 2;
    closedir(d);
    return count;
}

typedef struct listener {
    int64_t calls, last, total, stop_at; /* -1: never */
} listener;

static bool listen_to(void *context, int64_t done, int64_t total) {
    listener *l = context;
    cr_assert(done >= l->last && done <= total);
    l->calls++;
    l->last = done;
    l->total = total;
    return l->stop_at < 0 || done < l->stop_at;
}

Test(export, tells_how_far_it_is) {
    static const char *const names[] = {"a.png", "a.svg", "a.pdf", "a.gif", "%03d.png"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        listener l = {.stop_at = -1};
        failure f = {0};
        export_settings s = settings(names[k]);
        s.progress = listen_to;
        s.progress_context = &l;
        cr_assert(export_run(&s, &f), "%s: %s", names[k], f.error.message);
        cr_assert(l.calls >= 2 && l.last == l.total, "%s", names[k]);
    }
}

Test(export, stops_when_told_and_leaves_nothing_half_written) {
    static const char *const names[] = {"a.png", "a.gif", "a.pdf"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++) {
        for (int64_t at = 0; at < (k == 1 ? 20 : 1); at += 7) {
            listener l = {.stop_at = at};
            failure f = {0};
            export_settings s = settings(names[k]);
            s.progress = listen_to;
            s.progress_context = &l;
            cr_assert_not(export_run(&s, &f));
            cr_assert_str_eq(f.error.message, "stopped");
            cr_assert_eq(files_in_folder(), 0, "%s stopped at %lld", names[k], (long long)at);
        }
    }
}

Test(export, a_sequence_that_fails_takes_its_frames_back) {
    export_settings s = settings("%03d.png");
    char blocked[160];
    failure f = {0};
    snprintf(blocked, sizeof blocked, "%s/020.png", folder);
    cr_assert_eq(mkdir(blocked, 0777), 0); /* frame 20 cannot be written: a folder is in its place */
    cr_assert_not(export_run(&s, &f));
    cr_assert_not_null(strstr(f.path, "020.png"));
    cr_assert_eq(files_in_folder(), 1, "only the folder is left");
}

Test(export, refuses_what_makes_no_picture) {
    static const struct {
        const char *name, *word;
        export_settings with;
    } cases[] = {
        {"a.bmp", ".png", {.width = 10, .height = 10}},
        {"a", ".png", {.width = 10, .height = 10}},
        {"%d.gif", "holds all frames", {.width = 10, .height = 10}},
        {"%d-%d.png", "once", {.width = 10, .height = 10}},
        {"a.png", "16384", {.width = 0, .height = 10}},
        {"a.png", "16384", {.width = 10, .height = 20000}},
        {"a.png", "16384", {.width = 9000, .height = 9000, .scale = 2}},
        {"a.png", "in all", {.width = 16000, .height = 16000}},
        {"a.png", "9 steps", {.width = 10, .height = 10, .steps_given = true, .first_given = true, .first = 9}},
        {"a.png", "9 steps", {.width = 10, .height = 10, .steps_given = true, .first_given = true, .first = -10}},
        {"a.png", "9 steps", {.width = 10, .height = 10, .steps_given = true, .last_given = true, .last = 10}},
        {"a.png",
         "empty",
         {.width = 10,
          .height = 10,
          .steps_given = true,
          .first_given = true,
          .first = 3,
          .last_given = true,
          .last = 3}},
        {"a.gif", "hundredths", {.width = 10, .height = 10, .fps = 51}},
        {"a.gif", "shards", {.width = 10, .height = 10, .shard = {1, 2}}},
        {"a.gif", "still", {.width = 10, .height = 10, .sheet = {2, 2}}},
        {"a.mp4", "transparency", {.width = 10, .height = 10, .transparent = true}},
        {"a.gif", "more than 10000", {.width = 10, .height = 10, .step_time = 100, .fps = 30}},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        export_settings s = cases[k].with;
        failure f = {0};
        snprintf(path, sizeof path, "%s/%s", folder, cases[k].name);
        s.document = &shown;
        s.output = path;
        s.typefaces = typefaces;
        cr_assert_not(export_run(&s, &f), "case %zu", k);
        cr_assert_not_null(strstr(f.error.message, cases[k].word), "case %zu says '%s'", k, f.error.message);
        cr_assert_eq(files_in_folder(), 0, "case %zu", k);
    }
}

Test(export, odd_and_tiny_sizes_are_drawn) {
    static const int sizes[][2] = {{1, 1}, {7, 300}, {300, 7}, {33, 35}};
    static const char *const names[] = {"a.png", "a.svg", "a.pdf", "a.gif"};
    for (size_t k = 0; k < 4; k++) {
        for (size_t n = 0; n < 4; n++) {
            failure f = {0};
            export_settings s = settings(names[n]);
            s.width = sizes[k][0];
            s.height = sizes[k][1];
            s.fps = 1;
            s.crop = n % 2;
            cr_assert(export_run(&s, &f), "%s at %dx%d: %s", names[n], s.width, s.height, f.error.message);
        }
    }
}

Test(export, negative_steps_count_from_the_end) {
    char other[160], *a, *b;
    size_t a_size, b_size;
    export_settings s = settings("a.png");
    s.steps_given = s.first_given = s.last_given = true;
    s.first = -3;
    s.last = -2;
    cr_assert(export_run(&s, NULL));
    snprintf(other, sizeof other, "%s/b.png", folder);
    s.output = other;
    s.first = 6;
    s.last = 7;
    cr_assert(export_run(&s, NULL));
    cr_assert(file_load(path, 1 << 20, &a, &a_size, NULL) && file_load(other, 1 << 20, &b, &b_size, NULL));
    cr_assert(a_size == b_size && memcmp(a, b, a_size) == 0);
    memory_free(a);
    memory_free(b);
}

Test(export, names_the_command_that_does_the_same) {
    char text[512];
    export_settings s = {.document = &shown,
                         .output = "my figure.gif",
                         .width = 640,
                         .height = 480,
                         .fps = 12.5,
                         .theme = THEME_DARK,
                         .language = LANGUAGE_ZH,
                         .steps_given = true,
                         .first_given = true,
                         .first = 3,
                         .transparent = true,
                         .crop = true};
    shown.style = STYLE_ISOMETRIC;
    shown.view = VIEW_MATRIX;
    export_subject subject = {.name = "nn.Conv2d(1, 1, 3, padding_mode='reflect')", .input = "1,5,5"};
    int length = export_command(&s, &subject, text, sizeof text);
    cr_assert_str_eq(
        text, "convscope render 'nn.Conv2d(1, 1, 3, padding_mode='\\''reflect'\\'')' --input 1,5,5 -o 'my figure.gif' "
              "--size 640x480 "
              "--steps 3: --fps 12.5 --theme dark --lang zh --view matrix --style isometric --transparent --crop");
    cr_assert_eq(length, (int)strlen(text));
    char small[20];
    cr_assert_eq(export_command(&s, &subject, small, sizeof small), length);
    cr_assert_eq(strlen(small), 19);
}

Test(export, says_when_memory_ran_out) {
    export_settings s = settings("a.png");
    s.threads = 1;
    s.typefaces = NULL;
    failure f = {0};
    memory_fail_at(0);
    cr_assert(export_run(&s, &f), "%s", f.error.message);
    unlink(path);
    long needed = memory_count(), step = needed / 60 + 1;
    for (long n = 1; n <= needed; n += step) {
        f = (failure){0};
        memory_fail_at(n);
        bool ok = export_run(&s, &f);
        memory_fail_at(0);
        if (ok) { /* done without: a cache that stayed empty */
            unlink(path);
            continue;
        }
        cr_assert(f.error.message[0] != 0, "allocation %ld of %ld failed without a word", n, needed);
        cr_assert_eq(files_in_folder(), 0, "allocation %ld", n);
    }
}
