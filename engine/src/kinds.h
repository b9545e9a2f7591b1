/* The kinds that there are, and what related kinds share. */
#ifndef ENGINE_KINDS_H
#define ENGINE_KINDS_H

#include "kind.h"

extern const kind convolution_kind, transposed_kind;

/* Both channel counts must be divisible by groups. */
conv_status convolution_check_groups(const conv_spec *spec, conv_error *error);

/* Reflect and circular padding only reach so far. */
conv_status padding_check(const conv_axis *axis, conv_error *error);

/* Adds the bias of the output's channel. */
float bias_finish(const conv_layout *layout, const conv_operands *operands, int64_t output, float sum);

#endif
