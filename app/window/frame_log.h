/* How long each frame took, for the soak test and for whoever finds the window slow: convscope open ... --frames FILE.
 *
 * One line a frame, appended as the window runs, whole microseconds:
 *
 *     at wall processor presenting id view event read
 *
 * at: when it began, since the log was opened; wall: from the events to the pixels on the screen; processor: what the
 * window's own thread used in that time (far below wall: the frame waited, for the disk, the display server, other
 * programs, the engine's other threads); presenting: the part of wall that drew and presented; id: the lesson shown, or
 * -; view: slide, matrix, ...; event: the frame's last event that was no mere movement of the pointer, such as
 * key:Ctrl+PageDown or press, or -; read: kB that the window's own thread read from the disk in it. */
#ifndef WINDOW_FRAME_LOG_H
#define WINDOW_FRAME_LOG_H

#include "app/system/failure.h"
#include "event.h"
#include <stdio.h>

typedef struct frame_log {
    FILE *file; /* NULL: nothing is logged */
    const char *name;
    double opened, began, drawing, processor;
    long read;
    char event[64];
} frame_log;

/* name NULL: no log; else it must outlive the log. False: the file cannot be written. */
bool frame_log_open(frame_log *l, const char *name, failure *f);
void frame_log_begin(frame_log *l, const window_event *events, int count); /* a frame begins */
void frame_log_drawing(frame_log *l);                                      /* its logic is done, its drawing begins */
void frame_log_end(frame_log *l, const char *id, const char *view);

/* False: not all of it could be written. */
bool frame_log_close(frame_log *l, failure *f);

#endif
