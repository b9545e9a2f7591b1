/* convscope lessons: the table of contents; and the check of one lesson file. */
#include "app/document/lesson.h"
#include "app/system/json.h"
#include "app/system/memory.h"
#include "command.h"

#include <string.h>

typedef struct lessons_options {
    const char *check;
} lessons_options;

static const option options[] = {
    {.name = "check",
     .kind = OPTION_TEXT,
     .offset = offsetof(lessons_options, check),
     .value = N_("FILE"),
     .help = N_("reads that lesson, plays it and tells in plain words what is wrong with it")},
    {0}};

static void write_json(const lesson_list *list, language l) {
    json j = json_begin(stdout);
    json_array(&j, NULL);
    for (int i = 0; i < list->count; i++) {
        const lesson_entry *entry = &list->entries[i];
        json_object(&j, NULL);
        json_text(&j, "id", entry->id);
        json_text(&j, "chapter", entry->chapter);
        json_text(&j, "chapter_title", phrase_text(&entry->chapter_title, l));
        json_text(&j, "title", phrase_text(&entry->title, l));
        json_integer(&j, "pages", entry->pages);
        json_close(&j);
    }
    json_close(&j);
    json_end(&j);
}

static void write_list(const lesson_list *list, language l) {
    int width = 0;
    const char *chapter = "";
    for (int i = 0; i < list->count; i++) {
        int length = (int)strlen(list->entries[i].id);
        if (length > width) width = length;
    }
    for (int i = 0; i < list->count; i++) {
        const lesson_entry *entry = &list->entries[i];
        if (strcmp(chapter, entry->chapter) != 0)
            printf("%s%s\n", i ? "\n" : "", phrase_text(&entry->chapter_title, l));
        chapter = entry->chapter;
        printf("  %-*s  %s\n", width, entry->id, phrase_text(&entry->title, l));
    }
}

/* Whether the lesson's chapter is one of the list. */
static bool check_chapter(const command_line *line, const lesson *l, failure *f) {
    lesson_list list;
    bool known = false;
    if (!line->assets[0] || !lesson_list_load(line->assets, &list, NULL)) return true;
    for (int i = 0; i < list.count; i++) known = known || strcmp(list.entries[i].chapter, l->chapter) == 0;
    lesson_list_destroy(&list);
    if (known) return true;
    fail(f, N_("there is no chapter \"{0}\": chapters.yaml beside the lessons lists them"), "s", l->chapter);
    return fail_in(f, l->path);
}

static exit_status check(const command_line *line, const char *path) {
    lesson l;
    failure f;
    conv_engine *engine;
    conv_error error;
    conv_engine_options settings;
    if (!lesson_load(path, &l, &f)) return command_fail(line, &f, NULL);
    conv_engine_defaults(&settings);
    settings.threads = line->threads;
    settings.allocator = memory_allocator();
    bool ok = conv_engine_create(&settings, &engine, &error) == CONV_OK;
    if (!ok) {
        fail_engine(&f, &error);
    } else {
        ok = check_chapter(line, &l, &f) && lesson_check(&l, engine, &f);
        conv_engine_destroy(engine);
    }
    char text[256];
    tr_format(line->language, text, (int)sizeof text, N_("{0}: {1} pages, nothing wrong"), "sd", l.id,
              (int64_t)l.page_count);
    lesson_destroy(&l);
    if (!ok) return command_fail(line, &f, NULL);
    if (line->json) {
        json j = json_begin(stdout);
        json_object(&j, NULL);
        json_bool(&j, "ok", true);
        json_close(&j);
        json_end(&j);
    } else {
        printf("%s\n", text);
    }
    return EXIT_DONE;
}

static exit_status run(const command_line *line) {
    const lessons_options *o = line->values;
    lesson_list list = {0};
    failure f;
    if (o->check) return check(line, o->check);
    if (!line->assets[0]) {
        fail(&f, N_("the program's assets folder is missing: set CONVSCOPE_ASSETS to it"), "");
        return command_fail(line, &f, NULL);
    }
    if (!lesson_list_load(line->assets, &list, &f)) return command_fail(line, &f, NULL);
    if (line->json)
        write_json(&list, line->language);
    else
        write_list(&list, line->language);
    lesson_list_destroy(&list);
    return EXIT_DONE;
}

const command command_lessons = {
    .name = "lessons",
    .usage = N_("[--check FILE]"),
    .summary = N_("Lists the lessons by chapter."),
    .details =
        N_("`open ID` plays a lesson, `render ID -o FILE` makes pictures of it. A lesson is a text file that can be "
           "copied and changed; --check tells whether one is right."),
    .examples = "convscope lessons\n"
                "convscope lessons --json --lang zh\n"
                "convscope lessons --check my-lesson.yaml",
    .options = options,
    .values_size = sizeof(lessons_options),
    .least = 0,
    .most = 0,
    .json = true,
    .run = run,
};
