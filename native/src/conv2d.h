/* conv2d.h - the inside of a convolution plan, shared by planning, packing and running.
 *
 * Two algorithms so far. Implicit GEMM: the pixels of the input are the rows of a matrix that is never written down; a table
 * of row pointers (one for each tap and output pixel, to a row of zeros where the tap lies in the padding) tells the kernel
 * where they are. Depthwise: each channel is filtered alone, along the rows of the image.
 *
 * Packed weights, implicit GEMM: for each group and each panel of tile_columns output channels, taps x channels x
 * tile_columns weights; then the bias of every panel. Missing columns are zero.
 * Packed weights, depthwise: for each tap, `period` weights; then `period` biases. They repeat the channels until whole
 * vectors of the flattened row have fixed weights. */
#ifndef CNN_CONV2D_H
#define CNN_CONV2D_H

#include "geometry.h"
#include "kernels.h"

typedef enum cnn_conv2d_algorithm { CNN_CONV2D_IMPLICIT_GEMM, CNN_CONV2D_DEPTHWISE } cnn_conv2d_algorithm;

struct cnn_conv2d_plan {
    const cnn_kernels *kernels;
    cnn_conv2d_algorithm algorithm;
    cnn_conv2d_desc desc;
    cnn_axis vertical;
    cnn_axis horizontal;

    int64_t taps;          /* kernel height x kernel width */
    int64_t group_inputs;  /* input channels of a group */
    int64_t group_outputs; /* output channels of a group */
    int64_t panels;        /* panels of tile_columns output channels in a group */
    int64_t period;        /* depthwise: elements after which the packed weights repeat */
    int32_t flat;          /* depthwise: 1 when neighbouring pixels are filtered as one run of elements */
    int64_t output_pixels; /* batch x output height x output width */
    int64_t input_elements;
    int64_t weights_elements;
    int64_t packed_elements;
    int64_t output_elements;
    int64_t workspace_bytes; /* for each thread: the table of row pointers */
    int64_t multiply_accumulates;

    float lower; /* the part of the activation that the kernels apply: a clamp */
    float upper;
    int32_t activate_after; /* 1 when the rest of the activation follows while the output is still in the cache */
    float *zeros;           /* input_channels zeros: what a tap in the padding reads */
};

/* Elements of one panel of packed weights. */
static inline int64_t cnn_conv2d_panel_elements(const cnn_conv2d_plan *plan)
{
    return plan->taps * plan->group_inputs * plan->kernels->tile_columns;
}

/* Where the packed biases start. */
static inline int64_t cnn_conv2d_bias_offset(const cnn_conv2d_plan *plan)
{
    return plan->algorithm == CNN_CONV2D_DEPTHWISE ? plan->taps * plan->period
                                                   : plan->desc.groups * plan->panels * cnn_conv2d_panel_elements(plan);
}

#endif
