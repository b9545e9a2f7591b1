/* What went wrong, for a person: one line in the reader's language, and for text that was typed, where. */
#ifndef SYSTEM_FAILURE_H
#define SYSTEM_FAILURE_H

#include "conv/error.h"
#include <stdarg.h>
#include <stdbool.h>

typedef struct failure {
    conv_error error; /* format and args: the sentence, translatable; error.message: it in English */
    int line, column; /* in a text that was read: from 1, columns in characters (code points); 0: not in a text */
    char path[512];   /* the file it is about; "" for none */
} failure;

/* Fills *f (NULL is allowed) and returns false, for `return fail(f, "...", ...)`. `kinds` has one letter for each
 * argument that follows: 'd' int64_t, 'g' double, 's' const char *. The format uses {0}, {1}, ... and is an English
 * string constant that stands in the translations: a clause in lower case without a full stop, for it is read after the
 * program's name or a place in a file. */
bool fail(failure *f, const char *format, const char *kinds, ...);
bool fail_engine(failure *f, const conv_error *error);

/* The usual ones: memory ran out; the system refused (an errno value) what was to be done with `path`. */
bool fail_memory(failure *f);
bool fail_system(failure *f, const char *path, int code);

/* Reads the arguments that `kinds` names into `args` (room for CONV_MAX_ARGS). Returns how many. */
int failure_arguments(conv_arg *args, const char *kinds, va_list list);

/* Say where: add a place or a file to a failure that is there already. Return false. */
bool fail_at(failure *f, int line, int column);
bool fail_in(failure *f, const char *path);

/* A compiler sees one file at a time: this lets it see at each call that they return false. */
static inline bool failure_false(bool returned) {
    (void)returned;
    return false;
}
#define fail(...) failure_false((fail)(__VA_ARGS__))
#define fail_engine(f, error) failure_false((fail_engine)(f, error))
#define fail_memory(f) failure_false((fail_memory)(f))
#define fail_system(f, path, code) failure_false((fail_system)(f, path, code))
#define fail_at(f, line, column) failure_false((fail_at)(f, line, column))
#define fail_in(f, path) failure_false((fail_in)(f, path))

#endif
