/* What explain, run and bench work on: layers (an expression, or a network file) and the shape of their input, made a
 * network. */
#ifndef COMMANDS_SUBJECT_H
#define COMMANDS_SUBJECT_H

#include "app/arrays/array.h"
#include "app/expression/expression.h"
#include "command.h"

/* The options that all of them take. */
typedef struct subject_options {
    const char *input;     /* a shape, or a file; NULL: a small input is chosen */
    const char *algorithm; /* a name, or NULL */
    int64_t memory;        /* bytes; 0: the engine's default */
    int64_t seed;
    bool flip;
    const char *offset; /* file of a deformable convolution's offsets: its channels tell the offset groups; NULL: none.
                           No row: the command takes it from its tensors */
} subject_options;

/* Their rows, for a command's structure that has a member `subject`. */
#define SUBJECT_OPTION(type, member) offsetof(type, subject) + offsetof(subject_options, member)
#define SUBJECT_ROWS(type)                                                                                             \
    {.name = "input",                                                                                                  \
     .letter = 'i',                                                                                                    \
     .kind = OPTION_TEXT,                                                                                              \
     .offset = SUBJECT_OPTION(type, input),                                                                            \
     .value = N_("SHAPE|FILE"),                                                                                        \
     .help = N_("a shape such as 1,3,28,28, or a .npy, .npz or picture file; without it a small input is chosen")},    \
        {.name = "algorithm",                                                                                          \
         .kind = OPTION_TEXT,                                                                                          \
         .offset = SUBJECT_OPTION(type, algorithm),                                                                    \
         .value = N_("NAME"),                                                                                          \
         .help = N_("forces an algorithm: plain, direct, im2col, winograd, ...; or chain: any but the transforms")},   \
        {.name = "flip",                                                                                               \
         .kind = OPTION_FLAG,                                                                                          \
         .offset = SUBJECT_OPTION(type, flip),                                                                         \
         .help = N_("true convolution: the kernel is turned round first")},                                            \
        {.name = "seed",                                                                                               \
         .kind = OPTION_INTEGER,                                                                                       \
         .offset = SUBJECT_OPTION(type, seed),                                                                         \
         .value = "N",                                                                                                 \
         .help = N_("seed of the random numbers; 0 by default"),                                                       \
         .least = 0,                                                                                                   \
         .most = 9007199254740992.0},                                                                                  \
    {                                                                                                                  \
        .name = "memory", .kind = OPTION_BYTES, .offset = SUBJECT_OPTION(type, memory), .value = N_("BYTES"),          \
        .help = N_("refuses what needs more, such as 512M or 2G; half of the machine's memory by default"),            \
        .least = 1, .most = 4611686018427387904.0                                                                      \
    }

typedef struct subject {
    const char *text; /* the expression; NULL: it was a file */
    expression expression;
    conv_engine *engine;
    conv_network *network;
    conv_shape shape;       /* of the network's input */
    const char *input_path; /* file of the input; NULL: none */
    int channels;           /* of a picture: 1 or 3 */
    uint64_t seed;
    conv_plan_options plan;
} subject;

/* Reads all of it, and checks the shapes from the files' headers; large data are not read. On a failure it has been
 * said, and the status is not EXIT_DONE; subject_close is allowed all the same. */
exit_status subject_open(subject *s, const command_line *line, const subject_options *options);
void subject_close(subject *s);

/* The input's numbers: from the file, else small integers from the seed. */
bool subject_input(const subject *s, array *a, failure *f);

/* The plan that a run of the network would make for a layer; without weights. A forced algorithm that a layer of a
 * sequence has no use for is left to the engine there, as in conv_network_run; a layer alone refuses it. */
bool subject_plan(const subject *s, const conv_layout *layout, conv_plan **plan, failure *f);

/* What a layer is as a constructor, its Lazy form resolved: "nn.Conv2d(3, 8, kernel_size=3)". Returns text. */
char *subject_layer_text(const conv_layout *layout, char *text, int size);

#endif
