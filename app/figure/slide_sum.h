/* Products become one number: the sum under a kernel, or in space each channel's part flowing into one node. */
#ifndef FIGURE_SLIDE_SUM_H
#define FIGURE_SLIDE_SUM_H

#include "slide.h"

/* Room that the node takes beside a kernel, in units. */
#define SUM_ROOM 165.0f
#define SUM_ROOM_LEAST 104.0f /* beside other parts, where only one line comes to the node */

/* "Σ = 6 + 1 = 7" under the kernel. */
void sum_line(const stage *s, const window *w, const block *kernel);

/* Where the line from it to `target` begins; not a number while there is none. */
point sum_end(const stage *s, const window *w, const block *kernel, point target);

/* Lines from the slices to the node, behind everything; then the node and its numbers. */
void sum_flow_lines(const stage *s, const window *w, const block *kernel, const operand *weight);
point sum_flow_end(const stage *s, const block *kernel); /* the node */
void sum_flow_node(stage *s, const window *w, const block *kernel, const operand *weight);

/* The last line of the stage: the arithmetic of the step, and what it cost. Takes its room from s->area. */
void sum_foot_reserve(stage *s);
void sum_foot(stage *s, int index, box whole);

#endif
