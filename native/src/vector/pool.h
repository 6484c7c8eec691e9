/* pool.h - the kernels of pooling with positions and of its gradients on vectors. Positions travel as the bits of floats,
 * which loads, stores and selections leave alone. */
#ifndef CNN_VECTOR_POOL_H
#define CNN_VECTOR_POOL_H

#include "kernels.h"

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
    vfloat largest = v_load_tail(continued ? output + i : rows[0] + i, count);
    vfloat index = continued ? v_load_tail(indices + i, count) : v_set_bits(positions[0]);
    for (int64_t r = continued ? 0 : 1; r < row_count; r++) {
        const vfloat x = v_load_tail(rows[r] + i, count);
        const vmask settled = v_is_nan(largest), no_larger = v_less_or_equal(x, largest); /* false for a NaN */
        index = v_select(settled, index, v_select(no_larger, index, v_set_bits(positions[r])));
        largest = v_select(settled, largest, v_select(no_larger, largest, x));
    }
    v_store_tail(output + i, count, largest);
    v_store_tail(indices + i, count, index);
}

static void max_rows_indexed(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                             int64_t count, float *output, int32_t *indices)
{
    for (int64_t i = 0; i < count; i += LANES)
        max_indexed_lanes(row_count, rows, positions, continued, i, count - i < LANES ? count - i : LANES, output,
                          (float *)(void *)indices);
}

static void weighted_rows(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t count,
                          float *output)
{
    for (int64_t i = 0; i < count; i += LANES) {
        const int64_t left = count - i < LANES ? count - i : LANES;
        vfloat sum = continued ? v_load_tail(output + i, left) : v_set(0.0f);
        for (int64_t r = 0; r < row_count; r++)
            sum = v_fma(v_load_tail(rows[r] + i, left), v_set(weights[r]), sum);
        v_store_tail(output + i, left, sum);
    }
}

#endif
