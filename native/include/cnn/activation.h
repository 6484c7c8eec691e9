/* cnn/activation.h - functions of one element, and of one row. Part of cnn.h; include that.
 * Activations, PReLU and softmax, forward and backward; what a layer does to each element of its sum. */
#ifndef CNN_PUBLIC_ACTIVATION_H
#define CNN_PUBLIC_ACTIVATION_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- activations */

/** output[i] = activation(input[i]) for `count` elements. Output may be the input, but not overlap it otherwise.
 *  Accuracy: exp, tanh and sigmoid are within 4 ulp of the correctly rounded value. */
CNN_API cnn_status cnn_activate(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta, int64_t count,
                                const cnn_buffer *input, const cnn_buffer *output, cnn_error *error);

/** input_gradient[i] = output_gradient[i] * derivative of the activation at input[i]; with `accumulate` 1 added to what is
 *  there, with 0 written. `input` is what cnn_activate read: the output would not do, because GELU, SiLU, Mish and hard
 * swish take many values twice. Where a derivative jumps, the value is PyTorch's: 0 for ReLU, hard sigmoid and clip, that of
 * the left side for leaky ReLU and ELU and SELU, and for hard swish the side that lies inside -3..3. At infinite inputs the
 *  limit counts. input_gradient may be output_gradient; it must not overlap the inputs otherwise. */
CNN_API cnn_status cnn_activate_backward(const cnn_context *context, cnn_activation_kind kind, float alpha, float beta,
                                         int32_t accumulate, int64_t count, const cnn_buffer *input,
                                         const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                         cnn_error *error);

/** PReLU, He et al. 2015: output = x for x >= 0, else slopes[channel] x, over `rows` rows of `channels` elements. Output may
 *  be the input. */
CNN_API cnn_status cnn_prelu(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                             const cnn_buffer *slopes, const cnn_buffer *output, cnn_error *error);

/** The bytes of workspace that cnn_prelu_backward needs. */
CNN_API cnn_status cnn_prelu_backward_workspace(int64_t rows, int64_t channels, int64_t *bytes, cnn_error *error);

/** The gradients of PReLU, written or (`accumulate` 1) added: input_gradient = dY for x > 0, else slope dY, and
 *  slope_gradient[channel] = the sum over the rows with x < 0 of x dY. input_gradient may be output_gradient; nothing else
 *  may overlap. Any thread count gives the same bits. */
CNN_API cnn_status cnn_prelu_backward(const cnn_context *context, int64_t rows, int64_t channels, int32_t accumulate,
                                      const cnn_buffer *input, const cnn_buffer *slopes, const cnn_buffer *output_gradient,
                                      const cnn_buffer *input_gradient, const cnn_buffer *slope_gradient,
                                      const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- softmax */

/** Softmax over the innermost dimension: each of `rows` rows of `channels` elements becomes positive and sums to 1.
 *  The row's maximum is subtracted first, so large logits do not overflow. Output may be the input. */
CNN_API cnn_status cnn_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                               const cnn_buffer *output, cnn_error *error);

/** log(softmax(x)) over the innermost dimension: x - max - log(sum of exp(x - max)). Output may be the input. */
CNN_API cnn_status cnn_log_softmax(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *input,
                                   const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_softmax from its output y, row by row: y (dY - the sum of y dY). input_gradient may be the output or
 *  the output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels, const cnn_buffer *output,
                                        const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                        cnn_error *error);

/** The gradient of cnn_log_softmax from its output y, row by row: dY - exp(y) times the sum of dY. Aliasing as in
 *  cnn_softmax_backward. Any thread count gives the same bits. */
CNN_API cnn_status cnn_log_softmax_backward(const cnn_context *context, int64_t rows, int64_t channels,
                                            const cnn_buffer *output, const cnn_buffer *output_gradient,
                                            const cnn_buffer *input_gradient, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
