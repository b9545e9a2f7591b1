/* The checks of convolutions of planes: by rows, whole small planes, planes of many channels at once, Winograd's
 * transforms. */
#include "check.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* One output by plain loops. */
static float rows_right(const rows_call *c, int output, int64_t row, int64_t column) {
    float sum = 0;
    const float *w = c->weight + output * c->weight_step;
    for (int p = 0; p < c->planes; p++)
        for (int k = 0; k < c->kernel_rows; k++)
            for (int t = 0; t < c->kernel_columns; t++) {
                const float *line = c->line[p * c->plane_rows + row * c->stride + k * c->dilation];
                int64_t x = c->first + column * c->step + c->tap[t];
                sum = fmaf(x >= 0 && x < c->size ? line[x] : 0, *w++, sum);
            }
    return c->bias != NULL ? sum + c->bias[output] : sum;
}

void check_rows(void) {
    enum { MOST_LINES = 96 };
    rows_call c = {.planes = pick(1, 3), .stride = pick(1, 2), .step = pick(1, 2), .outputs = pick(1, 6)};
    int high = pick(1, 7), rows = pick(1, 9), columns = pick(1, 2) == 1 ? pick(1, 70) : pick(1, 280),
        distinct = pick(1, 9);
    guarded lines[9] = {0};
    const float *line[MOST_LINES] = {NULL};
    int32_t tap[8] = {0};
    c.kernel_rows = high;
    c.kernel_columns = pick(0, 1) ? high : pick(1, 7);
    if (pick(0, 1)) c.step = c.stride;
    c.dilation = pick(0, 3) ? 1 : 2;
    c.plane_rows = (rows - 1) * c.stride + (high - 1) * (int)c.dilation + 1;
    c.first = pick(-12, 6);
    c.size = pick(1, columns * c.step + 10);
    for (int i = 1; i < c.kernel_columns; i++) tap[i] = tap[i - 1] + pick(1, 3);
    for (int i = 0; i < distinct; i++) lines[i] = take_row(c.size);
    for (int i = 0; i < c.planes * c.plane_rows; i++) line[i] = lines[pick(0, distinct - 1)].at;
    guarded weight = take((int64_t)c.outputs * c.planes * high * c.kernel_columns), bias = take(c.outputs);
    guarded output = take((int64_t)(c.outputs * rows - 1) * (columns + 5) + columns);
    float *right = copy_of(&output);
    c.line = line;
    c.tap = tap;
    c.weight = weight.at;
    c.weight_step = (int64_t)c.planes * high * c.kernel_columns;
    c.bias = pick(0, 1) ? bias.at : NULL;
    c.rows = rows;
    c.columns = columns;
    c.output = output.at;
    c.output_row = columns + 5;
    c.output_plane = rows * c.output_row;
    for (int m = 0; m < c.outputs; m++)
        for (int r = 0; r < rows; r++)
            for (int x = 0; x < columns; x++)
                right[m * c.output_plane + r * c.output_row + x] = rows_right(&c, m, r, x);
    tested->rows(&c);
    expect("rows", right, output.at, output.count);
    free(right);
    for (int i = 0; i < distinct; i++) give(&lines[i]);
    give(&weight);
    give(&bias);
    give(&output);
}

enum { MOST_TAPS = 49 }; /* 7x7 */

/* A plane and a kernel: how far below and to the right of an output's place each of its taps lies. */
typedef struct stencil {
    int high, wide, taps;
    int below[MOST_TAPS], right_of[MOST_TAPS];
    int weight_step; /* from one tap's weight to the next one's, and from the last to the bias */
    bool bias;       /* is added */
} stencil;

/* The cell of the plane under a tap of the output at (y, x), or -1 beyond the plane. */
static int cell_under(const stencil *s, int tap, int y, int x) {
    int row = y + s->below[tap], column = x + s->right_of[tap];
    return row >= 0 && row < s->high && column >= 0 && column < s->wide ? row * s->wide + column : -1;
}

static float stencil_right(const stencil *s, const float *plane, const float *weight, int y, int x) {
    float sum = 0;
    for (int t = 0; t < s->taps; t++, weight += s->weight_step) {
        int cell = cell_under(s, t, y, x);
        sum = fmaf(cell >= 0 ? plane[cell] : 0, *weight, sum);
    }
    return s->bias ? sum + *weight : sum;
}

void check_flat(void) {
    enum { MOST = 12, MOST_FLAT = 25 };
    int wide = pick(1, MOST), high = pick(1, MOST), planes = pick(1, 4), taps = pick(1, MOST_FLAT), cells = wide * high;
    int lanes = tested->lanes, vectors = (cells + lanes - 1) / lanes;
    int32_t shift[MOST_FLAT];
    uint32_t inside[MOST_FLAT * MOST * MOST / 4] = {0}; /* four lanes are the fewest */
    stencil s = {.high = high, .wide = wide, .taps = taps, .weight_step = 1};
    for (int t = 0; t < taps; t++) {
        s.right_of[t] = pick(-3, 3);
        s.below[t] = pick(-3, 3);
        shift[t] = s.below[t] * wide + s.right_of[t];
    }
    guarded plane = take_row((int64_t)planes * cells), weight = take((int64_t)planes * (taps + 1)),
            output = take((int64_t)planes * cells);
    float *right = copy_of(&output);
    s.bias = pick(0, 1);
    for (int q = 0; q < cells; q++) {
        int y = q / wide, x = q % wide;
        for (int t = 0; t < taps; t++)
            if (cell_under(&s, t, y, x) >= 0) inside[t * vectors + q / lanes] |= 1u << q % lanes;
        for (int p = 0; p < planes; p++)
            right[p * cells + q] = stencil_right(&s, plane.at + p * cells, weight.at + p * (taps + 1), y, x);
    }
    flat_call c = {.plane = plane.at, .plane_step = cells, .planes = planes, .cells = cells, .vectors = vectors};
    c.taps = taps;
    c.shift = shift;
    c.inside = inside;
    c.weight = weight.at;
    c.bias = s.bias;
    c.output = output.at;
    tested->flat(&c);
    expect("flat", right, output.at, output.count);
    free(right);
    give(&plane);
    give(&weight);
    give(&output);
}

void check_channels(void) {
    enum { MOST = 12 };
    int lanes = tested->lanes, rows = pick(1, MOST), columns = pick(1, 2 * MOST);
    stencil s = {.high = pick(1, MOST), .wide = pick(1, 2 * MOST), .weight_step = lanes};
    int above = pick(-2, 3), before = pick(-2, 3); /* where the plane begins in the room */
    channels_call c = {.plane = s.high * s.wide, .channels = pick(0, 1) ? lanes : pick(1, lanes), .rows = rows};
    c.columns = columns;
    c.stride = pick(1, 3);
    c.step = pick(1, 2);
    c.dilation_rows = pick(1, 2);
    c.dilation_columns = pick(1, 2);
    c.kernel_rows = pick(1, 7);
    c.kernel_columns = pick(1, 7);
    c.bias = s.bias = pick(0, 1);
    s.taps = c.kernel_rows * c.kernel_columns;
    for (int t = 0; t < s.taps; t++) {
        s.below[t] = t / c.kernel_columns * (int)c.dilation_rows - above;
        s.right_of[t] = t % c.kernel_columns * (int)c.dilation_columns - before;
    }
    int room_high = (rows - 1) * c.stride + (c.kernel_rows - 1) * (int)c.dilation_rows + 1;
    int room_wide = (columns - 1) * c.step + (c.kernel_columns - 1) * (int)c.dilation_columns + 1;
    int room = room_high * room_wide, cells = rows * columns;
    int32_t place[2 * MOST * MOST];
    for (int i = 0; i < c.plane; i++) {
        int y = i / s.wide + above, x = i % s.wide + before;
        place[i] = y >= 0 && y < room_high && x >= 0 && x < room_wide ? y * room_wide + x : room;
    }
    guarded input = take(c.plane * c.channels), output = take((int64_t)cells * c.channels);
    guarded padding = take((room + 1) * lanes), sums = take(cells * lanes);
    guarded weight = take((s.taps + 1) * lanes);
    memset(padding.at, 0, (size_t)padding.count * sizeof *padding.at);
    float *right = copy_of(&output);
    for (int i = 0; i < c.channels * cells; i++) {
        int channel = i / cells, y = i % cells / columns * c.stride, x = i % columns * c.step;
        right[i] = stencil_right(&s, input.at + channel * c.plane, weight.at + channel, y, x);
    }
    c.input = input.at;
    c.place = place;
    c.room = padding.at;
    c.room_row = room_wide;
    c.weight = weight.at;
    c.sums = sums.at;
    c.output = output.at;
    tested->channels(&c);
    expect("channels", right, output.at, output.count);
    free(right);
    give(&input);
    give(&output);
    give(&padding);
    give(&sums);
    give(&weight);
}

/* Against the plain set's transforms, four channels at a time: the same operations in the same order. */
void check_winograd(void) {
    static const struct {
        int transform, components, least, most; /* outputs */
    } transforms[] = {{3, 3, 2, 2}, {4, 4, 2, 2}, {5, 5, 4, 4}, {6, 6, 2, 5}, {7, 5, 2, 2}, {9, 9, 4, 4}};
    int t = pick(0, 5), n = transforms[t].transform, least = transforms[t].least, most = transforms[t].most;
    int form = pick(0, 3), lanes = tested->lanes; /* form: both directions, one, the other, none */
    int rows = form % 2 == 1 ? 1 : pick(least, most), columns = form >= 2 ? 1 : pick(least, most);
    int high = rows == 1 ? 1 : n, wide = columns == 1 ? 1 : n, transform = form == 3 ? 1 : n;
    int down = rows == 1 ? 1 : transforms[t].components, across = columns == 1 ? 1 : transforms[t].components;
    guarded pixels = take(((down - 1) * 11 + across) * lanes), v = take(down * across * lanes),
            y = take(rows * columns * lanes);
    guarded bias = take(lanes);
    float *right_v = copy_of(&v), *right_y = copy_of(&y);
    for (int i = 0; i < lanes; i += kernels_plain->lanes)
        kernels_plain->winograd_input(pixels.at + i, 11 * lanes, lanes, high, wide, right_v + i, lanes);
    tested->winograd_input(pixels.at, 11 * lanes, lanes, high, wide, v.at, lanes);
    expect("winograd_input", right_v, v.at, v.count);
    for (int i = 0; i < lanes; i += kernels_plain->lanes) {
        winograd_tile plain = {right_v + i, lanes,     bias.at + i, right_y + i, columns * lanes,
                               lanes,       transform, rows,        columns};
        kernels_plain->winograd_output(&plain);
    }
    winograd_tile call = {v.at, lanes, bias.at, y.at, columns * lanes, lanes, transform, rows, columns};
    if (!tested->winograd_output(&call)) failures++;
    expect("winograd_output", right_y, y.at, y.count);
    v.at[pick(0, (int)v.count - 1)] = INFINITY;
    tested->winograd_output(&call);
    free(right_v);
    free(right_y);
    give(&pixels);
    give(&v);
    give(&y);
    give(&bias);
}
