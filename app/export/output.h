/* How each kind of file is written. Each writes all of its file, or leaves nothing behind. */
#ifndef EXPORT_OUTPUT_H
#define EXPORT_OUTPUT_H

#include "painter.h"

bool output_still(const export_plan *plan, painter *first, failure *f); /* PNG or SVG */
bool output_pages(const export_plan *plan, painter *first,
                  failure *f); /* PDF of one page, or of one for each of the steps asked for */
bool output_sequence(const export_plan *plan, painter *first, failure *f); /* numbered PNG or SVG */
bool output_gif(const export_plan *plan, painter *first, failure *f);
bool output_video(const export_plan *plan, painter *first, failure *f);

/* Tells the caller how far it is; false, and the failure says so, when he wants to stop. */
bool output_progress(const export_plan *plan, int64_t done, int64_t total, failure *f);

/* One frame's file in bytes, as PNG or SVG; *data belongs to the caller. */
bool output_encode(painter *p, moment m, char **data, size_t *size, failure *f);

/* The name of frame k of a sequence. False: no room. */
bool output_name(const char *pattern, int64_t frame, char *name, size_t size);

/* Where the number stands in a sequence's name, "%d" or "%04d"; NULL: in none. *length, *digits: of it. */
const char *output_number(const char *pattern, size_t *length, int *digits);

#endif
