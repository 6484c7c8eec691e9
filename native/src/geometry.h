/* geometry.h - sizes: products that are checked against overflow, and the placement of a sliding window on one axis. */
#ifndef CNN_GEOMETRY_H
#define CNN_GEOMETRY_H

#include "cnn.h"

/* One axis of a sliding window. Output o reads the inputs o * stride - padding_before + t * dilation, t < window. */
typedef struct cnn_axis {
    const char *name; /* "height" or "width", for messages */
    int32_t input;
    int32_t window;
    int32_t stride;
    int32_t dilation;
    int32_t padding_before;
    int32_t padding_after;
    int32_t output;
} cnn_axis;

/* Checks the axis, resolves the padding mode into padding_before and padding_after, and computes the output size. */
cnn_status cnn_axis_resolve(cnn_axis *axis, cnn_padding_mode mode, int ceil_mode, const char *operation, cnn_error *error);

/* Checks that each of `count` sizes is positive; `names` tells which is which. */
cnn_status cnn_sizes_check(int32_t count, const int64_t *sizes, const char *const *names, const char *operation,
                           cnn_error *error);

/* *product = the product of the sizes, all positive; fails when its float32 elements have no size in bytes. */
cnn_status cnn_sizes_multiply(int32_t count, const int64_t *sizes, const char *operation, const char *what, int64_t *product,
                              cnn_error *error);

/* The outputs first..last-1 of an axis whose whole window lies inside the input; empty ranges have first == last. */
void cnn_axis_interior(const cnn_axis *axis, int32_t *first, int32_t *last);

/* The taps first..last-1 of the window at `output` that lie inside the input. */
void cnn_axis_taps(const cnn_axis *axis, int32_t output, int32_t *first, int32_t *last);

#endif
