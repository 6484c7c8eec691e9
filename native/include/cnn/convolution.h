/* cnn/convolution.h - convolution, transposed convolution and fully connected layers. Part of cnn.h; include that.
 * Plans that know their algorithm and their memory before they run; forward, and both gradients. */
#ifndef CNN_PUBLIC_CONVOLUTION_H
#define CNN_PUBLIC_CONVOLUTION_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a convolution is computed. All give the same result up to rounding. */
typedef enum cnn_conv2d_algorithm {
    /** The plan chooses what its cost model expects to be fastest. */
    CNN_CONV2D_AUTO = 0,
    /** A matrix product whose rows are the pixels of the input, found through pointers. Fits every convolution. */
    CNN_CONV2D_IMPLICIT_GEMM = 1,
    /** Each channel alone, along the rows of the image. For as many groups as input and output channels. */
    CNN_CONV2D_DEPTHWISE = 2,
    /** Minimal filtering F(4x4, 3x3), Lavin and Gray 2016: a quarter of the multiplications. For 3x3 filters with stride 1,
     *  dilation 1 and one group. Its error stays below 1e-4 of the largest output for inputs of unit variance. */
    CNN_CONV2D_WINOGRAD_4X4 = 3,
    /** Minimal filtering F(2x2, 3x3): 4/9 of the multiplications, and nearly as exact as the direct sum. */
    CNN_CONV2D_WINOGRAD_2X2 = 4,
    /** A matrix product of the pixels with whole filters, whose results are added to where they belong. For transposed
     *  convolutions of one group whose taps lie side by side; fast where they have few output channels. */
    CNN_CONV2D_SCATTER = 5,
    /** Sums whose vectors are neighbouring pixels instead of channels. For one group, up to 32 output channels and a
     *  horizontal stride of 1; fast where there are few channels. */
    CNN_CONV2D_PLANES = 6,
    /** Sums whose vectors are the channels of several groups. For groups of as many input as output channels, which divide
     *  the lanes of a vector, and filters of three columns with a horizontal stride of 1 or 2, dilation 1 and at most one
     *  column of padding on either side. */
    CNN_CONV2D_GROUPED = 7
} cnn_conv2d_algorithm;

/** A two-dimensional convolution: cross-correlation, as every framework computes it. */
typedef struct cnn_conv2d_desc {
    /** sizeof(cnn_conv2d_desc), set by cnn_conv2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of the input; a multiple of `groups`. */
    int32_t input_channels;
    /** Channels of the output, which is the number of filters; a multiple of `groups`. */
    int32_t output_channels;
    /** Height of the filters. */
    int32_t kernel_height;
    /** Width of the filters. */
    int32_t kernel_width;
    /** Rows from one window to the next (default 1). */
    int32_t stride_height;
    /** Columns from one window to the next (default 1). */
    int32_t stride_width;
    /** Rows between the taps of a filter (default 1, which is none skipped). */
    int32_t dilation_height;
    /** Columns between the taps of a filter (default 1). */
    int32_t dilation_width;
    /** Groups (default 1): output channels of a group see only the input channels of that group. */
    int32_t groups;
    /** Where the padding comes from (default CNN_PADDING_EXPLICIT). */
    cnn_padding_mode padding_mode;
    /** Rows of zeros above (default 0). */
    int32_t padding_top;
    /** Columns of zeros to the left (default 0). */
    int32_t padding_left;
    /** Rows of zeros below (default 0). */
    int32_t padding_bottom;
    /** Columns of zeros to the right (default 0). */
    int32_t padding_right;
    /** Applied to each output after the bias (default CNN_ACTIVATION_NONE). */
    cnn_activation_kind activation;
    /** First parameter of the activation (default 0). */
    float activation_alpha;
    /** Second parameter of the activation (default 0). */
    float activation_beta;
    /** Forces an algorithm (default CNN_CONV2D_AUTO); CNN_UNSUPPORTED when it does not fit the convolution. */
    cnn_conv2d_algorithm algorithm;
    /** Elements from one pixel of the output to the next (default 0: as many as it has channels). With more, the output is
     *  some of the channels of a wider tensor, and concatenation costs nothing. */
    int32_t output_stride;
    /** Elements from one pixel of the residual to the next (default 0: as many as the output has channels). */
    int32_t residual_stride;
} cnn_conv2d_desc;

/** A fully connected layer over `rows` inputs: output = activation(input x transpose(weights) + bias). */
typedef struct cnn_linear_desc {
    /** sizeof(cnn_linear_desc), set by cnn_linear_desc_init. */
    uint32_t struct_size;
    /** Rows of the input matrix, which is the batch (default 1). */
    int32_t rows;
    /** Columns of the input matrix. */
    int32_t input_features;
    /** Columns of the output matrix. Weights are output_features x input_features. */
    int32_t output_features;
    /** Applied to each output after the bias (default CNN_ACTIVATION_NONE). */
    cnn_activation_kind activation;
    /** First parameter of the activation (default 0). */
    float activation_alpha;
    /** Second parameter of the activation (default 0). */
    float activation_beta;
} cnn_linear_desc;

/** What a plan turned out to be: sizes for the caller, and the choices for whoever wants to know why it is fast. */
typedef struct cnn_conv2d_plan_info {
    /** sizeof(cnn_conv2d_plan_info), set by cnn_conv2d_plan_info_init. */
    uint32_t struct_size;
    /** Height of the output. */
    int32_t output_height;
    /** Width of the output. */
    int32_t output_width;
    /** Resolved rows of zeros above. */
    int32_t padding_top;
    /** Resolved columns of zeros to the left. */
    int32_t padding_left;
    /** Resolved rows of zeros below. */
    int32_t padding_bottom;
    /** Resolved columns of zeros to the right. */
    int32_t padding_right;
    /** The algorithm that runs; never CNN_CONV2D_AUTO. */
    cnn_conv2d_algorithm algorithm;
    /** Bytes of the input tensor. */
    int64_t input_bytes;
    /** Bytes of the weights as the caller gives them. */
    int64_t weights_bytes;
    /** Bytes of the bias. */
    int64_t bias_bytes;
    /** Bytes of the packed weights that cnn_conv2d_pack writes. */
    int64_t packed_bytes;
    /** Bytes of the output tensor. */
    int64_t output_bytes;
    /** Bytes of workspace for each thread of the context that runs the plan. */
    int64_t workspace_bytes_per_thread;
    /** Multiply-accumulate operations of one run, as the direct sum counts them. */
    int64_t multiply_accumulates;
    /** What the cost model expects of one run: the time of so many multiply-accumulates at the processor's peak. */
    int64_t expected_cost;
    /** The name of the algorithm and its tile, such as "implicit-gemm 6x16 avx2"; static memory. */
    const char *algorithm_name;
} cnn_conv2d_plan_info;

/** A convolution that is ready to run: checked, with its algorithm chosen. Immutable; share it freely between threads. */
typedef struct cnn_conv2d_plan cnn_conv2d_plan;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_conv2d_desc_init(cnn_conv2d_desc *desc);

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_linear_desc_init(cnn_linear_desc *desc);

/** Prepares the record for cnn_conv2d_plan_describe. */
CNN_API void cnn_conv2d_plan_info_init(cnn_conv2d_plan_info *info);

/** Checks the descriptor and makes a plan for the instruction set of the context. The plan outlives the context. */
CNN_API cnn_status cnn_conv2d_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc, cnn_conv2d_plan **plan,
                                          cnn_error *error);

/** Makes a plan for the transposed convolution of `desc`: it maps a tensor of the output's shape to one of the input's.
 *  This is the gradient of a convolution by its input, and the layer that other frameworks call ConvTranspose; for that,
 *  `desc` describes the convolution that would lead back, and its input size is the size of the layer's output.
 *  Activation, bias (one value for each input channel of `desc`), algorithm and strides belong to the transposed one;
 * weights have the shape that the convolution of `desc` has. Run it as any plan. */
CNN_API cnn_status cnn_conv2d_transpose_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc,
                                                    cnn_conv2d_plan **plan, cnn_error *error);

/** The same as cnn_conv2d_plan_create for a fully connected layer, which is a 1x1 convolution over rows: pack and run it as
 * one. */
CNN_API cnn_status cnn_linear_plan_create(const cnn_context *context, const cnn_linear_desc *desc, cnn_conv2d_plan **plan,
                                          cnn_error *error);

/** Releases a plan. */
CNN_API void cnn_conv2d_plan_destroy(cnn_conv2d_plan *plan);

/** Writes what the plan needs and what it chose into `info`. */
CNN_API cnn_status cnn_conv2d_plan_describe(const cnn_conv2d_plan *plan, cnn_conv2d_plan_info *info, cnn_error *error);

/** Rearranges weights (OHWI) and bias (output channels; null: zeros) into the order that the plan's kernels read.
 *  Do this once for constant weights and once a step in training; `packed` may be reused. */
CNN_API cnn_status cnn_conv2d_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *weights,
                                   const cnn_buffer *bias, const cnn_buffer *packed, cnn_error *error);

/** The filters of how many output channels cnn_conv2d_pack_part takes at least; 0 where the plan packs all of them at once.
 */
CNN_API int64_t cnn_conv2d_pack_step(const cnn_conv2d_plan *plan);

/** The same as cnn_conv2d_pack for the filters of the output channels first..first+count-1, with which `weights` begins, so
 *  that large weights need not be in memory as a whole. `first` and `count` are multiples of cnn_conv2d_pack_step, but for a
 *  count that goes to the last channel. `bias` is that of all channels, and packed with the part that begins with channel 0.
 *  Parts can be packed in any order, and by several threads at once. */
CNN_API cnn_status cnn_conv2d_pack_part(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t first,
                                        int64_t count, const cnn_buffer *weights, const cnn_buffer *bias,
                                        const cnn_buffer *packed, cnn_error *error);

/** Runs the plan: output = activation(convolution of input + bias + residual). Allocates nothing.
 *  `residual` (null: none) has the output's shape; it may be the output itself, when both have the same stride.
 *  `workspace` holds at least workspace_bytes_per_thread times the threads of the context; concurrent runs of a plan need a
 *  workspace each. It and `packed` come from cnn_buffer_create, for their alignment. The output must not overlap the input.
 *  Any thread count gives the same bits. */
CNN_API cnn_status cnn_conv2d_run(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                                  const cnn_buffer *input, const cnn_buffer *residual, const cnn_buffer *output,
                                  const cnn_buffer *workspace, cnn_error *error);

/** Writes the bytes of workspace that cnn_conv2d_backward_weights needs with this plan and context. */
CNN_API cnn_status cnn_conv2d_backward_weights_workspace(const cnn_context *context, const cnn_conv2d_plan *plan,
                                                         int64_t *bytes, cnn_error *error);

/** The gradient of a convolution by its weights and its bias: weights_gradient[o][t][c] = sum over output pixels p of
 *  output_gradient[p][o] * input[pixel that tap t of p sees][c], and bias_gradient[o] = sum of output_gradient[p][o].
 *  `plan` is that of the convolution; its activation is not undone, so output_gradient is that of the sum before it, dense.
 *  For the weights of a transposed convolution, exchange the tensors: `input` is the gradient of its output, and
 *  `output_gradient` its input. bias_gradient may be null. With `accumulate` 1 the gradients are added to what is there,
 *  with 0 written. 3x3 filters with stride 1 are summed by Winograd's F(4x4, 3x3) where that is faster, with its error,
 * unless the plan was made for CNN_CONV2D_IMPLICIT_GEMM or without Winograd's algorithm. `workspace` comes from
 * cnn_buffer_create. No two buffers may overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_conv2d_backward_weights(const cnn_context *context, const cnn_conv2d_plan *plan,
                                               const cnn_buffer *input, const cnn_buffer *output_gradient,
                                               int32_t accumulate, const cnn_buffer *weights_gradient,
                                               const cnn_buffer *bias_gradient, const cnn_buffer *workspace,
                                               cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
