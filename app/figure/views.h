/* The views beside the slide: one picture of one part each. Private to this folder. */
#ifndef FIGURE_VIEWS_H
#define FIGURE_VIEWS_H

#include "slide.h"

picture matrix_picture, field_picture, cost_picture, engine_picture;

/* Measures and records what cost and engine views show; see figure_prepare. */
bool cost_measure(scene *s, int index, conv_engine *engine, failure *f);
bool engine_record(scene *s, int index, conv_engine *engine, failure *f);

#endif
