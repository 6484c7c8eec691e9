/* vector_neon.h - a thin name for each NEON instruction of AArch64 that the shared kernels in vector/ use. Each is one
 * instruction, or says what it costs. NEON has no masked loads, so tails are moved in pieces of two and one. */
#ifndef CNN_VECTOR_NEON_H
#define CNN_VECTOR_NEON_H

#include <arm_neon.h>
#include <stdint.h>

#define LANES 4

typedef float32x4_t vfloat;
typedef uint32x4_t vmask;

static const uint32_t lane_numbers[LANES] = {0, 1, 2, 3};

static inline vfloat v_load(const float *p)
{
    return vld1q_f32(p);
}

/* Missing lanes are zero and not touched; up to two loads and two branches. */
static inline vfloat v_load_tail(const float *p, int64_t count)
{
    const vfloat zero = vdupq_n_f32(0.0f);
    switch (count) {
    case 0:
        return zero;
    case 1:
        return vld1q_lane_f32(p, zero, 0);
    case 2:
        return vcombine_f32(vld1_f32(p), vget_low_f32(zero));
    case 3:
        return vld1q_lane_f32(p + 2, vcombine_f32(vld1_f32(p), vget_low_f32(zero)), 2);
    default:
        return vld1q_f32(p);
    }
}

static inline void v_store(float *p, vfloat a)
{
    vst1q_f32(p, a);
}

static inline void v_stream(float *p, vfloat a) /* through the caches: part of a line is not worth a write of its own */
{
    v_store(p, a);
}

static inline void v_store_tail(float *p, int64_t count, vfloat a) /* up to two stores and two branches */
{
    switch (count) {
    case 0:
        break;
    case 1:
        vst1q_lane_f32(p, a, 0);
        break;
    case 2:
        vst1_f32(p, vget_low_f32(a));
        break;
    case 3:
        vst1_f32(p, vget_low_f32(a));
        vst1q_lane_f32(p + 2, a, 2);
        break;
    default:
        vst1q_f32(p, a);
        break;
    }
}

static inline vfloat v_set(float a)
{
    return vdupq_n_f32(a);
}

static inline vfloat v_add(vfloat a, vfloat b)
{
    return vaddq_f32(a, b);
}

static inline vfloat v_sub(vfloat a, vfloat b)
{
    return vsubq_f32(a, b);
}

static inline vfloat v_mul(vfloat a, vfloat b)
{
    return vmulq_f32(a, b);
}

static inline vfloat v_div(vfloat a, vfloat b)
{
    return vdivq_f32(a, b);
}

static inline vfloat v_fma(vfloat a, vfloat b, vfloat c) /* a b + c */
{
    return vfmaq_f32(c, a, b);
}

static inline vfloat v_fnma(vfloat a, vfloat b, vfloat c) /* c - a b */
{
    return vfmsq_f32(c, a, b);
}

#define v_fma_lane(a, b, lane, c) vfmaq_laneq_f32(c, a, b, lane) /* a b[lane] + c */

static inline vfloat v_min(vfloat a, vfloat b) /* b when either is NaN, which FMIN does not give: two instructions */
{
    return vbslq_f32(vcltq_f32(a, b), a, b);
}

static inline vfloat v_max(vfloat a, vfloat b) /* b when either is NaN, which FMAX does not give: two instructions */
{
    return vbslq_f32(vcgtq_f32(a, b), a, b);
}

static inline vfloat v_abs(vfloat a)
{
    return vabsq_f32(a);
}

static inline vfloat v_copy_sign(vfloat magnitude, vfloat sign)
{
    return vbslq_f32(vdupq_n_u32(0x80000000u), sign, magnitude);
}

static inline vmask v_less(vfloat a, vfloat b)
{
    return vcltq_f32(a, b);
}

static inline vmask v_less_or_equal(vfloat a, vfloat b)
{
    return vcleq_f32(a, b);
}

static inline vmask v_is_nan(vfloat a) /* two instructions */
{
    return vmvnq_u32(vceqq_f32(a, a));
}

static inline vmask v_same_bits(vfloat a, vfloat b)
{
    return vceqq_u32(vreinterpretq_u32_f32(a), vreinterpretq_u32_f32(b));
}

static inline vmask v_either(vmask a, vmask b)
{
    return vorrq_u32(a, b);
}

static inline vmask v_first_lanes(int64_t count) /* the first `count` lanes, 0 to LANES; a load, a copy and a comparison */
{
    return vcltq_u32(vld1q_u32(lane_numbers), vdupq_n_u32((uint32_t)count));
}

static inline vfloat v_select(vmask mask, vfloat yes, vfloat no)
{
    return vbslq_f32(mask, yes, no);
}

static inline vfloat v_round(vfloat a) /* to the nearest whole number */
{
    return vrndnq_f32(a);
}

/* x 2^n for whole n: in two factors, because 2^n alone may be too large or too small for a float. */
static inline vfloat v_scale(vfloat x, vfloat n)
{
    const int32x4_t bias = vdupq_n_s32(127);
    const int32x4_t whole = vcvtq_s32_f32(n), half = vshrq_n_s32(whole, 1), rest = vsubq_s32(whole, half);
    const vfloat first = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(half, bias), 23));
    const vfloat second = vreinterpretq_f32_s32(vshlq_n_s32(vaddq_s32(rest, bias), 23));
    return vmulq_f32(vmulq_f32(x, first), second);
}

static inline float v_sum(vfloat a) /* in pairs, a fixed order, so that results repeat: two instructions */
{
    return vaddvq_f32(a);
}

static inline float v_largest(vfloat a)
{
    return vmaxvq_f32(a);
}

static inline vfloat v_sqrt(vfloat a)
{
    return vsqrtq_f32(a);
}

/* ---- float64: a vfloat widens into two of these, each of LANES / 2 elements */

typedef float64x2_t vdouble;

static inline vdouble v_widen_low(vfloat a)
{
    return vcvt_f64_f32(vget_low_f32(a));
}

static inline vdouble v_widen_high(vfloat a)
{
    return vcvt_high_f64_f32(a);
}

static inline vfloat v_narrow(vdouble low, vdouble high) /* rounded; two instructions */
{
    return vcvt_high_f32_f64(vcvt_f32_f64(low), high);
}

static inline vdouble v_where_not_zero_double(vdouble a, vdouble b) /* b where a is not 0, else 0; two instructions */
{
    return vreinterpretq_f64_u64(vbicq_u64(vreinterpretq_u64_f64(b), vceqzq_f64(a)));
}

static inline vdouble v_load_double(const double *p)
{
    return vld1q_f64(p);
}

static inline void v_store_double(double *p, vdouble a)
{
    vst1q_f64(p, a);
}

static inline vdouble v_set_double(double a)
{
    return vdupq_n_f64(a);
}

static inline vdouble v_add_double(vdouble a, vdouble b)
{
    return vaddq_f64(a, b);
}

static inline vdouble v_sub_double(vdouble a, vdouble b)
{
    return vsubq_f64(a, b);
}

static inline vdouble v_mul_double(vdouble a, vdouble b)
{
    return vmulq_f64(a, b);
}

static inline vdouble v_fma_double(vdouble a, vdouble b, vdouble c) /* a b + c */
{
    return vfmaq_f64(c, a, b);
}

static inline double v_sum_double(vdouble a)
{
    return vaddvq_f64(a);
}

/* x = m 2^n with sqrt(1/2) <= m < sqrt 2, for positive normal x: four integer instructions and a conversion. */
static inline vfloat v_split(vfloat x, vfloat *n)
{
    const int32x4_t start = vdupq_n_s32(0x3f3504f3); /* sqrt(1/2) */
    const int32x4_t above = vsubq_s32(vreinterpretq_s32_f32(x), start);
    *n = vcvtq_f32_s32(vshrq_n_s32(above, 23));
    return vreinterpretq_f32_s32(vaddq_s32(vandq_s32(above, vdupq_n_s32(0x007fffff)), start));
}

/* a0 b0 a1 b1 ... */
#define V_INTERLEAVE
static inline void v_interleave(vfloat a, vfloat b, vfloat *low, vfloat *high)
{
    *low = vzip1q_f32(a, b);
    *high = vzip2q_f32(a, b);
}

/* Lane i of v_take(a, places) is lane places[i] of a; places are bytes of the vector. v_group_places is lane k of the group
 * of each lane, for groups of a power of two; two instructions beside what stays the same. */
typedef uint8x16_t vplaces;
static inline vplaces v_group_places(int64_t group, int64_t k)
{
    const uint32x4_t first = vbicq_u32(vld1q_u32(lane_numbers), vdupq_n_u32((uint32_t)group - 1));
    const uint32x4_t lanes = vaddq_u32(first, vdupq_n_u32((uint32_t)k));
    /* Lane l is the bytes 4 l to 4 l + 3. */
    return vreinterpretq_u8_u32(vmlaq_n_u32(vdupq_n_u32(0x03020100u), lanes, 0x04040404u));
}

static inline vfloat v_take(vfloat a, vplaces places)
{
    return vreinterpretq_f32_u8(vqtbl1q_u8(vreinterpretq_u8_f32(a), places));
}

/* a0 b0 c0 a1 b1 c1 ...: one instruction. */
#define V_STORE_THREES
static inline void v_store_threes(float *p, vfloat a, vfloat b, vfloat c)
{
    const float32x4x3_t threes = {{a, b, c}};
    vst3q_f32(p, threes);
}

#endif
