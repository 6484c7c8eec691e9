/* winograd_filters.h - the filter transform GgG' of Winograd's minimal filtering on vectors of filters, in float64: a weight
 * is transformed once and multiplied often, so that its rounding would stay. The points are those of winograd.h. Columns go
 * through a small array on the stack, as there. */
#ifndef CNN_VECTOR_WINOGRAD_FILTERS_H
#define CNN_VECTOR_WINOGRAD_FILTERS_H

#include "kernels.h"

/* One row or column of Gg for F(4, 3): six values from three. */
static inline void winograd_filter_line_4(const vdouble g[3], vdouble out[6])
{
    const vdouble sixth = v_set_double(-1.0 / 6), small = v_set_double(1.0 / 24), twelfth = v_set_double(1.0 / 12);
    const vdouble even = v_mul_double(sixth, v_add_double(g[0], g[2])), odd = v_mul_double(sixth, g[1]);
    const vdouble far = v_fma_double(small, g[0], v_mul_double(v_set_double(1.0 / 6), g[2])),
                  middle = v_mul_double(twelfth, g[1]);
    out[0] = v_mul_double(v_set_double(0.25), g[0]);
    out[1] = v_add_double(even, odd);
    out[2] = v_sub_double(even, odd);
    out[3] = v_add_double(far, middle);
    out[4] = v_sub_double(far, middle);
    out[5] = g[2];
}

static inline void winograd_filter_line_2(const vdouble g[3], vdouble out[4])
{
    const vdouble half = v_set_double(0.5);
    const vdouble even = v_mul_double(half, v_add_double(g[0], g[2])), odd = v_mul_double(half, g[1]);
    out[0] = g[0];
    out[1] = v_add_double(even, odd);
    out[2] = v_sub_double(even, odd);
    out[3] = g[2];
}

#define CNN_WINOGRAD_FILTERS(NAME, SIZE, LINE)                                                                              \
    static inline void NAME##_columns(const float *taps, int64_t count, vdouble low[SIZE][3], vdouble high[SIZE][3])        \
    {                                                                                                                       \
        for (int x = 0; x < 3; x++) {                                                                                       \
            vdouble line[3], more[3], out[SIZE];                                                                            \
            for (int y = 0; y < 3; y++) {                                                                                   \
                const vfloat tap = v_load(taps + (3 * y + x) * count);                                                      \
                line[y] = v_widen_low(tap);                                                                                 \
                more[y] = v_widen_high(tap);                                                                                \
            }                                                                                                               \
            LINE(line, out);                                                                                                \
            for (int y = 0; y < SIZE; y++)                                                                                  \
                low[y][x] = out[y];                                                                                         \
            LINE(more, out);                                                                                                \
            for (int y = 0; y < SIZE; y++)                                                                                  \
                high[y][x] = out[y];                                                                                        \
        }                                                                                                                   \
    }                                                                                                                       \
    static void NAME(const float *taps, int64_t count, float *output, int64_t stride)                                       \
    {                                                                                                                       \
        for (int64_t i = 0; i < count; i += LANES) {                                                                        \
            vdouble low[SIZE][3], high[SIZE][3], out[SIZE], more[SIZE];                                                     \
            NAME##_columns(taps + i, count, low, high);                                                                     \
            for (int y = 0; y < SIZE; y++) {                                                                                \
                LINE(low[y], out);                                                                                          \
                LINE(high[y], more);                                                                                        \
                for (int x = 0; x < SIZE; x++)                                                                              \
                    v_store(output + (y * SIZE + x) * stride + i, v_narrow(out[x], more[x]));                               \
            }                                                                                                               \
        }                                                                                                                   \
    }

CNN_WINOGRAD_FILTERS(winograd_filters_4, 6, winograd_filter_line_4)
CNN_WINOGRAD_FILTERS(winograd_filters_2, 4, winograd_filter_line_2)

#undef CNN_WINOGRAD_FILTERS

#endif
