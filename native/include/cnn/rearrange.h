/* cnn/rearrange.h - the same elements in other places. Part of cnn.h; include that.
 * Transpose, pad, slice, gather, fill and rows with strides, which concatenation and splitting are made of. */
#ifndef CNN_PUBLIC_REARRANGE_H
#define CNN_PUBLIC_REARRANGE_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- transpose */

/** A permutation of the dimensions of a dense tensor. Dimension 0 is the outermost, and the last one is contiguous. */
typedef struct cnn_transpose_desc {
    /** sizeof(cnn_transpose_desc), set by cnn_transpose_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored. */
    int64_t sizes[CNN_MAX_RANK];
    /** Dimension i of the output is dimension axes[i] of the input (ONNX's perm); each of 0 to rank - 1 once. */
    int32_t axes[CNN_MAX_RANK];
} cnn_transpose_desc;

/** Fills the descriptor with its defaults. The rank, sizes and axes stay 0 and must be set. */
CNN_API void cnn_transpose_desc_init(cnn_transpose_desc *desc);

/** output[i_0, i_1, ...] = input[j_0, j_1, ...] with j_(axes[d]) = i_d, for any elements of 4 bytes, whose bits are kept.
 *  NCHW becomes NHWC with the axes 0, 2, 3, 1 and comes back with 0, 3, 1, 2. The buffers must not overlap.
 *  The gradient is the transpose with the inverse permutation. */
CNN_API cnn_status cnn_transpose(const cnn_context *context, const cnn_transpose_desc *desc, const cnn_buffer *input,
                                 const cnn_buffer *output, cnn_error *error);

/* ---------------------------------------------------------------- pad, slice, gather, fill, copy */

/** What stands in the elements that padding adds. */
typedef enum cnn_pad_mode {
    /** A value. */
    CNN_PAD_CONSTANT = 0,
    /** The tensor mirrored at its first and last element, which are not repeated: c b | a b c | b a. */
    CNN_PAD_REFLECT = 1,
    /** The first or last element: a a | a b c | c c. */
    CNN_PAD_EDGE = 2,
    /** The tensor again from its other end: b c | a b c | a b. */
    CNN_PAD_WRAP = 3
} cnn_pad_mode;

/** Padding of any dimensions of a dense tensor, as ONNX's Pad. */
typedef struct cnn_pad_desc {
    /** sizeof(cnn_pad_desc), set by cnn_pad_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored. */
    int64_t sizes[CNN_MAX_RANK];
    /** Elements added before the first one of a dimension (default 0). Negative: so many are cut off, before the rest is
     * padded; at least one must be left. */
    int64_t before[CNN_MAX_RANK];
    /** Elements added after the last one of a dimension (default 0), or cut off. */
    int64_t after[CNN_MAX_RANK];
    /** What is added (default CNN_PAD_CONSTANT). Mirroring and repeating go on where padding is longer than the tensor. */
    cnn_pad_mode mode;
    /** The value for CNN_PAD_CONSTANT (default 0). */
    float value;
} cnn_pad_desc;

/** Fills the descriptor with its defaults. The rank and the sizes stay 0 and must be set. */
CNN_API void cnn_pad_desc_init(cnn_pad_desc *desc);

/** Writes the padded tensor, whose sizes are before + size + after. Elements of 4 bytes keep their bits. No overlap. */
CNN_API cnn_status cnn_pad(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *input,
                           const cnn_buffer *output, cnn_error *error);

/** input_gradient[i] = the sum of output_gradient over all elements that cnn_pad copies from i, and 0 for those that it cuts
 *  off. A sum has one order for any number of threads. No overlap. */
CNN_API cnn_status cnn_pad_backward(const cnn_context *context, const cnn_pad_desc *desc, const cnn_buffer *output_gradient,
                                    const cnn_buffer *input_gradient, cnn_error *error);

/** A part of a dense tensor: in each dimension, `count` elements from `start` on, each `step` after the last. */
typedef struct cnn_slice_desc {
    /** sizeof(cnn_slice_desc), set by cnn_slice_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to CNN_MAX_RANK. */
    int32_t rank;
    /** Sizes of the input; those from `rank` on are ignored, here as below. */
    int64_t sizes[CNN_MAX_RANK];
    /** The first index of each dimension (default 0). */
    int64_t starts[CNN_MAX_RANK];
    /** From one index to the next (default 1); negative: backwards. Not 0. */
    int64_t steps[CNN_MAX_RANK];
    /** Indices that are taken, which is the size of the output; all of them must lie inside the input. */
    int64_t counts[CNN_MAX_RANK];
} cnn_slice_desc;

/** Fills the descriptor with its defaults. The rank, sizes and counts stay 0 and must be set. */
CNN_API void cnn_slice_desc_init(cnn_slice_desc *desc);

/** output[i_0, i_1, ...] = input[starts_0 + i_0 steps_0, ...], for elements of 4 bytes, whose bits are kept. No overlap. */
CNN_API cnn_status cnn_slice(const cnn_context *context, const cnn_slice_desc *desc, const cnn_buffer *input,
                             const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_slice: zeros with the output's gradient in the places that were taken. No overlap. */
CNN_API cnn_status cnn_slice_backward(const cnn_context *context, const cnn_slice_desc *desc,
                                      const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error);

/** The type of the indices in a buffer. */
typedef enum cnn_index_type {
    /** int32_t */
    CNN_INDEX_INT32 = 0,
    /** int64_t; the buffer needs an alignment of 4 bytes only. */
    CNN_INDEX_INT64 = 1
} cnn_index_type;

/** A choice along one dimension of a dense tensor, which is seen as outer x axis x inner elements. */
typedef struct cnn_gather_desc {
    /** sizeof(cnn_gather_desc), set by cnn_gather_desc_init. */
    uint32_t struct_size;
    /** The type of the indices (default CNN_INDEX_INT32). */
    cnn_index_type index_type;
    /** The product of the sizes before the dimension (default 1). */
    int64_t outer;
    /** The size of the dimension. */
    int64_t axis;
    /** The product of the sizes after the dimension (default 1). */
    int64_t inner;
    /** How many indices there are. */
    int64_t index_count;
} cnn_gather_desc;

/** Fills the descriptor with its defaults. The axis and the index count stay 0 and must be set. */
CNN_API void cnn_gather_desc_init(cnn_gather_desc *desc);

/** output[o, k, i] = input[o, indices[k], i], for elements of 4 bytes, whose bits are kept. An index of -axis to -1 counts
 * from the end, as in ONNX. CNN_INVALID_ARGUMENT for one outside; then nothing was written. No overlap. */
CNN_API cnn_status cnn_gather(const cnn_context *context, const cnn_gather_desc *desc, const cnn_buffer *input,
                              const cnn_buffer *indices, const cnn_buffer *output, cnn_error *error);

/** input_gradient[o, j, i] = the sum of output_gradient[o, k, i] over all k with indices[k] = j, in the order of k for any
 *  number of threads. Indices are checked as by cnn_gather. No overlap. */
CNN_API cnn_status cnn_gather_backward(const cnn_context *context, const cnn_gather_desc *desc,
                                       const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                       const cnn_buffer *input_gradient, cnn_error *error);

/** output[i] = value for `count` elements; as cnn_buffer_fill, on all threads of the context. */
CNN_API cnn_status cnn_fill(const cnn_context *context, int64_t count, float value, const cnn_buffer *output,
                            cnn_error *error);

/** output[i] = start + i step for `count` elements, computed in float64 and rounded once. */
CNN_API cnn_status cnn_range(const cnn_context *context, int64_t count, double start, double step, const cnn_buffer *output,
                             cnn_error *error);

/** Copies `rows` rows of `row_length` elements between tensors whose rows lie `..._stride` elements apart, starting at
 *  `..._offset` elements. Concatenation, splitting and slicing are made of this. The two must not overlap. */
CNN_API cnn_status cnn_copy_rows(const cnn_context *context, int64_t rows, int64_t row_length, const cnn_buffer *source,
                                 int64_t source_offset, int64_t source_stride, const cnn_buffer *destination,
                                 int64_t destination_offset, int64_t destination_stride, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
