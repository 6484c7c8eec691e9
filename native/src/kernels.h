/* kernels.h - the table that an instruction set fills: one signature for each kernel family, and block sizes as data.
 * The loops around a kernel are written once, in portable C; a new instruction set is one more file with one more table.
 * Kernels get arguments that are already checked, never allocate, and never touch a byte outside what they are given. */
#ifndef CNN_KERNELS_H
#define CNN_KERNELS_H

#include "cnn.h"

/* Part of a convolution's output: up to tile_rows pixels by up to tile_columns channels.
 *   output[i][j] = clamp(bias[j] + sum over t, c of rows[t * tile_rows + i][channel_offset + c] * packed[t][c][j])
 * All tile_rows pointers of a tap are readable, also those from row_count on. packed is taps x channels x tile_columns and
 * aligned; bias has tile_columns elements; output rows lie output_stride elements apart. */
typedef struct cnn_tile {
    int64_t taps;
    int64_t channels;
    const float *const *rows;
    int64_t channel_offset;
    const float *packed;
    const float *bias;
    float lower;
    float upper;
    float *output;
    int64_t output_stride;
    int32_t row_count;
    int32_t column_count;
} cnn_tile;

/* `count` elements of a depthwise convolution: output[i] = clamp(bias[p] + sum over t of rows[t][i] * weights[t][p]) where
 * p = i mod period. period is a multiple of depthwise_block; weights and bias are aligned. */
typedef struct cnn_depthwise {
    int64_t taps;
    const float *const *rows;
    const float *const *weights;
    const float *bias;
    int64_t period;
    float lower;
    float upper;
    float *output;
    int64_t count;
} cnn_depthwise;

/* The output of one Winograd tile: A'mA + bias, clamped. input holds the products m, `stride` elements apart; pixels are the
 * tile's output pixels row by row, null where the tile hangs over the edge. */
typedef struct cnn_winograd_output {
    const float *input;
    int64_t stride;
    const float *bias;
    float lower;
    float upper;
    int64_t channels;
    float *const *pixels;
} cnn_winograd_output;

/* `outputs` pixels, each a weighted sum of pixels of the input: those numbered offsets[o] to offsets[o + 1] - 1 in indices
 * and weights. output[o][c] = sum of weights[t] * input[indices[t]][c]; 0 for no pixel, and a copy for one of weight 1. */
typedef struct cnn_resample {
    int64_t outputs;
    const int64_t *offsets;
    const int32_t *indices;
    const float *weights;
    int64_t channels;
    const float *input;
    float *output;
} cnn_resample;

typedef struct cnn_kernels {
    cnn_isa isa;
    int32_t tile_rows;
    int32_t tile_columns;
    int32_t rows_per_block;  /* output pixels that share one table of row pointers; a multiple of tile_rows */
    int32_t depthwise_block; /* elements that the depthwise kernel computes at once */
    int32_t lanes;           /* float32 elements of a vector: with fewer channels, pooling goes along the row */
    const char *gemm_name;
    const char *depthwise_name;
    const char *winograd_4_name;
    const char *winograd_2_name;

    void (*convolve_tile)(const cnn_tile *tile);
    void (*convolve_depthwise)(const cnn_depthwise *work);

    /* B'dB of a patch of 6x6 (F(4x4, 3x3)) or 4x4 (F(2x2, 3x3)) pixels of `channels` elements: value i of the transform goes
     * to output + i * stride. */
    void (*winograd_input_4)(const float *const *pixels, int64_t channels, float *output, int64_t stride);
    void (*winograd_input_2)(const float *const *pixels, int64_t channels, float *output, int64_t stride);
    void (*winograd_output_4)(const cnn_winograd_output *work);
    void (*winograd_output_2)(const cnn_winograd_output *work);

    /* output[i] = the largest of rows[0][i] to rows[row_count - 1][i]; NaN wins. */
    void (*max_rows)(int64_t row_count, const float *const *rows, int64_t count, float *output);
    /* output[i] = scale * (rows[0][i] + rows[1][i] + ...), added in this order. */
    void (*sum_rows)(int64_t row_count, const float *const *rows, int64_t count, float scale, float *output);

    /* The formulas stand at cnn_activation_kind. Output may be the input. */
    void (*activate)(cnn_activation_kind kind, float alpha, int64_t count, const float *input, float *output);
    /* Softmax of each row of `channels` elements. Output may be the input. */
    void (*softmax_rows)(int64_t rows, int64_t channels, const float *input, float *output);
    void (*add)(int64_t count, const float *left, const float *right, float *output);

    /* output[j * output_stride + i] = input[i * input_stride + j] for i < rows, j < columns; bits are kept. */
    void (*transpose)(int64_t rows, int64_t columns, const float *input, int64_t input_stride, float *output,
                      int64_t output_stride);

    void (*resample)(const cnn_resample *work);

    /* Random numbers for `count` positions from `position` on; cnn.h says which. */
    void (*random_words)(uint64_t seed, uint64_t position, int64_t count, uint32_t *words);
    void (*random_uniform)(uint64_t seed, uint64_t position, int64_t count, double low, double high, float *output);
    void (*random_normal)(uint64_t seed, uint64_t position, int64_t count, double mean, double deviation, float *output);
    /* output[i] = words[i] < threshold ? 0 : scale * input[i]. Output may be the input. */
    void (*drop)(int64_t count, const uint32_t *words, uint32_t threshold, float scale, const float *input, float *output);
} cnn_kernels;

extern const cnn_kernels cnn_kernels_scalar;
#if defined(CNN_X86)
extern const cnn_kernels cnn_kernels_avx2;
#endif

/* The table of an instruction set, or null where this processor cannot run it. */
const cnn_kernels *cnn_kernels_for(cnn_isa isa);

#endif
