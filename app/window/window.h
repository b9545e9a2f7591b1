/* The window: one program loop over SDL2, drawn by the software rasteriser. */
#ifndef WINDOW_WINDOW_H
#define WINDOW_WINDOW_H

#include "app/document/document.h"

typedef struct window_options {
    const char *assets; /* the assets folder */
    const document
        *document; /* what to open; copied. NULL: what was open last time, and at the very first start the first lesson.
                      With `lesson` set the lesson of that id is loaded, so that its pages can be turned */
    const char *lesson_file; /* the file of the document's lesson when it is none of the program's own; NULL: none */
    const char *base; /* folder that the document's relative file names are taken from; NULL: the working directory */
    int threads;      /* 0: the cores this process may use */
    bool language_given, theme_given;
    language language; /* else as last time, else from LC_ALL, LC_MESSAGES or LANG */
    theme_id theme;    /* else as last time, else light */
    int width, height; /* of the window; 0: as last time, else 1440x900 or what the screen holds */
    float scale;       /* UI scale, 0.75..3; 0: as last time, else what suits size and screen */
    bool reduced_motion;
    bool paused;             /* do not start playing */
    const char *state_file;  /* --state FILE: what the window shows, as JSON, rewritten whenever it changes; for tests.
                                NULL: none */
    const char *frames_file; /* --frames FILE: how long each frame took (frame_log.h); NULL: none */
    bool fresh;              /* neither read nor write the session (settings and autosave) of the XDG folders */
} window_options;

typedef enum window_status { WINDOW_CLOSED, WINDOW_NO_DISPLAY, WINDOW_FAILED } window_status;

/* Opens the window and returns when it was closed. NO_DISPLAY and FAILED fill *f: nothing was shown then, or what was
 * to be kept (settings, the autosave, the log of frames) could not be written in the end. */
window_status window_run(const window_options *options, failure *f);

#endif
