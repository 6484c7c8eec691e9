/* losses.h - losses of single elements and the exponentials of cross-entropy, value and gradient in one pass; the formulas
 * stand at cnn_loss_kind. Sums go into float64 every few hundred elements. */
#ifndef CNN_VECTOR_LOSSES_H
#define CNN_VECTOR_LOSSES_H

#include "kernels.h"
#include "vector/activation.h"
#include "vector/rows.h"

#define LOSS_CHUNK 512 /* elements whose losses are added in float32, lane by lane */

static double sum_of_exponentials(int64_t count, const float *input, float *largest)
{
    double total = 0;
    *largest = largest_of_row(count, input);
    const vfloat shift = v_set(*largest), zero = v_set(0.0f);
    for (int64_t first = 0; first < count; first += LOSS_CHUNK) {
        const int64_t last = count - first < LOSS_CHUNK ? count : first + LOSS_CHUNK;
        vfloat sum = zero;
        int64_t i = first;
        for (; i + LANES <= last; i += LANES)
            sum = v_add(sum, v_exp(v_sub(v_load(input + i), shift)));
        if (i < last) {
            const vfloat e = v_exp(v_sub(v_load_tail(input + i, last - i), shift));
            sum = v_add(sum, v_select(v_first_lanes(last - i), e, zero));
        }
        total += v_sum(sum);
    }
    return total;
}

static void scaled_exponentials(int64_t count, const float *input, float shift, float factor, float *output)
{
    const vfloat less = v_set(shift), times = v_set(factor);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(output + i, v_mul(times, v_exp(v_sub(v_load(input + i), less))));
    if (i < count) v_store_tail(output + i, count - i, v_mul(times, v_exp(v_sub(v_load_tail(input + i, count - i), less))));
}

typedef struct loss_terms {
    vfloat value;
    vfloat slope;
} loss_terms;

/* sigmoid(x), sigmoid(-x), softplus(x) and softplus(-x) share an exponential and a logarithm. */
typedef struct logistic {
    vfloat p, q, positive, negative;
} logistic;

static inline logistic logistic_of(vfloat x)
{
    const vfloat one = v_set(1.0f), zero = v_set(0.0f), e = v_exp(v_sub(zero, v_abs(x)));
    const vmask below = v_less(x, zero);
    const vfloat sum = v_add(one, e), l = v_log1p(e);
    return (logistic){v_div(v_select(below, e, one), sum), v_div(v_select(below, one, e), sum), v_add(v_max(zero, x), l),
                      v_add(v_max(zero, v_sub(zero, x)), l)};
}

static inline loss_terms bce(vfloat x, vfloat t, vfloat w)
{
    const logistic f = logistic_of(x);
    const vfloat against = v_sub(v_set(1.0f), t), in_favour = v_mul(w, t);
    return (loss_terms){v_fma(against, f.positive, v_mul(in_favour, f.negative)),
                        v_sub(v_mul(against, f.p), v_mul(in_favour, f.q))};
}

static inline loss_terms mse(vfloat x, vfloat t)
{
    const vfloat d = v_sub(x, t);
    return (loss_terms){v_mul(d, d), v_add(d, d)};
}

static inline loss_terms l1(vfloat x, vfloat t)
{
    const vfloat d = v_sub(x, t), zero = v_set(0.0f), one = v_set(1.0f);
    const vfloat sign = v_select(v_less(zero, d), one, v_select(v_less(d, zero), v_set(-1.0f), d));
    return (loss_terms){v_abs(d), sign};
}

static inline loss_terms huber(vfloat x, vfloat t, vfloat delta)
{
    const vfloat d = v_sub(x, t), a = v_abs(d), half = v_set(0.5f);
    const vfloat linear = v_mul(delta, v_fnma(half, delta, a)), square = v_mul(half, v_mul(d, d));
    return (loss_terms){v_select(v_less(delta, a), linear, square), limit(d, v_sub(v_set(0.0f), delta), delta)};
}

/* Powers of m are taken as exp(gamma log m), whose error grows with gamma |log m|, while the loss vanishes faster. */
static inline loss_terms focal(vfloat x, vfloat t, const cnn_loss_work *work)
{
    const vfloat one = v_set(1.0f), gamma = v_set(work->gamma), alpha = v_set(work->alpha);
    const logistic f = logistic_of(x);
    const vfloat against = v_sub(one, t), b = v_fma(against, f.positive, v_mul(t, f.negative));
    const vfloat m = v_fma(f.p, against, v_mul(f.q, t)), logarithm = v_log(v_max(v_set(1e-37f), m));
    const vfloat weight = work->alpha < 0 ? one : v_fma(alpha, t, v_mul(v_sub(one, alpha), against));
    const vfloat power = v_exp(v_mul(gamma, logarithm)), lower = v_exp(v_mul(v_sub(gamma, one), logarithm));
    const vfloat away = v_mul(v_mul(gamma, lower), v_mul(v_sub(against, t), v_mul(v_mul(f.p, f.q), b)));
    const vfloat along = v_mul(power, v_sub(v_mul(f.p, against), v_mul(f.q, t)));
    return (loss_terms){v_mul(weight, v_mul(power, b)), v_mul(weight, v_add(away, along))};
}

/* Sums the values of an expression of x, t and w, and stores its slopes. */
#define CNN_LOSSES(expression)                                                                                              \
    for (int64_t first = 0; first < count; first += LOSS_CHUNK) {                                                           \
        const int64_t last = count - first < LOSS_CHUNK ? count : first + LOSS_CHUNK;                                       \
        vfloat values = zero;                                                                                               \
        int64_t i = first;                                                                                                  \
        for (; i + LANES <= last; i += LANES) {                                                                             \
            const vfloat x = v_load(prediction + i), t = v_load(target + i), w = weights ? v_load(weights + i) : one;       \
            const loss_terms terms = ((void)w, expression);                                                                 \
            values = v_add(values, terms.value);                                                                            \
            if (gradient) v_store(gradient + i, v_mul(scale, terms.slope));                                                 \
        }                                                                                                                   \
        if (i < last) {                                                                                                     \
            const int64_t left = last - i;                                                                                  \
            const vfloat x = v_load_tail(prediction + i, left), t = v_load_tail(target + i, left);                          \
            const vfloat w = weights ? v_load_tail(weights + i, left) : one;                                                \
            const loss_terms terms = ((void)w, expression);                                                                 \
            values = v_add(values, v_select(v_first_lanes(left), terms.value, zero));                                       \
            if (gradient) v_store_tail(gradient + i, left, v_mul(scale, terms.slope));                                      \
        }                                                                                                                   \
        total += v_sum(values);                                                                                             \
    }                                                                                                                       \
    break

static double loss(cnn_loss_kind kind, const cnn_loss_work *work, int64_t count, const float *prediction,
                   const float *target, const float *weights, float *gradient)
{
    const vfloat one = v_set(1.0f), zero = v_set(0.0f), scale = v_set(work->scale), delta = v_set(work->delta);
    double total = 0;
    switch (kind) {
    case CNN_LOSS_BCE_WITH_LOGITS:
        CNN_LOSSES(bce(x, t, w));
    case CNN_LOSS_MSE:
        CNN_LOSSES(mse(x, t));
    case CNN_LOSS_L1:
        CNN_LOSSES(l1(x, t));
    case CNN_LOSS_HUBER:
        CNN_LOSSES(huber(x, t, delta));
    case CNN_LOSS_FOCAL:
        CNN_LOSSES(focal(x, t, work));
    }
    return total;
}

#undef CNN_LOSSES
#undef LOSS_CHUNK

#endif
