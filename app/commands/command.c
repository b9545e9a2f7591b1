#include "command.h"

#include "app/system/assets.h"
#include "app/system/memory.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SENTENCE_BYTES = 1024, HELP_WIDTH = 100, MAX_THREADS = 256 };

static const command *const commands[] = {&command_open, &command_lessons, &command_explain,
                                          &command_run,  &command_render,  &command_bench};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static const char *const language_names[] = {"en", "zh", NULL};

typedef struct common_options {
    int lang;
    int64_t threads;
    bool help, version, json;
} common_options;

/* Those that every command takes; --json, the last, only some. */
static const option common_table[] = {{.name = "lang",
                                       .kind = OPTION_CHOICE,
                                       .offset = offsetof(common_options, lang),
                                       .value = "en|zh",
                                       .help = N_("language; else from LC_ALL, LC_MESSAGES or LANG"),
                                       .choices = language_names},
                                      {.name = "threads",
                                       .kind = OPTION_INTEGER,
                                       .offset = offsetof(common_options, threads),
                                       .value = "N",
                                       .help = N_("threads of the engine; else the cores this process may use"),
                                       .least = 1,
                                       .most = MAX_THREADS},
                                      {.name = "help",
                                       .letter = 'h',
                                       .kind = OPTION_FLAG,
                                       .offset = offsetof(common_options, help),
                                       .help = N_("shows this help")},
                                      {.name = "version",
                                       .kind = OPTION_FLAG,
                                       .offset = offsetof(common_options, version),
                                       .help = N_("shows the version")},
                                      {.name = "json",
                                       .kind = OPTION_FLAG,
                                       .offset = offsetof(common_options, json),
                                       .help = N_("writes the result as JSON")},
                                      {0}};

enum { COMMON_COUNT = sizeof common_table / sizeof *common_table, JSON_ROW = COMMON_COUNT - 2 };

/* ---- saying what went wrong ---- */

/* On a terminal: what a stranger's file has in its name, or in a text that is quoted, must not steer it. */
static void show(const char *text, size_t length) {
    size_t shown = 0;
    for (size_t i = 0; i < length; i++) {
        const unsigned char c = (unsigned char)text[i], next = i + 1 < length ? (unsigned char)text[i + 1] : 0;
        const bool two = c == 0xC2 && next >= 0x80 && next < 0xA0; /* U+0080 to U+009F */
        if ((c >= 0x20 || c == '\t') && c != 0x7F && !two) continue;
        fwrite(text + shown, 1, i - shown, stderr);
        fputc('?', stderr);
        i += two;
        shown = i + 1;
    }
    if (shown < length) fwrite(text + shown, 1, length - shown, stderr);
}

/* The line of a text that a place lies in, and a caret under its column. */
static void show_place(const char *text, int line, int column) {
    for (int i = 1; i < line && *text; i++) {
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    size_t length = strcspn(text, "\r\n");
    fputs("    ", stderr);
    show(text, length);
    fputs("\n    ", stderr);
    size_t at = 0;
    for (int i = 1; i < column && at < length; i++) {
        size_t next = at + 1;
        while (((unsigned char)text[next] & 0xC0) == 0x80) next++;
        int columns = text_columns(text + at, next - at);
        fprintf(stderr, "%s", text[at] == '\t' ? "\t" : columns == 2 ? "  " : " ");
        at = next;
    }
    fprintf(stderr, "^\n");
}

static void say(const command_line *line, const failure *f, const char *text) {
    char sentence[SENTENCE_BYTES];
    failure_text(line->language, f, sentence, (int)sizeof sentence);
    fprintf(stderr, "convscope: ");
    show(f->path, strlen(f->path));
    if (f->path[0]) fputs(": ", stderr);
    if (f->line > 0 && !text) fprintf(stderr, "%d:", f->line);
    if (f->line > 0 && !text && f->column > 0) fprintf(stderr, "%d:", f->column);
    if (f->line > 0 && !text) fprintf(stderr, " ");
    show(sentence, strlen(sentence));
    fputc('\n', stderr);
    if (f->line > 0 && text) show_place(text, f->line, f->column);
}

exit_status command_fail(const command_line *line, const failure *f, const char *text) {
    say(line, f, text);
    return EXIT_COULD_NOT;
}

exit_status command_misuse(const command_line *line, const failure *f) {
    char hint[256];
    say(line, f, NULL);
    const char *name = line->command ? line->command->name : "";
    char shown[64];
    snprintf(shown, sizeof shown, "convscope %s%s--help", name, *name ? " " : "");
    tr_format(line->language, hint, (int)sizeof hint, N_("'{0}' shows how it is used"), "s", shown);
    fprintf(stderr, "convscope: %s\n", hint);
    return EXIT_WRONG_USAGE;
}

void command_note(const command_line *line, const char *english, const char *kinds, ...) {
    char sentence[SENTENCE_BYTES];
    conv_arg args[CONV_MAX_ARGS];
    va_list list;
    va_start(list, kinds);
    int count = failure_arguments(args, kinds, list);
    va_end(list);
    conv_format(sentence, (int)sizeof sentence, tr(line->language, english), args, count);
    fputs("convscope: ", stderr);
    show(sentence, strlen(sentence));
    fputc('\n', stderr);
}

/* ---- help ---- */

static void show_paragraphs(const char *text) {
    while (*text) {
        size_t length = strcspn(text, "\n");
        char paragraph[2048];
        snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
        if (length)
            text_wrap(stdout, paragraph, 0, HELP_WIDTH);
        else
            printf("\n");
        text += length + (text[length] == '\n');
    }
}

static void show_examples(language l, const char *examples) {
    printf("\n%s\n", tr(l, N_("Examples:")));
    while (*examples) {
        size_t length = strcspn(examples, "\n");
        printf("  %.*s\n", (int)length, examples);
        examples += length + (examples[length] == '\n');
    }
}

static void show_common(const command_line *line, bool json) {
    option rows[COMMON_COUNT];
    memcpy(rows, common_table, sizeof rows);
    if (!json) rows[JSON_ROW] = (option){0};
    options_help(rows, line->language, stdout);
}

static exit_status show_help(const command_line *line) {
    const command *c = line->command;
    printf("%s convscope %s %s\n\n", tr(line->language, N_("Usage:")), c->name, tr(line->language, c->usage));
    show_paragraphs(tr(line->language, c->summary));
    if (c->details) {
        printf("\n");
        show_paragraphs(tr(line->language, c->details));
    }
    printf("\n%s\n", tr(line->language, N_("Options:")));
    if (c->options) options_help(c->options, line->language, stdout);
    show_common(line, c->json);
    if (c->examples) show_examples(line->language, c->examples);
    return EXIT_DONE;
}

static exit_status show_overview(const command_line *line) {
    const language l = line->language;
    printf("%s convscope [%s] [...]\n\n", tr(l, N_("Usage:")), tr(l, N_("COMMAND")));
    show_paragraphs(tr(l, N_("Shows every convolution of deep learning happening, number by number, computed by a real "
                             "engine. Without a command the window opens.")));
    printf("\n%s\n", tr(l, N_("Commands:")));
    for (int i = 0; i < COMMAND_COUNT; i++) {
        printf("  %-10s", commands[i]->name);
        text_wrap(stdout, tr(l, commands[i]->summary), 12, HELP_WIDTH);
    }
    printf("\n%s\n", tr(l, N_("Options of all commands:")));
    show_common(line, false);
    show_examples(l, "convscope open 'nn.Conv2d(1, 1, 3, stride=2, padding=1)'\n"
                     "convscope explain 'nn.Conv2d(64, 128, 3, groups=4)' --input 32,64,28,28\n"
                     "convscope run 'nn.Conv2d(3, 8, 3)' --input x.npy --weight w.npy --bias b.npy --output y.npy\n"
                     "convscope render transposed -o transposed.gif\n"
                     "convscope run --help");
    return EXIT_DONE;
}

/* ---- running ---- */

static language language_of_environment(void) {
    static const char *const variables[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        language l;
        if (!value || !*value) continue;
        return language_find(value, &l) ? l : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

/* The language comes first: what is wrong with the rest is said in it. */
static language language_of_words(char *const *words, int count) {
    language l = language_of_environment();
    for (int i = 0; i < count && words[i] && strcmp(words[i], "--") != 0; i++) {
        const char *value = NULL;
        if (strcmp(words[i], "--lang") == 0 && i + 1 < count) value = words[i + 1];
        if (strncmp(words[i], "--lang=", 7) == 0) value = words[i] + 7;
        if (value) language_find(value, &l);
    }
    return l;
}

static const command *command_find(const char *name) {
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (strcmp(commands[i]->name, name) == 0) return commands[i];
    }
    return NULL;
}

static exit_status refuse_command(const command_line *line, const char *word) {
    const char *names[COMMAND_COUNT];
    failure f;
    for (int i = 0; i < COMMAND_COUNT; i++) names[i] = commands[i]->name;
    const char *nearest = options_nearest(word, names, COMMAND_COUNT);
    if (nearest)
        fail(&f, N_("there is no command {0}: do you mean {1}?"), "ss", word, nearest);
    else if (strchr(word, '('))
        fail(&f, N_("to see an expression, write: convscope open '{0}'"), "s", word);
    else
        fail(&f, N_("there is no command {0}"), "s", word);
    return command_misuse(line, &f);
}

/* Reads the words of a command into `values` and runs it. */
static exit_status run_words(command_line *line, char *const *words, int count, void *values, const char **arguments) {
    const command *c = line->command;
    common_options common = {0};
    option table[COMMON_COUNT];
    failure f;
    memcpy(table, common_table, sizeof table);
    if (c && !c->json) table[JSON_ROW] = (option){0};
    if (!options_read(c ? c->options : NULL, values, table, &common, words, count, arguments, &line->argument_count,
                      &f)) {
        return command_misuse(line, &f);
    }
    if (common.version) {
        printf("convscope %s\n", CONVSCOPE_VERSION);
        return EXIT_DONE;
    }
    if (common.help) return c ? show_help(line) : show_overview(line);
    line->language_given = common.lang != 0;
    line->threads = (int)common.threads;
    line->json = common.json;
    line->arguments = arguments;
    line->values = values;
    if (!c) return show_overview(line);
    if (line->argument_count < c->least || line->argument_count > c->most) {
        bool few = line->argument_count < c->least;
        fail(&f, few ? N_("{0} needs more: {1}") : N_("{0} takes less: {1}"), "ss", c->name, c->usage);
        return command_misuse(line, &f);
    }
    if (c->options && !options_complete(c->options, values, &f)) return command_misuse(line, &f);
    return c->run(line);
}

/* What was written to stdout must have arrived. */
static exit_status finish_output(const command_line *line, exit_status status) {
    failure f;
    errno = 0;
    if (fflush(stdout) == 0 && !ferror(stdout)) return status;
    int code = errno ? errno : EIO;
    if (code != EPIPE) {
        fail_system(&f, "stdout", code);
        say(line, &f, NULL);
    }
    return status == EXIT_DONE ? EXIT_COULD_NOT : status;
}

exit_status command_main(int argc, char **argv) {
    char assets[4096] = "";
    failure f;
    int count = argc > 0 ? argc - 1 : 0;
    char *const *words = argv + 1;
    signal(SIGPIPE, SIG_IGN); /* a pipe that closed is an error like others, */
    signal(SIGXFSZ, SIG_IGN); /* and a file that may not grow */
    command_line line = {.language = language_of_words(words, count), .assets = assets};
    if (!assets_find(assets, sizeof assets, &f) || !language_load(assets, &f)) {
        if (assets[0]) command_note(&line, "{0}", "s", f.error.message);
    }
    int at = options_first_argument(common_table, words, count);
    char **rest = memory_resize(NULL, (size_t)count + 1, sizeof *rest);
    const char **arguments = memory_resize(NULL, (size_t)count + 1, sizeof *arguments);
    exit_status status = EXIT_COULD_NOT;
    if (!rest || !arguments) {
        fail_memory(&f);
        command_fail(&line, &f, NULL);
    } else if (at >= 0 && !(line.command = command_find(words[at]))) {
        status = refuse_command(&line, words[at]);
    } else {
        if (at < 0) line.command = command_find("open");
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (i != at) rest[kept++] = words[i];
        }
        bool plain = at < 0;
        size_t size = line.command ? line.command->values_size : 0;
        void *values = memory_zeroed(1, size ? size : 1);
        if (!values) {
            fail_memory(&f);
            command_fail(&line, &f, NULL);
        } else {
            if (plain && kept == 1 && (strcmp(rest[0], "--help") == 0 || strcmp(rest[0], "-h") == 0))
                line.command = NULL;
            status = run_words(&line, rest, kept, values, arguments);
        }
        memory_free(values);
    }
    status = finish_output(&line, status);
    memory_free(arguments);
    memory_free(rest);
    language_unload();
    return status;
}
