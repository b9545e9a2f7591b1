/* The checks of dense register tiles, and of what only moves numbers: panels, rows, transposes. */
#include "check.h"
#include <math.h>
#include <stdlib.h>

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

void check_tile(void) {
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

void check_pack(void) {
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

void check_copy(void) {
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

void check_transpose(void) {
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

void check_interleave(void) {
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

void check_spread(void) {
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
