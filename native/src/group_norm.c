/* group_norm.c - group and instance normalisation as callers see them, and the checks of gradient buffers that batch
 * normalisation shares. */
#include "buffer.h"
#include "error.h"
#include "geometry.h"
#include "norm.h"
#include "operands.h"

cnn_status cnn_norm_check_epsilon(float epsilon, const char *operation, cnn_error *error)
{
    if (epsilon >= 0) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: epsilon is %g, expected at least 0.", operation, (double)epsilon);
}

cnn_status cnn_norm_check_activation(cnn_activation_kind kind, const char *operation, cnn_error *error)
{
    if (kind == CNN_ACTIVATION_NONE || kind == CNN_ACTIVATION_RELU) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT,
                    "%s: activation is %d, expected CNN_ACTIVATION_NONE or CNN_ACTIVATION_RELU.", operation, (int)kind);
}

cnn_status cnn_norm_check_wanted(const cnn_norm_gradients *b, const char *operation, cnn_error *error)
{
    if (b->input_gradient || b->gamma_gradient || b->beta_gradient) return CNN_OK;
    return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: all three gradients are null, expected one that is wanted.",
                    operation);
}

cnn_status cnn_norm_run_backward(const cnn_context *context, cnn_norm *norm, const cnn_norm_gradients *b, int64_t elements,
                                 int64_t bytes, const char *operation, cnn_error *error)
{
    const int64_t channels = norm->channels, statistics = norm->samples * norm->groups;
    const cnn_operand operands[] = {{b->input, elements, "input", CNN_READ},
                                    {b->output_gradient, elements, "output_gradient", CNN_READ | CNN_IN_PLACE},
                                    {b->gamma, channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {b->beta, channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {b->mean, statistics, "saved_mean", CNN_READ},
                                    {b->inverse, statistics, "saved_inverse", CNN_READ},
                                    {b->input_gradient, elements, "input_gradient", CNN_WRITE | CNN_OPTIONAL | CNN_IN_PLACE},
                                    {b->gamma_gradient, channels, "gamma_gradient", CNN_WRITE | CNN_OPTIONAL},
                                    {b->beta_gradient, channels, "beta_gradient", CNN_WRITE | CNN_OPTIONAL},
                                    {b->workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_norm_check_wanted(b, operation, error));
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    norm->kernels = context->kernels;
    norm->input = cnn_buffer_floats(b->input);
    norm->gradient = cnn_buffer_floats(b->output_gradient);
    norm->gamma = cnn_operand_floats(b->gamma);
    norm->beta = cnn_operand_floats(b->beta);
    norm->mean = cnn_buffer_floats_mutable(b->mean);
    norm->inverse = cnn_buffer_floats_mutable(b->inverse);
    norm->output = cnn_operand_floats(b->input_gradient);
    norm->gamma_gradient = cnn_operand_floats(b->gamma_gradient);
    norm->beta_gradient = cnn_operand_floats(b->beta_gradient);
    cnn_norm_use(norm, b->workspace->data);
    return cnn_report(cnn_norm_backward(context, norm), operation, error);
}

void cnn_group_norm_desc_init(cnn_group_norm_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_group_norm_desc){.struct_size = (uint32_t)sizeof *desc, .batch = 1, .epsilon = 1e-5f};
}

static cnn_status place(const cnn_group_norm_desc *d, const char *operation, cnn_norm *norm, int64_t *elements,
                        int64_t *bytes, cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_group_norm_desc", error));
    const int64_t sizes[] = {d->batch, d->pixels, d->channels, d->groups};
    static const char *const names[] = {"batch", "pixels", "channels", "groups"};
    CNN_TRY(cnn_sizes_check(4, sizes, names, operation, error));
    CNN_TRY(cnn_norm_check_epsilon(d->epsilon, operation, error));
    CNN_TRY(cnn_norm_check_activation(d->activation, operation, error));
    if (d->channels % d->groups != 0)
        return cnn_fail(error, CNN_SHAPE_MISMATCH, "%s: %lld channels do not divide into %lld groups.", operation,
                        (long long)d->channels, (long long)d->groups);
    *norm = (cnn_norm){.samples = d->batch,
                       .pixels = d->pixels,
                       .groups = d->groups,
                       .depth = d->channels / d->groups,
                       .epsilon = d->epsilon,
                       .relu = d->activation == CNN_ACTIVATION_RELU};
    return cnn_norm_place(norm, operation, elements, bytes, error);
}

cnn_status cnn_group_norm_workspace_bytes(const cnn_group_norm_desc *desc, int64_t *bytes, cnn_error *error)
{
    const char *const operation = "cnn_group_norm_workspace_bytes";
    cnn_norm norm;
    int64_t elements, needed;
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &needed, error));
    *bytes = needed;
    return CNN_OK;
}

cnn_status cnn_group_norm(const cnn_context *context, const cnn_group_norm_desc *desc, const cnn_buffer *input,
                          const cnn_buffer *gamma, const cnn_buffer *beta, const cnn_buffer *output,
                          const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse, const cnn_buffer *workspace,
                          cnn_error *error)
{
    const char *const operation = "group_norm";
    cnn_norm norm;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &bytes, error));
    const int64_t statistics = norm.samples * norm.groups;
    const cnn_operand operands[] = {{input, elements, "input", CNN_READ | CNN_IN_PLACE},
                                    {gamma, norm.channels, "gamma", CNN_READ | CNN_OPTIONAL},
                                    {beta, norm.channels, "beta", CNN_READ | CNN_OPTIONAL},
                                    {output, elements, "output", CNN_WRITE | CNN_IN_PLACE},
                                    {saved_mean, statistics, "saved_mean", CNN_WRITE},
                                    {saved_inverse, statistics, "saved_inverse", CNN_WRITE},
                                    {workspace, bytes / (int64_t)sizeof(float), "workspace", CNN_WORKSPACE}};
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, operation, error));
    norm.kernels = context->kernels;
    norm.input = cnn_buffer_floats(input);
    norm.gamma = cnn_operand_floats(gamma);
    norm.beta = cnn_operand_floats(beta);
    norm.output = cnn_buffer_floats_mutable(output);
    norm.mean = cnn_buffer_floats_mutable(saved_mean);
    norm.inverse = cnn_buffer_floats_mutable(saved_inverse);
    cnn_norm_use(&norm, workspace->data);
    return cnn_report(cnn_norm_forward(context, &norm), operation, error);
}

cnn_status cnn_group_norm_backward(const cnn_context *context, const cnn_group_norm_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output_gradient, const cnn_buffer *gamma, const cnn_buffer *beta,
                                   const cnn_buffer *saved_mean, const cnn_buffer *saved_inverse,
                                   const cnn_buffer *input_gradient, const cnn_buffer *gamma_gradient,
                                   const cnn_buffer *beta_gradient, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "group_norm_backward";
    cnn_norm norm;
    int64_t elements, bytes;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(place(desc, operation, &norm, &elements, &bytes, error));
    const cnn_norm_gradients buffers = {input,         output_gradient, gamma,          beta,          saved_mean,
                                        saved_inverse, input_gradient,  gamma_gradient, beta_gradient, workspace};
    return cnn_norm_run_backward(context, &norm, &buffers, elements, bytes, operation, error);
}
