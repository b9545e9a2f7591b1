#include "language.h"

#include "app/system/assets.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { CATALOGUE_LIMIT = 1 << 23, MO_MAGIC = (int)0x950412de, MO_HEADER = 28 };

/* A compiled catalogue (GNU gettext's .mo, little-endian): two tables of (length, offset), the originals sorted. */
typedef struct catalogue {
    char *data;
    size_t size;
    uint32_t count, originals, translations;
} catalogue;

static const char *const codes[LANGUAGE_COUNT] = {[LANGUAGE_EN] = "en", [LANGUAGE_ZH] = "zh"};

/* Set once at start, by language_load. */
static catalogue catalogues[LANGUAGE_COUNT];

const char *language_code(language l) {
    return codes[l];
}

bool language_find(const char *code, language *l) {
    for (int i = 0; i < LANGUAGE_COUNT; i++) {
        size_t length = strlen(codes[i]);
        if (strncmp(code, codes[i], length) != 0) continue;
        if (code[length] != '\0' && !strchr("_-.@", code[length])) continue;
        *l = (language)i;
        return true;
    }
    return false;
}

static uint32_t word(const catalogue *c, size_t at) {
    const unsigned char *p = (const unsigned char *)c->data + at;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Entry i of a table, or NULL when it does not lie in the file or is not ended by a zero. */
static const char *entry(const catalogue *c, uint32_t table, uint32_t i) {
    uint64_t at = (uint64_t)table + (uint64_t)i * 8;
    if (at + 8 > c->size) return NULL;
    uint64_t length = word(c, (size_t)at), offset = word(c, (size_t)at + 4);
    if (offset + length >= c->size || c->data[offset + length] != '\0') return NULL;
    return c->data + offset;
}

static bool catalogue_check(catalogue *c) {
    if (c->size < MO_HEADER || word(c, 0) != (uint32_t)MO_MAGIC || word(c, 4) >> 16 != 0) return false;
    c->count = word(c, 8);
    c->originals = word(c, 12);
    c->translations = word(c, 16);
    const char *former = NULL;
    for (uint32_t i = 0; i < c->count; i++) {
        const char *original = entry(c, c->originals, i);
        if (!original || !entry(c, c->translations, i)) return false;
        if (former && strcmp(former, original) >= 0) return false;
        former = original;
    }
    return true;
}

static bool catalogue_path(language l, const char *folder, const char *below, char *path, size_t size) {
    int length = snprintf(path, size, "%s/%s%s.mo", folder, below, codes[l]);
    return length > 0 && (size_t)length < size && access(path, R_OK) == 0;
}

bool language_load(const char *assets, failure *f) {
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        if (l == LANGUAGE_EN || catalogues[l].data) continue;
        char path[4096], folder[4096];
        bool there = catalogue_path((language)l, assets, "translations/", path, sizeof path);
        if (!there && assets_program_folder(folder, sizeof folder)) {
            there = catalogue_path((language)l, folder, "translations/", path, sizeof path);
        }
        if (!there)
            return fail(f, N_("the translations are missing (they are made by msgfmt when the program is built)"), "");
        catalogue c = {0};
        if (!file_load(path, CATALOGUE_LIMIT, &c.data, &c.size, f)) return false;
        if (!catalogue_check(&c)) {
            memory_free(c.data);
            fail(f, N_("this is not a translation catalogue"), "");
            return fail_in(f, path);
        }
        catalogues[l] = c;
    }
    return true;
}

void language_unload(void) {
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        memory_free(catalogues[l].data);
        catalogues[l] = (catalogue){0};
    }
}

const char *tr(language l, const char *english) {
    const catalogue *c = &catalogues[l];
    uint32_t first = 0, last = c->count;
    if (!*english) return english; /* the empty key is the catalogue's header */
    while (first < last) {
        uint32_t middle = first + (last - first) / 2;
        int order = strcmp(english, entry(c, c->originals, middle));
        if (order == 0) {
            const char *translation = entry(c, c->translations, middle);
            return *translation ? translation : english;
        }
        if (order < 0)
            last = middle;
        else
            first = middle + 1;
    }
    return english;
}

char *tr_format(language l, char *text, int size, const char *english, const char *kinds, ...) {
    conv_arg args[CONV_MAX_ARGS];
    va_list list;
    va_start(list, kinds);
    int count = failure_arguments(args, kinds, list);
    va_end(list);
    conv_format(text, size, tr(l, english), args, count);
    return text;
}

char *failure_text(language l, const failure *f, char *text, int size) {
    conv_format(text, size, f->error.format ? tr(l, f->error.format) : f->error.message, f->error.args,
                f->error.arg_count);
    return text;
}
