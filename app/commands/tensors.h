/* The tensors of layers from the command line: single files, or one .npz or folder with state_dict names. */
#ifndef COMMANDS_TENSORS_H
#define COMMANDS_TENSORS_H

#include "subject.h"

enum { TENSOR_OFFSET = 4, TENSOR_COUNT = 7 }; /* weight, bias, running_mean, running_var, offset, mask, indices */

typedef struct tensor_options {
    const char *single[TENSOR_COUNT]; /* files, in that order */
    const char *weights;              /* an .npz or a folder */
} tensor_options;

#define TENSOR_FILE(type, index, option_name, words)                                                                   \
    {                                                                                                                  \
        .name = option_name, .kind = OPTION_TEXT,                                                                      \
        .offset = offsetof(type, tensors) + offsetof(tensor_options, single) + (index) * sizeof(const char *),         \
        .value = N_("FILE.npy"), .help = words                                                                         \
    }
#define TENSOR_ROWS(type)                                                                                              \
    TENSOR_FILE(type, 0, "weight",                                                                                     \
                N_("the weight, in PyTorch's layout; an .npz or a folder is read as by --weights")),                   \
        TENSOR_FILE(type, 1, "bias", N_("the bias")),                                                                  \
        TENSOR_FILE(type, 2, "running-mean", N_("BatchNorm's running mean")),                                          \
        TENSOR_FILE(type, 3, "running-var", N_("BatchNorm's running variance")),                                       \
        TENSOR_FILE(type, 4, "offset", N_("a deformable convolution's offsets")),                                      \
        TENSOR_FILE(type, 5, "mask", N_("a deformable convolution's mask")),                                           \
        TENSOR_FILE(type, 6, "indices", N_("the indices that MaxUnpool takes")), {                                     \
        .name = "weights", .kind = OPTION_TEXT, .offset = offsetof(type, tensors) + offsetof(tensor_options, weights), \
        .value = N_("FILE.npz|FOLDER"), .help = N_("the tensors of all layers, by their state_dict names")             \
    }

/* Reads what was given and sets it in the subject's network; weights that were not given are left to be drawn. */
bool tensors_give(const command_line *line, const subject *s, const tensor_options *o, failure *f);

#endif
