/* How long each frame took, for the soak test and for whoever finds the window slow: convscope open ... --frames FILE.
 *
 * One line a frame, appended as the window runs, whole microseconds:
 *
 *     at wall processor presenting id
 *
 * at: when it began, since the log was opened; wall: from the events to the pixels on the screen; processor: what all
 * of the program's threads used in that time (far below wall: the frame waited, for the disk, the display server or
 * other programs); presenting: the part of wall that drew and presented; id: the lesson shown, or -. */
#ifndef WINDOW_FRAME_LOG_H
#define WINDOW_FRAME_LOG_H

#include "app/system/failure.h"
#include <stdio.h>

typedef struct frame_log {
    FILE *file; /* NULL: nothing is logged */
    double opened, began, drawing, processor;
} frame_log;

/* name NULL: no log. False: the file cannot be written. */
bool frame_log_open(frame_log *l, const char *name, failure *f);
void frame_log_begin(frame_log *l);   /* a frame begins */
void frame_log_drawing(frame_log *l); /* its logic is done, its drawing begins */
void frame_log_end(frame_log *l, const char *lesson);
void frame_log_close(frame_log *l);

#endif
