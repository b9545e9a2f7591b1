/* One way of computing a whole output: a row of functions that the plan drives.
 *
 * The work is cut into tiles that are anchored to the whole output, never to threads or ranges. Workers claim the
 * tiles of a phase one by one; a phase begins when every tile of the phase before it is done. */
#ifndef ENGINE_ALGORITHM_H
#define ENGINE_ALGORITHM_H

#include "conv/plan.h"

enum { ALGORITHM_MAX_PHASES = 4 };

/* What a plan needs, told before anything is allocated. */
typedef struct algorithm_needs {
    size_t packed;     /* bytes of packed weights */
    size_t shared;     /* bytes of workspace that all threads see */
    size_t per_thread; /* bytes of workspace of each thread */
    int phases;
    int64_t tiles[ALGORITHM_MAX_PHASES];
} algorithm_needs;

/* A run in progress. Constant while the tiles work, but for the workspaces and the output. */
typedef struct algorithm_job {
    const conv_layout *layout;
    const conv_operands *operands;
    unsigned cpu;
    const void *packed;
    void *shared;
    char *per_thread; /* thread t works in per_thread + t * needs->per_thread */
    const algorithm_needs *needs;
    float *output;
    int64_t *indices; /* max pooling: may be NULL */
} algorithm_job;

typedef struct algorithm {
    conv_algorithm id;
    /* Whether it can do this layer with these instruction sets. */
    bool (*can)(const conv_layout *layout, unsigned cpu);
    /* Model of the time in milliseconds. Depends on the layer and the instruction sets only: never on threads, ranges
     * or timing. */
    double (*cost)(const conv_layout *layout, unsigned cpu);
    /* Returns false when a size overflows. */
    bool (*needs)(const conv_layout *layout, unsigned cpu, algorithm_needs *needs);
    void (*pack)(const conv_layout *layout, unsigned cpu, const conv_operands *operands, void *packed);
    void (*tile)(const algorithm_job *job, int phase, int64_t tile, int thread);
    /* The box of outputs that a tile of the last phase writes: for observations, and for what must be recomputed by a
     * chain. */
    void (*box)(const conv_layout *layout, unsigned cpu, int phase, int64_t tile, conv_event *box);
} algorithm;

/* All algorithms, ended by NULL; the plain reference is first. */
extern const algorithm *const algorithms[];

#endif
