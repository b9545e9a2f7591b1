#include "phrase.h"

#include "app/system/memory.h"

void phrase_destroy(phrase *p) {
    for (int l = 0; l < LANGUAGE_COUNT; l++) memory_free(p->text[l]);
    *p = (phrase){0};
}

const char *phrase_text(const phrase *p, language l) {
    if (p->text[l]) return p->text[l];
    for (int other = 0; other < LANGUAGE_COUNT; other++) {
        if (p->text[other]) return p->text[other];
    }
    return "";
}
