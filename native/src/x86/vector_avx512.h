/* vector_avx512.h - a thin name for each AVX-512 instruction that the shared kernels in vector/ use, with 16 lanes and
 * native masks. Each is one instruction, or says what it costs. */
#ifndef CNN_VECTOR_AVX512_H
#define CNN_VECTOR_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#define LANES 16

typedef __m512 vfloat;
typedef __mmask16 vmask;

static inline vmask v_first_lanes(int64_t count) /* the first `count` lanes, 0 to LANES; a shift and a move to a mask */
{
    return (vmask)((1u << count) - 1u);
}

static inline vfloat v_load(const float *p)
{
    return _mm512_loadu_ps(p);
}

static inline vfloat v_load_tail(const float *p, int64_t count) /* missing lanes are zero and not touched */
{
    return _mm512_maskz_loadu_ps(v_first_lanes(count), p);
}

static inline void v_store(float *p, vfloat a)
{
    _mm512_storeu_ps(p, a);
}

/* A whole cache line, aligned as one, that goes to memory past the caches. */
static inline void v_stream(float *p, vfloat a)
{
    _mm512_stream_ps(p, a);
}

static inline void v_store_tail(float *p, int64_t count, vfloat a)
{
    _mm512_mask_storeu_ps(p, v_first_lanes(count), a);
}

/* Half vectors, for tiles of few channels. */
#define VECTOR_HAS_HALVES
typedef __m256 vhalf;

static inline vhalf h_load(const float *p)
{
    return _mm256_loadu_ps(p);
}

static inline vhalf h_load_tail(const float *p, int64_t count) /* missing lanes are zero and not touched */
{
    return _mm256_maskz_loadu_ps((__mmask8)v_first_lanes(count), p);
}

static inline void h_store(float *p, vhalf a)
{
    _mm256_storeu_ps(p, a);
}

static inline void h_store_tail(float *p, int64_t count, vhalf a)
{
    _mm256_mask_storeu_ps(p, (__mmask8)v_first_lanes(count), a);
}

static inline vhalf h_set(float a)
{
    return _mm256_set1_ps(a);
}

static inline vhalf h_add(vhalf a, vhalf b)
{
    return _mm256_add_ps(a, b);
}

static inline vhalf h_fma(vhalf a, vhalf b, vhalf c) /* a b + c */
{
    return _mm256_fmadd_ps(a, b, c);
}

static inline vhalf h_min(vhalf a, vhalf b) /* b when either is NaN */
{
    return _mm256_min_ps(a, b);
}

static inline vhalf h_max(vhalf a, vhalf b) /* b when either is NaN */
{
    return _mm256_max_ps(a, b);
}

static inline vfloat v_set(float a)
{
    return _mm512_set1_ps(a);
}

static inline vfloat v_add(vfloat a, vfloat b)
{
    return _mm512_add_ps(a, b);
}

static inline vfloat v_sub(vfloat a, vfloat b)
{
    return _mm512_sub_ps(a, b);
}

static inline vfloat v_mul(vfloat a, vfloat b)
{
    return _mm512_mul_ps(a, b);
}

static inline vfloat v_div(vfloat a, vfloat b)
{
    return _mm512_div_ps(a, b);
}

static inline vfloat v_fma(vfloat a, vfloat b, vfloat c) /* a b + c */
{
    return _mm512_fmadd_ps(a, b, c);
}

static inline vfloat v_fnma(vfloat a, vfloat b, vfloat c) /* c - a b */
{
    return _mm512_fnmadd_ps(a, b, c);
}

static inline vfloat v_min(vfloat a, vfloat b) /* b when either is NaN */
{
    return _mm512_min_ps(a, b);
}

static inline vfloat v_max(vfloat a, vfloat b) /* b when either is NaN */
{
    return _mm512_max_ps(a, b);
}

static inline vfloat v_abs(vfloat a)
{
    return _mm512_andnot_ps(_mm512_set1_ps(-0.0f), a);
}

static inline vfloat v_copy_sign(vfloat magnitude, vfloat sign)
{
    enum { FIRST_CHOOSES = 0xca }; /* the truth table of first ? second : third */
    return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(_mm512_set1_ps(-0.0f)),
                                                         _mm512_castps_si512(sign), _mm512_castps_si512(magnitude),
                                                         FIRST_CHOOSES));
}

static inline vmask v_less(vfloat a, vfloat b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ);
}

static inline vmask v_less_or_equal(vfloat a, vfloat b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_LE_OQ);
}

static inline vmask v_is_nan(vfloat a)
{
    return _mm512_cmp_ps_mask(a, a, _CMP_UNORD_Q);
}

static inline vmask v_same_bits(vfloat a, vfloat b)
{
    return _mm512_cmpeq_epi32_mask(_mm512_castps_si512(a), _mm512_castps_si512(b));
}

static inline vmask v_either(vmask a, vmask b)
{
    return _mm512_kor(a, b);
}

static inline vfloat v_select(vmask mask, vfloat yes, vfloat no)
{
    return _mm512_mask_blend_ps(mask, no, yes);
}

static inline vmask v_same_bits_where(vmask lanes, vfloat a, vfloat b)
{
    return _mm512_mask_cmpeq_epi32_mask(lanes, _mm512_castps_si512(a), _mm512_castps_si512(b));
}

static inline int64_t v_count(vmask mask) /* lanes that are set; a move and a count */
{
    return _mm_popcnt_u32(mask);
}

static inline vfloat v_load_where(vmask lanes, const float *p) /* other lanes are zero and not touched */
{
    return _mm512_maskz_loadu_ps(lanes, p);
}

/* Where a running maximum that keeps its first NaN is to take x: two instructions. */
static inline vmask v_larger_or_first_nan(vfloat x, vfloat most)
{
    return _mm512_mask_cmp_ps_mask(_mm512_cmp_ps_mask(most, most, _CMP_ORD_Q), x, most, _CMP_NLE_UQ);
}

/* Lane i is lane n of a, or lane n - LANES of b, where n are the bits of lane i of `lanes`. */
#define V_PICKS
static inline vfloat v_pick(vfloat a, vfloat b, vfloat lanes)
{
    return _mm512_permutex2var_ps(a, _mm512_castps_si512(lanes), b);
}

static inline vfloat v_add_bits(vfloat a, vfloat b) /* as whole numbers */
{
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)));
}

static inline vfloat v_round(vfloat a) /* to the nearest whole number */
{
    return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
}

static inline vfloat v_scale(vfloat x, vfloat n) /* x 2^n for whole n */
{
    return _mm512_scalef_ps(x, n);
}

static inline float v_sum(vfloat a) /* in a fixed order, so that results repeat */
{
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 quarter = _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_add_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_add_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1)));
}

static inline float v_largest(vfloat a)
{
    __m256 half = _mm256_max_ps(_mm512_castps512_ps256(a), _mm512_extractf32x8_ps(a, 1));
    __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
    quarter = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
    return _mm_cvtss_f32(_mm_max_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1)));
}

static inline vfloat v_sqrt(vfloat a)
{
    return _mm512_sqrt_ps(a);
}

/* ---- float64: a vfloat widens into two of these, each of LANES / 2 elements */

typedef __m512d vdouble;

static inline vdouble v_widen_low(vfloat a)
{
    return _mm512_cvtps_pd(_mm512_castps512_ps256(a));
}

static inline vdouble v_widen_high(vfloat a) /* two instructions */
{
    return _mm512_cvtps_pd(_mm512_extractf32x8_ps(a, 1));
}

static inline vfloat v_narrow(vdouble low, vdouble high) /* rounded; three instructions */
{
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(low)), _mm512_cvtpd_ps(high), 1);
}

static inline vdouble v_where_not_zero_double(vdouble a, vdouble b) /* b where a is not 0, else 0; two instructions */
{
    return _mm512_maskz_mov_pd(_mm512_cmp_pd_mask(a, _mm512_setzero_pd(), _CMP_NEQ_UQ), b);
}

static inline vdouble v_load_double(const double *p)
{
    return _mm512_loadu_pd(p);
}

static inline void v_store_double(double *p, vdouble a)
{
    _mm512_storeu_pd(p, a);
}

static inline vdouble v_set_double(double a)
{
    return _mm512_set1_pd(a);
}

static inline vdouble v_add_double(vdouble a, vdouble b)
{
    return _mm512_add_pd(a, b);
}

static inline vdouble v_sub_double(vdouble a, vdouble b)
{
    return _mm512_sub_pd(a, b);
}

static inline vdouble v_mul_double(vdouble a, vdouble b)
{
    return _mm512_mul_pd(a, b);
}

static inline vdouble v_fma_double(vdouble a, vdouble b, vdouble c) /* a b + c */
{
    return _mm512_fmadd_pd(a, b, c);
}

static inline double v_sum_double(vdouble a) /* in a fixed order */
{
    __m256d half = _mm256_add_pd(_mm512_castpd512_pd256(a), _mm512_extractf64x4_pd(a, 1));
    __m128d quarter = _mm_add_pd(_mm256_castpd256_pd128(half), _mm256_extractf128_pd(half, 1));
    return _mm_cvtsd_f64(_mm_add_sd(quarter, _mm_unpackhi_pd(quarter, quarter)));
}

/* x = m 2^n with sqrt(1/2) <= m < sqrt 2, for positive normal x: four integer instructions and a conversion. */
static inline vfloat v_split(vfloat x, vfloat *n)
{
    const __m512i start = _mm512_set1_epi32(0x3f3504f3); /* sqrt(1/2) */
    __m512i above = _mm512_sub_epi32(_mm512_castps_si512(x), start);
    *n = _mm512_cvtepi32_ps(_mm512_srai_epi32(above, 23));
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_and_si512(above, _mm512_set1_epi32(0x007fffff)), start));
}

/* a0 b0 a1 b1 ...: two instructions that take from two registers. */
#define V_INTERLEAVE
static inline void v_interleave(vfloat a, vfloat b, vfloat *low, vfloat *high)
{
    const __m512i first = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    *low = _mm512_permutex2var_ps(a, first, b);
    *high = _mm512_permutex2var_ps(a, _mm512_add_epi32(first, _mm512_set1_epi32(8)), b);
}

/* a0 b0 c0 a1 b1 c1 ...: two instructions for each of three vectors. */
#define V_STORE_THREES
static inline void v_store_threes(float *p, vfloat a, vfloat b, vfloat c)
{
    const __m512i pair_0 = _mm512_setr_epi32(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
    const __m512i pair_1 = _mm512_setr_epi32(21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
    const __m512i pair_2 = _mm512_setr_epi32(0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
    const __m512i third_0 = _mm512_setr_epi32(0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15);
    const __m512i third_1 = _mm512_setr_epi32(0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15);
    const __m512i third_2 = _mm512_setr_epi32(26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31);
    v_store(p, _mm512_permutex2var_ps(_mm512_permutex2var_ps(a, pair_0, b), third_0, c));
    v_store(p + LANES, _mm512_permutex2var_ps(_mm512_permutex2var_ps(a, pair_1, b), third_1, c));
    v_store(p + 2 * LANES, _mm512_permutex2var_ps(_mm512_permutex2var_ps(a, pair_2, b), third_2, c));
}

/* The transpose of LANES rows: 64 instructions. Rows are paired by element, by pair, and then by quarter of a register. */
#define V_TRANSPOSE
static inline void v_transpose(vfloat r[LANES])
{
    vfloat a[LANES], b[LANES];
    for (int i = 0; i < LANES; i += 2) {
        a[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        a[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < LANES; i += 4) { /* b[i + j]: element j of each quarter of rows i to i + 3 */
        b[i] = _mm512_shuffle_ps(a[i], a[i + 2], 0x44);
        b[i + 1] = _mm512_shuffle_ps(a[i], a[i + 2], 0xee);
        b[i + 2] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0x44);
        b[i + 3] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
    for (int j = 0; j < 4; j++) {
        const vfloat low = _mm512_shuffle_f32x4(b[j], b[j + 4], 0x88),
                     high = _mm512_shuffle_f32x4(b[j + 8], b[j + 12], 0x88);
        const vfloat odd_low = _mm512_shuffle_f32x4(b[j], b[j + 4], 0xdd);
        const vfloat odd_high = _mm512_shuffle_f32x4(b[j + 8], b[j + 12], 0xdd);
        r[j] = _mm512_shuffle_f32x4(low, high, 0x88);
        r[j + 8] = _mm512_shuffle_f32x4(low, high, 0xdd);
        r[j + 4] = _mm512_shuffle_f32x4(odd_low, odd_high, 0x88);
        r[j + 12] = _mm512_shuffle_f32x4(odd_low, odd_high, 0xdd);
    }
}

/* The transpose of eight rows: 24 instructions. */
#define EIGHT_ROWS
typedef __m256 veight;
static inline void v_transpose_eight(const vfloat r[8], veight columns[LANES])
{
    const __m512i low = _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high = _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15);
    vfloat a[8], b[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
        a[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
    }
    for (int i = 0; i < 8; i += 4) { /* b[i + j]: rows i to i + 3 of column j of each quarter of a register */
        b[i] = _mm512_shuffle_ps(a[i], a[i + 2], 0x44);
        b[i + 1] = _mm512_shuffle_ps(a[i], a[i + 2], 0xee);
        b[i + 2] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0x44);
        b[i + 3] = _mm512_shuffle_ps(a[i + 1], a[i + 3], 0xee);
    }
    for (int j = 0; j < 4; j++) {
        const __m512d above = _mm512_castps_pd(b[j]), below = _mm512_castps_pd(b[j + 4]);
        const vfloat first = _mm512_castpd_ps(_mm512_permutex2var_pd(above, low, below));
        const vfloat last = _mm512_castpd_ps(_mm512_permutex2var_pd(above, high, below));
        columns[j] = _mm512_castps512_ps256(first);
        columns[j + 4] = _mm512_extractf32x8_ps(first, 1);
        columns[j + 8] = _mm512_castps512_ps256(last);
        columns[j + 12] = _mm512_extractf32x8_ps(last, 1);
    }
}

#define eight_store h_store
#define eight_store_tail h_store_tail

/* Lane i of v_take(a, places) is lane places[i] of a. v_group_places is lane k of the group of each lane, for groups of a
 * power of two; an addition and a broadcast beside what stays the same. */
typedef __m512i vplaces;
static inline vplaces v_group_places(int64_t group, int64_t k)
{
    const __m512i lanes = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    return _mm512_add_epi32(_mm512_andnot_si512(_mm512_set1_epi32((int)group - 1), lanes), _mm512_set1_epi32((int)k));
}

static inline vfloat v_take(vfloat a, vplaces places)
{
    return _mm512_permutexvar_ps(places, a);
}

#endif
