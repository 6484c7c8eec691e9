/* cnn/resize.h - resizing of images. Part of cnn.h; include that.
 * Nearest, bilinear and bicubic, with the coordinate modes of ONNX, forward and backward. */
#ifndef CNN_PUBLIC_RESIZE_H
#define CNN_PUBLIC_RESIZE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a pixel is made of its neighbours. */
typedef enum cnn_resize_mode {
    /** The nearest one; cnn_nearest_mode tells which that is. */
    CNN_RESIZE_NEAREST = 0,
    /** Two in each direction, by distance: bilinear. */
    CNN_RESIZE_LINEAR = 1,
    /** Four in each direction, by a cubic polynomial of the distance: bicubic. Keys 1981. */
    CNN_RESIZE_CUBIC = 2
} cnn_resize_mode;

/** Where in the input, x, the centre of an output pixel o lies; scale is output size / input size. ONNX's names. */
typedef enum cnn_coordinate_mode {
    /** (o + 0.5) / scale - 0.5: what PyTorch does with align_corners=False. */
    CNN_COORDINATE_HALF_PIXEL = 0,
    /** As half_pixel, moved so that the centres of both images meet also when the output size was rounded down. */
    CNN_COORDINATE_HALF_PIXEL_SYMMETRIC = 1,
    /** As half_pixel, but 0 for an output of one pixel. */
    CNN_COORDINATE_PYTORCH_HALF_PIXEL = 2,
    /** o (input size - 1) / (output size - 1): the corners' centres meet. 0 for an output of one pixel. */
    CNN_COORDINATE_ALIGN_CORNERS = 3,
    /** o / scale: the top left corners meet. */
    CNN_COORDINATE_ASYMMETRIC = 4
} cnn_coordinate_mode;

/** Which pixel is the nearest to x. */
typedef enum cnn_nearest_mode {
    /** Rounded, halves down. */
    CNN_NEAREST_ROUND_PREFER_FLOOR = 0,
    /** Rounded, halves up; with half_pixel this is PyTorch's "nearest-exact". */
    CNN_NEAREST_ROUND_PREFER_CEIL = 1,
    /** The one to the left; with asymmetric this is PyTorch's "nearest". */
    CNN_NEAREST_FLOOR = 2,
    /** The one to the right. */
    CNN_NEAREST_CEIL = 3
} cnn_nearest_mode;

/** A change of the size of NHWC images, as ONNX's Resize of height and width. */
typedef struct cnn_resize_desc {
    /** sizeof(cnn_resize_desc), set by cnn_resize_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int32_t batch;
    /** Height of the input in pixels. */
    int32_t input_height;
    /** Width of the input in pixels. */
    int32_t input_width;
    /** Channels of input and output. */
    int32_t channels;
    /** Height of the output in pixels. */
    int32_t output_height;
    /** Width of the output in pixels. */
    int32_t output_width;
    /** How a pixel is made (default CNN_RESIZE_NEAREST). */
    cnn_resize_mode mode;
    /** Where it lies (default CNN_COORDINATE_HALF_PIXEL). */
    cnn_coordinate_mode coordinate_mode;
    /** Which is the nearest (default CNN_NEAREST_ROUND_PREFER_FLOOR). */
    cnn_nearest_mode nearest_mode;
    /** 1: when an image shrinks, linear and cubic filters are stretched to average all pixels that they pass; 0 (default):
     * they see two or four pixels always. */
    int32_t antialias;
    /** 1: pixels outside the input have no weight, and the others sum to 1; 0 (default): the nearest of the border stands
     * for them. PyTorch does the former with antialias and the latter without. */
    int32_t exclude_outside;
    /** The coefficient a of the cubic filter (default -0.75; PyTorch and Pillow take -0.5 with antialias). */
    double cubic_coefficient;
    /** The scale of the height when it is not output / input, which was rounded (default 0: it is). */
    double scale_height;
    /** The scale of the width (default 0: output / input). */
    double scale_width;
} cnn_resize_desc;

/** The weights of all rows and columns of a resize. Immutable; share it freely between threads and contexts. */
typedef struct cnn_resize_plan cnn_resize_plan;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_resize_desc_init(cnn_resize_desc *desc);

/** Checks the descriptor and computes the weights, in float64 and rounded once. A given scale times the input size must lie
 *  less than one pixel from the output size, or it is CNN_SHAPE_MISMATCH. */
CNN_API cnn_status cnn_resize_plan_create(const cnn_resize_desc *desc, cnn_resize_plan **plan, cnn_error *error);

/** Releases a plan. */
CNN_API void cnn_resize_plan_destroy(cnn_resize_plan *plan);

/** Bytes of workspace for each thread of the context that runs the plan; 0 for null. */
CNN_API int64_t cnn_resize_plan_workspace_bytes_per_thread(const cnn_resize_plan *plan);

/** output[n, y, x, c] = the sum over v, u of row_weight[y, v] column_weight[x, u] input[n, v, u, c]; rows first, each sum in
 *  float32. A pixel of weight 0 is not read, and one of weight 1 alone keeps its bits. Any thread count gives the same bits.
 *  `workspace` holds workspace_bytes_per_thread times the threads of the context. No overlap. */
CNN_API cnn_status cnn_resize_run(const cnn_context *context, const cnn_resize_plan *plan, const cnn_buffer *input,
                                  const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error);

/** The gradient: the same sums with the weights transposed, gathered for each pixel of the input, so any thread count gives
 *  the same bits. No overlap. */
CNN_API cnn_status cnn_resize_backward(const cnn_context *context, const cnn_resize_plan *plan,
                                       const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                       const cnn_buffer *workspace, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
