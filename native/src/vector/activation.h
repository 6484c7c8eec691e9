/* activation.h - the activations of cnn_activation_kind on vectors: one formula each, and one loop that they share. */
#ifndef CNN_VECTOR_ACTIVATION_H
#define CNN_VECTOR_ACTIVATION_H

#include "kernels.h"
#include "vector/functions.h"

#include <string.h>

static inline vfloat relu(vfloat x, vfloat alpha)
{
    (void)alpha;
    return v_max(v_set(0.0f), x);
}

static inline vfloat leaky_relu(vfloat x, vfloat alpha)
{
    return v_select(v_less(x, v_set(0.0f)), v_mul(alpha, x), x);
}

static inline vfloat hyperbolic_tangent(vfloat x, vfloat alpha)
{
    (void)alpha;
    return v_tanh(x);
}

static inline vfloat sigmoid(vfloat x, vfloat alpha)
{
    (void)alpha;
    return v_sigmoid(x);
}

static inline vfloat elu(vfloat x, vfloat alpha)
{
    const vfloat zero = v_set(0.0f);
    return v_select(v_less(x, zero), v_mul(alpha, v_expm1(v_min(zero, x))), x);
}

static inline vfloat selu(vfloat x, vfloat alpha)
{
    const vfloat zero = v_set(0.0f);
    (void)alpha;
    return v_select(v_less(x, zero), v_mul(v_set(1.7580993408473766f), v_expm1(v_min(zero, x))),
                    v_mul(v_set(1.0507009873554805f), x));
}

static inline vfloat gelu(vfloat x, vfloat alpha)
{
    vfloat tail = v_normal_tail(x);
    (void)alpha;
    return v_mul(x, v_select(v_less(x, v_set(0.0f)), tail, v_sub(v_set(1.0f), tail)));
}

static inline vfloat silu(vfloat x, vfloat alpha)
{
    (void)alpha;
    return v_mul(x, v_sigmoid(x));
}

static inline vfloat hard_swish(vfloat x, vfloat alpha)
{
    const vfloat three = v_set(3.0f), zero = v_set(0.0f);
    vfloat gate = v_mul(v_min(v_set(6.0f), v_max(zero, v_add(x, three))), v_set(1.0f / 6.0f));
    (void)alpha;
    return v_select(v_less_or_equal(x, v_sub(zero, three)), zero, v_mul(x, gate));
}

#define CNN_MAP(function)                                                                                                   \
    do {                                                                                                                    \
        int64_t i = 0;                                                                                                      \
        for (; i + LANES <= count; i += LANES)                                                                              \
            v_store(output + i, function(v_load(input + i), parameter));                                                    \
        if (i < count) v_store_tail(output + i, count - i, function(v_load_tail(input + i, count - i), parameter));         \
    } while (0)

static void activate(cnn_activation_kind kind, float alpha, int64_t count, const float *input, float *output)
{
    const vfloat parameter = v_set(alpha);
    switch (kind) {
    case CNN_ACTIVATION_NONE:
        if (input != output) memcpy(output, input, (size_t)count * sizeof(float));
        break;
    case CNN_ACTIVATION_RELU:
        CNN_MAP(relu);
        break;
    case CNN_ACTIVATION_LEAKY_RELU:
        CNN_MAP(leaky_relu);
        break;
    case CNN_ACTIVATION_TANH:
        CNN_MAP(hyperbolic_tangent);
        break;
    case CNN_ACTIVATION_SIGMOID:
        CNN_MAP(sigmoid);
        break;
    case CNN_ACTIVATION_ELU:
        CNN_MAP(elu);
        break;
    case CNN_ACTIVATION_SELU:
        CNN_MAP(selu);
        break;
    case CNN_ACTIVATION_GELU:
        CNN_MAP(gelu);
        break;
    case CNN_ACTIVATION_SILU:
        CNN_MAP(silu);
        break;
    case CNN_ACTIVATION_HARD_SWISH:
        CNN_MAP(hard_swish);
        break;
    }
}

#undef CNN_MAP

#endif
