/* The stage: what every picture draws with, and the words around a picture. Private to this folder. */
#ifndef FIGURE_STAGE_H
#define FIGURE_STAGE_H

#include "figure.h"

typedef struct stage {
    display_list *list;
    scene *scene;
    const document *document;
    const figure_settings *settings;
    const theme *theme;
    const fonts *fonts;
    failure *failure;
    language language;
    moment moment;
    float unit;  /* what a pixel of the design is here: type, gaps and lines are multiples of it */
    float words; /* what it is for title and caption, where there is room */
    float line;  /* width of a thin line, whole pixels */
    box area;    /* where the picture goes */
    bool beside; /* title and caption stand beside the picture: it is low */
    const struct arrangement_form *form; /* the picture is to be arranged so, as those beside it; NULL: as fits best */
    struct arrangement_form *made;       /* how it was arranged is noted here; NULL: nobody asks */
    const struct equivalent
        *inserted; /* zeros were put into the input: the picture stands beside another; its cells have no tags */
} stage;

/* Sizes of type in units. */
#define TYPE_TITLE 26.0f
#define TYPE_CAPTION 16.5f
#define TYPE_LABEL 15.0f
#define TYPE_SMALL 12.5f

enum { STAGE_TEXT = 1536, NUMBER_NOTE = 24 };

color color_faded(color c, float alpha); /* alpha 0..1, on top of the colour's own */
color color_mixed(color a, color b, float t);
point point_mixed(point a, point b, float t);
float eased(float t); /* smooth step, clamped */
/* How far progress p has come between a and b, clamped to 0..1. */
float phase(double p, double a, double b);

/* The ink of words about a role. */
color stage_ink(const stage *s, role r);
paint stage_stroke(const stage *s, color c, float width); /* width in units */

float stage_width(const stage *s, face f, float size, const char *text);
/* Draws one line with its middle (not its baseline) at y. */
float stage_text(const stage *s, float x, float middle, anchor a, face f, float size, color c, const char *text);
/* As stage_text, made smaller until it is no wider than `width`, and shortened with an ellipsis below 60% of its size.
 */
float stage_text_fitted(const stage *s, float x, float middle, anchor a, face f, float size, color c, const char *text,
                        float width);

/* A line that runs behind words stops at them: their ground. `at`: the middle of their left edge. */
void stage_words_ground(const stage *s, point at, face f, float high, const char *text);

/* Whether that would show it to its last letter. */
bool stage_fits(const stage *s, face f, float size, const char *text, float width);

/* Draws a paragraph from the left top corner; words marked [[role|words]] wear the role's colour. Returns the height it
 * took. */
float stage_paragraph(const stage *s, point top, float width, face f, float size, color c, const char *text,
                      int most_lines);

/* Draws title and caption and takes their room from s->area: above the picture, beside one that is low. */
void stage_head(stage *s);

/* Words in the middle of the stage, where a view has no picture. */
void stage_message(const stage *s, const char *text);

/* The tag that the items added next carry. */
void stage_tag(const stage *s, tag t);
static inline tag tag_none(void) {
    return (tag){.kind = TAG_NONE, .index = -1};
}

#endif
