/* lrn.h - the kernels of local response normalisation on vectors. The exponents that networks use are made of square roots;
 * any other goes through the C library, one element at a time. */
#ifndef CNN_VECTOR_LRN_H
#define CNN_VECTOR_LRN_H

#include "kernels.h"

#include <math.h>

static void window_sums(int64_t count, int64_t window, const float *source, float scale, float bias, float *output)
{
    const vfloat factor = v_set(scale), offset = v_set(bias);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES) {
        vfloat sum = v_load(source + i);
        for (int64_t t = 1; t < window; t++)
            sum = v_add(sum, v_load(source + i + t));
        v_store(output + i, v_fma(sum, factor, offset));
    }
    if (i == count) return;
    vfloat sum = v_load_tail(source + i, count - i);
    for (int64_t t = 1; t < window; t++)
        sum = v_add(sum, v_load_tail(source + i + t, count - i));
    v_store_tail(output + i, count - i, v_fma(sum, factor, offset));
}

#define CNN_INVERSE(power)                                                                                                  \
    for (int64_t i = 0; i < count; i += LANES) {                                                                            \
        const int64_t left = count - i < LANES ? count - i : LANES;                                                         \
        const vfloat x = v_load_tail(input + i, left), root = v_sqrt(x);                                                    \
        (void)root;                                                                                                         \
        v_store_tail(output + i, left, v_div(v_set(1.0f), power));                                                          \
    }

static void inverse_power(int64_t count, const float *input, float exponent, float *output)
{
    if (exponent == 0.75f) {
        CNN_INVERSE(v_mul(root, v_sqrt(root)))
    } else if (exponent == 0.5f) {
        CNN_INVERSE(root)
    } else if (exponent == 1.0f) {
        CNN_INVERSE(x)
    } else {
        for (int64_t i = 0; i < count; i++)
            output[i] = powf(input[i], -exponent);
    }
}

#undef CNN_INVERSE

#endif
