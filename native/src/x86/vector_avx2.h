/* vector_avx2.h - a thin name for each AVX2 instruction that the shared kernels in vector/ use. Each is one instruction, or
 * says what it costs; a header like this one is all that another instruction set adds for them. */
#ifndef CNN_VECTOR_AVX2_H
#define CNN_VECTOR_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 8

typedef __m256 vfloat;
typedef __m256 vmask;

static const int32_t tail_masks[2 * LANES] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

static inline __m256i v_tail(int64_t count) /* the first `count` lanes, 0 to LANES */
{
    return _mm256_loadu_si256((const __m256i *)(const void *)(tail_masks + LANES - count));
}

static inline vfloat v_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

static inline vfloat v_load_tail(const float *p, int64_t count) /* missing lanes are zero and not touched */
{
    return _mm256_maskload_ps(p, v_tail(count));
}

static inline void v_store(float *p, vfloat a)
{
    _mm256_storeu_ps(p, a);
}

static inline void v_stream(float *p, vfloat a) /* through the caches: half a line is not worth a write of its own */
{
    v_store(p, a);
}

static inline void v_store_tail(float *p, int64_t count, vfloat a)
{
    _mm256_maskstore_ps(p, v_tail(count), a);
}

static inline vfloat v_set(float a)
{
    return _mm256_set1_ps(a);
}

static inline vfloat v_add(vfloat a, vfloat b)
{
    return _mm256_add_ps(a, b);
}

static inline vfloat v_sub(vfloat a, vfloat b)
{
    return _mm256_sub_ps(a, b);
}

static inline vfloat v_mul(vfloat a, vfloat b)
{
    return _mm256_mul_ps(a, b);
}

static inline vfloat v_div(vfloat a, vfloat b)
{
    return _mm256_div_ps(a, b);
}

static inline vfloat v_sqrt(vfloat a)
{
    return _mm256_sqrt_ps(a);
}

static inline vfloat v_fma(vfloat a, vfloat b, vfloat c) /* a b + c */
{
    return _mm256_fmadd_ps(a, b, c);
}

static inline vfloat v_fnma(vfloat a, vfloat b, vfloat c) /* c - a b */
{
    return _mm256_fnmadd_ps(a, b, c);
}

static inline vfloat v_min(vfloat a, vfloat b) /* b when either is NaN */
{
    return _mm256_min_ps(a, b);
}

static inline vfloat v_max(vfloat a, vfloat b) /* b when either is NaN */
{
    return _mm256_max_ps(a, b);
}

static inline vfloat v_abs(vfloat a)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a);
}

static inline vfloat v_copy_sign(vfloat magnitude, vfloat sign) /* three instructions */
{
    const __m256 bit = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(bit, magnitude), _mm256_and_ps(bit, sign));
}

static inline vmask v_less(vfloat a, vfloat b)
{
    return _mm256_cmp_ps(a, b, _CMP_LT_OQ);
}

static inline vmask v_less_or_equal(vfloat a, vfloat b)
{
    return _mm256_cmp_ps(a, b, _CMP_LE_OQ);
}

static inline vmask v_is_nan(vfloat a)
{
    return _mm256_cmp_ps(a, a, _CMP_UNORD_Q);
}

static inline vmask v_same_bits(vfloat a, vfloat b)
{
    return _mm256_castsi256_ps(_mm256_cmpeq_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}

static inline vmask v_either(vmask a, vmask b)
{
    return _mm256_or_ps(a, b);
}

static inline vmask v_first_lanes(int64_t count)
{
    return _mm256_castsi256_ps(v_tail(count));
}

static inline vfloat v_select(vmask mask, vfloat yes, vfloat no)
{
    return _mm256_blendv_ps(no, yes, mask);
}

static inline vfloat v_round(vfloat a) /* to the nearest whole number */
{
    return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

/* x 2^n for whole n: in two factors, because 2^n alone may be too large or too small for a float. */
static inline vfloat v_scale(vfloat x, vfloat n)
{
    const __m256i bias = _mm256_set1_epi32(127);
    __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1), rest = _mm256_sub_epi32(whole, half);
    __m256 first = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23));
    __m256 second = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23));
    return _mm256_mul_ps(_mm256_mul_ps(x, first), second);
}

/* x = m 2^n with sqrt(1/2) <= m < sqrt 2, for positive normal x: four integer instructions and a conversion. */
static inline vfloat v_split(vfloat x, vfloat *n)
{
    const __m256i start = _mm256_set1_epi32(0x3f3504f3); /* sqrt(1/2) */
    __m256i above = _mm256_sub_epi32(_mm256_castps_si256(x), start);
    *n = _mm256_cvtepi32_ps(_mm256_srai_epi32(above, 23));
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_and_si256(above, _mm256_set1_epi32(0x007fffff)), start));
}

static inline float v_sum(vfloat a) /* in a fixed order, so that results repeat */
{
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_shuffle_ps(half, half, 1)));
}

static inline float v_largest(vfloat a)
{
    __m128 half = _mm_max_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1));
    half = _mm_max_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_max_ss(half, _mm_shuffle_ps(half, half, 1)));
}

/* ---- float64: a vfloat widens into two of these, each of LANES / 2 elements */

typedef __m256d vdouble;

static inline vdouble v_widen_low(vfloat a)
{
    return _mm256_cvtps_pd(_mm256_castps256_ps128(a));
}

static inline vdouble v_widen_high(vfloat a) /* two instructions */
{
    return _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
}

static inline vfloat v_narrow(vdouble low, vdouble high) /* rounded; three instructions */
{
    return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm256_cvtpd_ps(low)), _mm256_cvtpd_ps(high), 1);
}

static inline vdouble v_where_not_zero_double(vdouble a, vdouble b) /* b where a is not 0, else 0; two instructions */
{
    return _mm256_and_pd(_mm256_cmp_pd(a, _mm256_setzero_pd(), _CMP_NEQ_UQ), b);
}

static inline vdouble v_load_double(const double *p)
{
    return _mm256_loadu_pd(p);
}

static inline void v_store_double(double *p, vdouble a)
{
    _mm256_storeu_pd(p, a);
}

static inline vdouble v_set_double(double a)
{
    return _mm256_set1_pd(a);
}

static inline vdouble v_add_double(vdouble a, vdouble b)
{
    return _mm256_add_pd(a, b);
}

static inline vdouble v_sub_double(vdouble a, vdouble b)
{
    return _mm256_sub_pd(a, b);
}

static inline vdouble v_mul_double(vdouble a, vdouble b)
{
    return _mm256_mul_pd(a, b);
}

static inline vdouble v_fma_double(vdouble a, vdouble b, vdouble c) /* a b + c */
{
    return _mm256_fmadd_pd(a, b, c);
}

static inline double v_sum_double(vdouble a) /* in a fixed order */
{
    __m128d half = _mm_add_pd(_mm256_castpd256_pd128(a), _mm256_extractf128_pd(a, 1));
    return _mm_cvtsd_f64(_mm_add_sd(half, _mm_unpackhi_pd(half, half)));
}

/* Swaps lane j of r[i] with lane i of r[j]: 24 shuffles, which is three for each vector. */
#define V_TRANSPOSE
static inline void v_transpose(vfloat r[LANES])
{
    vfloat pairs[LANES], fours[LANES];
    for (int i = 0; i < LANES; i += 2) {
        pairs[i] = _mm256_unpacklo_ps(r[i], r[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) {
        fours[i] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], _MM_SHUFFLE(1, 0, 1, 0));
        fours[i + 1] = _mm256_shuffle_ps(pairs[i], pairs[i + 2], _MM_SHUFFLE(3, 2, 3, 2));
        fours[i + 2] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], _MM_SHUFFLE(1, 0, 1, 0));
        fours[i + 3] = _mm256_shuffle_ps(pairs[i + 1], pairs[i + 3], _MM_SHUFFLE(3, 2, 3, 2));
    }
    for (int i = 0; i < LANES / 2; i++) {
        r[i] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x20);
        r[i + 4] = _mm256_permute2f128_ps(fours[i], fours[i + 4], 0x31);
    }
}

/* a0 b0 a1 b1 ...: pairs within half registers, whose halves are then put in order. */
#define V_INTERLEAVE
static inline void v_interleave(vfloat a, vfloat b, vfloat *low, vfloat *high)
{
    const vfloat even = _mm256_unpacklo_ps(a, b), odd = _mm256_unpackhi_ps(a, b);
    *low = _mm256_permute2f128_ps(even, odd, 0x20);
    *high = _mm256_permute2f128_ps(even, odd, 0x31);
}

/* a0 b0 c0 a1 b1 c1 ...: each vector puts its elements where they go, and three are blended. */
#define V_STORE_THREES
static inline void v_store_threes(float *p, vfloat a, vfloat b, vfloat c)
{
    const vfloat x = _mm256_permutevar8x32_ps(a, _mm256_setr_epi32(0, 3, 6, 1, 4, 7, 2, 5));
    const vfloat y = _mm256_permutevar8x32_ps(b, _mm256_setr_epi32(5, 0, 3, 6, 1, 4, 7, 2));
    const vfloat z = _mm256_permutevar8x32_ps(c, _mm256_setr_epi32(2, 5, 0, 3, 6, 1, 4, 7));
    v_store(p, _mm256_blend_ps(_mm256_blend_ps(x, y, 0x92), z, 0x24));
    v_store(p + LANES, _mm256_blend_ps(_mm256_blend_ps(x, y, 0x24), z, 0x49));
    v_store(p + 2 * LANES, _mm256_blend_ps(_mm256_blend_ps(x, y, 0x49), z, 0x92));
}

/* The same for eight rows, which here are all there are. */
#define EIGHT_ROWS
typedef vfloat veight;
static inline void v_transpose_eight(const vfloat r[8], veight columns[LANES])
{
    for (int i = 0; i < LANES; i++)
        columns[i] = r[i];
    v_transpose(columns);
}

#define eight_store v_store
#define eight_store_tail v_store_tail

/* Lane i of v_take(a, places) is lane places[i] of a. v_group_places is lane k of the group of each lane, for groups of a
 * power of two; an addition and a broadcast beside what stays the same. */
typedef __m256i vplaces;
static inline vplaces v_group_places(int64_t group, int64_t k)
{
    const __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    return _mm256_add_epi32(_mm256_andnot_si256(_mm256_set1_epi32((int)group - 1), lanes), _mm256_set1_epi32((int)k));
}

static inline vfloat v_take(vfloat a, vplaces places)
{
    return _mm256_permutevar8x32_ps(a, places);
}

#endif
