#include "pool.h"

#include <fenv.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#if defined(__linux__)
#include <sched.h>
#endif

enum {
    SPIN_NANOSECONDS = 100000, /* how long a worker that ran out of tiles looks for more before it sleeps: phases and
                                 runs follow each other */
    STACK_BYTES = 1 << 20,
    MOST_SHARES = 32
};

typedef struct worker {
    pool *owner;
    pthread_t thread;
    int index;
} worker;

/* Tiles that one thread does first, in their order; whoever has none left helps with the others' shares. Run after run
 * and phase after phase a core so finds in its caches what it wrote: with one counter for all, two cores with a
 * third-level cache each took 0.34 ms for what one did in 0.24. */
typedef struct share {
    _Atomic int64_t next; /* first tile that is not claimed */
    int64_t end;
    char apart[48]; /* no two in one line of a cache */
} share;

struct pool {
    conv_allocator allocator;
    pthread_mutex_t caller; /* held by the thread whose run it is */
    pthread_mutex_t lock;   /* guards everything below but the atomics */
    pthread_cond_t work, done;
    pool_task *task;
    void *context;
    int joined; /* pthreads that work on this run */
    int asleep; /* pthreads that wait for `work` */
    bool open, closing;
    _Atomic unsigned runs; /* counts runs: what a spinning worker looks at */
    _Atomic int working;   /* as joined: what a spinning caller looks at */
    int caller_cpu;        /* where the caller was when it opened the run; -1: not known */
#if defined(__linux__)
    cpu_set_t allowed; /* where the process may run; empty when there are more threads than that */
#endif
    int at_once; /* workers woken for one run: no more than there are cores, for the others would only take turns */
    int threads;
    int share_count; /* of this run */
    share shares[MOST_SHARES];
    worker workers[]; /* threads - 1 */
};

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void pause_briefly(void) {
    for (int i = 0; i < 16; i++) {
#if defined(__x86_64__) || defined(__i386__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        __asm__ volatile("yield");
#else
        atomic_signal_fence(memory_order_seq_cst);
#endif
    }
}

static int cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
    return 1;
}

static int current_cpu(void) {
#if defined(__linux__)
    return sched_getcpu();
#else
    return -1;
#endif
}

/* A worker that was woken on the caller's core would only take turns with it, and runs of less than the scheduler's
 * migration cost (0.5 ms) leave it there for good: a layer took 0.29 ms
 * in place of 0.16. */
static void leave_caller(const pool *p, int caller_cpu) {
#if defined(__linux__)
    if (caller_cpu < 0 || CPU_COUNT(&p->allowed) < 2 || sched_getcpu() != caller_cpu) return;
    cpu_set_t others = p->allowed;
    CPU_CLR((size_t)caller_cpu, &others);
    sched_setaffinity(0, sizeof others, &others);
#else
    (void)p, (void)caller_cpu;
#endif
}

static void share_out(pool *p, int64_t tiles) {
    int most = p->threads < p->at_once ? p->threads : p->at_once;
    if (most > MOST_SHARES) most = MOST_SHARES;
    p->share_count = tiles < most ? (int)tiles : most;
    for (int64_t i = 0, from = 0; i < p->share_count; i++) {
        int64_t end = from + (tiles - from) / (p->share_count - i);
        atomic_store_explicit(&p->shares[i].next, from, memory_order_relaxed);
        p->shares[i].end = end;
        from = end;
    }
}

static void claim_tiles(pool *p, pool_task *task, void *context, int thread, int first) {
    for (int i = 0; i < p->share_count; i++) {
        share *s = &p->shares[(first + i) % p->share_count];
        for (;;) {
            int64_t tile = atomic_fetch_add_explicit(&s->next, 1, memory_order_relaxed);
            if (tile >= s->end) break;
            task(context, tile, thread);
        }
    }
}

/* Waits a moment for another run than `seen`. */
static void spin_for_run(pool *p, unsigned seen) {
    int64_t end = now_ns() + SPIN_NANOSECONDS;
    while (atomic_load_explicit(&p->runs, memory_order_relaxed) == seen && now_ns() < end) pause_briefly();
}

static void *work(void *argument) {
    const worker *self = argument;
    pool *p = self->owner;
    unsigned seen = 0;
    fesetenv(FE_DFL_ENV);
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->closing && !(p->open && atomic_load_explicit(&p->runs, memory_order_relaxed) != seen)) {
            p->asleep++;
            pthread_cond_wait(&p->work, &p->lock);
            p->asleep--;
        }
        if (p->closing) break;
        seen = atomic_load_explicit(&p->runs, memory_order_relaxed);
        pool_task *task = p->task;
        void *context = p->context;
        int caller_cpu = p->caller_cpu;
        p->joined++;
        /* Its own share in each run; of more threads than cores any may have been woken, none for the caller's. */
        int first = self->index < p->share_count ? self->index : p->joined;
        atomic_store_explicit(&p->working, p->joined, memory_order_relaxed);
        pthread_mutex_unlock(&p->lock);
        leave_caller(p, caller_cpu);
        claim_tiles(p, task, context, self->index, first);
        pthread_mutex_lock(&p->lock);
        p->joined--;
        atomic_store_explicit(&p->working, p->joined, memory_order_relaxed);
        if (p->joined == 0) pthread_cond_signal(&p->done);
        pthread_mutex_unlock(&p->lock);
        spin_for_run(p, seen);
        pthread_mutex_lock(&p->lock);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static int start_workers(pool *p, int wanted) {
    pthread_attr_t attributes;
    sigset_t all, before;
    int started = 0;
    if (pthread_attr_init(&attributes) != 0) return 0;
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    sigfillset(&all); /* signals belong to the program's own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < wanted) {
        worker *w = &p->workers[started];
        w->owner = p;
        w->index = started + 1;
        if (pthread_create(&w->thread, &attributes, work, w) != 0) break;
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return started;
}

static bool start_locks(pool *p) {
    if (pthread_mutex_init(&p->caller, NULL) != 0) return false;
    if (pthread_mutex_init(&p->lock, NULL) != 0) goto no_lock;
    if (pthread_cond_init(&p->work, NULL) != 0) goto no_work;
    if (pthread_cond_init(&p->done, NULL) != 0) goto no_done;
    return true;
no_done:
    pthread_cond_destroy(&p->work);
no_work:
    pthread_mutex_destroy(&p->lock);
no_lock:
    pthread_mutex_destroy(&p->caller);
    return false;
}

pool *pool_create(int threads, const conv_allocator *allocator) {
    if (threads < 1) threads = 1;
    size_t size = sizeof(pool) + (size_t)(threads - 1) * sizeof(worker);
    pool *p = allocator->resize(allocator->context, NULL, size);
    if (p == NULL) return NULL;
    memset(p, 0, size);
    p->allocator = *allocator;
    if (!start_locks(p)) {
        allocator->resize(allocator->context, p, 0);
        return NULL;
    }
    p->at_once = cores() > 2 ? cores() : 2;
#if defined(__linux__)
    if (threads > cores() || sched_getaffinity(0, sizeof p->allowed, &p->allowed) != 0) CPU_ZERO(&p->allowed);
#endif
    p->threads = 1 + start_workers(p, threads - 1);
    return p;
}

void pool_destroy(pool *p) {
    if (p == NULL) return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_broadcast(&p->work);
    pthread_mutex_unlock(&p->lock);
    for (int i = 0; i < p->threads - 1; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_cond_destroy(&p->done);
    pthread_cond_destroy(&p->work);
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->caller);
    conv_allocator allocator = p->allocator;
    allocator.resize(allocator.context, p, 0);
}

int pool_threads(const pool *p) {
    return p->threads;
}

/* Opens a run and wakes as many sleepers as there are tiles and cores for. */
static void open_run(pool *p, int64_t tiles, pool_task *task, void *context) {
    pthread_mutex_lock(&p->lock);
    p->task = task;
    p->context = context;
    p->caller_cpu = current_cpu();
    p->open = true;
    share_out(p, tiles);
    atomic_fetch_add_explicit(&p->runs, 1, memory_order_relaxed);
    int awake = p->threads - p->asleep; /* the caller, and workers that still look for more */
    int wanted = tiles < p->at_once ? (int)tiles : p->at_once;
    pthread_mutex_unlock(&p->lock);
    for (int i = awake; i < wanted; i++) pthread_cond_signal(&p->work);
}

/* No worker may join any more; waits for those that did. */
static void close_run(pool *p) {
    pthread_mutex_lock(&p->lock);
    p->open = false;
    bool wait = p->joined > 0;
    pthread_mutex_unlock(&p->lock);
    if (!wait) return;
    int64_t end = now_ns() + SPIN_NANOSECONDS;
    while (atomic_load_explicit(&p->working, memory_order_relaxed) > 0 && now_ns() < end) pause_briefly();
    pthread_mutex_lock(&p->lock);
    while (p->joined > 0) pthread_cond_wait(&p->done, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static void run(pool *p, int64_t tiles, pool_task *task, void *context, bool alone) {
    if (tiles <= 0) return;
    fenv_t environment;
    pthread_mutex_lock(&p->caller);
    fegetenv(&environment);
    fesetenv(FE_DFL_ENV);
    if (alone || p->threads == 1 || tiles == 1) {
        for (int64_t tile = 0; tile < tiles; tile++) task(context, tile, 0);
    } else {
        open_run(p, tiles, task, context);
        claim_tiles(p, task, context, 0, 0);
        close_run(p);
    }
    fesetenv(&environment);
    pthread_mutex_unlock(&p->caller);
}

void pool_run(pool *p, int64_t tiles, pool_task *task, void *context) {
    run(p, tiles, task, context, false);
}

void pool_run_alone(pool *p, int64_t tiles, pool_task *task, void *context) {
    run(p, tiles, task, context, true);
}
