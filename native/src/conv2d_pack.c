/* conv2d_pack.c - puts filters into the order in which the kernels read them, so that the inner loops only walk forward. */
#include "conv2d.h"

#include "buffer.h"
#include "context.h"
#include "error.h"

#include <stddef.h>

/* What both functions ask of their arguments; `elements` is how many weights there are to be. */
static cnn_status check(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *weights, int64_t elements,
                        const cnn_buffer *bias, const cnn_buffer *packed, const char *operation, cnn_error *error)
{
    CNN_TRY(cnn_buffer_check(weights, elements, operation, "weights", error));
    if (bias) CNN_TRY(cnn_buffer_check(bias, plan->desc.output_channels, operation, "bias", error));
    CNN_TRY(cnn_buffer_check(packed, plan->packed_elements, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_aligned(packed, operation, "packed", error));
    CNN_TRY(cnn_buffer_check_apart(weights, elements, packed, plan->packed_elements, operation, error));
    if (bias)
        CNN_TRY(cnn_buffer_check_apart(bias, plan->desc.output_channels, packed, plan->packed_elements, operation, error));
    return cnn_is_cancelled(context) ? cnn_report(CNN_CANCELLED, operation, error) : CNN_OK;
}

cnn_status cnn_conv2d_pack(const cnn_context *context, const cnn_conv2d_plan *plan, const cnn_buffer *weights,
                           const cnn_buffer *bias, const cnn_buffer *packed, cnn_error *error)
{
    const char *const operation = "cnn_conv2d_pack";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    CNN_TRY(check(context, plan, weights, plan->weights_elements, bias, packed, operation, error));
    const float *filters = cnn_buffer_floats(weights), *biases = bias ? cnn_buffer_floats(bias) : NULL;
    float *target = cnn_buffer_floats_mutable(packed);
    if (plan->rule->pack) {
        plan->rule->pack(plan, filters, biases, target);
        return CNN_OK;
    }
    const cnn_conv2d_part whole = {filters, 0, plan->desc.groups * plan->panels};
    CNN_TRY(cnn_report(plan->rule->pack_part(context, plan, &whole, target), operation, error));
    cnn_conv2d_pack_biases(plan, biases, target);
    return CNN_OK;
}

int64_t cnn_conv2d_pack_step(const cnn_conv2d_plan *plan)
{
    return plan && plan->desc.groups == 1 && !plan->transposed && plan->rule->pack_part ? plan->panel_columns : 0;
}

cnn_status cnn_conv2d_pack_part(const cnn_context *context, const cnn_conv2d_plan *plan, int64_t first, int64_t count,
                                const cnn_buffer *weights, const cnn_buffer *bias, const cnn_buffer *packed,
                                cnn_error *error)
{
    const char *const operation = "cnn_conv2d_pack_part";
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    const int64_t step = cnn_conv2d_pack_step(plan), channels = plan->desc.output_channels;
    if (step == 0)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: these filters are packed at once; cnn_conv2d_pack_step says so.",
                        operation);
    if (first < 0 || first % step != 0 || first >= channels || count < 1 || count > channels - first ||
        (count % step != 0 && first + count != channels))
        return cnn_fail(error, CNN_INVALID_ARGUMENT,
                        "%s: filters %lld to %lld of %lld, expected a first one and a number that are multiples of %lld.",
                        operation, (long long)first, (long long)(first + count), (long long)channels, (long long)step);
    const int64_t elements = plan->weights_elements / channels * count;
    CNN_TRY(check(context, plan, weights, elements, bias, packed, operation, error));
    const cnn_conv2d_part part = {cnn_buffer_floats(weights), first / step, (count + step - 1) / step};
    float *target = cnn_buffer_floats_mutable(packed);
    CNN_TRY(cnn_report(plan->rule->pack_part(context, plan, &part, target), operation, error));
    if (first == 0) cnn_conv2d_pack_biases(plan, bias ? cnn_buffer_floats(bias) : NULL, target);
    return CNN_OK;
}
