/* cnn/normalization.h - normalisation. Part of cnn.h; include that.
 * Batch, layer, group, instance and local response normalisation, forward and backward. */
#ifndef CNN_PUBLIC_NORMALIZATION_H
#define CNN_PUBLIC_NORMALIZATION_H

#include "base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---------------------------------------------------------------- normalisation */

/** Batch normalisation (Ioffe and Szegedy 2015) of `rows` rows of `channels` elements, where rows is batch x height x width
 *  of an NHWC tensor: output = activation(gamma (input - mean) / sqrt(variance + epsilon) + beta), channel by channel. */
typedef struct cnn_batch_norm_desc {
    /** sizeof(cnn_batch_norm_desc), set by cnn_batch_norm_desc_init. */
    uint32_t struct_size;
    /** Elements of each channel: batch x height x width. Training needs at least 2. */
    int64_t rows;
    /** Channels of input and output. */
    int64_t channels;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
    /** What a batch contributes to the running statistics (default 0.1): running = (1 - momentum) running + momentum batch.
     */
    float momentum;
    /** CNN_ACTIVATION_NONE (default) or CNN_ACTIVATION_RELU. */
    cnn_activation_kind activation;
} cnn_batch_norm_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_batch_norm_desc_init(cnn_batch_norm_desc *desc);

/** Bytes of workspace that cnn_batch_norm_train, _infer and _backward need. The buffer comes from cnn_buffer_create, for its
 *  alignment, and overlaps nothing. Concurrent calls need one each. */
CNN_API cnn_status cnn_batch_norm_workspace_bytes(const cnn_batch_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** Normalises with the statistics of the batch. gamma and beta (`channels` elements each) may be null: ones and zeros.
 *  running_mean and running_variance are updated unless null, the latter with the unbiased variance, as PyTorch does.
 *  saved_mean and saved_inverse receive the mean and 1 / sqrt(variance + epsilon) of each channel, for the backward pass.
 *  Sums are taken in float64. Output may be the input. A channel with a NaN or an infinity becomes NaN.
 *  Any thread count gives the same bits. */
CNN_API cnn_status cnn_batch_norm_train(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                        const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *running_mean,
                                        const cnn_buffer *running_variance, const cnn_buffer *output,
                                        const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse,
                                        const cnn_buffer *workspace, cnn_error *error);

/** Normalises with given statistics, usually the running ones. gamma and beta may be null. Output may be the input. */
CNN_API cnn_status cnn_batch_norm_infer(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                        const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                                        const cnn_buffer *variance, const cnn_buffer *output, const cnn_buffer *workspace,
                                        cnn_error *error);

/** The gradients of cnn_batch_norm_train, from its input, its saved statistics and the gradient of its output. With
 *  xn = (input - mean) inverse and g = output_gradient, which is 0 where a ReLU was not positive:
 *    beta_gradient = sum of g, gamma_gradient = sum of g xn,
 *    input_gradient = gamma inverse (g - beta_gradient / rows - xn gamma_gradient / rows).
 *  Each result may be null when it is not wanted, but not all. beta is read only for a ReLU; gamma and beta may be null.
 *  input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_batch_norm_backward(const cnn_context *context, const cnn_batch_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/** What inference comes to for each channel: output = input scale + offset, with scale = gamma / sqrt(variance + epsilon)
 *  and offset = beta - mean scale. Uses `channels` and `epsilon` of the descriptor; gamma and beta may be null. */
CNN_API cnn_status cnn_batch_norm_scale_offset(const cnn_batch_norm_desc *desc, const cnn_buffer *gamma,
                                               const cnn_buffer *beta, const cnn_buffer *mean, const cnn_buffer *variance,
                                               const cnn_buffer *scale, const cnn_buffer *offset, cnn_error *error);

/** Folds an inference-time batch normalisation into the convolution before it: folded_weights = weights scale and
 *  folded_bias = bias scale + offset, with the scale and offset of cnn_batch_norm_scale_offset. `channels` of the descriptor
 *  are the output channels; weights are OHWI with `filter_elements` (height x width x input channels of the group) for each
 *  of them. bias, gamma and beta may be null. The folded buffers may be the ones they are made of. */
CNN_API cnn_status cnn_batch_norm_fold(const cnn_context *context, const cnn_batch_norm_desc *desc, int64_t filter_elements,
                                       const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                                       const cnn_buffer *variance, const cnn_buffer *weights, const cnn_buffer *bias,
                                       const cnn_buffer *folded_weights, const cnn_buffer *folded_bias, cnn_error *error);

/** Group normalisation (Wu and He 2018) of a tensor batch x pixels x channels: mean and variance are those of the pixels and
 *  channels of one group of one image. With groups = channels this is instance normalisation, with groups = 1 layer
 *  normalisation over an image with parameters for each channel. */
typedef struct cnn_group_norm_desc {
    /** sizeof(cnn_group_norm_desc), set by cnn_group_norm_desc_init. */
    uint32_t struct_size;
    /** Images in the batch (default 1). */
    int64_t batch;
    /** Pixels of an image: height x width. */
    int64_t pixels;
    /** Channels of input and output; a multiple of `groups`. */
    int64_t channels;
    /** Groups of neighbouring channels. */
    int64_t groups;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
    /** CNN_ACTIVATION_NONE (default) or CNN_ACTIVATION_RELU. */
    cnn_activation_kind activation;
} cnn_group_norm_desc;

/** Fills the descriptor with its defaults. The sizes without a default stay 0 and must be set. */
CNN_API void cnn_group_norm_desc_init(cnn_group_norm_desc *desc);

/** Bytes of workspace that cnn_group_norm and cnn_group_norm_backward need; see cnn_batch_norm_workspace_bytes. */
CNN_API cnn_status cnn_group_norm_workspace_bytes(const cnn_group_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** output = activation(gamma (input - mean) / sqrt(variance + epsilon) + beta); gamma and beta have `channels` elements and
 *  may be null. saved_mean and saved_inverse receive batch x groups means and 1 / sqrt(variance + epsilon). Output may be
 *  the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_group_norm(const cnn_context *context, const cnn_group_norm_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                                  const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                                  cnn_error *error);

/** The gradients of cnn_group_norm. With xn = (input - mean) inverse, g = output_gradient (0 where a ReLU was not positive)
 *  and means over the elements of a group: beta_gradient = sum of g and gamma_gradient = sum of g xn for each channel,
 *  input_gradient = inverse (gamma g - mean(gamma g) - xn mean(gamma g xn)). Results may be null as in
 *  cnn_batch_norm_backward; input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_group_norm_backward(const cnn_context *context, const cnn_group_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/** Layer normalisation (Ba et al. 2016) of `rows` rows of `length` elements, each row by its own mean and variance. Over the
 *  channels of each pixel, rows is batch x height x width; over whole images, rows is the batch and length is height x width
 *  x channels. gamma and beta have `length` elements. */
typedef struct cnn_layer_norm_desc {
    /** sizeof(cnn_layer_norm_desc), set by cnn_layer_norm_desc_init. */
    uint32_t struct_size;
    /** Rows, each with a mean and a variance of its own. */
    int64_t rows;
    /** Elements of a row. */
    int64_t length;
    /** Added to the variance (default 1e-5); at least 0. */
    float epsilon;
} cnn_layer_norm_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_layer_norm_desc_init(cnn_layer_norm_desc *desc);

/** Bytes of workspace that cnn_layer_norm and cnn_layer_norm_backward need; see cnn_batch_norm_workspace_bytes. */
CNN_API cnn_status cnn_layer_norm_workspace_bytes(const cnn_layer_norm_desc *desc, int64_t *bytes, cnn_error *error);

/** output = gamma (input - mean) / sqrt(variance + epsilon) + beta; gamma and beta may be null. saved_mean and saved_inverse
 *  receive one element for each row. Output may be the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_layer_norm(const cnn_context *context, const cnn_layer_norm_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                                  const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                                  cnn_error *error);

/** The gradients of cnn_layer_norm: those of cnn_group_norm_backward, with a row for a group and an element of the row for a
 *  channel. Results may be null as there; input_gradient may be output_gradient. Any thread count gives the same bits. */
CNN_API cnn_status cnn_layer_norm_backward(const cnn_context *context, const cnn_layer_norm_desc *desc,
                                           const cnn_buffer *input, const cnn_buffer *output_gradient,
                                           const cnn_buffer *gamma, const cnn_buffer *saved_mean,
                                           const cnn_buffer *saved_inverse, const cnn_buffer *input_gradient,
                                           const cnn_buffer *gamma_gradient, const cnn_buffer *beta_gradient,
                                           const cnn_buffer *workspace, cnn_error *error);

/* ---------------------------------------------------------------- local response normalisation */

/** Local response normalisation across channels (Krizhevsky et al. 2012), with the parameters of ONNX's LRN:
 *    output[c] = input[c] / sum[c] ^ beta with sum[c] = bias + alpha / size * sum of input[i]^2
 *  over the channels i from c - floor((size - 1) / 2) to c + ceil((size - 1) / 2) that exist. */
typedef struct cnn_lrn_desc {
    /** sizeof(cnn_lrn_desc), set by cnn_lrn_desc_init. */
    uint32_t struct_size;
    /** Channels of the window, 1 to 255. */
    int32_t size;
    /** Rows, which is batch x height x width. */
    int64_t rows;
    /** Channels of input and output. */
    int64_t channels;
    /** Weight of the squares (default 1e-4). */
    float alpha;
    /** The exponent (default 0.75, which is fast, as 0.5 and 1 are). */
    float beta;
    /** Keeps the sum away from 0 (default 1). */
    float bias;
} cnn_lrn_desc;

/** Fills the descriptor with its defaults. The sizes stay 0 and must be set. */
CNN_API void cnn_lrn_desc_init(cnn_lrn_desc *desc);

/** Local response normalisation. Output may be the input. Any thread count gives the same bits. */
CNN_API cnn_status cnn_lrn(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input,
                           const cnn_buffer *output, cnn_error *error);

/** The gradient of cnn_lrn: input_gradient[i] = g[i] sum[i]^-beta - 2 alpha beta / size input[i] (sum of g[c] input[c]
 *  sum[c]^(-beta - 1) over the channels c whose window holds i), with g = output_gradient. No overlap of result and
 *  arguments. */
CNN_API cnn_status cnn_lrn_backward(const cnn_context *context, const cnn_lrn_desc *desc, const cnn_buffer *input,
                                    const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error);

#ifdef __cplusplus
}
#endif

#endif
