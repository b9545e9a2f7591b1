/* The slide view: kernel, input and output side by side, one step under way. */
#ifndef FIGURE_SLIDE_H
#define FIGURE_SLIDE_H

#include "arrange.h"
#include "window.h"

/* How much of the tensors is shown; tried from all to little until the cells are large enough. */
typedef struct detail {
    bool samples;  /* all samples of the batch */
    bool filters;  /* all filters */
    bool products; /* the products beside the kernel */
    int channels;  /* at most so many planes of each tensor */
} detail;

/* Builds a picture's blocks with that much shown; returns the largest cell. */
typedef float slide_builder(void *view, const detail *d, float most);

/* Chooses how much is shown: the most whose cells are still large enough to read, and builds that. */
float slide_choose(const stage *s, void *view, slide_builder *build, float most);

/* A picture of one part: returns the cell it takes in s->area, at most `most`; draws when `draw`. Negative: it could
 * not (see s->failure). */
typedef float picture(stage *s, int index, float most, bool draw);

picture slide_gather, slide_scatter, slide_photo;

/* Whether a part is shown as photographs with a magnifier. */
bool slide_is_photo(const stage *s, int index);

/* The moment whose step the magnifier looks at: the stage's, or that of what is pointed at. */
moment slide_photo_moment(stage *s, int index);

/* Adds planes of an operand for the channels around `current` of each sample to a block; says in the remark what is
 * left out. */
void slide_add_planes(const stage *s, block *b, operand *o, int64_t channels, int64_t sample, int64_t current,
                      int64_t group_first, int64_t group_count, const detail *d);

/* Lines from a frame to the block beside it, behind everything. */
void slide_rays(const stage *s, point top, point bottom, box to, color c);

/* Appends a remark to a block's, with a dot between. */
void slide_remark(block *b, const char *text);

/* True convolution turns its kernel round: the slice of the weight that stands at a place in depth; the same at every
 * place of layers that do not. */
int64_t slide_kernel_slice(const conv_layout *l, int64_t slices, int64_t place);

/* Turns the planes of an operand on its block; 1 is half a turn. Nothing where the layer does not. */
void slide_turn_kernel(const conv_layout *l, block *b, const operand *o, float turned);

/* What the rim of an operand reads, in words. */
void slide_rim_remark(const stage *s, block *b, const operand *o);

/* Marks what the pinned or pointed at cell sees or is used by, on the planes of the blocks. */
void slide_marks(stage *s, int index, const block *blocks, int count);

/* Frames a plane of the role that a pointed at word of the caption names. */
void slide_light(const stage *s, const plane *p);

/* Frames the weight that asks to be dragged, with an arrow up and one down. */
void slide_invitation(const stage *s, int index, const block *blocks, int count);

/* The worksheet and the curtain: how many elements of the output may be shown. */
int64_t slide_known(const stage *s);

#endif
