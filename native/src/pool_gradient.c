/* pool_gradient.c - gradients of averages, which are gathered: each input pixel adds up the windows that hold it, and those
 * of a whole image are all alike. */
#include "buffer.h"
#include "error.h"
#include "operands.h"
#include "pool2d.h"
#include "pool_window.h"
#include "threads.h"

#include <stddef.h>
#include <string.h>

#define COST 4       /* of an element, in multiply-accumulates */
#define REPEATED 512 /* elements that are copied at once, at least */

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

/* Whether windows lie side by side, so that a row of the input's pixels are repetitions of one row of the gradient. */
static int lies_side_by_side(const cnn_pool_job *job)
{
    const cnn_axis *v = &job->vertical.axis, *h = &job->horizontal.axis;
    return !job->vertical.adaptive && h->stride == h->window && h->dilation == 1 && v->stride >= v->window &&
           v->dilation == 1;
}

/* The pixels of a row that lie in windows which hold as many elements as any: from *first up to *end. */
static void spread_inside(const cnn_pool_job *job, int64_t image, int32_t y, int32_t *first, int32_t *end)
{
    const cnn_axis *v = &job->vertical.axis, *h = &job->horizontal.axis;
    int32_t top, bottom;
    *first = *end = 0;
    cnn_pool_holders(&job->vertical, y, &top, &bottom);
    if (top != bottom || job->inside_first >= job->inside_last) return;
    const cnn_pool_taps vertical = cnn_pool_window(&job->vertical, top);
    const cnn_pool_taps horizontal = cnn_pool_window(&job->horizontal, job->inside_first);
    if (!cnn_pool_holds(&vertical, y)) return;
    *first = (int32_t)horizontal.start;
    *end = *first + (job->inside_last - job->inside_first) * h->window;
    const int64_t window = (image * v->output + top) * h->output + job->inside_first;
    const int64_t pixel = (image * v->input + y) * h->input + *first;
    job->kernels->spread_windows(job->inside_last - job->inside_first, h->window, job->channels,
                                 cnn_pool_scale(vertical.divisor * horizontal.divisor),
                                 job->gradient + window * job->channels, job->output + pixel * job->channels);
}

static void average_items(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    (void)thread;
    const int side_by_side = lies_side_by_side(job);
    for (int64_t i = begin; i < end; i++) {
        const int64_t image = i / job->vertical.axis.input;
        const int32_t y = (int32_t)(i % job->vertical.axis.input);
        int32_t first = 0, last = 0;
        if (side_by_side) spread_inside(job, image, y, &first, &last);
        for (int32_t x = 0; x < first; x++)
            gather(job, image, y, x);
        for (int32_t x = last; x < job->horizontal.axis.input; x++)
            gather(job, image, y, x);
    }
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

cnn_status cnn_average_pool2d_backward(const cnn_context *context, const cnn_pool2d_desc *desc,
                                       const cnn_buffer *output_gradient, const cnn_buffer *input_gradient, cnn_error *error)
{
    const char *const operation = "average_pool2d_backward";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place(desc, operation, &job, error));
    return run_average(context, &job, output_gradient, input_gradient, operation, error);
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

/* Repeats the first `length` of `count` elements up to the end: doubles them until a copy is worth its call, then copies
 * what the first-level cache still holds. */
static void repeat(float *elements, int64_t length, int64_t count)
{
    int64_t source = length;
    for (int64_t done = length; done < count;) {
        const int64_t copied = source < count - done ? source : count - done;
        memcpy(elements + done, elements, (size_t)copied * sizeof(float));
        done += copied;
        if (source < REPEATED) source = done;
    }
}

static void spread(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument; /* `block` pixels an image */
    const float weight = cnn_pool_scale(job->block);
    (void)thread;
    for (int64_t p = begin, next; p < end; p = next) {
        const int64_t image = p / job->block, left = (image + 1) * job->block;
        const float *row = job->gradient + image * job->channels;
        float *const output = job->output + p * job->channels;
        next = left < end ? left : end;
        job->kernels->weighted_rows(1, &row, &weight, 0, job->channels, output);
        repeat(output, job->channels, (next - p) * job->channels);
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
