/* Plan and run: a plan is made once for an operation and a shape (algorithm chosen, weights packed, workspace
 * sized), then run many times, whole or on a range of steps.
 *
 * Bits. A *chain* algorithm computes each output as one chain of fused multiply-adds in tap order, acc = fma(x, w, acc)
 * from acc = 0, the bias added last; padding is read as the value it stands for. Tap order is input channel, then
 * kernel position in C order (convolution); input element in C order (transposed). All chain algorithms agree bit for
 * bit on every instruction set. A *transform* algorithm (Winograd) rounds otherwise, but like all others gives the same
 * bits for any thread count and any split into ranges. *
 * Threads. Several threads may use one plan: calls that run, step, update or set weights wait for each other on the
 * plan's engine. Traces take no lock: they may go on beside a run, but not beside conv_plan_set_weights. Operands and
 * outputs belong to the caller and must not change during a call. Every function that computes does so in the default
 * floating-point environment and restores the caller's.
 */
#ifndef CONV_PLAN_H
#define CONV_PLAN_H

#include "engine.h"
#include "layout.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum conv_algorithm {
    CONV_AUTO,      /* the plan's cost model chooses among all */
    CONV_CHAIN,     /* the cost model chooses among the chain algorithms */
    CONV_PLAIN,     /* reference: plain C loops over the geometry */
    CONV_DIRECT,    /* blocked direct kernels */
    CONV_IM2COL,    /* implicit GEMM */
    CONV_DEPTHWISE, /* one input channel for each group */
    CONV_PICTURE,   /* few channels, large pictures */
    CONV_PHASES,    /* transposed: each output phase a small convolution */
    CONV_WINOGRAD,  /* F(4, 3) and its kin in one or two directions: a transform */
    CONV_ALGORITHM_COUNT
} conv_algorithm;

const char *conv_algorithm_name(conv_algorithm algorithm); /* "winograd" */
bool conv_algorithm_find(const char *name, conv_algorithm *algorithm);
bool conv_algorithm_is_chain(conv_algorithm algorithm);

/* The tensors of an operation, with the shapes that its layout gives. Those that it has no use for are NULL. */
typedef struct conv_operands {
    const float *input[CONV_MAX_INPUTS];
    const float *weight, *bias;              /* BatchNorm: gamma and beta */
    const float *offset, *mask;              /* DeformConv2d */
    const float *running_mean, *running_var; /* BatchNorm */
    const int64_t *indices;                  /* MaxUnpool: flat index in each plane, as MaxPool gives them */
} conv_operands;

/* One tile of work, as it was really executed. Times are nanoseconds of the monotonic clock since the run began. */
typedef struct conv_event {
    int thread; /* 0: the calling thread */
    conv_algorithm algorithm;
    int64_t begin_ns, end_ns;
    int64_t batch; /* the box of outputs that the tile computed; ends are exclusive. Empty: it prepared what other tiles
                      share (transformed or gathered inputs), and no output is its own */
    int64_t batch_last;
    int64_t channel_first, channel_last;
    int64_t first[CONV_MAX_SPATIAL], last[CONV_MAX_SPATIAL];
} conv_event;

/* Filled by a run. The events array is the caller's; more tiles than capacity are counted, not stored. */
typedef struct conv_observation {
    conv_event *events;
    int64_t capacity, count;
    int64_t total_ns;
} conv_observation;

typedef struct conv_plan conv_plan;

typedef struct conv_plan_options {
    conv_algorithm algorithm; /* what cannot do the operation is refused with CONV_UNSUPPORTED */
} conv_plan_options;

/* Makes a plan; options may be NULL (CONV_AUTO). The weights (weight, bias, running_*) in `operands` are packed or
 * copied: they may change or go afterwards; call conv_plan_set_weights for new ones. */
conv_status conv_plan_create(conv_engine *engine, const conv_spec *spec, const conv_shape *inputs, int input_count,
                             const conv_operands *operands, const conv_plan_options *options, conv_plan **plan,
                             conv_error *error);
void conv_plan_destroy(conv_plan *plan); /* NULL is allowed */

conv_status conv_plan_set_weights(conv_plan *plan, const conv_operands *operands, conv_error *error);

const conv_layout *conv_plan_layout(const conv_plan *plan);
conv_algorithm conv_plan_algorithm(const conv_plan *plan);
size_t conv_plan_workspace(const conv_plan *plan);   /* bytes, beside the packed weights */
size_t conv_plan_packed_size(const conv_plan *plan); /* bytes of packed weights */

/* Why the algorithm was chosen: each candidate's estimated milliseconds in the cost model. Returns how many were
 * written. */
typedef struct conv_candidate {
    conv_algorithm algorithm;
    double milliseconds;
} conv_candidate;
int conv_plan_candidates(const conv_plan *plan, conv_candidate *candidates, int capacity);

/* Computes the whole output (and, for max pooling, the indices when `indices` is not NULL). No allocation.
 * Input and output must not overlap. observation may be NULL. */
conv_status conv_plan_run(conv_plan *plan, const conv_operands *operands, float *output, int64_t *indices,
                          conv_observation *observation, conv_error *error);

/* Does the steps [first, last) of conv_layout.steps onto `output`, always by a chain algorithm.
 * Gather and copy: writes those output elements and no others. Scatter: first = 0 begins by clearing the output;
 * otherwise the output must hold the state after step first - 1. Doing [0, a) and then [a, b) gives the bits of [0, b);
 * doing all gives the bits of a chain run. */
conv_status conv_plan_run_steps(conv_plan *plan, const conv_operands *operands, int64_t first, int64_t last,
                                float *output, conv_error *error);

/* After input elements [first, last) of input `which` changed: recomputes only the outputs that see them. `output` must
 * hold the former result of conv_plan_run with a chain algorithm; afterwards it holds the new one, bit for bit. Writes
 * the number of outputs recomputed unless NULL. */
conv_status conv_plan_update(conv_plan *plan, const conv_operands *operands, int which, int64_t first, int64_t last,
                             float *output, int64_t *recomputed, conv_error *error);

#ifdef __cplusplus
}
#endif

#endif
