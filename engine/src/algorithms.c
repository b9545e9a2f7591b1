/* The table of algorithms, and their names. */
#include "direct.h"
#include "im2col.h"
#include "phases.h"
#include "plain.h"
#include "windows.h"
#include "winograd.h"
#include <string.h>

const algorithm *const algorithms[] = {&plain_algorithm,
                                       &direct_algorithm,
                                       &im2col_algorithm,
                                       &depthwise_algorithm,
                                       &picture_algorithm,
                                       &phases_algorithm,
                                       &winograd_algorithm,
                                       &linear_algorithm,
                                       &windows_algorithm,
                                       &flat_algorithm,
                                       &channels_algorithm,
                                       &windows_transposed_algorithm,
                                       NULL};

static const char *const names[CONV_ALGORITHM_COUNT] = {
    [CONV_AUTO] = "auto",       [CONV_CHAIN] = "chain",   [CONV_PLAIN] = "plain",
    [CONV_DIRECT] = "direct",   [CONV_IM2COL] = "im2col", [CONV_DEPTHWISE] = "depthwise",
    [CONV_PICTURE] = "picture", [CONV_PHASES] = "phases", [CONV_WINOGRAD] = "winograd",
};

const char *conv_algorithm_name(conv_algorithm id) {
    return (int)id >= 0 && id < CONV_ALGORITHM_COUNT ? names[id] : "";
}

bool conv_algorithm_find(const char *name, conv_algorithm *id) {
    for (int i = 0; i < CONV_ALGORITHM_COUNT; i++)
        if (strcmp(names[i], name) == 0) {
            *id = (conv_algorithm)i;
            return true;
        }
    return false;
}

bool conv_algorithm_is_chain(conv_algorithm id) {
    return id != CONV_AUTO && id != CONV_WINOGRAD;
}
