#include "app/system/memory.h"
#include "gif.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4096, MAPPER_SLOTS = 1 << 16, EXACT_COLORS = 160 };

static size_t slot_of(uint32_t rgb, size_t capacity) {
    return (size_t)((rgb * 0x9E3779B1u) >> 8) & (capacity - 1);
}

static void count_color(gif_histogram *h, uint32_t rgb, uint32_t count) {
    size_t slot = slot_of(rgb, h->capacity);
    while (h->entries[slot].count && h->entries[slot].rgb != rgb) slot = (slot + 1) & (h->capacity - 1);
    if (h->entries[slot].count == 0) h->used++;
    h->entries[slot].rgb = rgb;
    h->entries[slot].count += count;
}

static bool make_room(gif_histogram *h) {
    if (h->used * 2 < h->capacity) return true;
    gif_histogram grown = {.capacity = h->capacity ? h->capacity * 2 : FIRST_CAPACITY};
    grown.entries = memory_zeroed(grown.capacity, sizeof *grown.entries);
    if (!grown.entries) return false;
    for (size_t k = 0; k < h->capacity; k++)
        if (h->entries[k].count) count_color(&grown, h->entries[k].rgb, h->entries[k].count);
    memory_free(h->entries);
    *h = grown;
    return true;
}

bool gif_histogram_add(gif_histogram *h, raster_target p, failure *f) {
    for (int y = 0; y < p.height; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)((const char *)p.pixels + (ptrdiff_t)y * p.stride);
        for (int x = 0; x < p.width;) {
            int first = x;
            while (x < p.width && row[x] == row[first]) x++;
            if (row[first] >> 24 < 128) continue;
            if (!make_room(h)) return fail_memory(f);
            count_color(h, row[first] & 0xFFFFFF, (uint32_t)(x - first));
        }
    }
    return true;
}

void gif_histogram_destroy(gif_histogram *h) {
    memory_free(h->entries);
    *h = (gif_histogram){0};
}

static int by_count(const void *a, const void *b) {
    const struct gif_entry *p = a, *q = b;
    if (p->count != q->count) return p->count < q->count ? 1 : -1;
    return p->rgb < q->rgb ? -1 : p->rgb > q->rgb;
}

static int by_channel(const void *a, const void *b, int shift) {
    uint32_t p = ((const struct gif_entry *)a)->rgb, q = ((const struct gif_entry *)b)->rgb;
    uint32_t u = p >> shift & 255, v = q >> shift & 255;
    if (u != v) return u < v ? -1 : 1;
    return p < q ? -1 : p > q;
}

static int by_red(const void *a, const void *b) {
    return by_channel(a, b, 16);
}

static int by_green(const void *a, const void *b) {
    return by_channel(a, b, 8);
}

static int by_blue(const void *a, const void *b) {
    return by_channel(a, b, 0);
}

typedef struct cut { /* a box of median cut: entries [first, last) and its spread */
    size_t first, last;
    int shift; /* the channel that spreads most */
    uint64_t weight;
} cut;

static void measure_cut(cut *c, const struct gif_entry *entries) {
    int most = -1;
    uint64_t count = 0;
    for (size_t k = c->first; k < c->last; k++) count += entries[k].count;
    for (int shift = 0; shift <= 16; shift += 8) {
        int low = 255, high = 0;
        for (size_t k = c->first; k < c->last; k++) {
            int v = (int)(entries[k].rgb >> shift & 255);
            if (v < low) low = v;
            if (v > high) high = v;
        }
        if (high - low > most) {
            most = high - low;
            c->shift = shift;
        }
    }
    c->weight = c->last - c->first > 1 ? (uint64_t)most * (uint64_t)most * count : 0;
}

static void add_mean(gif_palette *palette, const struct gif_entry *entries, size_t first, size_t last) {
    uint64_t sum[3] = {0}, count = 0;
    for (size_t k = first; k < last; k++) {
        for (int c = 0; c < 3; c++) sum[c] += (uint64_t)(entries[k].rgb >> (16 - 8 * c) & 255) * entries[k].count;
        count += entries[k].count;
    }
    for (int c = 0; c < 3 && count; c++) palette->rgb[palette->count][c] = (uint8_t)((sum[c] + count / 2) / count);
    palette->count++;
}

static void median_cut(gif_palette *palette, struct gif_entry *entries, size_t count) {
    cut cuts[GIF_COLORS] = {{.last = count}};
    int cut_count = 1, room = GIF_COLORS - palette->count;
    measure_cut(&cuts[0], entries);
    while (cut_count < room) {
        int widest = 0;
        for (int k = 1; k < cut_count; k++)
            if (cuts[k].weight > cuts[widest].weight) widest = k;
        cut *c = &cuts[widest];
        if (c->weight == 0) break;
        int (*order)(const void *, const void *) = c->shift == 16 ? by_red : c->shift == 8 ? by_green : by_blue;
        qsort(entries + c->first, c->last - c->first, sizeof *entries, order);
        uint64_t whole = 0, half = 0;
        for (size_t k = c->first; k < c->last; k++) whole += entries[k].count;
        size_t middle = c->first;
        while (middle + 1 < c->last && half * 2 < whole) half += entries[middle++].count;
        if (middle == c->first) middle++;
        cuts[cut_count] = (cut){.first = middle, .last = c->last};
        c->last = middle;
        measure_cut(c, entries);
        measure_cut(&cuts[cut_count++], entries);
    }
    for (int k = 0; k < cut_count; k++) add_mean(palette, entries, cuts[k].first, cuts[k].last);
}

bool gif_palette_make(const gif_histogram *h, gif_palette *palette, failure *f) {
    *palette = (gif_palette){0};
    struct gif_entry *entries = memory_resize(NULL, h->used ? h->used : 1, sizeof *entries);
    if (!entries) return fail_memory(f);
    size_t count = 0;
    for (size_t k = 0; k < h->capacity; k++)
        if (h->entries[k].count) entries[count++] = h->entries[k];
    qsort(entries, count, sizeof *entries, by_count);
    size_t exact = count <= GIF_COLORS ? count : EXACT_COLORS;
    for (size_t k = 0; k < exact; k++) add_mean(palette, entries, k, k + 1);
    if (count > exact) median_cut(palette, entries + exact, count - exact);
    memory_free(entries);
    return true;
}

bool gif_mapper_create(gif_mapper *m, const gif_palette *palette, failure *f) {
    *m = (gif_mapper){.palette = palette,
                      .keys = memory_zeroed(MAPPER_SLOTS, sizeof *m->keys),
                      .found = memory_resize(NULL, MAPPER_SLOTS, 1)};
    if (m->keys && m->found) return true;
    gif_mapper_destroy(m);
    return fail_memory(f);
}

void gif_mapper_destroy(gif_mapper *m) {
    memory_free(m->keys);
    memory_free(m->found);
    *m = (gif_mapper){0};
}

static uint8_t nearest(const gif_palette *palette, uint32_t rgb) {
    int r = (int)(rgb >> 16 & 255), g = (int)(rgb >> 8 & 255), b = (int)(rgb & 255), best = 0, least = INT32_MAX;
    for (int k = 0; k < palette->count; k++) {
        int dr = r - palette->rgb[k][0], dg = g - palette->rgb[k][1], db = b - palette->rgb[k][2];
        int distance = 3 * dr * dr + 6 * dg * dg + db * db; /* about as the eye weighs them */
        if (distance < least) {
            least = distance;
            best = k;
        }
    }
    return (uint8_t)best;
}

static uint8_t map_color(gif_mapper *m, uint32_t rgb) {
    size_t slot = slot_of(rgb, MAPPER_SLOTS);
    while (m->keys[slot] && m->keys[slot] != rgb + 1) slot = (slot + 1) & (MAPPER_SLOTS - 1);
    if (m->keys[slot]) return m->found[slot];
    uint8_t index = nearest(m->palette, rgb);
    if (m->used < MAPPER_SLOTS / 2) {
        m->keys[slot] = rgb + 1;
        m->found[slot] = index;
        m->used++;
    }
    return index;
}

void gif_map(gif_mapper *m, raster_target p, raster_box part, uint8_t *indices) {
    uint32_t last = 0;
    uint8_t index = GIF_CLEAR;
    for (int y = part.top; y < part.bottom; y++) {
        const uint32_t *row = (const uint32_t *)(const void *)((const char *)p.pixels + (ptrdiff_t)y * p.stride);
        uint8_t *to = indices + (size_t)y * (size_t)p.width;
        for (int x = part.left; x < part.right; x++) {
            if (row[x] != last) {
                last = row[x];
                uint32_t a = last >> 24, rgb = last & 0xFFFFFF;
                if (a > 0 && a < 255) { /* the colour itself, not premultiplied */
                    rgb = 0;
                    for (int shift = 0; shift <= 16; shift += 8)
                        rgb |= ((last >> shift & 255) * 255 + a / 2) / a << shift;
                }
                index = a < 128 ? GIF_CLEAR : map_color(m, rgb);
            }
            to[x] = index;
        }
    }
}
