/* resize.h - what a resize plan is inside: the weights of each row and column, and the same transposed for the gradient. */
#ifndef CNN_RESIZE_H
#define CNN_RESIZE_H

#include "cnn.h"

/* A sparse matrix by rows: output o is the sum of weights[t] times input indices[t], offsets[o] <= t < offsets[o + 1]. */
typedef struct cnn_taps {
    int64_t *offsets;
    int32_t *indices;
    float *weights;
} cnn_taps;

struct cnn_resize_plan {
    cnn_resize_desc desc;
    int64_t input_elements;
    int64_t output_elements;
    cnn_taps rows;
    cnn_taps columns;
    cnn_taps rows_back; /* transposed */
    cnn_taps columns_back;
};

#endif
