/* SVG and PDF: the words of the list stand in the file as text, escaped; fonts are embedded; the same list gives the
 * same bytes. */
#include "app/figure/theme.h"
#include "app/surface/pdf.h"
#include "app/surface/svg.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static fonts *typefaces;
static display_list list;

static const char *const words[] = {"a < b && c > d", "步幅 = 2", "nn.Conv2d(1, 1, 3)", "-14",
                                    "“quoted” ——",    "\377bad",  "two  spaces",        ""};
enum { WORDS = sizeof words / sizeof words[0] };

static void open_list(void) {
    cr_assert(fonts_create(&typefaces, NULL));
    const theme *t = theme_get(THEME_LIGHT);
    display_list_clear(&list, 320, 240, t->background);
    for (int k = 0; k < WORDS; k++)
        draw_text(&list, typefaces, (point){10.5f, 20 + 20 * (float)k}, (anchor)(k % 3), (face)(k % FACE_COUNT), 13,
                  t->ink, words[k]);
    for (int k = 0; k < 6; k++) {
        paint p = theme_cell(t, ROLE_OUTPUT, (float)(k - 3), 3, NULL);
        if (k == 2) p.dash = 4, p.gap = 3;
        if (k == 3) p.fill.a = 100;
        draw_rect(&list, (box){100 + 30 * (float)k, 40, 30, 30}, k == 4 ? 6 : 0, p);
        draw_polygon(&list,
                     (point[4]){{100 + 30 * (float)k, 100},
                                {115 + 30 * (float)k, 110},
                                {100 + 30 * (float)k, 120},
                                {85 + 30 * (float)k, 110}},
                     4, p);
        draw_circle(&list, (point){100 + 30 * (float)k, 150}, 9, p);
    }
    draw_clip(&list, (box){0, 0, 100, 100});
    draw_line(&list, (point){0, 0}, (point){300, 200}, (paint){.stroke = t->ink, .width = 2});
    draw_unclip(&list);
    const color pixels[2] = {{255, 0, 0, 255}, {0, 0, 255, 128}};
    draw_picture(&list, (box){200, 180, 40, 20}, pixels, 2, 1, false);
}

static void close_list(void) {
    display_list_destroy(&list);
    fonts_destroy(typefaces);
}

TestSuite(svg, .init = open_list, .fini = close_list);

/* The characters of all text elements, tags taken out and entities put back, a line for each element. */
static char *words_of(const char *svg) {
    char *out = calloc(strlen(svg) + 1, 1), *to = out;
    for (const char *at = strstr(svg, "<text"); at; at = strstr(at, "<text")) {
        const char *end = strstr(at, "</text>");
        cr_assert_not_null(end);
        while (at < end) {
            if (*at == '<') {
                at = strchr(at, '>') + 1;
            } else if (*at == '&') {
                *to++ = strncmp(at, "&lt;", 4) == 0 ? '<' : strncmp(at, "&gt;", 4) == 0 ? '>' : '&';
                at = strchr(at, ';') + 1;
            } else {
                *to++ = *at++;
            }
        }
        *to++ = '\n';
    }
    return out;
}

static int count_of(const char *text, const char *part) {
    int count = 0;
    for (const char *at = strstr(text, part); at; at = strstr(at + 1, part)) count++;
    return count;
}

Test(svg, holds_the_lists_words_as_text) {
    char *svg, expected[512] = "";
    size_t size;
    cr_assert(svg_write(&list, typefaces, 1, &svg, &size, NULL));
    cr_assert_eq(strlen(svg), size);
    for (int k = 0; k < WORDS - 1; k++) {
        strcat(expected, words[k]);
        strcat(expected, "\n");
    }
    char *found = words_of(svg);
    char *bad = strstr(expected, "\xff");
    memmove(bad + 3, bad + 1, strlen(bad)); /* an invalid byte is a replacement character */
    memcpy(bad, "\xEF\xBF\xBD", 3);
    cr_assert_str_eq(found, expected);
    free(found);
    memory_free(svg);
}

Test(svg, embeds_each_font_once_and_closes_what_it_opens) {
    char *svg, *again;
    size_t size, again_size;
    cr_assert(svg_write(&list, typefaces, 2, &svg, &size, NULL));
    cr_assert_eq(count_of(svg, "@font-face"), count_of(svg, "data:font/otf;base64,"));
    cr_assert_geq(count_of(svg, "@font-face"), 5, "four faces and a Chinese one");
    cr_assert_eq(count_of(svg, "<g"), count_of(svg, "</g>"));
    cr_assert_eq(count_of(svg, "<image"), 1);
    cr_assert_not_null(strstr(svg, "width=\"640\" height=\"480\" viewBox=\"0 0 320 240\""));
    cr_assert_lt(size, 200000, "fonts are subsets, not %zu bytes", size);
    cr_assert(svg_write(&list, typefaces, 2, &again, &again_size, NULL));
    cr_assert_str_eq(svg, again);
    memory_free(svg);
    memory_free(again);
}

Test(svg, says_when_memory_ran_out) {
    char *svg;
    size_t size;
    memory_fail_at(0);
    cr_assert(svg_write(&list, typefaces, 1, &svg, &size, NULL));
    memory_free(svg);
    long needed = memory_count();
    for (long n = 1; n <= needed; n++) {
        failure f = {0};
        memory_fail_at(n);
        bool ok = svg_write(&list, typefaces, 1, &svg, &size, &f);
        memory_fail_at(0);
        cr_assert_not(ok, "allocation %ld of %ld", n, needed);
        cr_assert_eq(f.error.status, CONV_NO_MEMORY);
    }
}

static char *write_pdf(size_t *size, int pages) {
    char path[80];
    file_writer out;
    pdf_writer *w;
    snprintf(path, sizeof path, "/tmp/convscope-test-%d.pdf", (int)getpid());
    cr_assert(file_create(&out, path, NULL));
    cr_assert(pdf_begin(&w, &out, typefaces, NULL));
    for (int k = 0; k < pages; k++) cr_assert(pdf_page(w, &list, 1, NULL));
    cr_assert(pdf_end(w, NULL));
    cr_assert(file_commit(&out, NULL));
    char *data;
    cr_assert(file_load(path, 1 << 24, &data, size, NULL));
    unlink(path);
    return data;
}

Test(svg, pdf_is_the_same_each_time_and_has_its_pages) {
    size_t a_size, b_size;
    char *a = write_pdf(&a_size, 3);
    sleep(1); /* a time in it would differ */
    char *b = write_pdf(&b_size, 3);
    cr_assert(a_size == b_size && memcmp(a, b, a_size) == 0);
    cr_assert_eq(memcmp(a, "%PDF-", 5), 0);
    int pages = 0;
    for (size_t k = 0; k + 13 < a_size; k++) pages += memcmp(a + k, "/Type /Page %", 13) == 0;
    cr_assert_eq(pages, 3);
    memory_free(a);
    memory_free(b);
}

Test(svg, pdf_on_a_full_disk_is_a_failure) {
    file_writer out;
    pdf_writer *w;
    failure f = {0};
    cr_assert(file_create(&out, "/dev/full", NULL));
    bool ok = pdf_begin(&w, &out, typefaces, &f) && pdf_page(w, &list, 1, &f);
    if (ok) ok = pdf_end(w, &f);
    if (ok)
        ok = file_commit(&out, &f);
    else
        file_abandon(&out);
    cr_assert_not(ok);
    cr_assert(f.error.message[0] != 0);
}
