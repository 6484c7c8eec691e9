/* kernels.h - the table that an instruction set fills: one signature for each kernel family, and block sizes as data.
 * The loops around a kernel are written once, in portable C; a new instruction set is one more file with one more table.
 * Kernels get arguments that are already checked, never allocate, and never touch a byte outside what they are given. */
#ifndef CNN_KERNELS_H
#define CNN_KERNELS_H

#include "cnn.h"
#include "kernels_gradient.h"
#include "kernels_pool.h"

/* Part of a convolution's output: up to tile_rows pixels by up to tile_columns channels.
 *   outputs[i][output_offset + j] = clamp(bias[j] + residuals[i][output_offset + j]
 *       + sum over t, c of rows[t * row_step + i][channel_offset + t * tap_step + c] * packed[t][c][j])
 * row_step is tile_rows, or 0 for taps that lie tap_step elements apart. A tile of at most tall_columns channels has up to
 * tall_tile_rows pixels: the rows of the next tile_rows pixels follow those of all taps of the ones before. All tile_rows
 * pointers of a tap are readable, also those from row_count on. packed is taps x channels x columns and aligned, where
 * columns is column_count rounded up to column_step; bias has as many elements. residuals is null, or its rows may be those
 * of the output. Where ahead is not null, a tile of full width, or one of more than tile_rows, fetches from there on
 * ahead_lines lines of the cache for each tap and channel, 1 or 2 (tile_rows alone ever take 2), into the second level, if
 * that pays on its processors; ahead may point anywhere. */
typedef struct cnn_tile {
    int64_t taps;
    int64_t channels;
    const float *const *rows;
    int64_t row_step;
    int64_t tap_step;
    int64_t channel_offset;
    const float *packed;
    const float *bias;
    float lower;
    float upper;
    float *const *outputs;
    const float *const *residuals;
    int64_t output_offset;
    const float *ahead;
    int32_t ahead_lines;
    int32_t row_count;
    int32_t column_count;
} cnn_tile;

/* Part of a convolution whose vectors are `lanes` neighbouring pixels: for v < vector_count, i < output_count and l < lanes
 *   outputs[v][output_offset + i * output_step + l] = clamp(bias[i] + sum over y < down, c < channels, x < across of
 *       packed[((y * channels + c) * across + x) * output_count + i]
 *       * inputs[v][y * down_step + c * channel_step + x * across_step + l]).
 * output_count is 1 to plane_outputs. */
typedef struct cnn_planes {
    int64_t down;
    int64_t channels;
    int64_t across;
    int64_t down_step;
    int64_t channel_step;
    int64_t across_step;
    const float *packed;
    const float *bias;
    float lower;
    float upper;
    int64_t vector_count;
    const float *const *inputs;
    float *const *outputs;
    int64_t output_offset;
    int64_t output_step;
    int32_t output_count;
} cnn_planes;

/* `count` elements of a depthwise convolution:
 *   output[i] = clamp(bias[p] + residual[i] + sum over t of rows[t][i] * weights[t][p]), p = i mod period.
 * residual may be null, or the output. period is a multiple of depthwise_block; weights and bias are aligned. */
typedef struct cnn_depthwise {
    int64_t taps;
    const float *const *rows;
    const float *const *weights;
    const float *bias;
    int64_t period;
    float lower;
    float upper;
    float *output;
    const float *residual;
    int64_t count;
} cnn_depthwise;

/* The output of one Winograd tile: A'mA + bias + residual, clamped. input holds the products m, `stride` elements apart;
 * pixels are the tile's output pixels row by row, null where the tile hangs over the edge; residuals the same, or null.
 * Pixels may be `streamed` to memory past the caches where they are aligned to cache lines; the caller then ends with
 * cnn_finish_streams. */
typedef struct cnn_winograd_output {
    const float *input;
    int64_t stride;
    const float *bias;
    float lower;
    float upper;
    int64_t channels;
    int32_t streamed;
    float *const *pixels;
    const float *const *residuals;
} cnn_winograd_output;

/* `pixels` neighbouring pixels of a depthwise convolution, each of `channels` channels:
 *   output[p * output_step + c] = clamp(bias[c] + residual[p * residual_step + c]
 *       + sum over t of rows[t][p * row_step + c] * weights[t][c]).
 * weights and bias are readable up to a multiple of depthwise_block; residual may be null, or the output. */
typedef struct cnn_depthwise_pixels {
    int64_t taps;
    const float *const *rows;
    int64_t row_step;
    const float *const *weights;
    const float *bias;
    float lower;
    float upper;
    int64_t pixels;
    int64_t channels;
    float *output;
    int64_t output_step;
    const float *residual;
    int64_t residual_step;
} cnn_depthwise_pixels;

/* Rows of the output of a convolution whose channels are its vectors, for r < rows, p < pixels, c < channels:
 *   output[r * output_row + p * output_step + c] = clamp(bias[c] + residual[r * residual_row + p * residual_step + c]
 *       + sum over i < window_down, j < window, k < group of input[y * input_row + x * input_step + g + k]
 *                                                          * weights[((i * group + k) * window + j) * tap_step + c])
 * with y = top + r * stride_down + i, x = left + p * stride + j and g = c - c mod group, of which those count that lie
 * inside height and width; top and left may be negative. stride is 1 or 2; residual may be null.
 *
 * Depthwise: group is 1, rows 1 to band_rows, window 3, 5 or 7, and stride_down at most window_down. There are at least
 * `lanes` channels. The residual may be the output where they are a multiple of `lanes`: else the last vector of channels
 * overlaps the one before it, and its elements are computed twice.
 * Grouped: group divides `lanes`, which is tap_step and the length of the bias; channels are those of groups that one vector
 * holds. window is 3, and only the first column that the first pixel sees may lie outside, and the last one that the last
 * pixel sees. The residual may be the output. */
typedef struct cnn_band {
    int64_t rows;
    int64_t pixels;
    int64_t channels;
    int64_t group;
    int64_t window_down;
    int64_t window;
    int64_t stride_down;
    int64_t stride;
    int64_t top;
    int64_t left;
    int64_t height;
    int64_t width;
    const float *input;
    int64_t input_row;
    int64_t input_step;
    const float *weights;
    int64_t tap_step;
    const float *bias;
    float lower;
    float upper;
    float *output;
    int64_t output_row;
    int64_t output_step;
    const float *residual;
    int64_t residual_row;
    int64_t residual_step;
} cnn_band;

/* Sums over `rows` rows, `stride` elements apart, of `count` columns: what is found is added to the float64 totals, which
 * have room for `count` rounded up to 16. Products of float32 are exact in float64, so nothing cancels that the data keeps.
 */
typedef struct cnn_column_sums {
    int64_t rows;
    int64_t stride;
    int64_t count;
    const float *input;
    const float *gradient; /* null for moments */
    const float *center;   /* subtracted from each column of the input; null for layer_products */
    const float *scale;    /* null, or a gradient counts only where input * scale + offset > 0 */
    const float *offset;
    const float *row_center; /* layer_products: subtracted from each row of the input, */
    const float *row_factor; /* which is then multiplied by this */
    double *first;
    double *second;
} cnn_column_sums;

/* `rows` rows, `stride` elements apart, of `count` columns that are normalised, or whose gradients are.
 *   forward   output = max(lower, input * scale + offset)
 *   backward  output = gradient * by_gradient + (input * by_input + constant), with the gradient taken as 0 where scale is
 *             not null and input * scale + offset > 0 does not hold */
typedef struct cnn_norm_rows {
    int64_t rows;
    int64_t stride;
    int64_t count;
    const float *input;
    const float *gradient;
    const float *scale;
    const float *offset;
    const float *by_gradient;
    const float *by_input;
    const float *constant;
    float lower;
    float *output;
} cnn_norm_rows;

/* What a loss of single elements is made with; `scale` multiplies the gradient. */
typedef struct cnn_loss_work {
    float delta;
    float gamma;
    float alpha;
    float scale;
} cnn_loss_work;

/* The target of a row of cross-entropy, as coefficients of -log p[c]: a[c] = weights[c] (keep soft[c] + even). Null soft
 * labels are zeros, null weights ones. */
typedef struct cnn_entropy_target {
    const float *soft;
    const float *weights;
    double keep;
    double even;
} cnn_entropy_target;

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

/* Part of a matrix product whose right-hand side is read where it lies: for i < row_count and j < column_count
 *   outputs[i][output_offset + j] = clamp(bias[j] + residuals[i][output_offset + j]
 *       + sum over k < depth of rows[i][k * row_step] * right[k * right_step + j]).
 * All tile_rows pointers in rows are readable. bias and residuals may be null, or residuals be those of the output. */
typedef struct cnn_plain_tile {
    int64_t depth;
    const float *const *rows;
    int64_t row_step;
    const float *right;
    int64_t right_step;
    const float *bias;
    float lower;
    float upper;
    float *const *outputs;
    const float *const *residuals;
    int64_t output_offset;
    int32_t row_count;
    int32_t column_count;
} cnn_plain_tile;

typedef struct cnn_kernels {
    cnn_isa isa;
    int32_t tile_rows;
    int32_t tile_columns;
    int32_t column_step;     /* a tile's time grows with its columns in steps of this; divides tile_columns */
    int32_t tall_columns;    /* a tile of at most so many columns, a multiple of column_step, */
    int32_t tall_tile_rows;  /* may have so many rows, a multiple of tile_rows */
    int32_t rows_per_block;  /* pixels that share a table of row pointers, or up to twice as many; a multiple of
                                tile_rows */
    int32_t plane_outputs;   /* output channels of a call that has pixels as vectors, at most */
    int32_t depthwise_block; /* elements that the depthwise kernel computes at once */
    int32_t band_rows;       /* rows of output that the depthwise kernel can compute together */
    int32_t outer_rows;      /* a tile of a weight gradient: output channels, */
    int32_t outer_columns;   /* and elements of a run, a multiple of the lanes */
    int32_t lanes;           /* float32 elements of a vector: with fewer channels, pooling goes along the row */
    const char *gemm_name;
    const char *depthwise_name;
    const char *grouped_name;
    const char *scatter_name;
    const char *planes_name;
    const char *winograd_4_name;
    const char *winograd_2_name;

    void (*convolve_tile)(const cnn_tile *tile);
    void (*convolve_planes)(const cnn_planes *work);
    void (*convolve_depthwise)(const cnn_depthwise *work);
    void (*convolve_depthwise_pixels)(const cnn_depthwise_pixels *work);
    void (*convolve_depthwise_band)(const cnn_band *band);
    void (*convolve_grouped_band)(const cnn_band *band);

    void (*add_outer)(const cnn_outer *work);
    /* target[(p * lines + l) * run + j] = rows[l][p * row_step + j] for p < pixels, l < lines, j < run. Both are there up to
     * a vector past their last element. */
    void (*copy_patches)(int64_t pixels, int64_t lines, const float *const *rows, int64_t row_step, int64_t run,
                         float *target);
    void (*add_products)(const cnn_products *work);
    void (*sum_runs)(const cnn_runs *work);

    /* B'dB of a patch of 6x6 (F(4x4, 3x3)) or 4x4 (F(2x2, 3x3)) pixels of `channels` elements: value i of the transform goes
     * to output + i * stride. */
    void (*winograd_input_4)(const float *const *pixels, int64_t channels, float *output, int64_t stride);
    void (*winograd_input_2)(const float *const *pixels, int64_t channels, float *output, int64_t stride);
    /* A y A' of a tile of 4x4 pixels of an output gradient: value i of 36 goes to output + i * stride. */
    void (*winograd_gradient_4)(const float *const *pixels, int64_t channels, float *output, int64_t stride);
    /* G'mG of `count` filters side by side: value i of m lies at input + i * stride, tap t goes, or is added, to output + t
     * * count. */
    void (*winograd_taps_4)(const float *input, int64_t stride, int64_t count, int continued, float *output);
    void (*winograd_output_4)(const cnn_winograd_output *work);
    void (*winograd_output_2)(const cnn_winograd_output *work);

    /* output[i] = the largest of rows[0][i] to rows[row_count - 1][i]; NaN wins. */
    void (*max_rows)(int64_t row_count, const float *const *rows, int64_t count, float *output);
    /* output[i] = scale * (rows[0][i] + rows[1][i] + ...), added in this order. */
    void (*sum_rows)(int64_t row_count, const float *const *rows, int64_t count, float scale, float *output);
    /* The largest element of each window, where NaN wins; and the scaled sum. */
    void (*max_windows)(const cnn_windows *work);
    void (*sum_windows)(const cnn_windows *work);
    /* The gradient of averages side by side: output[(w * taps + t) * channels + c] = scale * input[w * channels + c] for w <
     * windows, t < taps. */
    void (*spread_windows)(int64_t windows, int64_t taps, int64_t channels, float scale, const float *input, float *output);

    /* The formulas stand at cnn_activation_kind. Output may be the input. */
    void (*activate)(cnn_activation_kind kind, float alpha, float beta, int64_t count, const float *input, float *output);
    /* Softmax of each row of `channels` elements. Output may be the input. */
    void (*softmax_rows)(int64_t rows, int64_t channels, const float *input, float *output);
    void (*add)(int64_t count, const float *left, const float *right, float *output);

    /* first += sum of d, second += sum of d d, where d = input - center. */
    void (*column_moments)(const cnn_column_sums *work);
    /* first += sum of the gradient, second += sum of gradient (input - center). */
    void (*column_products)(const cnn_column_sums *work);
    /* first += sum of the gradient, second += sum of gradient (input - row_center) row_factor. */
    void (*layer_products)(const cnn_column_sums *work);
    void (*norm_rows)(const cnn_norm_rows *work);
    void (*norm_gradient_rows)(const cnn_norm_rows *work);
    /* sums[0] = sum of d, sums[1] = sum of d d, where d = input[i] - center. */
    void (*row_moments)(int64_t count, const float *input, float center, double *sums);
    /* sums[0] = sum of w, sums[1] = sum of w (input[i] - center), where w = gamma[i] gradient[i]; a null gamma is ones. */
    void (*row_products)(int64_t count, const float *gradient, const float *gamma, const float *input, float center,
                         double *sums);
    /* output[i] = (input[i] factor + offset) gamma[i] + beta[i]; a null gamma is ones, a null beta zeros. */
    void (*layer_row)(int64_t count, const float *input, float factor, float offset, const float *gamma, const float *beta,
                      float *output);
    /* output[i] = coefficients[0] gamma[i] gradient[i] + (coefficients[1] input[i] + coefficients[2]). */
    void (*layer_gradient_row)(int64_t count, const float *gradient, const float *gamma, const float *input,
                               const float *coefficients, float *output);

    /* output[i] = bias + scale * (source[i] + ... + source[i + window - 1]). */
    void (*window_sums)(int64_t count, int64_t window, const float *source, float scale, float bias, float *output);
    /* output[i] = input[i] ^ -exponent. */
    void (*inverse_power)(int64_t count, const float *input, float exponent, float *output);

    /* As max_rows, and indices[i] = positions[r] of the first row r that has the largest element, or the first NaN. When
     * `continued`, output and indices hold what earlier rows gave. */
    void (*max_rows_indexed)(int64_t row_count, const float *const *rows, const int32_t *positions, int continued,
                             int64_t count, float *output, int32_t *indices);
    /* output[i] = weights[0] rows[0][i] + weights[1] rows[1][i] + ..., after output[i] when `continued`. */
    void (*weighted_rows)(int64_t row_count, const float *const *rows, const float *weights, int continued, int64_t count,
                          float *output);
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

    /* Matrix products. A block of gemm_rows x gemm_depth of the left matrix and a panel of gemm_depth x tile_columns of the
     * right one stay in the second-level cache; gemm_columns of the right matrix are packed at once. Each further block of
     * the depth costs one to three per cent, so blocks are as deep as that cache allows. */
    int32_t gemm_depth;
    int32_t gemm_rows;    /* a multiple of tile_rows */
    int32_t gemm_columns; /* a multiple of tile_columns */
    const char *product_packed_name;
    const char *product_plain_name;
    const char *product_dots_name;
    const char *product_sums_name;
    void (*multiply_plain)(const cnn_plain_tile *tile);
    /* output[i] = sum over k < count of matrix[i * stride + k] * vector[k], after output[i] when `continued`; a row gives
     * the same bits whatever rows are next to it. */
    void (*dot_rows)(int64_t rows, int64_t stride, int64_t count, const float *matrix, const float *vector, int continued,
                     float *output);

    /* sums[0] = sum of a[c], sums[1] = sum of a[c] (largest - logits[c]) over the a[c] that are not 0. */
    void (*entropy_sums)(const cnn_entropy_target *target, int64_t count, const float *logits, float largest, double *sums);
    /* output[c] = factor * exp(logits[c] - largest) - scale * a[c]. Output may be the logits. */
    void (*entropy_gradient)(const cnn_entropy_target *target, int64_t count, const float *logits, float largest,
                             double factor, double scale, float *output);

    /* GgG' of `count` filters side by side, a multiple of the lanes: tap t of filter i, of 3x3, is taps[t * count + i], and
     * value v of its transform goes to output[v * stride + i]. In float64, rounded once. */
    void (*winograd_filters_4)(const float *taps, int64_t count, float *output, int64_t stride);
    void (*winograd_filters_2)(const float *taps, int64_t count, float *output, int64_t stride);

    /* As max_rows_indexed for windows side by side; output or indices may be null. */
    void (*max_windows_indexed)(const cnn_tap_windows *work, float *output, int32_t *indices);
    /* Returns how many elements of the gradient have their maximum at one of the taps, first..last-1 or others. For a single
     * line. */
    int64_t (*add_to_maxima)(const cnn_max_gradient *work);
    /* The same for any lines of windows that follow each other without a gap, whose indices are there: their targets are
     * written, not added to. Returns -1, and writes nothing, where that would not be faster. */
    int64_t (*write_maxima)(const cnn_max_gradient *work);

    void (*fill)(int64_t count, float value, float *output);
    /* output[i] = start + (first + i) * step, in float64 and rounded once. */
    void (*range)(int64_t first, int64_t count, double start, double step, float *output);
} cnn_kernels;

extern const cnn_kernels cnn_kernels_scalar;
#if defined(CNN_X86)
extern const cnn_kernels cnn_kernels_avx2;
extern const cnn_kernels cnn_kernels_avx512;
#endif
#if defined(CNN_ARM64)
extern const cnn_kernels cnn_kernels_neon;
#endif

/* The table of an instruction set, or null where this processor cannot run it. */
const cnn_kernels *cnn_kernels_for(cnn_isa isa);

#endif
