#include "app/language/language.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void unload(void) {
    language_unload();
}

TestSuite(language, .fini = unload);

Test(language, finds_a_language_by_its_code_or_a_locales_name) {
    static const struct {
        const char *code;
        bool known;
        language is;
    } cases[] = {{"en", true, LANGUAGE_EN},      {"zh", true, LANGUAGE_ZH},         {"zh_CN.UTF-8", true, LANGUAGE_ZH},
                 {"zh-Hans", true, LANGUAGE_ZH}, {"en_GB@euro", true, LANGUAGE_EN}, {"zha", false, LANGUAGE_EN},
                 {"C", false, LANGUAGE_EN},      {"", false, LANGUAGE_EN},          {"ZH", false, LANGUAGE_EN}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        language l = LANGUAGE_EN;
        cr_expect_eq(language_find(cases[i].code, &l), cases[i].known, "%s", cases[i].code);
        if (cases[i].known) cr_expect_eq(l, cases[i].is, "%s", cases[i].code);
    }
}

Test(language, translates_by_the_documents_language_whatever_the_locale) {
    failure f = {0};
    cr_assert(language_load(SOURCE_DIR "/assets", &f), "%s", f.error.message);
    const char *english = "there is no such file or folder";
    setlocale(LC_ALL, "C");
    cr_expect_str_eq(tr(LANGUAGE_EN, english), english);
    cr_expect_str_neq(tr(LANGUAGE_ZH, english), english);
    cr_expect_str_eq(tr(LANGUAGE_ZH, "a sentence that nobody wrote"), "a sentence that nobody wrote");
    cr_expect_str_eq(tr(LANGUAGE_ZH, ""), "");
}

Test(language, speaks_english_before_anything_is_loaded) {
    cr_expect_str_eq(tr(LANGUAGE_ZH, "there is no such file or folder"), "there is no such file or folder");
}

Test(language, fills_places_in_any_order) {
    char text[64];
    tr_format(LANGUAGE_EN, text, (int)sizeof text, "{1} before {0}: {2}", "sdg", "last", (int64_t)-3, 0.5);
    cr_expect_str_eq(text, "-3 before last: 0.5");
    tr_format(LANGUAGE_EN, text, 8, "{0}", "s", "\xE4\xB8\x80\xE4\xBA\x8C\xE4\xB8\x89\xE5\x9B\x9B");
    cr_expect_str_eq(text, "\xE4\xB8\x80\xE4\xBA\x8C"); /* cut at a whole character */
}

Test(language, says_a_failure) {
    failure f;
    char text[256];
    cr_expect(!fail(&f, "the tensor {0} has {1} axes", "sd", "x", (int64_t)9));
    cr_expect_str_eq(f.error.message, "the tensor x has 9 axes");
    cr_expect_str_eq(failure_text(LANGUAGE_EN, &f, text, (int)sizeof text), "the tensor x has 9 axes");
    cr_expect(!fail(NULL, "nothing", ""));
}

/* Reads one entry of a .po file: the strings after `key`, joined. *at is moved behind it. False at the end. */
static bool po_string(const char **at, const char *key, char *text, size_t size) {
    const char *found = strstr(*at, key);
    if (!found) return false;
    size_t used = 0;
    const char *p = found + strlen(key);
    for (;;) {
        while (*p == ' ') p++;
        if (*p != '"') break;
        for (p++; *p && *p != '"'; p++) {
            if (*p == '\\') p++;
            if (used + 1 < size) text[used++] = *p;
        }
        p += *p == '"';
        while (*p == '\n') p++;
    }
    text[used] = '\0';
    *at = p;
    return true;
}

static int places(const char *text) {
    int mask = 0;
    for (; *text; text++) {
        if (text[0] == '{' && text[1] >= '0' && text[1] <= '7' && text[2] == '}') mask |= 1 << (text[1] - '0');
    }
    return mask;
}

Test(language, every_translation_keeps_the_places_of_its_sentence) {
    char *po;
    size_t size;
    int entries = 0;
    cr_assert(file_load(SOURCE_DIR "/assets/translations/zh.po", 1 << 22, &po, &size, NULL));
    const char *at = po;
    static char original[8192], translation[8192];
    while (po_string(&at, "msgid ", original, sizeof original) &&
           po_string(&at, "msgstr ", translation, sizeof translation)) {
        if (!*original) continue;
        entries++;
        cr_expect_neq(translation[0], '\0', "not translated: %s", original);
        cr_expect_eq(places(original), places(translation), "%s\n%s", original, translation);
    }
    cr_expect(entries > 300, "%d entries", entries);
    memory_free(po);
}

/* Without waiting for the disk: file_store would, and some file systems do when a file is cut to nothing first. */
static void put_file(const char *name, const void *bytes, size_t size) {
    int fd = open(name, O_WRONLY | O_CREAT, 0600);
    cr_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size && ftruncate(fd, (off_t)size) == 0);
    cr_assert_eq(close(fd), 0);
}

/* A catalogue that is damaged must be refused, or answer within its bounds. */
Test(language, survives_a_damaged_catalogue) {
    char folder[] = "/tmp/convscope-mo-XXXXXX", path[96], *mo;
    size_t size;
    cr_assert(file_load(BUILD_DIR "/translations/zh.mo", 1 << 23, &mo, &size, NULL));
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "mkdir %s/translations", folder);
    cr_assert_eq(system(path), 0);
    snprintf(path, sizeof path, "%s/translations/zh.mo", folder);
    int refused = 0;
    for (size_t at = 0; at < 700; at++) {
        char former = mo[at];
        mo[at] = (char)~former;
        put_file(path, mo, at % 3 ? size : size / 2 + at);
        if (!language_load(folder, NULL))
            refused++;
        else
            tr(LANGUAGE_ZH, "there is no such file or folder");
        language_unload();
        mo[at] = former;
    }
    cr_expect(refused > 200, "%d of 700 refused", refused);
    memory_free(mo);
    unlink(path);
    snprintf(path, sizeof path, "%s/translations", folder);
    rmdir(path);
    rmdir(folder);
}
