/* Errors are values with a message a person can act on.
 *
 * A function that can fail takes a `conv_error *` as its last argument (NULL is allowed: only the status
 * is returned then) and returns its status. Nothing is written to the error on success.
 *
 * The message is kept in parts, so that a program can say it in another language: `format` is a constant
 * English sentence with the places {0}, {1}, ... for `args`; `message` is that sentence filled in. */
#ifndef CONV_ERROR_H
#define CONV_ERROR_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum conv_status {
    CONV_OK = 0,
    CONV_BAD_ARGUMENT, /* a parameter has a value that the operation never takes */
    CONV_BAD_SHAPE,    /* parameters and tensor shapes do not fit together */
    CONV_TOO_LARGE,    /* a size overflows, or needs more than the engine's memory limit */
    CONV_NO_MEMORY,    /* an allocation failed */
    CONV_UNSUPPORTED   /* a valid request that this operation has no answer to (say, the matrix of a ReLU) */
} conv_status;

typedef enum conv_arg_kind { CONV_ARG_INT, CONV_ARG_REAL, CONV_ARG_TEXT } conv_arg_kind;

typedef struct conv_arg {
    conv_arg_kind kind;
    int64_t integer;
    double real;
    char text[96];
} conv_arg;

enum { CONV_MAX_ARGS = 8 };

typedef struct conv_error {
    conv_status status;
    char parameter[24]; /* PyTorch's name of the parameter or operand to change; "" when it is none in particular */
    const char *format; /* a string constant; also the key for translations */
    int arg_count;
    conv_arg args[CONV_MAX_ARGS];
    char message[512];
} conv_error;

/* Fills `format` with `args` into `text` of `size` bytes (always terminated, cut at a whole UTF-8 character).
 * Numbers are written independently of the locale. Safe on any thread. */
void conv_format(char *text, int size, const char *format, const conv_arg *args, int arg_count);

#ifdef __cplusplus
}
#endif

#endif
