/* Outputs straight from input rows, without gathering patches. A tile copies the rows it needs, padded, to its thread's
 * workspace (columns that a stride skips are put apart, so that neighbouring outputs always read neighbouring floats)
 * and computes from there. */
#ifndef ENGINE_DIRECT_H
#define ENGINE_DIRECT_H

#include "algorithm.h"

extern const algorithm linear_algorithm;    /* Linear, see linear_direct.c */
extern const algorithm direct_algorithm;    /* many output channels: the register tile of all products */
extern const algorithm depthwise_algorithm; /* one input channel for each group: rows that serve several output rows */
extern const algorithm picture_algorithm;   /* few channels: likewise */

/* Depthwise planes narrower than a vector, see flat.c; and whether a layer has them. */
extern const algorithm flat_algorithm;
bool flat_suits(const conv_layout *layout, unsigned cpu);

extern const algorithm channels_algorithm; /* depthwise, many channels at once, see channels.c */

#endif
