/* conv2d_gradient.h - how the sum over pixels that makes a weight gradient is cut. Every cut follows from the sizes alone,
 * never from the threads, so that the bits do not depend on them.
 *
 * Sums     The weights of an output channel that see neighbouring elements of the input are a run: all taps of a row of the
 *          window, or one tap where channels are grouped or taps lie apart, or the whole window where its rows are shorter
 *          than vectors. An item is up to outer_rows output channels by up to outer_columns elements of a run; the sums of
 *          an item are registers, and lie where the weights lie.
 * Pixels   A segment is a row of output pixels, or a part of a long one. A slab is as many segments as keep what they see in
 *          the first-level cache. Chunks of slabs have sums of their own, where there are too few items for the threads. */
#ifndef CNN_CONV2D_GRADIENT_H
#define CNN_CONV2D_GRADIENT_H

#include "conv2d.h"
#include "threads.h"

#define MOST_ROOM_BYTES (6 << 20) /* of a thread: what needs more is cut in another way */

typedef enum cnn_gradient_form {
    CNN_GRADIENT_IN_PLACE, /* runs are read where they are */
    CNN_GRADIENT_ROWS,     /* from a copy of the rows with their padding, past whose end a vector may be read */
    CNN_GRADIENT_PATCHES,  /* from a copy of the whole window for each pixel, which is made of that */
    CNN_GRADIENT_RUNS,     /* from the side of the input, see conv2d_gradient_runs.c */
    CNN_GRADIENT_DEPTHWISE,
    CNN_GRADIENT_WINOGRAD
} cnn_gradient_form;

typedef struct cnn_gradient_cut {
    cnn_gradient_form form;
    cnn_axis vertical; /* of the plan; where each pixel sees one pixel, all of them are one long row */
    cnn_axis horizontal;
    int64_t batch;

    int64_t row_parts;      /* segments in a row of output */
    int64_t segment_pixels; /* at most */
    int64_t segments;       /* in the whole batch */
    int64_t slab_segments;
    int64_t slabs;
    int64_t chunks;

    int64_t positions; /* weights of an output channel */
    int64_t run;       /* elements */
    int64_t runs;      /* of an output channel */
    int64_t run_parts; /* items along a run */
    int64_t output_parts;
    int64_t items;
    int64_t chunk_elements; /* sums of a chunk */

    int64_t lines;         /* rows of the window that runs begin in: 1 for whole windows */
    int64_t segment_width; /* pixels of a row of input that a segment sees */
    int64_t pixel_step;    /* elements from a pixel to the next in rows that are copied, */
    int64_t gradient_step; /* and in the output gradient, which is copied where there is space between its pixels */
    int64_t slab_rows;     /* rows of input that are copied for a slab, at most; 0 where runs are read in place */
    int64_t patch_elements;
    int32_t turned; /* patches: 1 where vectors are output channels, and the sums lie position by position */

    int64_t tiles; /* Winograd: of the whole batch, */
    int64_t tiles_down;
    int64_t tiles_across;
    int64_t block_tiles;  /* and of a slab */
    int64_t parts;        /* ranges of output channels, which are the items of a chunk */
    int64_t part_outputs; /* channels of a range */

    int32_t with_bias;  /* 1 where each chunk sums its part of the bias as well: what it reads is in the cache, */
    int64_t bias_run;   /* a single chunk in parts of so many slabs; */
    int64_t bias_slabs; /* else each of so many rows of the output gradient */
    int64_t bias_slab_rows;
    int64_t thread_bytes; /* of workspace for each thread */
    int64_t chunk_bytes;  /* for all of them: sums of chunks, */
    int64_t shared_bytes; /* and with those of the bias */
} cnn_gradient_cut;

cnn_gradient_cut cnn_conv2d_gradient_cut(const cnn_conv2d_plan *plan);

/* Cuts the sum for Winograd's algorithm, where the plan may use it and it is worth its transforms; else returns 0. */
int cnn_conv2d_gradient_winograd_cut(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut);

/* Whether the sum can be seen from the side of the input, and its cut then. */
int cnn_conv2d_gradient_runs_fit(const cnn_conv2d_plan *plan);
void cnn_conv2d_gradient_runs_cut(const cnn_conv2d_plan *plan, cnn_gradient_cut *cut);

/* The first segment of a slab; *count of them belong to it. Slabs do not reach from one image into the next, but where they
 * are whole images. */
int64_t cnn_conv2d_gradient_slab(const cnn_gradient_cut *cut, int64_t index, int64_t *count);

/* What a gradient is computed from and to; arguments are checked. */
typedef struct cnn_gradient_work {
    const cnn_context *context;
    const cnn_conv2d_plan *plan;
    cnn_gradient_cut cut;
    const float *input;
    const float *output_gradient;
    float *weights_gradient;
    int accumulate;
    char *workspace;     /* the shared part, then that of each thread */
    float *bias_partial; /* part x output channel, where the bias is wanted with the chunks; else null */
} cnn_gradient_work;

/* Adds pixels of the output gradient to a part of the gradient of the bias, or begins it with them. */
void cnn_conv2d_gradient_add_bias(const cnn_gradient_work *work, int64_t part, const float *gradient, int64_t pixels,
                                  int continued);

/* The gradient of the bias, from its parts, which are at `partial`: those that are there, or that this sums. */
cnn_status cnn_conv2d_gradient_bias(const cnn_gradient_work *work, float *partial, int accumulate, float *gradient);

/* The gradient of the weights of a convolution, by each of its forms. */
cnn_status cnn_conv2d_gradient_sum(const cnn_gradient_work *work);
cnn_status cnn_conv2d_gradient_runs(const cnn_gradient_work *work);
cnn_status cnn_conv2d_gradient_depthwise(const cnn_gradient_work *work);
cnn_status cnn_conv2d_gradient_winograd(const cnn_gradient_work *work);

/* Adds the gradients of the chunks in the workspace to the one that is wanted, or writes it. */
cnn_status cnn_conv2d_gradient_add_chunks(const cnn_gradient_work *work) CNN_MUST_USE;

/* The workspace of a thread. */
static inline char *cnn_conv2d_gradient_room(const cnn_gradient_work *work, int32_t thread)
{
    return work->workspace + work->cut.shared_bytes + thread * work->cut.thread_bytes;
}

#endif
