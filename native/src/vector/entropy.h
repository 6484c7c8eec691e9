/* entropy.h - cross-entropy with targets that are not a single label: soft labels, smoothing, weights. Everything but the
 * exponentials is in float64, because the loss of a row is a difference of sums that may be large. */
#ifndef CNN_VECTOR_ENTROPY_H
#define CNN_VECTOR_ENTROPY_H

#include "kernels.h"
#include "vector/functions.h"

typedef struct entropy_halves {
    vdouble low, high;
} entropy_halves;

/* What cnn_entropy_target has, spread over lanes. */
typedef struct entropy_lanes {
    const cnn_entropy_target *target;
    vdouble keep, even;
} entropy_lanes;

static inline entropy_lanes entropy_lanes_of(const cnn_entropy_target *target)
{
    return (entropy_lanes){target, v_set_double(target->keep), v_set_double(target->even)};
}

static inline vfloat entropy_load(const float *p, int64_t count)
{
    return count == LANES ? v_load(p) : v_load_tail(p, count);
}

/* The coefficients a[c] from c on, 0 beyond the first `count` of them. */
static inline entropy_halves entropy_coefficients(entropy_lanes lanes, int64_t c, int64_t count)
{
    const float *const soft = lanes.target->soft, *const weights = lanes.target->weights;
    entropy_halves a = {lanes.even, lanes.even};
    if (soft) {
        const vfloat share = entropy_load(soft + c, count);
        a.low = v_fma_double(v_widen_low(share), lanes.keep, a.low);
        a.high = v_fma_double(v_widen_high(share), lanes.keep, a.high);
    }
    if (weights || count < LANES) {
        const vfloat one = v_select(v_first_lanes(count), v_set(1.0f), v_set(0.0f));
        const vfloat weight = weights ? entropy_load(weights + c, count) : one;
        a.low = v_mul_double(v_widen_low(weight), a.low);
        a.high = v_mul_double(v_widen_high(weight), a.high);
    }
    return a;
}

typedef struct entropy_totals {
    vdouble all_low, all_high, loss_low, loss_high;
} entropy_totals;

static inline void entropy_add(entropy_totals *t, entropy_lanes lanes, vdouble shift, const float *logits, int64_t c,
                               int64_t count)
{
    const entropy_halves a = entropy_coefficients(lanes, c, count);
    const vfloat x = entropy_load(logits + c, count);
    const vdouble low = v_sub_double(shift, v_widen_low(x)), high = v_sub_double(shift, v_widen_high(x));
    t->all_low = v_add_double(t->all_low, a.low);
    t->all_high = v_add_double(t->all_high, a.high);
    t->loss_low = v_fma_double(a.low, v_where_not_zero_double(a.low, low), t->loss_low);
    t->loss_high = v_fma_double(a.high, v_where_not_zero_double(a.high, high), t->loss_high);
}

static void entropy_sums(const cnn_entropy_target *target, int64_t count, const float *logits, double shift, double *sums)
{
    const vdouble zero = v_set_double(0), start = v_set_double(shift);
    const cnn_entropy_target copy = *target; /* so that the compiler knows that no store changes it */
    const entropy_lanes lanes = entropy_lanes_of(&copy);
    entropy_totals t = {zero, zero, zero, zero};
    int64_t c = 0;
    for (; c + LANES <= count; c += LANES)
        entropy_add(&t, lanes, start, logits, c, LANES);
    if (c < count) entropy_add(&t, lanes, start, logits, c, count - c);
    sums[0] = v_sum_double(v_add_double(t.all_low, t.all_high));
    sums[1] = v_sum_double(v_add_double(t.loss_low, t.loss_high));
}

static inline vfloat entropy_slope(entropy_lanes lanes, vfloat largest, vdouble factor, vdouble minus_scale,
                                   const float *logits, int64_t c, int64_t count)
{
    const entropy_halves a = entropy_coefficients(lanes, c, count);
    const vfloat e = v_exp(v_sub(entropy_load(logits + c, count), largest));
    return v_narrow(v_fma_double(minus_scale, a.low, v_mul_double(factor, v_widen_low(e))),
                    v_fma_double(minus_scale, a.high, v_mul_double(factor, v_widen_high(e))));
}

static void entropy_gradient(const cnn_entropy_target *target, int64_t count, const float *logits, float largest,
                             double factor, double scale, float *output)
{
    const vfloat less = v_set(largest);
    const vdouble times = v_set_double(factor), minus_scale = v_set_double(-scale);
    const cnn_entropy_target copy = *target;
    const entropy_lanes lanes = entropy_lanes_of(&copy);
    int64_t c = 0;
    for (; c + LANES <= count; c += LANES)
        v_store(output + c, entropy_slope(lanes, less, times, minus_scale, logits, c, LANES));
    if (c < count) v_store_tail(output + c, count - c, entropy_slope(lanes, less, times, minus_scale, logits, c, count - c));
}

#endif
