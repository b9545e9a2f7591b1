/* Kinds whose output elements are copies of single input elements. A kind says where an element comes from (its row's
 * source); running and tracing follow. */
#ifndef ENGINE_COPYING_H
#define ENGINE_COPYING_H

#include "kind.h"

/* Where an output element comes from. */
typedef struct copied {
    int64_t input; /* -1: the constant */
    int which;
    float constant;
    int64_t kernel[CONV_MAX_SPATIAL], position[CONV_MAX_SPATIAL];
    int64_t channel;
    bool in_padding;
    float location[CONV_MAX_SPATIAL];
    int64_t run, step; /* outputs from this one on that read cells `step` apart, or all the constant; 0: not known */
} copied;

/* outputs and taps of a kind's row that has a source. Where every element keeps its index, copy_taps also visits the
 * readers of an input element. */
void copy_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last, float *output,
                  int64_t *indices);
void copy_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
               void *context);

#endif
