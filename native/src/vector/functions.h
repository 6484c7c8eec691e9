/* functions.h - exponential, tanh, sigmoid and the Gaussian tail on vectors, over the names of a vector_<isa>.h.
 * exp and expm1 reduce x to n ln 2 + r with |r| <= ln 2 / 2 and use the polynomial of expf in Moshier's Cephes library;
 * the others are built so that nothing cancels: small arguments keep their relative accuracy. */
#ifndef CNN_VECTOR_FUNCTIONS_H
#define CNN_VECTOR_FUNCTIONS_H

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

/* tanh |x| = e / (e + 2) with e = exp(2 |x|) - 1. */
static inline vfloat v_tanh(vfloat x)
{
    vfloat a = v_abs(x), e = v_expm1(v_min(v_set(20.0f), v_add(a, a)));
    return v_copy_sign(v_div(e, v_add(e, v_set(2.0f))), x);
}

/* 1 / (1 + e) for positive x and e / (1 + e) for negative x, with e = exp(-|x|). */
static inline vfloat v_sigmoid(vfloat x)
{
    const vfloat one = v_set(1.0f);
    vfloat e = v_exp(v_sub(v_set(0.0f), v_abs(x)));
    return v_div(v_select(v_less(x, v_set(0.0f)), e, one), v_add(one, e));
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
