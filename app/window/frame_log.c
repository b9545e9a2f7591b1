#include "frame_log.h"
#include <errno.h>
#include <string.h>
#include <time.h>

static double microseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

bool frame_log_open(frame_log *l, const char *name, failure *f) {
    *l = (frame_log){0};
    if (!name) return true;
    l->file = fopen(name, "we");
    if (!l->file) return fail_system(f, name, errno);
    l->opened = microseconds(CLOCK_MONOTONIC);
    return true;
}

void frame_log_begin(frame_log *l) {
    if (!l->file) return;
    l->began = microseconds(CLOCK_MONOTONIC);
    l->processor = microseconds(CLOCK_PROCESS_CPUTIME_ID);
}

void frame_log_drawing(frame_log *l) {
    if (l->file) l->drawing = microseconds(CLOCK_MONOTONIC);
}

void frame_log_end(frame_log *l, const char *lesson) {
    if (!l->file) return;
    double end = microseconds(CLOCK_MONOTONIC), processor = microseconds(CLOCK_PROCESS_CPUTIME_ID);
    /* Whole numbers: the same in every locale. */
    fprintf(l->file, "%.0f %.0f %.0f %.0f %s\n", l->began - l->opened, end - l->began, processor - l->processor,
            end - l->drawing, lesson && lesson[0] ? lesson : "-");
}

void frame_log_close(frame_log *l) {
    if (l->file) fclose(l->file);
    l->file = NULL;
}
