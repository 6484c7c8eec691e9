/* activation.h - the activations of cnn_activation_kind on vectors: one formula each. */
#ifndef CNN_VECTOR_ACTIVATION_H
#define CNN_VECTOR_ACTIVATION_H

#include "kernels.h"
#include "vector/functions.h"
#include "vector/map.h"

#include <string.h>

static inline vfloat leaky_relu(vfloat x, vfloat alpha)
{
    return v_select(v_less(x, v_set(0.0f)), v_mul(alpha, x), x);
}

static inline vfloat elu(vfloat x, vfloat alpha)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less(x, zero), v_mul(alpha, v_expm1(v_min(zero, x))), x);
}

static inline vfloat selu(vfloat x)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less(x, zero), v_mul(v_set(1.7580993408473766f), v_expm1(v_min(zero, x))),
                    v_mul(v_set(1.0507009873554805f), x));
}

static inline vfloat gelu(vfloat x)
{
    vfloat tail = v_normal_tail(x);
    return v_mul(x, v_select(v_less(x, v_set(0.0f)), tail, v_sub(v_set(1.0f), tail)));
}

static inline vfloat hard_swish(vfloat x)
{
    const vfloat three = v_set(3.0f), zero = v_set(0.0f);
    vfloat gate = v_mul(v_min(v_set(6.0f), v_max(zero, v_add(x, three))), v_set(1.0f / 6.0f));
    return v_select(v_less_or_equal(x, v_sub(zero, three)), zero, v_mul(x, gate));
}

/* tanh(log(1 + e)) = n / (n + 2) with e = exp(x) and n = e^2 + 2 e, where nothing cancels. From x = 20 on it is 1. */
static inline vfloat mish(vfloat x)
{
    const vfloat two = v_set(2.0f);
    vfloat e = v_exp(v_min(v_set(20.0f), x)), n = v_mul(e, v_add(e, two));
    return v_mul(x, v_div(n, v_add(n, two)));
}

static inline vfloat limit(vfloat x, vfloat low, vfloat high) /* a NaN passes; the upper limit wins */
{
    return v_min(high, v_max(low, x));
}

static inline vfloat hard_sigmoid(vfloat x, vfloat alpha, vfloat beta)
{
    return limit(v_fma(alpha, x, beta), v_set(0.0f), v_set(1.0f));
}

static void activate(cnn_activation_kind kind, float alpha, float beta, int64_t count, const float *input, float *output)
{
    const vfloat a = v_set(alpha), b = v_set(beta), zero = v_set(0.0f);
    switch (kind) {
    case CNN_ACTIVATION_NONE:
        if (input != output) memcpy(output, input, (size_t)count * sizeof(float));
        break;
    case CNN_ACTIVATION_RELU:
        CNN_MAP(v_max(zero, x));
        break;
    case CNN_ACTIVATION_LEAKY_RELU:
        CNN_MAP(leaky_relu(x, a));
        break;
    case CNN_ACTIVATION_TANH:
        CNN_MAP(v_tanh(x));
        break;
    case CNN_ACTIVATION_SIGMOID:
        CNN_MAP(v_sigmoid(x));
        break;
    case CNN_ACTIVATION_ELU:
        CNN_MAP(elu(x, a));
        break;
    case CNN_ACTIVATION_SELU:
        CNN_MAP(selu(x));
        break;
    case CNN_ACTIVATION_GELU:
        CNN_MAP(gelu(x));
        break;
    case CNN_ACTIVATION_SILU:
        CNN_MAP(v_silu(x));
        break;
    case CNN_ACTIVATION_HARD_SWISH:
        CNN_MAP(hard_swish(x));
        break;
    case CNN_ACTIVATION_MISH:
        CNN_MAP(mish(x));
        break;
    case CNN_ACTIVATION_HARD_SIGMOID:
        CNN_MAP(hard_sigmoid(x, a, b));
        break;
    case CNN_ACTIVATION_SOFTPLUS:
        CNN_MAP(v_softplus(x));
        break;
    case CNN_ACTIVATION_CLIP:
        CNN_MAP(limit(x, a, b));
        break;
    }
}

#endif
