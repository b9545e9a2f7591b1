#include "app/arrays/array.h"
#include "app/arrays/orientation.h"
#include "app/arrays/picture.h"
#include "app/system/file.h"
#include "scratch.h"

#include <SDL_image.h>
#include <criterion/criterion.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void begin(void) {
    scratch_begin("picture");
}

TestSuite(picture, .init = begin, .fini = scratch_end);

enum { WIDTH = 5, HEIGHT = 3 };

/* Left to right darker in red, top to bottom darker in green; blue is full. The last pixel is half transparent in
 * formats that can. */
static SDL_Surface *draw(void) {
    SDL_Surface *s = SDL_CreateRGBSurfaceWithFormat(0, WIDTH, HEIGHT, 32, SDL_PIXELFORMAT_RGBA32);
    cr_assert_not_null(s);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            uint8_t *p = (uint8_t *)s->pixels + y * s->pitch + 4 * x;
            p[0] = (uint8_t)(50 * x);
            p[1] = (uint8_t)(100 * y);
            p[2] = 255;
            p[3] = 255;
        }
    }
    return s;
}

static void check(const char *name, double tolerance) {
    array a;
    failure f = {0};
    conv_shape shape;
    cr_assert(array_peek(path, 3, &shape, &f), "%s: %s", name, f.error.message);
    cr_expect(array_is_picture(path), "%s", name);
    cr_assert(array_read(path, 3, 0, &a, &f), "%s: %s", name, f.error.message);
    cr_expect(conv_shape_equal(&shape, &a.shape));
    cr_expect(a.shape.rank == 3 && a.shape.size[0] == 3 && a.shape.size[1] == HEIGHT && a.shape.size[2] == WIDTH, "%s",
              name);
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            const double expected[3] = {50 * x / 255.0, 100 * y / 255.0, 1};
            for (int c = 0; c < 3; c++) {
                double value = (double)a.data[(c * HEIGHT + y) * WIDTH + x];
                cr_expect(fabs(value - expected[c]) <= tolerance, "%s, channel %d at (%d, %d): %g, not %g", name, c, y,
                          x, value, expected[c]);
            }
        }
    }
    array_destroy(&a);
}

Test(picture, reads_png_bmp_and_jpeg) {
    SDL_Surface *s = draw();
    cr_assert_eq(IMG_SavePNG(s, path), 0);
    check("PNG", 1e-6);
    cr_assert_eq(SDL_SaveBMP(s, path), 0);
    check("BMP", 1e-6);
    cr_assert_eq(IMG_SaveJPG(s, path, 100), 0);
    check("JPEG", 0.35); /* colour is kept at half the size */
    SDL_FreeSurface(s);
}

/* A red and a green pixel as WebP, lossless and lossy, made by OpenCV's imencode. */
static const unsigned char webp_lossless[] = {
    0x52, 0x49, 0x46, 0x46, 0x1e, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x4c, 0x11, 0x00, 0x00,
    0x00, 0x2f, 0x01, 0x00, 0x00, 0x00, 0x0f, 0xb0, 0xff, 0xf3, 0x1f, 0xf3, 0x1f, 0x15, 0x32, 0xa2, 0xff, 0x01, 0x00};
static const unsigned char webp_lossy[] = {0x52, 0x49, 0x46, 0x46, 0x38, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56,
                                           0x50, 0x38, 0x20, 0x2c, 0x00, 0x00, 0x00, 0xb0, 0x01, 0x00, 0x9d, 0x01, 0x2a,
                                           0x02, 0x00, 0x01, 0x00, 0x02, 0xc0, 0x4c, 0x25, 0xa0, 0x02, 0x74, 0x01, 0x0e,
                                           0xfe, 0x02, 0xec, 0x00, 0xce, 0x3c, 0x41, 0x4a, 0x30, 0xe3, 0xff, 0xc2, 0xb5,
                                           0xfd, 0x68, 0x7f, 0x6f, 0x39, 0xa8, 0x51, 0x44, 0xfc, 0x00, 0x00, 0x00};

Test(picture, reads_webp) {
    array a;
    failure f = {0};
    put_file(path, webp_lossless, sizeof webp_lossless);
    cr_assert(array_read(path, 3, 0, &a, &f), "%s", f.error.message);
    static const float expected[6] = {1, 0, 0, 1, 0, 0};
    for (int i = 0; i < 6; i++) cr_expect_eq(a.data[i], expected[i], "[%d]: %g", i, (double)a.data[i]);
    array_destroy(&a);
    put_file(path, webp_lossy, sizeof webp_lossy);
    cr_assert(array_read(path, 3, 0, &a, &f), "%s", f.error.message);
    cr_expect(a.shape.size[1] == 1 && a.shape.size[2] == 2);
    array_destroy(&a);
    put_file(path, webp_lossless, sizeof webp_lossless - 6);
    cr_expect(!array_read(path, 3, 0, &a, &f));
}

Test(picture, knows_the_size_of_each_format_from_its_header) {
    int64_t width, height;
    static const unsigned char gif[] = "GIF89a\1\0\1\0\0\0\0";
    cr_assert(picture_size(webp_lossless, sizeof webp_lossless, &width, &height));
    cr_expect(width == 2 && height == 1, "%lld x %lld", (long long)width, (long long)height);
    cr_assert(picture_size(webp_lossy, sizeof webp_lossy, &width, &height));
    cr_expect(width == 2 && height == 1, "%lld x %lld", (long long)width, (long long)height);
    cr_expect(!picture_known(gif, sizeof gif));
    cr_expect(!picture_known((const unsigned char *)"", 0));
}

Test(picture, makes_grey_by_luma) {
    SDL_Surface *s = draw();
    array a;
    cr_assert_eq(IMG_SavePNG(s, path), 0);
    SDL_FreeSurface(s);
    cr_assert(array_read(path, 1, 0, &a, NULL));
    cr_expect(a.shape.size[0] == 1);
    double expected = (0.299 * 200 + 0.587 * 200 + 0.114 * 255) / 255;
    cr_expect(fabs((double)a.data[2 * WIDTH + 4] - expected) < 1e-5, "%g", (double)a.data[2 * WIDTH + 4]);
    array_destroy(&a);
}

Test(picture, lays_what_is_transparent_on_white) {
    SDL_Surface *s = draw();
    array a;
    memset(s->pixels, 0, 4); /* black, but not there */
    cr_assert_eq(IMG_SavePNG(s, path), 0);
    SDL_FreeSurface(s);
    cr_assert(array_read(path, 3, 0, &a, NULL));
    cr_expect(a.data[0] == 1 && a.data[WIDTH * HEIGHT] == 1);
    array_destroy(&a);
}

Test(picture, refuses_a_bomb_by_its_header) {
    /* A PNG that says it has 100,000 x 100,000 pixels, 40 GB of them. */
    unsigned char png[64] = "\x89PNG\r\n\x1a\n\0\0\0\15IHDR\0\1\x86\xa0\0\1\x86\xa0\10\6\0\0\0";
    array a;
    failure f = {0};
    put_file(path, png, sizeof png);
    cr_expect(!array_read(path, 3, 0, &a, &f));
    cr_expect(strstr(f.error.message, "100000x100000"), "%s", f.error.message);
    cr_expect_str_eq(f.path, path);
    png[18] = png[19] = png[22] = png[23] = 0;
    png[17] = png[21] = 0;
    put_file(path, png, sizeof png);
    cr_expect(!array_read(path, 3, 0, &a, &f));
}

Test(picture, refuses_what_is_cut_short_or_damaged) {
    SDL_Surface *s = draw();
    for (int format = 0; format < 3; format++) {
        if (format == 0) cr_assert_eq(IMG_SavePNG(s, path), 0);
        if (format == 1) cr_assert_eq(SDL_SaveBMP(s, path), 0);
        if (format == 2) cr_assert_eq(IMG_SaveJPG(s, path, 90), 0);
        char *bytes;
        size_t size;
        cr_assert(file_load(path, 1 << 20, &bytes, &size, NULL));
        for (size_t cut = 0; cut < size - (format == 0 ? 13 : 2);
             cut += 7) { /* a PNG's last chunk says only that it ends */
            array a;
            put_file(path, bytes, cut);
            cr_expect(!array_read(path, 3, 0, &a, NULL), "format %d: the first %zu of %zu bytes were read", format, cut,
                      size);
        }
        for (size_t at = 0; at < size; at += 3) {
            array a;
            bytes[at] = (char)~bytes[at];
            put_file(path, bytes, size);
            if (array_read(path, 3, 1 << 24, &a, NULL)) array_destroy(&a);
            bytes[at] = (char)~bytes[at];
        }
        free(bytes);
    }
    SDL_FreeSurface(s);
}

Test(picture, respects_the_memory_limit) {
    SDL_Surface *s = draw();
    array a;
    failure f = {0};
    cr_assert_eq(IMG_SavePNG(s, path), 0);
    SDL_FreeSurface(s);
    cr_expect(!array_read(path, 3, WIDTH * HEIGHT * 3 * 4 - 1, &a, &f));
    cr_expect(f.error.status == CONV_TOO_LARGE, "%s", f.error.message);
}

/* Each orientation undoes what was done to the picture: [a b; c d; e f] as it is to be seen. */
Test(picture, turns_a_photo_as_the_camera_was_held) {
    static const struct {
        int width, height;
        uint32_t stored[6];
    } cases[9] = {
        [1] = {2, 3, {'a', 'b', 'c', 'd', 'e', 'f'}}, [2] = {2, 3, {'b', 'a', 'd', 'c', 'f', 'e'}},
        [3] = {2, 3, {'f', 'e', 'd', 'c', 'b', 'a'}}, [4] = {2, 3, {'e', 'f', 'c', 'd', 'a', 'b'}},
        [5] = {3, 2, {'a', 'c', 'e', 'b', 'd', 'f'}}, [6] = {3, 2, {'b', 'd', 'f', 'a', 'c', 'e'}},
        [7] = {3, 2, {'f', 'd', 'b', 'e', 'c', 'a'}}, [8] = {3, 2, {'e', 'c', 'a', 'f', 'd', 'b'}},
    };
    for (int o = 1; o <= 8; o++) {
        uint32_t seen[6];
        orientation_apply(o, cases[o].stored, cases[o].width, cases[o].height, seen);
        for (uint32_t i = 0; i < 6; i++)
            cr_expect_eq(seen[i], 'a' + i, "orientation %d, pixel %u: %c", o, i, (int)seen[i]);
    }
}

Test(picture, reads_the_orientation_from_exif) {
    SDL_Surface *s = draw();
    char *bytes;
    size_t size;
    cr_assert_eq(IMG_SaveJPG(s, path, 95), 0);
    SDL_FreeSurface(s);
    cr_assert(file_load(path, 1 << 20, &bytes, &size, NULL));
    cr_expect_eq(jpeg_orientation((unsigned char *)bytes, size), 1);
    for (int big = 0; big < 2; big++) {
        static const unsigned char orders[2][34] = {"\xff\xe1\0\x22"
                                                    "Exif\0\0II*\0\10\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0",
                                                    "\xff\xe1\0\x22"
                                                    "Exif\0\0MM\0*\0\0\0\10\0\1\1\x12\0\3\0\0\0\1\0\6\0"};
        unsigned char photo[8192] = "\xff\xd8";
        array a;
        cr_assert(size + 36 < sizeof photo);
        memcpy(photo + 2, orders[big], 34);
        memcpy(photo + 38, bytes + 2, size - 2); /* the segment has 36 bytes, the last two of them zeros */
        put_file(path, photo, size + 36);
        cr_expect_eq(jpeg_orientation(photo, size + 36), 6, "byte order %d", big);
        cr_assert(array_read(path, 1, 0, &a, NULL));
        cr_expect(a.shape.size[1] == WIDTH && a.shape.size[2] == HEIGHT, "width and height are swapped");
        array_destroy(&a);
        for (size_t at = 2; at < 40; at++) {
            photo[at] ^= 0xff;
            jpeg_orientation(photo, size + 36);
            jpeg_orientation(photo, at);
            photo[at] ^= 0xff;
        }
    }
    free(bytes);
}
