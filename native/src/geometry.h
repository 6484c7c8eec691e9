/* geometry.h - sizes: products that are checked against overflow, and the placement of a sliding window on one axis. */
#ifndef CNN_GEOMETRY_H
#define CNN_GEOMETRY_H

#include "cnn.h"

/* One axis of a sliding window. Output o reads the inputs o * stride - padding_before + t * dilation, t < window.
 * With `upsample` u above 1, which transposed convolutions have, that place counts in an input with u - 1 zeros after each
 * element; the stride is 1 then, and the padding may be negative. */
typedef struct cnn_axis {
    const char *name; /* "height" or "width", for messages */
    int32_t input;
    int32_t window;
    int32_t stride;
    int32_t dilation;
    int32_t padding_before;
    int32_t padding_after;
    int32_t output;
    int32_t upsample; /* 0 counts as 1 */
} cnn_axis;

/* Every upsample-th output sees the same taps: such outputs are a phase. Output j of a phase is output first + j * step of
 * the axis; its tap i is tap tap_first + i * tap_step of the window, and reads the input j * stride + offset + i *
 * offset_step. */
typedef struct cnn_axis_phase {
    int32_t outputs;
    int32_t first;
    int32_t step;
    int32_t taps;
    int32_t tap_first;
    int32_t tap_step;
    int32_t stride;
    int32_t input;
    int64_t offset;
    int64_t offset_step;
} cnn_axis_phase;

/* Checks the axis, resolves the padding mode into padding_before and padding_after, and computes the output size. */
cnn_status cnn_axis_resolve(cnn_axis *axis, cnn_padding_mode mode, int ceil_mode, const char *operation, cnn_error *error);

/* Checks that each of `count` sizes is positive; `names` tells which is which. */
cnn_status cnn_sizes_check(int32_t count, const int64_t *sizes, const char *const *names, const char *operation,
                           cnn_error *error);

/* *product = the product of the sizes, all positive; fails when its float32 elements have no size in bytes. */
cnn_status cnn_sizes_multiply(int32_t count, const int64_t *sizes, const char *operation, const char *what, int64_t *product,
                              cnn_error *error);

/* The same of rows x channels, both of which this checks. */
cnn_status cnn_sizes_of_rows(int64_t rows, int64_t channels, const char *operation, const char *what, int64_t *elements,
                             cnn_error *error);

/* The number of phases of an axis: 1, or what it is upsampled by. */
int32_t cnn_axis_phases(const cnn_axis *axis);

cnn_axis_phase cnn_axis_phase_at(const cnn_axis *axis, int32_t index);

/* The taps first..last-1 of the phase that lie inside the input for its output j. */
void cnn_axis_phase_taps(const cnn_axis_phase *phase, int64_t j, int32_t *first, int32_t *last);

/* Turns the axis of a convolution into that of the transposed one, which maps its output back to its input. */
cnn_status cnn_axis_transpose(cnn_axis *axis, const char *operation, cnn_error *error);

/* The outputs first..last-1 of an axis that is not upsampled whose whole window lies inside the input; empty ranges have
 * first == last. */
void cnn_axis_interior(const cnn_axis *axis, int32_t *first, int32_t *last);

/* The taps first..last-1 of the window at `output` that lie inside the input, for an axis that is not upsampled. */
void cnn_axis_taps(const cnn_axis *axis, int32_t output, int32_t *first, int32_t *last);

#endif
