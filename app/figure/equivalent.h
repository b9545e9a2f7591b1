/* The zero-insertion picture of a transposed convolution: an ordinary convolution with the flipped kernel over the
 * input with zeros put between its cells, made and run by the engine. */
#ifndef FIGURE_EQUIVALENT_H
#define FIGURE_EQUIVALENT_H

#include "stage.h"

typedef struct equivalent {
    document document;
    scene scene;
    figure_settings settings;          /* for its own stage */
    int64_t stride[CONV_MAX_SPATIAL];  /* a real input cell stands at every stride-th place */
    int64_t cropped[CONV_MAX_SPATIAL]; /* cells cut from the front where padding exceeds d (k - 1) */
    int64_t cells[CONV_MAX_SPATIAL];   /* real input cells */
} equivalent;

/* The equivalent of a part, or NULL when it has none (another operation, too large). */
equivalent *equivalent_of(stage *s, int index);

/* A stage on it, at the moment that matches the part's. */
stage equivalent_stage(const stage *s, int index, equivalent *e);

/* Whether a cell of its input was put in. */
bool equivalent_inserted(const equivalent *e, int dims, const int64_t *position);

#endif
