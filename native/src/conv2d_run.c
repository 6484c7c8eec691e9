/* conv2d_run.c - checks what a convolution is run with, and hands it to its algorithm. */
#include "conv2d.h"

#include "buffer.h"
#include "context.h"
#include "error.h"

#include <stddef.h>

/* The residual is apart from the output, or is the output. */
static cnn_status check_residual(const cnn_conv2d_plan *plan, const cnn_buffer *residual, const cnn_buffer *output,
                                 const char *operation, cnn_error *error)
{
    CNN_TRY(cnn_buffer_check(residual, plan->residual_elements, operation, "residual", error));
    if (residual->data == output->data && plan->residual_stride == plan->output_stride) return CNN_OK;
    return cnn_buffer_check_apart(residual, plan->residual_elements, output, plan->output_elements, operation, error);
}

static cnn_status check_buffers(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                                const cnn_buffer *input, const cnn_buffer *output, const cnn_buffer *workspace,
                                cnn_error *error)
{
    const char *const operation = "cnn_conv2d_run";
    const int64_t workspace_elements = plan->workspace_bytes / (int64_t)sizeof(float) * context->threads;
    if (context->kernels != plan->kernels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: the plan was made for %s, the context uses %s; make the plan with this context.", operation,
                        cnn_isa_name(plan->kernels->isa), cnn_isa_name(context->kernels->isa));
    CNN_TRY(cnn_buffer_check(packed, plan->packed_elements, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_aligned(packed, operation, "packed", error));
    CNN_TRY(cnn_buffer_check(input, plan->input_elements, operation, "input", error));
    CNN_TRY(cnn_buffer_check(output, plan->output_elements, operation, "output", error));
    CNN_TRY(cnn_buffer_check(workspace, workspace_elements, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_aligned(workspace, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_apart(input, plan->input_elements, output, plan->output_elements, operation, error));
    CNN_TRY(cnn_buffer_check_apart(packed, plan->packed_elements, output, plan->output_elements, operation, error));
    return cnn_buffer_check_apart(workspace, workspace_elements, output, plan->output_elements, operation, error);
}

cnn_status cnn_conv2d_run(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *packed,
                          const cnn_buffer *input, const cnn_buffer *residual, const cnn_buffer *output,
                          const cnn_buffer *workspace, cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_conv2d_run", "context", error));
    CNN_TRY(cnn_require(plan, "cnn_conv2d_run", "plan", error));
    CNN_TRY(check_buffers(context, plan, packed, input, output, workspace, error));
    if (residual) CNN_TRY(check_residual(plan, residual, output, "cnn_conv2d_run", error));
    const cnn_conv2d_work work = {.context = context,
                                  .plan = plan,
                                  .packed = cnn_buffer_floats(packed),
                                  .input = cnn_buffer_floats(input),
                                  .residual = residual ? cnn_buffer_floats(residual) : NULL,
                                  .output = cnn_buffer_floats_mutable(output),
                                  .workspace = workspace->data};
    return cnn_report(plan->rule->run(&work), "cnn_conv2d_run", error);
}
