/* The trace: what one step does, tap by tap. Every number in it is read from, or is computed by the same chain as, a
 * run. Any step can be asked for at once, in time proportional to its own taps. */
#ifndef CONV_TRACE_H
#define CONV_TRACE_H

#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct conv_tap {
    int64_t input;                    /* flat index of the input element read; -1: padding that stands for a constant */
    int64_t weight;                   /* flat index of the weight; -1: none (pooling, copying) */
    int64_t output;                   /* flat index of the output element; -1: a stamp's cell that padding cuts off */
    int which;                        /* which input is read (concatenation, addition) */
    int64_t channel;                  /* input channel (gather), output channel (scatter) */
    int64_t kernel[CONV_MAX_SPATIAL]; /* position in the kernel */
    int64_t position[CONV_MAX_SPATIAL]; /* padded coordinates: in the input (gather), in the output (scatter); 0 is the
                                           first real cell */
    bool in_padding; /* gather: outside the input (what it reads is `input` or `value`); scatter: cut off */
    float value;     /* what is read: x */
    float factor;  /* what it is multiplied by: w; 1 where there is none; average pooling: 1/divisor is applied last */
    float product; /* x * w, rounded once for showing; the chain itself is fused */
    float sum; /* gather: the running sum after this tap (max pooling: the running maximum). Scatter: the output cell's
                  running sum after this stamp */
    int64_t landed; /* scatter: how many stamps this output cell has received, this one included */
    /* Deformable convolution, whose taps read between cells: `input` is -1, and these are the flat indices of the four
     * samples (-1 outside) and their shares, the mask included. Upsampling has one tap for each cell instead, its
     * factor the share. */
    int64_t sample[4];
    float sample_weight[4];
    float location[CONV_MAX_SPATIAL]; /* deformable, upsampling: where it samples */
    bool chosen;                      /* max pooling: this tap is the maximum; softmax: it is the element itself */
} conv_tap;

/* The taps of step s of conv_layout.steps in chain order. Writes up to capacity taps and the total number to *count.
 * `result`, unless NULL, receives for gather and copy the output element's final value, bias included.
 * The bias step of a scatter has one tap for each output element. */
conv_status conv_trace_step(const conv_plan *plan, const conv_operands *operands, int64_t step, conv_tap *taps,
                            int64_t capacity, int64_t *count, float *result, conv_error *error);

/* All taps that reach one output element, in chain order: as the step itself for gather; for scatter, every stamp that
 * lands on it. */
conv_status conv_trace_output(const conv_plan *plan, const conv_operands *operands, int64_t output, conv_tap *taps,
                              int64_t capacity, int64_t *count, float *result, conv_error *error);

/* All taps that read one input element (sum is 0 here: they belong to different outputs). */
conv_status conv_trace_input(const conv_plan *plan, const conv_operands *operands, int which, int64_t input,
                             conv_tap *taps, int64_t capacity, int64_t *count, conv_error *error);

/* Overlap count: for each output element (scatter: without regard to zeros in the kernel), how many taps reach it.
 * Whole tensor, layout.output. MaxUnpool's hang on the indices of a run, which a plan does not have: 0. */
conv_status conv_trace_overlap(const conv_plan *plan, int64_t *counts, conv_error *error);

/* For each input element how many taps read it (0: "never read"). Whole tensor of input `which`. */
conv_status conv_trace_reads(const conv_plan *plan, int which, int64_t *counts, conv_error *error);

#ifdef __cplusplus
}
#endif

#endif
