/* The ways that the cost view sets beside each other: listed and measured in cost.c, drawn in cost_drawing.c. Private
 * to them. */
#ifndef FIGURE_COST_WAYS_H
#define FIGURE_COST_WAYS_H

#include "recall.h"
#include "views.h"

enum { WAYS_MOST = 8, STAGES_MOST = 12, SEGMENTS_MOST = 128, NAME_SIZE = 160 };

/* One way to get from the input to the output's shape: one or more operations. */
typedef struct way {
    char name[LANGUAGE_COUNT]
             [NAME_SIZE]; /* own, since the document moves; English is translated when it is all there is */
    conv_spec specs[STAGES_MOST];
    conv_layout layouts[STAGES_MOST];
    int stages;
    bool whole; /* no layer is left out */
    int layer;  /* it is one layer of the network: its number, from 1; 0: it is not */
    int64_t multiply_adds, parameters;
    double time;                    /* in the unit of the ways; negative: not measured */
    int64_t ends[SEGMENTS_MOST][2]; /* multiply-adds and parameters up to the end of each part of its bar */
    int segments;
} way;

typedef struct ways {
    way way[WAYS_MOST];
    int count;
    bool micro; /* times are microseconds, else milliseconds */
} ways;

/* The ways of a part of the scene, not measured. */
void cost_list(const scene *s, int index, ways *all);

/* Where they are kept, a `ways`, when they are measured. */
recall_key cost_key(const scene *s, int index);

#endif
