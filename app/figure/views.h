/* The views beside the slide: one picture of one part each. Private to this folder. */
#ifndef FIGURE_VIEWS_H
#define FIGURE_VIEWS_H

#include "slide.h"

picture matrix_picture, field_picture, cost_picture, engine_picture;

/* Measure and record what these views show, of one part; see figure_prepare_on. */
bool field_measure(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f);
bool cost_measure(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f);
bool engine_record(scene *s, int index, conv_engine *engine, const atomic_bool *stop, failure *f);

/* Whether that is remembered already. */
bool field_known(scene *s, int index);
bool cost_known(scene *s, int index);
bool engine_known(scene *s, int index);

/* Between two runs: whether it is to end. */
static inline bool stopped(const atomic_bool *stop) {
    return stop && atomic_load(stop);
}

#endif
