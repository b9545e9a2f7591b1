/* The kernels' transforms, once for each set of weights. */
#include "winograd_layer.h"

enum { MOST_TAPS = 5, MOST_POINTS = 5, MOST_KERNELS = 6 };

/* The rows of G: powers of a point over the product of its distances to the others; for infinity the last tap alone;
 * and, at stride 2, the odd tap as it is. */
typedef struct points {
    int finite;
    double point[MOST_POINTS], product[MOST_POINTS];
} points;

static const points six = {5, {0, 1, -1, 0.5, -2}, {1, 3, -3, -0.9375, 15}},
                    five = {4, {0, 1, -1, 0.5}, {0.5, 1, -3, -0.375}}, four = {3, {0, 1, -1}, {-1, 2, 2}},
                    three = {2, {0, 1}, {-1, 1}};
static const points *const tables[] = {[3] = &three,
                                       [4] = &four,
                                       [5] = &five,
                                       [6] = &six,
                                       [WINOGRAD_TWO_AND_ODD] = &three,
                                       [WINOGRAD_FOUR_AND_ODD] = &five};

static int strided(const winograd_axis *a) {
    return a->transform == WINOGRAD_TWO_AND_ODD || a->transform == WINOGRAD_FOUR_AND_ODD;
}

int64_t winograd_packed_floats(const winograd_layer *w) {
    int64_t outputs = w->panels * w->panel;
    return w->groups * (outputs + outputs * w->taps * w->lumps * w->lump * w->kernel_components);
}

/* At stride 2 the odd cells' components follow those of the even ones, and share the last transform. */
static int axis_kernel_of(const winograd_axis *a, int component) {
    return component < a->kernels ? component : a->kernels - 1;
}

int winograd_kernel_of(const winograd_layer *w, int component) {
    int y = component / w->x.points, x = component % w->x.points;
    return axis_kernel_of(&w->y, y) * w->x.kernels + axis_kernel_of(&w->x, x);
}

static void transform_axis(const winograd_axis *a, const double *taps, int64_t step, double v[MOST_KERNELS]) {
    if (a->points == 1) {
        v[0] = taps[0];
        return;
    }
    const points *p = tables[a->transform];
    int apart = strided(a) ? 2 : 1, last = (a->taps - 1) / apart * apart;
    for (int i = 0; i < p->finite; i++) {
        double sum = 0;
        for (int k = last; k >= 0; k -= apart) sum = sum * p->point[i] + taps[k * step];
        v[i] = sum / p->product[i];
    }
    v[p->finite] = taps[last * step];
    if (strided(a)) v[p->finite + 1] = taps[step];
}

/* G g G^T of one sub-kernel, in double: it is rounded once. */
static void transform_kernel(const winograd_layer *w, const double taps[MOST_TAPS * MOST_TAPS],
                             double out[MOST_KERNELS * MOST_KERNELS]) {
    double half[MOST_KERNELS * MOST_TAPS] = {0};
    int wide = w->x.taps;
    for (int x = 0; x < wide; x++) {
        double v[MOST_KERNELS] = {0};
        transform_axis(&w->y, taps + x, wide, v);
        for (int y = 0; y < w->y.kernels; y++) half[y * wide + x] = v[y];
    }
    for (int y = 0; y < w->y.kernels; y++) transform_axis(&w->x, half + y * wide, 1, out + y * w->x.kernels);
}

/* The kernel's tap, -1 where there is none. */
static int64_t kernel_tap(const winograd_weave *v, int64_t variant, int64_t tap) {
    int64_t at = v->tap_first + tap * v->tap_step + variant * v->tap_variant;
    return at >= 0 && at < v->kernel ? at : -1;
}

/* The taps of sub-kernel `sub` at tap `z` of the third axis; those beyond the kernel are 0. */
static void sub_taps(const winograd_layer *w, const float *kernel, const int64_t variant[CONV_MAX_SPATIAL], int64_t z,
                     int64_t sub, double taps[MOST_TAPS * MOST_TAPS]) {
    int64_t plane = kernel_tap(&w->weave[0], variant[0], z);
    for (int i = 0; i < w->y.taps; i++)
        for (int k = 0; k < w->x.taps; k++) {
            int64_t y = winograd_tap(&w->y, sub / w->x.subs, i), x = winograd_tap(&w->x, sub % w->x.subs, k);
            int64_t row = y < w->y.axis.kernel ? kernel_tap(&w->weave[1], variant[1], y) : -1;
            int64_t column = x < w->x.axis.kernel ? kernel_tap(&w->weave[2], variant[2], x) : -1;
            taps[i * w->x.taps + k] =
                plane >= 0 && row >= 0 && column >= 0
                    ? (double)kernel[(plane * w->weave[1].kernel + row) * w->weave[2].kernel + column]
                    : 0;
        }
}

/* One output channel of a panel: column `column` of it. */
static void pack_output(const winograd_layer *w, const float *weight, int64_t panel, int64_t column, bool there,
                        float *packed) {
    int64_t depth = w->lumps * w->lump, variant[CONV_MAX_SPATIAL];
    winograd_variant(w, panel, variant);
    for (int64_t k = 0; k < depth * w->taps; k++) {
        int64_t tap = k % w->taps, channel = k / w->taps % w->channels, sub = k / w->taps / w->channels;
        double taps[MOST_TAPS * MOST_TAPS] = {0}, v[MOST_KERNELS * MOST_KERNELS] = {0};
        if (there) {
            sub_taps(w, weight + channel * w->weight_channel, variant, tap, sub, taps);
            transform_kernel(w, taps, v);
        }
        for (int i = 0; i < w->kernel_components; i++)
            packed[(((tap * w->kernel_components + i) * w->panels + panel) * depth + sub * w->channels + channel) *
                       w->panel +
                   column] = (float)v[i];
    }
}

/* Of each group: the bias, then [tap of the third axis][component][panel][sub-kernel][channel][output of the panel]. */
void winograd_pack(const winograd_layer *w, const conv_operands *operands, float *packed) {
    int64_t per_variant = w->panels / w->variants;
    for (int64_t g = 0; g < w->groups; g++) {
        float *bias = packed;
        packed += w->panels * w->panel;
        for (int64_t p = 0; p < w->panels; p++)
            for (int64_t i = 0; i < w->panel; i++) {
                int64_t output = p % per_variant * w->panel + i;
                bool there = output < w->outputs;
                bias[p * w->panel + i] = operands->bias != NULL && there ? operands->bias[g * w->outputs + output] : 0;
                pack_output(w, operands->weight + g * w->weight_group + (there ? output * w->weight_output : 0), p, i,
                            there, packed);
            }
        packed += winograd_packed_floats(w) / w->groups - w->panels * w->panel;
    }
}
