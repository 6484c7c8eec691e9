/* gemm_run.c - checks what a matrix product is run with, and hands it to its algorithm. */
#include "gemm.h"

#include "buffer.h"
#include "error.h"
#include "operands.h"

#include <stddef.h>

static cnn_status check_buffers(const cnn_gemm_plan *plan, const cnn_buffer *const *buffers, int64_t threads,
                                cnn_error *error)
{
    const int64_t words = plan->workspace_bytes / (int64_t)sizeof(float) * threads;
    const cnn_buffer *residual = buffers[3], *output = buffers[4];
    const int in_place =
        residual && output && residual->data == output->data && plan->desc.residual_stride == plan->desc.output_stride;
    const cnn_operand operands[] = {
        {buffers[0], plan->left_elements, "left", CNN_READ},
        {buffers[1], plan->desc.packed_right ? plan->packed_elements : plan->right_elements, "right", CNN_READ},
        {buffers[2], plan->desc.columns, "bias", CNN_READ | CNN_OPTIONAL},
        {in_place ? NULL : residual, plan->residual_elements, "residual", CNN_READ | CNN_OPTIONAL},
        {output, plan->output_elements, "output", CNN_WRITE},
        {buffers[5], words, "workspace", CNN_WORKSPACE},
    };
    CNN_TRY(cnn_operands_check((int32_t)(sizeof operands / sizeof *operands), operands, "cnn_gemm_run", error));
    return plan->desc.packed_right ? cnn_buffer_check_aligned(buffers[1], "cnn_gemm_run", "right", error) : CNN_OK;
}

cnn_status cnn_gemm_run(const cnn_context *context, const cnn_gemm_plan *plan, const cnn_buffer *left,
                        const cnn_buffer *right, const cnn_buffer *bias, const cnn_buffer *residual,
                        const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error)
{
    const cnn_buffer *const buffers[] = {left, right, bias, residual, output, workspace};
    CNN_TRY(cnn_require(context, "cnn_gemm_run", "context", error));
    CNN_TRY(cnn_require(plan, "cnn_gemm_run", "plan", error));
    if (context->kernels != plan->kernels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "cnn_gemm_run: the plan was made for %s, the context uses %s; make the plan with this context.",
                        cnn_isa_name(plan->kernels->isa), cnn_isa_name(context->kernels->isa));
    CNN_TRY(check_buffers(plan, buffers, context->threads, error));
    const cnn_gemm_work work = {.context = context,
                                .plan = plan,
                                .left = cnn_buffer_floats(left),
                                .right = cnn_buffer_floats(right),
                                .bias = cnn_operand_floats(bias),
                                .residual = cnn_operand_floats(residual),
                                .output = cnn_buffer_floats_mutable(output),
                                .workspace = workspace->data};
    const int vectors = plan->algorithm == CNN_GEMM_DOTS || plan->algorithm == CNN_GEMM_SUMS;
    return cnn_report(vectors ? cnn_gemm_run_vector(&work) : cnn_gemm_run_tiles(&work), "cnn_gemm_run", error);
}
