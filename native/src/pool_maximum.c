/* pool_maximum.c - maxima with their positions. Windows that lie alike go to the kernel together, so that small windows with
 * few channels do not cost a call each. */
#include "buffer.h"
#include "error.h"
#include "operands.h"
#include "pool_window.h"
#include "threads.h"

#include <math.h>
#include <stddef.h>

void cnn_pool_maximum(const cnn_pool_job *job, const float *image, const cnn_pool_taps *rows, const cnn_pool_taps *columns,
                      int64_t channel, int64_t count, float *output, int32_t *indices)
{
    const float *pointers[CNN_POOL_CHUNK];
    int32_t positions[CNN_POOL_CHUNK];
    const int64_t taps = rows->count * columns->count, width = job->horizontal.axis.input;
    for (int64_t i = 0; i < count && taps == 0; i++) {
        output[i] = -INFINITY;
        indices[i] = -1;
    }
    int64_t y = rows->start, column = 0;
    for (int64_t done = 0; done < taps;) {
        const int continued = done > 0;
        int64_t used = 0;
        for (; used < CNN_POOL_CHUNK && done < taps; used++, done++) {
            const int64_t position = y * width + columns->start + column * columns->step;
            positions[used] = (int32_t)position;
            pointers[used] = image + position * job->channels + channel;
            if (++column == columns->count) {
                column = 0;
                y += rows->step;
            }
        }
        job->kernels->max_rows_indexed(used, pointers, positions, continued, count, output, indices);
    }
}

void cnn_pool_run_at(const cnn_pool_job *job, const cnn_pool_taps *rows, int32_t x, cnn_pool_run *run)
{
    const cnn_pool_taps columns = cnn_pool_window(&job->horizontal, x);
    const int64_t width = job->horizontal.axis.input;
    int64_t used = 0;
    run->taps = rows->count * columns.count;
    run->end = x + 1;
    if (run->taps == 0 || run->taps > CNN_MOST_TAPS) return;
    for (int64_t i = 0; i < rows->count; i++)
        for (int64_t j = 0; j < columns.count; j++)
            run->positions[used++] = (int32_t)((rows->start + i * rows->step) * width + columns.start + j * columns.step);
    if (x >= job->inside_first && x < job->inside_last) run->end = job->inside_last;
}

cnn_tap_windows cnn_pool_tap_windows(const cnn_pool_job *job, const cnn_pool_run *run, int64_t windows, const float *image,
                                     int64_t count, const float **pointers)
{
    for (int64_t t = 0; t < run->taps; t++)
        pointers[t] = image + run->positions[t] * job->channels;
    return (cnn_tap_windows){.lines = 1,
                             .windows = windows,
                             .taps = run->taps,
                             .rows = pointers,
                             .line_step = (int64_t)job->vertical.axis.stride * job->horizontal.axis.input * job->channels,
                             .row_step = job->horizontal.axis.stride * job->channels,
                             .positions = run->positions,
                             .line_positions = job->vertical.axis.stride * job->horizontal.axis.input,
                             .position_step = job->horizontal.axis.stride,
                             .channels = count};
}

/* A window of no taps, or of many. */
static void large_window(const cnn_pool_job *job, const float *image, const cnn_pool_taps *rows, int32_t x, int64_t at)
{
    const cnn_pool_taps columns = cnn_pool_window(&job->horizontal, x);
    const int64_t step = job->indices ? job->channels : CNN_POOL_BLOCK;
    int32_t unwanted[CNN_POOL_BLOCK];
    for (int64_t c = 0; c < job->channels; c += step)
        cnn_pool_maximum(job, image, rows, &columns, c, job->channels - c < step ? job->channels - c : step,
                         job->output + at + c, job->indices ? job->indices + at + c : unwanted);
}

/* Rows of windows from row y on that lie alike, when all of their windows do. */
static int64_t lines_alike(const cnn_pool_job *job, int32_t y, int64_t most)
{
    if (job->inside_first > 0 || job->inside_last < job->horizontal.axis.output) return 1;
    if (y < job->inside_top || y >= job->inside_bottom) return 1;
    return job->inside_bottom - y < most ? job->inside_bottom - y : most;
}

static void maximum_rows(const void *argument, int32_t thread, int64_t begin, int64_t end)
{
    const cnn_pool_job *job = argument;
    const int32_t height = job->vertical.axis.output, width = job->horizontal.axis.output;
    const int64_t plane = (int64_t)job->vertical.axis.input * job->horizontal.axis.input * job->channels;
    const float *pointers[CNN_MOST_TAPS];
    cnn_pool_run run;
    (void)thread;
    for (int64_t item = begin, lines = 1; item < end; item += lines) {
        const int32_t y = (int32_t)(item % height);
        const cnn_pool_taps rows = cnn_pool_window(&job->vertical, y);
        const float *image = job->input + item / height * plane;
        lines = lines_alike(job, y, end - item);
        for (int32_t x = 0; x < width; x = run.end) {
            const int64_t at = (item * width + x) * job->channels;
            cnn_pool_run_at(job, &rows, x, &run);
            if (run.taps == 0 || run.taps > CNN_MOST_TAPS) {
                large_window(job, image, &rows, x, at);
                lines = 1;
                continue;
            }
            cnn_tap_windows work = cnn_pool_tap_windows(job, &run, run.end - x, image, job->channels, pointers);
            work.lines = lines;
            job->kernels->max_windows_indexed(&work, job->output + at, job->indices ? job->indices + at : NULL);
        }
    }
}

static cnn_status run(const cnn_context *context, cnn_pool_job *job, const cnn_buffer *input, const cnn_buffer *output,
                      const cnn_buffer *indices, const char *operation, cnn_error *error)
{
    const cnn_operand operands[] = {{input, job->input_elements, "input", CNN_READ},
                                    {output, job->output_elements, "output", CNN_WRITE},
                                    {indices, job->output_elements, "indices", CNN_WRITE | CNN_OPTIONAL}};
    CNN_TRY(cnn_operands_check(3, operands, operation, error));
    job->kernels = context->kernels;
    job->input = cnn_buffer_floats(input);
    job->output = cnn_buffer_floats_mutable(output);
    job->indices = indices ? indices->data : NULL;
    const int64_t rows = job->batch * job->vertical.axis.output;
    return cnn_report(
        cnn_parallel(context, rows, 2 * (job->input_elements / rows + job->output_elements / rows), maximum_rows, job),
        operation, error);
}

cnn_status cnn_max_pool2d_indexed(const cnn_context *context, const cnn_pool2d_desc *desc, const cnn_buffer *input,
                                  const cnn_buffer *output, const cnn_buffer *indices, cnn_error *error)
{
    const char *const operation = "max_pool2d_indexed";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_require(indices, operation, "indices", error));
    CNN_TRY(cnn_pool_place(desc, operation, &job, error));
    return run(context, &job, input, output, indices, operation, error);
}

cnn_status cnn_adaptive_max_pool2d(const cnn_context *context, const cnn_adaptive_pool2d_desc *desc, const cnn_buffer *input,
                                   const cnn_buffer *output, const cnn_buffer *indices, cnn_error *error)
{
    const char *const operation = "adaptive_max_pool2d";
    cnn_pool_job job;
    CNN_TRY(cnn_require(context, operation, "context", error));
    CNN_TRY(cnn_pool_place_adaptive(desc, operation, &job, error));
    return run(context, &job, input, output, indices, operation, error);
}
