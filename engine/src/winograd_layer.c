#include "winograd_layer.h"

#include "patches.h"

enum {
    FUSED_BYTES =
        300 << 10, /* components of a block: together with those of its outputs they stay in the second-level cache */
    LARGEST_BLOCK = 56
};

enum { STRIDED_EVEN = 5 /* components of the even cells at stride 2; those of the odd cells follow */ };

static bool axis_can(const conv_axis *a) {
    if (a->stride == 2) return a->kernel == 3 && a->dilation == 1;
    return a->stride == 1 && (a->kernel == 1 || a->kernel == 3 || a->kernel == 5);
}

bool winograd_can(const conv_layout *layout) {
    conv_axis axis[CONV_MAX_SPATIAL];
    if (layout->spec.op->kind != CONV_CONV) return false;
    axes_aligned(layout, axis);
    if (!axis_can(&axis[1]) || !axis_can(&axis[2])) return false;
    if (axis[1].kernel > 1 && axis[2].kernel > 1) return axis[1].stride == axis[2].stride;
    return axis[1].kernel > 1 || axis[2].kernel > 1;
}

static winograd_axis axis_of(const conv_axis *a) {
    winograd_axis w = {.axis = *a, .outputs = 1, .points = 1, .kernels = 1, .dilation = 1, .pictures = 1};
    if (a->kernel > 1) {
        w.outputs = a->kernel == 3 ? 4 : 2;
        w.points = a->stride == 2 ? 9 : 6;
        w.kernels = 6;
        w.dilation = a->dilation;
        w.pictures = at_most(a->dilation, a->out);
    }
    w.advance = w.outputs * (int)a->stride;
    w.tiles = divide_up(divide_up(a->out, w.pictures), w.outputs);
    return w;
}

winograd_layer winograd_layer_of(const conv_layout *layout, unsigned cpu) {
    winograd_layer w = {.kernels = kernels_for(cpu), .groups = layout->spec.groups, .batch = layout->batch};
    int64_t lanes = w.kernels->lanes;
    axes_aligned(layout, w.aligned);
    w.y = axis_of(&w.aligned[1]);
    w.x = axis_of(&w.aligned[2]);
    w.channels = layout->in_channels / w.groups;
    w.outputs = layout->out_channels / w.groups;
    w.padded_channels = divide_up(w.channels, lanes) * lanes;
    w.panel = w.outputs <= lanes ? lanes : TILE_VECTORS * lanes;
    w.panels = divide_up(w.outputs, w.panel);
    w.components = w.y.points * w.x.points;
    w.kernel_components = w.y.kernels * w.x.kernels;
    w.tiles = w.y.pictures * w.x.pictures * w.y.tiles * w.x.tiles;
    w.slices = w.aligned[0].in;
    w.out_slices = w.aligned[0].out;
    w.taps = w.aligned[0].kernel;
    int64_t planes = w.batch * w.groups * w.out_slices;
    int64_t each = w.components * w.padded_channels * (int64_t)sizeof(float),
            fitting = at_most(FUSED_BYTES / each, LARGEST_BLOCK);
    double work = (double)w.components * (double)w.channels * (double)w.outputs * (double)w.tiles * (double)planes *
                  (double)w.taps;
    int64_t wanted = divide_up(tiles_for(work, (int)lanes), at_least(planes, 1));
    w.block = split_in(w.tiles, at_most(wanted, 16), at_least(fitting, 8));
    bool plane_for_plane = w.taps == 1 && w.slices == w.out_slices && axis_tap(&w.aligned[0], 1, 0) == 1;
    w.fused = plane_for_plane && fitting >= 14 && w.block.size >= 12;
    w.panel_block = split_in(w.panels, 1, w.panels);
    if (!w.fused) {
        w.block = split_in(w.tiles, 1, LARGEST_BLOCK);
        w.panel_block = split_in(w.panels, divide_up(wanted, at_least(w.block.parts, 1)), 2);
    }
    w.rows = split_in(w.tiles, 16, LARGEST_BLOCK);
    w.longest_run = at_most(w.x.tiles, at_least(w.fused ? w.block.size : w.rows.size, 1));
    return w;
}

winograd_run winograd_run_at(const winograd_layer *w, int64_t first, int64_t last) {
    int64_t column = first % w->x.tiles, row = first / w->x.tiles;
    int64_t line = row % w->y.tiles, picture = row / w->y.tiles;
    winograd_run r = {.first = first, .count = at_most(w->x.tiles - column, last - first)};
    r.y = picture / w->x.pictures + line * w->y.outputs * w->y.dilation;
    r.x = picture % w->x.pictures + column * w->x.outputs * w->x.dilation;
    return r;
}

int64_t winograd_step(int64_t tiles, int64_t width) {
    int64_t lines = divide_up(tiles * width, MOST_LANES);
    return (lines | 1) * MOST_LANES;
}

int64_t winograd_packed_floats(const winograd_layer *w) {
    int64_t outputs = w->panels * w->panel;
    return w->groups * (outputs + outputs * w->taps * w->channels * w->kernel_components);
}

int winograd_kernel_of(const winograd_layer *w, int component) {
    int y = component / w->x.points, x = component % w->x.points;
    if (w->y.points == 9 && y > STRIDED_EVEN) y = STRIDED_EVEN;
    if (w->x.points == 9 && x > STRIDED_EVEN) x = STRIDED_EVEN;
    return y * w->x.kernels + x;
}

/* The rows of G: powers of a point over the product of its distances to the others; for infinity the last tap alone. */
static void kernel_points(const conv_axis *a, const double *taps, int64_t step, double v[6]) {
    static const double points[] = {0, 1, -1, 0.5, -2}, products[] = {1, 3, -3, -0.9375, 15},
                        strided_products[] = {0.5, 1, -3, -0.375};
    int kernel = (int)a->kernel;
    if (kernel == 1) {
        v[0] = taps[0];
        return;
    }
    if (a->stride == 2) {
        for (int i = 0; i < 4; i++) v[i] = (taps[0] + taps[2 * step] * points[i]) / strided_products[i];
        v[4] = taps[2 * step];
        v[STRIDED_EVEN] = taps[step];
        return;
    }
    for (int i = 0; i < 5; i++) {
        double sum = 0;
        for (int k = kernel - 1; k >= 0; k--) sum = sum * points[i] + taps[k * step];
        v[i] = sum / products[i];
    }
    v[5] = taps[(kernel - 1) * step];
}

/* G g G^T of one kernel, in double: it is rounded once. */
static void transform_kernel(const winograd_layer *w, const float *weight, int64_t step, double out[36]) {
    int high = (int)w->y.axis.kernel, wide = (int)w->x.axis.kernel, rows = w->y.kernels, columns = w->x.kernels;
    double taps[25] = {0}, half[6 * 5] = {0};
    for (int i = 0; i < high * wide; i++) taps[i] = (double)weight[i * step];
    for (int x = 0; x < wide; x++) {
        double v[6] = {0};
        kernel_points(&w->y.axis, taps + x, wide, v);
        for (int y = 0; y < rows; y++) half[y * wide + x] = v[y];
    }
    for (int y = 0; y < rows; y++) kernel_points(&w->x.axis, half + y * wide, 1, out + y * columns);
}

/* Of each group: the bias, then [tap of the third axis][component][panel][channel][output of the panel]. */
void winograd_pack(const winograd_layer *w, bool flip, const conv_operands *operands, float *packed) {
    int64_t outputs = w->panels * w->panel, area = w->y.axis.kernel * w->x.axis.kernel;
    int64_t panel_floats = w->channels * w->panel;
    for (int64_t g = 0; g < w->groups; g++) {
        for (int64_t o = 0; o < outputs; o++)
            packed[o] = operands->bias != NULL && o < w->outputs ? operands->bias[g * w->outputs + o] : 0;
        packed += outputs;
        for (int64_t o = 0; o < outputs; o++)
            for (int64_t c = 0; c < w->channels; c++)
                for (int64_t t = 0; t < w->taps; t++) {
                    double v[36] = {0};
                    const float *kernel = operands->weight + ((g * w->outputs + o) * w->channels + c) * w->taps * area;
                    if (o < w->outputs && flip) transform_kernel(w, kernel + (w->taps - t) * area - 1, -1, v);
                    if (o < w->outputs && !flip) transform_kernel(w, kernel + t * area, 1, v);
                    for (int i = 0; i < w->kernel_components; i++)
                        packed[((t * w->kernel_components + i) * w->panels + o / w->panel) * panel_floats +
                               c * w->panel + o % w->panel] = (float)v[i];
                }
        packed += w->taps * w->kernel_components * w->panels * panel_floats;
    }
}
