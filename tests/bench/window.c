/* Prints how fast the window is: each page of each lesson played at 1920x1080 without a display, with the same code
 * that draws it on one.
 *
 *     bench_window [WxH] [--threads N] [--photo] [LESSON...]
 *
 * For each lesson: frames, median and 99th percentile of a frame's milliseconds of processor time (events, logic,
 * figure; drawing what changed). Then the time to the first frame in this process, the frames a second of a 1080p photo
 * under a 5x5 kernel whose weight is dragged, and the resident memory. */
#include "app/language/language.h"
#include "app/system/memory.h"
#include "app/window/compose.h"
#include "app/window/easel.h"
#include "app/window/frame.h"
#include "app/window/playback.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_FRAMES = 4000, FRAMES_EACH = 240 };

typedef struct bench {
    window_state *w;
    composer composer;
    raster_target screen;
    double now;
    double times[MOST_FRAMES]; /* processor time: other programs on the machine do not count */
    int count;
    double logic, drawing; /* milliseconds in all */
    char **only;           /* ids of lessons; all when there are none */
    int only_count;
    int over; /* lessons that are not fast enough */
} bench;

/* What every lesson has to keep. */
static const double most_median = 8, most_p99 = 16;

static double milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static double own_milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int by_time(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static double at_rank(bench *b, double rank) {
    qsort(b->times, (size_t)b->count, sizeof *b->times, by_time);
    return b->count ? b->times[(int)(rank * (double)(b->count - 1))] : 0;
}

static void one_frame(bench *b, const window_event *events, int count) {
    raster_box boxes[REGION_COUNT];
    double begin = own_milliseconds();
    b->now += 1.0 / 60;
    window_update(b->w, events, count, b->now);
    double middle = own_milliseconds();
    compose_draw(&b->composer, b->w, b->screen, boxes);
    double end = own_milliseconds();
    b->logic += middle - begin;
    b->drawing += end - middle;
    if (b->count < MOST_FRAMES) b->times[b->count++] = end - begin;
}

/* Frames spread over the whole page, the pointer moving over the figure. */
static void play_page(bench *b) {
    window_state *w = b->w;
    int64_t range = w->play.last - w->play.first;
    for (int i = 0; i < FRAMES_EACH; i++) {
        box f = w->layout.figure;
        window_event move = {.kind = EVENT_MOVE,
                             .at = {f.x + f.width * (float)(i % 60) / 60, f.y + f.height * (float)(i % 47) / 47}};
        if (range > 40 && i % 12 == 0) playback_seek(w, w->play.first + range * i / FRAMES_EACH);
        if (!w->play.playing) playback_toggle(w);
        one_frame(b, &move, i % 2);
    }
}

static bool wanted(const bench *b, const char *id) {
    for (int i = 0; i < b->only_count; i++) {
        if (strcmp(b->only[i], id) == 0) return true;
    }
    return b->only_count == 0;
}

static void lessons(bench *b) {
    printf("%-28s %7s %10s %10s %10s %10s %10s\n", "lesson", "frames", "median ms", "p99 ms", "worst ms", "logic ms",
           "drawing ms");
    for (int i = 0; i < b->w->lessons.count; i++) {
        failure f = {0};
        const char *id = b->w->lessons.entries[i].id;
        if (!wanted(b, id)) continue;
        if (!state_open_lesson(b->w, id, 0, true, &f)) {
            fprintf(stderr, "%s: %s\n", id, f.error.message);
            continue;
        }
        b->count = 0;
        b->logic = b->drawing = 0;
        for (int page = 0; page < b->w->lesson.page_count; page++) {
            int before = b->count;
            if (page) state_open_page(b->w, page);
            one_frame(b, NULL, 0); /* where the page is made: not a frame of motion */
            b->count = before;
            play_page(b);
        }
        double median = at_rank(b, 0.5), high = at_rank(b, 0.99), worst = at_rank(b, 1);
        bool fast = median < most_median && high < most_p99;
        b->over += !fast;
        printf("%-28s %7d %10.2f %10.2f %10.2f %10.2f %10.2f%s\n", id, b->count, median, high, worst,
               b->logic / b->count, b->drawing / b->count, fast ? "" : "  TOO SLOW");
    }
    printf("%d lessons are not fast enough: median under %g ms, 99%% under %g ms\n", b->over, most_median, most_p99);
}

/* A weight dragged up and down over a 1080p picture. */
static void photo(bench *b) {
    document d;
    failure f = {0};
    const conv_shape shape = {3, {1, 1080, 1920}};
    if (!document_from_expression(&d, "nn.Conv2d(1, 1, 5, padding=2, bias=False)", &shape, &f)) return;
    d.parts[0].input.kind = SOURCE_RANDOM;
    bool open = state_open_document(b->w, &d, false, &f);
    document_destroy(&d);
    if (!open) {
        fprintf(stderr, "photo: %s\n", f.error.message);
        return;
    }
    playback_seek(b->w, b->w->play.last);
    one_frame(b, NULL, 0);
    b->count = 0;
    for (int i = 0; i < 60; i++) {
        change c = {.kind = CHANGE_CELL, .role = ROLE_WEIGHT, .index = 12, .real = (float)(i % 20) / 10, .together = 7};
        double begin = own_milliseconds();
        state_change(b->w, &c, NULL);
        double made = own_milliseconds() - begin;
        one_frame(b, NULL, 0);
        b->times[b->count - 1] += made;
    }
    double median = at_rank(b, 0.5);
    printf("1080p under a dragged 5x5 kernel: %.1f ms, %.1f frames a second\n", median, 1000 / median);
}

static long resident_kilobytes(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;
    if (!file) return 0;
    if (fscanf(file, "%ld %ld", &all, &resident) != 2) resident = 0;
    fclose(file);
    return resident * 4;
}

int main(int argc, char **argv) {
    int width = 1920, height = 1080, threads = 0;
    bool only_photo = false;
    char *only[64];
    int only_count = 0;
    if (argc > 64) return 2;
    double begin = milliseconds();
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--threads") == 0 && i + 1 < argc)
            threads = atoi(argv[++i]);
        else if (strcmp(argv[i], "--photo") == 0)
            only_photo = true;
        else if (sscanf(argv[i], "%dx%d", &width, &height) != 2)
            only[only_count++] = argv[i];
    }
    static bench b;
    b.only = only;
    b.only_count = only_count;
    failure f = {0};
    conv_error error;
    fonts *type = NULL;
    conv_engine *engine = NULL;
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = threads;
    uint32_t *pixels = memory_zeroed((size_t)width * (size_t)height, 4);
    b.w = memory_zeroed(1, sizeof *b.w);
    bool ok = pixels && b.w && fonts_create(&type, &f) && conv_engine_create(&options, &engine, &error) == CONV_OK &&
              compose_open(&b.composer, type, &f) && window_begin(b.w, type, engine, SOURCE_DIR "/assets", &f) &&
              b.w->lessons.count > 0;
    if (!ok) {
        fprintf(stderr, "bench_window: %s\n", f.error.message);
        return 1;
    }
    b.screen = (raster_target){pixels, width, height, width * 4, false};
    b.now = 1;
    window_event size = {.kind = EVENT_RESIZE, .width = width, .height = height, .ratio = 1};
    if (!state_open_lesson(b.w, b.w->lessons.entries[0].id, 0, true, &f)) return 1;
    one_frame(&b, &size, 1);
    double first = milliseconds() - begin;
    if (!only_photo) lessons(&b);
    printf("first frame after %.0f ms\n", first);
    b.w->settings.language = LANGUAGE_ZH;
    one_frame(&b, NULL, 0);
    printf("resident with the Chinese font: %.0f MB\n", (double)resident_kilobytes() / 1024);
    photo(&b);
    printf("resident at the end: %.0f MB\n", (double)resident_kilobytes() / 1024);
    compose_close(&b.composer);
    window_end(b.w);
    conv_engine_destroy(engine);
    fonts_destroy(type);
    memory_free(b.w);
    memory_free(pixels);
    return 0;
}
