/* resize.c - runs a resize, or its gradient, which is the same with transposed weights: for each row of the result, the rows
 * that it is made of are summed into one row of workspace, and that is summed along itself. */
#include "resize.h"

#include "buffer.h"
#include "context.h"
#include "error.h"
#include "threads.h"

typedef struct resize_job {
    const cnn_kernels *kernels;
    const cnn_taps *rows;
    const cnn_taps *columns;
    int64_t channels;
    int64_t source_height;
    int64_t source_width;
    int64_t height;
    int64_t width;
    const float *source;
    float *destination;
    float *workspace;
    int64_t workspace_elements; /* of a thread */
} resize_job;

static void resize_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const resize_job *job = argument;
    const int64_t source_row = job->source_width * job->channels, row = job->width * job->channels;
    float *const summed = job->workspace + thread * job->workspace_elements;
    for (int64_t item = begin; item < end; item++) {
        const int64_t image = item / job->height, y = item % job->height, first = job->rows->offsets[y];
        const float *const source = job->source + image * job->source_height * source_row;
        cnn_resample vertical = {1,     job->rows->offsets + y, job->rows->indices, job->rows->weights, source_row, source,
                                 summed};
        cnn_resample horizontal = {
            job->width, job->columns->offsets,        job->columns->indices, job->columns->weights, job->channels,
            summed,     job->destination + item * row};
        if (job->rows->offsets[y + 1] - first == 1 && job->rows->weights[first] == 1.0f)
            horizontal.input = source + job->rows->indices[first] * source_row; /* one whole row needs no sum */
        else
            job->kernels->resample(&vertical);
        job->kernels->resample(&horizontal);
    }
}

int64_t cnn_resize_plan_workspace_bytes_per_thread(const cnn_resize_plan *plan)
{
    if (!plan) return 0;
    const int64_t width =
        plan->desc.input_width > plan->desc.output_width ? plan->desc.input_width : plan->desc.output_width;
    return width * plan->desc.channels * (int64_t)sizeof(float);
}

static cnn_status check(const cnn_context *context, const cnn_resize_plan *plan, const cnn_buffer *input,
                        const cnn_buffer *output, const cnn_buffer *workspace, const char *operation, int backward,
                        cnn_error *error)
{
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(plan, operation, "plan", error));
    const int64_t inputs = plan->input_elements, outputs = plan->output_elements;
    const int64_t work = cnn_resize_plan_workspace_bytes_per_thread(plan) / (int64_t)sizeof(float) * context->threads;
    CNN_TRY(cnn_buffer_check(input, inputs, operation, backward ? "input_gradient" : "input", error));
    CNN_TRY(cnn_buffer_check(output, outputs, operation, backward ? "output_gradient" : "output", error));
    CNN_TRY(cnn_buffer_check(workspace, work, operation, "workspace", error));
    CNN_TRY(cnn_buffer_check_apart(input, inputs, output, outputs, operation, error));
    CNN_TRY(cnn_buffer_check_apart(input, inputs, workspace, work, operation, error));
    return cnn_buffer_check_apart(output, outputs, workspace, work, operation, error);
}

static cnn_status run(const cnn_context *context, const cnn_resize_plan *plan, resize_job *job)
{
    const cnn_resize_desc *d = &plan->desc;
    const int64_t taps =
        job->rows->offsets[job->height] / job->height * job->source_width + job->columns->offsets[job->width];
    job->kernels = context->kernels;
    job->channels = d->channels;
    job->workspace_elements = cnn_resize_plan_workspace_bytes_per_thread(plan) / (int64_t)sizeof(float);
    return cnn_parallel(context, d->batch * job->height, taps * d->channels, resize_rows, job);
}

cnn_status cnn_resize_run(const cnn_context *context, const cnn_resize_plan *plan, const cnn_buffer *input,
                          const cnn_buffer *output, const cnn_buffer *workspace, cnn_error *error)
{
    CNN_TRY(check(context, plan, input, output, workspace, "resize", 0, error));
    resize_job job = {.rows = &plan->rows,
                      .columns = &plan->columns,
                      .source_height = plan->desc.input_height,
                      .source_width = plan->desc.input_width,
                      .height = plan->desc.output_height,
                      .width = plan->desc.output_width,
                      .source = cnn_buffer_floats(input),
                      .destination = cnn_buffer_floats_mutable(output),
                      .workspace = cnn_buffer_floats_mutable(workspace)};
    return cnn_report(run(context, plan, &job), "resize", error);
}

cnn_status cnn_resize_backward(const cnn_context *context, const cnn_resize_plan *plan, const cnn_buffer *output_gradient,
                               const cnn_buffer *input_gradient, const cnn_buffer *workspace, cnn_error *error)
{
    CNN_TRY(check(context, plan, input_gradient, output_gradient, workspace, "resize_backward", 1, error));
    resize_job job = {.rows = &plan->rows_back,
                      .columns = &plan->columns_back,
                      .source_height = plan->desc.output_height,
                      .source_width = plan->desc.output_width,
                      .height = plan->desc.input_height,
                      .width = plan->desc.input_width,
                      .source = cnn_buffer_floats(output_gradient),
                      .destination = cnn_buffer_floats_mutable(input_gradient),
                      .workspace = cnn_buffer_floats_mutable(workspace)};
    return cnn_report(run(context, plan, &job), "resize_backward", error);
}
