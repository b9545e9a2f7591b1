/* Drops a file on a window as a file manager does (the XDND protocol, version 5, freedesktop.org): for the end-to-end
 * tests.
 *
 *     drop_file WINDOW X Y PATH      X, Y: pixels of the window
 *
 * Exit status 0 when the window took it, 1 when it refused or did not answer within half a minute. */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <ctype.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VERSION = 5, PATIENCE_MS = 30000, URI_SIZE = 16384 };

typedef struct drag {
    Display *display;
    Window source, target;
    Atom aware, selection, enter, position, status, drop, finished, action, uri_list;
    char uri[URI_SIZE];
} drag;

static void intern(drag *d) {
    d->aware = XInternAtom(d->display, "XdndAware", False);
    d->selection = XInternAtom(d->display, "XdndSelection", False);
    d->enter = XInternAtom(d->display, "XdndEnter", False);
    d->position = XInternAtom(d->display, "XdndPosition", False);
    d->status = XInternAtom(d->display, "XdndStatus", False);
    d->drop = XInternAtom(d->display, "XdndDrop", False);
    d->finished = XInternAtom(d->display, "XdndFinished", False);
    d->action = XInternAtom(d->display, "XdndActionCopy", False);
    d->uri_list = XInternAtom(d->display, "text/uri-list", False);
}

/* file:///..., everything but letters, digits and a few marks escaped (RFC 3986). */
static int write_uri(drag *d, const char *path) {
    size_t used = (size_t)snprintf(d->uri, sizeof d->uri, "file://");
    for (; *path; path++) {
        unsigned char c = (unsigned char)*path;
        if (used + 8 > sizeof d->uri) return 0;
        bool plain = isalnum(c) || strchr("/-._~", c);
        used += (size_t)snprintf(d->uri + used, sizeof d->uri - used, plain ? "%c" : "%%%02X", c);
    }
    snprintf(d->uri + used, sizeof d->uri - used, "\r\n");
    return 1;
}

static void tell(drag *d, Atom what, long l1, long l2, long l3, long l4) {
    XEvent e = {0};
    e.xclient.type = ClientMessage;
    e.xclient.display = d->display;
    e.xclient.window = d->target;
    e.xclient.message_type = what;
    e.xclient.format = 32;
    e.xclient.data.l[0] = (long)d->source;
    e.xclient.data.l[1] = l1;
    e.xclient.data.l[2] = l2;
    e.xclient.data.l[3] = l3;
    e.xclient.data.l[4] = l4;
    XSendEvent(d->display, d->target, False, NoEventMask, &e);
    XFlush(d->display);
}

/* The target asks for the data: here they are. */
static void give(drag *d, const XSelectionRequestEvent *r) {
    XEvent e = {0};
    e.xselection.type = SelectionNotify;
    e.xselection.requestor = r->requestor;
    e.xselection.selection = r->selection;
    e.xselection.target = r->target;
    e.xselection.time = r->time;
    if (r->target == d->uri_list) {
        XChangeProperty(d->display, r->requestor, r->property, d->uri_list, 8, PropModeReplace, (unsigned char *)d->uri,
                        (int)strlen(d->uri));
        e.xselection.property = r->property;
    }
    XSendEvent(d->display, r->requestor, False, NoEventMask, &e);
    XFlush(d->display);
}

/* Waits for a message of the target, answering its requests meanwhile. */
static int await(drag *d, Atom what, long *flags) {
    struct pollfd wait = {.fd = ConnectionNumber(d->display), .events = POLLIN};
    for (;;) {
        while (XPending(d->display)) {
            XEvent e;
            XNextEvent(d->display, &e);
            if (e.type == SelectionRequest) give(d, &e.xselectionrequest);
            if (e.type == ClientMessage && e.xclient.message_type == what) {
                *flags = e.xclient.data.l[1];
                return 1;
            }
        }
        if (poll(&wait, 1, PATIENCE_MS) <= 0) return 0;
    }
}

static int run(drag *d, int x, int y) {
    int left, top;
    long flags = 0;
    Window child, root = DefaultRootWindow(d->display);
    XTranslateCoordinates(d->display, d->target, root, x, y, &left, &top, &child);
    d->source = XCreateSimpleWindow(d->display, root, 0, 0, 1, 1, 0, 0, 0);
    XSetSelectionOwner(d->display, d->selection, d->source, CurrentTime);
    tell(d, d->enter, (long)VERSION << 24, (long)d->uri_list, None, None);
    tell(d, d->position, 0, (long)left << 16 | top, CurrentTime, (long)d->action);
    if (!await(d, d->status, &flags)) return fprintf(stderr, "drop_file: the window does not answer\n"), 1;
    if (!(flags & 1)) return fprintf(stderr, "drop_file: the window refuses\n"), 1;
    tell(d, d->drop, 0, CurrentTime, 0, 0);
    if (!await(d, d->finished, &flags)) return fprintf(stderr, "drop_file: the drop does not end\n"), 1;
    return 0;
}

int main(int argc, char **argv) {
    static drag d;
    if (argc != 5) return fprintf(stderr, "usage: drop_file WINDOW X Y PATH\n"), 2;
    d.display = XOpenDisplay(NULL);
    if (!d.display) return fprintf(stderr, "drop_file: there is no display\n"), 1;
    d.target = (Window)strtoul(argv[1], NULL, 0);
    intern(&d);
    int status = write_uri(&d, argv[4]) ? run(&d, atoi(argv[2]), atoi(argv[3])) : 1;
    XCloseDisplay(d.display);
    return status;
}
