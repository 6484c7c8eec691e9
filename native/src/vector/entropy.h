/* entropy.h - cross-entropy with targets that are not a single label: soft labels, smoothing, weights. Terms are float32, of
 * which nothing cancels: the largest logit is subtracted first. A few of them are added in each lane, and those in float64.
 */
#ifndef CNN_VECTOR_ENTROPY_H
#define CNN_VECTOR_ENTROPY_H

#include "kernels.h"
#include "vector/functions.h"

#define ENTROPY_TERMS 4 /* that a lane adds in float32 */

/* What cnn_entropy_target has, spread over lanes. */
typedef struct entropy_lanes {
    const float *soft, *weights;
    vfloat keep, even;
} entropy_lanes;

static inline entropy_lanes entropy_lanes_of(const cnn_entropy_target *target)
{
    return (entropy_lanes){target->soft, target->weights, v_set((float)target->keep), v_set((float)target->even)};
}

static inline vfloat entropy_load(const float *p, int64_t count)
{
    return count == LANES ? v_load(p) : v_load_tail(p, count);
}

/* The coefficients a[c] from c on, 0 beyond the first `count` of them. */
static inline vfloat entropy_coefficients(entropy_lanes lanes, int64_t c, int64_t count)
{
    vfloat a = lanes.even;
    if (lanes.soft) a = v_fma(entropy_load(lanes.soft + c, count), lanes.keep, a);
    if (lanes.weights) a = v_mul(entropy_load(lanes.weights + c, count), a);
    return count == LANES ? a : v_select(v_first_lanes(count), a, v_set(0.0f));
}

/* Sums of a few terms in each lane. */
typedef struct entropy_terms {
    vfloat all, loss;
} entropy_terms;

static inline entropy_terms entropy_add(entropy_terms t, entropy_lanes lanes, vfloat largest, const float *logits, int64_t c,
                                        int64_t count)
{
    const vfloat zero = v_set(0.0f), a = entropy_coefficients(lanes, c, count);
    const vfloat below = v_sub(largest, entropy_load(logits + c, count));
    const vmask counts = v_either(v_less(zero, a), v_less(a, zero));
    return (entropy_terms){v_add(t.all, a), v_fma(a, v_select(counts, below, zero), t.loss)};
}

static inline vdouble entropy_widen(vfloat sums, vdouble total)
{
    return v_add_double(total, v_add_double(v_widen_low(sums), v_widen_high(sums)));
}

static void entropy_sums(const cnn_entropy_target *target, int64_t count, const float *logits, float largest, double *sums)
{
    const entropy_lanes lanes = entropy_lanes_of(target);
    const vfloat top = v_set(largest), zero = v_set(0.0f);
    vdouble all = v_set_double(0), loss = all;
    for (int64_t c = 0; c < count;) {
        entropy_terms t = {zero, zero};
        int64_t end = c + ENTROPY_TERMS * LANES;
        for (; c + LANES <= count && c < end; c += LANES)
            t = entropy_add(t, lanes, top, logits, c, LANES);
        if (c < end && c < count) {
            t = entropy_add(t, lanes, top, logits, c, count - c);
            c = count;
        }
        all = entropy_widen(t.all, all);
        loss = entropy_widen(t.loss, loss);
    }
    sums[0] = v_sum_double(all);
    sums[1] = v_sum_double(loss);
}

static inline vfloat entropy_slope(entropy_lanes lanes, vfloat largest, vfloat factor, vfloat scale, const float *logits,
                                   int64_t c, int64_t count)
{
    const vfloat e = v_exp(v_sub(entropy_load(logits + c, count), largest));
    return v_fnma(scale, entropy_coefficients(lanes, c, count), v_mul(factor, e));
}

static void entropy_gradient(const cnn_entropy_target *target, int64_t count, const float *logits, float largest,
                             double factor, double scale, float *output)
{
    const vfloat top = v_set(largest), times = v_set((float)factor), share = v_set((float)scale);
    const entropy_lanes lanes = entropy_lanes_of(target);
    int64_t c = 0;
    for (; c + LANES <= count; c += LANES)
        v_store(output + c, entropy_slope(lanes, top, times, share, logits, c, LANES));
    if (c < count) v_store_tail(output + c, count - c, entropy_slope(lanes, top, times, share, logits, c, count - c));
}

#endif
