/* What the library knows of each kind of operation: one constant row of functions, in the kind's own file. */
#ifndef ENGINE_KIND_H
#define ENGINE_KIND_H

#include "conv/trace.h"

typedef void tap_visit(void *context, const conv_tap *tap);

/* Where an element lies: batch index, channel, and cell of its plane. */
typedef struct element {
    int64_t batch, channel;
    int64_t cell[CONV_MAX_SPATIAL];
} element;

struct copied;
struct kernels;

typedef struct kind {
    /* What PyTorch refuses when the layer is constructed, beyond single parameters. NULL: nothing. */
    conv_status (*check)(const conv_spec *spec, conv_error *error);

    /* The shape rule. spec, flow, inputs and neutral axes are filled in; it fills in the rest but steps and `output`
     * from axes. */
    conv_status (*shape)(conv_layout *layout, conv_error *error);

    /* Computes output elements [first, last) of the whole, each by its chain. indices: only max pooling, may be NULL.
     */
    void (*outputs)(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                    float *output, int64_t *indices);

    /* The same, by an instruction set's routines. NULL: `outputs` does it. */
    void (*outputs_by)(const struct kernels *set, const conv_layout *layout, const conv_operands *operands,
                       int64_t first, int64_t last, float *output);

    /* Visits the taps of one output element in chain order. Operands may be NULL pointers: their values are then 0. */
    void (*taps)(const conv_layout *layout, const conv_operands *operands, int64_t output, tap_visit *visit,
                 void *context);

    /* What is left to do after the chain of an output element: the bias, the divisor. NULL: nothing. */
    float (*finish)(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum);

    /* Copying kinds: where an output element, which lies `at`, comes from. Their outputs and taps are copy_outputs and
     * copy_taps. */
    void (*source)(const conv_layout *layout, int64_t output, const element *at, struct copied *from);

    /* Scatter: adds input elements [first, last) onto the output; visits the taps of one input element (sum and landed
     * are left 0). */
    void (*stamps)(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                   float *output);
    void (*stamp)(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                  void *context);

    /* Visits the taps that read an input element. NULL: the trace looks through the taps of all outputs. */
    void (*readers)(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                    void *context);

    /* What the derivative of an output by one of its taps is, beyond the tap's factor. NULL: 1. */
    float (*slope)(const conv_layout *layout, const conv_operands *operands, int64_t output);

    /* Adds the gradient onto input_gradients. NULL: by way of the taps. */
    void (*backward)(const conv_layout *layout, const conv_operands *operands, const float *output_gradient,
                     float *const *input_gradients);
    bool has_gradient; /* not linear, but its taps (chosen ones, factors, slope) give the gradient */

    /* The receptive field, where the axis' geometry does not tell it. NULL: by the axis. */
    void (*reach)(const conv_layout *layout, int axis, int64_t out_first, int64_t out_last, int64_t *first,
                  int64_t *last);
    conv_field (*field)(conv_field before, const conv_layout *layout, int axis);

    /* The formula of the output size; symbols: names in place of numbers. NULL: the size does not change. */
    void (*formula)(const conv_layout *layout, int axis, bool symbols, char *text, int size);
} kind;

/* The row of an operation. */
const kind *kind_of(const conv_op *op);

/* A chain of fused multiply-adds that is watched tap by tap. */
typedef struct chain {
    tap_visit *visit;
    void *context;
    float sum;
    int64_t landed;
} chain;

/* Fills in product, sum and landed, and shows the tap. */
void chain_add(chain *c, conv_tap *tap);

element output_element(const conv_layout *layout, int64_t output);
element input_element(const conv_layout *layout, int64_t input);

/* The element behind, without a division. */
static inline void element_advance(const conv_layout *layout, element *at) {
    for (int i = CONV_MAX_SPATIAL - 1; i >= 0; i--) {
        if (++at->cell[i] < layout->axis[i].out) return;
        at->cell[i] = 0;
    }
    if (++at->channel < layout->out_channels) return;
    at->channel = 0;
    at->batch++;
}

/* Flat index of a kernel position; read back to front when the spec says flip. */
int64_t kernel_index(const conv_layout *layout, int64_t k0, int64_t k1, int64_t k2);

#endif
