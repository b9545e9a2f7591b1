#include "app/commands/options.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct values {
    bool first; /* so that no `given` has offset 0 */
    bool flag, number_given;
    const char *text;
    int64_t number, bytes, pair[2];
    double real;
    option_range range;
    int choice;
} values;

static const char *const choices[] = {"light", "dark", NULL};

static const option own[] = {
    {.name = "flag", .letter = 'f', .kind = OPTION_FLAG, .offset = offsetof(values, flag), .help = "a flag"},
    {.name = "text",
     .letter = 't',
     .kind = OPTION_TEXT,
     .offset = offsetof(values, text),
     .value = "TEXT",
     .help = "a text",
     .required = true},
    {.name = "number",
     .kind = OPTION_INTEGER,
     .offset = offsetof(values, number),
     .given = offsetof(values, number_given),
     .value = "N",
     .help = "a number",
     .least = -5,
     .most = 5},
    {.name = "real", .kind = OPTION_REAL, .offset = offsetof(values, real), .value = "X", .help = "a real number"},
    {.name = "bytes", .kind = OPTION_BYTES, .offset = offsetof(values, bytes), .value = "BYTES", .help = "an amount"},
    {.name = "pair",
     .kind = OPTION_PAIR,
     .separator = 'x',
     .offset = offsetof(values, pair),
     .value = "WxH",
     .help = "two",
     .least = 1,
     .most = 100},
    {.name = "range", .kind = OPTION_RANGE, .offset = offsetof(values, range), .value = "A:B", .help = "a range"},
    {0}};

static const option common[] = {{.name = "theme",
                                 .kind = OPTION_CHOICE,
                                 .offset = offsetof(values, choice),
                                 .value = "light|dark",
                                 .help = "colours",
                                 .choices = choices},
                                {0}};

/* Splits at spaces. The words live in `line`. */
static bool read(char *line, values *v, const char **arguments, int *count, failure *f) {
    char *words[32];
    int n = 0;
    for (char *word = strtok(line, " "); word && n < 32; word = strtok(NULL, " ")) words[n++] = word;
    memset(v, 0, sizeof *v);
    return options_read(own, v, common, v, words, n, arguments, count, f);
}

Test(options, are_stored_where_the_table_says) {
    char line[] =
        "a -f --text=x --number -3 b --real 1.5e-3 --bytes 2K --pair 3x4 --range 1: --theme dark c -- --flag -";
    const char *arguments[32];
    int count;
    values v;
    failure f = {0};
    cr_assert(read(line, &v, arguments, &count, &f), "%s", f.error.message);
    cr_expect(v.flag && strcmp(v.text, "x") == 0 && v.number == -3 && v.number_given && v.real == 1.5e-3 &&
              v.bytes == 2048);
    cr_expect(v.pair[0] == 3 && v.pair[1] == 4 && v.choice == 2);
    cr_expect(v.range.given && v.range.has_first && v.range.first == 1 && !v.range.has_last);
    cr_assert_eq(count, 5);
    static const char *const expected[] = {"a", "b", "c", "--flag", "-"};
    for (int i = 0; i < count; i++) cr_expect_str_eq(arguments[i], expected[i]);
}

Test(options, that_are_not_given_leave_zeros) {
    char line[] = "a";
    const char *arguments[32];
    int count;
    values v;
    cr_assert(read(line, &v, arguments, &count, NULL));
    cr_expect(!v.flag && !v.text && v.number == 0 && !v.number_given && !v.range.given && v.choice == 0);
    failure f = {0};
    cr_expect(!options_complete(own, &v, &f));
    cr_expect(strstr(f.error.message, "--text"), "%s", f.error.message);
    char with[] = "-tx";
    cr_assert(read(with, &v, arguments, &count, NULL));
    cr_expect(options_complete(own, &v, &f));
    cr_expect_str_eq(v.text, "x");
}

Test(options, that_are_wrong_are_named) {
    static const struct {
        const char *line, *says;
    } cases[] = {
        {"--flga", "--flag"},
        {"--zzzzzzzz", "no option"},
        {"-z", "-z"},
        {"--flag=1", "no value"},
        {"--text", "needs a value"},
        {"--number 6", "from -5 to 5"},
        {"--number 1.5", "--number"},
        {"--number 3x", "--number"},
        {"--number=", "--number"},
        {"--real nan", "--real"},
        {"--real 1,5", "--real"},
        {"--bytes -1", "--bytes"},
        {"--bytes 1Q", "--bytes"},
        {"--bytes 99999999999G", "--bytes"},
        {"--pair 3", "WxH"},
        {"--pair 0x4", "WxH"},
        {"--pair 3x4x5", "WxH"},
        {"--range 3", "3:7"},
        {"--range a:b", "3:7"},
        {"--theme dim", "light, dark"},
        {"--number 99999999999999999999", "--number"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[64];
        const char *arguments[32];
        int count;
        values v;
        failure f = {0};
        strcpy(line, cases[i].line);
        cr_expect(!read(line, &v, arguments, &count, &f), "%s was read", cases[i].line);
        cr_expect(strstr(f.error.message, cases[i].says), "%s: %s", cases[i].line, f.error.message);
    }
}

Test(options, the_command_is_the_first_word_that_is_no_option) {
    char *const words[] = {"--theme", "dark", "run", "--flag"}, *const none[] = {"--theme=dark", "--flag"};
    cr_expect_eq(options_first_argument(common, words, 4), 2);
    cr_expect_eq(options_first_argument(common, none, 2), -1);
}

Test(options, texts_are_measured_and_broken_by_columns) {
    char line[128] = "";
    cr_expect_eq(text_columns("abc", 3), 3);
    cr_expect_eq(text_columns("\xE5\x8D\xB7\xE7\xA7\xAF", 6), 4);
    cr_expect_eq(text_columns("3\xC3\x97"
                              "3",
                              4),
                 3);
    FILE *stream = fmemopen(line, sizeof line, "w");
    text_wrap(stream, "one two three \xE5\x8D\xB7\xE7\xA7\xAF\xE6\xA0\xB8", 2, 11);
    fclose(stream);
    cr_expect_str_eq(line, "one two\n  three \xE5\x8D\xB7\n  \xE7\xA7\xAF\xE6\xA0\xB8\n");
}

Test(options, no_line_begins_with_a_closing_sign_or_ends_with_an_opening_one) {
    static const struct {
        const char *text, *broken;
        int width;
    } cases[] = {
        {"哪种算法、为什么", "哪种算\n法、为\n什么\n", 7},
        {"卷积核。", "卷积\n核。\n", 6},
        {"一层（或网络）", "一层\n（或网\n络）\n", 7},
        {"选卷积)", "选卷\n积)\n", 6},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char lines[128] = "";
        FILE *stream = fmemopen(lines, sizeof lines, "w");
        text_wrap(stream, cases[i].text, 0, cases[i].width);
        fclose(stream);
        cr_expect_str_eq(lines, cases[i].broken, "%s: %s", cases[i].text, lines);
    }
}
