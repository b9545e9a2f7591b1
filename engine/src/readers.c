/* Readers of an input element, for kinds whose output planes each look at one input plane near the same place. */
#include "geometry.h"
#include "kinds.h"

typedef struct hull {
    int64_t first, last;
} hull;

static void widen(void *context, int64_t p, int64_t window, int64_t tap) {
    hull *h = context;
    (void)p, (void)tap;
    if (window < h->first) h->first = window;
    if (window > h->last) h->last = window;
}

/* Where the axis' geometry does not tell (upsampling, adaptive pooling), the sizes' ratio does, with room to spare. */
static hull windows_near(const conv_layout *layout, int i, int64_t cell) {
    const conv_axis *axis = &layout->axis[i];
    hull h = {INT64_MAX, -1};
    if (kind_of(layout->spec.op)->reach == NULL) {
        axis_each_reader(axis, cell, widen, &h);
        return h;
    }
    double ratio = (double)axis->out / (double)axis->in;
    double first = ((double)cell - 2) * ratio - 2, last = ((double)cell + 3) * ratio + 2;
    h.first = first < 0 ? 0 : (int64_t)first;
    h.last = last >= (double)axis->out ? axis->out - 1 : (int64_t)last;
    return h;
}

typedef struct wanted {
    int64_t input;
    tap_visit *visit;
    void *context;
} wanted;

static void show_wanted(void *context, const conv_tap *tap) {
    const wanted *w = context;
    if (tap->input != w->input || tap->which != 0) return;
    conv_tap reader = *tap;
    reader.sum = 0;
    w->visit(w->context, &reader);
}

void readers_local(const conv_layout *layout, const conv_operands *operands, int64_t input, tap_visit *visit,
                   void *context) {
    const conv_axis *axis = layout->axis;
    element at = input_element(layout, input);
    int64_t planes = layout->out_channels / layout->in_channels;
    hull h[CONV_MAX_SPATIAL];
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) h[i] = windows_near(layout, i, at.cell[i]);
    wanted w = {input, visit, context};
    for (int64_t p = 0; p < planes; p++) {
        int64_t plane = at.batch * layout->out_channels + at.channel * planes + p;
        for (int64_t o0 = h[0].first; o0 <= h[0].last; o0++)
            for (int64_t o1 = h[1].first; o1 <= h[1].last; o1++)
                for (int64_t o2 = h[2].first; o2 <= h[2].last; o2++) {
                    int64_t output = ((plane * axis[0].out + o0) * axis[1].out + o1) * axis[2].out + o2;
                    kind_of(layout->spec.op)->taps(layout, operands, output, show_wanted, &w);
                }
    }
}
