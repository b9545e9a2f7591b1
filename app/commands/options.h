/* Options of the command line, read by a table. `--name value` and `--name=value`; `--` ends them; they may stand after
 * arguments. A command declares a plain structure, and one row for each member:
 *
 *     struct render { const char *output; int64_t size[2]; bool crop; };
 *     static const option options[] = {
 *         {.name = "output", .letter = 'o', .kind = OPTION_TEXT, .offset = offsetof(struct render, output), .value =
 * N_("FILE"), .help = N_("where the picture goes"), .required = true},
 *         {.name = "size", .kind = OPTION_PAIR, .separator = 'x', .offset = offsetof(struct render, size), .value =
 * N_("WxH"), .help = N_("pixels"), .least = 1, .most = 16384}, {0}};
 */
#ifndef COMMANDS_OPTIONS_H
#define COMMANDS_OPTIONS_H

#include "app/language/language.h"
#include "app/system/failure.h"
#include <stddef.h>
#include <stdio.h>

typedef enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_TEXT,    /* const char *: the argument itself; NULL when not given */
    OPTION_INTEGER, /* int64_t in [least, most] */
    OPTION_REAL,    /* double in [least, most] */
    OPTION_BYTES,   /* int64_t in [least, most]; with K, M, G, T for powers of 1024 */
    OPTION_PAIR,    /* int64_t[2], each in [least, most], with `separator` between: 1280x720, 2/8 */
    OPTION_RANGE,   /* option_range: A:B as in Python, either end may be absent */
    OPTION_CHOICE   /* int: 1 + index in choices, so that 0 is "not given" */
} option_kind;

/* Half-open; negative numbers count from the end as in Python. */
typedef struct option_range {
    bool given, has_first, has_last;
    int64_t first, last;
} option_range;

typedef struct option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    option_kind kind;
    size_t offset;              /* of the member */
    const char *value;          /* name of the value in the help, translatable; NULL for flags */
    const char *help;           /* translatable */
    double least, most;         /* both 0: no bound */
    const char *const *choices; /* ended by NULL */
    char separator;             /* PAIR */
    bool required;
    ptrdiff_t
        given; /* offset of a bool that is set when the option was given; 0: none (it cannot be the first member) */
} option;

/* Reads words [0, count) into `values` (zeroed by the caller) and the other arguments into `arguments` (room for
 * count). Two tables: the command's, and the common options with their own values. */
bool options_read(const option *own, void *own_values, const option *common, void *common_values, char *const *words,
                  int count, const char **arguments, int *argument_count, failure *f);

/* The required options that are missing: false, and the failure names the first. */
bool options_complete(const option *own, const void *values, failure *f);

/* Where the first word is that is neither an option nor the value of a common one; -1: nowhere. */
int options_first_argument(const option *common, char *const *words, int count);

/* The name that is nearest to a misspelt one, or NULL when none is near. */
const char *options_nearest(const char *name, const char *const *names, int count);

/* Writes the help lines of a table, aligned, in that language. */
void options_help(const option *own, language l, FILE *stream);

/* How many columns of a terminal a text takes (Chinese characters take two); and the text broken into lines of `width`
 * columns, all but the first indented. */
int text_columns(const char *text, size_t length);
void text_wrap(FILE *stream, const char *text, int indent, int width);

#endif
