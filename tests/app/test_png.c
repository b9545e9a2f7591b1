/* PNG: what libpng reads is what was drawn. */
#include "app/surface/png.h"
#include "app/system/memory.h"

#include <criterion/criterion.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>

static uint32_t *make_pixels(int width, int height, int kind) {
    uint32_t *pixels = malloc((size_t)(width * height) * 4);
    srand((unsigned)(kind + width));
    for (int k = 0; k < width * height; k++) {
        uint32_t a = kind == 2 ? (uint32_t)(rand() % 3) * 127 + (uint32_t)(rand() % 2) : 255;
        uint32_t r = (uint32_t)rand() % (a + 1), g = (uint32_t)rand() % (a + 1), b = (uint32_t)rand() % (a + 1);
        if (kind == 0) r = g = b = k / 50 % 2 ? 20 : 200; /* flat, as a figure */
        pixels[k] = a << 24 | r << 16 | g << 8 | b;
    }
    return pixels;
}

Test(png, is_read_back_as_it_was) {
    static const int sizes[][2] = {{1, 1}, {3, 2}, {640, 480}, {1280, 3}, {1, 700}};
    png_encoder *e;
    cr_assert(png_create(&e, NULL));
    for (size_t s = 0; s < sizeof sizes / sizeof sizes[0]; s++) {
        for (int kind = 0; kind < 3; kind++) { /* flat; busy; busy and transparent */
            int width = sizes[s][0], height = sizes[s][1];
            uint32_t *pixels = make_pixels(width, height, kind);
            const uint8_t *data;
            size_t size;
            raster_target t = {.pixels = pixels, .width = width, .height = height, .stride = width * 4};
            cr_assert(png_encode(e, t, kind == 2, &data, &size, NULL));
            png_image image = {.version = PNG_IMAGE_VERSION};
            cr_assert(png_image_begin_read_from_memory(&image, data, size), "%s", image.message);
            cr_assert_eq((int)image.width, width);
            cr_assert_eq((int)image.height, height);
            cr_assert_eq((image.format & PNG_FORMAT_FLAG_ALPHA) != 0, kind == 2);
            image.format = PNG_FORMAT_RGBA;
            uint8_t *read = malloc(PNG_IMAGE_SIZE(image));
            cr_assert(png_image_finish_read(&image, NULL, read, 0, NULL), "%s", image.message);
            for (int k = 0; k < width * height; k++) {
                uint32_t c = pixels[k], a = c >> 24;
                cr_assert_eq(read[4 * k + 3], a);
                for (int channel = 0; channel < 3; channel++) { /* multiplied by alpha again it is what it was */
                    uint32_t v = (read[4 * k + channel] * a + 127) / 255;
                    cr_assert_eq(v, c >> (16 - 8 * channel) & 255, "size %zu, kind %d, pixel %d", s, kind, k);
                }
            }
            free(read);
            free(pixels);
        }
    }
    png_destroy(e);
}

Test(png, says_when_memory_ran_out) {
    uint32_t *pixels = make_pixels(64, 64, 1);
    raster_target t = {.pixels = pixels, .width = 64, .height = 64, .stride = 256};
    for (long n = 1; n <= 3; n++) {
        png_encoder *e;
        const uint8_t *data;
        size_t size;
        failure f = {0};
        memory_fail_at(n);
        bool ok = png_create(&e, &f) && png_encode(e, t, false, &data, &size, &f);
        memory_fail_at(0);
        cr_assert_not(ok, "allocation %ld", n);
        cr_assert_eq(f.error.status, CONV_NO_MEMORY);
        png_destroy(e);
    }
    free(pixels);
}
