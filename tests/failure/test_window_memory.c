/* Memory runs out at every allocation of the window, one after the other: while it opens, while the document is
 * changed, while it is drawn. It goes on, its document is whole (the old one or the changed one), and with memory again
 * it draws. (Leaks are found by the build with AddressSanitizer.) */
#include "commands.h"
#include "tests/app/large_picture.h"

#include "app/document/scene_text.h"
#include "app/language/language.h"
#include "app/system/memory.h"
#include "app/window/compose.h"
#include "app/window/frame.h"
#include "app/window/measuring.h"
#include "app/window/opening.h"
#include "app/window/report.h"

enum { WIDTH = 960, HEIGHT = 600 };

static fonts *typefaces;
static conv_engine *engine;
static window_state w;
static composer screen;
static uint32_t pixels[WIDTH * HEIGHT];

static char large[96]; /* path of a picture that is opened beside the window */

static const window_event size_event = {.kind = EVENT_RESIZE, .width = WIDTH, .height = HEIGHT, .ratio = 1};

/* What a reader does: another view, symbols, space, a changed parameter, a pasted layer, a pasted scene, back again. */
static const struct deed {
    const char *name;
    bool always; /* also in the short form */
    window_event event;
} deeds[] = {
    {"the matrix", true, {.kind = EVENT_KEY, .key = '2'}},
    {"the cost, measured", true, {.kind = EVENT_KEY, .key = '4'}},
    {"the engine, recorded", false, {.kind = EVENT_KEY, .key = '5'}},
    {"the field, measured", false, {.kind = EVENT_KEY, .key = '3'}},
    {"the slide", false, {.kind = EVENT_KEY, .key = '1'}},
    {"space", false, {.kind = EVENT_KEY, .key = 'i'}},
    {"symbols", false, {.kind = EVENT_KEY, .key = 'y'}},
    {"a step", false, {.kind = EVENT_KEY, .key = KEY_RIGHT}},
    {"a pasted layer", true, {.kind = EVENT_CLIPBOARD, .long_text = "nn.Conv2d(1, 2, 3, stride=2)"}},
    {"a large picture", false, {.kind = EVENT_DROP, .long_text = large}},
    {"undo", false, {.kind = EVENT_KEY, .key = 'z', .modifiers = MODIFIER_CONTROL}},
    {"the next lesson", true, {.kind = EVENT_KEY, .key = KEY_PAGE_DOWN, .modifiers = MODIFIER_CONTROL}},
    {"the menu", false, {.kind = EVENT_KEY, .key = KEY_F10, .modifiers = MODIFIER_SHIFT}},
    {"help", false, {.kind = EVENT_KEY, .key = KEY_F1}},
    {"Chinese", false, {.kind = EVENT_KEY, .key = 'l'}},
};

static bool draw(void) {
    raster_box boxes[REGION_COUNT];
    raster_target target = {pixels, WIDTH, HEIGHT, WIDTH * 4, false};
    return compose_draw(&screen, &w, target, boxes) > 0;
}

static bool open_window(failure *f) {
    document d;
    if (!compose_open(&screen, typefaces, f)) return false;
    if (!window_begin(&w, typefaces, engine, SOURCE_DIR "/assets", f)) return false;
    if (!document_from_expression(&d, "nn.Conv2d(1, 1, 3, padding=1)", NULL, f)) return false;
    bool ok = state_open_document(&w, &d, false, f);
    document_destroy(&d);
    window_update(&w, &size_event, 1, 1);
    draw();
    return ok;
}

static void close_window(void) {
    window_end(&w);
    compose_close(&screen);
}

/* With memory again: the document can be written and read, and there is a picture and a report. */
static void check_whole(const char *when, long n) {
    char *text = NULL;
    document d;
    failure f = {0};
    window_update(&w, &size_event, 1, w.time + 1);
    compose_all(&screen);
    DEMAND(draw(), "%s: nothing is drawn after allocation %ld failed", when, n);
    char *report = report_text(&w);
    DEMAND(report, "%s: no report after allocation %ld failed", when, n);
    memory_free(report);
    bool written = scene_text_write(state_document(&w), &text, &f);
    DEMAND(written, "%s: the document cannot be written after allocation %ld failed: %s", when, n, f.error.message);
    if (!written) return;
    bool read = scene_text_read(text, strlen(text), NULL, state_document(&w)->folder, &d, &f);
    DEMAND(read, "%s: the document is not whole after allocation %ld failed: %s", when, n, f.error.message);
    if (read) document_destroy(&d);
    memory_free(text);
}

static bool all;

/* All of the first ones, then ever fewer: later allocations repeat earlier ones. */
static long next_failure(long n) {
    return n < (all ? 200 : 20) ? n + 1 : n + 1 + n / (all ? 12 : 4);
}

static long check_opening(void) {
    for (long n = 1, failed = 0;; n = next_failure(n), failed++) {
        failure f = {0};
        memset(&w, 0, sizeof w);
        memset(&screen, 0, sizeof screen);
        memory_fail_at(n);
        bool open = open_window(&f);
        bool reached = memory_count() >= n;
        memory_fail_at(0);
        DEMAND(open || f.error.message[0], "nothing is said when allocation %ld of the opening fails", n);
        if (open) check_whole("opening", n);
        close_window();
        if (!reached || failures > 20) return failed;
    }
}

/* The deed is done to the document or it is not. */
static long check_deed(const struct deed *deed) {
    for (long n = 1, failed = 0;; n = next_failure(n), failed++) {
        failure f = {0};
        memset(&w, 0, sizeof w);
        memory_fail_at(0);
        if (!open_window(&f)) {
            DEMAND(false, "the window does not open: %s", f.error.message);
            return failed;
        }
        memory_fail_at(n);
        window_update(&w, &deed->event, 1, 2);
        opening_wait(&w); /* one allocation after the other, whichever thread asks for it */
        window_update(&w, NULL, 0, 2);
        measuring_wait(&w);
        window_update(&w, NULL, 0, 2);
        draw();
        bool reached = memory_count() >= n;
        memory_fail_at(0);
        check_whole(deed->name, n);
        close_window();
        if (!reached || failures > 20) return failed;
    }
}

int main(int argc, char **argv) {
    all = argc > 1 && strcmp(argv[1], "--all") == 0;
    failure f = {0};
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.allocator = memory_allocator();
    scratch_enter();
    snprintf(large, sizeof large, "%s/large.bmp", scratch);
    DEMAND(large_picture(large, LARGE_HEIGHT, 1), "there is no large picture");
    language_load(SOURCE_DIR "/assets", &f);
    if (!fonts_create(&typefaces, &f) || conv_engine_create(&options, &engine, NULL) != CONV_OK) return 1;
    long total = check_opening();
    printf("%6ld allocations failed: opening\n", total);
    for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
        if (!all && !deeds[i].always) continue;
        long failed = check_deed(&deeds[i]);
        printf("%6ld allocations failed: %s\n", failed, deeds[i].name);
        DEMAND(failed > 0, "%s allocates nothing: the hook is not in use", deeds[i].name);
        total += failed;
    }
    conv_engine_destroy(engine);
    fonts_destroy(typefaces);
    scratch_leave();
    printf("%ld allocations of the window failed one by one\n", total);
    return failures ? 1 : 0;
}
