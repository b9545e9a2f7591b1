/* Any bytes as the settings file and as the autosave: the window begins with them, draws a frame and ends. */
#include "app/language/language.h"
#include "app/window/frame.h"
#include "app/window/session.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "file.h"

static fonts *typefaces;
static conv_engine *engine;

static void prepare(void) {
    failure f = {0};
    conv_engine_options options;
    conv_engine_defaults(&options);
    options.threads = 1;
    options.memory_limit = (size_t)16 << 20;
    char here[4096];
    if (!getcwd(here, sizeof here)) abort();
    setenv("XDG_CONFIG_HOME", here, 1);
    setenv("XDG_STATE_HOME", here, 1);
    mkdir("convscope", 0700);
    language_load(SOURCE_DIR "/assets", &f);
    if (!fonts_create(&typefaces, &f) || conv_engine_create(&options, &engine, NULL) != CONV_OK) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!typefaces) prepare();
    bool session = size > 0 && data[0] == 's';
    fuzz_file(session ? "convscope/session" : "convscope/settings", data + session, size - session);
    unlink(session ? "convscope/settings" : "convscope/session");
    settings s;
    settings_defaults(&s);
    settings_load(&s);
    settings_save(&s, NULL);
    if (!session) {
        settings_load(&s); /* six digits of each number */
        settings again = s;
        settings_save(&s, NULL);
        settings_load(&again);
        if (memcmp(&again, &s, sizeof s) != 0) abort(); /* what was saved is what is there next time */
        return 0;
    }
    static window_state w;
    memset(&w, 0, sizeof w);
    failure f = {0};
    if (!window_begin(&w, typefaces, engine, SOURCE_DIR "/assets", &f)) return 0;
    window_event event = {.kind = EVENT_RESIZE, .width = 960, .height = 600, .ratio = 1};
    if (session_load(&w, false)) window_update(&w, &event, 1, 1);
    window_end(&w);
    return 0;
}
