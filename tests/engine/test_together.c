/* Kinds that do the elements of a row, or several planes, together: each element still has the bits of its own trace,
 * wherever a range is cut. */
#include "layer.h"
#include <inttypes.h>

typedef struct subject {
    const char *op;
    struct {
        const char *name;
        int64_t number[3]; /* 0: no more of them */
        const char *text;
        double real;
    } with[4];
    conv_shape input;
} subject;

/* More planes than are done together, and rows of more cells; none a multiple of either. */
static const subject subjects[] = {
    {"Fold",
     {{"output_size", .number = {9, 41}}, {"kernel_size", .number = {3}}, {"padding", .number = {1}}},
     {3, {3, 18, 369}}},
    {"Fold",
     {{"output_size", .number = {11, 31}},
      {"kernel_size", .number = {4, 3}},
      {"stride", .number = {2}},
      {"dilation", .number = {1, 2}}},
     {3, {2, 24, 56}}},
    {"Fold",
     {{"output_size", .number = {9, 21}}, {"kernel_size", .number = {2}}, {"stride", .number = {3, 4}}},
     {3, {2, 12, 15}}},
    {"PixelShuffle", {{"upscale_factor", .number = {2}}}, {4, {2, 20, 5, 37}}},
    {"PixelShuffle", {{"upscale_factor", .number = {5}}}, {4, {2, 50, 3, 19}}},
    {"PixelUnshuffle", {{"downscale_factor", .number = {2}}}, {4, {2, 3, 6, 74}}},
    {"ChannelShuffle", {{"groups", .number = {3}}}, {4, {2, 12, 3, 5}}},
    {"AdaptiveAvgPool2d", {{"output_size", .number = {1}}}, {4, {3, 9, 7, 7}}},
    {"AdaptiveAvgPool2d", {{"output_size", .number = {3, 5}}}, {4, {1, 19, 8, 13}}},
    {"AdaptiveAvgPool3d", {{"output_size", .number = {2, 1, 3}}}, {5, {2, 5, 3, 4, 7}}},
    {"AdaptiveMaxPool1d", {{"output_size", .number = {4}}}, {3, {3, 11, 19}}},
    {"AdaptiveMaxPool2d", {{"output_size", .number = {3}}}, {4, {1, 17, 11, 8}}},
    {"AvgPool2d", {{"kernel_size", .number = {7}}}, {4, {2, 9, 7, 7}}},
    {"Softmax", {{"dim", .number = {1}}}, {4, {2, 7, 13, 17}}},
    {"Softmax", {{"dim", .number = {-1}}}, {4, {2, 7, 13, 17}}},
    {"Softmax", {{"dim", .number = {0}}}, {2, {9, 300}}},
    {"Softmax", {{"dim", .number = {0}}}, {4, {5, 7, 3, 17}}},
    {"Sigmoid", {{0}}, {4, {1, 3, 7, 17}}},
    {"SiLU", {{0}}, {4, {1, 3, 7, 17}}},
    {"Upsample", {{"scale_factor", .real = 2}}, {4, {2, 3, 7, 300}}},
    {"Upsample", {{"scale_factor", .real = 2.5}}, {3, {2, 3, 300}}},
    {"Upsample", {{"scale_factor", .real = 1.7}}, {5, {1, 3, 5, 6, 17}}},
    {"Upsample", {{"scale_factor", .real = 2.5}, {"mode", .text = "linear"}}, {3, {2, 3, 700}}},
    {"Upsample", {{"scale_factor", .real = 2}, {"mode", .text = "bilinear"}}, {4, {2, 3, 7, 19}}},
    {"Upsample",
     {{"size", .number = {5, 1300}}, {"mode", .text = "bilinear"}, {"align_corners", .number = {1}}},
     {4, {1, 2, 9, 401}}},
    {"Upsample", {{"scale_factor", .real = 0.7}, {"mode", .text = "bilinear"}}, {4, {1, 5, 31, 43}}},
    {"Upsample", {{"size", .number = {12, 9}}, {"mode", .text = "bilinear"}}, {4, {1, 3, 12, 4}}},
    {"Upsample", {{"scale_factor", .real = 1.7}, {"mode", .text = "trilinear"}}, {5, {1, 3, 5, 6, 17}}},
    {"Upsample",
     {{"size", .number = {7, 3, 33}}, {"mode", .text = "trilinear"}, {"align_corners", .number = {1}}},
     {5, {2, 2, 3, 3, 9}}},
};

static conv_spec made(const subject *s) {
    conv_spec spec = spec_of(s->op);
    for (int i = 0; i < 4 && s->with[i].name != NULL; i++) {
        const int64_t *n = s->with[i].number;
        conv_value value = s->with[i].text != NULL ? text_value(s->with[i].text)
                           : s->with[i].real > 0   ? real_value(s->with[i].real)
                           : n[1] == 0             ? int_value(n[0])
                                                   : tuple_value(n[2] == 0 ? 2 : 3, (int)n[0], (int)n[1], (int)n[2]);
        if (strcmp(s->with[i].name, "align_corners") == 0) value = bool_value(true);
        set(&spec, s->with[i].name, value);
    }
    return spec;
}

/* Numbers with many digits, and a zero of either sign now and then. */
static float *uneven(int64_t count) {
    float *x = floats(count);
    for (int64_t i = 0; i < count; i++) x[i] = (float)((i * 7919 + 13) % 1009 - 504) * 0.00713f;
    for (int64_t i = 5; i < count; i += 31) x[i] = i % 2 == 0 ? 0.0f : -0.0f;
    return x;
}

static void check(const subject *s, conv_engine *engine) {
    enum { CAPACITY = 512 };
    static conv_tap taps[CAPACITY];
    conv_spec spec = made(s);
    conv_operands operands = {.input = {uneven(conv_shape_count(&s->input))}};
    conv_plan *plan = plan_for(engine, &spec, s->input, &operands);
    int64_t outputs = conv_shape_count(&conv_plan_layout(plan)->output), steps = conv_plan_layout(plan)->steps;
    float *whole = floats(outputs), *parts = floats(outputs);
    cr_assert_eq(conv_plan_run(plan, &operands, whole, NULL, NULL, NULL), CONV_OK);
    for (int64_t o = 0; o < outputs; o += 1 + outputs / 600) {
        int64_t count = 0;
        float traced = 0;
        cr_assert_eq(conv_trace_output(plan, &operands, o, taps, CAPACITY, &count, &traced, NULL), CONV_OK);
        cr_assert_eq(memcmp(&traced, &whole[o], sizeof traced), 0,
                     "%s %d: output %" PRId64 " is %.9g, its trace gives %.9g", s->op, (int)(s - subjects), o,
                     (double)whole[o], (double)traced);
    }
    for (int64_t i = 0; i < outputs; i++) parts[i] = 12345;
    const int64_t cuts[] = {0, 1, steps / 5, steps / 5 + 3, steps / 2, steps - 2, steps};
    for (int i = 0; i < 6; i++)
        cr_assert_eq(conv_plan_run_steps(plan, &operands, cuts[i], cuts[i + 1], parts, NULL), CONV_OK);
    cr_assert_eq(memcmp(whole, parts, (size_t)outputs * sizeof *whole), 0, "%s %d: in parts", s->op,
                 (int)(s - subjects));
    conv_plan_destroy(plan);
    free((void *)operands.input[0]);
    free(whole);
    free(parts);
}

Test(together, each_element_keeps_its_chain) {
    for (unsigned cpu = 0; cpu < 2; cpu++) {
        conv_engine_options options;
        conv_engine_defaults(&options);
        options.threads = cpu == 0 ? 2 : 1;
        if (cpu == 1) options.cpu_mask = CONV_CPU_PLAIN;
        conv_engine *engine = NULL;
        cr_assert_eq(conv_engine_create(&options, &engine, NULL), CONV_OK);
        for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) check(&subjects[i], engine);
        conv_engine_destroy(engine);
    }
}
