/* What single routines of a set cost: the best of many calls, on the thread's own clock. */
#include "check.h"
#include <stdio.h>
#include <time.h>

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
    tested->elementwise[CONV_SIGMOID](bench_c, bench_a, 0, 1000);
    return 0;
}

static double bench_hardswish(void) {
    tested->elementwise[CONV_HARDSWISH](bench_c, bench_a, 0, 1000);
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
               {"hardswish of 1000", bench_hardswish},
               {"sums of lines of 64", bench_line_sums},
               {"pack 3x3 of 16 channels", bench_pack},
               {"winograd_input 6x6", bench_winograd_input},
               {"winograd_output 4x4", bench_winograd_output}};

void bench_all(void) {
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
