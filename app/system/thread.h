/* A thread beside the one that shows or writes; signals are left to that one. */
#ifndef SYSTEM_THREAD_H
#define SYSTEM_THREAD_H

#include <pthread.h>
#include <stdbool.h>

/* False: no thread can be had, and nothing was begun. */
bool thread_begin(pthread_t *thread, void *(*work)(void *), void *argument);

#endif
