/* What happened, as plain data: the window's own events, so that everything but window.c can be driven by a test. */
#ifndef WINDOW_EVENT_H
#define WINDOW_EVENT_H

#include "app/figure/display_list.h"

typedef enum event_kind {
    EVENT_NONE,
    EVENT_MOVE,      /* the pointer moved to `at` */
    EVENT_LEAVE,     /* the pointer left the window */
    EVENT_PRESS,     /* button, clicks, at */
    EVENT_RELEASE,   /* button, at */
    EVENT_WHEEL,     /* wheel: notches, x to the right, y up (away from the reader); at */
    EVENT_KEY,       /* key, modifiers, repeat */
    EVENT_TEXT,      /* text: what was typed, UTF-8 */
    EVENT_COMPOSE,   /* text: what an input method has composed so far ("": nothing), cursor in characters */
    EVENT_DROP,      /* text: path of a file dropped on the window at `at` */
    EVENT_RESIZE,    /* width, height in pixels; ratio: pixels for each point of the screen; per_inch: points to the
                       inch, 0: not known */
    EVENT_CLIPBOARD, /* text: what is to be pasted, asked for by window_effects.paste */
    EVENT_EXPOSE,    /* the screen lost the picture */
    EVENT_QUIT
} event_kind;

/* Keys without a character of their own; the others are their lower-case character. */
enum {
    KEY_BACKSPACE = 8,
    KEY_TAB = 9,
    KEY_ENTER = 13,
    KEY_ESCAPE = 27,
    KEY_SPACE = 32,
    KEY_DELETE = 127,
    KEY_LEFT = 0x100,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_F1 = 0x201, /* KEY_F1 + 1 is F2, ... */
    KEY_F2,
    KEY_F5 = KEY_F1 + 4,
    KEY_F6,
    KEY_F9 = KEY_F1 + 8,
    KEY_F10,
    KEY_F11
};

enum { MODIFIER_CONTROL = 1, MODIFIER_SHIFT = 2, MODIFIER_ALT = 4 };
enum { BUTTON_LEFT = 1, BUTTON_MIDDLE = 2, BUTTON_RIGHT = 3 };
enum { EVENT_TEXT_SIZE = 256 };

typedef struct window_event {
    event_kind kind;
    point at; /* pixels of the window */
    int button, clicks;
    point wheel;
    int key;
    unsigned modifiers; /* also of mouse events */
    bool repeat;
    char text[EVENT_TEXT_SIZE]; /* short texts */
    const char *long_text;      /* DROP, CLIPBOARD: the text; the sender's, valid during the frame */
    int cursor;
    int width, height;
    float ratio, per_inch;
    bool lasting; /* RESIZE: the reader chose this size: the next start has it too */
} window_event;

#endif
