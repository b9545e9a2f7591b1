/* Frames made by several threads arrive in order; the first failure ends the run. */
#include "app/export/pipeline.h"

#include <criterion/criterion.h>
#include <stdatomic.h>
#include <unistd.h>

typedef struct run {
    int64_t next;    /* that must come */
    int64_t fail_at; /* -1: never */
    int64_t refuse_at;
    _Atomic int64_t made, most_ahead;
    _Atomic int64_t taken;
} run;

typedef struct state {
    int64_t last;
    bool used;
} state;

static bool make(void *context, void *worker, int64_t k, void *slot, failure *f) {
    run *r = context;
    state *s = worker;
    cr_assert(!s->used || k > s->last, "a worker's frames come in order");
    s->used = true;
    s->last = k;
    if (k % 7 == 0) usleep(200);
    int64_t ahead = k - atomic_load(&r->taken), most = atomic_load(&r->most_ahead);
    while (ahead > most && !atomic_compare_exchange_weak(&r->most_ahead, &most, ahead)) {
    }
    atomic_fetch_add(&r->made, 1);
    *(int64_t *)slot = k * k;
    return k != r->fail_at || fail(f, "frame {0} failed", "d", k);
}

static bool take(void *context, int64_t k, void *slot, failure *f) {
    run *r = context;
    cr_assert_eq(k, r->next++);
    cr_assert_eq(*(int64_t *)slot, k * k);
    atomic_store(&r->taken, k + 1);
    return k != r->refuse_at || fail(f, "refused {0}", "d", k);
}

static pipeline of(run *r, int64_t count, int workers) {
    return (pipeline){.count = count,
                      .workers = workers,
                      .worker_size = sizeof(state),
                      .slot_size = sizeof(int64_t),
                      .context = r,
                      .produce = make,
                      .consume = take};
}

Test(pipeline, all_frames_arrive_in_order) {
    static const int workers[] = {1, 2, 3, 8, 300};
    for (size_t k = 0; k < sizeof workers / sizeof workers[0]; k++) {
        run r = {.fail_at = -1, .refuse_at = -1};
        pipeline p = of(&r, 500, workers[k]);
        cr_assert(pipeline_run(&p, NULL));
        cr_assert_eq(r.next, 500);
        cr_assert_eq(atomic_load(&r.made), 500);
        cr_assert_leq(atomic_load(&r.most_ahead), 2 * workers[k], "few frames wait at a time");
    }
}

Test(pipeline, nothing_to_do_is_done) {
    run r = {.fail_at = -1, .refuse_at = -1};
    pipeline p = of(&r, 0, 4);
    cr_assert(pipeline_run(&p, NULL));
    cr_assert_eq(r.next, 0);
}

Test(pipeline, the_first_failure_is_told_and_nothing_behind_it_taken) {
    for (int workers = 1; workers < 6; workers++) {
        run r = {.fail_at = 40, .refuse_at = -1};
        failure f = {0};
        pipeline p = of(&r, 500, workers);
        cr_assert_not(pipeline_run(&p, &f));
        cr_assert_str_eq(f.error.message, "frame 40 failed");
        cr_assert_eq(r.next, 40);
        cr_assert_lt(atomic_load(&r.made), 500);
        run s = {.fail_at = -1, .refuse_at = 33};
        p.context = &s;
        cr_assert_not(pipeline_run(&p, &f));
        cr_assert_str_eq(f.error.message, "refused 33");
        cr_assert_eq(s.next, 34);
    }
}
