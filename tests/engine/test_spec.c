/* The table of operations, and parameters set, read, refused and written as Python. */
#include "layer.h"
#include "random_spec.h"

Test(spec, every_row_is_whole) {
    for (int i = 0; i < conv_op_count(); i++) {
        const conv_op *op = conv_op_at(i);
        cr_assert_eq(conv_op_find(op->name), op, "%s", op->name);
        for (int p = 0; p < op->param_count; p++) {
            cr_assert_eq(conv_param_find(op, op->params[p].name), p, "%s.%s", op->name, op->params[p].name);
            cr_assert_eq(op->params[p].required, op->params[p].initial == NULL);
        }
    }
    cr_assert_null(conv_op_at(-1));
    cr_assert_null(conv_op_at(conv_op_count()));
    cr_assert_null(conv_op_find("conv2d"));
}

Test(spec, nearest_names) {
    static const char *const names[][2] = {{"Conv2D", "Conv2d"},
                                           {"conv2d", "Conv2d"},
                                           {"Cnov2d", "Conv2d"},
                                           {"MaxPol2d", "MaxPool2d"},
                                           {"Convtranspose2d", "ConvTranspose2d"},
                                           {"Batchnorm2d", "BatchNorm2d"},
                                           {"relu", "ReLU"}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        cr_assert_str_eq(conv_op_nearest(names[i][0]), names[i][1]);
    cr_assert_null(conv_op_nearest("Transformer_of_everything"));
    const conv_op *op = conv_op_find("Conv2d");
    cr_assert_str_eq(conv_param_nearest(op, "kernal_size"), "kernel_size");
    cr_assert_str_eq(conv_param_nearest(op, "strides"), "stride");
    cr_assert_null(conv_param_nearest(op, "xyz"));
}

static void text_is(const conv_spec *spec, const char *expected) {
    char text[256];
    int length = conv_spec_text(spec, text, sizeof text);
    cr_assert_str_eq(text, expected);
    cr_assert_eq((size_t)length, strlen(expected));
}

Test(spec, written_as_python) {
    conv_spec spec = conv_with("Conv2d", 3, 8, 3);
    text_is(&spec, "nn.Conv2d(3, 8, kernel_size=3)");
    set(&spec, "stride", tuple_value(2, 2, 1));
    set(&spec, "padding", text_value("same"));
    set(&spec, "bias", bool_value(false));
    set(&spec, "padding_mode", text_value("reflect"));
    text_is(&spec, "nn.Conv2d(3, 8, kernel_size=3, stride=(2, 1), padding='same', bias=False, padding_mode='reflect')");
    spec = spec_of("BatchNorm2d");
    set(&spec, "num_features", int_value(4));
    text_is(&spec, "nn.BatchNorm2d(4)");
    spec = spec_of("MaxPool2d");
    set(&spec, "kernel_size", int_value(2));
    text_is(&spec, "nn.MaxPool2d(kernel_size=2)");
    set(&spec, "stride", int_value(1));
    text_is(&spec, "nn.MaxPool2d(kernel_size=2, stride=1)");
    spec = spec_of("Upsample");
    set(&spec, "scale_factor", real_value(1.5));
    set(&spec, "mode", text_value("bilinear"));
    text_is(&spec, "nn.Upsample(scale_factor=1.5, mode='bilinear')");
    spec = spec_of("LeakyReLU");
    text_is(&spec, "nn.LeakyReLU()");
    set(&spec, "negative_slope", real_value(0.2));
    text_is(&spec, "nn.LeakyReLU(negative_slope=0.2)");
    spec = spec_of("Permute");
    set(&spec, "dims", tuple_value(3, 0, 2, 1));
    text_is(&spec, "torchvision.ops.Permute(dims=(0, 2, 1))");
    spec = spec_of("AdaptiveAvgPool2d");
    conv_value value = tuple_value(2, 1, 1);
    value.item[0] = none_value().scalar;
    set(&spec, "output_size", value);
    text_is(&spec, "nn.AdaptiveAvgPool2d(output_size=(None, 1))");
}

/* Setting what was read changes nothing, for every parameter of random operations. */
Test(spec, read_and_set_again) {
    random_state r = {31};
    for (int i = 0; i < conv_op_count(); i++)
        for (int n = 0; n < 5; n++) {
            random_case c;
            random_case_draw(&r, conv_op_at(i), &c);
            conv_spec copy = c.spec;
            char before[512], after[512];
            for (int p = 0; p < copy.op->param_count; p++) {
                conv_value value;
                conv_error error = {0};
                conv_spec_get(&copy, p, &value);
                cr_assert_eq(conv_spec_set(&copy, p, &value, &error), CONV_OK, "%s: %s", c.text, error.message);
            }
            conv_spec_text(&c.spec, before, sizeof before);
            conv_spec_text(&copy, after, sizeof after);
            cr_assert_str_eq(before, after);
            random_case_free(&c);
        }
}

Test(spec, refused_values_leave_the_spec_as_it_was) {
    static const struct {
        const char *op, *param;
        conv_value value;
    } cases[] = {
        {"Conv2d", "kernel_size", {.kind = CONV_VALUE_INT, .scalar = {.kind = CONV_VALUE_INT, .integer = 0}}},
        {"Conv2d", "kernel_size", {.kind = CONV_VALUE_REAL, .scalar = {.kind = CONV_VALUE_REAL, .real = 1.5}}},
        {"Conv2d", "kernel_size", {.kind = CONV_VALUE_NONE}},
        {"Conv2d", "kernel_size", {.kind = CONV_VALUE_TUPLE, .count = 3}},
        {"Conv2d", "kernel_size", {.kind = CONV_VALUE_TEXT, .text = "three"}},
        {"Conv2d", "padding", {.kind = CONV_VALUE_TEXT, .text = "full"}},
        {"Conv2d", "padding_mode", {.kind = CONV_VALUE_TEXT, .text = "mirror"}},
        {"Conv2d", "bias", {.kind = CONV_VALUE_TEXT, .text = "yes"}},
        {"Conv2d", "groups", {.kind = CONV_VALUE_BOOL, .scalar = {.kind = CONV_VALUE_BOOL, .integer = 1}}},
        {"AvgPool2d", "divisor_override", {.kind = CONV_VALUE_INT, .scalar = {.kind = CONV_VALUE_INT, .integer = 0}}},
        {"Upsample",
         "scale_factor",
         {.kind = CONV_VALUE_INT, .scalar = {.kind = CONV_VALUE_INT, .real = -1, .integer = -1}}},
        {"LeakyReLU", "negative_slope", {.kind = CONV_VALUE_NONE}},
        {"Permute", "dims", {.kind = CONV_VALUE_INT, .scalar = {.kind = CONV_VALUE_INT, .integer = 1}}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        conv_spec spec = spec_of(cases[i].op), before = spec;
        conv_error error = {0};
        cr_assert_eq(try_set(&spec, cases[i].param, cases[i].value, &error), CONV_BAD_ARGUMENT, "case %d", (int)i);
        cr_assert_str_eq(error.parameter, cases[i].param);
        cr_assert_eq(memcmp(&spec, &before, sizeof spec), 0, "case %d changed the spec", (int)i);
    }
}
