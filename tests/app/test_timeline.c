/* From steps to time and back. */
#include "app/timeline/timeline.h"

#include <criterion/criterion.h>
#include <math.h>

Test(timeline, every_step_is_reached_in_order) {
    const int64_t ranges[][2] = {{0, 9}, {3, 4}, {0, 25}, {5, 1000}, {0, 2073600}};
    for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        timeline t = timeline_make(ranges[r][0], ranges[r][1], 0, 9, false);
        moment before = timeline_at(&t, -1);
        cr_assert_eq(before.step, t.first);
        cr_assert_eq(before.progress, 0);
        for (int k = 0; k <= 5000; k++) {
            moment m = timeline_at(&t, timeline_duration(&t) * k / 5000);
            cr_assert(m.step >= t.first && m.step < t.last, "step %lld of range %zu", (long long)m.step, r);
            cr_assert(m.progress >= 0 && m.progress <= 1);
            cr_assert(m.step > before.step || (m.step == before.step && m.progress >= before.progress),
                      "time runs backwards in range %zu at %d", r, k);
            before = m;
        }
        cr_assert_eq(before.step, t.last - 1);
        cr_assert_eq(before.progress, 1);
    }
}

Test(timeline, when_is_the_inverse_of_at) {
    timeline t = timeline_make(2, 40, 0.37, 27, false);
    for (int64_t step = 2; step < 40; step++) {
        for (double progress = 0.05; progress < 1; progress += 0.3) {
            moment m = timeline_at(&t, timeline_when(&t, (moment){step, progress}));
            cr_assert_eq(m.step, step);
            cr_assert_float_eq(m.progress, progress, 1e-9);
        }
    }
}

Test(timeline, begins_slowly_unless_motion_is_reduced) {
    timeline t = timeline_make(0, 25, 0.5, 9, false);
    double first = timeline_when(&t, (moment){1, 0}), second = timeline_when(&t, (moment){2, 0}) - first;
    double third = timeline_when(&t, (moment){3, 0}) - first - second;
    cr_assert_gt(first, 2 * second);
    cr_assert_gt(second, third);
    cr_assert_float_eq(third, 0.5, 1e-9);
    timeline reduced = timeline_make(0, 25, 0.5, 9, true);
    cr_assert_float_eq(timeline_when(&reduced, (moment){1, 0}), 0.5, 1e-9);
}

Test(timeline, long_ranges_go_faster) {
    double last = INFINITY;
    for (int64_t steps = 1; steps < 3000000; steps = steps * 3 / 2 + 1) {
        timeline t = timeline_make(0, steps, 0, 9, false);
        cr_assert_leq(t.step_time, last, "%lld steps", (long long)steps);
        cr_assert_lt(timeline_duration(&t), 70, "%lld steps last %g s", (long long)steps, timeline_duration(&t));
        last = t.step_time;
    }
}

Test(timeline, frames_cover_the_duration_and_end_at_the_end) {
    const double rates[] = {1, 12.5, 20, 30, 50, 60};
    for (size_t r = 0; r < sizeof rates / sizeof rates[0]; r++) {
        timeline t = timeline_make(0, 9, 0.4, 9, false);
        int64_t frames = timeline_frames(&t, rates[r]);
        cr_assert(fabs((double)frames - timeline_duration(&t) * rates[r]) <= 1);
        moment begin = timeline_frame(&t, rates[r], 0), end = timeline_frame(&t, rates[r], frames - 1);
        cr_assert(begin.step == 0 && begin.progress == 0);
        cr_assert(end.step == 8 && end.progress == 1);
    }
}

Test(timeline, an_empty_range_is_one_still_frame) {
    timeline t = timeline_make(4, 4, 0, 0, false);
    cr_assert_eq(timeline_at(&t, 100).step, 4);
    cr_assert_eq(timeline_at(&t, 100).progress, 0);
    cr_assert_geq(timeline_frames(&t, 30), 1);
}
