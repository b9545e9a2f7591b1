/* What the window waits for: planning and running a small grid, changing one cell, and a photo under a kernel that
 * changes each frame.
 *
 *     bench_small [--threads N]
 *
 * Prints the best and the median of many; times are wall times in microseconds. */
#include "conv/conv.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TIMES = 400 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

typedef struct scene {
    conv_engine *engine;
    conv_spec spec;
    conv_shape input;
    conv_operands operands;
    conv_plan *plan;
    float *x, *w, *y;
} scene;

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *what, scene *s, void (*act)(scene *, int), int times) {
    double t[TIMES];
    for (int i = 0; i < times; i++) {
        double begin = now();
        act(s, i);
        t[i] = now() - begin;
    }
    qsort(t, (size_t)times, sizeof *t, ascending);
    printf("%-58s best %10.1f median %10.1f us\n", what, t[0], t[times / 2]);
}

static void plan_and_run(scene *s, int i) {
    (void)i;
    conv_plan *plan = NULL;
    if (conv_plan_create(s->engine, &s->spec, &s->input, 1, &s->operands, NULL, &plan, NULL) != CONV_OK) return;
    conv_plan_run(plan, &s->operands, s->y, NULL, NULL, NULL);
    conv_plan_destroy(plan);
}

static void run(scene *s, int i) {
    (void)i;
    conv_plan_run(s->plan, &s->operands, s->y, NULL, NULL, NULL);
}

static void change_cell(scene *s, int i) {
    int64_t cell = (int64_t)i * 7919 % conv_shape_count(&s->input);
    s->x[cell] = (float)i;
    conv_plan_update(s->plan, &s->operands, 0, cell, cell + 1, s->y, NULL, NULL);
}

static void change_kernel(scene *s, int i) {
    s->w[i % 25] += 0.01f;
    conv_plan_set_weights(s->plan, &s->operands, NULL);
    conv_plan_run(s->plan, &s->operands, s->y, NULL, NULL, NULL);
}

static void change_kernel_by_steps(scene *s, int i) {
    s->w[i % 25] += 0.01f;
    conv_plan_set_weights(s->plan, &s->operands, NULL);
    conv_plan_run_steps(s->plan, &s->operands, 0, conv_plan_layout(s->plan)->steps, s->y, NULL);
}

static void scene_begin(scene *s, int64_t kernel, int64_t height, int64_t width) {
    conv_spec_init(&s->spec, conv_op_find("Conv2d"));
    s->spec.in_channels = s->spec.out_channels = 1;
    s->spec.kernel_size[0] = s->spec.kernel_size[1] = kernel;
    s->spec.padding[0] = s->spec.padding[1] = kernel / 2;
    s->spec.bias = false;
    s->input = (conv_shape){4, {1, 1, height, width}};
    s->x = calloc((size_t)(height * width), sizeof *s->x);
    s->y = calloc((size_t)(height * width), sizeof *s->y);
    s->w = calloc((size_t)(kernel * kernel), sizeof *s->w);
    if (s->x == NULL || s->y == NULL || s->w == NULL) exit(1);
    for (int64_t i = 0; i < height * width; i++) s->x[i] = (float)(i % 17) - 8;
    for (int64_t i = 0; i < kernel * kernel; i++) s->w[i] = (float)(i % 5) - 2;
    s->operands = (conv_operands){.input = {s->x}, .weight = s->w};
    if (conv_plan_create(s->engine, &s->spec, &s->input, 1, &s->operands, NULL, &s->plan, NULL) != CONV_OK) exit(1);
    printf("%lldx%lld on %lldx%lld by %s\n", (long long)kernel, (long long)kernel, (long long)height, (long long)width,
           conv_algorithm_name(conv_plan_algorithm(s->plan)));
}

static void scene_end(scene *s) {
    conv_plan_destroy(s->plan);
    free(s->x);
    free(s->y);
    free(s->w);
}

int main(int argc, char **argv) {
    conv_engine_options options;
    scene s = {0};
    conv_engine_defaults(&options);
    if (argc > 2 && strcmp(argv[1], "--threads") == 0) options.threads = atoi(argv[2]);
    if (conv_engine_create(&options, &s.engine, NULL) != CONV_OK) return 1;
    scene_begin(&s, 3, 7, 7);
    report("  plan and run", &s, plan_and_run, TIMES);
    report("  run", &s, run, TIMES);
    report("  one cell changed", &s, change_cell, TIMES);
    scene_end(&s);
    scene_begin(&s, 5, 1080, 1920);
    report("  run", &s, run, 60);
    report("  kernel changed, run", &s, change_kernel, 60);
    report("  kernel changed, all steps", &s, change_kernel_by_steps, 60);
    report("  one cell changed", &s, change_cell, TIMES);
    scene_end(&s);
    conv_engine_destroy(s.engine);
    return 0;
}
