#include "pipeline.h"

#include "app/system/memory.h"

#include <pthread.h>

enum { SLOTS_FOR_EACH = 2, MOST_WORKERS = 256 };

typedef enum slot_state { SLOT_FREE, SLOT_MADE, SLOT_FAILED } slot_state;

typedef struct running {
    const pipeline *p;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int64_t claimed, taken;
    bool stop;
    int slot_count;
    slot_state *states;
    failure *failures; /* one for each slot */
    char *slots;
} running;

typedef struct worker {
    running *run;
    void *state;
    pthread_t thread;
} worker;

static void work(running *r, void *state) {
    for (;;) {
        pthread_mutex_lock(&r->lock);
        while (!r->stop && r->claimed < r->p->count && r->claimed >= r->taken + r->slot_count)
            pthread_cond_wait(&r->changed, &r->lock);
        bool done = r->stop || r->claimed >= r->p->count;
        int64_t k = done ? 0 : r->claimed++;
        pthread_mutex_unlock(&r->lock);
        if (done) return;
        int slot = (int)(k % r->slot_count);
        bool ok = r->p->produce(r->p->context, state, k, r->slots + (size_t)slot * r->p->slot_size, &r->failures[slot]);
        pthread_mutex_lock(&r->lock);
        r->states[slot] = ok ? SLOT_MADE : SLOT_FAILED;
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
    }
}

static void *thread_main(void *argument) {
    worker *w = argument;
    work(w->run, w->state);
    return NULL;
}

/* Takes the frames in order. */
static bool take_all(running *r, failure *f) {
    for (int64_t k = 0; k < r->p->count; k++) {
        int slot = (int)(k % r->slot_count);
        pthread_mutex_lock(&r->lock);
        while (r->states[slot] == SLOT_FREE) pthread_cond_wait(&r->changed, &r->lock);
        bool ok = r->states[slot] == SLOT_MADE;
        pthread_mutex_unlock(&r->lock);
        if (!ok && f) *f = r->failures[slot];
        if (!ok || !r->p->consume(r->p->context, k, r->slots + (size_t)slot * r->p->slot_size, f)) return false;
        pthread_mutex_lock(&r->lock);
        r->states[slot] = SLOT_FREE;
        r->taken = k + 1;
        pthread_cond_broadcast(&r->changed);
        pthread_mutex_unlock(&r->lock);
    }
    return true;
}

/* Without any thread: one frame after the other. */
static bool take_turns(running *r, void *state, failure *f) {
    for (int64_t k = 0; k < r->p->count; k++)
        if (!r->p->produce(r->p->context, state, k, r->slots, f) || !r->p->consume(r->p->context, k, r->slots, f))
            return false;
    return true;
}

bool pipeline_run(const pipeline *p, failure *f) {
    int wanted = p->workers < 1 ? 1 : p->workers > MOST_WORKERS ? MOST_WORKERS : p->workers;
    if (wanted > p->count) wanted = (int)(p->count > 0 ? p->count : 1);
    running r = {.p = p, .slot_count = wanted * SLOTS_FOR_EACH};
    size_t slots = (size_t)r.slot_count, workers = (size_t)wanted;
    worker *team = memory_zeroed(workers, sizeof *team);
    char *states = memory_zeroed(workers, p->worker_size ? p->worker_size : 1);
    r.states = memory_zeroed(slots, sizeof *r.states);
    r.failures = memory_zeroed(slots, sizeof *r.failures);
    r.slots = memory_zeroed(slots, p->slot_size ? p->slot_size : 1);
    bool ok = (team && states && r.states && r.failures && r.slots) || fail_memory(f);
    pthread_mutex_init(&r.lock, NULL);
    pthread_cond_init(&r.changed, NULL);
    int started = 0;
    for (; ok && wanted > 1 && started < wanted; started++) {
        team[started] = (worker){.run = &r, .state = states + (size_t)started * p->worker_size};
        if (pthread_create(&team[started].thread, NULL, thread_main, &team[started]) != 0) break;
    }
    if (ok) ok = started > 0 ? take_all(&r, f) : take_turns(&r, states, f);
    pthread_mutex_lock(&r.lock);
    r.stop = true;
    pthread_cond_broadcast(&r.changed);
    pthread_mutex_unlock(&r.lock);
    for (int k = 0; k < started; k++) pthread_join(team[k].thread, NULL);
    for (size_t k = 0; p->end_worker && states && k < workers; k++) p->end_worker(states + k * p->worker_size);
    for (size_t k = 0; p->end_slot && r.slots && k < slots; k++) p->end_slot(r.slots + k * p->slot_size);
    pthread_cond_destroy(&r.changed);
    pthread_mutex_destroy(&r.lock);
    memory_free(team);
    memory_free(states);
    memory_free(r.states);
    memory_free(r.failures);
    memory_free(r.slots);
    return ok;
}
