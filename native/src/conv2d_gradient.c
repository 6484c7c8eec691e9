/* conv2d_gradient.c - the gradient of a convolution by its weights and its bias: checks, and the choice of a form. */
#include "conv2d_gradient.h"

#include "buffer.h"
#include "context.h"
#include "error.h"

#include <stddef.h>

cnn_status cnn_conv2d_backward_weights_workspace(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t *bytes,
                                                 cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights_workspace";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    CNN_TRY(cnn_require(bytes, operation, "bytes", error));
    if (plan->transposed)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan is of a transposed convolution; give the plan of the convolution itself.", operation);
    const cnn_gradient_cut cut = cnn_conv2d_gradient_cut(plan);
    *bytes = cut.shared_bytes + cut.thread_bytes * context->threads;
    return CNN_OK;
}

static cnn_status check_buffers(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *input,
                                const cnn_buffer *output_gradient, const cnn_buffer *weights_gradient,
                                const cnn_buffer *bias_gradient, const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights";
    const int64_t gradients = plan->output_pixels * plan->desc.output_channels, channels = plan->desc.output_channels;
    int64_t bytes = 0;
    CNN_TRY(cnn_conv2d_backward_weights_workspace(context, plan, &bytes, error));
    const int64_t elements = bytes / (int64_t)sizeof(float);
    if (context->kernels != plan->kernels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan was made for %s, the context uses %s; make the plan with this context.", operation,
                        cnn_isa_name(plan->kernels->isa), cnn_isa_name(context->kernels->isa));
    CNN_TRY(cnn_buffer_check(input, plan->input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output_gradient, gradients, operation, "output_gradient", error));
    CNN_TRY(cnn_buffer_check(weights_gradient, plan->weights_elements, operation, "weights_gradient", error));
    CNN_TRY(cnn_buffer_check(workspace, elements, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_apart(input, plan->input_elements, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(output_gradient, gradients, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, weights_gradient, plan->weights_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, input, plan->input_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, output_gradient, gradients, operation, error));
    if (!bias_gradient) return CNN_OK;
    CNN_TRY(cnn_buffer_check(bias_gradient, channels, operation, "bias_gradient", error));
    CNN_TRY(cnn_buffer_check_apart(output_gradient, gradients, bias_gradient, channels, operation, error));
    CNN_TRY(cnn_buffer_check_apart(workspace, elements, bias_gradient, channels, operation, error));
    return cnn_buffer_check_apart(weights_gradient, plan->weights_elements, bias_gradient, channels, operation, error);
}

cnn_status cnn_conv2d_backward_weights(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *input,
                                       const cnn_buffer *output_gradient, int32_t accumulate,
                                       const cnn_buffer *weights_gradient, const cnn_buffer *bias_gradient,
                                       const cnn_buffer *workspace, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_backward_weights";
    CNN_TRY(check_buffers(context, plan, input, output_gradient, weights_gradient, bias_gradient, workspace, error));
    cnn_gradient_work work = {.context = context,
                              .plan = plan,
                              .cut = cnn_conv2d_gradient_cut(plan),
                              .input = cnn_buffer_floats(input),
                              .output_gradient = cnn_buffer_floats(output_gradient),
                              .weights_gradient = cnn_buffer_floats_mutable(weights_gradient),
                              .accumulate = accumulate != 0,
                              .workspace = workspace->data};
    float *partial = cnn_buffer_floats_mutable(workspace) + work.cut.chunk_bytes / (int64_t)sizeof(float);
    work.bias_partial = bias_gradient && work.cut.with_bias ? partial : NULL;
    const cnn_status status = work.cut.form == CNN_GRADIENT_DEPTHWISE  ? cnn_conv2d_gradient_depthwise(&work)
                              : work.cut.form == CNN_GRADIENT_RUNS     ? cnn_conv2d_gradient_runs(&work)
                              : work.cut.form == CNN_GRADIENT_WINOGRAD ? cnn_conv2d_gradient_winograd(&work)
                                                                       : cnn_conv2d_gradient_sum(&work);
    CNN_TRY(cnn_report(status, operation, error));
    if (!bias_gradient) return CNN_OK;
    return cnn_report(cnn_conv2d_gradient_bias(&work, partial, accumulate != 0, cnn_buffer_floats_mutable(bias_gradient)),
                      operation, error);
}
