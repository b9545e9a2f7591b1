/* Translations: gettext's catalogues (assets/translations/LANG.po, compiled with msgfmt), looked up by the document's
 * language, never by the process's locale. */
#ifndef LANGUAGE_LANGUAGE_H
#define LANGUAGE_LANGUAGE_H

#include "app/system/failure.h"

typedef enum language { LANGUAGE_EN, LANGUAGE_ZH, LANGUAGE_COUNT } language;

/* "en", "zh". */
const char *language_code(language l);
bool language_find(const char *code, language *l);

/* Loads the catalogues from the assets folder once, at start, before other threads run. Without it everything is
 * English. */
bool language_load(const char *assets, failure *f);

/* Gives the catalogues' memory back, at the end. */
void language_unload(void);

/* The translation of an English string constant; the string itself when there is none. Safe on any thread. */
const char *tr(language l, const char *english);

/* Marks a string constant for xgettext where it is not translated on the spot. */
#define N_(english) english

/* tr() filled in with {0}, {1}, ... as conv_format; kinds as in fail(). Returns text. */
char *tr_format(language l, char *text, int size, const char *english, const char *kinds, ...);

/* The failure's sentence in that language, without place or path. */
char *failure_text(language l, const failure *f, char *text, int size);

#endif
