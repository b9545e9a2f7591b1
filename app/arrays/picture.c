#include "picture.h"

#include "app/language/language.h"
#include "app/system/file.h"
#include "app/system/memory.h"

#include <SDL_image.h>
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
            *height = big(b + at + 5, 2);
            *width = big(b + at + 7, 2);
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

/* The formats. Only these decoders are ever called: a library may know many more, each a place to be attacked. */
static const struct format {
    bool (*is)(const unsigned char *bytes, size_t size);
    bool (*size)(const unsigned char *bytes, size_t size, int64_t *width, int64_t *height);
    SDL_Surface *(*load)(SDL_RWops *source);
    int library;                                            /* IMG_Init's flag */
    bool (*whole)(const unsigned char *bytes, size_t size); /* NULL: the decoder notices what is missing */
} formats[] = {
    {is_png, png_size, IMG_LoadPNG_RW, IMG_INIT_PNG, NULL},
    {is_jpeg, jpeg_size, IMG_LoadJPG_RW, IMG_INIT_JPG, jpeg_whole},
    {is_bmp, bmp_size, IMG_LoadBMP_RW, 0, NULL},
    {is_webp, webp_size, IMG_LoadWEBP_RW, IMG_INIT_WEBP, NULL},
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

static bool check_size(const unsigned char *bytes, size_t size, const char *path, int64_t *width, int64_t *height,
                       failure *f) {
    if (!picture_size(bytes, size, width, height)) {
        fail(f, N_("the picture is damaged, or it is no PNG, JPEG, BMP or WebP"), "");
        return fail_in(f, path);
    }
    bool fits = *width >= 1 && *height >= 1 && *width <= PICTURE_MAX_SIDE && *height <= PICTURE_MAX_SIDE &&
                *width * *height <= PICTURE_MAX_PIXELS;
    if (fits) return true;
    fail(f, N_("the picture has {0}x{1} pixels; at most {2} on a side and {3} in all are read"), "dddd", *width,
         *height, (int64_t)PICTURE_MAX_SIDE, (int64_t)PICTURE_MAX_PIXELS);
    return fail_in(f, path);
}

/* Decodes to 8-bit RGBA in memory order. The caller frees the surface. */
static SDL_Surface *decode(const unsigned char *bytes, size_t size) {
    const struct format *format = format_of(bytes, size);
    if (format->whole && !format->whole(bytes, size)) return NULL;
    if (format->library && !(IMG_Init(format->library) & format->library)) return NULL;
    SDL_RWops *source = SDL_RWFromConstMem(bytes, (int)size);
    if (!source) return NULL;
    SDL_Surface *any = format->load(source);
    SDL_RWclose(source);
    if (!any) return NULL;
    SDL_Surface *rgba = SDL_ConvertSurfaceFormat(any, SDL_PIXELFORMAT_RGBA32, 0);
    SDL_FreeSurface(any);
    return rgba;
}

static conv_shape shape_of(int channels, int64_t width, int64_t height) {
    return (conv_shape){.rank = 3, .size = {channels == 3 ? 3 : 1, height, width}};
}

static void convert(const SDL_Surface *s, int channels, float *data) {
    static const float luma[3] = {0.299f, 0.587f, 0.114f};
    const int64_t plane = (int64_t)s->w * s->h;
    for (int y = 0; y < s->h; y++) {
        const uint8_t *row = (const uint8_t *)s->pixels + (int64_t)y * s->pitch;
        float *to = data + (int64_t)y * s->w;
        for (int x = 0; x < s->w; x++) {
            float alpha = (float)row[4 * x + 3] / 255.0f, grey = 0;
            for (int c = 0; c < 3; c++) {
                float value = (float)row[4 * x + c] / 255.0f * alpha + (1.0f - alpha);
                if (channels == 3) to[c * plane + x] = value;
                grey += luma[c] * value;
            }
            if (channels != 3) to[x] = grey;
        }
    }
}

bool picture_read(const char *path, int channels, size_t limit, array *a, failure *f) {
    char *bytes;
    size_t size;
    int64_t width, height;
    *a = (array){0};
    if (!file_load(path, PICTURE_MAX_BYTES, &bytes, &size, f)) return false;
    bool ok = check_size((const unsigned char *)bytes, size, path, &width, &height, f);
    SDL_Surface *surface = ok ? decode((const unsigned char *)bytes, size) : NULL;
    memory_free(bytes);
    if (!ok) return false;
    if (!surface || surface->w != width || surface->h != height) {
        SDL_FreeSurface(surface);
        fail(f, N_("the picture is damaged, or it is no PNG, JPEG, BMP or WebP"), "");
        return fail_in(f, path);
    }
    conv_shape shape = shape_of(channels, width, height);
    ok = array_create(a, &shape, limit, f) || fail_in(f, path);
    if (ok) convert(surface, channels, a->data);
    SDL_FreeSurface(surface);
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
