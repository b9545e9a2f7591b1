/* What open and render show: LESSON|FILE|EXPR, made a document. With a '(' it is an expression (or a scene's one-line
 * form), else a lesson's id, else a file: a scene, a lesson, a network or a picture ("./x" forces a file). */
#ifndef COMMANDS_TARGET_H
#define COMMANDS_TARGET_H

#include "app/document/lesson.h"
#include "command.h"

/* Tensors for expressions and network files. */
typedef struct target_options {
    const char *input;      /* a shape or a file */
    const char *tensors[4]; /* files: weight, bias, offset, mask of the shown layer */
    const char *kernel;     /* a named image kernel for the weight */
    int64_t seed;
    bool seed_given;
    bool flip;
} target_options;

#define TARGET_OPTION(type, member) offsetof(type, target) + offsetof(target_options, member)
#define TARGET_FILE(type, index, option_name, words)                                                                   \
    {                                                                                                                  \
        .name = option_name, .kind = OPTION_TEXT,                                                                      \
        .offset = TARGET_OPTION(type, tensors) + (index) * sizeof(const char *), .value = N_("FILE.npy"),              \
        .help = words                                                                                                  \
    }
/* Rows for a command's structure that has a member `target` which is not its first. */
#define TARGET_ROWS(type)                                                                                              \
    {.name = "input",                                                                                                  \
     .letter = 'i',                                                                                                    \
     .kind = OPTION_TEXT,                                                                                              \
     .offset = TARGET_OPTION(type, input),                                                                             \
     .value = N_("SHAPE|FILE"),                                                                                        \
     .help = N_("a shape such as 1,3,28,28, or a .npy, .npz or picture file; without it a small input is chosen")},    \
        TARGET_FILE(type, 0, "weight", N_("the weight, in PyTorch's layout")),                                         \
        TARGET_FILE(type, 1, "bias", N_("the bias")),                                                                  \
        TARGET_FILE(type, 2, "offset", N_("a deformable convolution's offsets")),                                      \
        TARGET_FILE(type, 3, "mask", N_("a deformable convolution's mask")),                                           \
        {.name = "kernel",                                                                                             \
         .kind = OPTION_TEXT,                                                                                          \
         .offset = TARGET_OPTION(type, kernel),                                                                        \
         .value = N_("NAME"),                                                                                          \
         .help = N_(                                                                                                   \
             "an image kernel as the weight: identity, box, gaussian, sharpen, sobel-x, sobel-y, laplacian, emboss")}, \
        {.name = "seed",                                                                                               \
         .kind = OPTION_INTEGER,                                                                                       \
         .offset = TARGET_OPTION(type, seed),                                                                          \
         .given = TARGET_OPTION(type, seed_given),                                                                     \
         .value = "N",                                                                                                 \
         .help = N_("seed of the random numbers; 0 by default"),                                                       \
         .least = 0,                                                                                                   \
         .most = 9007199254740992.0},                                                                                  \
    {                                                                                                                  \
        .name = "flip", .kind = OPTION_FLAG, .offset = TARGET_OPTION(type, flip),                                      \
        .help = N_("true convolution: the kernel is turned round first")                                               \
    }

typedef struct target {
    bool is_lesson;
    lesson lesson;     /* with all its pages */
    document document; /* of what is no lesson */
    char base[4096];   /* the folder for relative file names */
    bool has_base;     /* false: the working directory, and any path is allowed */
} target;

bool target_given(const target_options *o); /* any of them is */

/* Reads it. A failure has been said; target_close is allowed all the same. */
exit_status target_open(target *t, const command_line *line, const char *text, const target_options *o);
void target_close(target *t);

#endif
