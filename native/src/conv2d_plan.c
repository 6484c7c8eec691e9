/* conv2d_plan.c - checks a convolution once and for all, chooses how it is computed, and counts what it will need. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "memory.h"
#include "platform.h"

#include <math.h>
#include <stddef.h>

void cnn_conv2d_desc_init(cnn_conv2d_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_conv2d_desc){.struct_size = (uint32_t)sizeof *desc,
                              .batch = 1,
                              .stride_height = 1,
                              .stride_width = 1,
                              .dilation_height = 1,
                              .dilation_width = 1,
                              .groups = 1};
}

void cnn_linear_desc_init(cnn_linear_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_linear_desc){.struct_size = (uint32_t)sizeof *desc, .rows = 1};
}

void cnn_conv2d_plan_info_init(cnn_conv2d_plan_info *info)
{
    if (info) *info = (cnn_conv2d_plan_info){.struct_size = (uint32_t)sizeof *info};
}

static cnn_status resolve_axes(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const cnn_conv2d_desc *d = &plan->desc;
    plan->vertical = (cnn_axis){.name = "height",
                                .input = d->input_height,
                                .window = d->kernel_height,
                                .stride = d->stride_height,
                                .dilation = d->dilation_height,
                                .padding_before = d->padding_top,
                                .padding_after = d->padding_bottom};
    plan->horizontal = (cnn_axis){.name = "width",
                                  .input = d->input_width,
                                  .window = d->kernel_width,
                                  .stride = d->stride_width,
                                  .dilation = d->dilation_width,
                                  .padding_before = d->padding_left,
                                  .padding_after = d->padding_right};
    CNN_TRY(cnn_axis_resolve(&plan->vertical, d->padding_mode, 0, operation, error));
    return cnn_axis_resolve(&plan->horizontal, d->padding_mode, 0, operation, error);
}

static cnn_status check_channels(const cnn_conv2d_desc *d, const char *operation, cnn_error *error)
{
    const int64_t sizes[] = {d->batch, d->input_channels, d->output_channels, d->groups};
    static const char *const names[] = {"batch", "input_channels", "output_channels", "groups"};
    CNN_TRY(cnn_sizes_check(4, sizes, names, operation, error));
    if (d->input_channels % d->groups != 0 || d->output_channels % d->groups != 0)
        return cnn_fail(
            error, CNN_SHAPE_MISMATCH,
            "%s: %d input and %d output channels do not divide into %d groups; expected multiples of the groups.", operation,
            (int)d->input_channels, (int)d->output_channels, (int)d->groups);
    if (d->activation < CNN_ACTIVATION_NONE || d->activation > CNN_ACTIVATION_CLIP)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: activation is %d, expected a value of cnn_activation_kind.",
                        operation, (int)d->activation);
    return CNN_OK;
}

/* Elements from the first to the last of a tensor whose pixels lie `stride` elements apart. */
static cnn_status count_strided(int64_t pixels, int32_t channels, int64_t stride, const char *what, const char *operation,
                                int64_t *elements, cnn_error *error)
{
    const int64_t sizes[] = {pixels, stride};
    if (stride < channels)
        return cnn_fail(error, CNN_INVALID_ARGUMENT, "%s: %s is %lld, expected 0 or at least the %d output channels.",
                        operation, what, (long long)stride, (int)channels);
    CNN_TRY(cnn_sizes_multiply(2, sizes, operation, "output", elements, error));
    *elements -= stride - channels;
    return CNN_OK;
}

/* Counts what `desc`, the axes and the strides of the plan amount to. */
static cnn_status count_elements(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const cnn_conv2d_desc *d = &plan->desc;
    plan->group_inputs = d->input_channels / d->groups;
    plan->group_outputs = d->output_channels / d->groups;
    const int64_t kernel[] = {d->kernel_height, d->kernel_width};
    CNN_TRY(cnn_sizes_multiply(2, kernel, operation, "filter", &plan->taps, error));
    const int64_t input[] = {d->batch, plan->vertical.input, plan->horizontal.input, d->input_channels};
    CNN_TRY(cnn_sizes_multiply(4, input, operation, "input", &plan->input_elements, error));
    const int64_t pixels[] = {d->batch, plan->vertical.output, plan->horizontal.output};
    CNN_TRY(cnn_sizes_multiply(3, pixels, operation, "output", &plan->output_pixels, error));
    CNN_TRY(count_strided(plan->output_pixels, d->output_channels, plan->output_stride, "output_stride", operation,
                          &plan->output_elements, error));
    CNN_TRY(count_strided(plan->output_pixels, d->output_channels, plan->residual_stride, "residual_stride", operation,
                          &plan->residual_elements, error));
    const int64_t weights[] = {d->output_channels, plan->taps, plan->group_inputs};
    CNN_TRY(cnn_sizes_multiply(3, weights, operation, "filter", &plan->weights_elements, error));
    const int64_t sums = plan->transposed ? plan->input_elements / d->input_channels : plan->output_pixels;
    const int64_t work[] = {sums, plan->weights_elements};
    return cnn_sizes_multiply(2, work, operation, "work", &plan->multiply_accumulates, error);
}

/* Takes the rule that was asked for, or the cheapest of those that fit. */
static cnn_status choose_rule(cnn_conv2d_plan *plan, int winograd, const char *operation, cnn_error *error)
{
    const cnn_conv2d_algorithm forced = plan->desc.algorithm;
    const cnn_conv2d_plan undecided = *plan;
    double lowest = 0;
    for (const cnn_conv2d_rule *rule = cnn_conv2d_rules; rule->algorithm != CNN_CONV2D_AUTO; rule++) {
        const int is_winograd = rule->algorithm == CNN_CONV2D_WINOGRAD_4X4 || rule->algorithm == CNN_CONV2D_WINOGRAD_2X2;
        if (forced == CNN_CONV2D_AUTO ? is_winograd && !winograd : rule->algorithm != forced) continue;
        cnn_conv2d_plan candidate = undecided;
        if (!rule->fits(&candidate)) continue;
        rule->lay_out(&candidate);
        const uint64_t mode = cnn_begin_arithmetic();
        const double cost = rule->cost(&candidate);
        cnn_end_arithmetic(mode, &cost);
        if (plan->rule && cost >= lowest) continue;
        *plan = candidate;
        plan->rule = rule;
        plan->expected_cost = cost < 9e18 ? (int64_t)cost : INT64_MAX;
        lowest = cost;
    }
    if (!plan->rule)
        return cnn_fail(error, CNN_UNSUPPORTED,
                        "%s: algorithm %d does not fit this convolution, or is no value of cnn_conv2d_algorithm.", operation,
                        (int)forced);
    return plan->rule->count(plan, operation, error);
}

static void split_activation(cnn_conv2d_plan *plan)
{
    const cnn_activation_kind kind = plan->desc.activation;
    const int clips = kind == CNN_ACTIVATION_CLIP;
    const float low = plan->desc.activation_alpha, high = plan->desc.activation_beta;
    plan->upper = clips ? high : INFINITY;
    plan->lower = kind == CNN_ACTIVATION_RELU ? 0.0f : clips ? low : -INFINITY;
    if (plan->lower > plan->upper) plan->lower = plan->upper; /* the upper limit wins, whatever a kernel compares first */
    plan->activate_after = kind != CNN_ACTIVATION_NONE && kind != CNN_ACTIVATION_RELU && !clips;
}

/* Exchanges inputs and outputs: what was a convolution becomes the one that maps its output back to its input. */
static cnn_status transpose(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    cnn_conv2d_desc *d = &plan->desc;
    const int32_t channels = d->input_channels;
    CNN_TRY(cnn_axis_transpose(&plan->vertical, operation, error));
    CNN_TRY(cnn_axis_transpose(&plan->horizontal, operation, error));
    d->input_channels = d->output_channels;
    d->output_channels = channels;
    return CNN_OK;
}

/* Weights are output x tap x input, by groups of outputs; seen from a transposed convolution, input x tap x output. */
static void step_weights(cnn_conv2d_plan *plan)
{
    const int64_t inputs = plan->group_inputs, outputs = plan->group_outputs, taps = plan->taps;
    if (plan->transposed)
        plan->weight_steps = (cnn_weight_steps){.start = (taps - 1) * outputs,
                                                .group = inputs * taps * outputs,
                                                .output = 1,
                                                .tap = -outputs,
                                                .input = taps * outputs};
    else
        plan->weight_steps = (cnn_weight_steps){
            .start = 0, .group = outputs * taps * inputs, .output = taps * inputs, .tap = inputs, .input = 1};
}

static cnn_status create(const cnn_context *context, const cnn_conv2d_desc *desc, int transposed, const char *operation,
                         cnn_conv2d_plan **plan, cnn_error *error)
{
    cnn_conv2d_plan draft = {.kernels = context->kernels, .desc = *desc, .transposed = transposed};
    CNN_TRY(check_channels(desc, operation, error));
    CNN_TRY(resolve_axes(&draft, operation, error));
    draft.desc.padding_top = draft.vertical.padding_before;
    draft.desc.padding_bottom = draft.vertical.padding_after;
    draft.desc.padding_left = draft.horizontal.padding_before;
    draft.desc.padding_right = draft.horizontal.padding_after;
    if (transposed) CNN_TRY(transpose(&draft, operation, error));
    draft.output_stride = desc->output_stride != 0 ? desc->output_stride : draft.desc.output_channels;
    draft.residual_stride = desc->residual_stride != 0 ? desc->residual_stride : draft.desc.output_channels;
    CNN_TRY(count_elements(&draft, operation, error));
    step_weights(&draft);
    CNN_TRY(choose_rule(&draft, context->winograd, operation, error));
    split_activation(&draft);
    draft.winograd = context->winograd && draft.desc.algorithm != CNN_CONV2D_IMPLICIT_GEMM;

    cnn_conv2d_plan *created = cnn_memory_allocate((int64_t)sizeof *created);
    const int64_t columns = context->kernels->tile_columns;
    const int64_t channels =
        draft.desc.input_channels > draft.desc.output_channels ? draft.desc.input_channels : draft.desc.output_channels;
    const int64_t zeros = channels > columns ? channels : columns;
    draft.zeros = created ? cnn_memory_allocate_zeroed(zeros * (int64_t)sizeof(float)) : NULL;
    if (!draft.zeros) {
        cnn_memory_free(created);
        return cnn_fail(error, CNN_OUT_OF_MEMORY, "%s: no memory for the plan.", operation);
    }
    *created = draft;
    *plan = created;
    return CNN_OK;
}

cnn_status cnn_conv2d_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc, cnn_conv2d_plan **plan,
                                  cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_conv2d_plan_create", "context", error));
    CNN_TRY(cnn_require(desc, "cnn_conv2d_plan_create", "desc", error));
    CNN_TRY(cnn_require(plan, "cnn_conv2d_plan_create", "plan", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_conv2d_desc", error));
    return create(context, desc, 0, "conv2d", plan, error);
}

cnn_status cnn_conv2d_transpose_plan_create(const cnn_context *context, const cnn_conv2d_desc *desc, cnn_conv2d_plan **plan,
                                            cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_conv2d_transpose_plan_create", "context", error));
    CNN_TRY(cnn_require(desc, "cnn_conv2d_transpose_plan_create", "desc", error));
    CNN_TRY(cnn_require(plan, "cnn_conv2d_transpose_plan_create", "plan", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_conv2d_desc", error));
    return create(context, desc, 1, "conv2d_transpose", plan, error);
}

cnn_status cnn_linear_plan_create(const cnn_context *context, const cnn_linear_desc *desc, cnn_conv2d_plan **plan,
                                  cnn_error *error)
{
    CNN_TRY(cnn_require(context, "cnn_linear_plan_create", "context", error));
    CNN_TRY(cnn_require(desc, "cnn_linear_plan_create", "desc", error));
    CNN_TRY(cnn_require(plan, "cnn_linear_plan_create", "plan", error));
    CNN_TRY(cnn_require_size(desc->struct_size, sizeof *desc, "cnn_linear_desc", error));
    const int64_t sizes[] = {desc->rows, desc->input_features, desc->output_features};
    static const char *const names[] = {"rows", "input_features", "output_features"};
    CNN_TRY(cnn_sizes_check(3, sizes, names, "linear", error));

    cnn_conv2d_desc conv;
    cnn_conv2d_desc_init(&conv);
    conv.input_height = 1;
    conv.input_width = desc->rows;
    conv.input_channels = desc->input_features;
    conv.output_channels = desc->output_features;
    conv.kernel_height = conv.kernel_width = 1;
    conv.activation = desc->activation;
    conv.activation_alpha = desc->activation_alpha;
    conv.activation_beta = desc->activation_beta;
    return create(context, &conv, 0, "linear", plan, error);
}

void cnn_conv2d_plan_destroy(cnn_conv2d_plan *plan)
{
    if (!plan) return;
    cnn_memory_free(plan->zeros);
    cnn_memory_free(plan);
}

cnn_status cnn_conv2d_plan_describe(const cnn_conv2d_plan *plan, cnn_conv2d_plan_info *info, cnn_error *error)
{
    const int64_t bytes = (int64_t)sizeof(float);
    CNN_TRY(cnn_require(plan, "cnn_conv2d_plan_describe", "plan", error));
    CNN_TRY(cnn_require(info, "cnn_conv2d_plan_describe", "info", error));
    CNN_TRY(cnn_require_size(info->struct_size, sizeof *info, "cnn_conv2d_plan_info", error));
    *info = (cnn_conv2d_plan_info){
        .struct_size = (uint32_t)sizeof *info,
        .output_height = plan->vertical.output,
        .output_width = plan->horizontal.output,
        .padding_top = plan->desc.padding_top,
        .padding_left = plan->desc.padding_left,
        .padding_bottom = plan->desc.padding_bottom,
        .padding_right = plan->desc.padding_right,
        .input_bytes = plan->input_elements * bytes,
        .weights_bytes = plan->weights_elements * bytes,
        .bias_bytes = plan->desc.output_channels * bytes,
        .packed_bytes = plan->packed_elements * bytes,
        .output_bytes = plan->output_elements * bytes,
        .workspace_bytes_per_thread = plan->workspace_bytes,
        .multiply_accumulates = plan->multiply_accumulates,
        .algorithm = plan->rule->algorithm,
        .expected_cost = plan->expected_cost,
        .algorithm_name = plan->rule->name(plan->kernels),
    };
    return CNN_OK;
}
