/* cnn/arithmetic.h - arithmetic with broadcasting, and reductions. Part of cnn.h; include that.
 * What a graph computes between its layers: sums, products, powers, and the sums that are their gradients. */
#ifndef CNN_PUBLIC_ARITHMETIC_H
#define CNN_PUBLIC_ARITHMETIC_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** output[i] = activation(left[i] + right[i]) for `count` elements. Output may be either input. */
CNN_API cnn_status cnn_add(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                           const cnn_buffer *left, const cnn_buffer *right, const cnn_buffer *output, cnn_error *error);

/** An operation on two elements. The gradients, for z = f(x, y) and dZ, are made of these operations and cnn_reduce_sum. */
typedef enum cnn_binary_kind {
    /** x + y; dX = dZ, dY = dZ */
    CNN_BINARY_ADD = 0,
    /** x - y; dX = dZ, dY = -dZ */
    CNN_BINARY_SUB = 1,
    /** x y; dX = dZ y, dY = dZ x */
    CNN_BINARY_MUL = 2,
    /** x / y; dX = dZ / y, dY = -dX z */
    CNN_BINARY_DIV = 3,
    /** The smaller; a NaN wins. dX = dZ where x is less than y */
    CNN_BINARY_MIN = 4,
    /** The larger; a NaN wins. dX = dZ where y is less than x */
    CNN_BINARY_MAX = 5,
    /** 1 where x is less than y, else 0; 0 beside a NaN */
    CNN_BINARY_LESS = 6,
    /** 1 where x equals y, else 0; 0 beside a NaN */
    CNN_BINARY_EQUAL = 7
} cnn_binary_kind;

/** Two tensors of up to six dimensions, of which either may be broadcast, and a dense result. */
typedef struct cnn_binary_desc {
    /** sizeof(cnn_binary_desc), set by cnn_binary_desc_init. */
    uint32_t struct_size;
    /** The operation (default CNN_BINARY_ADD). */
    cnn_binary_kind kind;
    /** Dimensions, 1 to 6. */
    int32_t rank;
    /** Sizes of the result, outermost first; what lies beyond the rank is ignored, here and below. */
    int64_t shape[6];
    /** Elements from one index of the left tensor to the next: 0 where it is broadcast, never negative. */
    int64_t left_strides[6];
    /** The same for the right tensor. */
    int64_t right_strides[6];
} cnn_binary_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_binary_desc_init(cnn_binary_desc *desc);

/** output = left (operation) right. Output may be an input that is dense, that is, not broadcast; no overlap otherwise.
 *  Fast where the shapes are the same, one side is a scalar, or one is a vector along the innermost dimension. */
CNN_API cnn_status cnn_binary(const cnn_context *context, const cnn_binary_desc *desc, const cnn_buffer *left,
                              const cnn_buffer *right, const cnn_buffer *output, cnn_error *error);

/** A function of one element, with its gradient for z = f(x) and dZ. Subnormal numbers count as zeros. */
typedef enum cnn_unary_kind {
    /** exp(x), within 4 ulp; dX = dZ z */
    CNN_UNARY_EXP = 0,
    /** The natural logarithm, within 4 ulp; dX = dZ / x */
    CNN_UNARY_LOG = 1,
    /** The square root, correctly rounded; dX = dZ / (2 z) */
    CNN_UNARY_SQRT = 2,
    /** -x */
    CNN_UNARY_NEG = 3,
    /** The absolute value; dX = dZ where x is above 0, -dZ where it is below, else 0 */
    CNN_UNARY_ABS = 4,
    /** 1 / x, correctly rounded; dX = -dZ z z */
    CNN_UNARY_RECIPROCAL = 5,
    /** x to the power of the parameter; dX = dZ parameter pow(x, parameter - 1). Fast for whole exponents of -8 to 8, within
     *  as many ulp, and for 0.5 and -0.5, which are square roots but of -0 and minus infinity, where they are what pow is:
     *  0 and infinity, and their reciprocals; within 1 ulp for others, through the C library. */
    CNN_UNARY_POW = 6
} cnn_unary_kind;

/** output[i] = f(input[i]) for `count` elements. `parameter` is the exponent of CNN_UNARY_POW, ignored by the others. Output
 *  may be the input. */
CNN_API cnn_status cnn_unary(const cnn_context *context, cnn_unary_kind kind, float parameter, int64_t count,
                             const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** A dense tensor of up to six dimensions, summed over some of them. */
typedef struct cnn_reduce_desc {
    /** sizeof(cnn_reduce_desc), set by cnn_reduce_desc_init. */
    uint32_t struct_size;
    /** Dimensions, 1 to 6. */
    int32_t rank;
    /** Sizes of the input, outermost first. */
    int64_t shape[6];
    /** Sizes of the output: that of the input, or 1 where it is summed. */
    int64_t output_shape[6];
    /** Multiplies the sums (default 1). */
    float scale;
    /** 1: adds to what is in the output; 0 (default): overwrites it. */
    int32_t accumulate;
} cnn_reduce_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_reduce_desc_init(cnn_reduce_desc *desc);

/** The bytes of workspace that cnn_reduce_sum needs; may be 0. */
CNN_API cnn_status cnn_reduce_sum_workspace(const cnn_reduce_desc *desc, int64_t *bytes, cnn_error *error);

/** Sums the input into the shape of the output, which is also the gradient of broadcasting. Rows are added in float32 in
 *  groups of at most 64, everything else in float64. No overlap; `workspace` may be null where its size is 0, and comes from
 *  cnn_buffer_create for its alignment. Any thread count gives the same bits. */
CNN_API cnn_status cnn_reduce_sum(const cnn_context *context, const cnn_reduce_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
