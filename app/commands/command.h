/* The commands of the program, and what they have in common. Each command is one row: its words and its table of
 * options. */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include "options.h"

typedef enum exit_status { EXIT_DONE = 0, EXIT_COULD_NOT = 1, EXIT_WRONG_USAGE = 2 } exit_status;

struct command_line;

typedef struct command {
    const char *name;
    const char *usage;     /* what follows the name: "EXPR --input 32,64,28,28" */
    const char *summary;   /* one line, translatable */
    const char *details;   /* paragraphs, translatable; or NULL */
    const char *examples;  /* lines of shell, not translated; or NULL */
    const option *options; /* ended by a row without a name; beside the common ones */
    size_t values_size;    /* bytes of the structure that the options are stored in */
    int least, most;       /* how many arguments beside options */
    bool json;             /* takes --json */
    exit_status (*run)(const struct command_line *line);
} command;

/* What was typed. */
typedef struct command_line {
    const command *command;
    const void *values; /* values_size bytes: zeros where an option was not given */
    const char *const *arguments;
    int argument_count;
    /* Common options. */
    language language; /* --lang; else from LC_ALL, LC_MESSAGES, LANG */
    bool language_given;
    int threads; /* --threads; 0: the cores this process may use */
    bool json;
    const char *assets; /* the assets folder */
} command_line;

extern const command command_open, command_lessons, command_explain, command_run, command_render, command_bench;

/* Reads the line and runs the command: the whole program. */
exit_status command_main(int argc, char **argv);

/* Says a failure on stderr, in the line's language: "convscope: PATH: SENTENCE"; with a place in `text` the line of it
 * and a caret under the column follow (text NULL: the place is told as numbers). Returns EXIT_COULD_NOT. */
exit_status command_fail(const command_line *line, const failure *f, const char *text);

/* The same for what is wrong with the line itself: adds where to find help. Returns EXIT_WRONG_USAGE. */
exit_status command_misuse(const command_line *line, const failure *f);

/* Says a remark on stderr; arguments as in fail(). */
void command_note(const command_line *line, const char *english, const char *kinds, ...);

#endif
