/* pointwise.h - arithmetic on one and two elements: one expression for each operation, and loops that they share. */
#ifndef CNN_VECTOR_POINTWISE_H
#define CNN_VECTOR_POINTWISE_H

#include "kernels.h"
#include "vector/functions.h"
#include "vector/map.h"

static inline vfloat smaller(vfloat x, vfloat y) /* a NaN wins, which v_min forgets of its first argument */
{
    return v_select(v_is_nan(x), x, v_min(x, y));
}

static inline vfloat larger(vfloat x, vfloat y)
{
    return v_select(v_is_nan(x), x, v_max(x, y));
}

/* The three ways of reading are three loops, so that none of them asks in its inside. Two scalars give one result. */
#define CNN_MAP_TWO(expression)                                                                                             \
    do {                                                                                                                    \
        int64_t i = 0;                                                                                                      \
        if (left_step && right_step)                                                                                        \
            for (; i + LANES <= count; i += LANES) {                                                                        \
                const vfloat x = v_load(left + i), y = v_load(right + i);                                                   \
                v_store(output + i, expression);                                                                            \
            }                                                                                                               \
        else if (left_step)                                                                                                 \
            for (const vfloat y = v_set(right[0]); i + LANES <= count; i += LANES) {                                        \
                const vfloat x = v_load(left + i);                                                                          \
                v_store(output + i, expression);                                                                            \
            }                                                                                                               \
        else                                                                                                                \
            for (const vfloat x = v_set(left[0]); i + LANES <= count; i += LANES) {                                         \
                const vfloat y = right_step ? v_load(right + i) : v_set(right[0]);                                          \
                v_store(output + i, expression);                                                                            \
            }                                                                                                               \
        if (i < count) {                                                                                                    \
            const vfloat x = left_step ? v_load_tail(left + i, count - i) : v_set(left[0]);                                 \
            const vfloat y = right_step ? v_load_tail(right + i, count - i) : v_set(right[0]);                              \
            v_store_tail(output + i, count - i, expression);                                                                \
        }                                                                                                                   \
    } while (0)

static void binary(cnn_binary_kind kind, int64_t count, const float *left, int left_step, const float *right, int right_step,
                   float *output)
{
    const vfloat one = v_set(1.0f), zero = v_set(0.0f);
    switch (kind) {
    case CNN_BINARY_ADD:
        CNN_MAP_TWO(v_add(x, y));
        break;
    case CNN_BINARY_SUB:
        CNN_MAP_TWO(v_sub(x, y));
        break;
    case CNN_BINARY_MUL:
        CNN_MAP_TWO(v_mul(x, y));
        break;
    case CNN_BINARY_DIV:
        CNN_MAP_TWO(v_div(x, y));
        break;
    case CNN_BINARY_MIN:
        CNN_MAP_TWO(smaller(x, y));
        break;
    case CNN_BINARY_MAX:
        CNN_MAP_TWO(larger(x, y));
        break;
    case CNN_BINARY_LESS:
        CNN_MAP_TWO(v_select(v_less(x, y), one, zero));
        break;
    case CNN_BINARY_EQUAL:
        CNN_MAP_TWO(v_select(v_less_or_equal(x, y), v_select(v_less_or_equal(y, x), one, zero), zero));
        break;
    }
}

#undef CNN_MAP_TWO

/* x^n for n > 0 by squaring: at most n - 1 roundings stand behind the result. */
static inline vfloat whole_power(vfloat x, int n)
{
    vfloat result = n & 1 ? x : v_set(1.0f);
    for (n >>= 1; n > 0; n >>= 1) {
        x = v_mul(x, x);
        if (n & 1) result = v_mul(result, x);
    }
    return result;
}

/* x^(1/2), which differs from a square root where pow does: -0 gives 0, and minus infinity gives infinity. */
static inline vfloat root_power(vfloat x)
{
    const vfloat infinity = v_set(INFINITY), zero = v_set(0.0f);
    return v_select(v_less_or_equal(x, v_sub(zero, infinity)), infinity, v_sqrt(v_add(x, zero)));
}

static void power(float exponent, int64_t count, const float *input, float *output)
{
    const vfloat one = v_set(1.0f);
    const double wanted = exponent;
    if (fabs(wanted) <= 8 && floor(wanted) >= wanted) {
        const int n = (int)fabs(wanted);
        if (wanted < 0)
            CNN_MAP(v_div(one, whole_power(x, n)));
        else
            CNN_MAP(whole_power(x, n));
    } else if (fabs(wanted) >= 0.5 && fabs(wanted) <= 0.5) {
        if (wanted < 0)
            CNN_MAP(v_div(one, root_power(x)));
        else
            CNN_MAP(root_power(x));
    } else {
        for (int64_t i = 0; i < count; i++)
            output[i] = (float)pow(input[i], wanted);
    }
}

static void unary(cnn_unary_kind kind, float parameter, int64_t count, const float *input, float *output)
{
    switch (kind) {
    case CNN_UNARY_EXP:
        CNN_MAP(v_exp(x));
        break;
    case CNN_UNARY_LOG:
        CNN_MAP(v_log(x));
        break;
    case CNN_UNARY_SQRT:
        CNN_MAP(v_sqrt(x));
        break;
    case CNN_UNARY_NEG:
        CNN_MAP(v_mul(v_set(-1.0f), x));
        break;
    case CNN_UNARY_ABS:
        CNN_MAP(v_abs(x));
        break;
    case CNN_UNARY_RECIPROCAL:
        CNN_MAP(v_div(v_set(1.0f), x));
        break;
    case CNN_UNARY_POW:
        power(parameter, count, input, output);
        break;
    }
}

#endif
