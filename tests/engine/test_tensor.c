/* Shapes: counts that do not overflow, text as Python writes it, positions and flat indices. */
#include "layer.h"

Test(tensor, counts) {
    static const struct {
        conv_shape shape;
        int64_t count;
    } cases[] = {
        {{0, {0}}, 1},
        {{3, {2, 3, 4}}, 24},
        {{2, {0, 5}}, 0},
        {{2, {-1, 5}}, -1},
        {{2, {0, -5}}, -1},
        {{2, {INT64_MAX, 2}}, -1},
        {{3, {INT64_MAX, INT64_MAX, 0}}, 0},
        {{2, {INT64_MAX, 1}}, INT64_MAX},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_assert_eq(conv_shape_count(&cases[i].shape), cases[i].count, "case %d", (int)i);
}

Test(tensor, text) {
    char text[64];
    const conv_shape three = shape_from(3, 1, 28, 28), one = shape_from(1, 5), none = {0};
    cr_assert_str_eq(conv_shape_text(&three, text, sizeof text), "(1, 28, 28)");
    cr_assert_str_eq(conv_shape_text(&one, text, sizeof text), "(5,)");
    cr_assert_str_eq(conv_shape_text(&none, text, sizeof text), "()");
    cr_assert_str_eq(conv_shape_text(&three, text, 6), "(1, 2");
}

Test(tensor, positions_and_indices) {
    const conv_shape shape = shape_from(3, 2, 3, 4);
    for (int64_t i = 0; i < 24; i++) {
        int64_t position[3];
        conv_shape_position(&shape, i, position);
        cr_assert(position[0] == i / 12 && position[1] == i / 4 % 3 && position[2] == i % 4);
        cr_assert_eq(conv_shape_index(&shape, position), i);
    }
}

Test(tensor, equality) {
    conv_shape a = shape_from(2, 3, 4), b = shape_from(2, 3, 4), c = shape_from(3, 3, 4, 1);
    a.size[5] = 9; /* behind the rank nothing counts */
    cr_assert(conv_shape_equal(&a, &b));
    cr_assert_not(conv_shape_equal(&a, &c));
    b.size[1] = 5;
    cr_assert_not(conv_shape_equal(&a, &b));
}
