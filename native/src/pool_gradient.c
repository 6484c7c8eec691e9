/* pool_gradient.c - gradients of pooling. Those of averages are gathered: each input pixel adds up the windows that hold it.
 * Those of maxima are scattered, so an item of work is some channels of an image, which no other item touches. */
#include "buffer.h"
#include "error.h"
#include "operands.h"
#include "pool2d.h"
#include "pool_window.h"
#include "threads.h"

#include <stddef.h>

#define SCATTER_BLOCK 16 /* channels of an item at least: a cache line, which threads then do not share */
#define COST 4           /* of an element, in multiply-accumulates */

/* Adds the gradients of one window's channels to where the maxima were. */
static void scatter(const cnn_pool_job *job, const float *gradient, const int32_t *indices, int64_t count, float *image)
{
    const int64_t plane = (int64_t)job->vertical.axis.input * job->horizontal.axis.input;
    for (int64_t c = 0; c < count; c++)
        if (indices[c] >= 0 && indices[c] < plane) image[indices[c] * job->channels + c] += gradient[c];
}

static void maximum_block(const cnn_pool_job *job, int64_t image, int64_t channel, int64_t count)
{
    const int64_t plane = (int64_t)job->vertical.axis.input * job->horizontal.axis.input;
    float *output = job->output + image * plane * job->channels + channel, found[CNN_POOL_BLOCK];
    int32_t positions[CNN_POOL_BLOCK];
    for (int64_t p = 0; p < plane; p++)
        for (int64_t c = 0; c < count; c++)
            output[p * job->channels + c] = 0;
    for (int32_t y = 0; y < job->vertical.axis.output; y++) {
        const cnn_pool_taps rows = cnn_pool_window(&job->vertical, y);
        for (int32_t x = 0; x < job->horizontal.axis.output; x++) {
            const int64_t window = (image * job->vertical.axis.output + y) * job->horizontal.axis.output + x;
            const int64_t at = window * job->channels + channel;
            const int32_t *indices = job->indices ? job->indices + at : positions;
            if (!job->indices) {
                const cnn_pool_taps columns = cnn_pool_window(&job->horizontal, x);
                cnn_pool_maximum(job, job->input + image * plane * job->channels, &rows, &columns, channel, count, found,
                                 positions);
            }
            scatter(job, job->gradient + at, indices, count, output);
        }
    }
}

static int64_t blocks(const cnn_pool_job *job)
{
    return (job->channels + job->block - 1) / job->block;
}

static void maximum_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++) {
        const int64_t channel = i % blocks(job) * job->block, left = job->channels - channel;
        maximum_block(job, i / blocks(job), channel, left < job->block ? left : job->block);
    }
}

/* One pixel of the input gradient: the windows of the outputs top..bottom x first..last that hold it, weighted. */
static void gather(const cnn_pool_job *job, int64_t image, int32_t y, int32_t x)
{
    const int32_t height = job->vertical.axis.output, width = job->horizontal.axis.output;
    const int64_t input_width = job->horizontal.axis.input;
    float *output = job->output + ((image * job->vertical.axis.input + y) * input_width + x) * job->channels;
    const float *rows[CNN_POOL_CHUNK];
    float weights[CNN_POOL_CHUNK];
    int32_t top, bottom, first, last, used = 0;
    int continued = 0;
    cnn_pool_holders(&job->vertical, y, &top, &bottom);
    cnn_pool_holders(&job->horizontal, x, &first, &last);
    for (int32_t oy = top; oy <= bottom; oy++) {
        const cnn_pool_taps vertical = cnn_pool_window(&job->vertical, oy);
        if (!cnn_pool_holds(&vertical, y)) continue;
        for (int32_t ox = first; ox <= last; ox++) {
            const cnn_pool_taps horizontal = cnn_pool_window(&job->horizontal, ox);
            if (!cnn_pool_holds(&horizontal, x)) continue;
            rows[used] = job->gradient + ((image * height + oy) * width + ox) * job->channels;
            weights[used++] = cnn_pool_scale(vertical.divisor * horizontal.divisor);
            if (used < CNN_POOL_CHUNK) continue;
            job->kernels->weighted_rows(used, rows, weights, continued, job->channels, output);
            continued = 1;
            used = 0;
        }
    }
    if (used > 0 || !continued) job->kernels->weighted_rows(used, rows, weights, continued, job->channels, output);
}

static void average_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    (void)thread;
    for (int64_t i = begin; i < end; i++)
        for (int32_t x = 0; x < job->horizontal.axis.input; x++)
            gather(job, i / job->vertical.axis.input, (int32_t)(i % job->vertical.axis.input), x);
}

static cnn_status run_maximum(const cnn_context *context, cnn_pool_job *job, const cnn_buffer *input,
                              const cnn_buffer *output_gradient, const cnn_buffer *indices, const cnn_buffer *input_gradient,
                              const char *operation, cnn_error *error)
{
    const int optional = indices ? CNN_OPTIONAL : 0;
    const cnn_operand operands[] = {{input, job->input_elements, "input", CNN_READ | optional},
                                    {output_gradient, job->output_elements, "output_gradient", CNN_READ},
                                    {indices, job->output_elements, "indices", CNN_READ | CNN_OPTIONAL},
                                    {input_gradient, job->input_elements, "input_gradient", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(4, operands, operation, error));
    job->kernels = context->kernels;
    job->input = cnn_operand_floats(input);
    job->gradient = cnn_buffer_floats(output_gradient);
    job->indices = indices ? indices->data : NULL;
    job->output = cnn_buffer_floats_mutable(input_gradient);
    job->block = job->batch >= 8 ? CNN_POOL_BLOCK : SCATTER_BLOCK;
    const int64_t items = job->batch * blocks(job);
    return cnn_report(cnn_parallel(context, items, (job->input_elements / items + job->output_elements / items) * COST,
                                   maximum_items, job),
                      operation, error);
}

static cnn_status run_average(const cnn_context *context, cnn_pool_job *job, const cnn_buffer *output_gradient,
                              const cnn_buffer *input_gradient, const char *operation, cnn_error *error)
{
    const cnn_operand operands[] = {{output_gradient, job->output_elements, "output_gradient", CNN_READ},
                                    {input_gradient, job->input_elements, "input_gradient", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(2, operands, operation, error));
    job->kernels = context->kernels;
    job->gradient = cnn_buffer_floats(output_gradient);
    job->output = cnn_buffer_floats_mutable(input_gradient);
    const int64_t items = job->batch * job->vertical.axis.input;
    return cnn_report(cnn_parallel(context, items, (job->input_elements / items + job->output_elements / items) * COST,
                                   average_items, job),
                      operation, error);
}

cnn_status cnn_max_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output_gradient, const cnn_buffer *indices,
                                   const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "max_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place(desc, operation, &job, error));
    return run_maximum(context, &job, input, output_gradient, indices, input_gradient, operation, error);
}

cnn_status cnn_average_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc,
                                       const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "average_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place(desc, operation, &job, error));
    return run_average(context, &job, output_gradient, input_gradient, operation, error);
}

cnn_status cnn_adaptive_max_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                            const cnn_buffer *input, const cnn_buffer *output_gradient,
                                            const cnn_buffer *indices, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "adaptive_max_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place_adaptive(desc, operation, &job, error));
    return run_maximum(context, &job, input, output_gradient, indices, input_gradient, operation, error);
}

cnn_status cnn_adaptive_average_pool2d_backward(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                                const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                                cnn_error *error)
{
    const char *const operation = "adaptive_average_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place_adaptive(desc, operation, &job, error));
    return run_average(context, &job, output_gradient, input_gradient, operation, error);
}

static void spread(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument; /* `block` pixels an image */
    const float weight = cnn_pool_scale(job->block);
    (void)thread;
    for (int64_t p = begin; p < end; p++) {
        const float *row = job->gradient + p / job->block * job->channels;
        job->kernels->weighted_rows(1, &row, &weight, 0, job->channels, job->output + p * job->channels);
    }
}

cnn_status cnn_global_average_pool_backward(const cnn_context *context, int64_t batch, int64_t pixels, int64_t channels,
                                            const cnn_buffer *output_gradient, const cnn_buffer *input_gradient,
                                            cnn_error *error)
{
    const char *const operation = "global_average_pool_backward";
    const int64_t sizes[] = {batch, pixels, channels};
    static const char *const names[] = {"batch", "pixels", "channels"};
    int64_t elements;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_sizes_check(3, sizes, names, operation, error));
    CNN_TRY(cnn_sizes_multiply(3, sizes, operation, "input", &elements, error));
    const cnn_operand operands[] = {{output_gradient, batch * channels, "output_gradient", CNN_READ},
                                    {input_gradient, elements, "input_gradient", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(2, operands, operation, error));
    const cnn_pool_job job = {.kernels = context->kernels,
                              .channels = channels,
                              .block = pixels,
                              .gradient = cnn_buffer_floats(output_gradient),
                              .output = cnn_buffer_floats_mutable(input_gradient)};
    return cnn_report(cnn_parallel(context, batch * pixels, channels * COST, spread, &job), operation, error);
}
