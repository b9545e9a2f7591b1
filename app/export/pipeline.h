/* Frames made on all cores and taken in order. Memory is that of the workers and the slots, however many frames there
 * are. */
#ifndef EXPORT_PIPELINE_H
#define EXPORT_PIPELINE_H

#include "app/system/failure.h"

#include <stddef.h>

typedef struct pipeline {
    int64_t count;      /* frames */
    int workers;        /* threads; each has its own worker state. Frames are claimed in order */
    size_t worker_size; /* bytes, zeroed before the first frame */
    size_t slot_size;   /* bytes of what a frame is handed over in, zeroed before the first one */
    void *context;
    /* Makes frame k, on a worker's thread. */
    bool (*produce)(void *context, void *worker, int64_t k, void *slot, failure *f);
    /* Takes frame k, in order, on the calling thread. False ends the run. */
    bool (*consume)(void *context, int64_t k, void *slot, failure *f);
    /* Ends a worker or a slot that may never have been used. NULL: nothing to do. */
    void (*end_worker)(void *worker);
    void (*end_slot)(void *slot);
} pipeline;

/* Runs until all frames are taken or one fails: the first failure is reported, and no frame behind it is taken. Threads
 * that cannot be started are done without. */
bool pipeline_run(const pipeline *p, failure *f);

#endif
