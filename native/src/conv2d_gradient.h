/* conv2d_gradient.h - how the sum over pixels that makes a weight gradient is cut. Every cut follows from the sizes alone,
 * never from the threads, so that the bits do not depend on them.
 *
 * Pixels   A segment is a row of output pixels, or a longer run where rows follow each other without padding or gaps. A slab
 *          is as many segments as keep its pixels in the first-level cache. Chunks of slabs have sums of their own, where
 *          there are too few sums to share out among threads.
 * Sums     For each chunk, group, and panel of tile_columns output channels: positions x tile_columns, where a position is a
 *          tap and an input channel of the group, rounded up to whole tiles. */
#ifndef CNN_CONV2D_GRADIENT_H
#define CNN_CONV2D_GRADIENT_H

#include "conv2d.h"

typedef struct cnn_gradient_cut {
    int64_t segment_pixels;
    int64_t segments; /* in the whole batch */
    int64_t slab_segments;
    int64_t slabs;
    int64_t chunks;
    int64_t positions;      /* taps x input channels of a group */
    int64_t tiles;          /* of positions */
    int64_t items;          /* tiles of sums in a chunk */
    int64_t chunk_elements; /* sums of a chunk */
    int64_t padded_width;   /* pixels of a row of input with its padding; 0: rows are read where they are */
    int64_t slab_rows;      /* rows of input that the segments of a slab see, at most */
    int64_t bias_slabs;     /* each of so many rows of the output gradient */
    int64_t bias_slab_rows;
    int64_t thread_bytes; /* of workspace for each thread */
    int64_t shared_bytes; /* and for all of them */
} cnn_gradient_cut;

cnn_gradient_cut cnn_conv2d_gradient_cut(const cnn_conv2d_plan *plan);

/* What a gradient is computed from and to; arguments are checked. */
typedef struct cnn_gradient_work {
    const cnn_context *context;
    const cnn_conv2d_plan *plan;
    cnn_gradient_cut cut;
    const float *input;
    const float *output_gradient;
    char *workspace; /* the shared part, then that of each thread */
} cnn_gradient_work;

/* Writes the sums of all chunks to the shared workspace: for all groups together, or for a depthwise convolution. */
cnn_status cnn_conv2d_gradient_sum(const cnn_gradient_work *work);
cnn_status cnn_conv2d_gradient_sum_depthwise(const cnn_gradient_work *work);

#endif
