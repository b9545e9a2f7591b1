/* What the filter of one output element reads: planes of its group's channels, and its weights. */
#ifndef ENGINE_FILTER_H
#define ENGINE_FILTER_H

#include "geometry.h"
#include "kind.h"

typedef struct filter {
    int64_t channels; /* of one group */
    int64_t first_channel;
    int64_t input, weight; /* flat index of the first plane and of the first weight */
    int64_t plane, taps;   /* from one channel to the next */
} filter;

static inline filter filter_of(const conv_layout *layout, const element *at) {
    int64_t groups = layout->spec.groups;
    filter f = {
        .channels = layout->in_channels / groups, .plane = axes_inputs(layout->axis), .taps = axes_taps(layout->axis)};
    f.first_channel = at->channel / (layout->out_channels / groups) * f.channels;
    f.input = (at->batch * layout->in_channels + f.first_channel) * f.plane;
    f.weight = at->channel * f.channels * f.taps;
    return f;
}

#endif
