#include "png.h"

#include "app/language/language.h"
#include "app/system/memory.h"

#include <libdeflate.h>
#include <string.h>

struct png_encoder {
    struct libdeflate_compressor *compressor;
    uint8_t *raw, *packed; /* owned */
    size_t raw_capacity, packed_capacity;
};

enum { LEVEL = 1, FILTER_NONE = 0, FILTER_SUB = 1 };

bool png_create(png_encoder **created, failure *f) {
    png_encoder *e = *created = memory_zeroed(1, sizeof *e);
    if (!e) return fail_memory(f);
    e->compressor = libdeflate_alloc_compressor(LEVEL);
    if (e->compressor) return true;
    png_destroy(e);
    *created = NULL;
    return fail_memory(f);
}

void png_destroy(png_encoder *e) {
    if (!e) return;
    libdeflate_free_compressor(e->compressor);
    memory_free(e->raw);
    memory_free(e->packed);
    memory_free(e);
}

static uint8_t *put_number(uint8_t *at, uint32_t n) {
    *at++ = (uint8_t)(n >> 24);
    *at++ = (uint8_t)(n >> 16);
    *at++ = (uint8_t)(n >> 8);
    *at++ = (uint8_t)n;
    return at;
}

/* Ends the chunk whose length stands at `begin`: puts length and checksum in. */
static uint8_t *end_chunk(uint8_t *begin, uint8_t *at) {
    put_number(begin, (uint32_t)(at - begin - 8));
    return put_number(at, libdeflate_crc32(0, begin + 4, (size_t)(at - begin - 4)));
}

static uint8_t *begin_chunk(uint8_t *at, const char *name) {
    memcpy(at + 4, name, 4);
    return at + 8;
}

/* Colours that change from pixel to pixel are a photograph: differences pack better there, and worse in a figure. */
static bool is_busy(const uint32_t *row, int width) {
    int changes = 0;
    for (int x = 1; x < width; x++) changes += row[x] != row[x - 1];
    return changes > width / 2;
}

static uint8_t *put_row(uint8_t *at, const uint32_t *row, int width) {
    for (int x = 0; x < width; x++, at += 3) {
        uint32_t c = row[x];
        at[0] = (uint8_t)(c >> 16);
        at[1] = (uint8_t)(c >> 8);
        at[2] = (uint8_t)c;
    }
    return at;
}

static uint8_t *put_row_alpha(uint8_t *at, const uint32_t *row, int width) {
    for (int x = 0; x < width; x++, at += 4) {
        uint32_t c = row[x], a = c >> 24, half = a / 2;
        at[0] = (uint8_t)(a ? ((c >> 16 & 255) * 255 + half) / a : 0);
        at[1] = (uint8_t)(a ? ((c >> 8 & 255) * 255 + half) / a : 0);
        at[2] = (uint8_t)(a ? ((c & 255) * 255 + half) / a : 0);
        at[3] = (uint8_t)a;
    }
    return at;
}

static void subtract_left(uint8_t *row, size_t length, size_t bytes) {
    for (size_t k = length; k-- > bytes;) row[k] = (uint8_t)(row[k] - row[k - bytes]);
}

bool png_encode(png_encoder *e, raster_target p, bool alpha, const uint8_t **data, size_t *size, failure *f) {
    size_t bytes = alpha ? 4 : 3, row_bytes = (size_t)p.width * bytes + 1, raw = row_bytes * (size_t)p.height;
    size_t most = libdeflate_zlib_compress_bound(e->compressor, raw);
    if (!memory_reserve(&e->raw, &e->raw_capacity, raw, 1) ||
        !memory_reserve(&e->packed, &e->packed_capacity, most + 64, 1))
        return fail_memory(f);
    uint8_t *at = e->raw;
    for (int y = 0; y < p.height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)((const char *)p.pixels + (ptrdiff_t)y * p.stride);
        uint8_t *filter = at++;
        *filter = is_busy(row, p.width) ? FILTER_SUB : FILTER_NONE;
        at = alpha ? put_row_alpha(at, row, p.width) : put_row(at, row, p.width);
        if (*filter == FILTER_SUB) subtract_left(filter + 1, row_bytes - 1, bytes);
    }
    static const uint8_t signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    memcpy(e->packed, signature, 8);
    uint8_t *begin = e->packed + 8;
    at = begin_chunk(begin, "IHDR");
    at = put_number(at, (uint32_t)p.width);
    at = put_number(at, (uint32_t)p.height);
    const uint8_t form[5] = {8, alpha ? 6 : 2, 0, 0, 0}; /* depth, colour type; the only methods there are */
    memcpy(at, form, 5);
    begin = end_chunk(begin, at + 5);
    at = begin_chunk(begin, "IDAT");
    size_t packed = libdeflate_zlib_compress(e->compressor, e->raw, raw, at, most);
    if (packed == 0 || packed > UINT32_MAX / 2) return fail(f, N_("the picture is too large for a PNG file"), "");
    begin = end_chunk(begin, at + packed);
    at = end_chunk(begin, begin_chunk(begin, "IEND"));
    *data = e->packed;
    *size = (size_t)(at - e->packed);
    return true;
}
