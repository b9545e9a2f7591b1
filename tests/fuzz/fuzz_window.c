/* Any sequence of events in the window: keys, the mouse, the wheel, text, drops, pastes and new sizes. Ten bytes are
 * one event. */
#include "app/language/language.h"
#include "app/window/compose.h"
#include "app/window/frame.h"
#include "app/window/measuring.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bytes.h"

enum { MOST_EVENTS = 12, EVENTS_EACH = 6, WIDEST = 2240, TALLEST = 1425 };

static fonts *typefaces;
static conv_engine *engine;

/* The program's assets with few lessons: reading and laying out all of them is most of what an execution would do. */
static char assets[] = "/tmp/fuzz-window-XXXXXX";

static void link_asset(const char *name) {
    char from[256], to[256];
    snprintf(from, sizeof from, SOURCE_DIR "/assets/%s", name);
    snprintf(to, sizeof to, "%s/%s", assets, name);
    if (symlink(from, to) != 0) abort();
}

static void forget_assets(void) {
    char command[256];
    snprintf(command, sizeof command, "rm -rf '%s'", assets);
    if (system(command) != 0) fprintf(stderr, "%s is left\n", assets);
}

static void make_assets(void) {
    static const char *const names[] = {"pictures",
                                        "translations",
                                        "lessons/chapters.yaml",
                                        "lessons/conv2d.yaml",
                                        "lessons/transposed.yaml",
                                        "lessons/pooling.yaml",
                                        "lessons/grouped.yaml"};
    char lessons[64];
    if (!mkdtemp(assets)) abort();
    snprintf(lessons, sizeof lessons, "%s/lessons", assets);
    if (mkdir(lessons, 0700) != 0) abort();
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) link_asset(names[i]);
    atexit(forget_assets);
}

static void prepare(void) {
    failure f = {0};
    make_assets();
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.memory_limit = (size_t)64 << 20;
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    setenv("XDG_STATE_HOME", "/nonexistent", 1);
    language_load(SOURCE_DIR "/assets", &f);
    if (!fonts_create(&typefaces, &f) || conv_engine_create(&options, &engine, NULL) != CONV_OK) abort();
}

static window_event event_from(bytes *b, const window_state *w) {
    static const char *const texts[] = {"1",
                                        "-2.5",
                                        "nn.Conv2d(1, 1, 3)",
                                        "nn.ConvTranspose2d(1, 2, 3, stride=2)",
                                        "\xe5\x8d\xb7",
                                        ",",
                                        "1e39",
                                        "nan",
                                        "(",
                                        "convscope:",
                                        "/dev/null",
                                        "absent.png",
                                        ""};
    static const int keys[] = {KEY_SPACE,   KEY_LEFT,      KEY_RIGHT, KEY_UP,    KEY_DOWN,   KEY_HOME,      KEY_END,
                               KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_TAB,   KEY_ENTER, KEY_ESCAPE, KEY_BACKSPACE, KEY_DELETE,
                               KEY_F1,      KEY_F2,        KEY_F5,    KEY_F6,    KEY_F9,     KEY_F10,       KEY_F11};
    window_event e = {.kind = (event_kind)(bytes_one(b) % (EVENT_EXPOSE + 1))};
    e.at = (point){(float)(bytes_many(b, 2) % 2000), (float)(bytes_many(b, 2) % 1200)};
    uint8_t which = bytes_one(b), detail = bytes_one(b);
    if (which < 128 && w->ui.control_count) { /* a control, or it takes long to meet one */
        box c = w->ui.controls[which % w->ui.control_count].box;
        e.at = (point){c.x + c.width / 2, c.y + c.height / 2};
    }
    e.button = 1 + detail % 3;
    e.clicks = 1 + detail / 64;
    e.key = detail < 128 ? keys[detail % (sizeof keys / sizeof *keys)] : 33 + detail % 94;
    e.modifiers = bytes_one(b) % 8;
    e.wheel = (point){(float)(detail % 5) - 2, (float)(detail / 16 % 5) - 2};
    const char *text = texts[detail % (sizeof texts / sizeof *texts)];
    snprintf(e.text, sizeof e.text, "%s", text);
    e.long_text = text;
    e.width = 200 + (int)bytes_one(b) * 8;
    e.height = 150 + (int)bytes_one(b) * 5;
    e.ratio = 1;
    return e;
}

static void draw(composer *screen, window_state *w) {
    static uint32_t pixels[WIDEST * TALLEST];
    raster_target target = {pixels, w->width, w->height, w->width * 4, false};
    raster_box boxes[REGION_COUNT];
    if (w->width > WIDEST || w->height > TALLEST) return;
    int count = compose_draw(screen, w, target, boxes);
    for (int i = 0; i < count; i++) {
        raster_box b = boxes[i];
        if (b.left < 0 || b.top < 0 || b.right > w->width || b.bottom > w->height) abort();
    }
}

/* The first byte chooses the layer, which panels are open and whether the frames are drawn too; six events come to a
 * frame. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const expressions[] = {"nn.Conv2d(1, 1, 3)", "nn.ConvTranspose2d(1, 1, 2, stride=2)",
                                              "nn.MaxPool2d(2)", "nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())"};
    if (!typefaces) prepare();
    bytes b = {data, size};
    static window_state w;
    composer screen;
    failure f = {0};
    document d;
    if (!window_begin(&w, typefaces, engine, assets, &f) || !compose_open(&screen, typefaces, &f)) abort();
    double time = 1;
    uint8_t first = bytes_one(&b);
    bool drawn = first >= 240;
    w.settings.lessons_open = (first & 0x38) == 0; /* laying them out takes longer than all else */
    w.settings.inspector_open = (first & 0x40) != 0;
    window_event events[EVENTS_EACH] = {{.kind = EVENT_RESIZE, .width = 960, .height = 600, .ratio = 1}};
    window_update(&w, events, 1, time);
    if (document_from_expression(&d, expressions[first % 4], NULL, &f)) {
        state_open_document(&w, &d, first & 4, &f);
        document_destroy(&d);
    }
    for (int total = 0; total < MOST_EVENTS && b.left > 0;) {
        int count = 0;
        while (count < EVENTS_EACH && b.left > 0) events[count++] = event_from(&b, &w);
        total += count;
        time += 0.03;
        window_update(&w, events, count, time);
        measuring_wait(&w); /* the same bytes do the same things */
        if (drawn) draw(&screen, &w);
    }
    window_end(&w);
    compose_close(&screen);
    return 0;
}
