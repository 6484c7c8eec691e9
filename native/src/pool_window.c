/* pool_window.c - where windows lie, whether they slide or adapt to the size of the output, and averages of those that
 * adapt. */
#include "pool_window.h"

#include "buffer.h"
#include "error.h"
#include "operands.h"
#include "pool2d.h"
#include "threads.h"

#include <stddef.h>

cnn_pool_taps cnn_pool_window(const cnn_pool_axis *axis, int32_t output)
{
    const cnn_axis *a = &axis->axis;
    if (axis->adaptive) {
        const int64_t start = (int64_t)output * a->input / a->output;
        const int64_t end = (((int64_t)output + 1) * a->input + a->output - 1) / a->output;
        return (cnn_pool_taps){start, end - start, 1, end - start};
    }
    int32_t first, last;
    cnn_axis_taps(a, output, &first, &last);
    return (cnn_pool_taps){(int64_t)output * a->stride - a->padding_before + (int64_t)first * a->dilation, last - first,
                           a->dilation, cnn_pool_counted(a, axis->include_pad, output, first, last)};
}

void cnn_pool_holders(const cnn_pool_axis *axis, int32_t input, int32_t *first, int32_t *last)
{
    const cnn_axis *a = &axis->axis;
    if (axis->adaptive) {
        *first = (int32_t)((int64_t)input * a->output / a->input);
        *last = (int32_t)((((int64_t)input + 1) * a->output + a->input - 1) / a->input - 1);
        return;
    }
    const int64_t place = (int64_t)input + a->padding_before, reach = ((int64_t)a->window - 1) * a->dilation;
    const int64_t least = place > reach ? (place - reach + a->stride - 1) / a->stride : 0, most = place / a->stride;
    *first = (int32_t)least;
    *last = (int32_t)(most < a->output ? most : a->output - 1);
}

int cnn_pool_holds(const cnn_pool_taps *taps, int64_t input)
{
    const int64_t away = input - taps->start;
    return away >= 0 && away % taps->step == 0 && away / taps->step < taps->count;
}

int64_t cnn_pool_extent(const cnn_pool_axis *axis)
{
    const cnn_axis *a = &axis->axis;
    const int64_t sliding = ((int64_t)a->window - 1) * a->dilation + 1, adaptive = a->input / a->output + 2;
    return axis->adaptive ? adaptive : sliding;
}

static cnn_status check_plane(const cnn_pool_job *job, const char *operation, cnn_error *error)
{
    if ((int64_t)job->vertical.axis.input * job->horizontal.axis.input <= INT32_MAX) return CNN_OK;
    return cnn_fail(error, CNN_SIZE_OVERFLOW, "%s: the plane is %d x %d, expected fewer than 2^31 elements.", operation,
                    (int)job->vertical.axis.input, (int)job->horizontal.axis.input);
}

cnn_status cnn_pool_place(const cnn_pool2d_desc *desc, const char *operation, cnn_pool_job *job, cnn_error *error)
{
    *job = (cnn_pool_job){0};
    CNN_TRY(cnn_pool2d_place(desc, operation, &job->vertical.axis, &job->horizontal.axis, &job->input_elements,
                             &job->output_elements, error));
    job->batch = desc->batch;
    job->channels = desc->channels;
    job->vertical.include_pad = job->horizontal.include_pad = desc->count_include_pad != 0;
    cnn_axis_interior(&job->horizontal.axis, &job->inside_first, &job->inside_last);
    cnn_axis_interior(&job->vertical.axis, &job->inside_top, &job->inside_bottom);
    return check_plane(job, operation, error);
}

cnn_status cnn_pool_place_adaptive(const cnn_adaptive_pool2d_desc *d, const char *operation, cnn_pool_job *job,
                                   cnn_error *error)
{
    CNN_TRY(cnn_require(d, operation, "desc", error));
    CNN_TRY(cnn_require_size(d->struct_size, sizeof *d, "cnn_adaptive_pool2d_desc", error));
    const int64_t input[] = {d->batch, d->input_height, d->input_width, d->channels};
    const int64_t output[] = {d->batch, d->output_height, d->output_width, d->channels};
    static const char *const inputs[] = {"batch", "input_height", "input_width", "channels"};
    static const char *const outputs[] = {"batch", "output_height", "output_width", "channels"};
    CNN_TRY(cnn_sizes_check(4, input, inputs, operation, error));
    CNN_TRY(cnn_sizes_check(4, output, outputs, operation, error));
    *job = (cnn_pool_job){.batch = d->batch, .channels = d->channels};
    job->vertical = (cnn_pool_axis){{.input = d->input_height, .output = d->output_height}, 1, 0};
    job->horizontal = (cnn_pool_axis){{.input = d->input_width, .output = d->output_width}, 1, 0};
    CNN_TRY(cnn_sizes_multiply(4, input, operation, "input", &job->input_elements, error));
    CNN_TRY(cnn_sizes_multiply(4, output, operation, "output", &job->output_elements, error));
    return check_plane(job, operation, error);
}

static void average_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    const int32_t height = job->vertical.axis.output, width = job->horizontal.axis.output;
    const int64_t row_elements = job->horizontal.axis.input * job->channels;
    const float *pointers[CNN_POOL_CHUNK];
    float weights[CNN_POOL_CHUNK];
    (void)thread;
    for (int64_t item = begin; item < end; item++) {
        const cnn_pool_taps rows = cnn_pool_window(&job->vertical, (int32_t)(item % height));
        const float *top = job->input + (item / height * job->vertical.axis.input + rows.start) * row_elements;
        for (int32_t x = 0; x < width; x++) {
            const cnn_pool_taps columns = cnn_pool_window(&job->horizontal, x);
            const int64_t taps = rows.count * columns.count;
            for (int64_t i = 0; i < CNN_POOL_CHUNK; i++)
                weights[i] = cnn_pool_scale(taps);
            for (int64_t done = 0; done < taps;) {
                const int continued = done > 0;
                int64_t used = 0;
                for (; used < CNN_POOL_CHUNK && done < taps; used++, done++)
                    pointers[used] =
                        top + done / columns.count * row_elements + (columns.start + done % columns.count) * job->channels;
                job->kernels->weighted_rows(used, pointers, weights, continued, job->channels,
                                            job->output + (item * width + x) * job->channels);
            }
        }
    }
}

void cnn_adaptive_pool2d_desc_init(cnn_adaptive_pool2d_desc *desc)
{
    if (!desc) return;
    *desc = (cnn_adaptive_pool2d_desc){.struct_size = (uint32_t)sizeof *desc, .batch = 1};
}

cnn_status cnn_adaptive_average_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc,
                                       const cnn_buffer *input, const cnn_buffer *output, cnn_error *error)
{
    const char *const operation = "adaptive_average_pool2d";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place_adaptive(desc, operation, &job, error));
    const cnn_operand operands[] = {{input, job.input_elements, "input", CNN_READ},
                                    {output, job.output_elements, "output", CNN_WRITE}};
    CNN_TRY(cnn_operands_check(2, operands, operation, error));
    job.kernels = context->kernels;
    job.input = cnn_buffer_floats(input);
    job.output = cnn_buffer_floats_mutable(output);
    const int64_t rows = job.batch * job.vertical.axis.output;
    return cnn_report(
        cnn_parallel(context, rows, 2 * (job.input_elements / rows + job.output_elements / rows), average_rows, &job),
        operation, error);
}
