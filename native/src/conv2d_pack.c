/* conv2d_pack.c - puts filters into the order in which the kernels read them, so that the inner loops only walk forward. */
#include "conv2d.h"

#include "buffer.h"
#include "context.h"
#include "error.h"
#include "threads.h"

#include <stddef.h>

typedef struct pack_job {
    const cnn_conv2d_plan *plan;
    const float *weights; /* output channels x taps x group inputs */
    const float *bias;    /* null: zeros */
    float *packed;
} pack_job;

/* Packs the panels begin..end-1, counted over all groups. */
static void pack_panels(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const pack_job *job = argument;
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t depth = plan->taps * plan->group_inputs;
    (void)thread;
    for (int64_t panel = begin; panel < end; panel++) {
        int64_t group = panel / plan->panels, first = panel % plan->panels * plan->kernels->tile_columns;
        int64_t columns = cnn_conv2d_panel_columns(plan, first);
        int64_t used = plan->group_outputs - first < columns ? plan->group_outputs - first : columns;
        int64_t channel = group * plan->group_outputs + first;
        float *target = job->packed + (group * plan->columns + first) * depth;
        for (int64_t k = 0; k < depth; k++)
            for (int64_t j = 0; j < columns; j++)
                target[k * columns + j] = j < used ? job->weights[(channel + j) * depth + k] : 0.0f;
    }
}

/* The biases of all panels; missing columns are zero. */
static void pack_biases(const pack_job *job)
{
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t padded = plan->columns;
    float *biases = job->packed + plan->bias_offset;
    for (int64_t i = 0; i < plan->desc.groups * padded; i++) {
        int64_t group = i / padded, channel = i % padded;
        biases[i] = channel < plan->group_outputs && job->bias ? job->bias[group * plan->group_outputs + channel] : 0.0f;
    }
}

static void pack_depthwise(const pack_job *job)
{
    const cnn_conv2d_plan *plan = job->plan;
    const int64_t channels = plan->desc.input_channels, period = plan->period;
    float *biases = job->packed + plan->bias_offset;
    for (int64_t p = 0; p < period; p++) {
        int64_t channel = plan->flat ? p % channels : p;
        for (int64_t t = 0; t < plan->taps; t++)
            job->packed[t * period + p] = channel < channels ? job->weights[channel * plan->taps + t] : 0.0f;
        biases[p] = channel < channels && job->bias ? job->bias[channel] : 0.0f;
    }
}

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

    pack_job job = {plan, cnn_buffer_floats(weights), bias ? cnn_buffer_floats(bias) : NULL,
                    cnn_buffer_floats_mutable(packed)};
    if (plan->rule->algorithm == CNN_CONV2D_DEPTHWISE) {
        pack_depthwise(&job);
        return CNN_OK;
    }
    pack_biases(&job);
    if (plan->rule->algorithm == CNN_CONV2D_IMPLICIT_GEMM)
        cnn_parallel(context, plan->desc.groups * plan->panels, plan->weights_elements / (plan->desc.groups * plan->panels),
                     pack_panels, &job);
    else
        cnn_conv2d_winograd_pack(context, plan, job.weights, job.packed);
    return CNN_OK;
}
