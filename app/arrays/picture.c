#include "picture.h"

#include "app/language/language.h"
#include "app/system/file.h"
#include "app/system/memory.h"
#include "orientation.h"

#include <SDL_image.h>
#include <png.h>
#include <pthread.h>
#include <string.h>

enum { PEEK_BYTES = 1 << 20 };

static uint32_t big(const unsigned char *b, int size) {
    uint32_t value = 0;
    for (int i = 0; i < size; i++) value = value << 8 | b[i];
    return value;
}

static uint32_t little(const unsigned char *b, int size) {
    uint32_t value = 0;
    for (int i = size - 1; i >= 0; i--) value = value << 8 | b[i];
    return value;
}

static bool is_png(const unsigned char *b, size_t size) {
    return size >= 8 && memcmp(b, "\x89PNG\r\n\x1a\n", 8) == 0;
}

static bool is_jpeg(const unsigned char *b, size_t size) {
    return size >= 3 && b[0] == 0xFF && b[1] == 0xD8 && b[2] == 0xFF;
}

static bool is_bmp(const unsigned char *b, size_t size) {
    return size >= 2 && b[0] == 'B' && b[1] == 'M';
}

static bool is_webp(const unsigned char *b, size_t size) {
    return size >= 12 && memcmp(b, "RIFF", 4) == 0 && memcmp(b + 8, "WEBP", 4) == 0;
}

static bool png_size(const unsigned char *b, size_t size, int64_t *width, int64_t *height) {
    if (size < 24 || memcmp(b + 12, "IHDR", 4) != 0) return false;
    *width = big(b + 16, 4);
    *height = big(b + 20, 4);
    return true;
}

/* Walks the markers to the frame header (SOF0..15 without DHT, JPG, DAC). */
static bool jpeg_size(const unsigned char *b, size_t size, int64_t *width, int64_t *height) {
    for (size_t at = 2; at + 9 < size;) {
        if (b[at] != 0xFF) return false;
        unsigned marker = b[at + 1];
        if (marker == 0xFF) {
            at++;
        } else if (marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
            at += 2;
        } else if (marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC) {
            const bool turned = jpeg_orientation(b, size) >= 5;
            *(turned ? width : height) = big(b + at + 5, 2);
            *(turned ? height : width) = big(b + at + 7, 2);
            return true;
        } else {
            at += 2 + big(b + at + 2, 2);
        }
    }
    return false;
}

static bool bmp_size(const unsigned char *b, size_t size, int64_t *width, int64_t *height) {
    if (size < 26) return false;
    if (little(b + 14, 4) == 12) {
        *width = little(b + 18, 2);
        *height = little(b + 20, 2);
        return true;
    }
    *width = (int32_t)little(b + 18, 4);
    int64_t rows = (int32_t)little(b + 22, 4); /* negative: from the top */
    *height = rows < 0 ? -rows : rows;
    return true;
}

static bool webp_size(const unsigned char *b, size_t size, int64_t *width, int64_t *height) {
    if (size < 30) return false;
    if (memcmp(b + 12, "VP8 ", 4) == 0) {
        *width = little(b + 26, 2) & 0x3FFF;
        *height = little(b + 28, 2) & 0x3FFF;
    } else if (memcmp(b + 12, "VP8L", 4) == 0) {
        uint32_t bits = little(b + 21, 4);
        *width = (bits & 0x3FFF) + 1;
        *height = (bits >> 14 & 0x3FFF) + 1;
    } else if (memcmp(b + 12, "VP8X", 4) == 0) {
        *width = (int64_t)little(b + 24, 3) + 1;
        *height = (int64_t)little(b + 27, 3) + 1;
    } else {
        return false;
    }
    return true;
}

/* The decoder fills what is missing with grey: a JPEG without its end marker was cut short. */
static bool jpeg_whole(const unsigned char *b, size_t size) {
    for (size_t at = size; at >= 4; at--) {
        if (b[at - 2] == 0xFF && b[at - 1] == 0xD9) return true;
        if (b[at - 2] == 0xFF && b[at - 1] == 0xDA) return false; /* the scan's header */
    }
    return false;
}

/* Decoders fill `rgba`, which has room for the size that the header gave: 8 bits each, not premultiplied. */
typedef struct encoded {
    const unsigned char *bytes;
    size_t size;
    int64_t width, height;
} encoded;

/* libpng itself: through SDL2_image it would print its complaints. */
static bool decode_png(const encoded *e, uint8_t *rgba) {
    png_image image = {.version = PNG_IMAGE_VERSION};
    if (!png_image_begin_read_from_memory(&image, e->bytes, e->size)) return false;
    image.format = PNG_FORMAT_RGBA;
    bool ok =
        image.width == e->width && image.height == e->height && png_image_finish_read(&image, NULL, rgba, 0, NULL);
    png_image_free(&image);
    return ok;
}

static bool decode_with(SDL_Surface *(*load)(SDL_RWops *source), const encoded *e, uint8_t *rgba) {
    SDL_RWops *source = SDL_RWFromConstMem(e->bytes, (int)e->size);
    if (!source) return false;
    SDL_Surface *any = load(source);
    SDL_RWclose(source);
    SDL_Surface *s = any ? SDL_ConvertSurfaceFormat(any, SDL_PIXELFORMAT_RGBA32, 0) : NULL;
    SDL_FreeSurface(any);
    const bool ok = s && s->w == e->width && s->h == e->height;
    for (int y = 0; ok && y < s->h; y++) {
        memcpy(rgba + 4 * y * e->width, (const uint8_t *)s->pixels + (int64_t)y * s->pitch, (size_t)(4 * e->width));
    }
    SDL_FreeSurface(s);
    SDL_TLSCleanup(); /* its last message: on threads that are not its own SDL leaves it behind */
    return ok;
}

/* The library's own start is not made for several threads. */
static bool begin_format(int format) {
    static pthread_mutex_t one_by_one = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&one_by_one);
    const bool there = (IMG_Init(format) & format) != 0;
    pthread_mutex_unlock(&one_by_one);
    return there;
}

static bool decode_jpeg(const encoded *e, uint8_t *rgba) {
    const int orientation = jpeg_orientation(e->bytes, e->size);
    encoded stored = *e;
    if (orientation >= 5) {
        stored.width = e->height;
        stored.height = e->width;
    }
    uint32_t *pixels = memory_resize(NULL, (size_t)(e->width * e->height), sizeof *pixels);
    bool ok = pixels && begin_format(IMG_INIT_JPG) && jpeg_whole(e->bytes, e->size) &&
              decode_with(IMG_LoadJPG_RW, &stored, (uint8_t *)pixels);
    if (ok) orientation_apply(orientation, pixels, stored.width, stored.height, (uint32_t *)(void *)rgba);
    memory_free(pixels);
    return ok;
}

static bool decode_bmp(const encoded *e, uint8_t *rgba) {
    return decode_with(IMG_LoadBMP_RW, e, rgba);
}

static bool decode_webp(const encoded *e, uint8_t *rgba) {
    return begin_format(IMG_INIT_WEBP) && decode_with(IMG_LoadWEBP_RW, e, rgba);
}

/* The formats. Only these decoders are ever called: a library may know many more, each a place to be attacked. */
static const struct format {
    bool (*is)(const unsigned char *bytes, size_t size);
    bool (*size)(const unsigned char *bytes, size_t size, int64_t *width, int64_t *height);
    bool (*decode)(const encoded *e, uint8_t *rgba);
} formats[] = {
    {is_png, png_size, decode_png},
    {is_jpeg, jpeg_size, decode_jpeg},
    {is_bmp, bmp_size, decode_bmp},
    {is_webp, webp_size, decode_webp},
};

static const struct format *format_of(const unsigned char *bytes, size_t size) {
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (formats[i].is(bytes, size)) return &formats[i];
    }
    return NULL;
}

bool picture_known(const unsigned char *bytes, size_t size) {
    return format_of(bytes, size) != NULL;
}

bool picture_size(const unsigned char *bytes, size_t size, int64_t *width, int64_t *height) {
    const struct format *format = format_of(bytes, size);
    return format && format->size(bytes, size, width, height);
}

static bool damaged(const char *path, failure *f) {
    fail(f, N_("the picture is damaged, or it is no PNG, JPEG, BMP or WebP"), "");
    return fail_in(f, path);
}

static bool check_size(const unsigned char *bytes, size_t size, const char *path, int64_t *width, int64_t *height,
                       failure *f) {
    if (!picture_size(bytes, size, width, height)) return damaged(path, f);
    bool fits = *width >= 1 && *height >= 1 && *width <= PICTURE_MAX_SIDE && *height <= PICTURE_MAX_SIDE &&
                *width * *height <= PICTURE_MAX_PIXELS;
    if (fits) return true;
    fail(f, N_("the picture has {0}x{1} pixels; at most {2} on a side and {3} in all are read"), "dddd", *width,
         *height, (int64_t)PICTURE_MAX_SIDE, (int64_t)PICTURE_MAX_PIXELS);
    return fail_in(f, path);
}

static conv_shape shape_of(int channels, int64_t width, int64_t height) {
    return (conv_shape){.rank = 3, .size = {channels == 3 ? 3 : 1, height, width}};
}

static void convert(const uint8_t *rgba, int64_t plane, int channels, float *data) {
    static const float luma[3] = {0.299f, 0.587f, 0.114f};
    for (int64_t i = 0; i < plane; i++) {
        const uint8_t *pixel = rgba + 4 * i;
        const float alpha = (float)pixel[3] / 255.0f;
        float grey = 0;
        for (int c = 0; c < 3; c++) {
            float value = (float)pixel[c] / 255.0f * alpha + (1.0f - alpha);
            if (channels == 3) data[c * plane + i] = value;
            grey += luma[c] * value;
        }
        if (channels != 3) data[i] = grey;
    }
}

static bool decode(const encoded *e, const char *path, int channels, size_t limit, array *a, failure *f) {
    const conv_shape shape = shape_of(channels, e->width, e->height);
    if (!array_create(a, &shape, limit, f)) return fail_in(f, path);
    uint8_t *rgba = memory_resize(NULL, (size_t)(e->width * e->height), 4);
    bool ok = rgba || fail_memory(f);
    if (ok && !format_of(e->bytes, e->size)->decode(e, rgba)) ok = damaged(path, f);
    if (ok)
        convert(rgba, e->width * e->height, channels, a->data);
    else
        array_destroy(a);
    memory_free(rgba);
    return ok;
}

bool picture_read(const char *path, int channels, size_t limit, array *a, failure *f) {
    char *bytes;
    size_t size;
    *a = (array){0};
    if (!file_load(path, PICTURE_MAX_BYTES, &bytes, &size, f)) return false;
    encoded e = {.bytes = (const unsigned char *)bytes, .size = size};
    bool ok = check_size(e.bytes, size, path, &e.width, &e.height, f) && decode(&e, path, channels, limit, a, f);
    memory_free(bytes);
    return ok;
}

bool picture_peek(const char *path, int channels, conv_shape *shape, failure *f) {
    file_reader r;
    int64_t width, height;
    if (!file_open(&r, path, f)) return false;
    size_t size = r.size < PEEK_BYTES ? (size_t)r.size : PEEK_BYTES;
    unsigned char *bytes = memory_resize(NULL, size + 1, 1);
    bool ok =
        bytes ? file_read(&r, bytes, size, f) && check_size(bytes, size, path, &width, &height, f) : fail_memory(f);
    memory_free(bytes);
    file_close(&r);
    if (ok) *shape = shape_of(channels, width, height);
    return ok;
}
