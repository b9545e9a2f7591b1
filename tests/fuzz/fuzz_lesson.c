/* Any bytes as a lesson file: read or refused with a sentence and a place. What was read can be opened on the engine,
 * and its captions filled. */
#include "app/document/lesson.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>

#include "file.h"

static conv_engine *engine;

static void open_page(lesson_page *page) {
    scene s;
    failure f = {0};
    for (int i = 0; i < page->document.part_count; i++)
        if (conv_shape_count(&page->document.parts[i].input_shape) > 4096) return;
    if (!scene_open(&s, &page->document, engine, ".", &f)) return;
    char text[2048];
    for (int l = 0; l < LANGUAGE_COUNT; l++)
        if (page->caption.text[l])
            lesson_fill(page->caption.text[l], &s, (moment){s.steps / 2, 0.5}, (language)l, text, sizeof text, &f);
    if (s.steps > 0) scene_state(&s, 0, s.steps < 20 ? s.steps : 20, &f);
    scene_close(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!engine) {
        conv_engine_options options;
        conv_engine_defaults(&options);
        options.threads = 1;
        options.memory_limit = (size_t)16 << 20;
        if (conv_engine_create(&options, &engine, NULL) != CONV_OK) abort();
    }
    fuzz_file("input.yaml", data, size);
    lesson l;
    failure f = {0};
    memset(&l, 0, sizeof l);
    if (!lesson_load("input.yaml", &l, &f)) {
        if (!f.error.message[0]) {
            fprintf(stderr, "a refusal has a sentence\n");
            abort();
        }
        return 0;
    }
    for (int i = 0; i < l.page_count && i < 3; i++) open_page(&l.pages[i]);
    lesson_destroy(&l);
    return 0;
}
