/* cnn/pooling.h - pooling. Part of cnn.h; include that.
 * Maximum, average, global and adaptive windows, forward and backward. */
#ifndef CNN_PUBLIC_POOLING_H
#define CNN_PUBLIC_POOLING_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- windows that slide */

/** A pooling window that slides over an NHWC tensor, channel by channel. */
typedef struct cnn_pool2d_desc {
    /** sizeof(cnn_pool2d_desc), set by cnn_pool2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the window. */
    int32_t window_height;
    /** Width of the window. */
    int32_t window_width;
    /** Rows from one window to the next (default 1). */
    int32_t stride_height;
    /** Columns from one window to the next (default 1). */
    int32_t stride_width;
    /** Rows between the elements of a window (default 1). */
    int32_t dilation_height;
    /** Columns between the elements of a window (default 1). */
    int32_t dilation_width;
    /** Where the padding comes from (default CNN_PADDING_EXPLICIT). */
    cnn_padding_mode padding_mode;
    /** Padding above (default 0); less than the dilated window, so that each window sees the input. */
    int32_t padding_top;
    /** Padding to the left (default 0). */
    int32_t padding_left;
    /** Padding below (default 0). */
    int32_t padding_bottom;
    /** Padding to the right (default 0). */
    int32_t padding_right;
    /** 1: the output size is rounded up, and windows may hang over the bottom and right; 0 (default): rounded down. A window
     *  that would start outside the input and its top and left padding is left out. */
    int32_t ceil_mode;
    /** 1: an average counts padded elements as zeros; 0 (default): it divides by the elements inside the input. What hangs
     *  over because of ceil_mode never counts. */
    int32_t count_include_pad;
} cnn_pool2d_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_pool2d_desc_init(cnn_pool2d_desc *desc);

/** Checks the descriptor and computes the height and width of the output. */
CNN_API cnn_status cnn_pool2d_output_size(const cnn_pool2d_desc *desc, int32_t *output_height, int32_t *output_width,
                                          cnn_error *error);

/** The largest element of each window; padding never wins. A NaN in the window gives NaN. A dilated window that steps over
 *  the whole input gives minus infinity. No overlap of output and input. */
CNN_API cnn_status cnn_max_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *output, cnn_error *error);

/** The mean of each window; see count_include_pad. The sum is a float32, and overflows as one. A dilated window that steps
 *  over the whole input gives 0. No overlap of output and input. */
CNN_API cnn_status cnn_average_pool2d(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                      const cnn_buffer *output, cnn_error *error);

/** The mean over `pixels` pixels (height x width) of each image and channel: batch x pixels x channels to batch x channels.
 */
CNN_API cnn_status cnn_global_average_pool(const cnn_context *context, int64_t batch, int64_t pixels, int64_t channels,
                                           const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/* ---------------------------------------------------------------- positions, gradients, adaptive windows */

/** cnn_max_pool2d that also writes where each maximum was found: int32 positions row x input_width + column inside its image
 *  plane, as PyTorch and ONNX count them for one channel; of equal elements the first in row-major order. A NaN is larger
 *  than anything, and the first of them wins. A window that holds no element gives minus infinity and position -1. `indices`
 *  has as many elements as the output. No overlap. */
CNN_API cnn_status cnn_max_pool2d_indexed(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                          const cnn_buffer *output, const cnn_buffer *indices, cnn_error *error);

/** The gradient of maximum pooling: each element of output_gradient is added where its maximum was. With `indices`, input is
 *  not read and may be null, and positions outside the plane are skipped; without (null), the maxima are found again in
 *  input. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_max_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                           const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                           const cnn_buffer *input_gradient, cnn_error *error);

/** The gradient of average pooling: each element of the input gets the sum, over the windows that hold it, of
 *  output_gradient divided by the elements that the window counts. No overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_average_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc,
                                               const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                               cnn_error *error);

/** The gradient of cnn_global_average_pool: output_gradient / pixels for each pixel. No overlap. */
CNN_API cnn_status cnn_global_average_pool_backward(const cnn_context *context, int64_t batch, int64_t pixels,
                                                    int64_t channels, const cnn_buffer *output_gradient,
                                                    const cnn_buffer *input_gradient, cnn_error *error);

/** Pooling to a given size. On each axis, output o sees the inputs from floor(o input / output) up to, but without,
 *  ceil((o + 1) input / output), as PyTorch's adaptive pooling does. */
typedef struct cnn_adaptive_pool2d_desc {
    /** sizeof(cnn_adaptive_pool2d_desc), set by cnn_adaptive_pool2d_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the output; it may be larger than that of the input. */
    int32_t output_height;
    /** Width of the output. */
    int32_t output_width;
} cnn_adaptive_pool2d_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_adaptive_pool2d_desc_init(cnn_adaptive_pool2d_desc *desc);

/** The largest element of each window; indices as in cnn_max_pool2d_indexed, or null. No overlap. */
CNN_API cnn_status cnn_adaptive_max_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output, const cnn_buffer *indices,
                                           cnn_error *error);

/** The mean of each window. No overlap. */
CNN_API cnn_status cnn_adaptive_average_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                               const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_adaptive_max_pool2d; see cnn_max_pool2d_backward. */
CNN_API cnn_status cnn_adaptive_max_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                                    const cnn_buffer *input, const cnn_buffer *output_gradient,
                                                    const cnn_buffer *indices, const cnn_buffer *input_gradient,
                                                    cnn_error *error);

/** The gradient of cnn_adaptive_average_pool2d; see cnn_average_pool2d_backward. */
CNN_API cnn_status cnn_adaptive_average_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                                        cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
