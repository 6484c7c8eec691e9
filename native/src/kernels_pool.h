/* kernels_pool.h - what kernels of pooling are given; kernels.h tells what they do with it. */
#ifndef CNN_KERNELS_POOL_H
#define CNN_KERNELS_POOL_H

#include <stdint.h>

/* Neighbouring windows along a row: output[w * channels + c] from the elements input[w * step + r * row_step + t * channels
 * + c], r < rows, t < taps; sums take the rows of each tap first. With fewer channels than the lanes of a
 * vector the input is readable up to a vector past the start of the last pixel; with more only maxima are taken. */
typedef struct cnn_windows {
    const float *input;
    int64_t windows;
    int64_t rows;
    int64_t row_step; /* elements */
    int64_t taps;
    int64_t step;
    int64_t channels;
    float scale; /* of a sum */
    float *output;
} cnn_windows;

#define CNN_MOST_TAPS 64 /* of windows that kernels take side by side */

/* `lines` rows of `windows` windows side by side, each of `taps` pixels of `channels` elements: window w of line l sees
 * those at rows[t] + l * line_step + w * row_step, t < taps, whose positions in the plane are positions[t] + l *
 * line_positions + w
 * * position_step. taps is 1 to CNN_MOST_TAPS. What belongs to the windows lies together, line after line. */
typedef struct cnn_tap_windows {
    int64_t lines;
    int64_t windows;
    int64_t taps;
    const float *const *rows;
    int64_t line_step;
    int64_t row_step;
    const int32_t *positions;
    int32_t line_positions;
    int32_t position_step;
    int64_t channels;
} cnn_tap_windows;

/* The gradient of the maxima of such windows, which lies at gradient + w * gradient_step in the only line, or without gaps:
 * it is added to the targets, which lie as the rows do, for the taps first..last-1. indices, which lie as the gradient does,
 * tell where the maxima are; null: the first largest element, or NaN, of the rows. */
typedef struct cnn_max_gradient {
    cnn_tap_windows windows;
    const int32_t *indices;
    const float *gradient;
    int64_t gradient_step;
    float *const *targets;
    int64_t first;
    int64_t last;
} cnn_max_gradient;

#endif
