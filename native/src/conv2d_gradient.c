/* conv2d_gradient.c - the gradient of a convolution by its weights and its bias: checks, and the sums of the bias, which are
 * those of the rows of the output gradient. */
#include "conv2d_gradient.h"

#include "buffer.h"
#include "context.h"
#include "error.h"
#include "platform.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define MOST_LANES 16        /* of any instruction set */
#define BIAS_ROWS_AT_ONCE 64 /* rows that one kernel call sums; also the pointers kept on the stack */

/* target = or (continued) += the sum of `count` rows of `columns` elements, a few at a time. */
static void sum_some_rows(const cnn_kernels *kernels, const float *rows, int64_t count, int64_t columns, int continued,
                          float *target)
{
    const float *pointers[BIAS_ROWS_AT_ONCE + 1];
    for (int64_t done = 0; done < count;) {
        int64_t used = 0;
        if (done > 0 || continued) pointers[used++] = target;
        for (int64_t i = 0; i < BIAS_ROWS_AT_ONCE && done < count; i++, done++)
            pointers[used++] = rows + done * columns;
        kernels->sum_rows(used, pointers, columns, 1, target);
    }
}

typedef struct bias_job {
    const cnn_gradient_work *work;
    float *partial;
} bias_job;

/* How many pixels make a row of whole vectors, which few channels alone are not. */
static int64_t pixels_of_row(const cnn_conv2d_plan *plan)
{
    const int64_t channels = plan->desc.output_channels, lanes = plan->kernels->lanes;
    int64_t pixels = 1;
    while (channels < lanes && pixels * channels % lanes != 0)
        pixels++;
    return pixels;
}

/* target = or += the sum of `count` pixels, some of which are summed side by side first. */
static void sum_pixels(const cnn_conv2d_plan *plan, const float *pixels, int64_t count, int continued, float *target)
{
    const int64_t channels = plan->desc.output_channels, together = pixels_of_row(plan), rows = count / together;
    if (together == 1 || rows == 0) {
        sum_some_rows(plan->kernels, pixels, count, channels, continued, target);
        return;
    }
    float sums[MOST_LANES * MOST_LANES];
    const float *rest[2] = {target, pixels + rows * together * channels};
    sum_some_rows(plan->kernels, pixels, rows, together * channels, 0, sums);
    sum_some_rows(plan->kernels, sums, together, channels, continued, target);
    for (int64_t done = rows * together; done < count; done++, rest[1] += channels)
        plan->kernels->sum_rows(2, rest, channels, 1, target);
}

static void sum_bias_slabs(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const bias_job *job = argument;
    const cnn_conv2d_plan *plan = job->work->plan;
    const int64_t rows = job->work->cut.bias_slab_rows, channels = plan->desc.output_channels;
    (void)thread;
    for (int64_t slab = begin; slab < end; slab++) {
        const int64_t first = slab * rows, left = plan->output_pixels - first;
        sum_pixels(plan, job->work->output_gradient + first * channels, left < rows ? left : rows, 0,
                   job->partial + slab * channels);
    }
}

void cnn_conv2d_gradient_add_bias(const cnn_gradient_work *work, int64_t part, const float *gradient, int64_t pixels,
                                  int continued)
{
    if (work->bias_partial)
        sum_pixels(work->plan, gradient, pixels, continued, work->bias_partial + part * work->plan->desc.output_channels);
}

static cnn_status bias_gradient_of(const cnn_gradient_work *work, float *partial, int accumulate, float *gradient)
{
    const cnn_conv2d_plan *plan = work->plan;
    const int64_t channels = plan->desc.output_channels, slabs = work->cut.bias_slabs;
    bias_job job = {work, partial};
    if (!work->cut.with_bias)
        CNN_TRY(cnn_parallel(work->context, slabs, work->cut.bias_slab_rows * channels, sum_bias_slabs, &job));
    const float *rows[2] = {gradient, partial};
    const uint64_t mode = cnn_begin_arithmetic();
    if (slabs > 1) sum_some_rows(plan->kernels, partial + channels, slabs - 1, channels, 0, partial + channels);
    if (slabs > 1) plan->kernels->add(channels, partial, partial + channels, partial);
    plan->kernels->sum_rows(accumulate ? 2 : 1, accumulate ? rows : rows + 1, channels, 1, gradient);
    cnn_end_arithmetic(mode, NULL);
    return CNN_OK;
}

/* ---- the functions of the header */

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
    return cnn_report(bias_gradient_of(&work, partial, accumulate != 0, cnn_buffer_floats_mutable(bias_gradient)), operation,
                      error);
}
