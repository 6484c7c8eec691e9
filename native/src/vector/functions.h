/* functions.h - exponential, logarithm, tanh, sigmoid and the Gaussian tail on vectors, over the names of a vector_<isa>.h.
 * exp and expm1 reduce x to n ln 2 + r with |r| <= ln 2 / 2 and use the polynomial of expf in Moshier's Cephes library;
 * the others are built so that nothing cancels: small arguments keep their relative accuracy. */
#ifndef CNN_VECTOR_FUNCTIONS_H
#define CNN_VECTOR_FUNCTIONS_H

#include <math.h>

/* exp(r) - 1 for |r| <= ln 2 / 2. */
static inline vfloat reduced_expm1(vfloat r)
{
    vfloat p = v_fma(v_set(1.9875691500e-4f), r, v_set(1.3981999507e-3f));
    p = v_fma(p, r, v_set(8.3334519073e-3f));
    p = v_fma(p, r, v_set(4.1665795894e-2f));
    p = v_fma(p, r, v_set(1.6666665459e-1f));
    p = v_fma(p, r, v_set(5.0000001201e-1f));
    return v_fma(p, v_mul(r, r), r);
}

/* r and n of x = n ln 2 + r. ln 2 is split in two so that n times its first part is exact. */
static inline vfloat reduce(vfloat x, vfloat *n)
{
    *n = v_round(v_mul(x, v_set(1.44269504088896341f)));
    return v_fnma(*n, v_set(-2.12194440e-4f), v_fnma(*n, v_set(0.693359375f), x));
}

/* exp(x); results below the smallest normal number may be zero. */
static inline vfloat v_exp(vfloat x)
{
    vfloat n, clamped = v_max(v_set(-104.0f), v_min(v_set(89.0f), x));
    vfloat r = reduce(clamped, &n);
    return v_scale(v_add(v_set(1.0f), reduced_expm1(r)), n);
}

/* exp(x) - 1 for x <= 60. */
static inline vfloat v_expm1(vfloat x)
{
    vfloat n, clamped = v_max(v_set(-30.0f), x);
    vfloat r = reduce(clamped, &n), power = v_scale(v_set(1.0f), n);
    return v_fma(power, reduced_expm1(r), v_sub(power, v_set(1.0f)));
}

/* log(m) for m >= sqrt(1/2) and m < sqrt 2, and n ln 2 added to it: the polynomial of logf in Moshier's Cephes library. */
static inline vfloat reduced_log(vfloat m, vfloat n)
{
    vfloat f = v_sub(m, v_set(1.0f)), square = v_mul(f, f);
    vfloat p = v_fma(v_set(7.0376836292e-2f), f, v_set(-1.1514610310e-1f));
    p = v_fma(p, f, v_set(1.1676998740e-1f));
    p = v_fma(p, f, v_set(-1.2420140846e-1f));
    p = v_fma(p, f, v_set(1.4249322787e-1f));
    p = v_fma(p, f, v_set(-1.6668057665e-1f));
    p = v_fma(p, f, v_set(2.0000714765e-1f));
    p = v_fma(p, f, v_set(-2.4999993993e-1f));
    p = v_fma(p, f, v_set(3.3333331174e-1f));
    p = v_mul(p, v_mul(square, f));
    p = v_fma(n, v_set(-2.12194440e-4f), p);
    p = v_fnma(v_set(0.5f), square, p);
    return v_fma(n, v_set(0.693359375f), v_add(f, p));
}

/* log(x): -infinity at 0, NaN below. Subnormal numbers count as zeros, as they do in all of the kernels. */
static inline vfloat v_log(vfloat x)
{
    const vfloat zero = v_set(0.0f), infinity = v_set(INFINITY);
    vfloat n, m = v_split(x, &n), result = reduced_log(m, n);
    result = v_select(v_less(x, infinity), result, x); /* infinity and NaN */
    result = v_select(v_less_or_equal(x, zero), v_sub(zero, infinity), result);
    return v_select(v_less(x, zero), v_set(NAN), result);
}

/* log(1 + e) for 0 <= e <= 1: what 1 + e lost to rounding is added in first order. */
static inline vfloat v_log1p(vfloat e)
{
    const vfloat one = v_set(1.0f);
    vfloat sum = v_add(one, e), n, m = v_split(sum, &n);
    return v_add(reduced_log(m, n), v_div(v_sub(e, v_sub(sum, one)), sum));
}

/* log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), which neither overflows nor cancels. */
static inline vfloat v_softplus(vfloat x)
{
    const vfloat zero = v_set(0.0f);
    return v_add(v_max(zero, x), v_log1p(v_exp(v_sub(zero, v_abs(x)))));
}

/* tanh |x| = e / (e + 2) with e = exp(2 |x|) - 1. */
static inline vfloat v_tanh(vfloat x)
{
    vfloat a = v_abs(x), e = v_expm1(v_min(v_set(20.0f), v_add(a, a)));
    return v_copy_sign(v_div(e, v_add(e, v_set(2.0f))), x);
}

/* 1 / (1 + e) with e = exp(-x): nothing cancels on either side, and where e is infinite the result is zero. */
static inline vfloat v_sigmoid(vfloat x)
{
    const vfloat one = v_set(1.0f);
    return v_div(one, v_add(one, v_exp(v_sub(v_set(0.0f), x))));
}

/* x / (1 + exp(-x)), which is x sigmoid(x). */
static inline vfloat v_silu(vfloat x)
{
    return v_div(x, v_add(v_set(1.0f), v_exp(v_sub(v_set(0.0f), x))));
}

/* erfc(|x| / sqrt 2) / 2, the probability beyond |x| of a normal distribution, with a relative error that stays small in
 * the tail: t P(t) exp(-x^2 / 2) with t = 1 / (1 + a / 2) and a = |x| / sqrt 2. P was fitted for this library to erfc(a)
 * exp(a^2) / (2 t) on 0 < a < 18 by iteratively reweighted least squares; its relative error is below 7e-8. */
static inline vfloat v_normal_tail(vfloat x)
{
    vfloat a = v_min(v_set(16.0f), v_abs(x));
    vfloat t = v_div(v_set(1.0f), v_fma(a, v_set(0.35355339059f), v_set(1.0f)));
    vfloat p = v_fma(v_set(-0.05792363565f), t, v_set(0.27982642070f));
    p = v_fma(p, t, v_set(-0.47906115252f));
    p = v_fma(p, t, v_set(0.27062461963f));
    p = v_fma(p, t, v_set(-0.02272350821f));
    p = v_fma(p, t, v_set(0.20152049518f));
    p = v_fma(p, t, v_set(0.24328657067f));
    p = v_fma(p, t, v_set(0.28236384012f));
    p = v_fma(p, t, v_set(0.28208640649f));
    vfloat square = v_mul(a, a), lost = v_fma(a, a, v_sub(v_set(0.0f), square)); /* a^2 = square + lost, exactly */
    vfloat e = v_exp(v_mul(v_set(-0.5f), square));
    return v_mul(v_mul(v_set(0.5f), v_mul(t, p)), v_fnma(v_mul(v_set(0.5f), lost), e, e));
}

#endif
