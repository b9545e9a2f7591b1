#include "strip.h"

#include "split.h"

bool strip_of(const patches *p, int64_t lines, int64_t columns, strip *s) {
    const patch_axis *x = &p->axis[2], *y = &p->axis[1];
    if (x->taps > STRIP_TAPS) return false;
    /* A stride or dilation through padding may be of any size: such a strip is refused before its size is computed. */
    if (x->dilation > STRIP_REACH || x->step > STRIP_REACH || y->dilation > STRIP_REACH || y->step > STRIP_REACH ||
        y->taps > STRIP_REACH || lines > STRIP_REACH)
        return false;
    int64_t farthest = (x->taps - 1) * x->dilation / x->step;
    *s = (strip){.planes = p->channels * p->axis[0].taps, .columns = columns};
    s->segment = divide_up(columns + farthest, MOST_LANES) * MOST_LANES + TILE_VECTORS * MOST_LANES;
    for (int t = 0; t < (int)x->taps; t++) {
        int32_t remainder = (int32_t)(t * x->dilation % x->step);
        int i = 0;
        while (i < s->segments && s->remainder[i] != remainder) i++;
        if (i == s->segments) s->remainder[s->segments++] = remainder;
        s->tap[t] = (int32_t)(i * s->segment + t * x->dilation / x->step);
    }
    s->row = s->segments * s->segment;
    s->rows = (lines - 1) * y->step + (y->taps - 1) * y->dilation + 1;
    s->plane = s->rows * s->row + MOST_LANES; /* an odd number of cache lines apart more often than not */
    return true;
}

static void fill_row(const strip *s, const patch_axis *x, const kernels *k, const float *row, int64_t first,
                     int64_t count, float *to) {
    for (int i = 0; i < s->segments; i++, to += s->segment) {
        int64_t at = first + s->remainder[i];
        bool inside = at >= 0 && at + (count - 1) * x->step < x->size;
        if (inside || x->mode == CONV_ZEROS) {
            k->copy(to, row, x->size, at, x->step, count);
            continue;
        }
        for (int64_t q = 0; q < count; q++) {
            int64_t from = at + q * x->step;
            if (from < 0 || from >= x->size) from = conv_axis_source(x->mode, x->size, from);
            to[q] = from < 0 ? 0 : row[from];
        }
    }
}

void strip_fill(const strip *s, const patches *p, const kernels *k, const float *input, const strip_place *place,
                float *to) {
    const patch_axis *az = &p->axis[0], *ay = &p->axis[1], *ax = &p->axis[2];
    int64_t rows = (place->lines - 1) * ay->step + (ay->taps - 1) * ay->dilation + 1;
    int64_t count = place->columns + (ax->taps - 1) * ax->dilation / ax->step;
    for (int64_t plane = 0; plane < s->planes; plane++, to += s->plane) {
        int64_t z = place->z * az->step + az->base + plane % az->taps * az->dilation;
        if (z < 0 || z >= az->size) z = conv_axis_source(az->mode, az->size, z);
        const float *from = input + plane / az->taps * p->plane + z * ay->size * ax->size;
        for (int64_t r = 0; r < rows; r++) {
            int64_t y = place->y * ay->step + ay->base + r;
            if (y < 0 || y >= ay->size) y = conv_axis_source(ay->mode, ay->size, y);
            if (z >= 0 && y >= 0) {
                fill_row(s, ax, k, from + y * ax->size, place->x * ax->step + ax->base, count, to + r * s->row);
            } else {
                for (int64_t i = 0; i < s->row; i++) to[r * s->row + i] = 0;
            }
        }
    }
}
