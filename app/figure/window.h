/* One step of a part, ready to be drawn: where its window is, its taps, how far it has come. */
#ifndef FIGURE_WINDOW_H
#define FIGURE_WINDOW_H

#include "plane.h"

typedef struct window {
    int part;
    const conv_layout *layout;
    int64_t step;
    double progress;
    const conv_tap *taps;
    int64_t count;
    float result;
    int64_t done;                       /* taps whose product is shown */
    bool settled;                       /* the frame has arrived */
    bool finished;                      /* the result is shown */
    bool bias_step;                     /* scatter: the last step, which adds the bias */
    bool framed;                        /* the taps lie in a window that slides */
    int64_t sample, channel, group;     /* of the output element (gather) or of the input element (scatter) */
    int64_t position[CONV_MAX_SPATIAL]; /* its window */
    int64_t in_group, out_group;        /* input and output channels in a group */
    float first[3]; /* padded coordinates of the frame's first cell on its way: slice, row, column */
    float size[3];  /* cells that the frame covers */
} window;

/* The window of the stage's moment. False when the engine refuses. */
bool window_at(stage *s, int index, window *w);

/* The tap at a padded position of a channel (input channel for gather, output channel for scatter), or NULL. */
const conv_tap *window_tap(const window *w, int64_t channel, int64_t slice, int64_t row, int64_t column);

/* Whether a position lies in the settled frame, and whether it is skipped there by dilation. */
bool window_covers(const window *w, int64_t slice, int64_t row, int64_t column);
bool window_skips(const window *w, int64_t slice, int64_t row, int64_t column);

/* Draws the frame on a plane of the operand that the window slides over. */
void window_frame(const stage *s, const window *w, const plane *p, color c, float width);

/* Corners of the frame on a plane: left top, right top, right bottom, left bottom. */
void window_corners(const window *w, const plane *p, point corner[4]);

#endif
