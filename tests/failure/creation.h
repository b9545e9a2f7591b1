/* pthread_create, replaced for this program: the n-th call from now on fails, and all after it while `last_too`. */
#ifndef FAILURE_CREATION_H
#define FAILURE_CREATION_H

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

static atomic_int creations, creation_failing;
static atomic_bool creation_failing_on;

static void creation_fail_at(int n, bool on) {
    atomic_store(&creations, 0);
    atomic_store(&creation_failing, n);
    atomic_store(&creation_failing_on, on);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
    typedef int create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
    int n = atomic_fetch_add(&creations, 1) + 1, failing = atomic_load(&creation_failing);
    if (failing > 0 && (n == failing || (atomic_load(&creation_failing_on) && n > failing))) return EAGAIN;
    void *symbol = dlsym(RTLD_NEXT, "pthread_create");
    create *real;
    *(void **)&real = symbol;
    return real(thread, attributes, start, argument);
}

#endif
