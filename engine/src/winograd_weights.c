/* The kernels' transforms, once for each set of weights. */
#include "winograd_layer.h"

enum { MOST_TAPS = 5, MOST_POINTS = 5, MOST_KERNELS = 6 };

/* The rows of G: powers of a point over the product of its distances to the others; for infinity the last tap alone;
 * and, at stride 2, the odd tap as it is. */
typedef struct points {
    int points, finite;
    double point[MOST_POINTS], product[MOST_POINTS];
} points;

static const points tables[] = {{6, 5, {0, 1, -1, 0.5, -2}, {1, 3, -3, -0.9375, 15}},
                                {4, 3, {0, 1, -1}, {-1, 2, 2}},
                                {9, 4, {0, 1, -1, 0.5}, {0.5, 1, -3, -0.375}},
                                {5, 2, {0, 1}, {-1, 1}}};

static const points *table_of(const winograd_axis *a) {
    const points *p = tables;
    while (p->points != a->points) p++;
    return p;
}

static int strided(const winograd_axis *a) {
    return a->points == 9 || a->points == 5;
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
    const points *p = table_of(a);
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

/* The taps of sub-kernel `sub` of a kernel; those beyond it are 0. A flipped kernel is read from its end. */
static void sub_taps(const winograd_layer *w, const float *kernel, int64_t step, int64_t sub,
                     double taps[MOST_TAPS * MOST_TAPS]) {
    int64_t high = w->y.axis.kernel, wide = w->x.axis.kernel;
    for (int i = 0; i < w->y.taps; i++)
        for (int k = 0; k < w->x.taps; k++) {
            int64_t y = winograd_tap(&w->y, sub / w->x.subs, i), x = winograd_tap(&w->x, sub % w->x.subs, k);
            taps[i * w->x.taps + k] = y < high && x < wide ? (double)kernel[(y * wide + x) * step] : 0;
        }
}

/* Of each group: the bias, then [tap of the third axis][component][panel][sub-kernel][channel][output of the panel]. */
void winograd_pack(const winograd_layer *w, bool flip, const conv_operands *operands, float *packed) {
    int64_t outputs = w->panels * w->panel, area = w->y.axis.kernel * w->x.axis.kernel;
    int64_t depth = w->lumps * w->lump, panel_floats = depth * w->panel;
    for (int64_t g = 0; g < w->groups; g++) {
        for (int64_t o = 0; o < outputs; o++)
            packed[o] = operands->bias != NULL && o < w->outputs ? operands->bias[g * w->outputs + o] : 0;
        packed += outputs;
        for (int64_t o = 0; o < outputs; o++)
            for (int64_t k = 0; k < depth * w->taps; k++) {
                int64_t tap = k % w->taps, channel = k / w->taps % w->channels, sub = k / w->taps / w->channels;
                double taps[MOST_TAPS * MOST_TAPS] = {0}, v[MOST_KERNELS * MOST_KERNELS] = {0};
                if (o < w->outputs) {
                    const float *kernel =
                        operands->weight + ((g * w->outputs + o) * w->channels + channel) * w->taps * area;
                    kernel += flip ? (w->taps - tap) * area - 1 : tap * area;
                    sub_taps(w, kernel, flip ? -1 : 1, sub, taps);
                    transform_kernel(w, taps, v);
                }
                for (int i = 0; i < w->kernel_components; i++)
                    packed[((tap * w->kernel_components + i) * w->panels + o / w->panel) * panel_floats +
                           (sub * w->channels + channel) * w->panel + o % w->panel] = (float)v[i];
            }
        packed += w->taps * w->kernel_components * w->panels * panel_floats;
    }
}
