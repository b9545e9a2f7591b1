/* convscope bench: times exactly what `run` executes, and nothing else. */
#include "app/system/json.h"
#include "app/system/memory.h"
#include "app/system/number.h"
#include "subject.h"
#include "table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct bench_options {
    subject_options subject;
    double seconds;
    int64_t runs;
    bool roof;
} bench_options;

static const option options[] = {SUBJECT_ROWS(bench_options),
                                 {.name = "seconds",
                                  .kind = OPTION_REAL,
                                  .offset = offsetof(bench_options, seconds),
                                  .value = "S",
                                  .help = N_("how long each layer is timed; 0.5 by default, and at least five runs"),
                                  .least = 0.001,
                                  .most = 3600},
                                 {.name = "runs",
                                  .kind = OPTION_INTEGER,
                                  .offset = offsetof(bench_options, runs),
                                  .value = "N",
                                  .help = N_("at most so many runs of each layer; 1000 by default"),
                                  .least = 1,
                                  .most = 1000000},
                                 {.name = "roof",
                                  .kind = OPTION_FLAG,
                                  .offset = offsetof(bench_options, roof),
                                  .help = N_("also measure what the cores can do at best, and say each layer's share "
                                             "of it; afterwards, so that it changes no time")},
                                 {0}};

enum { WARM_UPS = 3, LEAST_RUNS = 5, DEFAULT_RUNS = 1000 };

/* What was measured of one layer. */
typedef struct timing {
    const conv_layer *layer;
    const conv_layout *layout;
    double median_ms, min_ms, gflops, bandwidth; /* bandwidth: GB/s of input, weights and output, each counted once */
    int64_t runs;
    conv_algorithm algorithm;
    size_t workspace, packed;
} timing;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* Nearly normal numbers from a seed: the sum of four uniform ones, scaled to a variance of 1. */
static void fill_normal(float *numbers, int64_t count, uint64_t seed) {
    uint64_t state = seed * 2 + 1;
    for (int64_t i = 0; i < count; i++) {
        double sum = -2;
        for (int k = 0; k < 4; k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            sum += (double)(state >> 11) * 0x1p-53;
        }
        numbers[i] = (float)(sum * 1.7320508075688772);
    }
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double tensor_bytes(const conv_layout *l) {
    double count = (double)conv_shape_count(&l->output);
    for (int i = 0; i < l->input_count; i++) count += (double)conv_shape_count(&l->input[i]);
    if (l->weight.rank) count += (double)conv_shape_count(&l->weight);
    return count * sizeof(float);
}

static bool measure(conv_plan *plan, const conv_operands *operands, float *output, const bench_options *o, timing *t,
                    failure *f) {
    const int64_t most = o->runs ? o->runs : DEFAULT_RUNS;
    const double limit = o->seconds > 0 ? o->seconds : 0.5;
    double *times = memory_resize(NULL, (size_t)most, sizeof *times);
    if (!times) return fail_memory(f);
    conv_error error;
    bool ok = true;
    double spent = 0;
    for (int i = 0; ok && i < WARM_UPS; i++) ok = conv_plan_run(plan, operands, output, NULL, NULL, &error) == CONV_OK;
    while (ok && t->runs < most && (spent < limit || t->runs < LEAST_RUNS)) {
        double begin = now();
        ok = conv_plan_run(plan, operands, output, NULL, NULL, &error) == CONV_OK;
        times[t->runs] = now() - begin;
        spent += times[t->runs++];
    }
    if (ok) {
        qsort(times, (size_t)t->runs, sizeof *times, ascending);
        t->median_ms = times[t->runs / 2] * 1e3;
        t->min_ms = times[0] * 1e3;
        const double seconds = times[t->runs / 2] > 0 ? times[t->runs / 2] : 1e-9;
        t->gflops = 2 * (double)t->layout->cost.multiply_adds / seconds * 1e-9;
        t->bandwidth = tensor_bytes(t->layout) / seconds * 1e-9;
    }
    memory_free(times);
    return ok || fail_engine(f, &error);
}

static bool time_layer(const subject *s, int layer, const bench_options *o, timing *t, failure *f) {
    conv_operands operands;
    array output;
    *t = (timing){.layer = conv_network_layer(s->network, layer), .layout = conv_network_layout(s->network, layer)};
    conv_plan *plan = conv_network_plan(s->network, layer);
    conv_network_operands(s->network, layer, &operands);
    t->algorithm = conv_plan_algorithm(plan);
    t->workspace = conv_plan_workspace(plan);
    t->packed = conv_plan_packed_size(plan);
    if (!array_create(&output, &t->layout->output, conv_engine_memory_limit(s->engine), f)) return false;
    bool ok = measure(plan, &operands, output.data, o, t, f);
    array_destroy(&output);
    return ok;
}

static bool prepare(const subject *s, failure *f) {
    array input;
    conv_error error;
    if (!array_create(&input, &s->shape, conv_engine_memory_limit(s->engine), f)) return false;
    fill_normal(input.data, conv_shape_count(&s->shape), s->seed);
    bool ok = conv_network_draw_weights(s->network, s->seed, &error) == CONV_OK &&
              conv_network_run(s->network, input.data, &s->plan, &error) == CONV_OK;
    array_destroy(&input);
    return ok || fail_engine(f, &error);
}

/* Shares of what all threads together could do. bound: by memory, so that the share of copying is what tells. */
typedef struct share {
    double peak, copying;
    bool bound;
} share;

static share share_of(const timing *t, const conv_roof *roof, int threads) {
    share s = {.peak = t->gflops / roof->gflops / threads, .copying = t->bandwidth / roof->cache_copy / threads};
    s.bound = s.copying > s.peak;
    return s;
}

static void json_share(json *j, const timing *t, const conv_roof *roof, int threads) {
    if (roof == NULL) return;
    share s = share_of(t, roof, threads);
    json_real(j, "share_of_peak", s.peak);
    json_real(j, "share_of_copying", s.copying);
    json_text(j, "bound_by", s.bound ? "memory" : "arithmetic");
}

static void json_timing(json *j, const timing *t) {
    char text[512];
    json_text(j, "expression", subject_layer_text(t->layout, text, (int)sizeof text));
    json_shape(j, "input", &t->layout->input[0]);
    json_shape(j, "output", &t->layout->output);
    json_text(j, "algorithm", conv_algorithm_name(t->algorithm));
    json_real(j, "median_ms", t->median_ms);
    json_real(j, "min_ms", t->min_ms);
    json_real(j, "gflops", t->gflops);
    json_real(j, "gb_per_s", t->bandwidth);
    json_integer(j, "runs", t->runs);
    json_integer(j, "workspace_bytes", (int64_t)t->workspace);
    json_integer(j, "packed_bytes", (int64_t)t->packed);
}

/* The layers together. */
static timing total_of(const timing *timings, int count) {
    timing total = {0};
    double multiply_adds = 0, bytes = 0;
    for (int i = 0; i < count; i++) {
        total.median_ms += timings[i].median_ms;
        total.min_ms += timings[i].min_ms;
        multiply_adds += (double)timings[i].layout->cost.multiply_adds;
        bytes += tensor_bytes(timings[i].layout);
    }
    const double seconds = total.median_ms > 0 ? total.median_ms * 1e-3 : 1e-9;
    total.gflops = 2 * multiply_adds / seconds * 1e-9;
    total.bandwidth = bytes / seconds * 1e-9;
    return total;
}

static void write_json(const subject *s, const timing *timings, int count, const conv_roof *roof) {
    const int threads = conv_engine_threads(s->engine);
    json j = json_begin(stdout);
    json_object(&j, NULL);
    if (count == 1) {
        json_timing(&j, &timings[0]);
        json_share(&j, &timings[0], roof, threads);
    } else {
        timing total = total_of(timings, count);
        json_text(&j, "algorithm", "several");
        json_real(&j, "median_ms", total.median_ms);
        json_real(&j, "min_ms", total.min_ms);
        json_real(&j, "gflops", total.gflops);
        json_real(&j, "gb_per_s", total.bandwidth);
        json_array(&j, "layers");
        for (int i = 0; i < count; i++) {
            json_object(&j, NULL);
            json_text(&j, "name", timings[i].layer->name);
            json_timing(&j, &timings[i]);
            json_share(&j, &timings[i], roof, threads);
            json_close(&j);
        }
        json_close(&j);
    }
    if (roof != NULL) {
        json_object(&j, "roof");
        json_real(&j, "core_gflops", roof->gflops);
        json_real(&j, "core_cache_copy_gb_per_s", roof->cache_copy);
        json_real(&j, "core_memory_copy_gb_per_s", roof->memory_copy);
        json_close(&j);
    }
    json_integer(&j, "threads", threads);
    json_text(&j, "cpu", conv_cpu_name(conv_engine_cpu(s->engine)));
    json_close(&j);
    json_end(&j);
}

static void timing_cells(const timing *t, table_row *row) {
    number_write(t->median_ms, 4, row->cell[2], TABLE_CELL);
    number_write(t->min_ms, 4, row->cell[3], TABLE_CELL);
    number_write(t->gflops, 4, row->cell[4], TABLE_CELL);
    number_write(t->bandwidth, 3, row->cell[5], TABLE_CELL);
}

enum { COLUMNS = 8, ROOF_COLUMNS = 10 };

/* In percent; what does not bound the layer stands in brackets. */
static void share_cells(const timing *t, const conv_roof *roof, int threads, table_row *row) {
    share s = share_of(t, roof, threads);
    snprintf(row->cell[8], TABLE_CELL, s.bound ? "(%.0f%%)" : "%.0f%%", 100 * s.peak);
    snprintf(row->cell[9], TABLE_CELL, s.bound ? "%.0f%%" : "(%.0f%%)", 100 * s.copying);
}

static double rounded(double x) {
    return floor(x * 10 + 0.5) / 10;
}

static void show_roof(const command_line *line, const conv_roof *roof) {
    char text[512];
    tr_format(
        line->language, text, (int)sizeof text,
        N_("One core was seen to do {0} GFLOP/s of fused multiply-adds, and to copy {1} GB/s in its caches, {2} in "
           "memory. Peak and copying: the share of that, all threads together; in brackets the one that is not "
           "the layer's limit."),
        "ggg", rounded(roof->gflops), rounded(roof->cache_copy), rounded(roof->memory_copy));
    printf("%s\n", text);
}

static bool show(const command_line *line, const subject *s, const timing *timings, int count, const conv_roof *roof,
                 failure *f) {
    static const char *const heads[] = {N_("layer"), N_("operation"), N_("median ms"), N_("least ms"), "GFLOP/s",
                                        "GB/s",      N_("runs"),      N_("algorithm"), N_("peak"),     N_("copying")};
    static const bool right[TABLE_COLUMNS] = {false, false, true, true, true, true, true, false, true, true};
    const int columns = roof != NULL ? ROOF_COLUMNS : COLUMNS;
    char text[256];
    table_row *rows = memory_zeroed((size_t)count + 2, sizeof *rows);
    if (!rows) return fail_memory(f);
    for (int c = 0; c < columns; c++) snprintf(rows[0].cell[c], TABLE_CELL, "%s", tr(line->language, heads[c]));
    for (int i = 0; i < count; i++) {
        table_row *row = &rows[i + 1];
        snprintf(row->cell[0], TABLE_CELL, "%s", timings[i].layer->name);
        subject_layer_text(timings[i].layout, row->cell[1], TABLE_CELL);
        timing_cells(&timings[i], row);
        number_write((double)timings[i].runs, 7, row->cell[6], TABLE_CELL);
        snprintf(row->cell[7], TABLE_CELL, "%s", conv_algorithm_name(timings[i].algorithm));
        if (roof != NULL) share_cells(&timings[i], roof, conv_engine_threads(s->engine), row);
    }
    if (count > 1) {
        timing total = total_of(timings, count);
        snprintf(rows[count + 1].cell[0], TABLE_CELL, "%s", tr(line->language, N_("total")));
        timing_cells(&total, &rows[count + 1]);
    }
    table_write(stdout, rows, count + (count > 1 ? 2 : 1), columns, right);
    memory_free(rows);
    tr_format(line->language, text, (int)sizeof text,
              N_("{0} threads, {1}; inputs and outputs are plain NCHW, weights are packed beforehand"), "ds",
              (int64_t)conv_engine_threads(s->engine), conv_cpu_name(conv_engine_cpu(s->engine)));
    printf("%s\n", text);
    if (roof != NULL) show_roof(line, roof);
    return true;
}

static bool bench(const command_line *line, const subject *s, const bench_options *o, failure *f) {
    const int count = conv_network_count(s->network);
    if (!prepare(s, f)) return false;
    timing *timings = memory_zeroed((size_t)count, sizeof *timings);
    if (!timings) return fail_memory(f);
    bool ok = true;
    for (int i = 0; ok && i < count; i++) ok = time_layer(s, i, o, &timings[i], f);
    conv_roof measured = {0};
    const conv_roof *roof = o->roof ? &measured : NULL;
    conv_error error;
    if (ok && o->roof) ok = conv_engine_roof(s->engine, &measured, &error) == CONV_OK || fail_engine(f, &error);
    if (ok && line->json)
        write_json(s, timings, count, roof);
    else if (ok)
        ok = show(line, s, timings, count, roof, f);
    memory_free(timings);
    return ok;
}

static exit_status run(const command_line *line) {
    const bench_options *o = line->values;
    subject s;
    failure f;
    exit_status status = subject_open(&s, line, &o->subject);
    if (status == EXIT_DONE && !bench(line, &s, o, &f)) status = command_fail(line, &f, NULL);
    subject_close(&s);
    return status;
}

const command command_bench = {
    .name = "bench",
    .usage = N_("EXPR|FILE --input SHAPE [--threads N]"),
    .summary = N_("Times a layer, or each layer of a network, on random numbers."),
    .details =
        N_("The time is that of one run of the plan: plain NCHW in, plain NCHW out. Making the plan and packing the "
           "weights happen once before and are not counted. GB/s counts input, weights and output once each."),
    .examples = "convscope bench 'nn.Conv2d(64, 64, 3, padding=1)' --input 1,64,56,56 --threads 2\n"
                "convscope bench 'nn.Conv2d(64, 64, 3, padding=1)' --input 1,64,56,56 --algorithm direct --json",
    .options = options,
    .values_size = sizeof(bench_options),
    .least = 1,
    .most = 1,
    .json = true,
    .run = run,
};
