/* Holds every fast routine of every instruction set to plain loops, in the spirit of dav1d's checkasm: random
 * arguments, exact bits, and memory that ends at a page which may not be touched.
 *
 *     kernels_check            checks
 *     kernels_check --bench    also prints the cycles and nanoseconds of a call for each set: transposes and transforms
 * of as many channels as the set has lanes */
#include "conv/engine.h"
#include "exponential.h"
#include "kernels.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static uint64_t seed = 1;

static int pick(int first, int last) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return first + (int)((seed >> 33) % (uint64_t)(last - first + 1));
}

/* Floats whose end is the end of what may be touched. Filled with random numbers. */
typedef struct guarded {
    float *at;
    void *block;
    size_t size;
    int64_t count;
} guarded;

static guarded take(int64_t count) {
    size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = (size_t)count * sizeof(float);
    guarded g = {.size = (bytes + page - 1) / page * page + 2 * page, .count = count};
    g.block = mmap(NULL, g.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (g.block == MAP_FAILED || mprotect((char *)g.block + page, g.size - 2 * page, PROT_READ | PROT_WRITE) != 0)
        exit(1);
    g.at = (float *)(void *)((char *)g.block + g.size - page - bytes);
    for (int64_t i = 0; i < count; i++) g.at[i] = (float)pick(-1000, 1000) * 0.0137f;
    return g;
}

static void give(guarded *g) {
    munmap(g->block, g->size);
}

static const kernels *tested;
static int failures;

static void expect(const char *what, const float *right, const float *got, int64_t count) {
    for (int64_t i = 0; i < count; i++) {
        if (memcmp(&right[i], &got[i], sizeof *got) == 0) continue;
        printf("%s: %s: float %lld is %.9g, not %.9g\n", tested->name, what, (long long)i, (double)got[i],
               (double)right[i]);
        failures++;
        return;
    }
}

static float *copy_of(const guarded *g) {
    float *copy = malloc((size_t)g->count * sizeof *copy);
    if (copy == NULL) exit(1);
    memcpy(copy, g->at, (size_t)g->count * sizeof *copy);
    return copy;
}

static void tile_right(const tile_call *t, float *c) {
    for (int i = 0; i < t->rows; i++)
        for (int j = 0; j < t->columns; j++) {
            float old = c[i * t->c_row + j], sum = t->start == TILE_GO_ON ? old : 0;
            for (int64_t k = 0; k < t->depth; k++) {
                float a = t->a_line != NULL ? t->a_line[i][t->a_at[k]]
                          : t->a_row == 0   ? t->a[k * t->a_step + i]
                                            : t->a[k + i * t->a_row];
                sum = fmaf((t->b_at != NULL ? t->b + t->b_at[k] : t->b + k * t->b_step)[j], a, sum);
            }
            if (t->start == TILE_ADD) sum += old;
            if (t->row_bias != NULL) sum += t->row_bias[i];
            if (t->column_bias != NULL) sum += t->column_bias[j];
            c[i * t->c_row + j] = sum;
        }
}

static void check_tile(void) {
    int rows = pick(1, TILE_ROWS), columns = pick(1, TILE_VECTORS * tested->lanes), depth = pick(1, 60),
        form = pick(0, 4);
    int whole = columns > tested->lanes ? 2 * tested->lanes : tested->lanes;
    guarded a = take((int64_t)depth * TILE_ROWS), b = take((int64_t)(depth - 1) * 40 + whole), bias = take(whole);
    tile_call t = {.rows = rows, .columns = columns, .depth = depth, .a = a.at, .b = b.at, .b_step = 40, .c_row = 45};
    int32_t listed[64];
    for (int k = 0; k < depth; k++) listed[k] = 40 * pick(0, depth - 1);
    t.a_step = TILE_ROWS;
    if (form == 1) t.a_row = depth;
    if (form == 2 || form == 4) t.b_at = listed;
    const float *line[TILE_ROWS];
    int32_t at[64];
    for (int k = 0; k < depth; k++) at[k] = pick(0, depth - 1);
    for (int i = 0; i < rows; i++) line[i] = a.at + pick(0, depth * (TILE_ROWS - 1));
    if (form >= 3) t.a_line = line;
    if (form >= 3) t.a_at = at;
    t.start = (tile_start)pick(TILE_FRESH, TILE_ADD);
    if (pick(0, 1)) t.row_bias = bias.at + whole - rows % whole;
    if (whole < rows) t.row_bias = NULL;
    if (pick(0, 1)) t.column_bias = bias.at;
    guarded c = take((int64_t)(rows - 1) * 45 + columns);
    if (t.row_bias != NULL) t.row_bias = bias.at + whole - rows;
    float *right = copy_of(&c);
    tile_right(&t, right);
    t.c = c.at;
    tested->tile(&t);
    expect("tile", right, c.at, c.count);
    free(right);
    give(&a);
    give(&b);
    give(&c);
    give(&bias);
}

static void check_copy(void) {
    int size = pick(1, 90), step = pick(1, 3), first = pick(-40, size + 5), count = pick(1, 70);
    guarded row = take(size), to = take(count + tested->lanes - 1);
    float right[128];
    for (int i = 0; i < count; i++) {
        int at = first + i * step;
        right[i] = at >= 0 && at < size ? row.at[at] : 0;
    }
    tested->copy(to.at, row.at, size, first, step, count);
    expect("copy", right, to.at, count);
    give(&row);
    give(&to);
}

static void check_transpose(void) {
    int rows = pick(1, tested->lanes), columns = pick(1, tested->lanes);
    if (pick(0, 2) == 0) rows = columns = tested->lanes;
    guarded from = take((rows - 1) * 33 + columns), to = take((columns - 1) * 29 + rows);
    float *right = copy_of(&to);
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++) right[j * 29 + i] = from.at[i * 33 + j];
    tested->transpose(from.at, 33, rows, columns, to.at, 29);
    expect("transpose", right, to.at, to.count);
    free(right);
    give(&from);
    give(&to);
}

static void check_spread(void) {
    int count = pick(1, 80), step = pick(1, 4);
    guarded from = take(count), to = take((count - 1) * step + 1);
    float *right = copy_of(&to);
    for (int i = 0; i < count; i++) right[i * step] = from.at[i];
    tested->spread(to.at, step, from.at, count);
    expect("spread", right, to.at, to.count);
    free(right);
    give(&from);
    give(&to);
}

static void check_interleave(void) {
    int count = pick(1, 80);
    guarded even = take(count), odd = take(count), to = take(2 * count);
    float right[160];
    for (int i = 0; i < count; i++) {
        right[2 * i] = even.at[i];
        right[2 * i + 1] = odd.at[i];
    }
    tested->interleave(to.at, even.at, odd.at, count);
    expect("interleave", right, to.at, 2 * count);
    give(&even);
    give(&odd);
    give(&to);
}

static void check_blend(void) {
    int count = pick(1, 80);
    float outer = (float)pick(-100, 100) * 0.017f;
    guarded sum = take(count), cells = take(count), share = take(count);
    float *right = copy_of(&sum);
    for (int i = 0; i < count; i++) right[i] = fmaf(cells.at[i], outer * share.at[i], right[i]);
    tested->blend(sum.at, cells.at, share.at, outer, count);
    expect("blend", right, sum.at, count);
    free(right);
    give(&sum);
    give(&cells);
    give(&share);
}

static void check_exponentials(void) {
    int count = pick(1, 80), step = pick(0, 1);
    guarded from = take(count), less = take(step == 0 ? 1 : count), to = take(count);
    float right[80];
    if (pick(0, 3) == 0) from.at[pick(0, count - 1)] = pick(0, 1) ? INFINITY : -INFINITY;
    for (int i = 0; i < count; i++) from.at[i] *= (float)pick(0, 60);
    for (int i = 0; i < count; i++) right[i] = exponential(from.at[i] - less.at[i * step]);
    tested->exponentials(to.at, from.at, less.at, step, count);
    expect("exponentials", right, to.at, count);
    give(&from);
    give(&less);
    give(&to);
}

static void check_sigmoid(void) {
    int count = pick(1, 80);
    bool weighted = pick(0, 1);
    guarded from = take(count), to = take(count);
    float right[80];
    for (int i = 0; i < count; i++) from.at[i] *= (float)pick(0, 12);
    if (pick(0, 3) == 0) from.at[pick(0, count - 1)] = pick(0, 1) ? INFINITY : -INFINITY;
    for (int i = 0; i < count; i++) right[i] = (weighted ? from.at[i] : 1) / (1 + exponential(-from.at[i]));
    if (weighted)
        for (int i = 0; i < count; i++) /* the sign of a NaN is no number's */
            if (isinf(from.at[i]) && from.at[i] < 0) from.at[i] = right[i] = 0;
    tested->sigmoid(to.at, from.at, weighted, count);
    expect("sigmoid", right, to.at, count);
    give(&from);
    give(&to);
}

static void check_divide(void) {
    int count = pick(1, 80), step = pick(0, 1);
    guarded by = take(step == 0 ? 1 : count), to = take(count);
    float *right = copy_of(&to);
    for (int i = 0; i < count; i++) right[i] /= by.at[i * step];
    tested->divide(to.at, by.at, step, count);
    expect("divide", right, to.at, count);
    free(right);
    give(&by);
    give(&to);
}

static void check_maximum(void) {
    int count = pick(1, 80);
    guarded from = take(count);
    float right = -INFINITY;
    for (int i = 0; i < count; i++) right = fmaxf(right, from.at[i]);
    float found = tested->maximum(from.at, count);
    expect("maximum", &right, &found, 1);
    from.at[pick(0, count - 1)] = NAN;
    if (!isnan(tested->maximum(from.at, count))) failures++;
    give(&from);
}

static void check_line_sums(void) {
    int lines = pick(0, 2) == 0 ? tested->lanes : pick(1, tested->lanes), count = pick(1, 40),
        step = count + pick(0, 9);
    guarded from = take((lines - 1) * step + count), sum = take(lines);
    float *right = copy_of(&sum);
    for (int j = 0; j < lines; j++)
        for (int i = 0; i < count; i++) right[j] += from.at[j * step + i];
    tested->line_sums(sum.at, from.at, step, lines, count);
    expect("line_sums", right, sum.at, lines);
    free(right);
    give(&from);
    give(&sum);
}

static patches random_patches(void) {
    patches p = {.channels = pick(1, 5), .plane = 1, .pixels = 1, .taps = 1};
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        patch_axis *a = &p.axis[i];
        *a = (patch_axis){
            .size = i == 0 ? 1 : pick(1, 40), .step = i == 0 ? 1 : pick(1, 3), .taps = i == 0 ? 1 : pick(1, 4)};
        a->base = i == 0 ? 0 : -pick(0, 3);
        a->dilation = pick(1, 3);
        a->count = i == 0 ? 1 : pick(1, 25);
        p.plane *= a->size;
        p.pixels *= a->count;
        p.taps *= a->taps;
    }
    p.depth = p.channels * p.taps;
    return p;
}

static float patch_cell(const patches *p, const float *input, int64_t window, int64_t k) {
    const patch_axis *ay = &p->axis[1], *ax = &p->axis[2];
    int64_t y = window / ax->count * ay->step + ay->base + k / ax->taps % ay->taps * ay->dilation;
    int64_t x = window % ax->count * ax->step + ax->base + k % ax->taps * ax->dilation;
    bool inside = y >= 0 && y < ay->size && x >= 0 && x < ax->size;
    return inside ? input[k / p->taps * p->plane + y * ax->size + x] : 0;
}

static void check_pack(void) {
    patches p = random_patches();
    int width = pick(0, 1) ? 2 * tested->lanes : pick(1, TILE_ROWS);
    int first = pick(0, (int)p.pixels - 1), most = (int)p.pixels - first < width ? (int)p.pixels - first : width;
    int count = pick(1, most), k_first = pick(0, (int)p.depth - 1), k_last = pick(k_first + 1, (int)p.depth);
    if (pick(0, 1)) k_first = 0, k_last = (int)p.depth;
    guarded input = take(p.channels * p.plane), to = take((k_last - k_first) * width + tested->lanes - 1);
    float right[64], got[64];
    tested->pack(&p, input.at, first, count, k_first, k_last, to.at, width, 0);
    for (int k = k_first; k < k_last; k++) {
        for (int i = 0; i < count; i++) {
            right[i] = patch_cell(&p, input.at, first + i, k);
            got[i] = to.at[(k - k_first) * width + i];
        }
        expect("pack", right, got, count);
    }
    give(&input);
    give(&to);
}

/* A row of random numbers that either begins or ends where nothing may be touched. */
static guarded take_row(int64_t count) {
    guarded g = take(count);
    if (pick(0, 1)) return g;
    float *front = (float *)(void *)((char *)g.block + sysconf(_SC_PAGESIZE));
    memmove(front, g.at, (size_t)count * sizeof *front);
    g.at = front;
    return g;
}

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

static void check_rows(void) {
    enum { MOST_LINES = 96 };
    rows_call c = {.planes = pick(1, 3), .stride = pick(1, 2), .step = pick(1, 2), .outputs = pick(1, 6)};
    int high = pick(1, 7), rows = pick(1, 9), columns = pick(1, 2) == 1 ? pick(1, 70) : pick(1, 280),
        distinct = pick(1, 9);
    guarded lines[9];
    const float *line[MOST_LINES];
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

static void check_flat(void) {
    int wide = pick(1, 12), high = pick(1, 12), planes = pick(1, 4), taps = pick(1, 25), cells = wide * high;
    int lanes = tested->lanes, vectors = (cells + lanes - 1) / lanes;
    int32_t shift[25], right_of[25], below[25];
    uint32_t inside[25 * 36] = {0};
    for (int t = 0; t < taps; t++) {
        right_of[t] = pick(-3, 3);
        below[t] = pick(-3, 3);
        shift[t] = below[t] * wide + right_of[t];
    }
    guarded plane = take_row((int64_t)planes * cells), weight = take((int64_t)planes * (taps + 1)),
            output = take((int64_t)planes * cells);
    float *right = copy_of(&output);
    flat_call c = {.plane = plane.at, .plane_step = cells, .planes = planes, .cells = cells, .vectors = vectors};
    c.bias = pick(0, 1);
    for (int p = 0; p < planes; p++)
        for (int q = 0; q < cells; q++) {
            const float *w = weight.at + p * (taps + 1);
            float sum = 0;
            for (int t = 0; t < taps; t++) {
                int y = q / wide + below[t], x = q % wide + right_of[t];
                bool there = y >= 0 && y < high && x >= 0 && x < wide;
                if (there) inside[t * vectors + q / lanes] |= 1u << q % lanes;
                sum = fmaf(there ? plane.at[p * cells + y * wide + x] : 0, w[t], sum);
            }
            right[p * cells + q] = c.bias ? sum + w[taps] : sum;
        }
    c.taps = taps;
    c.shift = shift;
    c.inside = inside;
    c.weight = weight.at;
    c.output = output.at;
    tested->flat(&c);
    expect("flat", right, output.at, output.count);
    free(right);
    give(&plane);
    give(&weight);
    give(&output);
}

/* A padded plane: rows and columns of cells that lie in it, from `above` and `before` on, others in a place of their
 * own. */
typedef struct padded {
    int high, wide, rows, columns, above, before; /* of the input, of the room, and where the one lies in the other */
} padded;

static float channels_right(const channels_call *c, const padded *p, const float *weight, int lanes, int y, int x) {
    float sum = 0;
    for (int t = 0; t < c->kernel_rows * c->kernel_columns; t++) {
        int row = y * c->stride + t / c->kernel_columns * (int)c->dilation_rows - p->above;
        int column = x * c->step + t % c->kernel_columns * (int)c->dilation_columns - p->before;
        bool there = row >= 0 && row < p->high && column >= 0 && column < p->wide;
        sum = fmaf(there ? c->input[row * p->wide + column] : 0, weight[t * lanes], sum);
    }
    return c->bias ? sum + weight[c->kernel_rows * c->kernel_columns * lanes] : sum;
}

static void check_channels(void) {
    enum { MOST = 12 };
    int lanes = tested->lanes, rows = pick(1, MOST), columns = pick(1, 2 * MOST);
    padded p = {.high = pick(1, MOST), .wide = pick(1, 2 * MOST), .above = pick(-2, 3), .before = pick(-2, 3)};
    channels_call c = {.plane = p.high * p.wide, .channels = pick(0, 1) ? lanes : pick(1, lanes), .rows = rows};
    c.columns = columns;
    c.stride = pick(1, 3);
    c.step = pick(1, 2);
    c.dilation_rows = pick(1, 2);
    c.dilation_columns = pick(1, 2);
    c.kernel_rows = pick(1, 7);
    c.kernel_columns = pick(1, 7);
    c.bias = pick(0, 1);
    p.rows = (rows - 1) * c.stride + (c.kernel_rows - 1) * (int)c.dilation_rows + 1;
    p.columns = (columns - 1) * c.step + (c.kernel_columns - 1) * (int)c.dilation_columns + 1;
    int room = p.rows * p.columns, cells = rows * columns;
    int32_t place[2 * MOST * MOST];
    for (int i = 0; i < c.plane; i++) {
        int y = i / p.wide + p.above, x = i % p.wide + p.before;
        place[i] = y >= 0 && y < p.rows && x >= 0 && x < p.columns ? y * p.columns + x : room;
    }
    guarded input = take(c.plane * c.channels), output = take((int64_t)cells * c.channels);
    guarded padding = take((room + 1) * lanes), sums = take(cells * lanes);
    guarded weight = take((c.kernel_rows * c.kernel_columns + 1) * lanes);
    memset(padding.at, 0, (size_t)padding.count * sizeof *padding.at);
    float *right = copy_of(&output);
    for (int i = 0; i < c.channels * cells; i++) {
        c.input = input.at + i / cells * c.plane;
        right[i] = channels_right(&c, &p, weight.at + i / cells, lanes, i % cells / columns, i % columns);
    }
    c.input = input.at;
    c.place = place;
    c.room = padding.at;
    c.room_row = p.columns;
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
static void check_winograd(void) {
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

static const struct {
    const char *name;
    void (*check)(void);
} routines[] = {{"tile", check_tile},
                {"copy", check_copy},
                {"transpose", check_transpose},
                {"interleave", check_interleave},
                {"spread", check_spread},
                {"blend", check_blend},
                {"exponentials", check_exponentials},
                {"divide", check_divide},
                {"sigmoid", check_sigmoid},
                {"maximum", check_maximum},
                {"line_sums", check_line_sums},
                {"pack", check_pack},
                {"rows", check_rows},
                {"flat", check_flat},
                {"channels", check_channels},
                {"winograd", check_winograd}};

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Nanoseconds of a processor cycle: additions that wait for each other take one each. */
static double cycle_ns(void) {
    enum { ADDITIONS = 1 << 20 };
    double best = 1e30;
    for (int i = 0; i < 20; i++) {
        uint64_t n = (uint64_t)i;
        double begin = now();
        for (int k = 0; k < ADDITIONS; k++) {
            n += 3;
            __asm__ volatile("" : "+r"(n));
        }
        double spent = (now() - begin) / ADDITIONS;
        if (spent < best) best = spent;
    }
    return best;
}

enum { DEPTH = 256, ROOM = 1 << 14 };
static float bench_a[ROOM], bench_b[ROOM], bench_c[ROOM];

/* Full register tile of the usual depth: the share of the peak that all dense layers can reach. */
static double bench_tile(void) {
    tile_call t = {.rows = tested->tile_rows, .columns = 2 * tested->lanes, .depth = DEPTH, .a = bench_a};
    t.a_step = TILE_ROWS;
    t.b = bench_b;
    t.c = bench_c;
    t.b_step = t.c_row = t.columns;
    tested->tile(&t);
    return 2.0 * t.rows * t.columns * DEPTH;
}

/* 3x3 over 32 rows of 96 columns, as depthwise layers and pictures have it. */
static double bench_rows(void) {
    enum { ROWS = 32, COLUMNS = 96 };
    const float *line[ROWS + 2];
    for (int i = 0; i < ROWS + 2; i++) line[i] = bench_a + i * COLUMNS;
    static const int32_t tap[] = {0, 1, 2};
    rows_call c = {
        .line = line, .planes = 1, .plane_rows = ROWS + 2, .first = -1, .size = COLUMNS, .step = 1, .stride = 1};
    c.dilation = c.outputs = 1;
    c.kernel_rows = c.kernel_columns = 3;
    c.tap = tap;
    c.weight = bench_b;
    c.rows = ROWS;
    c.columns = c.output_row = COLUMNS;
    c.output = bench_c;
    tested->rows(&c);
    return 2.0 * 9 * ROWS * COLUMNS;
}

/* 16 planes of 7x7 under 3x3. */
static double bench_flat(void) {
    enum { CELLS = 49, TAPS = 9, PLANES = 16 };
    static int32_t shift[TAPS];
    static uint32_t inside[TAPS * 13];
    flat_call c = {.plane = bench_a + 64, .plane_step = CELLS, .planes = PLANES, .cells = CELLS, .taps = TAPS};
    c.vectors = (CELLS + tested->lanes - 1) / tested->lanes;
    for (int t = 0; t < TAPS; t++) shift[t] = (t / 3 - 1) * 7 + t % 3 - 1;
    for (int i = 0; i < TAPS * c.vectors; i++) inside[i] = 0x7f7f;
    c.shift = shift;
    c.inside = inside;
    c.weight = bench_b;
    c.output = bench_c;
    tested->flat(&c);
    return 2.0 * TAPS * CELLS * PLANES;
}

/* As many planes of 7x7 as there are lanes, under 7x7. */
static double bench_channels(void) {
    enum { SIDE = 7, ROW = 2 * SIDE - 1, CELLS = SIDE * SIDE };
    static int32_t place[CELLS];
    for (int i = 0; i < CELLS; i++) place[i] = (i / SIDE + 3) * ROW + i % SIDE + 3;
    channels_call c = {.input = bench_a, .plane = CELLS, .channels = tested->lanes, .place = place, .room_row = ROW};
    c.room = bench_c;
    c.stride = c.step = 1;
    c.dilation_rows = c.dilation_columns = 1;
    c.kernel_rows = c.kernel_columns = SIDE;
    c.weight = bench_b;
    c.rows = c.columns = SIDE;
    c.sums = bench_c + (ROOM / 4);
    c.output = bench_c + (ROOM / 2);
    tested->channels(&c);
    return 2.0 * CELLS * CELLS * tested->lanes;
}

static double bench_copy(void) {
    tested->copy(bench_c, bench_a, 1000, -1, 1, 1000);
    return 0;
}

static double bench_copy_second(void) {
    tested->copy(bench_c, bench_a, 2000, -1, 2, 1000);
    return 0;
}

static double bench_transpose(void) {
    tested->transpose(bench_a, 64, tested->lanes, tested->lanes, bench_c, tested->lanes);
    return 0;
}

static double bench_interleave(void) {
    tested->interleave(bench_c, bench_a, bench_b, 1000);
    return 0;
}

static double bench_blend(void) {
    tested->blend(bench_c, bench_a, bench_b, 0.25f, 1000);
    return 3 * 1000;
}

static double bench_exponentials(void) {
    tested->exponentials(bench_c, bench_a, bench_b, 0, 1000);
    return 0;
}

static double bench_sigmoid(void) {
    tested->sigmoid(bench_c, bench_a, false, 1000);
    return 0;
}

static double bench_maximum(void) {
    bench_c[0] = tested->maximum(bench_a, 1000);
    return 0;
}

static double bench_line_sums(void) {
    tested->line_sums(bench_c, bench_a, 70, tested->lanes, 64);
    return 64 * tested->lanes;
}

/* A panel of 3x3 windows of 16 channels. */
static double bench_pack(void) {
    patches p = {.channels = 16, .plane = 28 * 28, .pixels = 28 * 28, .taps = 9, .depth = 144};
    p.axis[0] = (patch_axis){.count = 1, .size = 1, .taps = 1, .step = 1};
    p.axis[1] = p.axis[2] = (patch_axis){.count = 28, .size = 28, .taps = 3, .step = 1, .base = -1, .dilation = 1};
    tested->pack(&p, bench_a, 56, 2 * tested->lanes, 0, p.depth, bench_c, 2 * tested->lanes, 0);
    return 0;
}

static double bench_winograd_input(void) {
    tested->winograd_input(bench_a, 6 * tested->lanes, tested->lanes, 6, 6, bench_c, tested->lanes);
    return 0;
}

static double bench_winograd_output(void) {
    winograd_tile t = {bench_a, tested->lanes, bench_b, bench_c, 4 * tested->lanes, tested->lanes, 6, 4, 4};
    tested->winograd_output(&t);
    return 0;
}

static const struct {
    const char *name;
    double (*run)(void); /* one call; returns its operations, or 0 */
} benches[] = {{"tile, depth 256", bench_tile},
               {"rows 3x3 of 32 x 96", bench_rows},
               {"flat 3x3 of 16 x 7x7", bench_flat},
               {"channels 7x7 of 7x7", bench_channels},
               {"copy of 1000", bench_copy},
               {"copy of every second", bench_copy_second},
               {"transpose", bench_transpose},
               {"interleave of 1000", bench_interleave},
               {"blend of 1000", bench_blend},
               {"exponentials of 1000", bench_exponentials},
               {"maximum of 1000", bench_maximum},
               {"sigmoid of 1000", bench_sigmoid},
               {"sums of lines of 64", bench_line_sums},
               {"pack 3x3 of 16 channels", bench_pack},
               {"winograd_input 6x6", bench_winograd_input},
               {"winograd_output 4x4", bench_winograd_output}};

static void bench_all(void) {
    double cycle = cycle_ns();
    for (size_t b = 0; b < sizeof benches / sizeof *benches; b++) {
        double best = 1e30, operations = 0;
        for (int i = 0; i < 300; i++) {
            double begin = now();
            for (int k = 0; k < 20; k++) operations = benches[b].run();
            double spent = (now() - begin) / 20;
            if (spent < best) best = spent;
        }
        printf("%-8s %-24s %10.0f cycles %10.1f ns", tested->name, benches[b].name, best / cycle, best);
        if (operations > 0) printf(" %7.1f GFLOP/s", operations / best);
        printf("\n");
    }
}

int main(int argc, char **argv) {
    const kernels *const sets[] = {kernels_avx512, kernels_avx2, kernels_neon, kernels_plain};
    static const unsigned masks[] = {CONV_CPU_AVX512, CONV_CPU_AVX2, CONV_CPU_NEON, CONV_CPU_PLAIN};
    conv_engine *engine = NULL;
    if (conv_engine_create(NULL, &engine, NULL) != CONV_OK) return 1;
    unsigned here = conv_engine_cpu(engine);
    conv_engine_destroy(engine);
    for (int s = 0; s < 4; s++) {
        tested = sets[s];
        if (tested == NULL || (masks[s] & here) != masks[s]) continue;
        for (size_t r = 0; r < sizeof routines / sizeof *routines; r++) {
            int before = failures;
            for (int i = 0; i < 1500 && failures == before; i++) routines[r].check();
            printf("%-8s %-12s %s\n", tested->name, routines[r].name, failures == before ? "ok" : "WRONG");
        }
        if (argc > 1 && strcmp(argv[1], "--bench") == 0) bench_all();
    }
    return failures > 0;
}
