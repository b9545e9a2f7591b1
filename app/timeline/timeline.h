/* From steps to time and back. The first product goes slowly, the first cell at medium pace, the rest quickly. Pure. */
#ifndef TIMELINE_TIMELINE_H
#define TIMELINE_TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

/* How far a step is when the kernel has arrived at its place and nothing is multiplied yet. */
#define MOMENT_ARRIVED 0.23

/* Steps [0, step) are done, step `step` is under way: 0 before its first product, 1 done and still marked. */
typedef struct moment {
    int64_t step;
    double progress;
} moment;

typedef struct timeline {
    int64_t first, last; /* the range of steps that plays, half-open */
    double step_time;    /* seconds of an ordinary step */
    double lead_in[2];   /* extra seconds of the first step and of the second */
    double tail;         /* seconds the last moment stays */
} timeline;

/* step_time 0: chosen for the range (long ranges go faster). taps: products of the first step. */
timeline timeline_make(int64_t first, int64_t last, double step_time, int64_t taps, bool reduced_motion);
double timeline_duration(const timeline *t);
moment timeline_at(const timeline *t, double seconds);
double timeline_when(const timeline *t, moment m);

/* How many frames at fps, and the moment of frame k. */
int64_t timeline_frames(const timeline *t, double fps);
moment timeline_frame(const timeline *t, double fps, int64_t frame);

#endif
