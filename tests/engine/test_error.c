/* Errors as values: sentences with places, numbers that no locale changes. */
#include "layer.h"
#include "refuse.h"
#include <locale.h>

Test(error, places_are_filled_in_any_order_and_others_stay) {
    const conv_arg args[] = {number(-7), real(0.1), word("x")};
    char text[64];
    conv_format(text, sizeof text, "{2}: {1}, {0}; {0} {3} {} {a}", args, 3);
    cr_assert_str_eq(text, "x: 0.1, -7; -7 {3} {} {a}");
}

Test(error, cut_at_a_whole_character) {
    const conv_arg args[] = {word("卷积")};
    char text[8];
    conv_format(text, 6, "a{0}b", args, 1);
    cr_assert_str_eq(text, "a卷");
    conv_format(text, 4, "é卷b", NULL, 0);
    cr_assert_str_eq(text, "é");
    conv_format(text, 1, "é", NULL, 0);
    cr_assert_str_eq(text, "");
}

Test(error, numbers_have_a_point_in_every_locale) {
    const conv_arg args[] = {real(2.5), real(1e-7), real(3000), real(1.0 / 3)};
    static const char *const locales[] = {"C", "de_DE.UTF-8", "fr_FR.UTF-8", "ar_EG.UTF-8"};
    for (int i = 0; i < 4; i++) {
        setlocale(LC_ALL, locales[i]); /* where it is not installed the one before stays */
        char text[64];
        conv_format(text, sizeof text, "{0} {1} {2} {3}", args, 4);
        cr_assert_str_eq(text, "2.5 1e-07 3000 0.3333333333333333");
    }
}

Test(error, says_everything_or_only_its_status) {
    conv_error error = {0};
    cr_assert_eq(refuse(&error, CONV_BAD_SHAPE, "groups", "{0} of {1}", number(3), number(4)), CONV_BAD_SHAPE);
    cr_assert_eq(error.status, CONV_BAD_SHAPE);
    cr_assert_str_eq(error.parameter, "groups");
    cr_assert_str_eq(error.format, "{0} of {1}");
    cr_assert_eq(error.arg_count, 2);
    cr_assert_str_eq(error.message, "3 of 4");
    cr_assert_eq(refuse(NULL, CONV_TOO_LARGE, "", "nobody listens"), CONV_TOO_LARGE);
}

Test(error, amounts_of_memory) {
    char text[64];
    const conv_arg args[] = {bytes_word(1000), bytes_word(1536), bytes_word(7.63e6), bytes_word(1.8e19)};
    conv_format(text, sizeof text, "{0}, {1}, {2}, {3}", args, 4);
    cr_assert_str_eq(text, "1000 bytes, 1.5 KiB, 7.3 MiB, 15.6 EiB");
}
