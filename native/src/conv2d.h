/* conv2d.h - the inside of a convolution plan, shared by choosing, packing and running.
 *
 * Implicit GEMM: the pixels of the input are the rows of a matrix that is never written down; a table of row pointers (one
 * for each tap and output pixel, to a row of zeros where the tap lies in the padding) tells the kernel where they are.
 * Depthwise: each channel is filtered alone, along the rows of the image.
 * Winograd: patches of the input are transformed, multiplied with transformed filters by the same kernel as implicit GEMM,
 * and transformed back; a block of tiles goes through the three steps while it is in the cache.
 *
 * Scatter: products of pixels with whole filters, which are added to where they belong; for transposed convolutions.
 * Planes: sums whose vectors are neighbouring pixels, for few output channels.
 * Grouped: sums whose vectors are the channels of several groups, along the rows of the image.
 *
 * A transposed convolution is one whose input has zeros between its elements. They are never multiplied: the outputs fall
 * into phases, each of which sees some of the taps and the elements themselves.
 *
 * Packed weights, implicit GEMM: for each phase, group and panel of tile_columns output channels, taps x channels x columns
 * weights; the last panel is only as wide as what is left, rounded up to column_step. Winograd: the same for each value of
 * the transform. Depthwise: for each tap, `period` weights, which repeat the channels until whole vectors of the flattened
 * row have fixed weights. Planes: row of the window x input channel x column x output channel, for each panel; a panel has
 * as many channels as the others or one less. Grouped: vector of channels x row of the window x input channel of a group x
 * column x lane. In all of them the biases follow, and missing columns are zero. */
#ifndef CNN_CONV2D_H
#define CNN_CONV2D_H

#include "geometry.h"
#include "kernels.h"
#include "memory.h"

/* Where a weight lies in the caller's tensor: start + group * g + output * o + tap * t + input * c, for output channel o and
 * input channel c of group g, and tap t of the window. A transposed convolution reads the taps backwards. */
typedef struct cnn_weight_steps {
    int64_t start;
    int64_t group;
    int64_t output;
    int64_t tap;
    int64_t input;
} cnn_weight_steps;

struct cnn_conv2d_plan {
    const cnn_kernels *kernels;
    const struct cnn_conv2d_rule *rule; /* the algorithm */
    cnn_conv2d_desc desc;               /* of what runs: a transposed convolution has inputs and outputs exchanged */
    cnn_axis vertical;
    cnn_axis horizontal;
    cnn_weight_steps weight_steps;
    int32_t transposed;
    int32_t winograd;      /* 1 when Winograd's algorithm may be used, for gradients as well */
    int64_t output_stride; /* elements from a pixel of the output to the next */
    int64_t residual_stride;

    int64_t taps;          /* kernel height x kernel width */
    int64_t group_inputs;  /* input channels of a group */
    int64_t group_outputs; /* output channels of a group */
    int64_t panels; /* panels of tile_columns output channels in a group; planes: of plane_outputs; grouped: vectors */
    int64_t panel_columns;   /* of a panel but the last one */
    int64_t columns;         /* their columns: group_outputs rounded up to column_step; planes: group_outputs */
    int32_t merged;          /* implicit GEMM: 1 when the taps of a row of the window are one run of memory */
    int64_t block_pixels;    /* implicit GEMM: output pixels that share one table of rows */
    int64_t period;          /* depthwise: elements after which the packed weights repeat */
    int32_t flat;            /* depthwise: 1 when neighbouring pixels are filtered as one run of elements */
    int64_t blocks;          /* depthwise: parts of the channels that go down the image one after another, in bands of
                                rows; 0 where the kernel for bands does not know the window */
    int32_t tile;            /* Winograd: output pixels on a side of a tile */
    int32_t patch;           /* Winograd: input pixels on a side of a patch, tile + 2 */
    int64_t tiles_down;      /* Winograd: tiles in the height of an image */
    int64_t tiles_across;    /* Winograd: tiles in its width */
    int64_t tiles_per_block; /* Winograd: tiles that go through the three steps together */
    int64_t plane_width;     /* planes: elements of a row of sums, whole vectors */
    int64_t plane_pitch;     /* planes: elements of a row of the input with what lies beside it */
    int64_t block_rows;      /* planes: rows of the output whose input is laid out together; grouped: that are computed so */
    int64_t group_rows;      /* scatter: images whose rows are multiplied together; planes: rows of the output */

    int64_t output_pixels; /* batch x output height x output width */
    int64_t input_elements;
    int64_t weights_elements;
    int64_t bias_offset; /* where the packed biases start */
    int64_t packed_elements;
    int64_t output_elements; /* from the first to the last */
    int64_t residual_elements;
    int64_t workspace_bytes; /* for each thread: the table of row pointers, or a block of Winograd tiles */
    int64_t multiply_accumulates;
    int64_t expected_cost;

    float lower; /* the part of the activation that the kernels apply: a clamp */
    float upper;
    int32_t activate_after; /* 1 when the rest of the activation follows while the output is still in the cache */
    float *zeros; /* what lies in the padding, and a bias of zero: input or output channels, at least tile_columns */
};

/* What a run is given; arguments are checked. */
typedef struct cnn_conv2d_work {
    const cnn_context *context;
    const cnn_conv2d_plan *plan;
    const float *packed;
    const float *input;
    const float *residual; /* null: none */
    float *output;
    char *workspace;
} cnn_conv2d_work;

/* Some panels, counted over all groups. `weights` begins with the filters of the first of them, wherever that is. */
typedef struct cnn_conv2d_part {
    const float *weights;
    int64_t first; /* panel */
    int64_t count;
} cnn_conv2d_part;

/* One way to compute a convolution. The plan takes the rule with the lowest cost among those that fit. */
typedef struct cnn_conv2d_rule {
    cnn_conv2d_algorithm algorithm;
    /* Whether the rule can compute the convolution of the plan. */
    int (*fits)(const cnn_conv2d_plan *plan);
    /* Sets the fields of the plan that belong to the algorithm. */
    void (*lay_out)(cnn_conv2d_plan *plan);
    /* Fills bias_offset, packed_elements and workspace_bytes. */
    cnn_status (*count)(cnn_conv2d_plan *plan, const char *operation, cnn_error *error);
    /* Expected time, in multiply-accumulates at the peak. */
    double (*cost)(const cnn_conv2d_plan *plan);
    const char *(*name)(const cnn_kernels *kernels);
    /* Packs all filters and biases, or, where it is null, pack_part packs panels of filters. */
    void (*pack)(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed);
    cnn_status (*pack_part)(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_conv2d_part *part,
                            float *packed);
    cnn_status (*run)(const cnn_conv2d_work *work);
} cnn_conv2d_rule;

/* The rules, ended by one with algorithm CNN_CONV2D_AUTO. */
extern const cnn_conv2d_rule cnn_conv2d_rules[];

/* Whether Winograd's algorithm can compute the convolution of the plan. */
int cnn_conv2d_winograd_fits(const cnn_conv2d_plan *plan);

/* Elements from a value of a block's transforms to the next: a line of the cache more than they take, because values that
 * lie a page apart would share their places in it. */
static inline int64_t cnn_conv2d_winograd_stride(const cnn_conv2d_plan *plan, int64_t channels)
{
    return plan->tiles_per_block * channels + CNN_ALIGNMENT / (int64_t)sizeof(float);
}

/* Packs weights as each algorithm wants them; those that work in panels leave the biases to cnn_conv2d_pack_biases. */
cnn_status cnn_conv2d_pack_panels(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_conv2d_part *part,
                                  float *packed);
void cnn_conv2d_depthwise_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed);
cnn_status cnn_conv2d_winograd_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_conv2d_part *part,
                                    float *packed);

/* The parts of a rule, see above. */
int cnn_conv2d_scatter_fits(const cnn_conv2d_plan *plan);
void cnn_conv2d_scatter_lay_out(cnn_conv2d_plan *plan);
cnn_status cnn_conv2d_scatter_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error);
void cnn_conv2d_scatter_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed);
int cnn_conv2d_grouped_fits(const cnn_conv2d_plan *plan);
void cnn_conv2d_grouped_lay_out(cnn_conv2d_plan *plan);
cnn_status cnn_conv2d_grouped_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error);
void cnn_conv2d_grouped_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed);
int cnn_conv2d_planes_fits(const cnn_conv2d_plan *plan);
void cnn_conv2d_planes_lay_out(cnn_conv2d_plan *plan);
cnn_status cnn_conv2d_planes_count(cnn_conv2d_plan *plan, const char *operation, cnn_error *error);
void cnn_conv2d_planes_pack(const cnn_conv2d_plan *plan, const float *weights, const float *bias, float *packed);

cnn_status cnn_conv2d_scatter_run(const cnn_conv2d_work *work);
cnn_status cnn_conv2d_grouped_run(const cnn_conv2d_work *work);
cnn_status cnn_conv2d_planes_run(const cnn_conv2d_work *work);
cnn_status cnn_conv2d_gemm_run(const cnn_conv2d_work *work);
cnn_status cnn_conv2d_depthwise_run(const cnn_conv2d_work *work);
cnn_status cnn_conv2d_winograd_run(const cnn_conv2d_work *work);

/* Fills the biases that follow the packed weights: those of all panels, missing columns zero. */
void cnn_conv2d_pack_biases(const cnn_conv2d_plan *plan, const float *bias, float *packed);

/* The channels first..first+count-1 of `rows` output rows from `row` on, counted over all images, as a kernel takes them
 * that finds its taps along the rows of an image; the weights and what belongs to them are left to the caller. */
cnn_band cnn_conv2d_band(const cnn_conv2d_work *work, int64_t row, int64_t rows, int64_t first, int64_t count);

/* Applies what the kernels left of the activation to `columns` channels from `offset` on of `count` pixels. */
void cnn_conv2d_finish(const cnn_conv2d_plan *plan, float *const *pixels, int64_t count, int64_t offset, int64_t columns);

/* What is left to do with a row of pixels whose sums lie in `row` without gaps: adds the residual (null: none), which may be
 * the output, applies the activation, or what is left of it when the sums are clamped, and stores the output. */
void cnn_conv2d_finish_row(const cnn_conv2d_plan *plan, int64_t pixels, const float *residual, int clamped, float *row,
                           float *output);

/* Columns of the panel that starts at column `first` of a group. */
static inline int64_t cnn_conv2d_panel_columns(const cnn_conv2d_plan *plan, int64_t first)
{
    const int64_t left = plan->columns - first, most = plan->panel_columns;
    return left < most ? left : most;
}

#endif
