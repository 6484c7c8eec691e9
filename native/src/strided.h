/* strided.h - copies between two tensors of the same shape whose elements lie at any strides: what transposing and slicing
 * have in common. Also the check of a shape that all operations on any rank share. */
#ifndef CNN_STRIDED_H
#define CNN_STRIDED_H

#include "context.h"

/* One dimension of a copy: its size, and the elements from one index to the next on either side (negative: backwards). */
typedef struct cnn_strided_axis {
    int64_t count;
    int64_t source;
    int64_t destination;
} cnn_strided_axis;

/* Copies 4-byte elements. The axes are in the order of the destination, outermost first. */
cnn_status cnn_strided_copy(const cnn_context *context, int32_t rank, const cnn_strided_axis *axes, const float *source,
                            float *destination);

/* Checks the rank and that all sizes are positive, and counts the elements. */
cnn_status cnn_shape_check(int32_t rank, const int64_t *sizes, const char *operation, const char *what, int64_t *elements,
                           cnn_error *error);

#endif
