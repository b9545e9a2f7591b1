/* Times the engine on the layers of a file, and checks it.
 *
 *     bench_layers LAYERS.tsv [--threads N] [--algorithm NAME] [--check] [--all] [--scaling] [--seconds S]
 *                  [--only TEXT]
 *
 * A layer is a line: name TAB PyTorch constructor TAB input shape. For each: the algorithm, the best and the median
 * wall time of a run, processor time per thread, GFLOP/s as the field counts them, GB/s of input, output and weights,
 * memory, what the cost model expects of one thread, and the shares of what one core was seen to do at best: fused
 * multiply-adds, and copying within the cache.
 * --scaling: instead, medians with 1, 2 and 16 threads in turn.
 * --all: every algorithm that can do it but the reference.
 * --check: compares with the plain reference, chain algorithms bit for bit, others within 1e-5 + 1e-4 |y|. */
#include "app/expression/expression.h"
#include "app/system/memory.h"
#include "conv/conv.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

typedef struct settings {
    const char *file, *only;
    conv_algorithm algorithm;
    int threads;
    bool check, all, scaling;
    double seconds;
    conv_roof roof;
} settings;

static double clock_seconds(clockid_t id) {
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Numbers in [-1, 1) from a fixed seed. */
static float *random_floats(int64_t count, double scale, uint64_t seed) {
    float *x = malloc((size_t)(count > 0 ? count : 1) * sizeof *x);
    for (int64_t i = 0; x != NULL && i < count; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        x[i] = (float)(((double)(seed >> 40) / (1 << 23) - 1) * scale);
    }
    return x;
}

typedef struct layer {
    char name[64];
    conv_spec spec;
    conv_shape input;
    conv_layout layout;
    conv_operands operands;
    float *x, *w, *b, *y;
} layer;

static bool layer_make(layer *l, const char *text, const char *shape) {
    failure f = {0};
    conv_layer *layers = NULL;
    conv_error error = {0};
    int count = 0;
    if (!expression_parse(text, &layers, &count, &f) || count != 1) return false;
    l->spec = layers[0].spec;
    memory_free(layers);
    for (char *end; *shape != '\0' && l->input.rank < CONV_MAX_DIMS; shape = *end == ',' ? end + 1 : end) {
        l->input.size[l->input.rank++] = strtoll(shape, &end, 10);
        if (end == shape) return false;
    }
    if (conv_layout_infer(&l->spec, &l->input, 1, &l->layout, &error) != CONV_OK) {
        fprintf(stderr, "%s\n", error.message);
        return false;
    }
    const conv_layout *a = &l->layout;
    int64_t weights = conv_shape_count(&a->weight), fan = weights / a->weight.size[0];
    l->x = random_floats(conv_shape_count(&l->input), 1.7, 1);
    l->w = random_floats(weights, 1 / sqrt((double)fan), 2);
    l->b = a->bias.rank > 0 ? random_floats(conv_shape_count(&a->bias), 1, 3) : NULL;
    l->y = malloc((size_t)conv_shape_count(&a->output) * sizeof *l->y);
    l->operands = (conv_operands){.input = {l->x}, .weight = l->w, .bias = l->b};
    return l->x != NULL && l->w != NULL && l->y != NULL;
}

static void layer_free(layer *l) {
    free(l->x);
    free(l->w);
    free(l->b);
    free(l->y);
}

static conv_plan *plan_of(conv_engine *engine, const layer *l, conv_algorithm algorithm) {
    conv_plan_options options = {.algorithm = algorithm};
    conv_plan *plan = NULL;
    conv_plan_create(engine, &l->spec, &l->input, 1, &l->operands, &options, &plan, NULL);
    return plan;
}

static const char *compare(conv_engine *engine, const layer *l, conv_algorithm algorithm) {
    static char verdict[96];
    int64_t count = conv_shape_count(&l->layout.output), wrong = 0;
    float *reference = malloc((size_t)count * sizeof *reference);
    conv_plan *plan = plan_of(engine, l, CONV_PLAIN);
    if (reference == NULL || plan == NULL) return "no memory";
    conv_plan_run(plan, &l->operands, reference, NULL, NULL, NULL);
    double worst = 0;
    for (int64_t i = 0; i < count; i++) {
        double off = fabs((double)l->y[i] - (double)reference[i]) / (1e-5 + 1e-4 * fabs((double)reference[i]));
        if (!(off <= worst)) worst = off;
        wrong += memcmp(&l->y[i], &reference[i], sizeof(float)) != 0;
    }
    conv_plan_destroy(plan);
    free(reference);
    bool good = conv_algorithm_is_chain(algorithm) ? wrong == 0 : worst <= 1;
    snprintf(verdict, sizeof verdict, "%s%.2f of tolerance, %lld bits differ", good ? "ok " : "WRONG ", worst,
             (long long)wrong);
    return verdict;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void time_layer(conv_engine *engine, layer *l, conv_algorithm algorithm, const settings *s) {
    conv_plan *plan = plan_of(engine, l, algorithm);
    if (plan == NULL) return;
    enum { MOST = 2000 };
    static double times[MOST];
    int count = 0;
    double spent = 0, processor = 1e30;
    for (int i = 0; i < 3; i++) conv_plan_run(plan, &l->operands, l->y, NULL, NULL, NULL);
    while (count < MOST && (count < 5 || spent < s->seconds)) {
        double p = clock_seconds(CLOCK_PROCESS_CPUTIME_ID), t = clock_seconds(CLOCK_MONOTONIC);
        conv_plan_run(plan, &l->operands, l->y, NULL, NULL, NULL);
        times[count] = clock_seconds(CLOCK_MONOTONIC) - t;
        p = (clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - p) / s->threads;
        if (p < processor) processor = p;
        spent += times[count++];
    }
    qsort(times, (size_t)count, sizeof *times, ascending);
    const conv_layout *a = &l->layout;
    double bytes =
        4.0 * (double)(conv_shape_count(&a->output) + conv_shape_count(&l->input) + conv_shape_count(&a->weight));
    double gflops = 2e-9 * (double)a->cost.multiply_adds / times[0], moved = bytes * 1e-9 / times[0];
    bool memory = bytes / s->roof.cache_copy > 2 * (double)a->cost.multiply_adds / s->roof.gflops;
    printf(
        "%-20s %-10s best %9.4f median %9.4f cpu/thread %9.4f ms %7.1f GFLOP/s %6.1f GB/s  work %5.1f packed %5.1f MiB",
        l->name, conv_algorithm_name(conv_plan_algorithm(plan)), times[0] * 1e3, times[count / 2] * 1e3,
        processor * 1e3, gflops, moved, (double)conv_plan_workspace(plan) / 1048576,
        (double)conv_plan_packed_size(plan) / 1048576);
    conv_candidate candidates[CONV_ALGORITHM_COUNT];
    int candidate_count = conv_plan_candidates(plan, candidates, CONV_ALGORITHM_COUNT);
    for (int i = 0; i < candidate_count; i++)
        if (candidates[i].algorithm == conv_plan_algorithm(plan)) printf("  model %.3f ms", candidates[i].milliseconds);
    printf("  %3.0f%% of peak, %3.0f%% of copying%s", 100 * gflops / s->roof.gflops / s->threads,
           100 * moved / s->roof.cache_copy / s->threads, memory ? ", memory-bound" : "");
    if (s->check) printf("  %s", compare(engine, l, conv_plan_algorithm(plan)));
    printf("\n");
    fflush(stdout);
    conv_plan_destroy(plan);
}

enum { SCALINGS = 3, SCALING_RUNS = 200 };
static const int scaling_threads[SCALINGS] = {1, 2, 16};

static double median_of(double *times, int count) {
    qsort(times, (size_t)count, sizeof *times, ascending);
    return times[count / 2] * 1e3;
}

/* The same layer on engines of 1, 2 and 16 threads, in turn. */
static void time_scaling(conv_engine *const engines[SCALINGS], layer *l, const settings *s) {
    static double times[SCALINGS][SCALING_RUNS];
    conv_plan *plans[SCALINGS] = {0};
    int count = 0;
    bool ready = true;
    for (int i = 0; i < SCALINGS; i++) {
        plans[i] = plan_of(engines[i], l, s->algorithm);
        ready = ready && plans[i] != NULL;
    }
    for (double spent = 0; ready && count < SCALING_RUNS && (count < 5 || spent < s->seconds); count++)
        for (int i = 0; i < SCALINGS; i++) {
            /* The first are not counted: they find another engine's data in the caches, and their threads asleep. */
            for (int run = 0; run < 3; run++) conv_plan_run(plans[i], &l->operands, l->y, NULL, NULL, NULL);
            double begin = clock_seconds(CLOCK_MONOTONIC);
            conv_plan_run(plans[i], &l->operands, l->y, NULL, NULL, NULL);
            times[i][count] = clock_seconds(CLOCK_MONOTONIC) - begin;
            spent += times[i][count];
        }
    if (count > 0) {
        double t[SCALINGS];
        for (int i = 0; i < SCALINGS; i++) t[i] = median_of(times[i], count);
        printf(
            "%-20s 1 thread %9.4f  2 threads %9.4f  16 threads %9.4f ms   2 against 1: %5.2f   16 against 2: %5.2f\n",
            l->name, t[0], t[1], t[2], t[0] / t[1], t[1] / t[2]);
        fflush(stdout);
    }
    for (int i = 0; i < SCALINGS; i++) conv_plan_destroy(plans[i]);
}

static bool read_settings(int argc, char **argv, settings *s) {
    for (int i = 1; i < argc; i++) {
        const char *a = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(a, "--check") == 0) {
            s->check = true;
        } else if (strcmp(a, "--scaling") == 0) {
            s->scaling = true;
        } else if (strcmp(a, "--all") == 0) {
            s->all = true;
        } else if (strncmp(a, "--", 2) != 0) {
            s->file = a;
        } else {
            if (strcmp(a, "--threads") == 0) s->threads = atoi(value);
            if (strcmp(a, "--seconds") == 0) s->seconds = atof(value);
            if (strcmp(a, "--only") == 0) s->only = value;
            if (strcmp(a, "--algorithm") == 0 && !conv_algorithm_find(value, &s->algorithm)) return false;
            i++;
        }
    }
    return s->file != NULL && s->threads > 0;
}

int main(int argc, char **argv) {
    settings s = {.threads = 2, .seconds = 0.3};
    if (!read_settings(argc, argv, &s)) {
        fprintf(stderr,
                "usage: %s LAYERS.tsv [--threads N] [--algorithm NAME] [--check] [--all] [--scaling] [--seconds S] "
                "[--only TEXT]\n",
                argv[0]);
        return 2;
    }
    FILE *file = fopen(s.file, "r");
    conv_engine_options options;
    conv_engine *engine = NULL, *scaling[SCALINGS] = {0};
    conv_engine_defaults(&options);
    options.threads = s.threads;
    bool ready = file != NULL && conv_engine_create(&options, &engine, NULL) == CONV_OK;
    for (int i = 0; ready && s.scaling && i < SCALINGS; i++) {
        options.threads = scaling_threads[i];
        ready = conv_engine_create(&options, &scaling[i], NULL) == CONV_OK;
    }
    if (!ready) {
        fprintf(stderr, "cannot read %s\n", s.file);
        return 1;
    }
    if (!s.scaling) {
        if (conv_engine_roof(engine, &s.roof, NULL) != CONV_OK) return 1;
        printf("one core: %.1f GFLOP/s of fused multiply-adds, copying %.1f GB/s in the cache and %.1f in memory\n",
               s.roof.gflops, s.roof.cache_copy, s.roof.memory_copy);
    }
    char line[512];
    while (fgets(line, sizeof line, file) != NULL) {
        layer l = {0};
        char text[256], shape[96];
        if (line[0] == '#' || sscanf(line, "%63[^\t]\t%255[^\t]\t%95[0-9,]", l.name, text, shape) != 3) continue;
        if (s.only != NULL && strstr(l.name, s.only) == NULL) continue;
        if (!layer_make(&l, text, shape)) {
            printf("%-20s cannot be read\n", l.name);
        } else if (s.scaling) {
            time_scaling(scaling, &l, &s);
        } else if (s.all) {
            for (int id = CONV_PLAIN + 1; id < CONV_ALGORITHM_COUNT; id++)
                time_layer(engine, &l, (conv_algorithm)id, &s);
        } else {
            time_layer(engine, &l, s.algorithm, &s);
        }
        layer_free(&l);
    }
    fclose(file);
    for (int i = 0; i < SCALINGS; i++) conv_engine_destroy(scaling[i]);
    conv_engine_destroy(engine);
    return 0;
}
