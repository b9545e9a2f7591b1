/* A figure: a pure function of scene, moment and settings that writes a display list. It reads no clock, no mouse, no
 * file. */
#ifndef FIGURE_FIGURE_H
#define FIGURE_FIGURE_H

#include "app/document/scene.h"
#include "app/surface/text.h"
#include "app/timeline/timeline.h"
#include <stdatomic.h>

typedef struct figure_settings {
    float width, height; /* of the picture */
    float scale;         /* of type and lines: UI scale; 1 by default */
    theme_id theme;
    language language;
    const fonts *fonts;
    moment moment;
    bool captions;  /* title and caption are drawn */
    bool own_words; /* they are about another view: this one says its own */
    bool reduced_motion;
    bool transparent;
    bool measuring;       /* what the view measures is made elsewhere: where it is not there yet it says so */
    float zoom;           /* 1: fitted */
    point pan;            /* pixels */
    tag hover;            /* what is pointed at; TAG_NONE: nothing */
    double view_progress; /* 0..1 while the picture changes by motion from another one; 1: settled. The other one is */
    const display_list *before; /* ... this picture, of the same size; or, where it is NULL, */
    view_id view_from;          /* ... the same moment of the same document in this view and style */
    style_id style_from;
} figure_settings;

void figure_defaults(figure_settings *settings);

/* Does the work of a view that measures: times for the cost view, a recorded run for the engine view, the effective
 * field for that of fields. Remembered with the scene until its results change; for other views it does nothing.
 * Drawing measures no time: without this the cost view has none, the engine view says that there is no run. */
bool figure_prepare(scene *s, view_id view, failure *f);

/* Whether there is nothing left to do for that. */
bool figure_prepared(scene *s, view_id view);

/* The same on another engine than the scene's: the scenes of an export have one thread each, the run that they show has
 * all. Set from another thread, *stop (unless NULL) ends it after the run that it is at: false, *f says nothing. */
bool figure_prepare_on(scene *s, view_id view, conv_engine *engine, const atomic_bool *stop, failure *f);

/* Copies what was measured and recorded to another scene of the same document: several workers show one run. `from` is
 * only read. */
bool figure_carry(scene *to, scene *from, failure *f);

/* Draws the scene's document. False when it cannot (out of memory; an operation that this view has no picture of: then
 * the list says so). */
bool figure_draw(display_list *l, scene *s, const figure_settings *settings, failure *f);

/* Whether the document's results are not to be seen: behind the curtain, or on a worksheet without its answers. */
bool figure_hides_result(const document *d);

/* What is drawn at a point: the tag of a cell, also of a pixel where a tensor of the slide view is drawn as a picture
 * (TAG_CELL then, without an item of its own); else of the topmost tagged item. False: nothing is there. */
bool figure_at(const display_list *l, const scene *s, point at, tag *found);

/* Where a cell is drawn as a pixel of a tensor's picture, in the list's coordinates. False: nowhere. */
bool figure_pixel(const display_list *l, const scene *s, tag cell, box *pixel);

/* The box that the figure really covers, for cropping. */
box figure_bounds(const display_list *l);

/* The arithmetic of the current step written out, "1×2 + 0×3 + ... + 1 = 7", read from the trace. Shortened in the
 * middle to fit `size`. Returns text. */
char *figure_arithmetic(scene *s, int part, moment m, bool labels, char *text, int size);

#endif
