/* Large pictures and arrays are opened beside the window: on a thread and an engine of its own the document's scene is
 * made and drawn once, which takes longer than a frame. The window goes on with what it shows until it is there. */
#ifndef WINDOW_OPENING_H
#define WINDOW_OPENING_H

#include "state.h"

typedef struct opening opening;

/* What is done with it when it is there. */
typedef struct opening_wish {
    /* Brings the made scene (still the caller's afterwards, empty when it was taken) into the window. */
    bool (*arrive)(window_state *w, const opening *o, scene *made, failure *f);
    const char *path; /* of the file that becomes the input; NULL: none. Copied */
    bool play;
    bool resumes; /* it was open last time, and its place is kept meanwhile (state_resume) */
    int turns;    /* so many documents back (negative) or forth in the history; 0: it is a new one */
} opening_wish;

/* Begins to open the document (copied) when that reads something large that is not shown already; what was being opened
 * is given up then. False: nothing was begun, and it can be opened at once (it is small; nothing is shown that could go
 * on; no memory or no thread can be had). */
bool opening_begin(window_state *w, const document *d, const opening_wish *wish);

/* Whether opening that part of the document, or any, takes longer than a frame. */
bool opening_is_large(const window_state *w, const document *d, int index);
bool opening_takes_long(const window_state *w, const document *d);

const document *opening_document(const opening *o);
const opening_wish *opening_wished(const opening *o);

/* What is being opened: its file's name, and how many turns in the history. NULL and 0: nothing. */
const char *opening_name(const window_state *w);
int opening_turns(const window_state *w);

/* Whether what was open last time is not there yet: what is shown instead is not what the next start wants. */
bool opening_resumes(const window_state *w);

/* Whether a thread is at work, on what is wanted or on what is no more. */
bool opening_busy(const window_state *w);

/* Once a frame: brings what is there. */
void opening_tick(window_state *w);

/* What is being opened is no longer wanted; it ends by itself. */
void opening_cancel(window_state *w);

/* Waits until what is being opened is there; the next tick brings it. */
void opening_wait(window_state *w);

/* As opening_cancel, and waits for the end. */
void opening_stop(window_state *w);

#endif
