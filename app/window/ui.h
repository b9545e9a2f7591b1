/* A small immediate-mode user interface: each frame the widgets are called anew; they write what they look like into a
 * display list and answer what the reader did with them. All lasting state stands in this struct. Widgets have names
 * ("transport.play"): they make the id, and tests and the state file find them by it. */
#ifndef WINDOW_UI_H
#define WINDOW_UI_H

#include "app/figure/theme.h"
#include "app/language/language.h"
#include "app/surface/text.h"
#include "event.h"

typedef uint32_t ui_id; /* 0: none */

enum { UI_NAME_SIZE = 40, UI_FIELD_SIZE = 8192, UI_TIP_SIZE = 160 };

typedef struct ui_control {
    ui_id id;
    char name[UI_NAME_SIZE];
    box box; /* as drawn, clipped to its scroll area */
    bool enabled, focusable, visible;
    int layer;
} ui_control;

/* The one text field that is being edited. */
typedef struct ui_field {
    ui_id id;
    char text[UI_FIELD_SIZE];
    int length;         /* bytes */
    int cursor, anchor; /* byte offsets; the selection lies between them */
    float scroll;       /* pixels */
    char composed[EVENT_TEXT_SIZE];
    bool changed; /* since it was entered */
} ui_field;

/* One scroll area's lasting state. */
typedef struct ui_scroll {
    float offset, content; /* pixels */
    bool dragging;
    float drag_from;
} ui_scroll;

typedef enum ui_answer {
    UI_NOTHING,
    UI_EDITED,    /* a field's text changed */
    UI_COMMITTED, /* a field was left by Enter, or by going elsewhere after a change */
    UI_CANCELLED  /* a field was left by Escape */
} ui_answer;

/* Where a paragraph's lines break, kept from pass to pass: most words of the window stay as they are. */
enum { UI_BREAKS = 512, UI_BREAK_LINES = 4 };
typedef struct ui_break {
    uint64_t key; /* of text, face, size and width; 0: free */
    size_t length;
    int count;
    text_line lines[UI_BREAK_LINES];
} ui_break;

typedef struct ui {
    const fonts *fonts;
    const theme *theme;
    language language;
    float scale;        /* pixels for each unit of layout */
    display_list *list; /* where widgets draw now */
    int layer;          /* of the widgets called now; 0: the window, 1: a popup or dialog over it */
    int top_layer;      /* the layer that has the keyboard and the mouse: set by ui_begin */
    int next_top_layer;

    const window_event *event; /* of this pass */
    bool by_keys;              /* the reader came by the keyboard, not by the mouse */
    bool event_used;
    point mouse;
    bool mouse_inside;
    unsigned modifiers; /* of the pass's event */
    bool mouse_down;
    double time; /* seconds */

    ui_id hot, hot_before; /* pointed at, and in the pass before */
    double hot_since;
    ui_id active; /* pressed */
    point pressed_at;
    ui_id focus;      /* has the keyboard */
    bool focus_seen;  /* focus came by the keyboard: the ring is drawn */
    bool focus_moved; /* in this pass: its scroll area follows */
    bool focus_found;

    ui_field field;
    bool wants_text;    /* a field has the focus: text input is on */
    box text_box;       /* where the composition window belongs */
    const char *copied; /* a field copied this: to be taken by the window. Points into copy_buffer */
    char copy_buffer[UI_FIELD_SIZE];
    bool wants_paste;

    box clip;           /* of the scroll area */
    ui_id scroll_id;    /* of the scroll area widgets are called in */
    box focus_box;      /* of the focused control, not clipped */
    ui_id focus_scroll; /* the scroll area that it stands in */
    float field_x;      /* where the text of the field drawn last begins */
    bool again;         /* another pass is needed at once */
    bool hand;          /* the pointer is over something to press */
    bool beam;          /* ... over text */

    char tip[UI_TIP_SIZE];
    box tip_box;
    bool tip_wanted;
    double wake_at; /* a frame is wanted at this time; 0: none */

    ui_control *controls; /* of this pass, in the order of drawing = of Tab. Owned */
    size_t control_count, control_capacity;
    ui_control *before; /* of the pass before */
    size_t before_count, before_capacity;
    ui_break *breaks; /* UI_BREAKS of them, or NULL. Owned */
    bool failed;      /* out of memory */
} ui;

ui_id ui_hash(const char *name);
void ui_destroy(ui *u);

/* From here on widgets belong to that layer; a popup's box covers what is under it. */
void ui_set_layer(ui *u, int layer);

/* One pass: takes one event (kind NONE for drawing only). Tab moves the focus here. */
void ui_begin(ui *u, const window_event *e, double time);
void ui_end(ui *u);

static inline float ui_px(const ui *u, float units) {
    return (float)(int)(units * u->scale + 0.5f);
}

/* Registers a control; true when it was clicked or pressed by Enter. What every widget is made of. */
typedef struct ui_state {
    bool hot, held, focused, clicked;
} ui_state;
ui_state ui_interact(ui *u, const char *name, box b, bool enabled, bool focusable);
const ui_control *ui_find(const ui *u, const char *name); /* of the last finished pass */
void ui_focus(ui *u, ui_id id, bool seen);
/* Tab's way: through the controls of the uppermost layer in the order in which they were drawn, round and round. */
void ui_step_focus(ui *u, bool back);
bool ui_key(ui *u, int key, unsigned modifiers); /* this pass's event is that key and nobody used it: uses it */
bool ui_inside(box b, point p);
box ui_intersect(box a, box b);
bool ui_points(const ui *u, box b); /* the mouse is there and nothing lies over it */

/* Text. Words are cut with an ellipsis only where they do not fit. */
float ui_width(const ui *u, face f, float size, const char *text);
void ui_text(ui *u, box b, anchor a, face f, float size, color c, const char *text);
float ui_paragraph(ui *u, point at, float width, face f, float size, color c, const char *text,
                   bool draw);                                 /* returns the height */
void ui_tip(ui *u, const char *name, box b, const char *text); /* shown when the pointer rests on the control */

typedef enum icon {
    ICON_NONE,
    ICON_PLAY,
    ICON_PAUSE,
    ICON_STEP,
    ICON_BACK,
    ICON_START,
    ICON_END,
    ICON_LOOP,
    ICON_PLUS,
    ICON_MINUS,
    ICON_MENU,
    ICON_HELP,
    ICON_CLOSE,
    ICON_LEFT,
    ICON_RIGHT,
    ICON_DOWN,
    ICON_PANEL_LEFT,
    ICON_PANEL_RIGHT,
    ICON_SEARCH,
    ICON_SCREEN,
    ICON_CHECK,
    ICON_CUBE,
    ICON_GRID,
    ICON_EYE
} icon;
void ui_icon(ui *u, icon i, box b, color c);

/* Widgets. `name` makes the id; sizes and places are the caller's. */
typedef enum button_look { BUTTON_PLAIN, BUTTON_FRAMED, BUTTON_STRONG, BUTTON_ROUND } button_look;
typedef struct button {
    const char *label;
    icon icon;
    button_look look;
    bool disabled, on;
    const char *tip;
} button;
bool ui_button(ui *u, const char *name, box b, const button *look);
bool ui_toggle(ui *u, const char *name, box b, const char *label, bool on);
/* A row of a list or menu; `detail` stands at the right, soft. */
bool ui_row(ui *u, const char *name, box b, const char *label, const char *detail, bool on, bool disabled);
/* 0 or the index + 1 of the chosen tab. One stop for Tab; Up and Down change it. */
float ui_tabs_width(const ui *u, const char *const *labels, int count); /* what they need at least */
int ui_tabs(ui *u, const char *name, box b, const char *const *labels, int count, int chosen);
/* value in 0..1; true while it is moved. ticks: how many marks, at most; 0 none. */
bool ui_slider(ui *u, const char *name, box b, double *value, int ticks, bool enabled);
/* -1, 0 or +1 for the two ends; *answer tells what happened to the text in the middle. */
int ui_stepper(ui *u, const char *name, box b, const char *value, bool refused, ui_answer *answer);
ui_answer ui_text_field(ui *u, const char *name, box b, face f, float size, const char *value, const char *hint,
                        bool framed);

void ui_field_begin(ui *u, ui_id id, const char *text, bool select_all);
void ui_field_end(ui *u);

void ui_scroll_begin(ui *u, const char *name, box b, ui_scroll *s);
void ui_scroll_end(ui *u, box b, ui_scroll *s, float content);

void ui_focus_ring(ui *u, box b, float radius);

static inline paint paint_fill(color c) {
    return (paint){.fill = c};
}
static inline paint paint_line(color c, float width) {
    return (paint){.stroke = c, .width = width};
}
static inline box box_make(float x, float y, float width, float height) {
    return (box){x, y, width, height};
}
static inline box box_inset(box b, float dx, float dy) {
    return (box){b.x + dx, b.y + dy, b.width - 2 * dx, b.height - 2 * dy};
}
/* Cuts a strip off a side; the rest stays in *b. */
box box_cut_left(box *b, float width);
box box_cut_right(box *b, float width);
box box_cut_top(box *b, float height);
box box_cut_bottom(box *b, float height);
color color_fade(color c, float alpha);

#endif
