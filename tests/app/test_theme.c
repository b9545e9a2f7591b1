/* Themes: contrast of every text on every fill it can stand on, also as seen with colour blindness. */
#include "sight.h"

#include <criterion/criterion.h>

static void check(const theme *t, const char *what, color ink, color ground, int sight, double least) {
    double contrast = color_contrast(seen(ink, sight), seen(ground, sight));
    cr_expect(contrast >= least, "%s, %s: %s has %.2f:1", t->name, sight_names[sight], what, contrast);
}

Test(theme, numbers_are_readable_on_every_fill) {
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        for (int r = ROLE_INPUT; r < ROLE_COUNT; r++) {
            for (int v = -20; v <= 20; v++) {
                color ink;
                paint p = theme_cell(t, (role)r, (float)v, 20, &ink);
                for (int sight = 0; sight < 3; sight++) {
                    check(t, "a number on its cell", ink, p.fill, sight, 4.5);
                    if (p.hatch.a) check(t, "a number on the hatch", ink, p.hatch, sight, 4.5);
                    color small = theme_ink_on(t, t->roles[ROLE_WEIGHT].ink, p.fill, p.hatch);
                    check(t, "a small figure on its cell", small, p.fill, sight, 4.5);
                    if (p.hatch.a) check(t, "a small figure on the hatch", small, p.hatch, sight, 4.5);
                }
            }
        }
    }
}

Test(theme, what_nothing_reads_is_hatched_and_readable) {
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        for (int sight = 0; sight < 3; sight++) {
            color ink;
            paint p = theme_unread(t, ROLE_INPUT, &ink);
            check(t, "a number nobody reads", ink, p.fill, sight, 4.5);
            check(t, "a number nobody reads on its hatch", ink, p.hatch, sight, 4.5);
            check(t, "the hatch of what nobody reads", p.hatch, p.fill, sight, 1.2);
            const color lit = t->roles[ROLE_OUTPUT].ink;
            check(t, "the cell that is written", theme_on(t, lit), lit, sight, 4.5);
        }
    }
}

Test(theme, words_are_readable_on_background_and_panel) {
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        const color grounds[] = {t->background, t->panel, t->control};
        for (int g = 0; g < 3; g++) {
            for (int sight = 0; sight < 3; sight++) {
                check(t, "ink", t->ink, grounds[g], sight, 7);
                check(t, "soft ink", t->ink_soft, grounds[g], sight, 4.5);
                check(t, "faint ink", t->ink_faint, grounds[g], sight, 4.5);
                check(t, "padding", t->padding_ink, grounds[g], sight, 4.5);
                check(t, "warning", t->warning, grounds[g], sight, 4.5);
                check(t, "good", t->good, grounds[g], sight, 4.5);
                for (int r = 0; r < ROLE_COUNT; r++) check(t, "a role's ink", t->roles[r].ink, grounds[g], sight, 4.5);
            }
            /* WCAG 1.4.11: what must be seen but is not text. */
            check(t, "focus", t->focus, grounds[g], 0, 3);
            check(t, "highlight", t->highlight, grounds[g], 0, 3);
            for (int r = 0; r < ROLE_COUNT; r++) check(t, "a role's frame", t->roles[r].strong, grounds[g], 0, 3);
        }
        check(t, "ink on a pressed control", t->ink, t->control_active, 0, 4.5);
    }
    const theme *high = theme_get(THEME_CONTRAST);
    for (int r = ROLE_INPUT; r < ROLE_COUNT; r++)
        check(high, "high contrast: ink on a full cell", high->ink, high->roles[r].high, 0, 7);
}

static double distance(color a, color b) { /* in OKLab (Ottosson 2020) */
    double lab[2][3];
    for (int k = 0; k < 2; k++) {
        color c = k ? b : a;
        double r = to_linear(c.r), g = to_linear(c.g), bl = to_linear(c.b);
        double l = cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * bl);
        double m = cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * bl);
        double s = cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * bl);
        lab[k][0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
        lab[k][1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
        lab[k][2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
    }
    return sqrt(pow(lab[0][0] - lab[1][0], 2) + pow(lab[0][1] - lab[1][1], 2) + pow(lab[0][2] - lab[1][2], 2));
}

Test(theme, roles_can_be_told_apart_by_everyone) {
    const role roles[] = {ROLE_INPUT, ROLE_WEIGHT, ROLE_OUTPUT};
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        for (int sight = 0; sight < 3; sight++) {
            for (int a = 0; a < 3; a++) {
                for (int b = a + 1; b < 3; b++) {
                    const role_colors *p = &t->roles[roles[a]], *q = &t->roles[roles[b]];
                    double fill = distance(seen(p->high, sight), seen(q->high, sight));
                    double ink = distance(seen(p->ink, sight), seen(q->ink, sight));
                    cr_expect(fill > 0.07, "%s, %s: fills %d and %d differ by %.3f", t->name, sight_names[sight], a, b,
                              fill);
                    cr_expect(ink > 0.07, "%s, %s: inks %d and %d differ by %.3f", t->name, sight_names[sight], a, b,
                              ink);
                }
            }
        }
    }
}

Test(theme, a_negative_value_is_hatched_and_the_hatch_shows) {
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        for (int r = ROLE_INPUT; r < ROLE_COUNT; r++) {
            paint plus = theme_cell(t, (role)r, 3, 5, NULL), minus = theme_cell(t, (role)r, -3, 5, NULL);
            cr_assert_eq(plus.hatch.a, 0);
            cr_assert_eq(minus.hatch.a, 255);
            for (int sight = 0; sight < 3; sight++)
                check(t, "hatch on the fullest negative cell", minus.hatch, t->negative_high, sight, 1.15);
        }
    }
}

/* Cells of one value side by side are still cells: a kernel of ones is no slab. */
Test(theme, equal_neighbours_are_parted_by_their_line) {
    for (int id = 0; id < THEME_COUNT; id++) {
        const theme *t = theme_get((theme_id)id);
        for (int r = ROLE_INPUT; r < ROLE_COUNT; r++)
            for (int v = 0; v <= 4; v++) {
                const paint p = theme_cell(t, (role)r, (float)v, 4, NULL);
                cr_expect_geq(color_contrast(p.stroke, p.fill), 1.15, "%s, role %d, %d of 4: %.2f", t->name, r, v,
                              color_contrast(p.stroke, p.fill));
            }
    }
}

Test(theme, values_that_are_no_numbers_are_drawn) {
    color ink;
    const theme *t = theme_get(THEME_LIGHT);
    cr_assert_eq(theme_cell(t, ROLE_OUTPUT, NAN, 5, &ink).fill.a, 0, "nothing written yet: no fill");
    paint full = theme_cell(t, ROLE_OUTPUT, INFINITY, 5, &ink);
    cr_assert(full.fill.r == t->roles[ROLE_OUTPUT].high.r && full.fill.a == 255);
    paint zero = theme_cell(t, ROLE_OUTPUT, 0, 0, &ink);
    cr_assert(zero.fill.r == t->roles[ROLE_OUTPUT].low.r && zero.fill.a == 255);
}

Test(theme, heat_grows_lighter_in_even_steps) {
    double least = 1, most = 0;
    for (int k = 0; k < 16; k++) {
        color a = theme_heat((float)k / 16), b = theme_heat((float)(k + 1) / 16);
        double d = distance(a, b);
        least = fmin(least, d);
        most = fmax(most, d);
        cr_assert_gt(color_contrast(b, (color){0, 0, 0, 255}), color_contrast(a, (color){0, 0, 0, 255}));
    }
    cr_assert(most < 1.35 * least, "steps of %.4f to %.4f", least, most);
    color nan = theme_heat(NAN), zero = theme_heat(-3), one = theme_heat(7);
    cr_assert(nan.r == zero.r && nan.b == zero.b);
    cr_assert(one.r == theme_heat(1).r);
}

Test(theme, is_found_by_name) {
    theme_id id = THEME_LIGHT;
    cr_assert(theme_find("print", &id));
    cr_assert_eq(id, THEME_PRINT);
    cr_assert_not(theme_find("Print", &id));
    cr_assert_not(theme_find("", &id));
}
