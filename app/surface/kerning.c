#include "kerning.h"

#include "app/system/memory.h"

#include <hb.h>
#include <limits.h>
#include <math.h>
#include <stdatomic.h>

enum { SLOTS = 4096, PROBES = 16, VALUE_BIT = 43, UNIT = 65536, BIAS = 1 << 20 };

struct kerning {
    hb_font_t *font; /* immutable: threads share it. NULL: nothing is kerned */
    float em;        /* in its units */
    /* Pairs that were asked for, read without a lock. A slot holds 1 | right (21 bits) | left (21 bits) | value in
     * 1/65536 em, BIAS added (21 bits); 0 is free. */
    _Atomic uint64_t memory[SLOTS];
};

kerning *kerning_create(const file_mapping *file, int index) {
    kerning *k = memory_zeroed(1, sizeof *k);
    if (!k) return NULL;
    if (file->size > UINT_MAX) return k;
    hb_blob_t *blob = hb_blob_create_or_fail(file->bytes, (unsigned)file->size, HB_MEMORY_MODE_READONLY, NULL, NULL);
    if (!blob) return k;
    hb_face_t *face = hb_face_create(blob, (unsigned)index & 0xFFFF);
    k->em = (float)hb_face_get_upem(face);
    k->font = hb_font_create(face);
    if (index >> 16 > 0) hb_font_set_var_named_instance(k->font, (unsigned)(index >> 16) - 1);
    hb_font_make_immutable(k->font);
    hb_face_destroy(face);
    hb_blob_destroy(blob);
    return k;
}

void kerning_destroy(kerning *k) {
    if (!k) return;
    if (k->font) hb_font_destroy(k->font);
    memory_free(k);
}

/* The pair is set with no other feature; what its first advance lacks then is the kerning. */
static float look_up(const kerning *k, uint32_t left, uint32_t right) {
    const hb_tag_t off[] = {HB_TAG('l', 'i', 'g', 'a'), HB_TAG('c', 'l', 'i', 'g'), HB_TAG('c', 'a', 'l', 't'),
                            HB_TAG('c', 'c', 'm', 'p')};
    hb_feature_t features[4];
    for (int i = 0; i < 4; i++) features[i] = (hb_feature_t){off[i], 0, HB_FEATURE_GLOBAL_START, HB_FEATURE_GLOBAL_END};
    hb_buffer_t *b = hb_buffer_create();
    hb_buffer_add_utf32(b, (const uint32_t[2]){left, right}, 2, 0, 2);
    hb_buffer_set_direction(b, HB_DIRECTION_LTR);
    hb_buffer_guess_segment_properties(b);
    hb_shape(k->font, b, features, 4);
    unsigned count = 0;
    hb_glyph_info_t *glyphs = hb_buffer_get_glyph_infos(b, &count);
    hb_glyph_position_t *places = hb_buffer_get_glyph_positions(b, NULL);
    float kern = 0;
    if (count == 2 && glyphs && places)
        kern = (float)(places[0].x_advance - hb_font_get_glyph_h_advance(k->font, glyphs[0].codepoint)) / k->em;
    hb_buffer_destroy(b);
    return fabsf(kern) < 1 ? kern : 0;
}

static float value_of(uint64_t word) {
    return (float)((int64_t)(word >> VALUE_BIT) - BIAS) / UNIT;
}

float kerning_between(kerning *k, uint32_t left, uint32_t right) {
    if (!k->font || left <= ' ' || right <= ' ' || left == 0xA0 || right == 0xA0) return 0;
    const uint64_t pair = (uint64_t)left << 22 | (uint64_t)right << 1 | 1, mask = ((uint64_t)1 << VALUE_BIT) - 1;
    const uint64_t slot = (pair * 0x9E3779B97F4A7C15u) >> 40;
    for (uint64_t i = 0; i < PROBES; i++) {
        uint64_t word = atomic_load_explicit(&k->memory[(slot + i) % SLOTS], memory_order_relaxed);
        if (word == 0) break;
        if ((word & mask) == pair) return value_of(word);
    }
    uint64_t fresh = (uint64_t)(lrintf(look_up(k, left, right) * UNIT) + BIAS) << VALUE_BIT | pair;
    for (uint64_t i = 0; i < PROBES; i++) {
        uint64_t free_slot = 0;
        if (atomic_compare_exchange_strong(&k->memory[(slot + i) % SLOTS], &free_slot, fresh) || free_slot == fresh)
            break;
    }
    return value_of(fresh);
}
