/* activation_backward.h - derivatives of the activations on vectors, and PReLU in both directions.
 * Each derivative is a product or a sum of few terms in exp(-|x|), so that its tails keep their relative accuracy. */
#ifndef CNN_VECTOR_ACTIVATION_BACKWARD_H
#define CNN_VECTOR_ACTIVATION_BACKWARD_H

#include "kernels.h"
#include "vector/functions.h"

/* sigmoid(x) (1 - sigmoid(x)) = e / (1 + e)^2 with e = exp(-|x|). tanh' is 4 times this at 2 x. */
static inline vfloat sigmoid_slope(vfloat x)
{
    const vfloat one = v_set(1.0f);
    vfloat e = v_exp(v_sub(v_set(0.0f), v_abs(x))), sum = v_add(one, e);
    return v_div(e, v_mul(sum, sum));
}

static inline vfloat leaky_slope(vfloat x, vfloat alpha)
{
    return v_select(v_less_or_equal(x, v_set(0.0f)), alpha, v_set(1.0f));
}

/* alpha exp(x) for x <= 0, else beyond; also that of SELU. */
static inline vfloat elu_slope(vfloat x, vfloat alpha, vfloat beyond)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less_or_equal(x, zero), v_mul(alpha, v_exp(v_min(zero, x))), beyond);
}

/* Phi(x) + x phi(x). x is kept finite for the product: phi is zero long before. */
static inline vfloat gelu_slope(vfloat x)
{
    vfloat tail = v_normal_tail(x), near = v_max(v_set(-20.0f), v_min(v_set(20.0f), x));
    vfloat density = v_mul(v_set(0.3989422804f), v_exp(v_mul(v_set(-0.5f), v_mul(near, near))));
    return v_fma(near, density, v_select(v_less(x, v_set(0.0f)), tail, v_sub(v_set(1.0f), tail)));
}

/* s (1 + x (1 - s)) with s = sigmoid(x) and 1 - s = sigmoid(-x). */
static inline vfloat silu_slope(vfloat x)
{
    vfloat near = v_max(v_set(-104.0f), v_min(v_set(104.0f), x));
    return v_mul(v_sigmoid(x), v_fma(near, v_sigmoid(v_sub(v_set(0.0f), near)), v_set(1.0f)));
}

static inline vfloat hard_swish_slope(vfloat x)
{
    const vfloat three = v_set(3.0f);
    vfloat inside = v_fma(x, v_set(1.0f / 3.0f), v_set(0.5f));
    vfloat right = v_select(v_less(three, x), v_set(1.0f), inside);
    return v_select(v_less(x, v_set(-3.0f)), v_set(0.0f), right);
}

/* w + x w' for w = n / (n + 2), n = e^2 + 2 e, e = exp(x): w' = 2 n' / (n + 2)^2 and n' = 2 e (e + 1). At x = 20 w is 1. */
static inline vfloat mish_slope(vfloat x)
{
    const vfloat one = v_set(1.0f), two = v_set(2.0f);
    vfloat near = v_max(v_set(-104.0f), v_min(v_set(20.0f), x));
    vfloat e = v_exp(near), n = v_mul(e, v_add(e, two)), below = v_add(n, two);
    vfloat change = v_div(v_mul(v_mul(v_set(4.0f), e), v_add(e, one)), v_mul(below, below));
    return v_fma(near, change, v_div(n, below));
}

/* `value` where x lies between low and high, neither included, else 0. A NaN lies between. */
static inline vfloat inside_slope(vfloat x, vfloat low, vfloat high, vfloat value)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less_or_equal(x, low), zero, v_select(v_less_or_equal(high, x), zero, value));
}

#define CNN_SLOPES(expression)                                                                                              \
    for (int64_t i = 0; i < count; i += LANES) {                                                                            \
        const int64_t left = count - i;                                                                                     \
        if (left >= LANES) {                                                                                                \
            const vfloat x = v_load(input + i), dy = v_load(gradient + i), slope = expression;                              \
            v_store(output + i, accumulate ? v_fma(dy, slope, v_load(output + i)) : v_mul(dy, slope));                      \
        } else {                                                                                                            \
            const vfloat x = v_load_tail(input + i, left), dy = v_load_tail(gradient + i, left), slope = expression;        \
            const vfloat old = accumulate ? v_load_tail(output + i, left) : zero;                                           \
            v_store_tail(output + i, left, accumulate ? v_fma(dy, slope, old) : v_mul(dy, slope));                          \
        }                                                                                                                   \
    }                                                                                                                       \
    break

static void activate_backward(cnn_activation_kind kind, float alpha, float beta, int accumulate, int64_t count,
                              const float *input, const float *gradient, float *output)
{
    const vfloat a = v_set(alpha), b = v_set(beta), zero = v_set(0.0f), one = v_set(1.0f);
    switch (kind) {
    case CNN_ACTIVATION_NONE:
        CNN_SLOPES(((void)x, one));
    case CNN_ACTIVATION_RELU:
        CNN_SLOPES(leaky_slope(x, zero));
    case CNN_ACTIVATION_LEAKY_RELU:
        CNN_SLOPES(leaky_slope(x, a));
    case CNN_ACTIVATION_TANH:
        CNN_SLOPES(v_mul(v_set(4.0f), sigmoid_slope(v_add(x, x))));
    case CNN_ACTIVATION_SIGMOID:
        CNN_SLOPES(sigmoid_slope(x));
    case CNN_ACTIVATION_ELU:
        CNN_SLOPES(elu_slope(x, a, one));
    case CNN_ACTIVATION_SELU:
        CNN_SLOPES(elu_slope(x, v_set(1.7580993408473766f), v_set(1.0507009873554805f)));
    case CNN_ACTIVATION_GELU:
        CNN_SLOPES(gelu_slope(x));
    case CNN_ACTIVATION_SILU:
        CNN_SLOPES(silu_slope(x));
    case CNN_ACTIVATION_HARD_SWISH:
        CNN_SLOPES(hard_swish_slope(x));
    case CNN_ACTIVATION_MISH:
        CNN_SLOPES(mish_slope(x));
    case CNN_ACTIVATION_HARD_SIGMOID:
        CNN_SLOPES(inside_slope(v_fma(a, x, b), zero, one, a));
    case CNN_ACTIVATION_SOFTPLUS:
        CNN_SLOPES(v_sigmoid(x));
    case CNN_ACTIVATION_CLIP:
        CNN_SLOPES(inside_slope(x, a, b, one));
    }
}

#undef CNN_SLOPES

static void prelu(int64_t count, const float *input, const float *slopes, float *output)
{
    const vfloat zero = v_set(0.0f);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const vfloat x = v_load(input + i);
        v_store(output + i, v_select(v_less(x, zero), v_mul(v_load(slopes + i), x), x));
    }
    if (i < count) {
        const int64_t left = count - i;
        const vfloat x = v_load_tail(input + i, left);
        v_store_tail(output + i, left, v_select(v_less(x, zero), v_mul(v_load_tail(slopes + i, left), x), x));
    }
}

static void prelu_backward(int accumulate, int64_t count, const float *input, const float *slopes, const float *gradient,
                           float *output, float *sums)
{
    const vfloat zero = v_set(0.0f), one = v_set(1.0f);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        const vfloat x = v_load(input + i), dy = v_load(gradient + i);
        const vfloat slope = v_select(v_less_or_equal(x, zero), v_load(slopes + i), one);
        v_store(sums + i, v_add(v_load(sums + i), v_select(v_less(x, zero), v_mul(x, dy), zero)));
        v_store(output + i, accumulate ? v_fma(dy, slope, v_load(output + i)) : v_mul(dy, slope));
    }
    if (i < count) {
        const int64_t left = count - i;
        const vfloat x = v_load_tail(input + i, left), dy = v_load_tail(gradient + i, left);
        const vfloat slope = v_select(v_less_or_equal(x, zero), v_load_tail(slopes + i, left), one);
        const vfloat sum = v_add(v_load_tail(sums + i, left), v_select(v_less(x, zero), v_mul(x, dy), zero));
        const vfloat old = accumulate ? v_load_tail(output + i, left) : zero;
        v_store_tail(sums + i, left, sum);
        v_store_tail(output + i, left, accumulate ? v_fma(dy, slope, old) : v_mul(dy, slope));
    }
}

#endif
