/* Pictures change by motion: what stands in both of them flies from its place in the one to its place in the other, the
 * corners of a flat cell to those of a tilted one; the rest fades out and in. */
#ifndef FIGURE_MOTION_H
#define FIGURE_MOTION_H

#include "display_list.h"

/* Appends to `l` the picture that is `progress` (0..1) of the way from `from` to `to`. */
void motion_between(display_list *l, const struct fonts *fonts, const display_list *from, const display_list *to,
                    float progress);

#endif
