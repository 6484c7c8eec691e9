/* rows.h - kernels that walk along rows: largest and sum over several rows, element-wise addition, softmax, and the
 * depthwise convolution. All of them are bound by loads, so they keep four vectors in flight and finish with single vectors.
 */
#ifndef CNN_VECTOR_ROWS_H
#define CNN_VECTOR_ROWS_H

#include "kernels.h"
#include "vector/functions.h"

#include <math.h>

/* The running maximum and whether a NaN was seen, which v_max forgets. */
static inline void take_larger(vfloat value, vfloat *largest, vmask *nan)
{
    *nan = v_either(*nan, v_is_nan(value));
    *largest = v_max(*largest, value);
}

static inline vfloat largest_of(int64_t row_count, const float *const *rows, int64_t i)
{
    vfloat largest = v_load(rows[0] + i);
    vmask nan = v_is_nan(largest);
    for (int64_t r = 1; r < row_count; r++)
        take_larger(v_load(rows[r] + i), &largest, &nan);
    return v_select(nan, v_set(NAN), largest);
}

static inline vfloat largest_of_tail(int64_t row_count, const float *const *rows, int64_t i, int64_t count)
{
    vfloat largest = v_load_tail(rows[0] + i, count);
    vmask nan = v_is_nan(largest);
    for (int64_t r = 1; r < row_count; r++)
        take_larger(v_load_tail(rows[r] + i, count), &largest, &nan);
    return v_select(nan, v_set(NAN), largest);
}

/* Four vectors at once: the comparisons of one wait for each other. */
static inline void store_four_largest(int64_t row_count, const float *const *rows, int64_t i, float *output)
{
    vfloat largest[4];
    vmask nan[4];
    for (int k = 0; k < 4; k++) {
        largest[k] = v_load(rows[0] + i + k * LANES);
        nan[k] = v_is_nan(largest[k]);
    }
    for (int64_t r = 1; r < row_count; r++)
        for (int k = 0; k < 4; k++)
            take_larger(v_load(rows[r] + i + k * LANES), &largest[k], &nan[k]);
    for (int k = 0; k < 4; k++)
        v_store(output + i + k * LANES, v_select(nan[k], v_set(NAN), largest[k]));
}

static void max_rows(int64_t row_count, const float *const *rows, int64_t count, float *output)
{
    int64_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES)
        store_four_largest(row_count, rows, i, output);
    for (; i + LANES <= count; i += LANES)
        v_store(output + i, largest_of(row_count, rows, i));
    if (i < count) v_store_tail(output + i, count - i, largest_of_tail(row_count, rows, i, count - i));
}

static void sum_rows(int64_t row_count, const float *const *rows, int64_t count, float scale, float *output)
{
    const vfloat factor = v_set(scale);
    int64_t i = 0;
    for (; i + 4 * LANES <= count; i += 4 * LANES) {
        const float *first = rows[0] + i;
        vfloat a = v_load(first), b = v_load(first + LANES), c = v_load(first + 2 * LANES), d = v_load(first + 3 * LANES);
        for (int64_t r = 1; r < row_count; r++) {
            const float *row = rows[r] + i;
            a = v_add(a, v_load(row));
            b = v_add(b, v_load(row + LANES));
            c = v_add(c, v_load(row + 2 * LANES));
            d = v_add(d, v_load(row + 3 * LANES));
        }
        v_store(output + i, v_mul(a, factor));
        v_store(output + i + LANES, v_mul(b, factor));
        v_store(output + i + 2 * LANES, v_mul(c, factor));
        v_store(output + i + 3 * LANES, v_mul(d, factor));
    }
    for (; i < count; i += LANES) {
        int64_t left = count - i < LANES ? count - i : LANES;
        vfloat sum = v_load_tail(rows[0] + i, left);
        for (int64_t r = 1; r < row_count; r++)
            sum = v_add(sum, v_load_tail(rows[r] + i, left));
        v_store_tail(output + i, left, v_mul(sum, factor));
    }
}

static void add(int64_t count, const float *left, const float *right, float *output)
{
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        v_store(output + i, v_add(v_load(left + i), v_load(right + i)));
    if (i < count)
        v_store_tail(output + i, count - i, v_add(v_load_tail(left + i, count - i), v_load_tail(right + i, count - i)));
}

static inline vfloat clamp(vfloat x, vfloat lower, vfloat upper) /* a NaN passes */
{
    return v_min(upper, v_max(lower, x));
}

static void convolve_depthwise(const cnn_depthwise *work)
{
    const vfloat lower = v_set(work->lower), upper = v_set(work->upper);
    int64_t i = 0, p = 0;
    for (; i + 4 * LANES <= work->count; i += 4 * LANES) {
        const float *bias = work->bias + p;
        vfloat a = v_load(bias), b = v_load(bias + LANES), c = v_load(bias + 2 * LANES), d = v_load(bias + 3 * LANES);
        for (int64_t t = 0; t < work->taps; t++) {
            const float *row = work->rows[t] + i, *weight = work->weights[t] + p;
            a = v_fma(v_load(row), v_load(weight), a);
            b = v_fma(v_load(row + LANES), v_load(weight + LANES), b);
            c = v_fma(v_load(row + 2 * LANES), v_load(weight + 2 * LANES), c);
            d = v_fma(v_load(row + 3 * LANES), v_load(weight + 3 * LANES), d);
        }
        if (work->residual) {
            a = v_add(a, v_load(work->residual + i));
            b = v_add(b, v_load(work->residual + i + LANES));
            c = v_add(c, v_load(work->residual + i + 2 * LANES));
            d = v_add(d, v_load(work->residual + i + 3 * LANES));
        }
        v_store(work->output + i, clamp(a, lower, upper));
        v_store(work->output + i + LANES, clamp(b, lower, upper));
        v_store(work->output + i + 2 * LANES, clamp(c, lower, upper));
        v_store(work->output + i + 3 * LANES, clamp(d, lower, upper));
        p = p + 4 * LANES == work->period ? 0 : p + 4 * LANES;
    }
    for (; i < work->count; i += LANES, p += LANES) {
        int64_t left = work->count - i < LANES ? work->count - i : LANES;
        vfloat sum = v_load(work->bias + p);
        for (int64_t t = 0; t < work->taps; t++)
            sum = v_fma(v_load_tail(work->rows[t] + i, left), v_load(work->weights[t] + p), sum);
        if (work->residual) sum = v_add(sum, v_load_tail(work->residual + i, left));
        v_store_tail(work->output + i, left, clamp(sum, lower, upper));
    }
}

static float largest_of_row(int64_t count, const float *input)
{
    vfloat largest = v_set(-INFINITY);
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        largest = v_max(largest, v_load(input + i));
    if (i < count)
        largest = v_max(largest, v_select(v_first_lanes(count - i), v_load_tail(input + i, count - i), v_set(-INFINITY)));
    return v_largest(largest);
}

static void softmax_rows(int64_t rows, int64_t channels, const float *input, float *output)
{
    for (int64_t row = 0; row < rows; row++, input += channels, output += channels) {
        const vfloat largest = v_set(largest_of_row(channels, input));
        vfloat sum = v_set(0.0f);
        int64_t i = 0;
        for (; i + LANES <= channels; i += LANES) {
            vfloat e = v_exp(v_sub(v_load(input + i), largest));
            sum = v_add(sum, e);
            v_store(output + i, e);
        }
        if (i < channels) {
            vfloat e = v_exp(v_sub(v_load_tail(input + i, channels - i), largest));
            sum = v_add(sum, v_select(v_first_lanes(channels - i), e, v_set(0.0f)));
            v_store_tail(output + i, channels - i, e);
        }
        const vfloat total = v_set(v_sum(sum));
        for (i = 0; i < channels; i += LANES) {
            int64_t left = channels - i < LANES ? channels - i : LANES;
            v_store_tail(output + i, left, v_div(v_load_tail(output + i, left), total));
        }
    }
}

#endif
