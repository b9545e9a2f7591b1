/* Any sequence of events in the window: keys, the mouse, the wheel, text, drops, pastes and new sizes. Ten bytes are
 * one event. */
#include "app/language/language.h"
#include "app/window/compose.h"
#include "app/window/frame.h"
#include "app/window/measuring.h"
#include "app/window/playback.h"

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

/* One layer of each kind of figure, small, and some whose kernel is narrower than its numbers. */
static const char *const layers[] = {
    "nn.Conv2d(1, 1, 3)",
    "nn.ConvTranspose2d(1, 1, 2, stride=2)",
    "nn.MaxPool2d(2)",
    "nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU())",
    "nn.Conv2d(3, 2, 1)",
    "nn.Conv2d(4, 4, 3, groups=2, padding=1, padding_mode='reflect')",
    "nn.Conv1d(2, 1, 3, dilation=2, padding=2)",
    "nn.Conv3d(1, 1, 2)",
    "nn.ConvTranspose1d(2, 1, 3, stride=2, padding=1)",
    "nn.ConvTranspose3d(1, 1, 2)",
    "torchvision.ops.DeformConv2d(1, 1, 2)",
    "nn.Unfold(2, padding=1)",
    "nn.Fold((4, 4), 2, stride=2)",
    "nn.AvgPool1d(3, padding=1)",
    "nn.AdaptiveMaxPool2d((2, 3))",
    "nn.Upsample(scale_factor=2, mode='bilinear')",
    "nn.Upsample(scale_factor=3)",
    "nn.ReflectionPad2d(1)",
    "nn.BatchNorm2d(2)",
    "nn.Softmax(dim=1)",
    "nn.Linear(6, 4)",
    "nn.Flatten()",
    "nn.PixelShuffle(2)",
    "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(2, 1, 1))"};

/* The layer and how it is shown. Views that measure the engine take long: few inputs begin with one (keys lead there
 * too). */
static void open_layer(window_state *w, bytes *b) {
    failure f = {0};
    document d;
    const char *layer = layers[bytes_one(b) % (sizeof layers / sizeof *layers)];
    const uint8_t view = bytes_one(b), look = bytes_one(b);
    if (!document_from_expression(&d, layer, NULL, &f)) abort();
    d.view = view < 250 ? (view_id)(view % 3) : (view_id)(view % VIEW_COUNT);
    d.style = look & 1 ? STYLE_ISOMETRIC : STYLE_FLAT;
    d.labels = (look & 6) == 6;
    d.counts = look & 8;
    d.blank_output = (look & 0x70) == 0x70;
    d.slices_closed = look & 0x80 ? 100 : 0;
    state_open_document(w, &d, false, &f);
    document_destroy(&d);
}

/* Any moment of any step: most of what a figure does lasts for a part of a step. */
static void seek(window_state *w, bytes *b) {
    playback_seek(w, bytes_one(b) % 64);
    const uint8_t progress = bytes_one(b);
    w->play.playing = w->scene_open && progress & 1;
    if (!w->scene_open || !progress) return;
    w->play.at.progress = progress / 255.0f;
    w->play.seconds = timeline_when(&w->play.timeline, w->play.at);
}

static void set_up(window_state *w, bytes *b) {
    const uint8_t panels = bytes_one(b), manner = bytes_one(b);
    w->settings.lessons_open = (panels & 0x38) == 0; /* laying them out takes longer than all else */
    w->settings.inspector_open = (panels & 0x40) != 0;
    w->settings.theme = (theme_id)(manner % THEME_COUNT);
    w->settings.language = (language)(manner / 4 % LANGUAGE_COUNT);
    w->settings.reduced_motion = (manner & 0x18) == 0x18;
    w->settings.scale = manner >= 192 ? 0.75f + (float)(manner % 16) * 0.15f : 1;
    window_event size = {.kind = EVENT_RESIZE, .ratio = 1};
    size.width = 200 + (int)bytes_one(b) * 8;
    size.height = 150 + (int)bytes_one(b) * 5;
    window_update(w, &size, 1, 1);
}

/* The first bytes choose the window's size and manner, the layer, how it is shown and a moment of it; then come frames
 * of one to six events and some time. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!typefaces) prepare();
    bytes b = {data, size};
    static window_state w;
    composer screen;
    failure f = {0};
    if (!window_begin(&w, typefaces, engine, assets, &f) || !compose_open(&screen, typefaces, &f)) abort();
    double time = 1;
    const bool drawn = bytes_one(&b) >= 240;
    set_up(&w, &b);
    open_layer(&w, &b);
    seek(&w, &b);
    window_event events[EVENTS_EACH];
    for (int total = 0; total < MOST_EVENTS;) {
        const int most = 1 + bytes_one(&b) % EVENTS_EACH;
        int count = 0;
        time += bytes_one(&b) / 2048.0;
        while (count < most && b.left > 0) events[count++] = event_from(&b, &w);
        window_update(&w, events, count, time);
        measuring_wait(&w); /* the same bytes do the same things */
        if (drawn) draw(&screen, &w);
        if (b.left == 0) break;
        total += count;
    }
    window_end(&w);
    compose_close(&screen);
    return 0;
}
