/* Any bytes as a scene, as YAML and as a line from a chat: read or refused with a sentence; what was read is written,
 * and read again says the same. */
#include "app/document/scene.h"
#include "app/document/scene_text.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds, const char *what) {
    if (holds) return;
    fprintf(stderr, "violated: %s\n", what);
    abort();
}

static void check_document(document *d) {
    char *text = NULL, *again = NULL, *line = NULL;
    document second, third;
    failure f = {0};
    if (!scene_text_write(d, &text, &f)) {
        demand(f.error.message[0] != 0, "a refusal has a sentence");
        return;
    }
    bool read = scene_text_read(text, strlen(text), NULL, ".", &second, &f);
    if (!read) fprintf(stderr, "%s\n%s (line %d)\n", text, f.error.message, f.line);
    demand(read, "what was written can be read");
    demand(scene_text_write(&second, &again, &f), "and written again");
    if (strcmp(text, again) != 0) fprintf(stderr, "first:\n%s\nagain:\n%s\n", text, again);
    demand(strcmp(text, again) == 0, "and says the same");
    if (scene_line_write(d, &line, &f)) {
        demand(scene_line_read(line, ".", &third, &f), "a line for a chat can be read");
        document_destroy(&third);
        memory_free(line);
    }
    document_destroy(&second);
    memory_free(text);
    memory_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1);
    if (!text) return 0;
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    document d;
    failure f = {0};
    bool line = scene_line_looks(text);
    if (line ? scene_line_read(text, ".", &d, &f) : scene_text_read(text, size, NULL, ".", &d, &f)) {
        check_document(&d);
        document_destroy(&d);
    } else {
        demand(f.error.message[0] != 0, "a refusal has a sentence");
    }
    free(text);
    return 0;
}
