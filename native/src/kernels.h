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

/* What a loss of single elements is made with; `scale` multiplies the gradient. */
typedef struct cnn_loss_work {
    float delta;
    float gamma;
    float alpha;
    float scale;
} cnn_loss_work;

/* A step of an optimiser, with everything that is the same for all elements worked out in float64. */
typedef struct cnn_optimizer_work {
    cnn_optimizer_kind kind;
    int nesterov;
    float scale;   /* of the gradient */
    float decay;   /* added to the gradient as a share of the parameter; 0 for AdamW */
    float shrink;  /* of the parameter before the step: 1 but for AdamW */
    float keep1;   /* momentum, or beta1 */
    float take1;   /* 1 - beta1; 1 for momentum */
    float keep2;   /* beta2 */
    float take2;   /* 1 - beta2 */
    float inverse; /* 1 / sqrt(1 - beta2^step); 1 for RMSProp */
    float epsilon;
    float rate; /* divided by 1 - beta1^step for Adam */
} cnn_optimizer_work;

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
    void (*activate)(cnn_activation_kind kind, float alpha, float beta, int64_t count, const float *input, float *output);
    /* Softmax of each row of `channels` elements. Output may be the input. */
    void (*softmax_rows)(int64_t rows, int64_t channels, const float *input, float *output);
    void (*add)(int64_t count, const float *left, const float *right, float *output);

    /* output = or (accumulate) += gradient * activation'(input). Output may be the gradient. */
    void (*activate_backward)(cnn_activation_kind kind, float alpha, float beta, int accumulate, int64_t count,
                              const float *input, const float *gradient, float *output);
    /* output[i] = input[i] >= 0 ? input[i] : slopes[i] * input[i]. Output may be the input. */
    void (*prelu)(int64_t count, const float *input, const float *slopes, float *output);
    /* output = or += gradient * (input[i] > 0 ? 1 : slopes[i]), and sums[i] += input[i] < 0 ? input[i] * gradient[i] : 0. */
    void (*prelu_backward)(int accumulate, int64_t count, const float *input, const float *slopes, const float *gradient,
                           float *output, float *sums);

    /* output[i] = left[i * left_step] (operation) right[i * right_step]; a step is 0 or 1. Output may be an input. */
    void (*binary)(cnn_binary_kind kind, int64_t count, const float *left, int left_step, const float *right, int right_step,
                   float *output);
    void (*unary)(cnn_unary_kind kind, float parameter, int64_t count, const float *input, float *output);
    /* The sum of the elements, and of their squares, in float64: in one order, which all instruction sets share. */
    double (*sum)(int64_t count, const float *input);
    double (*sum_of_squares)(int64_t count, const float *input);

    /* *largest = the largest element, a NaN or not where there is one; returns the sum of exp(input[i] - *largest). */
    double (*sum_of_exponentials)(int64_t count, const float *input, float *largest);
    /* output[i] = factor * exp(input[i] - shift). Output may be the input. */
    void (*scaled_exponentials)(int64_t count, const float *input, float shift, float factor, float *output);
    /* The sum of the losses, see cnn_loss_kind; weights (null: ones) and gradient (or null) have `count` elements. */
    double (*loss)(cnn_loss_kind kind, const cnn_loss_work *work, int64_t count, const float *prediction,
                   const float *target, const float *weights, float *gradient);

    /* Updates parameters, first and second; null where the rule has none. */
    void (*optimize)(const cnn_optimizer_work *work, int64_t count, float *parameters, const float *gradient, float *first,
                     float *second);
} cnn_kernels;

extern const cnn_kernels cnn_kernels_scalar;
#if defined(CNN_X86)
extern const cnn_kernels cnn_kernels_avx2;
#endif

/* The table of an instruction set, or null where this processor cannot run it. */
const cnn_kernels *cnn_kernels_for(cnn_isa isa);

#endif
