/* Kinds whose output elements are copies of single input elements. A kind says where an element comes from; running and
 * tracing follow. */
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

/* `at` is the output element's place in batch, channels and axes. */
typedef void copy_source(const conv_layout *layout, int64_t output, const element *at, copied *from);

void copy_outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last, float *output,
                  copy_source *source);
void copy_taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
               void *context, copy_source *source);

/* The two functions of a kind's row, from its source function. */
#define COPYING(source)                                                                                                \
    static void outputs(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,         \
                        float *output, int64_t *indices) {                                                             \
        (void)indices;                                                                                                 \
        copy_outputs(layout, operands, first, last, output, source);                                                   \
    }                                                                                                                  \
    static void taps(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,       \
                     void *context) {                                                                                  \
        copy_taps(layout, operands, output, visit, context, source);                                                   \
    }

#endif
