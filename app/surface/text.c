#include "glyph.h"
#include "kerning.h"

#include "app/system/memory.h"

#include <SDL_ttf.h>
#include <fontconfig/fontconfig.h>
#include <limits.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

enum {
    REFERENCE = 2048,    /* pixels: the size that texts are measured at */
    MEMORY_SLOTS = 8192, /* advances remembered; a power of two */
    MEMORY_PROBES = 16,
    OVERSAMPLING = GLYPH_PHASES
};

typedef struct font_file {
    char *path, *family; /* owned */
    int index;
    file_mapping bytes; /* of the whole file */
    TTF_Font *font;     /* NULL until it is needed */
    bool broken;        /* cannot be opened */
    unsigned size;      /* that it is set to, in 1/72 pixel; 0: REFERENCE */
    kerning *pairs;     /* of the faces for words */
} font_file;

struct fonts {
    pthread_mutex_t lock; /* over `files`: SDL_ttf's fonts belong to one thread at a time */
    font_file files[FONT_SOURCE_COUNT];
    text_extent line[FACE_COUNT]; /* of one em; width unused */
    /* Glyphs' sources and advances, read without the lock. A slot holds 1 | character (21 bits) | chinese (1) | face
     * (2) | source (3) | advance in 1/65536 em (32); 0 is free. */
    _Atomic uint64_t memory[MEMORY_SLOTS];
};

typedef struct wish {
    const char *families[6];
    int weight;
    bool mono, chinese;
} wish;

static const wish wishes[FONT_SOURCE_COUNT] = {
    [FACE_WORDS] = {{"Inter", "DejaVu Sans", "Noto Sans", "sans-serif"}, FC_WEIGHT_REGULAR, false, false},
    [FACE_WORDS_BOLD] = {{"Inter", "DejaVu Sans", "Noto Sans", "sans-serif"}, FC_WEIGHT_DEMIBOLD, false, false},
    [FACE_MONO] = {{"JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono", "monospace"},
                   FC_WEIGHT_REGULAR,
                   true,
                   false},
    [FACE_MONO_BOLD] = {{"JetBrains Mono", "DejaVu Sans Mono", "Noto Sans Mono", "monospace"},
                        FC_WEIGHT_BOLD,
                        true,
                        false},
    [FONT_CHINESE] = {{"Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Droid Sans Fallback",
                       "sans-serif"},
                      FC_WEIGHT_REGULAR,
                      false,
                      true},
    [FONT_CHINESE_BOLD] = {{"Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", "Droid Sans Fallback",
                            "sans-serif"},
                           FC_WEIGHT_DEMIBOLD,
                           false,
                           true},
    [FONT_SYMBOLS] = {{"DejaVu Sans", "Noto Sans Symbols2", "Noto Sans Math", "sans-serif"},
                      FC_WEIGHT_REGULAR,
                      false,
                      false},
};

/* Fontconfig's nearest font to a wish. */
static bool find_font(FcConfig *config, const wish *w, font_file *file, failure *error) {
    FcPattern *pattern = FcPatternCreate();
    if (!pattern) return fail_memory(error);
    for (int k = 0; k < 6 && w->families[k]; k++)
        FcPatternAddString(pattern, FC_FAMILY, (const FcChar8 *)w->families[k]);
    FcPatternAddInteger(pattern, FC_WEIGHT, w->weight);
    FcPatternAddInteger(pattern, FC_SLANT, FC_SLANT_ROMAN);
    FcPatternAddBool(pattern, FC_SCALABLE, FcTrue);
    if (w->mono) FcPatternAddInteger(pattern, FC_SPACING, FC_MONO);
    if (w->chinese) FcPatternAddString(pattern, FC_LANG, (const FcChar8 *)"zh-cn");
    FcConfigSubstitute(config, pattern, FcMatchPattern);
    FcDefaultSubstitute(pattern);
    FcResult result;
    FcPattern *match = FcFontMatch(config, pattern, &result);
    FcPatternDestroy(pattern);
    FcChar8 *path = NULL, *family = NULL;
    if (match && FcPatternGetString(match, FC_FILE, 0, &path) == FcResultMatch) {
        FcPatternGetInteger(match, FC_INDEX, 0, &file->index);
        FcPatternGetString(match, FC_FAMILY, 0, &family);
        file->path = memory_text((const char *)path);
        file->family = memory_text(family ? (const char *)family : "");
    }
    if (match) FcPatternDestroy(match);
    if (!path)
        return fail(error,
                    "no font was found for {0}: install one (Debian: fonts-inter, fonts-jetbrains-mono, "
                    "fonts-noto-cjk, fonts-dejavu)",
                    "s", w->families[0]);
    return (file->path && file->family) || fail_memory(error);
}

static TTF_Font *open_font(const font_file *file) {
    if (!file->bytes.bytes || file->bytes.size > INT_MAX) return NULL;
    SDL_RWops *reader = SDL_RWFromConstMem(file->bytes.bytes, (int)file->bytes.size);
    return reader ? TTF_OpenFontIndexRW(reader, 1, REFERENCE, file->index) : NULL;
}

/* The source's font at REFERENCE (size 0) or at a size in 1/72 pixel, OVERSAMPLING times as wide. Under the lock. */
static TTF_Font *font_at(font_file *file, unsigned size) {
    if (file->broken) return NULL;
    if (!file->font) {
        file->font = open_font(file);
        if (!file->font) {
            file->broken = true;
            return NULL;
        }
        file->size = 0;
        TTF_SetFontHinting(file->font, TTF_HINTING_NONE);
        TTF_SetFontKerning(file->font, 0);
    }
    if (file->size != size) {
        /* At 72 dots per inch a point is a pixel. */
        int status = size ? TTF_SetFontSizeDPI(file->font, 1, size * OVERSAMPLING, size)
                          : TTF_SetFontSizeDPI(file->font, REFERENCE, 72, 72);
        file->size = size;
        if (status != 0) return NULL;
    }
    return file->font;
}

bool fonts_create(fonts **created, failure *error) {
    *created = NULL;
    if (TTF_Init() != 0) return fail(error, "fonts cannot be used: {0}", "s", TTF_GetError());
    fonts *f = memory_zeroed(1, sizeof *f);
    FcConfig *config = f ? FcInitLoadConfigAndFonts() : NULL;
    bool ok = config || fail_memory(error);
    if (f) pthread_mutex_init(&f->lock, NULL);
    for (int k = 0; ok && k < FONT_SOURCE_COUNT; k++) {
        ok = find_font(config, &wishes[k], &f->files[k], error);
        /* The faces are needed, what fills in for them is not. */
        if (ok && !file_map(&f->files[k].bytes, f->files[k].path, k < FACE_COUNT ? error : NULL)) ok = k >= FACE_COUNT;
    }
    for (int k = 0; ok && k < FACE_COUNT; k++) {
        TTF_Font *font = font_at(&f->files[k], 0);
        if (!font) {
            ok = fail(error, "the font file {0} cannot be opened: {1}", "ss", f->files[k].path, TTF_GetError());
            break;
        }
        f->line[k].ascent = (float)TTF_FontAscent(font) / REFERENCE;
        f->line[k].descent = (float)-TTF_FontDescent(font) / REFERENCE;
        if (!font_source_kerned(k)) continue;
        f->files[k].pairs = kerning_create(&f->files[k].bytes, f->files[k].index);
        ok = f->files[k].pairs || fail_memory(error);
    }
    if (config) FcConfigDestroy(config);
    if (ok) {
        *created = f;
    } else if (f) {
        fonts_destroy(f);
    } else {
        TTF_Quit();
    }
    return ok;
}

void fonts_destroy(fonts *f) {
    if (!f) return;
    for (int k = 0; k < FONT_SOURCE_COUNT; k++) {
        if (f->files[k].font) TTF_CloseFont(f->files[k].font);
        kerning_destroy(f->files[k].pairs);
        file_unmap(&f->files[k].bytes);
        memory_free(f->files[k].path);
        memory_free(f->files[k].family);
    }
    pthread_mutex_destroy(&f->lock);
    memory_free(f);
    TTF_Quit();
}

bool font_source_kerned(int source) {
    return source == FACE_WORDS || source == FACE_WORDS_BOLD;
}

const char *font_source_file(const fonts *f, int source, int *index) {
    *index = f->files[source].index;
    return f->files[source].path;
}

const file_mapping *font_source_bytes(const fonts *f, int source) {
    return &f->files[source].bytes;
}

const char *font_source_family(const fonts *f, int source) {
    return f->files[source].family;
}

static int chinese_of(face which) {
    return which == FACE_WORDS_BOLD || which == FACE_MONO_BOLD ? FONT_CHINESE_BOLD : FONT_CHINESE;
}

const char *fonts_file(const fonts *f, face which, bool chinese, int *index) {
    return font_source_file(f, chinese ? chinese_of(which) : (int)which, index);
}

/* Finds the first source that has the character, and its advance. */
static glyph look_up(fonts *f, face which, uint32_t codepoint, bool chinese) {
    int han = chinese_of(which), words = which == FACE_MONO_BOLD ? FACE_WORDS_BOLD : FACE_WORDS;
    int order[] = {chinese ? han : (int)which, words, han, FONT_SYMBOLS, (int)which};
    enum { LAST = sizeof order / sizeof order[0] - 1 };
    glyph g = {.codepoint = codepoint, .source = (int)which};
    pthread_mutex_lock(&f->lock);
    for (int k = 0; k <= LAST; k++) {
        TTF_Font *font = font_at(&f->files[order[k]], 0);
        int advance = 0;
        if (!font || (k < LAST && !TTF_GlyphIsProvided32(font, codepoint))) continue;
        if (TTF_GlyphMetrics32(font, codepoint, NULL, NULL, NULL, NULL, &advance) != 0) continue;
        g.source = order[k];
        g.advance = (float)advance / REFERENCE;
        break;
    }
    pthread_mutex_unlock(&f->lock);
    return g;
}

static glyph find_glyph(const fonts *constant, face which, uint32_t codepoint, bool chinese) {
    fonts *f = (fonts *)constant; /* what it remembers is not part of its value */
    uint64_t key = 1u << 24 | codepoint << 3 | (chinese ? 4u : 0u) | (uint64_t)which;
    uint64_t slot = (key * 0x9E3779B97F4A7C15u) >> 40;
    for (uint64_t k = 0; k < MEMORY_PROBES; k++) {
        uint64_t word = atomic_load_explicit(&f->memory[(slot + k) % MEMORY_SLOTS], memory_order_relaxed);
        if (word == 0) break;
        if (word >> 35 == key)
            return (glyph){
                .codepoint = codepoint, .source = (int)(word >> 32 & 7), .advance = (float)(uint32_t)word / 65536};
    }
    glyph g = look_up(f, which, codepoint, chinese);
    uint64_t fresh = key << 35 | (uint64_t)g.source << 32 | (uint32_t)lrintf(g.advance * 65536);
    g.advance = (float)(uint32_t)fresh / 65536;
    for (uint64_t k = 0; k < MEMORY_PROBES; k++) {
        uint64_t free_slot = 0;
        if (atomic_compare_exchange_strong(&f->memory[(slot + k) % MEMORY_SLOTS], &free_slot, fresh) ||
            free_slot == fresh)
            break;
    }
    return g;
}

/* One character of UTF-8 at text[at]; *count its bytes. */
static uint32_t decode(const char *text, size_t length, size_t at, size_t *count) {
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *s = (const unsigned char *)text + at;
    size_t more = s[0] < 0x80             ? 0
                  : (s[0] & 0xE0) == 0xC0 ? 1
                  : (s[0] & 0xF0) == 0xE0 ? 2
                  : (s[0] & 0xF8) == 0xF0 ? 3
                                          : 4;
    *count = 1;
    if (more == 4 || more >= length - at) return more == 0 ? s[0] : 0xFFFD;
    uint32_t c = more ? s[0] & (0x3Fu >> more) : s[0];
    for (size_t k = 1; k <= more; k++) {
        if ((s[k] & 0xC0) != 0x80) return 0xFFFD;
        c = c << 6 | (s[k] & 0x3Fu);
    }
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return 0xFFFD;
    *count = more + 1;
    return c;
}

/* Han characters, kana, and the punctuation and full-width forms that belong to them. */
static bool is_chinese(uint32_t c) {
    return (c >= 0x2E80 && c < 0xA4D0) || (c >= 0xF900 && c < 0xFB00) || (c >= 0xFE30 && c < 0xFE50) ||
           (c >= 0xFF00 && c < 0xFFF0) || (c >= 0x20000 && c < 0x40000);
}

/* Marks that Latin and Chinese text write with the same character in different shapes. */
static bool is_shared_mark(uint32_t c) {
    return c == 0x2014 || c == 0x2018 || c == 0x2019 || c == 0x201C || c == 0x201D || c == 0x2026;
}

static bool beside_chinese(const char *text, size_t length, size_t first, size_t past) {
    size_t count;
    while (past < length) {
        uint32_t c = decode(text, length, past, &count);
        if (!is_shared_mark(c)) {
            if (is_chinese(c)) return true;
            break;
        }
        past += count;
    }
    while (first > 0) {
        do first--;
        while (first > 0 && ((unsigned char)text[first] & 0xC0) == 0x80);
        uint32_t c = decode(text, length, first, &count);
        if (!is_shared_mark(c)) return is_chinese(c);
    }
    return false;
}

static glyph glyph_at(const fonts *f, face which, const char *text, size_t length, size_t at) {
    size_t count;
    uint32_t c = decode(text, length, at, &count);
    bool chinese = is_chinese(c) || (is_shared_mark(c) && beside_chinese(text, length, at, at + count));
    glyph g = find_glyph(f, which, c, chinese);
    g.first = at;
    g.count = count;
    return g;
}

bool text_next(const fonts *f, face which, const char *text, size_t length, size_t *at, glyph *g) {
    if (*at >= length) return false;
    *g = glyph_at(f, which, text, length, *at);
    *at += g->count;
    if (*at >= length || !font_source_kerned(g->source)) return true;
    glyph next = glyph_at(f, which, text, length, *at);
    if (next.source == g->source) g->kerning = kerning_between(f->files[g->source].pairs, g->codepoint, next.codepoint);
    g->advance += g->kerning;
    return true;
}

text_extent text_measure(const fonts *f, face which, float size, const char *text, size_t length) {
    text_extent extent = {0, f->line[which].ascent * size, f->line[which].descent * size};
    glyph g;
    for (size_t at = 0; text_next(f, which, text, length, &at, &g);) extent.width += g.advance;
    extent.width *= size;
    return extent;
}

/* SDL_ttf draws a glyph OVERSAMPLING times as wide; the mean of that many columns, from any of them on, is the exact
 * coverage at that part of a pixel. */
static bool narrow(const SDL_Surface *wide, int pen, int baseline, int phase, glyph_mask *mask) {
    int first = wide->w, last = -1, top = wide->h, bottom = -1;
    const uint8_t *pixels = wide->pixels;
    for (int y = 0; y < wide->h; y++) {
        for (int x = 0; x < wide->w; x++) {
            if (pixels[y * wide->pitch + x] == 0) continue;
            if (x < first) first = x;
            if (x > last) last = x;
            if (y < top) top = y;
            bottom = y;
        }
    }
    if (last < 0) return true;
    int shift = phase - pen; /* column x of the surface lies x + shift from the pen's pixel */
    int left = (int)floorf((float)(first + shift) / OVERSAMPLING);
    int right = (int)floorf((float)(last + shift) / OVERSAMPLING) + 1;
    *mask = (glyph_mask){left, baseline - top, right - left, bottom - top + 1, NULL};
    mask->coverage = memory_zeroed((size_t)mask->width * (size_t)mask->height, 1);
    if (!mask->coverage) return false;
    for (int y = 0; y < mask->height; y++) {
        for (int x = 0; x < mask->width; x++) {
            int sum = 0;
            for (int k = 0; k < OVERSAMPLING; k++) {
                int column = (left + x) * OVERSAMPLING + k - shift;
                if (column >= 0 && column < wide->w) sum += pixels[(top + y) * wide->pitch + column];
            }
            mask->coverage[y * mask->width + x] = (uint8_t)((sum + OVERSAMPLING / 2) / OVERSAMPLING);
        }
    }
    return true;
}

bool glyph_rasterise(const fonts *constant, const glyph *g, float size, int phase, glyph_mask *mask) {
    fonts *f = (fonts *)constant;
    *mask = (glyph_mask){0};
    long dots = lrintf(size * 72);
    if (dots < 72 || dots > 72 * 4096) return true; /* less than a pixel, or more than a picture */
    bool ok = true;
    pthread_mutex_lock(&f->lock);
    TTF_Font *font = font_at(&f->files[g->source], (unsigned)dots);
    int min_x = 0, max_x = 0, max_y = 0;
    /* Drawing a blank would be an SDL error, which each thread keeps memory for. */
    if (font && TTF_GlyphMetrics32(font, g->codepoint, &min_x, &max_x, NULL, &max_y, NULL) == 0 && max_x > min_x) {
        SDL_Color black = {0, 0, 0, 255}, white = {255, 255, 255, 255};
        SDL_Surface *wide = TTF_RenderGlyph32_Shaded(font, g->codepoint, white, black);
        if (wide) {
            int pen = min_x < 0 ? -min_x : 0, ascent = TTF_FontAscent(font);
            ok = narrow(wide, pen, max_y > ascent ? max_y : ascent, phase, mask);
            SDL_FreeSurface(wide);
        }
    }
    pthread_mutex_unlock(&f->lock);
    return ok;
}
