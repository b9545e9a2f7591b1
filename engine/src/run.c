/* Running a plan: whole, on a range of steps, or where inputs changed. */
#include "kind.h"
#include "memory.h"
#include "plain.h"
#include "plan.h"
#include "refuse.h"
#include "rounding.h"
#include <stdatomic.h>
#include <string.h>
#include <time.h>

enum { LONG_RANGE = 1 << 22 }; /* taps: some milliseconds of the reference */

static int64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

typedef struct running {
    algorithm_job job;
    const algorithm *algorithm;
    int phase;
    conv_observation *observation;
    _Atomic int64_t events;
    int64_t began;
} running;

/* Most tiles lie within one sample, and say nothing of its end. */
static void box_of(const running *r, int64_t tile, conv_event *event) {
    r->algorithm->box(r->job.layout, r->job.cpu, r->phase, tile, event);
    if (event->batch_last <= event->batch) event->batch_last = event->batch + 1;
}

static void run_tile(void *context, int64_t tile, int thread) {
    running *r = context;
    if (r->observation == NULL) {
        r->algorithm->tile(&r->job, r->phase, tile, thread);
        return;
    }
    int64_t begin = now_ns() - r->began;
    r->algorithm->tile(&r->job, r->phase, tile, thread);
    int64_t end = now_ns() - r->began, slot = atomic_fetch_add(&r->events, 1);
    if (slot >= r->observation->capacity) return;
    conv_event *event = &r->observation->events[slot];
    *event = (conv_event){.thread = thread, .algorithm = r->algorithm->id, .begin_ns = begin, .end_ns = end};
    box_of(r, tile, event);
}

static running running_of(conv_plan *plan, const conv_operands *operands, float *output) {
    running r = {.algorithm = plan->algorithm, .began = now_ns()};
    r.job = (algorithm_job){.layout = &plan->layout,
                            .operands = operands,
                            .cpu = plan->engine->cpu,
                            .packed = plan->packed,
                            .shared = plan->shared,
                            .per_thread = plan->per_thread,
                            .needs = &plan->needs,
                            .output = output};
    return r;
}

static const double SMALL_RUN_MS = 0.02;

static void run_whole(conv_plan *plan, const conv_operands *operands, float *output, int64_t *indices,
                      conv_observation *observation) {
    conv_operands merged = plan_operands(plan, operands);
    running r = running_of(plan, &merged, output);
    r.job.indices = indices;
    r.observation = observation;
    /* Waking a thread takes longer than a small run. */
    bool alone = plan->milliseconds < SMALL_RUN_MS;
    for (r.phase = 0; r.phase < plan->needs.phases; r.phase++)
        (alone ? pool_run_alone : pool_run)(plan->engine->pool, plan->needs.tiles[r.phase], run_tile, &r);
    if (observation == NULL) return;
    observation->count = r.events;
    observation->total_ns = now_ns() - r.began;
}

static conv_status check_run(const conv_plan *plan, const conv_operands *operands, const float *output,
                             conv_error *error) {
    if (output == NULL && conv_shape_count(&plan->layout.output) > 0)
        return refuse(error, CONV_BAD_ARGUMENT, "output", "there is no output to write to");
    return plan_check_operands(plan, operands, error);
}

conv_status conv_plan_run(conv_plan *plan, const conv_operands *operands, float *output, int64_t *indices,
                          conv_observation *observation, conv_error *error) {
    conv_status status = check_run(plan, operands, output, error);
    if (status != CONV_OK) return status;
    pthread_mutex_lock(&plan->engine->running);
    run_whole(plan, operands, output, indices, observation);
    pthread_mutex_unlock(&plan->engine->running);
    return CONV_OK;
}

/* Output elements [first, last) in parts that threads take. */
typedef struct part_run {
    const conv_layout *layout;
    conv_operands operands;
    unsigned cpu;
    int64_t first, last, part;
    float *output;
} part_run;

static void run_part(void *context, int64_t tile, int thread) {
    const part_run *r = context;
    (void)thread;
    int64_t first = r->first + tile * r->part;
    int64_t last = first + r->part < r->last ? first + r->part : r->last;
    plain_outputs(r->layout, r->cpu, &r->operands, first, last, r->output, NULL);
}

static void run_parts(conv_plan *plan, const conv_operands *operands, int64_t first, int64_t last, float *output) {
    part_run r = {.layout = &plan->layout, .operands = *operands, .first = first, .last = last, .output = output};
    r.cpu = plan->engine->cpu;
    r.part = (1 << 15) / plain_taps(&plan->layout) + 1;
    int64_t parts = (last - first + r.part - 1) / r.part;
    if (parts <= 1)
        pool_run_alone(plan->engine->pool, parts, run_part, &r);
    else
        pool_run(plan->engine->pool, parts, run_part, &r);
}

/* Does only those tiles of the last phase that reach into the range. */
typedef struct touching {
    running *run;
    int64_t first, last;
} touching;

static void run_touching_tile(void *context, int64_t tile, int thread) {
    const touching *t = context;
    const conv_layout *layout = t->run->job.layout;
    const conv_axis *axis = layout->axis;
    conv_event b = {0};
    box_of(t->run, tile, &b);
    int64_t low = b.batch * layout->out_channels + b.channel_first,
            high = (b.batch_last - 1) * layout->out_channels + b.channel_last - 1;
    for (int i = 0; i < CONV_MAX_SPATIAL; i++) {
        low = low * axis[i].out + b.first[i];
        high = high * axis[i].out + b.last[i] - 1;
    }
    if (high >= t->first && low < t->last) run_tile(t->run, tile, thread);
}

/* Long ranges go by the plan's own algorithm into a scratch output, from which the range is copied. False when there is
 * no memory. */
static bool run_tiles(conv_plan *plan, const conv_operands *operands, int64_t first, int64_t last, float *output) {
    float *scratch = memory_take(&plan->engine->allocator, conv_shape_count(&plan->layout.output), sizeof *scratch);
    if (scratch == NULL) return false;
    running r = running_of(plan, operands, scratch);
    touching t = {&r, first, last};
    for (r.phase = 0; r.phase < plan->needs.phases; r.phase++) {
        bool end = r.phase == plan->needs.phases - 1;
        pool_run(plan->engine->pool, plan->needs.tiles[r.phase], end ? run_touching_tile : run_tile,
                 end ? (void *)&t : &r);
    }
    memcpy(output + first, scratch + first, (size_t)(last - first) * sizeof *output);
    memory_give(&plan->engine->allocator, scratch);
    return true;
}

static void run_outputs(conv_plan *plan, const conv_operands *operands, int64_t first, int64_t last, float *output) {
    conv_algorithm id = plan->algorithm->id;
    bool quicker =
        id != CONV_PLAIN && conv_algorithm_is_chain(id) && last - first > LONG_RANGE / plain_taps(&plan->layout);
    if (quicker && run_tiles(plan, operands, first, last, output)) return;
    run_parts(plan, operands, first, last, output);
}

/* The bias step, if it is among the steps [first, last), comes when every input element has made its stamp. */
static void run_scatter(const conv_layout *layout, const conv_operands *operands, int64_t first, int64_t last,
                        float *output) {
    const kind *row = kind_of(layout->spec.op);
    int64_t outputs = conv_shape_count(&layout->output), inputs = conv_shape_count(&layout->input[0]);
    if (first == 0) memset(output, 0, (size_t)outputs * sizeof *output);
    row->stamps(layout, operands, first < inputs ? first : inputs, last < inputs ? last : inputs, output);
    if (first <= inputs && inputs < last)
        for (int64_t o = 0; o < outputs; o++) output[o] = row->finish(layout, operands, o, output[o]);
}

conv_status conv_plan_run_steps(conv_plan *plan, const conv_operands *operands, int64_t first, int64_t last,
                                float *output, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    conv_status status = check_run(plan, operands, output, error);
    if (status != CONV_OK) return status;
    if (first < 0 || last < first || last > layout->steps)
        return refuse(error, CONV_BAD_ARGUMENT, "steps", "there are {0} steps; [{1}, {2}) is not a range of them",
                      number(layout->steps), number(first), number(last));
    pthread_mutex_lock(&plan->engine->running);
    conv_operands merged = plan_operands(plan, operands);
    if (first == 0 && last == layout->steps && last > 0 && conv_algorithm_is_chain(plan->algorithm->id)) {
        run_whole(plan, operands, output, NULL, NULL);
    } else if (layout->flow == CONV_SCATTER) {
        fenv_t callers = rounding_enter();
        run_scatter(layout, &merged, first, last, output);
        rounding_leave(&callers);
    } else {
        run_outputs(plan, &merged, first, last, output);
    }
    pthread_mutex_unlock(&plan->engine->running);
    return CONV_OK;
}

/* Marks an output that a changed input reaches, one bit each. */
static void mark_output(void *context, const conv_tap *tap) {
    uint64_t *bits = context;
    if (tap->output >= 0) bits[tap->output / 64] |= (uint64_t)1 << (tap->output % 64);
}

static int64_t recompute_marked(conv_plan *plan, const conv_operands *operands, const uint64_t *bits, float *output) {
    int64_t outputs = conv_shape_count(&plan->layout.output), done = 0;
    for (int64_t o = 0; o < outputs; o++) {
        if (bits[o / 64] == 0) {
            o |= 63;
            continue;
        }
        int64_t end = o;
        while (end < outputs && (bits[end / 64] >> (end % 64) & 1) != 0) end++;
        if (end > o) run_outputs(plan, operands, o, end, output);
        done += end - o;
        o = end;
    }
    return done;
}

conv_status conv_plan_update(conv_plan *plan, const conv_operands *operands, int which, int64_t first, int64_t last,
                             float *output, int64_t *recomputed, conv_error *error) {
    const conv_layout *layout = &plan->layout;
    const kind *row = kind_of(layout->spec.op);
    conv_status status = check_run(plan, operands, output, error);
    if (status != CONV_OK) return status;
    int64_t inputs = which >= 0 && which < layout->input_count ? conv_shape_count(&layout->input[which]) : -1;
    if (first < 0 || last < first || last > inputs)
        return refuse(error, CONV_BAD_ARGUMENT, "input", "[{0}, {1}) is no range of elements of input {2}",
                      number(first), number(last), number(which));
    int64_t outputs = conv_shape_count(&layout->output), done = outputs;
    tap_visit *visit = mark_output;
    void (*readers)(const conv_layout *, const conv_operands *, int64_t, tap_visit *, void *) =
        row->readers != NULL ? row->readers : row->stamp;
    conv_operands merged = plan_operands(plan, operands);
    uint64_t *bits = NULL;
    /* Where most outputs are reached anyway, or readers are not to be had, all are computed again. */
    bool few = readers != NULL && last - first <= inputs / 4 + 1;
    if (few) {
        bits = memory_take(&plan->engine->allocator, outputs / 64 + 1, sizeof *bits);
        if (bits == NULL) return refuse_memory(error);
        memset(bits, 0, (size_t)(outputs / 64 + 1) * sizeof *bits);
        for (int64_t i = first; i < last; i++) readers(layout, &merged, i, visit, bits);
    }
    pthread_mutex_lock(&plan->engine->running);
    if (few)
        done = recompute_marked(plan, &merged, bits, output);
    else
        run_outputs(plan, &merged, 0, outputs, output);
    pthread_mutex_unlock(&plan->engine->running);
    memory_give(&plan->engine->allocator, bits);
    if (recomputed != NULL) *recomputed = done;
    return CONV_OK;
}
