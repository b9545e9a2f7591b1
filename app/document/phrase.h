/* A text in every language. */
#ifndef DOCUMENT_PHRASE_H
#define DOCUMENT_PHRASE_H

#include "app/language/language.h"

typedef struct phrase {
    char *text[LANGUAGE_COUNT]; /* owned; [LANGUAGE_EN], [LANGUAGE_ZH]; NULL: not said */
    int line[LANGUAGE_COUNT];   /* where it stands in its file, from 1; 0: nowhere */
} phrase;

void phrase_destroy(phrase *p);

/* The text in that language; failing that, in another one; "" when there is none. */
const char *phrase_text(const phrase *p, language l);

#endif
