/* Transposed convolution without zeros put in: the output cells of one phase are a small ordinary convolution. */
#ifndef ENGINE_PHASES_H
#define ENGINE_PHASES_H

#include "algorithm.h"
#include "product.h"

enum { MOST_PHASES = 256 };

extern const algorithm phases_algorithm;

/* Channels and windows of one phase of one group of a sample. */
typedef struct phase_place {
    int64_t batch, group;
    int64_t weight_first, weight_last, patch_first, patch_last; /* panels */
} phase_place;

/* Puts outputs [channel][window] of a place, each channel `step` floats after the one before, where they belong. facts:
 * what phases_facts wrote. */
void phases_spread(const algorithm_job *job, const product *m, const phase_place *at, const float *facts,
                   const float *outputs, int64_t step);
void phases_box(const conv_layout *layout, const product *m, const phase_place *at, conv_event *event);

/* Two floats: the magnitude of the smallest weight other than 0, and 1 when all are finite. */
void phases_facts(const conv_layout *layout, const conv_operands *operands, float *facts);

/* Whether products of a sample with so small a weight may vanish, so that a sum of 0 may have the other sign. */
bool phases_vanish(const conv_layout *layout, const float *sample, float smallest);

/* Cycles of putting all outputs in their places; milliseconds of this algorithm. */
double phases_spreading(const conv_layout *layout);
double phases_gathered_cost(const conv_layout *layout, unsigned cpu);

#endif
