/* Any sequence of events in the window: keys, the mouse, the wheel, text, drops, pastes and new sizes. Ten bytes are one event. */
#include "app/language/language.h"
#include "app/window/frame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"

enum { MOST_EVENTS = 60 };

static fonts *typefaces;
static conv_engine *engine;

static void prepare(void) {
    failure f = {0};
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
    static const char *const texts[] = {"1", "-2.5", "nn.Conv2d(1, 1, 3)", "nn.ConvTranspose2d(1, 2, 3, stride=2)", "\xe5\x8d\xb7", ",",
                                        "1e39", "nan", "(", "convscope:", "/dev/null", "absent.png", ""};
    static const int keys[] = {KEY_SPACE, KEY_LEFT, KEY_RIGHT, KEY_UP, KEY_DOWN, KEY_HOME, KEY_END, KEY_PAGE_UP, KEY_PAGE_DOWN, KEY_TAB,
                               KEY_ENTER, KEY_ESCAPE, KEY_BACKSPACE, KEY_DELETE, KEY_F1, KEY_F2, KEY_F5, KEY_F6, KEY_F9, KEY_F10, KEY_F11};
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char *const expressions[] = {"nn.Conv2d(1, 1, 3)", "nn.ConvTranspose2d(1, 2, 3, stride=2)", "nn.MaxPool2d(2)",
                                              "nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())"};
    if (!typefaces) prepare();
    bytes b = {data, size};
    static window_state w;
    memset(&w, 0, sizeof w);
    failure f = {0};
    document d;
    if (!window_begin(&w, typefaces, engine, SOURCE_DIR "/assets", &f)) abort();
    double time = 1;
    window_event event = {.kind = EVENT_RESIZE, .width = 1280, .height = 800, .ratio = 1};
    window_update(&w, &event, 1, time);
    if (document_from_expression(&d, expressions[bytes_one(&b) % 4], NULL, &f)) {
        state_open_document(&w, &d, false, &f);
        document_destroy(&d);
    }
    for (int i = 0; i < MOST_EVENTS && b.left > 0; i++) {
        event = event_from(&b, &w);
        time += 0.03;
        window_update(&w, &event, 1, time);
    }
    window_end(&w);
    return 0;
}
