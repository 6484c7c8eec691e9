/* conv2d_pack.c - puts filters into the order in which the kernels read them, so that the inner loops only walk forward. */
#include "conv2d.h"

#include "buffer.h"
#include "context.h"
#include "error.h"

#include <stddef.h>

cnn_status cnn_conv2d_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *weights,
                           const cnn_buffer *bias, const cnn_buffer *packed, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_pack";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    CNN_TRY(cnn_buffer_check(weights, plan->weights_elements, operation, "weights", error));
    if (bias) CNN_TRY(cnn_buffer_check(bias, plan->desc.output_channels, operation, "bias", error));
    CNN_TRY(cnn_buffer_check(packed, plan->packed_elements, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_aligned(packed, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_apart(weights, plan->weights_elements, packed, plan->packed_elements, operation, error));
    if (bias)
        CNN_TRY(cnn_buffer_check_apart(bias, plan->desc.output_channels, packed, plan->packed_elements, operation, error));

    if (cnn_is_cancelled(context)) return cnn_report(CNN_CANCELLED, operation, error);
    const float *filters = cnn_buffer_floats(weights), *biases = bias ? cnn_buffer_floats(bias) : NULL;
    float *target = cnn_buffer_floats_mutable(packed);
    if (plan->rule->algorithm == CNN_CONV2D_DEPTHWISE)
        cnn_conv2d_depthwise_pack(plan, filters, biases, target);
    else if (plan->rule->algorithm == CNN_CONV2D_SCATTER)
        cnn_conv2d_scatter_pack(plan, filters, biases, target);
    else if (plan->rule->algorithm == CNN_CONV2D_PLANES)
        cnn_conv2d_planes_pack(plan, filters, biases, target);
    else if (plan->rule->algorithm == CNN_CONV2D_IMPLICIT_GEMM)
        CNN_TRY(cnn_report(cnn_conv2d_pack_panels(context, plan, filters, biases, target), operation, error));
    else
        CNN_TRY(cnn_report(cnn_conv2d_winograd_pack(context, plan, filters, biases, target), operation, error));
    return CNN_OK;
}
