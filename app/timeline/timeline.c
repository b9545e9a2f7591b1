#include "timeline.h"

#include <math.h>

/* A step of few lasts long enough to be read; many steps share a minute. */
static double natural_step_time(int64_t steps) {
    const double longest = 0.8, shortest = 0.1, short_show = 16, long_show = 60;
    double n = (double)(steps > 0 ? steps : 1);
    double shared = fmin(longest, short_show / n);
    return shared >= shortest ? shared : fmin(shortest, long_show / n);
}

timeline timeline_make(int64_t first, int64_t last, double step_time, int64_t taps, bool reduced_motion) {
    const double product_time = 0.35, longest_lead = 5, second_share = 0.3, tail = 1.2;
    timeline t = {
        first, last > first ? last : first, step_time > 0 ? step_time : natural_step_time(last - first), {0, 0}, tail};
    if (!reduced_motion && t.last - t.first > 1) {
        double lead = fmin(longest_lead, product_time * (double)(taps > 0 ? taps : 0));
        t.lead_in[0] = fmax(0, lead - t.step_time);
        t.lead_in[1] = second_share * t.lead_in[0];
    }
    return t;
}

/* Seconds that the first k steps of the range take. */
static double begin_of(const timeline *t, int64_t k) {
    return (double)k * t->step_time + (k > 0 ? t->lead_in[0] : 0) + (k > 1 ? t->lead_in[1] : 0);
}

double timeline_duration(const timeline *t) {
    return begin_of(t, t->last - t->first) + t->tail;
}

moment timeline_at(const timeline *t, double seconds) {
    int64_t steps = t->last - t->first;
    if (steps <= 0) return (moment){t->first, 0};
    if (!(seconds > 0)) return (moment){t->first, 0};
    if (seconds >= begin_of(t, steps)) return (moment){t->last - 1, 1};
    int64_t k = 0;
    if (seconds >= begin_of(t, 2))
        k = (int64_t)((seconds - t->lead_in[0] - t->lead_in[1]) / t->step_time);
    else if (seconds >= begin_of(t, 1))
        k = 1;
    if (k >= steps) k = steps - 1;
    /* The quotient may be rounded over a boundary. */
    while (k > 0 && seconds < begin_of(t, k)) k--;
    while (k + 1 < steps && seconds >= begin_of(t, k + 1)) k++;
    double begin = begin_of(t, k), end = begin_of(t, k + 1);
    double progress = end > begin ? (seconds - begin) / (end - begin) : 1;
    return (moment){t->first + k, fmax(0, fmin(1, progress))};
}

double timeline_when(const timeline *t, moment m) {
    if (m.step < t->first) return 0;
    if (m.step >= t->last) return begin_of(t, t->last - t->first);
    int64_t k = m.step - t->first;
    double begin = begin_of(t, k);
    return begin + fmax(0, fmin(1, m.progress)) * (begin_of(t, k + 1) - begin);
}

int64_t timeline_frames(const timeline *t, double fps) {
    double frames = ceil(timeline_duration(t) * fps - 1e-6);
    if (!(frames >= 1)) return 1;
    return frames < 9e18 ? (int64_t)frames : INT64_MAX;
}

moment timeline_frame(const timeline *t, double fps, int64_t frame) {
    if (frame >= timeline_frames(t, fps) - 1) return timeline_at(t, timeline_duration(t));
    return timeline_at(t, (double)frame / fps);
}
