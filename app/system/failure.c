#include "failure.h"

#include "app/language/language.h"

#include <errno.h>
#include <string.h>

/* Copies what fits; a character that is cut in two is left out. */
static void copy_text(char *to, size_t size, const char *from) {
    size_t length = strlen(from);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)from[length] & 0xC0) == 0x80) length--;
    }
    memcpy(to, from, length);
    to[length] = '\0';
}

int failure_arguments(conv_arg *args, const char *kinds, va_list list) {
    int count = 0;
    for (; *kinds && count < CONV_MAX_ARGS; kinds++) {
        conv_arg *arg = &args[count++];
        *arg = (conv_arg){0};
        if (*kinds == 'd') {
            arg->kind = CONV_ARG_INT;
            arg->integer = va_arg(list, int64_t);
        } else if (*kinds == 'g') {
            arg->kind = CONV_ARG_REAL;
            arg->real = va_arg(list, double);
        } else {
            arg->kind = CONV_ARG_TEXT;
            const char *text = va_arg(list, const char *);
            copy_text(arg->text, sizeof arg->text, text ? text : "");
        }
    }
    return count;
}

bool(fail)(failure *f, const char *format, const char *kinds, ...) {
    if (!f) return false;
    *f = (failure){.error = {.status = CONV_BAD_ARGUMENT, .format = format}};
    va_list list;
    va_start(list, kinds);
    f->error.arg_count = failure_arguments(f->error.args, kinds, list);
    va_end(list);
    conv_format(f->error.message, sizeof f->error.message, format, f->error.args, f->error.arg_count);
    return false;
}

bool(fail_engine)(failure *f, const conv_error *error) {
    if (f) *f = (failure){.error = *error};
    return false;
}

bool(fail_memory)(failure *f) {
    fail(f, N_("there is not enough memory"), "");
    if (f) f->error.status = CONV_NO_MEMORY;
    return false;
}

static const struct {
    int code;
    const char *sentence;
} reasons[] = {
    {ENOENT, N_("there is no such file or folder")},
    {EACCES, N_("access is not permitted")},
    {EPERM, N_("access is not permitted")},
    {EISDIR, N_("this is a folder, not a file")},
    {ENOTDIR, N_("a part of this path is a file, not a folder")},
    {ENOSPC, N_("the disk is full")},
    {EDQUOT, N_("the disk quota is used up")},
    {EROFS, N_("the file system can only be read")},
    {EIO, N_("the disk reported an error")},
    {EPIPE, N_("the program that was to read the output has ended")},
    {ENAMETOOLONG, N_("the name is too long")},
    {ELOOP, N_("the symbolic links go round in a circle")},
    {EMFILE, N_("too many files are open")},
    {ENFILE, N_("too many files are open")},
    {EFBIG, N_("the file grew larger than is permitted")},
};

bool(fail_system)(failure *f, const char *path, int code) {
    if (code == ENOMEM) {
        fail_memory(f);
        return fail_in(f, path);
    }
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (reasons[i].code != code) continue;
        fail(f, reasons[i].sentence, "");
        return fail_in(f, path);
    }
    fail(f, N_("the system refused: {0}"), "s", strerror(code));
    return fail_in(f, path);
}

bool(fail_at)(failure *f, int line, int column) {
    if (f) {
        f->line = line;
        f->column = column;
    }
    return false;
}

bool(fail_in)(failure *f, const char *path) {
    if (f) copy_text(f->path, sizeof f->path, path ? path : "");
    return false;
}
