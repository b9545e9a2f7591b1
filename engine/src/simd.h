/* Vectors of floats, one source form for every instruction set.
 *
 * A file that includes this is compiled once for each set, with SIMD_AVX512, SIMD_AVX2 or SIMD_NEON defined, or none
 * for plain C. Fused multiply-adds are written out: each lane is one chain, so that every set gives the same bits. */
#ifndef ENGINE_SIMD_H
#define ENGINE_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__)
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif
#define INLINE static inline __attribute__((always_inline))

#if defined(SIMD_AVX512)
#include <immintrin.h>
typedef __m512 vec;
typedef __mmask16 lanes_mask;
enum { LANES = 16, SUM_ROWS = 8 }; /* SUM_ROWS x 2 sums, with what feeds them, fit in the registers */
INLINE vec v_zero(void) {
    return _mm512_setzero_ps();
}
INLINE vec v_all(float x) {
    return _mm512_set1_ps(x);
}
INLINE vec v_load(const float *p) {
    return _mm512_loadu_ps(p);
}
INLINE void v_store(float *p, vec v) {
    _mm512_storeu_ps(p, v);
}
INLINE vec v_fma(vec x, vec w, vec sum) {
    return _mm512_fmadd_ps(x, w, sum);
}
INLINE vec v_add(vec a, vec b) {
    return _mm512_add_ps(a, b);
}
INLINE vec v_sub(vec a, vec b) {
    return _mm512_sub_ps(a, b);
}
INLINE vec v_mul(vec a, vec b) {
    return _mm512_mul_ps(a, b);
}
/* The larger of each; of NaN either. */
INLINE vec v_max(vec a, vec b) {
    return _mm512_max_ps(a, b);
}
/* The first n lanes; n may be anything. */
INLINE lanes_mask v_first(int64_t n) {
    return n >= LANES ? (lanes_mask)0xffff : n <= 0 ? (lanes_mask)0 : (lanes_mask)((1u << n) - 1u);
}
INLINE vec v_load_part(const float *p, lanes_mask m) {
    return _mm512_maskz_loadu_ps(m, p);
}
INLINE void v_store_part(float *p, lanes_mask m, vec v) {
    _mm512_mask_storeu_ps(p, m, v);
}

/* rows[j] lane i = rows[i] lane j. */
INLINE void v_transpose(vec r[LANES]) {
    __m512d d[LANES];
    UNROLL for (int i = 0; i < LANES; i += 4) { /* 4 x 4 blocks within each quarter */
        __m512d low01 = _mm512_castps_pd(_mm512_unpacklo_ps(r[i], r[i + 1]));
        __m512d high01 = _mm512_castps_pd(_mm512_unpackhi_ps(r[i], r[i + 1]));
        __m512d low23 = _mm512_castps_pd(_mm512_unpacklo_ps(r[i + 2], r[i + 3]));
        __m512d high23 = _mm512_castps_pd(_mm512_unpackhi_ps(r[i + 2], r[i + 3]));
        d[i] = _mm512_unpacklo_pd(low01, low23);
        d[i + 1] = _mm512_unpackhi_pd(low01, low23);
        d[i + 2] = _mm512_unpacklo_pd(high01, high23);
        d[i + 3] = _mm512_unpackhi_pd(high01, high23);
    }
    UNROLL for (int i = 0; i < 4; i++) { /* then the quarters */
        __m512 a = _mm512_castpd_ps(d[i]), b = _mm512_castpd_ps(d[i + 4]);
        __m512 c = _mm512_castpd_ps(d[i + 8]), e = _mm512_castpd_ps(d[i + 12]);
        __m512 ab_even = _mm512_shuffle_f32x4(a, b, 0x88), ab_odd = _mm512_shuffle_f32x4(a, b, 0xdd);
        __m512 ce_even = _mm512_shuffle_f32x4(c, e, 0x88), ce_odd = _mm512_shuffle_f32x4(c, e, 0xdd);
        r[i] = _mm512_shuffle_f32x4(ab_even, ce_even, 0x88);
        r[i + 4] = _mm512_shuffle_f32x4(ab_odd, ce_odd, 0x88);
        r[i + 8] = _mm512_shuffle_f32x4(ab_even, ce_even, 0xdd);
        r[i + 12] = _mm512_shuffle_f32x4(ab_odd, ce_odd, 0xdd);
    }
}
/* Every second lane of two vectors that follow each other, and their lanes in turn. */
INLINE vec v_even(vec a, vec b) {
    return _mm512_permutex2var_ps(a, _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30), b);
}
INLINE void v_interleave(vec a, vec b, vec *first, vec *second) {
    *first = _mm512_permutex2var_ps(a, _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23), b);
    *second =
        _mm512_permutex2var_ps(a, _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31), b);
}

INLINE bool v_has_nan(vec v) {
    return _mm512_cmp_ps_mask(v, v, _CMP_UNORD_Q) != 0;
}

/* Lanes from `begin` to before `end`; either may be anything. */
INLINE lanes_mask v_between(int64_t begin, int64_t end) {
    return (lanes_mask)(v_first(end) & ~v_first(begin));
}
/* The lanes whose bits are set, 0 in the others, which are not touched. */
INLINE vec v_load_lanes(const float *p, uint32_t lanes) {
    return _mm512_maskz_loadu_ps((__mmask16)lanes, p);
}
/* p[2 * i] = lane i for i < count; what lies between is not touched. */
INLINE void v_store_second(float *p, vec v, int64_t count) {
    vec first, second;
    v_interleave(v, v, &first, &second);
    _mm512_mask_storeu_ps(p, (__mmask16)(v_first(2 * count) & 0x5555), first);
    _mm512_mask_storeu_ps(p + LANES, (__mmask16)(v_first(2 * count - LANES) & 0x5555), second);
}

#elif defined(SIMD_AVX2)
#include <immintrin.h>
typedef __m256 vec;
typedef __m256i lanes_mask;
enum { LANES = 8, SUM_ROWS = 6 };
INLINE vec v_zero(void) {
    return _mm256_setzero_ps();
}
INLINE vec v_all(float x) {
    return _mm256_set1_ps(x);
}
INLINE vec v_load(const float *p) {
    return _mm256_loadu_ps(p);
}
INLINE void v_store(float *p, vec v) {
    _mm256_storeu_ps(p, v);
}
INLINE vec v_fma(vec x, vec w, vec sum) {
    return _mm256_fmadd_ps(x, w, sum);
}
INLINE vec v_add(vec a, vec b) {
    return _mm256_add_ps(a, b);
}
INLINE vec v_sub(vec a, vec b) {
    return _mm256_sub_ps(a, b);
}
INLINE vec v_mul(vec a, vec b) {
    return _mm256_mul_ps(a, b);
}
INLINE vec v_max(vec a, vec b) {
    return _mm256_max_ps(a, b);
}
INLINE lanes_mask v_first(int64_t n) {
    int count = n > LANES ? LANES : n < 0 ? 0 : (int)n;
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(count), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
INLINE vec v_load_part(const float *p, lanes_mask m) {
    return _mm256_maskload_ps(p, m);
}
INLINE void v_store_part(float *p, lanes_mask m, vec v) {
    _mm256_maskstore_ps(p, m, v);
}
INLINE void v_transpose(vec r[LANES]) {
    __m256d d[LANES];
    UNROLL for (int i = 0; i < LANES; i += 4) {
        __m256d low01 = _mm256_castps_pd(_mm256_unpacklo_ps(r[i], r[i + 1]));
        __m256d high01 = _mm256_castps_pd(_mm256_unpackhi_ps(r[i], r[i + 1]));
        __m256d low23 = _mm256_castps_pd(_mm256_unpacklo_ps(r[i + 2], r[i + 3]));
        __m256d high23 = _mm256_castps_pd(_mm256_unpackhi_ps(r[i + 2], r[i + 3]));
        d[i] = _mm256_unpacklo_pd(low01, low23);
        d[i + 1] = _mm256_unpackhi_pd(low01, low23);
        d[i + 2] = _mm256_unpacklo_pd(high01, high23);
        d[i + 3] = _mm256_unpackhi_pd(high01, high23);
    }
    UNROLL for (int i = 0; i < 4; i++) {
        __m256 a = _mm256_castpd_ps(d[i]), b = _mm256_castpd_ps(d[i + 4]);
        r[i] = _mm256_permute2f128_ps(a, b, 0x20);
        r[i + 4] = _mm256_permute2f128_ps(a, b, 0x31);
    }
}
INLINE vec v_even(vec a, vec b) {
    __m256 t = _mm256_shuffle_ps(a, b, 0x88);
    return _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(t), 0xd8));
}
INLINE void v_interleave(vec a, vec b, vec *first, vec *second) {
    __m256 low = _mm256_unpacklo_ps(a, b), high = _mm256_unpackhi_ps(a, b);
    *first = _mm256_permute2f128_ps(low, high, 0x20);
    *second = _mm256_permute2f128_ps(low, high, 0x31);
}

INLINE bool v_has_nan(vec v) {
    return _mm256_movemask_ps(_mm256_cmp_ps(v, v, _CMP_UNORD_Q)) != 0;
}

INLINE lanes_mask v_between(int64_t begin, int64_t end) {
    return _mm256_andnot_si256(v_first(begin), v_first(end));
}
INLINE vec v_load_lanes(const float *p, uint32_t lanes) {
    __m256i bit = _mm256_setr_epi32(1, 2, 4, 8, 16, 32, 64, 128);
    return _mm256_maskload_ps(p, _mm256_cmpeq_epi32(_mm256_and_si256(_mm256_set1_epi32((int)lanes), bit), bit));
}

#elif defined(SIMD_NEON)
#include <arm_neon.h>
typedef float32x4_t vec;
typedef struct lanes_mask {
    int begin, end;
} lanes_mask;
enum { LANES = 4, SUM_ROWS = 8 };
INLINE vec v_zero(void) {
    return vdupq_n_f32(0);
}
INLINE vec v_all(float x) {
    return vdupq_n_f32(x);
}
INLINE vec v_load(const float *p) {
    return vld1q_f32(p);
}
INLINE void v_store(float *p, vec v) {
    vst1q_f32(p, v);
}
INLINE vec v_fma(vec x, vec w, vec sum) {
    return vfmaq_f32(sum, x, w);
}
INLINE vec v_add(vec a, vec b) {
    return vaddq_f32(a, b);
}
INLINE vec v_sub(vec a, vec b) {
    return vsubq_f32(a, b);
}
INLINE vec v_mul(vec a, vec b) {
    return vmulq_f32(a, b);
}
INLINE vec v_max(vec a, vec b) {
    return vmaxq_f32(a, b);
}
INLINE lanes_mask v_between(int64_t begin, int64_t end) {
    return (lanes_mask){begin < 0       ? 0
                        : begin > LANES ? LANES
                                        : (int)begin,
                        end > LANES ? LANES
                        : end < 0   ? 0
                                    : (int)end};
}
INLINE lanes_mask v_first(int64_t n) {
    return v_between(0, n);
}
INLINE vec v_load_part(const float *p, lanes_mask m) {
    float t[LANES] = {0};
    for (int i = m.begin; i < m.end; i++) t[i] = p[i];
    return vld1q_f32(t);
}
INLINE void v_store_part(float *p, lanes_mask m, vec v) {
    float t[LANES];
    vst1q_f32(t, v);
    for (int i = m.begin; i < m.end; i++) p[i] = t[i];
}
INLINE void v_transpose(vec r[LANES]) {
    float32x4x2_t a = vtrnq_f32(r[0], r[1]), b = vtrnq_f32(r[2], r[3]);
    r[0] = vcombine_f32(vget_low_f32(a.val[0]), vget_low_f32(b.val[0]));
    r[1] = vcombine_f32(vget_low_f32(a.val[1]), vget_low_f32(b.val[1]));
    r[2] = vcombine_f32(vget_high_f32(a.val[0]), vget_high_f32(b.val[0]));
    r[3] = vcombine_f32(vget_high_f32(a.val[1]), vget_high_f32(b.val[1]));
}
INLINE vec v_even(vec a, vec b) {
    return vuzp1q_f32(a, b);
}
INLINE void v_interleave(vec a, vec b, vec *first, vec *second) {
    *first = vzip1q_f32(a, b);
    *second = vzip2q_f32(a, b);
}

INLINE bool v_has_nan(vec v) {
    return vminvq_u32(vceqq_f32(v, v)) == 0;
}
INLINE vec v_load_lanes(const float *p, uint32_t lanes) {
    float t[LANES];
    for (int i = 0; i < LANES; i++) t[i] = (lanes >> i & 1) != 0 ? p[i] : 0;
    return vld1q_f32(t);
}

#else
#include <math.h>
typedef struct vec {
    float lane[4];
} vec;
typedef struct lanes_mask {
    int begin, end;
} lanes_mask;
enum { LANES = 4, SUM_ROWS = 4 };
#define EACH_LANE for (int lane = 0; lane < LANES; lane++)
INLINE vec v_all(float x) {
    return (vec){{x, x, x, x}};
}
INLINE vec v_zero(void) {
    return v_all(0);
}
INLINE vec v_load(const float *p) {
    return (vec){{p[0], p[1], p[2], p[3]}};
}
INLINE void v_store(float *p, vec v) {
    EACH_LANE p[lane] = v.lane[lane];
}
INLINE vec v_fma(vec x, vec w, vec sum) {
    EACH_LANE sum.lane[lane] = fmaf(x.lane[lane], w.lane[lane], sum.lane[lane]);
    return sum;
}
INLINE vec v_add(vec a, vec b) {
    EACH_LANE a.lane[lane] += b.lane[lane];
    return a;
}
INLINE vec v_sub(vec a, vec b) {
    EACH_LANE a.lane[lane] -= b.lane[lane];
    return a;
}
INLINE vec v_mul(vec a, vec b) {
    EACH_LANE a.lane[lane] *= b.lane[lane];
    return a;
}
INLINE vec v_max(vec a, vec b) {
    EACH_LANE a.lane[lane] = a.lane[lane] > b.lane[lane] ? a.lane[lane] : b.lane[lane];
    return a;
}
INLINE lanes_mask v_between(int64_t begin, int64_t end) {
    return (lanes_mask){begin < 0       ? 0
                        : begin > LANES ? LANES
                                        : (int)begin,
                        end > LANES ? LANES
                        : end < 0   ? 0
                                    : (int)end};
}
INLINE lanes_mask v_first(int64_t n) {
    return v_between(0, n);
}
INLINE vec v_load_part(const float *p, lanes_mask m) {
    vec v = v_zero();
    for (int i = m.begin; i < m.end; i++) v.lane[i] = p[i];
    return v;
}
INLINE void v_store_part(float *p, lanes_mask m, vec v) {
    for (int i = m.begin; i < m.end; i++) p[i] = v.lane[i];
}
INLINE void v_transpose(vec r[LANES]) {
    for (int i = 0; i < LANES; i++) {
        for (int j = 0; j < i; j++) {
            float t = r[i].lane[j];
            r[i].lane[j] = r[j].lane[i];
            r[j].lane[i] = t;
        }
    }
}
INLINE vec v_even(vec a, vec b) {
    return (vec){{a.lane[0], a.lane[2], b.lane[0], b.lane[2]}};
}
INLINE void v_interleave(vec a, vec b, vec *first, vec *second) {
    *first = (vec){{a.lane[0], b.lane[0], a.lane[1], b.lane[1]}};
    *second = (vec){{a.lane[2], b.lane[2], a.lane[3], b.lane[3]}};
}
INLINE bool v_has_nan(vec v) {
    bool nan = false;
    EACH_LANE nan = nan || v.lane[lane] != v.lane[lane];
    return nan;
}
INLINE vec v_load_lanes(const float *p, uint32_t lanes) {
    vec v;
    EACH_LANE v.lane[lane] = (lanes >> lane & 1) != 0 ? p[lane] : 0;
    return v;
}
#endif

/* Storing parts by a mask takes an AMD processor with AVX2 alone longer than storing floats. */
#if !defined(SIMD_AVX512)
INLINE void v_store_second(float *p, vec v, int64_t count) {
    float t[LANES];
    v_store(t, v);
    for (int i = 0; i < LANES && i < count; i++) p[2 * i] = t[i];
}
#endif

#endif
