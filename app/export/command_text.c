/* The command line that does what the settings say. */
#include "app/figure/theme.h"
#include "app/surface/text_buffer.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "export.h"

#include <stdio.h>
#include <string.h>

/* As a shell reads it back. */
static void put_quoted(text_buffer *b, const char *text) {
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./%+,:=@";
    buffer_put(b, " ");
    if (*text && text[strspn(text, plain)] == 0) {
        buffer_put(b, text);
        return;
    }
    buffer_put(b, "'");
    for (const char *c = text; *c; c++) {
        if (*c == '\'')
            buffer_put(b, "'\\''");
        else
            buffer_bytes(b, c, 1);
    }
    buffer_put(b, "'");
}

static void put_pair(text_buffer *b, const char *name, int first, char separator, int second) {
    char text[64];
    snprintf(text, sizeof text, " --%s %d%c%d", name, first, separator, second);
    buffer_put(b, text);
}

static void put_real(text_buffer *b, const char *name, double value) {
    char text[64];
    if (value <= 0) return;
    buffer_put(b, name);
    buffer_put(b, number_write_double(value, text, sizeof text));
}

static void put_view(text_buffer *b, const document *d) {
    static const char *const views[VIEW_COUNT] = {"slide", "matrix", "field", "cost", "engine"};
    if (d->view != VIEW_SLIDE) put_quoted(b, "--view"), put_quoted(b, views[d->view]);
    if (d->style == STYLE_ISOMETRIC) buffer_put(b, " --style isometric");
    if (d->labels) buffer_put(b, " --labels");
    if (d->blank_output) buffer_put(b, " --blank-output");
    if (d->answers) buffer_put(b, " --answers");
    if (d->lesson) buffer_integer(b, " --page ", d->page + 1);
}

static void put_steps(text_buffer *b, const export_settings *s) {
    if (!s->steps_given) return;
    buffer_put(b, " --steps ");
    if (s->first_given) buffer_integer(b, "", s->first);
    buffer_put(b, ":");
    if (s->last_given) buffer_integer(b, "", s->last);
}

int export_command(const export_settings *s, const char *subject, char *text, int size) {
    static const struct {
        size_t member;
        const char *name;
    } flags[] = {{offsetof(export_settings, transparent), " --transparent"},
                 {offsetof(export_settings, no_caption), " --no-caption"},
                 {offsetof(export_settings, crop), " --crop"},
                 {offsetof(export_settings, reduced_motion), " --reduced-motion"}};
    text_buffer b = {0};
    buffer_put(&b, "convscope render");
    put_quoted(&b, subject);
    buffer_put(&b, " -o");
    put_quoted(&b, s->output);
    if (s->format_given) buffer_put(&b, " --format "), buffer_put(&b, export_format_name(s->format));
    if (s->width > 0) put_pair(&b, "size", s->width, 'x', s->height);
    put_real(&b, " --scale ", s->scale);
    put_real(&b, " --fps ", s->fps);
    put_real(&b, " --step-time ", s->step_time);
    put_steps(&b, s);
    if (s->document) put_view(&b, s->document);
    if (s->theme != THEME_LIGHT) buffer_put(&b, " --theme "), buffer_put(&b, theme_get(s->theme)->name);
    buffer_put(&b, " --lang ");
    buffer_put(&b, language_code(s->language));
    for (size_t k = 0; k < sizeof flags / sizeof flags[0]; k++)
        if (*((const bool *)s + flags[k].member)) buffer_put(&b, flags[k].name);
    if (s->sheet[0] > 0) put_pair(&b, "sheet", s->sheet[0], 'x', s->sheet[1]);
    if (s->shard[1] > 0) put_pair(&b, "shard", s->shard[0], '/', s->shard[1]);
    if (s->threads > 0) buffer_integer(&b, " --threads ", s->threads);
    int needed = (int)b.count;
    if (size > 0) snprintf(text, (size_t)size, "%s", b.text ? b.text : "");
    memory_free(b.text);
    return needed;
}
