/* conv2d_plan.c - checks a convolution once and for all, chooses how it is computed, and counts what it will need. */
#include "conv2d.h"

#include "context.h"
#include "error.h"
#include "memory.h"

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

static cnn_status count_elements(cnn_conv2d_plan *plan, const char *operation, cnn_error *error)
{
    const cnn_conv2d_desc *d = &plan->desc;
    plan->group_inputs = d->input_channels / d->groups;
    plan->group_outputs = d->output_channels / d->groups;
    const int64_t kernel[] = {d->kernel_height, d->kernel_width};
    CNN_TRY(cnn_sizes_multiply(2, kernel, operation, "filter", &plan->taps, error));
    const int64_t input[] = {d->batch, d->input_height, d->input_width, d->input_channels};
    CNN_TRY(cnn_sizes_multiply(4, input, operation, "input", &plan->input_elements, error));
    const int64_t pixels[] = {d->batch, plan->vertical.output, plan->horizontal.output};
    CNN_TRY(cnn_sizes_multiply(3, pixels, operation, "output", &plan->output_pixels, error));
    const int64_t output[] = {plan->output_pixels, d->output_channels};
    CNN_TRY(cnn_sizes_multiply(2, output, operation, "output", &plan->output_elements, error));
    const int64_t weights[] = {d->output_channels, plan->taps, plan->group_inputs};
    CNN_TRY(cnn_sizes_multiply(3, weights, operation, "filter", &plan->weights_elements, error));
    const int64_t work[] = {plan->output_pixels, plan->weights_elements};
    CNN_TRY(cnn_sizes_multiply(2, work, operation, "work", &plan->multiply_accumulates, error));

    return CNN_OK;
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
        const double cost = rule->cost(&candidate);
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

static cnn_status create(const cnn_context *context, const cnn_conv2d_desc *desc, const char *operation,
                         cnn_conv2d_plan **plan, cnn_error *error)
{
    cnn_conv2d_plan draft = {.kernels = context->kernels, .desc = *desc};
    CNN_TRY(check_channels(desc, operation, error));
    CNN_TRY(resolve_axes(&draft, operation, error));
    CNN_TRY(count_elements(&draft, operation, error));
    CNN_TRY(choose_rule(&draft, context->winograd, operation, error));
    split_activation(&draft);

    cnn_conv2d_plan *created = cnn_memory_allocate((int64_t)sizeof *created);
    const int64_t columns = context->kernels->tile_columns;
    const int64_t zeros = desc->input_channels > columns ? desc->input_channels : columns;
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
    return create(context, desc, "conv2d", plan, error);
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
    return create(context, &conv, "linear", plan, error);
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
        .padding_top = plan->vertical.padding_before,
        .padding_left = plan->horizontal.padding_before,
        .padding_bottom = plan->vertical.padding_after,
        .padding_right = plan->horizontal.padding_after,
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
