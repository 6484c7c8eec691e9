/* pool.h - the kernels of pooling with positions and of its gradients on vectors. Positions travel as the bits of floats,
 * which loads, stores and selections leave alone. */
#ifndef CNN_VECTOR_POOL_H
#define CNN_VECTOR_POOL_H

#include "kernels.h"
#include "vector/norm.h"
#include "vector/rows.h"

#include <string.h>

static inline vfloat v_set_bits(int32_t bits)
{
    float as_float;
    memcpy(&as_float, &bits, sizeof as_float);
    return v_set(as_float);
}

static inline void max_indexed_lanes(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                                     int64_t i, int64_t count, float *output, float *indices)
{
    vfloat largest = norm_load(continued ? output + i : rows[0] + i, count);
    vfloat index = continued ? norm_load(indices + i, count) : v_set_bits(positions[0]);
    for (int64_t r = continued ? 0 : 1; r < row_count; r++) {
        const vfloat x = norm_load(rows[r] + i, count);
        const vmask settled = v_is_nan(largest), no_larger = v_less_or_equal(x, largest); /* false for a NaN */
        index = v_select(settled, index, v_select(no_larger, index, v_set_bits(positions[r])));
        largest = v_select(settled, largest, v_select(no_larger, largest, x));
    }
    norm_store(output + i, count, largest);
    norm_store(indices + i, count, index);
}

static void max_rows_indexed(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                             int64_t count, float *output, int32_t *indices)
{
    float *bits = (float *)(void *)indices;
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        max_indexed_lanes(row_count, rows, positions, continued, i, LANES, output, bits);
    if (i < count) max_indexed_lanes(row_count, rows, positions, continued, i, count - i, output, bits);
}

static inline void weighted_lanes(int64_t row_count, const float *const *rows, const float *weights, int continued,
                                  int64_t i, int64_t count, float *output)
{
    vfloat sum = continued ? norm_load(output + i, count) : v_set(0.0f);
    for (int64_t r = 0; r < row_count; r++)
        sum = v_fma(norm_load(rows[r] + i, count), v_set(weights[r]), sum);
    norm_store(output + i, count, sum);
}

static void weighted_rows(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t count,
                          float *output)
{
    int64_t i = 0;
    for (; i + LANES <= count; i += LANES)
        weighted_lanes(row_count, rows, weights, continued, i, LANES, output);
    if (i < count) weighted_lanes(row_count, rows, weights, continued, i, count - i, output);
}

/* Stores a window as a whole vector where the next windows, which are stored later, end beyond it. */
static inline void store_window(const cnn_windows *work, int64_t w, vfloat value)
{
    const int64_t left = (work->windows - w) * work->channels;
    if (left >= LANES)
        v_store(work->output + w * work->channels, value);
    else
        v_store_tail(work->output + w * work->channels, work->channels, value);
}

static void max_windows(const cnn_windows *work)
{
    for (int64_t w = 0; w < work->windows; w++) {
        const float *input = work->input + w * work->step;
        vfloat largest = v_load(input);
        vmask nan = v_is_nan(largest);
        for (int64_t t = 1; t < work->taps; t++)
            take_larger(v_load(input + t * work->channels), &largest, &nan);
        store_window(work, w, v_select(nan, v_set(NAN), largest));
    }
}

static void sum_windows(const cnn_windows *work)
{
    const vfloat scale = v_set(work->scale);
    for (int64_t w = 0; w < work->windows; w++) {
        const float *input = work->input + w * work->step;
        vfloat sum = v_load(input);
        for (int64_t t = 1; t < work->taps; t++)
            sum = v_add(sum, v_load(input + t * work->channels));
        store_window(work, w, v_mul(sum, scale));
    }
}

#endif
