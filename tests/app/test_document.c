/* Documents: made from an expression, copied, changed. */
#include "app/document/scene.h"
#include "app/system/memory.h"
#include <criterion/criterion.h>
#include <string.h>

Test(document, an_expression_gets_an_input_that_shows_it) {
    static const struct {
        const char *expression, *shape;
    } rows[] = {{"nn.Conv2d(1, 1, 3)", "(1, 5, 5)"},
                {"nn.Conv2d(3, 8, 3, stride=2, padding=1)", "(3, 5, 5)"},
                {"nn.Conv1d(2, 1, 3)", "(2, 11)"},
                {"nn.Conv3d(1, 1, 2)", "(1, 4, 4, 4)"},
                {"nn.ConvTranspose2d(1, 1, 3, stride=2)", "(1, 3, 3)"},
                {"nn.LazyConv2d(4, 3)", "(2, 5, 5)"},
                {"nn.Sequential(nn.Conv2d(1, 1, 3), nn.Conv2d(1, 1, 3))", "(1, 5, 5)"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        document d;
        failure f = {0};
        char text[64];
        cr_assert(document_from_expression(&d, rows[i].expression, NULL, &f), "%s: %s", rows[i].expression,
                  f.error.message);
        conv_shape_text(&d.parts[0].input_shape, text, sizeof text);
        cr_expect_str_eq(text, rows[i].shape, "%s has input %s, not %s", rows[i].expression, text, rows[i].shape);
        conv_layout *layouts;
        cr_assert(part_layouts(&d.parts[0], &layouts, &f));
        cr_expect_geq(layouts[d.parts[0].focus].steps, 9, "%s has too few steps", rows[i].expression);
        memory_free(layouts);
        document_destroy(&d);
    }
}
