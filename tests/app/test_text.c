/* Fonts: one measure, characters from the right font, lines broken by Unicode's rules. */
#include "app/surface/glyph.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <pthread.h>
#include <string.h>

static fonts *typefaces;

static void open_fonts(void) {
    failure f;
    cr_assert(fonts_create(&typefaces, &f), "%s", f.error.message);
}

static void close_fonts(void) {
    fonts_destroy(typefaces);
}

TestSuite(text, .init = open_fonts, .fini = close_fonts);

static float width_of(face which, float size, const char *text) {
    return text_measure(typefaces, which, size, text, strlen(text)).width;
}

Test(text, width_is_the_sum_of_its_parts_and_grows_with_size) {
    const char *text = "Each stamp 步幅 = 2 → 重叠相加";
    for (int which = 0; which < FACE_COUNT; which++) {
        float whole = width_of((face)which, 16, text), sum = 0;
        glyph g;
        for (size_t at = 0; text_next(typefaces, (face)which, text, strlen(text), &at, &g);) sum += 16 * g.advance;
        cr_assert_float_eq(whole, sum, 1e-3);
        cr_assert_float_eq(width_of((face)which, 48, text), 3 * whole, 1e-2);
        cr_assert_gt(whole, 100);
        text_extent e = text_measure(typefaces, (face)which, 10, "x", 1);
        cr_assert(e.ascent > 7 && e.ascent < 13 && e.descent > 1 && e.descent < 5);
    }
}

Test(text, digits_and_signs_of_the_monospaced_face_are_equally_wide) {
    for (const char *c = "0123456789-+.×"; *c && (unsigned char)*c < 0x80; c++)
        cr_assert_float_eq(text_measure(typefaces, FACE_MONO, 20, c, 1).width, width_of(FACE_MONO, 20, "0"), 1e-4, "%c",
                           *c);
    cr_assert_float_eq(width_of(FACE_MONO, 20, "-1"), 2 * width_of(FACE_MONO, 20, "1"), 1e-3, "no ligatures");
}

Test(text, words_are_kerned_and_numbers_are_not) {
    static const char *const pairs[] = {"AV", "To", "Ty", "VA"};
    for (int k = 0; k < 4; k++) {
        const char left[] = {pairs[k][0], 0}, right[] = {pairs[k][1], 0};
        for (int which = FACE_WORDS; which <= FACE_WORDS_BOLD; which++) {
            float apart = width_of((face)which, 100, left) + width_of((face)which, 100, right);
            float pair = width_of((face)which, 100, pairs[k]);
            cr_expect(pair < apart - 1 && pair > apart - 25, "%s is %g wide, its letters %g", pairs[k], (double)pair,
                      (double)apart);
            cr_expect_eq(width_of((face)which, 100, pairs[k]), pair, "again, from memory");
        }
        cr_expect_eq(width_of(FACE_MONO, 100, pairs[k]),
                     width_of(FACE_MONO, 100, left) + width_of(FACE_MONO, 100, right));
    }
    glyph g;
    size_t at = 0;
    text_next(typefaces, FACE_WORDS, "V V", 3, &at, &g);
    cr_expect_eq(g.kerning, 0, "a word does not lean to the next one");
    cr_expect_float_eq(width_of(FACE_WORDS, 100, "AV\xE6\xAD\xA5"), width_of(FACE_WORDS, 100, "AV") + 100, 1e-2);
}

Test(text, chinese_comes_from_the_simplified_face) {
    const char *text = "步a骤。";
    const int expected[] = {FONT_CHINESE, FACE_WORDS, FONT_CHINESE, FONT_CHINESE};
    glyph g;
    size_t at = 0;
    for (int k = 0; k < 4; k++) {
        cr_assert(text_next(typefaces, FACE_WORDS, text, strlen(text), &at, &g));
        cr_assert_eq(g.source, expected[k], "character %d", k);
        if (expected[k] == FONT_CHINESE) cr_assert_float_eq(g.advance, 1, 1e-3);
    }
    at = 0;
    text_next(typefaces, FACE_MONO_BOLD, text, strlen(text), &at, &g);
    cr_assert_eq(g.source, FONT_CHINESE_BOLD);
    int index = -1;
    const char *file = fonts_file(typefaces, FACE_WORDS, true, &index);
    cr_assert(file[0] == '/' && index >= 0);
    if (strstr(file, "NotoSansCJK")) cr_assert_not_null(strstr(font_source_family(typefaces, FONT_CHINESE), "SC"));
}

Test(text, marks_take_the_shape_of_their_neighbours) {
    glyph g;
    size_t at = 0;
    text_next(typefaces, FACE_WORDS, "“a”", 7, &at, &g);
    cr_assert_eq(g.source, FACE_WORDS);
    at = 0;
    text_next(typefaces, FACE_WORDS, "“重”", 9, &at, &g);
    cr_assert_eq(g.source, FONT_CHINESE);
    at = 9;
    text_next(typefaces, FACE_WORDS, "重——叠", 12, &at, &g);
    at = 6;
    text_next(typefaces, FACE_WORDS, "重——", 9, &at, &g);
    cr_assert_eq(g.source, FONT_CHINESE, "the second dash too");
}

Test(text, invalid_bytes_are_shown_and_passed_over) {
    static const char *const bad[] = {"\xff",  "\xc3", "\xe4\xb8", "\xed\xa0\x80", "\xc0\x80", "\xf5\x80\x80\x80",
                                      "a\x80z"};
    for (size_t k = 0; k < sizeof bad / sizeof bad[0]; k++) {
        size_t at = 0, length = strlen(bad[k]), count = 0;
        bool replaced = false;
        glyph g;
        while (text_next(typefaces, FACE_WORDS, bad[k], length, &at, &g)) {
            replaced |= g.codepoint == 0xFFFD;
            count += g.count;
        }
        cr_assert(replaced, "case %zu", k);
        cr_assert_eq(count, length, "case %zu", k);
    }
}

Test(text, lines_fit_and_lose_nothing_but_spaces) {
    static const char *const texts[] = {
        "Stamps are two cells apart: the stride is 2. Where they overlap they add.",
        "每个输入值把整个卷积核（乘上它）盖到输出上，步幅为 2 时印记相隔两格；重叠处相加。",
        "nn.ConvTranspose2d(1,1,kernel_size=3,stride=2,padding=1)withoutanyspace",
        "one\ntwo  three",
        "x",
        " lead"};
    for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
        for (float width = 30; width < 700; width *= 1.7f) {
            text_line lines[64];
            int count = text_break(typefaces, FACE_WORDS, 16, texts[k], width, lines, 64);
            cr_assert(count >= 1 && count <= 64);
            size_t at = 0;
            for (int j = 0; j < count; j++) {
                cr_assert_leq(lines[j].width, width + 0.1f, "text %zu, line %d at %g", k, j, (double)width);
                for (; at < lines[j].first; at++) cr_assert(texts[k][at] == ' ' || texts[k][at] == '\n', "text %zu", k);
                at += lines[j].length;
                const char *begin = texts[k] + lines[j].first;
                static const char *const never_first[] = {"，", "。", "；", "）"};
                for (int n = 0; n < 4; n++)
                    cr_assert_neq(width > 80 && strncmp(begin, never_first[n], 3) == 0, true, "%s begins a line",
                                  never_first[n]);
            }
            for (; texts[k][at]; at++) cr_assert_eq(texts[k][at], ' ');
        }
    }
    cr_assert_eq(text_break(typefaces, FACE_WORDS, 16, "one\ntwo", 500, NULL, 0), 2);
    cr_assert_eq(text_break(typefaces, FACE_WORDS, 16, "", 500, NULL, 0), 0);
    static const char command[] = "render conv2d --size 640x480 --theme dark -o a-b.gif";
    for (float width = 80; width < 400; width += 3) { /* an option's hyphens stay with it */
        text_line lines[16];
        int count = text_break(typefaces, FACE_MONO, 12, command, width, lines, 16);
        for (int j = 0; j + 1 < count; j++) {
            const char *end = command + lines[j].first + lines[j].length;
            cr_expect(end[-1] != '-' || (end[-2] != '-' && end[-2] != ' '), "at %g line %d ends after a first hyphen",
                      (double)width, j);
        }
    }
}

/* The mask's centre of gravity moves with the phase, and its sum stays. */
Test(text, masks_are_placed_within_a_pixel) {
    glyph g;
    size_t at = 0;
    text_next(typefaces, FACE_MONO, "8", 1, &at, &g);
    double before = 0, mass = 0;
    for (int phase = 0; phase < GLYPH_PHASES; phase++) {
        glyph_mask m;
        cr_assert(glyph_rasterise(typefaces, &g, 23.5f, phase, &m));
        double sum = 0, moment = 0;
        for (int y = 0; y < m.height; y++)
            for (int x = 0; x < m.width; x++) {
                sum += m.coverage[y * m.width + x];
                moment += (m.left + x + 0.5) * m.coverage[y * m.width + x];
            }
        cr_assert(m.top > 12 && m.top < 23 && m.top - m.height <= 1, "an 8 stands on the baseline");
        if (phase > 0) {
            cr_assert_float_eq(moment / sum - before, 1.0 / GLYPH_PHASES, 0.02);
            cr_assert_float_eq(sum / mass, 1, 0.02);
        }
        before = moment / sum;
        mass = sum;
        memory_free(m.coverage);
    }
    double centre = before - 0.75 - 23.5 * g.advance / 2;
    cr_assert(fabs(centre) < 0.4, "an 8 stands in the middle of its advance, not %g beside", centre);
}

static void *measure_often(void *result) {
    float sum = 0;
    for (uint32_t c = 0; c < 3000; c++) {
        char text[4] = {(char)(0xE4 + c / 4096), (char)(0xB8 + c / 64 % 8), (char)(0x80 + c % 64), 0};
        sum += width_of((face)(c % FACE_COUNT), 10, text) + width_of(FACE_WORDS, 10, "abc");
    }
    *(float *)result = sum;
    return NULL;
}

Test(text, threads_measure_the_same) {
    pthread_t threads[4];
    float sums[4];
    for (int k = 0; k < 4; k++) pthread_create(&threads[k], NULL, measure_often, &sums[k]);
    for (int k = 0; k < 4; k++) pthread_join(threads[k], NULL);
    for (int k = 1; k < 4; k++) cr_assert_eq(sums[k], sums[0]);
    cr_assert_gt(sums[0], 3000 * 10);
}
