/* Sends a storm of keys, clicks, drags and wheel turns to a window, 500 events a second, the same for the same seed:
 * for the end-to-end test.
 *
 *     storm WINDOW EVENTS SEED
 *
 * Ctrl+Q, which quits, is left out. Exit status 0 when all was sent. */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <X11/keysym.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { A_SECOND = 500 };

typedef struct storm {
    Display *display;
    Window window;
    int width, height, x, y;
    bool held;
    uint64_t state;
} storm;

static int draw(storm *s, int below) { /* xorshift64* */
    s->state ^= s->state >> 12;
    s->state ^= s->state << 25;
    s->state ^= s->state >> 27;
    return (int)((s->state * UINT64_C(2685821657736338717) >> 33) % (uint64_t)below);
}

static void key(storm *s, KeySym symbol, unsigned modifiers) {
    XEvent e = {0};
    e.xkey.display = s->display;
    e.xkey.window = s->window;
    e.xkey.root = DefaultRootWindow(s->display);
    e.xkey.same_screen = True;
    e.xkey.x = s->x;
    e.xkey.y = s->y;
    e.xkey.state = modifiers;
    e.xkey.keycode = XKeysymToKeycode(s->display, symbol);
    if (!e.xkey.keycode) return;
    for (int i = 0; i < 2; i++) {
        e.type = i ? KeyRelease : KeyPress;
        XSendEvent(s->display, s->window, True, i ? KeyReleaseMask : KeyPressMask, &e);
    }
}

static void button(storm *s, unsigned number, bool down) {
    XEvent e = {0};
    e.type = down ? ButtonPress : ButtonRelease;
    e.xbutton.display = s->display;
    e.xbutton.window = s->window;
    e.xbutton.root = DefaultRootWindow(s->display);
    e.xbutton.same_screen = True;
    e.xbutton.x = s->x;
    e.xbutton.y = s->y;
    e.xbutton.button = number;
    XSendEvent(s->display, s->window, True, down ? ButtonPressMask : ButtonReleaseMask, &e);
}

static void move(storm *s) {
    XEvent e = {0};
    s->x = draw(s, s->width);
    s->y = draw(s, s->height);
    e.type = MotionNotify;
    e.xmotion.display = s->display;
    e.xmotion.window = s->window;
    e.xmotion.root = DefaultRootWindow(s->display);
    e.xmotion.same_screen = True;
    e.xmotion.x = s->x;
    e.xmotion.y = s->y;
    e.xmotion.state = s->held ? Button1Mask : 0;
    XSendEvent(s->display, s->window, True, PointerMotionMask, &e);
}

static void any_key(storm *s) {
    static const KeySym named[] = {XK_space,   XK_Left,      XK_Right, XK_Up,     XK_Down,   XK_Home,      XK_End,
                                   XK_Page_Up, XK_Page_Down, XK_Tab,   XK_Return, XK_Escape, XK_BackSpace, XK_Delete,
                                   XK_F1,      XK_F2,        XK_F5,    XK_F6,     XK_F9,     XK_F10};
    bool control = draw(s, 5) == 0, shift = draw(s, 5) == 0;
    KeySym symbol = draw(s, 2) ? named[draw(s, (int)(sizeof named / sizeof *named))] : (KeySym)(33 + draw(s, 94));
    if (control && (symbol == XK_q || symbol == XK_Q)) return;
    key(s, symbol, (control ? ControlMask : 0u) | (shift ? ShiftMask : 0u));
}

static void one(storm *s) {
    int kind = draw(s, 10);
    if (kind < 4) {
        move(s);
    } else if (kind < 6) { /* pressed and let go in turn: a drag when it moved between */
        s->held = !s->held;
        button(s, Button1, s->held);
    } else if (kind < 7) {
        unsigned wheel = draw(s, 2) ? Button4 : Button5;
        button(s, wheel, true);
        button(s, wheel, false);
    } else {
        any_key(s);
    }
}

int main(int argc, char **argv) {
    XWindowAttributes attributes;
    storm s = {0};
    if (argc != 4) return fprintf(stderr, "usage: storm WINDOW EVENTS SEED\n"), 2;
    s.display = XOpenDisplay(NULL);
    if (!s.display) return fprintf(stderr, "storm: there is no display\n"), 1;
    s.window = (Window)strtoul(argv[1], NULL, 0);
    s.state = strtoull(argv[3], NULL, 0) * UINT64_C(0x9e3779b97f4a7c15) + 1;
    for (int i = 0, events = atoi(argv[2]); i < events; i++) {
        if (i % A_SECOND == 0 && XGetWindowAttributes(s.display, s.window, &attributes)) {
            s.width = attributes.width;
            s.height = attributes.height;
        }
        one(&s);
        if (i % 10) continue;
        XFlush(s.display);
        nanosleep(&(struct timespec){0, 10 * 1000000000L / A_SECOND}, NULL);
    }
    if (s.held) button(&s, Button1, false);
    XSync(s.display, False);
    XCloseDisplay(s.display);
    return 0;
}
