/* kernels_avx2.c - the kernels for AVX2 and FMA3. Only the convolution tile is written for these registers; the rest is
 * shared with other instruction sets through vector/. Everything is static but the table, so nothing can leak into code that
 * runs on older processors. */
#include "kernels.h"

#include "x86/philox_avx2.h"
#include "x86/vector_avx2.h"

#include "portable/random.h"
#include "vector/activation.h"
#include "vector/rearrange.h"
#include "vector/resample.h"
#include "vector/rows.h"
#include "vector/winograd.h"

#define TILE_ROWS 6
#define TILE_COLUMNS 16

/* 6 x 16 outputs in twelve accumulators, two vectors of weights and one broadcast pixel: 15 of 16 registers, and two loads
 * of weights and six broadcasts for twelve multiply-adds. The accumulators are named, because an array of them that is
 * stored under a condition made compilers keep it in memory: 41 instead of 110 GFLOP/s. */
static void convolve_tile(const cnn_tile *tile)
{
    const float *packed = tile->packed;
    const int64_t offset = tile->channel_offset, channels = tile->channels;
    __m256 b0 = _mm256_loadu_ps(tile->bias), b1 = _mm256_loadu_ps(tile->bias + 8);
    __m256 c00 = b0, c01 = b1, c10 = b0, c11 = b1, c20 = b0, c21 = b1, c30 = b0, c31 = b1, c40 = b0, c41 = b1, c50 = b0,
           c51 = b1;
    const float *const *rows = tile->rows;
    for (int64_t t = 0; t < tile->taps; t++, rows += TILE_ROWS) {
        const float *r0 = rows[0] + offset, *r1 = rows[1] + offset, *r2 = rows[2] + offset;
        const float *r3 = rows[3] + offset, *r4 = rows[4] + offset, *r5 = rows[5] + offset;
        for (int64_t k = 0; k < channels; k++, packed += TILE_COLUMNS) {
            const __m256 w0 = _mm256_load_ps(packed), w1 = _mm256_load_ps(packed + 8);
            __m256 x;
#define STEP(i)                                                                                                             \
    x = _mm256_broadcast_ss(r##i + k);                                                                                      \
    c##i##0 = _mm256_fmadd_ps(x, w0, c##i##0);                                                                              \
    c##i##1 = _mm256_fmadd_ps(x, w1, c##i##1);
            STEP(0)
            STEP(1)
            STEP(2)
            STEP(3)
            STEP(4)
            STEP(5)
#undef STEP
        }
    }
    const __m256 lower = _mm256_set1_ps(tile->lower), upper = _mm256_set1_ps(tile->upper);
    const int64_t left = tile->column_count, stride = tile->output_stride;
    float *output = tile->output;
    const int whole = left == TILE_COLUMNS;
    const __m256i m0 = v_tail(left < 8 ? left : 8), m1 = v_tail(left > 8 ? left - 8 : 0);
#define STORE(i)                                                                                                            \
    if (tile->row_count > i) {                                                                                              \
        c##i##0 = clamp(c##i##0, lower, upper);                                                                             \
        c##i##1 = clamp(c##i##1, lower, upper);                                                                             \
        if (whole) {                                                                                                        \
            _mm256_storeu_ps(output + i * stride, c##i##0);                                                                 \
            _mm256_storeu_ps(output + i * stride + 8, c##i##1);                                                             \
        } else {                                                                                                            \
            _mm256_maskstore_ps(output + i * stride, m0, c##i##0);                                                          \
            if (left > 8) _mm256_maskstore_ps(output + i * stride + 8, m1, c##i##1);                                        \
        }                                                                                                                   \
    }
    STORE(0)
    STORE(1)
    STORE(2)
    STORE(3)
    STORE(4)
    STORE(5)
#undef STORE
}

const cnn_kernels cnn_kernels_avx2 = {
    .isa = CNN_ISA_AVX2,
    .tile_rows = TILE_ROWS,
    .tile_columns = TILE_COLUMNS,
    .rows_per_block = 48,
    .depthwise_block = 4 * LANES,
    .lanes = LANES,
    .gemm_name = "implicit-gemm 6x16 avx2",
    .depthwise_name = "depthwise avx2",
    .winograd_4_name = "winograd 4x4 avx2",
    .winograd_2_name = "winograd 2x2 avx2",
    .convolve_tile = convolve_tile,
    .convolve_depthwise = convolve_depthwise,
    .winograd_input_4 = winograd_input_4,
    .winograd_input_2 = winograd_input_2,
    .winograd_output_4 = winograd_output_4,
    .winograd_output_2 = winograd_output_2,
    .max_rows = max_rows,
    .sum_rows = sum_rows,
    .activate = activate,
    .softmax_rows = softmax_rows,
    .add = add,
    .transpose = transpose,
    .resample = resample,
    .random_words = random_words,
    .random_uniform = random_uniform,
    .random_normal = random_normal,
    .drop = drop,
};
