/* batch_norm.c - batch normalisation as callers see it: a normalisation of one sample whose groups are the channels, its
 * inference form, and the folding of that into the convolution before it. */
#include "buffer.h"
#include "error.h"
#include "geometry.h"
#include "norm.h"
#include "operands.h"
#include "platform.h"
#include "threads.h"

#include <math.h>

void cnn_batch_norm_desc_init(cnn_batch_norm_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_batch_norm_desc){.struct_size = (uint32_t)sizeof *desc, .epsilon = 1e-5f, .momentum = 0.1f};
}

static cnn_status check_desc(const cnn_batch_norm_desc *d, const char *operation, cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_batch_norm_desc", error));
    static const char *const names[] = {"channels"};
    CNN_TRY(cnn_sizes_check(1, &d->channels, names, operation, error));
    CNN_TRY(cnn_norm_check_epsilon(d->epsilon, operation, error));
    if (!(d->momentum >= 0 && d->momentum <= 1))
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: momentum is %g, expected 0 to 1.", operation, (double)d->momentum);
    return cnn_norm_check_activation(d->activation, operation, error);
}

/* The part of a norm that the descriptor says. */
static cnn_status place(const cnn_batch_norm_desc *d, const char *operation, cnn_norm *norm, int64_t *elements,
                        int64_t *bytes, cnn_error *error)
{
    static const char *const names[] = {"rows"};
    CNN_TRY(check_desc(d, operation, error));
    CNN_TRY(cnn_sizes_check(1, &d->rows, names, operation, error));
    *norm = (cnn_norm){.samples = 1,
                       .pixels = d->rows,
                       .groups = d->channels,
                       .depth = 1,
                       .epsilon = d->epsilon,
                       .momentum = d->momentum,
                       .relu = d->activation == CNN_ACTIVATION_RELU};
    return cnn_norm_place(norm, operation, elements, bytes, error);
}

cnn_status cnn_batch_norm_workspace_bytes(const cnn_batch_norm_desc *desc, int64_t *bytes, cnn_error *error)
{
    const char *const operation = "cnn_batch_norm_workspace_bytes";
    cnn_norm norm;
    int64_t elements, needed;
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &needed, error));
    *bytes = needed;
    return CNN_OK;
}

cnn_status cnn_batch_norm_train(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *running_mean,
                                const cnn_buffer *running_variance, const cnn_buffer *output, const cnn_buffer *saved_mean,
                                const cnn_buffer *saved_inverse, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "batch_norm_train";
    cnn_norm norm;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &bytes, error));
    if (desc->rows < 2)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: rows is 1, expected at least 2, for one has no variance.",
                        operation);
    const int64_t channels = desc->channels;
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ | CNN_IN_PLACE},
                                    {gamma, channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {running_mean, channels, "running_mean", CNN_WRITE | CNN_OPTIONAL},
                                    {running_variance, channels, "running_variance", CNN_WRITE | CNN_OPTIONAL},
                                    {output, elements, "output", CNN_WRITE | CNN_IN_PLACE},
                                    {saved_mean, channels, "saved_mean", CNN_WRITE},
                                    {saved_inverse, channels, "saved_inverse", CNN_WRITE},
                                    {workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    norm.kernels = context->kernels;
    norm.input = cnn_buffer_floats(input);
    norm.gamma = cnn_operand_floats(gamma);
    norm.beta = cnn_operand_floats(beta);
    norm.running_mean = cnn_operand_floats(running_mean);
    norm.running_variance = cnn_operand_floats(running_variance);
    norm.output = cnn_buffer_floats_mutable(output);
    norm.mean = cnn_buffer_floats_mutable(saved_mean);
    norm.inverse = cnn_buffer_floats_mutable(saved_inverse);
    cnn_norm_use(&norm, workspace->data);
    return cnn_report(cnn_norm_forward(context, &norm), operation, error);
}

static void write_scale_offset(const cnn_batch_norm_desc *d, const cnn_buffer *gamma, const cnn_buffer *beta,
                               const cnn_buffer *mean, const cnn_buffer *variance, float *scale, float *offset)
{
    const float *g = cnn_operand_floats(gamma), *b = cnn_operand_floats(beta);
    const float *m = cnn_buffer_floats(mean), *v = cnn_buffer_floats(variance);
    const uint64_t mode = cnn_begin_arithmetic();
    for (int64_t c = 0; c < d->channels; c++) {
        const float bias = b ? b[c] : 0.0f, center = m[c];
        scale[c] = (float)((g ? g[c] : 1.0) / sqrt((double)v[c] + d->epsilon));
        offset[c] = cnn_norm_offset(bias, center, scale[c]);
    }
    cnn_end_arithmetic(mode, NULL);
}

cnn_status cnn_batch_norm_infer(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                                const cnn_buffer *variance, const cnn_buffer *output, const cnn_buffer *workspace,
                                cnn_error *error)
{
    const char *const operation = "batch_norm_infer";
    cnn_norm norm;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &bytes, error));
    const int64_t channels = desc->channels;
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ | CNN_IN_PLACE},
                                    {gamma, channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {mean, channels, "mean", CNN_READ},
                                    {variance, channels, "variance", CNN_READ},
                                    {output, elements, "output", CNN_WRITE | CNN_IN_PLACE},
                                    {workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    norm.kernels = context->kernels;
    norm.input = cnn_buffer_floats(input);
    norm.output = cnn_buffer_floats_mutable(output);
    cnn_norm_use(&norm, workspace->data);
    write_scale_offset(desc, gamma, beta, mean, variance, norm.coefficients, norm.coefficients + channels);
    return cnn_report(cnn_norm_apply(context, &norm), operation, error);
}

cnn_status cnn_batch_norm_backward(const cnn_context *context, const cnn_batch_norm_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output_gradient, const cnn_buffer *gamma, const cnn_buffer *beta,
                                   const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse,
                                   const cnn_buffer *input_gradient, const cnn_buffer *gamma_gradient,
                                   const cnn_buffer *beta_gradient, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "batch_norm_backward";
    cnn_norm norm;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &bytes, error));
    const cnn_norm_gradients buffers = {input,         output_gradient, gamma,          beta,          saved_mean,
                                        saved_inverse, input_gradient,  gamma_gradient, beta_gradient, workspace};
    return cnn_norm_run_backward(context, &norm, &buffers, elements, bytes, operation, error);
}

cnn_status cnn_batch_norm_scale_offset(const cnn_batch_norm_desc *desc, const cnn_buffer *gamma, const cnn_buffer *beta,
                                       const cnn_buffer *mean, const cnn_buffer *variance, const cnn_buffer *scale,
                                       const cnn_buffer *offset, cnn_error *error)
{
    const char *const operation = "batch_norm_scale_offset";
    CNN_TRY(check_desc(desc, operation, error));
    const int64_t channels = desc->channels;
    const cnn_operand operands[] = {{gamma, channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {mean, channels, "mean", CNN_READ},
                                    {variance, channels, "variance", CNN_READ},
                                    {scale, channels, "scale", CNN_WRITE},
                                    {offset, channels, "offset", CNN_WRITE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    write_scale_offset(desc, gamma, beta, mean, variance, cnn_buffer_floats_mutable(scale),
                       cnn_buffer_floats_mutable(offset));
    return CNN_OK;
}

typedef struct fold_job {
    int64_t filter_elements;
    float epsilon;
    const float *gamma, *beta, *mean, *variance, *weights, *bias;
    float *folded_weights, *folded_bias;
} fold_job;

static void fold_filters(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const fold_job *job = argument;
    (void)thread;
    for (int64_t o = begin; o < end; o++) {
        const double gamma = job->gamma ? job->gamma[o] : 1.0, beta = job->beta ? job->beta[o] : 0.0;
        const double bias = job->bias ? job->bias[o] : 0.0, scale = gamma / sqrt((double)job->variance[o] + job->epsilon);
        const float *weights = job->weights + o * job->filter_elements;
        float *folded = job->folded_weights + o * job->filter_elements;
        for (int64_t i = 0; i < job->filter_elements; i++)
            folded[i] = (float)(weights[i] * scale);
        job->folded_bias[o] = (float)((bias - job->mean[o]) * scale + beta);
    }
}

cnn_status cnn_batch_norm_fold(const cnn_context *context, const cnn_batch_norm_desc *desc, int64_t filter_elements,
                               const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *mean,
                               const cnn_buffer *variance, const cnn_buffer *weights, const cnn_buffer *bias,
                               const cnn_buffer *folded_weights, const cnn_buffer *folded_bias, cnn_error *error)
{
    const char *const operation = "batch_norm_fold";
    static const char *const names[] = {"filter_elements"};
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(check_desc(desc, operation, error));
    CNN_TRY(cnn_sizes_check(1, &filter_elements, names, operation, error));
    const int64_t channels = desc->channels, sizes[] = {channels, filter_elements};
    CNN_TRY(cnn_sizes_multiply(2, sizes, operation, "weights", &elements, error));
    /* Weights may be folded in place and so may the bias, but not one into the other: two lists, and what they share. */
    const cnn_operand operands[] = {{gamma, channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {mean, channels, "mean", CNN_READ},
                                    {variance, channels, "variance", CNN_READ},
                                    {weights, elements, "weights", CNN_READ | CNN_IN_PLACE},
                                    {folded_weights, elements, "folded_weights", CNN_WRITE | CNN_IN_PLACE},
                                    {folded_bias, channels, "folded_bias", CNN_WRITE}};
    const cnn_operand biases[] = {{bias, channels, "bias", CNN_READ | CNN_OPTIONAL | CNN_IN_PLACE},
                                  {folded_bias, channels, "folded_bias", CNN_WRITE | CNN_IN_PLACE}};
    const cnn_operand apart[] = {{bias, channels, "bias", CNN_READ | CNN_OPTIONAL},
                                 {folded_weights, elements, "folded_weights", CNN_WRITE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    CNN_TRY(cnn_operands_check(2, biases, operation, error));
    CNN_TRY(cnn_operands_check(2, apart, operation, error));
    const fold_job job = {filter_elements,
                          desc->epsilon,
                          cnn_operand_floats(gamma),
                          cnn_operand_floats(beta),
                          cnn_buffer_floats(mean),
                          cnn_buffer_floats(variance),
                          cnn_buffer_floats(weights),
                          cnn_operand_floats(bias),
                          cnn_buffer_floats_mutable(folded_weights),
                          cnn_buffer_floats_mutable(folded_bias)};
    return cnn_report(cnn_parallel(context, channels, filter_elements, fold_filters, &job), operation, error);
}
