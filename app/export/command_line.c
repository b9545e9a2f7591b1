/* The command line that does what an export does. */
#include "app/system/number.h"
#include "export.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct line {
    char *text;
    size_t size, used;
} line;

static void add(line *l, const char *format, ...) {
    va_list arguments;
    size_t room = l->used < l->size ? l->size - l->used : 0;
    va_start(arguments, format);
    int length = vsnprintf(room ? l->text + l->used : NULL, room, format, arguments);
    va_end(arguments);
    if (length > 0) l->used += (size_t)length;
}

/* A word of the shell: as it is when nothing in it means something there, else in single quotes. */
static void add_word(line *l, const char *word) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./%+:,=@";
    if (*word && strspn(word, plain) == strlen(word)) {
        add(l, "%s", word);
        return;
    }
    add(l, "'");
    for (; *word; word++) {
        if (*word == '\'')
            add(l, "'\\''");
        else
            add(l, "%c", *word);
    }
    add(l, "'");
}

static void add_number(line *l, const char *option, double value) {
    char number[40];
    add(l, " %s %s", option, number_write(value, 6, number, sizeof number));
}

static void add_steps(line *l, const export_settings *s) {
    if (!s->steps_given) return;
    add(l, " --steps ");
    if (s->first_given) add(l, "%lld", (long long)s->first);
    add(l, ":");
    if (s->last_given) add(l, "%lld", (long long)s->last);
}

static void add_document(line *l, const document *d) {
    static const char *const views[VIEW_COUNT] = {"slide", "matrix", "field", "cost", "engine"};
    if (!d) return;
    if (d->view != VIEW_SLIDE) add(l, " --view %s", views[d->view]);
    if (d->style == STYLE_ISOMETRIC) add(l, " --style isometric");
    if (d->labels) add(l, " --labels");
    if (d->blank_output) add(l, " --blank-output");
    if (d->answers) add(l, " --answers");
}

int export_command(const export_settings *s, const export_subject *subject, char *text, int size) {
    line l = {text, size > 0 ? (size_t)size : 0, 0};
    add(&l, "convscope render ");
    add_word(&l, subject->name);
    if (subject->input[0]) add(&l, " --input %s", subject->input);
    if (subject->page > 0) add(&l, " --page %d", subject->page);
    add(&l, " -o ");
    add_word(&l, s->output);
    if (s->format_given) add(&l, " --format %s", export_format_name(s->format));
    if (s->width > 0 && s->height > 0) add(&l, " --size %dx%d", s->width, s->height);
    if (s->scale > 0) add_number(&l, "--scale", s->scale);
    add_steps(&l, s);
    if (s->fps > 0) add_number(&l, "--fps", s->fps);
    if (s->step_time > 0) add_number(&l, "--step-time", s->step_time);
    if (s->theme != THEME_LIGHT) add(&l, " --theme %s", theme_get(s->theme)->name);
    add(&l, " --lang %s", language_code(s->language)); /* without it the locale would decide */
    add_document(&l, s->document);
    if (s->sheet[0] > 0) add(&l, " --sheet %dx%d", s->sheet[0], s->sheet[1]);
    if (s->shard[1] > 0) add(&l, " --shard %d/%d", s->shard[0], s->shard[1]);
    if (s->transparent) add(&l, " --transparent");
    if (s->no_caption) add(&l, " --no-caption");
    if (s->crop) add(&l, " --crop");
    if (s->reduced_motion) add(&l, " --reduced-motion");
    if (s->threads > 0) add(&l, " --threads %d", s->threads);
    return (int)l.used;
}
