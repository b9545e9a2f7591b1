/* All that the window knows, in one struct: the document with its past, the scene, playback, settings, what is pointed
 * at, the user interface. window_update (frame.h) is the one function that moves it on. Nothing here knows SDL: a test
 * feeds events and looks. */
#ifndef WINDOW_STATE_H
#define WINDOW_STATE_H

#include "app/document/change.h"
#include "app/document/lesson.h"
#include "app/document/question.h"
#include "app/document/scene.h"
#include "app/export/subject.h"
#include "app/figure/figure.h"
#include "app/timeline/timeline.h"
#include "layout.h"
#include "ui.h"

/* What lasts from one start to the next (session.h). */
typedef struct settings {
    language language;
    theme_id theme;
    float scale; /* UI scale chosen by the reader, 0.75..3; 0: none, see scale.h */
    bool reduced_motion;
    bool lessons_open, inspector_open;
    double speed;
    bool loop;
    int width, height;
} settings;

/* Steps in time. `at` is what is shown. */
typedef struct playback {
    timeline timeline;
    moment at;
    double seconds; /* on the timeline, while it plays */
    bool playing;
    bool one_step;       /* plays to the end of the step under way, then stops */
    int64_t first, last; /* the range, half-open */
} playback;

typedef enum popup_id {
    POPUP_NONE,
    POPUP_MENU,
    POPUP_INPUT,
    POPUP_WEIGHT,
    POPUP_VIEW,
    POPUP_HELP,
    POPUP_EXPORT,
    POPUP_OPEN,
    POPUP_SAVE,
    POPUP_GAMES,
    POPUP_COUNT
} popup_id;

enum { NOTICE_SIZE = 512, PATH_SIZE = 1024, PEN_POINTS = 4096, REFUSAL_SIZE = 512 };

/* What zooming keeps where it is: a place in a cell, and where it was pointed at. */
typedef struct zoom_anchor {
    tag cell;           /* TAG_NONE: none */
    float across, down; /* in it, 0..1 */
    point at;           /* pixels of the window */
    bool fresh;         /* the picture was not drawn since */
} zoom_anchor;

/* The figure in the window and the reader's hand on it. */
typedef enum grip { GRIP_NONE, GRIP_CLICK, GRIP_PAINT, GRIP_SCRUB, GRIP_PAN } grip;

typedef struct easel {
    tag hover;    /* what is pointed at, by mouse or keys */
    bool by_keys; /* the keyboard moved `hover` */
    grip grip;
    tag pressed;   /* where the button went down */
    float pixel;   /* ... on a picture: side of its pixel; 0: on a cell */
    point from;    /* ... in pixels */
    point painted; /* where the brush was last */
    float value;   /* of that cell then */
    uint64_t drag; /* number of the drag: its changes are undone together */
    float brush;   /* what painting writes */
    tag editing;   /* the cell whose number is being typed; TAG_NONE: none */
    char edit_text[32];
    float zoom;
    point pan, pan_from;
    zoom_anchor anchor;
    double view_started; /* when the picture changed, for its motion; < 0: settled */
    view_id view_from;   /* ... from this view and style, */
    style_id style_from;
    display_list before;     /* ... or from this picture, when the document changed; empty: none */
    view_id unmeasured;      /* this view could not be measured */
    uint64_t unmeasured_for; /* ... at this revision of the history; 0: none */
} easel;

/* In front of a class. */
typedef struct presenting {
    bool on; /* stage, caption and large type only */
    bool blank;
    bool spotlight;
    bool pen;
    bool notes;
    point ink[PEN_POINTS]; /* strokes, parted by a point with x = NAN */
    int ink_count;
} presenting;

/* Predict, then reveal (predict.h). */
typedef struct prediction {
    bool on; /* the mode */
    bool asking, revealed;
    bool shown; /* revealed without an answer */
    question_kind kind;
    int part;     /* asked about, */
    int64_t step; /* ... and at which step */
    int parts;    /* how many parts this kind of question was asked about on the page */
    answer answer;
    char ask[NOTICE_SIZE];
    int chosen; /* -1: none */
    char typed[64];
    bool right;
    int score, asked;
    uint64_t asked_of; /* the document's revision */
} prediction;

typedef struct export_job export_job; /* popup_export.c */
typedef struct exporting {
    char path[PATH_SIZE];
    int size, steps;               /* indices in the dialog's tables */
    theme_id theme;                /* at first the window's */
    bool transparent, plain, crop; /* no ground, no caption, tight */
    export_subject subject;        /* what the command line calls the document */
    char message[NOTICE_SIZE];
    bool bad;
    export_job *job; /* the export under way, on a thread of its own; NULL: none. Owned */
} exporting;

typedef struct game_play game_play; /* game_play.c */

/* Ends an export that is under way: it leaves nothing half-written. */
void exporting_stop(exporting *e);

enum { FILES_MOST = 400 };
typedef struct file_choice {
    char folder[PATH_SIZE], name[256];
    char *names[FILES_MOST]; /* owned; folders end in '/' */
    int count;
    char message[NOTICE_SIZE];
    ui_scroll scroll;
    int format; /* open: what is asked for */
} file_choice;

/* What the window asks of its surroundings after a frame. */
typedef struct effects {
    const char *copy; /* text for the clipboard; valid until the next frame */
    bool paste;       /* the clipboard's text is wanted as EVENT_CLIPBOARD */
    bool quit, fullscreen;
    bool animate;   /* the next frame is wanted at once */
    double wake_at; /* a frame is wanted at this time; 0: only on an event */
    bool text_input;
    box text_box;
    int cursor; /* 0 arrow, 1 hand, 2 text, 3 all ways, 4 up and down */
} effects;

typedef enum region_id {
    REGION_LESSONS,
    REGION_BAR,
    REGION_STAGE,
    REGION_FIGURE,
    REGION_INSPECTOR,
    REGION_TRANSPORT,
    REGION_OVERLAY,
    REGION_COUNT
} region_id;

/* A part of the window that is drawn anew only when its list changed. */
typedef struct region {
    display_list list;
    box box; /* in the window; the list's items lie there too, except the figure's: they begin at box.x, box.y */
} region;

typedef struct window_state {
    /* Borrowed. */
    const fonts *fonts;
    conv_engine *engine;
    const char *assets;
    char base[PATH_SIZE]; /* the document's folder, that its file names are taken from; "": the working directory */

    history history;
    scene scene;
    bool scene_open;
    lesson_list lessons;
    lesson lesson; /* the one that the document is of */
    bool lesson_open;
    int page;
    bool touched; /* the reader changed what was opened */

    settings settings;
    playback play;
    easel easel;
    presenting present;
    prediction predict;
    exporting exporting;
    game_play *games; /* NULL until they are asked for. Owned */
    file_choice files;
    popup_id popup;
    box popup_anchor;
    ui_id popup_from;  /* had the focus before */
    ui_id popup_focus; /* gets it back when the popup is gone */
    bool popup_fresh;  /* opened in this pass */
    ui_scroll scroll_lessons, scroll_notes, scroll_inspector, scroll_popup, scroll_question;
    char search[128];

    char notice[NOTICE_SIZE]; /* a sentence for the reader that goes away */
    double notice_until;
    bool notice_bad;
    char expression_error[NOTICE_SIZE]; /* of the text being typed */
    int expression_column;              /* from 1; 0: nowhere in particular */
    char refusal[REFUSAL_SIZE];         /* why a value was refused, under its stepper */
    ui_id refused;
    bool refused_still; /* the value was not changed; else some were passed over */

    int width, height; /* pixels of the window */
    float ratio;       /* pixels for each point of the screen */
    float per_inch;    /* points of the screen to the inch; 0: not known */
    int narrow_panel;  /* in a narrow window: which panel is open over the stage; 0 none, 1 lessons, 2 inspector */
    window_layout layout;
    ui ui;
    double time, dirty_since;
    bool dirty; /* there is something to save, since then */
    settings saved_settings;
    struct saver *saver;         /* what is being saved, NULL: nothing. Owned */
    struct measuring *measuring; /* what is being measured for the view, NULL: nothing. Owned */
    struct opening *opening;     /* what is being opened beside the window, NULL: nothing. Owned */
    struct opening *abandoned;   /* ... what was, and still has to end; NULL: nothing. Owned */
    bool remember;               /* settings and document are kept for the next start */
    char *clipboard;             /* what effects.copy points at. Owned */
    effects effects;
    region regions[REGION_COUNT];
    const display_list *seen; /* the figure's list that was drawn last: what is pointed at */
} window_state;

static inline document *state_document(window_state *w) {
    return &w->history.document;
}
static inline part *state_part(window_state *w) {
    return &w->history.document.parts[0];
}

/* A change of the document by the reader: undoable, refused when the engine refuses it. Fills *why (NULL: a notice says
 * it). */
bool state_change(window_state *w, const change *c, failure *why);
/* Undo (-1) and redo (1). False: there is nothing to undo, to do again. */
bool state_turn(window_state *w, int by);
/* Puts another document in (copied) and begins to play it. */
bool state_open_document(window_state *w, const document *d, bool play, failure *f);
/* What was open last time, into the empty window. When that takes longer than a frame, its layers on small numbers keep
 * its place until it is there. */
bool state_resume(window_state *w, const document *d, bool play, failure *f);
bool state_open_lesson(window_state *w, const char *id, int page, bool play, failure *f);
bool state_open_lesson_file(window_state *w, const char *path, int page, bool play, failure *f);
bool state_open_page(window_state *w, int page);
/* A text, path or lesson's id, as `convscope open`. A large picture is opened beside the window (opening.h): true then
 * means that it will be there, or that a notice will say why not. */
bool state_open_text(window_state *w, const char *text, failure *f);
bool state_open_file(window_state *w, const char *path, failure *f);
void state_notice(window_state *w, bool bad, const char *text);
void state_failure(window_state *w, const failure *f);

/* Translation and formatting in the window's language. */
static inline const char *say(const window_state *w, const char *english) {
    return tr(w->settings.language, english);
}

#endif
