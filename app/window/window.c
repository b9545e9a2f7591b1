/* The only file that knows SDL: translates its events, presents the regions that changed, waits when nothing moves. */
#include "window.h"
#include "app/document/document_yaml.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "compose.h"
#include "frame.h"
#include "frame_log.h"
#include "opening.h"
#include "report.h"
#include "scale.h"
#include "session.h"
#include "warming.h"
#include <SDL.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { EVENTS_MOST = 256 };
static const double frame_time = 1.0 / 60;

typedef struct screen {
    SDL_Window *window;
    SDL_Cursor *cursors[5];
    int cursor;
    composer composer;
    int width, height;
    int opened_width, opened_height; /* what the screen held of the wanted size; points */
    bool text_input, fullscreen;
    char *dropped[8]; /* texts that this frame's events point at. Owned */
    int dropped_count;
    char *pasted; /* SDL's */
    const char *state_file;
    char *reported; /* what the state file holds. Owned */
    frame_log log;
} screen;

/* ---- events ---- */

static int key_of(SDL_Keycode sym) {
    static const struct {
        SDL_Keycode sym;
        int key;
    } keys[] = {{SDLK_LEFT, KEY_LEFT},      {SDLK_RIGHT, KEY_RIGHT},         {SDLK_UP, KEY_UP},
                {SDLK_DOWN, KEY_DOWN},      {SDLK_HOME, KEY_HOME},           {SDLK_END, KEY_END},
                {SDLK_PAGEUP, KEY_PAGE_UP}, {SDLK_PAGEDOWN, KEY_PAGE_DOWN},  {SDLK_RETURN, KEY_ENTER},
                {SDLK_KP_ENTER, KEY_ENTER}, {SDLK_BACKSPACE, KEY_BACKSPACE}, {SDLK_DELETE, KEY_DELETE},
                {SDLK_TAB, KEY_TAB},        {SDLK_ESCAPE, KEY_ESCAPE},       {SDLK_KP_PLUS, '+'},
                {SDLK_KP_MINUS, '-'}};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        if (keys[i].sym == sym) return keys[i].key;
    }
    if (sym >= SDLK_F1 && sym <= SDLK_F12) return KEY_F1 + (int)(sym - SDLK_F1);
    return sym >= 32 && sym < 127 ? (int)sym : 0;
}

static unsigned modifiers_of(SDL_Keymod m) {
    return (m & (KMOD_CTRL | KMOD_GUI) ? MODIFIER_CONTROL : 0u) | (m & KMOD_SHIFT ? MODIFIER_SHIFT : 0u) |
           (m & KMOD_ALT ? MODIFIER_ALT : 0u);
}

/* SDL tells the key's character without Shift; the key table wants the one that is printed. */
static void shift_key(window_event *e) {
    static const char plain[] = "/=-[]";
    static const unsigned char shifted[] = "?+_{}";
    const char *at = e->key && e->key < 128 ? strchr(plain, e->key) : NULL;
    if (at && (e->modifiers & MODIFIER_SHIFT) && !(e->modifiers & MODIFIER_CONTROL)) {
        e->key = shifted[at - plain];
        e->modifiers &= ~(unsigned)MODIFIER_SHIFT;
    }
}

static void take_size(const screen *s, window_event *e) {
    int width, height;
    SDL_GetWindowSize(s->window, &width, &height);
    SDL_Surface *surface = SDL_GetWindowSurface(s->window);
    e->kind = EVENT_RESIZE;
    e->width = surface ? surface->w : width;
    e->height = surface ? surface->h : height;
    e->ratio = width > 0 ? (float)e->width / (float)width : 1;
    float diagonal = 0;
    const int display = SDL_GetWindowDisplayIndex(s->window);
    if (display >= 0 && SDL_GetDisplayDPI(display, &diagonal, NULL, NULL) == 0) e->per_inch = diagonal / e->ratio;
    /* A size that a small screen forced at the start, or that fills the screen, is not the reader's own. */
    bool filled = s->fullscreen || (SDL_GetWindowFlags(s->window) & SDL_WINDOW_MAXIMIZED);
    e->lasting = !filled && (width != s->opened_width || height != s->opened_height);
}

static float pixel_ratio(const screen *s) {
    int width, height;
    SDL_GetWindowSize(s->window, &width, &height);
    return width > 0 ? (float)s->width / (float)width : 1;
}

static bool take_window_event(screen *s, const SDL_Event *from, window_event *e) {
    switch (from->window.event) {
    case SDL_WINDOWEVENT_SIZE_CHANGED:
        take_size(s, e);
        compose_all(&s->composer);
        return true;
    case SDL_WINDOWEVENT_EXPOSED:
        e->kind = EVENT_EXPOSE;
        compose_all(&s->composer);
        return true;
    case SDL_WINDOWEVENT_LEAVE:
        e->kind = EVENT_LEAVE;
        return true;
    case SDL_WINDOWEVENT_CLOSE:
        e->kind = EVENT_QUIT;
        return true;
    default:
        return false;
    }
}

static bool take_mouse_event(const screen *s, const SDL_Event *from, window_event *e) {
    float ratio = pixel_ratio(s);
    switch (from->type) {
    case SDL_MOUSEMOTION:
        e->kind = EVENT_MOVE;
        e->at = (point){(float)from->motion.x * ratio, (float)from->motion.y * ratio};
        return true;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        e->kind = from->type == SDL_MOUSEBUTTONDOWN ? EVENT_PRESS : EVENT_RELEASE;
        e->button = from->button.button;
        e->clicks = from->button.clicks;
        e->at = (point){(float)from->button.x * ratio, (float)from->button.y * ratio};
        return true;
    case SDL_MOUSEWHEEL: {
        int x, y;
        SDL_GetMouseState(&x, &y);
        e->kind = EVENT_WHEEL;
        e->at = (point){(float)x * ratio, (float)y * ratio};
        float sign = from->wheel.direction == SDL_MOUSEWHEEL_FLIPPED ? -1.0f : 1.0f;
        e->wheel = (point){sign * from->wheel.preciseX, sign * from->wheel.preciseY};
        return true;
    }
    default:
        return false;
    }
}

static bool take_event(screen *s, const SDL_Event *from, window_event *e) {
    *e = (window_event){.modifiers = modifiers_of(SDL_GetModState())};
    switch (from->type) {
    case SDL_QUIT:
        e->kind = EVENT_QUIT;
        return true;
    case SDL_WINDOWEVENT:
        return take_window_event(s, from, e);
    case SDL_KEYDOWN:
        e->kind = EVENT_KEY;
        e->key = key_of(from->key.keysym.sym);
        e->repeat = from->key.repeat != 0;
        e->modifiers = modifiers_of((SDL_Keymod)from->key.keysym.mod); /* as they were then, not as they are now */
        shift_key(e);
        return e->key != 0;
    case SDL_TEXTINPUT:
        e->kind = EVENT_TEXT;
        snprintf(e->text, sizeof e->text, "%s", from->text.text);
        return !(e->modifiers & MODIFIER_CONTROL);
    case SDL_TEXTEDITING:
        e->kind = EVENT_COMPOSE;
        snprintf(e->text, sizeof e->text, "%s", from->edit.text);
        e->cursor = from->edit.start;
        return true;
    case SDL_DROPFILE:
        if (s->dropped_count == (int)(sizeof s->dropped / sizeof *s->dropped)) {
            SDL_free(from->drop.file);
            return false;
        }
        e->kind = EVENT_DROP;
        e->long_text = s->dropped[s->dropped_count++] = from->drop.file;
        return true;
    default:
        return take_mouse_event(s, from, e);
    }
}

/* Waits for the first event (or until `wake`), then takes what is there. */
static int gather(screen *s, window_event *events, bool at_once, double wait) {
    SDL_Event from;
    int count = 0;
    bool there;
    if (at_once)
        there = SDL_PollEvent(&from) != 0;
    else if (wait > 0)
        there = SDL_WaitEventTimeout(&from, (int)ceil(wait * 1000)) != 0;
    else
        there = SDL_WaitEvent(&from) != 0;
    while (there) {
        if (take_event(s, &from, &events[count])) count++;
        there = count < EVENTS_MOST - 1 && SDL_PollEvent(&from);
    }
    return count;
}

/* ---- drawing ---- */

static void present(screen *s, window_state *w) {
    SDL_Surface *surface = SDL_GetWindowSurface(s->window);
    if (!surface || surface->format->BytesPerPixel != 4) return;
    s->width = surface->w;
    s->height = surface->h;
    raster_box boxes[REGION_COUNT];
    SDL_Rect rects[REGION_COUNT];
    raster_target target = {surface->pixels, surface->w, surface->h, surface->pitch, false};
    int count = compose_draw(&s->composer, w, target, boxes);
    for (int i = 0; i < count; i++) {
        rects[i] =
            (SDL_Rect){boxes[i].left, boxes[i].top, boxes[i].right - boxes[i].left, boxes[i].bottom - boxes[i].top};
    }
    if (count) SDL_UpdateWindowSurfaceRects(s->window, rects, count);
}

/* ---- what the frame wants of the system ---- */

/* A file that cannot be made is found before the window opens. */
static bool report_begin(const screen *s, failure *f) {
    file_writer probe;
    if (!s->state_file) return true;
    if (!file_create(&probe, s->state_file, f)) return false;
    file_abandon(&probe);
    return true;
}

/* Whether the state file holds what the window shows. */
static bool report(screen *s, window_state *w, failure *f) {
    if (!s->state_file) return true;
    char *text = report_text(w);
    if (!text) return fail_memory(f);
    const bool same = s->reported && strcmp(text, s->reported) == 0;
    if (same || !file_store(s->state_file, text, strlen(text), f)) {
        memory_free(text);
        return same;
    }
    memory_free(s->reported);
    s->reported = text;
    return true;
}

static void obey(screen *s, const window_state *w) {
    const effects *e = &w->effects;
    if (e->copy) SDL_SetClipboardText(e->copy);
    if (e->fullscreen) {
        s->fullscreen = !s->fullscreen;
        SDL_SetWindowFullscreen(s->window, s->fullscreen ? SDL_WINDOW_FULLSCREEN_DESKTOP : 0);
    }
    if (e->text_input != s->text_input) {
        s->text_input = e->text_input;
        if (s->text_input)
            SDL_StartTextInput();
        else
            SDL_StopTextInput();
    }
    if (s->text_input) {
        float ratio = pixel_ratio(s);
        SDL_Rect at = {(int)(e->text_box.x / ratio), (int)(e->text_box.y / ratio), (int)(e->text_box.width / ratio) + 1,
                       (int)(e->text_box.height / ratio)};
        SDL_SetTextInputRect(&at);
    }
    if (e->cursor != s->cursor && s->cursors[e->cursor]) {
        s->cursor = e->cursor;
        SDL_SetCursor(s->cursors[e->cursor]);
    }
}

static void forget_texts(screen *s) {
    for (int i = 0; i < s->dropped_count; i++) SDL_free(s->dropped[i]);
    s->dropped_count = 0;
    if (s->pasted) SDL_free(s->pasted);
    s->pasted = NULL;
}

static double now(void) {
    return (double)SDL_GetPerformanceCounter() / (double)SDL_GetPerformanceFrequency();
}

static void run_loop(screen *s, window_state *w) {
    window_event *events = memory_zeroed(EVENTS_MOST, sizeof *events);
    if (!events) return;
    int count = 0;
    take_size(s, &events[count++]);
    s->width = events[0].width;
    s->height = events[0].height;
    for (;;) {
        double begin = now();
        frame_log_begin(&s->log, events, count);
        window_update(w, events, count, begin);
        forget_texts(s);
        report(s, w, NULL); /* what failed is tried again by the next frame, and said when the window closes */
        frame_log_drawing(&s->log);
        present(s, w);
        obey(s, w);
        frame_log_end(&s->log, w->lesson_open ? w->lesson.id : NULL, document_view_names[state_document(w)->view]);
        if (w->effects.quit) break;
        count = 0;
        if (w->effects.paste) {
            s->pasted = SDL_GetClipboardText();
            if (s->pasted && *s->pasted)
                events[count++] = (window_event){.kind = EVENT_CLIPBOARD, .long_text = s->pasted};
        }
        double rest = frame_time - (now() - begin);
        double wait = w->effects.animate       ? fmax(rest, 0.001)
                      : w->effects.wake_at > 0 ? fmax(w->effects.wake_at - now(), 0.001)
                                               : 0;
        count += gather(s, events + count, count > 0, wait);
        if (count > 0 && w->effects.animate &&
            rest > 0) { /* a stream of events does not make more frames than the screen shows */
            double left = frame_time - (now() - begin);
            if (left > 0.001) SDL_Delay((Uint32)(left * 1000));
        }
    }
    memory_free(events);
}

/* ---- opening ---- */

/* Whether a screen is there at all: asked before SDL tries its drivers, which complain, and afterwards, since it falls
 * back on one that draws where nobody looks. Who names a driver gets it. */
static bool unseen(void) {
    const char *wish = getenv("SDL_VIDEODRIVER"), *driver = SDL_GetCurrentVideoDriver();
    if (wish && *wish) return false;
    if (driver) return strcmp(driver, "offscreen") == 0 || strcmp(driver, "dummy") == 0;
#ifdef __linux__
    const char *x = getenv("DISPLAY"), *wayland = getenv("WAYLAND_DISPLAY");
    return !(x && *x) && !(wayland && *wayland);
#else
    return false;
#endif
}

/* SDL asks D-Bus for input methods. Where no session bus runs, its library would start a program to have one: it is
 * told that there is none. */
static void launch_nothing(void) {
    const char *address = getenv("DBUS_SESSION_BUS_ADDRESS"), *runtime = getenv("XDG_RUNTIME_DIR");
    char bus[PATH_SIZE];
    if (address && *address) return;
    if (runtime && *runtime) {
        int length = snprintf(bus, sizeof bus, "%s/bus", runtime);
        if (length < (int)sizeof bus && access(bus, F_OK) == 0) return;
    }
    setenv("DBUS_SESSION_BUS_ADDRESS", "disabled:", 1);
}

static bool open_screen(screen *s, const settings *want, failure *f) {
    launch_nothing();
    SDL_SetHint(SDL_HINT_FRAMEBUFFER_ACCELERATION, "0");
    SDL_SetHint(SDL_HINT_VIDEO_X11_NET_WM_BYPASS_COMPOSITOR, "0");
    SDL_SetHint(SDL_HINT_IME_SHOW_UI, "1");
    SDL_SetHint(SDL_HINT_MOUSE_FOCUS_CLICKTHROUGH, "1");
    if (unseen()) return fail(f, N_("there is no display: set DISPLAY or WAYLAND_DISPLAY"), "");
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) return fail(f, N_("there is no display: {0}"), "s", SDL_GetError());
    if (unseen()) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return fail(f, N_("there is no display: set DISPLAY or WAYLAND_DISPLAY"), "");
    }
    SDL_Rect usable = {0, 0, want->width, want->height};
    int width = want->width, height = want->height;
    if (SDL_GetDisplayUsableBounds(0, &usable) == 0) {
        width = width > usable.w ? usable.w : width;
        height = height > usable.h ? usable.h : height;
    }
    s->opened_width = width;
    s->opened_height = height;
    s->window = SDL_CreateWindow("convscope", SDL_WINDOWPOS_UNDEFINED, SDL_WINDOWPOS_UNDEFINED, width, height,
                                 SDL_WINDOW_RESIZABLE | SDL_WINDOW_ALLOW_HIGHDPI);
    if (!s->window) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return fail(f, N_("there is no display: {0}"), "s", SDL_GetError());
    }
    SDL_SetWindowMinimumSize(s->window, 480, 320);
    SDL_StopTextInput();
    SDL_EventState(SDL_DROPFILE, SDL_ENABLE);
    static const SDL_SystemCursor shapes[5] = {SDL_SYSTEM_CURSOR_ARROW, SDL_SYSTEM_CURSOR_HAND, SDL_SYSTEM_CURSOR_IBEAM,
                                               SDL_SYSTEM_CURSOR_SIZEALL, SDL_SYSTEM_CURSOR_SIZENS};
    for (int i = 0; i < 5; i++) s->cursors[i] = SDL_CreateSystemCursor(shapes[i]);
    return true;
}

static void close_screen(screen *s) {
    forget_texts(s);
    memory_free(s->reported);
    for (int i = 0; i < 5; i++) SDL_FreeCursor(s->cursors[i]);
    if (s->window) {
        SDL_DestroyWindow(s->window);
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
    }
    compose_close(&s->composer);
}

static language locale_language(void) {
    const char *names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (int i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value && *value) return strncmp(value, "zh", 2) == 0 ? LANGUAGE_ZH : LANGUAGE_EN;
    }
    return LANGUAGE_EN;
}

static void choose_settings(const window_options *o, settings *s) {
    settings_defaults(s);
    s->language = locale_language();
    s->width = 1440;
    s->height = 900;
    if (!o->fresh) settings_load(s);
    if (o->language_given) s->language = o->language;
    if (o->theme_given) s->theme = o->theme;
    if (o->width > 0 && o->height > 0) s->width = o->width, s->height = o->height;
    if (o->scale > 0) s->scale = fminf(fmaxf(o->scale, SCALE_LEAST), SCALE_MOST);
    if (o->reduced_motion) s->reduced_motion = true;
}

static bool open_first_document(window_state *w, const window_options *o, failure *f) {
    bool play = !o->paused;
    if (o->base) snprintf(w->base, sizeof w->base, "%s", o->base);
    if (o->document && o->lesson_file) return state_open_lesson_file(w, o->lesson_file, o->document->page, play, f);
    if (o->document && o->document->lesson && lesson_list_find(&w->lessons, o->document->lesson)) {
        return state_open_lesson(w, o->document->lesson, o->document->page, play, f);
    }
    if (o->document) return state_open_document(w, o->document, play, f);
    if (!o->fresh && session_load(w, play)) return true;
    if (w->lessons.count == 0) return fail(f, N_("there is no lesson to open"), "");
    return state_open_lesson(w, w->lessons.entries[0].id, 0, play, f);
}

/* What lasts until the next start; both are tried. */
static bool keep(window_state *w, failure *f) {
    if (!w->remember) return true;
    const bool settings_kept = settings_save(&w->settings, f);
    return session_save(w, settings_kept ? f : NULL) && settings_kept;
}

/* Nobody waits for the end of a large picture that is still being opened: what lasts is stored, all else has ended, and
 * the process ends under that thread, whose work is only memory. */
static bool leave_at_once(screen *s, window_state *w, failure *f) {
    window_stop(w);
    if (!frame_log_close(&s->log, f)) return false;
    fflush(NULL);
    _exit(EXIT_SUCCESS);
}

window_status window_run(const window_options *o, failure *f) {
    screen s = {.state_file = o->state_file};
    settings chosen;
    fonts *type = NULL;
    warming *warm = NULL;
    conv_engine *engine = NULL;
    conv_engine_options engine_options;
    conv_error error;
    memory_give_back();
    window_state *w = memory_zeroed(1, sizeof *w);
    if (!w) {
        fail_memory(f);
        return WINDOW_FAILED;
    }
    choose_settings(o, &chosen);
    conv_engine_defaults(&engine_options);
    engine_options.threads = o->threads;
    engine_options.allocator = memory_allocator();
    if (!open_screen(&s, &chosen, f)) {
        memory_free(w);
        return WINDOW_NO_DISPLAY;
    }
    bool ok = report_begin(&s, f) && frame_log_open(&s.log, o->frames_file, f) && fonts_create(&type, f) &&
              compose_open(&s.composer, type, f);
    if (ok && conv_engine_create(&engine_options, &engine, &error) != CONV_OK) ok = fail_engine(f, &error);
    if (ok) {
        ok = window_begin(w, type, engine, o->assets, f);
        w->settings = chosen;
        w->remember = !o->fresh;
        ok = ok && open_first_document(w, o, f);
        if (ok) {
            warm = warming_begin(type, o->assets);
            run_loop(&s, w);
            ok = keep(w, f);
            ok = report(&s, w, ok ? f : NULL) && ok;
            if (ok && opening_busy(w)) ok = leave_at_once(&s, w, f);
        }
        window_end(w);
    }
    ok = frame_log_close(&s.log, ok ? f : NULL) && ok;
    conv_engine_destroy(engine);
    close_screen(&s);
    warming_end(warm);
    if (type) fonts_destroy(type);
    memory_free(w);
    return ok ? WINDOW_CLOSED : WINDOW_FAILED;
}
