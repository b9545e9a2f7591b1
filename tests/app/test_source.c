#include "app/arrays/npy.h"
#include "app/arrays/preset.h"
#include "app/arrays/source.h"
#include "app/system/file.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const conv_shape plane = {.rank = 3, .size = {2, 4, 5}};

static void fill(const tensor_source *s, source_use use, const conv_shape *shape, float *numbers) {
    failure f = {0};
    cr_assert(source_fill(s, use, shape, NULL, NULL, numbers, &f), "%s", f.error.message);
}

Test(source, default_numbers_are_small_and_the_same_everywhere) {
    float a[40], b[40];
    for (int use = SOURCE_FOR_INPUT; use <= SOURCE_FOR_BOTH_SIGNS; use++) {
        tensor_source s = {.kind = SOURCE_DEFAULT, .seed = 3};
        bool other = false;
        fill(&s, (source_use)use, &plane, a);
        fill(&s, (source_use)use, &plane, b);
        cr_expect(memcmp(a, b, sizeof a) == 0);
        s.seed = 4;
        fill(&s, (source_use)use, &plane, b);
        for (int i = 0; i < 40; i++) {
            cr_expect(fabsf(a[i]) <= 9 && a[i] * 4 == roundf(a[i] * 4), "use %d: %g", use, (double)a[i]);
            if (use == SOURCE_FOR_GAMMA || use == SOURCE_FOR_MASK) cr_expect(a[i] > 0);
            if (use == SOURCE_FOR_INPUT || use == SOURCE_FOR_WEIGHT) cr_expect(a[i] == roundf(a[i]));
            other = other || a[i] != b[i];
        }
        cr_expect(other, "use %d: the seed has no effect", use);
    }
    /* Written down: what a lesson shows must not change. */
    static const float expected[8] = {1, 3, 0, 1, 1, 5, 1, 3};
    const conv_shape eight = {.rank = 1, .size = {8}};
    fill(&(tensor_source){.kind = SOURCE_DEFAULT}, SOURCE_FOR_INPUT, &eight, a);
    for (int i = 0; i < 8; i++) cr_expect_eq(a[i], expected[i], "[%d]: %g", i, (double)a[i]);
}

Test(source, what_bends_negative_numbers_gets_some) {
    float a[40];
    cr_expect_eq(source_input_use(conv_op_find("Conv2d")), SOURCE_FOR_INPUT);
    cr_expect_eq(source_input_use(conv_op_find("MaxPool2d")), SOURCE_FOR_INPUT);
    cr_expect_eq(source_input_use(conv_op_find("ReLU")), SOURCE_FOR_BOTH_SIGNS);
    fill(&(tensor_source){.kind = SOURCE_DEFAULT}, SOURCE_FOR_BOTH_SIGNS, &plane, a);
    int negative = 0, positive = 0;
    for (int i = 0; i < 40; i++) {
        negative += a[i] < 0;
        positive += a[i] > 0;
    }
    cr_expect(negative >= 5 && positive >= 5, "%d negative, %d positive", negative, positive);
}

Test(source, a_number_does_not_depend_on_the_shape) {
    float a[40], b[8];
    const tensor_source s = {.kind = SOURCE_RANDOM, .seed = 1};
    const conv_shape eight = {.rank = 1, .size = {8}};
    fill(&s, SOURCE_FOR_INPUT, &plane, a);
    fill(&s, SOURCE_FOR_INPUT, &eight, b);
    cr_expect(memcmp(a, b, sizeof b) == 0);
}

Test(source, default_numbers_are_never_all_zero) {
    const conv_shape one = {.rank = 1, .size = {1}};
    for (uint64_t seed = 0; seed < 200; seed++) {
        float number;
        fill(&(tensor_source){.kind = SOURCE_DEFAULT, .seed = seed}, SOURCE_FOR_INPUT, &one, &number);
        cr_assert(number != 0, "seed %d", (int)seed);
    }
}

Test(source, presets_are_what_their_names_say) {
    float x[40];
    fill(&(tensor_source){.kind = SOURCE_RAMP}, SOURCE_FOR_INPUT, &plane, x);
    for (int i = 0; i < 40; i++) cr_expect_eq(x[i], (float)i);
    fill(&(tensor_source){.kind = SOURCE_CONSTANT, .value = -2.5}, SOURCE_FOR_INPUT, &plane, x);
    for (int i = 0; i < 40; i++) cr_expect_eq(x[i], -2.5f);
    fill(&(tensor_source){.kind = SOURCE_IMPULSE}, SOURCE_FOR_INPUT, &plane, x);
    for (int i = 0; i < 40; i++) cr_expect_eq(x[i], i % 20 == 1 * 5 + 2 ? 1.0f : 0.0f);
    fill(&(tensor_source){.kind = SOURCE_CHECKERBOARD}, SOURCE_FOR_INPUT, &plane, x);
    for (int i = 0; i < 40; i++) cr_expect_eq(x[i], (float)((i / 5 % 4 + i % 5 + 1) % 2));
}

Test(source, random_numbers_look_normal) {
    enum { COUNT = 20000 };
    static float x[COUNT];
    const conv_shape shape = {.rank = 1, .size = {COUNT}};
    double sum = 0, squares = 0;
    fill(&(tensor_source){.kind = SOURCE_RANDOM, .seed = 7}, SOURCE_FOR_INPUT, &shape, x);
    for (int i = 0; i < COUNT; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
        cr_assert(fabs((double)x[i] * 100 - round((double)x[i] * 100)) < 1e-3, "more than two decimals: %g",
                  (double)x[i]);
    }
    cr_expect(fabs(sum / COUNT) < 0.03, "mean %g", sum / COUNT);
    cr_expect(fabs(squares / COUNT - 1) < 0.05, "variance %g", squares / COUNT);
}

Test(source, digits_differ_and_fit_any_size) {
    enum { SIDE = 24 };
    static float x[10][SIDE * SIDE];
    const conv_shape shape = {.rank = 3, .size = {1, SIDE, SIDE}};
    for (int d = 0; d < 10; d++) {
        double ink = 0;
        fill(&(tensor_source){.kind = SOURCE_DIGIT, .value = d}, SOURCE_FOR_INPUT, &shape, x[d]);
        for (int i = 0; i < SIDE * SIDE; i++) {
            cr_expect(x[d][i] >= 0 && x[d][i] <= 1);
            cr_expect_eq(x[d][i], digit_pixel(d, i / SIDE / 2, i % SIDE / 2));
            ink += (double)x[d][i];
        }
        cr_expect(ink > 40 && ink < SIDE * SIDE / 2, "digit %d: %g", d, ink);
        for (int other = 0; other < d; other++)
            cr_expect(memcmp(x[d], x[other], sizeof x[d]) != 0, "%d is %d", d, other);
    }
    failure f = {0};
    cr_expect(!source_fill(&(tensor_source){.kind = SOURCE_DIGIT, .value = 10}, SOURCE_FOR_INPUT, &shape, NULL, NULL,
                           x[0], &f));
    cr_expect(!source_fill(&(tensor_source){.kind = SOURCE_DIGIT, .value = NAN}, SOURCE_FOR_INPUT, &shape, NULL, NULL,
                           x[0], &f));
}

Test(source, image_kernels) {
    float w[2 * 25];
    const conv_shape three = {.rank = 4, .size = {2, 1, 3, 3}}, five = {.rank = 4, .size = {1, 2, 5, 5}},
                     one = {.rank = 3, .size = {1, 1, 5}};
    static const float sobel[9] = {-1, 0, 1, -2, 0, 2, -1, 0, 1};
    char name[] = "sobel-x", mean[] = "box", gaussian[] = "gaussian", nothing[] = "sobel";
    fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = name}, SOURCE_FOR_WEIGHT, &three, w);
    for (int i = 0; i < 18; i++) cr_expect_eq(w[i], sobel[i % 9]);
    fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = name}, SOURCE_FOR_WEIGHT, &five, w);
    for (int i = 0; i < 25; i++) {
        int row = i / 5 - 1, column = i % 5 - 1;
        bool inside = row >= 0 && row < 3 && column >= 0 && column < 3;
        cr_expect_eq(w[i], inside ? sobel[row * 3 + column] / 2 : 0, "two channels share it: [%d] %g", i, (double)w[i]);
    }
    double sum = 0;
    fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = mean}, SOURCE_FOR_WEIGHT, &five, w);
    for (int i = 0; i < 50; i++) sum += (double)w[i];
    cr_expect(fabs(sum - 1) < 1e-6 && w[0] == w[49]);
    static const float binomial[5] = {1 / 16.0f, 4 / 16.0f, 6 / 16.0f, 4 / 16.0f, 1 / 16.0f};
    fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = gaussian}, SOURCE_FOR_WEIGHT, &one, w);
    for (int i = 0; i < 5; i++) cr_expect_eq(w[i], binomial[i]);
    failure f = {0};
    cr_expect(!source_fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = nothing}, SOURCE_FOR_WEIGHT, &three, NULL,
                           NULL, w, &f));
    int count = 0;
    while (source_kernel_name(count)) count++;
    cr_expect_eq(count, 8);
}

/* The sides of a kernel's best split: column times row is the split, and with what it misses it is the kernel. */
Test(source, a_kernel_is_split) {
    const conv_shape square = {.rank = 4, .size = {1, 1, 3, 3}}, tall = {.rank = 4, .size = {1, 1, 3, 1}},
                     flat = {.rank = 4, .size = {1, 1, 1, 3}}, large = {.rank = 4, .size = {1, 1, 40, 40}};
    static const char *const names[] = {"sharpen", "sobel-x", "gaussian"};
    for (int k = 0; k < 3; k++) {
        float whole[9], split[9], missed[9], column[3], row[3], most = 0;
        char name[64];
        tensor_source s = {.kind = SOURCE_KERNEL, .name = name};
        snprintf(name, sizeof name, "%s", names[k]);
        fill(&s, SOURCE_FOR_WEIGHT, &square, whole);
        snprintf(name, sizeof name, "%s:split", names[k]);
        fill(&s, SOURCE_FOR_WEIGHT, &square, split);
        snprintf(name, sizeof name, "%s:missed", names[k]);
        fill(&s, SOURCE_FOR_WEIGHT, &square, missed);
        snprintf(name, sizeof name, "%s:column", names[k]);
        fill(&s, SOURCE_FOR_WEIGHT, &tall, column);
        snprintf(name, sizeof name, "%s:row", names[k]);
        fill(&s, SOURCE_FOR_WEIGHT, &flat, row);
        for (int i = 0; i < 9; i++) {
            cr_expect_float_eq(split[i] + missed[i], whole[i], 1e-5, "%s %d", names[k], i);
            cr_expect_float_eq(column[i / 3] * row[i % 3], split[i], 1e-5, "%s %d", names[k], i);
            most = fmaxf(most, fabsf(missed[i]));
        }
        cr_expect_eq(most > 0.1f, k == 0, "only sharpening cannot be split: %s misses %g", names[k], (double)most);
    }
    float numbers[1600];
    char wide[] = "box:split", wrong[] = "sharpen:diagonal";
    failure f = {0};
    cr_expect(!source_fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = wide}, SOURCE_FOR_WEIGHT, &large, NULL, NULL,
                           numbers, &f));
    cr_expect(!source_fill(&(tensor_source){.kind = SOURCE_KERNEL, .name = wrong}, SOURCE_FOR_WEIGHT, &square, NULL,
                           NULL, numbers, &f));
}

Test(source, literal_numbers_repeat_or_are_refused) {
    float w[18], numbers[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const conv_shape shape = {.rank = 4, .size = {2, 1, 3, 3}};
    tensor_source s = {.kind = SOURCE_NUMBERS, .numbers = numbers, .count = 9};
    failure f = {0};
    fill(&s, SOURCE_FOR_WEIGHT, &shape, w);
    for (int i = 0; i < 18; i++) cr_expect_eq(w[i], numbers[i % 9]);
    s.count = 4;
    cr_expect(!source_fill(&s, SOURCE_FOR_WEIGHT, &shape, NULL, NULL, w, &f));
    s.count = 0;
    cr_expect(!source_fill(&s, SOURCE_FOR_WEIGHT, &shape, NULL, NULL, w, &f));
}

Test(source, edits_lie_on_top_and_wait_outside) {
    float x[40];
    tensor_edit edits[] = {{3, 100}, {39, -1}, {40, 5}, {-1, 5}, {3, 200}};
    const tensor_source s = {.kind = SOURCE_RAMP, .edits = edits, .edit_count = 5};
    fill(&s, SOURCE_FOR_INPUT, &plane, x);
    cr_expect(x[3] == 200 && x[39] == -1 && x[38] == 38);
}

Test(source, files_are_taken_from_their_folder_only) {
    char folder[] = "/tmp/convscope-source-XXXXXX", path[96], name[] = "x.npy", outside[] = "../x.npy",
         missing[] = "y.npy";
    const conv_shape shape = {.rank = 2, .size = {2, 2}}, other = {.rank = 1, .size = {4}};
    const float numbers[4] = {1, 2, 3, 4};
    float x[4];
    conv_shape brought;
    failure f = {0};
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/x.npy", folder);
    cr_assert(npy_write(path, &shape, numbers, NULL));
    tensor_source s = {.kind = SOURCE_FILE, .name = name};
    cr_assert(source_shape(&s, folder, NULL, &brought, &f), "%s", f.error.message);
    cr_expect(conv_shape_equal(&brought, &shape));
    cr_assert(source_fill(&s, SOURCE_FOR_INPUT, &shape, folder, NULL, x, &f), "%s", f.error.message);
    cr_expect(memcmp(x, numbers, sizeof x) == 0);
    cr_expect(!source_fill(&s, SOURCE_FOR_INPUT, &other, folder, NULL, x, &f), "another shape");
    s.name = outside;
    cr_expect(!source_fill(&s, SOURCE_FOR_INPUT, &shape, folder, NULL, x, &f));
    s.name = missing;
    cr_expect(!source_fill(&s, SOURCE_FOR_INPUT, &shape, folder, NULL, x, &f));
    s.name = path;
    cr_expect(!source_fill(&s, SOURCE_FOR_INPUT, &shape, folder, NULL, x, &f), "an absolute path");
    cr_expect(source_fill(&s, SOURCE_FOR_INPUT, &shape, NULL, NULL, x, &f), "but without a folder any path");
    s.kind = SOURCE_PICTURE;
    cr_expect(!source_fill(&s, SOURCE_FOR_INPUT, &shape, NULL, NULL, x, &f), "an array is no picture");
    unlink(path);
    rmdir(folder);
}

Test(source, a_picture_is_scaled_by_means) {
    char folder[] = "/tmp/convscope-scale-XXXXXX", path[96];
    /* A 4x2 BMP: left half white, right half black, the last column mid grey below. */
    static const unsigned char rows[2][4][3] = {{{255, 255, 255}, {255, 255, 255}, {0, 0, 0}, {51, 51, 51}},
                                                {{255, 255, 255}, {255, 255, 255}, {0, 0, 0}, {0, 0, 0}}};
    unsigned char bmp[54 + 24] = {'B', 'M', 78, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40,
                                  0,   0,   0,  4, 0, 0, 0, 2, 0, 0, 0,  1, 0, 24};
    float x[2];
    const conv_shape shape = {.rank = 3, .size = {1, 1, 2}};
    failure f = {0};
    memcpy(bmp + 54, rows, sizeof rows);
    cr_assert(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/p.bmp", folder);
    cr_assert(file_store(path, bmp, sizeof bmp, NULL));
    const tensor_source s = {.kind = SOURCE_PICTURE, .name = path};
    cr_assert(source_fill(&s, SOURCE_FOR_INPUT, &shape, NULL, NULL, x, &f), "%s", f.error.message);
    cr_expect(fabsf(x[0] - 1) < 1e-5f && fabsf(x[1] - 0.05f) < 1e-5f, "%g %g", (double)x[0], (double)x[1]);
    unlink(path);
    rmdir(folder);
}
