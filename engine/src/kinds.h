/* The kinds that there are, and what related kinds share. */
#ifndef ENGINE_KINDS_H
#define ENGINE_KINDS_H

#include "kind.h"

extern const kind convolution_kind, transposed_kind, deformable_kind, unfold_kind, fold_kind, max_pool_kind,
    avg_pool_kind, adaptive_max_kind, adaptive_avg_kind, unpool_kind, upsample_kind, pad_kind, relu_kind,
    leaky_relu_kind, curve_kind, softmax_kind, batch_norm_kind, linear_kind, flatten_kind, permute_kind, identity_kind,
    channel_shuffle_kind, pixel_shuffle_kind, pixel_unshuffle_kind, cat_kind, add_kind;

/* Both channel counts must be divisible by groups. */
conv_status convolution_check_groups(const conv_spec *spec, conv_error *error);

/* Reflect and circular padding only reach so far. */
conv_status padding_check(const conv_axis *axis, conv_error *error);

/* Readers by looking through the taps of the outputs near by, where each input plane has its own output planes. */
void readers_local(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                   void *context);

/* The axis of the input that a Softmax goes along; its rank is not 0. */
int softmax_axis(const conv_layout *layout);

/* Adds the bias of the output's channel. */
float bias_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum);

#endif
