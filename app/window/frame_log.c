#include "frame_log.h"
#include "keys.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static double microseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* By this thread, in kB: files that it read and pages that it touched, when they were not in the system's cache. */
static long read_from_disk(void) {
    struct rusage used = {0};
    getrusage(RUSAGE_THREAD, &used);
    return used.ru_inblock / 2; /* counted in 512 bytes */
}

bool frame_log_open(frame_log *l, const char *name, failure *f) {
    *l = (frame_log){.name = name};
    if (!name) return true;
    /* A pipe that nobody reads is refused, not waited for. */
    const int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666);
    if (fd < 0) return fail_system(f, name, errno);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    l->file = fdopen(fd, "w");
    if (!l->file) {
        fail_system(f, name, errno);
        close(fd);
        return false;
    }
    l->opened = microseconds(CLOCK_MONOTONIC);
    return true;
}

static const char *const event_names[] = {
    [EVENT_NONE] = "-",          [EVENT_MOVE] = "-",      [EVENT_LEAVE] = "-",       [EVENT_PRESS] = "press",
    [EVENT_RELEASE] = "release", [EVENT_WHEEL] = "wheel", [EVENT_KEY] = "key",       [EVENT_TEXT] = "text",
    [EVENT_COMPOSE] = "compose", [EVENT_DROP] = "drop",   [EVENT_RESIZE] = "resize", [EVENT_CLIPBOARD] = "paste",
    [EVENT_EXPOSE] = "expose",   [EVENT_QUIT] = "quit",
};

static void name_event(frame_log *l, const window_event *events, int count) {
    const window_event *last = NULL;
    for (int i = 0; i < count; i++)
        if (event_names[events[i].kind][0] != '-') last = &events[i];
    if (!last)
        snprintf(l->event, sizeof l->event, "-");
    else if (last->kind != EVENT_KEY)
        snprintf(l->event, sizeof l->event, "%s", event_names[last->kind]);
    else {
        const key_binding *b = key_find(last->key, last->modifiers);
        if (b && b->shown[0])
            snprintf(l->event, sizeof l->event, "key:%s", b->shown);
        else
            snprintf(l->event, sizeof l->event, "key:%d+%u", last->key, last->modifiers);
    }
}

void frame_log_begin(frame_log *l, const window_event *events, int count) {
    if (!l->file) return;
    name_event(l, events, count);
    l->began = microseconds(CLOCK_MONOTONIC);
    l->processor = microseconds(CLOCK_THREAD_CPUTIME_ID);
    l->read = read_from_disk();
}

void frame_log_drawing(frame_log *l) {
    if (l->file) l->drawing = microseconds(CLOCK_MONOTONIC);
}

void frame_log_end(frame_log *l, const char *id, const char *view) {
    if (!l->file) return;
    double end = microseconds(CLOCK_MONOTONIC), processor = microseconds(CLOCK_THREAD_CPUTIME_ID);
    /* Whole numbers: the same in every locale. A line that cannot be written is found by frame_log_close. */
    fprintf(l->file, "%.0f %.0f %.0f %.0f %s %s %s %ld\n", l->began - l->opened, end - l->began,
            processor - l->processor, end - l->drawing, id && id[0] ? id : "-", view, l->event,
            read_from_disk() - l->read);
}

bool frame_log_close(frame_log *l, failure *f) {
    if (!l->file) return true;
    errno = 0;
    const bool written = !ferror(l->file);
    const bool closed = fclose(l->file) == 0;
    l->file = NULL;
    return (written && closed) || fail_system(f, l->name, errno ? errno : EIO);
}
