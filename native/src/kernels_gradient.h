/* kernels_gradient.h - what kernels of gradients are given; kernels.h has the kernels. */
#ifndef CNN_KERNELS_GRADIENT_H
#define CNN_KERNELS_GRADIENT_H

#include <stdint.h>

/* Part of a weight gradient, a sum over pixels of outer products: for i < output_count and j < element_count
 *   sums[i * sums_step + j] = (continued: what is there) + sum over s < segments, p < count of
 *       gradients[s][gradient_offset + p * gradient_step + i] * rows[s][row_offset + p * row_step + j].
 * A segment is a run of neighbouring output pixels. Counts are at most outer_rows and outer_columns; rows are readable up to
 * a multiple of the lanes from each pixel's first element on. */
typedef struct cnn_outer {
    int64_t segments;
    int64_t count;
    const float *const *rows;
    int64_t row_offset;
    int64_t row_step;
    const float *const *gradients;
    int64_t gradient_offset;
    int64_t gradient_step;
    int32_t output_count;
    int32_t element_count;
    int32_t continued;
    float *sums;
    int64_t sums_step;
} cnn_outer;

/* Part of the weight gradient of a depthwise convolution, of some lines of its window: for l < lines, t < taps, c < channels
 * sums[(l * taps + t) * channels + c] += sum over p < count, where x = p * stride + t * dilation - padding lies in
 * 0..width-1, of rows[l * line_step + x * channels + c] * columns[p * channels + c], p after p. */
typedef struct cnn_products {
    int64_t lines;
    int64_t taps;
    int64_t stride;
    int64_t dilation;
    int64_t padding;
    int64_t width;
    int64_t count;
    int64_t channels;
    const float *rows;
    int64_t line_step;
    const float *columns;
    float *sums;
} cnn_products;

/* A row of output of a transposed convolution, from the products of each pixel of a row of input with the weights of its
 * window, window x channels elements:
 *   output[x * output_step + c] = bias[c] + sum over p < pixels with 0 <= t < window, t = x + padding - p * stride, of
 *       products[p * pitch + t * channels + c].
 * The products are readable up to a vector past their last element. */
typedef struct cnn_runs {
    const float *products;
    int64_t pixels;
    int64_t pitch;
    int64_t window;
    int64_t stride;
    int64_t padding;
    int64_t channels;
    const float *bias;
    float *output;
    int64_t outputs;
    int64_t output_step;
} cnn_runs;

#endif
