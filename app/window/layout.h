/* Where the parts of the window lie. Pure. */
#ifndef WINDOW_LAYOUT_H
#define WINDOW_LAYOUT_H

#include "app/figure/display_list.h"

typedef struct layout_wishes {
    float width, height, scale; /* pixels; pixels for each unit */
    bool lessons, inspector;    /* wanted open */
    int narrow_panel;           /* in a narrow window: 1 the lessons, 2 the inspector, 0 none */
    bool presenting;
    bool pages; /* the lesson has several pages */
    bool notes;
    float question; /* height of the question card, pixels; 0: none. It stands under the figure where there is room, or
                       beside it */
} layout_wishes;

/* Boxes in whole pixels; empty ones are not shown. */
typedef struct window_layout {
    box lessons, bar, tabs, figure, question, pages, notes, inspector, transport;
    bool narrow;          /* not all panels fit beside the stage */
    bool compact;         /* tabs, pages and most buttons fold into menus */
    bool question_beside; /* not under the figure but beside it */
} window_layout;

window_layout layout_make(const layout_wishes *wishes);

#endif
